//! Hyperparameters by maximum marginal likelihood.

use super::kernel::Correlation;
use super::{GaussianProcess, Header, Hyperparameters, MAX_PARTS, cholesky, select, triangle};
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::{self, Real};

/// What a fit may choose. Both are deterministic and bounded in their number of evaluations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FitSettings<R> {
    /// The length scale alone, in `[minimum, maximum]`, without a prior. Variance, noise, mean and the ratios
    /// of the parts' length scales stay.
    Length {
        /// Least length scale, > 0.
        minimum: R,
        /// Greatest length scale, >= minimum.
        maximum: R,
    },
    /// Everything: mean by generalised least squares and variance in closed form, noise relative to the
    /// variance on a grid of half-decades, length scale within a factor of about 90 around the median
    /// distance under a log-normal prior. The length scales of the parts of a distance start together, each
    /// around the median of its part times the number of parts, and are then searched one by one.
    Full {
        /// Standard deviation of the logarithm of the length scale around that of the median distance,
        /// > 0; infinite for no prior.
        prior_deviation: R,
        /// Least noise over variance, > 0.
        noise_minimum: R,
        /// Greatest noise over variance, >= minimum, <= 1e6 and <= 1e32 times the minimum.
        noise_maximum: R,
    },
}

impl<R: Real> Default for FitSettings<R> {
    /// `Full`, prior 1.5, noise from `R::FIRST_NOISE` to 1.
    fn default() -> Self {
        Self::Full {
            prior_deviation: R::from_f64(1.5),
            noise_minimum: R::FIRST_NOISE,
            noise_maximum: R::ONE,
        }
    }
}

impl<R: Real> FitSettings<R> {
    /// [`Error::InvalidSetting`] unless all are in their ranges.
    pub fn validate(&self) -> Result<(), Error> {
        let ordered = |low: R, high: R| low >= R::MIN_POSITIVE && high >= low && high.is_finite();
        let valid = match *self {
            Self::Length { minimum, maximum } => ordered(minimum, maximum),
            Self::Full { prior_deviation, noise_minimum, noise_maximum } => {
                prior_deviation > R::ZERO
                    && ordered(noise_minimum, noise_maximum)
                    && noise_maximum <= R::from_f64(1e6)
                    && noise_maximum <= noise_minimum * R::from_f64(1e32)
            }
        };
        if valid { Ok(()) } else { Err(Error::InvalidSetting) }
    }
}

/// What a fit found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitReport<R> {
    /// Now in use.
    pub hyperparameters: Hyperparameters<R>,
    /// Of the observed values, without the prior.
    pub log_marginal_likelihood: R,
    /// Now in use, relative to the variance.
    pub jitter: R,
    /// Factorisations of a kernel matrix that were asked for.
    pub evaluations: u32,
}

impl<R: Real> GaussianProcess<'_, R> {
    /// Workspace of [`Self::fit`] with `len` observations: `len * (len + 3) / 2` reals.
    #[must_use]
    pub const fn fit_workspace(len: usize) -> Extent {
        Extent::reals(triangle(len.saturating_sub(1))).and(Extent::reals(len).times(2))
    }

    /// Chooses hyperparameters and puts them to use. O(n^3) an evaluation.
    ///
    /// # Errors
    /// [`Error::NoObservation`], [`Error::InvalidSetting`], [`Error::MemoryTooSmall`],
    /// [`Error::NotPositiveDefinite`], [`Error::NotFinite`] (a result would overflow). The process is
    /// then as before.
    pub fn fit(
        &mut self,
        settings: &FitSettings<R>,
        mut arena: Arena<'_, R>,
    ) -> Result<FitReport<R>, Error> {
        settings.validate()?;
        let n = self.len();
        if n == 0 {
            return Err(Error::NoObservation);
        }
        let before = (self.header, self.kernel);
        let mut search = Search {
            kernel: self.kernel,
            hyperparameters: self.header.hyperparameters,
            parts: self.header.parts as usize,
            bases: self.header.ratios,
            offsets: [R::ZERO; MAX_PARTS],
            distances: self
                .distances
                .get(..product(triangle(n - 1), self.header.parts as usize))
                .unwrap_or(&[]),
            correlations: arena.reals(triangle(n - 1))?,
            factor: self.factor,
            values: self.values.get(..n).unwrap_or(&[]),
            residuals: arena.reals(n)?,
            ones: arena.reals(n)?,
            evaluations: 0,
        };
        let found = match *settings {
            FitSettings::Length { minimum, maximum } => search.length(minimum, maximum),
            FitSettings::Full { prior_deviation, noise_minimum, noise_maximum } => {
                search.full(prior_deviation, noise_minimum, noise_maximum)
            }
        };
        let (evaluations, ratios) = (search.evaluations, search.ratios());
        // The search used the factor's memory: whatever happens, it must be made again.
        let result = match found {
            Some(h) => {
                self.header.ratios = ratios;
                self.adopt(self.kernel, h)
            }
            None => Err(Error::NotPositiveDefinite),
        };
        if let Err(error) = result {
            self.restore(before.0, before.1)?;
            return Err(error);
        }
        Ok(FitReport {
            hyperparameters: self.hyperparameters(),
            log_marginal_likelihood: self.log_marginal_likelihood(),
            jitter: self.jitter(),
            evaluations,
        })
    }
}

