//! Optimal transport on plain cost matrices: exact, entropic, and fused Gromov-Wasserstein.
//!
//! A plan T between n points with masses p and m points with masses q is a non-negative n x m matrix
//! whose rows sum to p and whose columns sum to q. It knows no cell and no network: the caller gives
//! costs.
//!
//! | module | minimises over the plans |
//! |---|---|
//! | [`exact`] | sum of T_ij C_ij, with dual potentials as proof |
//! | [`sinkhorn`] | sum of T_ij C_ij + r T_ij ln T_ij |
//! | [`gromov`] | lambda times the first plus (1 - lambda) times a quadratic term over pairs of points |
//! | [`entropic`] | the same with entropy, in the objective or in the steps |
//!
//! All matrices are row-major without padding. Masses that are not given are uniform. A mass may be 0.

mod assignment;
mod certificate;
pub(crate) mod descent;
pub mod entropic;
pub mod exact;
mod exchange;

mod gradient;
pub mod gromov;
pub(crate) mod lanes;
mod narrow;
mod nodes;
mod simplex;
pub mod sinkhorn;
mod starts;
mod units;
pub(crate) mod vertex;
mod vertices;
mod weights;

use crate::error::Error;
use crate::real::Real;

/// A linear transport problem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Problem<'a, R> {
    /// Number of points on the left, n >= 1.
    pub rows: usize,
    /// Number of points on the right, m >= 1.
    pub columns: usize,
    /// Costs, n * m, row-major, finite.
    pub cost: &'a [R],
    /// Masses on the left, n, non-negative, sum 1 within [`Real::MASS_TOLERANCE`]; `None`: 1/n each.
    pub row_masses: Option<&'a [R]>,
    /// Masses on the right, m; `None`: 1/m each.
    pub column_masses: Option<&'a [R]>,
}

impl<R: Real> Problem<'_, R> {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_matrix(self.cost, self.rows, self.columns)?;
        units::check(self.row_masses, self.rows)?;
        units::check(self.column_masses, self.columns)
    }
}

/// Refuses an empty matrix, a wrong length and numbers whose sums along a path or over a plan might overflow.
pub(crate) fn check_matrix<R: Real>(matrix: &[R], rows: usize, columns: usize) -> Result<(), Error> {
    let size = rows.checked_mul(columns).ok_or(Error::SizeOverflow)?;
    let nodes = rows.checked_add(columns).ok_or(Error::SizeOverflow)?;
    // Indices are kept in 32-bit words.
    if u32::try_from(nodes).is_err() {
        return Err(Error::SizeOverflow);
    }
    if size == 0 || matrix.len() != size {
        return Err(Error::DimensionMismatch);
    }
    // No path sums to more than all numbers do, and no plan carries more than all units.
    let (blocks, rest) = matrix.as_chunks::<16>();
    let (fours, rest) = rest.as_chunks::<4>();
    let mut sums = [R::ZERO; 16];
    for x in blocks {
        sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x.abs());
    }
    for l in 0..4 {
        sums[l] = (sums[l] + sums[l + 4]) + (sums[l + 8] + sums[l + 12]);
    }
    for x in fours {
        sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x.abs());
    }
    let all = rest.iter().fold((sums[0] + sums[2]) + (sums[1] + sums[3]), |all, x| all + x.abs());
    if (all * (R::from_usize(8) * R::MASS_UNITS)).is_finite() { Ok(()) } else { Err(Error::NotFinite) }
}
