//! Transport against reference vectors (linear programs, mixed-integer solvers, many starts) and
//! against what must hold for every input.

use hotnas_core::memory::{Arena, Extent};
use hotnas_core::transport::gromov::{self, Effort, GromovProblem, GromovSettings, Pairing};
use hotnas_core::transport::sinkhorn::{self, SinkhornReport, SinkhornSettings};
use hotnas_core::transport::{Problem, exact};
use hotnas_core::{Error, Real};
use proptest::prelude::*;
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let path = format!("{}/../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn reals<R: Real>(value: &Value) -> Vec<R> {
    match value {
        Value::Array(items) => items.iter().flat_map(reals).collect(),
        Value::Number(x) => vec![R::from_f64(x.as_f64().unwrap())],
        _ => panic!("not a number: {value}"),
    }
}

struct Memory<R>(Vec<R>, Vec<u32>, Vec<u8>);

impl<R: Real> Memory<R> {
    /// Exactly what was asked for, filled with rubbish.
    fn of(extent: Extent) -> Self {
        let rubbish = R::from_f64(f64::NAN);
        Self(vec![rubbish; extent.reals], vec![u32::MAX - 7; extent.words], vec![201; extent.bytes])
    }
    fn arena(&mut self) -> Arena<'_, R> {
        Arena::new(&mut self.0, &mut self.1, &mut self.2)
    }
}

struct Exact<R> {
    report: exact::ExactReport<R>,
    plan: Vec<R>,
    u: Vec<R>,
    v: Vec<R>,
}

fn solve_exact<R: Real>(problem: &Problem<'_, R>) -> Exact<R> {
    let (n, m) = (problem.rows, problem.columns);
    let mut memory = Memory::of(exact::workspace(n, m));
    let (mut plan, mut u, mut v) = (vec![R::ZERO; n * m], vec![R::ZERO; n], vec![R::ZERO; m]);
    let report = exact::solve(problem, Some(&mut plan), Some((&mut u, &mut v)), memory.arena()).unwrap();
    Exact { report, plan, u, v }
}

fn mass<R: Real>(p: Option<&[R]>, n: usize, i: usize) -> f64 {
    p.map_or(1.0 / n as f64, |p| p[i].to_f64())
}

/// Largest deviation of a marginal from its mass; panics on a negative entry.
fn marginals<R: Real>(plan: &[R], n: usize, m: usize, p: Option<&[R]>, q: Option<&[R]>) -> f64 {
    assert!(plan.iter().all(|x| *x >= R::ZERO && x.is_finite()));
    let t = |i: usize, j: usize| plan[i * m + j].to_f64();
    let rows = (0..n).map(|i| ((0..m).map(|j| t(i, j)).sum::<f64>() - mass(p, n, i)).abs());
    let columns = (0..m).map(|j| ((0..n).map(|i| t(i, j)).sum::<f64>() - mass(q, m, j)).abs());
    rows.chain(columns).fold(0.0, f64::max)
}

fn scale<R: Real>(cost: &[R]) -> f64 {
    cost.iter().map(|x| x.to_f64().abs()).fold(1.0, f64::max)
}

/// Feasible duals with the value of the plan, and no mass where the reduced cost is positive.
fn certify<R: Real>(problem: &Problem<'_, R>, found: &Exact<R>, relative: f64) {
    let (n, m) = (problem.rows, problem.columns);
    let tolerance = relative * scale(problem.cost);
    let mut dual = 0.0;
    for i in 0..n {
        dual += mass(problem.row_masses, n, i) * found.u[i].to_f64();
        for j in 0..m {
            let reduced = problem.cost[i * m + j].to_f64() - found.u[i].to_f64() - found.v[j].to_f64();
            assert!(reduced >= -tolerance, "infeasible dual: {reduced}");
            assert!(found.plan[i * m + j] == R::ZERO || reduced <= tolerance, "slack: {reduced}");
        }
    }
    dual += (0..m).map(|j| mass(problem.column_masses, m, j) * found.v[j].to_f64()).sum::<f64>();
    assert!((dual - found.report.cost.to_f64()).abs() <= 2.0 * tolerance, "dual {dual}");
}

