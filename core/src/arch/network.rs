//! A network: a sequence of cells, in which the same cell may occur many times.

use core::cmp::Ordering;

use super::cell::{Cell, CellSpec};
use super::fingerprint::{Fingerprint, Hasher};
use super::operations::OperationTable;
use super::{MAX_ATTRIBUTES, MAX_CELLS, MAX_GROUPS, MAX_NODES};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::{self, Real};

/// Where the distinct cells of a network lie.
#[derive(Clone, Copy, Debug)]
enum Cells<'a, R> {
    Views(&'a [Cell<'a, R>]),
    /// Slots of equal extent, one after the other.
    Packed {
        slot: Extent,
        count: usize,
        reals: &'a [R],
        words: &'a [u32],
        bytes: &'a [u8],
    },
}

impl<'a, R: Real> Cells<'a, R> {
    fn len(&self) -> usize {
        match *self {
            Cells::Views(cells) => cells.len(),
            Cells::Packed { count, .. } => count,
        }
    }

    fn cell(&self, index: usize) -> Option<Cell<'a, R>> {
        match *self {
            Cells::Views(cells) => cells.get(index).copied(),
            Cells::Packed { count, .. } if index >= count => None,
            Cells::Packed { slot, reals, words, bytes, .. } => Cell::view(
                reals.get(index * slot.reals..)?,
                words.get(index * slot.words..)?,
                bytes.get(index * slot.bytes..)?,
            ),
        }
    }
}

/// A validated network: a small view over distinct cells and the sequence in which they occur.
#[derive(Clone, Copy, Debug)]
pub struct Network<'a, R> {
    cells: Cells<'a, R>,
    sequence: &'a [u8],
    positions: Option<&'a [R]>,
    masses: Option<&'a [R]>,
    max_nodes: usize,
    fingerprint: Fingerprint,
}

