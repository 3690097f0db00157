//! The descent behind [`super::gromov`], on prepared matrices.

use super::certificate::{self, Limits, Masses};
use super::exchange::improve;
use super::gradient::{self, Operator};
use super::gromov::{Effort, GromovSettings, Pairing, Prepared, Prover, Solution};
use super::lanes::{BY_WIDTH, change, get, groups, lanes, padded, scale};
use super::starts;
use super::units::{Units, divide};
use super::vertex::{self, Solver, unpad};
use super::vertices::{self, Known, Vertices};
use super::weights::MOST;
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::Real;
use crate::rows::InRows;

/// Starts of [`Effort::Thorough`]: a few that suit most problems, then random vertices.
const THOROUGH: u32 = 20;

/// Points up to which [`Effort::Fast`] begins with [`Descent::start_by_order`]: between more of them the
/// steps that it saves take no longer than its assignment.
const BY_ORDER: usize = 8;

/// Memory that [`solve_prepared`] needs.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) const fn prepared_workspace(rows: usize, columns: usize, effort: Effort) -> Extent {
    let size = product(groups(columns), rows);
    let matrix = Extent::reals(product(padded(columns), rows));
    let descent = vertex::workspace(rows, columns)
        .and(gradient::workspace(rows, columns))
        .and(matrix.times(2))
        .and(vertices::workspace(rows.saturating_add(columns), size))
        .and(vertices::KNOWN);
    let units = Extent::reals(rows.saturating_add(columns));
    matrix.and(match effort {
        Effort::Fast | Effort::Thorough => descent,
        Effort::Exact => descent.or(units.and(certificate::workspace(rows, columns))),
    })
}

/// One problem and everything that its descents share.
struct Descent<'s, 'a, R> {
    solver: &'s mut Solver<'a, R>,
    operator: Operator<'a, R>,
    vertices: Vertices<'a, R>,
    known: Known<'a>,
    /// lambda C.
    linear: &'a mut [[R; 4]],
    gradient: &'a mut [[R; 4]],
    /// The largest cost.
    scale: R,
    gap: R,
    iterations: u32,
    exchanges: bool,
    /// The second start takes over the vertices that the first ended with.
    inherits: bool,
    /// Where a start inherits and plans are assignments: what the corner has of its own gradient.
    corner: R,
}

impl<'s, 'a, R: Real> Descent<'s, 'a, R> {
    #[cfg_attr(feature = "small", inline(never))]
    fn new(
        problem: &Prepared<'_, R>,
        settings: &GromovSettings<R>,
        solver: &'s mut Solver<'a, R>,
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        let (lambda, pairing) = (settings.lambda, settings.pairing);
        let rest = R::ONE - lambda;
        let size = problem.rows * solver.width;
        let operator = Operator::new(problem, pairing, rest, solver, arena)?;
        let linear = arena.reals(4 * size)?.as_chunks_mut().0;
        let high = scale(linear, problem.cost, lambda);
        let inherits = settings.effort == Effort::Fast && pairing == Pairing::Ordered;
        let corner = if inherits && solver.assignment { operator.corner_square() } else { R::ZERO };
        let scale = high + solver.total * operator.largest;
        Ok(Self {
            vertices: Vertices::new(problem.rows + problem.columns, size, solver, arena)?,
            solver,
            operator,
            known: Known::new(arena)?,
            linear,
            gradient: arena.reals(4 * size)?.as_chunks_mut().0,
            scale,
            gap: settings.gap,
            iterations: settings.iterations,
            exchanges: settings.effort != Effort::Fast || pairing == Pairing::Full,
            inherits,
            corner,
        })
    }

    /// The gap that ends a descent at this value.
    fn allowed(&self, value: R) -> R {
        self.gap * value.abs().max(self.scale * R::from_f64(1.0 / 1024.0))
            + R::from_f64(8.0) * R::EPSILON * self.scale
    }

