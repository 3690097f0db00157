//! Rows of reals in groups of four, and reads and writes that cannot panic.
//!
//! Inside this module matrices have rows padded to a multiple of four, as slices of `[R; 4]`. Loops
//! over such rows become vector code on targets that have it and mean the same on every target.

use crate::real::Real;

/// Four reals side by side.
pub(crate) type Four<R> = [R; 4];

/// Number of groups of four that hold `n` reals.
pub(crate) const fn groups(n: usize) -> usize {
    n / 4 + (n % 4 != 0) as usize
}

/// `n` rounded up to a multiple of four, saturating.
pub(crate) const fn padded(n: usize) -> usize {
    groups(n).saturating_mul(4)
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

/// The least number of a padded row and the lowest index where it stands; `(INFINITY, 0)` if none
/// is less than infinity.
#[inline(always)]
pub(crate) fn least<R: Real>(row: &[Four<R>]) -> (R, usize) {
    let mut low = [R::INFINITY; 4];
    for x in row {
        for (low, &x) in low.iter_mut().zip(x) {
            *low = low.min(x);
        }
    }
    let least = low[0].min(low[1]).min(low[2].min(low[3]));
    (least, position(row, least))
}

/// The lowest index at which `value` stands in a padded row, or 0.
#[inline(always)]
pub(crate) fn position<R: Real>(row: &[Four<R>], value: R) -> usize {
    for (g, x) in row.iter().enumerate() {
        let mut bits = 0u32;
        for (lane, &x) in x.iter().enumerate() {
            bits |= u32::from(x == value) << lane;
        }
        if bits != 0 {
            return 4 * g + bits.trailing_zeros() as usize;
        }
    }
    0
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
