//! OTMANN of NASBOT (Kandasamy et al., NeurIPS 2018).

use super::graph::{Graph, each_node, most, nodes};
use super::operation;
use crate::arch::Network;
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::metric::layers::{self, Layers};
use crate::metric::{Metric, NetworkShape};
use crate::real::Real;
use crate::rows::InRows;
use crate::transport::lanes::padded;
use crate::transport::vertex::{self, Solver};

/// What structural differences weigh; one distance for each.
const WEIGHTS: [f64; 4] = [0.1, 0.25, 0.61, 1.5];
/// More than leaving two layers unassigned costs, which is 2.
const NEVER: f64 = 4.0;

pub(super) const fn workspace(shape: &NetworkShape, groups: usize) -> Extent {
    let n = most(shape);
    let side = n.saturating_add(1);
    let layers = Graph::extent(shape)
        .and(Extent::reals(n).times(product(groups, 6).saturating_add(2)))
        .and(Extent::words(n))
        .and(Extent::bytes(n))
        .and(Extent::reals(side));
    let costs = Extent::reals(padded(side)).times(side).times(2);
    layers.times(2).and(costs).and(vertex::workspace(side, side))
}

/// For each structural weight the distance, then for each the distance divided by the masses of both
/// networks. A layer that is not assigned costs 1 for each unit of its mass.
pub(super) fn distances<R: Real>(
    metric: &Metric<'_, R>,
    a: &Network<'_, R>,
    b: &Network<'_, R>,
    out: &mut [R],
    mut arena: Arena<'_, R>,
) -> Result<(), Error> {
    let describe = metric.layers.ok_or(Error::LayersMissing)?;
    let a = Net::new(metric, &describe, a, &mut arena)?;
    let b = Net::new(metric, &describe, b, &mut arena)?;
    out.fill(R::ZERO);
    let both = a.total + b.total;
    if both <= R::ZERO {
        return Ok(());
    }
    let (n, m) = (a.operations.len(), b.operations.len());
    let line = padded(m + 1).max(4);
    let structure = arena.reals((n + 1) * line)?;
    let cost = arena.reals((n + 1) * line)?;
    structure.fill(R::ZERO);
    cost.fill(R::ZERO);
    differences(&a, &b, line, structure);
    // Besides the layers there is one dummy on either side, to which all can be assigned.
    for (i, row) in cost.in_rows_mut(line).enumerate() {
        for (j, cost) in row.iter_mut().enumerate().take(m + 1) {
            *cost = match (a.operations.get(i), b.operations.get(j)) {
                (Some(&x), Some(&y)) => describe.mismatch(x, y).unwrap_or(R::from_f64(NEVER)),
                (None, None) => R::ZERO,
                _ => R::ONE,
            };
        }
    }
    let mut before = R::ZERO;
    let masses = [a.with_dummy(b.total, both, &mut arena)?, b.with_dummy(a.total, both, &mut arena)?];
    let mut solver = Solver::new(n + 1, m + 1, Some(masses[0]), Some(masses[1]), &mut arena)?;
    for (k, weight) in WEIGHTS.map(R::from_f64).into_iter().enumerate() {
        for (cost, &h) in cost.iter_mut().zip(structure.iter()) {
            *cost += (weight - before) * h;
        }
        before = weight;
        let cost = cost.as_chunks().0;
        // Afterwards the plan of one weight is a good start for the next.
        if k == 0 {
            solver.cold(cost);
        }
        solver.solve(cost);
        let least = solver.value(cost).max(R::ZERO);
        for (at, value) in [(k, least * both), (k + WEIGHTS.len(), least)] {
            if let Some(out) = out.get_mut(at) {
                *out = value;
            }
        }
    }
    Ok(())
}

/// Writes the mean absolute difference of the path lengths of each layer of `a` and each of `b`, into rows of
/// `line` zeros.
fn differences<R: Real>(a: &Net<'_, R>, b: &Net<'_, R>, line: usize, out: &mut [R]) {
    let (n, m) = (a.operations.len().max(1), b.operations.len().max(1));
    let kinds = a.lengths.in_rows(n).zip(b.lengths.in_rows(m));
    let count = R::from_usize(kinds.clone().count().max(1));
    for (of_a, of_b) in kinds {
        for (sums, &x) in out.in_rows_mut(line).zip(of_a) {
            sums.iter_mut().zip(of_b).for_each(|(sum, &y)| *sum += (x - y).abs());
        }
    }
    out.iter_mut().for_each(|sum| *sum /= count);
}

/// The layers of a network.
struct Net<'w, R> {
    operations: &'w mut [u8],
    masses: &'w mut [R],
    total: R,
    /// Six path lengths for each group: shortest, longest and random walk from the inputs, then to the
    /// outputs; one row each.
    lengths: &'w mut [R],
}

