//! Transport of whole units by successive shortest augmenting paths.
//!
//! The assignment algorithm with supplies and demands: a column may be shared by several rows and a
//! row by several columns. Every augmentation moves at least one whole unit, so the number of
//! augmentations is finite and no tolerance decides whether a supply is used up.

use super::lanes::{Row, at, get, group_of, lanes, least_difference, least_lane, put, set};
use crate::real::Real;

/// Stands for "not reached".
pub(crate) const NONE: u32 = u32::MAX;

/// Scratch of the path search; lengths for n rows and m columns.
pub(crate) struct Scratch<'a, R, V: ?Sized> {
    /// Tentative distance of each column that is not yet scanned, else infinity.
    pub(crate) open: &'a mut V,
    /// Potential of each column that is not yet scanned, else minus infinity.
    pub(crate) unscanned: &'a mut V,
    /// Units that a row still has, n.
    pub(crate) supply: &'a mut [R],
    /// Units that a column still wants, m.
    pub(crate) demand: &'a mut [R],
    /// Reduced cost that a reached row starts from, n, in order of reaching.
    pub(crate) base: &'a mut [R],
    /// Distance at which a column was scanned, m, in order of scanning.
    pub(crate) distance: &'a mut [R],
    /// Reached rows in order, n.
    pub(crate) rows: &'a mut [u32],
    /// Column through which each was reached, n.
    pub(crate) via: &'a mut [u32],
    /// How many rows were reached when that column was scanned, n.
    pub(crate) limit: &'a mut [u32],
    /// Per row: reached in this search (the number of the search), n.
    pub(crate) reached: &'a mut [u32],
    /// Scanned columns in order, m.
    pub(crate) columns: &'a mut [u32],
    /// The path: indices into `rows`, n.
    pub(crate) path: &'a mut [u32],
}

/// Finds a flow of least cost. `flow` is column-major: `columns` rows of `rows` reals. `potential`
/// holds column potentials to start from, minus infinity in padded columns and where the demand is
/// 0. Returns the number of augmenting paths.
#[inline(always)]
pub(crate) fn solve<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    potential: &mut V,
    row_units: &[R],
    column_units: &[R],
    flow: &mut [R],
    scratch: &mut Scratch<'_, R, V>,
) -> u32 {
    let n = row_units.len();
    flow.fill(R::ZERO);
    scratch.reached.fill(NONE);
    scratch.demand.iter_mut().zip(column_units).for_each(|(to, &x)| *to = x);
    for (i, &units) in row_units.iter().enumerate() {
        let Some(row) = V::of(cost, width, i) else { return 0 };
        let mut left = units;
        if left > R::ZERO {
            let (_, j) = least_difference(row.as_ref(), potential.as_ref());
            let moved = left.min(get(scratch.demand, j));
            set(flow, j * n + i, moved);
            set(scratch.demand, j, get(scratch.demand, j) - moved);
            left -= moved;
        }
        set(scratch.supply, i, left);
    }
    let mut augmentations = 0u32;
    for i in 0..n {
        while get(scratch.supply, i) > R::ZERO {
            augmentations = augmentations.wrapping_add(1);
            if !augment(cost, width, i, augmentations, potential, flow, scratch) {
                return augmentations;
            }
        }
    }
    augmentations
}

/// Moves units from row `start` along a shortest path. False if nothing could be moved.
#[inline(always)]
fn augment<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    start: usize,
    search: u32,
    potential: &mut V,
    flow: &mut [R],
    scratch: &mut Scratch<'_, R, V>,
) -> bool {
    let s = scratch;
    let n = s.supply.len();
    for (to, v) in s.unscanned.as_mut().iter_mut().zip(potential.as_ref()) {
        *to = *v;
    }
    s.open.as_mut().fill([R::INFINITY; 4]);
    set(s.rows, 0, start as u32);
    set(s.base, 0, R::ZERO);
    set(s.reached, start, search);
    let (mut rows, mut relaxed, mut columns, mut searched) = (1, 0, 0, false);
    let (end, reach) = loop {
        let mut low = [R::INFINITY; 4];
        while relaxed < rows {
            let Some(row) = V::of(cost, width, get(s.rows, relaxed) as usize) else { return false };
            let base = get(s.base, relaxed);
            low = [R::INFINITY; 4];
            let all = s.open.as_mut().iter_mut().zip(row.as_ref()).zip(s.unscanned.as_ref());
            for ((open, c), v) in all {
                *open = lanes(|l| open[l].min((c[l] - v[l]) - base));
                low = lanes(|l| low[l].min(open[l]));
            }
            relaxed += 1;
            searched = true;
        }
        if !searched {
            for open in s.open.as_ref() {
                low = lanes(|l| low[l].min(open[l]));
            }
        }
        searched = false;
        let (distance, lane) = least_lane(low);
        if distance == R::INFINITY {
            return false;
        }
        let j = 4 * group_of(s.open.as_ref(), distance, lane) + lane;
        if get(s.demand, j) > R::ZERO {
            break (j, distance);
        }
        put(s.open.as_mut(), j, R::INFINITY);
        put(s.unscanned.as_mut(), j, -R::INFINITY);
        set(s.columns, columns, j as u32);
        set(s.distance, columns, distance);
        columns += 1;
        let limit = rows as u32;
        let Some(column) = flow.get(j * n..j * n + n) else { return false };
        let v = at(potential.as_ref(), j);
        for (k, (&x, reached)) in column.iter().zip(s.reached.iter_mut()).enumerate() {
            if x > R::ZERO && *reached != search {
                let Some(row) = V::of(cost, width, k) else { return false };
                *reached = search;
                set(s.rows, rows, k as u32);
                set(s.via, rows, j as u32);
                set(s.limit, rows, limit);
                set(s.base, rows, (at(row.as_ref(), j) - v) - distance);
                rows += 1;
            }
        }
    };
    // Which row a column was reached from is not recorded: the first reached row that gives the
    // column's distance is that row, because the same numbers are computed again.
    let mut moved = get(s.supply, start).min(get(s.demand, end));
    let (mut j, mut limit, mut length) = (end, rows, 0);
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
        set(s.path, length, from as u32);
        length += 1;
        if from == 0 {
            break;
        }
        let (i, via) = (get(s.rows, from) as usize, get(s.via, from) as usize);
        moved = moved.min(get(flow, via * n + i));
        (j, limit) = (via, get(s.limit, from) as usize);
    }
    let mut j = end;
    for &t in s.path.iter().take(length) {
        let i = get(s.rows, t as usize) as usize;
        set(flow, j * n + i, get(flow, j * n + i) + moved);
        if t != 0 {
            j = get(s.via, t as usize) as usize;
            set(flow, j * n + i, get(flow, j * n + i) - moved);
        }
    }
    set(s.supply, start, get(s.supply, start) - moved);
    set(s.demand, end, get(s.demand, end) - moved);
    for (&j, &d) in s.columns.iter().zip(s.distance.iter()).take(columns) {
        if let Some(v) = potential.as_mut().as_flattened_mut().get_mut(j as usize) {
            *v += d - reach;
        }
    }
    moved > R::ZERO
}
