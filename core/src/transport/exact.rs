//! Exact transport: the linear problem, solved to a vertex with dual potentials that prove it.
//!
//! Minimises the sum of T_ij C_ij over the plans T of the given masses. Where both sides have as
//! many points and uniform masses, it is an assignment problem; otherwise masses are whole numbers
//! of units (m/g and n/g for uniform masses on n and m points, g their greatest common divisor; else
//! 1/[`Real::MASS_UNITS`]) and the flow is exact in them.

use super::Problem;
use super::assignment;
use super::lanes::{BY_WIDTH, Row, at, groups, in_fours, largest, padded, set};
use super::units::is_uniform;
use super::vertex::{self, FEW, Solver, off};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;
use crate::rows::InRows;

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
#[inline]
pub const fn workspace(rows: usize, columns: usize) -> Extent {
    // Of few points no sum overflows: where the compiler knows that, a handful of additions is left.
    if BY_WIDTH && rows <= FEW && columns <= FEW { extent(rows, columns) } else { large(rows, columns) }
}

#[inline(always)]
const fn extent(rows: usize, columns: usize) -> Extent {
    vertex::workspace(rows, columns).and(Extent::reals(padded(columns)).times(rows))
}

#[cold]
#[inline(never)]
const fn large(rows: usize, columns: usize) -> Extent {
    extent(rows, columns)
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
    if start.is_some_and(|v| !v.iter().fold(true, |all, x| all & x.is_finite())) {
        return Err(Error::NotFinite);
    }
    arena.require(workspace(n, m))?;
    let cost = in_fours(problem.cost, n, m, &mut arena)?;
    if n == m && is_uniform(problem.row_masses) && is_uniform(problem.column_masses) {
        return match groups(n) {
            1 if BY_WIDTH => assign::<R, [[R; 4]; 1]>(problem, cost, warm, plan, duals, arena),
            2 if BY_WIDTH => assign::<R, [[R; 4]; 2]>(problem, cost, warm, plan, duals, arena),
            3 if BY_WIDTH => assign::<R, [[R; 4]; 3]>(problem, cost, warm, plan, duals, arena),
            4 if BY_WIDTH => assign::<R, [[R; 4]; 4]>(problem, cost, warm, plan, duals, arena),
            _ => assign::<R, [[R; 4]]>(problem, cost, warm, plan, duals, arena),
        };
    }
    let mut solver = Solver::new(n, m, problem.row_masses, problem.column_masses, &mut arena)?;
    solver.cold(cost);
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

/// The same where the problem is an assignment.
#[inline(always)]
fn assign<R: Real, V: Row<R> + ?Sized>(
    problem: &Problem<'_, R>,
    cost: &[[R; 4]],
    warm: bool,
    plan: Option<&mut [R]>,
    duals: Option<(&mut [R], &mut [R])>,
    mut arena: Arena<'_, R>,
) -> Result<ExactReport<R>, Error> {
    let n = problem.rows;
    let width = groups(n);
    let (mut registers, mut few) = ([[R::ZERO; 4]; 4], [0; 16]);
    let (potential, column_of) = if V::NARROW {
        (registers.as_mut_slice(), few.get_mut(..n).unwrap_or_default())
    } else {
        (arena.reals(padded(n))?.as_chunks_mut().0, arena.words(n)?)
    };
    let potential = V::of_mut(potential, width, 0).ok_or(Error::MemoryTooSmall)?;
    let mut scratch = match V::NARROW {
        true => assignment::Scratch::default(),
        false => assignment::Scratch::new(n, n, &mut arena)?,
    };
    match duals.as_ref().filter(|_| warm) {
        Some((_, start)) => {
            // Potentials far beyond the costs would drown them in rounding.
            let most = R::from_usize(4) * largest(cost);
            let open = potential.as_mut().as_flattened_mut();
            open.fill(-R::INFINITY);
            open.iter_mut().zip(&**start).for_each(|(to, &v)| *to = v.max(-most).min(most));
        }
        None => assignment::minima(cost, width, n, potential),
    }
    let iterations = assignment::solve(cost, width, !warm, potential, column_of, &mut scratch);
    let mass = R::ONE / R::from_usize(n);
    if let Some(plan) = plan {
        plan.fill(R::ZERO);
        for (row, &j) in plan.in_rows_mut(n).zip(&*column_of) {
            set(row, j as usize, mass);
        }
    }
    if let Some((u, v)) = duals {
        v.iter_mut().zip(potential.as_ref().as_flattened()).for_each(|(to, &v)| *to = v);
        for (i, (u, &j)) in u.iter_mut().zip(&*column_of).enumerate() {
            let row = V::of(cost, width, i).map_or(&[] as &[_], |row| row.as_ref());
            *u = at(row, j as usize) - at(potential.as_ref(), j as usize);
        }
    }
    let residual = |masses: Option<&[R]>| {
        masses.map_or(R::ZERO, |masses| off(core::iter::repeat_n(mass, n), Some(masses)))
    };
    Ok(ExactReport {
        cost: assignment::inner(column_of, cost, width) / R::from_usize(n),
        marginal_residual: residual(problem.row_masses) + residual(problem.column_masses),
        iterations,
    })
}
