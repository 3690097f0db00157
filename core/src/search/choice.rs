//! The best candidates of a pool, and which of them are proposed: one, or several that are evaluated
//! together.

use super::model::{Model, Rule};
use super::optimizer::Prediction;
use super::rng::KeyedRng;
use super::settings::{Acquisition, BatchRule, SearchSettings};
use super::space::Space;
use super::stream;
use super::workbench::{Workbench, any_unknown};
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::gp::{Conditional, GaussianProcess, triangle};
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;
use crate::rows::InRows;

/// The candidates of greatest acquisition, each in a slot; of equal ones the earliest.
pub(super) struct Shortlist<'w, R> {
    genes: usize,
    /// Distances of a row; 0 if they are not kept.
    width: usize,
    len: usize,
    /// Slots by falling acquisition.
    order: &'w mut [u32],
    /// Mean, deviation, acquisition.
    scores: &'w mut [[R; 3]],
    /// Numbers in the pool.
    candidates: &'w mut [u32],
    fingerprints: &'w mut [Fingerprint],
    genomes: &'w mut [u8],
    /// Distances to the observations.
    rows: &'w mut [R],
}

/// What a candidate is worth beside those that are chosen already.
enum Worth<'a, R> {
    /// Minus its value in a draw.
    Drawn(&'a [R]),
    /// Its acquisition and the logarithm of its deviation given the chosen ones.
    Spread(&'a [R]),
    /// The logarithm of its acquisition and a penalty.
    Penalised(&'a Rule<R>, &'a [R]),
}

impl<R: Real> Worth<'_, R> {
    fn of(&self, slot: usize, acquisition: R) -> R {
        let get = |numbers: &[R], otherwise: R| numbers.get(slot).copied().unwrap_or(otherwise);
        match *self {
            Self::Drawn(values) => -get(values, R::INFINITY),
            Self::Spread(variances) => acquisition + R::HALF * get(variances, R::ZERO).ln(),
            Self::Penalised(rule, penalty) => rule.logarithm(acquisition) + get(penalty, R::ZERO),
        }
    }
}

impl<'w, R: Real> Shortlist<'w, R> {
    /// Memory of a list, and of what is computed about it together.
    pub(super) const fn extent(
        places: usize,
        joint: bool,
        capacity: usize,
        genes: usize,
        parts: usize,
    ) -> Extent {
        let list = Extent {
            reals: product(places, 3),
            words: product(places, 7),
            bytes: product(places, genes),
        };
        if !joint {
            return list;
        }
        let together = Extent::reals(triangle(places))
            .and(Extent::reals(triangle(places.saturating_sub(1))).times(parts))
            .and(Extent::reals(places).times(2))
            .and(Conditional::<f64>::extent(places, places))
            .and(GaussianProcess::<f64>::joint_workspace(capacity, places));
        list.and(Extent::reals(product(places, capacity)).times(parts)).and(together)
    }

    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new(
        places: usize,
        joint: bool,
        width: usize,
        genes: usize,
        memory: &mut Arena<'w, R>,
    ) -> Result<Self, Error> {
        let width = if joint { width } else { 0 };
        Ok(Self {
            genes,
            width,
            len: 0,
            order: memory.words(places)?,
            scores: memory.reals(product(places, 3))?.as_chunks_mut::<3>().0,
            candidates: memory.words(places)?,
            fingerprints: memory.words(product(places, 4))?.as_chunks_mut::<4>().0,
            genomes: memory.bytes(product(places, genes))?,
            rows: memory.reals(product(places, width))?,
        })
    }

    /// Takes a candidate in if it is better than the last one or there is room.
    pub(super) fn offer(
        &mut self,
        candidate: usize,
        score: &Prediction<R>,
        fingerprint: Fingerprint,
        genome: &[u8],
        row: &[R],
    ) {
        let full = self.len >= self.order.len();
        let slot = if full { self.order.last().map_or(0, |&slot| slot as usize) } else { self.len };
        if full && self.score(slot).is_none_or(|last| score.acquisition <= last.acquisition) {
            return;
        }
        let behind = |&slot: &u32| {
            self.scores
                .get(slot as usize)
                .is_some_and(|&[.., acquisition]| acquisition < score.acquisition)
        };
        let listed = self.order.get(..self.len).unwrap_or_default();
        let rank = listed.iter().position(behind).unwrap_or(self.len);
        self.len = (self.len + 1).min(self.order.len());
        let mut carried = slot as u32;
        for place in self.order.iter_mut().take(self.len).skip(rank) {
            core::mem::swap(place, &mut carried);
        }
        let Prediction { mean, deviation, acquisition } = *score;
        if let (Some(s), Some(c), Some(f)) =
            (self.scores.get_mut(slot), self.candidates.get_mut(slot), self.fingerprints.get_mut(slot))
        {
            (*s, *c, *f) = ([mean, deviation, acquisition], candidate as u32, fingerprint);
        }
        let genes = self.genes;
        copy(self.genomes.get_mut(slot * genes..).unwrap_or_default(), genome);
        copy(
            self.rows.get_mut(slot * self.width..).unwrap_or_default(),
            row.get(..self.width).unwrap_or_default(),
        );
    }

