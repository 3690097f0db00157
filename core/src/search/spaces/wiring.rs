//! Dead nodes: operations that have no effect on the output of a cell.

use super::Operation;
use crate::arch::Edge;

/// Turns operations without effect into isolated `none` nodes and collects the edges that are left.
///
/// `operations` are the nodes of a cell whose first node is its input and whose last is its output.
/// `links` are all edges that could exist, sorted so that those into a node come before those out
/// of it. A node between lives if its operation is not `none` and it lies on a path of living nodes
/// from the input to the output. Dead nodes stay, so that every cell of a space has the same number
/// of nodes. Returns how many edges of `links` were copied to `edges`, and whether the output is
/// reached.
pub(super) fn connect(operations: &mut [u8], links: &[Edge], edges: &mut [Edge]) -> (usize, bool) {
    let last = operations.len().saturating_sub(1) as u32;
    let bit = |node: u32| 1u32.checked_shl(node).unwrap_or(0);
    let mut open = 0;
    for (node, &operation) in (0u32..).zip(operations.iter()) {
        if operation != Operation::None as u8 {
            open |= bit(node);
        }
    }
    let (mut forward, mut backward) = (bit(0), bit(last));
    for link in links {
        if forward & bit(link.from.into()) != 0 {
            forward |= bit(link.to.into()) & open;
        }
    }
    for link in links.iter().rev() {
        if backward & bit(link.to.into()) != 0 {
            backward |= bit(link.from.into()) & open;
        }
    }
    let alive = forward & backward;
    for (node, operation) in (0u32..).zip(operations.iter_mut()) {
        if node != 0 && node != last && alive & bit(node) == 0 {
            *operation = Operation::None as u8;
        }
    }
    let mut count = 0;
    for link in links {
        let ends = bit(link.from.into()) | bit(link.to.into());
        if alive & ends == ends
            && let Some(edge) = edges.get_mut(count)
        {
            *edge = *link;
            count += 1;
        }
    }
    (count, alive & bit(last) != 0)
}

/// Edges between the 8 nodes of [`four_node_cell`], if both ends live.
const LINKS: [Edge; 10] = [
    Edge { from: 0, to: 1 },
    Edge { from: 0, to: 2 },
    Edge { from: 1, to: 3 },
    Edge { from: 0, to: 4 },
    Edge { from: 1, to: 5 },
    Edge { from: 2, to: 6 },
    Edge { from: 3, to: 6 },
    Edge { from: 4, to: 7 },
    Edge { from: 5, to: 7 },
    Edge { from: 6, to: 7 },
];

/// A cell with an operation on each edge of a graph of four nodes that sum.
///
/// `genome`: the operations on the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3, 0 none, 1 skip,
/// 2 conv1x1, 3 conv3x3, 4 pooling. The cell has 8 nodes: input, the six operations, output. Returns
/// their labels and the living edges with their count.
pub(super) fn four_node_cell(genome: &[u8]) -> ([u8; 8], [Edge; 10], usize) {
    let mut operations = [0, 2, 2, 2, 2, 2, 2, 1];
    // Labels 2 to 6 are none, skip, conv1x1, conv3x3, pooling.
    for (operation, &gene) in operations.iter_mut().skip(1).zip(genome.iter().take(6)) {
        *operation = 2 + gene.min(4);
    }
    let mut edges = [Edge { from: 0, to: 0 }; 10];
    let (count, _) = connect(&mut operations, &LINKS, &mut edges);
    (operations, edges, count)
}
