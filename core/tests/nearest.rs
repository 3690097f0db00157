//! Nearest-neighbour queries: to the bit what all distances give, and bounds that no distance undercuts.

mod cells;
mod problems;

use cells::{Memory, Spec};
use hotnas_core::arch::{Cell, Dissimilarity, FeatureScale, Groups, Network, OperationTable};
use hotnas_core::metric::{
    Comparison, Distance, DistanceCache, Layers, Metric, MetricSettings, NearestReport, Neighbour,
    NetworkShape, Stage,
};
use hotnas_core::transport::gromov::{Effort, Pairing, Prover};
use hotnas_core::{Error, Real};
use problems::Draw;
use proptest::prelude::*;

const OPERATIONS: usize = 20;
/// Masses of networks sum to 1 up to this.
const OFF: f64 = 0.9;

fn index(draw: &mut Draw, below: usize) -> usize {
    ((draw.next() * below as f64) as usize).min(below - 1)
}

/// A table of 20 operations, two of which fall into one class of the moments, and what it borrows.
struct Table<R> {
    matrix: Vec<R>,
    masks: Vec<u8>,
    weights: Vec<R>,
    flat: bool,
}

impl<R: Real> Table<R> {
    fn new(draw: &mut Draw) -> Self {
        let mut matrix = vec![R::ZERO; OPERATIONS * OPERATIONS];
        for i in 0..OPERATIONS {
            for j in 0..i {
                let d = R::from_f64(if draw.next() < 0.1 { 0.1 } else { 0.5 + draw.next() });
                matrix[i * OPERATIONS + j] = d;
                matrix[j * OPERATIONS + i] = d;
            }
        }
        let masks = (0..OPERATIONS).map(|o| 1 | (o as u8 & 1) << 1).collect();
        let weights = if draw.next() < 0.5 { Vec::new() } else { vec![R::from_f64(0.3)] };
        Self { matrix, masks, weights, flat: draw.next() < 0.5 }
    }

    fn table(&self) -> OperationTable<'_, R> {
        let d = if self.flat {
            Dissimilarity::Flat(OPERATIONS)
        } else {
            Dissimilarity::Matrix { operations: OPERATIONS, values: &self.matrix }
        };
        let groups = Some(Groups { count: 2, masks: &self.masks });
        let scale = if self.flat { FeatureScale::LongestPath } else { FeatureScale::Raw };
        OperationTable::new(d, groups, &self.weights, scale).unwrap()
    }

    /// A cell of up to 7 nodes; in half of them all masses are equal.
    fn cell(&self, draw: &mut Draw) -> Spec<R> {
        let n = 1 + index(draw, 7);
        let operations: Vec<u8> = (0..n).map(|_| index(draw, OPERATIONS) as u8).collect();
        let pairs = (0..n as u8).flat_map(|j| (0..j).map(move |i| (i, j)));
        let edges: Vec<(u8, u8)> = pairs.filter(|_| draw.next() < 0.5).collect();
        let mut spec = Spec::new(&operations, &edges);
        if draw.next() < 0.5 {
            let zero = draw.next() < 0.3;
            spec.masses = Some(draw.masses(n, zero).into_iter().map(R::from_f64).collect());
        }
        spec.attributes =
            (0..n * self.weights.len()).map(|_| R::from_f64(200.0 * draw.next() - 100.0)).collect();
        spec
    }
}

fn settings<R: Real>(draw: &mut Draw, pairing: Pairing) -> MetricSettings<R> {
    let mut pick = |from: &[f64]| R::from_f64(from[index(draw, from.len())]);
    MetricSettings {
        pairing,
        epsilon: pick(&[0.0, 0.5, 0.9, 1.0]),
        lambda: pick(&[0.01, 0.3, 0.8, 1.0]),
        eta: pick(&[0.0, 0.5, 1.0]),
        ..MetricSettings::default_preset()
    }
}

const PAIRINGS: [Pairing; 3] = [Pairing::Ordered, Pairing::Full, Pairing::Flow];

fn bits<R: Real>(x: R) -> u64 {
    x.order_bits()
}

/// The number above a distance.
fn above<R: Real>(x: R) -> R {
    let next = x * (R::ONE + R::EPSILON);
    if next > x { next } else { R::MIN_POSITIVE }
}

/// The answers that all distances give.
fn sorted<R: Real>(distances: &[R]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..distances.len()).collect();
    order.sort_by_key(|&i| (bits(distances[i]), i));
    order
}

