//! Ask and tell.

use super::choice::{self, Shortlist};
use super::contest::{Contest, Entries, Judge, copy, random_neighbour};
use super::history::{History, Trial, TrialState};
use super::model::{Model, Rule, Sheets};
use super::rng::KeyedRng;
use super::settings::{BatchRule, Method, PoolSettings, SearchSettings};
use super::space::{MAX_GENES, Space, check_genome};
use super::workbench::{self, Workbench};
use super::{Origin, stream};
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::gp::GaussianProcess;
use crate::memory::{Arena, Extent};
use crate::metric::{DistanceCache, Metric, NetworkShape};
use crate::real::Real;
use crate::transport::gromov::Effort;

/// What the model expects of a proposed design, in the units of the transformed and standardised
/// values: lower is better, the told values have mean 0 and standard deviation 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction<R> {
    /// Posterior mean.
    pub mean: R,
    /// Posterior standard deviation, without noise.
    pub deviation: R,
    /// What the design won the pool with; for [`Acquisition::Thompson`](super::Acquisition::Thompson) the
    /// bound that brought it into the shortlist.
    pub acquisition: R,
}

/// What [`Search::ask`] reports besides the genome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal<R> {
    /// Where the design comes from.
    pub origin: Origin,
    /// `None` unless the model chose the design.
    pub prediction: Option<Prediction<R>>,
    /// Told trials at that time.
    pub observations: u32,
    /// Candidates that the model compared.
    pub candidates: u32,
}

/// A search over a space of networks: proposes designs and learns from their values, **lower is
/// better**.
///
/// Trials are numbered by the caller, in any order. What [`ask`](Self::ask) proposes for a trial
/// depends on the seed, the number of the trial, the told trials with their values, the pending and
/// the failed trials and the settings, and on nothing else: not on the order of the calls, not on what
/// was asked in between, not on the cache. So a replayed or restored search goes on like the one that
/// never stopped, and many workers can share one.
///
/// Space and metric are given to each call and not kept; they must be the same in every call.
///
/// ```
/// use hotnas_core::memory::{Extent, Storage};
/// use hotnas_core::metric::{Metric, MetricSettings};
/// use hotnas_core::search::spaces::{NasBench201, cell_table};
/// use hotnas_core::search::{Method, PoolSettings, Search, SearchSettings};
/// use hotnas_core::transport::gromov::Effort;
///
/// // Ten trials with few candidates, in single precision.
/// const STATE: Extent = Search::<f32>::extent(Method::Hotnas, 10, 6);
/// const WORK: Extent = Search::<f32>::workspace_for(
///     Method::Hotnas, &PoolSettings::COMPACT, 1, 10, 6, NasBench201::LIMITS, 4, 0, Effort::Fast,
/// );
/// let mut state = Storage::<f32, { STATE.reals }, { STATE.words }, { STATE.bytes }>::new();
/// let mut work = Storage::<f32, { WORK.reals }, { WORK.words }, { WORK.bytes }>::new();
///
/// let table = cell_table()?;
/// let metric = Metric::new(&table, MetricSettings::default_preset())?;
/// let settings = SearchSettings { initial: 5, ..SearchSettings::compact() };
/// let mut search = Search::new(settings, 10, 6, &mut state.arena())?;
/// for trial in 0..10 {
///     let mut genome = [0; 6];
///     search.ask(trial, &NasBench201, &metric, None, &mut genome, work.arena())?;
///     // Here a network would be trained; this stands for its loss.
///     let loss = genome.iter().filter(|&&gene| gene != 3).count();
///     search.tell(trial, loss as f32)?;
/// }
/// assert!(search.best().is_some_and(|best| best.value <= 3.0));
/// # Ok::<(), hotnas_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Search<'a, R> {
    settings: SearchSettings<R>,
    history: History<'a, R>,
    /// Only for the method that has one.
    model: Option<Model<'a, R>>,
}

impl<'a, R: Real> Search<'a, R> {
    /// Memory for so many trials of so many genes.
    #[must_use]
    pub const fn extent(method: Method, capacity: usize, genes: usize) -> Extent {
        let history = History::<f64>::extent(capacity, genes, false);
        match method {
            Method::Hotnas => history.and(Model::<f64>::extent(capacity, 1)),
            Method::Random | Method::Evolution | Method::LocalSearch | Method::Pool => history,
        }
    }

