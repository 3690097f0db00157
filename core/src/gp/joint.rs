//! Candidates together: their joint posterior, draws from it, and choices that condition it.

use super::posterior::LANES;
use super::{GaussianProcess, check_distances, triangle};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::{self, Real};
use crate::rows::InRows;

impl<R: Real> GaussianProcess<'_, R> {
    /// Workspace of [`Self::joint_posterior`] for so many candidates with `len` observations.
    #[must_use]
    pub const fn joint_workspace(len: usize, candidates: usize) -> Extent {
        Extent::reals(product(len, candidates)).and(Self::posterior_workspace(len))
    }

    /// Mean and covariance of the latent function (without noise) at candidates.
    ///
    /// `distances`: candidates x observations (x parts), row-major. `between`: distances from each candidate to
    /// those before it, row after row: a packed strict lower triangle (x parts). `mean`: one for each candidate.
    /// `covariance`: a packed lower triangle with its diagonal, the variances
    /// of [`Self::posterior`]. Where the kernel is not positive definite, neither need this be.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`], [`Error::NotFinite`], [`Error::NegativeCost`],
    /// [`Error::MemoryTooSmall`]. Nothing is written then.
    pub fn joint_posterior(
        &self,
        distances: &[R],
        between: &[R],
        mean: &mut [R],
        covariance: &mut [R],
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        let (n, count, parts) = (self.len(), mean.len(), self.parts());
        let row = product(n, parts);
        if count.checked_mul(row) != Some(distances.len())
            || between.len() != product(triangle(count.saturating_sub(1)), parts)
            || covariance.len() != triangle(count)
        {
            return Err(Error::DimensionMismatch);
        }
        check_distances(distances)?;
        check_distances(between)?;
        let whitened = arena.reals(n.checked_mul(count).ok_or(Error::MemoryTooSmall)?)?;
        let block = arena.reals(n.checked_mul(LANES).ok_or(Error::MemoryTooSmall)?)?;
        let block = block.as_chunks_mut::<LANES>().0;
        let h = self.hyperparameters();
        let group = product(n, LANES).max(1);
        let rows = distances.chunks(product(row, LANES).max(1)).chain(core::iter::repeat(&[][..]));
        let mut whole = whitened.chunks_mut(group);
        let mut first = 0;
        for (mean, rows) in mean.chunks_mut(LANES).zip(rows) {
            let (m, v) = self.predict(rows, block);
            for (lane, (to, (m, v))) in mean.iter_mut().zip(m.into_iter().zip(v)).enumerate() {
                *to = m;
                if let Some(to) = covariance.get_mut(diagonal(first + lane)) {
                    *to = v;
                }
            }
            first += LANES;
            // What `predict` leaves in the block is the correlations times the inverse factor.
            for (lane, row) in whole.next().into_iter().flat_map(|w| w.chunks_mut(n.max(1))).enumerate()
            {
                for (to, lanes) in row.iter_mut().zip(block.iter()) {
                    *to = lanes.get(lane).copied().unwrap_or(R::ZERO);
                }
            }
        }
        let row = |i: usize| whitened.get(i * n..(i + 1) * n).unwrap_or_default();
        let correlation = self.correlation();
        for i in 1..count {
            let between = between.get(triangle(i - 1) * parts..).unwrap_or_default();
            let places = covariance.get_mut(triangle(i)..diagonal(i)).unwrap_or_default();
            correlation.write(between, places.iter_mut());
            for (j, place) in places.iter_mut().enumerate() {
                *place = h.variance * (*place - real::dot(row(i), row(j)));
            }
        }
        Ok(())
    }
}

/// Normally distributed numbers with a known covariance, of which one after the other becomes known.
///
/// One step of a Cholesky factorisation whose pivots the caller chooses: exact conditional variances,
/// O(count * steps) a step. Variances that rounding or an indefinite kernel would make negative are 0.
#[derive(Debug)]
pub struct Conditional<'a, R> {
    covariance: &'a [R],
    variance: &'a mut [R],
    /// One row of `variance.len()` for each step.
    columns: &'a mut [R],
    steps: usize,
}

impl<'a, R: Real> Conditional<'a, R> {
    /// Memory for so many numbers and steps.
    #[must_use]
    pub const fn extent(count: usize, steps: usize) -> Extent {
        Extent::reals(product(count, steps.saturating_add(1)))
    }

    /// Nothing known yet. `covariance`: a packed lower triangle with its diagonal.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] unless that has `count` rows, [`Error::MemoryTooSmall`].
    pub fn new(
        covariance: &'a [R],
        count: usize,
        steps: usize,
        mut arena: Arena<'a, R>,
    ) -> Result<Self, Error> {
        if covariance.len() != triangle(count) {
            return Err(Error::DimensionMismatch);
        }
        let (variance, columns) = (arena.reals(count)?, arena.reals(product(count, steps))?);
        for (i, to) in variance.iter_mut().enumerate() {
            *to = covariance.get(diagonal(i)).copied().unwrap_or(R::ZERO);
        }
        Ok(Self { covariance, variance, columns, steps: 0 })
    }

    /// The variance of each number given those that are known.
    #[must_use]
    pub fn variances(&self) -> &[R] {
        self.variance
    }

    /// Number `index` becomes known. Returns how all of them move when it lies one standard deviation
    /// above its mean; nothing if it was known before or no step is left.
    pub fn observe(&mut self, index: usize) -> &[R] {
        let count = self.variance.len();
        let Some(&pivot) = self.variance.get(index) else { return &[] };
        if pivot <= R::ZERO {
            return &[];
        }
        let (done, rest) = self.columns.split_at_mut(product(self.steps, count).min(self.columns.len()));
        let Some(column) = rest.get_mut(..count) else { return &[] };
        for (i, to) in column.iter_mut().enumerate() {
            let (low, high) = (i.min(index), i.max(index));
            *to = self.covariance.get(triangle(high) + low).copied().unwrap_or(R::ZERO);
        }
        for earlier in done.in_rows(count) {
            let factor = earlier.get(index).copied().unwrap_or(R::ZERO);
            for (to, &e) in column.iter_mut().zip(earlier) {
                *to -= factor * e;
            }
        }
        let deviation = pivot.sqrt();
        for (i, (to, variance)) in column.iter_mut().zip(self.variance.iter_mut()).enumerate() {
            *to = if i == index { deviation } else { *to / deviation };
            *variance = if i == index { R::ZERO } else { (*variance - *to * *to).max(R::ZERO) };
        }
        self.steps += 1;
        column
    }

    /// Adds a draw of all numbers to `out`, which holds their means. `normal` gives independent
    /// standard normal numbers. Steps run in the order of the variances left, until what is left is
    /// rounding or there are no more steps.
    pub fn draw(&mut self, out: &mut [R], mut normal: impl FnMut() -> R) {
        let largest = |v: &[R]| {
            v.iter()
                .enumerate()
                .fold((0, R::ZERO), |best, (i, &x)| if x > best.1 { (i, x) } else { best })
        };
        let floor = largest(self.variance).1 * R::EPSILON * R::from_usize(self.variance.len());
        loop {
            let (index, variance) = largest(self.variance);
            if variance <= floor {
                return;
            }
            let moves = self.observe(index);
            if moves.is_empty() {
                return;
            }
            let z = normal();
            for (to, &by) in out.iter_mut().zip(moves) {
                *to += z * by;
            }
        }
    }
}

/// Where entry `i, i` of a packed lower triangle lies.
fn diagonal(i: usize) -> usize {
    triangle(i).saturating_add(i)
}