/// The reference vectors, with the tolerance that they come with.
fn emd_vectors<R: Real>(relative: f64, feasible: f64) {
    for (index, case) in vectors("emd")["cases"].as_array().unwrap().iter().enumerate() {
        let (p, q, cost) = (reals::<R>(&case["p"]), reals::<R>(&case["q"]), reals::<R>(&case["cost"]));
        let (n, m) = (p.len(), q.len());
        let problem =
            Problem { rows: n, columns: m, cost: &cost, row_masses: Some(&p), column_masses: Some(&q) };
        let found = solve_exact(&problem);
        let off = (found.report.cost.to_f64() - case["optimum"].as_f64().unwrap()).abs();
        assert!(off <= relative * scale(&cost), "case {index}: off by {off}");
        let residual = marginals(&found.plan, n, m, Some(&p), Some(&q));
        assert!(residual <= feasible, "case {index}: residual {residual}");
        certify(&problem, &found, relative);
    }
}

#[test]
fn exact_transport_matches_the_linear_programs_f64() {
    emd_vectors::<f64>(1e-9, 1e-12);
}

/// A mass is a multiple of 2^-22, so a marginal may be off by half of that, and the largest mass by
/// as many halves as there are points (up to 20 in the vectors).
#[test]
fn exact_transport_matches_the_linear_programs_f32() {
    emd_vectors::<f32>(2e-5, 2.5e-6);
}

fn masses(n: usize) -> impl Strategy<Value = Option<Vec<f64>>> {
    let weights = proptest::collection::vec(prop_oneof![1 => Just(0u32), 4 => 1..1000u32], n);
    prop_oneof![
        Just(None),
        weights.prop_filter_map("all zero", |w| {
            let total = f64::from(w.iter().sum::<u32>());
            (total > 0.0).then(|| Some(w.iter().map(|&x| f64::from(x) / total).collect()))
        })
    ]
}

fn costs(size: usize) -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        proptest::collection::vec(-1.0..1.0f64, size),
        // Many ties.
        proptest::collection::vec((0..3u32).prop_map(f64::from), size),
    ]
}

prop_compose! {
    fn linear()(n in 1..12usize, m in 1..12usize)
        (n in Just(n), m in Just(m), p in masses(n), q in masses(m), c in costs(n * m))
        -> (usize, usize, Option<Vec<f64>>, Option<Vec<f64>>, Vec<f64>) { (n, m, p, q, c) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn exact_plans_are_feasible_and_certified((n, m, p, q, c) in linear()) {
        let (p, q) = (p.as_deref(), q.as_deref());
        let problem = Problem { rows: n, columns: m, cost: &c, row_masses: p, column_masses: q };
        let found = solve_exact(&problem);
        prop_assert!(marginals(&found.plan, n, m, p, q) <= 1e-13);
        prop_assert!(found.report.marginal_residual <= 1e-13);
        prop_assert!(found.plan.iter().filter(|x| **x > 0.0).count() < n + m);
        certify(&problem, &found, 1e-12);
        let value: f64 = c.iter().zip(&found.plan).map(|(c, t)| c * t).sum();
        prop_assert!((value - found.report.cost).abs() <= 1e-13);
    }

    #[test]
    fn renumbered_points_cost_the_same((n, m, p, q, c) in linear(), turn in 0..12usize) {
        let (p, q) = (p.as_deref(), q.as_deref());
        let problem = Problem { rows: n, columns: m, cost: &c, row_masses: p, column_masses: q };
        let found = solve_exact(&problem);
        let (rows, columns) = ((0..n).map(|i| (i + turn) % n), (0..m).rev());
        let turned = rows.clone().flat_map(|i| columns.clone().map(move |j| i * m + j));
        let turned: Vec<f64> = turned.map(|at| c[at]).collect();
        let p: Option<Vec<f64>> = p.map(|p| rows.map(|i| p[i]).collect());
        let q: Option<Vec<f64>> = q.map(|q| columns.map(|j| q[j]).collect());
        let (row_masses, column_masses) = (p.as_deref(), q.as_deref());
        let again = solve_exact(&Problem { cost: &turned, row_masses, column_masses, ..problem });
        prop_assert!((found.report.cost - again.report.cost).abs() <= 1e-13);
    }
}

#[test]
fn refused_inputs_have_a_status_and_leave_the_outputs_alone() {
    let cost = [0.0, 1.0, 1.0, 0.0];
    let good = Problem { rows: 2, columns: 2, cost: &cost, row_masses: None, column_masses: None };
    let check = |problem: Problem<'_, f64>, memory: Extent, error| {
        let mut plan = [7.0; 4];
        let refused = exact::solve(&problem, Some(&mut plan), None, Memory::of(memory).arena());
        assert_eq!(refused.unwrap_err(), error);
        assert_eq!(plan, [7.0; 4]);
    };
    let enough = exact::workspace(2, 2);
    check(Problem { cost: &[0.0; 3], ..good }, enough, Error::DimensionMismatch);
    check(Problem { rows: 0, ..good }, enough, Error::DimensionMismatch);
    check(Problem { rows: usize::MAX, ..good }, enough, Error::SizeOverflow);
    check(Problem { cost: &[0.0, f64::NAN, 1.0, 1.0], ..good }, enough, Error::NotFinite);
    check(Problem { cost: &[0.0, f64::MAX, -f64::MAX, 1.0], ..good }, enough, Error::NotFinite);
    check(Problem { row_masses: Some(&[0.5, f64::NAN]), ..good }, enough, Error::MassNotFinite);
    check(Problem { row_masses: Some(&[1.5, -0.5]), ..good }, enough, Error::NegativeMass);
    check(Problem { column_masses: Some(&[0.5, 0.6]), ..good }, enough, Error::MassSum);
    check(Problem { column_masses: Some(&[1.0]), ..good }, enough, Error::DimensionMismatch);
    check(good, exact::workspace(2, 1), Error::MemoryTooSmall);
    for huge in [usize::MAX, usize::MAX / 2, usize::MAX - 3] {
        assert_eq!(exact::workspace(huge, huge).words, usize::MAX);
        assert_eq!(gromov::workspace(huge, huge, Effort::Fast).words, usize::MAX);
    }
}