    /// Leaves the vertex that start `number` begins with in the solver.
    #[cfg_attr(feature = "small", inline(never))]
    fn start(&mut self, number: u32) {
        // Without an order between the points a corner is no better than any vertex: it comes later.
        let number = match (self.operator.pairing, number) {
            (Pairing::Full, 1 | 2) => 3 - number,
            _ => number,
        };
        let costs = match number {
            0 => &*self.linear,
            1 | 3 => {
                let Solver { rows, row_units, column_units, entries, assignment, .. } =
                    &mut *self.solver;
                if BY_WIDTH && *assignment {
                    return starts::diagonal(*rows, number == 3, entries);
                }
                return starts::corner(row_units, column_units, number == 3, entries);
            }
            2 => {
                self.gradient_of_product();
                &*self.gradient
            }
            _ => {
                starts::random(number, self.solver.width, self.gradient);
                &*self.gradient
            }
        };
        self.solver.cold(costs);
        self.solver.solve(costs);
    }

    /// Leaves an assignment in the solver that keeps away from pairs in order as far as that pays.
    ///
    /// Between within-costs that all differ by as much as the corner's do on average, the gradient at the
    /// product of the masses is that difference times the pairs in order that a place has a part in.
    #[cfg_attr(feature = "small", inline(never))]
    fn start_by_order(&mut self) {
        let last = self.solver.rows.saturating_sub(1);
        let (n, last) = (R::from_usize(last + 1), R::from_usize(last));
        // The corner has n (n - 1) terms; in the product each of them has 1/n of a unit.
        let mean = self.corner / (n * last * n).max(R::ONE);
        let width = self.solver.width.max(1);
        match width {
            1 if BY_WIDTH => by_order::<R, 1>(self.gradient, self.linear, mean, last),
            2 if BY_WIDTH => by_order::<R, 2>(self.gradient, self.linear, mean, last),
            _ => {
                let rows = self.gradient.in_rows_mut(width).zip(self.linear.in_rows(width));
                let mut i = R::ZERO;
                for (to, costs) in rows {
                    let (before, after) = (mean * i, mean * (last - i));
                    i += R::ONE;
                    let entries = to.as_flattened_mut().iter_mut().zip(costs.as_flattened());
                    for (j, (to, &c)) in entries.enumerate() {
                        let j = R::from_usize(j);
                        *to = c + (before * j + after * (last - j));
                    }
                }
            }
        }
        self.solver.solve(self.gradient);
    }

    /// Leaves the gradient at the product of the masses in `gradient`.
    #[cfg_attr(feature = "small", inline(never))]
    fn gradient_of_product(&mut self) {
        let solver = &*self.solver;
        let (rows, columns, unit) = (solver.row_units, solver.column_units, solver.unit);
        self.operator.apply_product(rows, columns, unit, self.gradient);
        change(self.gradient, self.linear, |x, c| x + c);
    }

    /// Descends from the vertex in the solver. Leaves the plan in the vertices and its gradient in
    /// `gradient`; returns the steps and, unless the descent met a known plan or ends where that with
    /// the value `least` did, value and gap.
    fn descend(&mut self, least: R) -> (u32, Option<(R, R)>) {
        let mut steps = 0;
        // A few at most, so that there is room for new ones.
        let inherits = self.inherits && (1..MOST / 2).contains(&self.vertices.count);
        let less = least - self.allowed(least);
        let (solver, linear) = (&*self.solver, &*self.linear);
        // Most often the descent would lead back to where the one before it ended.
        let back = inherits
            && solver.assignment
            && !self.vertices.lead_below(less, solver, self.corner, linear);
        if back || self.known.meet(solver.hash()) {
            return (steps, None);
        }
        if inherits {
            self.vertices.weights.fill(R::ZERO);
            self.vertices.add(solver, R::ONE, linear, &self.operator);
            self.vertices.minimise();
            if self.vertices.value().0 >= less {
                return (steps, None);
            }
        } else {
            self.begin();
        }
        let mut old = R::INFINITY;
        loop {
            let (value, derivative) = self.vertices.value();
            self.vertices.gradient(self.linear, self.gradient);
            self.solver.solve(self.gradient);
            steps += 1;
            let next = self.solver.value(self.gradient);
            let gap = (derivative - next).max(R::ZERO);
            if steps >= self.iterations {
                return (steps, Some((value, gap)));
            }
            let full = self.vertices.count >= MOST;
            if gap <= self.allowed(value) || value >= old || full {
                if !(self.exchanges && self.vertices.count == 1 && self.exchange(value)) {
                    return (steps, Some((value, gap)));
                }
                if self.known.meet(self.solver.hash()) {
                    return (steps, None);
                }
                self.begin();
                old = R::INFINITY;
                continue;
            }
            old = value;
            self.vertices.add(self.solver, R::ZERO, self.linear, &self.operator);
            self.vertices.minimise();
            if self.vertices.count == 1 && self.known.meet(self.vertices.hash(0)) {
                return (steps, None);
            }
        }
    }

