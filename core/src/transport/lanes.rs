//! Rows of reals in groups of four, and reads and writes that cannot panic.
//!
//! Inside this module matrices have rows padded to a multiple of four, as slices of `[R; 4]`. Loops
//! over such rows become vector code on targets that have it and mean the same on every target.

use crate::real::Real;

/// Four reals side by side.
pub(crate) type Four<R> = [R; 4];

/// Number of groups of four that hold `n` reals.
pub(crate) const fn groups(n: usize) -> usize {
    n.div_ceil(4)
}

/// `n` rounded up to a multiple of four, saturating.
pub(crate) const fn padded(n: usize) -> usize {
    groups(n).saturating_mul(4)
}

/// Four results, one per lane. Numbers are read before any is written: that lets the compiler use one
/// vector instruction where it cannot prove that two slices do not overlap.
#[inline(always)]
pub(crate) fn lanes<R>(f: impl FnMut(usize) -> R) -> Four<R> {
    core::array::from_fn(f)
}

/// A padded row: an array of groups whose number the compiler knows, or a slice.
pub(crate) trait Row<R>: AsRef<[Four<R>]> + AsMut<[Four<R>]> {
    /// Row `i` of a matrix whose rows have `width` groups.
    fn of(matrix: &[Four<R>], width: usize, i: usize) -> Option<&Self>;
    /// The same, writable.
    fn of_mut(matrix: &mut [Four<R>], width: usize, i: usize) -> Option<&mut Self>;
}

impl<R, const W: usize> Row<R> for [Four<R>; W] {
    #[inline(always)]
    fn of(matrix: &[Four<R>], _: usize, i: usize) -> Option<&Self> {
        matrix.as_chunks::<W>().0.get(i)
    }
    #[inline(always)]
    fn of_mut(matrix: &mut [Four<R>], _: usize, i: usize) -> Option<&mut Self> {
        matrix.as_chunks_mut::<W>().0.get_mut(i)
    }
}

impl<R> Row<R> for [Four<R>] {
    #[inline(always)]
    fn of(matrix: &[Four<R>], width: usize, i: usize) -> Option<&Self> {
        matrix.get(i * width..i * width + width)
    }
    #[inline(always)]
    fn of_mut(matrix: &mut [Four<R>], width: usize, i: usize) -> Option<&mut Self> {
        matrix.get_mut(i * width..i * width + width)
    }
}

/// Element `i`, or the default beyond the end.
#[inline(always)]
pub(crate) fn get<T: Copy + Default>(slice: &[T], i: usize) -> T {
    slice.get(i).copied().unwrap_or_default()
}

/// Sets element `i` if there is one.
#[inline(always)]
pub(crate) fn set<T>(slice: &mut [T], i: usize, value: T) {
    if let Some(x) = slice.get_mut(i) {
        *x = value;
    }
}

/// Real `j` of a padded row.
#[inline(always)]
pub(crate) fn at<R: Real>(row: &[Four<R>], j: usize) -> R {
    get(row.as_flattened(), j)
}

/// Sets real `j` of a padded row.
#[inline(always)]
pub(crate) fn put<R: Real>(row: &mut [Four<R>], j: usize, value: R) {
    set(row.as_flattened_mut(), j, value);
}

/// The least of four numbers and its lane; of equal ones the first.
#[inline(always)]
pub(crate) fn least_lane<R: Real>(x: [R; 4]) -> (R, usize) {
    let (a, at_a) = if x[1] < x[0] { (x[1], 1) } else { (x[0], 0) };
    let (b, at_b) = if x[3] < x[2] { (x[3], 3) } else { (x[2], 2) };
    if b < a { (b, at_b) } else { (a, at_a) }
}

/// The first group of a padded row that holds `value` in `lane`; the last group if none does.
#[inline(always)]
pub(crate) fn group_of<R: Real>(row: &[Four<R>], value: R, lane: usize) -> usize {
    let last = row.len().saturating_sub(1);
    row.iter().take(last).position(|x| x[lane & 3] == value).unwrap_or(last)
}

/// The least difference between two padded rows and its index. Of equal ones the one in the first
/// lane, there in the first group: the same on every target.
#[inline(always)]
pub(crate) fn least_difference<R: Real>(a: &[Four<R>], b: &[Four<R>]) -> (R, usize) {
    let mut low = [R::INFINITY; 4];
    for (a, b) in a.iter().zip(b) {
        low = lanes(|l| low[l].min(a[l] - b[l]));
    }
    let (value, lane) = least_lane(low);
    let last = a.len().saturating_sub(1);
    let mut pairs = a.iter().zip(b).take(last);
    let group = pairs.position(|(a, b)| a[lane & 3] - b[lane & 3] == value).unwrap_or(last);
    (value, 4 * group + lane)
}

/// The largest absolute value in padded rows.
#[inline]
pub(crate) fn largest<R: Real>(matrix: &[Four<R>]) -> R {
    let mut high = [R::ZERO; 4];
    for x in matrix {
        high = lanes(|l| high[l].max(x[l].abs()));
    }
    high[0].max(high[1]).max(high[2].max(high[3]))
}

/// Copies an unpadded row-major matrix into padded rows; what is padded becomes 0.
pub(crate) fn pad<R: Real>(from: &[R], columns: usize, to: &mut [Four<R>]) {
    let to = to.as_flattened_mut().chunks_exact_mut(padded(columns).max(1));
    for (to, from) in to.zip(from.chunks_exact(columns.max(1))) {
        to.fill(R::ZERO);
        for (to, &from) in to.iter_mut().zip(from) {
            *to = from;
        }
    }
}
