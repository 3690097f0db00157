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
        let mut memory = Memory::of(gromov::workspace(self.rows, self.columns, Effort::Exact));
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
        let mut table: Table = BTreeMap::new();
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
        print(&format!("{pairing:?}"), &table);
        let mut single = (0, 0);
        for case in vectors(pairing) {
            single.0 += usize::from(case.solve::<f32>(pairing, 1e-3, 50).0.proved_optimal);
            single.1 += 1;
        }
        println!("f32, 50 nodes: {} of {} proved", single.0, single.1);
        // Costs without any structure.
        let mut draw = Draw(6);
        let mut table: Table = BTreeMap::new();
        for k in 0..60 {
            let size = [4, 6, 8][k % 3];
            let case = draw.case(size, size, pairing, false);
            let start = Instant::now();
            let (solution, _) = case.solve::<f64>(pairing, 1e-3, nodes);
            let time = start.elapsed().as_secs_f64() * 1e3;
            let row = (solution.proved_optimal, time, solution.nodes, 0.0);
            table.entry(size).or_default().push(row);
        }
        print("random costs", &table);
    }
}

/// Per size: proved, milliseconds, nodes, milliseconds without proof.
type Table = BTreeMap<usize, Vec<(bool, f64, u32, f64)>>;

fn print(name: &str, table: &Table) {
    println!("{name}: size, pairs, proved, in 300 ms, median ms, 95 % ms, most ms, nodes, ms unproved");
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

/// What must hold whatever was proved.
fn sound(case: &Case, pairing: Pairing, solution: &Solution<f64>, plan: &[f64]) {
    let name = format!("{pairing:?} {}", case.number);
    let (n, m) = (case.rows, case.columns);
    assert!((case.objective(pairing, plan) - solution.value).abs() < 1e-12, "{name}");
    for i in 0..n {
        let sum: f64 = plan[i * m..(i + 1) * m].iter().sum();
        assert!((sum - case.row_masses[i]).abs() < 1e-12, "{name}");
    }
    for j in 0..m {
        let sum: f64 = (0..n).map(|i| plan[i * m + j]).sum();
        assert!((sum - case.column_masses[j]).abs() < 1e-12, "{name}");
    }
    assert!(plan.iter().all(|&x| x >= 0.0), "{name}");
    assert!(solution.lower_bound <= solution.value, "{name}");
    assert!(solution.lower_bound <= case.best + 1e-7, "{name}");
    if case.certified {
        assert!(solution.value >= case.best - 2e-7, "{name}");
    }
    if solution.proved_optimal {
        assert!(solution.value <= case.best * 1.001 + 1e-6, "{name}");
    }
}

#[test]
fn vectors_are_proved_and_nothing_contradicts_them() {
    let limits = [(Pairing::Ordered, 300), (Pairing::Full, 300), (Pairing::Flow, 100)];
    for (pairing, nodes) in limits {
        let (mut middle, mut proved) = (0, 0);
        for case in vectors(pairing) {
            let size = case.rows.max(case.columns);
            let nodes = if size > 8 { 20 } else { nodes };
            let (solution, plan) = case.solve::<f64>(pairing, 1e-3, nodes);
            sound(&case, pairing, &solution, &plan);
            assert!(solution.nodes <= nodes);
            if size <= 5 {
                assert!(solution.proved_optimal, "{pairing:?} {}", case.number);
            } else if size <= 8 {
                middle += 1;
                proved += usize::from(solution.proved_optimal);
            }
        }
        assert!(proved * 100 >= middle * 97, "{pairing:?}: {proved} of {middle}");
    }
}

#[test]
fn a_smaller_gap_is_proved_too() {
    for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
        let mut counts = (0, 0);
        for case in vectors(pairing).iter().filter(|case| case.rows.max(case.columns) <= 4) {
            let (solution, plan) = case.solve::<f64>(pairing, 1e-5, 300);
            sound(case, pairing, &solution, &plan);
            counts = (counts.0 + 1, counts.1 + usize::from(solution.proved_optimal));
        }
        assert!(counts.1 * 10 >= counts.0 * 9, "{pairing:?} {counts:?}");
    }
}

#[test]
fn single_precision_claims_nothing_false() {
    for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
        let (mut count, mut proved) = (0, 0);
        for case in vectors(pairing).iter().filter(|case| case.rows.max(case.columns) <= 6) {
            let (solution, plan) = case.solve::<f32>(pairing, 1e-3, 50);
            // Costs and masses are rounded to single precision on the way in.
            assert!(f64::from(solution.lower_bound) <= case.best + 2e-6, "{pairing:?} {}", case.number);
            let plan: Vec<f64> = plan.iter().map(|&x| f64::from(x)).collect();
            let value = case.objective(pairing, &plan);
            assert!((value - f64::from(solution.value)).abs() < 1e-5);
            if solution.proved_optimal {
                assert!(f64::from(solution.value) <= case.best * 1.001 + 1e-5);
            }
            count += 1;
            proved += usize::from(solution.proved_optimal);
        }
        assert!(proved * 2 > count, "{pairing:?}: {proved} of {count}");
    }
}

