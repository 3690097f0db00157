//! Exact transport: the linear problem, solved to a vertex with dual potentials that prove it.
//!
//! Minimises the sum of T_ij C_ij over the plans T of the given masses. Where both sides have as
//! many points and uniform masses, it is an assignment problem; otherwise masses are whole numbers
//! of units (m/g and n/g for uniform masses on n and m points, g their greatest common divisor; else
//! 1/[`Real::MASS_UNITS`]) and the flow is exact in them.

use super::Problem;
use super::lanes::{in_fours, padded, set};
use super::vertex::{self, Solver};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// What [`solve`] found besides the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExactReport<R> {
    /// The least transport cost.
    pub cost: R,
    /// Sum over both sides of the absolute differences between the plan's marginals and the masses:
    /// rounding only.
    pub marginal_residual: R,
    /// Number of augmenting paths; exchanges of the simplex method if it is no assignment problem.
    pub iterations: u32,
}

/// Memory that [`solve`] needs.
#[must_use]
pub const fn workspace(rows: usize, columns: usize) -> Extent {
    vertex::workspace(rows, columns).and(Extent::reals(padded(columns)).times(rows))
}

/// Solves a transport problem. Costs may have any sign.
///
/// `plan` receives the plan, row-major, `rows * columns` reals. `duals` receives potentials u (per
/// row) and v (per column) with u_i + v_j <= C_ij up to rounding, and equality where the plan is
/// positive: the sum of p_i u_i and q_j v_j then equals the cost, which proves it optimal. Of several
/// optimal plans one is returned, always the same for the same input.
///
/// # Errors
/// [`Error::DimensionMismatch`], [`Error::SizeOverflow`], [`Error::NotFinite`] for costs that are not
/// finite or so large that sums of them would not be, [`Error::MassNotFinite`],
/// [`Error::NegativeMass`], [`Error::MassSum`], [`Error::MemoryTooSmall`].
pub fn solve<R: Real>(
    problem: &Problem<'_, R>,
    plan: Option<&mut [R]>,
    duals: Option<(&mut [R], &mut [R])>,
    arena: Arena<'_, R>,
) -> Result<ExactReport<R>, Error> {
    run(problem, false, plan, duals, arena)
}

/// As [`solve`], but begins with the column potentials in `duals`. Any finite numbers will do; those of
/// a similar problem are near the end. Where masses make the problem more than an
/// assignment, they are not used.
///
/// Of several optimal plans it depends on the potentials which one is returned.
///
/// # Errors
/// As for [`solve`]; [`Error::NotFinite`] also for column potentials that are not finite.
pub fn solve_warm<R: Real>(
    problem: &Problem<'_, R>,
    plan: Option<&mut [R]>,
    duals: (&mut [R], &mut [R]),
    arena: Arena<'_, R>,
) -> Result<ExactReport<R>, Error> {
    run(problem, true, plan, Some(duals), arena)
}

fn run<R: Real>(
    problem: &Problem<'_, R>,
    warm: bool,
    plan: Option<&mut [R]>,
    duals: Option<(&mut [R], &mut [R])>,
    mut arena: Arena<'_, R>,
) -> Result<ExactReport<R>, Error> {
    problem.check()?;
    let (n, m) = (problem.rows, problem.columns);
    if plan.as_ref().is_some_and(|plan| plan.len() != problem.cost.len())
        || duals.as_ref().is_some_and(|(u, v)| u.len() != n || v.len() != m)
    {
        return Err(Error::DimensionMismatch);
    }
    let start = duals.as_ref().filter(|_| warm).map(|(_, v)| &**v);
    if start.is_some_and(|v| v.iter().any(|x| !x.is_finite())) {
        return Err(Error::NotFinite);
    }
    arena.require(workspace(n, m))?;
    let cost = in_fours(problem.cost, n, m, &mut arena)?;
    let mut solver = Solver::new(n, m, problem.row_masses, problem.column_masses, &mut arena)?;
    match start {
        Some(start) => solver.warm(cost, start),
        None => solver.cold(cost),
    }
    let iterations = solver.solve(cost);
    if let Some(plan) = plan {
        plan.fill(R::ZERO);
        let unit = R::ONE / solver.total;
        for (i, j, x) in solver.entries.iter() {
            set(plan, i * m + j, unit * x);
        }
    }
    if let Some((u, v)) = duals {
        solver.duals(cost, u, v);
    }
    Ok(ExactReport {
        cost: solver.value(cost),
        marginal_residual: solver.vertex_residual(problem.row_masses, problem.column_masses),
        iterations,
    })
}
