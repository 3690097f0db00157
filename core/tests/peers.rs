//! The distances of the peers: closed forms, and what is promised of all.

mod cells;

use cells::{Memory, Spec};
use hotnas_core::arch::{Cell, Dissimilarity, FeatureScale, Groups, Network, OperationTable};
use hotnas_core::metric::layers::{AVERAGE_POOLING, CONVOLUTION, DENSE, MAXIMUM_POOLING, TERMINAL};
use hotnas_core::metric::{Distance, DistanceCache, Layers, Metric, MetricSettings, NetworkShape};
use hotnas_core::{Error, Real};
use proptest::prelude::*;

const PEERS: [Distance; 5] = [
    Distance::Edit,
    Distance::WeisfeilerLehman,
    Distance::Summed,
    Distance::TreeWasserstein,
    Distance::Otmann,
];
/// Input, output, conv1x1, conv3x3, average pooling.
const CODES: [u8; 5] = [TERMINAL, TERMINAL, CONVOLUTION + 1, CONVOLUTION + 3, AVERAGE_POOLING];

fn layers<R: Real>(codes: &[u8], width: Option<u8>) -> Layers<'_, R> {
    Layers { codes, width, channels: R::from_usize(16) }
}

fn table<'a, R: Real>(weights: &'a [R]) -> OperationTable<'a, R> {
    OperationTable::new(Dissimilarity::Flat(5), None, weights, FeatureScale::LongestPath).unwrap()
}

fn metric<'a, R: Real>(
    table: &OperationTable<'a, R>,
    distance: Distance,
    layers: Layers<'a, R>,
) -> Metric<'a, R> {
    let settings = MetricSettings { distance, ..MetricSettings::default_preset() };
    Metric::with_layers(table, settings, layers).unwrap()
}

fn parts<R: Real>(
    metric: &Metric<'_, R>,
    a: &Network<'_, R>,
    b: &Network<'_, R>,
    cache: Option<&mut DistanceCache<'_, R>>,
) -> Vec<R> {
    let mut work = Memory::new(metric.workspace(&NetworkShape::of(a).or(NetworkShape::of(b))));
    let mut out = vec![-R::ONE; metric.parts()];
    metric.network_parts(a, b, &mut out, cache, work.arena()).unwrap();
    let whole = metric.network_distance(a, b, None, None, work.arena()).unwrap();
    assert!(
        whole.proved_optimal && whole.lower_bound == whole.value && whole.marginal_residual == R::ZERO
    );
    let expected = match metric.settings().distance {
        Distance::Otmann => (out[4] + out[5] + (out[6] + out[7])) * R::from_f64(0.25),
        Distance::TreeWasserstein => out[0] + out[1] + out[2],
        _ => out[0],
    };
    assert!((whole.value - expected).abs() <= R::EPSILON * R::from_f64(8.0) * expected);
    out
}

/// The parts of the distance of two networks, each a sequence of cells.
fn between(distance: Distance, a: &[Spec<f64>], b: &[Spec<f64>]) -> Vec<f64> {
    let weights = [0.3];
    let attributes = usize::from(!a[0].attributes.is_empty());
    let t = table(&weights[..attributes]);
    let metric = metric(&t, distance, layers(&CODES, (attributes > 0).then_some(0)));
    let [a, b] = [a, b].map(|specs| specs.iter().map(|s| s.build(&t).unwrap()).collect::<Vec<_>>());
    let [x, y] = [&a, &b].map(|built| built.iter().map(Memory::cell).collect::<Vec<_>>());
    let sequence = [0, 1, 2, 3, 4, 5, 6, 7];
    let a = Network::new(&x, &sequence[..x.len()], None, None).unwrap();
    let b = Network::new(&y, &sequence[..y.len()], None, None).unwrap();
    parts(&metric, &a, &b, None)
}

