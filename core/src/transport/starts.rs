//! Vertices and costs that Frank-Wolfe starts from. The same on every platform and for both types.

use super::vertex::Entries;
use crate::real::Real;
use crate::rows::InRows;

/// The corner plan: units fill the matrix from the upper left (or, mirrored, the upper right) corner.
pub(crate) fn corner<R: Real>(rows: &[R], columns: &[R], mirrored: bool, entries: &mut Entries<'_, R>) {
    entries.len = 0;
    let m = columns.len();
    let place = |t: usize| if mirrored { m - 1 - t } else { t };
    let mut t = 0;
    let mut room = super::lanes::get(columns, place(0));
    for (i, &units) in rows.iter().enumerate() {
        let mut left = units;
        while left > R::ZERO && t < m {
            let moved = left.min(room);
            if moved > R::ZERO {
                entries.push(i, place(t), moved);
            }
            left -= moved;
            room -= moved;
            if room == R::ZERO {
                t += 1;
                if t < m {
                    room = super::lanes::get(columns, place(t));
                }
            }
        }
    }
}

/// The same in a list of an assignment of `n` points.
pub(crate) fn diagonal<R>(n: usize, mirrored: bool, entries: &mut Entries<'_, R>) {
    entries.len = n;
    for (i, j) in entries.columns.iter_mut().take(n).enumerate() {
        *j = if mirrored { n - 1 - i } else { i } as u32;
    }
}

/// Costs that look random, in [0, 1): a function of the start's number and the place alone.
pub(crate) fn random<R: Real>(start: u32, width: usize, to: &mut [[R; 4]]) {
    let grain = R::ONE / R::from_f64(16_777_216.0);
    for (i, row) in to.in_rows_mut(width).enumerate() {
        for (j, x) in row.as_flattened_mut().iter_mut().enumerate() {
            let place = (u64::from(start) << 40) ^ ((i as u64) << 20) ^ j as u64;
            *x = R::from_usize((mix(place) >> 40) as usize) * grain;
        }
    }
}

/// The finalizer of SplitMix64 after one step of its counter.
pub(crate) fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 7;

    /// The plan that `start` makes where each entry has its row and one unit, as in a solver of assignments.
    fn plan(start: impl Fn(&mut Entries<'_, f64>)) -> [(usize, usize, f64); N] {
        let mut rows: [u32; 2 * N] = core::array::from_fn(|i| i as u32);
        let (mut columns, mut units) = ([0; 2 * N], [1.0; 2 * N]);
        let mut entries = Entries { rows: &mut rows, columns: &mut columns, units: &mut units, len: 0 };
        start(&mut entries);
        assert_eq!(entries.len, N);
        core::array::from_fn(|e| entries.entry(e))
    }

    #[test]
    fn the_diagonal_is_the_corner_of_equal_masses() {
        for mirrored in [false, true] {
            let found = plan(|entries| diagonal(N, mirrored, entries));
            assert_eq!(found, plan(|entries| corner(&[1.0; N], &[1.0; N], mirrored, entries)));
        }
    }
}
