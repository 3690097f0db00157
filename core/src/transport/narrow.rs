//! Linear assignment of at most 16 rows, which fit into registers: what [`super::assignment`] does, in the
//! same order and with the same results. Sets of rows and of columns are bits of a word here, and what
//! depends on the costs is chosen without a branch where that is possible.

use super::lanes::{at, get, lanes, put, set};
use crate::real::Real;

/// A padded row.
type Line<R, const W: usize> = [[R; 4]; W];

/// Most rows.
const MOST: usize = 16;

/// See [`super::assignment::solve`].
#[inline(always)]
pub(crate) fn solve<R: Real, const W: usize>(
    cost: &[[R; 4]],
    minima: bool,
    potential: &mut Line<R, W>,
    column_of: &mut [u32],
) -> u32 {
    let n = column_of.len();
    if n > MOST || n > 4 * W {
        return 0;
    }
    let Some(rows) = cost.as_chunks::<W>().0.get(..n) else { return 0 };
    // Minus the first row potentials, and the columns that they come from.
    let (mut first, mut tight) = ([R::ZERO; MOST], [0; MOST]);
    for ((row, first), tight) in rows.iter().zip(&mut first).zip(&mut tight) {
        let near = distances(potential, row);
        *first = highest(&near);
        *tight = equal_to(&near, *first);
    }
    // Beyond the columns there is room for what no column has.
    let mut s = State { free: (1 << n) - 1, row_of: [0; 2 * MOST], column_of };
    let (mut waiting, mut bit) = (0u32, 1u32);
    for (i, (&tight, column)) in tight.iter().zip(&mut *s.column_of).enumerate() {
        let open = tight & s.free;
        let none = u32::from(open == 0);
        let wish = (open | (tight & none.wrapping_neg())).trailing_zeros() as usize % MOST;
        *column = wish as u32;
        s.row_of[wish + MOST * none as usize] = i as u32;
        s.free ^= open & open.wrapping_neg();
        waiting |= bit & none.wrapping_neg();
        bit <<= 1;
    }
    if !minima && waiting != 0 {
        offer(rows, &first, potential, &mut waiting, &mut s);
    }
    let paths = waiting.count_ones();
    while waiting != 0 {
        let start = waiting.trailing_zeros() as usize % MOST;
        waiting &= waiting - 1;
        augment(rows, start, first[start], potential, &mut s);
    }
    paths
}

/// Who has what.
struct State<'a> {
    /// The columns without a row, a bit each.
    free: u32,
    row_of: [u32; 2 * MOST],
    /// The column that a row has or, while it waits, wishes for.
    column_of: &'a mut [u32],
}

impl State<'_> {
    #[inline(always)]
    fn give(&mut self, j: usize, i: usize) {
        self.row_of[j % MOST] = i as u32;
        set(self.column_of, i, j as u32);
    }
}

/// The groups of a line made one: neighbours first, which takes fewer steps than one after the other.
#[inline(always)]
fn fold<R: Real, const W: usize>(line: Line<R, W>, f: impl Fn(R, R) -> R) -> [R; 4] {
    let pair = |g: usize| match (line.get(g), line.get(g + 1)) {
        (Some(a), Some(b)) => lanes(|l| f(a[l], b[l])),
        (Some(a), None) => *a,
        _ => [R::ZERO; 4],
    };
    let first = pair(0);
    if W <= 2 {
        return first;
    }
    let second = pair(2);
    lanes(|l| f(first[l], second[l]))
}

/// The greatest number.
#[inline(always)]
fn highest<R: Real, const W: usize>(line: &Line<R, W>) -> R {
    let high = fold(*line, R::max);
    high[0].max(high[2]).max(high[1].max(high[3]))
}

/// Which numbers are equal to one, a bit each.
#[inline(always)]
fn equal_to<R: Real, const W: usize>(line: &Line<R, W>, value: R) -> u32 {
    // Selected powers of two are added: unlike a search that is vector code without a branch.
    let places = core::array::from_fn(|g| {
        lanes(|l| if line[g][l] == value { R::PLACES[g % 4][l] } else { R::ZERO })
    });
    let sum = fold::<R, W>(places, |a, b| a + b);
    ((sum[0] + sum[2]) + (sum[1] + sum[3])).whole()
}

/// How near each column is to a row: minus its reduced cost.
#[inline(always)]
fn distances<R: Real, const W: usize>(potential: &Line<R, W>, row: &Line<R, W>) -> Line<R, W> {
    core::array::from_fn(|g| lanes(|l| potential[g][l] - row[g][l]))
}

