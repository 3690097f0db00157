//! Saving and restoring.

use super::{hotnas_search, hotnas_search_settings, work};
use crate::lend::{self, Open, OpenMut, Place};
use crate::metric::hotnas_metric;
use crate::space::{CallerSpace, HOTNAS_MAX_GENES, hotnas_space};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::search::Search;
use hotnas_precision::precision;

/// Bytes of a saved search of `trial_count` trials of `gene_count` genes, with a second number each if the settings
/// have one; SIZE_MAX if that overflows or the settings are not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_saved_size(
    settings: *const hotnas_search_settings,
    trial_count: usize,
    gene_count: usize,
) -> usize {
    // SAFETY: promised by the caller.
    match unsafe { lend::input(settings) }.and_then(hotnas_search_settings::read) {
        Ok(settings) if gene_count <= HOTNAS_MAX_GENES => {
            Search::<hotnas_real>::saved_size(trial_count, gene_count, settings.second.is_some())
        }
        _ => usize::MAX,
    }
}

/// Writes all trials and a fingerprint of settings, space and metric into at most `size` bytes; `written` says
/// how many. The bytes are the same on every machine and carry version, precision and a checksum.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_SETTING (the space), GENOME_OUT_OF_RANGE (the space has
/// another number of genes), SIZE_OVERFLOW, MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `bytes` for `size` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_save(
    search: *const hotnas_search,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    size: usize,
    bytes: *mut u8,
    written: *mut usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, metric, written) =
            unsafe { lend::all((Open(search), Open(metric), Place(written)))? };
        // SAFETY: promised by the caller.
        let (space, bytes) = unsafe { (CallerSpace::new(space)?, lend::slice_mut(bytes, size)?) };
        written.write(search.save(&space, metric, bytes)?);
        Ok(())
    })
}

/// Replaces all trials by those of a saved search. The next `ask` proposes what the saved search would
/// have proposed. Bytes behind the saved state are ignored.
///
/// Settings (but `block`), space and metric must be those of the saved search, else SAVED_SETTINGS: everything that
/// proposals depend on, the seed and kappa too; not the capacity. A space is known by its cardinalities and by
/// the networks that it decodes the tried genomes to. To go on with other settings, give the trials of the old search
/// to a new one with `hotnas_search_tell_design`.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_SETTING (the space), NOT_A_SAVED_STATE (also if bytes are
/// missing), SAVED_VERSION, SAVED_PRECISION, SAVED_CHECKSUM, SAVED_SETTINGS, CAPACITY_EXCEEDED, MEMORY_TOO_SMALL,
/// GENOME_OUT_OF_RANGE, what `decode` returned. Nothing changes then.
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
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    workspace: *mut hotnas_workspace,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, metric, workspace) =
            unsafe { lend::all((OpenMut(search), Open(metric), OpenMut(workspace)))? };
        // SAFETY: promised by the caller.
        let (bytes, space) = unsafe { (lend::slice(bytes, size)?, CallerSpace::new(space)?) };
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        search.restore(bytes, &space, metric, workspace.arena(need)?)
    })
}
