//! Distances of cells and networks: reference vectors, the promises to the bit, cache and bulk calls.

mod cells;

use cells::{Memory, Spec, assert_close, group_masks, numbers, vectors};
use hotnas_core::arch::{Cell, Dissimilarity, FeatureScale, Groups, Network, OperationTable, stride};
use hotnas_core::metric::{
    Distance, DistanceCache, Metric, MetricSettings, NetworkShape, NetworkSolution, triangle,
};
use hotnas_core::transport::gromov::{Effort, Pairing, Solution};
use hotnas_core::transport::{Problem, exact};
use hotnas_core::{Error, Real};
use proptest::prelude::*;
use serde_json::Value;

const PAIRINGS: [(Pairing, &str); 3] =
    [(Pairing::Ordered, "ordered"), (Pairing::Full, "full"), (Pairing::Flow, "flow")];

fn settings<R: Real>(pairing: Pairing, effort: Effort) -> MetricSettings<R> {
    MetricSettings { pairing, effort, ..MetricSettings::default_preset() }
}

fn distance<R: Real>(metric: &Metric<'_, R>, a: &Cell<'_, R>, b: &Cell<'_, R>) -> (Solution<R>, Vec<R>) {
    let mut work =
        Memory::new(Metric::<R>::cell_workspace(a.nodes(), b.nodes(), metric.settings().effort));
    let mut plan = vec![R::from_f64(-1.0); a.nodes() * b.nodes()];
    let with_plan = metric.cell_distance(a, b, Some(&mut plan), work.arena()).unwrap();
    let without = metric.cell_distance(a, b, None, work.arena()).unwrap();
    assert_eq!(with_plan, without);
    (with_plan, plan)
}

fn costs<R: Real>(metric: &Metric<'_, R>, a: &Cell<'_, R>, b: &Cell<'_, R>) -> Vec<R> {
    let mut work =
        Memory::new(Metric::<R>::cell_workspace(a.nodes(), b.nodes(), metric.settings().effort));
    let mut out = vec![R::from_f64(-1.0); a.nodes() * b.nodes()];
    metric.node_costs(a, b, &mut out, work.arena()).unwrap();
    out
}

/// Is `plan` in the caller's order a plan of the masses, and is `value` its objective?
fn assert_plan<R: Real>(
    metric: &Metric<'_, R>,
    a: &Cell<'_, R>,
    b: &Cell<'_, R>,
    solution: &Solution<R>,
    plan: &[R],
    tolerance: f64,
) {
    let (n, m) = (a.nodes(), b.nodes());
    let f = |x: R| x.to_f64();
    let at = |i: usize, j: usize| f(plan[usize::from(a.order()[i]) * m + usize::from(b.order()[j])]);
    for i in 0..n {
        let row: f64 = (0..m).map(|j| at(i, j)).sum();
        assert!((row - f(a.masses()[i])).abs() <= tolerance);
    }
    for j in 0..m {
        let column: f64 = (0..n).map(|i| at(i, j)).sum();
        assert!((column - f(b.masses()[j])).abs() <= tolerance);
    }
    let (c, p, q) = (costs(metric, a, b), costs(metric, a, a), costs(metric, b, b));
    let s = metric.settings();
    let reach = |cell: &Cell<'_, R>, i: usize, k: usize| {
        f64::from(cell.reaches(i) >> k & 1) - f64::from(cell.reaches(k) >> i & 1)
    };
    let (mut linear, mut quadratic) = (0.0, 0.0);
    for i in 0..n {
        for j in 0..m {
            assert!(at(i, j) >= 0.0);
            linear += at(i, j) * f(c[i * m + j]);
            for k in 0..n {
                for l in 0..m {
                    let (x, y) = (f(p[i * n + k]), f(q[j * m + l]));
                    let w = match s.pairing {
                        Pairing::Ordered if i < k && j < l => (x - y).abs(),
                        Pairing::Ordered => 0.0,
                        Pairing::Full => 0.5 * (x - y).abs(),
                        Pairing::Flow => 0.5 * (x * reach(a, i, k) - y * reach(b, j, l)).abs(),
                    };
                    quadratic += at(i, j) * at(k, l) * w;
                }
            }
        }
    }
    let objective = f(s.lambda) * linear + (1.0 - f(s.lambda)) * quadratic;
    assert!((objective - f(solution.value)).abs() <= tolerance, "{objective} {}", solution.value);
    assert!(solution.lower_bound <= solution.value && solution.lower_bound >= R::ZERO);
}

struct Case<R> {
    d: Vec<R>,
    a: Memory<R>,
    b: Memory<R>,
}

fn table<'a, R: Real>(
    d: &'a [R],
    groups: Option<Groups<'a>>,
    weights: &'a [R],
) -> OperationTable<'a, R> {
    let operations = (1..=256).find(|k| k * k == d.len()).unwrap();
    let d = Dissimilarity::Matrix { operations, values: d };
    OperationTable::new(d, groups, weights, FeatureScale::LongestPath).unwrap()
}

