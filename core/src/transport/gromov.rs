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

use super::exchange::improve;
use super::gradient::Operator;
use super::lanes::{groups, pad, padded};
use super::starts;
use super::vertex::{self, Entries, Solver, unpad};
use super::weights::{self, MOST, minimise};
use super::{check_matrix, units};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

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

/// How many starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Effort {
    /// The product plan and the plan of least linear cost.
    Fast = 0,
    /// Many starts.
    Thorough = 1,
    /// Like `Thorough`; the result is marked as proved only if the lower bound meets the value.
    Exact = 2,
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
}

impl<R: Real> GromovSettings<R> {
    /// A gap of 1e-9 (f64) or 1e-5 (f32), 1000 steps per start.
    #[must_use]
    pub fn new(lambda: R, pairing: Pairing, effort: Effort) -> Self {
        let gap = R::from_f64(if R::BITS == 64 { 1e-9 } else { 1e-5 });
        Self { lambda, pairing, effort, gap, iterations: 1000 }
    }

    /// An error unless every number is in its range.
    pub fn check(&self) -> Result<(), Error> {
        let inside = self.lambda >= R::ZERO && self.lambda <= R::ONE;
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
    /// No plan has a smaller objective: lambda times the least linear cost, or the value if rounding
    /// puts that below.
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
    /// The lower bound meets the value within the gap that was asked for.
    pub proved_optimal: bool,
}

/// Memory that [`solve`] needs.
#[must_use]
pub const fn workspace(rows: usize, columns: usize) -> Extent {
    Extent::reals(padded(columns).saturating_mul(rows))
        .and(Extent::reals(padded(rows).saturating_mul(rows)))
        .and(Extent::reals(padded(columns).saturating_mul(columns)))
        .and(prepared_workspace(rows, columns))
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
    check_matrix(problem.cost, n, m)?;
    check_matrix(problem.row_costs, n, n)?;
    check_matrix(problem.column_costs, m, m)?;
    check_symmetry(problem.row_costs, n, settings.pairing)?;
    check_symmetry(problem.column_costs, m, settings.pairing)?;
    units::check(problem.row_masses, n)?;
    units::check(problem.column_masses, m)?;
    if plan.as_ref().is_some_and(|plan| plan.len() != problem.cost.len()) {
        return Err(Error::DimensionMismatch);
    }
    arena.require(workspace(n, m))?;
    let cost = arena.reals(padded(m).saturating_mul(n))?.as_chunks_mut().0;
    let row_costs = arena.reals(padded(n).saturating_mul(n))?.as_chunks_mut().0;
    let column_costs = arena.reals(padded(m).saturating_mul(m))?.as_chunks_mut().0;
    pad(problem.cost, m, cost);
    pad(problem.row_costs, n, row_costs);
    pad(problem.column_costs, m, column_costs);
    if settings.pairing == Pairing::Ordered {
        mirror(row_costs, n);
        mirror(column_costs, m);
    }
    let (row_masses, column_masses) = (problem.row_masses, problem.column_masses);
    let prepared =
        Prepared { rows: n, columns: m, cost, row_costs, column_costs, row_masses, column_masses };
    solve_prepared(&prepared, settings, plan, arena)
}

fn check_symmetry<R: Real>(matrix: &[R], n: usize, pairing: Pairing) -> Result<(), Error> {
    if pairing == Pairing::Ordered {
        return Ok(());
    }
    for (i, row) in matrix.chunks_exact(n.max(1)).enumerate() {
        for (j, &x) in row.iter().enumerate() {
            let y = super::lanes::get(matrix, j * n + i);
            if x != if pairing == Pairing::Flow { -y } else { y } {
                return Err(Error::NotSymmetric);
            }
        }
    }
    Ok(())
}

/// Copies the upper triangle of a padded square matrix into the lower.
fn mirror<R: Real>(matrix: &mut [[R; 4]], n: usize) {
    let line = padded(n);
    let flat = matrix.as_flattened_mut();
    for i in 0..n {
        for j in 0..i {
            let x = super::lanes::get(flat, j * line + i);
            super::lanes::set(flat, i * line + j, x);
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
    /// n rows of `groups(n)` groups: symmetric, or antisymmetric for `Flow`.
    pub(crate) row_costs: &'a [[R; 4]],
    /// m rows of `groups(m)` groups: likewise.
    pub(crate) column_costs: &'a [[R; 4]],
    pub(crate) row_masses: Option<&'a [R]>,
    pub(crate) column_masses: Option<&'a [R]>,
}

/// Memory that [`solve_prepared`] needs.
pub(crate) const fn prepared_workspace(rows: usize, columns: usize) -> Extent {
    let nodes = rows.saturating_add(columns);
    let line = padded(columns);
    let matrix = Extent::reals(line.saturating_mul(rows));
    let list = Extent::words(nodes).times(2).and(Extent::reals(nodes));
    vertex::workspace(rows, columns)
        .and(Extent::reals(line.saturating_mul(nodes)))
        .and(Extent::reals(nodes.saturating_mul(rows)))
        .and(matrix.times(3))
        .and(matrix.and(list).times(MOST))
}

/// Vertices with positive weight, and what is known of them.
struct Vertices<'a, R> {
    width: usize,
    nodes: usize,
    size: usize,
    rows: &'a mut [u32],
    columns: &'a mut [u32],
    units: &'a mut [R],
    lengths: [usize; MOST],
    /// W S per place.
    images: &'a mut [[R; 4]],
    /// Places in use come first, in the order of the numbers below.
    places: [usize; MOST],
    count: usize,
    linear: [R; MOST],
    gram: weights::Gram<R>,
    weights: [R; MOST],
}

impl<R: Real> Vertices<'_, R> {
    fn clear(&mut self) {
        self.count = 0;
    }

    fn entries(&mut self, place: usize) -> Entries<'_, R> {
        let at = place * self.nodes..(place + 1) * self.nodes;
        Entries {
            rows: self.rows.get_mut(at.clone()).unwrap_or_default(),
            columns: self.columns.get_mut(at.clone()).unwrap_or_default(),
            units: self.units.get_mut(at).unwrap_or_default(),
            len: self.lengths[place & (MOST - 1)],
        }
    }

