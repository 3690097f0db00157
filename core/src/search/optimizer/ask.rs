//! What to try next, alone or together, and what the model says of the told values.

use super::{Proposal, Search};
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::memory::{Arena, copy};
use crate::metric::{DistanceCache, Metric};
use crate::real::Real;
use crate::rows::InRows;
use crate::search::Origin;
use crate::search::choice::{self, Shortlist};
use crate::search::contest::{Contest, Entries, Judge};
use crate::search::history::{History, Trial, TrialState};
use crate::search::model::{Rule, Sheets};
use crate::search::settings::{BatchRule, Method};
use crate::search::space::{Space, check_genome};
use crate::search::workbench::Workbench;

impl<R: Real> Search<'_, R> {
    /// Proposes a design for a new trial, writes its genome and keeps the trial as pending.
    ///
    /// No design is proposed whose network was tried already, whatever came of it. `cache` only saves
    /// time.
    ///
    /// # Errors
    /// [`Error::TrialExists`], [`Error::CapacityExceeded`], [`Error::GenomeOutOfRange`] (the space or
    /// `genome` has another number of genes, or a tried genome is not of the space), [`Error::MemoryTooSmall`],
    /// [`Error::SpaceExhausted`], [`Error::SavedSettings`] (the space decodes a tried genome to another network than
    /// before), [`Error::NotFinite`] (the difference of two told values overflows),
    /// [`Error::NotPositiveDefinite`]; errors of the space and of the metric. Nothing changes then.
    pub fn ask<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        space: &S,
        metric: &Metric<'_, R>,
        cache: Option<&mut DistanceCache<'_, R>>,
        genome: &mut [u8],
        workspace: Arena<'_, R>,
    ) -> Result<Proposal<R>, Error> {
        self.check_new(trial, 1, genome.len(), space)?;
        let mut proposal = self.proposal();
        self.propose(trial, 1, space, metric, cache, workspace, &mut proposal)?;
        copy(genome, self.genome_of(trial));
        Ok(proposal)
    }

    /// Proposes designs for `genomes.len() / genes` new trials `first`, `first + 1`, ... that are to be
    /// evaluated together, as [`SearchSettings::batch`](crate::search::SearchSettings::batch) says, and keeps the trials as pending. `genomes`:
    /// one after the other.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); [`Error::SizeOverflow`] if a number of a trial would not fit. Nothing
    /// changes then, not even if the space has some new designs, but not enough.
    pub fn ask_batch<S: Space<R> + ?Sized>(
        &mut self,
        first: u32,
        space: &S,
        metric: &Metric<'_, R>,
        mut cache: Option<&mut DistanceCache<'_, R>>,
        genomes: &mut [u8],
        mut workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        let genes = self.history.genes();
        let count = genomes.len().checked_div(genes).unwrap_or(0);
        if count * genes != genomes.len() {
            return Err(Error::GenomeOutOfRange);
        }
        self.check_new(first, count, genes, space)?;
        let mut done = 0;
        while done < count {
            let (trial, left) = (first.wrapping_add(done as u32), count - done);
            // What the shortlist cannot give is proposed one after the other.
            let together =
                if done == 0 && self.settings.batch != BatchRule::Sequential { left } else { 1 };
            let cache = cache.as_deref_mut();
            let proposal = &mut self.proposal();
            match self.propose(trial, together, space, metric, cache, workspace.scope(), proposal) {
                Ok(found) => done += found.max(1),
                Err(error) => {
                    self.withdraw(first, done);
                    return Err(error);
                }
            }
        }
        for (trial, genome) in (first..).zip(genomes.in_rows_mut(genes)) {
            copy(genome, self.genome_of(trial));
        }
        Ok(())
    }

    /// Takes so many trials from `first` on back.
    #[cfg_attr(feature = "small", inline(never))]
    fn withdraw(&mut self, first: u32, count: usize) {
        for trial in (first..).take(count) {
            if let Ok(index) = self.history.find(trial) {
                self.history.remove(index);
            }
        }
    }

    /// An error unless so many trials from `first` on are new and there is room for them.
    #[cfg_attr(feature = "small", inline(never))]
    fn check_new<S: Space<R> + ?Sized>(
        &self,
        first: u32,
        count: usize,
        length: usize,
        space: &S,
    ) -> Result<(), Error> {
        let genes = self.history.genes();
        if space.genes() != genes || length != genes {
            return Err(Error::GenomeOutOfRange);
        }
        let last = u32::try_from(count.saturating_sub(1)).ok().and_then(|more| first.checked_add(more));
        let last = last.ok_or(Error::SizeOverflow)?;
        if (first..=last).take(count).any(|trial| self.history.find(trial).is_ok()) {
            return Err(Error::TrialExists);
        }
        if count > self.history.capacity().saturating_sub(self.history.len()) {
            return Err(Error::CapacityExceeded);
        }
        // A restored search may hold genomes that do not fit the space, and callbacks rely on cardinalities.
        self.history.iter().try_for_each(|trial| check_genome(space, trial.genome))
    }

    /// The genome of a trial that there is.
    fn genome_of(&self, trial: u32) -> &[u8] {
        let found = self.history.find(trial).ok().and_then(|index| self.history.get(index));
        found.map_or(&[], |trial| trial.genome)
    }

    /// Logarithm of the marginal likelihood of the told values under a metric, hyperparameters fitted as for
    /// a proposal: the greater, the better the metric explains them. Serves to choose among a few settings
    /// such as epsilon and lambda; the chosen one is then given to [`ask`](Self::ask). With another metric
    /// than before all rows of the process are computed anew. Workspace: as [`ask`](Self::ask).
    ///
    /// # Errors
    /// [`Error::NoObservation`] (also if the method has no process); those of [`ask`](Self::ask).
    pub fn evidence<S: Space<R> + ?Sized>(
        &mut self,
        space: &S,
        metric: &Metric<'_, R>,
        cache: Option<&mut DistanceCache<'_, R>>,
        mut workspace: Arena<'_, R>,
    ) -> Result<R, Error> {
        let settings = &self.settings;
        let model =
            self.model.as_mut().filter(|_| self.history.told() > 0).ok_or(Error::NoObservation)?;
        let (capacity, block) = (self.history.capacity(), settings.block as usize);
        let parts = settings.parts as usize;
        let mut workspace = workspace.scope();
        let mut bench = Workbench::new(space, metric, cache, block + 1, capacity, parts, &mut workspace);
        let bench = bench.as_mut().map_err(|error| *error)?;
        let mut sheets = Sheets::new(capacity, block, parts, settings.second.is_some(), &mut workspace);
        let sheets = sheets.as_mut().map_err(|error| *error)?;
        model.evidence(settings, &self.history, bench, sheets)
    }

    /// Where nothing is proposed yet.
    fn proposal(&self) -> Proposal<R> {
        let observations = self.history.told() as u32;
        Proposal { origin: Origin::Random, prediction: None, observations, candidates: 0 }
    }

    /// Keeps up to `count` new designs as pending trials from `first` on: all that the model chooses
    /// together, or one. Enters what is known about the first, and returns how many there are.
    fn propose<'w, S: Space<R> + ?Sized>(
        &mut self,
        first: u32,
        count: usize,
        space: &'w S,
        metric: &'w Metric<'_, R>,
        cache: Option<&'w mut DistanceCache<'_, R>>,
        mut workspace: Arena<'w, R>,
        proposal: &mut Proposal<R>,
    ) -> Result<usize, Error> {
        let (block, capacity) = (self.settings.block as usize, self.history.capacity());
        let parts = self.settings.parts as usize;
        let (slots, rows, parts) =
            if self.model.is_some() { (block + 1, capacity, parts) } else { (1, 0, 1) };
        // In place, here and below: as a value it would be on the stack twice.
        let mut bench = Workbench::new(space, metric, cache, slots, rows, parts, &mut workspace);
        let bench = bench.as_mut().map_err(|error| *error)?;
        if proposal.observations >= self.settings.initial.max(1) {
            let found = match self.settings.method {
                Method::Hotnas => self.propose_by_model(first, count, bench, workspace, proposal)?,
                Method::Pool => self.propose_from_pool(first, bench, workspace, proposal)?,
                _ => 0,
            };
            if found > 0 {
                return Ok(found);
            }
        }
        self.propose_one(first, bench, proposal)?;
        Ok(1)
    }

    /// What the model chooses; returns how many designs.
    #[cfg_attr(feature = "small", inline(never))]
    fn propose_by_model<'w, S: Space<R> + ?Sized>(
        &mut self,
        first: u32,
        count: usize,
        bench: &mut Workbench<'w, '_, '_, R, S>,
        mut workspace: Arena<'w, R>,
        proposal: &mut Proposal<R>,
    ) -> Result<usize, Error> {
        let (settings, history) = (&self.settings, &self.history);
        let Some(model) = &mut self.model else { return Ok(0) };
        let (capacity, block, parts) =
            (history.capacity(), settings.block as usize, settings.parts as usize);
        let mut sheets = Sheets::new(capacity, block, parts, settings.second.is_some(), &mut workspace);
        let sheets = sheets.as_mut().map_err(|error| *error)?;
        let told = model.update(settings, history, bench, sheets)?;
        self.choose_by_model(first, count, told, bench, sheets, workspace, proposal)
    }

    /// The same when the model knows of all trials, `told` of them with a value.
    #[cfg_attr(feature = "small", inline(never))]
    fn choose_by_model<'w, S: Space<R> + ?Sized>(
        &mut self,
        first: u32,
        count: usize,
        told: usize,
        bench: &mut Workbench<'w, '_, '_, R, S>,
        sheets: &mut Sheets<'w, R>,
        mut workspace: Arena<'w, R>,
        proposal: &mut Proposal<R>,
    ) -> Result<usize, Error> {
        let (settings, history) = (&self.settings, &self.history);
        let Some(model) = &self.model else { return Ok(0) };
        let (genes, block, parts) = (history.genes(), settings.block as usize, settings.parts as usize);
        let (limit, parents) = (settings.pool.limit as usize, settings.pool.parents as usize);
        let mut memory = Entries::new(limit, parents, block, genes, &mut workspace);
        let memory = memory.as_mut().map_err(|error| *error)?;
        let rule = Rule::new(settings, model, told, first, sheets);
        let (places, joint) = settings.keeps();
        let width = model.process().len() * parts;
        let mut list = Shortlist::new(places, joint, width, genes, &mut workspace);
        let list = list.as_mut().map_err(|error| *error)?;
        Contest {
            judge: Some(Judge { model, rule: &rule, sheets }),
            settings,
            trial: first,
            history,
            bench: &mut *bench,
            memory: &mut *memory,
            list: &mut *list,
        }
        .run()?;
        proposal.candidates = memory.count() as u32;
        let chosen = workspace.words(count.min(places))?;
        let found = choice::choose(list, settings, model, &rule, told, first, bench, workspace, chosen)?;
        let slots = || chosen.iter().take(found).map(|&slot| slot as usize);
        if let Some(slot) = slots().next() {
            proposal.origin = memory.origin(list.candidate(slot));
            proposal.prediction = list.score(slot);
        }
        for (trial, slot) in (first..).zip(slots()) {
            keep(&mut self.history, trial, list.genome(slot), list.fingerprint(slot))?;
        }
        Ok(found)
    }

    /// One of the model's candidates at random; returns how many designs.
    #[cfg_attr(feature = "small", inline(never))]
    fn propose_from_pool<'w, S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        bench: &mut Workbench<'w, '_, '_, R, S>,
        mut workspace: Arena<'w, R>,
        proposal: &mut Proposal<R>,
    ) -> Result<usize, Error> {
        let (settings, history) = (&self.settings, &self.history);
        let (limit, parents) = (settings.pool.limit as usize, settings.pool.parents as usize);
        let mut memory = Entries::new(limit, parents, 1, history.genes(), &mut workspace);
        let memory = memory.as_mut().map_err(|error| *error)?;
        let mut list = Shortlist::new(1, false, 0, history.genes(), &mut workspace);
        let list = list.as_mut().map_err(|error| *error)?;
        let (memory, list) = (&mut *memory, &mut *list);
        Contest { judge: None, settings, trial, history, bench, memory: &mut *memory, list: &mut *list }
            .run()?;
        proposal.candidates = memory.count() as u32;
        if list.len() == 0 {
            return Ok(0);
        }
        proposal.origin = memory.origin(list.candidate(0));
        keep(&mut self.history, trial, list.genome(0), list.fingerprint(0))?;
        Ok(1)
    }
}

/// A pending trial.
#[cfg_attr(feature = "small", inline(never))]
pub(super) fn keep<R: Real>(
    history: &mut History<'_, R>,
    number: u32,
    genome: &[u8],
    fingerprint: Fingerprint,
) -> Result<(), Error> {
    let state = TrialState::Pending;
    let (value, second) = (R::ZERO, R::ZERO);
    history.insert(&Trial { number, state, genome, fingerprint, value, second })?;
    Ok(())
}
