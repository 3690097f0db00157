//! What was tried: trials in the order of their numbers.

use super::rng::KeyedRng;
use super::settings::{SearchSettings, Second};
use super::stream;
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;

/// What is known about a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum TrialState {
    /// Proposed, no result yet.
    Pending = 0,
    /// It has a value.
    Told = 1,
    /// It ended without a value.
    Failed = 2,
}

impl TrialState {
    /// The state of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Pending, Self::Told, Self::Failed].into_iter().find(|&state| state as u8 == code)
    }
}

/// One trial of a [`History`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial<'t, R> {
    /// The caller's number.
    pub number: u32,
    /// What is known about it.
    pub state: TrialState,
    /// The design.
    pub genome: &'t [u8],
    /// The fingerprint of the design's network.
    pub fingerprint: Fingerprint,
    /// The value, lower is better; 0 unless the trial was told.
    pub value: R,
    /// The second number; 0 unless the trial was told with one.
    pub second: R,
}

impl<R: Real> Trial<'_, R> {
    /// Value and second number.
    pub(super) fn pair(&self) -> [R; 2] {
        [self.value, self.second]
    }
}

/// Trials sorted by number, in lent memory of a fixed capacity.
///
/// What it holds depends on the trials and their results only, not on the order in which they came.
#[derive(Debug)]
pub struct History<'a, R> {
    genes: usize,
    len: usize,
    /// Trials without a value; where they stand is not recorded.
    pending: usize,
    told: usize,
    numbers: &'a mut [u32],
    fingerprints: &'a mut [Fingerprint],
    values: &'a mut [R],
    /// As many, or none.
    seconds: &'a mut [R],
    states: &'a mut [u8],
    genomes: &'a mut [u8],
}

impl<'a, R: Real> History<'a, R> {
    /// Memory for so many trials of so many genes, each with a value and perhaps a second number.
    #[must_use]
    pub const fn extent(capacity: usize, genes: usize, second: bool) -> Extent {
        Extent {
            reals: if second { product(capacity, 2) } else { capacity },
            words: product(capacity, 5),
            bytes: product(capacity, genes.saturating_add(1)),
        }
    }

    /// An empty history.
    ///
    /// # Errors
    /// [`Error::MemoryTooSmall`], [`Error::SizeOverflow`] (2^32 trials or more).
    pub fn new(
        capacity: usize,
        genes: usize,
        second: bool,
        memory: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        u32::try_from(capacity).map_err(|_| Error::SizeOverflow)?;
        let mut memory = memory.split(Self::extent(capacity, genes, second))?;
        Ok(Self {
            genes,
            len: 0,
            pending: 0,
            told: 0,
            numbers: memory.words(capacity)?,
            fingerprints: memory.words(product(capacity, 4))?.as_chunks_mut::<4>().0,
            values: memory.reals(capacity)?,
            seconds: memory.reals(if second { capacity } else { 0 })?,
            states: memory.bytes(capacity)?,
            genomes: memory.bytes(product(capacity, genes))?,
        })
    }

