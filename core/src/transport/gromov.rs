//! Fused Gromov-Wasserstein: a linear cost between the sides and a quadratic one within them.
//!
//! Minimises over the plans T of the masses p and q
//!
//! ```text
//! lambda * sum_ij T_ij C_ij + (1 - lambda) * Q(T)
//! ```
//!
//! with Q by [`Pairing`]. Q is not convex. From each of several starts (see [`Effort`]) a
//! fully-corrective Frank-Wolfe method descends: the vertices found so far keep a weight each; an
//! exact transport of the gradient gives the next vertex and, with it, the Frank-Wolfe gap, the most
//! that the linearised objective can still fall; then all weights are optimised at once through the
//! matrix of <S_a, W S_b>. The best end of all starts is returned.

use super::certificate::{Certify, certify};
use super::descent::{prepared_workspace, solve_prepared};
use super::lanes::{BY_WIDTH, get, groups, in_fours, lanes, padded, set};
use super::nodes::Costs;
use super::vertex::FEW;
use super::{check_matrix, units};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::Real;
use crate::rows::InRows;

/// Which pairs of points the quadratic term compares, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Pairing {
    /// Sum over i < k and j < l of T_ij T_kl |A_ik - B_jl| (HOTNAS poster). Points are in order on
    /// both sides; only the upper triangles of the within-costs are read. A plan that reverses the
    /// order has Q = 0 whatever the costs.
    Ordered = 0,
    /// Half the sum over all i, k, j, l of T_ij T_kl |A_ik - B_jl|, the within-costs symmetric: the
    /// usual Gromov-Wasserstein term with absolute differences (not in the paper).
    Full = 1,
    /// The sum of `Full` with antisymmetric within-costs, A_ik = -A_ki: the sign says which of two
    /// points comes first (not in the paper).
    Flow = 2,
}

/// How many starts. None of the choices is from the paper.
///
/// The starts are, in this order: the plan of least linear cost; the corner plan, which matches the
/// points in the order that they come in (for [`Pairing::Full`] a vertex of least linearised cost at
/// the product of the masses instead); then the other of these two, the mirrored corner plan, and
/// vertices of least cost for costs drawn from a fixed sequence. All are the same on every platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Effort {
    /// The first two starts. For `Ordered` the second goes on with the vertices of the first, which takes
    /// half the steps; between up to 8 points on each side, all of one mass, the first is a plan of least
    /// cost where a place costs the more, the more pairs in order it may have a part in. For `Full`, where
    /// a descent ends in a vertex, entries of it then trade columns as long as that helps.
    Fast = 0,
    /// 20 starts, and trades for every pairing.
    Thorough = 1,
    /// Like `Thorough`, then a branch and bound that raises the lower bound, and finds a better plan
    /// if there is one, until the value is proved or the nodes are used up. Needs a [`Prover`].
    Exact = 2,
}

/// The branch and bound of [`Effort::Exact`].
///
/// Its code is large. Settings name it, so that a program that makes no prover does not contain it.
#[derive(Clone, Copy, Debug)]
pub struct Prover<R>(pub(crate) Certify<R>);

impl<R: Real> Prover<R> {
    /// The only one.
    #[must_use]
    pub const fn new() -> Self {
        Self(certify)
    }
}

impl<R: Real> Default for Prover<R> {
    fn default() -> Self {
        Self::new()
    }
}

/// There is only one.
impl<R> PartialEq for Prover<R> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A fused Gromov-Wasserstein problem between n and m points. Matrices are row-major and finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GromovProblem<'a, R> {
    /// Number of points on the left, n >= 1.
    pub rows: usize,
    /// Number of points on the right, m >= 1.
    pub columns: usize,
    /// Costs C between the sides, n * m.
    pub cost: &'a [R],
    /// Costs A within the left side, n * n; symmetric or, for [`Pairing::Flow`], antisymmetric.
    pub row_costs: &'a [R],
    /// Costs B within the right side, m * m; likewise.
    pub column_costs: &'a [R],
    /// Masses on the left, n, non-negative, sum 1 within [`Real::MASS_TOLERANCE`]; `None`: 1/n each.
    pub row_masses: Option<&'a [R]>,
    /// Masses on the right, m; `None`: 1/m each.
    pub column_masses: Option<&'a [R]>,
}

impl<R: Real> GromovProblem<'_, R> {
    pub(super) fn check(&self, pairing: Pairing) -> Result<(), Error> {
        let (n, m) = (self.rows, self.columns);
        check_matrix(self.cost, n, m)?;
        check_matrix(self.row_costs, n, n)?;
        check_matrix(self.column_costs, m, m)?;
        check_symmetry(self.row_costs, n, pairing)?;
        check_symmetry(self.column_costs, m, pairing)?;
        units::check(self.row_masses, n)?;
        units::check(self.column_masses, m)
    }
}

