//! A cell: a directed acyclic graph of operations, ready to be compared.

use core::cmp::Ordering;

use super::canonical::{self, MAX_LEAVES};
use super::costs::{self, Nodes};
use super::features;
use super::fingerprint::{Fingerprint, Hasher};
use super::graph::{self, Graph};
use super::operations::{FeatureScale, OperationTable};
use super::{FEATURES_PER_GROUP, MAX_ATTRIBUTES, MAX_GROUPS, MAX_MAGNITUDE, MAX_NODES};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::{self, Real};
use crate::rows::InRows;

/// A directed edge between two nodes of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Edge {
    /// The node where the edge starts.
    pub from: u8,
    /// The node where it ends.
    pub to: u8,
}

/// What a cell is made from.
#[derive(Clone, Copy, Debug)]
pub struct CellSpec<'a, R> {
    /// The operation of each node; their number is the number of nodes, 1 to 32.
    pub operations: &'a [u8],
    /// Edges in any order.
    pub edges: &'a [Edge],
    /// One mass per node, or `None` for equal masses. A mass may be 0: the node then counts for paths
    /// only.
    pub masses: Option<&'a [R]>,
    /// Numeric attributes, nodes x attributes of the table, row-major; empty without attributes.
    pub attributes: &'a [R],
}

/// Columns of a padded row of `n` numbers: the next multiple of 4. Padding is 0.
#[must_use]
pub const fn stride(n: usize) -> usize {
    n.saturating_add(3) / 4 * 4
}

// Words: shape (nodes, groups, attributes, flags, a byte each), longest path, table, fingerprint; then
// per node a mask of reached nodes, then per node one of children. Bytes: operations, order.
const SHAPE: usize = 0;
const LONGEST: usize = 1;
const TABLE: usize = 2;
const KEY: usize = 4;
const HEADER: usize = 8;
const UNIFORM: u32 = 1;
const CANONICAL: u32 = 2;

/// A validated cell: a small view over memory that [`Cell::build`] filled.
///
/// Nodes are numbered in canonical order everywhere except where "the caller's" is said;
/// [`Cell::order`] leads back. A renumbering of the caller's nodes gives the same cell, bit for bit, but
/// for [`Cell::children`].
/// The memory may be kept and read in place later ([`Cell::view`]).
///
/// ```
/// use hotnas_core::arch::{Cell, CellSpec, Edge, OperationTable, poster::*};
/// use hotnas_core::memory::{Extent, Storage};
/// const CELL: Extent = Cell::<f64>::extent(3, 1, 0);
/// const WORK: Extent = Cell::<f64>::workspace(3, 1);
/// let mut memory = Storage::<f64, { CELL.reals }, { CELL.words }, { CELL.bytes }>::new();
/// let mut work = Storage::<f64, { WORK.reals }, { WORK.words }, { WORK.bytes }>::new();
/// let table = OperationTable::poster();
/// let spec = CellSpec {
///     operations: &[FC, CONV3, POOL],
///     edges: &[Edge { from: 1, to: 2 }, Edge { from: 2, to: 0 }],
///     masses: None,
///     attributes: &[],
/// };
/// let cell = Cell::build(&table, &spec, &mut memory.arena(), work.arena())?;
/// assert_eq!(cell.operations(), [CONV3, POOL, FC]);
/// assert_eq!(cell.order(), [1, 2, 0]);
/// assert_eq!(cell.feature(0)[..3], [0.0, 0.5, 1.0]); // shortest path from the inputs
/// # Ok::<(), hotnas_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a, R> {
    reals: &'a [R],
    words: &'a [u32],
    /// The first of `words`: what is asked for everywhere needs no check there.
    header: &'a [u32; HEADER],
    bytes: &'a [u8],
}

