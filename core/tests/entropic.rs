//! Entropic transport and entropic fused Gromov-Wasserstein: closed forms at the smallest regularisation,
//! reference vectors, and what must hold for every input.

mod problems;

use hotnas_core::transport::entropic::{self, EntropicReport, EntropicSettings, Method};
use hotnas_core::transport::gromov::{self, Effort, GromovProblem, GromovSettings, Pairing};
use hotnas_core::transport::sinkhorn::{self, SinkhornReport, SinkhornSettings};
use hotnas_core::transport::{Problem, exact};
use hotnas_core::{Error, Real};
use problems::{Case, Draw, Memory, vectors};

const PAIRINGS: [Pairing; 3] = [Pairing::Ordered, Pairing::Full, Pairing::Flow];
const METHODS: [Method; 2] = [Method::Entropic, Method::Proximal];

fn reals<R: Real>(x: &[f64]) -> Vec<R> {
    x.iter().map(|&x| R::from_f64(x)).collect()
}

/// The numbers of a case in a precision.
struct Owned<R> {
    rows: usize,
    columns: usize,
    cost: Vec<R>,
    row_costs: Vec<R>,
    column_costs: Vec<R>,
    p: Vec<R>,
    q: Vec<R>,
}

impl<R: Real> Owned<R> {
    fn of(case: &Case) -> Self {
        Self {
            rows: case.rows,
            columns: case.columns,
            cost: reals(&case.cost),
            row_costs: reals(&case.row_costs),
            column_costs: reals(&case.column_costs),
            p: reals(&case.row_masses),
            q: reals(&case.column_masses),
        }
    }
    fn problem(&self) -> GromovProblem<'_, R> {
        GromovProblem {
            rows: self.rows,
            columns: self.columns,
            cost: &self.cost,
            row_costs: &self.row_costs,
            column_costs: &self.column_costs,
            row_masses: Some(&self.p),
            column_masses: Some(&self.q),
        }
    }
}

fn solve<R: Real>(
    problem: &GromovProblem<'_, R>,
    settings: &EntropicSettings<R>,
) -> Result<(EntropicReport<R>, Vec<R>), Error> {
    let mut plan = vec![R::from_f64(7.0); problem.rows * problem.columns];
    let mut memory = Memory::of(entropic::workspace(problem.rows, problem.columns));
    let report = entropic::solve(problem, settings, Some(&mut plan), memory.arena())?;
    Ok((report, plan))
}

/// The largest cost, the unit of a regularisation.
fn largest(case: &Case) -> f64 {
    let costs = case.cost.iter().chain(&case.row_costs).chain(&case.column_costs);
    costs.fold(0.0, |most, x| most.max(x.abs()))
}

/// One of so many cases of the vectors.
fn some(pairing: Pairing, step: usize) -> impl Iterator<Item = Case> {
    vectors(pairing).into_iter().skip(step / 2).step_by(step)
}

fn off<R: Real>(case: &Case, plan: &[R]) -> f64 {
    let sums = |by: &dyn Fn(usize) -> usize, masses: &[f64]| -> f64 {
        let mut sums = vec![0.0; masses.len()];
        plan.iter().enumerate().for_each(|(at, t)| sums[by(at)] += t.to_f64());
        sums.iter().zip(masses).map(|(sum, mass)| (sum - mass).abs()).sum()
    };
    sums(&|at| at / case.columns, &case.row_masses) + sums(&|at| at % case.columns, &case.column_masses)
}

/// Solves one of `step` vectors and compares them with `Effort::Fast`. Returns how many are no more than 1 % worse, and
/// of how many.
fn proximal<R: Real>(pairing: Pairing, step: usize, tolerance: f64) -> (usize, usize) {
    let (mut good, mut all) = (0, 0);
    for case in some(pairing, step) {
        let owned = Owned::<R>::of(&case);
        let problem = owned.problem();
        let (lambda, r) = (R::from_f64(case.lambda), R::from_f64(0.01 * largest(&case)));
        let settings = EntropicSettings::new(lambda, pairing, Method::Proximal, r);
        let (report, plan) =
            solve(&problem, &settings).unwrap_or_else(|e| panic!("case {}: {e}", case.number));
        assert!(plan.iter().all(|&t| t >= R::ZERO));
        assert!(off(&case, &plan) <= tolerance && report.marginal_residual.to_f64() <= tolerance);
        let plan: Vec<f64> = plan.iter().map(|t| t.to_f64()).collect();
        assert!((case.objective(pairing, &plan) - report.value.to_f64()).abs() <= tolerance);
        if case.certified {
            assert!(report.value.to_f64() >= case.best - tolerance, "case {}", case.number);
        }
        let fast = GromovSettings::new(lambda, pairing, Effort::Fast);
        let mut memory = Memory::of(gromov::workspace(case.rows, case.columns, Effort::Fast));
        let fast = gromov::solve(&problem, &fast, None, memory.arena()).unwrap();
        all += 1;
        good += usize::from(report.value.to_f64() <= fast.value.to_f64() * 1.01 + tolerance);
    }
    println!("{pairing:?}, f{}: no worse than Fast by more than 1 %: {good} of {all}", R::BITS);
    (good, all)
}