impl<R: Real> GaussianProcess<'_, R> {
    /// [`Self::fit`] with each of several kernels; the one of greatest marginal likelihood stays, of equal
    /// ones the first. A kernel that cannot be fitted is passed over. The report's evaluations are those of
    /// all of them.
    ///
    /// # Errors
    /// As [`Self::fit`], if no kernel could be fitted; [`Error::InvalidSetting`] without kernels. The process
    /// is then as before.
    pub fn fit_among(
        &mut self,
        kernels: impl IntoIterator<Item = super::Kernel>,
        settings: &FitSettings<R>,
        arena: Arena<'_, R>,
    ) -> Result<FitReport<R>, Error> {
        self.fit_from(self.header.hyperparameters, self.header.ratios, kernels, settings, arena)
    }

    /// [`Self::fit_among`] from other hyperparameters and ratios than those in use, with which the kernels need
    /// have no factor.
    #[cfg_attr(feature = "small", inline(never))]
    pub(crate) fn fit_from(
        &mut self,
        hyperparameters: Hyperparameters<R>,
        ratios: [R; MAX_PARTS],
        kernels: impl IntoIterator<Item = super::Kernel>,
        settings: &FitSettings<R>,
        mut arena: Arena<'_, R>,
    ) -> Result<FitReport<R>, Error> {
        let before = (self.header, self.kernel);
        let mut best: Option<(Header<R>, super::Kernel, FitReport<R>)> = None;
        let mut failure = Error::InvalidSetting;
        let mut evaluations = 0;
        for kernel in kernels {
            self.header = Header { kernel: kernel as i32, hyperparameters, ratios, ..before.0 };
            self.kernel = kernel;
            match self.fit(settings, arena.scope()) {
                Ok(report) => {
                    evaluations += report.evaluations;
                    let likelihood = report.log_marginal_likelihood;
                    if best.is_none_or(|(.., best)| likelihood > best.log_marginal_likelihood) {
                        best = Some((self.header, kernel, report));
                    }
                }
                Err(error) => failure = error,
            }
        }
        let result = match best {
            Some((header, kernel, report)) => {
                self.header = header;
                self.adopt(kernel, report.hyperparameters).map(|()| FitReport { evaluations, ..report })
            }
            None => Err(failure),
        };
        if result.is_err() {
            self.restore(before.0, before.1)?;
        }
        result
    }
}

/// Numbers of evaluations: lengths and golden-section steps of either search.
const LENGTHS_ALONE: u32 = 24;
const STEPS_ALONE: u32 = 20;
const LENGTHS_FULL: u32 = 9;
const STEPS_FULL: u32 = 11;
/// Golden-section steps for the length scale of one part, in each of two rounds.
const STEPS_PART: u32 = 7;
/// Half width of the grid of `Full` in units of ln(length / median).
const REACH: f64 = 3.6;
/// Greatest number of half-decades between the least and the greatest noise.
const MOST_NOISES: u32 = 64;

struct Search<'a, R> {
    kernel: super::Kernel,
    hyperparameters: Hyperparameters<R>,
    parts: usize,
    /// The length scale of part m is `length_scale * bases[m] * exp(offsets[m])`.
    bases: [R; MAX_PARTS],
    offsets: [R; MAX_PARTS],
    distances: &'a [R],
    correlations: &'a mut [R],
    factor: &'a mut [R],
    values: &'a [R],
    residuals: &'a mut [R],
    ones: &'a mut [R],
    evaluations: u32,
}