    /// Candidates that it holds.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn score(&self, slot: usize) -> Option<Prediction<R>> {
        let &[mean, deviation, acquisition] = self.scores.get(slot)?;
        Some(Prediction { mean, deviation, acquisition })
    }

    pub(super) fn genome(&self, slot: usize) -> &[u8] {
        self.genomes.get(slot * self.genes..(slot + 1) * self.genes).unwrap_or_default()
    }

    pub(super) fn fingerprint(&self, slot: usize) -> Fingerprint {
        self.fingerprints.get(slot).copied().unwrap_or_default()
    }

    /// The candidate's number in the pool.
    pub(super) fn candidate(&self, slot: usize) -> usize {
        self.candidates.get(slot).map_or(usize::MAX, |&c| c as usize)
    }

    fn row(&self, slot: usize) -> &[R] {
        self.rows.get(slot * self.width..(slot + 1) * self.width).unwrap_or_default()
    }

    /// Slots by falling acquisition.
    fn ranked(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.iter().take(self.len).map(|&slot| slot as usize)
    }

    /// The slot of greatest value that is not among the chosen; of equal ones the one of greatest
    /// acquisition. Minus infinity is a value like others.
    #[cfg_attr(feature = "small", inline(never))]
    fn greatest(&self, chosen: &[u32], worth: &Worth<'_, R>) -> Option<usize> {
        let mut best: Option<(usize, R)> = None;
        for slot in self.ranked().filter(|&slot| chosen.iter().all(|&other| other as usize != slot)) {
            let Some(score) = self.score(slot) else { continue };
            let value = worth.of(slot, score.acquisition);
            if best.is_none_or(|(_, least)| value > least) {
                best = Some((slot, value));
            }
        }
        best.map(|(slot, _)| slot)
    }

    /// Writes the distances of each candidate to those in the slots before it, all parts side by side.
    fn between<S: Space<R> + ?Sized>(
        &self,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        out: &mut [R],
    ) -> Result<(), Error> {
        let (block, parts) = (bench.block().max(1), bench.parts().max(1));
        let mut first = 0;
        while first < self.len {
            let end = first.saturating_add(block).min(self.len);
            let mut decoded = false;
            for j in first + 1..self.len {
                let start = triangle(j - 1);
                let places = (start + first) * parts..(start + end.min(j)) * parts;
                let part = out.get_mut(places).unwrap_or_default();
                for (distance, i) in part.in_rows_mut(parts).zip(first..) {
                    bench.known(self.fingerprint(i), self.fingerprint(j), distance);
                }
                if !any_unknown(part) {
                    continue;
                }
                if !decoded {
                    for (place, slot) in (first..end).enumerate() {
                        bench.decode_known(place, self.genome(slot), self.fingerprint(slot))?;
                    }
                    decoded = true;
                }
                bench.decode_last(self.genome(j), self.fingerprint(j))?;
                bench.distances(part)?;
            }
            first = end;
        }
        Ok(())
    }
}

