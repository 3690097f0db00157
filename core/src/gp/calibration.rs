//! How well predictions fit what was found.

use super::GaussianProcess;
use super::posterior::LANES;
use crate::error::Error;
use crate::memory::Arena;
use crate::real::Real;

/// Predicted means and variances beside the values that were found. With `z = (value - mean) / deviation`:
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Calibration<R> {
    /// Share of the values in the central band of the level asked for: about the level if the bands are right.
    pub coverage: R,
    /// Mean of z: 0 where predictions are not biased.
    pub bias: R,
    /// Root mean square of z: about 1; more where deviations are too small.
    pub spread: R,
    /// Mean of the natural logarithm of the predicted density at the values: the greater, the better.
    pub log_density: R,
    /// Root mean square of value - mean.
    pub error: R,
}

/// Sums over predictions.
struct Tally<R> {
    /// Two-sided probability outside the band.
    outside: R,
    count: usize,
    inside: usize,
    z: R,
    squares: R,
    log_density: R,
    errors: R,
}

impl<R: Real> Tally<R> {
    fn new(level: R) -> Result<Self, Error> {
        if !(level > R::ZERO && level < R::ONE) {
            return Err(Error::InvalidSetting);
        }
        let outside = R::ONE - level;
        let (z, squares, log_density, errors) = (R::ZERO, R::ZERO, R::ZERO, R::ZERO);
        Ok(Self { outside, count: 0, inside: 0, z, squares, log_density, errors })
    }

    fn add(&mut self, value: R, mean: R, variance: R) {
        let residual = value - mean;
        let z = residual / variance.sqrt();
        self.count += 1;
        self.inside += usize::from((z.abs() * R::HALF.sqrt()).erfc() >= self.outside);
        self.z += z;
        self.squares += z * z;
        let ln_two_pi = R::from_f64(super::LN_TWO_PI);
        self.log_density -= R::HALF * (z * z + variance.ln() + ln_two_pi);
        self.errors += residual * residual;
    }

    fn finish(&self) -> Result<Calibration<R>, Error> {
        if self.count == 0 {
            return Err(Error::NoObservation);
        }
        let n = R::from_usize(self.count);
        let found = Calibration {
            coverage: R::from_usize(self.inside) / n,
            bias: self.z / n,
            spread: (self.squares / n).sqrt(),
            log_density: self.log_density / n,
            error: (self.errors / n).sqrt(),
        };
        let all = [found.bias, found.spread, found.log_density, found.error];
        if all.iter().all(|x| x.is_finite()) { Ok(found) } else { Err(Error::NotFinite) }
    }
}

impl<R: Real> Calibration<R> {
    /// Of predictions: `variances` of what was observed, so with noise; `level` in (0, 1), the probability of
    /// the band.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`], [`Error::NoObservation`] (none at all), [`Error::InvalidSetting`] (the
    /// level, a variance that is not > 0), [`Error::NotFinite`].
    pub fn of(values: &[R], means: &[R], variances: &[R], level: R) -> Result<Self, Error> {
        if means.len() != values.len() || variances.len() != values.len() {
            return Err(Error::DimensionMismatch);
        }
        let mut tally = Tally::new(level)?;
        for ((&value, &mean), &variance) in values.iter().zip(means).zip(variances) {
            if !(value.is_finite() && mean.is_finite() && variance.is_finite()) {
                return Err(Error::NotFinite);
            }
            if variance <= R::ZERO {
                return Err(Error::InvalidSetting);
            }
            tally.add(value, mean, variance);
        }
        tally.finish()
    }
}

impl<R: Real> GaussianProcess<'_, R> {
    /// [`Calibration`] of [`Self::leave_one_out`]: each observed value beside what all the others predict, with
    /// the hyperparameters in use. Workspace: [`Self::posterior_workspace`].
    ///
    /// # Errors
    /// [`Error::NoObservation`], [`Error::InvalidSetting`] (`level` is not in (0, 1)), [`Error::NotFinite`] (a
    /// variance of 0 or an overflow), [`Error::MemoryTooSmall`].
    pub fn calibration(&self, level: R, mut arena: Arena<'_, R>) -> Result<Calibration<R>, Error> {
        let mut tally = Tally::new(level)?;
        let values = self.values();
        let block = arena.reals(values.len().checked_mul(LANES).ok_or(Error::MemoryTooSmall)?)?;
        let block = block.as_chunks_mut::<LANES>().0;
        for (k, values) in values.chunks(LANES).enumerate() {
            let (mut means, mut variances) = ([R::ZERO; LANES], [R::ZERO; LANES]);
            self.left_out(k * LANES, &mut means, &mut variances, block);
            for (&value, (mean, variance)) in values.iter().zip(means.into_iter().zip(variances)) {
                tally.add(value, mean, variance);
            }
        }
        tally.finish()
    }
}
