//! Saving and restoring.

use super::hotnas_search;
use crate::lend::{self, Output};
use crate::space::HOTNAS_MAX_GENES;
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::search::Search;
use hotnas_precision::precision;

/// Bytes of a saved search of `trial_count` trials of `gene_count` genes; SIZE_MAX if that overflows. A
/// second number takes `trial_count * sizeof(hotnas_real)` more.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_search_saved_size(trial_count: usize, gene_count: usize) -> usize {
    if gene_count > HOTNAS_MAX_GENES {
        return usize::MAX;
    }
    Search::<hotnas_real>::saved_size(trial_count, gene_count)
}

/// Writes all trials and a fingerprint of the settings into at most `size` bytes; `written` says how
/// many. The bytes are the same on every machine and carry version, precision and a checksum.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `bytes` for `size` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_save(
    search: *const hotnas_search,
    size: usize,
    bytes: *mut u8,
    written: *mut usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, bytes, written) =
            unsafe { (lend::open(search)?, lend::slice_mut(bytes, size)?, Output::new(written)?) };
        written.write(search.save(bytes)?);
        Ok(())
    })
}

/// Replaces all trials by those of a saved search. The next `ask` proposes what the saved search would
/// have proposed. Bytes behind the saved state are ignored.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NOT_A_SAVED_STATE (also if bytes are missing),
/// SAVED_VERSION, SAVED_PRECISION, SAVED_CHECKSUM, SAVED_SETTINGS, CAPACITY_EXCEEDED. Nothing changes
/// then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `bytes` for `size` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_restore(
    search: *mut hotnas_search,
    size: usize,
    bytes: *const u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, bytes) = unsafe { (lend::open_mut(search)?, lend::slice(bytes, size)?) };
        search.restore(bytes)
    })
}
