//! The Gaussian process over the designs that were tried.

use super::acquisition::{
    expected_hypervolume_improvement, ln_expected_improvement, ln_probability_below, ln_softplus,
    upper_confidence_bound,
};
use super::history::{History, TrialState};
use super::optimizer::Prediction;
use super::rng::KeyedRng;
use super::settings::{Acquisition, Pending, SearchSettings, Second, refit_point};
use super::space::Space;
use super::stream;
use super::workbench::{Workbench, any_unknown};
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::gp::{FitReport, GaussianProcess, Hyperparameters, MAX_PARTS, Transform, place};
use crate::memory::{Arena, Extent, product};
use crate::real::Real;
use crate::rows::InRows;

/// A process whose first observations are the told trials in ascending order.
///
/// Everything in it can be computed again from the history: it is kept so that a trial told in
/// order costs one row.
#[derive(Debug)]
pub(super) struct Model<'a, R> {
    process: GaussianProcess<'a, R>,
    /// Of the second numbers, over the same distances.
    second: Option<GaussianProcess<'a, R>>,
    /// Leading observations that are up to date.
    rows: usize,
    /// Observations that the hyperparameters were fitted on; 0 if they are out of date.
    fitted: usize,
    /// What is done to the values, chosen with the hyperparameters.
    transform: Transform,
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
    /// The same of the second numbers, or empty.
    second_mean: &'w mut [R],
    second_variance: &'w mut [R],
    seconds: &'w mut [R],
    second_transformed: &'w mut [R],
    /// Points of the front, as many as [`Rule`] says.
    front: &'w mut [[R; 2]],
}

impl<'w, R: Real> Sheets<'w, R> {
    /// `parts`: numbers of a distance.
    pub(super) const fn extent(capacity: usize, block: usize, parts: usize) -> Extent {
        Extent::reals(product(product(capacity, block), parts))
            .and(Extent::reals(capacity).times(2))
            .and(Extent::reals(block).times(parts.saturating_add(1)))
            .and(Extent::words(capacity))
    }

    /// What a second number needs besides.
    pub(super) const fn second_extent(capacity: usize, block: usize) -> Extent {
        Extent::reals(capacity).times(4).and(Extent::reals(block).times(2))
    }

    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new(
        capacity: usize,
        block: usize,
        parts: usize,
        second: bool,
        memory: &mut Arena<'w, R>,
    ) -> Result<Self, Error> {
        let (more, block_more) = if second { (capacity, block) } else { (0, 0) };
        Ok(Self {
            order: memory.words(capacity)?,
            distances: memory.reals(product(product(capacity, block), parts))?,
            column: memory.reals(product(block, parts))?,
            variance: memory.reals(block)?,
            values: memory.reals(capacity)?,
            transformed: memory.reals(capacity)?,
            second_mean: memory.reals(block_more)?,
            second_variance: memory.reals(block_more)?,
            seconds: memory.reals(more)?,
            second_transformed: memory.reals(more)?,
            front: memory.reals(product(more, 2))?.as_chunks_mut::<2>().0,
        })
    }
}

impl<'a, R: Real> Model<'a, R> {
    pub(super) const fn extent(capacity: usize, parts: usize) -> Extent {
        GaussianProcess::<f64>::extent_of_parts(capacity, parts)
    }

    pub(super) fn new(
        capacity: usize,
        settings: &SearchSettings<R>,
        memory: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        let mut process = || {
            let parts = settings.parts as usize;
            let memory = memory.split(Self::extent(capacity, parts))?;
            GaussianProcess::with_parts(capacity, parts, settings.kernel, start(), memory)
        };
        let (process, second) =
            (process()?, if settings.second.is_some() { Some(process()?) } else { None });
        Ok(Self { process, second, rows: 0, fitted: 0, transform: settings.transform, metric: [0; 4] })
    }

