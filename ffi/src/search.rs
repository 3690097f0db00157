//! ## Search
//!
//! What to train next: ask for a genome, train its network, tell the value (lower is better), as often
//! as you like. A search is a state: it grows with trials up to its capacity and belongs to one thread
//! at a time. Its handle must stay where it is: a copy is refused with NOT_INITIALISED.
//!
//! You number the trials, in any order. What `ask` proposes depends on seed, trial number, told trials
//! with their values, pending and failed trials and settings, and on nothing else: not on the order of
//! the calls, not on the cache. So many workers may share a search, and a search that was saved and
//! restored goes on as if it had never stopped. Pass the same space and metric to every call.
//!
//! ```c
//! // Seeks the design with the lowest number among 3256; looks at 20 of them.
//! hotnas_space space;
//! hotnas_operations operations;
//! hotnas_metric_settings metric_settings;
//! hotnas_metric metric;
//! hotnas_search_settings settings;
//! hotnas_search search;
//! hotnas_workspace workspace;
//! uint32_t trial, best_trial;
//! uint8_t genome[6];
//! hotnas_real best;
//! size_t size, scratch_size, design;
//! void *memory, *scratch;
//! if (hotnas_space_init(&space, HOTNAS_READY_SPACE_TRANS_NAS_MACRO, &operations) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_settings_default(&metric_settings) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_init(&metric, &operations, &metric_settings) != HOTNAS_STATUS_OK ||
//!     hotnas_search_settings_compact(&settings) != HOTNAS_STATUS_OK)
//!     return 1;
//! size = hotnas_search_size(&settings, 20, space.gene_count);
//! scratch_size = hotnas_search_workspace_size(&settings, 20, &space, &metric);
//! memory = malloc(size);
//! scratch = malloc(scratch_size);
//! if (memory == NULL || scratch == NULL) return 1;
//! if (hotnas_workspace_init(&workspace, scratch, scratch_size) != HOTNAS_STATUS_OK ||
//!     hotnas_search_init(&search, &settings, 20, space.gene_count, memory, size) != HOTNAS_STATUS_OK)
//!     return 1;
//! for (trial = 0; trial < 20; trial++) {
//!     if (hotnas_search_ask(&search, trial, &space, &metric, NULL, &workspace, NULL, genome) !=
//!         HOTNAS_STATUS_OK)
//!         return 1;
//!     // Train the network of `genome` here; this example takes the number of the design for its loss.
//!     if (hotnas_space_index(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, 6, genome, &design) != HOTNAS_STATUS_OK)
//!         return 1;
//!     if (hotnas_search_tell(&search, trial, (hotnas_real)design) != HOTNAS_STATUS_OK) return 1;
//! }
//! if (hotnas_search_best(&search, &best_trial, &best, genome) != HOTNAS_STATUS_OK) return 1;
//! printf("best: design %.0f in trial %u\n", (double)best, (unsigned)best_trial);
//! free(scratch);
//! free(memory);
//! ```

use crate::gp::{self, hotnas_fit_settings, hotnas_gp_info};
use crate::lend::{self, Block, Output, Slot, handle};
use crate::metric::{hotnas_cache, hotnas_metric};
use crate::space::{CallerSpace, HOTNAS_MAX_GENES, hotnas_space};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::gp::{Kernel, Transform};
use hotnas_core::memory::Extent;
use hotnas_core::metric::Metric;
use hotnas_core::search::acquisition::KappaSchedule;
use hotnas_core::search::{
    Acquisition, BatchRule, Method, Pending, PoolSettings, Search, SearchSettings, Second, Space, Trial,
    TrialState,
};
use hotnas_precision::precision;

/// Default number of random designs at the start.
pub const HOTNAS_DEFAULT_INITIAL: u32 = 10;
/// Default factor of the upper confidence bound.
pub const HOTNAS_DEFAULT_KAPPA: hotnas_real = 2.0;

/// How designs are proposed.
#[repr(i32)]
pub enum hotnas_method {
    /// A Gaussian process over network distances and an acquisition function.
    Hotnas = 0,
    /// Random designs, no design twice.
    Random = 1,
    /// Regularised evolution.
    Evolution = 2,
    /// Local search, best first: an untried neighbour of the best told design that has one.
    LocalSearch = 3,
    /// The pool of HOTNAS and a random pick from it: a control.
    Pool = 4,
}

