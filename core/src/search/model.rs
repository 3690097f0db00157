//! The Gaussian process over the designs that were tried.

use super::acquisition::{ln_expected_improvement, ln_softplus, upper_confidence_bound};
use super::history::{History, TrialState};
use super::optimizer::Prediction;
use super::settings::{Acquisition, Pending, SearchSettings, refit_point};
use super::space::Space;
use super::workbench::{Workbench, unknown};
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::gp::{GaussianProcess, Hyperparameters};
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// A process whose first observations are the told trials in ascending order.
///
/// Everything in it can be computed again from the history: it is kept so that a trial told in
/// order costs one row.
#[derive(Debug)]
pub(super) struct Model<'a, R> {
    process: GaussianProcess<'a, R>,
    /// Leading observations that are up to date.
    rows: usize,
    /// Observations that the hyperparameters were fitted on; 0 if they are out of date.
    fitted: usize,
    /// The metric that the distances come from.
    metric: Fingerprint,
}

/// What a call needs besides the process, in the caller's workspace.
pub(super) struct Sheets<'w, R> {
    /// Positions in the history: told trials ascending, then pending ones.
    order: &'w mut [u32],
    /// Distances of one observation, or of a block of candidates.
    distances: &'w mut [R],
    /// Distances of a block of candidates to one observation, later their posterior means.
    column: &'w mut [R],
    variance: &'w mut [R],
    values: &'w mut [R],
    transformed: &'w mut [R],
}

impl<'w, R: Real> Sheets<'w, R> {
    pub(super) const fn extent(capacity: usize, block: usize) -> Extent {
        Extent::reals(capacity.saturating_mul(block.saturating_add(2)))
            .and(Extent::reals(block).times(2))
            .and(Extent::words(capacity))
    }

    pub(super) fn new(capacity: usize, block: usize, memory: &mut Arena<'w, R>) -> Result<Self, Error> {
        Ok(Self {
            order: memory.words(capacity)?,
            distances: memory.reals(capacity.saturating_mul(block))?,
            column: memory.reals(block)?,
            variance: memory.reals(block)?,
            values: memory.reals(capacity)?,
            transformed: memory.reals(capacity)?,
        })
    }
}

impl<'a, R: Real> Model<'a, R> {
    pub(super) const fn extent(capacity: usize) -> Extent {
        GaussianProcess::<f64>::extent(capacity)
    }

    pub(super) fn new(
        capacity: usize,
        settings: &SearchSettings<R>,
        memory: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        let memory = memory.split(Self::extent(capacity))?;
        let process = GaussianProcess::new(capacity, settings.kernel, start(), memory)?;
        Ok(Self { process, rows: 0, fitted: 0, metric: [0; 4] })
    }

