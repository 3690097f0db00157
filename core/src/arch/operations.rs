//! The operation table: what operations there are, how much they differ, how they are grouped.

use super::fingerprint::Hasher;
use super::{FEATURES_PER_GROUP, MAX_ATTRIBUTES, MAX_GROUPS, MAX_MAGNITUDE, MAX_OPERATIONS};
use crate::error::Error;
use crate::real::Real;
use crate::rows::InRows;

/// The four operations of the HOTNAS poster and what it prints about them: Conv3 and Conv1 differ by
/// 0.1, any other two by 2.
pub mod poster {
    /// Convolution 3x3.
    pub const CONV3: u8 = 0;
    /// Convolution 1x1.
    pub const CONV1: u8 = 1;
    /// Pooling.
    pub const POOL: u8 = 2;
    /// Fully connected.
    pub const FC: u8 = 3;
    /// Number of operations.
    pub const OPERATIONS: usize = 4;
}

/// How much two operations differ: symmetric, 0 between an operation and itself, not negative.
#[derive(Clone, Copy, Debug)]
pub enum Dissimilarity<'a, R> {
    /// 1 between any two different operations, of which there are so many. Needs no memory.
    Flat(usize),
    /// The poster's four operations, see [`poster`]. Needs no memory.
    Poster,
    /// A matrix of the caller's.
    Matrix {
        /// Number of operations k.
        operations: usize,
        /// k x k, row-major.
        values: &'a [R],
    },
}

/// Groups of operations. Each group has its own six path lengths, in which an edge u -> v weighs 1 if
/// the operation of u is in the group and 0 otherwise (groups are not in the paper).
#[derive(Clone, Copy, Debug)]
pub struct Groups<'a> {
    /// Number of groups, 1 to 8.
    pub count: usize,
    /// One mask per operation: bit g is set if the operation is in group g.
    pub masks: &'a [u8],
}

/// What path lengths are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum FeatureScale {
    /// The longest path of the cell in edges, at least 1 (not in the paper).
    #[default]
    LongestPath = 0,
    /// Nothing: lengths stay numbers of edges.
    Raw = 1,
}

/// Operations, their dissimilarity, their groups and the weights of numeric node attributes.
///
/// Borrows the caller's data, which may lie in flash. Cells remember a fingerprint of their table, and
/// cells of different tables are never compared.
#[derive(Clone, Copy, Debug)]
pub struct OperationTable<'a, R> {
    dissimilarity: Dissimilarity<'a, R>,
    groups: Option<Groups<'a>>,
    attribute_weights: &'a [R],
    scale: FeatureScale,
    fingerprint: [u32; 2],
}

impl<'a, R: Real> OperationTable<'a, R> {
    /// A validated table.
    ///
    /// `groups`: `None` is one group with every operation, the six numbers of the poster.
    /// `attribute_weights`: one weight per numeric attribute of a node, up to 4; the dissimilarity of
    /// two nodes grows by weight * |difference of the attribute| (not in the paper).
    ///
    /// # Errors
    /// In this order: [`Error::OperationCount`], [`Error::DimensionMismatch`] (matrix, masks),
    /// [`Error::AttributeCount`], [`Error::GroupCount`], then entry by entry of the matrix
    /// [`Error::NotFinite`], [`Error::NegativeCost`], [`Error::TooLarge`], [`Error::NonZeroDiagonal`],
    /// [`Error::NotSymmetric`], and the first three for the weights.
    pub fn new(
        dissimilarity: Dissimilarity<'a, R>,
        groups: Option<Groups<'a>>,
        attribute_weights: &'a [R],
        scale: FeatureScale,
    ) -> Result<Self, Error> {
        let mut table = Self { dissimilarity, groups, attribute_weights, scale, fingerprint: [0; 2] };
        let k = table.operations();
        if !(1..=MAX_OPERATIONS).contains(&k) {
            return Err(Error::OperationCount);
        }
        let matrix = match dissimilarity {
            Dissimilarity::Matrix { values, .. } => Some(values),
            _ => None,
        };
        if matrix.is_some_and(|m| m.len() != k * k) || groups.is_some_and(|g| g.masks.len() != k) {
            return Err(Error::DimensionMismatch);
        }
        if attribute_weights.len() > MAX_ATTRIBUTES {
            return Err(Error::AttributeCount);
        }
        if let Some(g) = groups {
            let all = 1u32.checked_shl(g.count as u32).unwrap_or(0).wrapping_sub(1);
            if !(1..=MAX_GROUPS).contains(&g.count) || g.masks.iter().any(|&m| u32::from(m) & !all != 0)
            {
                return Err(Error::GroupCount);
            }
        }
        for (i, row) in matrix.unwrap_or(&[]).in_rows(k).enumerate() {
            for (j, &d) in row.iter().enumerate() {
                weight(d)?;
                if i == j && d != R::ZERO {
                    return Err(Error::NonZeroDiagonal);
                }
                if d != table.dissimilarity(j as u8, i as u8) {
                    return Err(Error::NotSymmetric);
                }
            }
        }
        for &w in attribute_weights {
            weight(w)?;
        }
        table.fingerprint = table.hash();
        Ok(table)
    }

