//! Exchanges: two entries of a plan trade columns.
//!
//! Frank-Wolfe stops at plans that no vertex improves to first order. Where the quadratic term is
//! concave many such plans are poor, and trading the columns of two entries improves them.

use super::gradient::Operator;
use super::vertex::Entries;
use crate::real::Real;

/// Makes the best exchange if it lowers the objective by more than `least`. `gradient` is that of the
/// objective at the plan. True if an exchange was made.
pub(crate) fn improve<R: Real>(
    entries: &mut Entries<'_, R>,
    total: R,
    gradient: &[[R; 4]],
    least: R,
    operator: &Operator<'_, R>,
) -> bool {
    if entries.len >= entries.units.len() {
        return false;
    }
    let (flat, line) = (gradient.as_flattened(), 4 * operator.width);
    let g = |i: usize, j: usize| super::lanes::get(flat, i * line + j);
    let mut best = (-least, 0, 0);
    for e in 1..entries.len {
        let (k, l, y) = entries.entry(e);
        for d in 0..e {
            let (i, j, x) = entries.entry(d);
            if i == k || j == l {
                continue;
            }
            let slope = (g(i, l) - g(i, j)) + (g(k, j) - g(k, l));
            let curvature = operator.curvature((i, j), (k, l));
            let units = x.min(y);
            // The operator's coefficients are those of a unit.
            let change = units / total * (slope + units * curvature);
            if change < best.0 {
                best = (change, d, e);
            }
        }
    }
    let (_, d, e) = best;
    if e == 0 {
        return false;
    }
    let ((i, j, x), (k, l, y)) = (entries.entry(d), entries.entry(e));
    let units = x.min(y);
    // The later entry first: taking may move what follows.
    entries.take(e, units);
    entries.take(d, units);
    entries.give(i, l, units);
    entries.give(k, j, units);
    entries.sort();
    true
}
