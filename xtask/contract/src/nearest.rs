//! How much a nearest-neighbour query saves, as a Markdown page. Every answer is compared with all distances.

use crate::cells::{Memory, Spec};
use crate::dags::nas_bench_201;
use crate::machine;
use crate::problems::Draw;
use hotnas_core::Real;
use hotnas_core::arch::{Cell, Network, NetworkBuilder, NetworkLimits};
use hotnas_core::metric::{
    DistanceCache, Metric, MetricSettings, NearestReport, Neighbour, NetworkShape,
};
use hotnas_core::search::Space;
use hotnas_core::search::spaces::{
    NasBench201, OPERATIONS, TransNasMacro, attribute_weights, cell_table, macro_table,
};
use hotnas_core::transport::gromov::{Effort, Pairing};

const PAIRINGS: [Pairing; 3] = [Pairing::Ordered, Pairing::Full, Pairing::Flow];
const CANDIDATES: usize = 1000;
const QUERIES: usize = 20;
/// Each query is made so often in a row, to be long enough for the clock.
const REPEATS: usize = 20;
/// Pairs of cells that the cache of the networks has room for: all that there are.
const REMEMBERED: usize = 16384;

pub(crate) fn run() {
    println!("# The nearest of {CANDIDATES}\n");
    println!("`cargo xtask contract nearest`, {}, one thread.\n", machine::describe());
    println!(
        "{QUERIES} queries, each among the same {CANDIDATES} random candidates, `Effort::Fast`, default settings but for\n\
         the pairing. Shares are of all candidates: bounds by transport, and distances solved. Ratio of times:\n\
         all distances / query. In each row every answer equals that of all distances, to the bit.\n"
    );
    println!(
        "| candidates | precision | pairing | nearest | transports | solved | all, us each | query, us each | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    cells::<f64>("NAS-Bench-201 cells", designs);
    cells::<f32>("NAS-Bench-201 cells", designs);
    cells::<f64>("random DAGs of 4 to 12 nodes", |draw| dag(draw, false));
    cells::<f64>("the same with random masses", |draw| dag(draw, true));
    networks(false);
    networks(true);
}

fn index(draw: &mut Draw, below: usize) -> usize {
    ((draw.next() * below as f64) as usize).min(below - 1)
}

fn designs<R: Real>(draw: &mut Draw) -> Spec<R> {
    nas_bench_201(index(draw, NasBench201::DESIGNS))
}

fn dag<R: Real>(draw: &mut Draw, masses: bool) -> Spec<R> {
    let n = 4 + index(draw, 9);
    let operations: Vec<u8> = (0..n).map(|_| index(draw, OPERATIONS) as u8).collect();
    let pairs = (0..n as u8).flat_map(|j| (0..j).map(move |i| (i, j)));
    let edges: Vec<(u8, u8)> = pairs.filter(|_| draw.next() < 0.4).collect();
    let mut spec = Spec::new(&operations, &edges);
    spec.masses = masses.then(|| draw.masses(n, false).into_iter().map(R::from_f64).collect());
    spec
}

/// Times and counts of all queries of a row.
#[derive(Default)]
struct Row {
    all: f64,
    query: f64,
    report: NearestReport,
}

impl Row {
    fn print(&self, name: &str, precision: u32, pairing: Pairing, nearest: usize) {
        let count = (QUERIES * CANDIDATES) as f64;
        println!(
            "| {name} | f{precision} | {pairing:?} | {nearest} | {:.2} % | {:.2} % | {:.2} | {:.2} | {:.1} |",
            100.0 * f64::from(self.report.transports) / count,
            100.0 * f64::from(self.report.solved) / count,
            1e6 * self.all / count,
            1e6 * self.query / count / REPEATS as f64,
            REPEATS as f64 * self.all / self.query
        );
    }

    /// One query: all distances by `all`, then the answer of `query`, timed.
    fn add<R: Real>(
        &mut self,
        nearest: usize,
        all: impl FnOnce(&mut [R]),
        mut query: impl FnMut(&mut [Neighbour<R>]) -> NearestReport,
    ) {
        let mut distances = vec![R::ZERO; CANDIDATES];
        let start = machine::busy();
        all(&mut distances);
        self.all += machine::busy() - start;
        let mut found = vec![Neighbour { index: 0, distance: R::ZERO }; nearest];
        let start = machine::busy();
        let mut report = NearestReport::default();
        for _ in 0..REPEATS {
            report = query(&mut found);
        }
        self.query += machine::busy() - start;
        self.report.moments += report.moments;
        self.report.transports += report.transports;
        self.report.solved += report.solved;
        let mut order: Vec<usize> = (0..CANDIDATES).collect();
        order.sort_by(|&i, &j| distances[i].partial_cmp(&distances[j]).unwrap().then(i.cmp(&j)));
        for (found, &i) in found.iter().zip(&order) {
            assert_eq!(found.index, i);
            assert_eq!(found.distance.to_f64().to_bits(), distances[i].to_f64().to_bits());
        }
    }
}

fn cells<R: Real>(name: &str, mut make: impl FnMut(&mut Draw) -> Spec<R>) {
    let table = cell_table::<R>().unwrap();
    let mut draw = Draw(77);
    let mut many = |count: usize| -> Vec<Memory<R>> {
        (0..count).map(|_| make(&mut draw).build(&table).unwrap()).collect()
    };
    let (candidates, queries) = (many(CANDIDATES), many(QUERIES));
    let candidates: Vec<Cell<'_, R>> = candidates.iter().map(Memory::cell).collect();
    let need = Metric::<R>::nearest_workspace(CANDIDATES).and(Metric::<R>::cell_workspace(
        12,
        12,
        Effort::Fast,
    ));
    let mut work = Memory::new(need);
    for pairing in PAIRINGS {
        let settings = MetricSettings { pairing, ..MetricSettings::default_preset() };
        let metric = Metric::new(&table, settings).unwrap();
        for nearest in [1, 10] {
            let mut row = Row::default();
            for one in &queries {
                let one = one.cell();
                let mut scratch = Memory::new(Metric::<R>::cell_workspace(12, 12, Effort::Fast));
                row.add(
                    nearest,
                    |all| {
                        metric
                            .cell_distances(&one, candidates.iter().copied(), all, None, scratch.arena())
                            .unwrap()
                    },
                    |found| {
                        let get = |i: usize| candidates.get(i).copied();
                        metric.nearest_cells(&one, CANDIDATES, get, found, None, work.arena()).unwrap()
                    },
                );
            }
            row.print(name, R::BITS, pairing, nearest);
        }
    }
}

fn view(memory: &Memory<f64>) -> Network<'_, f64> {
    Network::view(&memory.reals, &memory.words, &memory.bytes).unwrap()
}

