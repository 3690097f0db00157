//! Tables of the nodes of a transport problem: column j is node j, rows come after the padded columns.
//!
//! Where there are few rows and columns a table is an array and a node's number its last bits: then no
//! access needs a check, and one register leads to each table.

use super::lanes::{BY_WIDTH, Row, get, padded, set};
use crate::real::Real;

/// Nodes of a table of known length: 16 columns and 16 rows.
const FEW: usize = 32;

/// Something for each node: an array in which every number has a place, or a slice.
pub(crate) trait Table<T> {
    /// The table in lent memory.
    fn of(memory: &mut [T]) -> Option<&mut Self>;
    /// All of it.
    fn all(&self) -> &[T];
    /// What is there for a node.
    fn read(&self, node: usize) -> T;
    /// Writes what is there for a node.
    fn write(&mut self, node: usize, value: T);
}

impl<T: Copy> Table<T> for [T; FEW] {
    #[inline(always)]
    fn of(memory: &mut [T]) -> Option<&mut Self> {
        memory.first_chunk_mut()
    }
    #[inline(always)]
    fn all(&self) -> &[T] {
        self
    }
    #[inline(always)]
    fn read(&self, node: usize) -> T {
        self[node % FEW]
    }
    #[inline(always)]
    fn write(&mut self, node: usize, value: T) {
        self[node % FEW] = value;
    }
}

impl<T: Copy + Default> Table<T> for [T] {
    #[inline(always)]
    fn of(memory: &mut [T]) -> Option<&mut Self> {
        Some(memory)
    }
    #[inline(always)]
    fn all(&self) -> &[T] {
        self
    }
    #[inline(always)]
    fn read(&self, node: usize) -> T {
        get(self, node)
    }
    #[inline(always)]
    fn write(&mut self, node: usize, value: T) {
        set(self, node, value);
    }
}

/// A row of costs, and tables for the nodes of a problem with such rows.
pub(crate) trait Costs<R: Real>: Row<R> {
    /// A table.
    type Nodes<T: Copy + Default>: Table<T> + ?Sized;
    /// Groups in a row of costs.
    fn width(width: usize) -> usize;
}

impl<R: Real, const W: usize> Costs<R> for [[R; 4]; W] {
    type Nodes<T: Copy + Default> = [T; FEW];
    #[inline(always)]
    fn width(_: usize) -> usize {
        W
    }
}

impl<R: Real> Costs<R> for [[R; 4]] {
    type Nodes<T: Copy + Default> = [T];
    #[inline(always)]
    fn width(width: usize) -> usize {
        width
    }
}

/// Whether rows of costs may be arrays: 16 columns at most are known by the width.
pub(crate) const fn is_narrow(rows: usize) -> bool {
    BY_WIDTH && rows <= 16
}

/// Nodes that there is memory for.
pub(crate) const fn nodes(rows: usize, columns: usize) -> usize {
    let nodes = padded(columns).saturating_add(padded(rows));
    if BY_WIDTH && nodes < FEW { FEW } else { nodes }
}
