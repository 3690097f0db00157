//! A small directed acyclic graph as bit masks: bit i of a mask stands for node i.

use super::MAX_NODES;
use super::cell::Edge;
use crate::error::Error;

/// Masks and orders of up to 32 nodes. An index is masked to five bits, which is no restriction for
/// a node of a graph and spares a bounds check that could fail.
pub(super) struct Graph {
    pub(super) nodes: usize,
    pub(super) parents: [u32; MAX_NODES],
    pub(super) children: [u32; MAX_NODES],
    /// Nodes that a path leads to.
    pub(super) down: [u32; MAX_NODES],
    /// Nodes that a path comes from.
    pub(super) up: [u32; MAX_NODES],
    /// Longest path from a node without parents, in edges.
    pub(super) depth: [u8; MAX_NODES],
    /// The nodes so that parents come before children.
    pub(super) topological: [u8; MAX_NODES],
}

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

impl Graph {
    /// A graph of `nodes` (1 to 32) nodes. Edges are checked one after the other: node numbers, then
    /// self-loop, then duplicate; at last cycles.
    pub(super) fn new(nodes: usize, edges: &[Edge]) -> Result<Self, Error> {
        const NONE: [u32; MAX_NODES] = [0; MAX_NODES];
        let mut g = Self {
            nodes,
            parents: NONE,
            children: NONE,
            down: NONE,
            up: NONE,
            depth: [0; MAX_NODES],
            topological: [0; MAX_NODES],
        };
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
