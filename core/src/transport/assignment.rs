//! Linear assignment: as many rows as columns, one unit each.
//!
//! Shortest augmenting paths on reduced costs (Jonker and Volgenant, Computing 38, 1987), with the
//! column potentials of an earlier problem as a warm start. Row potentials are implied: the cost of
//! a row's own column minus that column's potential.

use super::lanes::{Frontier, Row, at, get, least_difference, padded, set};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// Stands for "no row".
const NONE: u32 = u32::MAX;

/// Scratch for `n` rows and columns.
#[derive(Debug)]
pub(crate) struct Scratch<'a, R> {
    /// For wide rows, a padded row each: tentative distances, and potentials of what is not scanned yet.
    open: &'a mut [[R; 4]],
    unscanned: &'a mut [[R; 4]],
    /// Per scan, in order: the reduced cost that the row starts from, and the distance at which the
    /// column that led to it was scanned.
    reals: &'a mut [[R; 2]],
    /// Per scan: the row, and the column that led to it (the first scan has none).
    places: &'a mut [[u32; 2]],
    /// The row of a column.
    row_of: &'a mut [u32],
    /// Rows that wait for a column.
    waiting: &'a mut [u32],
}

/// What the scratch needs.
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let wide = Extent::reals(padded(columns)).times(2);
    let scans = Extent::reals(rows).and(Extent::words(rows)).times(2);
    wide.and(scans).and(Extent::words(columns)).and(Extent::words(rows))
}

impl<'a, R: Real> Scratch<'a, R> {
    pub(crate) fn new(rows: usize, columns: usize, arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        Ok(Self {
            open: arena.reals(padded(columns))?.as_chunks_mut().0,
            unscanned: arena.reals(padded(columns))?.as_chunks_mut().0,
            reals: arena.reals(rows.saturating_mul(2))?.as_chunks_mut().0,
            places: arena.words(rows.saturating_mul(2))?.as_chunks_mut().0,
            row_of: arena.words(columns)?,
            waiting: arena.words(rows)?,
        })
    }
}

/// The columns' least costs: potentials as good as nothing else can make them.
#[inline(always)]
pub(crate) fn minima<R: Real, V: Row<R> + ?Sized>(cost: &[[R; 4]], width: usize, n: usize, to: &mut V) {
    to.as_mut().fill([R::INFINITY; 4]);
    for i in 0..n {
        let Some(row) = V::of(cost, width, i) else { return };
        let row = row.as_ref().as_flattened().iter();
        to.as_mut().as_flattened_mut().iter_mut().zip(row).for_each(|(low, &x)| *low = low.min(x));
    }
}

/// Finds the assignment of least total cost. `potential` holds the column potentials to start
/// from, minus infinity in padded columns, and holds the optimal ones afterwards. Returns the number
/// of augmenting paths.
#[inline(always)]
pub(crate) fn solve<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    potential: &mut V,
    column_of: &mut [u32],
    scratch: &mut Scratch<'_, R>,
) -> u32 {
    let n = scratch.row_of.len();
    scratch.row_of.fill(NONE);
    let mut waiting = 0;
    for (i, column_of) in column_of.iter_mut().enumerate().take(n) {
        let Some(row) = V::of(cost, width, i) else { return 0 };
        let (least, mut j) = least_difference(row.as_ref(), potential.as_ref());
        if get(&*scratch.row_of, j) != NONE {
            // Another column may cost as little.
            let pairs = row.as_ref().as_flattened().iter().zip(potential.as_ref().as_flattened());
            for (k, ((&c, &v), &owner)) in pairs.zip(&*scratch.row_of).enumerate() {
                if owner == NONE && c - v == least {
                    j = k;
                }
            }
        }
        if let Some(owner) = scratch.row_of.get_mut(j)
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
        augment(cost, width, i, potential, column_of, scratch);
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
    column_of: &mut [u32],
    s: &mut Scratch<'_, R>,
) {
    let (open, unscanned) = (V::of_mut(s.open, width, 0), V::of_mut(s.unscanned, width, 0));
    let (Some(open), Some(unscanned)) = (open, unscanned) else { return };
    let mut frontier = V::frontier(potential, [open, unscanned]);
    let (mut i, mut column, mut base, mut distance) = (start, 0, R::ZERO, R::ZERO);
    let mut scans = 0;
    let (end, reach) = loop {
        let Some(row) = V::of(cost, width, i) else { return };
        set(s.places, scans, [i as u32, column as u32]);
        set(s.reals, scans, [base, distance]);
        scans += 1;
        frontier.relax(row, base);
        let (reach, j) = frontier.least();
        let owner = get(s.row_of, j);
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
        set(s.row_of, j, i);
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