    /// The same for these settings, a second number and the parts of a distance included.
    #[must_use]
    pub fn extent_of(settings: &SearchSettings<R>, capacity: usize, genes: usize) -> Extent {
        let second = settings.second.is_some();
        let history = History::<f64>::extent(capacity, genes, second);
        match settings.method {
            Method::Hotnas => {
                let model = Model::<f64>::extent(capacity, settings.parts as usize);
                history.and(model.times(1 + usize::from(second)))
            }
            Method::Random | Method::Evolution | Method::LocalSearch | Method::Pool => history,
        }
    }

    /// Workspace of [`ask`](Self::ask) and [`record`](Self::record) for a space with these genes and
    /// limits.
    #[must_use]
    pub fn workspace(
        settings: &SearchSettings<R>,
        capacity: usize,
        genes: usize,
        limits: NetworkShape,
        metric: &Metric<'_, R>,
    ) -> Extent {
        let SearchSettings { method, pool, block, .. } = settings;
        let (groups, attributes) = (metric.table().groups(), metric.table().attributes());
        let distance = metric.workspace(&limits);
        let need =
            Self::extents(*method, pool, *block, capacity, genes, limits, groups, attributes, distance);
        if *method != Method::Hotnas {
            return need;
        }
        let (places, joint) = settings.keeps();
        let parts = settings.parts as usize;
        let list = if places > 1 || joint {
            Shortlist::<R>::extent(places, joint, capacity, genes, parts)
        } else {
            Extent::NONE
        };
        let second = if settings.second.is_some() {
            Sheets::<R>::second_extent(capacity, *block as usize)
        } else {
            Extent::NONE
        };
        // As much again for every part after the first.
        let block = *block as usize;
        let distances = Extent::reals(block.saturating_mul(capacity.saturating_add(1)));
        need.and(list).and(second).and(distances.times(parts.saturating_sub(1)))
    }

    /// The same from what it depends on, which can be constants in either precision: the operation
    /// table's groups and attributes, the metric's effort; for HOTNN. Not enough for settings that need a
    /// shortlist ([`SearchSettings::shortlist`]), have a second number or look at the parts of a distance.
    #[must_use]
    pub const fn workspace_for(
        method: Method,
        pool: &PoolSettings,
        block: u32,
        capacity: usize,
        genes: usize,
        limits: NetworkShape,
        groups: usize,
        attributes: usize,
        effort: Effort,
    ) -> Extent {
        let distance = Metric::<f64>::network_workspace(&limits, effort);
        Self::extents(method, pool, block, capacity, genes, limits, groups, attributes, distance)
    }

    const fn extents(
        method: Method,
        pool: &PoolSettings,
        block: u32,
        capacity: usize,
        genes: usize,
        limits: NetworkShape,
        groups: usize,
        attributes: usize,
        distance: Extent,
    ) -> Extent {
        let block = block as usize;
        match method {
            Method::Hotnas => workbench::extent(
                limits,
                groups,
                attributes,
                block.saturating_add(1),
                capacity,
                distance,
            )
            .and(Sheets::<f64>::extent(capacity, block, 1))
            .and(Entries::extent(pool.limit as usize, pool.parents as usize, block, genes))
            .and(Shortlist::<f64>::extent(1, false, capacity, genes, 1)),
            Method::Random | Method::Evolution | Method::LocalSearch => {
                workbench::extent(limits, groups, attributes, 1, 0, distance)
            }
            Method::Pool => workbench::extent(limits, groups, attributes, 1, 0, distance)
                .and(Entries::extent(pool.limit as usize, pool.parents as usize, 1, genes))
                .and(Shortlist::<f64>::extent(1, false, 0, genes, 1)),
        }
    }

    /// A search without trials.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] (also for no genes or more than [`MAX_GENES`]),
    /// [`Error::MemoryTooSmall`], [`Error::SizeOverflow`].
    pub fn new(
        settings: SearchSettings<R>,
        capacity: usize,
        genes: usize,
        memory: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        settings.validate()?;
        if !(1..=MAX_GENES).contains(&genes) {
            return Err(Error::InvalidSetting);
        }
        memory.require(Self::extent_of(&settings, capacity, genes))?;
        let history = History::new(capacity, genes, settings.second.is_some(), memory)?;
        let model = match settings.method {
            Method::Hotnas => Some(Model::new(capacity, &settings, memory)?),
            Method::Random | Method::Evolution | Method::LocalSearch | Method::Pool => None,
        };
        Ok(Self { settings, history, model })
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &SearchSettings<R> {
        &self.settings
    }

    /// All trials.
    #[must_use]
    pub fn history(&self) -> &History<'a, R> {
        &self.history
    }