impl<'a, R: Real> Cell<'a, R> {
    /// The memory of a cell.
    #[must_use]
    pub const fn extent(nodes: usize, groups: usize, attributes: usize) -> Extent {
        let rows = product(groups, FEATURES_PER_GROUP)
            .saturating_add(product(nodes, 2))
            .saturating_add(attributes)
            .saturating_add(1);
        Extent {
            reals: product(rows, stride(nodes)),
            words: product(nodes, 2).saturating_add(HEADER),
            bytes: product(nodes, 2),
        }
    }

    /// Scratch for [`Cell::build`].
    #[must_use]
    pub const fn workspace(nodes: usize, groups: usize) -> Extent {
        Extent::reals(product(product(nodes, groups), FEATURES_PER_GROUP))
            .and(canonical::workspace(if nodes < MAX_NODES { nodes } else { MAX_NODES }))
            .and(graph::WORKSPACE)
            .and(features::WORKSPACE)
            .and(Extent::reals(MAX_NODES))
    }

    /// Validates `spec`, brings it into canonical order and carves [`Cell::extent`] out of `storage`.
    ///
    /// # Errors
    /// In this order: [`Error::EmptyCell`], [`Error::TooManyNodes`], [`Error::DimensionMismatch`]
    /// (attributes, masses), [`Error::MemoryTooSmall`] (storage, workspace),
    /// [`Error::UnknownOperation`]; edge by edge [`Error::NodeOutOfRange`], [`Error::SelfLoop`],
    /// [`Error::DuplicateEdge`]; [`Error::Cycle`]; attribute by attribute
    /// [`Error::AttributeNotFinite`], [`Error::TooLarge`]; mass by mass [`Error::MassNotFinite`],
    /// [`Error::NegativeMass`]; [`Error::MassSum`]. Nothing is carved or written to `storage` then.
    pub fn build(
        table: &OperationTable<'_, R>,
        spec: &CellSpec<'_, R>,
        storage: &mut Arena<'a, R>,
        mut workspace: Arena<'_, R>,
    ) -> Result<Self, Error> {
        let n = spec.operations.len();
        if n == 0 {
            return Err(Error::EmptyCell);
        }
        if n > MAX_NODES {
            return Err(Error::TooManyNodes);
        }
        let (groups, attributes) = (table.groups(), table.attributes());
        if spec.attributes.len() != n * attributes || spec.masses.is_some_and(|m| m.len() != n) {
            return Err(Error::DimensionMismatch);
        }
        let extent = Self::extent(n, groups, attributes);
        storage.require(extent)?;
        workspace.require(Self::workspace(n, groups))?;
        if spec.operations.iter().any(|&o| usize::from(o) >= table.operations()) {
            return Err(Error::UnknownOperation);
        }
        let graph = Graph::new(n, spec.edges, &mut workspace)?;
        for x in spec.attributes {
            if !x.is_finite() {
                return Err(Error::AttributeNotFinite);
            }
            if x.abs() > R::from_f64(MAX_MAGNITUDE) {
                return Err(Error::TooLarge);
            }
        }
        let masses: &mut [R; MAX_NODES] =
            workspace.reals(MAX_NODES)?.first_chunk_mut().ok_or(Error::MemoryTooSmall)?;
        let uniform = scale_masses(n, spec.masses, masses)?;

        let operation = |v: usize| spec.operations.get(v).copied().unwrap_or(0);
        let attribute = |v: usize, t: usize| {
            spec.attributes.get(v * attributes + t).copied().unwrap_or(R::ZERO) + R::ZERO
        };
        let scale = match table.scale() {
            FeatureScale::LongestPath => u32::from(graph.longest_path()),
            FeatureScale::Raw => 1,
        };
        let computed = workspace.reals(n * table.features())?;
        let group_mask = |v| table.group_mask(operation(v));
        features::compute(&graph, group_mask, scale, computed, workspace.scope())?;
        let computed = computed.in_rows(n);
        let at = |row: &[R], v: usize| row.get(v).copied().unwrap_or(R::ZERO);
        let compare = |a: usize, b: usize| {
            let labels = (graph.depth[a & 31], operation(a)).cmp(&(graph.depth[b & 31], operation(b)));
            labels
                .then_with(|| ascending((0..attributes).map(|t| (attribute(a, t), attribute(b, t)))))
                .then_with(|| ascending(computed.clone().map(|row| (at(row, a), at(row, b)))))
                .then_with(|| ascending([(masses[a & 31], masses[b & 31])].into_iter()))
        };
        let (order, complete) = canonical::order(&graph, compare, MAX_LEAVES, workspace)?;
        let positions = canonical::inverse(n, &order);

        let mut storage = storage.split(extent)?;
        let reals = storage.reals(extent.reals)?;
        let words = storage.words(extent.words)?;
        let bytes = storage.bytes(extent.bytes)?;
        let nodes = || order.iter().take(n).map(|&v| usize::from(v));

        let (operations, old) = bytes.split_at_mut_checked(n).unwrap_or_default();
        for ((operation_of, old), v) in operations.iter_mut().zip(old).zip(nodes()) {
            *operation_of = operation(v);
            *old = v as u8;
        }
        let masks = words.get_mut(HEADER..).unwrap_or_default().in_rows_mut(n);
        for (words, masks) in masks.zip([&*graph.down, &*graph.children]) {
            canonical::rows(n, masks, &positions, words);
        }
        let flags = if uniform { UNIFORM } else { 0 } | if complete { CANONICAL } else { 0 };
        let header = [
            n as u32 | (groups as u32) << 8 | (attributes as u32) << 16 | flags << 24,
            u32::from(graph.longest_path()),
        ];
        for (word, value) in words.iter_mut().zip(header.into_iter().chain(table.fingerprint())) {
            *word = value;
        }

        reals.fill(R::ZERO);
        let mut rows = reals.in_rows_mut(stride(n));
        for (row, computed) in rows.by_ref().take(table.features()).zip(computed) {
            for (x, v) in row.iter_mut().zip(nodes()) {
                *x = at(computed, v);
            }
        }
        // Attributes and masses stand before the matrices that are made from them.
        for (t, row) in rows.by_ref().take(attributes).enumerate() {
            for (x, v) in row.iter_mut().zip(nodes()) {
                *x = attribute(v, t);
            }
        }
        if let Some(row) = rows.next() {
            for (x, v) in row.iter_mut().zip(nodes()) {
                *x = masses[v & 31];
            }
        }
        let lists = (table.features() + attributes + 1) * stride(n);
        let (lists, matrices) = reals.split_at_mut_checked(lists).unwrap_or_default();
        let (within_operation, within_structure) =
            matrices.split_at_mut_checked(n * stride(n)).unwrap_or_default();
        let (features, rest) = lists.split_at_checked(table.features() * stride(n)).unwrap_or_default();
        let nodes = Nodes { operations, features, attributes: rest };
        costs::operations(table, &nodes, &nodes, within_operation, None);
        costs::structure(&nodes, &nodes, within_structure);
        for row in within_structure.in_rows_mut(stride(n)) {
            for padding in row.iter_mut().skip(n) {
                *padding = R::ZERO;
            }
        }

        let key = Cell::of(&*reals, &*words, &*bytes).ok_or(Error::MemoryTooSmall)?.key();
        for (word, value) in words.iter_mut().skip(KEY).zip(key) {
            *word = value;
        }
        Self::of(reals, words, bytes).ok_or(Error::MemoryTooSmall)
    }