/// What makes a candidate worth trying.
#[repr(i32)]
pub enum hotnas_acquisition {
    /// Upper confidence bound: -mean + kappa * standard deviation.
    UpperConfidenceBound = 0,
    /// Expected improvement on the least posterior mean of a told design.
    ExpectedImprovement = 1,
    /// A draw from the joint posterior of the shortlist: Thompson sampling.
    Thompson = 2,
}

/// What stands for the value of a trial that has none yet, while others are proposed.
#[repr(i32)]
pub enum hotnas_pending {
    /// The posterior mean there: kriging believer.
    Believer = 0,
    /// The least told value: keeps off pending designs the least.
    Least = 1,
    /// The mean of the told values.
    Mean = 2,
    /// The greatest told value: keeps off the most.
    Greatest = 3,
}

/// How designs that are evaluated together are chosen. The first is always what `ask` would propose. With THOMPSON
/// all but SEQUENTIAL make independent draws.
#[repr(i32)]
pub enum hotnas_batch_rule {
    /// One after the other, the earlier ones pending: a model and a pool for each.
    Sequential = 0,
    /// The greatest acquisitions.
    Top = 1,
    /// Acquisitions are reduced near designs that were chosen.
    LocalPenalisation = 2,
    /// The most probable set of a k-DPP, greedily: each has the greatest squared quality (the exponential
    /// of the acquisition) times posterior variance given those chosen before.
    Determinantal = 3,
}

/// How kappa grows with the number n of observations.
#[repr(i32)]
pub enum hotnas_kappa_schedule {
    /// It does not.
    Constant = 0,
    /// kappa * sqrt(ln(2 n + 1)).
    Logarithmic = 1,
}

/// What the second number means that is told with every trial. A second Gaussian process predicts it.
#[repr(i32)]
pub enum hotnas_second {
    /// There is none.
    None = 0,
    /// A measured constraint: designs with more than `second_limit` are infeasible. The expected improvement
    /// on the best feasible design times the probability of feasibility, in place of the acquisition. Not
    /// with THOMPSON.
    Limit = 1,
    /// Another objective, lower is better: the augmented Chebyshev norm of both confidence bounds with
    /// weights drawn for each trial. Only with UPPER_CONFIDENCE_BOUND.
    Weighted = 2,
    /// Another objective, lower is better: exact expected growth of the area that the front dominates, in
    /// place of the acquisition. Not with THOMPSON.
    Hypervolume = 3,
}

/// What is known about a trial.
#[repr(i32)]
pub enum hotnas_trial_state {
    /// Proposed, no result yet.
    Pending = 0,
    /// It has a value.
    Told = 1,
    /// It ended without a value.
    Failed = 2,
}

/// Where a proposed design comes from.
#[repr(i32)]
pub enum hotnas_origin {
    /// A random design, without a model.
    Random = 0,
    /// The model's choice: a neighbour of one of the best designs.
    Neighbour = 1,
    /// The model's choice: two edits from one of the best designs.
    Mutant = 2,
    /// The model's choice: a random candidate.
    Sample = 3,
    /// A neighbour of the winner of a tournament.
    Evolution = 4,
    /// Random draws found nothing new: the first new one in a walk through the genomes.
    Scan = 5,
    /// A neighbour of the best design that has untried ones.
    Local = 6,
}