/// Checks an answer and the answers of the streaming form at the distance and next to it.
fn check<R: Real>(
    distances: &[R],
    mut query: impl FnMut(&mut [Neighbour<R>]) -> NearestReport,
    mut compare: impl FnMut(usize, R) -> Comparison<R>,
) {
    let order = sorted(distances);
    for wanted in [1, 2, distances.len()] {
        let mut found = vec![Neighbour { index: usize::MAX, distance: -R::ONE }; wanted];
        let report = query(&mut found);
        for (found, &i) in found.iter().zip(&order) {
            assert_eq!(found.index, i);
            assert_eq!(bits(found.distance), bits(distances[i]));
        }
        assert_eq!(report.moments as usize, distances.len());
        assert!(report.solved >= wanted as u32 && report.solved <= report.transports);
        assert!(report.transports <= report.moments);
    }
    for (i, &d) in distances.iter().enumerate() {
        // No bound may reach a limit that the distance is below.
        for limit in [above(d), d + R::ONE, R::INFINITY] {
            let answer = compare(i, limit);
            assert_eq!(answer, Comparison { value: d, is_nearer: true, stage: Stage::Solved });
        }
        for limit in [d, d * R::HALF, R::ZERO, R::MIN_POSITIVE, -R::INFINITY] {
            let answer = compare(i, limit);
            assert_eq!(answer.is_nearer, d < limit);
            assert!(answer.value <= d, "the bound {} of {:?} for {d}", answer.value, answer.stage);
            assert!(answer.stage == Stage::Solved || answer.value >= limit);
        }
    }
    // One after the other, the least distance so far being the limit.
    let (mut nearest, mut least) = (usize::MAX, R::INFINITY);
    for i in 0..distances.len() {
        let answer = compare(i, least);
        if answer.is_nearer {
            (nearest, least) = (i, answer.value);
        }
    }
    assert_eq!(nearest, order[0]);
}

fn cells_agree<R: Real>(seed: u64, effort: Effort) {
    let mut draw = Draw(seed);
    let table = Table::<R>::new(&mut draw);
    let t = table.table();
    let mut built: Vec<Memory<R>> = (0..8).map(|_| table.cell(&mut draw).build(&t).unwrap()).collect();
    built.push(built[3].clone());
    let cells: Vec<Cell<'_, R>> = built.iter().map(Memory::cell).collect();
    let count = cells.len() - 1;
    let (one, many) = (cells[0], &cells[1..]);
    let solver = Metric::<R>::cell_workspace(7, 7, effort);
    let mut scratch = Memory::new(solver);
    let mut work = Memory::new(Metric::<R>::nearest_workspace(count).and(solver));
    for pairing in PAIRINGS {
        let settings = MetricSettings {
            effort,
            nodes: 3,
            prover: Some(Prover::new()),
            ..settings(&mut draw, pairing)
        };
        let metric = Metric::new(&t, settings).unwrap();
        let mut distances = vec![R::ZERO; count];
        metric
            .cell_distances(&one, many.iter().copied(), &mut distances, None, scratch.arena())
            .unwrap();
        let mut memory = Memory::new(DistanceCache::<R>::extent(64));
        let mut cache = DistanceCache::new(64, &mut memory.arena()).unwrap();
        let mut cached = false;
        check(
            &distances,
            |found| {
                cached = !cached;
                let cache = cached.then_some(&mut cache);
                let get = |i: usize| many.get(i).copied();
                metric.nearest_cells(&one, count, get, found, cache, work.arena()).unwrap()
            },
            |i, limit| metric.compare_cell_distance(&one, &many[i], limit, scratch.arena()).unwrap(),
        );
    }
}

/// Sequence, positions and masses of a network.
type Parts<R> = (Vec<u8>, Option<Vec<R>>, Option<Vec<R>>);

