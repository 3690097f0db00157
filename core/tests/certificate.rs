//! Proofs of global optimality: `Effort::Exact`.

use std::collections::BTreeMap;
use std::time::Instant;

use hotnas_core::Real;
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::transport::gromov::{self, Effort, GromovProblem, GromovSettings, Pairing, Solution};
use serde_json::Value;

struct Memory<R> {
    reals: Vec<R>,
    words: Vec<u32>,
    bytes: Vec<u8>,
}

impl<R: Real> Memory<R> {
    fn of(extent: Extent) -> Self {
        let Extent { reals, words, bytes } = extent;
        Self { reals: vec![R::ZERO; reals], words: vec![0; words], bytes: vec![0; bytes] }
    }
    fn arena(&mut self) -> Arena<'_, R> {
        Arena::new(&mut self.reals, &mut self.words, &mut self.bytes)
    }
}

/// A problem with its own memory.
struct Case {
    number: usize,
    rows: usize,
    columns: usize,
    lambda: f64,
    cost: Vec<f64>,
    row_costs: Vec<f64>,
    column_costs: Vec<f64>,
    row_masses: Vec<f64>,
    column_masses: Vec<f64>,
    best: f64,
    certified: bool,
}

impl Case {
    fn solve<R: Real>(&self, pairing: Pairing, gap: f64, nodes: u32) -> (Solution<R>, Vec<R>) {
        let to = |v: &[f64]| v.iter().map(|&x| R::from_f64(x)).collect::<Vec<R>>();
        let (cost, a, b) = (to(&self.cost), to(&self.row_costs), to(&self.column_costs));
        let (p, q) = (to(&self.row_masses), to(&self.column_masses));
        let problem = GromovProblem {
            rows: self.rows,
            columns: self.columns,
            cost: &cost,
            row_costs: &a,
            column_costs: &b,
            row_masses: Some(&p),
            column_masses: Some(&q),
        };
        let mut settings = GromovSettings::new(R::from_f64(self.lambda), pairing, Effort::Exact);
        settings.proof_gap = R::from_f64(gap);
        settings.nodes = nodes;
        let mut memory = Memory::of(gromov::exact_workspace(self.rows, self.columns));
        let mut plan = vec![R::ZERO; cost.len()];
        let solution = gromov::solve(&problem, &settings, Some(&mut plan), memory.arena()).unwrap();
        (solution, plan)
    }