    /// Number of trials.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }
    /// No trial yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Most trials that fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.numbers.len()
    }
    /// Genes of a design.
    #[must_use]
    pub fn genes(&self) -> usize {
        self.genes
    }
    /// Whether trials have a second number.
    #[must_use]
    pub fn has_second(&self) -> bool {
        !self.seconds.is_empty()
    }
    /// Number of trials with a value.
    #[must_use]
    pub fn told(&self) -> usize {
        self.told
    }
    /// Number of trials without a result.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Trial number `index` in ascending order of the callers' numbers.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Trial<'_, R>> {
        if index >= self.len {
            return None;
        }
        let start = index.checked_mul(self.genes)?;
        Some(Trial {
            number: *self.numbers.get(index)?,
            state: TrialState::from_code(*self.states.get(index)?)?,
            genome: self.genomes.get(start..start.checked_add(self.genes)?)?,
            fingerprint: *self.fingerprints.get(index)?,
            value: *self.values.get(index)?,
            second: self.seconds.get(index).copied().unwrap_or(R::ZERO),
        })
    }

    /// All trials, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Trial<'_, R>> + Clone {
        (0..self.len).filter_map(|index| self.get(index))
    }
    /// Trials with a value, ascending: the observations.
    pub fn observations(&self) -> impl DoubleEndedIterator<Item = Trial<'_, R>> + Clone {
        self.iter().filter(|trial| trial.state == TrialState::Told)
    }

    /// Where a trial stands, or else where it would have to stand.
    ///
    /// # Errors
    /// The position of a trial that does not exist yet.
    pub fn find(&self, number: u32) -> Result<usize, usize> {
        self.numbers.get(..self.len).unwrap_or_default().binary_search(&number)
    }

    /// Whether a design with this fingerprint was tried, whatever came of it.
    #[must_use]
    pub fn contains(&self, fingerprint: Fingerprint) -> bool {
        self.fingerprints.iter().take(self.len).any(|&f| f == fingerprint)
    }

    /// How many observations have a smaller trial number than the trial at `index`.
    #[must_use]
    pub fn observations_before(&self, index: usize) -> usize {
        self.states.iter().take(index.min(self.len)).filter(|&&s| s == TrialState::Told as u8).count()
    }

    /// The observation than which none is `better`, the earliest of several.
    #[must_use]
    pub fn best(
        &self,
        mut better: impl FnMut(&Trial<'_, R>, &Trial<'_, R>) -> bool,
    ) -> Option<Trial<'_, R>> {
        let mut best: Option<Trial<'_, R>> = None;
        for trial in self.observations() {
            if best.as_ref().is_none_or(|b| better(&trial, b)) {
                best = Some(trial);
            }
        }
        best
    }

    /// What observations are ranked by for trial `number`, lexicographically: feasible before infeasible ones; with
    /// two objectives, the number of designs that are better in both, then a draw: a front may have more designs
    /// than are asked for, and each is to have its turn.
    fn merit(&self, settings: &SearchSettings<R>, number: u32, trial: &Trial<'_, R>) -> [R; 2] {
        let second = &settings.second;
        match second {
            Second::None => [R::ZERO, trial.value],
            Second::Limit { .. } if second.allows(trial.second) => [R::ZERO, trial.value],
            Second::Limit { .. } => [R::ONE, trial.second],
            Second::Weighted | Second::Hypervolume => {
                let better = |other: &Trial<'_, R>| second.better(other.pair(), trial.pair());
                let own = stream::PARENTS | trial.number << 8;
                let mut rng = KeyedRng::new(settings.seed, number, own);
                [R::from_usize(self.observations().filter(better).count()), rng.unit()]
            }
        }
    }

    /// The observation that comes after `last` in the order of merit, of equal ones the earliest; none that is
    /// to be `skipped`. Merit and position.
    pub(super) fn next_best(
        &self,
        settings: &SearchSettings<R>,
        number: u32,
        last: Option<([R; 2], usize)>,
        skipped: impl Fn(&Trial<'_, R>) -> bool,
    ) -> Option<([R; 2], usize)> {
        let mut next: Option<([R; 2], usize)> = None;
        for (position, trial) in self.iter().enumerate() {
            if trial.state != TrialState::Told {
                continue;
            }
            let merit = self.merit(settings, number, &trial);
            let behind =
                last.is_none_or(|(before, at)| before < merit || (before == merit && position > at));
            if behind && next.is_none_or(|(other, _)| merit < other) && !skipped(&trial) {
                next = Some((merit, position));
            }
        }
        next
    }

    /// Adds a trial; returns where it stands.
    ///
    /// # Errors
    /// [`Error::CapacityExceeded`], [`Error::TrialExists`], [`Error::GenomeOutOfRange`] (wrong length),
    /// [`Error::NotFinite`]. Nothing changes then.
    pub fn insert(&mut self, trial: &Trial<'_, R>) -> Result<usize, Error> {
        let Err(at) = self.find(trial.number) else {
            return Err(Error::TrialExists);
        };
        if trial.genome.len() != self.genes {
            return Err(Error::GenomeOutOfRange);
        }
        if !trial.value.is_finite() || !trial.second.is_finite() {
            return Err(Error::NotFinite);
        }
        if self.len >= self.capacity() {
            return Err(Error::CapacityExceeded);
        }
        let end = self.len + 1;
        shift(self.numbers, at, end, trial.number);
        shift(self.fingerprints, at, end, trial.fingerprint);
        shift(self.values, at, end, trial.value);
        shift(self.seconds, at, end, trial.second);
        shift(self.states, at, end, trial.state as u8);
        self.shift_genomes(at, trial.genome);
        self.len = end;
        self.count(trial.state, 1);
        Ok(at)
    }

    /// Gives a pending trial its result. `values` (value and second number) are ignored unless the state is
    /// told.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`] if there is no trial at `index`, [`Error::TrialClosed`] if it has a
    /// result, [`Error::NotFinite`]. Nothing changes then.
    pub fn close(&mut self, index: usize, state: TrialState, values: [R; 2]) -> Result<(), Error> {
        let trial = self.get(index).ok_or(Error::UnknownTrial)?;
        if trial.state != TrialState::Pending {
            return Err(Error::TrialClosed);
        }
        let [value, second] = if state == TrialState::Told { values } else { [R::ZERO; 2] };
        if !value.is_finite() || !second.is_finite() {
            return Err(Error::NotFinite);
        }
        if let (Some(s), Some(v)) = (self.states.get_mut(index), self.values.get_mut(index)) {
            (*s, *v) = (state as u8, value);
        }
        if let Some(s) = self.seconds.get_mut(index) {
            *s = second;
        }
        self.count(TrialState::Pending, usize::MAX);
        self.count(state, 1);
        Ok(())
    }

    /// Takes the trial at `index` out, as if it had never been; nothing happens if there is none.
    pub fn remove(&mut self, index: usize) {
        let Some(state) = self.get(index).map(|trial| trial.state) else { return };
        let end = self.len;
        unshift(self.numbers, index, end);
        unshift(self.fingerprints, index, end);
        unshift(self.values, index, end);
        unshift(self.seconds, index, end);
        unshift(self.states, index, end);
        for at in index * self.genes..(end - 1) * self.genes {
            let next = self.genomes.get(at + self.genes).copied();
            if let (Some(to), Some(next)) = (self.genomes.get_mut(at), next) {
                *to = next;
            }
        }
        self.len -= 1;
        self.count(state, usize::MAX);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        (self.len, self.pending, self.told) = (0, 0, 0);
    }

    fn count(&mut self, state: TrialState, change: usize) {
        match state {
            TrialState::Pending => self.pending = self.pending.wrapping_add(change),
            TrialState::Told => self.told = self.told.wrapping_add(change),
            TrialState::Failed => {}
        }
    }

    fn shift_genomes(&mut self, at: usize, genome: &[u8]) {
        // Row by row from the end: each row moves to the one after it.
        for row in (at..self.len).rev() {
            let boundary = (row + 1) * self.genes;
            if let Some((head, tail)) = self.genomes.split_at_mut_checked(boundary) {
                let from = head.get(row * self.genes..).unwrap_or_default();
                copy(tail, from);
            }
        }
        let row = self.genomes.get_mut(at * self.genes..).unwrap_or_default();
        copy(row, genome);
    }
}

