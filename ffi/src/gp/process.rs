//! The process: its memory, its kernel, its hyperparameters.

use crate::lend::{self, Block, Fresh, Input, Open, Place, handle};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::Error;
use hotnas_core::gp::{GaussianProcess, Hyperparameters, Kernel, MAX_PARTS};
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

/// Hyperparameters of a Gaussian process, all finite.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_hyperparameters {
    /// Prior variance of the latent function, > 0 and up to 3e286 (float: 4e25).
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

handle!(hotnas_gp, GaussianProcess<'static, hotnas_real>, Gp);

/// What a Gaussian process holds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_gp_info {
    /// Number of observations.
    pub count: usize,
    /// Maximum number of observations.
    pub capacity: usize,
    /// Parts of a distance, each with a length scale of its own.
    pub part_count: usize,
    /// Hyperparameters in use.
    pub hyperparameters: hotnas_hyperparameters,
    /// What the last factorisation added to the diagonal, relative to the variance: usually 0.
    pub jitter: hotnas_real,
    /// Natural logarithm of the density of the observed values; 0 without observations.
    pub log_marginal_likelihood: hotnas_real,
    /// The length scale of each part of a distance over that of the hyperparameters; 1 where there is no part.
    pub ratios: [hotnas_real; HOTNAS_MAX_PARTS],
    /// The `hotnas_kernel` in use.
    pub kernel: i32,
}

/// Maximum number of parts of a distance.
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

pub(super) fn kernel(value: i32) -> Result<Kernel, Error> {
    Kernel::from_code(value).ok_or(Error::InvalidEnum)
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
) -> Result<(), Error> {
    // SAFETY: promised by the caller.
    let (slot, hyperparameters) = unsafe { lend::all((Fresh(gp), Input(hyperparameters)))? };
    let kernel = self::kernel(kernel)?;
    if !(1..=HOTNAS_MAX_PARTS).contains(&parts) {
        return Err(Error::InvalidSetting);
    }
    let need = extent(capacity, parts);
    // SAFETY: promised by the caller, who keeps the memory for as long as the process is used.
    let memory = unsafe { Block::new(memory, size, lend::size(need))?.arena(need)? };
    slot.fill(GaussianProcess::with_parts(capacity, parts, kernel, (*hyperparameters).into(), memory)?);
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
        let (gp, info) = unsafe { lend::all((Open(gp), Place(info)))? };
        info.write(self::info(gp));
        Ok(())
    })
}