/// Settings of a search. Start from a preset.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_search_settings {
    /// Seed of everything random.
    pub seed: u64,
    /// Factor of the upper confidence bound, 0 to 1e6.
    pub kappa: hotnas_real,
    /// How hyperparameters are chosen.
    pub fit: hotnas_fit_settings,
    /// A `hotnas_method`.
    pub method: i32,
    /// A `hotnas_acquisition`.
    pub acquisition: i32,
    /// A `hotnas_kappa_schedule`.
    pub kappa_schedule: i32,
    /// A `hotnas_kernel`.
    pub kernel: i32,
    /// A `hotnas_transform` for the values.
    pub transform: i32,
    /// HOTNAS, LOCAL_SEARCH: random designs until so many trials were told.
    pub initial: u32,
    /// HOTNAS: all neighbours of so many best designs are candidates, at least 1.
    pub parents: u32,
    /// HOTNAS: so many candidates are two edits away from one of them.
    pub mutants: u32,
    /// HOTNAS: so many candidates are random.
    pub random: u32,
    /// HOTNAS: most candidates, greater than mutants + random.
    pub limit: u32,
    /// HOTNAS: mutants and random candidates stay for so many trials in a row, 1 to 1000. With a cache only
    /// new ones cost time.
    pub life: u32,
    /// EVOLUTION: the latest so many told trials are alive, at least 1.
    pub population: u32,
    /// EVOLUTION: so many draws from them make a tournament, at least 1.
    pub tournament: u32,
    /// Candidates that are evaluated together, 1 to 256: memory against speed, results stay the same.
    pub block: u32,
    /// If random draws find nothing new: so many genomes are gone through before SPACE_EXHAUSTED.
    pub scan: u32,
    /// A `hotnas_pending`.
    pub pending: i32,
    /// A `hotnas_batch_rule`.
    pub batch: i32,
    /// So many candidates are looked at together, 1 to 256: for THOMPSON and for every batch rule but
    /// SEQUENTIAL.
    pub shortlist: u32,
    /// Kernels that are tried beside `kernel` in every fit: bit k for the `hotnas_kernel` of value k.
    pub other_kernels: u32,
    /// Transforms of the values that are tried beside `transform` in every fit: bit k for the `hotnas_transform` of
    /// value k, not RANK. The one under which the untransformed values are likeliest is used.
    pub other_transforms: u32,
    /// Parts of the distance that have a length scale each in a product of kernels: 1, the distance as a whole,
    /// or all that the metric's distance has (`hotnas_metric_part_count`).
    pub parts: u32,
    /// A `hotnas_second`.
    pub second: i32,
    /// The greatest feasible second number; counts for LIMIT only.
    pub second_limit: hotnas_real,
}

impl hotnas_search_settings {
    fn read(&self) -> Result<SearchSettings<hotnas_real>, hotnas_status> {
        let schedule = match self.kappa_schedule {
            0 => KappaSchedule::Constant,
            1 => KappaSchedule::Logarithmic,
            _ => return Err(hotnas_status::InvalidEnum),
        };
        let acquisition = match self.acquisition {
            0 => Acquisition::UpperConfidenceBound { kappa: self.kappa, schedule },
            1 => Acquisition::ExpectedImprovement,
            2 => Acquisition::Thompson,
            _ => return Err(hotnas_status::InvalidEnum),
        };
        let second = match self.second {
            0 => Second::None,
            1 => Second::Limit { limit: self.second_limit },
            2 => Second::Weighted,
            3 => Second::Hypervolume,
            _ => return Err(hotnas_status::InvalidEnum),
        };
        let settings = SearchSettings {
            method: Method::from_code(self.method).ok_or(hotnas_status::InvalidEnum)?,
            seed: self.seed,
            initial: self.initial,
            acquisition,
            pending: Pending::from_code(self.pending).ok_or(hotnas_status::InvalidEnum)?,
            batch: BatchRule::from_code(self.batch).ok_or(hotnas_status::InvalidEnum)?,
            shortlist: self.shortlist,
            second,
            kernel: Kernel::from_code(self.kernel).ok_or(hotnas_status::InvalidEnum)?,
            other_kernels: self.other_kernels,
            other_transforms: self.other_transforms,
            parts: self.parts,
            transform: Transform::from_code(self.transform).ok_or(hotnas_status::InvalidEnum)?,
            fit: self.fit.read()?,
            pool: PoolSettings {
                parents: self.parents,
                mutants: self.mutants,
                random: self.random,
                limit: self.limit,
                life: self.life,
            },
            population: self.population,
            tournament: self.tournament,
            block: self.block,
            scan: self.scan,
        };
        settings.validate()?;
        Ok(settings)
    }
}

impl From<SearchSettings<hotnas_real>> for hotnas_search_settings {
    fn from(s: SearchSettings<hotnas_real>) -> Self {
        let (acquisition, kappa, schedule) = match s.acquisition {
            Acquisition::UpperConfidenceBound { kappa, schedule } => (0, kappa, schedule),
            Acquisition::ExpectedImprovement => (1, HOTNAS_DEFAULT_KAPPA, KappaSchedule::Constant),
            Acquisition::Thompson => (2, HOTNAS_DEFAULT_KAPPA, KappaSchedule::Constant),
        };
        let (second, second_limit) = match s.second {
            Second::None => (0, 0.0),
            Second::Limit { limit } => (1, limit),
            Second::Weighted => (2, 0.0),
            Second::Hypervolume => (3, 0.0),
        };
        Self {
            seed: s.seed,
            kappa,
            fit: s.fit.into(),
            method: s.method as i32,
            acquisition,
            kappa_schedule: schedule as i32,
            kernel: s.kernel as i32,
            transform: s.transform as i32,
            initial: s.initial,
            parents: s.pool.parents,
            mutants: s.pool.mutants,
            random: s.pool.random,
            limit: s.pool.limit,
            life: s.pool.life,
            population: s.population,
            tournament: s.tournament,
            block: s.block,
            scan: s.scan,
            pending: s.pending as i32,
            batch: s.batch as i32,
            shortlist: s.shortlist,
            other_kernels: s.other_kernels,
            other_transforms: s.other_transforms,
            parts: s.parts,
            second,
            second_limit,
        }
    }
}

