//! Linear assignment: as many rows as columns, one unit each.
//!
//! Shortest augmenting paths on reduced costs (Jonker and Volgenant, Computing 38, 1987), with the
//! column potentials of an earlier problem as a warm start. Row potentials are implied: the cost of
//! a row's own column minus that column's potential.

use super::lanes::{Frontier, Row, at, get, least_difference, set};
use crate::real::Real;

/// Stands for "no row" or "no column".
pub(crate) const NONE: u32 = u32::MAX;

/// Scratch for `n` rows and columns.
pub(crate) struct Scratch<'a, R, V: ?Sized> {
    /// Tentative distance of each column that is not yet scanned, else infinity.
    pub(crate) open: &'a mut V,
    /// Potential of each column that is not yet scanned, else minus infinity.
    pub(crate) unscanned: &'a mut V,
    /// Per scan, in order: the reduced cost that the row starts from, and the distance at which the
    /// column that led to it was scanned.
    pub(crate) reals: &'a mut [[R; 2]],
    /// Per scan: the row, and the column that led to it (the first scan has none).
    pub(crate) places: &'a mut [[u32; 2]],
    /// Rows that wait for a column.
    pub(crate) waiting: &'a mut [u32],
}

/// Finds the assignment of least total cost. `potential` holds the column potentials to start
/// from, minus infinity in padded columns, and holds the optimal ones afterwards. Returns the number
/// of augmenting paths.
#[inline(always)]
pub(crate) fn solve<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    n: usize,
    potential: &mut V,
    row_of: &mut [u32],
    column_of: &mut [u32],
    scratch: &mut Scratch<'_, R, V>,
) -> u32 {
    row_of.fill(NONE);
    let mut waiting = 0;
    for (i, column_of) in column_of.iter_mut().enumerate().take(n) {
        let Some(row) = V::of(cost, width, i) else { return 0 };
        let (_, j) = least_difference(row.as_ref(), potential.as_ref());
        if let Some(owner) = row_of.get_mut(j)
            && *owner == NONE
        {
            *owner = i as u32;
            *column_of = j as u32;
        } else {
            set(scratch.waiting, waiting, i as u32);
            waiting += 1;
        }
    }
    for w in 0..waiting {
        let i = get(scratch.waiting, w) as usize;
        augment(cost, width, i, potential, row_of, column_of, scratch);
    }
    waiting as u32
}

/// Gives row `start` a column along a shortest alternating path.
#[inline(always)]
fn augment<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    start: usize,
    potential: &mut V,
    row_of: &mut [u32],
    column_of: &mut [u32],
    scratch: &mut Scratch<'_, R, V>,
) {
    let s = scratch;
    let mut frontier = V::frontier(potential, [&mut *s.open, &mut *s.unscanned]);
    let (mut i, mut column, mut base, mut distance) = (start, 0, R::ZERO, R::ZERO);
    let mut scans = 0;
    let (end, reach) = loop {
        let Some(row) = V::of(cost, width, i) else { return };
        set(s.places, scans, [i as u32, column as u32]);
        set(s.reals, scans, [base, distance]);
        scans += 1;
        frontier.relax(row, base);
        let (reach, j) = frontier.least();
        let owner = get(row_of, j);
        // Rubbish in the costs cannot make this loop run on: there are at most n scans.
        if owner == NONE || scans >= s.places.len() {
            break (j, reach);
        }
        frontier.close(j);
        let Some(row) = V::of(cost, width, owner as usize) else { return };
        base = (at(row.as_ref(), j) - at(potential.as_ref(), j)) - reach;
        (i, column, distance) = (owner as usize, j, reach);
    };
    // Which row a column was reached from is not recorded: the first scanned row that gives the
    // column's distance is that row, because the same numbers are computed again.
    let (mut j, mut limit) = (end, scans);
    loop {
        let v = at(potential.as_ref(), j);
        let (mut from, mut best, mut place) = (0, R::INFINITY, [start as u32, 0]);
        for (t, (&[i, column], &[base, _])) in s.places.iter().zip(&*s.reals).enumerate().take(limit) {
            let c = V::of(cost, width, i as usize).map_or(R::INFINITY, |row| at(row.as_ref(), j));
            let d = (c - v) - base;
            if d < best {
                (from, best, place) = (t, d, [i, column]);
            }
        }
        let [i, column] = place;
        set(row_of, j, i);
        set(column_of, i as usize, j as u32);
        if from == 0 {
            break;
        }
        (j, limit) = (column as usize, from);
    }
    for (&[_, j], &[_, d]) in s.places.iter().zip(&*s.reals).take(scans).skip(1) {
        if let Some(v) = potential.as_mut().as_flattened_mut().get_mut(j as usize) {
            *v += d - reach;
        }
    }
}
