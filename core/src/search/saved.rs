//! Saving and restoring a search.
//!
//! What is saved is the history and a fingerprint of what it belongs to; everything else is computed again.
//! Little endian, without padding, the same bytes on every target:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `HNSS` |
//! | 1 | version of the format: 2 |
//! | 1 | precision: 32 or 64 |
//! | 1 | genes |
//! | 1 | 1 if trials have a second number, else 0 |
//! | 4 | number of trials |
//! | 16 | fingerprint of the settings, the metric with its table, and the cardinalities of the genes |
//! | for each trial, ascending: 4 + 1 + genes + 16 + once or twice 4 or 8 | number, state, genome, fingerprint of the network, value, second number |
//! | 8 | checksum of all before |
//!
//! A search goes on as if it had never stopped only with everything that proposals depend on, so all of it must
//! be the same: the seed and kappa too, but not the capacity or [`SearchSettings::block`](super::SearchSettings::block).
//! What a genome means is a function, which has no fingerprint: a search is restored only if its space decodes every
//! tried genome to the network that it was. To go on with other settings, take the trials of the old search and
//! [`record`](Search::record) them in a new one.

use super::history::{Trial, TrialState};
use super::optimizer::Search;
use super::space::{MAX_GENES, Space};
use super::workbench::Workbench;
use crate::arch::{Fingerprint, Hasher};
use crate::error::Error;
use crate::memory::{Arena, product};
use crate::metric::Metric;
use crate::real::Real;

const MAGIC: [u8; 4] = *b"HNSS";
const VERSION: u8 = 2;
const HEADER: usize = 28;
const CHECKSUM: usize = 8;

