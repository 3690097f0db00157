//! The promises to the bit over all small graphs and all cells of NAS-Bench-201, as a Markdown page.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::cells::Memory;
use crate::dags::{
    Copies, Counts, all_copies, classes, compare, nas_bench_201, same_cell, scratch, spec, table,
};
use crate::machine;
use hotnas_core::Real;
use hotnas_core::arch::OperationTable;
use hotnas_core::metric::{Metric, MetricSettings};
use hotnas_core::search::spaces::{NasBench201, cell_table};
use hotnas_core::transport::gromov::Pairing;

const PAIRINGS: [Pairing; 3] = [Pairing::Ordered, Pairing::Full, Pairing::Flow];
/// Renumbered copies of each cell of NAS-Bench-201.
const COPIES: usize = 8;
/// Other cells that each cell of NAS-Bench-201 is compared with.
const PARTNERS: usize = 16;

pub(crate) fn run(threads: usize) {
    let start = Instant::now();
    println!("# The promises to the bit\n");
    println!("`cargo xtask contract bits`, {}, {threads} threads.\n", machine::describe());
    println!(
        "Checked for each pair: value, lower bound, gap and residual of d(a, b) and of d(b', a') have the\n\
         same bits, where a' and b' are the cells with their nodes renumbered; d is not negative, its bound\n\
         not above it, and d(a, a') = 0."
    );
    let broken = graphs::<f64>(threads) + graphs::<f32>(threads);
    let broken = broken + cells::<f64>(threads) + cells::<f32>(threads);
    println!("\nPromises broken: {broken}. It took {:.0} s.", start.elapsed().as_secs_f64());
    assert_eq!(broken, 0);
}

/// All graphs of up to 5 nodes with two labels: every numbering of each, then every pair of classes.
fn graphs<R: Real>(threads: usize) -> u64 {
    let precision = format!("f{}", R::BITS);
    let table = table::<R>();
    println!("\n## Graphs of up to 5 nodes with 2 operations, {precision}\n");
    println!("| nodes | numbered graphs | classes | distinct keys | numberings with other bits |");
    println!("|---|---|---|---|---|");
    let mut broken = 0;
    for n in 1..=5 {
        let (representatives, class) = classes(n);
        let build = |code| spec::<R>(n, code).build(&table).unwrap();
        let built: Vec<Memory<R>> = representatives.iter().map(|&code| build(code)).collect();
        let other = class.iter().filter(|&(&code, &k)| !same_cell(&build(code), &built[k as usize]));
        let other = other.count() as u64;
        let mut keys: Vec<[u32; 4]> = built.iter().map(|cell| cell.cell().fingerprint()).collect();
        keys.sort_unstable();
        keys.dedup();
        println!("| {n} | {} | {} | {} | {other} |", class.len(), representatives.len(), keys.len());
        broken += other;
    }
    let copies = all_copies::<R>(5);
    broken + pairs(&table, &copies, threads, |i| 0..=i)
}

/// All 15,625 cells of NAS-Bench-201: renumbered copies of each, then pairs.
fn cells<R: Real>(threads: usize) -> u64 {
    let table = cell_table::<R>().unwrap();
    println!("\n## NAS-Bench-201, f{}\n", R::BITS);
    let (mut other, mut copies) = (0, Vec::new());
    for index in 0..NasBench201::DESIGNS {
        let made = nas_bench_201::<R>(index);
        for k in 0..COPIES {
            let pair = Copies::new(&table, &made, 977 * index + 5039 * k + 1);
            other += u64::from(!same_cell(&pair.first, &pair.other));
            if k == 0 {
                copies.push(pair);
            }
        }
    }
    println!("{} cells, {COPIES} renumbered copies of each: {other} with other bits.", copies.len());
    println!("Each with its copy and with {PARTNERS} other cells:");
    let count = copies.len();
    // The steps have no factor in common with the number of cells, so that partners differ.
    let partners = |i: usize| (0..=PARTNERS).map(move |k| (i + k * 2887) % count);
    other + pairs(&table, &copies, threads, partners)
}

/// Compares each cell with those that `others` names, for all pairings.
fn pairs<R: Real, I: Iterator<Item = usize>>(
    table: &OperationTable<'_, R>,
    copies: &[Copies<R>],
    threads: usize,
    others: impl Fn(usize) -> I + Sync,
) -> u64 {
    println!("\n| pairing | pairs | different, at distance 0 | promises broken |");
    println!("|---|---|---|---|");
    let mut broken = 0;
    for pairing in PAIRINGS {
        let settings = MetricSettings { pairing, ..MetricSettings::default_preset() };
        let metric = Metric::new(table, settings).unwrap();
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut counts, mut work) = (Counts::default(), scratch::<R>(8));
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= copies.len() {
                    return counts;
                }
                counts.add(compare(&metric, copies, i, others(i), &mut work));
            }
        };
        let counts = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().fold(Counts::default(), |mut sum, worker| {
                sum.add(worker.join().unwrap());
                sum
            })
        });
        println!("| {pairing:?} | {} | {} | {} |", counts.pairs, counts.zeros, counts.broken);
        broken += counts.broken;
    }
    broken
}
