//! What a process has observed, and how it is set.

use super::{hotnas_gp, hotnas_hyperparameters, kernel};
use crate::lend;
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_precision::precision;

/// Adds an observation: its distances to the `count` observations so far, in their order and each with all
/// its parts, and its value. O(count^2); O(count^3) if the jitter must grow. On failure the process is as before.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, CAPACITY_EXCEEDED, DIMENSION_MISMATCH (`count` is not the
/// number of observations), NOT_FINITE, NEGATIVE_COST (a distance), NOT_POSITIVE_DEFINITE.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// Pointers are NULL or valid; `distances` for `count` times the parts elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_append(
    gp: *mut hotnas_gp,
    count: usize,
    distances: *const hotnas_real,
    value: hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let gp = unsafe { lend::open_mut(gp)? };
        let size = count.checked_mul(gp.parts()).ok_or(Error::DimensionMismatch)?;
        // SAFETY: promised by the caller.
        let distances = unsafe { lend::slice(distances, size)? };
        gp.append(distances, value)
    })
}

/// Forgets all but the first `count` observations; nothing happens if there are no more than that.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// `gp` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_truncate(gp: *mut hotnas_gp, count: usize) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let gp = unsafe { lend::open_mut(gp)? };
        gp.truncate(count)
    })
}

/// Replaces the values of all `count` observations; distances and factor stay. O(count^2). On failure
/// the process is as before.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH, NOT_FINITE.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// Pointers are NULL or valid; `values` for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_set_values(
    gp: *mut hotnas_gp,
    count: usize,
    values: *const hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, values) = unsafe { (lend::open_mut(gp)?, lend::slice(values, count)?) };
        gp.set_values(values)
    })
}

/// Other hyperparameters. O(count^3). On failure the process is as before.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NOT_FINITE, INVALID_SETTING, NOT_POSITIVE_DEFINITE.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_set_hyperparameters(
    gp: *mut hotnas_gp,
    hyperparameters: *const hotnas_hyperparameters,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, hyperparameters) = unsafe { (lend::open_mut(gp)?, *lend::input(hyperparameters)?) };
        gp.set_hyperparameters(hyperparameters.into())
    })
}

/// Another kernel (a `hotnas_kernel`) with the same hyperparameters. O(count^3). On failure the process
/// is as before.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, NOT_POSITIVE_DEFINITE, NOT_FINITE.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// `gp` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_set_kernel(gp: *mut hotnas_gp, kernel: i32) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let gp = unsafe { lend::open_mut(gp)? };
        gp.set_kernel(self::kernel(kernel)?)
    })
}

/// Other ratios of the parts' length scales to that of the hyperparameters, all > 0. O(count^3). On failure the
/// process is as before.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (`part_count`), INVALID_SETTING,
/// NOT_POSITIVE_DEFINITE, NOT_FINITE.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// Pointers are NULL or valid; `ratios` for `part_count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_set_ratios(
    gp: *mut hotnas_gp,
    part_count: usize,
    ratios: *const hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, ratios) = unsafe { (lend::open_mut(gp)?, lend::slice(ratios, part_count)?) };
        gp.set_ratios(ratios)
    })
}
