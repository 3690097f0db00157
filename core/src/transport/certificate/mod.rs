//! Proof of global optimality of a fused Gromov-Wasserstein plan, by branch and bound (not in the
//! paper).
//!
//! The objective is <c, T> + <T, W T> over the plans T of the masses p and q, with W symmetric and
//! not negative. It is not convex; a local minimum needs a lower bound to be known as the least.
//!
//! **Bound.** Write Y_ef for T_e T_f, with e = (i, j) and f = (k, l) entries of the plan. Every plan
//! obeys sum_l Y_ekl = p_k T_e, sum_k Y_ekl = q_l T_e and Y_ef = Y_fe >= 0 (the first level of the
//! reformulation-linearisation technique of Adams and Sherali). For any u with u_ef = -u_fe the sum
//! of u_ef Y_ef is 0, so with L_e the least of sum_f (W_ef + u_ef) Z_f over the plans Z, the least of
//! sum_e (c_e + L_e) T_e over the plans T is a lower bound, and the best u gives the value of the
//! linear program. L_e itself may be replaced by the value of any feasible potentials. Two sweeps of
//! minima make potentials from what the search for u leaves behind; only the outer transport is
//! solved exactly.
//!
//! **Search for u.** Douglas-Rachford splitting of the linear program between the affine set of
//! the equations with sums, on which the projection has a closed form because all blocks share p and
//! q, and the cone of symmetric Y >= 0 with T in its box. Its state is a symmetric Y, T and the
//! multipliers a_ek + b_el of the sums; u_ef = (a_ek + b_el - a_fi - b_fj) / 2. A step costs a few
//! operations per pair of entries. It can stop at any time: the bound of any u is valid.
//!
//! **Branching.** A node is a box low <= T <= high. With T = low + X the objective is one of the same
//! form in X, whose masses are what is left of p and q and whose linear costs are c + 2 W low, so that the
//! error of the bound falls with the square of the box. The entry whose products are worst
//! represented in the relaxed optimum is split. Depth first, so that memory is bounded by the depth.
//! Minimisers inside a face need this: no finite number of vertices would be enough.
//!
//! **Safety.** Boxes and masses are whole units and their sums exact. Each bound is lowered by more
//! than the rounding of the sums that it consists of. In `f32` that allowance may be larger than the
//! gap that is asked for: then nothing is proved.

mod boxes;
mod outer;
mod relaxation;

use super::gromov::{Pairing, Prepared};
use super::lanes::{get, padded, set};
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;
use crate::rows::InRows;
use relaxation::{Node, Relaxation, Shape};

/// Most boxes within one another.
const DEPTH: usize = 64;
/// Steps of the splitting at the root and below it.
const ROOT_STEPS: u32 = 300;
const STEPS: u32 = 80;
/// A split leaves at least this share of the box's width on each side.
const LEAST_SHARE: f64 = 0.42;
/// Steps of a descent from a better plan.
const DESCENT: u32 = 50;

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits<R> {
    /// Proved if the bound is within this share of the value (or of 2^-10 of the largest cost, if the
    /// value is less).
    pub(crate) gap: R,
    /// Most boxes to bound.
    pub(crate) nodes: u32,
}

/// What [`certify`] found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Certificate<R> {
    /// Objective at the plan: less than before if a better plan turned up.
    pub(crate) value: R,
    /// No plan has a smaller objective, rounding included. Not more than the value.
    pub(crate) lower_bound: R,
    /// The bound is within the gap.
    pub(crate) proved: bool,
    /// The Frank-Wolfe gap of the better plan that replaced the given one, if one did.
    pub(crate) gap: Option<R>,
    /// Boxes bounded.
    pub(crate) nodes: u32,
}

/// Masses in whole units, as the exact transport counts them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Masses<'a, R> {
    pub(crate) rows: &'a [R],
    pub(crate) columns: &'a [R],
    pub(crate) total: R,
}

/// The type of [`certify`].
pub(crate) type Certify<R> = fn(
    &Prepared<'_, R>,
    R,
    Pairing,
    Masses<'_, R>,
    Limits<R>,
    &mut [[R; 4]],
    R,
    Arena<'_, R>,
) -> Result<Certificate<R>, Error>;

/// Memory that [`certify`] needs: three reals per pair of entries and 64 nodes of
/// nm(n + m + 3) reals, with m rounded up to a multiple of four.
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let line = padded(columns);
    let cells = product(rows, line);
    relaxation::workspace(rows, columns, line)
        .and(Extent::reals(relaxation::node_size(rows, columns, cells)).times(DEPTH))
        .and(Extent::reals(cells))
        .and(Extent::reals(rows.saturating_add(line)))
        .and(BRANCHES)
}

