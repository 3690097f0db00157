//! A search with everything around it.

#![allow(dead_code)]

use hotnas_core::Error;
use hotnas_core::Real;
use hotnas_core::arch::{CellSpec, Edge, NetworkBuilder, OperationTable};
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::metric::{Distance, Metric, MetricSettings, NetworkShape};
use hotnas_core::search::spaces::{attribute_weights, cell_table, macro_table};
use hotnas_core::search::{
    Method, Origin, PoolSettings, Proposal, Search, SearchSettings, Space, TrialState,
};

/// Owned memory of any extent.
pub(crate) struct Memory<R>(pub(crate) Vec<R>, pub(crate) Vec<u32>, pub(crate) Vec<u8>);

impl<R: Real> Memory<R> {
    pub(crate) fn new(e: Extent) -> Self {
        // Filled with nonsense: nothing may depend on what memory held before.
        Self(vec![R::from_f64(-7.25); e.reals], vec![0xdead_beef; e.words], vec![0xa5; e.bytes])
    }
    pub(crate) fn arena(&mut self) -> Arena<'_, R> {
        Arena::new(&mut self.0, &mut self.1, &mut self.2)
    }
}

/// A search with everything around it.
pub(crate) struct Lab<'s, R, S> {
    pub(crate) search: Search<'s, R>,
    pub(crate) space: S,
    pub(crate) metric: Metric<'s, R>,
    pub(crate) workspace: Memory<R>,
}

pub(crate) const CAPACITY: usize = 64;

pub(crate) fn leak<T>(x: T) -> &'static mut T {
    Box::leak(Box::new(x))
}

impl<R: Real, S: Space<R>> Lab<'static, R, S> {
    pub(crate) fn new(space: S, settings: SearchSettings<R>) -> Self {
        let weights = leak(attribute_weights());
        let attributes = space.limits().cells > 1;
        let table: &'static OperationTable<'static, R> =
            leak(if attributes { macro_table(weights).unwrap() } else { cell_table().unwrap() });
        let distance = if settings.parts > 1 { Distance::HotnnParts } else { Distance::Hotnn };
        let metric_settings = MetricSettings { distance, ..MetricSettings::default_preset() };
        let metric = Metric::new(table, metric_settings).unwrap();
        let state = leak(Memory::new(Search::extent_of(&settings, CAPACITY, space.genes())));
        let search = Search::new(settings, CAPACITY, space.genes(), &mut state.arena()).unwrap();
        let need = Search::workspace(&settings, CAPACITY, space.genes(), space.limits(), &metric);
        Self { search, space, metric, workspace: Memory::new(need) }
    }

    pub(crate) fn ask(&mut self, trial: u32) -> Result<(Vec<u8>, Proposal<R>), Error> {
        let mut genome = vec![0; self.space.genes()];
        let workspace = self.workspace.arena();
        let proposal =
            self.search.ask(trial, &self.space, &self.metric, None, &mut genome, workspace)?;
        Ok((genome, proposal))
    }

    pub(crate) fn record(&mut self, trial: u32, genome: &[u8], state: TrialState, value: R) {
        self.record_both(trial, genome, state, [value, R::ZERO]);
    }

    /// The second number counts where one is expected.
    pub(crate) fn record_both(&mut self, trial: u32, genome: &[u8], state: TrialState, values: [R; 2]) {
        let Self { search, space, metric, workspace } = self;
        let workspace = workspace.arena();
        if search.settings().second.is_some() {
            search.record_both(trial, genome, state, values, space, metric, workspace).unwrap();
        } else {
            search.record(trial, genome, state, values[0], space, metric, workspace).unwrap();
        }
    }

    pub(crate) fn save(&self, out: &mut [u8]) -> Result<usize, Error> {
        self.search.save(&self.space, &self.metric, out)
    }

    pub(crate) fn restore(&mut self, saved: &[u8]) -> Result<(), Error> {
        let Self { search, space, metric, workspace } = self;
        search.restore(saved, space, metric, workspace.arena())
    }

    /// A new search with the same trials, recorded in another order.
    pub(crate) fn replayed(&self, turn: usize) -> Lab<'static, R, S>
    where
        S: Copy,
    {
        let mut other = Lab::new(self.space, *self.search.settings());
        let trials: Vec<_> = self.search.history().iter().collect();
        // A step coprime to the length visits every trial.
        let n = trials.len().max(1);
        let step = (3 + turn..).find(|s| gcd(*s, n) == 1).unwrap_or(1);
        for i in 0..trials.len() {
            let t = trials[(i * step + turn) % n];
            other.record_both(t.number, t.genome, t.state, [t.value, t.second]);
        }
        other
    }
}

pub(crate) fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

pub(crate) fn value<R: Real>(genome: &[u8]) -> R {
    let x: f64 = genome
        .iter()
        .enumerate()
        .map(|(i, &g)| (f64::from(g) - 1.3).powi(2) * (1.0 + 0.3 * i as f64))
        .sum();
    R::from_f64(x + 0.1 * (x * 7.0).sin())
}

pub(crate) fn small_pool<R: Real>(method: Method, seed: u64) -> SearchSettings<R> {
    SearchSettings {
        method,
        seed,
        initial: 4,
        pool: PoolSettings { parents: 3, mutants: 8, random: 8, limit: 40, life: 1 },
        population: 8,
        tournament: 3,
        ..SearchSettings::default()
    }
}

/// Bits of a proposal: what equality is meant by.
pub(crate) fn bits<R: Real>((genome, proposal): &(Vec<u8>, Proposal<R>)) -> (Vec<u8>, [u64; 3], Origin) {
    let numbers = proposal
        .prediction
        .map_or([0; 3], |p| [p.mean, p.deviation, p.acquisition].map(|x| x.to_f64().to_bits()));
    (genome.clone(), numbers, proposal.origin)
}

/// Chains of one to three operations of two kinds: 14 networks, written in 27 genomes.
#[derive(Clone, Copy)]
pub(crate) struct Chains {
    /// Only genomes with this remainder of the sum of genes by 3 are feasible.
    pub(crate) only: Option<u8>,
}

impl<R: Real> Space<R> for Chains {
    fn genes(&self) -> usize {
        3
    }
    fn cardinality(&self, _: usize) -> u8 {
        3
    }
    fn limits(&self) -> NetworkShape {
        NetworkShape { nodes: 3, distinct: 1, cells: 1 }
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        // Gene 0 is an operation that is left out.
        let operations: Vec<u8> = genome.iter().filter(|&&g| g > 0).map(|g| g + 2).collect();
        let sum: u8 = genome.iter().sum();
        if operations.is_empty() || self.only.is_some_and(|r| sum % 3 != r) {
            return Err(Error::Infeasible);
        }
        let edges: Vec<Edge> = (1..operations.len() as u8).map(|to| Edge { from: to - 1, to }).collect();
        let spec = CellSpec { operations: &operations, edges: &edges, masses: None, attributes: &[] };
        out.push_cell(&spec).map(|_| ())
    }
}
