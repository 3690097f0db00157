//! ## Gaussian process
//!
//! A Gaussian process that knows distances only: what is observed and predicted may be anything between
//! which you have a distance. It is a state: it grows with observations, up to the capacity that its
//! memory has room for, and belongs to one thread at a time. Its handle must stay where it is: a copy is
//! refused with NOT_INITIALISED, because two handles would write to one memory.
//!
//! A distance may have parts (`hotnas_metric_network_parts`): the kernel is then a product, and each part has
//! a length scale of its own. Wherever such a process takes distances, all parts of one lie side by side.
//!
//! A kernel of distances need not be positive definite. Each factorisation tries no jitter first, then
//! 1e-6, 1e-5 ... 1e-1, 0.3 times the variance (float: from 1e-5); the jitter in use can be read.
//!
//! ```c
//! static uint64_t memory[128], scratch[128];
//! hotnas_workspace workspace;
//! hotnas_gp gp;
//! hotnas_hyperparameters start = {1, 1, (hotnas_real)0.001, 0}; // variance, length scale, noise, mean
//! hotnas_real to_first = (hotnas_real)1.5, to_both[2] = {(hotnas_real)0.25, (hotnas_real)1.25};
//! hotnas_real mean, variance;
//! if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_gp_init(&gp, 8, HOTNAS_KERNEL_EXPONENTIAL, &start, memory, sizeof memory) !=
//!         HOTNAS_STATUS_OK ||
//!     hotnas_gp_append(&gp, 0, NULL, (hotnas_real)0.25) != HOTNAS_STATUS_OK ||
//!     hotnas_gp_append(&gp, 1, &to_first, (hotnas_real)-0.25) != HOTNAS_STATUS_OK ||
//!     hotnas_gp_posterior(&gp, 1, to_both, &workspace, &mean, &variance) != HOTNAS_STATUS_OK)
//!     return 1;
//! if (!(mean > 0) || !(variance < 1)) return 1; // near the first, which is positive
//! ```

use crate::lend::{self, Block, Output, Slot, handle};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::gp::{
    Calibration, FitSettings, GaussianProcess, Hyperparameters, Kernel, MAX_PARTS, Transform,
};
use hotnas_core::memory::Extent;
use hotnas_precision::precision;

/// The form of the correlation of two points at distance d with length scale l.
#[repr(i32)]
pub enum hotnas_kernel {
    /// exp(-d/l) (HOTNAS poster).
    Exponential = 0,
    /// exp(-sqrt(d/l)) (not in the paper).
    SquareRootExponential = 1,
    /// Matern 3/2: (1 + a) exp(-a), a = sqrt(3) d/l.
    Matern32 = 2,
    /// Matern 5/2: (1 + a + a^2/3) exp(-a), a = sqrt(5) d/l.
    Matern52 = 3,
    /// exp(-d^2 / (2 l^2)). Rarely positive definite for transport distances: expect jitter, a poor fit
    /// or NOT_POSITIVE_DEFINITE.
    SquaredExponential = 4,
    /// The mean of two products over the parts of a distance: exp(-d/l) over the first half of the parts,
    /// exp(-(d/l)^2) over the second (NASBOT, Kandasamy et al. 2018, for HOTNAS_DISTANCE_OTMANN). A part in
    /// the middle belongs to both halves.
    Nasbot = 5,
}

/// Monotone transforms of values of which lower is better.
#[repr(i32)]
pub enum hotnas_transform {
    /// Standardised only.
    Identity = 0,
    /// Bad values are pulled together: with t = (y - median) / (median - minimum), t where it is not
    /// positive and ln(1 + t) where it is (not in the paper).
    Soft = 1,
    /// The rank.
    Rank = 2,
    /// The logarithm.
    Log = 3,
}

/// Hyperparameters of a Gaussian process, all finite.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_hyperparameters {
    /// Prior variance of the latent function, > 0.
    pub variance: hotnas_real,
    /// Length scale in units of distance, > 0.
    pub length_scale: hotnas_real,
    /// Variance of the observation noise, absolute, 0 to 1e6 times the variance.
    pub noise: hotnas_real,
    /// Prior mean.
    pub mean: hotnas_real,
}

impl From<hotnas_hyperparameters> for Hyperparameters<hotnas_real> {
    fn from(h: hotnas_hyperparameters) -> Self {
        Self { variance: h.variance, length_scale: h.length_scale, noise: h.noise, mean: h.mean }
    }
}

impl From<Hyperparameters<hotnas_real>> for hotnas_hyperparameters {
    fn from(h: Hyperparameters<hotnas_real>) -> Self {
        Self { variance: h.variance, length_scale: h.length_scale, noise: h.noise, mean: h.mean }
    }
}