#[test]
fn proximal_steps_end_no_worse_than_descents() {
    for pairing in PAIRINGS {
        let (good, all) = proximal::<f64>(pairing, 1, 1e-7);
        let share = if pairing == Pairing::Full { 0.8 } else { 0.94 };
        assert!(all >= 70 && good as f64 >= share * all as f64, "{pairing:?}: {good} of {all}");
        let (good, all) = proximal::<f32>(pairing, 1, 1e-4);
        assert!(good as f64 >= share * all as f64, "{pairing:?}: {good} of {all} in single precision");
    }
}

#[test]
fn the_objective_never_rises() {
    for pairing in PAIRINGS {
        for method in METHODS {
            for case in some(pairing, 20).take(3) {
                let owned = Owned::<f64>::of(&case);
                let r = 0.02 * largest(&case);
                let settings = EntropicSettings::new(case.lambda, pairing, method, r);
                let mut before = f64::INFINITY;
                for iterations in 1..8 {
                    let limited = EntropicSettings { iterations, ..settings };
                    let (report, plan) = solve(&owned.problem(), &limited).unwrap();
                    let entropy: f64 = plan.iter().filter(|t| **t > 0.0).map(|t| t * t.ln()).sum();
                    assert!((report.entropic_value - (report.value + r * entropy)).abs() < 1e-12);
                    let now = match method {
                        Method::Entropic => report.entropic_value,
                        Method::Proximal => report.value,
                    };
                    assert!(now <= before + 1e-8, "{pairing:?} {method:?}: {now} after {before}");
                    assert!(report.iterations <= iterations && off(&case, &plan) <= 1e-8);
                    before = now;
                }
            }
        }
    }
}

/// Without a quadratic term the entropic problem is Sinkhorn's and the proximal one a linear program.
#[test]
fn linear_problems_are_those_of_transport() {
    let mut draw = Draw(11);
    for size in 2..7 {
        let case = draw.case(size, size + 1, Pairing::Full, false);
        let owned = Owned::<f64>::of(&case);
        let problem = owned.problem();
        let linear = Problem {
            rows: size,
            columns: size + 1,
            cost: problem.cost,
            row_masses: problem.row_masses,
            column_masses: problem.column_masses,
        };
        let settings = EntropicSettings::new(1.0, Pairing::Full, Method::Entropic, 0.05);
        let (report, plan) = solve(&problem, &settings).unwrap();
        let mut expected = vec![0.0; plan.len()];
        let mut memory = Memory::of(sinkhorn::workspace(size, size + 1));
        let inner = SinkhornSettings::new(0.05);
        let found = sinkhorn::solve(&linear, &inner, Some(&mut expected), memory.arena()).unwrap();
        assert!(plan.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-7));
        assert!((report.entropic_value - found.entropic_value).abs() < 1e-7);
        let mut memory = Memory::of(exact::workspace(size, size + 1));
        let least = exact::solve(&linear, None, None, memory.arena()).unwrap().cost;
        let settings = EntropicSettings { method: Method::Proximal, ..settings };
        let (report, _) = solve(&problem, &settings).unwrap();
        assert!(
            report.converged && report.value >= least - 1e-8 && report.value <= least * 1.001 + 1e-6
        );
    }
}