    fn of(reals: &'a [R], words: &'a [u32], bytes: &'a [u8]) -> Option<Self> {
        Some(Self { reals, words, header: words.first_chunk()?, bytes })
    }

    /// The cell that [`Cell::build`] left in this memory, or `None` if it is not one: lengths and
    /// counts are checked, the numbers are not. Whatever the memory holds, reading it never panics, but a
    /// solver may not end unless [`Cell::is_within_ranges`].
    #[must_use]
    pub fn view(reals: &'a [R], words: &'a [u32], bytes: &'a [u8]) -> Option<Self> {
        let cell = Self::of(reals, words, bytes)?;
        let (n, groups, attributes) = (cell.nodes(), cell.groups(), cell.attributes_per_node());
        if !(1..=MAX_NODES).contains(&n)
            || !(1..=MAX_GROUPS).contains(&groups)
            || attributes > MAX_ATTRIBUTES
        {
            return None;
        }
        let extent = Self::extent(n, groups, attributes);
        Self::of(reals.get(..extent.reals)?, words.get(..extent.words)?, bytes.get(..extent.bytes)?)
    }

    /// Whether all numbers are in the ranges that [`Cell::build`] keeps to, masses from 0 to 1: enough for a
    /// distance to be found. Damage within the ranges is not seen.
    #[must_use]
    pub fn is_within_ranges(&self) -> bool {
        // The greatest cost within a cell: four attributes that differ by twice their limit, times the greatest
        // weight, and a dissimilarity.
        let limit = R::from_f64(9.0 * MAX_MAGNITUDE * MAX_MAGNITUDE);
        within(self.reals, -limit, limit) && within(self.masses(), R::ZERO, R::ONE)
    }

