//! Memory that the caller lends.
//!
//! The library owns no memory. What an algorithm needs is an [`Extent`]: numbers of reals, of
//! 32-bit words and of bytes. The caller lends an [`Arena`] of at least that extent, from which
//! typed slices are carved one after the other. A C program lends one block of bytes; a Rust program
//! declares a [`Storage`] on the stack or in a `static`:
//!
//! ```
//! use hotnas_core::memory::{Extent, Storage};
//! const NEED: Extent = Extent::reals(6).and(Extent::bytes(2));
//! let mut storage = Storage::<f64, { NEED.reals }, { NEED.words }, { NEED.bytes }>::new();
//! let mut arena = storage.arena();
//! let row = arena.reals(6)?;
//! assert_eq!(row.len(), 6);
//! assert!(arena.reals(1).is_err());
//! # Ok::<(), hotnas_core::Error>(())
//! ```

use crate::error::Error;
use crate::real::Real;

/// How much memory something needs: counts of reals, 32-bit words and bytes.
///
/// Arithmetic saturates at `usize::MAX`, which no arena can offer: an overflowing request ends in
/// [`Error::MemoryTooSmall`] or, from C, in a size of `SIZE_MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Extent {
    /// Number of reals.
    pub reals: usize,
    /// Number of 32-bit words.
    pub words: usize,
    /// Number of bytes.
    pub bytes: usize,
}

impl Extent {
    /// Nothing.
    pub const NONE: Self = Self { reals: 0, words: 0, bytes: 0 };

    /// `n` reals.
    #[must_use]
    pub const fn reals(n: usize) -> Self {
        Self { reals: n, ..Self::NONE }
    }
    /// `n` words.
    #[must_use]
    pub const fn words(n: usize) -> Self {
        Self { words: n, ..Self::NONE }
    }
    /// `n` bytes.
    #[must_use]
    pub const fn bytes(n: usize) -> Self {
        Self { bytes: n, ..Self::NONE }
    }
    /// Both, one after the other.
    #[must_use]
    #[cfg_attr(feature = "small", inline(never))]
    pub const fn and(self, other: Self) -> Self {
        Self {
            reals: self.reals.saturating_add(other.reals),
            words: self.words.saturating_add(other.words),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
    /// Enough for either, not both at once.
    #[must_use]
    #[cfg_attr(feature = "small", inline(never))]
    pub const fn or(self, other: Self) -> Self {
        const fn max(a: usize, b: usize) -> usize {
            if a > b { a } else { b }
        }
        Self {
            reals: max(self.reals, other.reals),
            words: max(self.words, other.words),
            bytes: max(self.bytes, other.bytes),
        }
    }
    /// `n` times this.
    #[must_use]
    pub const fn times(self, n: usize) -> Self {
        Self {
            reals: product(self.reals, n),
            words: product(self.words, n),
            bytes: product(self.bytes, n),
        }
    }
    /// Bytes of one contiguous block that holds the reals, then the words, then the bytes;
    /// `None` if that overflows.
    #[must_use]
    pub const fn size<R: Real>(self) -> Option<usize> {
        let Some(reals) = self.reals.checked_mul(size_of::<R>()) else {
            return None;
        };
        let Some(words) = self.words.checked_mul(4) else {
            return None;
        };
        let Some(both) = reals.checked_add(words) else {
            return None;
        };
        both.checked_add(self.bytes)
    }
}

/// The product, or `usize::MAX` if that is less.
#[cfg_attr(feature = "small", inline(never))]
pub(crate) const fn product(a: usize, b: usize) -> usize {
    if usize::BITS > 32 {
        return a.saturating_mul(b);
    }
    // For a flag of overflow the compiler would make a number of the upper half and compare that.
    let wide = a as u64 * b as u64;
    if wide >> 32 == 0 { wide as usize } else { usize::MAX }
}

/// Lent memory from which slices are carved. What a slice holds when it is carved is unspecified.
#[derive(Debug, Default)]
pub struct Arena<'a, R> {
    reals: &'a mut [R],
    words: &'a mut [u32],
    bytes: &'a mut [u8],
}

impl<'a, R: Real> Arena<'a, R> {
    /// An arena over three lent slices.
    pub fn new(reals: &'a mut [R], words: &'a mut [u32], bytes: &'a mut [u8]) -> Self {
        Self { reals, words, bytes }
    }