/// A search: a handle over lent memory. It must not be copied or moved.
#[repr(C)]
pub struct hotnas_search {
    _private: [u64; 128],
}

handle!(hotnas_search, Search<'static, hotnas_real>, b"hnsearch", unique: true);

/// What a search holds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_search_info {
    /// Most trials.
    pub capacity: usize,
    /// Genes of a design.
    pub gene_count: usize,
    /// Trials.
    pub trial_count: usize,
    /// Trials with a value.
    pub told_count: usize,
    /// Trials without a result yet.
    pub pending_count: usize,
}

/// One trial.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_trial {
    /// The value; 0 unless the trial was told.
    pub value: hotnas_real,
    /// The second number; 0 unless the trial was told with one.
    pub second: hotnas_real,
    /// Your number of it.
    pub number: u32,
    /// A `hotnas_trial_state`.
    pub state: i32,
    /// The hash of the design's network.
    pub fingerprint: [u32; 4],
}

/// What `ask` reports besides the genome.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_proposal {
    /// Posterior mean, in units of the transformed and standardised values; 0 unless predicted.
    pub mean: hotnas_real,
    /// Posterior standard deviation without noise; 0 unless predicted.
    pub deviation: hotnas_real,
    /// What the design won the pool with (THOMPSON: the bound that the shortlist is made by); 0 unless predicted.
    pub acquisition: hotnas_real,
    /// A `hotnas_origin`.
    pub origin: i32,
    /// 1 if the model chose the design, else 0.
    pub predicted: u32,
    /// Told trials at that time.
    pub observations: u32,
    /// Candidates that the model compared.
    pub candidates: u32,
}

macro_rules! preset {
    ($(#[$doc:meta])* $settings:ident, $preset:ident) => {
        status(|| {
            // SAFETY: promised by the caller.
            unsafe { Output::new($settings)? }.write(SearchSettings::$preset().into());
            Ok(())
        })
    };
}

/// Writes the settings that serve all spaces alike: ten random designs, kernel exp(-d/l), SOFT values,
/// upper confidence bound with kappa 2, about 1000 candidates.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_settings_default(
    settings: *mut hotnas_search_settings,
) -> hotnas_status {
    preset!(settings, default_preset)
}

/// Writes the settings of the HOTNAS poster: the default with values that are standardised only.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_settings_poster(
    settings: *mut hotnas_search_settings,
) -> hotnas_status {
    preset!(settings, poster)
}

/// Writes the default settings with few candidates, one at a time, for small devices.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_settings_compact(
    settings: *mut hotnas_search_settings,
) -> hotnas_status {
    preset!(settings, compact)
}

fn extent(settings: &SearchSettings<hotnas_real>, capacity: usize, genes: usize) -> Extent {
    Search::extent_of(settings, capacity, genes)
}

/// Bytes of memory for `capacity` trials of `gene_count` genes; SIZE_MAX if that overflows or the
/// settings are not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_size(
    settings: *const hotnas_search_settings,
    capacity: usize,
    gene_count: usize,
) -> usize {
    // SAFETY: promised by the caller.
    match unsafe { lend::input(settings) }.and_then(hotnas_search_settings::read) {
        Ok(settings) => lend::size(extent(&settings, capacity, gene_count)),
        Err(_) => usize::MAX,
    }
}

fn work(
    settings: &SearchSettings<hotnas_real>,
    capacity: usize,
    space: &CallerSpace<'_>,
    metric: &Metric<'_, hotnas_real>,
) -> Extent {
    Search::workspace(settings, capacity, space.genes(), space.limits(), metric)
}

