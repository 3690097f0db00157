//! Which of many is nearest: the answer of all distances, for a few of them.
//!
//! Every candidate waits with the best lower bound known of its distance. The one with the least bound
//! is looked at next: its next bound, which costs more and is higher, or its distance if there is no
//! further bound. No candidate whose bound exceeds the answer is ever solved.

use core::borrow::Borrow;

use super::bounds::Stage;
use super::cache::DistanceCache;
use super::moments::Moments;
use super::{Metric, NetworkShape};
use crate::arch::{Cell, Network};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// An answer of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Neighbour<R> {
    /// The number of the candidate.
    pub index: usize,
    /// Its distance.
    pub distance: R,
}

/// What a query took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct NearestReport {
    /// Bounds of [`Stage::Moments`]: one per candidate.
    pub moments: u32,
    /// Bounds of [`Stage::Transport`].
    pub transports: u32,
    /// Distances.
    pub solved: u32,
}

/// Whether something is nearer than a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison<R> {
    /// The distance if it was found, see `stage`; else the lower bound that reaches the limit.
    pub value: R,
    /// The distance is less than the limit.
    pub is_nearer: bool,
    /// What told.
    pub stage: Stage,
}

/// Candidates in a heap, the least bound on top; of equal bounds the lowest index.
struct Queue<'a, R> {
    bounds: &'a mut [R],
    /// The index, plus `STAGE` if the bound is that of [`Stage::Transport`].
    tags: &'a mut [u32],
    len: usize,
}

/// Candidates, at most.
const STAGE: u32 = 1 << 30;

impl<R: Real> Queue<'_, R> {
    fn entry(&self, at: usize) -> (R, u32) {
        let get = |tags: &[u32]| tags.get(at).copied().unwrap_or(u32::MAX);
        (self.bounds.get(at).copied().unwrap_or(R::INFINITY), get(self.tags))
    }

    fn set(&mut self, at: usize, (bound, tag): (R, u32)) {
        if let (Some(to), Some(place)) = (self.bounds.get_mut(at), self.tags.get_mut(at)) {
            (*to, *place) = (bound, tag);
        }
    }

    /// Lets the entry at a place sink until none below it comes first.
    fn sink(&mut self, mut at: usize) {
        let entry = self.entry(at);
        loop {
            let mut child = 2 * at + 1;
            if child >= self.len {
                break;
            }
            if child + 1 < self.len && before(self.entry(child + 1), self.entry(child)) {
                child += 1;
            }
            if !before(self.entry(child), entry) {
                break;
            }
            self.set(at, self.entry(child));
            at = child;
        }
        self.set(at, entry);
    }

    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
        self.set(0, self.entry(self.len));
        self.sink(0);
    }
}

fn before<R: Real>((x, a): (R, u32), (y, b): (R, u32)) -> bool {
    x < y || (x == y && a % STAGE < b % STAGE)
}

/// The answers so far, the nearest first; of equal distances the lowest index.
struct Found<'a, R> {
    places: &'a mut [Neighbour<R>],
    len: usize,
}

impl<R: Real> Found<'_, R> {
    /// Whether a candidate of at least this distance cannot be an answer any more.
    fn excludes(&self, distance: R, index: usize) -> bool {
        let last = self.places.last().filter(|_| self.len == self.places.len());
        last.is_some_and(|worst| !comes_first(distance, index, worst))
    }

    fn insert(&mut self, distance: R, index: usize) {
        if self.excludes(distance, index) {
            return;
        }
        self.len = self.places.len().min(self.len + 1);
        let mut next = Neighbour { index, distance };
        // What comes after the new one moves back; the last one is lost if there is no place.
        for (at, place) in self.places.iter_mut().take(self.len).enumerate() {
            if at + 1 == self.len || comes_first(next.distance, next.index, place) {
                core::mem::swap(place, &mut next);
            }
        }
    }
}

fn comes_first<R: Real>(distance: R, index: usize, other: &Neighbour<R>) -> bool {
    distance < other.distance || (distance == other.distance && index < other.index)
}

