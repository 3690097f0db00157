//! ## Networks
//!
//! A network is a sequence of 1 to HOTNAS_MAX_CELLS cells in which a cell may occur many times. It
//! shares the cells that it is made of, it does not copy them. Networks are parameters: never changed,
//! free to be shared between threads.
//!
//! ```c
//! // One cell, three times.
//! static const uint8_t nodes[2] = {0, 2};
//! static const hotnas_edge edge = {0, 1};
//! static uint64_t cell_memory[128], memory[64], scratch[512];
//! hotnas_operations operations;
//! hotnas_workspace workspace;
//! hotnas_cell_spec spec = {0};
//! hotnas_cell cell;
//! const hotnas_cell *sequence[3];
//! hotnas_network network;
//! hotnas_network_info info;
//! spec.node_count = 2;
//! spec.operations = nodes;
//! spec.edge_count = 1;
//! spec.edges = &edge;
//! sequence[0] = sequence[1] = sequence[2] = &cell;
//! if (hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
//!     hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_cell_init(&cell, &operations, &spec, cell_memory, sizeof cell_memory, &workspace) !=
//!         HOTNAS_STATUS_OK ||
//!     hotnas_network_init(&network, 3, sequence, NULL, NULL, memory, sizeof memory) !=
//!         HOTNAS_STATUS_OK ||
//!     hotnas_network_describe(&network, &info) != HOTNAS_STATUS_OK)
//!     return 1;
//! if (info.cell_count != 3 || info.distinct_count != 1) return 1;
//! ```

use crate::cell::{hotnas_cell, sign};
use crate::lend::{self, Block, Open, Place, handle};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use core::cmp::Ordering;
use core::ffi::c_void;
use hotnas_core::Error;
use hotnas_core::arch::{Cell, Network};
use hotnas_core::memory::Extent;
use hotnas_precision::precision;

/// Maximum number of cells of a network, counted with repetition.
pub const HOTNAS_MAX_CELLS: usize = 64;

/// A network: a small view of its cells and of the memory that was lent to it. Copies of it are
/// equally good.
#[repr(C)]
pub struct hotnas_network {
    _private: [u64; 24],
}

handle!(hotnas_network, Network<'static, hotnas_real>, Network);

/// What a network is.
#[repr(C)]
pub struct hotnas_network_info {
    /// Number of cells with repetition.
    pub cell_count: usize,
    /// Number of different cells.
    pub distinct_count: usize,
    /// A hash of the cells in sequence, positions and masses.
    pub fingerprint: [u32; 4],
}

/// Positions and masses, and the index of the cell at each place.
fn lists(cell_count: usize) -> Extent {
    Extent { reals: cell_count.saturating_mul(2), words: 0, bytes: cell_count }
}

/// Bytes of memory that a network of `cell_count` cells needs; SIZE_MAX unless that is 1 to
/// HOTNAS_MAX_CELLS.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_network_size(cell_count: usize) -> usize {
    if !(1..=HOTNAS_MAX_CELLS).contains(&cell_count) {
        return usize::MAX;
    }
    let cells = lend::room::<Cell<'static, hotnas_real>>(cell_count);
    cells.map_or(usize::MAX, |cells| cells.saturating_add(lend::size(lists(cell_count))))
}

/// Makes a network in `size` bytes at `memory`.
///
/// `cells`: `cell_count` pointers to cells of one operation table; the same pointer may come many
/// times. `positions`: relative depth of each cell in (0, 1], not decreasing; NULL: (s+1)/cell_count
/// (not in the paper). `masses`: one per cell, finite, at least 0, sum 1 up to 1e-9 (double) or 1e-5
/// (float); NULL: equal. Positions and masses are copied.
///
/// `memory` and the memory of the cells must outlive the network; the cells' handles may go.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED (a cell), MEMORY_TOO_SMALL, EMPTY_NETWORK, TOO_MANY_CELLS,
/// TABLE_MISMATCH, INVALID_POSITION, MASS_NOT_FINITE, NEGATIVE_MASS, MASS_SUM.
/// Thread safety: any thread; the network may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid for the sizes and counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_network_init(
    network: *mut hotnas_network,
    cell_count: usize,
    cells: *const *const hotnas_cell,
    positions: *const hotnas_real,
    masses: *const hotnas_real,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    status(|| {
        if cell_count == 0 {
            return Err(Error::EmptyNetwork);
        }
        if cell_count > HOTNAS_MAX_CELLS {
            return Err(Error::TooManyCells);
        }
        // SAFETY: promised by the caller.
        let (slot, cells, positions, masses) = unsafe {
            (
                lend::fresh(network)?,
                lend::open_each(cells, cell_count)?,
                lend::optional(positions, cell_count)?,
                lend::optional(masses, cell_count)?,
            )
        };
        // SAFETY: promised by the caller, who keeps the memory for as long as the network is used.
        let (places, rest) = unsafe {
            Block::new(memory, size, hotnas_network_size(cell_count))?
                .values::<Cell<'static, hotnas_real>>(cell_count)?
        };
        // SAFETY: as above; the arena lies behind the places.
        let mut lists = unsafe { rest.arena(lists(cell_count))? };
        let (own_positions, own_masses) = (lists.reals(cell_count)?, lists.reals(cell_count)?);
        let sequence = lists.bytes(cell_count)?;

        // A cell that comes again is listed once.
        let cell = |s: usize| cells.clone().nth(s).copied();
        let same = |a: usize, b: usize| match (cell(a), cell(b)) {
            (Some(a), Some(b)) => a.table() == b.table() && a.compare(&b) == Ordering::Equal,
            _ => false,
        };
        let is_first = |s: usize| !(0..s).any(|before| same(before, s));
        let listed = lend::fill(places, (0..cell_count).filter(|&s| is_first(s)).filter_map(cell));
        for (s, index) in sequence.iter_mut().enumerate() {
            let first = (0..s).find(|&before| same(before, s)).unwrap_or(s);
            *index = (0..first).filter(|&before| is_first(before)).count() as u8;
        }
        let copy = |to: &'static mut [hotnas_real],
                    from: Option<&[hotnas_real]>|
         -> Option<&'static [hotnas_real]> {
            let from = from?;
            to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
            Some(to)
        };
        let positions = copy(own_positions, positions);
        let masses = copy(own_masses, masses);
        slot.fill(Network::new(listed, sequence, positions, masses)?);
        Ok(())
    })
}

/// Counts and the hash of a network.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_network_describe(
    network: *const hotnas_network,
    info: *mut hotnas_network_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (network, info) = unsafe { lend::all((Open(network), Place(info)))? };
        info.write(hotnas_network_info {
            cell_count: network.len(),
            distinct_count: network.distinct(),
            fingerprint: network.fingerprint(),
        });
        Ok(())
    })
}

/// Orders two networks: writes -1, 0 or 1 as `a` is before, equal to or after `b` in a total order on
/// their cells in sequence, positions and masses.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_network_compare(
    a: *const hotnas_network,
    b: *const hotnas_network,
    order: *mut i32,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (a, b, order) = unsafe { lend::all((Open(a), Open(b), Place(order)))? };
        order.write(sign(a.compare(b)));
        Ok(())
    })
}