    /// The memory that this cell lies in, to be stored and given to [`Cell::view`] later.
    #[must_use]
    pub fn memory(&self) -> (&'a [R], &'a [u32], &'a [u8]) {
        (self.reals, self.words, self.bytes)
    }

    /// Number of nodes, 1 to 32.
    #[inline]
    #[must_use]
    pub fn nodes(&self) -> usize {
        (self.header[SHAPE] & 0xff) as usize
    }

    /// Number of operation groups of the table.
    #[inline]
    #[must_use]
    pub fn groups(&self) -> usize {
        (self.header[SHAPE] >> 8 & 0xff) as usize
    }

    /// Structural features of a node: six per group.
    #[inline]
    #[must_use]
    pub fn features_per_node(&self) -> usize {
        self.groups() * FEATURES_PER_GROUP
    }

    /// Numeric attributes of a node.
    #[inline]
    #[must_use]
    pub fn attributes_per_node(&self) -> usize {
        (self.header[SHAPE] >> 16 & 0xff) as usize
    }

    /// Equal masses, 1/n each.
    #[inline]
    #[must_use]
    pub fn is_uniform(&self) -> bool {
        self.header[SHAPE] >> 24 & UNIFORM != 0
    }

    /// Whether the order is canonical. It is not if so many nodes could be exchanged that the search
    /// for the canonical order was cut off after 4096 orders: another numbering of the same cell may
    /// then have another order and another fingerprint.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        self.header[SHAPE] >> 24 & CANONICAL != 0
    }

    /// The longest path in edges.
    #[must_use]
    pub fn longest_path(&self) -> usize {
        self.header[LONGEST] as usize
    }

    /// The fingerprint of the operation table that the cell was made with.
    #[must_use]
    pub fn table(&self) -> [u32; 2] {
        [self.header[TABLE], self.header[TABLE + 1]]
    }

    /// The hash of the key: operations, attributes, features, masses and reachability in canonical
    /// order.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        [self.header[KEY], self.header[KEY + 1], self.header[KEY + 2], self.header[KEY + 3]]
    }

    /// The operation of each node.
    #[inline]
    #[must_use]
    pub fn operations(&self) -> &'a [u8] {
        self.bytes.get(..self.nodes()).unwrap_or(&[])
    }

    /// The caller's number of each node: `order()[canonical] = caller's`.
    #[inline]
    #[must_use]
    pub fn order(&self) -> &'a [u8] {
        self.bytes.get(self.nodes()..).unwrap_or(&[])
    }

    /// The nodes that a path from `node` leads to, bit i for node i; 0 if there is no such node.
    #[inline]
    #[must_use]
    pub fn reaches(&self, node: usize) -> u32 {
        self.reachability().get(node).copied().unwrap_or(0)
    }

    /// [`Cell::reaches`] of every node.
    #[inline]
    #[must_use]
    pub fn reachability(&self) -> &'a [u32] {
        self.words.get(HEADER..).and_then(|words| words.get(..self.nodes())).unwrap_or(&[])
    }

    /// The children of each node, bit i for node i. They are not part of the key: cells with equal keys
    /// can differ in edges beside longer paths, and then any of them may stand for all.
    #[must_use]
    pub fn children(&self) -> &'a [u32] {
        self.words.get(HEADER..).and_then(|words| words.get(self.nodes()..)).unwrap_or(&[])
    }

    /// Columns of the padded rows of [`Cell::features`] and the matrices: [`stride`] of the nodes.
    #[inline]
    #[must_use]
    pub fn stride(&self) -> usize {
        stride(self.nodes())
    }

    fn rows(&self, skip: usize, rows: usize) -> &'a [R] {
        let (start, length) = (skip * self.stride(), rows * self.stride());
        self.reals.get(start..).and_then(|r| r.get(..length)).unwrap_or(&[])
    }

    /// Structural features, feature-major: `features_per_node()` rows of `stride()` numbers.
    #[inline]
    #[must_use]
    pub fn features(&self) -> &'a [R] {
        self.rows(0, self.features_per_node())
    }

    /// One structural feature of every node. Of the six of a group: shortest, longest, random walk
    /// from the inputs, then the same to the outputs; empty if there is no such feature.
    #[must_use]
    pub fn feature(&self, t: usize) -> &'a [R] {
        let row = self.features().in_rows(self.stride()).nth(t).unwrap_or(&[]);
        row.get(..self.nodes()).unwrap_or(&[])
    }

    /// Writes the features nodes x `features_per_node()`, row-major, in the caller's node order.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] unless `out` has exactly that size.
    pub fn write_features(&self, out: &mut [R]) -> Result<(), Error> {
        let features = self.features_per_node();
        if out.len() != self.nodes() * features {
            return Err(Error::DimensionMismatch);
        }
        for (t, row) in self.features().in_rows(self.stride()).enumerate() {
            for (&x, &old) in row.iter().zip(self.order()) {
                if let Some(place) = out.get_mut(usize::from(old) * features + t) {
                    *place = x;
                }
            }
        }
        Ok(())
    }

    /// Numeric attributes, attribute-major: `attributes_per_node()` rows of `stride()` numbers.
    #[inline]
    #[must_use]
    pub fn attributes(&self) -> &'a [R] {
        self.rows(self.features_per_node(), self.attributes_per_node())
    }

    /// Masses, scaled to a sum of 1.
    #[inline]
    #[must_use]
    pub fn masses(&self) -> &'a [R] {
        self.padded_masses().get(..self.nodes()).unwrap_or(&[])
    }

    /// Masses and padding.
    #[inline]
    pub(crate) fn padded_masses(&self) -> &'a [R] {
        self.rows(self.features_per_node() + self.attributes_per_node(), 1)
    }

    /// Operation dissimilarity and weighted attribute differences between the cell's own nodes:
    /// `nodes()` rows of `stride()` numbers.
    #[inline]
    #[must_use]
    pub fn within_operation(&self) -> &'a [R] {
        let lists = self.features_per_node() + self.attributes_per_node() + 1;
        self.rows(lists, self.nodes())
    }

    /// Mean absolute difference of the features between the cell's own nodes: `nodes()` rows of
    /// `stride()` numbers.
    #[inline]
    #[must_use]
    pub fn within_structure(&self) -> &'a [R] {
        let lists = self.features_per_node() + self.attributes_per_node() + 1;
        self.rows(lists + self.nodes(), self.nodes())
    }

    pub(crate) fn as_nodes(&self) -> Nodes<'a, R> {
        Nodes { operations: self.operations(), features: self.features(), attributes: self.attributes() }
    }

    fn key(&self) -> Fingerprint {
        let mut h = Hasher::new(0x6365_6c6c);
        h.word(R::BITS);
        h.word(self.header[SHAPE] & 0x00ff_ffff);
        for &operation in self.operations() {
            h.word(u32::from(operation));
        }
        for list in [self.attributes(), self.features(), self.padded_masses()] {
            for row in list.in_rows(self.stride()) {
                h.reals(row.get(..self.nodes()).unwrap_or(&[]));
            }
        }
        for &row in self.reachability() {
            h.word(row);
        }
        h.finish()
    }

    /// The sorted list alone: number of nodes, then operations, attributes, features and masses. The
    /// costs of two cells that are equal here are equal; what may differ is reachability.
    #[must_use]
    pub fn compare_lists(&self, other: &Cell<'_, R>) -> Ordering {
        let shape = |c: &Cell<'_, R>| c.header[SHAPE] & 0x00ff_ffff;
        (shape(self).swap_bytes().cmp(&shape(other).swap_bytes()))
            .then_with(|| self.operations().cmp(other.operations()))
            .then_with(|| {
                let lists = self.features_per_node() + self.attributes_per_node() + 1;
                let (a, b) = (self.rows(0, lists), other.rows(0, lists));
                ascending(a.iter().copied().zip(b.iter().copied()))
            })
    }

    /// A total order on the content of the key (not on its hash): [`Cell::compare_lists`], then
    /// reachability. Equal if and only if the keys are equal.
    #[must_use]
    pub fn compare(&self, other: &Cell<'_, R>) -> Ordering {
        self.compare_lists(other).then_with(|| self.reachability().cmp(other.reachability()))
    }
}