    fn image(&self, k: usize) -> &[[R; 4]] {
        let place = self.places[k & (MOST - 1)];
        self.images.get(place * self.size..(place + 1) * self.size).unwrap_or_default()
    }

    /// Adds a vertex with weight 0, or 1 if it is the first. There must be room.
    fn add(
        &mut self,
        new: &Entries<'_, R>,
        total: R,
        cost: &[[R; 4]],
        lambda: R,
        operator: &mut Operator<'_, R>,
    ) {
        let k = self.count & (MOST - 1);
        let place = self.places[k];
        let rest = R::ONE - lambda;
        self.lengths[place & (MOST - 1)] = new.len;
        let to = self.entries(place);
        to.rows.iter_mut().zip(&*new.rows).for_each(|(to, &x)| *to = x);
        to.columns.iter_mut().zip(&*new.columns).for_each(|(to, &x)| *to = x);
        to.units.iter_mut().zip(&*new.units).for_each(|(to, &x)| *to = x);
        let at = place * self.size..(place + 1) * self.size;
        if let Some(image) = self.images.get_mut(at) {
            operator.apply(new, total, image);
        }
        self.linear[k] = lambda * (new.inner(cost, self.width) / total);
        for l in 0..=k {
            let x = rest * (new.inner(self.image(l), self.width) / total);
            self.gram[k][l] = x;
            self.gram[l][k] = x;
        }
        self.weights[k] = if k == 0 { R::ONE } else { R::ZERO };
        self.count = k + 1;
    }

    /// Copies the first vertex.
    fn recall(&mut self, to: &mut Entries<'_, R>) {
        let from = self.entries(self.places[0]);
        to.rows.iter_mut().zip(&*from.rows).for_each(|(to, &x)| *to = x);
        to.columns.iter_mut().zip(&*from.columns).for_each(|(to, &x)| *to = x);
        to.units.iter_mut().zip(&*from.units).for_each(|(to, &x)| *to = x);
        to.len = from.len;
    }

