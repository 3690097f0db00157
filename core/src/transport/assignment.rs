//! Linear assignment: as many rows as columns, one unit each.
//!
//! Shortest augmenting paths on reduced costs (Jonker and Volgenant, Computing 38, 1987), with the
//! column potentials of an earlier problem as a warm start. Row potentials are implied: the cost of
//! a row's own column minus that column's potential.

use super::lanes::{
    BY_WIDTH, Row, at, change, change_by_two, equal_to, get, highest, lanes, padded, put, set,
};
use crate::error::Error;
use crate::memory::{Arena, Extent, copy};
use crate::real::Real;

/// Scratch for `n` rows and columns. Narrow rows need none.
#[derive(Debug, Default)]
pub(crate) struct Scratch<'a, R> {
    /// What a frontier consists of.
    wide: [&'a mut [[R; 4]]; 3],
    lists: Lists<'a, R>,
    /// The row of a column.
    row_of: &'a mut [u32],
}

/// Lists by rows.
#[derive(Debug, Default)]
struct Lists<'a, R> {
    /// Minus the first row potential, and the column that it comes from.
    first: &'a mut [R],
    wishes: &'a mut [u32],
    /// Per scan: how near the column was that led to it, and that column.
    near: &'a mut [R],
    columns: &'a mut [u32],
    /// Rows that wait for a column.
    waiting: &'a mut [u32],
}

/// No row, or no column.
const NONE: u32 = u32::MAX;

/// What the scratch needs.
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let wide = Extent::reals(padded(columns)).times(3);
    let lists = Extent::reals(rows).times(2).and(Extent::words(rows).times(3));
    wide.and(lists).and(Extent::words(columns))
}

impl<'a, R: Real> Scratch<'a, R> {
    pub(crate) fn new(rows: usize, columns: usize, arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        if BY_WIDTH && columns <= 16 {
            return Ok(Self::default());
        }
        Ok(Self {
            wide: [
                arena.reals(padded(columns))?.as_chunks_mut().0,
                arena.reals(padded(columns))?.as_chunks_mut().0,
                arena.reals(padded(columns))?.as_chunks_mut().0,
            ],
            lists: Lists {
                first: arena.reals(rows)?,
                wishes: arena.words(rows)?,
                near: arena.reals(rows)?,
                columns: arena.words(rows)?,
                waiting: arena.words(rows)?,
            },
            row_of: arena.words(columns)?,
        })
    }
}

/// The least costs of the columns, minus infinity in padded ones: potentials as good as nothing else can
/// make them.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn minima<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    columns: usize,
    to: &mut V,
) {
    to.as_mut().fill([R::INFINITY; 4]);
    for i in 0..columns {
        let Some(row) = V::of(cost, width, i) else { return };
        change(to.as_mut(), row.as_ref(), |low, c| low.min(c));
    }
    for v in to.as_mut().as_flattened_mut().iter_mut().skip(columns) {
        *v = -R::INFINITY;
    }
}

/// Sum of a padded matrix over the places of an assignment.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn inner<R: Real>(column_of: &[u32], matrix: &[[R; 4]], width: usize) -> R {
    let (matrix, line) = (matrix.as_flattened(), 4 * width);
    match width {
        _ if !BY_WIDTH => {
            let mut s = [R::ZERO; 4];
            for (i, &j) in column_of.iter().enumerate() {
                s[i % 4] += get(matrix, i * line + j as usize);
            }
            (s[0] + s[1]) + (s[2] + s[3])
        }
        1 => fold(column_of, matrix.as_chunks::<4>().0, |row, j| row[j % 4]),
        2 => fold(column_of, matrix.as_chunks::<8>().0, |row, j| row[j % 8]),
        4 => fold(column_of, matrix.as_chunks::<16>().0, |row, j| row[j % 16]),
        _ => {
            let (fours, rest) = column_of.as_chunks::<4>();
            let mut s = [R::ZERO; 4];
            let mut start = 0;
            for j in fours {
                for (s, &j) in s.iter_mut().zip(j) {
                    *s += get(matrix, start + j as usize);
                    start += line;
                }
            }
            for (s, &j) in s.iter_mut().zip(rest) {
                *s += get(matrix, start + j as usize);
                start += line;
            }
            (s[0] + s[1]) + (s[2] + s[3])
        }
    }
}

