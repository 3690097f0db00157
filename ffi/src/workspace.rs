//! ## Lent memory and the workspace
//!
//! The library allocates nothing. Two kinds of memory are lent to it:
//!
//! - **storage** of an object that lives on (a cell, a network, a Gaussian process, a search), passed
//!   to its `..._init` function, which says how much by `..._size`. It must stay in place, untouched
//!   by the caller, for as long as the handle is used. There is nothing to free: forget the handle and
//!   reuse the memory.
//! - **scratch** for one call: a `hotnas_workspace`. What is in it means nothing between calls, so one
//!   serves all objects and functions. Give it the largest of the `..._workspace_size` numbers that
//!   you need. One workspace per thread.
//!
//! Lent memory is aligned as for `uint64_t` (memory of `malloc` is; so is an array of `uint64_t`).
//! A size function that would overflow returns SIZE_MAX, which no memory can satisfy.
//!
//! ```c
//! size_t size = hotnas_transport_exact_workspace_size(10, 12);
//! hotnas_workspace workspace;
//! void *memory = malloc(size);
//! if (memory == NULL) return 1;
//! if (hotnas_workspace_init(&workspace, memory, size) != HOTNAS_STATUS_OK) return 1;
//! // ... any number of transport problems of up to 10 x 12 ...
//! free(memory);
//! ```

use crate::lend::{self, Block, handle};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::Error;
use hotnas_core::memory::{Arena, Extent};
use hotnas_precision::precision;

/// Scratch memory of one thread. A small handle over memory that the caller lends; copies of it
/// share that memory.
#[repr(C)]
pub struct hotnas_workspace {
    _private: [u64; 4],
}

pub(crate) struct Workspace(Block);
handle!(hotnas_workspace, Workspace, Workspace);

impl Workspace {
    /// Scratch for the call that holds the workspace.
    pub(crate) fn arena(&mut self, need: Extent) -> Result<Arena<'_, hotnas_real>, Error> {
        // SAFETY: `hotnas_workspace_init` passes the caller's promise on: the memory outlives the
        // handle and nothing else touches it during a call; `&mut self` keeps a second arena away.
        unsafe { self.0.arena(need) }
    }
}

/// Makes a workspace over `size` bytes at `memory`, which it zeroes once.
///
/// The memory must outlive the workspace. `size` may be 0 for functions whose workspace size is 0,
/// but `memory` must not be NULL.
///
/// Errors: NULL, MISALIGNED, SIZE_OVERFLOW.
/// Thread safety: one workspace serves one thread at a time.
///
/// # Safety
/// `memory` is NULL or valid for reading and writing `size` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_workspace_init(
    workspace: *mut hotnas_workspace,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (slot, block) = unsafe { (lend::fresh(workspace)?, Block::new(memory, size, size)?) };
        slot.fill(Workspace(block));
        Ok(())
    })
}
