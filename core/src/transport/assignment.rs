//! Linear assignment: as many rows as columns, one unit each.
//!
//! Shortest augmenting paths on reduced costs (Jonker and Volgenant, Computing 38, 1987), with the
//! column potentials of an earlier problem as a warm start. Row potentials are implied: the cost of
//! a row's own column minus that column's potential.

use super::lanes::{Row, at, get, group_of, lanes, least_difference, least_lane, put, set};
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
pub(crate) fn solve<R: Real, V: Search<R> + ?Sized>(
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

/// The search for the nearest free column, with the state of the columns in registers where the
/// compiler knows how many there are.
pub(crate) trait Search<R: Real>: Row<R> {
    /// Scans rows from `start` on. Returns the free column, its distance and the number of scans.
    fn search(
        cost: &[[R; 4]],
        width: usize,
        start: usize,
        potential: &Self,
        row_of: &[u32],
        scratch: &mut Scratch<'_, R, Self>,
    ) -> Option<(usize, R, usize)>;
}

/// The scan that comes next.
#[derive(Clone, Copy)]
struct Scan<R> {
    row: usize,
    column: usize,
    base: R,
    distance: R,
}

impl<R: Real> Scan<R> {
    #[inline(always)]
    fn first(row: usize) -> Self {
        Self { row, column: 0, base: R::ZERO, distance: R::ZERO }
    }

    #[inline(always)]
    fn note<V: ?Sized>(self, scans: usize, scratch: &mut Scratch<'_, R, V>) {
        set(scratch.places, scans, [self.row as u32, self.column as u32]);
        set(scratch.reals, scans, [self.base, self.distance]);
    }
}

impl<R: Real, const W: usize> Search<R> for [[R; 4]; W] {
    #[inline(always)]
    fn search(
        cost: &[[R; 4]],
        width: usize,
        start: usize,
        potential: &Self,
        row_of: &[u32],
        scratch: &mut Scratch<'_, R, Self>,
    ) -> Option<(usize, R, usize)> {
        let (mut open, mut unscanned) = ([[R::INFINITY; 4]; W], *potential);
        let places: Self = core::array::from_fn(|g| lanes(|lane| R::from_usize(4 * g + lane)));
        let mut scan = Scan::first(start);
        let mut scans = 0;
        loop {
            let row = *Self::of(cost, width, scan.row)?;
            scan.note(scans, scratch);
            scans += 1;
            let mut low = [R::INFINITY; 4];
            for g in 0..W {
                open[g] = lanes(|l| open[g][l].min((row[g][l] - unscanned[g][l]) - scan.base));
                low = lanes(|l| low[l].min(open[g][l]));
            }
            let (reach, lane) = least_lane(low);
            let j = 4 * group_of(&open, reach, lane) + lane;
            let next = get(row_of, j);
            // Rubbish in the costs cannot make this loop run on: there are at most n scans.
            if next == NONE || scans >= scratch.places.len() {
                return Some((j, reach, scans));
            }
            let place = R::from_usize(j);
            for g in 0..W {
                open[g] = lanes(|l| if places[g][l] == place { R::INFINITY } else { open[g][l] });
                unscanned[g] =
                    lanes(|l| if places[g][l] == place { -R::INFINITY } else { unscanned[g][l] });
            }
            let row = Self::of(cost, width, next as usize)?;
            let base = (at(row, j) - at(potential, j)) - reach;
            scan = Scan { row: next as usize, column: j, base, distance: reach };
        }
    }
}

impl<R: Real> Search<R> for [[R; 4]] {
    fn search(
        cost: &[[R; 4]],
        width: usize,
        start: usize,
        potential: &Self,
        row_of: &[u32],
        scratch: &mut Scratch<'_, R, Self>,
    ) -> Option<(usize, R, usize)> {
        for (to, v) in scratch.unscanned.iter_mut().zip(potential) {
            *to = *v;
        }
        scratch.open.fill([R::INFINITY; 4]);
        let mut scan = Scan::first(start);
        let mut scans = 0;
        loop {
            let row = Self::of(cost, width, scan.row)?;
            scan.note(scans, scratch);
            scans += 1;
            let mut low = [R::INFINITY; 4];
            for ((open, c), v) in scratch.open.iter_mut().zip(row).zip(&*scratch.unscanned) {
                *open = lanes(|l| open[l].min((c[l] - v[l]) - scan.base));
                low = lanes(|l| low[l].min(open[l]));
            }
            let (reach, lane) = least_lane(low);
            let j = 4 * group_of(scratch.open, reach, lane) + lane;
            let next = get(row_of, j);
            if next == NONE || scans >= scratch.places.len() {
                return Some((j, reach, scans));
            }
            put(scratch.open, j, R::INFINITY);
            put(scratch.unscanned, j, -R::INFINITY);
            let row = Self::of(cost, width, next as usize)?;
            let base = (at(row, j) - at(potential, j)) - reach;
            scan = Scan { row: next as usize, column: j, base, distance: reach };
        }
    }
}

/// Gives row `start` a column along a shortest alternating path.
#[inline(always)]
fn augment<R: Real, V: Search<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    start: usize,
    potential: &mut V,
    row_of: &mut [u32],
    column_of: &mut [u32],
    scratch: &mut Scratch<'_, R, V>,
) {
    let s = scratch;
    let Some((end, reach, scans)) = V::search(cost, width, start, potential, row_of, s) else { return };
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