/// The same for rows in which every number has a place.
#[inline(always)]
fn fold<R: Real, T>(column_of: &[u32], rows: &[T], at: impl Fn(&T, usize) -> R) -> R {
    let (rows, last) = rows.as_chunks::<4>();
    let (columns, rest) = column_of.as_chunks::<4>();
    // Without a loop for the number of points that comes most often.
    if let ([a, b], [i, j], [], []) = (rows, columns, last, rest) {
        let s = lanes(|l| at(&a[l], i[l] as usize) + at(&b[l], j[l] as usize));
        return (s[0] + s[1]) + (s[2] + s[3]);
    }
    let mut s = [R::ZERO; 4];
    for (row, j) in rows.iter().zip(columns) {
        s = lanes(|l| s[l] + at(&row[l], j[l] as usize));
    }
    for ((s, row), &j) in s.iter_mut().zip(last).zip(rest) {
        *s += at(row, j as usize);
    }
    (s[0] + s[1]) + (s[2] + s[3])
}

/// Finds the assignment of least total cost. `potential` holds the column potentials to start
/// from, minus infinity in padded columns, and holds the optimal ones afterwards. `minima`: they are the
/// columns' least costs. Returns the number of augmenting paths.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn solve<R: Real, V: Row<R> + ?Sized>(
    cost: &[[R; 4]],
    width: usize,
    minima: bool,
    potential: &mut V,
    column_of: &mut [u32],
    scratch: &mut Scratch<'_, R>,
) -> u32 {
    V::assign(cost, width, minima, potential, column_of, scratch)
}

/// The same for rows of any width.
#[inline(always)]
pub(crate) fn wide<R: Real>(
    cost: &[[R; 4]],
    width: usize,
    minima: bool,
    potential: &mut [[R; 4]],
    column_of: &mut [u32],
    scratch: &mut Scratch<'_, R>,
) -> u32 {
    let Scratch { wide: [near, unscanned, from], lists: s, row_of } = scratch;
    let mut frontier = Frontier { near, unscanned, from };
    row_of.fill(NONE);
    for (i, column_of) in column_of.iter_mut().enumerate() {
        let Some(row) = Row::of(cost, width, i) else { return 0 };
        frontier.look(potential, row);
        let (near, j, free) = frontier.nearest(row_of);
        set(s.first, i, near);
        set(s.wishes, i, j as u32);
        *column_of = if free { j as u32 } else { NONE };
        if free {
            set(row_of, j, i as u32);
        }
    }
    if !minima {
        offer(cost, width, potential, column_of, row_of, s.first, s.wishes);
    }
    let mut waiting = 0;
    for (i, &j) in column_of.iter().enumerate() {
        set(s.waiting, waiting, i as u32);
        waiting += usize::from(j == NONE);
    }
    for w in 0..waiting {
        let start = get(s.waiting, w) as usize;
        augment(cost, width, start, potential, column_of, &mut frontier, row_of, s);
    }
    waiting as u32
}

/// The columns that a path search has not scanned yet: how near they are to the rows relaxed so far,
/// which is minus their distance.
struct Frontier<'a, R> {
    near: &'a mut [[R; 4]],
    unscanned: &'a mut [[R; 4]],
    /// The row that each column is nearest to, as a whole number.
    from: &'a mut [[R; 4]],
}