/// A case of `ifgw.json`, or `None` where declared inputs and outputs were used.
fn ifgw_case<R: Real>(index: usize, case: &Value) -> Option<Case<R>> {
    if [49, 99, 149, 199].contains(&index) {
        return None;
    }
    let d = numbers::<R>(&case["D"]);
    let t = table(&d, None, &[]);
    let a = Spec::<R>::from_json(&case["A"]).build(&t).unwrap();
    let b = Spec::<R>::from_json(&case["B"]).build(&t).unwrap();
    Some(Case { d, a, b })
}

fn case_settings<R: Real>(case: &Value, pairing: Pairing, effort: Effort) -> MetricSettings<R> {
    MetricSettings {
        epsilon: R::from_f64(case["eps"].as_f64().unwrap()),
        lambda: R::from_f64(case["lam"].as_f64().unwrap()),
        ..settings(pairing, effort)
    }
}

/// Counts how many values reach the best known one; none may be below a proved bound.
#[derive(Default, Debug)]
struct Score {
    cases: usize,
    reached: usize,
    worst: f64,
}

impl Score {
    fn add(&mut self, value: f64, best: f64, tolerance: f64) {
        self.cases += 1;
        self.reached += usize::from(value <= best + tolerance);
        self.worst = self.worst.max(value / best.max(1e-3));
    }
    fn share(&self) -> f64 {
        self.reached as f64 / self.cases as f64
    }
}

fn costs_of_the_vectors<R: Real>(tolerance: f64) {
    for (index, case) in vectors("ifgw")["cases"].as_array().unwrap().iter().enumerate() {
        let Some(c) = ifgw_case::<R>(index, case) else { continue };
        // The weight of the quadratic term does not enter the node costs; 0 is refused.
        let mut s = case_settings::<R>(case, Pairing::Ordered, Effort::Fast);
        s.lambda = s.lambda.max(R::HALF);
        let metric = Metric::new(&table(&c.d, None, &[]), s).unwrap();
        let (a, b) = (c.a.cell(), c.b.cell());
        for (name, x, y) in [("cost_AB", &a, &b), ("cost_AA", &a, &a), ("cost_BB", &b, &b)] {
            let what = format!("case {index} {name}");
            assert_close(&costs(&metric, x, y), &numbers(&case[name]), tolerance, &what);
        }
    }
}

#[test]
fn node_costs_of_the_vectors() {
    costs_of_the_vectors::<f64>(1e-12);
    costs_of_the_vectors::<f32>(1e-6);
}

fn ordered_vectors<R: Real>(effort: Effort, tolerance: f64) -> Score {
    let mut score = Score::default();
    for (index, case) in vectors("ifgw")["cases"].as_array().unwrap().iter().enumerate() {
        let Some(c) = ifgw_case::<R>(index, case) else { continue };
        let t = table(&c.d, None, &[]);
        let s = case_settings(case, Pairing::Ordered, effort);
        if s.lambda == R::ZERO {
            assert_eq!(Metric::new(&t, s).err(), Some(Error::InvalidSetting));
            continue;
        }
        let metric = Metric::new(&t, s).unwrap();
        let (a, b) = (c.a.cell(), c.b.cell());
        let (solution, plan) = distance(&metric, &a, &b);
        assert_plan(&metric, &a, &b, &solution, &plan, tolerance.max(1e-11));
        let value = solution.value.to_f64();
        let best = case["best"].as_f64().unwrap();
        assert!(value >= case["lower_bound"].as_f64().unwrap() - tolerance, "case {index}");
        if case["certified"].as_bool().unwrap() {
            assert!(value >= best - 2.0 * tolerance, "case {index}");
        }
        let bound = solution.lower_bound.to_f64();
        assert!(bound <= best + tolerance, "case {index}: a bound above a known plan");
        score.add(value, best, tolerance);
    }
    score
}

#[test]
fn ordered_distances_of_the_vectors() {
    let thorough = ordered_vectors::<f64>(Effort::Thorough, 1e-7);
    assert!(thorough.share() >= 0.97 && thorough.worst <= 1.02, "{thorough:?}");
    let fast = ordered_vectors::<f64>(Effort::Fast, 1e-7);
    assert!(fast.share() >= 0.95 && fast.worst <= 1.10, "{fast:?}");
    let single = ordered_vectors::<f32>(Effort::Fast, 1e-5);
    assert!(single.share() >= 0.95 && single.worst <= 1.10, "{single:?}");
}

#[test]
fn full_and_flow_distances_of_the_vectors() {
    let cases = vectors("ifgw");
    for (pairing, name) in [(Pairing::Full, "full"), (Pairing::Flow, "flow")] {
        let mut score = [Score::default(), Score::default()];
        for mode in vectors("ifgw_modes")["cases"].as_array().unwrap() {
            let index = mode["case"].as_u64().unwrap() as usize;
            let case = &cases["cases"][index];
            let Some(c) = ifgw_case::<f64>(index, case) else { continue };
            let best = mode["modes"][name]["best"].as_f64().unwrap();
            for (score, effort) in score.iter_mut().zip([Effort::Fast, Effort::Thorough]) {
                let mut s = case_settings(case, pairing, effort);
                s.lambda = mode["lam"].as_f64().unwrap();
                let metric = Metric::new(&table(&c.d, None, &[]), s).unwrap();
                let (a, b) = (c.a.cell(), c.b.cell());
                let (solution, plan) = distance(&metric, &a, &b);
                assert_plan(&metric, &a, &b, &solution, &plan, 1e-11);
                assert!(solution.lower_bound <= best + 1e-9);
                score.add(solution.value, best, 1e-7);
            }
        }
        let [fast, thorough] = score;
        assert!(fast.share() >= 0.95 && fast.worst <= 1.04, "{name} {fast:?}");
        assert!(thorough.share() >= 0.98 && thorough.worst <= 1.02, "{name} {thorough:?}");
    }
}

