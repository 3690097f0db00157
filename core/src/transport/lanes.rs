//! Rows of reals in groups of four, and reads and writes that cannot panic.
//!
//! Inside this module matrices have rows padded to a multiple of four, as slices of `[R; 4]`. Loops
//! over such rows become vector code on targets that have it and mean the same on every target.

use super::{assignment, narrow};
use crate::error::Error;
use crate::memory::{Arena, product};
use crate::real::Real;
use crate::rows::InRows;

/// Four reals side by side.
pub(crate) type Four<R> = [R; 4];

/// Whether code is made for common widths of a matrix beside the code for every width. Results are the same.
pub(crate) const BY_WIDTH: bool = !cfg!(feature = "small");

/// Number of groups of four that hold `n` reals.
pub(crate) const fn groups(n: usize) -> usize {
    n.div_ceil(4)
}

/// `n` rounded up to a multiple of four, saturating.
pub(crate) const fn padded(n: usize) -> usize {
    product(groups(n), 4)
}

/// Four results, one per lane. Numbers are read before any is written: that lets the compiler use one
/// vector instruction where it cannot prove that two slices do not overlap.
#[inline(always)]
pub(crate) fn lanes<R>(f: impl FnMut(usize) -> R) -> Four<R> {
    core::array::from_fn(f)
}

/// Puts into each place what `f` makes of the number there and of the one in the same place of another matrix.
#[inline(always)]
pub(crate) fn change<R: Real>(to: &mut [Four<R>], from: &[Four<R>], f: impl Fn(R, R) -> R) {
    if BY_WIDTH {
        for (to, x) in to.iter_mut().zip(from) {
            *to = lanes(|l| f(to[l], x[l]));
        }
    } else {
        for (to, &x) in to.as_flattened_mut().iter_mut().zip(from.as_flattened()) {
            *to = f(*to, x);
        }
    }
}

/// Writes `factor` times a matrix and returns the largest absolute value of what was written.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn scale<R: Real>(to: &mut [Four<R>], from: &[Four<R>], factor: R) -> R {
    if !BY_WIDTH {
        change(to, from, |_, x| factor * x);
        return largest(to);
    }
    let mut highs = [R::ZERO; 4];
    for (to, x) in to.iter_mut().zip(from) {
        *to = lanes(|l| factor * x[l]);
        highs = lanes(|l| highs[l].max(to[l].abs()));
    }
    highest(&[highs])
}

/// As [`change`], with two other matrices.
#[inline(always)]
pub(crate) fn change_by_two<T: Copy, R: Real>(
    to: &mut [Four<T>],
    [a, b]: [&[Four<R>]; 2],
    f: impl Fn(T, R, R) -> T,
) {
    if BY_WIDTH {
        for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
            *to = lanes(|l| f(to[l], a[l], b[l]));
        }
    } else {
        let both = a.as_flattened().iter().zip(b.as_flattened());
        for (to, (&a, &b)) in to.as_flattened_mut().iter_mut().zip(both) {
            *to = f(*to, a, b);
        }
    }
}

/// A padded row: an array of groups whose number the compiler knows, or a slice.
pub(crate) trait Row<R: Real>: AsRef<[Four<R>]> + AsMut<[Four<R>]> {
    /// Whether the row has at most 16 numbers, whatever is read when the program runs.
    const NARROW: bool;
    /// Row `i` of a matrix whose rows have `width` groups.
    fn of(matrix: &[Four<R>], width: usize, i: usize) -> Option<&Self>;
    /// The same, writable.
    fn of_mut(matrix: &mut [Four<R>], width: usize, i: usize) -> Option<&mut Self>;
    /// See [`assignment::solve`].
    fn assign(
        cost: &[Four<R>],
        width: usize,
        minima: bool,
        potential: &mut Self,
        column_of: &mut [u32],
        scratch: &mut assignment::Scratch<'_, R>,
    ) -> u32;
}

impl<R: Real, const W: usize> Row<R> for [Four<R>; W] {
    const NARROW: bool = W <= 4;

