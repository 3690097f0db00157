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
    /// Whether the row has at most 16 numbers, whatever is read when the program runs.
    const NARROW: bool;
    /// The columns of a path search over such rows.
    type Frontier<'a>: Frontier<R, Self>
    where
        Self: 'a;

    /// Row `i` of a matrix whose rows have `width` groups.
    fn of(matrix: &[Four<R>], width: usize, i: usize) -> Option<&Self>;
    /// The same, writable.
    fn of_mut(matrix: &mut [Four<R>], width: usize, i: usize) -> Option<&mut Self>;
    /// A frontier for such rows, in the memory lent where it does not fit into registers.
    fn frontier<'a>(memory: &'a mut [&mut [Four<R>]; 3]) -> Self::Frontier<'a>;
}

/// No row, or no column.
pub(crate) const NONE: u32 = u32::MAX;

/// The rows that columns have.
pub(crate) struct Owners<'a> {
    /// The row of a column, or [`NONE`].
    pub(crate) row_of: &'a mut [u32],
    /// The columns without a row among the first 16, a bit each.
    free: u32,
}

impl<'a> Owners<'a> {
    /// No column has a row: [`NONE`] for each.
    #[inline(always)]
    pub(crate) fn new(row_of: &'a mut [u32]) -> Self {
        Self { free: (1 << row_of.len().min(16)) - 1, row_of }
    }

    /// Gives column `j` to row `i`.
    #[inline(always)]
    pub(crate) fn give(&mut self, j: usize, i: usize) {
        set(self.row_of, j, i as u32);
        self.free &= !1u32.wrapping_shl(j as u32);
    }
}

/// The columns that a path search has not scanned yet: how near they are to the rows relaxed so far,
/// which is minus their distance.
pub(crate) trait Frontier<R, V: ?Sized> {
    /// Looks at one row only.
    fn look(&mut self, potential: &V, row: &V);
    /// Begins a search with row `i`, which was looked at.
    fn begin(&mut self, potential: &V, i: usize);
    /// Takes row `i` into account, whose columns are nearer by `base` than its reduced costs say.
    fn relax(&mut self, row: &V, base: R, i: usize);
    /// How near the nearest columns are, one of them, and whether that is free: the first free one, else the
    /// first.
    fn nearest(&self, owners: &Owners<'_>) -> (R, usize, bool);
    /// Marks a column as scanned.
    fn close(&mut self, j: usize);
    /// The row that each column is nearest to, as a whole number.
    fn from(&self) -> impl AsRef<[Four<R>]>;
}

/// A frontier in registers. A scanned column is infinitely far and has potential minus infinity.
#[derive(Clone, Copy)]
pub(crate) struct Narrow<R, const W: usize> {
    near: [Four<R>; W],
    unscanned: [Four<R>; W],
    from: [Four<R>; W],
}

impl<R: Real, const W: usize> Frontier<R, [Four<R>; W]> for Narrow<R, W> {
    #[inline(always)]
    fn look(&mut self, potential: &[Four<R>; W], row: &[Four<R>; W]) {
        for ((near, c), v) in self.near.iter_mut().zip(row).zip(potential) {
            *near = lanes(|l| v[l] - c[l]);
        }
    }
    #[inline(always)]
    fn begin(&mut self, potential: &[Four<R>; W], i: usize) {
        self.unscanned = *potential;
        self.from = [[R::from_usize(i); 4]; W];
    }
    #[inline(always)]
    fn relax(&mut self, row: &[Four<R>; W], base: R, i: usize) {
        let i = R::from_usize(i);
        let columns = self.near.iter_mut().zip(&mut self.from).zip(row).zip(&self.unscanned);
        for (((near, from), c), v) in columns {
            let new = lanes(|l| base - (c[l] - v[l]));
            *from = lanes(|l| if new[l] > near[l] { i } else { from[l] });
            *near = lanes(|l| near[l].max(new[l]));
        }
    }
    #[inline(always)]
    fn nearest(&self, owners: &Owners<'_>) -> (R, usize, bool) {
        let high = highest(&self.near);
        let all = places(&self.near, high);
        let free = all & owners.free;
        let choice = if free != 0 { free } else { all };
        (high, choice.trailing_zeros() as usize, free != 0)
    }
    #[inline(always)]
    fn close(&mut self, j: usize) {
        // By whole groups, not by address: the rows stay in registers.
        let spike =
            R::SPIKE.get(15usize.saturating_sub(j)..).and_then(|s| s.as_chunks().0.first_chunk());
        let Some(spike): Option<&[Four<R>; W]> = spike else { return };
        for ((near, v), spike) in self.near.iter_mut().zip(&mut self.unscanned).zip(spike) {
            *near = lanes(|l| near[l].min(spike[l]));
            *v = lanes(|l| v[l].min(spike[l]));
        }
    }
    #[inline(always)]
    fn from(&self) -> impl AsRef<[Four<R>]> {
        self.from
    }
}

/// A frontier in lent memory.
pub(crate) struct Wide<'a, R> {
    near: &'a mut [Four<R>],
    unscanned: &'a mut [Four<R>],
    from: &'a mut [Four<R>],
}