    /// The Gaussian process as the last [`ask`](Self::ask) left it, if the method has one: told trials
    /// ascending, then pending ones.
    #[must_use]
    pub fn process(&self) -> Option<&GaussianProcess<'a, R>> {
        self.model.as_ref().map(Model::process)
    }

    /// The told trial with the least value, of equal ones the earliest; with a measured limit the best
    /// feasible one, `None` if there is none.
    #[must_use]
    pub fn best(&self) -> Option<Trial<'_, R>> {
        let second = self.settings.second;
        let key = |trial: &Trial<'_, R>| (!second.allows(trial.second), trial.value);
        self.history.best(|a, b| key(a) < key(b)).filter(|trial| second.allows(trial.second))
    }

    /// The told trials, ascending, that no other one dominates (not worse in value and second number,
    /// better in one of them); of equal ones the earliest.
    pub fn front(&self) -> impl Iterator<Item = Trial<'_, R>> {
        let dominates = |a: &Trial<'_, R>, b: &Trial<'_, R>| {
            let ([x, u], [y, v]) = (a.pair(), b.pair());
            x <= y && u <= v && (x < y || u < v || a.number < b.number)
        };
        self.history
            .observations()
            .filter(move |b| !self.history.observations().any(|a| dominates(&a, b)))
    }

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
    /// evaluated together, as [`SearchSettings::batch`] says, and keeps the trials as pending. `genomes`:
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
                    for trial in (first..).take(done) {
                        if let Ok(index) = self.history.find(trial) {
                            self.history.remove(index);
                        }
                    }
                    return Err(error);
                }
            }
        }
        for (trial, genome) in (first..).zip(genomes.chunks_exact_mut(genes.max(1))) {
            copy(genome, self.genome_of(trial));
        }
        Ok(())
    }

    /// An error unless so many trials from `first` on are new and there is room for them.
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
        model.evidence(settings, &self.history, metric.fingerprint(), bench, sheets)
    }

    /// Gives a pending trial its value. A tell in the order of the trials is the cheapest.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`], [`Error::TrialClosed`], [`Error::NotFinite`],
    /// [`Error::DimensionMismatch`] if a second number is expected. Nothing changes then.
    pub fn tell(&mut self, trial: u32, value: R) -> Result<(), Error> {
        self.check_second(false)?;
        self.close(trial, TrialState::Told, [value, R::ZERO])
    }

    /// The same with a second number, see [`SearchSettings::second`].
    ///
    /// # Errors
    /// As [`tell`](Self::tell); [`Error::DimensionMismatch`] if no second number is expected.
    pub fn tell_both(&mut self, trial: u32, value: R, second: R) -> Result<(), Error> {
        self.check_second(true)?;
        self.close(trial, TrialState::Told, [value, second])
    }

    fn check_second(&self, given: bool) -> Result<(), Error> {
        if given == self.settings.second.is_some() { Ok(()) } else { Err(Error::DimensionMismatch) }
    }

    /// Ends a pending trial without a value. Its design is not proposed again.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`], [`Error::TrialClosed`]. Nothing changes then.
    pub fn fail(&mut self, trial: u32) -> Result<(), Error> {
        self.close(trial, TrialState::Failed, [R::ZERO; 2])
    }

    fn close(&mut self, trial: u32, state: TrialState, values: [R; 2]) -> Result<(), Error> {
        let index = self.history.find(trial).map_err(|_| Error::UnknownTrial)?;
        self.history.close(index, state, values)?;
        self.changed(index, state);
        Ok(())
    }

    /// What follows the trial at `index` in the model is out of date.
    fn changed(&mut self, index: usize, state: TrialState) {
        let before = self.history.observations_before(index);
        if let (TrialState::Told, Some(model)) = (state, &mut self.model) {
            model.forget(before);
        }
    }

    /// Tells of a design that was never asked for.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn tell_design<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        genome: &[u8],
        value: R,
        space: &S,
        metric: &Metric<'_, R>,
        workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        self.record(trial, genome, TrialState::Told, value, space, metric, workspace)
    }

    /// Adds a trial in any state, as a replay does: one that somebody else evaluates, has evaluated or
    /// failed to evaluate. `value` counts for a told trial only.
    ///
    /// # Errors
    /// [`Error::TrialExists`], [`Error::CapacityExceeded`], [`Error::GenomeOutOfRange`],
    /// [`Error::Infeasible`], [`Error::NotFinite`], [`Error::MemoryTooSmall`],
    /// [`Error::DimensionMismatch`] if a told trial must have a second number; errors of the space. Nothing
    /// changes then.
    pub fn record<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        genome: &[u8],
        state: TrialState,
        value: R,
        space: &S,
        metric: &Metric<'_, R>,
        workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        if state == TrialState::Told {
            self.check_second(false)?;
        }
        self.add(trial, genome, state, [value, R::ZERO], space, metric, workspace)
    }

    /// The same with value and second number.
    ///
    /// # Errors
    /// As [`record`](Self::record); [`Error::DimensionMismatch`] if no second number is expected.
    pub fn record_both<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        genome: &[u8],
        state: TrialState,
        values: [R; 2],
        space: &S,
        metric: &Metric<'_, R>,
        workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        self.check_second(true)?;
        self.add(trial, genome, state, values, space, metric, workspace)
    }

    fn add<S: Space<R> + ?Sized>(
        &mut self,
        number: u32,
        genome: &[u8],
        state: TrialState,
        values: [R; 2],
        space: &S,
        metric: &Metric<'_, R>,
        mut workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        if genome.len() != self.history.genes() {
            return Err(Error::GenomeOutOfRange);
        }
        let mut workspace = workspace.scope();
        let mut bench = Workbench::new(space, metric, None, 1, 0, 1, &mut workspace)?;
        let fingerprint = bench.decode(0, genome)?.ok_or(Error::Infeasible)?;
        let [value, second] = if state == TrialState::Told { values } else { [R::ZERO; 2] };
        let index = self.history.insert(&Trial { number, state, genome, fingerprint, value, second })?;
        self.changed(index, state);
        Ok(())
    }

    /// Forgets all trials.
    pub fn clear(&mut self) {
        self.history.clear();
        if let Some(model) = &mut self.model {
            model.forget(0);
        }
    }

    /// Where nothing is proposed yet.
    fn proposal(&self) -> Proposal<R> {
        let observations = self.history.told() as u32;
        Proposal { origin: Origin::Random, prediction: None, observations, candidates: 0 }
    }

    /// Keeps up to `count` new designs as pending trials from `first` on: all that the model chooses
    /// together, or one. Enters what is known about the first, and returns how many there are.
    fn propose<S: Space<R> + ?Sized>(
        &mut self,
        first: u32,
        count: usize,
        space: &S,
        metric: &Metric<'_, R>,
        cache: Option<&mut DistanceCache<'_, R>>,
        mut workspace: Arena<'_, R>,
        proposal: &mut Proposal<R>,
    ) -> Result<usize, Error> {
        let (block, capacity) = (self.settings.block as usize, self.history.capacity());
        let parts = self.settings.parts as usize;
        let (slots, rows, parts) =
            if self.model.is_some() { (block + 1, capacity, parts) } else { (1, 0, 1) };
        let mut workspace = workspace.scope();
        // In place, here and below: as a value it would be on the stack twice.
        let mut bench = Workbench::new(space, metric, cache, slots, rows, parts, &mut workspace);
        let bench = bench.as_mut().map_err(|error| *error)?;
        if proposal.observations >= self.settings.initial.max(1) {
            let key = metric.fingerprint();
            let found = match self.settings.method {
                Method::Hotnas => {
                    self.propose_by_model(first, count, key, bench, workspace, proposal)?
                }
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
        metric: Fingerprint,
        bench: &mut Workbench<'w, '_, '_, R, S>,
        mut workspace: Arena<'w, R>,
        proposal: &mut Proposal<R>,
    ) -> Result<usize, Error> {
        let (settings, history) = (&self.settings, &self.history);
        let Some(model) = &mut self.model else { return Ok(0) };
        let (capacity, genes, block) = (history.capacity(), history.genes(), settings.block as usize);
        let (limit, parents) = (settings.pool.limit as usize, settings.pool.parents as usize);
        let parts = settings.parts as usize;
        let mut sheets = Sheets::new(capacity, block, parts, settings.second.is_some(), &mut workspace);
        let sheets = sheets.as_mut().map_err(|error| *error)?;
        let mut memory = Entries::new(limit, parents, block, genes, &mut workspace);
        let memory = memory.as_mut().map_err(|error| *error)?;
        let told = model.update(settings, history, metric, bench, sheets)?;
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

    /// What a method without a model proposes, and every method at first: one design.
    #[cfg_attr(feature = "small", inline(never))]
    fn propose_one<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        proposal: &mut Proposal<R>,
    ) -> Result<(), Error> {
        let SearchSettings { method, initial, population, .. } = self.settings;
        let mut genome = [0; MAX_GENES];
        let genome = genome.get_mut(..self.history.genes()).unwrap_or_default();
        let (origin, found) = match method {
            Method::Evolution if proposal.observations >= population => {
                (Origin::Evolution, self.evolve(trial, bench, genome)?)
            }
            Method::LocalSearch if proposal.observations >= initial.max(1) => {
                (Origin::Local, self.climb(trial, bench, genome)?)
            }
            _ => (Origin::Random, None),
        };
        let (origin, found) = match found {
            Some(_) => (origin, found),
            None => (Origin::Random, self.random(trial, bench, genome)?),
        };
        let (origin, fingerprint) = match found {
            Some(fingerprint) => (origin, fingerprint),
            None => (Origin::Scan, self.scan(trial, bench, genome)?),
        };
        proposal.origin = origin;
        keep(&mut self.history, trial, genome, fingerprint)
    }

    /// Whether a genome stands for an untried network.
    pub(super) fn untried<S: Space<R> + ?Sized>(
        &self,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &[u8],
    ) -> Result<Option<Fingerprint>, Error> {
        Ok(bench.decode(0, genome)?.filter(|&fingerprint| !self.history.contains(fingerprint)))
    }

    #[cfg_attr(feature = "small", inline(never))]
    fn random<S: Space<R> + ?Sized>(
        &self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &mut [u8],
    ) -> Result<Option<Fingerprint>, Error> {
        let mut rng = KeyedRng::new(self.settings.seed, trial, stream::RANDOM);
        for _ in 0..RANDOM_DRAWS {
            bench.space().sample(&mut rng, genome);
            let found = self.untried(bench, genome)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// One edit of the best of a tournament among the latest told trials.
    #[cfg_attr(feature = "small", inline(never))]
    fn evolve<S: Space<R> + ?Sized>(
        &self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &mut [u8],
    ) -> Result<Option<Fingerprint>, Error> {
        let mut rng = KeyedRng::new(self.settings.seed, trial, stream::EVOLUTION);
        let alive = self.settings.population.max(1);
        for _ in 0..EVOLUTION_DRAWS {
            let mut winner: Option<Trial<'_, R>> = None;
            for _ in 0..self.settings.tournament {
                let age = rng.below(alive) as usize;
                let drawn = self.history.observations().rev().nth(age);
                if let Some(drawn) = drawn
                    && winner.is_none_or(|w| self.settings.second.better(drawn.pair(), w.pair()))
                {
                    winner = Some(drawn);
                }
            }
            let Some(winner) = winner else { break };
            if random_neighbour(bench.space(), &mut rng, winner.genome, genome) {
                let found = self.untried(bench, genome)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// Goes through the genomes one after the other, from a random one on.
    #[cfg_attr(feature = "small", inline(never))]
    fn scan<S: Space<R> + ?Sized>(
        &self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &mut [u8],
    ) -> Result<Fingerprint, Error> {
        let mut rng = KeyedRng::new(self.settings.seed, trial, stream::SCAN);
        for (g, gene) in genome.iter_mut().enumerate() {
            *gene = rng.below(u32::from(bench.space().cardinality(g))) as u8;
        }
        for _ in 0..self.settings.scan {
            if let Some(found) = self.untried(bench, genome)? {
                return Ok(found);
            }
            for (g, gene) in genome.iter_mut().enumerate() {
                *gene = gene.saturating_add(1);
                if *gene < bench.space().cardinality(g) {
                    break;
                }
                *gene = 0;
            }
        }
        Err(Error::SpaceExhausted)
    }

    pub(super) fn history_mut(&mut self) -> &mut History<'a, R> {
        &mut self.history
    }
}

/// A pending trial.
fn keep<R: Real>(
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

/// Random draws before the scan.
const RANDOM_DRAWS: u32 = 256;
/// Tournaments before a random design.
const EVOLUTION_DRAWS: u32 = 256;