#[track_caller]
fn close(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    for (x, y) in got.iter().zip(expected) {
        assert!((x - y).abs() <= 1e-12 * y.abs().max(1.0), "{got:?} instead of {expected:?}");
    }
}

fn one(operation: u8) -> Spec<f64> {
    Spec::new(&[operation], &[])
}

fn chain(operations: &[u8]) -> Spec<f64> {
    let edges: Vec<(u8, u8)> = (1..operations.len() as u8).map(|v| (v - 1, v)).collect();
    Spec::new(operations, &edges)
}

#[test]
fn edit_counts_nodes_and_edges_by_position() {
    let (a, b) = (chain(&[0, 2, 1]), Spec::new(&[0, 3, 1], &[(0, 1), (0, 2)]));
    close(&between(Distance::Edit, std::slice::from_ref(&a), std::slice::from_ref(&b)), &[3.0]);
    // What only one has: a cell of two nodes and an edge.
    close(&between(Distance::Edit, &[a.clone(), chain(&[2, 2])], &[b]), &[6.0]);
    // In another numbering two nodes and four edges differ; only equal networks are spared that.
    let renumbered = a.renumbered(&[0, 2, 1]);
    close(&between(Distance::Edit, &[chain(&[0, 2, 1]), one(2)], &[renumbered, one(3)]), &[7.0]);
}

#[test]
fn histograms_count_neighbourhoods() {
    let between = |a: &[Spec<f64>], b: &[Spec<f64>]| between(Distance::WeisfeilerLehman, a, b);
    // One of two labels differs, then every neighbourhood.
    close(&between(&[chain(&[0, 1])], &[chain(&[0, 2])]), &[2.0 + 4.0 + 4.0]);
    // Cells in a row are joined: only the order differs.
    close(&between(&[one(0), one(2), one(3)], &[one(0), one(3), one(2)]), &[0.0 + 6.0 + 6.0]);
    // Parents and children are told apart.
    close(&between(&[chain(&[2, 2, 3])], &[chain(&[3, 2, 2])]), &[0.0 + 6.0 + 6.0]);
}

#[test]
fn sums_ignore_where_things_stand() {
    let between = |a: &[Spec<f64>], b: &[Spec<f64>]| between(Distance::Summed, a, b);
    close(&between(&[one(2)], &[one(3)]), &[0.5]);
    close(&between(&[one(2), one(3), one(2)], &[one(2), one(2), one(3)]), &[0.0]);
    close(&between(&[one(2), one(2)], &[one(2)]), &[0.25]);
    let (mut a, mut b) = (one(2), one(2));
    (a.attributes, b.attributes) = (vec![6.0], vec![8.0]);
    close(&between(&[a], &[b]), &[0.5 * 0.3 * 2.0]);
    // Lengths of a chain of two by the longest path: 0, 1 in and 1, 0 out, each three times; apart: 0.
    close(&between(&[chain(&[2, 2])], &[Spec::new(&[2, 2], &[])]), &[0.5 * 0.5]);
}

#[test]
fn tree_wasserstein_of_operations_and_degrees() {
    let between = |a: &[Spec<f64>], b: &[Spec<f64>]| between(Distance::TreeWasserstein, a, b);
    // Convolutions are one class: half of the nodes and all pairs move below it, at 0.1 up and down.
    close(&between(&[chain(&[2, 4])], &[chain(&[3, 4])]), &[0.5 * 0.1 + 0.5 * 0.2, 0.0, 0.0]);
    close(&between(&[chain(&[0, 4])], &[chain(&[3, 4])]), &[0.5 + 1.0, 0.0, 0.0]);
    // In: all at 1, against halves at 2/3 and 1. Out: all at 1/2, against halves at 1/3 and 2/3.
    let expected = [0.0, 1.0 / 6.0, 1.0 / 6.0];
    close(&between(&[chain(&[2, 2])], &[chain(&[2, 2, 2])]), &expected);
    close(&between(&[one(2), one(2)], &[one(2), one(2), one(2)]), &expected);
    // No edge at all: what is there moves from nothing.
    close(&between(&[one(2)], &[one(2), one(2)]), &[0.5, 0.0, 0.5]);
}