impl<R: Real> Frontier<'_, R> {
    /// Looks at one row only.
    #[inline(always)]
    fn look(&mut self, potential: &[[R; 4]], row: &[[R; 4]]) {
        change_by_two(self.near, [row, potential], |_, c, v| v - c);
    }
    /// Begins a search with row `i`, which was looked at.
    #[inline(always)]
    fn begin(&mut self, potential: &[[R; 4]], i: usize) {
        copy(self.unscanned, potential);
        self.from.fill([R::from_usize(i); 4]);
    }
    /// Takes row `i` into account, whose columns are nearer by `base` than its reduced costs say.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn relax(&mut self, row: &[[R; 4]], base: R, i: usize) {
        let i = R::from_usize(i);
        if !BY_WIDTH {
            let (near, from) = (self.near.as_flattened_mut(), self.from.as_flattened_mut());
            let costs = row.as_flattened().iter().zip(self.unscanned.as_flattened());
            for ((near, from), (&c, &v)) in near.iter_mut().zip(from).zip(costs) {
                let new = base - (c - v);
                if new > *near {
                    (*near, *from) = (new, i);
                }
            }
            return;
        }
        let columns = self.near.iter_mut().zip(&mut *self.from).zip(row).zip(&*self.unscanned);
        for (((near, from), c), v) in columns {
            let new = lanes(|l| base - (c[l] - v[l]));
            *from = lanes(|l| if new[l] > near[l] { i } else { from[l] });
            *near = lanes(|l| near[l].max(new[l]));
        }
    }
    /// How near the nearest columns are, one of them, and whether that is free: the first free one, else the
    /// first.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn nearest(&self, row_of: &[u32]) -> (R, usize, bool) {
        if !BY_WIDTH {
            let mut nearest = (-R::INFINITY, 0, false);
            for (j, &near) in self.near.as_flattened().iter().enumerate() {
                let free = get(row_of, j) == NONE;
                if near > nearest.0 || (near == nearest.0 && free && !nearest.2) {
                    nearest = (near, j, free);
                }
            }
            return nearest;
        }
        let high = highest(self.near);
        let mut first = usize::MAX;
        for (block, near) in self.near.chunks(4).enumerate() {
            let mut places = equal_to(near, high);
            while places != 0 {
                let j = 16 * block + places.trailing_zeros() as usize;
                if get(row_of, j) == NONE {
                    return (high, j, true);
                }
                first = first.min(j);
                places &= places - 1;
            }
        }
        (high, first, false)
    }
    /// Marks a column as scanned: infinitely far, with potential minus infinity.
    #[inline(always)]
    fn close(&mut self, j: usize) {
        put(self.near, j, -R::INFINITY);
        put(self.unscanned, j, -R::INFINITY);
    }
}

/// Raises the potentials of the columns that no row chose until one would as soon have them as its own. If
/// that row waits, it takes the column; if another waits for the row's own column, they trade.
#[inline(always)]
fn offer<R: Real>(
    cost: &[[R; 4]],
    width: usize,
    potential: &mut [[R; 4]],
    column_of: &mut [u32],
    row_of: &mut [u32],
    first: &[R],
    wishes: &[u32],
) {
    for j in 0..column_of.len() {
        if get(row_of, j) != NONE {
            continue;
        }
        let (mut low, mut to) = (R::INFINITY, 0);
        for (i, &near) in first.iter().take(column_of.len()).enumerate() {
            let v = Row::of(cost, width, i).map_or(R::INFINITY, |row| at(row, j)) + near;
            if v < low {
                (low, to) = (v, i);
            }
        }
        put(potential, j, low);
        let own = get(column_of, to);
        if own != NONE {
            let mut others = column_of.iter().zip(wishes);
            let Some(other) = others.position(|(&j, &wish)| j == NONE && wish == own) else { continue };
            set(column_of, other, own);
            set(row_of, own as usize, other as u32);
        }
        set(column_of, to, j as u32);
        set(row_of, j, to as u32);
    }
}

