//! The choice of hyperparameters.

use super::{hotnas_gp, hotnas_hyperparameters};
use crate::lend::{self, Input, OpenMut, Optional, Place};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::gp::{FitSettings, GaussianProcess};
use hotnas_precision::precision;

/// What a fit may choose.
#[repr(i32)]
pub enum hotnas_fit {
    /// Everything: mean and variance in closed form, noise on a grid, length scale (of each part of a distance)
    /// around the median distance under a log-normal prior.
    Full = 0,
    /// The length scale alone, without a prior; the ratios of the parts stay. A search then keeps variance 1, mean 0
    /// and the default's least noise, in units of the transformed and standardised values.
    Length = 1,
}

/// Settings of `hotnas_gp_fit`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_fit_settings {
    /// FULL: standard deviation of the logarithm of the length scale around that of the median
    /// distance, > 0.
    pub prior_deviation: hotnas_real,
    /// FULL: lower limit of the noise relative to the variance, > 0.
    pub noise_minimum: hotnas_real,
    /// FULL: its upper limit, >= the lower one, <= 1e6 and <= 1e32 times the lower one.
    pub noise_maximum: hotnas_real,
    /// LENGTH: lower limit of the length scale, > 0.
    pub length_minimum: hotnas_real,
    /// LENGTH: its upper limit, >= the lower one.
    pub length_maximum: hotnas_real,
    /// A `hotnas_fit`.
    pub fit: i32,
}

impl hotnas_fit_settings {
    pub(crate) fn read(&self) -> Result<FitSettings<hotnas_real>, Error> {
        match self.fit {
            0 => Ok(FitSettings::Full {
                prior_deviation: self.prior_deviation,
                noise_minimum: self.noise_minimum,
                noise_maximum: self.noise_maximum,
            }),
            1 => Ok(FitSettings::Length { minimum: self.length_minimum, maximum: self.length_maximum }),
            _ => Err(Error::InvalidEnum),
        }
    }

    /// The default, with a range of length scales for those who change `fit` alone.
    fn preset() -> Self {
        Self {
            prior_deviation: HOTNAS_DEFAULT_PRIOR_DEVIATION,
            noise_minimum: <hotnas_real as hotnas_core::Real>::FIRST_NOISE,
            noise_maximum: 1.0,
            length_minimum: 1e-3,
            length_maximum: 1e3,
            fit: hotnas_fit::Full as i32,
        }
    }
}

impl From<FitSettings<hotnas_real>> for hotnas_fit_settings {
    fn from(settings: FitSettings<hotnas_real>) -> Self {
        match settings {
            FitSettings::Full { prior_deviation, noise_minimum, noise_maximum } => {
                Self { prior_deviation, noise_minimum, noise_maximum, ..Self::preset() }
            }
            FitSettings::Length { minimum, maximum } => Self {
                length_minimum: minimum,
                length_maximum: maximum,
                fit: hotnas_fit::Length as i32,
                ..Self::preset()
            },
        }
    }
}

/// Default standard deviation of the prior of the length scale's logarithm.
pub const HOTNAS_DEFAULT_PRIOR_DEVIATION: hotnas_real = 1.5;

/// What a fit found.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_fit_report {
    /// Hyperparameters now in use.
    pub hyperparameters: hotnas_hyperparameters,
    /// Of the observed values, without the prior.
    pub log_marginal_likelihood: hotnas_real,
    /// Now in use, relative to the variance.
    pub jitter: hotnas_real,
    /// Factorisations of a kernel matrix that were asked for.
    pub evaluations: u32,
}

/// Writes the default settings: FULL, prior deviation 1.5, noise from 1e-4 (float: 1e-3) to 1.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_fit_settings_default(
    settings: *mut hotnas_fit_settings,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let settings = unsafe { lend::place(settings)? };
        settings.write(hotnas_fit_settings::preset());
        Ok(())
    })
}

/// Chooses hyperparameters by maximum marginal likelihood, deterministically, and puts them to use.
/// O(count^3) for each of a bounded number of evaluations. `report` may be NULL. On failure the process
/// is as before.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, INVALID_SETTING, NO_OBSERVATION,
/// MEMORY_TOO_SMALL, NOT_POSITIVE_DEFINITE, NOT_FINITE.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_fit(
    gp: *mut hotnas_gp,
    settings: *const hotnas_fit_settings,
    workspace: *mut hotnas_workspace,
    report: *mut hotnas_fit_report,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, settings, workspace, report) = unsafe {
            lend::all((OpenMut(gp), Input(settings), OpenMut(workspace), Optional(Place(report))))?
        };
        let settings = settings.read()?;
        let arena = workspace.arena(GaussianProcess::<hotnas_real>::fit_workspace(gp.len()))?;
        let found = gp.fit(&settings, arena)?;
        if let Some(report) = report {
            report.write(hotnas_fit_report {
                hyperparameters: found.hyperparameters.into(),
                log_marginal_likelihood: found.log_marginal_likelihood,
                jitter: found.jitter,
                evaluations: found.evaluations,
            });
        }
        Ok(())
    })
}