fn networks_agree<R: Real>(seed: u64) {
    let mut draw = Draw(seed);
    let table = Table::<R>::new(&mut draw);
    let t = table.table();
    let built: Vec<Memory<R>> = (0..4).map(|_| table.cell(&mut draw).build(&t).unwrap()).collect();
    let cells: Vec<Cell<'_, R>> = built.iter().map(Memory::cell).collect();
    let parts: Vec<Parts<R>> = (0..7)
        .map(|_| {
            let n = 1 + index(&mut draw, 6);
            let sequence = (0..n).map(|_| index(&mut draw, 4) as u8).collect();
            // As far from a sum of 1 as is allowed.
            let tolerance = R::MASS_TOLERANCE.to_f64() * OFF * (2.0 * draw.next() - 1.0);
            let masses = draw.masses(n, false);
            let masses = masses.iter().map(|x| R::from_f64(x * (1.0 + tolerance))).collect();
            let mut positions: Vec<f64> = (0..n).map(|_| 0.01 + 0.99 * draw.next()).collect();
            positions.sort_by(f64::total_cmp);
            let positions = positions.into_iter().map(R::from_f64).collect();
            (sequence, (draw.next() < 0.5).then_some(positions), (draw.next() < 0.5).then_some(masses))
        })
        .collect();
    let mut networks: Vec<Network<'_, R>> = parts
        .iter()
        .map(|(s, x, f)| Network::new(&cells, s, x.as_deref(), f.as_deref()).unwrap())
        .collect();
    networks.push(networks[2]);
    let (one, many) = (networks[0], &networks[1..]);
    // Peers have no bounds and are found all the same.
    let kinds = PAIRINGS.map(|p| (p, Distance::Hotnn)).into_iter();
    let codes = vec![0; t.operations()];
    let layers = Layers { codes: &codes, width: None, channels: R::ONE };
    for (pairing, distance) in kinds.chain([(Pairing::Flow, Distance::WeisfeilerLehman)]) {
        let settings = MetricSettings { distance, ..settings(&mut draw, pairing) };
        let metric = Metric::with_layers(&t, settings, layers).unwrap();
        let solver = metric.workspace(&NetworkShape { nodes: 7, distinct: 4, cells: 6 });
        let mut scratch = Memory::new(solver);
        let mut work = Memory::new(Metric::<R>::nearest_workspace(many.len()).and(solver));
        let mut distances = vec![R::ZERO; many.len()];
        metric
            .network_distances(&one, many.iter().copied(), &mut distances, None, scratch.arena())
            .unwrap();
        let mut memories = [0; 2].map(|_| Memory::new(DistanceCache::<R>::extent(16)));
        let [mut first, mut second] =
            memories.each_mut().map(|m| DistanceCache::new(16, &mut m.arena()).unwrap());
        let mut cached = false;
        check(
            &distances,
            |found| {
                cached = !cached;
                let get = |i: usize| many.get(i).copied();
                let cache = cached.then_some(&mut first);
                let (count, arena) = (many.len(), work.arena());
                metric.nearest_networks(&one, count, get, found, cache, arena).unwrap()
            },
            |i, limit| {
                let cache = (i % 2 == 0).then_some(&mut second);
                metric.compare_network_distance(&one, &many[i], limit, cache, scratch.arena()).unwrap()
            },
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_nearest_cells_are_those_of_all_distances(seed in any::<u64>()) {
        cells_agree::<f64>(seed, Effort::Fast);
        cells_agree::<f32>(seed, Effort::Fast);
    }

    #[test]
    fn the_nearest_networks_are_those_of_all_distances(seed in any::<u64>()) {
        networks_agree::<f64>(seed);
        networks_agree::<f32>(seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn with_any_effort(seed in any::<u64>()) {
        for effort in [Effort::Thorough, Effort::Exact] {
            cells_agree::<f64>(seed, effort);
            cells_agree::<f32>(seed, effort);
        }
    }
}

/// Cells of one operation, chains of 1 to `n` nodes: the first is asked for.
fn chains(table: &OperationTable<'_, f64>, n: u8) -> Vec<Memory<f64>> {
    (1..=n)
        .map(|n| {
            let edges: Vec<(u8, u8)> = (1..n).map(|i| (i - 1, i)).collect();
            Spec::new(&vec![0; n.into()], &edges).build(table).unwrap()
        })
        .collect()
}

#[test]
fn of_equal_distances_the_lowest_index_comes_first() {
    let t = OperationTable::new(Dissimilarity::Flat(1), None, &[], FeatureScale::Raw).unwrap();
    let built = chains(&t, 3);
    let order = [2usize, 1, 0, 1, 0, 2];
    let get = |i: usize| order.get(i).map(|&k| built[k].cell());
    let metric = Metric::new(&t, MetricSettings::default_preset()).unwrap();
    let mut work = Memory::new(Metric::<f64>::nearest_workspace(6).and(Metric::<f64>::cell_workspace(
        3,
        3,
        Effort::Fast,
    )));
    let mut found = [Neighbour { index: 9, distance: 9.0 }; 4];
    let report = metric.nearest_cells(&built[0].cell(), 6, get, &mut found, None, work.arena()).unwrap();
    assert_eq!(found.map(|x| x.index), [2, 4, 1, 3]);
    let [a, b, c, d] = found.map(|x| x.distance);
    assert!(a == 0.0 && b == 0.0 && c > 0.0 && c == d);
    assert_eq!(report.moments, 6);
}

#[test]
fn what_is_wrong_is_refused_and_nothing_written() {
    let t = OperationTable::new(Dissimilarity::Flat(1), None, &[], FeatureScale::Raw).unwrap();
    let other = OperationTable::new(Dissimilarity::Flat(2), None, &[], FeatureScale::Raw).unwrap();
    let (built, foreign) = (chains(&t, 3), chains(&other, 2));
    let metric = Metric::new(&t, MetricSettings::default_preset()).unwrap();
    let one = built[0].cell();
    let need =
        Metric::<f64>::nearest_workspace(3).and(Metric::<f64>::cell_workspace(1, 3, Effort::Fast));
    let mut work = Memory::new(need);
    let mut ask = |count: usize, wanted: usize, strange: bool| {
        let mut found = vec![Neighbour { index: 7, distance: 7.0 }; wanted];
        let get = |i: usize| match i {
            1 if strange => Some(foreign[1].cell()),
            _ => built.get(i).map(Memory::cell),
        };
        let answer = metric.nearest_cells(&one, count, get, &mut found, None, work.arena());
        let untouched = found.iter().all(|x| x.index == 7 && x.distance == 7.0);
        (answer.err(), untouched)
    };
    assert_eq!(ask(3, 3, false), (None, false));
    assert_eq!(ask(3, 0, false), (Some(Error::DimensionMismatch), true));
    assert_eq!(ask(3, 4, false), (Some(Error::DimensionMismatch), true));
    assert_eq!(ask(0, 1, false), (Some(Error::DimensionMismatch), true));
    assert_eq!(ask(1 << 30, 1, false), (Some(Error::SizeOverflow), true));
    assert_eq!(ask(3, 1, true), (Some(Error::TableMismatch), true));
    // A candidate that is not there, and memory for one less.
    assert_eq!(ask(4, 1, false), (Some(Error::DimensionMismatch), true));
    work.reals.pop();
    let nothing = Neighbour { index: 7, distance: 7.0 };
    let get = |i: usize| built.get(i).map(Memory::cell);
    let answer = metric.nearest_cells(&one, 3, get, &mut [nothing], None, work.arena());
    assert_eq!(answer.err(), Some(Error::MemoryTooSmall));

    let mut work = Memory::new(Metric::<f64>::cell_workspace(1, 3, Effort::Fast));
    let mut compare = |cell: &Cell<'_, f64>, limit: f64| {
        metric.compare_cell_distance(&one, cell, limit, work.arena()).err()
    };
    assert_eq!(compare(&built[2].cell(), f64::NAN), Some(Error::NotFinite));
    assert_eq!(compare(&foreign[0].cell(), 1.0), Some(Error::TableMismatch));
    work.reals.pop();
    let answer = metric.compare_cell_distance(&one, &built[2].cell(), 1.0, work.arena());
    assert_eq!(answer.err(), Some(Error::MemoryTooSmall));
}

/// The solver rounds masses to whole units. What a light node loses by it may be much of a distance.
fn light_nodes<R: Real>(mass: f64, attribute: f64) {
    let weights = [R::ONE];
    let t =
        OperationTable::new(Dissimilarity::Flat(2), None, &weights, FeatureScale::LongestPath).unwrap();
    let metric = Metric::new(&t, MetricSettings::default_preset()).unwrap();
    let [a, b] = [[0.0, attribute], [0.0, 0.0]].map(|attributes| {
        let mut spec = Spec::<R>::new(&[0, 0], &[]);
        spec.masses = Some([1.0 - mass, mass].map(R::from_f64).to_vec());
        spec.attributes = attributes.map(R::from_f64).to_vec();
        spec.build(&t).unwrap()
    });
    let mut work = Memory::new(Metric::<R>::cell_workspace(2, 2, Effort::Fast));
    let (a, b) = (a.cell(), b.cell());
    let value = metric.cell_distance(&a, &b, None, work.arena()).unwrap().value;
    let limit = above(value);
    let answer = metric.compare_cell_distance(&a, &b, limit, work.arena()).unwrap();
    assert_eq!(answer, Comparison { value, is_nearer: true, stage: Stage::Solved });
}

#[test]
fn bounds_allow_for_what_light_nodes_lose() {
    light_nodes::<f32>(0.001, 1.0);
    light_nodes::<f32>(1e-7, 1e3);
    light_nodes::<f64>(4e-16, 1e6);
    light_nodes::<f64>(1e-10, 1e3);
}