/// Costs times a power of two cost that much more, until they are refused: no sum on the way overflows.
fn grown_costs<R: Real>(exponents: core::ops::RangeInclusive<i32>) {
    let base = [3.0, 1.0, -2.0, 0.5, 4.0, 2.5].map(R::from_f64);
    let within = [0.0, 1.0, 2.0, -1.0, 0.0, 1.5, -2.0, -1.5, 0.0].map(R::from_f64);
    let masses = [0.3, 0.7].map(R::from_f64);
    for row_masses in [None, Some(&masses[..])] {
        let at = |exponent: i32| {
            let factor = R::from_f64(2f64.powi(exponent));
            let (cost, within) = (base.map(|x| x * factor), within.map(|x| x * factor));
            let row_costs = [within[0], within[1], within[3], within[0]];
            let (rows, columns, column_masses) = (2, 3, None);
            let problem = Problem { rows, columns, cost: &cost, row_masses, column_masses };
            let mut memory = Memory::of(exact::workspace(rows, columns));
            let exact = exact::solve(&problem, None, None, memory.arena()).map(|found| found.cost);
            let mut memory = Memory::of(sinkhorn::workspace(rows, columns));
            let entropic =
                sinkhorn::solve(&problem, &SinkhornSettings::new(factor), None, memory.arena());
            let settings = GromovSettings::new(R::HALF, Pairing::Flow, Effort::Thorough);
            let (cost, row_costs, column_costs) = (&cost[..], &row_costs[..], &within[..]);
            let pairs = GromovProblem {
                rows,
                columns,
                cost,
                row_costs,
                column_costs,
                row_masses,
                column_masses,
            };
            let mut memory = Memory::of(gromov::workspace(rows, columns, Effort::Thorough));
            let fused = gromov::solve(&pairs, &settings, None, memory.arena()).map(|found| found.value);
            [exact, entropic.map(|found| found.transport_cost), fused]
                .map(|value| value.map(|value| (value / factor).to_f64()))
        };
        let first = at(0);
        assert!(first.iter().all(Result::is_ok));
        let mut answered = true;
        for exponent in exponents.clone() {
            let values = at(exponent);
            answered &= values[0].is_ok();
            let expected = if answered { first } else { [Err(Error::NotFinite); 3] };
            assert_eq!(values, expected, "times 2^{exponent}");
        }
        assert!(!answered);
    }
}

#[test]
fn costs_that_overflow_are_refused() {
    grown_costs::<f64>(-100..=1010);
    grown_costs::<f32>(-30..=115);
}

