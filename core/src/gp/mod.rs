//! A Gaussian process that knows distances only.
//!
//! What is observed and what is predicted are never seen here: the caller gives the distances between
//! them. The covariance is `variance * k(distance / length_scale)` plus `noise` on the diagonal. A distance
//! may have parts: then `k` is the product over them, each with a length scale of its own (automatic
//! relevance determination), see [`GaussianProcess::with_parts`].
//!
//! | file | what it does |
//! |---|---|
//! | [`Kernel`] (`kernel.rs`) | correlation as a function of distance |
//! | `cholesky.rs` | factor and triangular solves over packed rows |
//! | `posterior.rs` | mean and variance of candidates, leave-one-out |
//! | [`Calibration`] (`calibration.rs`) | how well predictions fit what was found |
//! | [`Clipped`] (`clipped.rs`, `eigen.rs`) | predictions without the kernel's negative eigenvalues |
//! | `joint.rs` | covariance of candidates; [`Conditional`]: draws and choices |
//! | [`FitSettings`] (`fit.rs`) | hyperparameters by maximum marginal likelihood |
//! | [`Transform`] (`transform.rs`) | monotone transforms of the observed values |
//!
//! A kernel of distances that are not Euclidean need not be positive definite. The factorisation
//! therefore tries no jitter first and then 1e-6, 1e-5, ... 1e-1, 0.3 times the variance
//! (from 1e-5 in `f32`), tells which one it used ([`GaussianProcess::jitter`]) and otherwise ends in
//! [`Error::NotPositiveDefinite`]. The other remedy, without the negative eigenvalues, is
//! [`GaussianProcess::clipped`].
//!
//! ```
//! use hotnas_core::gp::{GaussianProcess, Hyperparameters, Kernel};
//! use hotnas_core::memory::{Extent, Storage};
//! const NEED: Extent = GaussianProcess::<f64>::extent(8).and(GaussianProcess::<f64>::workspace(8));
//! let mut storage = Storage::<f64, { NEED.reals }, 0, 0>::new();
//! let mut arena = storage.arena();
//! let memory = arena.split(GaussianProcess::<f64>::extent(8))?;
//! let start = Hyperparameters { variance: 1.0, length_scale: 1.0, noise: 1e-4, mean: 0.0 };
//! let mut gp = GaussianProcess::new(8, Kernel::Exponential, start, memory)?;
//! gp.append(&[], 0.3)?;
//! gp.append(&[1.5], -0.2)?;
//! let (mean, variance) = gp.posterior_at(&[0.7, 0.9], arena)?;
//! assert!(mean.abs() < 0.3 && variance > 0.0 && variance < 1.0);
//! # Ok::<(), hotnas_core::Error>(())
//! ```

mod calibration;
mod cholesky;
mod clipped;
mod eigen;
mod fit;
mod joint;
mod kernel;
mod posterior;
mod select;
mod transform;

pub use calibration::Calibration;
pub use clipped::Clipped;
pub use fit::{FitReport, FitSettings};
pub use joint::Conditional;
pub use kernel::{Hyperparameters, Kernel, MAX_PARTS};
pub use transform::Transform;
pub(crate) use transform::place;

use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;
use kernel::Correlation;

/// What identifies a [`GaussianProcess`] beside its memory: plain numbers that a caller may keep, copy
/// and give back to [`GaussianProcess::view`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Header<R> {
    /// Most observations that the memory holds.
    pub capacity: u32,
    /// Observations that it holds now.
    pub len: u32,
    /// Observation count at which the jitter in use was first needed; 0 if none is in use.
    pub jitter_from: u32,
    /// The code of a [`Kernel`].
    pub kernel: i32,
    /// Parts of a distance, 1 to [`MAX_PARTS`].
    pub parts: u32,
    /// Hyperparameters in use.
    pub hyperparameters: Hyperparameters<R>,
    /// Jitter in use, relative to the variance.
    pub jitter: R,
    /// The length scale of each part over that of the hyperparameters; 1 where there is no part.
    pub ratios: [R; MAX_PARTS],
}

