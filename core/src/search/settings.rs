//! What a search does, as plain numbers.

use crate::arch::{Fingerprint, Hasher};
use crate::error::Error;
use crate::gp::{FitSettings, Kernel, MAX_PARTS, Transform};
use crate::real::Real;

use super::acquisition::KappaSchedule;

/// How designs are proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(i32)]
pub enum Method {
    /// A Gaussian process over network distances and an acquisition function.
    #[default]
    Hotnas = 0,
    /// Random designs, no design twice.
    Random = 1,
    /// Regularised evolution (Real et al. 2019): the best of a random tournament among the latest
    /// trials is changed by one edit.
    Evolution = 2,
    /// Local search, best first: an untried neighbour of the best told design that has one. The first
    /// [`SearchSettings::initial`] designs are random.
    LocalSearch = 3,
    /// The pool of `Hotnas` and a random pick from it: a control that tells what the model adds.
    Pool = 4,
}

impl Method {
    /// Every method, in the order of the codes.
    pub const ALL: [Self; 5] =
        [Self::Hotnas, Self::Random, Self::Evolution, Self::LocalSearch, Self::Pool];

    /// The method of a code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&method| method as i32 == code)
    }
}

/// What makes a candidate worth trying.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Acquisition<R> {
    /// `-mean + kappa * standard deviation`.
    UpperConfidenceBound {
        /// At least 0.
        kappa: R,
        /// How it grows with the number of observations.
        schedule: KappaSchedule,
    },
    /// The logarithm of the expected improvement on the least posterior mean of a told design.
    ExpectedImprovement,
    /// Minus a value drawn from the joint posterior (Thompson sampling) of the
    /// [`SearchSettings::shortlist`] candidates with the least `mean - 3 * standard deviation`: one that is
    /// not among them would hardly ever be the least.
    Thompson,
}

/// What stands for the value of a trial that has none yet, while others are proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(i32)]
pub enum Pending {
    /// The posterior mean there (kriging believer).
    #[default]
    Believer = 0,
    /// The least told value (constant liar): keeps off pending designs the least.
    Least = 1,
    /// The mean of the told values (constant liar).
    Mean = 2,
    /// The greatest told value (constant liar): keeps off the most.
    Greatest = 3,
}

impl Pending {
    /// Every variant, in the order of the codes.
    pub const ALL: [Self; 4] = [Self::Believer, Self::Least, Self::Mean, Self::Greatest];

    /// The variant of a code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&pending| pending as i32 == code)
    }
}

/// How [`Search::ask_batch`](super::Search::ask_batch) chooses designs that are evaluated together. The
/// first of a batch is always the one that [`Search::ask`](super::Search::ask) would propose. The last
/// three choose among the [`SearchSettings::shortlist`] candidates of greatest acquisition, with one model
/// and one pool for the whole batch; with Thompson sampling all three make independent draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(i32)]
pub enum BatchRule {
    /// One after the other, the earlier ones pending: a model and a pool for each.
    #[default]
    Sequential = 0,
    /// The greatest acquisitions.
    Top = 1,
    /// Acquisitions are reduced near designs that were chosen, within a distance that comes from the
    /// greatest slope of the posterior mean (Gonzalez et al. 2016).
    LocalPenalisation = 2,
    /// The most probable set of a k-DPP with L = diag(q) Sigma diag(q), greedily: Sigma is the posterior
    /// covariance, q the exponential of the acquisition, so the expected improvement itself where that is
    /// the acquisition. Each choice has the greatest `q^2 * variance given those chosen before`.
    Determinantal = 3,
}

impl BatchRule {
    /// Every rule, in the order of the codes.
    pub const ALL: [Self; 4] =
        [Self::Sequential, Self::Top, Self::LocalPenalisation, Self::Determinantal];

    /// The rule of a code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&rule| rule as i32 == code)
    }
}

/// What the second number means that is told with every trial.
///
/// A second Gaussian process over the same distances predicts it.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Second<R> {
    /// There is none.
    #[default]
    None,
    /// A measured constraint: designs with a greater number are infeasible. The logarithm of the expected
    /// improvement on the best feasible design, times the probability of feasibility; while nothing feasible is
    /// known, that probability alone. [`SearchSettings::acquisition`] has no say.
    Limit {
        /// The greatest feasible number.
        limit: R,
    },
    /// Another objective, lower is better: the augmented Chebyshev norm of both lower confidence bounds, with
    /// weights that are drawn for each trial. The transformed values of both are of one scale.
    Weighted,
    /// Another objective, lower is better: the exact expected growth of the area that the front dominates, in
    /// transformed values; the worst values told bound it. [`SearchSettings::acquisition`] has no say.
    Hypervolume,
}