/// A node whose first half is being searched.
#[derive(Clone, Copy)]
struct Branch<R> {
    cell: usize,
    split: R,
    bound: R,
    second: bool,
}

/// A branch for each depth.
struct Branches<'a, R> {
    /// Split and bound.
    numbers: &'a mut [[R; 2]],
    /// Cell, and whether the second half is being searched.
    words: &'a mut [[u32; 2]],
}

/// Memory of [`Branches`].
const BRANCHES: Extent = Extent { reals: 2 * DEPTH, words: 2 * DEPTH, bytes: 0 };

impl<'a, R: Real> Branches<'a, R> {
    fn new(arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        Ok(Self {
            numbers: arena.reals(BRANCHES.reals)?.as_chunks_mut().0,
            words: arena.words(BRANCHES.words)?.as_chunks_mut().0,
        })
    }

    fn get(&self, depth: usize) -> Option<Branch<R>> {
        let (&[split, bound], &[cell, second]) = self.numbers.get(depth).zip(self.words.get(depth))?;
        Some(Branch { cell: cell as usize, split, bound, second: second != 0 })
    }

    fn set(&mut self, depth: usize, branch: Branch<R>) {
        set(self.numbers, depth, [branch.split, branch.bound]);
        set(self.words, depth, [branch.cell as u32, branch.second.into()]);
    }
}

/// Bounds the objective from below, starting from a plan (padded rows) and its value.
pub(crate) fn certify<R: Real>(
    problem: &Prepared<'_, R>,
    lambda: R,
    pairing: Pairing,
    masses: Masses<'_, R>,
    limits: Limits<R>,
    plan: &mut [[R; 4]],
    value: R,
    mut arena: Arena<'_, R>,
) -> Result<Certificate<R>, Error> {
    let (n, m) = (problem.rows, problem.columns);
    let line = padded(m);
    let shape = Shape { rows: n, columns: m, line, cells: product(n, line) };
    let size = relaxation::node_size(n, m, shape.cells);
    let levels = arena.reals(product(size, DEPTH))?;
    let best_plan = arena.reals(shape.cells)?;
    let (rows, columns) = (arena.reals(n)?, arena.reals(m)?);
    let factor = finer(masses.total);
    let total = masses.total * factor;
    rows.iter_mut().zip(masses.rows).for_each(|(to, &x)| *to = x * factor);
    columns.iter_mut().zip(masses.columns).for_each(|(to, &x)| *to = x * factor);
    let mut relaxation = Relaxation::new(shape, total, rows, columns, &mut arena);
    let relaxation = relaxation.as_mut().map_err(|error| *error)?;
    let scale = fill(relaxation, problem, lambda, pairing);
    let floor = R::ONE / R::from_usize(1024);
    let mut best = value / scale;
    let mut gap = None;
    // Costs were rounded twice on the way here.
    let rounding = R::from_usize(16) * R::EPSILON;
    let allowed = |best: R| limits.gap * best.abs().max(floor) + rounding;
    let bounded = |bound: R| bound - rounding;

    let mut branches = Branches::new(&mut arena)?;
    enter_root(relaxation, levels.get_mut(..size).unwrap_or_default())?;
    let (mut depth, mut nodes) = (0usize, 0u32);
    // The least bound of the boxes that are done.
    let mut closed = R::INFINITY;
    let mut open = R::INFINITY;
    'tree: loop {
        let parent = depth.checked_sub(1).and_then(|depth| branches.get(depth));
        let inherited = parent.map_or(-R::INFINITY, |branch| branch.bound);
        let at = depth * size;
        let memory = levels.get_mut(at..at + size).filter(|_| nodes < limits.nodes);
        // In place: as a value it would be on the stack twice.
        let mut node = Node::new(memory.unwrap_or_default(), shape);
        let Some(node) = &mut node else {
            open = inherited;
            break;
        };
        nodes += 1;
        let steps = if nodes == 1 { ROOT_STEPS } else { STEPS };
        let enough = best - allowed(best) + rounding;
        let mut least = best - R::from_usize(64) * R::EPSILON * best.abs().max(floor);
        let mut better = false;
        let bound = relaxation.bound(node, enough, steps, |relaxation| {
            let value = relaxation.value(relaxation.candidate);
            if value < least {
                least = value;
                better = true;
                copy(best_plan, relaxation.candidate);
            }
        });
        if better {
            let (value, slope) = descend(relaxation, best_plan, least);
            best = value;
            gap = Some(slope * scale);
        }
        let bound = bounded(bound).max(inherited);
        if bound >= best - allowed(best) {
            closed = closed.min(bound);
        } else {
            let choice = choose(relaxation, node);
            let Some((cell, split)) = choice.filter(|_| depth + 1 < DEPTH) else {
                open = bound;
                break;
            };
            branches.set(depth, Branch { cell, split, bound, second: false });
            if child(relaxation, levels, size, depth, cell, split, true) {
                depth += 1;
                continue;
            }
            depth += 1;
        }
        // Back to the nearest box whose second half is not searched yet.
        loop {
            let Some(up) = depth.checked_sub(1) else { break 'tree };
            depth = up;
            let Some(branch) = branches.get(depth).filter(|branch| !branch.second) else { continue };
            branches.set(depth, Branch { second: true, ..branch });
            let Branch { cell, split, .. } = branch;
            if child(relaxation, levels, size, depth, cell, split, false) {
                depth += 1;
                break;
            }
        }
    }
    if open < R::INFINITY {
        let pending = (0..depth).filter_map(|depth| branches.get(depth)).filter(|branch| !branch.second);
        open = pending.fold(open, |open, branch| open.min(branch.bound));
    }
    if gap.is_some() {
        for (to, &x) in plan.as_flattened_mut().iter_mut().zip(&*best_plan) {
            *to = x / total;
        }
    }
    let bound = closed.min(open).min(best);
    let value = if gap.is_some() { best * scale } else { value };
    Ok(Certificate {
        value,
        lower_bound: if bound == best { value } else { bound * scale },
        proved: bound >= best - allowed(best),
        gap,
        nodes,
    })
}

