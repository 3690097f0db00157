//! Mean and variance of candidates, and of each observation given the others.

use super::{GaussianProcess, check_distances, cholesky};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::Real;
use crate::rows::InRows;

/// Candidates that are solved for at once. The bits of each do not depend on it.
pub(super) const LANES: usize = if cfg!(feature = "small") { 1 } else { 8 };

impl<R: Real> GaussianProcess<'_, R> {
    /// Workspace of [`Self::posterior`], [`Self::posterior_at`] and [`Self::leave_one_out`] with `len`
    /// observations: `8 * len` reals, `len` with the feature `small`.
    #[must_use]
    pub const fn posterior_workspace(len: usize) -> Extent {
        Extent::reals(product(len, LANES))
    }

    /// Mean and variance of the latent function (without noise) at candidates.
    ///
    /// `distances`: candidates x observations (x parts), row-major. As many candidates as `mean` is long.
    /// Variances are at least 0. n^2/2 multiplications a candidate.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`], [`Error::NotFinite`], [`Error::NegativeCost`],
    /// [`Error::MemoryTooSmall`]. Nothing is written then.
    pub fn posterior(
        &self,
        distances: &[R],
        mean: &mut [R],
        variance: &mut [R],
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        let n = self.len();
        let row = product(n, self.parts());
        if variance.len() != mean.len() || mean.len().checked_mul(row) != Some(distances.len()) {
            return Err(Error::DimensionMismatch);
        }
        check_distances(distances)?;
        let block = arena.reals(n.checked_mul(LANES).ok_or(Error::MemoryTooSmall)?)?;
        let block = block.as_chunks_mut::<LANES>().0;
        // Without observations the rows are empty and every candidate gets the prior.
        let rows = distances.chunks(product(row, LANES).max(1)).chain(core::iter::repeat(&[][..]));
        let mut variances = variance.chunks_mut(LANES);
        for (mean, rows) in mean.chunks_mut(LANES).zip(rows) {
            let variance = variances.next().unwrap_or_default();
            let (m, v) = self.predict(rows, block);
            for ((to_m, to_v), (m, v)) in mean.iter_mut().zip(variance).zip(m.into_iter().zip(v)) {
                *to_m = m;
                *to_v = v;
            }
        }
        Ok(())
    }

    /// Mean and variance at one candidate: the same bits as [`Self::posterior`] gives, without the cost
    /// of a whole block. Needs a workspace of `len` reals.
    ///
    /// # Errors
    /// As [`Self::posterior`].
    pub fn posterior_at(&self, distances: &[R], mut arena: Arena<'_, R>) -> Result<(R, R), Error> {
        if Some(distances.len()) != self.len().checked_mul(self.parts()) {
            return Err(Error::DimensionMismatch);
        }
        check_distances(distances)?;
        let ([mean], [variance]) =
            self.predict(distances, arena.reals(self.len())?.as_chunks_mut::<1>().0);
        Ok((mean, variance))
    }

    /// `rows`: up to `W` candidates' distances, one after the other. Leaves the correlations times the
    /// inverse factor in `block`.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn predict<const W: usize>(&self, rows: &[R], block: &mut [[R; W]]) -> ([R; W], [R; W]) {
        let h = self.header.hyperparameters;
        block.fill([R::ZERO; W]);
        let correlation = self.correlation();
        let width = product(block.len(), correlation.parts).max(1);
        for (lane, row) in rows.in_rows(width).take(W).enumerate() {
            correlation.write(row, block.iter_mut().filter_map(|to| to.get_mut(lane)));
        }
        let mut mean = [R::ZERO; W];
        for (k, &c) in block.iter().zip(self.coefficients.iter()) {
            for (m, &k) in mean.iter_mut().zip(k) {
                *m += k * c;
            }
        }
        cholesky::forward_lanes(self.factor, 0, block);
        let mut explained = [R::ZERO; W];
        for v in block.iter() {
            for (s, &v) in explained.iter_mut().zip(v) {
                *s += v * v;
            }
        }
        // The maximum also turns what is not a number into 0.
        (mean.map(|m| m + h.mean), explained.map(|e| R::ZERO.max(h.variance * (R::ONE - e))))
    }

    /// Mean and variance (with noise and jitter) of each observed value given all the others, in closed
    /// form; the residual is value - mean. `mean` and `variance` have one element per observation.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`], [`Error::MemoryTooSmall`].
    pub fn leave_one_out(
        &self,
        mean: &mut [R],
        variance: &mut [R],
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        if mean.len() != self.len() || variance.len() != self.len() {
            return Err(Error::DimensionMismatch);
        }
        let block = arena.reals(mean.len().checked_mul(LANES).ok_or(Error::MemoryTooSmall)?)?;
        let block = block.as_chunks_mut::<LANES>().0;
        let mut variances = variance.chunks_mut(LANES);
        for (k, mean) in mean.chunks_mut(LANES).enumerate() {
            let variance = variances.next().unwrap_or_default();
            self.left_out(k * LANES, mean, variance, block);
        }
        Ok(())
    }

    /// [`Self::leave_one_out`] for the observations from `first` on, up to [`LANES`]. `block`: as many rows as there
    /// are observations.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn left_out(
        &self,
        first: usize,
        mean: &mut [R],
        variance: &mut [R],
        block: &mut [[R; LANES]],
    ) {
        // Columns first, first + 1, ... of the inverse factor, which are 0 above row first.
        let block = block.get_mut(first..).unwrap_or(&mut []);
        for (i, row) in block.iter_mut().enumerate() {
            for (lane, x) in row.iter_mut().enumerate() {
                *x = if lane == i { R::ONE } else { R::ZERO };
            }
        }
        cholesky::forward_lanes(self.factor, first, block);
        let mut precision = [R::ZERO; LANES];
        for v in block.iter() {
            for (s, &v) in precision.iter_mut().zip(v) {
                *s += v * v;
            }
        }
        let known = self.values().iter().zip(self.coefficients.iter()).skip(first);
        for ((mean, variance), ((&y, &c), p)) in mean.iter_mut().zip(variance).zip(known.zip(precision))
        {
            // An overflow of p counts as certainty, never as NaN.
            let p = if p > R::ZERO { p } else { R::INFINITY };
            (*mean, *variance) = (y - c / p, self.header.hyperparameters.variance / p);
        }
    }
}
