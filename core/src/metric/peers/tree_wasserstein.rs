//! The tree-Wasserstein distances of Nguyen, Le, Yamada and Osborne (ICML 2021).

use super::graph::{self, Graph, each_node, most, most_edges};
use super::{histogram, operation};
use crate::arch::{Cell, Hasher, Network};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::metric::layers::{CONVOLUTION, Layers};
use crate::metric::{Metric, NetworkShape};
use crate::real::Real;

/// Lengths of the edges of the tree of operations: from the root to a class, from a class to an
/// operation. Convolutions are one class, any other operation is a class of its own.
const TREE: [f64; 2] = [0.9, 0.1];

pub(super) const fn workspace(shape: &NetworkShape) -> Extent {
    let words = product(most(shape), 5).saturating_add(product(most_edges(shape), 2));
    Graph::extent(shape).and(Extent::words(words)).times(2)
}

/// Three distances: of operations, one by one and in pairs along edges, by the tree; of the degrees in
/// and of the degrees out, where they stand between the first node and the last.
pub(super) fn distances<R: Real>(
    metric: &Metric<'_, R>,
    a: &Network<'_, R>,
    b: &Network<'_, R>,
    out: &mut [R],
    mut arena: Arena<'_, R>,
) -> Result<(), Error> {
    let (a, b) = (Profile::new(metric, a, &mut arena)?, Profile::new(metric, b, &mut arena)?);
    let mut operations = R::ZERO;
    // The mean over single operations and pairs.
    let grams = a.nodes.into_iter().zip(b.nodes).chain(a.pairs.into_iter().zip(b.pairs));
    for (level, (a, b)) in grams.enumerate() {
        let weights = [share(a.len()), share(b.len())];
        let length = if level & 1 == 0 { R::from_f64(TREE[0]) } else { R::from_f64(TREE[1]) };
        operations += R::HALF * length * histogram::difference(a, b, weights);
    }
    let [[a_in, a_out], [b_in, b_out]] = [a.degrees, b.degrees];
    for (out, x) in out.iter_mut().zip([operations, line(a_in, b_in), line(a_out, b_out)]) {
        *out = x;
    }
    Ok(())
}

/// One of `n` equal parts, or nothing of nothing.
fn share<R: Real>(n: usize) -> R {
    if n == 0 { R::ZERO } else { R::ONE / R::from_usize(n) }
}

/// What the distances look at.
struct Profile<'w> {
    /// Classes of the nodes, then their labels.
    nodes: [&'w mut [u32]; 2],
    /// The same of both ends of the edges.
    pairs: [&'w mut [u32]; 2],
    /// Sums of degrees in and out, by the longest path from the inputs.
    degrees: [&'w [u32]; 2],
}

impl<'w> Profile<'w> {
    fn new<R: Real>(
        metric: &Metric<'_, R>,
        network: &Network<'_, R>,
        arena: &mut Arena<'w, R>,
    ) -> Result<Self, Error> {
        let n = graph::nodes(network);
        let mut nodes = [arena.words(n)?, arena.words(n)?];
        let class = |cell: &Cell<'_, R>, node| {
            let operation = operation(cell, node);
            match metric.layers.map(|layers: Layers<'_, R>| layers.code(operation)) {
                Some(CONVOLUTION..) => u32::MAX,
                _ => operation.into(),
            }
        };
        let [classes, labels] = &mut nodes;
        let graph = Graph::new(network, arena)?;
        each_node(network, |number, cell, node| {
            let both = [class(cell, node), operation(cell, node).into()];
            for (to, class) in [&mut *classes, &mut *labels].into_iter().zip(both) {
                if let Some(to) = to.get_mut(number) {
                    *to = metric.label(class, cell, node);
                }
            }
        });
        let count = graph.edges().count();
        let mut pairs = [arena.words(count)?, arena.words(count)?];
        for (of, pairs) in nodes.iter().zip(&mut pairs) {
            for (pair, (from, to)) in pairs.iter_mut().zip(graph.edges()) {
                let mut h = Hasher::new(2);
                [from, to].iter().for_each(|&end| h.word(of.get(end).copied().unwrap_or(0)));
                [*pair, ..] = h.finish();
            }
        }
        let depths = arena.words(n)?;
        let mut degrees = [arena.words(n)?, arena.words(n)?];
        depths.fill(0);
        degrees.iter_mut().for_each(|sums| sums.fill(0));
        for (from, to) in graph.edges() {
            let depth = depths.get(from).map_or(0, |depth| depth + 1);
            if let Some(to) = depths.get_mut(to) {
                *to = depth.max(*to);
            }
        }
        for (from, to) in graph.edges() {
            for (degrees, end) in degrees.iter_mut().zip([to, from]) {
                let depth = depths.get(end).copied().unwrap_or(0);
                if let Some(sum) = degrees.get_mut(depth as usize) {
                    *sum += 1;
                }
            }
        }
        let deepest = depths.iter().fold(0, |most, &depth| most.max(depth as usize + 1));
        let degrees = degrees.map(|sums| sums.get(..deepest).unwrap_or_default());
        Ok(Self { nodes, pairs, degrees })
    }
}

/// The Wasserstein distance of two distributions on a line: weight i of k stands at (i + 1) / k.
fn line<R: Real>(a: &[u32], b: &[u32]) -> R {
    let total = |weights: &[u32]| share::<R>(weights.iter().map(|&w| w as usize).sum());
    let (unit_a, unit_b) = (total(a), total(b));
    let place = |i: usize, k: usize| match i < k {
        true => R::from_usize(i + 1) / R::from_usize(k),
        false => R::INFINITY,
    };
    let (mut i, mut j) = (0, 0);
    let (mut below, mut at, mut sum) = (R::ZERO, R::ZERO, R::ZERO);
    while i < a.len() || j < b.len() {
        let (x, y) = (place(i, a.len()), place(j, b.len()));
        let next = x.min(y);
        sum += below.abs() * (next - at);
        at = next;
        if x <= next {
            below += unit_a * R::from_usize(a.get(i).map_or(0, |&w| w as usize));
            i += 1;
        }
        if y <= next {
            below -= unit_b * R::from_usize(b.get(j).map_or(0, |&w| w as usize));
            j += 1;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_on_a_line() {
        let close = |a: &[u32], b: &[u32], x: f64| (line::<f64>(a, b) - x).abs() < 1e-15;
        assert!(close(&[1, 2], &[2, 4], 0.0));
        // All at 1/2 against all at 1.
        assert!(close(&[3, 0], &[0, 1], 0.5));
        // 1/2 at 1/2 and 1/2 at 1, against 1/3 at each third: 1/3 * 1/6 + 1/6 * 1/6 + 1/6 * 1/3.
        assert!(close(&[1, 1], &[1, 1, 1], 1.0 / 18.0 + 1.0 / 36.0 + 1.0 / 18.0));
        assert!(close(&[0], &[0], 0.0));
        assert!(close(&[0, 0], &[1, 0], 0.5));
    }
}