/// The largest power of two by which a whole number of units can be divided further.
fn finer<R: Real>(total: R) -> R {
    let mut factor = R::ONE;
    while total > R::ZERO && total * factor * R::TWO <= R::MASS_UNITS {
        factor *= R::TWO;
    }
    factor
}

/// Writes the scaled costs and weights; returns the scale.
#[cfg_attr(feature = "small", inline(never))]
fn fill<R: Real>(
    relaxation: &mut Relaxation<'_, R>,
    problem: &Prepared<'_, R>,
    lambda: R,
    pairing: Pairing,
) -> R {
    let Shape { rows, columns, line, cells } = relaxation.shape;
    let largest = |matrix: &[[R; 4]]| matrix.as_flattened().iter().fold(R::ZERO, |a, &x| a.max(x.abs()));
    let rest = R::ONE - lambda;
    let scale = lambda * largest(problem.cost)
        + rest * (largest(problem.row_costs) + largest(problem.column_costs));
    let scale = if scale > R::MIN_POSITIVE { scale } else { R::ONE };
    let costs = relaxation.cost.iter_mut().zip(problem.cost.as_flattened());
    costs.for_each(|(to, &c)| *to = lambda * c / scale);
    relaxation.weights.fill(R::ZERO);
    let (left, right) = (problem.row_costs.as_flattened(), problem.column_costs.as_flattened());
    let (mut sum, left_line) = (R::ZERO, padded(rows));
    for i in 0..rows {
        for j in 0..columns {
            let at = (i * line + j) * cells;
            let to = relaxation.weights.get_mut(at..at + cells).unwrap_or_default();
            for (k, to) in to.in_rows_mut(line).enumerate() {
                let a = get(left, i * left_line + k);
                for (l, to) in to.iter_mut().enumerate().take(columns) {
                    let counts = pairing != Pairing::Ordered || (i < k && j < l) || (i > k && j > l);
                    if counts {
                        *to = rest * R::HALF * (a - get(right, j * line + l)).abs() / scale;
                        sum += *to;
                    }
                }
            }
        }
    }
    let area = R::from_usize(rows * columns);
    relaxation.mean_weight = sum / (area * area);
    scale
}

#[cfg_attr(feature = "small", inline(never))]
fn enter_root<R: Real>(relaxation: &Relaxation<'_, R>, memory: &mut [R]) -> Result<(), Error> {
    let root = Node::new(memory, relaxation.shape).ok_or(Error::MemoryTooSmall)?;
    let Shape { columns, line, .. } = relaxation.shape;
    root.low.fill(R::ZERO);
    root.high.fill(R::ZERO);
    root.shadow.fill(R::ZERO);
    root.left.fill(R::ZERO);
    root.right.fill(R::ZERO);
    let total = relaxation.total;
    for (i, &p) in relaxation.row_units.iter().enumerate() {
        for (j, &q) in relaxation.column_units.iter().enumerate().take(columns) {
            set(root.high, i * line + j, p.min(q));
            set(root.shadow, i * line + j, p / total * (q / total));
        }
    }
    Ok(())
}