    /// Forgets the vertices without weight.
    fn drop_empty(&mut self) {
        let mut k = 0;
        while k < self.count.min(MOST) {
            if self.weights[k] > R::ZERO {
                k += 1;
                continue;
            }
            let place = self.places[k];
            for l in k + 1..self.count.min(MOST) {
                self.places[l - 1] = self.places[l];
                self.linear[l - 1] = self.linear[l];
                self.weights[l - 1] = self.weights[l];
                self.gram[l - 1] = self.gram[l];
            }
            self.count -= 1;
            self.places[self.count & (MOST - 1)] = place;
            for row in &mut self.gram {
                row.copy_within(k + 1.., k);
            }
        }
    }

    /// The objective, and the derivative of the objective towards the plan itself.
    fn value(&self) -> (R, R) {
        let (mut value, mut derivative) = (R::ZERO, R::ZERO);
        let count = self.count.min(MOST);
        for k in 0..count {
            let mut g = R::ZERO;
            for l in 0..count {
                g += self.gram[k][l] * self.weights[l];
            }
            value += self.weights[k] * (self.linear[k] + R::HALF * g);
            derivative += self.weights[k] * (self.linear[k] + g);
        }
        (value, derivative)
    }

    /// lambda C + factor * (1 - lambda) W T.
    fn gradient(&self, cost: &[[R; 4]], lambda: R, factor: R, to: &mut [[R; 4]]) {
        for (to, c) in to.iter_mut().zip(cost) {
            to.iter_mut().zip(c).for_each(|(to, &c)| *to = lambda * c);
        }
        let rest = factor * (R::ONE - lambda);
        for k in 0..self.count.min(MOST) {
            let weight = rest * self.weights[k];
            for (to, x) in to.iter_mut().zip(self.image(k)) {
                to.iter_mut().zip(x).for_each(|(to, &x)| *to += weight * x);
            }
        }
    }
}

