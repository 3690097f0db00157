//! Predictions of a kernel that is not positive definite, without its negative eigenvalues.

use super::kernel::Correlation;
use super::{GaussianProcess, Hyperparameters, check_distances, eigen};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::{self, Real};
use crate::rows::InRows;

/// What a [`GaussianProcess`] predicts when the negative eigenvalues of its correlation matrix are set to 0 and
/// the correlations of candidates are projected on the eigenvectors that are left.
///
/// The usual remedy for kernels of distances that are not of negative type, beside jitter: it takes away what is
/// wrong and leaves the rest as it is, where jitter is noise on everything. The projection belongs to it: a
/// candidate's correlations have a share along the lost eigenvectors too, and with it predictions are
/// worse than without any clipping. Where the kernel is positive definite all is as [`GaussianProcess::posterior`]
/// says, up to rounding. A view of the process as it is: nothing is appended to it.
#[derive(Debug)]
pub struct Clipped<'w, R> {
    correlation: Correlation<R>,
    hyperparameters: Hyperparameters<R>,
    observations: usize,
    /// For each eigenvalue that is kept: the eigenvector over the root of eigenvalue and noise.
    whitening: &'w [R],
    /// Of the posterior mean: one for each observation.
    coefficients: &'w [R],
    least: R,
}

impl<R: Real> GaussianProcess<'_, R> {
    /// Workspace of [`Self::clipped`] with `len` observations: `len * (2 * len + 1)` reals.
    #[must_use]
    pub const fn clipped_workspace(len: usize) -> Extent {
        Extent::reals(product(len, len)).times(2).and(Extent::reals(len))
    }

    /// The process without the negative eigenvalues of its kernel; its jitter does not count. O(n^3), about a
    /// hundred times a factorisation. The result lives in the workspace.
    ///
    /// # Errors
    /// [`Error::MemoryTooSmall`], [`Error::NotPositiveDefinite`] (no eigenvalue is left, or they were not found),
    /// [`Error::NotFinite`] (a result would overflow).
    pub fn clipped<'w>(&self, mut arena: Arena<'w, R>) -> Result<Clipped<'w, R>, Error> {
        let n = self.len();
        let square = n.checked_mul(n).ok_or(Error::MemoryTooSmall)?;
        arena.require(Self::clipped_workspace(n))?;
        let (matrix, vectors) = (arena.reals(square)?, arena.reals(square)?);
        let coefficients = arena.reals(n)?;
        let correlation = self.correlation();
        for i in 0..n {
            let (above, rest) = matrix.split_at_mut_checked(i * n).unwrap_or_default();
            let row = rest.get_mut(..i).unwrap_or_default();
            correlation.write(self.distances(i), row.iter_mut());
            // The matrix is symmetric.
            for (&mut k, to) in row.iter_mut().zip(above.iter_mut().skip(i).step_by(n)) {
                *to = k;
            }
            if let Some(diagonal) = rest.get_mut(i) {
                *diagonal = R::ONE;
            }
        }
        if !eigen::decompose(matrix, vectors, n) {
            return Err(Error::NotPositiveDefinite);
        }
        let value = |i: usize| matrix.get(i * n + i).copied().unwrap_or(R::ZERO);
        let all = || (0..n).map(value);
        let (least, largest) = (all().fold(R::INFINITY, R::min), all().fold(R::ZERO, R::max));
        // What is as small as rounding has no sign.
        let floor = R::EPSILON * R::from_usize(n) * largest;
        let noise = self.hyperparameters().relative_noise();
        coefficients.fill(R::ZERO);
        let mean = self.hyperparameters().mean;
        let mut kept = 0;
        for i in 0..n {
            let eigenvalue = value(i);
            if eigenvalue <= floor {
                continue;
            }
            let scale = R::ONE / (eigenvalue + noise).sqrt();
            // Those that are kept move up.
            let Some((head, tail)) = vectors.split_at_mut_checked(i * n) else { break };
            let row = if kept < i {
                let row = head.get_mut(kept * n..(kept + 1) * n).unwrap_or_default();
                row.iter_mut().zip(tail).for_each(|(to, x)| *to = scale * *x);
                row
            } else {
                let row = tail.get_mut(..n).unwrap_or_default();
                row.iter_mut().for_each(|x| *x *= scale);
                row
            };
            kept += 1;
            let along = row.iter().zip(self.values()).fold(R::ZERO, |s, (&x, &y)| s + x * (y - mean));
            for (to, &x) in coefficients.iter_mut().zip(row.iter()) {
                *to += along * x;
            }
        }
        if kept == 0 && n > 0 {
            return Err(Error::NotPositiveDefinite);
        }
        if !coefficients.iter().all(|c| c.is_finite()) {
            return Err(Error::NotFinite);
        }
        let hyperparameters = self.hyperparameters();
        let vectors: &'w [R] = vectors;
        let whitening = vectors.get(..kept * n).unwrap_or_default();
        Ok(Clipped { correlation, hyperparameters, observations: n, whitening, coefficients, least })
    }
}

impl<R: Real> Clipped<'_, R> {
    /// Eigenvalues that were left out: negative ones and those that rounding does not tell from 0.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.observations - self.whitening.len().checked_div(self.observations).unwrap_or(0)
    }

    /// The least eigenvalue of the correlation matrix; infinite without observations.
    #[must_use]
    pub fn least_eigenvalue(&self) -> R {
        self.least
    }

    /// Mean and variance of the latent function at candidates, as [`GaussianProcess::posterior`]. Needs a
    /// workspace of as many reals as there are observations. n^2 multiplications a candidate.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`], [`Error::NotFinite`], [`Error::NegativeCost`], [`Error::MemoryTooSmall`].
    /// Nothing is written then.
    pub fn posterior(
        &self,
        distances: &[R],
        mean: &mut [R],
        variance: &mut [R],
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        let (n, h) = (self.observations, self.hyperparameters);
        let width = product(n, self.correlation.parts);
        if variance.len() != mean.len() || mean.len().checked_mul(width) != Some(distances.len()) {
            return Err(Error::DimensionMismatch);
        }
        check_distances(distances)?;
        let correlations = arena.reals(n)?;
        // Without observations the rows are empty and every candidate gets the prior.
        let rows = distances.chunks(width.max(1)).chain(core::iter::repeat(&[][..]));
        for ((mean, variance), row) in mean.iter_mut().zip(variance).zip(rows) {
            self.correlation.write(row, correlations.iter_mut());
            *mean = h.mean + real::dot(correlations, self.coefficients);
            let mut explained = R::ZERO;
            for vector in self.whitening.in_rows(n) {
                let along = real::dot(vector, correlations);
                explained += along * along;
            }
            *variance = R::ZERO.max(h.variance * (R::ONE - explained));
        }
        Ok(())
    }
}
