//! Ask and tell.

use super::contest::{Contest, Entries, copy, random_neighbour};
use super::history::{History, Trial, TrialState};
use super::model::{Model, Rule, Score, Sheets};
use super::rng::KeyedRng;
use super::settings::{Method, PoolSettings, SearchSettings};
use super::space::{MAX_GENES, Space};
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
    /// What the design won the pool with.
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
        let history = History::<f64>::extent(capacity, genes);
        match method {
            Method::Hotnas => history.and(Model::<f64>::extent(capacity)),
            Method::Random | Method::Evolution | Method::LocalSearch => history,
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
        Self::extents(*method, pool, *block, capacity, genes, limits, groups, attributes, distance)
    }

    /// The same from what it depends on, which can be constants in either precision: the operation
    /// table's groups and attributes, the metric's effort; for HOTNN.
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
            .and(Sheets::<f64>::extent(capacity, block))
            .and(Entries::extent(pool.limit as usize, pool.parents as usize, block, genes)),
            Method::Random | Method::Evolution | Method::LocalSearch => {
                workbench::extent(limits, groups, attributes, 1, 0, distance)
            }
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
        memory.require(Self::extent(settings.method, capacity, genes))?;
        let history = History::new(capacity, genes, memory)?;
        let model = match settings.method {
            Method::Hotnas => Some(Model::new(capacity, &settings, memory)?),
            Method::Random | Method::Evolution | Method::LocalSearch => None,
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

    /// The told trial with the least value; of equal ones the earliest.
    #[must_use]
    pub fn best(&self) -> Option<Trial<'_, R>> {
        self.history.best()
    }

    /// Proposes a design for a new trial, writes its genome and keeps the trial as pending.
    ///
    /// No design is proposed whose network was tried already, whatever came of it. `cache` only saves
    /// time.
    ///
    /// # Errors
    /// [`Error::TrialExists`], [`Error::CapacityExceeded`], [`Error::GenomeOutOfRange`] (the space or
    /// `genome` has another number of genes), [`Error::MemoryTooSmall`], [`Error::SpaceExhausted`],
    /// [`Error::SavedSettings`] (the space decodes a tried genome to another network than before),
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
        if self.history.find(trial).is_ok() {
            return Err(Error::TrialExists);
        }
        if self.history.len() >= self.history.capacity() {
            return Err(Error::CapacityExceeded);
        }
        let genes = self.history.genes();
        if space.genes() != genes || genome.len() != genes {
            return Err(Error::GenomeOutOfRange);
        }
        let mut chosen = [0; MAX_GENES];
        let chosen = chosen.get_mut(..genes).unwrap_or_default();
        let (proposal, fingerprint) = self.propose(trial, space, metric, cache, chosen, workspace)?;
        self.history.insert(&Trial {
            number: trial,
            state: TrialState::Pending,
            genome: chosen,
            fingerprint,
            value: R::ZERO,
        })?;
        copy(genome, chosen);
        Ok(proposal)
    }

    /// Gives a pending trial its value. A tell in the order of the trials is the cheapest.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`], [`Error::TrialClosed`], [`Error::NotFinite`]. Nothing changes then.
    pub fn tell(&mut self, trial: u32, value: R) -> Result<(), Error> {
        self.close(trial, TrialState::Told, value)
    }

    /// Ends a pending trial without a value. Its design is not proposed again.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`], [`Error::TrialClosed`]. Nothing changes then.
    pub fn fail(&mut self, trial: u32) -> Result<(), Error> {
        self.close(trial, TrialState::Failed, R::ZERO)
    }

    fn close(&mut self, trial: u32, state: TrialState, value: R) -> Result<(), Error> {
        let index = self.history.find(trial).map_err(|_| Error::UnknownTrial)?;
        self.history.close(index, state, value)?;
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
    /// [`Error::Infeasible`], [`Error::NotFinite`], [`Error::MemoryTooSmall`]; errors of the space.
    /// Nothing changes then.
    pub fn record<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        genome: &[u8],
        state: TrialState,
        value: R,
        space: &S,
        metric: &Metric<'_, R>,
        mut workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        if genome.len() != self.history.genes() {
            return Err(Error::GenomeOutOfRange);
        }
        let mut workspace = workspace.scope();
        let mut bench = Workbench::new(space, metric, None, 1, 0, &mut workspace)?;
        let fingerprint = bench.decode(0, genome)?.ok_or(Error::Infeasible)?;
        let value = if state == TrialState::Told { value } else { R::ZERO };
        let index = self.history.insert(&Trial { number: trial, state, genome, fingerprint, value })?;
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

    /// Writes a new design into `genome`.
    fn propose<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        space: &S,
        metric: &Metric<'_, R>,
        cache: Option<&mut DistanceCache<'_, R>>,
        genome: &mut [u8],
        mut workspace: Arena<'_, R>,
    ) -> Result<(Proposal<R>, Fingerprint), Error> {
        let settings = self.settings;
        let observations = self.history.told() as u32;
        let mut proposal =
            Proposal { origin: Origin::Random, prediction: None, observations, candidates: 0 };
        let block = settings.block as usize;
        let capacity = self.history.capacity();
        let (slots, rows) = if self.model.is_some() { (block + 1, capacity) } else { (1, 0) };
        let mut workspace = workspace.scope();
        let mut bench = Workbench::new(space, metric, cache, slots, rows, &mut workspace)?;
        match (&mut self.model, settings.method) {
            (Some(model), _) if observations >= settings.initial.max(1) => {
                let genes = self.history.genes();
                let (limit, parents) = (settings.pool.limit as usize, settings.pool.parents as usize);
                let mut sheets = Sheets::new(capacity, block, &mut workspace)?;
                let memory = Entries::new(limit, parents, block, genes, &mut workspace)?;
                let key = metric.fingerprint();
                let told = model.update(&settings, &self.history, key, &mut bench, &mut sheets)?;
                let rule = Rule::new(&settings, model, told, &mut bench, &mut sheets)?;
                let mut contest = Contest {
                    model,
                    rule,
                    history: &self.history,
                    bench: &mut bench,
                    sheets: &mut sheets,
                    memory,
                    best: None,
                    best_genome: genome,
                };
                contest.run(&settings.pool, settings.seed, trial)?;
                proposal.candidates = contest.memory.count() as u32;
                if let Some((Score { mean, deviation, acquisition }, origin)) = contest.best {
                    proposal.origin = origin;
                    proposal.prediction = Some(Prediction { mean, deviation, acquisition });
                    let fingerprint = bench.decode(0, genome)?.ok_or(Error::Infeasible)?;
                    return Ok((proposal, fingerprint));
                }
            }
            (_, Method::Evolution) if observations >= settings.population => {
                if let Some(fingerprint) = self.evolve(trial, &mut bench, genome)? {
                    proposal.origin = Origin::Evolution;
                    return Ok((proposal, fingerprint));
                }
            }
            (_, Method::LocalSearch) if observations >= settings.initial.max(1) => {
                if let Some(fingerprint) = self.climb(trial, &mut bench, genome)? {
                    proposal.origin = Origin::Local;
                    return Ok((proposal, fingerprint));
                }
            }
            _ => {}
        }
        if let Some(fingerprint) = self.random(trial, &mut bench, genome)? {
            return Ok((proposal, fingerprint));
        }
        proposal.origin = Origin::Scan;
        Ok((proposal, self.scan(trial, &mut bench, genome)?))
    }

    /// Whether a genome stands for an untried network.
    pub(super) fn untried<S: Space<R> + ?Sized>(
        &self,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &[u8],
    ) -> Result<Option<Fingerprint>, Error> {
        Ok(bench.decode(0, genome)?.filter(|&fingerprint| !self.history.contains(fingerprint)))
    }

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
                    && winner.is_none_or(|w| drawn.value < w.value)
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

/// Random draws before the scan.
const RANDOM_DRAWS: u32 = 256;
/// Tournaments before a random design.
const EVOLUTION_DRAWS: u32 = 256;