#[test]
fn otmann_assigns_masses() {
    let between = |a: Spec<f64>, b: Spec<f64>| between(Distance::Otmann, &[a], &[b]);
    let both = |d: [f64; 4], masses: f64| [d, d.map(|d| d / masses)].concat();
    // 16 x 16 channels become a convolution of another kernel at 0.2; terminals are 100 each.
    let expected = both([51.2; 4], 912.0);
    close(&between(chain(&[0, 3, 1]), chain(&[0, 2, 1])), &expected);
    // The convolution is left over; terminals are nearer to each other by half in the mean.
    let weights = [0.1, 0.25, 0.61, 1.5];
    close(&between(chain(&[0, 3, 1]), chain(&[0, 1])), &both(weights.map(|w| 256.0 + 100.0 * w), 656.0));
    // A way past the convolution: shortest 1 instead of 2, walk 1.5 instead of 2, at both ends.
    let past = Spec::new(&[0, 3, 1], &[(0, 1), (1, 2), (0, 2)]);
    close(&between(chain(&[0, 3, 1]), past), &both(weights.map(|w| 50.0 * w), 912.0));
    // A pooling cannot become a convolution.
    close(&between(chain(&[0, 4, 1]), chain(&[0, 3, 1])), &both([256.0 + 16.0; 4], 672.0));
}

#[test]
fn masses_follow_the_channels_and_ends_of_cells_are_nothing() {
    let cell = |from: f64, to: f64| {
        let mut cell = chain(&[0, 3, 1]);
        cell.attributes = vec![from, to, to];
        cell
    };
    let found = between(Distance::Otmann, &[cell(3.0, 4.0), cell(4.0, 5.0)], &[cell(3.0, 4.0)]);
    // 8 x 16 + 16 x 32 and two ends of 100, against 128 and two ends: 512 are left over. All ends are two
    // steps per cell from each other.
    assert!((found[0] / found[4] - (640.0 + 328.0 + 200.0)).abs() < 1e-9);
    assert!(found[0] > 512.0 && found[3] > found[0]);
}

#[test]
fn layers_are_checked() {
    let weights = [1.0];
    let t = table::<f64>(&weights);
    let settings = MetricSettings { distance: Distance::Otmann, ..MetricSettings::default_preset() };
    for distance in Distance::ALL {
        let missing = !matches!(distance, Distance::Hotnn | Distance::HotnnParts);
        let made = Metric::new(&t, MetricSettings { distance, ..settings });
        assert_eq!(made.err(), missing.then_some(Error::LayersMissing));
    }
    let refused = |layers| Metric::with_layers(&t, settings, layers).err();
    assert_eq!(refused(layers(&CODES, Some(0))), None);
    assert_eq!(refused(layers(&CODES, Some(1))), Some(Error::InvalidSetting));
    assert_eq!(refused(layers(&CODES[..4], None)), Some(Error::DimensionMismatch));
    for bad in [[DENSE + 1; 5], [CONVOLUTION; 5]] {
        assert_eq!(
            Metric::with_layers(&t, settings, layers(&bad, None)).err(),
            Some(Error::InvalidSetting)
        );
    }
    for bad in [0.5, 1e7, f64::NAN, f64::INFINITY] {
        let channels = Layers { channels: bad, ..layers(&CODES, None) };
        assert_eq!(refused(channels), Some(Error::InvalidSetting));
    }
    let one = [MAXIMUM_POOLING; 5];
    let prints = [layers(&CODES, None), layers(&CODES, Some(0)), layers(&one, None)]
        .map(|layers| Metric::with_layers(&t, settings, layers).unwrap().fingerprint());
    assert!(prints[0] != prints[1] && prints[0] != prints[2]);
}

