//! One search on one column of a table.

use std::collections::HashMap;
use std::time::Instant;

use hotnas_core::arch::Network;
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::metric::{DistanceCache, Metric};
use hotnas_core::search::{Limited, Search, Second, Space, refit_point};

use crate::Failure;
use crate::space::ReadySpace;
use crate::statistics::Losses;
use crate::work::Job;

/// The designs of a table and where they stand in it.
pub(crate) struct Designs {
    pub(crate) space: ReadySpace,
    /// Row by code.
    rows: HashMap<String, usize>,
}

impl Designs {
    pub(crate) fn new<'c>(
        space: ReadySpace,
        codes: impl Iterator<Item = &'c str>,
    ) -> Result<Self, Failure> {
        let mut rows = HashMap::new();
        for (row, code) in codes.enumerate() {
            let genome = space.parse(code);
            let canonical = genome
                .and_then(|genome| space.format(&genome))
                .ok_or_else(|| format!("row {}: `{code}` is no design of {}", row + 1, space.name()))?;
            if rows.insert(canonical, row).is_some() {
                return Err(format!("row {}: `{code}` is there twice", row + 1));
            }
        }
        Ok(Self { space, rows })
    }

    pub(crate) fn attributes(&self) -> usize {
        self.space.attributes()
    }

    /// Row and code of every design, by row.
    pub(crate) fn all(&self) -> Vec<(usize, String)> {
        let mut all: Vec<_> = self.rows.iter().map(|(code, &row)| (row, code.clone())).collect();
        all.sort();
        all
    }

    /// The row of a design; `None` if the table does not have it.
    fn row(&self, genome: &[u8]) -> Option<usize> {
        self.rows.get(&self.space.format(genome)?).copied()
    }
}

/// What a table says about its designs, by row.
pub(crate) struct Values {
    /// What is told, lower is better; not a number where there is no value.
    pub(crate) told: Vec<f64>,
    /// The same of those designs that are an answer: with a limit, the feasible ones.
    pub(crate) losses: Losses,
    pub(crate) companion: Option<Vec<f64>>,
    pub(crate) second: Option<Numbers>,
}

impl Values {
    pub(crate) fn new(told: Vec<f64>, companion: Option<Vec<f64>>, second: Option<Numbers>) -> Self {
        let feasible = |row: usize| second.as_ref().is_none_or(|numbers| numbers.allow(row));
        let answers = told.iter().enumerate();
        let answers = answers.map(|(row, &loss)| if feasible(row) { loss } else { f64::NAN });
        let losses = Losses::new(answers.collect());
        Self { told, losses, companion, second }
    }
}

/// A second number of every design.
pub(crate) struct Numbers {
    /// By row; not a number where there is none.
    pub(crate) by_row: Vec<f64>,
    /// The greatest feasible one; without it the number is another objective.
    pub(crate) limit: Option<f64>,
}

impl Numbers {
    fn allow(&self, row: usize) -> bool {
        self.limit.is_none_or(|limit| self.by_row[row] <= limit)
    }
}

/// What a search did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) seed: u64,
    /// Time in ask and tell.
    pub(crate) seconds: f64,
    /// The row of every query in order; `None` where the table has no value.
    pub(crate) rows: Vec<Option<usize>>,
}

/// Memory as a search borrows it.
#[derive(Default)]
pub(crate) struct Memory {
    reals: Vec<f64>,
    words: Vec<u32>,
    bytes: Vec<u8>,
}

impl Memory {
    pub(crate) fn new(extent: Extent) -> Self {
        Self {
            reals: vec![0.0; extent.reals],
            words: vec![0; extent.words],
            bytes: vec![0; extent.bytes],
        }
    }

    pub(crate) fn arena(&mut self) -> Arena<'_, f64> {
        Arena::new(&mut self.reals, &mut self.words, &mut self.bytes)
    }

    /// The network that a builder left in it.
    pub(crate) fn network(&self) -> Option<Network<'_, f64>> {
        Network::view(&self.reals, &self.words, &self.bytes)
    }
}