/// A Gaussian process: a handle over lent memory. It must not be copied or moved.
#[repr(C)]
pub struct hotnas_gp {
    _private: [u64; 32],
}

handle!(hotnas_gp, GaussianProcess<'static, hotnas_real>, b"hngaussp", unique: true);

/// What a Gaussian process holds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_gp_info {
    /// Number of observations.
    pub count: usize,
    /// Most observations that its memory has room for.
    pub capacity: usize,
    /// Parts of a distance, each with a length scale of its own.
    pub part_count: usize,
    /// Hyperparameters in use.
    pub hyperparameters: hotnas_hyperparameters,
    /// What the last factorisation added to the diagonal, relative to the variance: mostly 0.
    pub jitter: hotnas_real,
    /// Natural logarithm of the density of the observed values; 0 without observations.
    pub log_marginal_likelihood: hotnas_real,
    /// The length scale of each part of a distance over that of the hyperparameters; 1 where there is no part.
    pub ratios: [hotnas_real; HOTNAS_MAX_PARTS],
    /// The `hotnas_kernel` in use.
    pub kernel: i32,
}

/// Most parts of a distance.
pub const HOTNAS_MAX_PARTS: usize = 8;
const _: () = assert!(HOTNAS_MAX_PARTS == MAX_PARTS);

pub(crate) fn info(gp: &GaussianProcess<'_, hotnas_real>) -> hotnas_gp_info {
    hotnas_gp_info {
        count: gp.len(),
        capacity: gp.capacity(),
        part_count: gp.parts(),
        hyperparameters: gp.hyperparameters().into(),
        jitter: gp.jitter(),
        log_marginal_likelihood: gp.log_marginal_likelihood(),
        ratios: gp.header().ratios,
        kernel: gp.kernel() as i32,
    }
}

fn kernel(value: i32) -> Result<Kernel, hotnas_status> {
    Kernel::from_code(value).ok_or(hotnas_status::InvalidEnum)
}

fn extent(capacity: usize, parts: usize) -> Extent {
    GaussianProcess::<hotnas_real>::extent_of_parts(capacity, parts)
}

/// Bytes of memory for `capacity` observations, about capacity^2 reals; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_gp_size(capacity: usize) -> usize {
    lend::size(extent(capacity, 1))
}

/// The same where distances have `part_count` parts.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_gp_size_of_parts(capacity: usize, part_count: usize) -> usize {
    lend::size(extent(capacity, part_count))
}

/// Bytes of workspace that is enough for every function of a Gaussian process of up to `count`
/// observations; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_gp_workspace_size(count: usize) -> usize {
    lend::size(GaussianProcess::<hotnas_real>::workspace(count))
}

/// Makes an empty process in `size` bytes at `memory`, which must outlive it. `kernel`: a
/// `hotnas_kernel`.
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM, SIZE_OVERFLOW, MEMORY_TOO_SMALL, NOT_FINITE,
/// INVALID_SETTING.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// Pointers are NULL or valid for the sizes given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_init(
    gp: *mut hotnas_gp,
    capacity: usize,
    kernel: i32,
    hyperparameters: *const hotnas_hyperparameters,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    // SAFETY: promised by the caller.
    status(|| unsafe { init(gp, capacity, 1, kernel, hyperparameters, memory, size) })
}

/// The same over distances of `part_count` parts, 1 to HOTNAS_MAX_PARTS (INVALID_SETTING); `size` as
/// `hotnas_gp_size_of_parts` says. Wherever the process takes distances, all parts of one lie side by side. All
/// length scales are that of `hyperparameters` at first.
///
/// Errors: as `hotnas_gp_init`.
/// Thread safety: one thread at a time for one process.
///
/// # Safety
/// Pointers are NULL or valid for the sizes given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_init_of_parts(
    gp: *mut hotnas_gp,
    capacity: usize,
    part_count: usize,
    kernel: i32,
    hyperparameters: *const hotnas_hyperparameters,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    // SAFETY: promised by the caller.
    status(|| unsafe { init(gp, capacity, part_count, kernel, hyperparameters, memory, size) })
}

/// # Safety
/// As for the exported functions.
unsafe fn init(
    gp: *mut hotnas_gp,
    capacity: usize,
    parts: usize,
    kernel: i32,
    hyperparameters: *const hotnas_hyperparameters,
    memory: *mut c_void,
    size: usize,
) -> Result<(), hotnas_status> {
    // SAFETY: promised by the caller.
    let (slot, hyperparameters) = unsafe { (Slot::new(gp)?, *lend::input(hyperparameters)?) };
    let kernel = self::kernel(kernel)?;
    if !(1..=HOTNAS_MAX_PARTS).contains(&parts) {
        return Err(hotnas_status::InvalidSetting);
    }
    let need = extent(capacity, parts);
    // SAFETY: promised by the caller, who keeps the memory for as long as the process is used.
    let memory = unsafe { Block::new(memory, size, lend::size(need))?.arena(need)? };
    slot.fill(GaussianProcess::with_parts(capacity, parts, kernel, hyperparameters.into(), memory)?);
    Ok(())
}

