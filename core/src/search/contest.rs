//! The candidates of one proposal, and which of them is best.

use core::num::NonZeroU32;

use super::choice::Shortlist;
use super::history::{History, Trial};
use super::model::{Model, Rule, Sheets};
use super::optimizer::Prediction;
use super::rng::KeyedRng;
use super::settings::{PoolSettings, SearchSettings};
use super::space::{MAX_GENES, Space};
use super::workbench::Workbench;
use super::{Origin, stream};
use crate::arch::{Fingerprint, Hasher};
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;
use crate::rows::InRows;

/// What candidates are scored by.
pub(super) struct Judge<'x, 'a, 'w, R> {
    pub(super) model: &'x Model<'a, R>,
    pub(super) rule: &'x Rule<R>,
    pub(super) sheets: &'x mut Sheets<'w, R>,
}

/// Candidates come one by one; those that are new are scored in blocks.
pub(super) struct Contest<'x, 'h, 'a, 'w, 'c, 'm, R, S: ?Sized> {
    /// Without one every candidate has the same chance.
    pub(super) judge: Option<Judge<'x, 'a, 'w, R>>,
    pub(super) settings: &'x SearchSettings<R>,
    /// The trial that candidates are drawn for.
    pub(super) trial: u32,
    pub(super) history: &'x History<'h, R>,
    pub(super) bench: &'x mut Workbench<'w, 'c, 'm, R, S>,
    pub(super) memory: &'x mut Entries<'w>,
    pub(super) list: &'x mut Shortlist<'w, R>,
}

/// Memory of a contest.
pub(super) struct Entries<'w> {
    /// Fingerprints of all candidates so far.
    seen: &'w mut [Fingerprint],
    count: usize,
    /// Genomes of the block that is being filled.
    genomes: &'w mut [u8],
    filled: usize,
    block: usize,
    /// Positions of the best designs in the history.
    parents: &'w mut [u32],
    /// How many candidates there were before the first mutant and before the first sample.
    ends: [usize; 2],
}

impl<'w> Entries<'w> {
    pub(super) const fn extent(limit: usize, parents: usize, block: usize, genes: usize) -> Extent {
        Extent::words(product(limit, 4))
            .and(Extent::words(parents))
            .and(Extent::bytes(product(block, genes)))
    }

    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new<R: Real>(
        limit: usize,
        parents: usize,
        block: usize,
        genes: usize,
        memory: &mut Arena<'w, R>,
    ) -> Result<Self, Error> {
        Ok(Self {
            seen: memory.words(product(limit, 4))?.as_chunks_mut::<4>().0,
            count: 0,
            genomes: memory.bytes(product(block, genes))?,
            filled: 0,
            block,
            parents: memory.words(parents)?,
            ends: [usize::MAX; 2],
        })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Where a candidate comes from.
    pub(super) fn origin(&self, candidate: usize) -> Origin {
        let [mutants, samples] = self.ends;
        match candidate {
            _ if candidate < mutants => Origin::Neighbour,
            _ if candidate < samples => Origin::Mutant,
            _ => Origin::Sample,
        }
    }
}

/// Where candidates are drawn from.
#[derive(Clone, Copy)]
enum Source {
    /// Neighbours of the parents.
    Neighbours,
    /// Designs two edits away from a parent.
    Mutants,
    /// The whole space.
    Samples,
}

impl Source {
    fn stream(self) -> u32 {
        match self {
            Self::Neighbours => stream::NEIGHBOURS,
            Self::Mutants => stream::MUTANTS,
            Self::Samples => stream::SAMPLES,
        }
    }
}

impl<'x, R: Real, S: Space<R> + ?Sized> Contest<'x, '_, '_, '_, '_, '_, R, S> {
    /// Fills the pool and lists the best candidates.
    pub(super) fn run(&mut self) -> Result<(), Error> {
        let PoolSettings { mutants, random, limit, .. } = self.settings.pool;
        let (mutants, random) = (mutants as usize, random as usize);
        let quota = (limit as usize).saturating_sub(mutants).saturating_sub(random);
        let parents = self.choose_parents();
        if self.count_neighbours(parents) > quota {
            self.draw(quota, Source::Neighbours, parents)?;
        } else {
            self.neighbours(parents)?;
        }
        self.memory.ends[0] = self.memory.count;
        self.draw(mutants, Source::Mutants, parents)?;
        self.memory.ends[1] = self.memory.count;
        self.draw(random, Source::Samples, parents)?;
        self.flush()
    }