/// A bound of a candidate or its distance. Called through a pointer, so that one search serves cells and networks.
type Look<'a, R> = &'a mut dyn FnMut(usize, Stage, Arena<'_, R>) -> Result<R, Error>;

/// Looks for the nearest of `count` candidates. `look` gives a bound or, for [`Stage::Solved`], the
/// distance.
#[inline(never)]
fn search<R: Real>(
    count: usize,
    mut found: Found<'_, R>,
    arena: &mut Arena<'_, R>,
    look: Look<'_, R>,
) -> Result<NearestReport, Error> {
    let mut report = NearestReport::default();
    let mut queue = Queue { bounds: arena.reals(count)?, tags: arena.words(count)?, len: count };
    for index in 0..count {
        let bound = look(index, Stage::Moments, arena.scope())?;
        queue.set(index, (bound, index as u32));
        report.moments += 1;
    }
    for at in (0..count / 2).rev() {
        queue.sink(at);
    }
    while queue.len > 0 {
        let (bound, tag) = queue.entry(0);
        let index = (tag % STAGE) as usize;
        if found.excludes(bound, index) {
            break;
        }
        if tag < STAGE {
            let next = look(index, Stage::Transport, arena.scope())?;
            report.transports += 1;
            queue.set(0, (bound.max(next), tag + STAGE));
            queue.sink(0);
        } else {
            let distance = look(index, Stage::Solved, arena.scope())?;
            report.solved += 1;
            found.insert(distance, index);
            queue.pop();
        }
    }
    Ok(report)
}

impl<R: Real> Metric<'_, R> {
    /// Memory that [`Metric::nearest_cells`] and [`Metric::nearest_networks`] need beside that of one
    /// distance ([`Metric::cell_workspace`], [`Metric::workspace`] for all shapes) to choose from
    /// `count` candidates.
    #[must_use]
    pub const fn nearest_workspace(count: usize) -> Extent {
        Extent::reals(count).and(Extent::words(count))
    }

    /// The cells nearest to `one` among `count`: exactly those that all distances would give, of equal
    /// distances the lowest index, the nearest first.
    ///
    /// `many` gives candidate `i` whenever it is asked, so that candidates may lie in flash. As many
    /// answers are given as `found` has places, at least 1 and at most `count`.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] for another number of places or a candidate that is missing,
    /// [`Error::SizeOverflow`] for 2^30 candidates, and those of [`Metric::cell_distance`]. Everything is
    /// checked before an answer is written.
    pub fn nearest_cells<'c, C: Borrow<Cell<'c, R>>>(
        &self,
        one: &Cell<'_, R>,
        count: usize,
        many: impl Fn(usize) -> Option<C>,
        found: &mut [Neighbour<R>],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<NearestReport, Error>
    where
        R: 'c,
    {
        self.check(one)?;
        check_counts(count, found.len())?;
        let mut nodes = 1;
        for i in 0..count {
            let cell = many(i).ok_or(Error::DimensionMismatch)?;
            let cell = cell.borrow();
            self.check(cell)?;
            nodes = cell.nodes().max(nodes);
        }
        let solver = Self::cell_workspace(one.nodes(), nodes, self.settings.effort);
        arena.require(Self::nearest_workspace(count).and(solver))?;
        if let Some(cache) = cache.as_deref_mut() {
            cache.bind(&self.fingerprint);
        }
        let moments = Moments::of_cell(one);
        search(count, Found { places: found, len: 0 }, &mut arena, &mut |index, stage, arena| {
            let cell = many(index).ok_or(Error::DimensionMismatch)?;
            let cell = cell.borrow();
            match stage {
                Stage::Moments => Ok(self.cell_moments_bound(&moments, cell)),
                Stage::Solved => Ok(self.known(one, cell, cache.as_deref_mut(), arena)?.0.value),
                Stage::Transport => self.cell_bound(one, cell, arena),
            }
        })
    }

    /// [`Metric::nearest_cells`] for networks. With a cache, pairs of cells that many networks share are
    /// solved once.
    ///
    /// # Errors
    /// As there.
    pub fn nearest_networks<'n, N: Borrow<Network<'n, R>>>(
        &self,
        one: &Network<'_, R>,
        count: usize,
        many: impl Fn(usize) -> Option<N>,
        found: &mut [Neighbour<R>],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<NearestReport, Error>
    where
        R: 'n,
    {
        self.check_network(one)?;
        check_counts(count, found.len())?;
        let mut shape = NetworkShape::of(one);
        for i in 0..count {
            let network = many(i).ok_or(Error::DimensionMismatch)?;
            let network = network.borrow();
            self.check_network(network)?;
            shape = shape.or(NetworkShape::of(network));
        }
        let solver = self.workspace(&shape);
        arena.require(Self::nearest_workspace(count).and(solver))?;
        if let Some(cache) = cache.as_deref_mut() {
            cache.bind(&self.fingerprint);
        }
        let moments = Moments::of_network(one);
        search(count, Found { places: found, len: 0 }, &mut arena, &mut |index, stage, arena| {
            let network = many(index).ok_or(Error::DimensionMismatch)?;
            let (network, cache) = (network.borrow(), cache.as_deref_mut());
            match stage {
                Stage::Moments => Ok(self.network_moments_bound(&moments, network)),
                Stage::Solved => Ok(self.network_distance(one, network, None, cache, arena)?.value),
                Stage::Transport => self.network_bound(one, network, cache, arena),
            }
        })
    }

    /// Whether the distance of two cells is less than `limit`, with as little work as that takes; the
    /// distance if it is. Memory: [`Metric::cell_workspace`].
    ///
    /// Asked for one candidate after the other with the least distance so far as the limit, it finds the
    /// nearest cell with one candidate in memory at a time.
    ///
    /// # Errors
    /// [`Error::TableMismatch`], [`Error::NotFinite`] for a limit that is NaN, [`Error::MemoryTooSmall`].
    pub fn compare_cell_distance(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        limit: R,
        mut arena: Arena<'_, R>,
    ) -> Result<Comparison<R>, Error> {
        self.check(a)?;
        self.check(b)?;
        arena.require(Self::cell_workspace(a.nodes(), b.nodes(), self.settings.effort))?;
        compare(limit, |stage| match stage {
            Stage::Moments => Ok(self.cell_moments_bound(&Moments::of_cell(a), b)),
            Stage::Solved => Ok(self.known(a, b, None, arena.scope())?.0.value),
            Stage::Transport => self.cell_bound(a, b, arena.scope()),
        })
    }

    /// [`Metric::compare_cell_distance`] for networks. Memory: [`Metric::workspace`].
    ///
    /// # Errors
    /// As there.
    pub fn compare_network_distance(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        limit: R,
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<Comparison<R>, Error> {
        self.check_network(a)?;
        self.check_network(b)?;
        let shape = NetworkShape::of(a).or(NetworkShape::of(b));
        arena.require(self.workspace(&shape))?;
        if let Some(cache) = cache.as_deref_mut() {
            cache.bind(&self.fingerprint);
        }
        compare(limit, |stage| {
            let (cache, arena) = (cache.as_deref_mut(), arena.scope());
            match stage {
                Stage::Moments => Ok(self.network_moments_bound(&Moments::of_network(a), b)),
                Stage::Solved => Ok(self.network_distance(a, b, None, cache, arena)?.value),
                Stage::Transport => self.network_bound(a, b, cache, arena),
            }
        })
    }
}

/// Asks for bounds until one reaches the limit, then for the distance.
fn compare<R: Real>(
    limit: R,
    mut look: impl FnMut(Stage) -> Result<R, Error>,
) -> Result<Comparison<R>, Error> {
    if limit.partial_cmp(&limit).is_none() {
        return Err(Error::NotFinite);
    }
    let mut stage = if limit < R::INFINITY { Stage::Moments } else { Stage::Solved };
    loop {
        let value = look(stage)?;
        if stage == Stage::Solved || value >= limit {
            return Ok(Comparison { value, is_nearer: value < limit, stage });
        }
        stage = if stage == Stage::Moments { Stage::Transport } else { Stage::Solved };
    }
}

fn check_counts(count: usize, wanted: usize) -> Result<(), Error> {
    if count >= STAGE as usize {
        return Err(Error::SizeOverflow);
    }
    if (1..=count).contains(&wanted) { Ok(()) } else { Err(Error::DimensionMismatch) }
}
