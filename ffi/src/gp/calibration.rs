//! How well predictions and values agree.

use super::hotnas_gp;
use crate::lend::{self, Open, OpenMut, Place};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::gp::{Calibration, GaussianProcess};
use hotnas_precision::precision;

/// How well predicted means and variances fit the values that were found; z = (value - mean) / deviation.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_calibration {
    /// Share of the values in the central band of the level asked for: about the level if the bands are right.
    pub coverage: hotnas_real,
    /// Mean of z: 0 where predictions are not biased.
    pub bias: hotnas_real,
    /// Root mean square of z: about 1; more where deviations are too small.
    pub spread: hotnas_real,
    /// Mean of the natural logarithm of the predicted density at the values: the greater, the better.
    pub log_density: hotnas_real,
    /// Root mean square of value - mean.
    pub error: hotnas_real,
}

impl From<Calibration<hotnas_real>> for hotnas_calibration {
    fn from(c: Calibration<hotnas_real>) -> Self {
        let Calibration { coverage, bias, spread, log_density, error } = c;
        Self { coverage, bias, spread, log_density, error }
    }
}

/// Calibration of each observed value given all the others, as `hotnas_gp_leave_one_out` predicts it, with the
/// hyperparameters in use. `level`: probability of the band, in (0, 1).
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION, INVALID_SETTING (`level`), NOT_FINITE (also if a
/// variance is 0), MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_calibration(
    gp: *const hotnas_gp,
    level: hotnas_real,
    workspace: *mut hotnas_workspace,
    calibration: *mut hotnas_calibration,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace, calibration) =
            unsafe { lend::all((Open(gp), OpenMut(workspace), Place(calibration)))? };
        let arena = workspace.arena(GaussianProcess::<hotnas_real>::posterior_workspace(gp.len()))?;
        calibration.write(gp.calibration(level, arena)?.into());
        Ok(())
    })
}

/// Calibration of `count` predictions of any kind. `variances`: of what was observed, so with noise, > 0.
/// `level`: probability of the band, in (0, 1).
///
/// Errors: NULL, MISALIGNED, NO_OBSERVATION, INVALID_SETTING (`level`, a variance), NOT_FINITE.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_predictions_calibration(
    count: usize,
    values: *const hotnas_real,
    means: *const hotnas_real,
    variances: *const hotnas_real,
    level: hotnas_real,
    calibration: *mut hotnas_calibration,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (values, means, variances, calibration) = unsafe {
            (
                lend::slice(values, count)?,
                lend::slice(means, count)?,
                lend::slice(variances, count)?,
                lend::place(calibration)?,
            )
        };
        calibration.write(Calibration::of(values, means, variances, level)?.into());
        Ok(())
    })
}
