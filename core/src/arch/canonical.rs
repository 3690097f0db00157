//! The canonical order of a cell's nodes (not in the paper).
//!
//! Nodes are sorted by what the caller's comparison sees, ties are refined by the classes of the nodes
//! that they reach and that reach them, and what is still tied is individualised and refined in every
//! way that matters; the order whose reachability matrix is lexicographically smallest wins.

use core::cmp::Ordering;

use super::MAX_NODES;
use super::graph::{Graph, bits};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// Complete orders that are tried, at most.
pub(super) const MAX_LEAVES: u32 = 4096;

/// `colour[v]` = number of nodes that come before the class of v: when all classes have one member,
/// the position of v.
type Colours = [u8; MAX_NODES];
type Rows = [u32; MAX_NODES];

/// What [`order`] needs.
pub(super) const fn workspace(nodes: usize) -> Extent {
    Extent { reals: 0, words: 3 * MAX_NODES, bytes: MAX_NODES * (nodes + 3) }
}

/// The best order so far.
struct Best<'a> {
    colours: &'a mut Colours,
    rows: &'a mut Rows,
    path: &'a mut [u8; MAX_NODES],
}

/// `order[new] = old` and whether the search ended within `limit` complete orders.
pub(super) fn order<R: Real>(
    graph: &Graph<'_>,
    compare: impl Fn(usize, usize) -> Ordering,
    limit: u32,
    mut arena: Arena<'_, R>,
) -> Result<(Colours, bool), Error> {
    let n = graph.nodes;
    arena.require(workspace(n))?;
    let levels = arena.bytes(MAX_NODES * (n + 1))?.as_chunks_mut::<MAX_NODES>().0;
    let mut colours = [0; MAX_NODES];
    for (v, c) in colours.iter_mut().enumerate().take(n) {
        *c = (0..n).filter(|&u| compare(u, v) == Ordering::Less).count() as u8;
    }
    refine(graph, &mut colours);
    let Some(first) = candidates(graph, &colours) else {
        return Ok((inverse(n, &colours), true));
    };

    let [open, found, rows_of_best] = arena.words(3 * MAX_NODES)?.as_chunks_mut::<MAX_NODES>().0 else {
        return Err(Error::MemoryTooSmall);
    };
    let [colours_of_best, path_of_best] = arena.bytes(2 * MAX_NODES)?.as_chunks_mut::<MAX_NODES>().0
    else {
        return Err(Error::MemoryTooSmall);
    };
    open.fill(0);
    let mut path = [0u8; MAX_NODES];
    let best = Best { colours: colours_of_best, rows: rows_of_best, path: path_of_best };
    let mut leaves = 0;
    let mut depth = 0;
    open[0] = first;
    *levels.first_mut().ok_or(Error::MemoryTooSmall)? = colours;
    loop {
        let left = open[depth & 31];
        if left == 0 {
            if depth == 0 {
                break;
            }
            depth -= 1;
            continue;
        }
        if leaves == limit {
            break;
        }
        let v = left.trailing_zeros();
        open[depth & 31] &= left - 1;
        path[depth & 31] = v as u8;
        let mut colours = *levels.get(depth).ok_or(Error::MemoryTooSmall)?;
        individualise(n, v as usize, &mut colours);
        refine(graph, &mut colours);
        if let Some(next) = candidates(graph, &colours) {
            depth += 1;
            open[depth & 31] = next;
            *levels.get_mut(depth).ok_or(Error::MemoryTooSmall)? = colours;
            continue;
        }
        leaves += 1;
        rows(graph.nodes, graph.down, &colours, found);
        match if leaves == 1 { Ordering::Less } else { (*found).cmp(best.rows) } {
            Ordering::Less => (*best.colours, *best.rows, *best.path) = (colours, *found, path),
            // An equal matrix is an automorphism that fixes the choices that both paths share, so the
            // rest of this branch only repeats the one that the best order came from.
            Ordering::Equal => {
                let shared = path.iter().zip(&*best.path).take_while(|(a, b)| a == b).count();
                depth = shared.min(depth);
            }
            Ordering::Greater => {}
        }
    }
    let complete = open.iter().take(depth + 1).all(|&o| o == 0);
    let colours = if leaves > 0 { &*best.colours } else { &colours };
    Ok((inverse(n, colours), complete))
}