/// What [`solve`] minimises and how long it tries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GromovSettings<R> {
    /// Weight of the linear term, in [0, 1].
    pub lambda: R,
    /// The quadratic term.
    pub pairing: Pairing,
    /// How many starts.
    pub effort: Effort,
    /// Relative Frank-Wolfe gap at which a descent ends, in (0, 1): relative to the value or, where
    /// the value is smaller, to 2^-10 of the largest cost. Rounding of a few units in the last
    /// place of the largest cost is always allowed.
    pub gap: R,
    /// Most outer steps (exact transports) per start, at least 1.
    pub iterations: u32,
    /// Only for [`Effort::Exact`], in [0, 1): how far the lower bound may stay below the value that it
    /// proves, relative like `gap`.
    pub proof_gap: R,
    /// Only for [`Effort::Exact`]: most nodes (boxes of plans) of the branch and bound; 0: none.
    pub nodes: u32,
    /// Only for [`Effort::Exact`], which needs it.
    pub prover: Option<Prover<R>>,
}

impl<R: Real> GromovSettings<R> {
    /// A gap of 1e-9 (f64) or 1e-5 (f32), 1000 steps per start, a proof within 1e-3, 1000 nodes; a prover
    /// for [`Effort::Exact`].
    // Inlined, so that the prover is left out where the effort is known to be another.
    #[inline]
    #[must_use]
    pub fn new(lambda: R, pairing: Pairing, effort: Effort) -> Self {
        let gap = R::from_f64(if R::BITS == 64 { 1e-9 } else { 1e-5 });
        Self {
            lambda,
            pairing,
            effort,
            gap,
            iterations: 1000,
            proof_gap: R::from_f64(1e-3),
            nodes: 1000,
            prover: if effort == Effort::Exact { Some(Prover::new()) } else { None },
        }
    }

    /// An error unless every number is in its range and [`Effort::Exact`] has its prover.
    pub fn check(&self) -> Result<(), Error> {
        let inside = self.lambda >= R::ZERO
            && self.lambda <= R::ONE
            && self.proof_gap >= R::ZERO
            && self.proof_gap < R::ONE
            && (self.effort != Effort::Exact || self.prover.is_some());
        if inside && self.gap > R::ZERO && self.gap < R::ONE && self.iterations > 0 {
            Ok(())
        } else {
            Err(Error::InvalidSetting)
        }
    }
}

/// What [`solve`] found besides the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solution<R> {
    /// The objective at the plan. Not negative if no cost C is negative.
    pub value: R,
    /// No plan has a smaller objective: lambda times the least linear cost or, for [`Effort::Exact`],
    /// the bound of the branch and bound if that is more; the value if rounding puts that below.
    pub lower_bound: R,
    /// The Frank-Wolfe gap of the plan, absolute: no plan lies lower by more in the linearised
    /// objective. Larger than asked for only if the steps ran out or rounding allows no descent.
    pub gap: R,
    /// Sum over both sides of the absolute differences between the plan's marginals and the masses:
    /// rounding only.
    pub marginal_residual: R,
    /// Outer steps of all starts together.
    pub iterations: u32,
    /// Starts that were tried.
    pub starts: u32,
    /// Nodes of the branch and bound.
    pub nodes: u32,
    /// The lower bound meets the value within `gap` or, for [`Effort::Exact`], within `proof_gap`.
    pub proved_optimal: bool,
}

/// Memory that [`solve`] needs. For [`Effort::Exact`] it grows with (nm)^2.
#[must_use]
#[inline]
pub const fn workspace(rows: usize, columns: usize, effort: Effort) -> Extent {
    // As in `exact`.
    if BY_WIDTH && rows <= FEW && columns <= FEW && !matches!(effort, Effort::Exact) {
        extent(rows, columns, Effort::Fast)
    } else {
        large(rows, columns, effort)
    }
}

#[cold]
#[inline(never)]
const fn large(rows: usize, columns: usize, effort: Effort) -> Extent {
    extent(rows, columns, effort)
}

#[inline(always)]
const fn extent(rows: usize, columns: usize, effort: Effort) -> Extent {
    Extent::reals(product(padded(columns), rows))
        .and(Extent::reals(product(padded(rows), rows)))
        .and(Extent::reals(product(padded(columns), columns)))
        .and(prepared_workspace(rows, columns, effort))
}

