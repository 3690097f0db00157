//! Ask and tell.

mod ask;
mod draw;
mod extent;
mod tell;

use super::Origin;
use super::history::{History, Trial};
use super::model::Model;
use super::settings::{Method, SearchSettings};
use super::space::MAX_GENES;
use crate::error::Error;
use crate::gp::GaussianProcess;
use crate::memory::Arena;
use crate::real::Real;

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

    pub(super) fn history_mut(&mut self) -> &mut History<'a, R> {
        &mut self.history
    }
}