fn grouped_vectors<R: Real>(cost_tolerance: f64, tolerance: f64) {
    let file = vectors("grouped");
    let operations = file["operations"].as_array().unwrap().len();
    let mut score = [Score::default(), Score::default(), Score::default()];
    for (index, case) in file["cases"].as_array().unwrap().iter().enumerate() {
        let (count, masks) = group_masks(&case["groups"], operations);
        let weights = numbers::<R>(&case["attribute_weights"]);
        let t = OperationTable::new(
            Dissimilarity::Flat(operations),
            Some(Groups { count, masks: &masks }),
            &weights,
            FeatureScale::LongestPath,
        )
        .unwrap();
        let a = Spec::<R>::from_json(&case["A"]).build(&t).unwrap();
        let b = Spec::<R>::from_json(&case["B"]).build(&t).unwrap();
        let (a, b) = (a.cell(), b.cell());
        for ((pairing, name), score) in PAIRINGS.into_iter().zip(&mut score) {
            let metric = Metric::new(&t, case_settings(case, pairing, Effort::Thorough)).unwrap();
            let what = format!("case {index}");
            let expected = numbers(&case["cost_AB"]);
            assert_close(&costs(&metric, &a, &b), &expected, cost_tolerance, &what);
            let (solution, plan) = distance(&metric, &a, &b);
            assert_plan(&metric, &a, &b, &solution, &plan, tolerance.max(1e-11));
            let best = case["best"][name].as_f64().unwrap();
            assert!(solution.lower_bound.to_f64() <= best + tolerance);
            score.add(solution.value.to_f64(), best, tolerance);
        }
    }
    for (score, (_, name)) in score.iter().zip(PAIRINGS) {
        assert!(score.share() >= 0.95 && score.worst <= 1.02, "{name} {score:?}");
    }
}

#[test]
fn distances_of_the_grouped_vectors() {
    grouped_vectors::<f64>(1e-12, 1e-7);
    grouped_vectors::<f32>(1e-6, 1e-5);
}

fn network_distance<R: Real>(
    metric: &Metric<'_, R>,
    a: &Network<'_, R>,
    b: &Network<'_, R>,
    cache: Option<&mut DistanceCache<'_, R>>,
) -> (NetworkSolution<R>, Vec<R>) {
    let shape = NetworkShape::of(a).or(NetworkShape::of(b));
    let mut work = Memory::new(Metric::<R>::network_workspace(&shape, Effort::Fast));
    let mut plan = vec![R::from_f64(-1.0); a.len() * b.len()];
    let with_plan = metric.network_distance(a, b, Some(&mut plan), None, work.arena()).unwrap();
    let without = metric.network_distance(a, b, None, cache, work.arena()).unwrap();
    assert_eq!(with_plan.value, without.value);
    assert_eq!(with_plan.lower_bound, without.lower_bound);
    assert_eq!(with_plan.marginal_residual, without.marginal_residual);
    assert_eq!(with_plan.proved_optimal, without.proved_optimal);
    (without, plan)
}

