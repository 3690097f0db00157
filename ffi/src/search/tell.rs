//! What became of a trial.

use super::{hotnas_search, work};
use crate::lend::{self, Open, OpenMut};
use crate::metric::hotnas_metric;
use crate::space::{CallerSpace, hotnas_space};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::search::{Space, TrialState};
use hotnas_precision::precision;

/// What is known about a trial.
#[repr(i32)]
pub enum hotnas_trial_state {
    /// Proposed, no result yet.
    Pending = 0,
    /// It has a value.
    Told = 1,
    /// It ended without a value.
    Failed = 2,
}

/// Gives a pending trial its value, lower is better. In the order of the trials it is the cheapest.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL, TRIAL_CLOSED, NOT_FINITE, DIMENSION_MISMATCH
/// (a second number is expected). Nothing changes then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_tell(
    search: *mut hotnas_search,
    trial: u32,
    value: hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let search = unsafe { lend::open_mut(search)? };
        search.tell(trial, value)
    })
}

/// Gives a pending trial its value and its second number, as the settings' `second` says.
///
/// Errors: as `hotnas_search_tell`; DIMENSION_MISMATCH if no second number is expected.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_tell_both(
    search: *mut hotnas_search,
    trial: u32,
    value: hotnas_real,
    second: hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let search = unsafe { lend::open_mut(search)? };
        search.tell_both(trial, value, second)
    })
}

/// Ends a pending trial without a value. Its design is not proposed again.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL, TRIAL_CLOSED. Nothing changes then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_fail(search: *mut hotnas_search, trial: u32) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let search = unsafe { lend::open_mut(search)? };
        search.fail(trial)
    })
}

/// Adds a trial that was never asked for, in any state (a `hotnas_trial_state`): a design that somebody
/// else evaluates, has evaluated or failed to evaluate. `value` counts for TOLD only, and so does `second`,
/// which is ignored where no second number is expected. `genome`: as many bytes as the space has genes.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, INVALID_SETTING (the space), TRIAL_EXISTS,
/// CAPACITY_EXCEEDED, GENOME_OUT_OF_RANGE, INFEASIBLE, NOT_FINITE, MEMORY_TOO_SMALL, what `decode` returned. Nothing changes
/// then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_tell_design(
    search: *mut hotnas_search,
    trial: u32,
    state: i32,
    value: hotnas_real,
    second: hotnas_real,
    genome: *const u8,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    workspace: *mut hotnas_workspace,
) -> hotnas_status {
    status(|| {
        let state = u8::try_from(state).ok().and_then(TrialState::from_code);
        let state = state.ok_or(Error::InvalidEnum)?;
        // SAFETY: promised by the caller.
        let (search, metric, workspace) =
            unsafe { lend::all((OpenMut(search), Open(metric), OpenMut(workspace)))? };
        // SAFETY: promised by the caller.
        let space = unsafe { CallerSpace::new(space)? };
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::slice(genome, space.genes())? };
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;

        if search.settings().second.is_some() {
            search.record_both(trial, genome, state, [value, second], &space, metric, arena)
        } else {
            search.record(trial, genome, state, value, &space, metric, arena)
        }
    })
}