#[test]
fn plans_and_wrong_sizes_are_refused() {
    let t = table::<f64>(&[]);
    let (a, b) = (chain(&[0, 2, 1]).build(&t).unwrap(), chain(&[0, 3, 1]).build(&t).unwrap());
    let cells = [a.cell(), b.cell()];
    let (x, y) = (
        Network::new(&cells, &[0], None, None).unwrap(),
        Network::new(&cells, &[1], None, None).unwrap(),
    );
    let shape = NetworkShape::of(&x);
    for distance in PEERS {
        let metric = metric(&t, distance, layers(&CODES, None));
        let mut work = Memory::new(metric.workspace(&shape));
        let error = metric.network_distance(&x, &y, Some(&mut [0.0]), None, work.arena());
        assert_eq!(error.err(), Some(Error::NoPlan));
        let mut out = vec![0.0; metric.parts() + 1];
        let error = metric.network_parts(&x, &y, &mut out, None, work.arena());
        assert_eq!(error, Err(Error::DimensionMismatch));
        out.pop();
        if distance != Distance::Edit {
            let error =
                metric.network_parts(&x, &y, &mut out, None, Memory::new(Default::default()).arena());
            assert_eq!(error, Err(Error::MemoryTooSmall));
        }
        // Cells are compared by iFGW whatever the distance of networks.
        let plain = Metric::new(&t, MetricSettings::default_preset()).unwrap();
        let effort = metric.settings().effort;
        let mut work = Memory::new(Metric::<f64>::cell_workspace(3, 3, effort));
        assert_eq!(
            metric.cell_distance(&cells[0], &cells[1], None, work.arena()).unwrap(),
            plain.cell_distance(&cells[0], &cells[1], None, work.arena()).unwrap()
        );
    }
}

/// A random cell with one attribute, and a renumbering.
fn any_cell() -> impl Strategy<Value = (Spec<f64>, Vec<usize>)> {
    (1..6usize)
        .prop_flat_map(|n| {
            (
                prop::collection::vec(0..5u8, n),
                prop::collection::vec(any::<bool>(), n * n),
                prop::collection::vec(0..3u8, n),
                Just((0..n).collect::<Vec<_>>()).prop_shuffle(),
            )
        })
        .prop_map(|(operations, dense, attributes, to)| {
            let n = operations.len();
            let edges: Vec<(u8, u8)> = (0..n * n)
                .filter(|&e| e / n < e % n && dense[e])
                .map(|e| ((e / n) as u8, (e % n) as u8))
                .collect();
            let mut spec = Spec::new(&operations, &edges);
            spec.attributes = attributes.into_iter().map(f64::from).collect();
            (spec, to)
        })
}

fn convert<R: Real>(spec: &Spec<f64>) -> Spec<R> {
    Spec {
        operations: spec.operations.clone(),
        edges: spec.edges.clone(),
        masses: None,
        attributes: spec.attributes.iter().map(|&x| R::from_f64(x)).collect(),
    }
}