/// Solves a fused Gromov-Wasserstein problem: a local minimum from each start, the best of them.
///
/// `plan` receives the plan, row-major, n * m.
///
/// # Errors
/// [`Error::InvalidSetting`], [`Error::DimensionMismatch`], [`Error::SizeOverflow`],
/// [`Error::NotFinite`] for costs that are not finite or so large that sums of them would not be,
/// [`Error::NotSymmetric`] for within-costs without the symmetry that the pairing wants,
/// [`Error::MassNotFinite`], [`Error::NegativeMass`], [`Error::MassSum`], [`Error::MemoryTooSmall`].
pub fn solve<R: Real>(
    problem: &GromovProblem<'_, R>,
    settings: &GromovSettings<R>,
    plan: Option<&mut [R]>,
    mut arena: Arena<'_, R>,
) -> Result<Solution<R>, Error> {
    settings.check()?;
    let (n, m) = (problem.rows, problem.columns);
    problem.check(settings.pairing)?;
    if plan.as_ref().is_some_and(|plan| plan.len() != problem.cost.len()) {
        return Err(Error::DimensionMismatch);
    }
    arena.require(workspace(n, m, settings.effort))?;
    let cost = in_fours(problem.cost, n, m, &mut arena)?;
    let (row_costs, column_costs) = if settings.pairing == Pairing::Ordered {
        (mirrored(problem.row_costs, n, &mut arena)?, mirrored(problem.column_costs, m, &mut arena)?)
    } else {
        (
            in_fours(problem.row_costs, n, n, &mut arena)?,
            in_fours(problem.column_costs, m, m, &mut arena)?,
        )
    };
    let (row_masses, column_masses) = (problem.row_masses, problem.column_masses);
    let prepared =
        Prepared { rows: n, columns: m, cost, row_costs, column_costs, row_masses, column_masses };
    solve_prepared(&prepared, settings, plan, arena)
}

fn check_symmetry<R: Real>(matrix: &[R], n: usize, pairing: Pairing) -> Result<(), Error> {
    if pairing == Pairing::Ordered {
        return Ok(());
    }
    for (i, row) in matrix.in_rows(n).enumerate() {
        for (j, &x) in row.iter().enumerate().take(i + 1) {
            let y = get(matrix, j * n + i);
            if x != if pairing == Pairing::Flow { -y } else { y } {
                return Err(Error::NotSymmetric);
            }
        }
    }
    Ok(())
}

/// Padded rows with the upper triangle in both halves and nothing between them.
fn mirrored<'a, R: Real>(from: &[R], n: usize, arena: &mut Arena<'a, R>) -> Result<&'a [[R; 4]], Error> {
    let width = groups(n);
    let out = arena.reals(product(padded(n), n))?;
    // Entry by entry, or, for speed alone, in blocks.
    if cfg!(feature = "small") {
        for (i, row) in out.in_rows_mut(padded(n)).enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                let inside = i != j && j < n;
                *x = if inside { get(from, i.min(j) * n + i.max(j)) } else { R::ZERO };
            }
        }
        return Ok(out.as_chunks().0);
    }
    let out = out.as_chunks_mut().0;
    let mut scratch = arena.scope();
    let from = in_fours(from, n, n, &mut scratch)?;
    match width {
        1 if BY_WIDTH => mirror::<R, [[R; 4]; 1]>(from, width, out),
        2 if BY_WIDTH => mirror::<R, [[R; 4]; 2]>(from, width, out),
        3 if BY_WIDTH => mirror::<R, [[R; 4]; 3]>(from, width, out),
        4 if BY_WIDTH => mirror::<R, [[R; 4]; 4]>(from, width, out),
        _ => mirror::<R, [[R; 4]]>(from, width, out),
    }
    Ok(out)
}

/// The same for rows of a kind.
#[inline(always)]
fn mirror<R: Real, V: Costs<R> + ?Sized>(from: &[[R; 4]], width: usize, out: &mut [[R; 4]]) {
    let width = V::width(width);
    let mut set = |i: usize, g: usize, value| {
        if let Some(row) = V::of_mut(out, width, i) {
            set(row.as_mut(), g, value);
        }
    };
    for p in 0..width {
        for q in p..width {
            // Four rows of a group of columns, and what they are the other way round.
            let one = |k: usize| {
                V::of(from, width, 4 * p + k).map_or([R::ZERO; 4], |row| get(row.as_ref(), q))
            };
            let block = [one(0), one(1), one(2), one(3)];
            for (j, &row) in block.iter().enumerate() {
                let column = lanes(|k| block[k][j]);
                if p == q {
                    let both = lanes(|k| {
                        if k > j {
                            row[k]
                        } else if k < j {
                            column[k]
                        } else {
                            R::ZERO
                        }
                    });
                    set(4 * p + j, q, both);
                } else {
                    set(4 * p + j, q, row);
                    set(4 * q + j, p, column);
                }
            }
        }
    }
}

/// A problem that was checked, in padded rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepared<'a, R> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// n rows of `groups(m)` groups; padded columns hold 0.
    pub(crate) cost: &'a [[R; 4]],
    /// n rows of `groups(n)` groups: symmetric, for `Ordered` with 0 on the diagonal, or antisymmetric for
    /// `Flow`.
    pub(crate) row_costs: &'a [[R; 4]],
    /// m rows of `groups(m)` groups: likewise.
    pub(crate) column_costs: &'a [[R; 4]],
    pub(crate) row_masses: Option<&'a [R]>,
    pub(crate) column_masses: Option<&'a [R]>,
}
