//! A search as a state: its memory, its counts.

use super::hotnas_search_settings;
use crate::gp::{self, hotnas_gp_info};
use crate::lend::{self, Block, Fresh, Input, Open, Place, handle};
use crate::metric::hotnas_metric;
use crate::space::{CallerSpace, HOTNAS_MAX_GENES, hotnas_space};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::Error;
use hotnas_core::memory::Extent;
use hotnas_core::metric::Metric;
use hotnas_core::search::{Search, SearchSettings, Space};
use hotnas_precision::precision;

/// A search: a handle over lent memory. It must not be copied or moved.
#[repr(C)]
pub struct hotnas_search {
    _private: [u64; 128],
}

handle!(hotnas_search, Search<'static, hotnas_real>, Search);

/// What a search holds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_search_info {
    /// Maximum number of trials.
    pub capacity: usize,
    /// Genes of a design.
    pub gene_count: usize,
    /// Trials.
    pub trial_count: usize,
    /// Trials with a value.
    pub told_count: usize,
    /// Trials without a result yet.
    pub pending_count: usize,
}

fn extent(settings: &SearchSettings<hotnas_real>, capacity: usize, genes: usize) -> Extent {
    Search::extent_of(settings, capacity, genes)
}

/// Bytes of memory for `capacity` trials of `gene_count` genes; SIZE_MAX if that overflows or the
/// settings are not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_size(
    settings: *const hotnas_search_settings,
    capacity: usize,
    gene_count: usize,
) -> usize {
    // SAFETY: promised by the caller.
    match unsafe { lend::input(settings) }.and_then(hotnas_search_settings::read) {
        Ok(settings) => lend::size(extent(&settings, capacity, gene_count)),
        Err(_) => usize::MAX,
    }
}

pub(super) fn work(
    settings: &SearchSettings<hotnas_real>,
    capacity: usize,
    space: &CallerSpace<'_>,
    metric: &Metric<'_, hotnas_real>,
) -> Extent {
    Search::workspace(settings, capacity, space.genes(), space.limits(), metric)
}

/// Bytes of workspace for every function of a search of this capacity; SIZE_MAX if that overflows or an
/// argument is not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_workspace_size(
    settings: *const hotnas_search_settings,
    capacity: usize,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
) -> usize {
    // SAFETY: promised by the caller.
    let (settings, space, metric) = unsafe {
        (
            lend::input(settings).and_then(hotnas_search_settings::read),
            CallerSpace::new(space),
            lend::open(metric),
        )
    };
    match (settings, space, metric) {
        (Ok(settings), Ok(space), Ok(metric)) => lend::size(work(&settings, capacity, &space, metric)),
        _ => usize::MAX,
    }
}

/// Makes a search without trials in `size` bytes at `memory`, which must outlive it.
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM, INVALID_SETTING (also for no genes or more than
/// HOTNAS_MAX_GENES), SIZE_OVERFLOW, MEMORY_TOO_SMALL.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid for the sizes given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_init(
    search: *mut hotnas_search,
    settings: *const hotnas_search_settings,
    capacity: usize,
    gene_count: usize,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (slot, settings) = unsafe { lend::all((Fresh(search), Input(settings)))? };
        let settings = settings.read()?;
        if !(1..=HOTNAS_MAX_GENES).contains(&gene_count) {
            return Err(Error::InvalidSetting);
        }
        let need = extent(&settings, capacity, gene_count);
        // SAFETY: promised by the caller, who keeps the memory for as long as the search is used.
        let mut memory = unsafe { Block::new(memory, size, lend::size(need))?.arena(need)? };
        slot.fill(Search::new(settings, capacity, gene_count, &mut memory)?);
        Ok(())
    })
}

/// Counts.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_describe(
    search: *const hotnas_search,
    info: *mut hotnas_search_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, info) = unsafe { lend::all((Open(search), Place(info)))? };
        let history = search.history();
        info.write(hotnas_search_info {
            capacity: history.capacity(),
            gene_count: history.genes(),
            trial_count: history.len(),
            told_count: history.told(),
            pending_count: history.pending(),
        });
        Ok(())
    })
}

/// The Gaussian process of the search as the last `ask` left it: hyperparameters, jitter, likelihood.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION (the method has none).
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_describe_gp(
    search: *const hotnas_search,
    info: *mut hotnas_gp_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, info) = unsafe { lend::all((Open(search), Place(info)))? };
        info.write(gp::info(search.process().ok_or(Error::NoObservation)?));
        Ok(())
    })
}

/// Forgets all trials.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_clear(search: *mut hotnas_search) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        unsafe { lend::open_mut(search)? }.clear();
        Ok(())
    })
}
