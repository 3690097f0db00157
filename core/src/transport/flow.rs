//! Transport of whole units by successive shortest augmenting paths.
//!
//! The assignment algorithm with supplies and demands: a column may be shared by several rows and a
//! row by several columns. Every augmentation moves at least one whole unit, so the number of
//! augmentations is finite and no tolerance decides whether a supply is used up.

use super::lanes::{Frontier, Row, at, get, least_difference, set};
use crate::real::Real;

/// Stands for "not reached".
pub(crate) const NONE: u32 = u32::MAX;

/// Scratch of the path search; lengths for n rows and m columns.
pub(crate) struct Scratch<'a, R, V: ?Sized> {
    /// Tentative distance of each column that is not yet scanned, else infinity.
    pub(crate) open: &'a mut V,
    /// Potential of each column that is not yet scanned, else minus infinity.
    pub(crate) unscanned: &'a mut V,
    /// Distance at which a column was scanned, m, in order of scanning.
    pub(crate) distance: &'a mut [R],
    /// Scanned columns in order, m.
    pub(crate) columns: &'a mut [u32],
    /// Per row: reached in this search (the number of the search), n.
    pub(crate) seen: &'a mut [u32],
    pub(crate) reached: Reached<'a, R>,
}

/// The rows that a search has reached, and what is left to move.
pub(crate) struct Reached<'a, R> {
    /// Units that a row still has, n.
    pub(crate) supply: &'a mut [R],
    /// Units that a column still wants, m.
    pub(crate) demand: &'a mut [R],
    /// Reduced cost that a reached row starts from, n, in order of reaching.
    pub(crate) base: &'a mut [R],
    /// Reached rows in order, n.
    pub(crate) rows: &'a mut [u32],
    /// Column through which each was reached, n.
    pub(crate) via: &'a mut [u32],
    /// How many rows were reached when that column was scanned, n.
    pub(crate) limit: &'a mut [u32],
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
    scratch.seen.fill(NONE);
    scratch.reached.demand.iter_mut().zip(column_units).for_each(|(to, &x)| *to = x);
    for (i, &units) in row_units.iter().enumerate() {
        let Some(row) = V::of(cost, width, i) else { return 0 };
        let mut left = units;
        if left > R::ZERO {
            let (_, j) = least_difference(row.as_ref(), potential.as_ref());
            let moved = left.min(get(scratch.reached.demand, j));
            set(flow, j * n + i, moved);
            set(scratch.reached.demand, j, get(scratch.reached.demand, j) - moved);
            left -= moved;
        }
        set(scratch.reached.supply, i, left);
    }
    let (mut augmentations, mut search) = (0u32, 0u32);
    for i in 0..n {
        while get(scratch.reached.supply, i) > R::ZERO {
            search = search.wrapping_add(1);
            let paths = route(cost, width, i, search, potential, flow, scratch);
            if paths == 0 {
                return augmentations;
            }
            augmentations = augmentations.wrapping_add(paths);
        }
    }
    augmentations
}

/// Moves units from row `start` along shortest paths, one search for all of them: where a path ends
/// because its column is full, the search goes on from there. Returns the number of paths.
#[inline(always)]
fn route<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    start: usize,
    search: u32,
    potential: &mut V,
    flow: &mut [R],
    scratch: &mut Scratch<'_, R, V>,
) -> u32 {
    let Scratch { open, unscanned, distance: distances, columns: list, seen, reached: r } = scratch;
    let n = r.supply.len();
    let mut frontier = V::frontier(potential, [&mut **open, &mut **unscanned]);
    set(r.rows, 0, start as u32);
    set(r.base, 0, R::ZERO);
    set(seen, start, search);
    let (mut rows, mut relaxed, mut columns, mut paths) = (1, 0, 0, 0);
    let reach = loop {
        while relaxed < rows {
            let Some(row) = V::of(cost, width, get(r.rows, relaxed) as usize) else { return 0 };
            frontier.relax(row, get(r.base, relaxed));
            relaxed += 1;
        }
        let (distance, j) = frontier.least();
        if distance == R::INFINITY {
            return 0;
        }
        if get(r.demand, j) > R::ZERO {
            paths += 1;
            let broken = push(cost, width, j, rows, potential, flow, r);
            if broken || get(r.supply, start) == R::ZERO {
                break distance;
            }
        }
        frontier.close(j);
        set(list, columns, j as u32);
        set(distances, columns, distance);
        columns += 1;
        let limit = rows as u32;
        let Some(column) = flow.get(j * n..j * n + n) else { return 0 };
        let v = at(potential.as_ref(), j);
        for (k, (&x, reached)) in column.iter().zip(seen.iter_mut()).enumerate() {
            if x > R::ZERO && *reached != search {
                let Some(row) = V::of(cost, width, k) else { return 0 };
                *reached = search;
                set(r.rows, rows, k as u32);
                set(r.via, rows, j as u32);
                set(r.limit, rows, limit);
                set(r.base, rows, (at(row.as_ref(), j) - v) - distance);
                rows += 1;
            }
        }
    };
    for (&j, &d) in list.iter().zip(distances.iter()).take(columns) {
        if let Some(v) = potential.as_mut().as_flattened_mut().get_mut(j as usize) {
            *v += d - reach;
        }
    }
    paths
}

/// Moves what fits along the path that reaches column `end`. True if that emptied an entry of the
/// flow, or left the column wanting more: then the search is over.
#[inline(always)]
fn push<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    end: usize,
    reached: usize,
    potential: &V,
    flow: &mut [R],
    s: &mut Reached<'_, R>,
) -> bool {
    let n = s.supply.len();
    let start = get(s.rows, 0) as usize;
    // Which row a column was reached from is not recorded: the first reached row that gives the
    // column's distance is that row, because the same numbers are computed again.
    let mut moved = get(s.supply, start).min(get(s.demand, end));
    let (mut j, mut limit, mut length) = (end, reached, 0);
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
    let (mut j, mut emptied) = (end, false);
    for &t in s.path.iter().take(length) {
        let i = get(s.rows, t as usize) as usize;
        set(flow, j * n + i, get(flow, j * n + i) + moved);
        if t != 0 {
            j = get(s.via, t as usize) as usize;
            let left = get(flow, j * n + i) - moved;
            set(flow, j * n + i, left);
            emptied |= left == R::ZERO;
        }
    }
    set(s.supply, start, get(s.supply, start) - moved);
    let wanted = get(s.demand, end) - moved;
    set(s.demand, end, wanted);
    emptied || wanted > R::ZERO
}