/// One case for one pairing.
#[derive(Clone, Debug)]
struct Case<R> {
    n: usize,
    m: usize,
    cost: Vec<R>,
    a: Vec<R>,
    b: Vec<R>,
    p: Vec<R>,
    q: Vec<R>,
    lambda: f64,
    best: f64,
    /// A proved lower bound of the minimum.
    lower: f64,
}

/// Within-costs signed by reachability, in canonical order.
fn directed<R: Real>(costs: &[R], cell: &Value, order: &Value) -> Vec<R> {
    let order: Vec<usize> =
        order.as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as usize).collect();
    let n = order.len();
    let edges: Vec<f64> = reals(&cell["adj"]);
    let mut reach: Vec<bool> = edges.iter().map(|&x| x != 0.0).collect();
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                reach[i * n + j] |= reach[i * n + k] && reach[k * n + j];
            }
        }
    }
    let sign = |i: usize, k: usize| {
        let (i, k) = (order[i], order[k]);
        f64::from(i8::from(reach[i * n + k]) - i8::from(reach[k * n + i]))
    };
    (0..n * n).map(|at| R::from_f64(sign(at / n, at % n)) * costs[at]).collect()
}

fn cases<R: Real>(pairing: Pairing) -> Vec<Case<R>> {
    let (file, modes) = (vectors("ifgw"), vectors("ifgw_modes"));
    let all = file["cases"].as_array().unwrap();
    let read = |case: &Value, best: &Value| {
        let (mut a, mut b) = (reals(&case["cost_AA"]), reals(&case["cost_BB"]));
        if pairing == Pairing::Flow {
            a = directed(&a, &case["A"], &case["order_A"]);
            b = directed(&b, &case["B"], &case["order_B"]);
        }
        let (p, q) = (reals::<R>(&case["mass_A"]), reals::<R>(&case["mass_B"]));
        Case {
            n: p.len(),
            m: q.len(),
            cost: reals(&case["cost_AB"]),
            a,
            b,
            p,
            q,
            lambda: case["lam"].as_f64().unwrap(),
            best: best.as_f64().unwrap(),
            lower: if pairing == Pairing::Ordered { case["lower_bound"].as_f64().unwrap() } else { 0.0 },
        }
    };
    match pairing {
        Pairing::Ordered => all.iter().map(|case| read(case, &case["best"])).collect(),
        Pairing::Full | Pairing::Flow => {
            let name = if pairing == Pairing::Full { "full" } else { "flow" };
            let modes = modes["cases"].as_array().unwrap().iter();
            modes
                .map(|mode| {
                    read(&all[mode["case"].as_u64().unwrap() as usize], &mode["modes"][name]["best"])
                })
                .collect()
        }
    }
}

/// The objective in double precision, term by term as it is defined.
fn objective<R: Real>(case: &Case<R>, pairing: Pairing, plan: &[R]) -> f64 {
    let (n, m) = (case.n, case.m);
    let t: Vec<f64> = plan.iter().map(|x| x.to_f64()).collect();
    let mut quadratic = 0.0;
    for at in 0..n * m {
        if t[at] == 0.0 {
            continue;
        }
        let (i, j) = (at / m, at % m);
        for k in 0..n {
            for l in 0..m {
                let factor = match pairing {
                    Pairing::Ordered => f64::from(u8::from(i < k && j < l)),
                    Pairing::Full | Pairing::Flow => 0.5,
                };
                let difference = case.a[i * n + k].to_f64() - case.b[j * m + l].to_f64();
                quadratic += factor * t[at] * t[k * m + l] * difference.abs();
            }
        }
    }
    let linear: f64 = t.iter().zip(&case.cost).map(|(t, c)| t * c.to_f64()).sum();
    case.lambda * linear + (1.0 - case.lambda) * quadratic
}

fn solve_gromov<R: Real>(
    case: &Case<R>,
    pairing: Pairing,
    effort: Effort,
) -> (gromov::Solution<R>, Vec<R>) {
    let (n, m) = (case.n, case.m);
    let problem = GromovProblem {
        rows: n,
        columns: m,
        cost: &case.cost,
        row_costs: &case.a,
        column_costs: &case.b,
        row_masses: Some(&case.p),
        column_masses: Some(&case.q),
    };
    let settings = GromovSettings::new(R::from_f64(case.lambda), pairing, effort);
    let mut plan = vec![R::ZERO; n * m];
    let mut memory = Memory::of(gromov::workspace(n, m, Effort::Fast));
    let solution = gromov::solve(&problem, &settings, Some(&mut plan), memory.arena()).unwrap();
    (solution, plan)
}

