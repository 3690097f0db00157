//! A network as one graph: its cells in a row, the outputs of each joined to the inputs of the next.

use core::iter::Enumerate;
use core::slice::Iter;

use crate::arch::{Cell, Network};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::metric::NetworkShape;
use crate::real::Real;

/// Nodes in the order of the cells and, within a cell, in canonical order, which is topological.
pub(super) struct Graph<'w> {
    /// Children of each node: bit k of the mask stands for node `first + k`.
    children: &'w mut [[u32; 2]],
}

impl<'w> Graph<'w> {
    pub(super) const fn extent(shape: &NetworkShape) -> Extent {
        Extent::words(product(most(shape), 2))
    }

    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new<R: Real>(
        network: &Network<'_, R>,
        arena: &mut Arena<'w, R>,
    ) -> Result<Self, Error> {
        let children = arena.words(nodes(network) * 2)?.as_chunks_mut::<2>().0;
        let (mut first, mut rest) = (0, &mut *children);
        for place in 0..network.len() {
            let Some(cell) = network.at(place) else { continue };
            let n = cell.nodes();
            let inputs = network.at(place + 1).map_or(0, |next| ends(&next)[0]);
            let [_, outputs] = ends(&cell);
            let (these, others) = rest.split_at_mut_checked(n).unwrap_or_default();
            for (at, (to, &children)) in these.iter_mut().zip(cell.children()).enumerate() {
                *to = match outputs >> (at & 31) & 1 {
                    0 => [first as u32, children],
                    _ => [(first + n) as u32, inputs],
                };
            }
            (first, rest) = (first + n, others);
        }
        Ok(Self { children })
    }

    /// All edges. What leads to a node comes before what leaves it.
    pub(super) fn edges(&self) -> Edges<'_> {
        Edges { rest: self.children.iter().enumerate(), from: 0, first: 0, mask: 0, back: false }
    }

    /// All edges, the last first.
    pub(super) fn edges_back(&self) -> Edges<'_> {
        Edges { back: true, ..self.edges() }
    }
}

/// The edges of a graph in one of two directions.
#[derive(Clone)]
pub(super) struct Edges<'g> {
    rest: Enumerate<Iter<'g, [u32; 2]>>,
    /// The node whose edges come next: those to node `first + k` for each bit k of the mask.
    from: usize,
    first: u32,
    mask: u32,
    back: bool,
}

impl Iterator for Edges<'_> {
    type Item = (usize, usize);

    #[cfg_attr(feature = "small", inline(never))]
    fn next(&mut self) -> Option<(usize, usize)> {
        while self.mask == 0 {
            let next = if self.back { self.rest.next_back() } else { self.rest.next() };
            let (from, &[first, mask]) = next?;
            (self.from, self.first, self.mask) = (from, first, mask);
        }
        let k = if self.back { self.mask.ilog2() } else { self.mask.trailing_zeros() };
        self.mask ^= 1 << (k & 31);
        Some((self.from, (self.first + k) as usize))
    }
}

/// The number of nodes.
#[cfg_attr(feature = "small", inline(never))]
pub(super) fn nodes<R: Real>(network: &Network<'_, R>) -> usize {
    (0..network.len()).filter_map(|place| network.at(place)).map(|cell| cell.nodes()).sum()
}

/// Tells of each node its number, its cell and its number in the cell.
pub(super) fn each_node<R: Real>(
    network: &Network<'_, R>,
    mut tell: impl FnMut(usize, &Cell<'_, R>, usize),
) {
    let mut number = 0;
    for place in 0..network.len() {
        let Some(cell) = network.at(place) else { continue };
        for node in 0..cell.nodes() {
            tell(number, &cell, node);
            number += 1;
        }
    }
}

/// Nodes of a graph, at most.
pub(super) const fn most(shape: &NetworkShape) -> usize {
    product(shape.nodes, shape.cells)
}

/// Edges of a graph, at most.
pub(super) const fn most_edges(shape: &NetworkShape) -> usize {
    product(most(shape), shape.nodes)
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
