//! The edit distance by position: BO-edit.

use super::operation;
use crate::arch::{MAX_NODES, Network};
use crate::metric::Metric;
use crate::real::Real;

/// A cell as its maker numbered it: labels, and the children of each node as a mask.
type View = [(Option<u32>, u32); MAX_NODES];

/// Nodes and edges that differ, cell by cell and node by node in the numbering in which the cells were
/// made. What one network has and the other has not differs.
pub(super) fn distance<R: Real>(metric: &Metric<'_, R>, a: &Network<'_, R>, b: &Network<'_, R>) -> R {
    let mut count = 0;
    for place in 0..a.len().max(b.len()) {
        for ((x, from), (y, to)) in view(metric, a, place).into_iter().zip(view(metric, b, place)) {
            count += u32::from(x != y) + (from ^ to).count_ones();
        }
    }
    R::from_usize(count as usize)
}

fn view<R: Real>(metric: &Metric<'_, R>, network: &Network<'_, R>, place: usize) -> View {
    let mut view = [(None, 0); MAX_NODES];
    let Some(cell) = network.at(place) else { return view };
    for (node, (&number, &children)) in cell.order().iter().zip(cell.children()).enumerate() {
        let given = cell.order().iter().enumerate();
        let children = given.fold(0, |mask, (k, &to)| mask | (children >> k & 1) << (to & 31));
        let label = metric.label(operation(&cell, node).into(), &cell, node);
        view[usize::from(number) & 31] = (Some(label), children);
    }
    view
}