/// Observations, their distances and a current Cholesky factor, in lent memory.
///
/// The factor is that of the correlation matrix, `K / variance`, so that scale cannot make it overflow.
/// Every state is a function of the observations in their order and of kernel and hyperparameters:
/// an observation that was appended and truncated again leaves no trace.
#[derive(Debug)]
pub struct GaussianProcess<'a, R> {
    header: Header<R>,
    kernel: Kernel,
    /// Row `i` holds the `i` distances to the observations before it, each with all its parts.
    distances: &'a mut [R],
    /// Row `i` holds `i` entries of the factor and the reciprocal of its diagonal.
    factor: &'a mut [R],
    values: &'a mut [R],
    /// Solution of `(K / variance) c = values - mean`.
    coefficients: &'a mut [R],
}

/// `1 + 2 + ... + n`.
#[cfg_attr(feature = "small", inline(never))]
pub(crate) const fn triangle(n: usize) -> usize {
    if n.is_multiple_of(2) { product(n / 2, n.saturating_add(1)) } else { product(n, n / 2 + 1) }
}

/// An error unless every number is finite and not negative.
fn check_distances<R: Real>(distances: &[R]) -> Result<(), Error> {
    if distances.iter().all(|&d| d >= R::ZERO && d < R::INFINITY) {
        Ok(())
    } else if distances.iter().all(|d| d.is_finite()) {
        Err(Error::NegativeCost)
    } else {
        Err(Error::NotFinite)
    }
}

/// A length scale or a ratio of two.
fn is_scale<R: Real>(x: R) -> bool {
    x >= R::MIN_POSITIVE && x.is_finite()
}

fn check_values<R: Real>(values: &[R]) -> Result<(), Error> {
    if values.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(Error::NotFinite) }
}

impl<'a, R: Real> GaussianProcess<'a, R> {
    /// Memory for `capacity` observations: `capacity * (capacity + 2)` reals.
    #[must_use]
    pub const fn extent(capacity: usize) -> Extent {
        Extent::reals(product(capacity, capacity.saturating_add(2)))
    }

    /// Memory for `capacity` observations whose distances have so many parts: `capacity * (capacity - 1) / 2`
    /// reals more for each part after the first.
    #[must_use]
    pub const fn extent_of_parts(capacity: usize, parts: usize) -> Extent {
        let more = Extent::reals(triangle(capacity.saturating_sub(1)));
        Self::extent(capacity).and(more.times(parts.saturating_sub(1)))
    }

    /// Workspace that is enough for every method at up to `len` observations.
    #[must_use]
    pub const fn workspace(len: usize) -> Extent {
        Self::posterior_workspace(len).or(Self::fit_workspace(len))
    }

    /// An empty process.
    ///
    /// # Errors
    /// [`Error::MemoryTooSmall`], [`Error::SizeOverflow`] (2^32 observations or more),
    /// [`Error::InvalidSetting`] (see [`Hyperparameters`]).
    pub fn new(
        capacity: usize,
        kernel: Kernel,
        hyperparameters: Hyperparameters<R>,
        memory: Arena<'a, R>,
    ) -> Result<Self, Error> {
        Self::with_parts(capacity, 1, kernel, hyperparameters, memory)
    }

    /// An empty process over distances that have so many parts, 1 to [`MAX_PARTS`]. Wherever distances are given,
    /// all parts of one distance lie side by side. The length scale of every part is that of the
    /// hyperparameters, until [`Self::set_ratios`] or a fit says otherwise.
    ///
    /// # Errors
    /// As [`Self::new`]; [`Error::InvalidSetting`] for another number of parts.
    pub fn with_parts(
        capacity: usize,
        parts: usize,
        kernel: Kernel,
        hyperparameters: Hyperparameters<R>,
        memory: Arena<'a, R>,
    ) -> Result<Self, Error> {
        let capacity = u32::try_from(capacity).map_err(|_| Error::SizeOverflow)?;
        let header = Header {
            capacity,
            len: 0,
            jitter_from: 0,
            kernel: kernel as i32,
            parts: u32::try_from(parts).map_err(|_| Error::InvalidSetting)?,
            hyperparameters,
            jitter: R::ZERO,
            ratios: [R::ONE; MAX_PARTS],
        };
        Self::view(header, memory)
    }