impl<R: Real> Search<'_, R> {
    /// Bytes of a saved search of so many trials, each with a value and perhaps a second number.
    #[must_use]
    pub const fn saved_size(trials: usize, genes: usize, second: bool) -> usize {
        let numbers = if second { 2 } else { 1 };
        let trial = genes.saturating_add(4 + 1 + 16 + numbers * (R::BITS as usize / 8));
        product(trials, trial).saturating_add(HEADER + CHECKSUM)
    }

    /// Writes the history and a fingerprint of settings, space and metric; returns how many bytes that took,
    /// see [`saved_size`](Self::saved_size).
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] (the space has another number of genes), [`Error::MemoryTooSmall`]. Nothing is
    /// written then.
    pub fn save<S: Space<R> + ?Sized>(
        &self,
        space: &S,
        metric: &Metric<'_, R>,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let history = self.history();
        if space.genes() != history.genes() {
            return Err(Error::GenomeOutOfRange);
        }
        let second = history.has_second();
        let size = Self::saved_size(history.len(), history.genes(), second);
        let out = out.get_mut(..size).ok_or(Error::MemoryTooSmall)?;
        let (content, checksum) =
            out.split_at_mut_checked(size - CHECKSUM).ok_or(Error::MemoryTooSmall)?;
        let mut writer = Writer { rest: content.iter_mut() };
        writer.bytes(&MAGIC);
        writer.bytes(&[VERSION, R::BITS as u8, history.genes() as u8, second.into()]);
        writer.word(history.len() as u32);
        writer.words(self.belongs_to(space, metric));
        for trial in history.iter() {
            writer.word(trial.number);
            writer.bytes(&[trial.state as u8]);
            writer.bytes(trial.genome);
            writer.words(trial.fingerprint);
            writer.real(trial.value);
            if second {
                writer.real(trial.second);
            }
        }
        let sum = sum(content);
        Writer { rest: checksum.iter_mut() }.bytes(&sum);
        Ok(size)
    }

    /// Replaces all trials by those of a saved search; bytes behind it are ignored. The next
    /// [`ask`](Self::ask) proposes what the saved search would have proposed. Workspace: as
    /// [`ask`](Self::ask).
    ///
    /// # Errors
    /// In this order: [`Error::NotASavedState`] (also if bytes are missing), [`Error::SavedVersion`],
    /// [`Error::SavedPrecision`], [`Error::SavedChecksum`], [`Error::SavedSettings`] (other settings, another
    /// metric, other cardinalities or number of genes), [`Error::CapacityExceeded`], [`Error::MemoryTooSmall`], then
    /// trial by trial [`Error::NotASavedState`], [`Error::GenomeOutOfRange`], [`Error::SavedSettings`] (the space
    /// decodes its genome to another network), errors of the space. Nothing changes then.
    pub fn restore<S: Space<R> + ?Sized>(
        &mut self,
        saved: &[u8],
        space: &S,
        metric: &Metric<'_, R>,
        mut workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        let mut reader = Reader { rest: saved };
        if reader.array() != Some(MAGIC) {
            return Err(Error::NotASavedState);
        }
        let [version, bits, genes, has_second] = reader.array().ok_or(Error::NotASavedState)?;
        if version != VERSION {
            return Err(Error::SavedVersion);
        }
        if u32::from(bits) != R::BITS {
            return Err(Error::SavedPrecision);
        }
        let genes = usize::from(genes);
        let trials = reader.word().ok_or(Error::NotASavedState)? as usize;
        let size = Self::saved_size(trials, genes, has_second != 0);
        let content = saved.get(..size.wrapping_sub(CHECKSUM)).ok_or(Error::NotASavedState)?;
        let checksum = saved.get(content.len()..size).ok_or(Error::NotASavedState)?;
        if sum(content) != checksum {
            return Err(Error::SavedChecksum);
        }
        let second = self.history().has_second();
        if reader.words() != Some(self.belongs_to(space, metric))
            || genes != self.history().genes()
            || genes != space.genes()
            || has_second != u8::from(second)
        {
            return Err(Error::SavedSettings);
        }
        if trials > self.history().capacity() {
            return Err(Error::CapacityExceeded);
        }
        // Whoever makes a valid checksum can still write nonsense: all is read before anything changes.
        let mut workspace = workspace.scope();
        let mut bench = Workbench::new(space, metric, None, 1, 0, 1, &mut workspace);
        let bench = bench.as_mut().map_err(|error| *error)?;
        let mut before = None;
        let mut check = Reader { rest: reader.rest };
        for _ in 0..trials {
            let mut genome = [0; MAX_GENES];
            let trial: Trial<'_, R> =
                check.trial(&mut genome, genes, second).ok_or(Error::NotASavedState)?;
            if before.is_some_and(|b| b >= trial.number)
                || !trial.value.is_finite()
                || !trial.second.is_finite()
                || (trial.state != TrialState::Told && trial.pair() != [R::ZERO; 2])
            {
                return Err(Error::NotASavedState);
            }
            bench.decode_known(0, trial.genome, trial.fingerprint)?;
            before = Some(trial.number);
        }
        self.clear();
        for _ in 0..trials {
            let mut genome = [0; MAX_GENES];
            let trial = reader.trial(&mut genome, genes, second).ok_or(Error::NotASavedState)?;
            self.history_mut().insert(&trial)?;
        }
        Ok(())
    }

    fn belongs_to<S: Space<R> + ?Sized>(&self, space: &S, metric: &Metric<'_, R>) -> Fingerprint {
        let mut h = Hasher::new(0x7370_6163);
        h.fingerprint(&self.settings().fingerprint());
        h.fingerprint(&metric.fingerprint());
        for gene in 0..space.genes() {
            h.word(space.cardinality(gene).into());
        }
        h.finish()
    }
}

struct Writer<'a> {
    rest: core::slice::IterMut<'a, u8>,
}

impl Writer<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        for (&from, to) in bytes.iter().zip(&mut self.rest) {
            *to = from;
        }
    }
    fn word(&mut self, word: u32) {
        self.bytes(&word.to_le_bytes());
    }
    fn real<R: Real>(&mut self, value: R) {
        let value = value.to_f64();
        if R::BITS == 32 {
            // Exact: the value was an f32 before.
            self.word((value as f32).to_bits());
        } else {
            self.bytes(&value.to_bits().to_le_bytes());
        }
    }
    fn words(&mut self, words: Fingerprint) {
        for word in words {
            self.word(word);
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(head)
    }
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.first_chunk().copied()
    }
    fn word(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
    fn words(&mut self) -> Option<Fingerprint> {
        Some([self.word()?, self.word()?, self.word()?, self.word()?])
    }
    fn real<R: Real>(&mut self) -> Option<R> {
        Some(R::from_f64(if R::BITS == 32 {
            f64::from(f32::from_bits(self.word()?))
        } else {
            f64::from_bits(u64::from_le_bytes(self.array()?))
        }))
    }
    fn trial<'g, R: Real>(
        &mut self,
        genome: &'g mut [u8; MAX_GENES],
        genes: usize,
        second: bool,
    ) -> Option<Trial<'g, R>> {
        let number = self.word()?;
        let [state] = self.array()?;
        let genome = genome.get_mut(..genes)?;
        for (to, &from) in genome.iter_mut().zip(self.bytes(genes)?) {
            *to = from;
        }
        let fingerprint = self.words()?;
        let value = self.real()?;
        let second = if second { self.real()? } else { R::ZERO };
        let state = TrialState::from_code(state)?;
        Some(Trial { number, state, genome, fingerprint, value, second })
    }
}