/// The best point so far of a search in one variable.
#[derive(Clone, Copy)]
struct Best<R> {
    at: R,
    score: R,
}

impl<R: Real> Best<R> {
    const NONE: Self = Self { at: R::ZERO, score: R::INFINITY };

    /// Takes a point if it is better.
    fn offer(&mut self, at: R, score: R) -> bool {
        let better = score < self.score;
        if better {
            *self = Self { at, score };
        }
        better
    }
}

/// What a full fit tries: lengths `centre * exp(t)`, and noises by their number, from 0 to `last`.
struct Grid<R> {
    centre: R,
    prior: R,
    noise_low: R,
    noise_high: R,
    half_decade: R,
    last: u32,
}

impl<R: Real> Grid<R> {
    #[cfg_attr(feature = "small", inline(never))]
    fn length(&self, t: R) -> R {
        (self.centre * t.exp()).max(R::MIN_POSITIVE)
    }

    #[cfg_attr(feature = "small", inline(never))]
    fn noise(&self, k: u32) -> R {
        if k == 0 {
            self.noise_low
        } else {
            (self.noise_low * (R::from_usize(k as usize) * self.half_decade).exp()).min(self.noise_high)
        }
    }
}

/// The variable of a search in one variable.
enum Goal<'g, R> {
    /// The logarithm of the length scale between two; everything else is fixed.
    Alone { minimum: R, maximum: R },
    /// The common length scale, at one noise.
    Common { grid: &'g Grid<R>, noise: R },
    /// The offset of one part, at one common length scale and one noise.
    Part { part: usize, t: R, grid: &'g Grid<R>, noise: R },
}

impl<R: Real> Search<'_, R> {
    fn correlate(&mut self, length_scale: R) {
        let correlation = Correlation::new(self.kernel, self.parts, length_scale, &self.ratios());
        correlation.write(self.distances, self.correlations.iter_mut());
    }

    fn ratios(&self) -> [R; MAX_PARTS] {
        let mut ratios = self.bases;
        for (ratio, offset) in ratios.iter_mut().zip(self.offsets).take(self.parts) {
            *ratio = bounded(*ratio * offset.exp());
        }
        ratios
    }

    /// Minus the logarithm of the prior of all length scales, of which the common factor is `exp(t)`.
    fn penalty(&self, t: R, prior: R) -> R {
        let square = |offset: R| R::HALF * ((t + offset) / prior) * ((t + offset) / prior);
        self.offsets.iter().take(self.parts).fold(R::ZERO, |sum, &offset| sum + square(offset))
    }

    fn factor(&mut self, noise: R) -> bool {
        self.evaluations += 1;
        let write = |i: usize, row: &mut [R]| {
            let from = self.correlations.get(triangle(i.saturating_sub(1))..).unwrap_or_default();
            copy(row, from);
        };
        cholesky::factor(self.factor, self.values.len(), noise, write).is_ok()
    }

    /// Minus the log likelihood of the correlations with everything else fixed, without constants;
    /// infinite if there is none.
    fn fixed(&mut self, length_scale: R) -> R {
        self.correlate(length_scale);
        let h = self.hyperparameters;
        let noise = h.relative_noise();
        let factored = core::iter::once(R::ZERO)
            .chain(cholesky::jitters())
            .any(|jitter| self.factor(noise + jitter));
        if !factored {
            return R::INFINITY;
        }
        for (r, &y) in self.residuals.iter_mut().zip(self.values) {
            *r = y - h.mean;
        }
        cholesky::forward(self.factor, self.residuals);
        let square = real::dot(self.residuals, self.residuals) / h.variance;
        or_infinity(R::HALF * square - cholesky::sum_of_log_diagonal(self.factor, self.values.len()))
    }

    /// The same with the best mean and variance, which are left in `hyperparameters`. A matrix that
    /// needs jitter scores infinite: more noise does the same and is searched for.
    fn profiled(&mut self, noise: R) -> R {
        if !self.factor(noise) {
            return R::INFINITY;
        }
        // One of the values is taken off first, so that a large common offset costs no digits.
        let offset = self.values.first().copied().unwrap_or(R::ZERO);
        for (r, &y) in self.residuals.iter_mut().zip(self.values) {
            *r = y - offset;
        }
        self.ones.fill(R::ONE);
        cholesky::forward(self.factor, self.residuals);
        cholesky::forward(self.factor, self.ones);
        let shift = real::dot(self.ones, self.residuals) / real::dot(self.ones, self.ones);
        for (r, &one) in self.residuals.iter_mut().zip(self.ones.iter()) {
            *r -= shift * one;
        }
        let n = R::from_usize(self.values.len());
        let variance = real::dot(self.residuals, self.residuals) / n;
        let mean = offset + shift;
        if !(variance >= R::MIN_POSITIVE && variance.is_finite() && mean.is_finite()) {
            return R::INFINITY;
        }
        self.hyperparameters.variance = variance;
        self.hyperparameters.mean = mean;
        self.hyperparameters.noise = noise * variance;
        let half_log = cholesky::sum_of_log_diagonal(self.factor, self.values.len());
        or_infinity(R::HALF * n * variance.ln() - half_log)
    }

    fn length(&mut self, minimum: R, maximum: R) -> Option<Hyperparameters<R>> {
        let (low, high) = (minimum.ln(), maximum.ln());
        let goal = Goal::Alone { minimum, maximum };
        let mut best = Best::NONE;
        let step = (high - low) / R::from_usize(LENGTHS_ALONE as usize - 1);
        for k in 0..LENGTHS_ALONE {
            let t = low + R::from_usize(k as usize) * step;
            best.offer(t, self.score(&goal, t));
        }
        let bracket = ((best.at - step).max(low), (best.at + step).min(high));
        let best = self.golden(&goal, best, bracket, STEPS_ALONE);
        let length_scale = within(best.at, minimum, maximum);
        (best.score < R::INFINITY).then_some(Hyperparameters { length_scale, ..self.hyperparameters })
    }

    fn full(&mut self, prior: R, noise_low: R, noise_high: R) -> Option<Hyperparameters<R>> {
        let first = self.centre(0);
        for part in 1..self.parts {
            let ratio = bounded(self.centre(part) / first);
            if let Some(base) = self.bases.get_mut(part) {
                *base = ratio;
            }
        }
        // The common length is that of the first part.
        if let Some(base) = self.bases.first_mut() {
            *base = R::ONE;
        }
        let centre = first * R::from_usize(self.parts);
        let (low, high) = select::range(self.values, 1)?;
        let largest = low.abs().max(high.abs());
        if high - low <= R::from_f64(8.0) * R::EPSILON * largest {
            // Equal values say nothing about scale and length.
            return Some(Hyperparameters {
                variance: R::ONE,
                length_scale: centre,
                noise: noise_low,
                mean: low,
            });
        }
        let half_decade = R::from_f64(core::f64::consts::LN_10 / 2.0);
        let count = ((noise_high / noise_low).ln() / half_decade)
            .round()
            .min(R::from_usize(MOST_NOISES as usize));
        let last = (0..MOST_NOISES).find(|&k| R::from_usize(k as usize) >= count).unwrap_or(MOST_NOISES);
        let grid = Grid { centre, prior, noise_low, noise_high, half_decade, last };

        // Every length with the least, the middle and the greatest noise.
        let mut best = Best::NONE;
        let mut best_noise = 0;
        let reach = R::from_f64(REACH);
        let step = R::TWO * reach / R::from_usize(LENGTHS_FULL as usize - 1);
        for k in 0..LENGTHS_FULL {
            let t = R::from_usize(k as usize) * step - reach;
            self.correlate(grid.length(t));
            for j in [0, last / 2, last] {
                let score = self.profiled(grid.noise(j)) + self.penalty(t, prior);
                if best.offer(t, score) {
                    best_noise = j;
                }
            }
        }
        // Noise between those, then length, then noise again.
        let mut stride = last.div_ceil(2);
        while stride > 1 {
            stride = stride.div_ceil(2);
            self.neighbours(&grid, &mut best, &mut best_noise, stride);
        }
        let goal = Goal::Common { grid: &grid, noise: grid.noise(best_noise) };
        best = self.golden(&goal, best, (best.at - step, best.at + step), STEPS_FULL);
        self.neighbours(&grid, &mut best, &mut best_noise, 1);
        if self.parts > 1 {
            for reach in [R::TWO, R::ONE] {
                for part in 0..self.parts {
                    self.part(&grid, &mut best, grid.noise(best_noise), part, reach);
                }
                self.neighbours(&grid, &mut best, &mut best_noise, 1);
            }
        }
        if best.score >= R::INFINITY {
            return None;
        }
        let length_scale = grid.length(best.at);
        self.correlate(length_scale);
        self.profiled(grid.noise(best_noise));
        Some(Hyperparameters { length_scale, ..self.hyperparameters })
    }

    /// The two noises `stride` beside the best one, at the best length.
    fn neighbours(&mut self, grid: &Grid<R>, best: &mut Best<R>, best_noise: &mut u32, stride: u32) {
        self.correlate(grid.length(best.at));
        let middle = *best_noise;
        for j in [middle.saturating_sub(stride), middle.saturating_add(stride).min(grid.last)] {
            if j != middle {
                let score = self.profiled(grid.noise(j)) + self.penalty(best.at, grid.prior);
                if best.offer(best.at, score) {
                    *best_noise = j;
                }
            }
        }
    }

    /// The length scale of one part within a factor of `exp(reach)`, everything else as it is.
    fn part(&mut self, grid: &Grid<R>, best: &mut Best<R>, noise: R, part: usize, reach: R) {
        let Some(&middle) = self.offsets.get(part) else { return };
        let goal = Goal::Part { part, t: best.at, grid, noise };
        let start = Best { at: middle, score: best.score };
        let found = self.golden(&goal, start, (middle - reach, middle + reach), STEPS_PART);
        self.set_offset(part, found.at);
        best.score = found.score;
    }

    fn set_offset(&mut self, part: usize, offset: R) {
        if let Some(to) = self.offsets.get_mut(part) {
            *to = offset;
        }
    }

    /// What is to be least, where the variable of a search is `x`.
    fn score(&mut self, goal: &Goal<'_, R>, x: R) -> R {
        let (t, grid, noise) = match *goal {
            Goal::Alone { minimum, maximum } => return self.fixed(within(x, minimum, maximum)),
            Goal::Common { grid, noise } => (x, grid, noise),
            Goal::Part { part, t, grid, noise } => {
                self.set_offset(part, x);
                (t, grid, noise)
            }
        };
        self.correlate(grid.length(t));
        self.profiled(noise) + self.penalty(t, grid.prior)
    }

    /// Golden section; never worse than `best`.
    fn golden(
        &mut self,
        goal: &Goal<'_, R>,
        mut best: Best<R>,
        (mut low, mut high): (R, R),
        steps: u32,
    ) -> Best<R> {
        let ratio = R::from_f64(0.618_033_988_749_894_9);
        let mut evaluate = |t: R| {
            let score = self.score(goal, t);
            best.offer(t, score);
            score
        };
        let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
        let (mut at_a, mut at_b) = (evaluate(a), evaluate(b));
        for _ in 2..steps {
            if at_a <= at_b {
                (high, b, at_b) = (b, a, at_a);
                a = high - ratio * (high - low);
                at_a = evaluate(a);
            } else {
                (low, a, at_a) = (a, b, at_b);
                b = low + ratio * (high - low);
                at_b = evaluate(b);
            }
        }
        best
    }

    /// The median distance of a part, or what takes its place where that is 0.
    fn centre(&self, part: usize) -> R {
        let from = self.distances.get(part..).unwrap_or_default();
        let median = select::median(from, self.parts).unwrap_or(R::ZERO);
        let largest = select::range(from, self.parts).map_or(R::ZERO, |(_, high)| high);
        [median, largest]
            .into_iter()
            .find(|&d| d >= R::MIN_POSITIVE)
            .unwrap_or(self.hyperparameters.length_scale)
    }
}

/// `exp(t)`, not beyond the least and the greatest.
fn within<R: Real>(t: R, minimum: R, maximum: R) -> R {
    t.exp().max(minimum).min(maximum)
}

/// Within the range of length scales and their ratios.
fn bounded<R: Real>(ratio: R) -> R {
    ratio.max(R::MIN_POSITIVE).min(R::ONE / R::MIN_POSITIVE)
}

fn or_infinity<R: Real>(score: R) -> R {
    if score.is_finite() { score } else { R::INFINITY }
}