impl<'a, R: Real> Network<'a, R> {
    /// A network over cells that lie anywhere. `sequence[s]` is the index in `cells` of the cell at
    /// place s; a cell that occurs often is listed once.
    ///
    /// `positions`: relative depth of each cell, in (0, 1], not decreasing; `None` = (s + 1) / N (not
    /// in the paper). `masses`: finite, not negative, sum 1 within [`Real::MASS_TOLERANCE`]; `None` =
    /// equal.
    ///
    /// # Errors
    /// In this order: [`Error::EmptyNetwork`], [`Error::TooManyCells`], [`Error::DimensionMismatch`]
    /// (positions, masses, or a sequence entry without a cell), [`Error::TableMismatch`] (cells of
    /// different tables), [`Error::InvalidPosition`], [`Error::MassNotFinite`],
    /// [`Error::NegativeMass`], [`Error::MassSum`].
    pub fn new(
        cells: &'a [Cell<'a, R>],
        sequence: &'a [u8],
        positions: Option<&'a [R]>,
        masses: Option<&'a [R]>,
    ) -> Result<Self, Error> {
        let cells = Cells::Views(cells);
        Self { cells, sequence, positions, masses, max_nodes: 0, fingerprint: [0; 4] }.validated()
    }

    fn validated(mut self) -> Result<Self, Error> {
        let n = self.sequence.len();
        if n == 0 {
            return Err(Error::EmptyNetwork);
        }
        if n > MAX_CELLS || self.distinct() > MAX_CELLS {
            return Err(Error::TooManyCells);
        }
        let fits = |x: Option<&[R]>| x.is_none_or(|x| x.len() == n);
        if !fits(self.positions)
            || !fits(self.masses)
            || self.sequence.iter().any(|&c| self.cell(usize::from(c)).is_none())
        {
            return Err(Error::DimensionMismatch);
        }
        let table = self.table();
        for c in 0..self.distinct() {
            let cell = self.cell(c).filter(|c| c.table() == table).ok_or(Error::TableMismatch)?;
            self.max_nodes = self.max_nodes.max(cell.nodes());
        }
        let mut before = R::ZERO;
        for &x in self.positions.unwrap_or(&[]) {
            // Written so that NaN is refused.
            if !(x > R::ZERO && x <= R::ONE && x >= before) {
                return Err(Error::InvalidPosition);
            }
            before = x;
        }
        if let Some(masses) = self.masses {
            if masses.iter().any(|p| !p.is_finite()) {
                return Err(Error::MassNotFinite);
            }
            if masses.iter().any(|&p| p < R::ZERO) {
                return Err(Error::NegativeMass);
            }
            if (real::sum(masses) - R::ONE).abs() > R::MASS_TOLERANCE {
                return Err(Error::MassSum);
            }
            // Equal masses are one network, however they were given.
            if masses.windows(2).all(|w| w.first() == w.last()) {
                self.masses = None;
            }
        }
        self.fingerprint = self.key();
        Ok(self)
    }

    /// Number of cells with repetition, 1 to 64.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.sequence.len()
    }

    /// Never: a network has a cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sequence.is_empty()
    }

    /// Number of listed cells.
    #[inline]
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.cells.len()
    }

    /// A listed cell.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline)]
    #[must_use]
    pub fn cell(&self, index: usize) -> Option<Cell<'a, R>> {
        self.cells.cell(index)
    }

    /// Nodes of the largest listed cell.
    #[inline]
    #[must_use]
    pub fn max_nodes(&self) -> usize {
        self.max_nodes
    }

    /// The cell at a place of the sequence.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<Cell<'a, R>> {
        self.sequence.get(place).and_then(|&c| self.cell(usize::from(c)))
    }

    /// For each place the index of its cell among the listed ones.
    #[inline]
    #[must_use]
    pub fn sequence(&self) -> &'a [u8] {
        self.sequence
    }

    /// Relative depth of the cell at a place, in (0, 1].
    #[inline]
    #[must_use]
    pub fn position(&self, place: usize) -> R {
        match self.positions {
            Some(x) => x.get(place).copied().unwrap_or(R::ONE),
            None => R::from_usize(place + 1) / R::from_usize(self.len().max(1)),
        }
    }

    /// Cell masses, or `None` if they are all equal.
    #[inline]
    #[must_use]
    pub fn masses(&self) -> Option<&'a [R]> {
        self.masses
    }

    /// The fingerprint of the operation table of the cells.
    #[must_use]
    pub fn table(&self) -> [u32; 2] {
        self.at(0).map_or([0; 2], |c| c.table())
    }

    /// A hash of the cells' keys in sequence, positions and masses. How often a cell is listed and
    /// where does not matter.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn key(&self) -> Fingerprint {
        let mut h = Hasher::new(0x6e65_7477);
        h.word(R::BITS);
        h.word(self.len() as u32);
        for place in 0..self.len() {
            h.fingerprint(&self.at(place).map_or([0; 4], |c| c.fingerprint()));
            h.real(self.position(place));
        }
        if let Some(masses) = self.masses {
            h.word(1);
            h.reals(masses);
        }
        h.finish()
    }

    /// A total order on content: number of cells, the cells' keys in sequence, positions, masses.
    /// Equal if and only if all of these are equal.
    #[must_use]
    #[cfg_attr(feature = "small", inline(never))]
    pub fn compare(&self, other: &Network<'_, R>) -> Ordering {
        let cells = || {
            (0..self.len()).find_map(|s| match (self.at(s), other.at(s)) {
                (Some(a), Some(b)) => Some(a.compare(&b)).filter(|o| o.is_ne()),
                _ => None,
            })
        };
        let positions = || {
            (0..self.len())
                .map(|s| self.position(s).order_bits().cmp(&other.position(s).order_bits()))
                .find(|o| o.is_ne())
        };
        let masses = || match (self.masses, other.masses) {
            (None, None) => None,
            (None, _) => Some(Ordering::Less),
            (_, None) => Some(Ordering::Greater),
            (Some(a), Some(b)) => {
                let pairs = a.iter().zip(b);
                pairs.map(|(a, b)| a.order_bits().cmp(&b.order_bits())).find(|o| o.is_ne())
            }
        };
        (self.len().cmp(&other.len()))
            .then_with(|| cells().unwrap_or(Ordering::Equal))
            .then_with(|| positions().unwrap_or(Ordering::Equal))
            .then_with(|| masses().unwrap_or(Ordering::Equal))
    }
}

/// How large a network may become in memory that is set aside for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkLimits {
    /// Nodes of a cell, 1 to 32.
    pub nodes: usize,
    /// Operation groups of the table, 1 to 8.
    pub groups: usize,
    /// Numeric attributes of the table, 0 to 4.
    pub attributes: usize,
    /// Distinct cells, 1 to 64.
    pub distinct: usize,
    /// Cells with repetition, 1 to 64.
    pub cells: usize,
}

// Words: limits (nodes, groups, attributes, distinct, a byte each), cells, listed, length, flags; then
// the cells' words. Reals: positions, masses, cells. Bytes: sequence, cells.
const HEADER: usize = 5;
const HAS_POSITIONS: u32 = 1;
const HAS_MASSES: u32 = 2;

impl NetworkLimits {
    const fn slot(&self) -> Extent {
        Cell::<f64>::extent(self.nodes, self.groups, self.attributes)
    }