    /// Takes the vertex in the solver as the only one.
    fn begin(&mut self) {
        self.vertices.count = 0;
        self.vertices.add(self.solver, R::ONE, self.linear, &self.operator);
    }

    /// Leaves the plan with its best exchange in the solver, if that lowers the objective.
    #[cfg_attr(feature = "small", inline(never))]
    fn exchange(&mut self, value: R) -> bool {
        let least = self.allowed(value);
        let (from, _) = self.vertices.entries(0);
        self.solver.entries.copy(&from, self.solver.assignment);
        let Solver { entries, total, .. } = &mut *self.solver;
        improve(entries, *total, self.gradient, least, &self.operator)
    }
}

/// Costs and, times `mean`, the pairs in order that each place may have a part in.
#[inline(always)]
fn by_order<R: Real, const W: usize>(to: &mut [[R; 4]], costs: &[[R; 4]], mean: R, last: R) {
    let j: [[R; 4]; W] = core::array::from_fn(|g| lanes(|l| R::from_usize(4 * g + l)));
    let rest = j.map(|j| j.map(|j| last - j));
    let mut i = R::ZERO;
    for (to, c) in to.as_chunks_mut::<W>().0.iter_mut().zip(costs.as_chunks::<W>().0) {
        let (before, after) = (mean * i, mean * (last - i));
        i += R::ONE;
        for g in 0..W {
            to[g] = lanes(|l| c[g][l] + (before * j[g][l] + after * rest[g][l]));
        }
    }
}

/// Solves a problem that was checked and padded.
pub(crate) fn solve_prepared<R: Real>(
    problem: &Prepared<'_, R>,
    settings: &GromovSettings<R>,
    plan: Option<&mut [R]>,
    mut arena: Arena<'_, R>,
) -> Result<Solution<R>, Error> {
    let (n, m) = (problem.rows, problem.columns);
    let best = arena.reals(4 * n * groups(m))?.as_chunks_mut().0;
    let mut solution = descend(problem, settings, best, arena.scope());
    if let Ok(solution) = &mut solution {
        if settings.effort == Effort::Exact && !solution.proved_optimal {
            prove(problem, settings, best, solution, arena)?;
        }
        if let Some(plan) = plan {
            unpad(best, groups(m), m, plan);
        }
    }
    solution
}

