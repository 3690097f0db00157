//! Rows of reals in groups of four, and reads and writes that cannot panic.
//!
//! Inside this module matrices have rows padded to a multiple of four, as slices of `[R; 4]`. Loops
//! over such rows become vector code on targets that have it and mean the same on every target.

use crate::error::Error;
use crate::memory::Arena;
use crate::real::Real;

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
    groups(n).saturating_mul(4)
}

/// Four results, one per lane. Numbers are read before any is written: that lets the compiler use one
/// vector instruction where it cannot prove that two slices do not overlap.
#[inline(always)]
pub(crate) fn lanes<R>(f: impl FnMut(usize) -> R) -> Four<R> {
    core::array::from_fn(f)
}

/// A padded row: an array of groups whose number the compiler knows, or a slice.
pub(crate) trait Row<R: Real>: AsRef<[Four<R>]> + AsMut<[Four<R>]> {
    /// The columns of a path search over such rows.
    type Frontier<'a>: Frontier<R, Self>
    where
        Self: 'a;

    /// Row `i` of a matrix whose rows have `width` groups.
    fn of(matrix: &[Four<R>], width: usize, i: usize) -> Option<&Self>;
    /// The same, writable.
    fn of_mut(matrix: &mut [Four<R>], width: usize, i: usize) -> Option<&mut Self>;
    /// A frontier with no row relaxed, in the memory lent where it does not fit into registers.
    fn frontier<'a>(potential: &Self, memory: [&'a mut Self; 2]) -> Self::Frontier<'a>;
}

/// The columns that a path search has not scanned yet: their distances from the rows relaxed so far.
pub(crate) trait Frontier<R, V: ?Sized> {
    /// Takes a row into account whose own distance makes `base` the reduced cost to start from.
    fn relax(&mut self, row: &V, base: R);
    /// The least distance and its column.
    fn least(&self) -> (R, usize);
    /// Marks a column as scanned.
    fn close(&mut self, j: usize);
}

/// A frontier in registers. A scanned column has distance infinity and potential minus infinity.
#[derive(Clone, Copy)]
pub(crate) struct Narrow<R, const W: usize> {
    open: [Four<R>; W],
    unscanned: [Four<R>; W],
}

impl<R: Real, const W: usize> Frontier<R, [Four<R>; W]> for Narrow<R, W> {
    #[inline(always)]
    fn relax(&mut self, row: &[Four<R>; W], base: R) {
        for ((open, c), v) in self.open.iter_mut().zip(row).zip(&self.unscanned) {
            *open = lanes(|l| open[l].min((c[l] - v[l]) - base));
        }
    }
    #[inline(always)]
    fn least(&self) -> (R, usize) {
        least(&self.open)
    }
    #[inline(always)]
    fn close(&mut self, j: usize) {
        // By whole groups, not by address: the rows stay in registers.
        let spike =
            R::SPIKE.get(15usize.saturating_sub(j)..).and_then(|s| s.as_chunks().0.first_chunk());
        let Some(spike): Option<&[Four<R>; W]> = spike else { return };
        for ((open, v), spike) in self.open.iter_mut().zip(&mut self.unscanned).zip(spike) {
            *open = lanes(|l| open[l].max(spike[l]));
            *v = lanes(|l| v[l].min(-spike[l]));
        }
    }
}

/// A frontier in lent memory.
pub(crate) struct Wide<'a, R> {
    open: &'a mut [Four<R>],
    unscanned: &'a mut [Four<R>],
}

impl<R: Real> Frontier<R, [Four<R>]> for Wide<'_, R> {
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn relax(&mut self, row: &[Four<R>], base: R) {
        for ((open, c), v) in self.open.iter_mut().zip(row).zip(&*self.unscanned) {
            *open = lanes(|l| open[l].min((c[l] - v[l]) - base));
        }
    }
    #[inline(always)]
    fn least(&self) -> (R, usize) {
        least(self.open)
    }
    #[inline(always)]
    fn close(&mut self, j: usize) {
        put(self.open, j, R::INFINITY);
        put(self.unscanned, j, -R::INFINITY);
    }
}

impl<R: Real, const W: usize> Row<R> for [Four<R>; W] {
    type Frontier<'a>
        = Narrow<R, W>
    where
        Self: 'a;

    #[inline(always)]
    fn of(matrix: &[Four<R>], _: usize, i: usize) -> Option<&Self> {
        matrix.as_chunks::<W>().0.get(i)
    }
    #[inline(always)]
    fn of_mut(matrix: &mut [Four<R>], _: usize, i: usize) -> Option<&mut Self> {
        matrix.as_chunks_mut::<W>().0.get_mut(i)
    }
    #[inline(always)]
    fn frontier(potential: &Self, _: [&mut Self; 2]) -> Narrow<R, W> {
        Narrow { open: [[R::INFINITY; 4]; W], unscanned: *potential }
    }
}

impl<R: Real> Row<R> for [Four<R>] {
    type Frontier<'a>
        = Wide<'a, R>
    where
        Self: 'a;

    #[inline(always)]
    fn of(matrix: &[Four<R>], width: usize, i: usize) -> Option<&Self> {
        matrix.get(i * width..i * width + width)
    }
    #[inline(always)]
    fn of_mut(matrix: &mut [Four<R>], width: usize, i: usize) -> Option<&mut Self> {
        matrix.get_mut(i * width..i * width + width)
    }
    #[inline(always)]
    fn frontier<'a>(potential: &Self, [open, unscanned]: [&'a mut Self; 2]) -> Wide<'a, R> {
        open.fill([R::INFINITY; 4]);
        unscanned.iter_mut().zip(potential).for_each(|(to, v)| *to = *v);
        Wide { open, unscanned }
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

/// The least number of a padded row and its index, chosen as by [`least_difference`].
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn least<R: Real>(row: &[Four<R>]) -> (R, usize) {
    let mut low = [R::INFINITY; 4];
    for x in row {
        low = lanes(|l| low[l].min(x[l]));
    }
    let (value, lane) = least_lane(low);
    let mut group = 0;
    for (g, x) in row.iter().enumerate().rev() {
        if x[lane & 3] == value {
            group = g;
        }
    }
    (value, 4 * group + lane)
}

/// The least difference between two padded rows and its index. Of equal ones the one in the first
/// lane, there in the first group: the same on every target.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn least_difference<R: Real>(a: &[Four<R>], b: &[Four<R>]) -> (R, usize) {
    let mut low = [R::INFINITY; 4];
    for (a, b) in a.iter().zip(b) {
        low = lanes(|l| low[l].min(a[l] - b[l]));
    }
    let (value, lane) = least_lane(low);
    let mut group = 0;
    for (g, (a, b)) in a.iter().zip(b).enumerate().rev() {
        if a[lane & 3] - b[lane & 3] == value {
            group = g;
        }
    }
    (value, 4 * group + lane)
}

/// The largest absolute value in padded rows.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline)]
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
    let to = arena.reals(padded(columns).saturating_mul(rows))?.as_chunks_mut().0;
    pad(matrix, columns, to);
    Ok(to)
}
