//! One search on one column of a table.

use std::collections::HashMap;
use std::time::Instant;

use hotnas_core::arch::Network;
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::metric::{DistanceCache, Metric};
use hotnas_core::search::{Limited, Search};

use crate::Failure;
use crate::space::ReadySpace;
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

/// Does a job. `cache` only saves time.
pub(crate) fn search(
    job: &Job<'_>,
    metric: &Metric<'_, f64>,
    cache: Option<&mut DistanceCache<'_, f64>>,
) -> Result<Record, Failure> {
    let &Job { plan, designs, allowed, budget, seed, .. } = job;
    let losses = &job.losses.by_row;
    // The cost of a design that is not allowed is not known.
    let cost = |genome: &[u8]| match (allowed, designs.row(genome)) {
        (Some(allowed), Some(row)) if allowed[row] => 0.0,
        _ => f64::NAN,
    };
    let limited = Limited::new(designs.space.space(), cost, 0.0);
    let space = if allowed.is_some() { &limited } else { designs.space.space() };
    let genes = space.genes();
    let mut settings = plan.search;
    settings.seed = seed;
    let extent = Search::workspace(&settings, budget, genes, space.limits(), metric);
    let mut workspace = Memory::new(extent);
    let mut state = Memory::new(Search::extent_of(&settings, budget, genes));
    let failed = |error| format!("{} with seed {seed}: {error}", plan.words);
    let mut search = Search::new(settings, budget, genes, &mut state.arena()).map_err(failed)?;
    let mut cache = cache;
    let mut record = Record { seed, seconds: 0.0, rows: Vec::with_capacity(budget) };
    while record.rows.len() < budget {
        let first = record.rows.len();
        // As the initial random designs do not depend on values, batches only matter after them.
        let count = plan.batch.min(budget - first);
        let clock = Instant::now();
        let mut genomes = vec![0; count * genes];
        search
            .ask_batch(
                first as u32,
                space,
                metric,
                cache.as_deref_mut(),
                &mut genomes,
                workspace.arena(),
            )
            .map_err(failed)?;
        for (trial, genome) in (first as u32..).zip(genomes.chunks_exact(genes)) {
            let row = designs.row(genome).filter(|&row| !losses[row].is_nan());
            match row {
                Some(row) => search.tell(trial, losses[row]).map_err(failed)?,
                None => search.fail(trial).map_err(failed)?,
            }
            record.rows.push(row);
        }
        record.seconds += clock.elapsed().as_secs_f64();
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Plan;
    use crate::statistics::Losses;
    use crate::store::Store;

    #[test]
    fn a_search_finds_the_row_of_each_design() {
        let space = ReadySpace::NasBench201;
        let codes: Vec<_> = (0..15_625)
            .map(|index| {
                let mut genome = [0; 6];
                hotnas_core::search::spaces::NasBench201.genome(index, &mut genome).unwrap();
                space.format(&genome).unwrap()
            })
            .collect();
        let designs = Designs::new(space, codes.iter().map(String::as_str)).unwrap();
        let mut losses: Vec<f64> = (0..15_625).map(f64::from).collect();
        losses[..7000].fill(f64::NAN);
        let losses = Losses::new(losses);
        let plan = Plan::read("random").unwrap();
        let metric = plan.metric(0).unwrap();
        let store = Store::new(std::path::Path::new("."), "", "", "");
        let mut job = Job {
            group: 0,
            plan: &plan,
            designs: &designs,
            losses: &losses,
            allowed: None,
            store: &store,
            title: String::new(),
            seed: 3,
            budget: 40,
        };
        let record = search(&job, &metric, None).unwrap();
        assert_eq!(search(&job, &metric, None).unwrap().rows, record.rows);
        assert!(record.rows.iter().flatten().all(|&row| row >= 7000));
        assert!(record.rows.contains(&None) && record.rows.len() == 40);
        let allowed: Vec<bool> = (0..15_625).map(|row| row % 3 == 1 && row > 7000).collect();
        job.allowed = Some(&allowed);
        let record = search(&job, &metric, None).unwrap();
        assert!(record.rows.iter().all(|row| row.is_some_and(|row| allowed[row])));
        assert!(Designs::new(space, ["|x~0|"].into_iter()).is_err());
        assert!(Designs::new(space, [codes[3].as_str(); 2].into_iter()).is_err());
    }
}