    /// The objective of a plan, by its definition.
    fn objective(&self, pairing: Pairing, plan: &[f64]) -> f64 {
        let (n, m) = (self.rows, self.columns);
        let mut q = 0.0;
        for i in 0..n {
            for j in 0..m {
                for k in 0..n {
                    for l in 0..m {
                        let pair = (self.row_costs[i * n + k] - self.column_costs[j * m + l]).abs();
                        let product = plan[i * m + j] * plan[k * m + l];
                        q += match pairing {
                            Pairing::Ordered if i < k && j < l => product * pair,
                            Pairing::Ordered => 0.0,
                            _ => 0.5 * product * pair,
                        };
                    }
                }
            }
        }
        let linear: f64 = plan.iter().zip(&self.cost).map(|(t, c)| t * c).sum();
        self.lambda * linear + (1.0 - self.lambda) * q
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().flat_map(numbers).collect()
}

/// Entry i, k: 1 where a path leads from i to k, -1 where one leads back, in canonical order.
fn direction(cell: &Value, order: &Value) -> Vec<f64> {
    let order: Vec<usize> = numbers(order).iter().map(|&x| x as usize).collect();
    let adjacency = matrix(&cell["adj"]);
    let n = order.len();
    let mut reach = vec![false; n * n];
    for i in 0..n {
        for k in 0..n {
            reach[i * n + k] = adjacency[order[i] * n + order[k]] != 0.0;
        }
    }
    for via in 0..n {
        for i in 0..n {
            for k in 0..n {
                reach[i * n + k] |= reach[i * n + via] && reach[via * n + k];
            }
        }
    }
    let sign = |i: usize, k: usize| f64::from(reach[i * n + k]) - f64::from(reach[k * n + i]);
    (0..n * n).map(|e| sign(e / n, e % n)).collect()
}

fn vectors(pairing: Pairing) -> Vec<Case> {
    let read = |name: &str| -> Value {
        let path = format!("{}/../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let (all, modes) = (read("ifgw"), read("ifgw_modes"));
    let make = |number: usize, best: f64, certified: bool| {
        let case = &all["cases"][number];
        let mut row_costs = matrix(&case["cost_AA"]);
        let mut column_costs = matrix(&case["cost_BB"]);
        if pairing == Pairing::Flow {
            let signs = direction(&case["A"], &case["order_A"]);
            row_costs.iter_mut().zip(signs).for_each(|(x, s)| *x *= s);
            let signs = direction(&case["B"], &case["order_B"]);
            column_costs.iter_mut().zip(signs).for_each(|(x, s)| *x *= s);
        }
        let (row_masses, column_masses) = (numbers(&case["mass_A"]), numbers(&case["mass_B"]));
        Case {
            number,
            rows: row_masses.len(),
            columns: column_masses.len(),
            lambda: case["lam"].as_f64().unwrap(),
            cost: matrix(&case["cost_AB"]),
            row_costs,
            column_costs,
            row_masses,
            column_masses,
            best,
            certified,
        }
    };
    if pairing == Pairing::Ordered {
        let cases = all["cases"].as_array().unwrap().iter().enumerate();
        return cases
            .map(|(k, case)| {
                make(k, case["best"].as_f64().unwrap(), case["certified"].as_bool().unwrap())
            })
            .collect();
    }
    let name = if pairing == Pairing::Full { "full" } else { "flow" };
    let cases = modes["cases"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let best = case["modes"][name]["best"].as_f64().unwrap();
            make(case["case"].as_u64().unwrap() as usize, best, false)
        })
        .collect()
}

/// Prints shares and times; run with `--release --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measure() {
    let nodes = std::env::var("NODES").map_or(1000, |x| x.parse().unwrap());
    for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
        let mut table: BTreeMap<usize, Vec<(bool, f64, u32, f64)>> = BTreeMap::new();
        for case in vectors(pairing) {
            let size = case.rows.max(case.columns);
            let run = |nodes| {
                let start = Instant::now();
                let (solution, _) = case.solve::<f64>(pairing, 1e-3, nodes);
                (solution, start.elapsed().as_secs_f64() * 1e3)
            };
            let (_, base) = run(0);
            let (solution, time) = run(nodes);
            if std::env::var("VERBOSE").is_ok() && solution.nodes > 1 {
                println!(
                    "{:3} {}x{} {} nodes {:.2} ms, value {:.6} bound {:.6} best {:.6}",
                    case.number,
                    case.rows,
                    case.columns,
                    solution.nodes,
                    time,
                    solution.value,
                    solution.lower_bound,
                    case.best
                );
            }
            let row = (solution.proved_optimal, time, solution.nodes, base);
            table.entry(size).or_default().push(row);
        }
        println!(
            "{pairing:?}: size, pairs, proved, within 300 ms, median ms, 95 % ms, most ms, nodes, thorough alone"
        );
        for (size, rows) in table {
            let mut times: Vec<f64> = rows.iter().map(|x| x.1).collect();
            times.sort_by(f64::total_cmp);
            let count = times.len();
            println!(
                "{size:2} {count:3} {:3} {:3} {:9.3} {:9.3} {:9.3} {:6} {:9.3}",
                rows.iter().filter(|x| x.0).count(),
                rows.iter().filter(|x| x.0 && x.1 < 300.0).count(),
                times[count / 2],
                times[(count * 95 / 100).min(count - 1)],
                times[count - 1],
                rows.iter().map(|x| x.2).sum::<u32>(),
                rows.iter().map(|x| x.3).sum::<f64>() / count as f64,
            );
        }
    }
}