fn sum(content: &[u8]) -> [u8; CHECKSUM] {
    let mut h = Hasher::new(0x7361_7665);
    let (words, tail) = content.as_chunks::<4>();
    for &word in words {
        h.word(u32::from_le_bytes(word));
    }
    for &byte in tail {
        h.word(byte.into());
    }
    let [a, b, ..] = h.finish().map(u32::to_le_bytes);
    let [a0, a1, a2, a3] = a;
    let [b0, b1, b2, b3] = b;
    [a0, a1, a2, a3, b0, b1, b2, b3]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::MetricSettings;
    use crate::search::spaces::{NasBench201, cell_table};
    use crate::search::{SearchSettings, Second};

    /// Restores one pending trial after a change, with the checksum made anew.
    fn restored(settings: SearchSettings<f64>, change: impl FnOnce(&mut [u8])) -> Result<(), Error> {
        let table = cell_table().unwrap();
        let metric = Metric::new(&table, MetricSettings::default_preset()).unwrap();
        let state = Search::extent_of(&settings, 4, 6);
        let work = Search::workspace(&settings, 4, 6, NasBench201::LIMITS, &metric);
        let [mut state, mut work] =
            [state, work].map(|need| (vec![0.0; need.reals], vec![0; need.words], vec![0; need.bytes]));
        let mut memory = Arena::new(&mut state.0, &mut state.1, &mut state.2);
        let mut work = Arena::new(&mut work.0, &mut work.1, &mut work.2);
        let mut search = Search::new(settings, 4, 6, &mut memory).unwrap();
        let genome = [0, 1, 2, 3, 4, 0];
        let fingerprint = Workbench::new(&NasBench201, &metric, None, 1, 0, 1, &mut work.scope())
            .and_then(|mut bench| bench.decode(0, &genome))
            .unwrap()
            .unwrap();
        let state = TrialState::Pending;
        let trial = Trial { number: 3, state, genome: &genome, fingerprint, value: 0.0, second: 0.0 };
        search.history_mut().insert(&trial).unwrap();
        let mut saved = [0; 128];
        let written = search.save(&NasBench201, &metric, &mut saved).unwrap();
        change(&mut saved[..written - CHECKSUM]);
        let size = Search::<f64>::saved_size(1, 6, saved[7] != 0);
        let checksum = sum(&saved[..size - CHECKSUM]);
        saved[size - CHECKSUM..size].copy_from_slice(&checksum);
        search.restore(&saved, &NasBench201, &metric, work)
    }

    #[test]
    fn nonsense_with_a_right_checksum_is_refused() {
        let plain = SearchSettings::default();
        let limit = SearchSettings { second: Second::Limit { limit: 1.0 }, ..plain };
        for settings in [plain, limit] {
            assert_eq!(restored(settings, |_| ()), Ok(()));
            assert_eq!(restored(settings, |saved| saved[7] ^= 1), Err(Error::SavedSettings));
            // A pending trial with a value, an unknown state, no finite value.
            let genome = HEADER + 4 + 1;
            let value = genome + 6 + 16;
            assert_eq!(restored(settings, |saved| saved[value] = 1), Err(Error::NotASavedState));
            assert_eq!(restored(settings, |saved| saved[HEADER + 4] = 3), Err(Error::NotASavedState));
            let infinite = |saved: &mut [u8]| {
                saved[HEADER + 4] = 1;
                saved[value..value + 8].copy_from_slice(&f64::INFINITY.to_le_bytes());
            };
            assert_eq!(restored(settings, infinite), Err(Error::NotASavedState));
            // Another design of the space, none of it, another network.
            assert_eq!(restored(settings, |saved| saved[genome] = 1), Err(Error::SavedSettings));
            assert_eq!(restored(settings, |saved| saved[genome] = 5), Err(Error::GenomeOutOfRange));
            assert_eq!(restored(settings, |saved| saved[value - 1] ^= 1), Err(Error::SavedSettings));
        }
    }
}
