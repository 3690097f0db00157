//! Settings of a search and their presets.

use crate::gp::hotnas_fit_settings;
use crate::lend;
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::gp::{Kernel, Transform};
use hotnas_core::search::acquisition::KappaSchedule;
use hotnas_core::search::{
    Acquisition, BatchRule, Method, Pending, PoolSettings, SearchSettings, Second,
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

/// The value that stands in for a pending trial while others are proposed.
#[repr(i32)]
pub enum hotnas_pending {
    /// The posterior mean there (kriging believer).
    Believer = 0,
    /// The least told value (constant liar): repels from pending designs the least.
    Least = 1,
    /// The mean of the told values (constant liar).
    Mean = 2,
    /// The greatest told value (constant liar): repels the most.
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

/// The meaning of a second number that is told with every trial. A second Gaussian process predicts it.
#[repr(i32)]
pub enum hotnas_second {
    /// There is none.
    None = 0,
    /// A measured constraint: designs with more than `second_limit` are infeasible. The expected improvement
    /// on the best feasible design times the probability of feasibility, in place of the acquisition. Not
    /// with THOMPSON.
    Limit = 1,
    /// Another objective, lower is better: random scalarisation, the augmented Chebyshev norm of both
    /// confidence bounds with weights drawn for each trial. Only with UPPER_CONFIDENCE_BOUND.
    Weighted = 2,
    /// Another objective, lower is better: the exact expected hypervolume improvement, in place of the
    /// acquisition. Not with THOMPSON.
    Hypervolume = 3,
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
    /// HOTNAS, LOCAL_SEARCH, POOL: designs are random until this many trials were told.
    pub initial: u32,
    /// HOTNAS: the number of best designs all of whose neighbours are candidates, at least 1.
    pub parents: u32,
    /// HOTNAS: the number of candidates two edits away from one of them.
    pub mutants: u32,
    /// HOTNAS: the number of random candidates.
    pub random: u32,
    /// HOTNAS: the maximum number of candidates, greater than mutants + random.
    pub limit: u32,
    /// HOTNAS: for how many trials in a row mutants and random candidates stay, 1 to 1000. With a cache only
    /// new ones cost time.
    pub life: u32,
    /// EVOLUTION: the number of latest told trials that are alive, at least 1.
    pub population: u32,
    /// EVOLUTION: the number of draws from them in a tournament, at least 1.
    pub tournament: u32,
    /// How many candidates are predicted at a time, 1 to 256: memory against speed, results stay the same.
    pub block: u32,
    /// How many genomes are tried in order before SPACE_EXHAUSTED if random draws find nothing new.
    pub scan: u32,
    /// A `hotnas_pending`.
    pub pending: i32,
    /// A `hotnas_batch_rule`.
    pub batch: i32,
    /// How many of the best candidates are considered jointly, 1 to 256: for THOMPSON and for every batch rule
    /// but SEQUENTIAL.
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
    pub(super) fn read(&self) -> Result<SearchSettings<hotnas_real>, Error> {
        let schedule = match self.kappa_schedule {
            0 => KappaSchedule::Constant,
            1 => KappaSchedule::Logarithmic,
            _ => return Err(Error::InvalidEnum),
        };
        let acquisition = match self.acquisition {
            0 => Acquisition::UpperConfidenceBound { kappa: self.kappa, schedule },
            1 => Acquisition::ExpectedImprovement,
            2 => Acquisition::Thompson,
            _ => return Err(Error::InvalidEnum),
        };
        let second = match self.second {
            0 => Second::None,
            1 => Second::Limit { limit: self.second_limit },
            2 => Second::Weighted,
            3 => Second::Hypervolume,
            _ => return Err(Error::InvalidEnum),
        };
        let settings = SearchSettings {
            method: Method::from_code(self.method).ok_or(Error::InvalidEnum)?,
            seed: self.seed,
            initial: self.initial,
            acquisition,
            pending: Pending::from_code(self.pending).ok_or(Error::InvalidEnum)?,
            batch: BatchRule::from_code(self.batch).ok_or(Error::InvalidEnum)?,
            shortlist: self.shortlist,
            second,
            kernel: Kernel::from_code(self.kernel).ok_or(Error::InvalidEnum)?,
            other_kernels: self.other_kernels,
            other_transforms: self.other_transforms,
            parts: self.parts,
            transform: Transform::from_code(self.transform).ok_or(Error::InvalidEnum)?,
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

macro_rules! preset {
    ($(#[$doc:meta])* $settings:ident, $preset:ident) => {
        status(|| {
            // SAFETY: promised by the caller.
            unsafe { lend::place($settings)? }.write(SearchSettings::$preset().into());
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
