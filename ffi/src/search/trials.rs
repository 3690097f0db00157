//! What a search knows of its trials.

use super::hotnas_search;
use crate::lend::{self, Open, Place};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::search::Trial;
use hotnas_precision::precision;

/// One trial.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_trial {
    /// The value; 0 unless the trial was told.
    pub value: hotnas_real,
    /// The second number; 0 unless the trial was told with one.
    pub second: hotnas_real,
    /// Your number of it.
    pub number: u32,
    /// A `hotnas_trial_state`.
    pub state: i32,
    /// The hash of the design's network.
    pub fingerprint: [u32; 4],
}

/// The told trial with the least value; of equal ones the earliest. With a measured limit the best
/// feasible one; NO_OBSERVATION if there is none. `genome` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_best(
    search: *const hotnas_search,
    trial: *mut u32,
    value: *mut hotnas_real,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, trial, value) = unsafe { lend::all((Open(search), Place(trial), Place(value)))? };
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::optional_mut(genome, search.history().genes())? };
        let best = search.best().ok_or(Error::NoObservation)?;
        trial.write(best.number);
        value.write(best.value);
        copy(genome, &best);
        Ok(())
    })
}

/// Writes the numbers of the told trials that no other one dominates (not worse in value and second number
/// and better in one), ascending, and how many there are; of equal ones the earliest. `trials`: room for
/// `capacity` numbers.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, CAPACITY_EXCEEDED (there are more). Nothing is written then.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `trials` for `capacity` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_front(
    search: *const hotnas_search,
    capacity: usize,
    trials: *mut u32,
    count: *mut usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, count) = unsafe { lend::all((Open(search), Place(count)))? };
        // SAFETY: promised by the caller.
        let trials = unsafe { lend::slice_mut(trials, capacity)? };
        let found = search.front().count();
        let trials = trials.get_mut(..found).ok_or(Error::CapacityExceeded)?;
        trials.iter_mut().zip(search.front()).for_each(|(to, trial)| *to = trial.number);
        count.write(found);
        Ok(())
    })
}

fn copy(genome: Option<&mut [u8]>, trial: &Trial<'_, hotnas_real>) {
    for (to, &from) in genome.unwrap_or_default().iter_mut().zip(trial.genome) {
        *to = from;
    }
}

/// Trial number `index` in ascending order of your numbers. `genome` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL (`index` is not below the trial count).
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_read_trial(
    search: *const hotnas_search,
    index: usize,
    trial: *mut hotnas_trial,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, trial) = unsafe { lend::all((Open(search), Place(trial)))? };
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::optional_mut(genome, search.history().genes())? };
        let found = search.history().get(index).ok_or(Error::UnknownTrial)?;
        trial.write(hotnas_trial {
            value: found.value,
            second: found.second,
            number: found.number,
            state: found.state as i32,
            fingerprint: found.fingerprint,
        });
        copy(genome, &found);
        Ok(())
    })
}
