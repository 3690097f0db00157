//! Histograms of neighbourhoods (Weisfeiler and Lehman; Shervashidze et al. 2011; Ru et al. 2021).

use super::graph::{Graph, each_node, most, nodes};
use super::{histogram, operation};
use crate::arch::{Hasher, Network};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::metric::{Metric, NetworkShape};
use crate::real::Real;

/// Neighbourhoods up to so many edges away.
const ROUNDS: usize = 2;

pub(super) const fn workspace(shape: &NetworkShape) -> Extent {
    Graph::extent(shape).and(Extent::words(most(shape)).times(ROUNDS + 3)).times(2)
}

/// The L1 difference of the histograms of all nodes' neighbourhoods up to 0, 1 and 2 edges away, with
/// parents and children told apart.
pub(super) fn distance<R: Real>(
    metric: &Metric<'_, R>,
    a: &Network<'_, R>,
    b: &Network<'_, R>,
    mut arena: Arena<'_, R>,
) -> Result<R, Error> {
    let words = [neighbourhoods(metric, a, &mut arena)?, neighbourhoods(metric, b, &mut arena)?];
    let [a, b] = words;
    Ok(histogram::difference(a, b, [R::ONE; 2]))
}

fn neighbourhoods<'w, R: Real>(
    metric: &Metric<'_, R>,
    network: &Network<'_, R>,
    arena: &mut Arena<'w, R>,
) -> Result<&'w mut [u32], Error> {
    let n = nodes(network);
    let all = arena.words(n * (ROUNDS + 1))?;
    let graph = Graph::new(network, arena)?;
    each_node(network, |number, cell, node| {
        if let Some(label) = all.get_mut(number) {
            *label = metric.label(operation(cell, node).into(), cell, node);
        }
    });
    let sums = arena.words(n * 2)?.as_chunks_mut::<2>().0;
    let mut rest = &mut *all;
    for round in 0..ROUNDS {
        let (old, new) = rest.split_at_mut_checked(n).unwrap_or_default();
        sums.fill([0; 2]);
        // Sums of hashes: the order of the neighbours does not matter.
        let seen = |node: usize, side: u32| {
            let mut h = Hasher::new(side);
            h.word(old.get(node).copied().unwrap_or(0));
            let [a, ..] = h.finish();
            a
        };
        for (from, to) in graph.edges() {
            for (node, other, side) in [(from, to, 0), (to, from, 1)] {
                if let Some(sum) = sums.get_mut(node).and_then(|sums| sums.get_mut(side)) {
                    *sum = sum.wrapping_add(seen(other, side as u32));
                }
            }
        }
        for ((new, &label), sums) in new.iter_mut().zip(old.iter()).zip(sums.iter()) {
            let mut h = Hasher::new(round as u32);
            h.word(label);
            sums.iter().for_each(|&sum| h.word(sum));
            [*new, ..] = h.finish();
        }
        rest = new;
    }
    Ok(all)
}
