//! What the metric promises to the bit, over enumerated cells: a part of what
//! `cargo xtask contract bits` checks in full.

mod cells;
mod dags;

use cells::Memory;
use dags::{Copies, Counts, all_copies, classes, compare, numbering, same_cell, scratch, spec, table};
use hotnas_core::Real;
use hotnas_core::arch::{NetworkBuilder, NetworkLimits};
use hotnas_core::metric::{Metric, MetricSettings};
use hotnas_core::search::Space;
use hotnas_core::search::spaces::{NasBench201, cell_table};
use hotnas_core::transport::gromov::Pairing;

const PAIRINGS: [Pairing; 3] = [Pairing::Ordered, Pairing::Full, Pairing::Flow];

/// Published numbers of graphs without cycles: numbered nodes (OEIS A003024), times labellings; and up
/// to numbering with two labels, by Burnside's count over the numbered ones.
#[test]
fn the_enumeration_is_complete() {
    for (n, numbered) in [(1, 1), (2, 3), (3, 25), (4, 543)] {
        let (representatives, class) = classes(n);
        assert_eq!(class.len(), numbered << n);
        // Orbit sizes are n! / |stabiliser|: the sum of the stabilisers' sizes over all graphs, divided
        // by n!, is the number of orbits.
        let factorial: usize = (1..=n).product();
        let mut orbit = vec![0usize; representatives.len()];
        class.values().for_each(|&k| orbit[k as usize] += 1);
        let fixed: usize = class.values().map(|&k| factorial / orbit[k as usize]).sum();
        assert_eq!(fixed, factorial * representatives.len());
        assert!(orbit.iter().all(|size| factorial.is_multiple_of(*size)));
    }
}

fn numberings_of_small_graphs<R: Real>() {
    let table = table::<R>();
    for n in 1..=4 {
        let (representatives, class) = classes(n);
        let build = |code| spec::<R>(n, code).build(&table).unwrap();
        let built: Vec<Memory<R>> = representatives.iter().map(|&code| build(code)).collect();
        for (&code, &k) in &class {
            assert!(same_cell(&build(code), &built[k as usize]), "{n} nodes, {code:b}");
        }
    }
}

#[test]
fn every_numbering_of_a_graph_of_up_to_4_nodes_is_one_cell() {
    numberings_of_small_graphs::<f64>();
    numberings_of_small_graphs::<f32>();
}

fn pairs_of_small_graphs<R: Real>() {
    let (table, small, large) = (table::<R>(), all_copies::<R>(3), all_copies::<R>(5));
    let mut work = scratch::<R>(5);
    for pairing in PAIRINGS {
        let settings = MetricSettings { pairing, ..MetricSettings::default_preset() };
        let metric = Metric::new(&table, settings).unwrap();
        let mut counts = Counts::default();
        for i in 0..small.len() {
            counts.add(compare(&metric, &small, i, 0..=i, &mut work));
        }
        // Of the others one in some thousand, spread over all.
        for i in 0..large.len() {
            counts.add(compare(&metric, &large, i, (i % 4001..=i).step_by(4001), &mut work));
        }
        assert_eq!(counts.broken, 0, "{pairing:?} {counts:?}");
        assert!(counts.pairs > 10_000);
    }
}

#[test]
fn pairs_of_graphs_of_up_to_5_nodes_keep_the_promises() {
    pairs_of_small_graphs::<f64>();
    pairs_of_small_graphs::<f32>();
}

fn nas_bench_201<R: Real>() {
    let table = cell_table::<R>().unwrap();
    let limits =
        NetworkLimits { nodes: 8, groups: table.groups(), attributes: 0, distinct: 1, cells: 1 };
    let (mut memory, mut work) = (Memory::new(limits.extent()), Memory::new(limits.workspace()));
    let mut copies = Vec::new();
    for index in (0..NasBench201::DESIGNS).step_by(31) {
        let made = dags::nas_bench_201::<R>(index);
        let pair = Copies::new(&table, &made, 977 * index + 3);
        assert!(same_cell(&pair.first, &pair.other), "{index}");
        // The ready-made space means the same cell.
        let mut genome = [0; 6];
        NasBench201.genome(index, &mut genome).unwrap();
        let (mut state, scratch) = (memory.arena(), work.arena());
        let mut builder = NetworkBuilder::new(&table, limits, &mut state, scratch).unwrap();
        NasBench201.decode(&genome, &mut builder).unwrap();
        let fingerprint = builder.finish().unwrap().cell(0).unwrap().fingerprint();
        assert_eq!(fingerprint, pair.first.cell().fingerprint());
        copies.push(pair);
    }
    let mut work = scratch::<R>(8);
    for pairing in PAIRINGS {
        let settings = MetricSettings { pairing, ..MetricSettings::default_preset() };
        let metric = Metric::new(&table, settings).unwrap();
        for i in 0..copies.len() {
            let others = [i, (5 * i + 1) % copies.len()].into_iter();
            assert_eq!(compare(&metric, &copies, i, others, &mut work).broken, 0, "{pairing:?} {i}");
        }
    }
}

#[test]
fn cells_of_nas_bench_201_keep_the_promises() {
    nas_bench_201::<f64>();
    nas_bench_201::<f32>();
}

#[test]
fn numberings_are_permutations() {
    let mut seen: Vec<Vec<usize>> = (0..120).map(|pick| numbering(5, pick)).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}
