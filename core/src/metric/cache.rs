//! Distances that were computed before, in lent memory of a fixed size.

use crate::arch::{Fingerprint, Hasher};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::Real;
use crate::rows::InRows;

/// Entries that one place of the table holds; the oldest one makes room. Pairs of networks make room
/// for pairs of cells and never the other way round: there are far fewer pairs of cells, and each saves
/// far more work.
const WAYS: usize = 4;
/// Words of an entry: the pair's fingerprint and its flags.
const WORDS: usize = 5;
/// Reals of an entry: value, lower bound, marginal residual.
const REALS: usize = 3;
const OCCUPIED: u32 = 1;
const PROVED: u32 = 2;
const CELLS: u32 = 4;

/// What is known about a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Known<R> {
    pub(super) value: R,
    pub(super) lower_bound: R,
    pub(super) marginal_residual: R,
    pub(super) proved_optimal: bool,
}

/// What is known of what; cells and networks share one table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Cells = 1,
    Networks = 2,
    /// Partial distances of networks.
    Parts = 3,
}

/// A bounded table of distances between cells and between networks, found by fingerprint.
///
/// Results are the same with and without it, to the bit. It belongs to one metric at a time and
/// empties itself when another one uses it. Memory: [`DistanceCache::extent`].
#[derive(Debug)]
pub struct DistanceCache<'a, R> {
    /// The metric's fingerprint.
    owner: &'a mut [u32],
    tags: &'a mut [u32],
    reals: &'a mut [R],
    places: usize,
    hits: u64,
    misses: u64,
}

impl<R: Real> Known<R> {
    /// What is known about something and itself.
    pub(super) const SAME: Self =
        Self { value: R::ZERO, lower_bound: R::ZERO, marginal_residual: R::ZERO, proved_optimal: true };
}

impl<'a, R: Real> DistanceCache<'a, R> {
    /// Memory for at least `entries` distances (rounded up to a multiple of 4).
    #[must_use]
    pub const fn extent(entries: usize) -> Extent {
        let entries = entries.saturating_add(WAYS - 1) / WAYS * WAYS;
        Extent {
            reals: product(entries, REALS),
            words: product(entries, WORDS).saturating_add(4),
            bytes: 0,
        }
    }

    /// An empty cache for `entries` distances (rounded up to a multiple of 4).
    ///
    /// # Errors
    /// [`Error::MemoryTooSmall`]; then nothing is carved.
    pub fn new(entries: usize, arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        let mut cache = Self::resume(entries, arena)?;
        cache.clear();
        Ok(cache)
    }

    /// The cache that an earlier [`DistanceCache::new`] with the same number of entries left in this
    /// memory, which must not have been written to since.
    ///
    /// # Errors
    /// [`Error::MemoryTooSmall`]; then nothing is carved.
    pub fn resume(entries: usize, arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        let extent = Self::extent(entries);
        let mut memory = arena.split(extent)?;
        Ok(Self {
            owner: memory.words(4)?,
            tags: memory.words(extent.words - 4)?,
            reals: memory.reals(extent.reals)?,
            places: extent.reals / (REALS * WAYS),
            hits: 0,
            misses: 0,
        })
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.owner.fill(0);
        self.tags.fill(0);
        self.reals.fill(R::ZERO);
    }

    /// Distances that were found, since this view was made.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits
    }

    /// Distances that were looked for and not found, since this view was made.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.misses
    }

    /// Distances that it can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.places * WAYS
    }

    /// Empties the cache unless it belongs to this metric.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn bind(&mut self, metric: &Fingerprint) {
        if *self.owner != *metric {
            self.clear();
            for (own, &word) in self.owner.iter_mut().zip(metric) {
                *own = word;
            }
        }
    }

    /// The key of an unordered pair and of one of the things that are known about it.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn pair(kind: Kind, number: u32, a: &Fingerprint, b: &Fingerprint) -> Fingerprint {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let mut h = Hasher::new(kind as u32 | number << 8);
        h.fingerprint(a);
        h.fingerprint(b);
        h.finish()
    }

    fn place(&mut self, key: &Fingerprint) -> Option<(&mut [u32], &mut [R])> {
        let place = (key[0] as usize).checked_rem(self.places)?;
        let tags = self.tags.in_rows_mut(WAYS * WORDS).nth(place)?;
        Some((tags, self.reals.in_rows_mut(WAYS * REALS).nth(place)?))
    }

    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn get(&mut self, key: &Fingerprint) -> Option<Known<R>> {
        let found = self.place(key).and_then(|(tags, reals)| {
            let entries = tags.as_chunks::<WORDS>().0.iter().zip(reals.as_chunks::<REALS>().0);
            entries.into_iter().find_map(
                |(&[a, b, c, d, flags], &[value, lower_bound, marginal_residual])| {
                    let found = flags & OCCUPIED != 0 && [a, b, c, d] == *key;
                    let proved_optimal = flags & PROVED != 0;
                    found.then_some(Known { value, lower_bound, marginal_residual, proved_optimal })
                },
            )
        });
        match found {
            Some(_) => self.hits += 1,
            None => self.misses += 1,
        }
        found
    }

    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn put(&mut self, kind: Kind, key: &Fingerprint, known: Known<R>) {
        let Some((tags, reals)) = self.place(key) else { return };
        let of_cells = match kind {
            Kind::Cells => CELLS,
            Kind::Networks | Kind::Parts => 0,
        };
        let flags = OCCUPIED | of_cells | if known.proved_optimal { PROVED } else { 0 };
        let &[a, b, c, d] = key;
        // The new entry goes first, the others move back by one, the last one is lost. What moves passes over
        // pairs of cells unless it is one.
        let mut entry = ([a, b, c, d, flags], [known.value, known.lower_bound, known.marginal_residual]);
        for (tag, pair) in tags.as_chunks_mut::<WORDS>().0.iter_mut().zip(reals.as_chunks_mut().0) {
            if tag[4] & CELLS > entry.0[4] & CELLS {
                continue;
            }
            core::mem::swap(tag, &mut entry.0);
            core::mem::swap(pair, &mut entry.1);
        }
    }
}