/// Descends from all starts; leaves the best plan in `best`. All memory, stack included, is free again
/// when a proof begins.
#[cfg_attr(feature = "small", inline(never))]
fn descend<R: Real>(
    problem: &Prepared<'_, R>,
    settings: &GromovSettings<R>,
    best: &mut [[R; 4]],
    mut arena: Arena<'_, R>,
) -> Result<Solution<R>, Error> {
    let (n, m) = (problem.rows, problem.columns);
    let mut solver = Solver::new(n, m, problem.row_masses, problem.column_masses, &mut arena);
    // In place, here and below: as a value it would be on the stack twice.
    let solver = solver.as_mut().map_err(|error| *error)?;
    let mut descent = Descent::new(problem, settings, solver, &mut arena);
    let descent = descent.as_mut().map_err(|error| *error)?;
    let starts = match settings.effort {
        Effort::Fast => 2,
        Effort::Thorough | Effort::Exact => THOROUGH,
    };
    let (mut least, mut bound, mut least_gap) = (R::INFINITY, R::ZERO, R::ZERO);
    let (mut iterations, mut tried) = (0u32, 0u32);
    let mut alone = false;
    for number in 0..starts {
        tried += 1;
        descent.start(number);
        let Solver { total, assignment, width, .. } = *descent.solver;
        if number == 0 {
            bound = descent.solver.value(descent.linear);
            if descent.inherits && n <= BY_ORDER && descent.corner > R::ZERO {
                descent.start_by_order();
            }
        }
        let (steps, end) = descent.descend(least);
        iterations = iterations.wrapping_add(steps);
        let Some((_, gap)) = end.filter(|(value, _)| *value < least) else { continue };
        alone = descent.vertices.count == 1;
        best.fill([R::ZERO; 4]);
        for k in 0..descent.vertices.count {
            let (entries, weight) = descent.vertices.entries(k);
            entries.scatter(assignment, weight / total, width, best);
        }
        // From the plan itself: with costs that are not negative, no term is.
        let mut s = [R::ZERO; 4];
        if BY_WIDTH && alone && assignment {
            // For speed alone: what the plan does not carry adds nothing.
            let (entries, weight) = descent.vertices.entries(0);
            let (x, mut start) = (weight / total, 0);
            let (c, g) = (descent.linear.as_flattened(), descent.gradient.as_flattened());
            for &j in entries.columns.iter().take(n) {
                let place = start + j as usize;
                s[j as usize % 4] += x * (get(c, place) + get(g, place));
                start += 4 * width;
            }
        } else {
            for ((x, c), g) in best.iter().zip(&*descent.linear).zip(&*descent.gradient) {
                s = lanes(|l| s[l] + x[l] * (c[l] + g[l]));
            }
        }
        least = R::HALF * ((s[0] + s[2]) + (s[1] + s[3]));
        least_gap = gap;
        if least - bound <= descent.allowed(least) {
            break;
        }
    }
    let lower_bound = bound.min(least);
    let (row_masses, column_masses) = (problem.row_masses, problem.column_masses);
    // For speed alone: one assignment carries 1/n for each point, which is the mass of one that has none given.
    let given = row_masses.or(column_masses).is_some();
    let exact = BY_WIDTH && alone && descent.solver.assignment && !given;
    let marginal_residual = match exact {
        true => R::ZERO,
        false => descent.solver.residual(best, row_masses, column_masses),
    };
    Ok(Solution {
        value: least,
        lower_bound,
        gap: least_gap,
        marginal_residual,
        iterations,
        starts: tried,
        nodes: 0,
        proved_optimal: least - lower_bound <= descent.allowed(least),
    })
}

/// Raises the lower bound of a solution, and finds a better plan if there is one.
#[cfg_attr(feature = "small", inline(never))]
fn prove<R: Real>(
    problem: &Prepared<'_, R>,
    settings: &GromovSettings<R>,
    best: &mut [[R; 4]],
    solution: &mut Solution<R>,
    mut arena: Arena<'_, R>,
) -> Result<(), Error> {
    let Some(Prover(certify)) = settings.prover else { return Ok(()) };
    let mut memory = arena.scope();
    let (rows, columns) = (memory.reals(problem.rows)?, memory.reals(problem.columns)?);
    let total = match divide(problem.row_masses, problem.column_masses, rows, columns) {
        Units::Assignment => R::from_usize(problem.rows),
        Units::Total(total) => total,
    };
    let masses = Masses { rows, columns, total };
    let limits = Limits { gap: settings.proof_gap, nodes: settings.nodes };
    let (lambda, pairing) = (settings.lambda, settings.pairing);
    let proof = certify(problem, lambda, pairing, masses, limits, best, solution.value, memory)?;
    solution.value = proof.value;
    solution.lower_bound = solution.lower_bound.max(proof.lower_bound).min(proof.value);
    solution.proved_optimal = proof.proved;
    solution.nodes = proof.nodes;
    if let Some(gap) = proof.gap {
        solution.gap = gap;
        solution.marginal_residual = residual(problem, best, arena)?;
    }
    Ok(())
}

/// How far the marginals of a plan are from the masses.
#[cfg_attr(feature = "small", inline(never))]
fn residual<R: Real>(
    problem: &Prepared<'_, R>,
    plan: &[[R; 4]],
    mut arena: Arena<'_, R>,
) -> Result<R, Error> {
    let (rows, columns) = (problem.row_masses, problem.column_masses);
    let mut solver = Solver::new(problem.rows, problem.columns, rows, columns, &mut arena)?;
    Ok(solver.residual(plan, rows, columns))
}
