//! A small directed acyclic graph as bit masks: bit i of a mask stands for node i.

use super::MAX_NODES;
use super::cell::Edge;
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// Masks and orders of up to 32 nodes. An index is masked to five bits, which is no restriction for
/// a node of a graph and spares a bounds check that could fail.
pub(super) struct Graph<'a> {
    pub(super) nodes: usize,
    pub(super) parents: &'a mut [u32; MAX_NODES],
    pub(super) children: &'a mut [u32; MAX_NODES],
    /// Nodes that a path leads to.
    pub(super) down: &'a mut [u32; MAX_NODES],
    /// Nodes that a path comes from.
    pub(super) up: &'a mut [u32; MAX_NODES],
    /// Longest path from a node without parents, in edges.
    pub(super) depth: &'a mut [u8; MAX_NODES],
    /// The nodes so that parents come before children.
    pub(super) topological: &'a mut [u8; MAX_NODES],
}

/// Memory of a [`Graph`].
pub(super) const WORKSPACE: Extent = Extent { reals: 0, words: 4 * MAX_NODES, bytes: 2 * MAX_NODES };

/// The set bits of a mask, ascending.
pub(super) fn bits(mut mask: u32) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        if mask == 0 {
            return None;
        }
        let i = mask.trailing_zeros();
        mask &= mask - 1;
        Some(i as usize & (MAX_NODES - 1))
    })
}

impl<'a> Graph<'a> {
    /// A graph of `nodes` (1 to 32) nodes. Edges are checked one after the other: node numbers, then
    /// self-loop, then duplicate; at last cycles.
    pub(super) fn new<R: Real>(
        nodes: usize,
        edges: &[Edge],
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        fn zeros<T: Copy + Default>(memory: &mut [T]) -> Result<&mut [T; MAX_NODES], Error> {
            memory.fill(T::default());
            memory.first_chunk_mut().ok_or(Error::MemoryTooSmall)
        }
        let mut masks = || zeros(arena.words(MAX_NODES)?);
        let (parents, children, down, up) = (masks()?, masks()?, masks()?, masks()?);
        let mut numbers = || zeros(arena.bytes(MAX_NODES)?);
        let (depth, topological) = (numbers()?, numbers()?);
        let g = Self { nodes, parents, children, down, up, depth, topological };
        for edge in edges {
            let (from, to) = (usize::from(edge.from), usize::from(edge.to));
            if from >= nodes || to >= nodes {
                return Err(Error::NodeOutOfRange);
            }
            if from == to {
                return Err(Error::SelfLoop);
            }
            if g.children[from & 31] >> (to & 31) & 1 == 1 {
                return Err(Error::DuplicateEdge);
            }
            g.children[from & 31] |= 1 << (to & 31);
            g.parents[to & 31] |= 1 << (from & 31);
        }
        let all = u32::MAX >> (31 & (MAX_NODES - nodes));
        let mut left = all;
        let mut places = g.topological.iter_mut();
        while left != 0 {
            let Some(v) = bits(left).find(|&v| g.parents[v] & left == 0) else {
                return Err(Error::Cycle);
            };
            left &= !(1 << v);
            for p in bits(g.parents[v]) {
                g.up[v] |= g.up[p] | 1 << p;
                g.depth[v] = g.depth[v].max(g.depth[p] + 1);
            }
            if let Some(place) = places.next() {
                *place = v as u8;
            }
        }
        for v in 0..MAX_NODES {
            for a in bits(g.up[v]) {
                g.down[a] |= 1 << v;
            }
        }
        Ok(g)
    }

    /// The longest path in edges.
    pub(super) fn longest_path(&self) -> u8 {
        self.depth.iter().copied().max().unwrap_or(0)
    }
}