/// What must hold for every vector, and how many must reach the best known value (an upper bound of
/// the minimum, within `close`): `share` of those with a linear term or any pairing but `Ordered`; none
/// of them may lie higher by more than `excess` of that value.
fn gromov_vectors<R: Real>(pairing: Pairing, effort: Effort, share: f64, excess: f64) {
    // Of values up to 2: single precision costs and masses differ from the reference by rounding
    // (6e-8 each), and a value is a sum of up to 32 x 32 terms with errors of that size.
    let (rounding, close) = if R::BITS == 64 { (1e-12, 1e-7) } else { (1e-6, 1e-6) };
    let (mut hits, mut counted, mut worst, mut steps, mut starts) = (0, 0, 0.0f64, 0, 0);
    for (index, case) in cases::<R>(pairing).iter().enumerate() {
        let (solution, plan) = solve_gromov(case, pairing, effort);
        let value = solution.value.to_f64();
        let off = (value - objective(case, pairing, &plan)).abs();
        assert!(off <= rounding, "{pairing:?} {index}: value and plan differ by {off}");
        let residual = marginals(&plan, case.n, case.m, Some(&case.p), Some(&case.q));
        let allowed = if R::BITS == 64 { 1e-12 } else { 2.5e-6 };
        assert!(residual <= allowed, "{pairing:?} {index}: residual {residual}");
        assert!(solution.marginal_residual.to_f64() <= 4.0 * allowed);
        assert!(solution.value >= R::ZERO && solution.lower_bound <= solution.value);
        assert!(value >= case.lower - 1e-7 - rounding, "{pairing:?} {index}: below the bound");
        assert!(solution.gap.to_f64() <= if R::BITS == 64 { 1e-9 } else { 2e-5 }, "{pairing:?} {index}");
        let linear = Problem {
            rows: case.n,
            columns: case.m,
            cost: &case.cost,
            row_masses: Some(&case.p),
            column_masses: Some(&case.q),
        };
        let bound = case.lambda * solve_exact(&linear).report.cost.to_f64();
        assert!((solution.lower_bound.to_f64() - bound.min(value)).abs() <= rounding);
        (steps, starts) = (steps + solution.iterations, starts + solution.starts);
        if pairing == Pairing::Ordered && case.lambda == 0.0 {
            continue;
        }
        counted += 1;
        let above = value - case.best;
        hits += usize::from(above <= close);
        if above > close {
            worst = worst.max(above / case.best);
        }
    }
    println!(
        "{pairing:?} {effort:?} f{}: {hits} of {counted} reach the best known value, worst {:.2} % above; \
         {steps} steps, {starts} starts in all",
        R::BITS,
        100.0 * worst,
    );
    assert!(hits as f64 >= share * f64::from(counted), "{hits} of {counted}");
    assert!(worst <= excess, "{worst}");
}

#[test]
fn a_thorough_solution_is_the_best_known_one() {
    gromov_vectors::<f64>(Pairing::Ordered, Effort::Thorough, 0.99, 0.005);
    gromov_vectors::<f64>(Pairing::Flow, Effort::Thorough, 0.99, 0.005);
    gromov_vectors::<f64>(Pairing::Full, Effort::Thorough, 0.97, 0.05);
}

#[test]
fn a_fast_solution_mostly_is() {
    gromov_vectors::<f64>(Pairing::Ordered, Effort::Fast, 0.95, 0.04);
    gromov_vectors::<f64>(Pairing::Flow, Effort::Fast, 0.95, 0.04);
    gromov_vectors::<f64>(Pairing::Full, Effort::Fast, 0.9, 0.15);
}

#[test]
fn single_precision_is_as_good() {
    gromov_vectors::<f32>(Pairing::Ordered, Effort::Thorough, 0.99, 0.005);
    gromov_vectors::<f32>(Pairing::Flow, Effort::Thorough, 0.99, 0.005);
    gromov_vectors::<f32>(Pairing::Full, Effort::Thorough, 0.97, 0.05);
    gromov_vectors::<f32>(Pairing::Ordered, Effort::Fast, 0.95, 0.04);
    gromov_vectors::<f32>(Pairing::Flow, Effort::Fast, 0.95, 0.04);
    gromov_vectors::<f32>(Pairing::Full, Effort::Fast, 0.9, 0.15);
}