/// Numbers in [0, 1) from a seed.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn masses(&mut self, n: usize, zero: bool) -> Vec<f64> {
        let mut p: Vec<f64> = (0..n).map(|_| 0.1 + self.next()).collect();
        if zero && n > 1 {
            p[0] = 0.0;
        }
        let sum: f64 = p.iter().sum();
        p.iter_mut().for_each(|x| *x /= sum);
        p
    }

    fn within(&mut self, n: usize, sign: f64) -> Vec<f64> {
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for k in i + 1..n {
                a[i * n + k] = self.next();
                a[k * n + i] = sign * a[i * n + k];
            }
        }
        a
    }

    fn case(&mut self, rows: usize, columns: usize, pairing: Pairing, zero: bool) -> Case {
        let sign = if pairing == Pairing::Flow { -1.0 } else { 1.0 };
        Case {
            number: 0,
            rows,
            columns,
            lambda: 0.6 * self.next(),
            cost: (0..rows * columns).map(|_| self.next()).collect(),
            row_costs: self.within(rows, sign),
            column_costs: self.within(columns, sign),
            row_masses: self.masses(rows, zero),
            column_masses: self.masses(columns, false),
            best: f64::INFINITY,
            certified: false,
        }
    }
}

#[test]
fn two_by_two_has_a_closed_form() {
    let mut draw = Draw(1);
    for k in 0..150 {
        let pairing = [Pairing::Ordered, Pairing::Full, Pairing::Flow][k % 3];
        let mut case = draw.case(2, 2, pairing, false);
        let (p, q) = (case.row_masses[0], case.column_masses[0]);
        let value = |t: f64| case.objective(pairing, &[t, p - t, q - t, 1.0 - p - q + t]);
        let (low, high) = ((p + q - 1.0).max(0.0), p.min(q));
        // A parabola in t through three values.
        let (a, b, c) = (value(low), value(0.5 * (low + high)), value(high));
        let bend = 2.0 * (a - 2.0 * b + c);
        let slope = -3.0 * a + 4.0 * b - c;
        let mut best = a.min(c);
        if bend > 0.0 {
            best = best.min(value(low + (high - low) * (-slope / (2.0 * bend)).clamp(0.0, 1.0)));
        }
        case.best = best;
        case.certified = true;
        let (solution, plan) = case.solve::<f64>(pairing, 1e-4, 500);
        sound(&case, pairing, &solution, &plan);
        assert!(solution.proved_optimal && solution.value <= best + 1e-7);
    }
}

#[test]
fn two_by_three_agrees_with_a_grid() {
    let mut draw = Draw(2);
    for k in 0..45 {
        let pairing = [Pairing::Ordered, Pairing::Full, Pairing::Flow][k % 3];
        let mut case = draw.case(2, 3, pairing, false);
        let (p, q) = (&case.row_masses, &case.column_masses);
        for a in 0..=60 {
            for b in 0..=60 {
                let (x, y) = (q[0] * f64::from(a) / 60.0, q[1] * f64::from(b) / 60.0);
                let z = p[0] - x - y;
                if (0.0..=q[2]).contains(&z) {
                    let plan = [x, y, z, q[0] - x, q[1] - y, q[2] - z];
                    case.best = case.best.min(case.objective(pairing, &plan));
                }
            }
        }
        let (solution, plan) = case.solve::<f64>(pairing, 1e-3, 500);
        sound(&case, pairing, &solution, &plan);
        assert!(solution.proved_optimal, "{k}");
    }
}

#[test]
fn no_plan_lies_below_the_bound() {
    let mut draw = Draw(3);
    for k in 0..120 {
        let pairing = [Pairing::Ordered, Pairing::Full, Pairing::Flow][k % 3];
        let (n, m) = (1 + k % 5, 1 + (k / 5) % 4);
        let mut case = draw.case(n, m, pairing, k % 2 == 1);
        let nodes = [1, 5, 100][k % 3];
        // Vertices: rows and columns filled in random orders.
        for _ in 0..200 {
            let (mut p, mut q) = (case.row_masses.clone(), case.column_masses.clone());
            let mut plan = vec![0.0; n * m];
            let mut order: Vec<(f64, usize)> = (0..n * m).map(|e| (draw.next(), e)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, e) in order {
                let x = p[e / m].min(q[e % m]);
                plan[e] = x;
                p[e / m] -= x;
                q[e % m] -= x;
            }
            case.best = case.best.min(case.objective(pairing, &plan));
        }
        let (solution, plan) = case.solve::<f64>(pairing, 1e-3, nodes);
        sound(&case, pairing, &solution, &plan);
    }
}