/// Raises the potentials of the free columns until a row would as soon have them as its own; that row, or
/// one that waits for its column, then has one more.
#[inline(always)]
fn offer<R: Real, const W: usize>(
    rows: &[Line<R, W>],
    first: &[R; MOST],
    potential: &mut Line<R, W>,
    waiting: &mut u32,
    s: &mut State<'_>,
) {
    let mut low = [[R::INFINITY; 4]; W];
    // The rows that the least comes from, as whole numbers: a later one is greater.
    let mut from = [[R::ZERO; 4]; W];
    for (i, (row, &near)) in rows.iter().zip(first).enumerate() {
        let number = R::from_usize(i);
        for ((low, from), c) in low.iter_mut().zip(&mut from).zip(row) {
            let new = lanes(|l| c[l] + near);
            *from = lanes(|l| from[l].max(if new[l] < low[l] { number } else { R::ZERO }));
            *low = lanes(|l| low[l].min(new[l]));
        }
    }
    let mut left = s.free;
    while left != 0 {
        let j = left.trailing_zeros() as usize % MOST;
        left &= left - 1;
        let to = at(&from, j).whole() as usize % MOST;
        set(potential.as_flattened_mut(), j, at(&low, j));
        let mut served = to;
        if *waiting >> to & 1 == 0 {
            let own = get(s.column_of, to);
            let mut others = *waiting;
            while others != 0 && get(s.column_of, others.trailing_zeros() as usize) != own {
                others &= others - 1;
            }
            if others == 0 {
                continue;
            }
            served = others.trailing_zeros() as usize;
            s.give(own as usize, served);
        }
        s.give(j, to);
        s.free &= !(1 << j);
        *waiting &= !1u32.wrapping_shl(served as u32);
    }
}

/// Gives row `start` a column along a shortest alternating path.
#[inline(always)]
fn augment<R: Real, const W: usize>(
    rows: &[Line<R, W>],
    start: usize,
    first: R,
    potential: &mut Line<R, W>,
    s: &mut State<'_>,
) {
    let Some(row) = rows.get(start) else { return };
    // A scanned column is infinitely far and has potential minus infinity.
    let mut near = distances(potential, row);
    let mut unscanned = *potential;
    let mut from = [[R::from_usize(start); 4]; W];
    let mut scanned = [(R::ZERO, 0); MOST];
    let mut scans = 0;
    let wish = get(s.column_of, start) as usize;
    let still = at(potential, wish) - at(row, wish) == first;
    let mut found = if still { (first, wish, false) } else { nearest(&near, s.free) };
    while !found.2 && scans < s.column_of.len() {
        let (high, j, _) = found;
        scanned[scans % MOST] = (high, j);
        scans += 1;
        let i = s.row_of[j % MOST] as usize;
        let Some(row) = rows.get(i) else { return };
        let base = high + (at(row, j) - at(potential, j));
        let number = R::from_usize(i);
        if W < 4 {
            // By whole groups, not by address: the rows stay in registers.
            let spike = R::SPIKE.get(15 - j % MOST..).and_then(|s| s.as_chunks().0.first_chunk());
            let Some(spike): Option<&Line<R, W>> = spike else { return };
            for g in 0..W {
                unscanned[g] = lanes(|l| unscanned[g][l].min(spike[g][l]));
                near[g] = lanes(|l| near[g][l].min(spike[g][l]));
            }
        } else {
            // Four groups are too many for that where vectors are short.
            put(&mut unscanned, j, -R::INFINITY);
            put(&mut near, j, -R::INFINITY);
        }
        for g in 0..W {
            let new = lanes(|l| base - (row[g][l] - unscanned[g][l]));
            from[g] = lanes(|l| if new[l] > near[g][l] { number } else { from[g][l] });
            near[g] = lanes(|l| near[g][l].max(new[l]));
        }
        found = nearest(&near, s.free);
    }
    let (reach, mut j, _) = found;
    for &(near, j) in scanned.iter().take(scans) {
        if let Some(v) = potential.as_flattened_mut().get_mut(j) {
            *v += reach - near;
        }
    }
    s.free &= !(1 << (j % MOST));
    for _ in 0..=scans {
        let i = at(&from, j).whole() as usize;
        let next = get(s.column_of, i) as usize;
        s.give(j, i);
        if i == start {
            break;
        }
        j = next;
    }
}

/// How near the nearest columns are, one of them, and whether that is free: the first free one, else the
/// first.
#[inline(always)]
fn nearest<R: Real, const W: usize>(near: &Line<R, W>, free: u32) -> (R, usize, bool) {
    let high = highest(near);
    let all = equal_to(near, high);
    let open = all & free;
    let choice = if open != 0 { open } else { all };
    (high, choice.trailing_zeros() as usize % MOST, open != 0)
}