    /// What is left.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { reals: self.reals.len(), words: self.words.len(), bytes: self.bytes.len() }
    }

    /// An error unless at least `need` is left.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn require(&self, need: Extent) -> Result<(), Error> {
        let have = self.extent();
        if have.reals >= need.reals && have.words >= need.words && have.bytes >= need.bytes {
            Ok(())
        } else {
            Err(Error::MemoryTooSmall)
        }
    }

    /// The same memory for a shorter time: what is carved from it is free again afterwards.
    #[must_use]
    #[cfg_attr(feature = "small", inline(never))]
    pub fn scope(&mut self) -> Arena<'_, R> {
        Arena { reals: self.reals, words: self.words, bytes: self.bytes }
    }

    /// Carves `n` reals.
    pub fn reals(&mut self, n: usize) -> Result<&'a mut [R], Error> {
        carve(&mut self.reals, n)
    }
    /// Carves `n` words.
    pub fn words(&mut self, n: usize) -> Result<&'a mut [u32], Error> {
        carve(&mut self.words, n)
    }
    /// Carves `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a mut [u8], Error> {
        carve(&mut self.bytes, n)
    }
    /// Carves a smaller arena of exactly `extent`.
    pub fn split(&mut self, extent: Extent) -> Result<Arena<'a, R>, Error> {
        self.require(extent)?;
        Ok(Arena {
            reals: self.reals(extent.reals)?,
            words: self.words(extent.words)?,
            bytes: self.bytes(extent.bytes)?,
        })
    }
}

fn carve<'a, T>(from: &mut &'a mut [T], n: usize) -> Result<&'a mut [T], Error> {
    match core::mem::take(from).split_at_mut_checked(n) {
        Some((head, tail)) => {
            *from = tail;
            Ok(head)
        }
        None => Err(Error::MemoryTooSmall),
    }
}

/// Copies over the common length.
#[cfg_attr(feature = "small", inline(never))]
pub(crate) fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from;
    }
}

/// Owned memory of a fixed extent, on the stack or in a `static`.
#[derive(Debug, Clone)]
pub struct Storage<R, const REALS: usize, const WORDS: usize, const BYTES: usize> {
    reals: [R; REALS],
    words: [u32; WORDS],
    bytes: [u8; BYTES],
}

impl<R: Real, const REALS: usize, const WORDS: usize, const BYTES: usize>
    Storage<R, REALS, WORDS, BYTES>
{
    /// Zeroed memory.
    #[must_use]
    pub const fn new() -> Self {
        Self { reals: [R::ZERO; REALS], words: [0; WORDS], bytes: [0; BYTES] }
    }
    /// An arena over all of it.
    pub fn arena(&mut self) -> Arena<'_, R> {
        Arena { reals: &mut self.reals, words: &mut self.words, bytes: &mut self.bytes }
    }
}

impl<R: Real, const REALS: usize, const WORDS: usize, const BYTES: usize> Default
    for Storage<R, REALS, WORDS, BYTES>
{
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_carve_leaves_a_status_and_a_scope_gives_memory_back() {
        let mut storage = Storage::<f32, 4, 2, 1>::new();
        let mut arena = storage.arena();
        arena.scope().reals(4).unwrap().fill(1.0);
        assert_eq!(arena.extent(), Extent { reals: 4, words: 2, bytes: 1 });
        assert_eq!(arena.scope().words(3).unwrap_err(), Error::MemoryTooSmall);
        let part = arena.split(Extent { reals: 1, words: 2, bytes: 0 }).unwrap();
        assert_eq!(part.extent(), Extent { reals: 1, words: 2, bytes: 0 });
        assert_eq!(arena.extent(), Extent { reals: 3, words: 0, bytes: 1 });
    }

    #[test]
    fn extents_saturate_and_sizes_overflow_to_none() {
        let huge = Extent::reals(usize::MAX).and(Extent::reals(1));
        assert_eq!(huge.reals, usize::MAX);
        assert_eq!(huge.size::<f64>(), None);
        assert_eq!(Extent { reals: 2, words: 3, bytes: 5 }.size::<f64>(), Some(33));
        assert_eq!(Extent::words(3).or(Extent::words(2)).times(2), Extent::words(6));
    }
}