/// Gives row `start` a column along a shortest alternating path.
#[inline(always)]
fn augment<R: Real>(
    cost: &[[R; 4]],
    width: usize,
    start: usize,
    potential: &mut [[R; 4]],
    column_of: &mut [u32],
    frontier: &mut Frontier<'_, R>,
    row_of: &mut [u32],
    s: &mut Lists<'_, R>,
) {
    let Some(row) = Row::of(cost, width, start) else { return };
    frontier.look(potential, row);
    frontier.begin(potential, start);
    // Potentials fall: what was nearest still is unless its own has fallen.
    let (first, wish) = (get(s.first, start), get(s.wishes, start) as usize);
    let still = at(potential, wish) - at(row, wish) == first;
    let mut found = if still { (first, wish, false) } else { frontier.nearest(row_of) };
    let mut scans = 0;
    // Rubbish in the costs cannot make this loop run on: there are at most n scans.
    while !found.2 && scans < column_of.len() {
        let (near, j, _) = found;
        set(s.near, scans, near);
        set(s.columns, scans, j as u32);
        scans += 1;
        frontier.close(j);
        let i = get(row_of, j) as usize;
        let Some(row) = Row::of(cost, width, i) else { return };
        frontier.relax(row, near + (at(row, j) - at(potential, j)), i);
        found = frontier.nearest(row_of);
    }
    let (reach, mut j, _) = found;
    for (&j, &near) in s.columns.iter().zip(&*s.near).take(scans) {
        if let Some(v) = potential.as_flattened_mut().get_mut(j as usize) {
            *v += reach - near;
        }
    }
    for _ in 0..=scans {
        let i = at(frontier.from, j).whole() as usize;
        let next = get(column_of, i) as usize;
        set(column_of, i, j as u32);
        set(row_of, j, i as u32);
        if i == start {
            break;
        }
        j = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::lanes::{Four, groups, pad};
    use crate::transport::starts::mix;

    /// Columns, potentials and paths of one assignment after the other, each beginning with the potentials of
    /// the last. Every third has costs of either sign.
    fn chain<R: Real, V: Row<R> + ?Sized>(n: usize, kinds: u64) -> Vec<(Vec<u32>, Vec<u64>, u32)> {
        let width = groups(n);
        let extent = workspace(n, n);
        let (mut reals, mut words) = (vec![R::ZERO; extent.reals], vec![0; extent.words]);
        let mut arena = Arena::new(&mut reals, &mut words, &mut []);
        let mut wide = || arena.reals(4 * width).unwrap().as_chunks_mut().0;
        let mut scratch = Scratch { wide: [wide(), wide(), wide()], ..Scratch::default() };
        scratch.lists = Lists {
            first: arena.reals(n).unwrap(),
            wishes: arena.words(n).unwrap(),
            near: arena.reals(n).unwrap(),
            columns: arena.words(n).unwrap(),
            waiting: arena.words(n).unwrap(),
        };
        scratch.row_of = arena.words(n).unwrap();
        let mut potential = vec![[R::ZERO; 4]; width];
        let potential = V::of_mut(&mut potential, width, 0).unwrap();
        (0..20u64)
            .map(|step| {
                let place = |k: usize| mix((kinds << 40) ^ (step << 20) ^ k as u64) % kinds;
                let low = R::from_u64(if step % 3 == 2 { kinds / 2 } else { 0 });
                let cost: Vec<R> =
                    (0..n * n).map(|k| (R::from_u64(place(k)) - low) / R::from_f64(7.0)).collect();
                let mut padded: Vec<Four<R>> = vec![[R::ZERO; 4]; n * width];
                pad(&cost, n, &mut padded);
                if step == 0 {
                    minima(&padded, width, n, potential);
                }
                let mut columns = vec![0; n];
                let paths = solve(&padded, width, step == 0, potential, &mut columns, &mut scratch);
                let mut sorted = columns.clone();
                sorted.sort_unstable();
                assert!(sorted.iter().copied().eq(0..n as u32), "{columns:?}");
                let bits = potential.as_ref().as_flattened()[..n].iter().map(|v| v.order_bits());
                (columns, bits.collect(), paths)
            })
            .collect()
    }

    fn same<R: Real>() {
        for kinds in [2, 3, 10, 1 << 20] {
            for n in 1..=4 {
                assert_eq!(chain::<R, [Four<R>; 1]>(n, kinds), chain::<R, [Four<R>]>(n, kinds));
                assert_eq!(chain::<R, [Four<R>; 2]>(n + 4, kinds), chain::<R, [Four<R>]>(n + 4, kinds));
                assert_eq!(chain::<R, [Four<R>; 3]>(n + 8, kinds), chain::<R, [Four<R>]>(n + 8, kinds));
                assert_eq!(
                    chain::<R, [Four<R>; 4]>(n + 12, kinds),
                    chain::<R, [Four<R>]>(n + 12, kinds)
                );
            }
        }
    }

    #[test]
    fn narrow_and_wide_rows_give_the_same_assignment() {
        same::<f64>();
        same::<f32>();
    }
}