#[cfg_attr(feature = "small", inline(never))]
fn within<R: Real>(numbers: &[R], low: R, high: R) -> bool {
    numbers.iter().all(|&x| x >= low && x <= high)
}

/// Lexicographic order of finite numbers.
fn ascending<R: Real>(mut pairs: impl Iterator<Item = (R, R)>) -> Ordering {
    pairs
        .find_map(|(a, b)| match a.order_bits().cmp(&b.order_bits()) {
            Ordering::Equal => None,
            unequal => Some(unequal),
        })
        .unwrap_or(Ordering::Equal)
}

/// Writes masses that sum to 1, in the caller's order; tells whether they are all equal. The sum runs over
/// the masses in ascending order, so that it does not depend on the numbering of the nodes.
fn scale_masses<R: Real>(
    n: usize,
    given: Option<&[R]>,
    masses: &mut [R; MAX_NODES],
) -> Result<bool, Error> {
    let count = R::from_usize(n);
    if let Some(given) = given {
        for &p in given {
            if !p.is_finite() {
                return Err(Error::MassNotFinite);
            }
            if p < R::ZERO {
                return Err(Error::NegativeMass);
            }
        }
        let mut sorted = [R::ZERO; MAX_NODES];
        for (i, &p) in given.iter().enumerate() {
            let rank = given.iter().enumerate().filter(|&(j, &q)| q < p || (q == p && j < i)).count();
            sorted[rank & 31] = p;
        }
        let total = real::sum(&sorted);
        if (total - R::ONE).abs() > R::MASS_TOLERANCE {
            return Err(Error::MassSum);
        }
        for (mass, &p) in masses.iter_mut().zip(given) {
            *mass = p / total + R::ZERO;
        }
        if masses.iter().take(n).any(|&p| p != masses[0]) {
            return Ok(false);
        }
    }
    masses.iter_mut().take(n).for_each(|p| *p = R::ONE / count);
    Ok(true)
}
