//! Slices as the rows of a matrix.
//!
//! The core library's iterators over rows divide by the length of a row. In code made for size its check before that
//! division stays, and with it a panic; there they have a counterpart that only goes on.

#[cfg(not(feature = "small"))]
use core::slice::{ChunksExact as Rows, ChunksExactMut as RowsMut};

#[cfg(feature = "small")]
pub(crate) use onwards::{Rows, RowsMut};

/// A slice in rows of `width`, or of 1 if that is 0. What does not fill a row is left out.
pub(crate) trait InRows<T> {
    fn in_rows(&self, width: usize) -> Rows<'_, T>;
    fn in_rows_mut(&mut self, width: usize) -> RowsMut<'_, T>;
}

#[cfg(not(feature = "small"))]
impl<T> InRows<T> for [T] {
    #[inline(always)]
    fn in_rows(&self, width: usize) -> Rows<'_, T> {
        self.chunks_exact(width.max(1))
    }
    #[inline(always)]
    fn in_rows_mut(&mut self, width: usize) -> RowsMut<'_, T> {
        self.chunks_exact_mut(width.max(1))
    }
}

#[cfg(feature = "small")]
mod onwards {
    use super::InRows;
    use crate::memory::product;

    impl<T> InRows<T> for [T] {
        #[inline(always)]
        fn in_rows(&self, width: usize) -> Rows<'_, T> {
            Rows { rest: self, width: width.max(1) }
        }
        #[inline(always)]
        fn in_rows_mut(&mut self, width: usize) -> RowsMut<'_, T> {
            RowsMut { rest: self, width: width.max(1) }
        }
    }

    /// See [`InRows::in_rows`].
    #[derive(Clone, Debug)]
    pub(crate) struct Rows<'a, T> {
        rest: &'a [T],
        width: usize,
    }

    impl<'a, T> Iterator for Rows<'a, T> {
        type Item = &'a [T];

        fn next(&mut self) -> Option<&'a [T]> {
            let (row, rest) = self.rest.split_at_checked(self.width)?;
            self.rest = rest;
            Some(row)
        }
        fn nth(&mut self, n: usize) -> Option<&'a [T]> {
            self.rest = self.rest.get(product(n, self.width)..)?;
            self.next()
        }
    }

    /// See [`InRows::in_rows_mut`].
    #[derive(Debug)]
    pub(crate) struct RowsMut<'a, T> {
        rest: &'a mut [T],
        width: usize,
    }

    impl<'a, T> Iterator for RowsMut<'a, T> {
        type Item = &'a mut [T];

        fn next(&mut self) -> Option<&'a mut [T]> {
            let rest = core::mem::take(&mut self.rest);
            let (row, rest) = rest.split_at_mut_checked(self.width)?;
            self.rest = rest;
            Some(row)
        }
        fn nth(&mut self, n: usize) -> Option<&'a mut [T]> {
            let rest = core::mem::take(&mut self.rest);
            self.rest = rest.get_mut(product(n, self.width)..)?;
            self.next()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_the_core_library() {
        let mut numbers: [u8; 11] = core::array::from_fn(|k| k as u8);
        for width in 1..13 {
            assert!(numbers.in_rows(width).eq(numbers.chunks_exact(width)));
            for n in 0..13 {
                assert_eq!(numbers.in_rows(width).nth(n), numbers.chunks_exact(width).nth(n));
                let row = numbers.chunks_exact(width).nth(n).map(<[u8]>::to_vec);
                assert_eq!(numbers.in_rows_mut(width).nth(n).map(|row| row.to_vec()), row);
            }
            let copy = numbers;
            assert!(numbers.in_rows_mut(width).eq(copy.chunks_exact(width)));
        }
        assert_eq!(numbers.in_rows(0).count(), 11);
        assert_eq!(numbers.in_rows(usize::MAX).nth(usize::MAX), None);
    }
}