/// Bytes of workspace for every function of a search of this capacity; SIZE_MAX if that overflows or an
/// argument is not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_workspace_size(
    settings: *const hotnas_search_settings,
    capacity: usize,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
) -> usize {
    // SAFETY: promised by the caller.
    let (settings, space, metric) = unsafe {
        (
            lend::input(settings).and_then(hotnas_search_settings::read),
            CallerSpace::new(space),
            lend::open(metric),
        )
    };
    match (settings, space, metric) {
        (Ok(settings), Ok(space), Ok(metric)) => lend::size(work(&settings, capacity, &space, metric)),
        _ => usize::MAX,
    }
}

/// Makes a search without trials in `size` bytes at `memory`, which must outlive it.
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM, INVALID_SETTING (also for no genes or more than
/// HOTNAS_MAX_GENES), SIZE_OVERFLOW, MEMORY_TOO_SMALL.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid for the sizes given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_init(
    search: *mut hotnas_search,
    settings: *const hotnas_search_settings,
    capacity: usize,
    gene_count: usize,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (slot, settings) = unsafe { (Slot::new(search)?, lend::input(settings)?.read()?) };
        if !(1..=HOTNAS_MAX_GENES).contains(&gene_count) {
            return Err(hotnas_status::InvalidSetting);
        }
        let need = extent(&settings, capacity, gene_count);
        // SAFETY: promised by the caller, who keeps the memory for as long as the search is used.
        let mut memory = unsafe { Block::new(memory, size, lend::size(need))?.arena(need)? };
        slot.fill(Search::new(settings, capacity, gene_count, &mut memory)?);
        Ok(())
    })
}

/// Proposes a design for a new trial and keeps the trial as pending. No design is proposed whose
/// network was tried already, whatever came of it.
///
/// `cache` and `proposal` may be NULL. `genome`: as many bytes as the space has genes.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, TRIAL_EXISTS, CAPACITY_EXCEEDED, GENOME_OUT_OF_RANGE (the
/// space has another number of genes, or an earlier genome is not of it), INVALID_SETTING (the space),
/// MEMORY_TOO_SMALL, SPACE_EXHAUSTED, SAVED_SETTINGS (the space decodes an earlier genome to another network than
/// before), NOT_FINITE (the difference of two told values overflows), NOT_POSITIVE_DEFINITE, what `decode` returned. Nothing changes then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_ask(
    search: *mut hotnas_search,
    trial: u32,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    proposal: *mut hotnas_proposal,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, space, metric, cache, workspace, proposal) = unsafe {
            let proposal = Output::optional(proposal)?;
            (
                lend::open_mut(search)?,
                CallerSpace::new(space)?,
                lend::open(metric)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                proposal,
            )
        };
        if space.genes() != search.history().genes() {
            return Err(hotnas_status::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::slice_mut(genome, space.genes())? };
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;
        let found = search
            .ask(trial, &space, metric, cache, genome, arena)
            .map_err(|error| space.status(error))?;
        if let Some(proposal) = proposal {
            let prediction = found.prediction;
            let of = |part: fn(&hotnas_core::search::Prediction<hotnas_real>) -> hotnas_real| {
                prediction.as_ref().map_or(0.0, part)
            };
            proposal.write(hotnas_proposal {
                mean: of(|p| p.mean),
                deviation: of(|p| p.deviation),
                acquisition: of(|p| p.acquisition),
                origin: found.origin as i32,
                predicted: u32::from(prediction.is_some()),
                observations: found.observations,
                candidates: found.candidates,
            });
        }
        Ok(())
    })
}

/// Proposes designs for `count` new trials `first`, `first + 1`, ... that are evaluated together, as the
/// settings' `batch` says, and keeps the trials as pending.
///
/// `cache` may be NULL. `genomes`: `count` x as many bytes as the space has genes.
///
/// Errors: as `hotnas_search_ask`, and SIZE_OVERFLOW. Nothing changes then, not even if there are some new
/// designs (SPACE_EXHAUSTED), but not enough.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `genomes` for `count` times as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_ask_batch(
    search: *mut hotnas_search,
    first: u32,
    count: usize,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    genomes: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, space, metric, cache, workspace) = unsafe {
            (
                lend::open_mut(search)?,
                CallerSpace::new(space)?,
                lend::open(metric)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
            )
        };
        if space.genes() != search.history().genes() {
            return Err(hotnas_status::GenomeOutOfRange);
        }
        let bytes = count.checked_mul(space.genes()).ok_or(hotnas_status::SizeOverflow)?;
        // SAFETY: promised by the caller.
        let genomes = unsafe { lend::slice_mut(genomes, bytes)? };
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;
        search
            .ask_batch(first, &space, metric, cache, genomes, arena)
            .map_err(|error| space.status(error))
    })
}