#[test]
fn easy_problems_need_no_search() {
    let mut draw = Draw(4);
    for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
        // One point: one plan.
        let case = draw.case(1, 5, pairing, false);
        let (solution, _) = case.solve::<f64>(pairing, 1e-9, 1);
        assert!(solution.proved_optimal);
        // Linear.
        let mut case = draw.case(4, 5, pairing, false);
        case.lambda = 1.0;
        let (solution, _) = case.solve::<f64>(pairing, 1e-9, 1);
        assert!(solution.proved_optimal);
        // Equal sides.
        let mut case = draw.case(5, 5, pairing, false);
        case.column_costs.clone_from(&case.row_costs);
        case.column_masses.clone_from(&case.row_masses);
        case.cost.iter_mut().enumerate().for_each(|(e, c)| *c = if e % 6 == 0 { 0.0 } else { *c });
        let (solution, _) = case.solve::<f64>(pairing, 1e-9, 1);
        assert!(solution.proved_optimal && solution.value == 0.0 && solution.lower_bound == 0.0);
    }
    // Nothing but a quadratic term: a plan that reverses the order costs nothing.
    let mut case = draw.case(4, 4, Pairing::Ordered, false);
    case.lambda = 0.0;
    let (solution, _) = case.solve::<f64>(Pairing::Ordered, 1e-3, 1);
    assert!(solution.proved_optimal && solution.value.abs() < 1e-15);
    // Costs of any size, masses of 0.
    for scale in [1e-300, 1e-30, 1e250] {
        let mut case = draw.case(3, 4, Pairing::Full, true);
        for costs in [&mut case.cost, &mut case.row_costs, &mut case.column_costs] {
            costs.iter_mut().for_each(|c| *c *= scale);
        }
        let (solution, _) = case.solve::<f64>(Pairing::Full, 1e-3, 200);
        assert!(solution.lower_bound >= 0.0 && solution.lower_bound <= solution.value);
        assert!(solution.proved_optimal, "{scale:e}");
    }
}

#[test]
fn memory_and_settings_are_checked_and_leave_no_trace() {
    let mut draw = Draw(5);
    let case = draw.case(4, 6, Pairing::Full, false);
    let problem = GromovProblem {
        rows: 4,
        columns: 6,
        cost: &case.cost,
        row_costs: &case.row_costs,
        column_costs: &case.column_costs,
        row_masses: Some(&case.row_masses),
        column_masses: None,
    };
    let mut settings = GromovSettings::new(0.2, Pairing::Full, Effort::Exact);
    settings.proof_gap = 1e-4;
    let need = gromov::workspace(4, 6, Effort::Exact);
    let run = |fill: f64| {
        let mut memory = Memory::<f64>::of(need);
        memory.reals.fill(fill);
        memory.words.fill(fill as u32);
        let mut plan = [0.0; 24];
        let solution = gromov::solve(&problem, &settings, Some(&mut plan), memory.arena()).unwrap();
        (solution, plan)
    };
    let first = run(0.0);
    assert!(first.0.nodes > 0 && first.0.proved_optimal);
    assert_eq!(first, run(f64::NAN));
    assert_eq!(first, run(1e300));
    let mut memory = Memory::<f64>::of(gromov::workspace(4, 6, Effort::Fast));
    let refused = gromov::solve(&problem, &settings, None, memory.arena());
    assert_eq!(refused.unwrap_err(), hotnas_core::Error::MemoryTooSmall);
    let mut memory = Memory::<f64>::of(need);
    for gap in [-1.0, 1.0, f64::NAN] {
        let settings = GromovSettings { proof_gap: gap, ..settings };
        let refused = gromov::solve(&problem, &settings, None, memory.arena());
        assert_eq!(refused.unwrap_err(), hotnas_core::Error::InvalidSetting);
    }
    // Without nodes: the answer of `Thorough`.
    let settings = GromovSettings { nodes: 0, ..settings };
    let none = gromov::solve(&problem, &settings, None, memory.arena()).unwrap();
    let settings = GromovSettings { effort: Effort::Thorough, ..settings };
    assert_eq!(none, gromov::solve(&problem, &settings, None, memory.arena()).unwrap());
}