    const fn lists(&self) -> Extent {
        Extent { reals: product(self.cells, 2), words: HEADER, bytes: self.cells }
    }

    /// The memory of a packed network.
    #[must_use]
    pub const fn extent(&self) -> Extent {
        self.lists().and(self.slot().times(self.distinct))
    }

    /// Scratch of a [`NetworkBuilder`].
    #[must_use]
    pub const fn workspace(&self) -> Extent {
        Cell::<f64>::workspace(self.nodes, self.groups).and(self.slot())
    }

    fn valid(&self) -> bool {
        (1..=MAX_NODES).contains(&self.nodes)
            && (1..=MAX_GROUPS).contains(&self.groups)
            && self.attributes <= MAX_ATTRIBUTES
            && (1..=MAX_CELLS).contains(&self.distinct)
            && (1..=MAX_CELLS).contains(&self.cells)
    }
}

/// Fills memory with a network, cell by cell. Equal cells are kept once.
///
/// The finished memory describes itself: it may be kept and read later with [`Network::view`].
#[derive(Debug)]
pub struct NetworkBuilder<'a, 'w, R> {
    table: &'w OperationTable<'w, R>,
    limits: NetworkLimits,
    reals: &'a mut [R],
    words: &'a mut [u32],
    bytes: &'a mut [u8],
    workspace: Arena<'w, R>,
    listed: usize,
    length: usize,
    flags: u32,
}

impl<'a, 'w, R: Real> NetworkBuilder<'a, 'w, R> {
    /// An empty builder that carves [`NetworkLimits::extent`] out of `storage` and keeps
    /// [`NetworkLimits::workspace`].
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] for limits outside their ranges, [`Error::TableMismatch`] if the table
    /// has more groups or attributes than the limits, [`Error::MemoryTooSmall`].
    #[cfg_attr(feature = "small", inline(never))]
    pub fn new(
        table: &'w OperationTable<'w, R>,
        limits: NetworkLimits,
        storage: &mut Arena<'a, R>,
        workspace: Arena<'w, R>,
    ) -> Result<Self, Error> {
        if !limits.valid() {
            return Err(Error::InvalidSetting);
        }
        if table.groups() > limits.groups || table.attributes() > limits.attributes {
            return Err(Error::TableMismatch);
        }
        workspace.require(limits.workspace())?;
        let mut storage = storage.split(limits.extent())?;
        Ok(Self {
            table,
            limits,
            reals: storage.reals(limits.extent().reals)?,
            words: storage.words(limits.extent().words)?,
            bytes: storage.bytes(limits.extent().bytes)?,
            workspace,
            listed: 0,
            length: 0,
            flags: 0,
        })
    }

    /// The table that cells are made with.
    #[must_use]
    pub fn table(&self) -> &'w OperationTable<'w, R> {
        self.table
    }

    /// Number of cells in sequence so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether no cell is in sequence yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Lists a cell without placing it; returns its index. A cell that equals a listed one gets that
    /// one's index.
    ///
    /// # Errors
    /// Those of [`Cell::build`]; [`Error::CapacityExceeded`] beyond the limits.
    pub fn add_cell(&mut self, spec: &CellSpec<'_, R>) -> Result<u8, Error> {
        if spec.operations.len() > self.limits.nodes.max(1) && spec.operations.len() <= MAX_NODES {
            return Err(Error::CapacityExceeded);
        }
        let slot = self.limits.slot();
        let mut workspace = self.workspace.scope();
        let mut scratch = workspace.split(slot)?;
        let cell = Cell::build(self.table, spec, &mut scratch, workspace)?;
        let slots = packed(slot, self.listed, &self.limits, self.reals, self.words, self.bytes);
        for index in 0..self.listed {
            if slots.and_then(|s| s.cell(index)).is_some_and(|c| c.compare(&cell) == Ordering::Equal) {
                return Ok(index as u8);
            }
        }
        if self.listed >= self.limits.distinct {
            return Err(Error::CapacityExceeded);
        }
        let (reals, words, bytes) = cell.memory();
        let lists = self.limits.lists();
        copy(self.reals, lists.reals + self.listed * slot.reals, reals);
        copy(self.words, lists.words + self.listed * slot.words, words);
        copy(self.bytes, lists.bytes + self.listed * slot.bytes, bytes);
        self.listed += 1;
        Ok((self.listed - 1) as u8)
    }

    /// Appends a listed cell to the sequence.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] if there is no such cell, or if positions or masses of the cells before were
    /// given already; [`Error::CapacityExceeded`].
    pub fn push(&mut self, index: u8) -> Result<(), Error> {
        if usize::from(index) >= self.listed || self.flags != 0 {
            return Err(Error::DimensionMismatch);
        }
        if self.length >= self.limits.cells {
            return Err(Error::CapacityExceeded);
        }
        copy(self.bytes, self.length, &[index]);
        self.length += 1;
        Ok(())
    }

    /// [`NetworkBuilder::add_cell`] and [`NetworkBuilder::push`].
    ///
    /// # Errors
    /// Theirs.
    pub fn push_cell(&mut self, spec: &CellSpec<'_, R>) -> Result<u8, Error> {
        if self.length >= self.limits.cells {
            return Err(Error::CapacityExceeded);
        }
        let index = self.add_cell(spec)?;
        self.push(index).map(|()| index)
    }

    /// Relative depths of all cells, see [`Network::new`]. Call it when the sequence is complete.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] unless there is one per cell; values are checked at the end.
    pub fn set_positions(&mut self, positions: &[R]) -> Result<(), Error> {
        if positions.len() != self.length {
            return Err(Error::DimensionMismatch);
        }
        copy(self.reals, 0, positions);
        self.flags |= HAS_POSITIONS;
        Ok(())
    }

    /// Masses of all cells, see [`Network::new`]. Call it when the sequence is complete.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] unless there is one per cell; values are checked at the end.
    pub fn set_masses(&mut self, masses: &[R]) -> Result<(), Error> {
        if masses.len() != self.length {
            return Err(Error::DimensionMismatch);
        }
        copy(self.reals, self.limits.cells, masses);
        self.flags |= HAS_MASSES;
        Ok(())
    }

    /// The network, validated like [`Network::new`]. Cells that are listed and not placed do not count.
    ///
    /// # Errors
    /// Those of [`Network::new`]. The memory is then not a network.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn finish(self) -> Result<Network<'a, R>, Error> {
        let limits = &self.limits;
        let header = [
            limits.nodes as u32
                | (limits.groups as u32) << 8
                | (limits.attributes as u32) << 16
                | (limits.distinct as u32) << 24,
            limits.cells as u32,
            self.listed as u32,
            self.length as u32,
            self.flags,
        ];
        copy(self.words, 0, &header);
        unpack(self.reals, self.words, self.bytes).ok_or(Error::EmptyNetwork)?.validated()
    }
}