/// Inserts `item` at `at`; the items up to `end` move up by one.
fn shift<T: Copy>(items: &mut [T], at: usize, end: usize, item: T) {
    let mut carried = item;
    for slot in items.iter_mut().take(end).skip(at) {
        core::mem::swap(slot, &mut carried);
    }
}

/// Takes the item at `at` out; the items up to `end` move down by one.
fn unshift<T: Copy>(items: &mut [T], at: usize, end: usize) {
    let part = items.get_mut(at..end).unwrap_or_default();
    let Some(&(mut carried)) = part.last() else { return };
    for slot in part.iter_mut().rev() {
        core::mem::swap(slot, &mut carried);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Storage;

    fn trial(number: u32, genome: &[u8; 2], state: TrialState, value: f64) -> Trial<'_, f64> {
        Trial { number, state, genome, fingerprint: [number, 0, 0, 9], value, second: 0.0 }
    }

    fn least(a: &Trial<'_, f64>, b: &Trial<'_, f64>) -> bool {
        a.value < b.value
    }

    #[test]
    fn trials_are_sorted_whatever_the_order() {
        use TrialState::{Failed, Pending, Told};
        let parts = [
            trial(5, &[5, 1], Told, 0.5),
            trial(2, &[2, 1], Pending, 0.0),
            trial(9, &[9, 1], Failed, 0.0),
            trial(7, &[7, 1], Told, 0.25),
        ];
        for rotation in 0..4 {
            let mut storage = Storage::<f64, 4, 20, 12>::new();
            let mut history = History::new(4, 2, false, &mut storage.arena()).unwrap();
            for i in 0..4 {
                history.insert(&parts[(i + rotation) % 4]).unwrap();
            }
            let mut sorted = parts;
            sorted.sort_by_key(|t| t.number);
            assert!(history.iter().eq(sorted));
            assert_eq!((history.told(), history.pending(), history.len()), (2, 1, 4));
            assert_eq!(history.best(least).unwrap().number, 7);
            assert!(history.contains([9, 0, 0, 9]) && !history.contains([8, 0, 0, 9]));
            assert_eq!(history.observations_before(3), 2);
            assert_eq!(history.insert(&trial(5, &[0, 0], Told, 1.0)), Err(Error::TrialExists));
            assert_eq!(history.insert(&trial(6, &[0, 0], Told, 1.0)), Err(Error::CapacityExceeded));
        }
    }

    #[test]
    fn what_was_removed_leaves_no_trace() {
        for gone in 0..4u32 {
            let mut storage = Storage::<f64, 4, 20, 12>::new();
            let mut history = History::new(4, 2, false, &mut storage.arena()).unwrap();
            for i in 0..4 {
                let state = if i % 2 == 0 { TrialState::Told } else { TrialState::Pending };
                let value = if i % 2 == 0 { f64::from(i) } else { 0.0 };
                history.insert(&trial(i, &[i as u8, 7], state, value)).unwrap();
            }
            let rest: Vec<_> = history
                .iter()
                .filter(|t| t.number != gone)
                .map(|t| (t.number, t.genome[0], t.value, t.fingerprint))
                .collect();
            history.remove(gone as usize);
            history.remove(3);
            let left: Vec<_> =
                history.iter().map(|t| (t.number, t.genome[0], t.value, t.fingerprint)).collect();
            assert_eq!(left, rest);
            let told = 2 - usize::from(gone % 2 == 0);
            assert_eq!((history.told(), history.pending(), history.len()), (told, 3 - told, 3));
        }
    }

    #[test]
    fn a_result_is_given_once_and_must_be_finite() {
        let mut storage = Storage::<f64, 2, 10, 6>::new();
        let mut history = History::new(2, 2, false, &mut storage.arena()).unwrap();
        history.insert(&trial(3, &[0, 1], TrialState::Pending, 0.0)).unwrap();
        assert_eq!(history.close(0, TrialState::Told, [f64::NAN, 0.0]), Err(Error::NotFinite));
        assert_eq!(history.close(1, TrialState::Told, [1.0, 0.0]), Err(Error::UnknownTrial));
        assert_eq!((history.pending(), history.best(least)), (1, None));
        history.close(0, TrialState::Told, [-1.5, 0.0]).unwrap();
        assert_eq!(history.close(0, TrialState::Failed, [0.0; 2]), Err(Error::TrialClosed));
        assert_eq!((history.pending(), history.told()), (0, 1));
        assert_eq!(history.best(least).unwrap().value, -1.5);
        assert_eq!(
            history.insert(&trial(4, &[0, 1], TrialState::Told, f64::INFINITY)),
            Err(Error::NotFinite)
        );
    }

    #[test]
    fn memory_is_checked() {
        let mut storage = Storage::<f32, 3, 20, 12>::new();
        assert!(History::new(4, 2, false, &mut storage.arena()).is_err());
        assert_eq!(History::<f32>::extent(4, 2, false), Extent { reals: 4, words: 20, bytes: 12 });
    }
}
