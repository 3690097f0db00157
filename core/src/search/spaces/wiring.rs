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