fn classes(n: usize, colours: &Colours) -> Rows {
    let mut members = [0; MAX_NODES];
    for (v, &c) in colours.iter().enumerate().take(n) {
        members[usize::from(c) & 31] |= 1 << (v & 31);
    }
    members
}

/// Splits classes by how many nodes of each class a node reaches and is reached by, until stable.
fn refine(graph: &Graph<'_>, colours: &mut Colours) {
    let n = graph.nodes;
    loop {
        let members = classes(n, colours);
        let signature = |a: usize, b: usize| {
            for &m in members.iter().filter(|&&m| m != 0) {
                let count = |v: usize| {
                    ((graph.down[v & 31] & m).count_ones(), (graph.up[v & 31] & m).count_ones())
                };
                match count(a).cmp(&count(b)) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                }
            }
            Ordering::Equal
        };
        let mut refined = *colours;
        for &m in members.iter().filter(|m| m.count_ones() > 1) {
            for v in bits(m) {
                let before = bits(m).filter(|&u| signature(u, v) == Ordering::Less).count();
                refined[v] += before as u8;
            }
        }
        if refined == *colours {
            return;
        }
        *colours = refined;
    }
}

/// Puts `v` before the rest of its class.
fn individualise(n: usize, v: usize, colours: &mut Colours) {
    let own = colours[v & 31];
    for (u, c) in colours.iter_mut().enumerate().take(n) {
        if *c == own && u != v {
            *c += 1;
        }
    }
}

/// The members of the first class that is not single, without those that another member can replace:
/// exchanging two nodes with the same descendants and ancestors changes nothing.
fn candidates(graph: &Graph<'_>, colours: &Colours) -> Option<u32> {
    let class = *classes(graph.nodes, colours).iter().find(|m| m.count_ones() > 1)?;
    let mut kept = 0u32;
    for v in bits(class) {
        let twin = |u: usize| graph.down[u] == graph.down[v] && graph.up[u] == graph.up[v];
        if !bits(kept).any(twin) {
            kept |= 1 << v;
        }
    }
    Some(kept)
}

/// A matrix of the graph, given as a mask per node, in the order of `colours`, which must be discrete.
pub(super) fn rows(nodes: usize, masks: &Rows, colours: &Colours, rows: &mut [u32]) {
    rows.fill(0);
    for (v, &c) in colours.iter().enumerate().take(nodes) {
        if let Some(row) = rows.get_mut(usize::from(c)) {
            *row = bits(masks[v & 31]).fold(0, |row, u| row | 1 << (colours[u] & 31));
        }
    }
}

/// Positions to order and back.
pub(super) fn inverse(n: usize, positions: &Colours) -> Colours {
    let mut inverse = [0; MAX_NODES];
    for (v, &p) in positions.iter().enumerate().take(n) {
        inverse[usize::from(p) & 31] = v as u8;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::super::cell::Edge;
    use super::super::graph::WORKSPACE;
    use super::*;
    use crate::memory::Storage;

    #[test]
    fn a_search_that_is_cut_off_says_so() {
        // A ring: node i reaches i + 16 and i + 17, as if the upper half were a cycle.
        let mut edges = [Edge { from: 0, to: 0 }; 32];
        for (e, edge) in edges.iter_mut().enumerate() {
            let (i, k) = (e as u8 / 2, e as u8 % 2);
            *edge = Edge { from: i, to: 16 + (i + k) % 16 };
        }
        let mut memory = Storage::<f64, 0, { WORKSPACE.words }, { WORKSPACE.bytes }>::new();
        let graph = Graph::new(32, &edges, &mut memory.arena()).unwrap();
        let mut scratch = Storage::<f64, 0, { workspace(32).words }, { workspace(32).bytes }>::new();
        let mut run = |limit| {
            let arena = scratch.arena();
            order(&graph, |a, b| graph.depth[a].cmp(&graph.depth[b]), limit, arena).unwrap()
        };
        let (order, complete) = run(1);
        assert!(!complete);
        let mut seen = order;
        seen.sort_unstable();
        assert!(seen.iter().enumerate().all(|(i, &v)| i == usize::from(v)));
        assert!(run(MAX_LEAVES).1);
    }
}
