//! Boxes low <= T <= high around part of the polytope of plans, in whole units.

use super::super::lanes::{get, set};
use crate::real::Real;

/// Rounds of tightening: what they leave is found again further down the tree.
const ROUNDS: usize = 8;

/// Narrows a box to what the row and column sums allow. False if it holds no plan. All numbers are
/// whole units whose sums are exact, so that no plan is lost to rounding.
pub(super) fn tighten<R: Real>(
    line: usize,
    rows: &[R],
    columns: &[R],
    low: &mut [R],
    high: &mut [R],
) -> bool {
    for _ in 0..ROUNDS {
        let mut changed = false;
        for (i, &mass) in rows.iter().enumerate() {
            let cells = (0..columns.len()).map(|j| i * line + j);
            match tighten_line(mass, cells, low, high) {
                Some(change) => changed |= change,
                None => return false,
            }
        }
        for (j, &mass) in columns.iter().enumerate() {
            let cells = (0..rows.len()).map(|i| i * line + j);
            match tighten_line(mass, cells, low, high) {
                Some(change) => changed |= change,
                None => return false,
            }
        }
        if !changed {
            break;
        }
    }
    true
}

fn tighten_line<R: Real>(
    mass: R,
    cells: impl Iterator<Item = usize> + Clone,
    low: &mut [R],
    high: &mut [R],
) -> Option<bool> {
    let (mut least, mut most) = (R::ZERO, R::ZERO);
    for e in cells.clone() {
        least += get(low, e);
        most += get(high, e);
    }
    if least > mass || most < mass {
        return None;
    }
    let mut changed = false;
    for e in cells {
        let (l, h) = (get(low, e), get(high, e));
        let (new_low, new_high) = (l.max(mass - (most - h)), h.min(mass - (least - l)));
        if new_low > l || new_high < h {
            set(low, e, new_low);
            set(high, e, new_high);
            changed = true;
        }
        if new_low > new_high {
            return None;
        }
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_narrow_boxes_and_empty_ones_are_seen() {
        // Two by two, masses 4 | 2, 2: fixing one entry fixes all.
        let (rows, columns) = ([2.0, 2.0], [2.0, 2.0]);
        let (mut low, mut high) = ([1.0, 0.0, 0.0, 0.0], [1.0, 2.0, 2.0, 2.0]);
        assert!(tighten(2, &rows, &columns, &mut low, &mut high));
        assert_eq!((low, high), ([1.0; 4], [1.0; 4]));
        let (mut low, mut high) = ([0.0; 4], [0.0, 1.0, 2.0, 2.0]);
        assert!(!tighten(2, &rows, &columns, &mut low, &mut high));
        let (mut low, mut high) = ([1.0f32, 2.0, 0.0, 0.0], [2.0; 4]);
        assert!(!tighten(2, &rows.map(|x| x as f32), &columns.map(|x| x as f32), &mut low, &mut high));
    }
}
