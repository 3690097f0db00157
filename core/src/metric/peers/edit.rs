//! The edit distance by position: BO-edit.

use super::operation;
use crate::arch::{Cell, MAX_NODES, Network};
use crate::metric::Metric;
use crate::real::Real;
use crate::rows::InRows;

/// Nodes and edges that differ, cell by cell and node by node in the numbering in which the cells were
/// made. What one network has and the other has not differs.
pub(super) fn distance<R: Real>(metric: &Metric<'_, R>, a: &Network<'_, R>, b: &Network<'_, R>) -> R {
    let mut count = 0;
    for place in 0..a.len().max(b.len()) {
        count += match (a.at(place), b.at(place)) {
            (Some(a), Some(b)) => edits(metric, &a, &b),
            (Some(only), None) | (None, Some(only)) => {
                let edges = only.children().iter().map(|children| children.count_ones());
                only.nodes() as u32 + edges.sum::<u32>()
            }
            (None, None) => 0,
        };
    }
    R::from_usize(count as usize)
}

fn edits<R: Real>(metric: &Metric<'_, R>, a: &Cell<'_, R>, b: &Cell<'_, R>) -> u32 {
    let (x, y) = (given(a), given(b));
    let mut count = 0;
    for (place, (&x, &y)) in x.iter().zip(&y).enumerate().take(a.nodes().max(b.nodes())) {
        let both = place < a.nodes() && place < b.nodes();
        count += u32::from(!both || differ(metric, a, b, x.0.into(), y.0.into()));
        count += (x.1 ^ y.1).count_ones();
    }
    count
}

/// For each number that the cell's maker gave: the node's number in canonical order and its children in
/// the maker's numbers.
fn given<R: Real>(cell: &Cell<'_, R>) -> [(u8, u32); MAX_NODES] {
    let mut given = [(0, 0); MAX_NODES];
    for ((node, &number), &children) in (0..).zip(cell.order()).zip(cell.children()) {
        let (mut left, mut mask) = (children, 0);
        while left != 0 {
            let child = cell.order().get(left.trailing_zeros() as usize).copied().unwrap_or(0);
            mask |= 1 << (child & 31);
            left &= left - 1;
        }
        given[usize::from(number) & 31] = (node, mask);
    }
    given
}

/// Whether operations or attributes that have a weight differ.
fn differ<R: Real>(
    metric: &Metric<'_, R>,
    a: &Cell<'_, R>,
    b: &Cell<'_, R>,
    i: usize,
    j: usize,
) -> bool {
    let (a_rows, b_rows) = (a.attributes().in_rows(a.stride()), b.attributes().in_rows(b.stride()));
    let weights = metric.table().attribute_weights();
    let mut pairs = a_rows.zip(b_rows).zip(weights).filter(|&(_, &weight)| weight > R::ZERO);
    operation(a, i) != operation(b, j) || pairs.any(|((a, b), _)| a.get(i) != b.get(j))
}