/// Does a job. Of several metrics of equal size the first serves until evidence chooses another; `caches`, one for
/// each, only save time.
pub(crate) fn search(
    job: &Job<'_>,
    metrics: &[Metric<'_, f64>],
    caches: &mut [DistanceCache<'_, f64>],
) -> Result<Record, Failure> {
    let &Job { plan, designs, values, budget, seed, .. } = job;
    let failed = |error| format!("{} with seed {seed}: {error}", plan.words);
    let mut settings = plan.search;
    settings.seed = seed;
    // A limit is either known before a design is tried, and the space has no others, or told with the value.
    let limit = values.second.as_ref().and_then(|numbers| numbers.limit);
    let (known, second) = match (&values.second, settings.second, limit) {
        (None, Second::None, _) => (None, Second::None),
        (Some(_), Second::None, Some(limit)) => (Some(limit), Second::None),
        (Some(_), Second::Limit { .. }, Some(limit)) => (None, Second::Limit { limit }),
        (Some(_), Second::None, None) => (None, Second::Hypervolume),
        (Some(_), objectives @ (Second::Weighted | Second::Hypervolume), None) => (None, objectives),
        _ => return Err(format!("{} does not fit the second number of {}", plan.words, job.title)),
    };
    settings.second = second;
    let number = |row: usize| values.second.as_ref().map_or(f64::NAN, |numbers| numbers.by_row[row]);
    let cost = |genome: &[u8]| designs.row(genome).map_or(f64::NAN, number);
    let limited = Limited::new(designs.space.space(), cost, known.unwrap_or(f64::NAN));
    let space: &dyn Space<f64> = if known.is_some() { &limited } else { designs.space.space() };
    let genes = space.genes();
    let extent = Search::workspace(&settings, budget, genes, space.limits(), &metrics[0]);
    let mut workspace = Memory::new(extent);
    let mut state = Memory::new(Search::extent_of(&settings, budget, genes));
    let mut search = Search::new(settings, budget, genes, &mut state.arena()).map_err(failed)?;
    let (mut chosen, mut chosen_at) = (0, settings.initial as usize);
    let mut record = Record { seed, seconds: 0.0, rows: Vec::with_capacity(budget) };
    while record.rows.len() < budget {
        let first = record.rows.len();
        // As the initial random designs do not depend on values, batches only matter after them.
        let count = plan.batch.min(budget - first);
        let clock = Instant::now();
        if metrics.len() > 1 && refit_point(first) > chosen_at {
            chosen_at = first;
            let mut best = f64::NEG_INFINITY;
            for (index, metric) in metrics.iter().enumerate() {
                let evidence = search.evidence(space, metric, caches.get_mut(index), workspace.arena());
                let evidence = evidence.map_err(failed)?;
                if evidence > best {
                    (best, chosen) = (evidence, index);
                }
            }
        }
        let mut genomes = vec![0; count * genes];
        search
            .ask_batch(
                first as u32,
                space,
                &metrics[chosen],
                caches.get_mut(chosen),
                &mut genomes,
                workspace.arena(),
            )
            .map_err(failed)?;
        for (trial, genome) in (first as u32..).zip(genomes.chunks_exact(genes)) {
            let row = designs.row(genome).filter(|&row| !values.told[row].is_nan());
            let row = row.filter(|&row| !settings.second.is_some() || !number(row).is_nan());
            match row {
                Some(row) if settings.second.is_some() => {
                    search.tell_both(trial, values.told[row], number(row))
                }
                Some(row) => search.tell(trial, values.told[row]),
                None => search.fail(trial),
            }
            .map_err(failed)?;
            record.rows.push(row);
        }
        record.seconds += clock.elapsed().as_secs_f64();
    }
    // What the search itself takes for the best: feasible, and no worse than any other it tried.
    let loss = |row: Option<usize>| row.map(|row| values.losses.by_row[row]);
    let answer = loss(search.best().and_then(|trial| designs.row(trial.genome)));
    match answer == loss(values.losses.best_row(&record, budget)) {
        true => Ok(record),
        false => Err(format!("{} with seed {seed} answers with a wrong design", plan.words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Plan;
    use crate::store::Store;

    /// The rows that a plan tries on a table of all cells.
    fn rows(words: &str, values: &Values) -> Result<Vec<Option<usize>>, Failure> {
        let space = ReadySpace::NasBench201;
        let codes: Vec<_> = (0..15_625)
            .map(|index| {
                let mut genome = [0; 6];
                hotnas_core::search::spaces::NasBench201.genome(index, &mut genome).unwrap();
                space.format(&genome).unwrap()
            })
            .collect();
        let designs = Designs::new(space, codes.iter().map(String::as_str)).unwrap();
        assert!(Designs::new(space, ["|x~0|"].into_iter()).is_err());
        assert!(Designs::new(space, [codes[3].as_str(); 2].into_iter()).is_err());
        let plan = Plan::read(words).unwrap();
        let metrics = plan.metrics(0).unwrap();
        let store = Store::new(std::path::Path::new("."), "", "", "");
        let job = Job {
            group: 0,
            plan: &plan,
            designs: &designs,
            values,
            store: &store,
            title: String::new(),
            seed: 3,
            budget: 40,
        };
        search(&job, &metrics, &mut []).map(|record| record.rows)
    }

    /// Each row's number is its loss, the first 7000 have none; the second number is the remainder by 3.
    fn values(second: bool, limit: Option<f64>) -> Values {
        let mut losses: Vec<f64> = (0..15_625).map(f64::from).collect();
        losses[..7000].fill(f64::NAN);
        let by_row = (0..15_625).map(|row| f64::from(row % 3)).collect();
        Values::new(losses, None, second.then_some(Numbers { by_row, limit }))
    }

    #[test]
    fn a_search_finds_the_row_of_each_design() {
        let found = rows("random", &values(false, None)).unwrap();
        assert_eq!(found, rows("random", &values(false, None)).unwrap());
        assert!(found.iter().flatten().all(|&row| row >= 7000));
        assert!(found.contains(&None) && found.len() == 40);
        assert!(rows("random:second=measured", &values(false, None)).is_err());
    }

    #[test]
    fn known_limits_are_kept_and_measured_ones_are_told() {
        let limited = values(true, Some(1.0));
        assert!(limited.losses.by_row[7001].is_nan() && limited.losses.by_row[7002] == 7002.0);
        let known = rows("random", &limited).unwrap();
        assert!(known.iter().flatten().all(|row| row % 3 <= 1));
        for words in ["random:second=measured", "evolution:population=10,second=measured"] {
            let measured = rows(words, &limited).unwrap();
            assert!(measured.iter().flatten().any(|row| row % 3 == 2), "{words}");
        }
        assert!(rows("random:second=weighted", &limited).is_err());
        assert_eq!(rows("random", &values(true, None)), rows("random", &values(false, None)));
        assert!(rows("random:second=measured", &values(true, None)).is_err());
    }
}