    /// The same process again over the same memory: `header` as [`Self::header`] gave it last, `memory`
    /// untouched since.
    ///
    /// # Errors
    /// [`Error::MemoryTooSmall`], [`Error::InvalidSetting`] if the header is not one.
    pub fn view(header: Header<R>, mut memory: Arena<'a, R>) -> Result<Self, Error> {
        header.hyperparameters.validate()?;
        let kernel = Kernel::from_code(header.kernel).ok_or(Error::InvalidSetting)?;
        let jitter = header.jitter;
        let parts = header.parts as usize;
        if header.len > header.capacity
            || !jitter.is_finite()
            || jitter < R::ZERO
            || !(1..=MAX_PARTS).contains(&parts)
            || !header.ratios.iter().all(|&ratio| is_scale(ratio))
        {
            return Err(Error::InvalidSetting);
        }
        let capacity = usize::try_from(header.capacity).map_err(|_| Error::SizeOverflow)?;
        memory.require(Self::extent_of_parts(capacity, parts))?;
        Ok(Self {
            header,
            kernel,
            distances: memory.reals(product(triangle(capacity.saturating_sub(1)), parts))?,
            factor: memory.reals(triangle(capacity))?,
            values: memory.reals(capacity)?,
            coefficients: memory.reals(capacity)?,
        })
    }