#[test]
fn networks_of_the_vectors() {
    let mut score = Score::default();
    for (index, case) in vectors("hotnn")["cases"].as_array().unwrap().iter().enumerate() {
        let d = numbers::<f64>(&case["D"]);
        let t = table(&d, None, &[]);
        let mut s = case_settings::<f64>(case, Pairing::Ordered, Effort::Thorough);
        s.eta = case["eta"].as_f64().unwrap();
        let metric = Metric::new(&t, s).unwrap();
        let names: Vec<&String> = case["cells"].as_object().unwrap().keys().collect();
        let built: Vec<Memory<f64>> =
            names.iter().map(|&n| Spec::from_json(&case["cells"][n]).build(&t).unwrap()).collect();
        let cells: Vec<Cell<'_, f64>> = built.iter().map(Memory::cell).collect();
        let sequence = |v: &Value| -> Vec<u8> {
            let find =
                |x: &Value| names.iter().position(|n| Some(n.as_str()) == x.as_str()).unwrap() as u8;
            v.as_array().unwrap().iter().map(find).collect()
        };
        let (x, y) = (sequence(&case["net1"]), sequence(&case["net2"]));
        let [f, g, p, q] = ["f", "g", "pos1", "pos2"].map(|k| numbers::<f64>(&case[k]));
        let a = Network::new(&cells, &x, Some(&p), Some(&f)).unwrap();
        let b = Network::new(&cells, &y, Some(&q), Some(&g)).unwrap();
        let (solution, plan) = network_distance(&metric, &a, &b, None);
        let expected = case["hotnn"].as_f64().unwrap();

        // The outer problem with the reference's cell distances.
        let (n, m) = (x.len(), y.len());
        let ifgw = numbers::<f64>(&case["ifgw"]);
        let cost: Vec<f64> =
            (0..n * m).map(|k| (1.0 - s.eta) * ifgw[k] + s.eta * (p[k / m] - q[k % m]).abs()).collect();
        let problem =
            Problem { rows: n, columns: m, cost: &cost, row_masses: Some(&f), column_masses: Some(&g) };
        let mut work = Memory::new(exact::workspace(n, m));
        let outer = exact::solve(&problem, None, None, work.arena()).unwrap();
        assert!((outer.cost - expected).abs() <= 1e-9, "case {index}: {} {expected}", outer.cost);

        let largest = ifgw.iter().fold(0.0f64, |a, &x| a.max(x));
        assert!(solution.value <= expected + (1.0 - s.eta) * 0.04 * largest + 1e-8, "case {index}");
        assert!(solution.lower_bound <= expected + 1e-9, "case {index}");
        assert!((plan.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(solution.cell_pairs_solved <= (names.len() * (names.len() - 1) / 2) as u32);
        score.add(solution.value, expected, 1e-7);
    }
    assert!(score.share() >= 0.85, "{score:?}");
}

#[test]
fn reachability_counts_for_flow_alone() {
    let t = table(&[0.0], None, &[]);
    let a = Spec::<f64>::new(&[0; 4], &[(0, 3), (1, 2)]).build(&t).unwrap();
    let b = Spec::<f64>::new(&[0; 4], &[(0, 2), (0, 3), (1, 2)]).build(&t).unwrap();
    let c = Spec::<f64>::new(&[0; 4], &[(0, 1), (1, 2), (0, 3)]).build(&t).unwrap();
    let value = |pairing, x: &Memory<f64>, y: &Memory<f64>| {
        let metric = Metric::new(&t, settings(pairing, Effort::Thorough)).unwrap();
        distance(&metric, &x.cell(), &y.cell()).0.value
    };
    for pairing in [Pairing::Ordered, Pairing::Full] {
        assert_eq!(value(pairing, &a, &b), 0.0);
        assert_eq!(value(pairing, &a, &c), value(pairing, &b, &c));
    }
    assert!(value(Pairing::Flow, &a, &b) > 1e-3);
    assert_ne!(value(Pairing::Flow, &a, &c), value(Pairing::Flow, &b, &c));
}

#[test]
fn settings_and_foreign_cells_are_refused() {
    let t = OperationTable::<f64>::poster();
    let good = MetricSettings::poster();
    assert_eq!(good.pairing, Pairing::Ordered);
    let refused = |s| Metric::new(&t, s).err() == Some(Error::InvalidSetting);
    assert!(!refused(good) && !refused(MetricSettings::default_preset()));
    for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(refused(MetricSettings { epsilon: bad, ..good }));
        assert!(refused(MetricSettings { lambda: bad, ..good }));
        assert!(refused(MetricSettings { eta: bad, ..good }));
        assert!(refused(MetricSettings { gap: bad, ..good }));
    }
    assert!(refused(MetricSettings { iterations: 0, ..good }));
    assert!(refused(MetricSettings { lambda: 0.0, ..good }));
    assert!(!refused(MetricSettings { lambda: 0.0, pairing: Pairing::Full, ..good }));

    let own = Spec::new(&[0, 1], &[(0, 1)]).build(&t).unwrap();
    let foreign = Spec::new(&[0, 1], &[(0, 1)]).build(&table(&[0.0; 4], None, &[])).unwrap();
    let metric = Metric::new(&t, good).unwrap();
    let mut work = Memory::<f64>::new(Metric::<f64>::cell_workspace(2, 2, Effort::Fast));
    let mut plan = [0.0; 3];
    let (a, b) = (own.cell(), foreign.cell());
    assert_eq!(metric.cell_distance(&a, &b, None, work.arena()).err(), Some(Error::TableMismatch));
    assert_eq!(metric.cell_distance(&b, &a, None, work.arena()).err(), Some(Error::TableMismatch));
    let wrong = metric.cell_distance(&a, &a, Some(&mut plan), work.arena());
    assert_eq!(wrong.err(), Some(Error::DimensionMismatch));
    let mut small = Memory::<f64>::new(Metric::<f64>::cell_workspace(2, 1, Effort::Fast));
    let wrong = metric.cell_distance(&a, &a, None, small.arena());
    assert_eq!(wrong.err(), Some(Error::MemoryTooSmall));
    let (cells, others) = ([a], [b]);
    let x = Network::new(&cells, &[0], None, None).unwrap();
    let y = Network::new(&others, &[0], None, None).unwrap();
    let mut work =
        Memory::<f64>::new(Metric::<f64>::network_workspace(&NetworkShape::of(&x), Effort::Fast));
    assert_eq!(
        metric.network_distance(&x, &y, None, None, work.arena()).err(),
        Some(Error::TableMismatch)
    );
    let mut small = Memory::<f64>::new(Metric::<f64>::cell_workspace(2, 2, Effort::Fast));
    assert_eq!(
        metric.network_distance(&x, &x, None, None, small.arena()).err(),
        Some(Error::MemoryTooSmall)
    );
}

/// A random cell over 3 operations with one attribute and sometimes masses, and a renumbering.
fn any_cell(nodes: usize) -> impl Strategy<Value = (Spec<f64>, Vec<usize>)> {
    (1..=nodes)
        .prop_flat_map(|n| {
            (
                prop::collection::vec(0..3u8, n),
                prop::collection::vec(any::<bool>(), n * n),
                prop::option::of(prop::collection::vec(1..4u8, n)),
                prop::collection::vec(0..3u8, n),
                Just((0..n).collect::<Vec<_>>()).prop_shuffle(),
            )
        })
        .prop_map(|(operations, dense, masses, attributes, to)| {
            let n = operations.len();
            let edges: Vec<(u8, u8)> = (0..n * n)
                .filter(|&e| e / n < e % n && dense[e])
                .map(|e| ((e / n) as u8, (e % n) as u8))
                .collect();
            let mut spec = Spec::new(&operations, &edges);
            spec.masses = masses.map(|m| {
                let sum: f64 = m.iter().map(|&x| f64::from(x)).sum();
                m.iter().map(|&x| f64::from(x) / sum).collect()
            });
            spec.attributes = attributes.into_iter().map(f64::from).collect();
            (spec, to)
        })
}

fn convert<R: Real>(spec: &Spec<f64>) -> Spec<R> {
    Spec {
        operations: spec.operations.clone(),
        edges: spec.edges.clone(),
        masses: spec.masses.as_ref().map(|m| m.iter().map(|&x| R::from_f64(x)).collect()),
        attributes: spec.attributes.iter().map(|&x| R::from_f64(x)).collect(),
    }
}

fn promises_of_cells<R: Real>(x: &(Spec<f64>, Vec<usize>), y: &(Spec<f64>, Vec<usize>)) {
    let (x, to_x, y, to_y) = (convert::<R>(&x.0), &x.1, convert::<R>(&y.0), &y.1);
    let masks = [1, 2, 3];
    let weights = [R::from_f64(0.3)];
    let t = OperationTable::new(
        Dissimilarity::Flat(3),
        Some(Groups { count: 2, masks: &masks }),
        &weights,
        FeatureScale::LongestPath,
    )
    .unwrap();
    let (a, b) = (x.build(&t).unwrap(), y.build(&t).unwrap());
    let (c, d) = (x.renumbered(to_x).build(&t).unwrap(), y.renumbered(to_y).build(&t).unwrap());
    let (a, b, c, d) = (a.cell(), b.cell(), c.cell(), d.cell());
    for (pairing, _) in PAIRINGS {
        let metric = Metric::new(&t, settings(pairing, Effort::Fast)).unwrap();
        let (solution, plan) = distance(&metric, &a, &b);
        let tolerance = if R::BITS == 64 { 1e-11 } else { 1e-5 };
        assert_plan(&metric, &a, &b, &solution, &plan, tolerance);
        let (n, m) = (a.nodes(), b.nodes());
        // Renumbered, exchanged, both: the same bits.
        let (renumbered, plan_cd) = distance(&metric, &c, &d);
        assert_eq!(solution, renumbered);
        let (exchanged, plan_ba) = distance(&metric, &b, &a);
        assert_eq!(solution, exchanged);
        for i in 0..n {
            for j in 0..m {
                assert_eq!(plan[i * m + j], plan_ba[j * n + i]);
                let (i, j) = (usize::from(a.order()[i]), usize::from(b.order()[j]));
                let (k, l) = (
                    a.order().iter().position(|&o| usize::from(o) == i).unwrap(),
                    b.order().iter().position(|&o| usize::from(o) == j).unwrap(),
                );
                let moved = plan_cd[usize::from(c.order()[k]) * m + usize::from(d.order()[l])];
                assert_eq!(plan[i * m + j], moved);
            }
        }
        assert!(solution.value >= R::ZERO);
        let (same, diagonal) = distance(&metric, &a, &c);
        assert_eq!(same.value, R::ZERO);
        assert!(same.proved_optimal);
        assert_plan(&metric, &a, &c, &same, &diagonal, tolerance);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn cell_distances_keep_their_promises(x in any_cell(7), y in any_cell(9)) {
        promises_of_cells::<f64>(&x, &y);
        promises_of_cells::<f32>(&x, &y);
    }

    #[test]
    fn network_distances_keep_their_promises(
        specs in prop::collection::vec(any_cell(5), 4),
        x in prop::collection::vec(0..3u8, 1..7),
        y in prop::collection::vec(0..4u8, 1..7),
        masses in any::<bool>(),
        effort in prop::sample::select(&[Effort::Fast, Effort::Thorough][..]),
    ) {
        promises_of_networks::<f64>(&specs, &x, &y, masses, effort);
        promises_of_networks::<f32>(&specs, &x, &y, masses, effort);
    }

    /// A solver that never ends would fail this.
    #[test]
    fn damaged_numbers_are_seen_or_have_a_distance(
        x in any_cell(7),
        y in any_cell(7),
        damage in prop::collection::vec((any::<u16>(), damaged_number()), 1..12),
        words in prop::collection::vec((any::<u16>(), any::<u32>()), 0..3),
    ) {
        let weights = [0.3];
        let t =
            OperationTable::new(Dissimilarity::Flat(3), None, &weights, FeatureScale::LongestPath).unwrap();
        let (mut a, b) = (x.0.build(&t).unwrap(), y.0.build(&t).unwrap());
        for (at, number) in damage {
            let count = a.reals.len();
            a.reals[usize::from(at) % count] = number;
        }
        // Reachability and children; the header stays.
        let header = 8;
        for (at, word) in words {
            let count = a.words.len() - header;
            a.words[header + usize::from(at) % count] = word;
        }
        let cell = a.cell();
        if cell.is_within_ranges() {
            for (pairing, _) in PAIRINGS {
                for effort in [Effort::Fast, Effort::Thorough] {
                    let metric = Metric::new(&t, settings(pairing, effort)).unwrap();
                    let mut work = Memory::new(Metric::<f64>::cell_workspace(7, 7, effort));
                    for (p, q) in [(&cell, &b.cell()), (&b.cell(), &cell)] {
                        metric.cell_distance(p, q, None, work.arena()).unwrap();
                    }
                }
            }
        } else {
            let outside = |x: &f64| x.is_nan() || x.abs() > 9e12;
            let masses = cell.masses().iter().any(|p| !(0.0..=1.0).contains(p));
            prop_assert!(masses || a.reals.iter().any(outside));
        }
    }
}

/// Any bits, and numbers that may pass for those of a cell.
fn damaged_number() -> impl Strategy<Value = f64> {
    prop_oneof![1 => any::<u64>().prop_map(f64::from_bits), 9 => 0.0..1.0, 4 => -9e12..9e12]
}

fn promises_of_networks<R: Real>(
    specs: &[(Spec<f64>, Vec<usize>)],
    x: &[u8],
    y: &[u8],
    masses: bool,
    effort: Effort,
) {
    let weights = [R::from_f64(0.3)];
    let t =
        OperationTable::new(Dissimilarity::Flat(3), None, &weights, FeatureScale::LongestPath).unwrap();
    let build = |s: &Spec<f64>| convert::<R>(s).build(&t).unwrap();
    let built: Vec<Memory<R>> = specs.iter().map(|(s, _)| build(s)).collect();
    let again: Vec<Memory<R>> = specs.iter().map(|(s, to)| build(&s.renumbered(to))).collect();
    let cells: Vec<Cell<'_, R>> = built.iter().map(Memory::cell).collect();
    // The same cells renumbered, in another order, with repetition.
    let shuffled: Vec<Cell<'_, R>> =
        [3, 1, 0, 2, 1, 3].iter().map(|&i: &usize| again[i].cell()).collect();
    let move_to = |s: &[u8], or: bool| -> Vec<u8> {
        let to = if or { [2, 4, 3, 5] } else { [2, 1, 3, 0] };
        s.iter().map(|&c| to[usize::from(c)]).collect()
    };
    let f: Vec<R> = (0..x.len())
        .map(|s| R::from_usize(s + 1) / R::from_usize(x.len() * (x.len() + 1) / 2))
        .collect();
    let f = masses.then_some(&f[..]);
    let a = Network::new(&cells, x, None, f).unwrap();
    let b = Network::new(&cells, y, None, None).unwrap();
    let (mx, my) = (move_to(x, true), move_to(y, false));
    let c = Network::new(&shuffled, &mx, None, f).unwrap();
    let d = Network::new(&shuffled, &my, None, None).unwrap();

    let metric = Metric::new(&t, settings(Pairing::Flow, effort)).unwrap();
    let other = Metric::new(&t, settings(Pairing::Full, effort)).unwrap();
    let mut memory = Memory::new(DistanceCache::<R>::extent(8));
    let mut arena = memory.arena();
    let mut cache = DistanceCache::new(8, &mut arena).unwrap();
    let (first, plan) = network_distance(&metric, &a, &b, None);
    let mut results = Vec::new();
    for (p, q) in [(&a, &b), (&b, &a), (&c, &d), (&d, &c)] {
        results.push(network_distance(&metric, p, q, None).0);
        results.push(network_distance(&metric, p, q, Some(&mut cache)).0);
        results.push(network_distance(&metric, p, q, Some(&mut cache)).0);
        // Another metric in between empties the cache.
        let full = network_distance(&other, p, q, None).0.value;
        assert_eq!(network_distance(&other, p, q, Some(&mut cache)).0.value, full);
    }
    for r in &results {
        assert_eq!(first.value, r.value);
        assert_eq!(first.lower_bound, r.lower_bound);
        assert_eq!(first.proved_optimal, r.proved_optimal);
    }
    promises_of_parts(&t, &[a, b, c, d], effort);
    let (_, back) = network_distance(&metric, &b, &a, None);
    for s in 0..x.len() {
        for u in 0..y.len() {
            assert_eq!(plan[s * y.len() + u], back[u * x.len() + s]);
        }
    }
    assert!(first.value >= R::ZERO && first.lower_bound <= first.value);
    let (same, _) = network_distance(&metric, &a, &c, Some(&mut cache));
    assert_eq!(same.value, R::ZERO);
    assert_eq!(same.cell_pairs_solved, 0);

    // Bulk calls give the same numbers.
    let all = [a, b, c, d];
    let shape = all.iter().map(NetworkShape::of).reduce(NetworkShape::or).unwrap();
    let mut work = Memory::new(Metric::<R>::network_workspace(&shape, Effort::Fast));
    let mut row = [R::ZERO; 4];
    metric.network_distances(&a, all.iter().copied(), &mut row, Some(&mut cache), work.arena()).unwrap();
    assert_eq!(row, [R::ZERO, first.value, R::ZERO, first.value]);
    let mut matrix = [-R::ONE; 6];
    metric.network_matrix(all.iter().copied(), &mut matrix, None, work.arena()).unwrap();
    for i in 0..4 {
        for j in 0..i {
            let expected = network_distance(&metric, &all[i], &all[j], None).0.value;
            assert_eq!(matrix[triangle(i) + j], expected);
        }
    }
    let error = metric.network_matrix(all.iter().copied(), &mut matrix[..5], None, work.arena());
    assert_eq!(error, Err(Error::DimensionMismatch));

    let mut work = Memory::new(Metric::<R>::cell_workspace(5, 5, Effort::Fast));
    let mut row = [R::ZERO; 4];
    metric
        .cell_distances(&cells[0], cells.iter().copied(), &mut row, Some(&mut cache), work.arena())
        .unwrap();
    for (&got, cell) in row.iter().zip(&cells) {
        assert_eq!(got, distance(&metric, &cells[0], cell).0.value);
    }

    // Equal cells, next to each other and not, share rows and columns.
    let some = [0, 1, 1, 0, 2, 1, 3, 0].map(|c: usize| cells[c]);
    for cache in [None, Some(&mut cache)] {
        let mut matrix = [-R::ONE; 64];
        metric.cell_matrix(some.iter().copied(), &mut matrix, cache, work.arena()).unwrap();
        for (row, a) in matrix.chunks_exact(8).zip(&some) {
            for (&got, b) in row.iter().zip(&some) {
                assert_eq!(got, distance(&metric, a, b).0.value);
            }
        }
    }
    let error = metric.cell_matrix(some.iter().copied(), &mut [R::ZERO; 63], None, work.arena());
    assert_eq!(error, Err(Error::DimensionMismatch));
}

/// Each of the three parts is a distance of its own, symmetric and the same with a cache.
fn promises_of_parts<R: Real>(
    t: &OperationTable<'_, R>,
    networks: &[Network<'_, R>; 4],
    effort: Effort,
) {
    let [a, b, c, d] = networks;
    let whole =
        MetricSettings { distance: Distance::HotnnParts, ..settings::<R>(Pairing::Flow, effort) };
    let metric = Metric::new(t, whole).unwrap();
    // So large that no place of it fills up: what was put in is found.
    let mut memory = Memory::new(DistanceCache::<R>::extent(4096));
    let mut arena = memory.arena();
    let mut cache = DistanceCache::new(4096, &mut arena).unwrap();
    let shape = networks.iter().map(NetworkShape::of).reduce(NetworkShape::or).unwrap();
    let mut work = Memory::new(Metric::<R>::network_workspace(&shape, effort));
    let mut parts =
        |p: &Network<'_, R>, q: &Network<'_, R>, cache: Option<&mut DistanceCache<'_, R>>| {
            let mut out = [-R::ONE; 3];
            metric.network_parts(p, q, &mut out, cache, work.arena()).unwrap();
            out
        };
    let expected = [(R::ONE, R::ONE), (R::ZERO, R::ONE), (whole.epsilon, whole.lambda)];
    let expected = expected.map(|(epsilon, lambda)| {
        let part = MetricSettings { epsilon, lambda, distance: Distance::Hotnn, ..whole };
        network_distance(&Metric::new(t, part).unwrap(), a, b, None).0.value
    });
    for (p, q) in [(a, b), (b, a), (c, d), (d, c)] {
        assert_eq!(parts(p, q, None), expected);
        assert_eq!(parts(p, q, Some(&mut cache)), expected);
        assert_eq!(parts(p, q, Some(&mut cache)), expected);
        let mut known = [-R::ONE; 3];
        let (x, y) = (p.fingerprint(), q.fingerprint());
        assert!(metric.known_network_parts(&mut cache, &x, &y, &mut known));
        assert_eq!(known, expected);
        assert_eq!(
            metric
                .network_distance(p, q, None, Some(&mut cache), work_for(&metric, p, q).arena())
                .unwrap()
                .value,
            expected[2]
        );
    }
    assert_eq!(parts(a, c, Some(&mut cache)), [R::ZERO; 3]);
    assert!(!metric.known_network_parts(&mut cache, &[1; 4], &[2; 4], &mut [R::ZERO; 3]));
    assert!(!metric.known_network_parts(&mut cache, &a.fingerprint(), &b.fingerprint(), &mut [R::ZERO]));
    let plain = Metric::new(t, MetricSettings { distance: Distance::Hotnn, ..whole }).unwrap();
    assert_eq!((plain.parts(), metric.parts()), (1, 3));
    let mut one = [-R::ONE];
    plain.network_parts(a, b, &mut one, None, work_for(&plain, a, b).arena()).unwrap();
    assert_eq!(one, [expected[2]]);
    let error = metric.network_parts(a, b, &mut one, None, work_for(&metric, a, b).arena());
    assert_eq!(error, Err(Error::DimensionMismatch));
}

fn work_for<R: Real>(metric: &Metric<'_, R>, a: &Network<'_, R>, b: &Network<'_, R>) -> Memory<R> {
    let shape = NetworkShape::of(a).or(NetworkShape::of(b));
    Memory::new(Metric::<R>::network_workspace(&shape, metric.settings().effort))
}

#[test]
fn repeated_cells_are_solved_once() {
    let t = OperationTable::<f64>::poster();
    let specs = [
        Spec::new(&[0, 1, 2], &[(0, 1), (1, 2)]),
        Spec::new(&[0, 1, 3], &[(0, 1), (1, 2)]),
        Spec::new(&[0, 2, 3], &[(0, 1), (0, 2)]),
    ];
    let built: Vec<Memory<f64>> = specs.iter().map(|s| s.build(&t).unwrap()).collect();
    let cells: Vec<Cell<'_, f64>> = built.iter().map(Memory::cell).collect();
    let x = [0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    let y = [1, 1, 1, 1, 0, 1, 1, 1, 1, 0];
    let a = Network::new(&cells, &x, None, None).unwrap();
    let b = Network::new(&cells, &y, None, None).unwrap();
    let metric = Metric::new(&t, MetricSettings::default_preset()).unwrap();
    let (solution, _) = network_distance(&metric, &a, &b, None);
    assert_eq!(solution.cell_pairs_solved, 1);

    let positions_only = MetricSettings { eta: 1.0, ..MetricSettings::default_preset() };
    let metric = Metric::new(&t, positions_only).unwrap();
    let (solution, _) = network_distance(&metric, &a, &b, None);
    assert_eq!((solution.value, solution.cell_pairs_solved), (0.0, 0));
    assert!(solution.proved_optimal);
}

#[test]
fn one_cell_networks_have_a_closed_form() {
    // Two single nodes that differ in operation only: C = epsilon * D, Q = 0.
    let t = OperationTable::<f64>::poster();
    let (a, b) = (Spec::new(&[0], &[]).build(&t).unwrap(), Spec::new(&[3], &[]).build(&t).unwrap());
    let metric = Metric::new(&t, MetricSettings::default_preset()).unwrap();
    let (solution, plan) = distance(&metric, &a.cell(), &b.cell());
    assert!((solution.value - 0.8 * 0.5 * 2.0).abs() < 1e-15);
    assert!(solution.proved_optimal);
    assert_eq!(plan, [1.0]);
    let cells = [a.cell(), b.cell()];
    let x = Network::new(&cells, &[0], Some(&[0.25]), None).unwrap();
    let y = Network::new(&cells, &[1], None, None).unwrap();
    let (solution, plan) = network_distance(&metric, &x, &y, None);
    assert!((solution.value - (0.5 * 0.8 + 0.5 * 0.75)).abs() < 1e-15);
    assert!(solution.proved_optimal && solution.lower_bound == solution.value);
    assert_eq!(plan, [1.0]);
    assert_eq!(stride(1), 4);
}

#[test]
fn a_full_cache_forgets_and_a_resumed_one_remembers() {
    let t = OperationTable::<f64>::poster();
    let built: Vec<Memory<f64>> = (0..32u8)
        .map(|i| Spec::new(&[i % 4, i / 4 % 4, i / 16], &[(0, 1), (1, 2)]).build(&t).unwrap())
        .collect();
    let cells: Vec<Cell<'_, f64>> = built.iter().map(Memory::cell).collect();
    let metric = Metric::new(&t, MetricSettings::default_preset()).unwrap();
    let mut work = Memory::<f64>::new(Metric::<f64>::cell_workspace(3, 3, Effort::Fast));
    let (mut plain, mut cached) = ([0.0; 32], [0.0; 32]);
    metric.cell_distances(&cells[0], cells.iter().copied(), &mut plain, None, work.arena()).unwrap();
    for entries in [0, 1, 8, 64, 1000] {
        let mut memory = Memory::<f64>::new(DistanceCache::<f64>::extent(entries));
        let mut arena = memory.arena();
        let mut cache = DistanceCache::new(entries, &mut arena).unwrap();
        for _ in 0..2 {
            let many = cells.iter().copied();
            metric.cell_distances(&cells[0], many, &mut cached, Some(&mut cache), work.arena()).unwrap();
            assert_eq!(plain, cached);
        }
        assert!(cache.hits() + cache.misses() == 62 && cache.capacity() >= entries);
        match entries {
            0..=8 => assert!(cache.hits() < 31),
            1000 => assert_eq!(cache.hits(), 31),
            _ => {}
        }
        let mut arena = memory.arena();
        let mut cache = DistanceCache::resume(entries, &mut arena).unwrap();
        let many = cells.iter().copied();
        metric.cell_distances(&cells[0], many, &mut cached, Some(&mut cache), work.arena()).unwrap();
        assert_eq!(plain, cached);
        assert!(entries != 1000 || cache.hits() == 31);
    }
}