    /// The table that the poster prints: four operations, six plain path lengths, no attributes.
    /// The division by the longest path is not in the paper.
    #[must_use]
    pub fn poster() -> OperationTable<'static, R> {
        let mut table = OperationTable {
            dissimilarity: Dissimilarity::Poster,
            groups: None,
            attribute_weights: &[],
            scale: FeatureScale::LongestPath,
            fingerprint: [0; 2],
        };
        table.fingerprint = table.hash();
        table
    }

    fn hash(&self) -> [u32; 2] {
        let mut h = Hasher::new(0x7461_626c);
        let k = self.operations();
        h.word(R::BITS);
        h.word(k as u32);
        h.word(self.groups() as u32);
        h.word(self.attributes() as u32);
        h.word(self.scale as u32);
        for i in 0..k {
            h.word(u32::from(self.group_mask(i as u8)));
            for j in 0..i {
                h.real(self.dissimilarity(i as u8, j as u8));
            }
        }
        h.reals(self.attribute_weights);
        let [a, b, ..] = h.finish();
        [a, b]
    }

    /// Number of operations, 1 to 256.
    #[must_use]
    pub fn operations(&self) -> usize {
        match self.dissimilarity {
            Dissimilarity::Flat(k) => k,
            Dissimilarity::Poster => poster::OPERATIONS,
            Dissimilarity::Matrix { operations, .. } => operations,
        }
    }

    /// Number of operation groups, 1 to 8.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups.map_or(1, |g| g.count)
    }

    /// Structural features of a node: six per group.
    #[must_use]
    pub fn features(&self) -> usize {
        FEATURES_PER_GROUP * self.groups()
    }

    /// Numeric attributes of a node, 0 to 4.
    #[must_use]
    pub fn attributes(&self) -> usize {
        self.attribute_weights.len()
    }

    /// Weights of the numeric attributes.
    #[must_use]
    pub fn attribute_weights(&self) -> &'a [R] {
        self.attribute_weights
    }

    /// What path lengths are divided by.
    #[must_use]
    pub fn scale(&self) -> FeatureScale {
        self.scale
    }

    /// The groups of an operation, bit g for group g.
    #[must_use]
    pub fn group_mask(&self, operation: u8) -> u8 {
        match self.groups {
            None => 1,
            Some(g) => g.masks.get(usize::from(operation)).copied().unwrap_or(0),
        }
    }

    /// Dissimilarity of two operations. Operations that the table does not have differ by 0 in a
    /// matrix; a [`super::Cell`] never holds one.
    #[inline]
    #[must_use]
    pub fn dissimilarity(&self, a: u8, b: u8) -> R {
        match self.dissimilarity {
            Dissimilarity::Matrix { operations, values } => {
                values.get(usize::from(a) * operations + usize::from(b)).copied().unwrap_or(R::ZERO)
            }
            _ if a == b => R::ZERO,
            Dissimilarity::Flat(_) => R::ONE,
            Dissimilarity::Poster if a.max(b) <= poster::CONV1 => R::from_f64(0.1),
            Dissimilarity::Poster => R::TWO,
        }
    }

    /// Hands the dissimilarity of `from` and each operation of `to` to `put`, with what stands beside
    /// the operation.
    #[inline]
    pub(crate) fn row<'o, T>(
        &self,
        from: u8,
        to: impl Iterator<Item = (T, &'o u8)>,
        mut put: impl FnMut(T, R),
    ) {
        match self.dissimilarity {
            Dissimilarity::Matrix { operations, values } => {
                let row = values.get(usize::from(from) * operations..).unwrap_or(&[]);
                to.for_each(|(x, &o)| put(x, row.get(usize::from(o)).copied().unwrap_or(R::ZERO)));
            }
            Dissimilarity::Flat(_) => {
                to.for_each(|(x, &o)| put(x, if o == from { R::ZERO } else { R::ONE }));
            }
            Dissimilarity::Poster => to.for_each(|(x, &o)| put(x, self.dissimilarity(from, o))),
        }
    }

    /// A hash of everything in the table, by value: a flat table and a matrix with the same numbers
    /// are the same table.
    #[must_use]
    pub fn fingerprint(&self) -> [u32; 2] {
        self.fingerprint
    }
}

fn weight<R: Real>(x: R) -> Result<(), Error> {
    if !x.is_finite() {
        return Err(Error::NotFinite);
    }
    if x < R::ZERO {
        return Err(Error::NegativeCost);
    }
    if x > R::from_f64(MAX_MAGNITUDE) {
        return Err(Error::TooLarge);
    }
    Ok(())
}
