//! One search on one column of a table.

use std::collections::HashMap;
use std::time::Instant;

use hotnas_core::memory::{Arena, Extent};
use hotnas_core::metric::{DistanceCache, Metric};
use hotnas_core::search::Search;

use crate::Failure;
use crate::method::Plan;
use crate::space::ReadySpace;

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
}

/// Searches with `budget` queries; `losses` are the values by row, lower is better, not a number where
/// there is none.
pub(crate) fn search(
    plan: &Plan,
    designs: &Designs,
    losses: &[f64],
    budget: usize,
    seed: u64,
    metric: &Metric<'_, f64>,
    cache: Option<&mut DistanceCache<'_, f64>>,
) -> Result<Record, Failure> {
    let space = designs.space.space();
    let genes = space.genes();
    let mut settings = plan.search;
    settings.seed = seed;
    let extent = Search::workspace(&settings, budget, genes, space.limits(), metric);
    let mut workspace = Memory::new(extent);
    let mut state = Memory::new(Search::<f64>::extent(settings.method, budget, genes));
    let failed = |error| format!("{} with seed {seed}: {error}", plan.words);
    let mut search = Search::new(settings, budget, genes, &mut state.arena()).map_err(failed)?;
    let mut cache = cache;
    let mut record = Record { seed, seconds: 0.0, rows: Vec::with_capacity(budget) };
    while record.rows.len() < budget {
        let first = record.rows.len();
        // As the initial random designs do not depend on values, batches only matter after them.
        let count = plan.batch.min(budget - first);
        let clock = Instant::now();
        let mut genomes = vec![];
        for trial in first..first + count {
            let mut genome = vec![0; genes];
            let cache = cache.as_deref_mut();
            search
                .ask(trial as u32, space, metric, cache, &mut genome, workspace.arena())
                .map_err(failed)?;
            genomes.push(genome);
        }
        for (trial, genome) in (first as u32..).zip(&genomes) {
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
        let plan = Plan::read("random").unwrap();
        let metric = plan.metric(0).unwrap();
        let record = search(&plan, &designs, &losses, 40, 3, &metric, None).unwrap();
        let again = search(&plan, &designs, &losses, 40, 3, &metric, None).unwrap();
        assert_eq!(record.rows, again.rows);
        assert!(record.rows.iter().flatten().all(|&row| row >= 7000));
        assert!(record.rows.contains(&None) && record.rows.len() == 40);
        assert!(Designs::new(space, ["|x~0|"].into_iter()).is_err());
        assert!(Designs::new(space, [codes[3].as_str(); 2].into_iter()).is_err());
    }
}
