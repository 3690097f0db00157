//! Costs between the nodes of two cells, or of one cell with itself.

use super::MAX_NODES;
use super::cell::stride;
use super::operations::OperationTable;
use crate::real::Real;
use crate::rows::InRows;

/// The nodes of a cell as the cost loops read them. Rows are [`stride`]`(nodes)` long.
#[derive(Clone, Copy)]
pub(crate) struct Nodes<'a, R> {
    pub(crate) operations: &'a [u8],
    /// Features x stride.
    pub(crate) features: &'a [R],
    /// Attributes x stride.
    pub(crate) attributes: &'a [R],
}

/// H: the mean of the absolute differences of the features. `out` has a row of `stride(columns)` per
/// node of `a`; what the padding holds afterwards is finite and otherwise unspecified.
///
/// Blocks of 4 x 4 keep their sums in registers; every sum runs over the features in their order.
pub(crate) fn structure<R: Real>(a: &Nodes<'_, R>, b: &Nodes<'_, R>, out: &mut [R]) {
    let (rows, columns) = (stride(a.operations.len()).max(4), stride(b.operations.len()).max(4));
    if cfg!(feature = "small") {
        return structure_of_pairs(a.features, b.features, [rows, columns], out);
    }
    let (a, b) = (a.features.as_chunks::<4>().0, b.features.as_chunks::<4>().0);
    let count = R::from_usize(a.len() / (rows / 4).max(1));
    let scale = if count > R::ZERO { R::ONE / count } else { R::ZERO };
    for (p, out) in out.chunks_mut((4 * columns).max(1)).enumerate() {
        for q in 0..columns / 4 {
            let mut sums = [[R::ZERO; 4]; 4];
            let a = a.iter().skip(p).step_by((rows / 4).max(1));
            let b = b.iter().skip(q).step_by((columns / 4).max(1));
            for (a, b) in a.zip(b) {
                for (sums, &x) in sums.iter_mut().zip(a) {
                    for (sum, &y) in sums.iter_mut().zip(b) {
                        *sum += (x - y).abs();
                    }
                }
            }
            for (out, sums) in out.in_rows_mut(columns).zip(sums) {
                if let Some(out) = out.as_chunks_mut::<4>().0.get_mut(q) {
                    *out = sums.map(|s| s * scale);
                }
            }
        }
    }
}

/// As [`structure`], pair by pair.
fn structure_of_pairs<R: Real>(a: &[R], b: &[R], [rows, columns]: [usize; 2], out: &mut [R]) {
    let features = || a.in_rows(rows).zip(b.in_rows(columns));
    let count = R::from_usize(features().count());
    let scale = if count > R::ZERO { R::ONE / count } else { R::ZERO };
    for (i, out) in out.chunks_mut(columns.max(1)).enumerate() {
        for (j, out) in out.iter_mut().enumerate() {
            let mut sum = R::ZERO;
            for (a, b) in features() {
                if let (Some(&x), Some(&y)) = (a.get(i), b.get(j)) {
                    sum += (x - y).abs();
                }
            }
            *out = sum * scale;
        }
    }
}

/// D and the weighted differences of the attributes; with weights `epsilon * that + rest * out`. Padding becomes 0.
pub(crate) fn operations<R: Real>(
    table: &OperationTable<'_, R>,
    a: &Nodes<'_, R>,
    b: &Nodes<'_, R>,
    out: &mut [R],
    weights: Option<[R; 2]>,
) {
    let combine = |x: R, d: R| match weights {
        Some([epsilon, rest]) => epsilon * d + rest * x,
        None => d,
    };
    let columns = stride(b.operations.len()).max(4);
    let a_stride = stride(a.operations.len()).max(4);
    for ((i, &from), out) in a.operations.iter().enumerate().zip(out.in_rows_mut(columns)) {
        for x in out.iter_mut().skip(b.operations.len()) {
            *x = R::ZERO;
        }
        // A loop of its own, for speed alone.
        if cfg!(not(feature = "small")) && table.attribute_weights().is_empty() {
            let pairs = out.iter_mut().zip(b.operations);
            table.row(from, pairs, |x, d| *x = combine(*x, d));
            continue;
        }
        let mut differences = [R::ZERO; MAX_NODES];
        table.row(from, differences.iter_mut().zip(b.operations), |x, d| *x = d);
        let a_rows = a.attributes.in_rows(a_stride);
        let b_rows = b.attributes.in_rows(columns);
        for ((&w, a), b) in table.attribute_weights().iter().zip(a_rows).zip(b_rows) {
            let x = a.get(i).copied().unwrap_or(R::ZERO);
            for (d, &y) in differences.iter_mut().zip(b) {
                *d += w * (x - y).abs();
            }
        }
        for ((x, &d), _) in out.iter_mut().zip(&differences).zip(b.operations) {
            *x = combine(*x, d);
        }
    }
}