    fn each(&mut self) -> impl Iterator<Item = &mut GaussianProcess<'a, R>> {
        core::iter::once(&mut self.process).chain(&mut self.second)
    }

    fn truncate(&mut self) -> Result<(), Error> {
        let rows = self.rows;
        self.each().try_for_each(|process| process.truncate(rows))
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

    /// Brings the processes up to date with the history: all told trials, then all pending ones with the
    /// value that [`Pending`] says. Returns the number of told trials.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn update<S: Space<R> + ?Sized>(
        &mut self,
        settings: &SearchSettings<R>,
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<usize, Error> {
        let told = self.update_told(settings, history, bench, sheets)?;
        for _ in 0..history.pending() {
            let n = self.process.len();
            self.row(n, history, bench, sheets)?;
            let row = sheets.distances.get(..n * bench.parts()).unwrap_or_default();
            for process in self.each() {
                let told = process.values().iter().take(told).copied();
                let value = match settings.pending {
                    Pending::Believer => process.posterior_at(row, bench.scratch())?.0,
                    Pending::Least => told.fold(R::INFINITY, R::min),
                    Pending::Mean => R::ZERO,
                    Pending::Greatest => told.fold(-R::INFINITY, R::max),
                };
                process.append(row, value)?;
            }
        }
        Ok(told)
    }

    fn update_told<S: Space<R> + ?Sized>(
        &mut self,
        settings: &SearchSettings<R>,
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<usize, Error> {
        if bench.metric() != self.metric {
            self.forget(0);
            self.metric = bench.metric();
        }
        let told = list(history, sheets);
        // What stands behind the told rows are the pending trials of an earlier call.
        self.rows = self.rows.min(told);
        let point = refit_point(told);
        if self.fitted != point {
            self.fitted = 0;
            self.rows = self.rows.min(point);
            self.truncate()?;
            for process in self.each() {
                process.set_hyperparameters(collecting())?;
            }
            self.append(point, history, bench, sheets)?;
            self.fit(point, settings, bench, sheets)?;
        }
        self.truncate()?;
        self.append(told, history, bench, sheets)?;
        self.set_values(told, settings, sheets)?;
        Ok(told)
    }

    /// Chooses transform and hyperparameters for the first `count` observations, which are all there are.
    #[cfg_attr(feature = "small", inline(never))]
    fn fit<S: Space<R> + ?Sized>(
        &mut self,
        count: usize,
        settings: &SearchSettings<R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        self.transform = settings.transform;
        if settings.other_transforms > 0 {
            self.transform = self.likeliest(count, settings, bench, sheets)?;
        }
        self.set_values(count, settings, sheets)?;
        for process in self.each() {
            fit_anew(process, settings, bench.scratch())?;
        }
        self.fitted = count;
        Ok(())
    }

    /// The transform under which the first `count` values have the greatest marginal likelihood; of equal ones,
    /// and where no density is known, the first. Leaves the process as rows are collected in it.
    fn likeliest<S: Space<R> + ?Sized>(
        &mut self,
        count: usize,
        settings: &SearchSettings<R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<Transform, Error> {
        let mut best = (settings.transform, -R::INFINITY);
        for transform in settings.transforms() {
            self.transform = transform;
            self.set_values(count, settings, sheets)?;
            let fitted = fit_anew(&mut self.process, settings, bench.scratch());
            let values = sheets.values.get(..count).unwrap_or_default();
            let transformed = sheets.transformed.get(..count).unwrap_or_default();
            if let (Ok(report), Some(slopes)) = (fitted, transform.ln_slopes(values, transformed))
                && report.log_marginal_likelihood + slopes > best.1
            {
                best = (transform, report.log_marginal_likelihood + slopes);
            }
            self.process.set_hyperparameters(collecting())?;
        }
        Ok(best.0)
    }

    /// Logarithm of the marginal likelihood of the told values, with this metric and hyperparameters fitted as
    /// for a proposal.
    pub(super) fn evidence<S: Space<R> + ?Sized>(
        &mut self,
        settings: &SearchSettings<R>,
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<R, Error> {
        self.update_told(settings, history, bench, sheets)?;
        Ok(self.each().fold(R::ZERO, |sum, process| sum + process.log_marginal_likelihood()))
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
            let row = sheets.distances.get(..self.rows * bench.parts()).unwrap_or_default();
            self.each().try_for_each(|process| process.append(row, R::ZERO))?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Writes the distances from entry `n` of the order to those before it.
    #[cfg_attr(feature = "small", inline(never))]
    fn row<S: Space<R> + ?Sized>(
        &self,
        n: usize,
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        let at = |entry: usize| {
            let position = sheets.order.get(entry)?;
            history.get(*position as usize).map(|trial| (trial.fingerprint, trial.genome))
        };
        let (new, new_genome) = at(n).ok_or(Error::UnknownTrial)?;
        let mut decoded = false;
        let parts = bench.parts().max(1);
        for (j, distance) in sheets.distances.in_rows_mut(parts).take(n).enumerate() {
            let (old, old_genome) = at(j).ok_or(Error::UnknownTrial)?;
            bench.known(new, old, distance);
            if any_unknown(distance) {
                if !decoded {
                    bench.decode_known(0, new_genome, new)?;
                    decoded = true;
                }
                bench.decode_last(old_genome, old)?;
                bench.distances(distance)?;
            }
        }
        Ok(())
    }

    /// Gives the first `count` observations their values, transformed among themselves.
    #[cfg_attr(feature = "small", inline(never))]
    fn set_values(
        &mut self,
        count: usize,
        settings: &SearchSettings<R>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        let values = sheets.values.get(..count).unwrap_or_default();
        let transformed = sheets.transformed.get_mut(..count).unwrap_or_default();
        self.transform.apply(values, transformed)?;
        self.process.set_values(transformed)?;
        let Some(second) = &mut self.second else { return Ok(()) };
        let transform = match settings.second {
            // The limit must find its place among them.
            Second::Limit { .. } => Transform::Identity,
            _ => settings.transform,
        };
        let values = sheets.seconds.get(..count).unwrap_or_default();
        let transformed = sheets.second_transformed.get_mut(..count).unwrap_or_default();
        transform.apply(values, transformed)?;
        second.set_values(transformed)
    }

    /// Predicts the candidates that lie in the first slots of the bench, one for each fingerprint.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn predict<S: Space<R> + ?Sized>(
        &self,
        candidates: &[Fingerprint],
        history: &History<'_, R>,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        let (n, count, parts) = (self.process.len(), candidates.len(), bench.parts());
        let width = product(n, parts);
        let column = sheets.column.get_mut(..count * parts).unwrap_or_default();
        for (j, &position) in sheets.order.iter().take(n).enumerate() {
            let old = history.get(position as usize).ok_or(Error::UnknownTrial)?;
            for (distance, &candidate) in column.in_rows_mut(parts).zip(candidates) {
                bench.known(candidate, old.fingerprint, distance);
            }
            if any_unknown(column) {
                bench.decode_last(old.genome, old.fingerprint)?;
                bench.distances(column)?;
            }
            spread(column, parts, sheets.distances, width, j * parts);
        }
        self.posterior(count, bench, sheets)
    }

    /// Means and variances of so many candidates from their distances to the observations.
    #[cfg_attr(feature = "small", inline(never))]
    fn posterior<S: Space<R> + ?Sized>(
        &self,
        count: usize,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        sheets: &mut Sheets<'_, R>,
    ) -> Result<(), Error> {
        let width = product(self.process.len(), bench.parts());
        // The column has served and takes the means.
        let mean = sheets.column.get_mut(..count).unwrap_or_default();
        let variance = sheets.variance.get_mut(..count).unwrap_or_default();
        let rows = sheets.distances.get(..product(width, count)).unwrap_or_default();
        self.process.posterior(rows, mean, variance, bench.scratch())?;
        let Some(second) = &self.second else { return Ok(()) };
        let mean = sheets.second_mean.get_mut(..count).unwrap_or_default();
        let variance = sheets.second_variance.get_mut(..count).unwrap_or_default();
        second.posterior(rows, mean, variance, bench.scratch())
    }
}

impl<R: Real> Sheets<'_, R> {
    /// What [`Model::predict`] found for candidate `index` of a block, and its distances to the observations,
    /// `width` numbers.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn predicted(
        &self,
        index: usize,
        width: usize,
        rule: &Rule<R>,
    ) -> Option<(Prediction<R>, &[R])> {
        let (&mean, &variance) = (self.column.get(index)?, self.variance.get(index)?);
        let deviation = variance.sqrt();
        let second = match (self.second_mean.get(index), self.second_variance.get(index)) {
            (Some(&mean), Some(&variance)) => [mean, variance.sqrt()],
            _ => [R::ZERO; 2],
        };
        let acquisition = rule.acquisition([mean, deviation], second, self.front);
        let start = index.checked_mul(width)?;
        Some((
            Prediction { mean, deviation, acquisition },
            self.distances.get(start..start.checked_add(width)?)?,
        ))
    }
}

/// An acquisition with everything that it depends on besides the candidate.
#[derive(Clone, Copy)]
pub(super) struct Rule<R> {
    /// Of the value alone.
    alone: Alone<R>,
    with: With<R>,
}

#[derive(Clone, Copy)]
enum Alone<R> {
    Bound { kappa: R },
    Improvement { incumbent: R },
}

/// How the second number comes in.
#[derive(Clone, Copy)]
enum With<R> {
    Nothing,
    Limit {
        limit: R,
        /// Something feasible is known.
        reached: bool,
    },
    Weighted {
        kappa: R,
        weights: [R; 2],
        ideal: [R; 2],
    },
    Hypervolume {
        points: usize,
        reference: [R; 2],
    },
}

impl<R: Real> Rule<R> {
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new(
        settings: &SearchSettings<R>,
        model: &Model<'_, R>,
        told: usize,
        trial: u32,
        sheets: &mut Sheets<'_, R>,
    ) -> Self {
        let feasible = |i: usize| sheets.seconds.get(i).is_none_or(|&s| settings.second.allows(s));
        let least = |process: &GaussianProcess<'_, R>, allowed: &dyn Fn(usize) -> bool| {
            let means = (0..told).filter(|&i| allowed(i)).map(|i| process.mean_at(i));
            means.fold(R::INFINITY, R::min)
        };
        let incumbent = least(&model.process, &feasible);
        let alone = match (settings.second, settings.acquisition) {
            // A bound made positive is still large where little is known of either number.
            (Second::Limit { .. }, _) | (_, Acquisition::ExpectedImprovement) => {
                Alone::Improvement { incumbent }
            }
            (_, Acquisition::UpperConfidenceBound { kappa, schedule }) => {
                Alone::Bound { kappa: schedule.kappa(kappa, told) }
            }
            // Which candidates draws are made for.
            (_, Acquisition::Thompson) => Alone::Bound { kappa: R::from_f64(3.0) },
        };
        let with = match (settings.second, &model.second) {
            (Second::None, _) | (_, None) => With::Nothing,
            (Second::Limit { limit }, _) => {
                let seconds = sheets.seconds.get(..told).unwrap_or_default();
                With::Limit { limit: place(seconds, limit), reached: incumbent < R::INFINITY }
            }
            (Second::Weighted, Some(second)) => {
                let kappa = if let Alone::Bound { kappa } = alone { kappa } else { R::ZERO };
                let weight = KeyedRng::new(settings.seed, trial, stream::WEIGHTS).unit();
                let ideal = [least(&model.process, &|_| true), least(second, &|_| true)];
                With::Weighted { kappa, weights: [weight, R::ONE - weight], ideal }
            }
            (Second::Hypervolume, Some(second)) => {
                let at = |i: usize| [model.process.mean_at(i), second.mean_at(i)];
                let reference =
                    (0..told).map(at).fold([-R::INFINITY; 2], |[x, y], [u, v]| [x.max(u), y.max(v)]);
                // The next point of the front is the leftmost of those below the last one.
                let mut points = 0;
                let mut below = R::INFINITY;
                for place in sheets.front.iter_mut() {
                    let mut next: Option<[R; 2]> = None;
                    for [x, y] in (0..told).map(at) {
                        let better = next.is_none_or(|[u, v]| x < u || (x == u && y < v));
                        if y < below && better {
                            next = Some([x, y]);
                        }
                    }
                    let Some(found) = next else { break };
                    *place = found;
                    below = found[1];
                    points += 1;
                }
                With::Hypervolume { points, reference }
            }
        };
        Self { alone, with }
    }

    /// From means and deviations of both numbers.
    fn acquisition(&self, [mean, deviation]: [R; 2], [other, spread]: [R; 2], front: &[[R; 2]]) -> R {
        let alone = || match self.alone {
            Alone::Bound { kappa } => upper_confidence_bound(mean, deviation, kappa),
            Alone::Improvement { incumbent } => ln_expected_improvement(mean, deviation, incumbent),
        };
        match self.with {
            With::Nothing => alone(),
            With::Limit { limit, reached } => {
                let improvement = if reached { alone() } else { R::ZERO };
                improvement + ln_probability_below(other, spread, limit)
            }
            With::Weighted { kappa, weights: [w, v], ideal: [x, y] } => {
                let first = w * (-upper_confidence_bound(mean, deviation, kappa) - x);
                let second = v * (-upper_confidence_bound(other, spread, kappa) - y);
                -(first.max(second) + R::from_f64(AUGMENTATION) * (first + second))
            }
            With::Hypervolume { points, reference } => {
                let front = front.get(..points).unwrap_or_default();
                expected_hypervolume_improvement([mean, other], [deviation, spread], front, reference)
                    .ln()
            }
        }
    }

    /// The logarithm of an acquisition, made positive by `ln(1 + exp(x))` where it need not be.
    pub(super) fn logarithm(&self, acquisition: R) -> R {
        match (self.with, self.alone) {
            (With::Nothing, Alone::Bound { .. }) | (With::Weighted { .. }, _) => {
                ln_softplus(acquisition)
            }
            _ => acquisition,
        }
    }
}