    /// What [`Self::view`] needs besides the memory.
    #[must_use]
    pub fn header(&self) -> Header<R> {
        self.header
    }
    /// Number of observations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.header.len as usize
    }
    /// No observation yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.header.len == 0
    }
    /// Most observations that fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.values.len()
    }
    /// Kernel in use.
    #[must_use]
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }
    /// Hyperparameters in use.
    #[must_use]
    pub fn hyperparameters(&self) -> Hyperparameters<R> {
        self.header.hyperparameters
    }
    /// Parts of a distance.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.header.parts as usize
    }
    /// The length scale of each part over [`Hyperparameters::length_scale`].
    #[must_use]
    pub fn ratios(&self) -> &[R] {
        self.header.ratios.get(..self.parts()).unwrap_or(&[])
    }
    /// What the last factorisation added to the diagonal so that it succeeded, relative to the
    /// variance: mostly 0. It counts like noise in every result.
    #[must_use]
    pub fn jitter(&self) -> R {
        self.header.jitter
    }
    /// Observed values.
    #[must_use]
    pub fn values(&self) -> &[R] {
        self.values.get(..self.len()).unwrap_or(&[])
    }
    /// Distances from observation `i` to those before it, each with all its parts; empty if there is no such
    /// observation.
    #[must_use]
    pub fn distances(&self, i: usize) -> &[R] {
        if i == 0 || i >= self.len() {
            return &[];
        }
        let parts = self.parts();
        let start = product(triangle(i - 1), parts);
        let end = start.saturating_add(product(i, parts));
        self.distances.get(start..end).unwrap_or(&[])
    }

    /// One distance from its parts, each in units of its length scale times that of the hyperparameters.
    pub(crate) fn relevant(&self, parts: &[R]) -> R {
        parts.iter().zip(self.ratios()).fold(R::ZERO, |sum, (&part, &ratio)| sum + part / ratio)
    }

    fn correlation(&self) -> Correlation<R> {
        let Header { hyperparameters, ratios, .. } = &self.header;
        Correlation::new(self.kernel, self.parts(), hyperparameters.length_scale, ratios)
    }

    /// Posterior mean of the latent function at observation `i`: O(1). The prior mean if there is no such
    /// observation.
    #[must_use]
    pub fn mean_at(&self, i: usize) -> R {
        let h = self.header.hyperparameters;
        // (K / variance + noise I) c = y - mean: what the noise explains is not the function's.
        match (self.values().get(i), self.coefficients.get(i)) {
            (Some(&y), Some(&c)) => y - (h.relative_noise() + self.header.jitter) * c,
            _ => h.mean,
        }
    }

    /// Adds an observation: its distances to all observations so far, in their order, and its value.
    /// O(n^2); O(n^3) if the jitter must grow.
    ///
    /// # Errors
    /// [`Error::CapacityExceeded`], [`Error::DimensionMismatch`], [`Error::NotFinite`],
    /// [`Error::NegativeCost`], [`Error::NotPositiveDefinite`]. The process is then as before.
    pub fn append(&mut self, distances: &[R], value: R) -> Result<(), Error> {
        let n = self.len();
        if n >= self.capacity() {
            return Err(Error::CapacityExceeded);
        }
        if Some(distances.len()) != n.checked_mul(self.parts()) {
            return Err(Error::DimensionMismatch);
        }
        check_distances(distances)?;
        check_values(&[value])?;
        let start = product(triangle(n.saturating_sub(1)), self.parts());
        copy(self.distances.get_mut(start..).unwrap_or(&mut []), distances);
        if let Some(to) = self.values.get_mut(n) {
            *to = value;
        }
        let before = self.header;
        self.header.len += 1;
        let done = self.factor_last_row() || self.refactor_above(before.jitter, n);
        let result = if done { self.solve_coefficients() } else { Err(Error::NotPositiveDefinite) };
        if result.is_err() {
            self.restore(before, self.kernel)?;
        }
        result
    }

    /// Forgets all but the first `len` observations. O(n^2), O(n^3) if less jitter is needed then.
    /// Nothing happens if there are no more than that.
    ///
    /// # Errors
    /// None unless the memory was changed from outside.
    pub fn truncate(&mut self, len: usize) -> Result<(), Error> {
        if len >= self.len() {
            return Ok(());
        }
        self.header.len = u32::try_from(len).map_err(|_| Error::SizeOverflow)?;
        if self.header.len < self.header.jitter_from && !self.refactor() {
            return Err(Error::NotPositiveDefinite);
        }
        self.solve_coefficients()
    }

    /// Replaces all observed values; the factor stays. O(n^2).
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`], [`Error::NotFinite`] (also if a result would overflow).
    pub fn set_values(&mut self, values: &[R]) -> Result<(), Error> {
        if values.len() != self.len() {
            return Err(Error::DimensionMismatch);
        }
        check_values(values)?;
        let h = self.header.hyperparameters;
        let result = solve(self.factor, values, h, self.coefficients);
        if result.is_ok() {
            for (to, &from) in self.values.iter_mut().zip(values) {
                *to = from;
            }
        } else {
            self.solve_coefficients()?;
        }
        result
    }

    /// Other hyperparameters; the ratios of length scales stay. O(n^3).
    ///
    /// # Errors
    /// [`Error::InvalidSetting`], [`Error::NotPositiveDefinite`], [`Error::NotFinite`] (a result would
    /// overflow). The process is then as before.
    pub fn set_hyperparameters(&mut self, hyperparameters: Hyperparameters<R>) -> Result<(), Error> {
        self.adopt(self.kernel, hyperparameters)
    }

    /// Another kernel with the same hyperparameters. O(n^3). Errors as in [`Self::set_hyperparameters`].
    pub fn set_kernel(&mut self, kernel: Kernel) -> Result<(), Error> {
        self.adopt(kernel, self.header.hyperparameters)
    }

    /// Other ratios of the parts' length scales, one for each part, finite and > 0. O(n^3).
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] and those of [`Self::set_hyperparameters`]. The process is then as before.
    pub fn set_ratios(&mut self, ratios: &[R]) -> Result<(), Error> {
        if ratios.len() != self.parts() {
            return Err(Error::DimensionMismatch);
        }
        if !ratios.iter().all(|&ratio| is_scale(ratio)) {
            return Err(Error::InvalidSetting);
        }
        let before = self.header;
        copy(&mut self.header.ratios, ratios);
        let result = self.set_hyperparameters(before.hyperparameters);
        if result.is_err() {
            self.restore(before, self.kernel)?;
        }
        result
    }

    /// Natural logarithm of the density of the observed values; 0 without observations.
    #[must_use]
    pub fn log_marginal_likelihood(&self) -> R {
        let h = self.header.hyperparameters;
        let n = R::from_usize(self.len());
        let square = square(self.values(), self.coefficients, h.mean);
        // The diagonal holds reciprocals: the sum is minus half the log determinant.
        let reciprocal = cholesky::sum_of_log_diagonal(self.factor, self.len());
        reciprocal - R::HALF * (square / h.variance + n * (h.variance.ln() + R::from_f64(LN_TWO_PI)))
    }

    fn adopt(&mut self, kernel: Kernel, hyperparameters: Hyperparameters<R>) -> Result<(), Error> {
        hyperparameters.validate()?;
        let (before, kernel_before) = (self.header, self.kernel);
        self.kernel = kernel;
        self.header.kernel = kernel as i32;
        self.header.hyperparameters = hyperparameters;
        let result =
            if self.refactor() { self.solve_coefficients() } else { Err(Error::NotPositiveDefinite) };
        if result.is_err() {
            self.restore(before, kernel_before)?;
        }
        result
    }

    /// Back to a state that was reached before: the same operations, hence the same bits.
    fn restore(&mut self, header: Header<R>, kernel: Kernel) -> Result<(), Error> {
        self.header = header;
        self.kernel = kernel;
        if self.factor_with(header.jitter).is_err() {
            return Err(Error::NotPositiveDefinite);
        }
        self.solve_coefficients()
    }

    /// From no jitter up.
    fn refactor(&mut self) -> bool {
        match self.factor_with(R::ZERO) {
            Ok(()) => {
                self.header.jitter = R::ZERO;
                self.header.jitter_from = 0;
                true
            }
            Err(row) => self.refactor_above(R::ZERO, row),
        }
    }

    /// With every jitter above one that failed at `row`, until one does.
    fn refactor_above(&mut self, jitter: R, mut row: usize) -> bool {
        for next in cholesky::jitters().filter(|&j| j > jitter) {
            match self.factor_with(next) {
                Ok(()) => {
                    self.header.jitter = next;
                    // Up to the last of these rows a smaller jitter is enough.
                    self.header.jitter_from = u32::try_from(row + 1).unwrap_or(u32::MAX);
                    return true;
                }
                Err(failed) => row = row.max(failed),
            }
        }
        false
    }

    fn factor_with(&mut self, jitter: R) -> Result<(), usize> {
        let (correlation, n) = (self.correlation(), self.len());
        let noise = self.header.hyperparameters.relative_noise() + jitter;
        let write = |i: usize, row: &mut [R]| {
            let start = product(triangle(i.saturating_sub(1)), correlation.parts);
            correlation.write(self.distances.get(start..).unwrap_or_default(), row.iter_mut());
        };
        cholesky::factor(self.factor, n, noise, write)
    }

    fn factor_last_row(&mut self) -> bool {
        let (correlation, last) = (self.correlation(), self.len().saturating_sub(1));
        let noise = self.header.hyperparameters.relative_noise() + self.header.jitter;
        let start = product(triangle(last.saturating_sub(1)), correlation.parts);
        let distances = self.distances.get(start..).unwrap_or_default();
        cholesky::append(self.factor, last, noise, |row| {
            correlation.write(distances, row.iter_mut());
        })
    }

    fn solve_coefficients(&mut self) -> Result<(), Error> {
        let n = self.len();
        let values = self.values.get(..n).unwrap_or(&[]);
        solve(self.factor, values, self.header.hyperparameters, self.coefficients)
    }
}

const LN_TWO_PI: f64 = 1.837_877_066_409_345_5;

/// What the values cost in the likelihood, times the variance.
fn square<R: Real>(values: &[R], coefficients: &[R], mean: R) -> R {
    values.iter().zip(coefficients).fold(R::ZERO, |s, (&y, &c)| s + (y - mean) * c)
}

/// Coefficients of the posterior mean; an error if they, the mean at any distances or the likelihood
/// could overflow.
fn solve<R: Real>(
    factor: &[R],
    values: &[R],
    h: Hyperparameters<R>,
    coefficients: &mut [R],
) -> Result<(), Error> {
    let c = coefficients.get_mut(..values.len()).ok_or(Error::DimensionMismatch)?;
    for (c, &y) in c.iter_mut().zip(values) {
        *c = y - h.mean;
    }
    cholesky::forward(factor, c);
    cholesky::backward(factor, c);
    let total = c.iter().fold(h.mean.abs(), |s, c| s + c.abs());
    let square = square(values, c, h.mean);
    if total.is_finite() && (square / h.variance).is_finite() { Ok(()) } else { Err(Error::NotFinite) }
}
