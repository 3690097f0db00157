//! How often and how fast `Effort::Exact` proves a value, as a Markdown page.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::machine;
use crate::problems::{Case, Draw, vectors};
use hotnas_core::transport::gromov::Pairing;

const PAIRINGS: [Pairing; 3] = [Pairing::Ordered, Pairing::Full, Pairing::Flow];
const GAP: f64 = 1e-3;
const NODES: u32 = 1000;
/// Proofs that take longer are counted apart.
const SOON: f64 = 300.0;

/// One proof, or what came instead.
struct Row {
    proved: bool,
    milliseconds: f64,
    nodes: u32,
}

type Table = BTreeMap<usize, Vec<Row>>;

pub(crate) fn run() {
    println!("# Proofs of optimality\n");
    println!("`cargo xtask contract proofs`, {}.\n", machine::describe());
    println!(
        "`Effort::Exact`, f64, relative gap {GAP:e}, at most {NODES} nodes of the branch and bound; times\n\
         include the 20 starts. Cell pairs are those of `tests/vectors`; size is the larger number of nodes\n\
         of a pair. Random costs: square problems without any structure, linear and within costs uniform in\n\
         [0, 1), lambda uniform in [0, 0.6)."
    );
    let mut contradictions = 0;
    for pairing in PAIRINGS {
        let mut table = Table::new();
        for case in vectors(pairing) {
            contradictions += u32::from(!add(&mut table, &case, pairing));
        }
        print(&format!("{pairing:?}, cell pairs of the vectors"), &table);
        let single = vectors(pairing);
        let proved =
            single.iter().filter(|c| c.solve::<f32>(pairing, GAP, NODES).0.proved_optimal).count();
        println!("\nIn f32, whose rounding is allowed for: {proved} of {} proved.", single.len());
        let mut draw = Draw(6);
        let mut table = Table::new();
        for k in 0..60 {
            let size = [4, 6, 8][k % 3];
            add(&mut table, &draw.case(size, size, pairing, false), pairing);
        }
        print(&format!("{pairing:?}, random costs"), &table);
    }
    println!(
        "\nProofs, bounds and values that contradict the best known value of a vector, or one that is\n\
         certified there: {contradictions}."
    );
    assert_eq!(contradictions, 0);
}

/// Solves a case; false if what came out contradicts what is known of it.
fn add(table: &mut Table, case: &Case, pairing: Pairing) -> bool {
    let start = Instant::now();
    let (solution, _) = case.solve::<f64>(pairing, GAP, NODES);
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let row = Row { proved: solution.proved_optimal, milliseconds, nodes: solution.nodes };
    table.entry(case.rows.max(case.columns)).or_default().push(row);
    case.allows(&solution)
}

fn print(name: &str, table: &Table) {
    println!("\n## {name}\n");
    println!(
        "| size | pairs | proved | within {SOON} ms | median ms | 95 % ms | most ms | nodes, all pairs |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (size, rows) in table {
        let mut times: Vec<f64> = rows.iter().map(|row| row.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        let count = times.len();
        println!(
            "| {size} | {count} | {} | {} | {:.3} | {:.3} | {:.3} | {} |",
            rows.iter().filter(|row| row.proved).count(),
            rows.iter().filter(|row| row.proved && row.milliseconds < SOON).count(),
            times[count / 2],
            times[(count * 95 / 100).min(count - 1)],
            times[count - 1],
            rows.iter().map(|row| row.nodes).sum::<u32>(),
        );
    }
}