/// Logarithm of the marginal likelihood of the told values under a metric: the greater, the better the metric
/// explains them. Serves to choose among a few settings, such as epsilon and lambda; then give the chosen one to
/// `ask`. With another metric than before everything that is known about distances is computed anew.
///
/// `cache` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION (also if the method has no process), and those of
/// `hotnas_search_ask`.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_evidence(
    search: *mut hotnas_search,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    evidence: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, space, metric, cache, workspace, evidence) = unsafe {
            (
                lend::open_mut(search)?,
                CallerSpace::new(space)?,
                lend::open(metric)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                Output::new(evidence)?,
            )
        };
        if space.genes() != search.history().genes() {
            return Err(hotnas_status::GenomeOutOfRange);
        }
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;
        let found = search.evidence(&space, metric, cache, arena);
        evidence.write(found.map_err(|error| space.status(error))?);
        Ok(())
    })
}

/// Gives a pending trial its value, lower is better. In the order of the trials it is the cheapest.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL, TRIAL_CLOSED, NOT_FINITE, DIMENSION_MISMATCH
/// (a second number is expected). Nothing changes then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_tell(
    search: *mut hotnas_search,
    trial: u32,
    value: hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let search = unsafe { lend::open_mut(search)? };
        Ok(search.tell(trial, value)?)
    })
}

/// Gives a pending trial its value and its second number, as the settings' `second` says.
///
/// Errors: as `hotnas_search_tell`; DIMENSION_MISMATCH if no second number is expected.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_tell_both(
    search: *mut hotnas_search,
    trial: u32,
    value: hotnas_real,
    second: hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let search = unsafe { lend::open_mut(search)? };
        Ok(search.tell_both(trial, value, second)?)
    })
}

/// Ends a pending trial without a value. Its design is not proposed again.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL, TRIAL_CLOSED. Nothing changes then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_fail(search: *mut hotnas_search, trial: u32) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let search = unsafe { lend::open_mut(search)? };
        Ok(search.fail(trial)?)
    })
}

/// Adds a trial that was never asked for, in any state (a `hotnas_trial_state`): a design that somebody
/// else evaluates, has evaluated or failed to evaluate. `value` counts for TOLD only, and so does `second`,
/// which is ignored where no second number is expected. `genome`: as many bytes as the space has genes.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, TRIAL_EXISTS, CAPACITY_EXCEEDED,
/// GENOME_OUT_OF_RANGE, INFEASIBLE, NOT_FINITE, MEMORY_TOO_SMALL, what `decode` returned. Nothing changes
/// then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_tell_design(
    search: *mut hotnas_search,
    trial: u32,
    state: i32,
    value: hotnas_real,
    second: hotnas_real,
    genome: *const u8,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    workspace: *mut hotnas_workspace,
) -> hotnas_status {
    status(|| {
        let state = u8::try_from(state).ok().and_then(TrialState::from_code);
        let state = state.ok_or(hotnas_status::InvalidEnum)?;
        // SAFETY: promised by the caller.
        let (search, space, metric, workspace) = unsafe {
            (
                lend::open_mut(search)?,
                CallerSpace::new(space)?,
                lend::open(metric)?,
                lend::open_mut(workspace)?,
            )
        };
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::slice(genome, space.genes())? };
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;
        let recorded = if search.settings().second.is_some() {
            search.record_both(trial, genome, state, [value, second], &space, metric, arena)
        } else {
            search.record(trial, genome, state, value, &space, metric, arena)
        };
        recorded.map_err(|error| space.status(error))
    })
}

/// The told trial with the least value; of equal ones the earliest. With a measured limit the best
/// feasible one; NO_OBSERVATION if there is none. `genome` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_best(
    search: *const hotnas_search,
    trial: *mut u32,
    value: *mut hotnas_real,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, trial, value) =
            unsafe { (lend::open(search)?, Output::new(trial)?, Output::new(value)?) };
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::optional_mut(genome, search.history().genes())? };
        let best = search.best().ok_or(hotnas_status::NoObservation)?;
        trial.write(best.number);
        value.write(best.value);
        copy(genome, &best);
        Ok(())
    })
}