/// The entry whose products with the others are worst represented by Y, and where to split it.
#[cfg_attr(feature = "small", inline(never))]
fn choose<R: Real>(relaxation: &Relaxation<'_, R>, node: &Node<'_, R>) -> Option<(usize, R)> {
    let cells = relaxation.shape.cells.max(1);
    let mut best = None;
    let mut worst = -R::ONE;
    let products = relaxation.products.in_rows(cells);
    let weights = relaxation.weights.in_rows(cells);
    for (e, ((y, w), &x)) in products.zip(weights).zip(&*relaxation.x).enumerate() {
        let (low, width) = (get(node.low, e), get(node.high, e) - get(node.low, e));
        if width < R::TWO {
            continue;
        }
        let mut missing = R::ZERO;
        for ((&y, &w), &other) in y.iter().zip(w).zip(&*relaxation.x) {
            missing += w * (x * other - y);
        }
        let missing = missing.max(R::ZERO);
        if missing > worst {
            worst = missing;
            let share = R::from_f64(LEAST_SHARE);
            let part = (x * relaxation.total / width).max(share).min(R::ONE - share);
            best = Some((e, low + (part * width).floor().max(R::ONE)));
        }
    }
    best
}

/// Makes the half of the box at `depth` in which an entry is at least, or at most, `split`.
/// False if it is empty.
#[cfg_attr(feature = "small", inline(never))]
fn child<R: Real>(
    relaxation: &Relaxation<'_, R>,
    levels: &mut [R],
    size: usize,
    depth: usize,
    cell: usize,
    split: R,
    upper: bool,
) -> bool {
    let Some((head, tail)) = levels.split_at_mut_checked((depth + 1) * size) else { return false };
    let parent = head.get_mut(depth * size..).unwrap_or_default();
    let to = tail.get_mut(..size).unwrap_or_default();
    copy(to, parent);
    let shape = relaxation.shape;
    let (Some(parent), Some(node)) = (Node::new(parent, shape), Node::new(to, shape)) else {
        return false;
    };
    set(if upper { &mut *node.low } else { &mut *node.high }, cell, split);
    let (rows, columns) = (relaxation.row_units, relaxation.column_units);
    let holds = boxes::tighten(shape.line, rows, columns, node.low, node.high);
    for ((x, &low), &old) in node.shadow.iter_mut().zip(&*node.low).zip(&*parent.low) {
        *x -= (low - old) / relaxation.total;
    }
    holds
}

/// Frank-Wolfe steps from a better plan, in units; returns its objective and Frank-Wolfe gap.
#[cfg_attr(feature = "small", inline(never))]
fn descend<R: Real>(relaxation: &mut Relaxation<'_, R>, plan: &mut [R], mut value: R) -> (R, R) {
    let Shape { line, .. } = relaxation.shape;
    let mut gap = R::ZERO;
    let total = relaxation.total;
    for _ in 0..DESCENT {
        let mut gradient = core::mem::take(&mut relaxation.spare);
        for (e, (to, &c)) in gradient.iter_mut().zip(&*relaxation.cost).enumerate() {
            *to = c + R::TWO * (crate::real::dot(relaxation.weight_row(e), plan) / total);
        }
        relaxation.target.fill(R::ZERO);
        for (i, &p) in relaxation.row_units.iter().enumerate() {
            for (j, &q) in relaxation.column_units.iter().enumerate() {
                set(relaxation.target, i * line + j, p.min(q));
            }
        }
        let (rows, columns) = (relaxation.row_units, relaxation.column_units);
        relaxation.transport.solve(gradient, relaxation.target, rows, columns);
        // The direction of descent, its slope and curvature.
        let ends = relaxation.transport.flow.iter().zip(&*plan);
        relaxation.candidate.iter_mut().zip(ends).for_each(|(to, (&x, &t))| *to = x - t);
        let slope = crate::real::dot(gradient, relaxation.candidate) / total;
        let mut curvature = R::ZERO;
        for (e, &d) in relaxation.candidate.iter().enumerate() {
            if d != R::ZERO {
                let image = crate::real::dot(relaxation.weight_row(e), relaxation.candidate);
                curvature += d / total * (image / total);
            }
        }
        core::mem::swap(&mut relaxation.spare, &mut gradient);
        gap = (-slope).max(R::ZERO);
        if slope >= R::ZERO {
            break;
        }
        let step = -slope / (R::TWO * curvature.max(R::MIN_POSITIVE));
        let step = if curvature > R::ZERO { step.min(R::ONE) } else { R::ONE };
        let moved = relaxation.candidate.iter_mut().zip(&*plan);
        moved.for_each(|(d, &t)| *d = (t + step * *d).max(R::ZERO));
        let new = relaxation.value(relaxation.candidate);
        if new >= value {
            break;
        }
        value = new;
        copy(plan, relaxation.candidate);
    }
    (value, gap)
}