/// The same problem without checks, for callers that prepare it themselves.
pub(crate) fn solve_prepared<R: Real>(
    problem: &Prepared<'_, R>,
    settings: &GromovSettings<R>,
    plan: Option<&mut [R]>,
    mut arena: Arena<'_, R>,
) -> Result<Solution<R>, Error> {
    let (n, m) = (problem.rows, problem.columns);
    let (nodes, width) = (n + m, groups(m));
    let size = n * width;
    arena.require(prepared_workspace(n, m))?;
    let mut solver = Solver::new(n, m, problem.row_masses, problem.column_masses, &mut arena)?;
    let mut operator = Operator {
        pairing: settings.pairing,
        rows: n,
        row_width: groups(n),
        width,
        row_costs: problem.row_costs,
        column_costs: problem.column_costs,
        gathered: arena.reals(4 * width * nodes)?.as_chunks_mut().0,
        weighted: arena.reals(nodes * n)?,
    };
    let gradient = arena.reals(4 * size)?.as_chunks_mut().0;
    let best = arena.reals(4 * size)?.as_chunks_mut().0;
    let mut vertices = Vertices {
        width,
        nodes,
        size,
        rows: arena.words(MOST * nodes)?,
        columns: arena.words(MOST * nodes)?,
        units: arena.reals(MOST * nodes)?,
        lengths: [0; MOST],
        images: arena.reals(MOST * 4 * size)?.as_chunks_mut().0,
        places: core::array::from_fn(|k| k),
        count: 0,
        linear: [R::ZERO; MOST],
        gram: [[R::ZERO; MOST]; MOST],
        weights: [R::ZERO; MOST],
    };
    let lambda = settings.lambda;
    let largest = |matrix: &[[R; 4]]| matrix.as_flattened().iter().fold(R::ZERO, |a, &x| a.max(x.abs()));
    let scale = lambda * largest(problem.cost)
        + (R::ONE - lambda) * (largest(problem.row_costs) + largest(problem.column_costs));
    let allowed = |value: R| {
        settings.gap * value.abs().max(scale / R::from_usize(1024))
            + R::from_usize(8) * R::EPSILON * scale
    };
    let starts = match settings.effort {
        Effort::Fast => 2,
        Effort::Thorough | Effort::Exact => 20,
    };
    let exchanges = settings.effort != Effort::Fast || settings.pairing == Pairing::Full;
    let (mut least, mut bound, mut best_gap) = (R::INFINITY, R::ZERO, R::ZERO);
    let (mut iterations, mut tried) = (0u32, 0u32);
    for start in 0..starts {
        tried += 1;
        match start {
            0 => {
                solver.cold(problem.cost);
                solver.solve(problem.cost);
                bound = lambda * (solver.entries.inner(problem.cost, width) / solver.total);
            }
            1 => {
                operator.apply_product(solver.row_units, solver.column_units, solver.total, gradient);
                let rest = R::ONE - lambda;
                for (to, c) in gradient.iter_mut().zip(problem.cost) {
                    to.iter_mut().zip(c).for_each(|(to, &c)| *to = lambda * c + rest * *to);
                }
                solver.cold(gradient);
                solver.solve(gradient);
            }
            2 | 3 => {
                starts::corner(solver.row_units, solver.column_units, start == 3, &mut solver.entries);
                solver.cold(problem.cost);
            }
            _ => {
                starts::random(start, width, gradient);
                solver.cold(gradient);
                solver.solve(gradient);
            }
        }
        vertices.clear();
        vertices.add(&solver.entries, solver.total, problem.cost, lambda, &mut operator);
        let mut steps = 0;
        let mut old = R::INFINITY;
        let gap = loop {
            let (value, derivative) = vertices.value();
            vertices.gradient(problem.cost, lambda, R::ONE, gradient);
            solver.solve(gradient);
            steps += 1;
            let gap = derivative - solver.entries.inner(gradient, width) / solver.total;
            let stuck = value >= old || vertices.count >= MOST;
            if steps >= settings.iterations {
                break gap.max(R::ZERO);
            }
            if gap <= allowed(value) || stuck {
                if exchanges && vertices.count == 1 {
                    vertices.recall(&mut solver.entries);
                    let rest = R::ONE - lambda;
                    let least = allowed(value);
                    if improve(&mut solver.entries, solver.total, gradient, rest, least, &operator) {
                        vertices.clear();
                        vertices.add(&solver.entries, solver.total, problem.cost, lambda, &mut operator);
                        old = R::INFINITY;
                        continue;
                    }
                }
                break gap.max(R::ZERO);
            }
            old = value;
            vertices.add(&solver.entries, solver.total, problem.cost, lambda, &mut operator);
            minimise(&vertices.gram, &vertices.linear, vertices.count, &mut vertices.weights);
            vertices.drop_empty();
        };
        iterations += steps;
        if vertices.value().0 < least {
            // The value is computed from the plan and from W T, whose terms are not negative.
            vertices.gradient(problem.cost, lambda, R::HALF, gradient);
            best.fill([R::ZERO; 4]);
            for k in 0..vertices.count {
                let (place, weight) =
                    (vertices.places[k & (MOST - 1)], vertices.weights[k & (MOST - 1)]);
                Solver::scatter(&vertices.entries(place), weight, solver.total, width, best);
            }
            least = crate::real::dot(best.as_flattened(), gradient.as_flattened());
            best_gap = gap;
        }
        if least - bound <= allowed(least) {
            break;
        }
    }
    if let Some(plan) = plan {
        unpad(best, width, m, plan);
    }
    let lower_bound = bound.min(least);
    Ok(Solution {
        value: least,
        lower_bound,
        gap: best_gap,
        marginal_residual: solver.residual(best, problem.row_masses, problem.column_masses),
        iterations,
        starts: tried,
        proved_optimal: least - lower_bound <= allowed(least),
    })
}