/// Counts, hyperparameters, jitter and log marginal likelihood.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: reading only; not while another thread changes the process.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_describe(
    gp: *const hotnas_gp,
    info: *mut hotnas_gp_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, info) = unsafe { (lend::open(gp)?, Output::new(info)?) };
        info.write(self::info(gp));
        Ok(())
    })
}

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
        let size = count.checked_mul(gp.parts()).ok_or(hotnas_status::DimensionMismatch)?;
        // SAFETY: promised by the caller.
        let distances = unsafe { lend::slice(distances, size)? };
        Ok(gp.append(distances, value)?)
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
        Ok(gp.truncate(count)?)
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
        Ok(gp.set_values(values)?)
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
        Ok(gp.set_hyperparameters(hyperparameters.into())?)
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
        Ok(gp.set_kernel(self::kernel(kernel)?)?)
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
        Ok(gp.set_ratios(ratios)?)
    })
}

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
    /// FULL: least noise relative to the variance, > 0.
    pub noise_minimum: hotnas_real,
    /// FULL: greatest noise relative to the variance, >= the least, <= 1e6 and <= 1e32 times the least.
    pub noise_maximum: hotnas_real,
    /// LENGTH: least length scale, > 0.
    pub length_minimum: hotnas_real,
    /// LENGTH: greatest length scale, >= the least.
    pub length_maximum: hotnas_real,
    /// A `hotnas_fit`.
    pub fit: i32,
}

impl hotnas_fit_settings {
    pub(crate) fn read(&self) -> Result<FitSettings<hotnas_real>, hotnas_status> {
        match self.fit {
            0 => Ok(FitSettings::Full {
                prior_deviation: self.prior_deviation,
                noise_minimum: self.noise_minimum,
                noise_maximum: self.noise_maximum,
            }),
            1 => Ok(FitSettings::Length { minimum: self.length_minimum, maximum: self.length_maximum }),
            _ => Err(hotnas_status::InvalidEnum),
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
        let settings = unsafe { Output::new(settings)? };
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
            let report = Output::optional(report)?;
            (lend::open_mut(gp)?, lend::input(settings)?, lend::open_mut(workspace)?, report)
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

/// Mean and variance of the latent function (without noise) at `candidate_count` candidates.
///
/// `distances`: candidates x observations (x parts). `mean` and `variance`: one per candidate; variances are
/// at least 0.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST,
/// MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_posterior(
    gp: *const hotnas_gp,
    candidate_count: usize,
    distances: *const hotnas_real,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    variance: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace) = unsafe { (lend::open(gp)?, lend::open_mut(workspace)?) };
        let width = gp.len().checked_mul(gp.parts()).ok_or(hotnas_status::SizeOverflow)?;
        let size = candidate_count.checked_mul(width).ok_or(hotnas_status::SizeOverflow)?;
        // SAFETY: promised by the caller.
        let (distances, mean, variance) = unsafe {
            (
                lend::slice(distances, size)?,
                lend::slice_mut(mean, candidate_count)?,
                lend::slice_mut(variance, candidate_count)?,
            )
        };
        let arena = workspace.arena(GaussianProcess::<hotnas_real>::posterior_workspace(gp.len()))?;
        Ok(gp.posterior(distances, mean, variance, arena)?)
    })
}

/// Bytes of workspace for `hotnas_gp_joint_posterior` at `candidate_count` candidates with `count`
/// observations; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_gp_joint_workspace_size(count: usize, candidate_count: usize) -> usize {
    lend::size(GaussianProcess::<hotnas_real>::joint_workspace(count, candidate_count))
}

/// Mean and covariance of the latent function (without noise) at `candidate_count` candidates.
///
/// `distances`: candidates x observations (x parts). `between`: distances from each candidate to those before
/// it, row after row, n (n - 1) / 2 (x parts) for n candidates; may be NULL for one. `covariance`: a lower triangle with
/// its diagonal, row after row, n (n + 1) / 2. The diagonal is that of `hotnas_gp_posterior`.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST,
/// MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_joint_posterior(
    gp: *const hotnas_gp,
    candidate_count: usize,
    distances: *const hotnas_real,
    between: *const hotnas_real,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    covariance: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace) = unsafe { (lend::open(gp)?, lend::open_mut(workspace)?) };
        let width = gp.len().checked_mul(gp.parts()).ok_or(hotnas_status::SizeOverflow)?;
        let rows = candidate_count.checked_mul(width).ok_or(hotnas_status::SizeOverflow)?;
        let whole = candidate_count
            .checked_add(1)
            .and_then(|more| more.checked_mul(candidate_count))
            .ok_or(hotnas_status::SizeOverflow)?
            / 2;
        // SAFETY: promised by the caller.
        let (distances, between, mean, covariance) = unsafe {
            (
                lend::slice(distances, rows)?,
                lend::slice(between, (whole - candidate_count).saturating_mul(gp.parts()))?,
                lend::slice_mut(mean, candidate_count)?,
                lend::slice_mut(covariance, whole)?,
            )
        };
        let need = GaussianProcess::<hotnas_real>::joint_workspace(gp.len(), candidate_count);
        let arena = workspace.arena(need)?;
        Ok(gp.joint_posterior(distances, between, mean, covariance, arena)?)
    })
}

