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