    pub(super) fn process(&self) -> &GaussianProcess<'a, R> {
        &self.process
    }

    /// Observations from number `first` on are not what they were.
    pub(super) fn forget(&mut self, first: usize) {
        self.rows = self.rows.min(first);
        if first < self.fitted {
            self.fitted = 0;
        }
    }

    /// Brings the process up to date with the history: all told trials, then all pending ones with the
    /// value that [`Pending`] says. Returns the number of told trials.
    pub(super) fn update<S: Space<R> + ?Sized>(
        &mut self,
        settings: &SearchSettings<R>,
        history: &History<'_, R>,
        metric: Fingerprint,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<usize, Error> {
        if metric != self.metric {
            self.forget(0);
            self.metric = metric;
        }
        let told = list(history, sheets);
        // What stands behind the told rows are the pending trials of an earlier call.
        self.rows = self.rows.min(told);
        let point = refit_point(told);
        if self.fitted != point {
            self.fitted = 0;
            self.rows = self.rows.min(point);
            self.process.truncate(self.rows)?;
            // The fit starts from here whatever was in use before.
            self.process.set_hyperparameters(start())?;
            self.append(point, history, bench, sheets)?;
            self.set_values(point, settings, sheets)?;
            self.process.fit(&settings.fit, bench.scratch())?;
            self.fitted = point;
        }
        self.process.truncate(self.rows)?;
        self.append(told, history, bench, sheets)?;
        self.set_values(told, settings, sheets)?;
        let transformed = || sheets.transformed.iter().take(told).copied();
        let lie = match settings.pending {
            Pending::Believer => None,
            Pending::Least => Some(transformed().fold(R::INFINITY, R::min)),
            Pending::Mean => Some(R::ZERO),
            Pending::Greatest => Some(transformed().fold(-R::INFINITY, R::max)),
        };
        for _ in 0..history.pending() {
            let n = self.process.len();
            self.row(n, history, bench, sheets)?;
            let row = sheets.distances.get(..n).unwrap_or_default();
            let value = match lie {
                Some(value) => value,
                None => self.process.posterior_at(row, bench.scratch())?.0,
            };
            self.process.append(row, value)?;
        }
        Ok(told)
    }

    /// Appends told trials until there are `count`.
    fn append<S: Space<R> + ?Sized>(
        &mut self,
        count: usize,
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        while self.rows < count {
            self.row(self.rows, history, bench, sheets)?;
            // The values are set when all rows are there.
            self.process.append(sheets.distances.get(..self.rows).unwrap_or_default(), R::ZERO)?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Writes the distances from entry `n` of the order to those before it.
    fn row<S: Space<R> + ?Sized>(
        &self,
        n: usize,
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        let at = |entry: usize| {
            let position = sheets.order.get(entry).ok_or(Error::UnknownTrial)?;
            history.get(*position as usize).ok_or(Error::UnknownTrial)
        };
        let new = at(n)?;
        let mut decoded = false;
        for (j, out) in sheets.distances.iter_mut().take(n).enumerate() {
            let old = at(j)?;
            let mut distance = [bench.known(new.fingerprint, old.fingerprint)];
            if distance == [unknown()] {
                if !decoded {
                    bench.decode_known(0, new.genome, new.fingerprint)?;
                    decoded = true;
                }
                bench.decode_last(old.genome, old.fingerprint)?;
                bench.distances(&mut distance)?;
            }
            [*out] = distance;
        }
        Ok(())
    }

    /// Gives the first `count` observations their values, transformed among themselves.
    fn set_values(
        &mut self,
        count: usize,
        settings: &SearchSettings<R>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        let values = sheets.values.get(..count).unwrap_or_default();
        let transformed = sheets.transformed.get_mut(..count).unwrap_or_default();
        settings.transform.apply(values, transformed)?;
        self.process.set_values(transformed)
    }

    /// The least posterior mean at a told design: what an improvement is measured from.
    pub(super) fn incumbent(&self, told: usize) -> R {
        (0..told).fold(R::INFINITY, |best, i| best.min(self.process.mean_at(i)))
    }

    /// Predicts the candidates that lie in the first slots of the bench, one for each fingerprint.
    pub(super) fn predict<S: Space<R> + ?Sized>(
        &self,
        candidates: &[Fingerprint],
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        let (n, count) = (self.process.len(), candidates.len());
        let column = sheets.column.get_mut(..count).unwrap_or_default();
        for (j, &position) in sheets.order.iter().take(n).enumerate() {
            let old = history.get(position as usize).ok_or(Error::UnknownTrial)?;
            for (d, &candidate) in column.iter_mut().zip(candidates) {
                *d = bench.known(candidate, old.fingerprint);
            }
            if column.contains(&unknown()) {
                bench.decode_last(old.genome, old.fingerprint)?;
                bench.distances(column)?;
            }
            for (row, d) in sheets.distances.chunks_exact_mut(n.max(1)).zip(column.iter()) {
                if let Some(to) = row.get_mut(j) {
                    *to = *d;
                }
            }
        }
        // The column has served and takes the means.
        let mean = column;
        let variance = sheets.variance.get_mut(..count).unwrap_or_default();
        let rows = sheets.distances.get(..n.saturating_mul(count)).unwrap_or_default();
        self.process.posterior(rows, mean, variance, bench.scratch())
    }
}

impl<R: Real> Sheets<'_, R> {
    /// What [`Model::predict`] found for candidate `index` of a block, and its distances to `n`
    /// observations.
    pub(super) fn predicted(
        &self,
        index: usize,
        n: usize,
        rule: &Rule<R>,
    ) -> Option<(Prediction<R>, &[R])> {
        let (&mean, &variance) = (self.column.get(index)?, self.variance.get(index)?);
        let deviation = variance.sqrt();
        let acquisition = rule.acquisition(mean, deviation);
        let start = index.checked_mul(n)?;
        Some((
            Prediction { mean, deviation, acquisition },
            self.distances.get(start..start.checked_add(n)?)?,
        ))
    }
}

/// An acquisition with everything that it depends on besides the candidate.
#[derive(Clone, Copy)]
pub(super) enum Rule<R> {
    Bound { kappa: R },
    Improvement { incumbent: R },
}

impl<R: Real> Rule<R> {
    pub(super) fn new(settings: &SearchSettings<R>, model: &Model<'_, R>, told: usize) -> Self {
        match settings.acquisition {
            Acquisition::UpperConfidenceBound { kappa, schedule } => {
                Self::Bound { kappa: schedule.kappa(kappa, told) }
            }
            Acquisition::ExpectedImprovement => Self::Improvement { incumbent: model.incumbent(told) },
            // Which candidates draws are made for.
            Acquisition::Thompson => Self::Bound { kappa: R::from_f64(3.0) },
        }
    }

    fn acquisition(&self, mean: R, deviation: R) -> R {
        match *self {
            Self::Bound { kappa } => upper_confidence_bound(mean, deviation, kappa),
            Self::Improvement { incumbent } => ln_expected_improvement(mean, deviation, incumbent),
        }
    }

    /// The logarithm of an acquisition, made positive by `ln(1 + exp(x))` where it need not be.
    pub(super) fn logarithm(&self, acquisition: R) -> R {
        match *self {
            Self::Bound { .. } => ln_softplus(acquisition),
            Self::Improvement { .. } => acquisition,
        }
    }
}

/// What a fit starts from.
fn start<R: Real>() -> Hyperparameters<R> {
    Hyperparameters { variance: R::ONE, length_scale: R::ONE, noise: R::ONE, mean: R::ZERO }
}

/// Lists told trials, then pending ones, and the values of the told ones.
fn list<R: Real>(history: &History<'_, R>, sheets: &mut Sheets<'_, R>) -> usize {
    let mut told = 0;
    let places = sheets.order.iter_mut();
    let trials = (0u32..).zip(history.iter());
    let ordered = (trials.clone().filter(|(_, t)| t.state == TrialState::Told))
        .chain(trials.filter(|(_, t)| t.state == TrialState::Pending));
    for (place, (position, trial)) in places.zip(ordered) {
        *place = position;
        if trial.state == TrialState::Told
            && let Some(value) = sheets.values.get_mut(told)
        {
            *value = trial.value;
            told += 1;
        }
    }
    told
}