/// Mean and variance (with noise and jitter) of each of the `count` observed values given all the
/// others; the residual is value - mean.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_leave_one_out(
    gp: *const hotnas_gp,
    count: usize,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    variance: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace, mean, variance) = unsafe {
            let outputs = (lend::slice_mut(mean, count)?, lend::slice_mut(variance, count)?);
            (lend::open(gp)?, lend::open_mut(workspace)?, outputs.0, outputs.1)
        };
        let arena = workspace.arena(GaussianProcess::<hotnas_real>::posterior_workspace(gp.len()))?;
        Ok(gp.leave_one_out(mean, variance, arena)?)
    })
}

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
            unsafe { (lend::open(gp)?, lend::open_mut(workspace)?, Output::new(calibration)?) };
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
                Output::new(calibration)?,
            )
        };
        calibration.write(Calibration::of(values, means, variances, level)?.into());
        Ok(())
    })
}

/// What was found about the eigenvalues of a correlation matrix.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_clipping {
    /// The least eigenvalue; infinite without observations.
    pub least_eigenvalue: hotnas_real,
    /// Eigenvalues that were left out: negative ones and those that rounding does not tell from 0.
    pub lost_count: usize,
}

/// Bytes of workspace for `hotnas_gp_clipped_posterior` with `count` observations, about 2 count^2 reals; SIZE_MAX
/// if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_gp_clipped_workspace_size(count: usize) -> usize {
    lend::size(clipped_workspace(count))
}

fn clipped_workspace(count: usize) -> Extent {
    GaussianProcess::<hotnas_real>::clipped_workspace(count).and(Extent::reals(count))
}

/// As `hotnas_gp_posterior`, but instead of jitter the negative eigenvalues of the correlation matrix are set to
/// 0, and what candidates have in common with the lost eigenvectors is left out too: for kernels of distances that
/// are not of negative type. O(count^3), about a hundred factorisations, in each call: ask for all candidates at
/// once. `clipping` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST, MEMORY_TOO_SMALL,
/// NOT_POSITIVE_DEFINITE (no eigenvalue is left).
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_clipped_posterior(
    gp: *const hotnas_gp,
    candidate_count: usize,
    distances: *const hotnas_real,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    variance: *mut hotnas_real,
    clipping: *mut hotnas_clipping,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace, clipping) =
            unsafe { (lend::open(gp)?, lend::open_mut(workspace)?, Output::optional(clipping)?) };
        let width = gp.len().checked_mul(gp.parts()).ok_or(hotnas_status::SizeOverflow)?;
        let size = candidate_count.checked_mul(width).ok_or(hotnas_status::SizeOverflow)?;
        // SAFETY: promised by the caller.
        let (distances, mean, variance) = unsafe {
            (
                lend::slice(distances, size)?,
                lend::slice_mut(mean, candidate_count)?,
                lend::slice_mut(variance, candidate_count)?,
            )
        };
        let mut arena = workspace.arena(clipped_workspace(gp.len()))?;
        let scratch = arena.split(Extent::reals(gp.len()))?;
        let clipped = gp.clipped(arena)?;
        clipped.posterior(distances, mean, variance, scratch)?;
        if let Some(clipping) = clipping {
            clipping.write(hotnas_clipping {
                least_eigenvalue: clipped.least_eigenvalue(),
                lost_count: clipped.lost(),
            });
        }
        Ok(())
    })
}

/// Transforms `count` values of which lower is better (a `hotnas_transform`) and standardises them to
/// mean 0 and standard deviation 1 into `out`; all 0 if they are equal. The order is kept.
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM, NOT_FINITE.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_values_transform(
    transform: i32,
    count: usize,
    values: *const hotnas_real,
    out: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        let transform = Transform::from_code(transform).ok_or(hotnas_status::InvalidEnum)?;
        // SAFETY: promised by the caller.
        let (values, out) = unsafe { (lend::slice(values, count)?, lend::slice_mut(out, count)?) };
        Ok(transform.apply(values, out)?)
    })
}