fn solve_sinkhorn<R: Real>(
    problem: &Problem<'_, R>,
    r: R,
    tolerance: R,
) -> Result<(SinkhornReport<R>, Vec<R>), Error> {
    let (n, m) = (problem.rows, problem.columns);
    let settings = SinkhornSettings { tolerance, ..SinkhornSettings::new(r) };
    let mut plan = vec![R::ZERO; n * m];
    let mut memory = Memory::of(sinkhorn::workspace(n, m));
    let report = sinkhorn::solve(problem, &settings, Some(&mut plan), memory.arena())?;
    Ok((report, plan))
}

/// `rounding` is added to the tolerance that the vectors come with.
fn sinkhorn_vectors<R: Real>(tolerance: f64, rounding: f64) {
    for (index, case) in vectors("sinkhorn")["cases"].as_array().unwrap().iter().enumerate() {
        let (p, q, cost) = (reals::<R>(&case["p"]), reals::<R>(&case["q"]), reals::<R>(&case["cost"]));
        let problem = Problem {
            rows: p.len(),
            columns: q.len(),
            cost: &cost,
            row_masses: Some(&p),
            column_masses: Some(&q),
        };
        let number = |key: &str| case[key].as_f64().unwrap();
        let (report, plan) =
            solve_sinkhorn(&problem, R::from_f64(number("reg")), R::from_f64(tolerance))
                .unwrap_or_else(|e| panic!("case {index}: {e}"));
        let largest = cost.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
        let reference = number("marginal_l1");
        let allowed = rounding
            + if reference <= 1e-12 { 1e-7 * largest } else { (10.0 * reference + 1e-6) * largest };
        let off = report.transport_cost.to_f64() - number("transport_cost");
        let off_entropic = report.entropic_value.to_f64() - number("entropic_value");
        assert!(off.abs() <= allowed, "case {index}: off by {off}");
        assert!(off_entropic.abs() <= allowed, "case {index}: off by {off_entropic}");
        assert!(report.transport_cost.to_f64() >= number("emd") - 1e-9 - rounding);
        let residual = marginals(&plan, problem.rows, problem.columns, Some(&p), Some(&q));
        assert!(residual <= tolerance + rounding * 0.01, "case {index}: residual {residual}");
    }
}

#[test]
fn sinkhorn_matches_the_fixed_points_f64() {
    sinkhorn_vectors::<f64>(1e-10, 0.0);
}