impl<'a, R: Real> Network<'a, R> {
    /// The network that a [`NetworkBuilder`] left in this memory, or `None` if it is not one. Whatever
    /// the memory holds, reading it never panics.
    #[must_use]
    pub fn view(reals: &'a [R], words: &'a [u32], bytes: &'a [u8]) -> Option<Self> {
        unpack(reals, words, bytes)?.validated().ok()
    }
}

fn unpack<'a, R: Real>(reals: &'a [R], words: &'a [u32], bytes: &'a [u8]) -> Option<Network<'a, R>> {
    let [shape, cells, listed, length, flags] = *words.first_chunk::<HEADER>()?;
    let limits = NetworkLimits {
        nodes: (shape & 0xff) as usize,
        groups: (shape >> 8 & 0xff) as usize,
        attributes: (shape >> 16 & 0xff) as usize,
        distinct: (shape >> 24) as usize,
        cells: cells as usize,
    };
    let (listed, length) = (listed as usize, length as usize);
    if !limits.valid() || listed > limits.distinct || length > limits.cells {
        return None;
    }
    let list = |at: usize, flag: u32| match flags & flag {
        0 => Some(None),
        _ => reals.get(at..).and_then(|r| r.get(..length)).map(Some),
    };
    Some(Network {
        cells: packed(limits.slot(), listed, &limits, reals, words, bytes)?,
        sequence: bytes.get(..length)?,
        positions: list(0, HAS_POSITIONS)?,
        masses: list(limits.cells, HAS_MASSES)?,
        max_nodes: 0,
        fingerprint: [0; 4],
    })
}

fn packed<'a, R: Real>(
    slot: Extent,
    count: usize,
    limits: &NetworkLimits,
    reals: &'a [R],
    words: &'a [u32],
    bytes: &'a [u8],
) -> Option<Cells<'a, R>> {
    let lists = limits.lists();
    Some(Cells::Packed {
        slot,
        count,
        reals: reals.get(lists.reals..)?,
        words: words.get(lists.words..)?,
        bytes: bytes.get(lists.bytes..)?,
    })
}

fn copy<T: Copy>(to: &mut [T], at: usize, from: &[T]) {
    for (to, &from) in to.iter_mut().skip(at).zip(from) {
        *to = from;
    }
}