/// Writes the numbers of the told trials that no other one dominates (not worse in value and second number
/// and better in one), ascending, and how many there are; of equal ones the earliest. `trials`: room for
/// `capacity` numbers.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, CAPACITY_EXCEEDED (there are more). Nothing is written then.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `trials` for `capacity` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_front(
    search: *const hotnas_search,
    capacity: usize,
    trials: *mut u32,
    count: *mut usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, trials, count) =
            unsafe { (lend::open(search)?, lend::slice_mut(trials, capacity)?, Output::new(count)?) };
        let found = search.front().count();
        let trials = trials.get_mut(..found).ok_or(hotnas_status::CapacityExceeded)?;
        trials.iter_mut().zip(search.front()).for_each(|(to, trial)| *to = trial.number);
        count.write(found);
        Ok(())
    })
}

fn copy(genome: Option<&mut [u8]>, trial: &Trial<'_, hotnas_real>) {
    for (to, &from) in genome.unwrap_or_default().iter_mut().zip(trial.genome) {
        *to = from;
    }
}

/// Counts.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_describe(
    search: *const hotnas_search,
    info: *mut hotnas_search_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, info) = unsafe { (lend::open(search)?, Output::new(info)?) };
        let history = search.history();
        info.write(hotnas_search_info {
            capacity: history.capacity(),
            gene_count: history.genes(),
            trial_count: history.len(),
            told_count: history.told(),
            pending_count: history.pending(),
        });
        Ok(())
    })
}

/// Trial number `index` in ascending order of your numbers. `genome` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL (`index` is not below the trial count).
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_read_trial(
    search: *const hotnas_search,
    index: usize,
    trial: *mut hotnas_trial,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, trial) = unsafe { (lend::open(search)?, Output::new(trial)?) };
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::optional_mut(genome, search.history().genes())? };
        let found = search.history().get(index).ok_or(hotnas_status::UnknownTrial)?;
        trial.write(hotnas_trial {
            value: found.value,
            second: found.second,
            number: found.number,
            state: found.state as i32,
            fingerprint: found.fingerprint,
        });
        copy(genome, &found);
        Ok(())
    })
}

/// The Gaussian process of the search as the last `ask` left it: hyperparameters, jitter, likelihood.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION (the method has none).
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_describe_gp(
    search: *const hotnas_search,
    info: *mut hotnas_gp_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, info) = unsafe { (lend::open(search)?, Output::new(info)?) };
        info.write(gp::info(search.process().ok_or(hotnas_status::NoObservation)?));
        Ok(())
    })
}

/// Forgets all trials.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// `search` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_clear(search: *mut hotnas_search) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        unsafe { lend::open_mut(search)? }.clear();
        Ok(())
    })
}

/// Bytes of a saved search of `trial_count` trials of `gene_count` genes; SIZE_MAX if that overflows. A
/// second number takes `trial_count * sizeof(hotnas_real)` more.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_search_saved_size(trial_count: usize, gene_count: usize) -> usize {
    if gene_count > HOTNAS_MAX_GENES {
        return usize::MAX;
    }
    Search::<hotnas_real>::saved_size(trial_count, gene_count)
}

/// Writes all trials and a fingerprint of the settings into at most `size` bytes; `written` says how
/// many. The bytes are the same on every machine and carry version, precision and a checksum.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the search.
///
/// # Safety
/// Pointers are NULL or valid; `bytes` for `size` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_save(
    search: *const hotnas_search,
    size: usize,
    bytes: *mut u8,
    written: *mut usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, bytes, written) =
            unsafe { (lend::open(search)?, lend::slice_mut(bytes, size)?, Output::new(written)?) };
        written.write(search.save(bytes)?);
        Ok(())
    })
}

/// Replaces all trials by those of a saved search. The next `ask` proposes what the saved search would
/// have proposed. Bytes behind the saved state are ignored.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NOT_A_SAVED_STATE (also if bytes are missing),
/// SAVED_VERSION, SAVED_PRECISION, SAVED_CHECKSUM, SAVED_SETTINGS, CAPACITY_EXCEEDED. Nothing changes
/// then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `bytes` for `size` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_restore(
    search: *mut hotnas_search,
    size: usize,
    bytes: *const u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, bytes) = unsafe { (lend::open_mut(search)?, lend::slice(bytes, size)?) };
        Ok(search.restore(bytes)?)
    })
}