impl<'w, R: Real> Net<'w, R> {
    fn new(
        metric: &Metric<'_, R>,
        describe: &Layers<'_, R>,
        network: &Network<'_, R>,
        arena: &mut Arena<'w, R>,
    ) -> Result<Self, Error> {
        let n = nodes(network);
        let (operations, widths) = (arena.bytes(n)?, arena.reals(n)?);
        let graph = Graph::new(network, arena)?;
        each_node(network, |number, cell, node| {
            if let (Some(to), Some(width)) = (operations.get_mut(number), widths.get_mut(number)) {
                *to = operation(cell, node);
                *width = describe.channels(cell, node);
            }
        });
        let (masses, degrees) = (arena.reals(n)?, arena.words(n)?);
        let groups = metric.table().groups();
        let lengths = arena.reals(6 * groups * n)?;

        // Until there are masses: the channels that enter, and whether anything enters or leaves.
        masses.fill(R::ZERO);
        degrees.fill(0);
        for (from, to) in graph.edges() {
            let width = widths.get(from).copied().unwrap_or(R::ZERO);
            if let Some(enters) = masses.get_mut(to) {
                *enters = enters.max(width);
            }
            for (end, side) in [(from, 1), (to, 2)] {
                if let Some(sides) = degrees.get_mut(end) {
                    *sides |= side;
                }
            }
        }
        let mut total = R::ZERO;
        for ((mass, &operation), &leaves) in masses.iter_mut().zip(&*operations).zip(&*widths) {
            let enters = if *mass > R::ZERO { *mass } else { leaves };
            *mass = describe.mass(operation, enters, leaves);
            total += *mass;
        }
        // Inputs and outputs of the network; those within it are nothing.
        let terminal = (R::from_f64(0.1) * total).max(R::from_f64(100.0));
        for ((mass, &operation), &sides) in masses.iter_mut().zip(&*operations).zip(&*degrees) {
            if describe.code(operation) == layers::TERMINAL && sides != 3 {
                *mass = terminal;
                total += terminal;
            }
        }

        for (g, rows) in lengths.in_rows_mut(6 * n).enumerate() {
            let weight = |node: usize| {
                let mask = operations.get(node).map_or(0, |&o| metric.table().group_mask(o));
                R::from_usize(usize::from(mask >> (g & 7) & 1))
            };
            let directions = [(graph.edges(), true), (graph.edges_back(), false)];
            for (rows, (edges, back)) in rows.in_rows_mut(3 * n).zip(directions) {
                walks(
                    edges.map(|(from, to)| if back { (to, from) } else { (from, to) }),
                    weight,
                    degrees,
                    rows,
                );
            }
        }
        Ok(Self { operations, masses, total, lengths })
    }

    /// The masses and that of the dummy, divided by `both`.
    fn with_dummy(&self, other: R, both: R, arena: &mut Arena<'w, R>) -> Result<&'w [R], Error> {
        let all = arena.reals(self.masses.len() + 1)?;
        for (to, &mass) in all.iter_mut().zip(self.masses.iter().chain([&other])) {
            *to = mass / both;
        }
        Ok(all)
    }
}

/// Shortest, longest and expected random walk along steps (node, next node), in which all steps from
/// the next node come before. A step weighs what the node that it leaves weighs.
fn walks<R: Real>(
    steps: impl Iterator<Item = (usize, usize)> + Clone,
    weight: impl Fn(usize) -> R,
    counts: &mut [u32],
    rows: &mut [R],
) {
    let n = counts.len();
    counts.fill(0);
    for (node, _) in steps.clone() {
        if let Some(count) = counts.get_mut(node) {
            *count += 1;
        }
    }
    let (shortest, rest) = rows.split_at_mut_checked(n).unwrap_or_default();
    let (longest, walk) = rest.split_at_mut_checked(n).unwrap_or_default();
    shortest.fill(R::INFINITY);
    longest.fill(R::ZERO);
    walk.fill(R::ZERO);
    let get = |row: &[R], node: usize| row.get(node).copied().unwrap_or(R::ZERO);
    for (node, next) in steps {
        let step = weight(node);
        let short = get(shortest, next);
        let short = step + if short.is_finite() { short } else { R::ZERO };
        let (long, expected) = (step + get(longest, next), step + get(walk, next));
        let count = R::from_usize(counts.get(node).map_or(1, |&count| count as usize));
        if let (Some(a), Some(b), Some(c)) =
            (shortest.get_mut(node), longest.get_mut(node), walk.get_mut(node))
        {
            (*a, *b, *c) = (short.min(*a), long.max(*b), *c + expected / count);
        }
    }
    shortest.iter_mut().filter(|x| !x.is_finite()).for_each(|x| *x = R::ZERO);
}