impl<R: Real> Second<R> {
    /// Whether there is a second number.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether values are feasible.
    #[must_use]
    pub fn allows(&self, second: R) -> bool {
        match *self {
            Self::Limit { limit } => second <= limit,
            _ => true,
        }
    }

    /// Whether `a` is better than `b`, pairs of value and second number. Infeasible values are worse
    /// than feasible ones and better the nearer they are to the limit. With two objectives: `a` dominates
    /// `b`, not worse in either and better in one.
    #[must_use]
    pub fn better(&self, a: [R; 2], b: [R; 2]) -> bool {
        let ([x, u], [y, v]) = (a, b);
        match *self {
            Self::None => x < y,
            Self::Limit { .. } => match (self.allows(u), self.allows(v)) {
                (true, true) => x < y,
                (true, false) => true,
                (false, true) => false,
                (false, false) => u < v,
            },
            Self::Weighted | Self::Hypervolume => x <= y && u <= v && (x < y || u < v),
        }
    }
}

/// Which candidates the acquisition is computed for. None of these numbers is in the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// All neighbours of so many best designs are candidates, at least 1.
    pub parents: u32,
    /// So many candidates are two edits away from one of them.
    pub mutants: u32,
    /// So many candidates are random.
    pub random: u32,
    /// Most candidates, greater than `mutants + random`. If the neighbours do not fit beside the
    /// mutants and random ones, they are drawn at random.
    pub limit: u32,
    /// A mutant or a random candidate is drawn for so many trials in a row, 1 to [`MAX_LIFE`]: each trial renews
    /// one in `life` of them. Where distances are kept (see [`DistanceCache`](crate::metric::DistanceCache)) only
    /// the new ones cost time.
    pub life: u32,
}

impl PoolSettings {
    /// The candidates of [`SearchSettings::default_preset`].
    pub const DEFAULT: Self = Self { parents: 10, mutants: 200, random: 300, limit: 1024, life: 1 };
    /// The candidates of [`SearchSettings::compact`].
    pub const COMPACT: Self = Self { parents: 2, mutants: 4, random: 4, limit: 24, life: 1 };
}

/// Settings of a [`Search`](super::Search).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchSettings<R> {
    /// How designs are proposed.
    pub method: Method,
    /// Seed of everything random.
    pub seed: u64,
    /// `Hotnas`, `LocalSearch` and `Pool` propose random designs until so many trials were told.
    pub initial: u32,
    /// What makes a candidate worth trying.
    pub acquisition: Acquisition<R>,
    /// What stands for the values of pending trials.
    pub pending: Pending,
    /// How several designs are chosen at once.
    pub batch: BatchRule,
    /// What a second number means that is told with every trial.
    pub second: Second<R>,
    /// So many candidates are looked at together, 1 to [`MAX_BLOCK`]: for [`Acquisition::Thompson`] and
    /// for every [`BatchRule`] but `Sequential`.
    pub shortlist: u32,
    /// Covariance as a function of distance.
    pub kernel: Kernel,
    /// Kernels that are tried beside it in every fit: bit k for the kernel of code k. That of greatest
    /// marginal likelihood is used, and each costs as much as a fit.
    pub other_kernels: u32,
    /// Parts of the distance that have a length scale each in a product of kernels: 1, the distance as a whole,
    /// or the number of parts of the metric's distance, see [`Metric::parts`](crate::metric::Metric::parts).
    /// Memory for distances grows as many times.
    pub parts: u32,
    /// What is done to the values before the process sees them.
    pub transform: Transform,
    /// Transforms of the values (not of second numbers) that are tried beside it in every fit: bit k for the
    /// transform of code k; not [`Transform::Rank`]. The one under which the untransformed values have the
    /// greatest marginal likelihood is used, and each costs as much as a fit.
    pub other_transforms: u32,
    /// How hyperparameters are chosen.
    pub fit: FitSettings<R>,
    /// Which candidates there are.
    pub pool: PoolSettings,
    /// `Evolution`: the latest so many told trials are alive, at least 1; before that, designs are
    /// random.
    pub population: u32,
    /// `Evolution`: so many draws from them, with replacement, make a tournament, at least 1.
    pub tournament: u32,
    /// Candidates that are evaluated together, 1 to [`MAX_BLOCK`]. A matter of memory and speed (a tried
    /// design is decoded once for each block); results do not depend on it.
    pub block: u32,
    /// If random draws find nothing new, so many genomes are gone through one after the other
    /// before [`Error::SpaceExhausted`]: a proof if the space has no more genomes than that.
    pub scan: u32,
}