/// Weight of the sum beside the maximum in the augmented Chebyshev norm (Knowles 2006).
const AUGMENTATION: f64 = 0.05;

/// Chooses hyperparameters and kernel, whatever was in use before.
fn fit_anew<R: Real>(
    process: &mut GaussianProcess<'_, R>,
    settings: &SearchSettings<R>,
    scratch: Arena<'_, R>,
) -> Result<FitReport<R>, Error> {
    process.fit_from(start(), [R::ONE; MAX_PARTS], settings.kernels(), &settings.fit, scratch)
}

/// While rows are collected for a fit: with so much noise every kernel of any distances has a factor, so that a
/// search can end for want of one only where no hyperparameters give one.
fn collecting<R: Real>() -> Hyperparameters<R> {
    Hyperparameters { noise: R::from_f64(1e6), ..start() }
}

/// What a fit starts from.
fn start<R: Real>() -> Hyperparameters<R> {
    Hyperparameters { variance: R::ONE, length_scale: R::ONE, noise: R::FIRST_NOISE, mean: R::ZERO }
}

/// Writes the distances of a column, `parts` numbers each, into one row each at `place`.
#[cfg_attr(feature = "small", inline(never))]
fn spread<R: Real>(column: &[R], parts: usize, distances: &mut [R], width: usize, place: usize) {
    let rows = distances.in_rows_mut(width);
    for (row, distance) in rows.zip(column.in_rows(parts)) {
        for (to, &d) in row.iter_mut().skip(place).zip(distance) {
            *to = d;
        }
    }
}

/// Lists told trials, then pending ones, and the values of the told ones.
#[cfg_attr(feature = "small", inline(never))]
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
            if let Some(second) = sheets.seconds.get_mut(told) {
                *second = trial.second;
            }
            told += 1;
        }
    }
    told
}