#[test]
fn sinkhorn_matches_the_fixed_points_f32() {
    sinkhorn_vectors::<f32>(1e-5, 2e-5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn sinkhorn_converges_at_tiny_regularisation((n, m, p, q, c) in linear(), power in 0..7i32) {
        let (p, q) = (p.as_deref(), q.as_deref());
        let problem = Problem { rows: n, columns: m, cost: &c, row_masses: p, column_masses: q };
        let largest = c.iter().fold(1e-3f64, |a, x| a.max(x.abs()));
        let exact = solve_exact(&problem).report.cost;
        let mut last = f64::INFINITY;
        for r in [10.0, 1.0].map(|x| x * largest * 10f64.powi(-power)) {
            let (report, plan) = solve_sinkhorn(&problem, r, 1e-8).unwrap();
            prop_assert!(marginals(&plan, n, m, p, q) <= 1e-8);
            // The plan's marginals are off by 1e-8 in all, which can save that much times the costs.
            let slack = 4e-8 * largest;
            prop_assert!(report.transport_cost >= exact - slack);
            prop_assert!(report.transport_cost <= last + slack);
            // The entropy of a plan is at most ln(n m).
            prop_assert!(report.transport_cost <= exact + r * ((n * m) as f64).ln() + slack);
            last = report.transport_cost;
        }
    }

    #[test]
    fn sinkhorn_converges_at_small_regularisation_f32((n, m, p, q, c) in linear(), power in 0..5i32) {
        let single = |x: Vec<f64>| x.into_iter().map(|x| x as f32).collect::<Vec<f32>>();
        let (p, q, c) = (p.map(single), q.map(single), single(c));
        let (p, q) = (p.as_deref(), q.as_deref());
        let problem = Problem { rows: n, columns: m, cost: &c, row_masses: p, column_masses: q };
        let largest = c.iter().fold(1e-3f32, |a, x| a.max(x.abs()));
        let exact = solve_exact(&problem).report.cost;
        let r = largest * 10f32.powi(-power);
        let (report, plan) = solve_sinkhorn(&problem, r, 1e-5).unwrap();
        prop_assert!(marginals(&plan, n, m, p, q) <= 1.1e-5);
        prop_assert!(report.transport_cost >= exact - 4e-5 * largest);
        prop_assert!(report.transport_cost <= exact + r * ((n * m) as f32).ln() + 4e-5 * largest);
    }
}

prop_compose! {
    fn quadratic()(n in 1..10usize, m in 1..10usize)
        (p in masses(n), q in masses(m), cost in proptest::collection::vec(0.0..1.0f64, n * m),
         a in proptest::collection::vec(0..5u32, n * n), b in proptest::collection::vec(0..5u32, m * m),
         lambda in prop_oneof![Just(0.0), 0.0..=1.0f64], mode in 0..3usize, n in Just(n), m in Just(m))
        -> (Case<f64>, Pairing, Option<Vec<f64>>, Option<Vec<f64>>)
    {
        let pairing = [Pairing::Ordered, Pairing::Full, Pairing::Flow][mode];
        let sign = if pairing == Pairing::Flow { -1.0 } else { 1.0 };
        let within = |x: &[u32], n: usize| {
            let at = |i: usize, k: usize| f64::from(x[i * n + k]) / 4.0;
            let entry = |i: usize, k: usize| match i.cmp(&k) {
                std::cmp::Ordering::Less => at(i, k),
                std::cmp::Ordering::Equal => 0.0,
                std::cmp::Ordering::Greater => sign * at(k, i),
            };
            (0..n * n).map(|t| entry(t / n, t % n)).collect::<Vec<f64>>()
        };
        let even = |n: usize| vec![1.0 / n as f64; n];
        let case = Case {
            n, m, cost, a: within(&a, n), b: within(&b, m), lambda, best: 0.0, lower: 0.0,
            p: p.clone().unwrap_or_else(|| even(n)), q: q.clone().unwrap_or_else(|| even(m)),
        };
        (case, pairing, p, q)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn gromov_solutions_are_what_they_say((case, pairing, p, q) in quadratic()) {
        let (solution, plan) = solve_gromov(&case, pairing, Effort::Fast);
        prop_assert!((solution.value - objective(&case, pairing, &plan)).abs() <= 1e-12);
        prop_assert!(marginals(&plan, case.n, case.m, p.as_deref(), q.as_deref()) <= 1e-12);
        prop_assert!(solution.marginal_residual <= 1e-12);
        prop_assert!(solution.value >= 0.0 && solution.lower_bound <= solution.value);
        prop_assert!(solution.gap <= 1e-8);
        let (best, _) = solve_gromov(&case, pairing, Effort::Thorough);
        prop_assert!(best.value <= solution.value + 1e-9);
        prop_assert!(!best.proved_optimal || best.value - best.lower_bound <= 1e-8);
        // The linear problem is the quadratic one with lambda 1.
        let linear = Case { lambda: 1.0, ..case };
        let (solution, _) = solve_gromov(&linear, pairing, Effort::Fast);
        let problem = Problem {
            rows: linear.n, columns: linear.m, cost: &linear.cost,
            row_masses: Some(&linear.p), column_masses: Some(&linear.q),
        };
        prop_assert!((solution.value - solve_exact(&problem).report.cost).abs() <= 1e-12);
        prop_assert!(solution.proved_optimal);
    }

    #[test]
    fn a_problem_against_itself_costs_exactly_nothing((case, pairing, p, _) in quadratic()) {
        let (n, a) = (case.n, &case.a);
        let cost: Vec<f64> = (0..n * n).map(|t| if t / n == t % n { 0.0 } else { 1.0 + case.cost[0] }).collect();
        let problem = GromovProblem {
            rows: n, columns: n, cost: &cost, row_costs: a, column_costs: a,
            row_masses: p.as_deref(), column_masses: p.as_deref(),
        };
        let settings = GromovSettings::new(0.5 + 0.5 * case.lambda, pairing, Effort::Fast);
        let mut memory = Memory::of(gromov::workspace(n, n, Effort::Fast));
        let solution = gromov::solve(&problem, &settings, None, memory.arena()).unwrap();
        prop_assert_eq!(solution.value, 0.0);
        prop_assert!(solution.proved_optimal);
    }
}

#[test]
fn gromov_and_sinkhorn_refuse_what_they_cannot_solve() {
    let (cost, within) = ([0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0]);
    let good = GromovProblem {
        rows: 2,
        columns: 2,
        cost: &cost,
        row_costs: &within,
        column_costs: &within,
        row_masses: None,
        column_masses: None,
    };
    let full = GromovSettings::new(0.5, Pairing::Full, Effort::Fast);
    let check = |problem: GromovProblem<'_, f64>, settings: GromovSettings<f64>, memory, error| {
        let mut plan = [7.0; 4];
        let refused = gromov::solve(&problem, &settings, Some(&mut plan), Memory::of(memory).arena());
        assert_eq!((refused.unwrap_err(), plan), (error, [7.0; 4]));
    };
    let enough = gromov::workspace(2, 2, Effort::Fast);
    check(good, GromovSettings { lambda: 1.5, ..full }, enough, Error::InvalidSetting);
    check(good, GromovSettings { lambda: f64::NAN, ..full }, enough, Error::InvalidSetting);
    check(good, GromovSettings { gap: 0.0, ..full }, enough, Error::InvalidSetting);
    check(good, GromovSettings { iterations: 0, ..full }, enough, Error::InvalidSetting);
    check(good, GromovSettings { pairing: Pairing::Flow, ..full }, enough, Error::NotSymmetric);
    check(GromovProblem { row_costs: &[0.0, 1.0, 2.0, 0.0], ..good }, full, enough, Error::NotSymmetric);
    check(GromovProblem { row_costs: &[0.0], ..good }, full, enough, Error::DimensionMismatch);
    check(GromovProblem { column_costs: &[f64::NAN; 4], ..good }, full, enough, Error::NotFinite);
    for less in
        [Extent { reals: enough.reals - 1, ..enough }, Extent { words: enough.words - 1, ..enough }]
    {
        check(good, full, less, Error::MemoryTooSmall);
    }

    let problem = Problem { rows: 2, columns: 2, cost: &cost, row_masses: None, column_masses: None };
    let check = |settings: SinkhornSettings<f64>, memory, error| {
        let mut plan = [7.0; 4];
        let refused = sinkhorn::solve(&problem, &settings, Some(&mut plan), Memory::of(memory).arena());
        assert_eq!((refused.unwrap_err(), plan), (error, [7.0; 4]));
    };
    let (enough, settings) = (sinkhorn::workspace(2, 2), SinkhornSettings::new(0.1));
    check(SinkhornSettings { regularisation: 0.0, ..settings }, enough, Error::InvalidSetting);
    check(SinkhornSettings { regularisation: f64::MAX, ..settings }, enough, Error::InvalidSetting);
    // What rounding leaves nothing of is no answer, in either precision.
    let tiny = SinkhornSettings { regularisation: 1e-310, ..settings };
    let one = Problem { rows: 1, columns: 1, cost: &[1.0], row_masses: None, column_masses: None };
    let refused = sinkhorn::solve(&one, &tiny, None, Memory::of(sinkhorn::workspace(1, 1)).arena());
    assert_eq!(refused.unwrap_err(), Error::NotConverged);
    let (cost, q) = ([1e18f32, 1e20, 1e-10, 1.2e-38], [0.055_245_4f32, 0.944_754_6]);
    let far = Problem { rows: 2, columns: 2, cost: &cost, row_masses: None, column_masses: Some(&q) };
    let tiny = SinkhornSettings { regularisation: 1e5f32, tolerance: 1e-3, iterations: 100 };
    let mut plan = [7.0; 4];
    let mut memory = Memory::of(sinkhorn::workspace(2, 2));
    let refused = sinkhorn::solve(&far, &tiny, Some(&mut plan), memory.arena());
    assert_eq!((refused.unwrap_err(), plan), (Error::NotConverged, [7.0; 4]));
    check(SinkhornSettings { tolerance: f64::NAN, ..settings }, enough, Error::InvalidSetting);
    check(SinkhornSettings { regularisation: 1e-320, ..settings }, enough, Error::NotConverged);
    check(settings, Extent { reals: enough.reals - 1, ..enough }, Error::MemoryTooSmall);
}
