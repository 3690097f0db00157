//! A network as one graph: its cells in a row, the outputs of each joined to the inputs of the next.

use crate::arch::{Cell, Network};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::metric::NetworkShape;
use crate::real::Real;

/// Nodes in the order of the cells and, within a cell, in canonical order, which is topological.
pub(super) struct Graph<'w> {
    /// Children of each node: bit k of the mask stands for node `first + k`.
    children: &'w mut [[u32; 2]],
}

impl<'w> Graph<'w> {
    pub(super) const fn extent(shape: &NetworkShape) -> Extent {
        Extent::words(most(shape).saturating_mul(2))
    }

    /// The graph; `node` hears of each node: its number, its cell, its number in the cell.
    pub(super) fn new<R: Real>(
        network: &Network<'_, R>,
        arena: &mut Arena<'w, R>,
        mut node: impl FnMut(usize, &Cell<'_, R>, usize),
    ) -> Result<Self, Error> {
        let cells = || (0..network.len()).filter_map(|place| network.at(place));
        let count: usize = cells().map(|cell| cell.nodes()).sum();
        let children = arena.words(count * 2)?.as_chunks_mut::<2>().0;
        let mut places = (0..).zip(children.iter_mut());
        let mut after = cells().skip(1);
        for cell in cells() {
            let n = cell.nodes();
            let inputs = after.next().map_or(0, |next| ends(&next)[0]);
            let [_, outputs] = ends(&cell);
            for (at, (number, children)) in places.by_ref().take(n).enumerate() {
                node(number, &cell, at);
                let first = number - at;
                *children = match outputs >> at & 1 {
                    0 => [first as u32, cell.children().get(at).copied().unwrap_or(0)],
                    _ => [(first + n) as u32, inputs],
                };
            }
        }
        Ok(Self { children })
    }

    /// All edges. What leads to a node comes before what leaves it.
    pub(super) fn edges(&self) -> impl DoubleEndedIterator<Item = (usize, usize)> + Clone {
        self.children.iter().enumerate().flat_map(|(from, &[first, mask])| {
            let to = move |k: u32| (mask >> k & 1 == 1).then_some((from, (first + k) as usize));
            (0..32).filter_map(to)
        })
    }
}

/// Nodes of a graph, at most.
pub(super) const fn most(shape: &NetworkShape) -> usize {
    shape.nodes.saturating_mul(shape.cells)
}

/// Edges of a graph, at most.
pub(super) const fn most_edges(shape: &NetworkShape) -> usize {
    most(shape).saturating_mul(shape.nodes)
}

/// Masks of the nodes where a cell begins and ends. A node without edges stands apart, unless no node
/// has an edge.
fn ends<R: Real>(cell: &Cell<'_, R>) -> [u32; 2] {
    let mut sources = u32::MAX >> (32 - cell.nodes().clamp(1, 32));
    let mut sinks = 0;
    for (node, &children) in cell.children().iter().enumerate() {
        sources &= !children;
        sinks |= u32::from(children == 0) << (node & 31);
    }
    let apart = if sources == sinks { 0 } else { sources & sinks };
    [sources & !apart, sinks & !apart]
}