/// The longest life of a candidate.
pub const MAX_LIFE: u32 = 1000;
/// The largest block.
pub const MAX_BLOCK: usize = 256;

impl<R: Real> SearchSettings<R> {
    /// The settings of method `Hotnas` that serve all spaces alike: ten random designs, the kernel
    /// `exp(-d / l)`, `soft` values, upper confidence bound with kappa 2.
    #[must_use]
    pub fn default_preset() -> Self {
        Self {
            method: Method::Hotnas,
            seed: 0,
            initial: 10,
            acquisition: Acquisition::UpperConfidenceBound {
                kappa: R::TWO,
                schedule: KappaSchedule::Constant,
            },
            pending: Pending::Believer,
            batch: BatchRule::Sequential,
            second: Second::None,
            shortlist: 64,
            kernel: Kernel::Exponential,
            other_kernels: 0,
            parts: 1,
            transform: Transform::Soft,
            other_transforms: 0,
            fit: FitSettings::default(),
            pool: PoolSettings::DEFAULT,
            population: 30,
            tournament: 10,
            block: 64,
            scan: 100_000,
        }
    }

    /// What the poster prints: as the default, with values standardised only.
    #[must_use]
    pub fn poster() -> Self {
        Self { transform: Transform::Identity, ..Self::default_preset() }
    }

    /// The default with few candidates, for small devices: 24 at most, one at a time.
    #[must_use]
    pub fn compact() -> Self {
        Self { pool: PoolSettings::COMPACT, block: 1, shortlist: 8, ..Self::default_preset() }
    }

    /// An error unless every setting is in its range.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`].
    pub fn validate(&self) -> Result<(), Error> {
        self.fit.validate()?;
        let kappa = match self.acquisition {
            Acquisition::UpperConfidenceBound { kappa, .. } => kappa,
            Acquisition::ExpectedImprovement | Acquisition::Thompson => R::ZERO,
        };
        let pool = self.pool;
        let second = match self.second {
            Second::None => true,
            Second::Limit { limit } => limit.is_finite() && self.acquisition != Acquisition::Thompson,
            Second::Weighted => matches!(self.acquisition, Acquisition::UpperConfidenceBound { .. }),
            Second::Hypervolume => self.acquisition != Acquisition::Thompson,
        };
        let valid = second
            && kappa >= R::ZERO
            && kappa <= R::from_f64(1e6)
            && pool.parents >= 1
            && self.other_kernels >> Kernel::ALL.len() == 0
            && (1..=MAX_PARTS).contains(&(self.parts as usize))
            && self.other_transforms >> Transform::ALL.len() == 0
            && (self.other_transforms == 0
                || (self.transform != Transform::Rank
                    && self.other_transforms & (1 << Transform::Rank as u32) == 0))
            && (1..=MAX_LIFE).contains(&pool.life)
            && pool.mutants.checked_add(pool.random).is_some_and(|rest| rest < pool.limit)
            && self.population >= 1
            && self.tournament >= 1
            && (1..=MAX_BLOCK).contains(&(self.block as usize))
            && (1..=MAX_BLOCK).contains(&(self.shortlist as usize));
        if valid { Ok(()) } else { Err(Error::InvalidSetting) }
    }

    /// Every kernel that is tried, the first one first.
    pub(super) fn kernels(&self) -> impl Iterator<Item = Kernel> {
        let (kernel, others) = (self.kernel, self.other_kernels);
        let other = move |&k: &Kernel| k != kernel && others & (1 << k as u32) != 0;
        core::iter::once(kernel).chain(Kernel::ALL.into_iter().filter(other))
    }

    /// Every transform that is tried, the first one first.
    pub(super) fn transforms(&self) -> impl Iterator<Item = Transform> {
        let (transform, others) = (self.transform, self.other_transforms);
        let other = move |&t: &Transform| t != transform && others & (1 << t as u32) != 0;
        core::iter::once(transform).chain(Transform::ALL.into_iter().filter(other))
    }

    /// Candidates of a pool that are kept, and whether their joint posterior is computed.
    pub(super) fn keeps(&self) -> (usize, bool) {
        if self.method != Method::Hotnas {
            return (1, false);
        }
        let thompson = self.acquisition == Acquisition::Thompson;
        match self.batch {
            _ if thompson => (self.shortlist as usize, true),
            BatchRule::Sequential => (1, false),
            BatchRule::Top => (self.shortlist as usize, false),
            BatchRule::LocalPenalisation | BatchRule::Determinantal => (self.shortlist as usize, true),
        }
    }