fn networks(cached: bool) {
    let weights = attribute_weights::<f64>();
    let table = macro_table(&weights).unwrap();
    let space = TransNasMacro;
    let shape: NetworkShape = TransNasMacro::LIMITS;
    let limits = NetworkLimits {
        nodes: shape.nodes,
        distinct: shape.distinct,
        cells: shape.cells,
        groups: table.groups(),
        attributes: table.attributes(),
    };
    let mut draw = Draw(99);
    let mut many = |count: usize| -> Vec<Memory<f64>> {
        (0..count)
            .map(|_| {
                let mut genome = [0; 6];
                space.genome(index(&mut draw, TransNasMacro::DESIGNS), &mut genome).unwrap();
                let (mut memory, mut work) =
                    (Memory::new(limits.extent()), Memory::new(limits.workspace()));
                let mut storage = memory.arena();
                let mut builder =
                    NetworkBuilder::new(&table, limits, &mut storage, work.arena()).unwrap();
                space.decode(&genome, &mut builder).unwrap();
                builder.finish().unwrap();
                memory
            })
            .collect()
    };
    let (candidates, queries) = (many(CANDIDATES), many(QUERIES));
    let candidates: Vec<Network<'_, f64>> = candidates.iter().map(view).collect();
    let scratch = Metric::<f64>::network_workspace(&shape, Effort::Fast);
    let mut work = Memory::new(Metric::<f64>::nearest_workspace(CANDIDATES).and(scratch));
    let name = if cached { "TransNAS macro networks, a cache" } else { "TransNAS macro networks" };
    for pairing in PAIRINGS {
        let settings = MetricSettings { pairing, ..MetricSettings::default_preset() };
        let metric = Metric::new(&table, settings).unwrap();
        for nearest in [1, 10] {
            let mut row = Row::default();
            let mut memories = [0; 2].map(|_| Memory::new(DistanceCache::<f64>::extent(REMEMBERED)));
            let [first, second] = &mut memories;
            let mut caches =
                [first, second].map(|m| DistanceCache::new(REMEMBERED, &mut m.arena()).unwrap());
            for one in &queries {
                let one = view(one);
                let mut scratch = Memory::new(scratch);
                let [for_all, for_query] = &mut caches;
                row.add(
                    nearest,
                    |all| {
                        let cache = cached.then_some(for_all);
                        let many = candidates.iter().copied();
                        metric.network_distances(&one, many, all, cache, scratch.arena()).unwrap();
                    },
                    |found| {
                        let cache = cached.then_some(&mut *for_query);
                        let get = |i: usize| candidates.get(i).copied();
                        metric
                            .nearest_networks(&one, CANDIDATES, get, found, cache, work.arena())
                            .unwrap()
                    },
                );
            }
            row.print(name, 64, pairing, nearest);
        }
    }
}