    /// Lists the best told designs, each network once; returns how many there are.
    #[cfg_attr(feature = "small", inline(never))]
    fn choose_parents(&mut self) -> usize {
        let mut count = 0;
        let mut last = None;
        while count < self.memory.parents.len() {
            let chosen = self.memory.parents.get(..count).unwrap_or_default();
            let twin = |trial: &Trial<'_, R>| {
                let others = chosen.iter().filter_map(|&p| self.history.get(p as usize));
                others.map(|t| t.fingerprint).any(|f| f == trial.fingerprint)
            };
            let next = self.history.next_best(self.settings, self.trial, last, twin);
            let (Some((_, position)), Some(place)) = (next, self.memory.parents.get_mut(count)) else {
                break;
            };
            *place = position as u32;
            last = next;
            count += 1;
        }
        count
    }

    /// A random parent. Where candidates live longer than a trial, the same draw finds the same parent for as long
    /// as it is one, whatever others come and go: the design that fits the lot best.
    fn draw_parent(&self, rng: &mut KeyedRng, parents: usize) -> &'x [u8] {
        if self.settings.pool.life <= 1 {
            return self.parent(rng.index(parents));
        }
        let lot = rng.word();
        let fit = |&index: &usize| {
            let position = self.memory.parents.get(index).copied().unwrap_or(u32::MAX);
            let trial = self.history.get(position as usize);
            let mut h = Hasher::new(lot);
            h.fingerprint(&trial.map_or([0; 4], |trial| trial.fingerprint));
            h.finish()
        };
        self.parent((0..parents).max_by_key(fit).unwrap_or(0))
    }

    /// The genome of a parent.
    fn parent(&self, index: usize) -> &'x [u8] {
        let position = self.memory.parents.get(index).copied().unwrap_or(u32::MAX);
        self.history.get(position as usize).map_or(&[], |trial| trial.genome)
    }

    /// How many neighbours the parents have together.
    fn count_neighbours(&self, parents: usize) -> usize {
        let counts = (0..parents).map(|index| self.bench.space().neighbours(self.parent(index)));
        counts.fold(0, usize::saturating_add)
    }

    /// All neighbours of the parents.
    #[cfg_attr(feature = "small", inline(never))]
    fn neighbours(&mut self, parents: usize) -> Result<(), Error> {
        let space = self.bench.space();
        for index in 0..parents {
            let parent = self.parent(index);
            for neighbour in 0..space.neighbours(parent) {
                self.offer_neighbour(parent, neighbour)?;
                self.flush_full()?;
            }
        }
        Ok(())
    }

    #[cfg_attr(feature = "small", inline(never))]
    fn offer_neighbour(&mut self, parent: &[u8], neighbour: usize) -> Result<bool, Error> {
        let mut genome = [0; MAX_GENES];
        let genome = genome.get_mut(..parent.len()).unwrap_or_default();
        self.bench.space().neighbour(parent, neighbour, genome);
        self.offer(genome)
    }

    /// Draws until so many new candidates were found, at most four draws for each. They come in as many
    /// groups as a candidate lives trials; each trial begins another group anew.
    #[cfg_attr(feature = "small", inline(never))]
    fn draw(&mut self, wanted: usize, source: Source, parents: usize) -> Result<(), Error> {
        let life = NonZeroU32::new(self.settings.pool.life).unwrap_or(NonZeroU32::MIN);
        // A 32-bit processor divides 32 bits. `life` is small, so that nothing overflows.
        let (lives, age) = (self.trial / life, self.trial % life);
        let (each, rest) = (wanted as u32 / life, wanted as u32 % life);
        for group in 0..life.get() {
            let begun = lives + (age + group) / life;
            let mut rng = KeyedRng::new(self.settings.seed, begun, source.stream() | group << 8);
            let wanted = (each + (rest * (group + 1)) / life - (rest * group) / life) as usize;
            let (mut found, mut draws) = (0, 0);
            while found < wanted && draws < product(wanted, 4) {
                draws += 1;
                if self.attempt(source, parents, &mut rng)? {
                    found += 1;
                    self.flush_full()?;
                }
            }
        }
        Ok(())
    }

    /// Draws a candidate and offers it.
    #[cfg_attr(feature = "small", inline(never))]
    fn attempt(&mut self, source: Source, parents: usize, rng: &mut KeyedRng) -> Result<bool, Error> {
        let mut genome = [0; MAX_GENES];
        let genome = genome.get_mut(..self.history.genes()).unwrap_or_default();
        Ok(self.make(source, parents, rng, genome) && self.offer(genome)?)
    }

    /// Draws a candidate; false if there is none.
    #[cfg_attr(feature = "small", inline(never))]
    fn make(&self, source: Source, parents: usize, rng: &mut KeyedRng, genome: &mut [u8]) -> bool {
        let space = self.bench.space();
        match source {
            Source::Neighbours => {
                let parent = self.draw_parent(rng, parents);
                random_neighbour(space, rng, parent, genome)
            }
            Source::Mutants => {
                let parent = self.draw_parent(rng, parents);
                let mut once = [0; MAX_GENES];
                let once = once.get_mut(..parent.len()).unwrap_or_default();
                random_neighbour(space, rng, parent, once) && random_neighbour(space, rng, once, genome)
            }
            Source::Samples => {
                space.sample(rng, genome);
                true
            }
        }
    }

    /// Takes a candidate into the block, which has room, if it is feasible and new.
    #[cfg_attr(feature = "small", inline(never))]
    fn offer(&mut self, genome: &[u8]) -> Result<bool, Error> {
        let entries = &mut *self.memory;
        let Some(fingerprint) = self.bench.decode(entries.filled, genome)? else {
            return Ok(false);
        };
        if self.history.contains(fingerprint)
            || entries.seen.iter().take(entries.count).any(|&f| f == fingerprint)
        {
            return Ok(false);
        }
        let slot = entries.filled;
        let Some(seen) = entries.seen.get_mut(entries.count) else {
            return Ok(false);
        };
        *seen = fingerprint;
        if let Some(place) = entries.genomes.in_rows_mut(genome.len()).nth(slot) {
            copy(place, genome);
        }
        entries.count += 1;
        entries.filled += 1;
        Ok(true)
    }

    /// Scores the block if it is full.
    fn flush_full(&mut self) -> Result<(), Error> {
        if self.memory.filled >= self.memory.block { self.flush() } else { Ok(()) }
    }

    /// Scores the block.
    #[cfg_attr(feature = "small", inline(never))]
    fn flush(&mut self) -> Result<(), Error> {
        let entries = &mut *self.memory;
        let filled = core::mem::take(&mut entries.filled);
        if filled == 0 {
            return Ok(());
        }
        let first = entries.count.wrapping_sub(filled);
        if let Some(Judge { model, sheets, .. }) = &mut self.judge {
            let block = entries.seen.get(first..entries.count).unwrap_or_default();
            model.predict(block, self.history, self.bench, sheets)?;
        }
        self.list_block(first);
        Ok(())
    }

    /// Offers the candidates from number `first` on, which are predicted if there is a judge, to the list.
    #[cfg_attr(feature = "small", inline(never))]
    fn list_block(&mut self, first: usize) {
        let entries = &*self.memory;
        let block = entries.seen.get(first..entries.count).unwrap_or_default();
        let genomes = entries.genomes.in_rows(self.history.genes());
        let candidates = block.iter().zip(genomes).enumerate();
        let Some(Judge { model, rule, sheets }) = &self.judge else {
            for (index, (&fingerprint, genome)) in candidates {
                let number = first + index;
                let lot = stream::LOTS | (number as u32) << 8;
                let acquisition = KeyedRng::new(self.settings.seed, self.trial, lot).unit();
                let score = Prediction { mean: R::ZERO, deviation: R::ZERO, acquisition };
                self.list.offer(number, &score, fingerprint, genome, &[]);
            }
            return;
        };
        let width = model.process().len() * self.bench.parts();
        for (index, (&fingerprint, genome)) in candidates {
            if let Some((score, row)) = sheets.predicted(index, width, rule) {
                self.list.offer(first + index, &score, fingerprint, genome, row);
            }
        }
    }
}

/// Writes a random neighbour; false if there is none.
pub(super) fn random_neighbour<R: Real, S: Space<R> + ?Sized>(
    space: &S,
    rng: &mut KeyedRng,
    genome: &[u8],
    out: &mut [u8],
) -> bool {
    let count = space.neighbours(genome);
    if count > 0 {
        space.neighbour(genome, rng.index(count), out);
    }
    count > 0
}
