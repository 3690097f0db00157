//! Linear assignment: as many rows as columns, one unit each.
//!
//! Shortest augmenting paths on reduced costs (Jonker and Volgenant, Computing 38, 1987), with the
//! column potentials of an earlier problem as a warm start. Row potentials are implied: the cost of
//! a row's own column minus that column's potential.

use super::lanes::{Row, at, get, least, put, set};
use crate::real::Real;

/// Stands for "no row" or "no column".
pub(crate) const NONE: u32 = u32::MAX;

/// Scratch for `n` rows and columns.
pub(crate) struct Scratch<'a, R, V: ?Sized> {
    /// Tentative distance of each column that is not yet scanned, else infinity.
    pub(crate) open: &'a mut V,
    /// Potential of each column that is not yet scanned, else minus infinity.
    pub(crate) unscanned: &'a mut V,
    /// Reduced cost that a scanned row starts from.
    pub(crate) base: &'a mut [R],
    /// Distance at which a column was scanned.
    pub(crate) distance: &'a mut [R],
    /// Scanned rows, in order.
    pub(crate) rows: &'a mut [u32],
    /// Scanned columns, in order; entry `t` led to row `t`, entry 0 is unused.
    pub(crate) columns: &'a mut [u32],
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
        reduce(row, potential, scratch.open);
        let (_, j) = least(scratch.open.as_ref());
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

#[inline(always)]
fn reduce<R: Real, V: Row<R> + ?Sized>(row: &V, potential: &V, to: &mut V) {
    for ((to, c), v) in to.as_mut().iter_mut().zip(row.as_ref()).zip(potential.as_ref()) {
        for ((to, &c), &v) in to.iter_mut().zip(c).zip(v) {
            *to = c - v;
        }
    }
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
    let Some(row) = V::of(cost, width, start) else { return };
    for (to, v) in s.unscanned.as_mut().iter_mut().zip(potential.as_ref()) {
        *to = *v;
    }
    reduce(row, potential, s.open);
    set(s.rows, 0, start as u32);
    set(s.base, 0, R::ZERO);
    let mut scanned = 1;
    let (end, reach) = loop {
        let (distance, j) = least(s.open.as_ref());
        let owner = get(row_of, j);
        if owner == NONE || scanned >= s.rows.len() {
            break (j, distance);
        }
        put(s.open.as_mut(), j, R::INFINITY);
        put(s.unscanned.as_mut(), j, -R::INFINITY);
        let Some(row) = V::of(cost, width, owner as usize) else { return };
        let base = at(row.as_ref(), j) - at(potential.as_ref(), j) - distance;
        set(s.rows, scanned, owner);
        set(s.columns, scanned, j as u32);
        set(s.base, scanned, base);
        set(s.distance, scanned, distance);
        scanned += 1;
        let columns = s.open.as_mut().iter_mut().zip(row.as_ref()).zip(s.unscanned.as_ref());
        for ((open, c), v) in columns {
            for ((open, &c), &v) in open.iter_mut().zip(c).zip(v) {
                *open = open.min((c - v) - base);
            }
        }
    };
    // Which row a column was reached from is not recorded: the first scanned row that gives the
    // column's distance is that row, because the same numbers are computed again.
    let (mut j, mut limit) = (end, scanned);
    loop {
        let v = at(potential.as_ref(), j);
        let (mut from, mut best) = (0, R::INFINITY);
        for (t, (&i, &base)) in s.rows.iter().zip(s.base.iter()).enumerate().take(limit) {
            let c = V::of(cost, width, i as usize).map_or(R::INFINITY, |row| at(row.as_ref(), j));
            let d = (c - v) - base;
            if d < best {
                (from, best) = (t, d);
            }
        }
        let i = get(s.rows, from);
        set(row_of, j, i);
        set(column_of, i as usize, j as u32);
        if from == 0 {
            break;
        }
        (j, limit) = (get(s.columns, from) as usize, from);
    }
    for (&j, &d) in s.columns.iter().zip(s.distance.iter()).take(scanned).skip(1) {
        if let Some(v) = potential.as_mut().as_flattened_mut().get_mut(j as usize) {
            *v += d - reach;
        }
    }
}