    /// A hash of everything that proposals depend on.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut h = Hasher::new(0x7365_6172);
        h.word(R::BITS);
        h.word(self.method as u32);
        h.word(self.seed as u32);
        h.word((self.seed >> 32) as u32);
        h.word(self.initial);
        match self.acquisition {
            Acquisition::UpperConfidenceBound { kappa, schedule } => {
                h.word(schedule as u32);
                h.real(kappa);
            }
            Acquisition::ExpectedImprovement => h.word(u32::MAX),
            Acquisition::Thompson => h.word(u32::MAX - 1),
        }
        h.word(self.pending as u32);
        h.word(self.batch as u32);
        h.word(self.shortlist);
        match self.second {
            Second::None => h.word(0),
            Second::Limit { limit } => {
                h.word(1);
                h.real(limit);
            }
            Second::Weighted => h.word(2),
            Second::Hypervolume => h.word(3),
        }
        h.word(self.kernel as u32);
        h.word(self.other_kernels);
        h.word(self.parts);
        h.word(self.transform as u32);
        h.word(self.other_transforms);
        match self.fit {
            FitSettings::Length { minimum, maximum } => {
                h.word(0);
                h.reals(&[minimum, maximum]);
            }
            FitSettings::Full { prior_deviation, noise_minimum, noise_maximum } => {
                h.word(1);
                h.reals(&[prior_deviation, noise_minimum, noise_maximum]);
            }
        }
        let PoolSettings { parents, mutants, random, limit, life } = self.pool;
        for number in
            [parents, mutants, random, limit, life, self.population, self.tournament, self.scan]
        {
            h.word(number);
        }
        h.finish()
    }
}

impl<R: Real> Default for SearchSettings<R> {
    fn default() -> Self {
        Self::default_preset()
    }
}

/// The number of leading observations that hyperparameters are fitted on when there are `n`: every
/// number up to 5, every fifth up to 50, every tenth up to 100, then each a tenth more than the last.
#[must_use]
pub fn refit_point(n: usize) -> usize {
    match n {
        0..=5 => n,
        6..=50 => n - n % 5,
        51..=109 => n - n % 10,
        _ => {
            let mut point = 100;
            while n - point >= point / 10 {
                point += point / 10;
            }
            point
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refit_points() {
        let points: Vec<_> = (1..200).filter(|&n| refit_point(n) == n).collect();
        let expected = [
            1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100, 110, 121, 133, 146,
            160, 176, 193,
        ];
        assert_eq!(points, expected);
        assert!((1..5000).all(|n| refit_point(n) <= n && refit_point(refit_point(n)) == refit_point(n)));
    }

    #[test]
    fn presets_are_valid_and_their_fingerprints_differ() {
        let presets =
            [SearchSettings::<f32>::default(), SearchSettings::poster(), SearchSettings::compact()];
        for (i, a) in presets.iter().enumerate() {
            a.validate().unwrap();
            assert!(presets[..i].iter().all(|b| a.fingerprint() != b.fingerprint()));
        }
        let block = SearchSettings { block: 1, ..SearchSettings::<f32>::default() };
        assert_eq!(block.fingerprint(), SearchSettings::<f32>::default().fingerprint());
        let wrong = [
            SearchSettings { block: 257, ..block },
            SearchSettings { tournament: 0, ..block },
            SearchSettings { shortlist: 0, ..block },
            SearchSettings { other_kernels: 64, ..block },
            SearchSettings { parts: 0, ..block },
            SearchSettings { parts: 9, ..block },
            SearchSettings { other_transforms: 16, ..block },
            SearchSettings { other_transforms: 4, ..block },
            SearchSettings { other_transforms: 1, transform: Transform::Rank, ..block },
            SearchSettings { second: Second::Limit { limit: f32::INFINITY }, ..block },
            SearchSettings {
                second: Second::Weighted,
                acquisition: Acquisition::ExpectedImprovement,
                ..block
            },
            SearchSettings { second: Second::Hypervolume, acquisition: Acquisition::Thompson, ..block },
            SearchSettings { shortlist: 257, ..block },
            SearchSettings { pool: PoolSettings { limit: 500, ..block.pool }, ..block },
            SearchSettings { pool: PoolSettings { life: 0, ..block.pool }, ..block },
            SearchSettings {
                acquisition: Acquisition::UpperConfidenceBound {
                    kappa: f32::NAN,
                    schedule: KappaSchedule::Constant,
                },
                ..block
            },
        ];
        assert!(wrong.iter().all(|s| s.validate() == Err(Error::InvalidSetting)));
    }
}