    #[inline(always)]
    fn of(matrix: &[Four<R>], _: usize, i: usize) -> Option<&Self> {
        matrix.as_chunks::<W>().0.get(i)
    }
    #[inline(always)]
    fn of_mut(matrix: &mut [Four<R>], _: usize, i: usize) -> Option<&mut Self> {
        matrix.as_chunks_mut::<W>().0.get_mut(i)
    }
    #[inline(always)]
    fn assign(
        cost: &[Four<R>],
        _: usize,
        minima: bool,
        potential: &mut Self,
        column_of: &mut [u32],
        _: &mut assignment::Scratch<'_, R>,
    ) -> u32 {
        narrow::solve(cost, minima, potential, column_of)
    }
}

impl<R: Real> Row<R> for [Four<R>] {
    const NARROW: bool = false;

    #[inline(always)]
    fn of(matrix: &[Four<R>], width: usize, i: usize) -> Option<&Self> {
        matrix.get(i * width..i * width + width)
    }
    #[inline(always)]
    fn of_mut(matrix: &mut [Four<R>], width: usize, i: usize) -> Option<&mut Self> {
        matrix.get_mut(i * width..i * width + width)
    }
    #[inline(always)]
    fn assign(
        cost: &[Four<R>],
        width: usize,
        minima: bool,
        potential: &mut Self,
        column_of: &mut [u32],
        scratch: &mut assignment::Scratch<'_, R>,
    ) -> u32 {
        assignment::wide(cost, width, minima, potential, column_of, scratch)
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

/// Which of at most 16 numbers are equal to one, a bit each.
#[inline(always)]
pub(crate) fn equal_to<R: Real>(row: &[Four<R>], value: R) -> u32 {
    // Selected powers of two are added: unlike a search that is vector code without a branch.
    let mut sum = [R::ZERO; 4];
    for (x, places) in row.iter().zip(R::PLACES) {
        sum = lanes(|l| sum[l] + if x[l] == value { places[l] } else { R::ZERO });
    }
    ((sum[0] + sum[2]) + (sum[1] + sum[3])).whole()
}

/// The greatest number of a padded row.
#[inline(always)]
pub(crate) fn highest<R: Real>(row: &[Four<R>]) -> R {
    let Some((&(mut high), rest)) = row.split_first() else { return R::ZERO };
    for x in rest {
        high = lanes(|l| high[l].max(x[l]));
    }
    high[0].max(high[2]).max(high[1].max(high[3]))
}

/// The largest absolute value in padded rows.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline)]
pub(crate) fn largest<R: Real>(matrix: &[Four<R>]) -> R {
    if !BY_WIDTH {
        return matrix.as_flattened().iter().fold(R::ZERO, |high, x| high.max(x.abs()));
    }
    let (blocks, rest) = matrix.as_chunks::<4>();
    // Four at a time: none waits for the one before.
    let mut highs = [[R::ZERO; 4]; 4];
    for x in blocks {
        for (high, x) in highs.iter_mut().zip(x) {
            *high = lanes(|l| high[l].max(x[l].abs()));
        }
    }
    let [mut high, others @ ..] = highs;
    for x in others.iter().chain(rest) {
        high = lanes(|l| high[l].max(x[l].abs()));
    }
    high[0].max(high[1]).max(high[2].max(high[3]))
}

/// Copies an unpadded row-major matrix into padded rows; what is padded becomes 0.
pub(crate) fn pad<R: Real>(from: &[R], columns: usize, to: &mut [Four<R>]) {
    let to = to.as_flattened_mut().in_rows_mut(padded(columns));
    for (to, from) in to.zip(from.in_rows(columns)) {
        to.fill(R::ZERO);
        for (to, &from) in to.iter_mut().zip(from) {
            *to = from;
        }
    }
}

/// A row-major matrix as padded rows: itself where no row needs padding, else a copy.
pub(crate) fn in_fours<'m, 'a: 'm, R: Real>(
    matrix: &'m [R],
    rows: usize,
    columns: usize,
    arena: &mut Arena<'a, R>,
) -> Result<&'m [Four<R>], Error> {
    if columns.is_multiple_of(4) {
        return Ok(matrix.as_chunks().0);
    }
    let to = arena.reals(product(padded(columns), rows))?.as_chunks_mut().0;
    pad(matrix, columns, to);
    Ok(to)
}