/// Fills `chosen` with slots of candidates for trials `first`, `first + 1`, ...; returns how many there
/// are.
#[cfg_attr(feature = "small", inline(never))]
pub(super) fn choose<R: Real, S: Space<R> + ?Sized>(
    list: &Shortlist<'_, R>,
    settings: &SearchSettings<R>,
    model: &Model<'_, R>,
    rule: &Rule<R>,
    told: usize,
    first: u32,
    bench: &mut Workbench<'_, '_, '_, R, S>,
    mut arena: Arena<'_, R>,
    chosen: &mut [u32],
) -> Result<usize, Error> {
    let count = chosen.len().min(list.len());
    let chosen = chosen.get_mut(..count).unwrap_or_default();
    let (_, joint) = settings.keeps();
    let thompson = settings.acquisition == Acquisition::Thompson;
    let top = !thompson && (count <= 1 || settings.batch == BatchRule::Top || !joint);
    if top {
        for (to, slot) in chosen.iter_mut().zip(list.ranked()) {
            *to = slot as u32;
        }
        return Ok(count);
    }
    let places = list.len();
    let between = arena.reals(product(triangle(places.saturating_sub(1)), bench.parts()))?;
    list.between(bench, between)?;
    if !thompson && settings.batch == BatchRule::LocalPenalisation {
        penalise(list, model, rule, told, between, arena.reals(places)?, chosen);
        return Ok(count);
    }
    let (covariance, values) = (arena.reals(triangle(places))?, arena.reals(places)?);
    let rows = list.rows.get(..product(places, list.width)).unwrap_or_default();
    model.process().joint_posterior(rows, between, values, covariance, arena.scope())?;
    let steps = if thompson { places } else { count };
    if thompson {
        let means = arena.reals(places)?;
        copy(means, values);
        for (member, at) in (0..count).enumerate() {
            let trial = first.wrapping_add(member as u32);
            let mut rng = KeyedRng::new(settings.seed, trial, stream::THOMPSON);
            copy(values, means);
            let mut conditional = Conditional::new(covariance, places, steps, arena.scope())?;
            conditional.draw(values, || rng.normal());
            let (before, rest) = chosen.split_at_mut_checked(at).unwrap_or_default();
            let worth = Worth::Drawn(values);
            if let (Some(slot), Some(to)) = (list.greatest(before, &worth), rest.first_mut()) {
                *to = slot as u32;
            }
        }
        return Ok(count);
    }
    let mut conditional = Conditional::new(covariance, places, steps, arena)?;
    for at in 0..count {
        let (before, rest) = chosen.split_at_mut_checked(at).unwrap_or_default();
        // The first is the one of greatest acquisition, whatever its variance.
        let picked = if at == 0 {
            list.ranked().next()
        } else {
            list.greatest(before, &Worth::Spread(conditional.variances()))
        };
        if let (Some(slot), Some(to)) = (picked, rest.first_mut()) {
            *to = slot as u32;
            conditional.observe(slot);
        }
    }
    Ok(count)
}

/// Local penalisation: the logarithm of each acquisition, made positive, plus that of the probability of
/// lying outside the ball around each chosen design in which, by the greatest slope, no value as low as
/// the least is expected.
fn penalise<R: Real>(
    list: &Shortlist<'_, R>,
    model: &Model<'_, R>,
    rule: &Rule<R>,
    told: usize,
    between: &[R],
    penalty: &mut [R],
    chosen: &mut [u32],
) {
    let process = model.process();
    let distance = |a: usize, b: usize| {
        let (low, high) = (a.min(b), a.max(b));
        let at = triangle(high.saturating_sub(1)).saturating_add(low);
        let parts = between.in_rows(process.parts()).nth(at);
        parts.filter(|_| low != high).map_or(R::ZERO, |parts| process.relevant(parts))
    };
    let mut slope = R::ZERO;
    let mut steepen = |rise: R, run: R| {
        let steep = rise.abs() / run;
        if run > R::ZERO && steep.is_finite() {
            slope = slope.max(steep);
        }
    };
    for slot in 0..list.len() {
        let Some(Prediction { mean, .. }) = list.score(slot) else { continue };
        for (observation, parts) in list.row(slot).in_rows(process.parts()).enumerate() {
            steepen(mean - process.mean_at(observation), process.relevant(parts));
        }
        for other in 0..slot {
            if let Some(score) = list.score(other) {
                steepen(mean - score.mean, distance(slot, other));
            }
        }
    }
    let least = (0..told).fold(R::INFINITY, |least, i| least.min(process.mean_at(i)));
    penalty.fill(R::ZERO);
    for at in 0..chosen.len() {
        let (before, rest) = chosen.split_at_mut_checked(at).unwrap_or_default();
        let worth = Worth::Penalised(rule, penalty);
        let (Some(picked), Some(to)) = (list.greatest(before, &worth), rest.first_mut()) else {
            return;
        };
        *to = picked as u32;
        let Some(Prediction { mean, deviation, .. }) = list.score(picked) else { return };
        for (slot, penalty) in penalty.iter_mut().enumerate() {
            let margin = slope * distance(slot, picked) - (mean - least);
            let z = margin / (R::from_f64(core::f64::consts::SQRT_2) * deviation);
            // Without uncertainty the ball has a sharp edge.
            let outside = if z.is_finite() {
                R::HALF * (-z).erfc()
            } else if margin > R::ZERO {
                R::ONE
            } else {
                R::ZERO
            };
            *penalty += if outside > R::ZERO { outside.ln() } else { -R::INFINITY };
        }
    }
}