impl<R: Real> Frontier<R, [Four<R>]> for Wide<'_, R> {
    #[inline(always)]
    fn look(&mut self, potential: &[Four<R>], row: &[Four<R>]) {
        for ((near, c), v) in self.near.iter_mut().zip(row).zip(potential) {
            *near = lanes(|l| v[l] - c[l]);
        }
    }
    #[inline(always)]
    fn begin(&mut self, potential: &[Four<R>], i: usize) {
        self.unscanned.iter_mut().zip(potential).for_each(|(to, v)| *to = *v);
        self.from.fill([R::from_usize(i); 4]);
    }
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn relax(&mut self, row: &[Four<R>], base: R, i: usize) {
        let i = R::from_usize(i);
        let columns = self.near.iter_mut().zip(&mut *self.from).zip(row).zip(&*self.unscanned);
        for (((near, from), c), v) in columns {
            let new = lanes(|l| base - (c[l] - v[l]));
            *from = lanes(|l| if new[l] > near[l] { i } else { from[l] });
            *near = lanes(|l| near[l].max(new[l]));
        }
    }
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn nearest(&self, owners: &Owners<'_>) -> (R, usize, bool) {
        let high = highest(self.near);
        let mut first = usize::MAX;
        for (block, near) in self.near.chunks(4).enumerate() {
            let mut places = places(near, high);
            while places != 0 {
                let j = 16 * block + places.trailing_zeros() as usize;
                if get(owners.row_of, j) == NONE {
                    return (high, j, true);
                }
                first = first.min(j);
                places &= places - 1;
            }
        }
        (high, first, false)
    }
    #[inline(always)]
    fn close(&mut self, j: usize) {
        put(self.near, j, -R::INFINITY);
        put(self.unscanned, j, -R::INFINITY);
    }
    #[inline(always)]
    fn from(&self) -> impl AsRef<[Four<R>]> {
        &*self.from
    }
}

impl<R: Real, const W: usize> Row<R> for [Four<R>; W] {
    const NARROW: bool = W <= 4;
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
    fn frontier(_: &mut [&mut [Four<R>]; 3]) -> Narrow<R, W> {
        let nothing = [[R::ZERO; 4]; W];
        Narrow { near: nothing, unscanned: nothing, from: nothing }
    }
}

impl<R: Real> Row<R> for [Four<R>] {
    const NARROW: bool = false;
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
    fn frontier<'a>([near, unscanned, from]: &'a mut [&mut [Four<R>]; 3]) -> Wide<'a, R> {
        Wide { near, unscanned, from }
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
fn places<R: Real>(row: &[Four<R>], value: R) -> u32 {
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