fn promises<R: Real>(specs: &[(Spec<f64>, Vec<usize>)], x: &[u8], y: &[u8]) {
    let (weights, masks) = ([R::HALF], [0, 0, 3, 1, 2]);
    let groups = Some(Groups { count: 2, masks: &masks });
    let flat = Dissimilarity::Flat(5);
    let t = OperationTable::new(flat, groups, &weights, FeatureScale::LongestPath).unwrap();
    let built: Vec<Memory<R>> = specs.iter().map(|(s, _)| convert::<R>(s).build(&t).unwrap()).collect();
    let again: Vec<Memory<R>> =
        specs.iter().map(|(s, to)| convert::<R>(s).renumbered(to).build(&t).unwrap()).collect();
    let cells: Vec<Cell<'_, R>> = built.iter().map(Memory::cell).collect();
    let others: Vec<Cell<'_, R>> = again.iter().map(Memory::cell).collect();
    let (a, b) =
        (Network::new(&cells, x, None, None).unwrap(), Network::new(&cells, y, None, None).unwrap());
    let (c, d) =
        (Network::new(&others, x, None, None).unwrap(), Network::new(&others, y, None, None).unwrap());
    let mut memory = Memory::new(DistanceCache::<R>::extent(64));
    let mut arena = memory.arena();
    let mut cache = DistanceCache::new(64, &mut arena).unwrap();
    for distance in PEERS {
        let metric = metric(&t, distance, layers(&CODES, Some(0)));
        let first = parts(&metric, &a, &b, None);
        assert!(first.iter().all(|&part| part >= R::ZERO && part.is_finite()));
        for (p, q) in [(&a, &b), (&b, &a)] {
            assert_eq!(parts(&metric, p, q, None), first);
            assert_eq!(parts(&metric, p, q, Some(&mut cache)), first);
            assert_eq!(parts(&metric, p, q, Some(&mut cache)), first);
        }
        let mut known = first.clone();
        let (p, q) = (a.fingerprint(), b.fingerprint());
        let found = metric.known_network_parts(&mut cache, &p, &q, &mut known);
        assert_eq!(found, distance == Distance::Summed);
        assert_eq!(metric.known_network_distance(&mut cache, &p, &q).is_some(), found);
        assert_eq!(parts(&metric, &a, &c, None), vec![R::ZERO; first.len()]);
        if distance == Distance::Edit {
            continue;
        }
        for (x, y) in parts(&metric, &c, &d, None).into_iter().zip(&first) {
            // Lengths of walks are sums, whose order follows the numbers of nodes that tie.
            let tolerance =
                if distance == Distance::Otmann { R::EPSILON * R::from_f64(64.0) } else { R::ZERO };
            assert!((x - *y).abs() <= tolerance * y.max(R::ONE), "{distance:?}: {x} and {y}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_peer_keeps_the_promises(
        specs in prop::collection::vec(any_cell(), 3),
        x in prop::collection::vec(0..3u8, 1..5),
        y in prop::collection::vec(0..3u8, 1..5),
    ) {
        promises::<f64>(&specs, &x, &y);
        promises::<f32>(&specs, &x, &y);
    }
}

/// Two cells have equal keys although one has an edge more.
#[test]
fn a_cache_does_not_mistake_cells_of_equal_keys() {
    let operations = [0, 3, 3, 3, 3, 1];
    let edges = [(0, 1), (0, 3), (1, 2), (2, 3), (2, 5), (3, 4), (4, 5)];
    let more: Vec<(u8, u8)> = edges.iter().copied().chain([(1, 3)]).collect();
    let specs = [
        Spec::new(&operations, &edges),
        Spec::new(&operations, &more),
        Spec::new(&[0, 3, 3, 3, 2, 1], &edges),
    ];
    for distance in PEERS {
        let t = table::<f64>(&[]);
        let metric = metric(&t, distance, layers(&CODES, None));
        let built = specs.each_ref().map(|spec| spec.build(&t).unwrap());
        let cells = built.each_ref().map(Memory::cell);
        assert!(cells[0].compare(&cells[1]).is_eq());
        let [a, b, other] = cells
            .each_ref()
            .map(|cell| Network::new(core::slice::from_ref(cell), &[0], None, None).unwrap());
        let without = [&a, &b].map(|x| parts(&metric, x, &other, None));
        let differ =
            matches!(distance, Distance::Edit | Distance::WeisfeilerLehman | Distance::TreeWasserstein);
        assert_eq!(without[0] != without[1], differ, "{distance:?}");
        let mut memory = Memory::new(DistanceCache::<f64>::extent(64));
        let mut cache = DistanceCache::new(64, &mut memory.arena()).unwrap();
        for _ in 0..2 {
            let with = [&a, &b].map(|x| parts(&metric, x, &other, Some(&mut cache)));
            assert_eq!(with, without, "{distance:?}");
        }
    }
}