/// Two points of masses (p, 1 - p) and (q, 1 - q): T_11 = x solves x (1 - p - q + x) = k (p - x) (q - x),
/// k = exp(-d / r), d = C_11 + C_22 - C_12 - C_21.
fn two_points<R: Real>(least: f64, tolerance: f64) {
    for (p, q) in [(0.5, 0.5), (0.3, 0.6), (0.1, 0.95)] {
        for difference in [1.0, -1.0, 1e-3, 0.0] {
            for power in 0..7 {
                let r = f64::max(10f64.powi(-power), least);
                let cost: Vec<R> = reals(&[difference, 0.0, 0.0, 0.0]);
                let (masses, others) = (reals::<R>(&[p, 1.0 - p]), reals::<R>(&[q, 1.0 - q]));
                let problem = Problem {
                    rows: 2,
                    columns: 2,
                    cost: &cost,
                    row_masses: Some(&masses),
                    column_masses: Some(&others),
                };
                let settings = SinkhornSettings::new(R::from_f64(r));
                let mut plan = vec![R::ZERO; 4];
                let mut memory = Memory::of(sinkhorn::workspace(2, 2));
                let report =
                    sinkhorn::solve(&problem, &settings, Some(&mut plan), memory.arena()).unwrap();
                assert!(report.iterations <= settings.iterations);
                // x - k .. = 0 by bisection: the left side minus the right one rises with x.
                let (mut low, mut high) = (f64::max(0.0, p + q - 1.0), f64::min(p, q));
                for _ in 0..200 {
                    let x = 0.5 * (low + high);
                    let left = x.ln() + (1.0 - p - q + x).max(0.0).ln() + difference / r;
                    let right = (p - x).max(0.0).ln() + (q - x).max(0.0).ln();
                    if left > right { high = x } else { low = x }
                }
                let off = (plan[0].to_f64() - low).abs();
                assert!(off <= tolerance, "p {p} q {q} d {difference} r {r}: {} for {low}", plan[0]);
            }
        }
    }
}

#[test]
fn two_points_have_a_closed_form_down_to_the_smallest_regularisation() {
    two_points::<f64>(1e-6, 1e-8);
    two_points::<f32>(1e-4, 5e-5);
}

/// The limit of sweeps is the caller's, and what is not reached within it is a status.
#[test]
fn the_limit_of_sweeps_is_kept() {
    let mut draw = Draw(5);
    let case = draw.case(6, 7, Pairing::Full, false);
    let owned = Owned::<f64>::of(&case);
    let problem = Problem {
        rows: 6,
        columns: 7,
        cost: &owned.cost,
        row_masses: Some(&owned.p),
        column_masses: Some(&owned.q),
    };
    let attempt = |iterations: u32| -> Result<SinkhornReport<f64>, Error> {
        let settings = SinkhornSettings { iterations, ..SinkhornSettings::new(1e-3) };
        let mut memory = Memory::of(sinkhorn::workspace(6, 7));
        let mut plan = vec![7.0; 42];
        let answer = sinkhorn::solve(&problem, &settings, Some(&mut plan), memory.arena());
        assert!(answer.is_ok() || plan.iter().all(|&t| t == 7.0));
        answer
    };
    let needed = attempt(10_000).unwrap().iterations;
    assert!(needed > 1);
    assert_eq!(attempt(needed).unwrap().iterations, needed);
    assert_eq!(attempt(needed - 1).err(), Some(Error::NotConverged));
    assert_eq!(attempt(1).err(), Some(Error::NotConverged));
}

#[test]
fn bad_settings_and_problems_have_a_status() {
    let mut draw = Draw(3);
    let case = draw.case(3, 4, Pairing::Full, false);
    let owned = Owned::<f64>::of(&case);
    let good = EntropicSettings::new(0.5, Pairing::Full, Method::Entropic, 0.05);
    let refused = |settings: EntropicSettings<f64>| {
        let mut plan = vec![7.0; 12];
        let mut memory = Memory::of(entropic::workspace(3, 4));
        let answer = entropic::solve(&owned.problem(), &settings, Some(&mut plan), memory.arena());
        assert!(plan.iter().all(|&t| t == 7.0));
        answer.unwrap_err()
    };
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(EntropicSettings { regularisation: bad, ..good }), Error::InvalidSetting);
        assert_eq!(refused(EntropicSettings { tolerance: bad, ..good }), Error::InvalidSetting);
        assert_eq!(refused(EntropicSettings { gap: bad, ..good }), Error::InvalidSetting);
    }
    for lambda in [-0.1, 1.1, f64::NAN] {
        assert_eq!(refused(EntropicSettings { lambda, ..good }), Error::InvalidSetting);
    }
    assert_eq!(refused(EntropicSettings { gap: 1.0, ..good }), Error::InvalidSetting);
    assert_eq!(refused(EntropicSettings { iterations: 0, ..good }), Error::InvalidSetting);
    assert_eq!(refused(EntropicSettings { sweeps: 0, ..good }), Error::InvalidSetting);
    assert_eq!(refused(EntropicSettings { sweeps: 1, ..good }), Error::NotConverged);
    assert_eq!(refused(EntropicSettings { pairing: Pairing::Flow, ..good }), Error::NotSymmetric);
    let mut memory = Memory::of(entropic::workspace(3, 4));
    let short = entropic::solve(&owned.problem(), &good, Some(&mut [0.0; 11]), memory.arena());
    assert_eq!(short.unwrap_err(), Error::DimensionMismatch);
    memory.reals.pop();
    let little = entropic::solve(&owned.problem(), &good, None, memory.arena());
    assert_eq!(little.unwrap_err(), Error::MemoryTooSmall);
}
