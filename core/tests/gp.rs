//! The Gaussian process against reference vectors, closed forms, brute force and its own contracts.

use hotnas_core::gp::{FitSettings, GaussianProcess, Header, Hyperparameters, Kernel, Transform};
use hotnas_core::memory::Arena;
use hotnas_core::{Error, Real};
use proptest::prelude::*;
use serde_json::Value;

/// Owned memory of a process and a workspace.
struct Memory<R> {
    state: Vec<R>,
    work: Vec<R>,
}

impl<R: Real> Memory<R> {
    fn new(capacity: usize) -> Self {
        let state = GaussianProcess::<R>::extent(capacity);
        let work = GaussianProcess::<R>::workspace(capacity);
        assert_eq!((state.words, state.bytes, work.words, work.bytes), (0, 0, 0, 0));
        // Lent memory may hold anything.
        let junk = R::from_f64(f64::NAN);
        Self { state: vec![junk; state.reals], work: vec![junk; work.reals] }
    }
}

fn arena<R: Real>(reals: &mut [R]) -> Arena<'_, R> {
    Arena::new(reals, &mut [], &mut [])
}

/// A process with the first observations of a square matrix appended, as many as there are rows.
fn process<'a, R: Real>(
    state: &'a mut [R],
    kernel: Kernel,
    h: Hyperparameters<R>,
    distances: &[Vec<R>],
    values: &[R],
) -> GaussianProcess<'a, R> {
    let capacity = (0..).take_while(|&c| GaussianProcess::<R>::extent(c).reals <= state.len()).last();
    let mut gp = GaussianProcess::new(capacity.unwrap(), kernel, h, arena(state)).unwrap();
    for (i, (row, &y)) in distances.iter().zip(values).enumerate() {
        gp.append(&row[..i], y).unwrap();
    }
    gp
}

fn real<R: Real>(v: &Value) -> R {
    R::from_f64(v.as_f64().unwrap())
}
fn vector<R: Real>(v: &Value) -> Vec<R> {
    v.as_array().unwrap().iter().map(real).collect()
}
fn matrix<R: Real>(v: &Value) -> Vec<Vec<R>> {
    v.as_array().unwrap().iter().map(vector).collect()
}

fn cases() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/gp.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap().clone();
    assert_eq!(cases.len(), 24);
    cases
}

fn kernel_of(case: &Value) -> Kernel {
    match case["kind"].as_str().unwrap() {
        "exp" => Kernel::Exponential,
        "matern32" => Kernel::Matern32,
        "matern52" => Kernel::Matern52,
        "rbf" => Kernel::SquaredExponential,
        other => panic!("unknown kernel {other}"),
    }
}

fn hyperparameters_of<R: Real>(case: &Value) -> Hyperparameters<R> {
    Hyperparameters {
        variance: real(&case["var"]),
        length_scale: real(&case["ell"]),
        noise: real(&case["noise"]),
        mean: real(&case["mean"]),
    }
}

/// `unit` stands for the 1e-11 of the advised tolerances.
fn check_case<R: Real>(case: &Value, unit: f64) {
    let cond = case["cond"].as_f64().unwrap();
    let (distances, y) = (matrix::<R>(&case["D_train"]), vector::<R>(&case["y"]));
    let n = y.len();
    // The file has observations x candidates.
    let cross = matrix::<R>(&case["D_cross"]);
    let count = cross[0].len();
    let cross: Vec<R> = (0..count).flat_map(|c| cross.iter().map(move |row| row[c])).collect();
    let mut memory = Memory::<R>::new(n);
    let gp = process(&mut memory.state, kernel_of(case), hyperparameters_of(case), &distances, &y);
    assert_eq!(gp.jitter(), R::ZERO);
    let (mut mean, mut variance) = (vec![R::ZERO; count], vec![R::ZERO; count]);
    gp.posterior(&cross, &mut mean, &mut variance, arena(&mut memory.work)).unwrap();
    let (mu, var): (Vec<f64>, Vec<f64>) = (vector(&case["mu"]), vector(&case["var_pred"]));
    let scale = case["var"].as_f64().unwrap();
    for c in 0..count {
        let (m, v) = (mean[c].to_f64(), variance[c].to_f64());
        assert!((m - mu[c]).abs() <= unit * cond, "mean {m} {} cond {cond}", mu[c]);
        assert!((v - var[c].max(0.0)).abs() <= unit * cond * scale, "variance {v} {}", var[c]);
    }
    let (got, lml) = (gp.log_marginal_likelihood().to_f64(), case["lml"].as_f64().unwrap());
    let tolerance = 100.0 * unit * lml.abs().max(1.0) + unit / 100.0 * cond;
    assert!((got - lml).abs() <= tolerance, "likelihood {got} {lml} cond {cond}");
}

#[test]
fn reference_vectors_in_double_precision() {
    cases().iter().for_each(|case| check_case::<f64>(case, 1e-11));
}

#[test]
fn reference_vectors_in_single_precision() {
    let cases = cases();
    let good: Vec<_> = cases.iter().filter(|c| c["cond"].as_f64().unwrap() < 1e4).collect();
    assert!(good.len() >= 18);
    // 2e-6 is 17 roundings of f32, where 1e-11 is 45000 of f64.
    good.into_iter().for_each(|case| check_case::<f32>(case, 2e-6));
}

fn check_fit<R: Real>(case: &Value, likelihood_tolerance: f64, length_tolerance: f64) {
    let (distances, y) = (matrix::<R>(&case["D_train"]), vector::<R>(&case["y"]));
    let mut memory = Memory::<R>::new(y.len());
    let h = Hyperparameters { noise: real(&case["fit_noise"]), ..hyperparameters_of::<R>(case) };
    let mut gp = process(&mut memory.state, kernel_of(case), h, &distances, &y);
    let settings = FitSettings::Length { minimum: R::from_f64(1e-3), maximum: R::from_f64(1e2) };
    let report = gp.fit(&settings, arena(&mut memory.work)).unwrap();
    let (lml, ell) = (case["fit_lml"].as_f64().unwrap(), case["fit_ell"].as_f64().unwrap());
    let (got, length) =
        (report.log_marginal_likelihood.to_f64(), report.hyperparameters.length_scale.to_f64());
    assert!((got - lml).abs() <= likelihood_tolerance * lml.abs().max(1.0), "{got} {lml}");
    if ell > 1.1e-3 && ell < 90.0 {
        assert!((length - ell).abs() <= length_tolerance * ell, "{length} {ell}");
    }
    let expect = Hyperparameters { length_scale: report.hyperparameters.length_scale, ..h };
    assert_eq!((report.hyperparameters, gp.hyperparameters()), (expect, expect));
    assert!(report.evaluations <= 120, "{}", report.evaluations);
}

#[test]
fn reference_fits_of_the_length_scale() {
    let cases = cases();
    let fits: Vec<_> = cases.iter().filter(|c| c.get("fit_ell").is_some()).collect();
    assert!(fits.len() >= 14);
    for case in fits {
        check_fit::<f64>(case, 1e-6, 1e-3);
        check_fit::<f32>(case, 1e-3, 3e-2);
    }
}

fn start<R: Real>(noise: f64) -> Hyperparameters<R> {
    Hyperparameters {
        variance: R::from_f64(1.5),
        length_scale: R::from_f64(0.8),
        noise: R::from_f64(noise),
        mean: R::from_f64(0.25),
    }
}

#[test]
fn closed_forms_of_none_one_and_two_observations() {
    for kernel in Kernel::ALL {
        let mut memory = Memory::<f64>::new(2);
        let work = &mut memory.work;
        let mut gp = GaussianProcess::new(2, kernel, start(0.1), arena(&mut memory.state)).unwrap();
        let (mut m, mut v) = ([0.0; 3], [0.0; 3]);
        gp.posterior(&[], &mut m, &mut v, arena(work)).unwrap();
        assert_eq!((m, v), ([0.25; 3], [1.5; 3]));
        assert_eq!(gp.log_marginal_likelihood(), 0.0);

        let k = |d: f64| 1.5 * kernel.correlation(d, 0.8);
        gp.append(&[], 1.0).unwrap();
        let (mean, variance) = gp.posterior_at(&[0.3], arena(work)).unwrap();
        assert!((mean - (0.25 + k(0.3) / 1.6 * 0.75)).abs() < 1e-14);
        assert!((variance - (1.5 - k(0.3) * k(0.3) / 1.6)).abs() < 1e-14);
        let two_pi = std::f64::consts::TAU;
        let lml = -0.5 * (0.75 * 0.75 / 1.6 + (two_pi * 1.6).ln());
        assert!((gp.log_marginal_likelihood() - lml).abs() < 1e-14);

        gp.append(&[0.4], -2.0).unwrap();
        let (a, b, det) = (1.6, k(0.4), 1.6 * 1.6 - k(0.4) * k(0.4));
        let (k1, k2) = (k(0.3), k(0.2));
        let (w1, w2) = ((a * k1 - b * k2) / det, (a * k2 - b * k1) / det);
        let (mean, variance) = gp.posterior_at(&[0.3, 0.2], arena(work)).unwrap();
        assert!((mean - (0.25 + w1 * 0.75 - w2 * 2.25)).abs() < 1e-13);
        assert!((variance - (1.5 - w1 * k1 - w2 * k2)).abs() < 1e-13);
        let square = (a * 0.75 * 0.75 + 2.0 * b * 0.75 * 2.25 + a * 2.25 * 2.25) / det;
        let lml = -0.5 * (square + det.ln() + 2.0 * two_pi.ln());
        assert!((gp.log_marginal_likelihood() - lml).abs() < 1e-13);
        assert_eq!(gp.append(&[0.1, 0.1], 0.0), Err(Error::CapacityExceeded));
    }
}

/// Euclidean distances of points in the plane.
fn plane<R: Real>(points: &[(f64, f64)]) -> Vec<Vec<R>> {
    let distance = |p: &(f64, f64), q: &(f64, f64)| R::from_f64((p.0 - q.0).hypot(p.1 - q.1));
    points.iter().map(|p| points.iter().map(|q| distance(p, q)).collect()).collect()
}

/// Shortest paths in a complete bipartite graph. With q = exp(-1/l), the matrix exp(-d/l) has a negative
/// eigenvalue if (1 + (left-1) q^2)(1 + (right-1) q^2) < left * right * q^2: for long l.
fn bipartite<R: Real>(left: usize, right: usize) -> Vec<Vec<R>> {
    let n = left + right;
    let distance = |i: usize, j: usize| match (i == j, (i < left) == (j < left)) {
        (true, _) => 0.0,
        (_, true) => 2.0,
        _ => 1.0,
    };
    (0..n).map(|i| (0..n).map(|j| R::from_f64(distance(i, j))).collect()).collect()
}

fn ladder<R: Real>() {
    let distances = bipartite::<R>(4, 5);
    let y: Vec<R> = (0..9).map(|i| R::from_f64(f64::from(i % 4))).collect();
    let h = Hyperparameters { length_scale: R::from_f64(20.0), ..start(0.0) };
    let kernel = Kernel::Exponential;
    let mut memory = Memory::<R>::new(9);
    let mut gp = process(&mut memory.state, kernel, h, &distances, &y);
    let jitter = gp.jitter();
    assert!(jitter > R::ZERO && jitter <= R::from_f64(0.3), "{jitter}");
    let (mut m, mut v) = (vec![R::ZERO; 9], vec![R::ZERO; 9]);
    gp.posterior(&distances.concat(), &mut m, &mut v, arena(&mut memory.work)).unwrap();
    assert!(m.iter().all(|x| x.is_finite()) && v.iter().all(|&x| x >= R::ZERO && x <= h.variance));

    // What was forgotten leaves no trace: the jitter falls with the observations that needed it.
    let likelihood = gp.log_marginal_likelihood();
    assert!(likelihood.is_finite());
    let last = gp.distances(8).to_vec();
    gp.truncate(8).unwrap();
    gp.append(&last, y[8]).unwrap();
    assert_eq!((gp.jitter(), gp.log_marginal_likelihood()), (jitter, likelihood));
    for n in (0..9).rev() {
        gp.truncate(n).unwrap();
        let mut fresh = Memory::<R>::new(9);
        let mut other = process(&mut fresh.state, kernel, h, &distances[..n], &y);
        assert_eq!(
            (gp.header(), gp.log_marginal_likelihood()),
            (other.header(), other.log_marginal_likelihood())
        );
        other.set_hyperparameters(h).unwrap();
        assert_eq!(
            (gp.header(), gp.log_marginal_likelihood()),
            (other.header(), other.log_marginal_likelihood())
        );
    }
    assert_eq!(gp.jitter(), R::ZERO);
}

#[test]
fn the_jitter_ladder_is_climbed_reported_and_left_again() {
    ladder::<f64>();
    ladder::<f32>();
}

#[test]
fn what_is_hopeless_is_refused_and_changes_nothing() {
    // Two points at distance 5, and a third that coincides with both.
    let h = start::<f64>(1e-4);
    let mut memory = Memory::new(3);
    let rows = [vec![], vec![5.0]];
    let mut gp = process(&mut memory.state, Kernel::Exponential, h, &rows, &[1.0, 2.0]);
    let before = (gp.header(), gp.log_marginal_likelihood());
    let posterior = gp.posterior_at(&[1.0, 4.0], arena(&mut memory.work)).unwrap();
    assert_eq!(gp.append(&[0.0, 0.0], 1.0), Err(Error::NotPositiveDefinite));
    assert_eq!((gp.header(), gp.log_marginal_likelihood()), before);
    assert_eq!(gp.posterior_at(&[1.0, 4.0], arena(&mut memory.work)).unwrap(), posterior);

    gp.append(&[2.0, 3.0], 1.0).unwrap();
    let before = (gp.header(), gp.log_marginal_likelihood());
    for bad in [
        Hyperparameters { variance: 0.0, ..h },
        Hyperparameters { length_scale: -1.0, ..h },
        Hyperparameters { noise: -1e-9, ..h },
        Hyperparameters { noise: 1e9, ..h },
    ] {
        assert_eq!(gp.set_hyperparameters(bad), Err(Error::InvalidSetting));
    }
    // Noise of 1e6 times the variance is the most, also where that is rounded.
    for variance in [0.1, 0.3, 0.7, 1.1, 1.3, 2.9, 3.1] {
        Hyperparameters { variance, noise: 1e6 * variance, ..h }.validate().unwrap();
    }
    let nan = Hyperparameters { mean: f64::NAN, ..h };
    assert_eq!(gp.set_hyperparameters(nan), Err(Error::NotFinite));
    // The square of a residual over the variance overflows.
    let tiny = Hyperparameters { variance: 1e-307, noise: 0.0, mean: 1e10, ..h };
    assert_eq!(gp.set_hyperparameters(tiny), Err(Error::NotFinite));
    assert_eq!(gp.set_values(&[1e200, -1e200, 0.0]), Err(Error::NotFinite));
    assert_eq!((gp.header(), gp.log_marginal_likelihood()), before);

    // Fine with a short length only.
    let square = bipartite::<f64>(12, 12);
    let y = [0.5; 24];
    let short = Hyperparameters { length_scale: 0.3, ..start(0.0) };
    let mut memory = Memory::new(24);
    let mut gp = process(&mut memory.state, Kernel::SquaredExponential, short, &square, &y);
    let before = (gp.header(), gp.log_marginal_likelihood());
    let long = Hyperparameters { length_scale: 1.5, ..short };
    assert_eq!(gp.set_hyperparameters(long), Err(Error::NotPositiveDefinite));
    assert_eq!((gp.header(), gp.log_marginal_likelihood()), before);
}

/// No number that is asked for overflows: neither variances nor the terms of a likelihood that is itself finite.
fn nothing_overflows<R: Real>(largest: f64, value: f64) {
    let h = Hyperparameters { variance: R::from_f64(largest), ..start(0.0) };
    let mut state = vec![R::ZERO; GaussianProcess::<R>::extent(4).reals];
    for factor in [R::TWO, R::ONE / R::EPSILON, R::INFINITY] {
        let more = Hyperparameters { variance: h.variance * factor, ..h };
        let refused = GaussianProcess::new(4, Kernel::Nasbot, more, arena(&mut state));
        assert_eq!(refused.unwrap_err(), Error::NotFinite);
    }
    // Distances for which the kernel is not positive definite.
    let rows = [vec![], vec![0.4], vec![1.2, 0.4], vec![3.0, 3.0, 3.0]]
        .map(|row: Vec<f64>| row.into_iter().map(R::from_f64).collect::<Vec<R>>());
    let zero = R::ZERO;
    let gp = process(&mut state, Kernel::SquaredExponential, h, &rows, &[zero, R::ONE, zero, R::ONE]);
    assert!(gp.jitter() > zero);
    let (mut mean, mut variance, mut covariance) = ([zero; 4], [zero; 4], [zero; 10]);
    let mut work = vec![zero; GaussianProcess::<R>::joint_workspace(4, 4).reals];
    gp.leave_one_out(&mut mean, &mut variance, arena(&mut work)).unwrap();
    assert!(mean.iter().chain(&variance).all(|x| x.is_finite()));
    let candidates = [0.0, 4.0, 0.0, 4.0, 4.0, 0.0, 4.0, 0.0, 0.1, 0.1, 5.0, 5.0, 1.0, 0.0, 0.0, 9.0];
    let between = [0.0, 9.0, 0.0, 9.0, 0.0, 0.0].map(R::from_f64);
    gp.joint_posterior(
        &candidates.map(R::from_f64),
        &between,
        &mut mean,
        &mut covariance,
        arena(&mut work),
    )
    .unwrap();
    assert!(mean.iter().chain(&covariance).all(|x| x.is_finite()));

    // Two values at one place: their squares cancel in the likelihood.
    let h = Hyperparameters { variance: R::ONE, mean: zero, ..start(1e-3) };
    let values = [2.0457, 1.9563].map(|y| R::from_f64(y * value));
    let mut gp = process(&mut state, Kernel::Exponential, h, &[vec![], vec![zero]], &[R::ONE; 2]);
    let before = gp.log_marginal_likelihood();
    assert_eq!(gp.set_values(&values), Err(Error::NotFinite));
    assert_eq!(gp.log_marginal_likelihood(), before);
    gp.set_values(&values.map(|y| y * R::from_f64(0.25))).unwrap();
    assert!(gp.log_marginal_likelihood().is_finite());
}

#[test]
fn no_answer_overflows() {
    nothing_overflows::<f64>(3e286, 4e153);
    nothing_overflows::<f32>(4e25, 3e18);
}

#[test]
fn bad_arguments_are_refused() {
    let h = start::<f64>(1e-4);
    let mut memory = Memory::new(4);
    let mut gp = process(&mut memory.state, Kernel::Matern32, h, &[vec![], vec![1.0]], &[1.0, 2.0]);
    let header = gp.header();
    assert_eq!(gp.append(&[1.0], 0.0), Err(Error::DimensionMismatch));
    assert_eq!(gp.append(&[1.0, f64::NAN], 0.0), Err(Error::NotFinite));
    assert_eq!(gp.append(&[1.0, f64::INFINITY], 0.0), Err(Error::NotFinite));
    assert_eq!(gp.append(&[1.0, -1.0], 0.0), Err(Error::NegativeCost));
    assert_eq!(gp.append(&[1.0, 1.0], f64::NAN), Err(Error::NotFinite));
    assert_eq!(gp.set_values(&[1.0]), Err(Error::DimensionMismatch));
    assert_eq!(gp.set_values(&[1.0, f64::INFINITY]), Err(Error::NotFinite));
    assert_eq!(gp.header(), header);

    let (mut m, mut v) = ([7.0; 2], [7.0; 2]);
    let need = GaussianProcess::<f64>::posterior_workspace(2).reals;
    let mut posterior =
        |d: &[f64], v: &mut [f64], w: usize| gp.posterior(d, &mut m, v, arena(&mut vec![0.0; w]));
    assert_eq!(posterior(&[1.0; 3], &mut v, need), Err(Error::DimensionMismatch));
    assert_eq!(posterior(&[1.0; 4], &mut v[..1], need), Err(Error::DimensionMismatch));
    assert_eq!(posterior(&[1.0; 4], &mut v, need - 1), Err(Error::MemoryTooSmall));
    assert_eq!(posterior(&[1.0, 1.0, 1.0, f64::NAN], &mut v, need), Err(Error::NotFinite));
    assert_eq!(posterior(&[1.0, 1.0, 1.0, -0.5], &mut v, need), Err(Error::NegativeCost));
    assert_eq!((m, v), ([7.0; 2], [7.0; 2]));

    let small = &mut vec![0.0; GaussianProcess::<f64>::extent(4).reals - 1];
    let failed = GaussianProcess::new(4, Kernel::Matern32, h, arena(small));
    assert_eq!(failed.unwrap_err(), Error::MemoryTooSmall);
    for bad in
        [Header { len: 5, ..header }, Header { kernel: 9, ..header }, Header { jitter: -1.0, ..header }]
    {
        let failed = GaussianProcess::view(bad, arena(&mut memory.state));
        assert_eq!(failed.unwrap_err(), Error::InvalidSetting);
    }
    let mut empty = GaussianProcess::new(1, Kernel::Matern32, h, arena(&mut memory.state)).unwrap();
    let mut fit = |settings| empty.fit(&settings, arena(&mut memory.work)).unwrap_err();
    assert_eq!(fit(FitSettings::default()), Error::NoObservation);
    for bad in [
        FitSettings::Length { minimum: 2.0, maximum: 1.0 },
        FitSettings::Full { prior_deviation: 0.0, noise_minimum: 1.0, noise_maximum: 1.0 },
        FitSettings::Full { prior_deviation: 1.0, noise_minimum: 0.0, noise_maximum: 1.0 },
        FitSettings::Full { prior_deviation: 1.0, noise_minimum: 1e-33, noise_maximum: 1.0 },
    ] {
        assert_eq!(fit(bad), Error::InvalidSetting);
    }
}

#[test]
fn thirty_two_observations_in_single_precision_take_five_kilobytes() {
    let size = GaussianProcess::<f32>::extent(32).size::<f32>().unwrap();
    assert!(size <= 4400, "{size}");
    assert_eq!((size_of::<Header<f32>>(), size_of::<Header<f64>>()), (72, 128));
}

/// Depends on the point, in part at a scale that no length explains.
fn response(points: &[(f64, f64)]) -> Vec<f64> {
    let rough = |p: &(f64, f64)| (40.0 * p.0 + 17.0 * p.1).sin();
    points.iter().map(|p| (3.0 * p.0).sin() + p.1 * p.1 + 0.3 * rough(p)).collect()
}

fn contracts<R: Real>(points: &[(f64, f64)], noise: f64, kernel: Kernel, tolerance: f64) {
    let distances = plane::<R>(points);
    let y: Vec<R> = response(points).into_iter().map(R::from_f64).collect();
    let n = y.len();
    let h = start::<R>(noise);
    let mut memory = Memory::<R>::new(n);
    let gp = process(&mut memory.state, kernel, h, &distances, &y);
    let (header, likelihood) = (gp.header(), gp.log_marginal_likelihood());

    // Appending one by one is factoring anew, to the bit; so is viewing the memory again.
    let mut gp = GaussianProcess::view(header, arena(&mut memory.state)).unwrap();
    assert_eq!(gp.log_marginal_likelihood(), likelihood);
    gp.set_hyperparameters(h).unwrap();
    assert_eq!((gp.header(), gp.log_marginal_likelihood()), (header, likelihood));

    // A block of candidates is each of them alone, to the bit.
    let both: Vec<_> = (0..19).map(|k| (0.11 * f64::from(k), 0.37)).chain(points.to_vec()).collect();
    let cross: Vec<R> = plane::<R>(&both)[..19].iter().flat_map(|row| row[19..].to_vec()).collect();
    let (mut m, mut v) = (vec![R::ZERO; 19], vec![R::ZERO; 19]);
    gp.posterior(&cross, &mut m, &mut v, arena(&mut memory.work)).unwrap();
    for ((row, &m), &v) in cross.chunks(n).zip(&m).zip(&v) {
        assert_eq!(gp.posterior_at(row, arena(&mut memory.work[..n])).unwrap(), (m, v));
        assert!(m.is_finite() && v >= R::ZERO && v <= h.variance);
    }

    // Leave-one-out is a process without that observation.
    let (mut lm, mut lv) = (vec![R::ZERO; n], vec![R::ZERO; n]);
    gp.leave_one_out(&mut lm, &mut lv, arena(&mut memory.work)).unwrap();
    for i in [0, n / 2, n - 1] {
        let keep: Vec<usize> = (0..n).filter(|&k| k != i).collect();
        let rows: Vec<Vec<R>> =
            keep.iter().map(|&a| keep.iter().map(|&b| distances[a][b]).collect()).collect();
        let values: Vec<R> = keep.iter().map(|&k| y[k]).collect();
        let others: Vec<R> = keep.iter().map(|&k| distances[i][k]).collect();
        let mut memory = Memory::<R>::new(n);
        let less = process(&mut memory.state, kernel, h, &rows, &values);
        assert_eq!((less.jitter(), gp.jitter()), (R::ZERO, R::ZERO));
        let (m, v) = less.posterior_at(&others, arena(&mut memory.work)).unwrap();
        let (got, expect) = (lm[i].to_f64(), m.to_f64());
        assert!((got - expect).abs() <= tolerance, "{got} {expect}");
        let (got, expect) = (lv[i].to_f64(), v.to_f64() + noise);
        assert!((got - expect).abs() <= tolerance, "{got} {expect}");
    }

    // Fantasies leave no trace, and new values need no new factor.
    gp.truncate(n / 2).unwrap();
    for (i, row) in distances.iter().enumerate().skip(n / 2) {
        gp.append(&row[..i], R::ZERO).unwrap();
    }
    gp.set_values(&y).unwrap();
    assert_eq!((gp.header(), gp.log_marginal_likelihood()), (header, likelihood));
    assert_eq!(gp.values(), &y[..]);
    assert_eq!(gp.distances(n - 1), &distances[n - 1][..n - 1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn contracts_hold_for_metric_distances(
        points in prop::collection::vec((0.0f64..2.0, 0.0f64..2.0), 2..30),
        kernel in 0usize..4,
    ) {
        contracts::<f64>(&points, 1e-3, Kernel::ALL[kernel], 1e-9);
        contracts::<f32>(&points, 3e-2, Kernel::ALL[kernel], 2e-3);
    }

    #[test]
    fn a_full_fit_is_deterministic_bounded_and_stationary(
        points in prop::collection::vec((0.0f64..2.0, 0.0f64..2.0), 3..24),
        kernel in 0usize..5,
        scale in -8i32..8,
        offset in -10f64..10.0,
    ) {
        let scale = 10f64.powi(scale);
        let y: Vec<f64> = response(&points).into_iter().map(|y| scale * (y + offset)).collect();
        let mut memory = Memory::new(y.len());
        let distances = plane::<f64>(&points);
        let mut gp = process(&mut memory.state, Kernel::ALL[kernel], start(0.1), &distances, &y);
        let free = FitSettings::Full {
            prior_deviation: f64::INFINITY, noise_minimum: 1e-4, noise_maximum: 1.0,
        };
        let best = gp.fit(&free, arena(&mut memory.work)).unwrap();
        prop_assert!(best.evaluations <= 48, "{}", best.evaluations);
        prop_assert_eq!(best, gp.fit(&free, arena(&mut memory.work)).unwrap());
        // Variance and mean are where nothing better is near.
        let h = best.hyperparameters;
        for (a, b) in [(1.01, 0.0), (0.99, 0.0), (1.0, 0.01), (1.0, -0.01)] {
            let (variance, noise) = (a * h.variance, a * h.noise);
            let other = Hyperparameters { variance, noise, mean: h.mean + b * h.variance.sqrt(), ..h };
            gp.set_hyperparameters(other).unwrap();
            prop_assert!(gp.log_marginal_likelihood() <= best.log_marginal_likelihood + 1e-8);
        }
    }

    #[test]
    fn transforms_keep_the_order_and_standardise(
        values in prop::collection::vec(-1e3f64..1e3, 1..40),
        scale in -300i32..300,
    ) {
        let values: Vec<f64> = values.into_iter().map(|v| v * 10f64.powi(scale)).collect();
        for transform in Transform::ALL {
            let mut out = vec![f64::NAN; values.len()];
            transform.apply(&values, &mut out).unwrap();
            let n = out.len() as f64;
            let mean = out.iter().sum::<f64>() / n;
            let square = out.iter().map(|x| x * x).sum::<f64>() / n;
            prop_assert!(mean.abs() < 1e-9, "{mean}");
            prop_assert!((square - 1.0).abs() < 1e-9 || n == 1.0, "{square}");
            for (a, x) in values.iter().zip(&out) {
                for (b, y) in values.iter().zip(&out) {
                    prop_assert!(a >= b || x <= y);
                }
            }
        }
    }
}

#[test]
fn duplicates_with_little_or_no_noise() {
    fn run<R: Real>(noise: f64) {
        let points: Vec<_> = (0..24).map(|k| (f64::from(k % 6) * 0.3, 0.0)).collect();
        let distances = plane::<R>(&points);
        let y: Vec<R> = (0..24).map(|k| R::from_f64(f64::from(k % 6) - 1e-3 * f64::from(k))).collect();
        let mut memory = Memory::<R>::new(24);
        let mut gp = process(&mut memory.state, Kernel::Exponential, start(noise), &distances, &y);
        assert!(gp.log_marginal_likelihood().is_finite());
        assert!(gp.jitter() <= R::from_f64(1.1e-4), "{}", gp.jitter());
        let (mut m, mut v) = (vec![R::ZERO; 24], vec![R::ZERO; 24]);
        gp.posterior(&distances.concat(), &mut m, &mut v, arena(&mut memory.work)).unwrap();
        assert!(m.iter().zip(&y).all(|(&m, &y)| (m - y).abs() < R::from_f64(0.05)));
        assert!(v.iter().all(|&v| v >= R::ZERO && v < R::from_f64(1e-3)));
        let report = gp.fit(&FitSettings::default(), arena(&mut memory.work)).unwrap();
        assert!(report.log_marginal_likelihood.is_finite());
    }
    for noise in [0.0, 1e-9, 1e-6, 1e-4] {
        run::<f64>(noise);
        run::<f32>(noise);
    }
}

#[test]
fn constant_values_and_a_single_observation_can_be_fitted() {
    fn run<R: Real>(n: usize, value: f64) {
        let points: Vec<_> = (0..n).map(|k| (k as f64 * 0.37 % 1.0, 0.0)).collect();
        let y = vec![R::from_f64(value); n];
        for transform in Transform::ALL {
            let mut out = vec![R::ONE; n];
            transform.apply(&y, &mut out).unwrap();
            assert!(out.iter().all(|&x| x == R::ZERO));
        }
        let mut memory = Memory::<R>::new(n);
        let mut gp = process(&mut memory.state, Kernel::Exponential, start(0.1), &plane(&points), &y);
        let report = gp.fit(&FitSettings::default(), arena(&mut memory.work)).unwrap();
        assert_eq!((report.hyperparameters.mean, report.hyperparameters.variance), (y[0], R::ONE));
        let mean = gp.posterior_at(&vec![R::ONE; n], arena(&mut memory.work)).unwrap().0;
        assert_eq!(mean, y[0]);
    }
    for (n, value) in [(1, 0.0), (1, 3.0), (2, -1e3), (9, 0.1)] {
        run::<f64>(n, value);
        run::<f32>(n, value);
    }
}

#[test]
fn a_fit_finds_hyperparameters_without_jitter_on_distances_that_are_not_euclidean() {
    let distances = bipartite::<f64>(8, 9);
    let y: Vec<f64> = (0..17).map(|i| f64::from(i % 5) - if i < 8 { 2.0 } else { 0.0 }).collect();
    for kernel in Kernel::ALL {
        let mut memory = Memory::new(17);
        let short = Hyperparameters { length_scale: 0.2, ..start(1.5) };
        let mut gp = process(&mut memory.state, kernel, short, &distances, &y);
        let report = gp.fit(&FitSettings::default(), arena(&mut memory.work)).unwrap();
        assert_eq!(report.jitter, 0.0);
        assert!(report.log_marginal_likelihood.is_finite());
    }
}

#[test]
fn transforms_in_closed_form() {
    let standard = |raw: &[f64]| -> Vec<f64> {
        let mean = raw.iter().sum::<f64>() / raw.len() as f64;
        let sd = (raw.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / raw.len() as f64).sqrt();
        raw.iter().map(|x| (x - mean) / sd).collect()
    };
    let check = |transform: Transform, values: &[f64], raw: &[f64]| {
        let mut out = vec![0.0; values.len()];
        transform.apply(values, &mut out).unwrap();
        for (a, b) in out.iter().zip(standard(raw)) {
            assert!((a - b).abs() < 1e-14, "{transform:?} {a} {b}");
        }
    };
    // Best 1, median 3: t = (y - 3) / 2.
    let values = [3.0, 1.0, 2.0, 5.0, 9.0];
    check(Transform::Soft, &values, &[0.0, -1.0, -0.5, 2f64.ln(), 4f64.ln()]);
    check(Transform::Soft, &[1.0, 1.0, 1.0, 7.0], &[1.0, 1.0, 1.0, 7.0]);
    check(Transform::Rank, &[3.0, 1.0, 3.0, 8.0], &[1.5, 0.0, 1.5, 3.0]);
    check(Transform::Log, &values, &values.map(f64::ln));
    check(Transform::Log, &[-1.0, 0.0, 3.0], &[0.0, 2f64.ln(), 5f64.ln()]);
    check(Transform::Identity, &values, &values);
    let mut out = [0.5; 2];
    assert_eq!(Transform::Soft.apply(&[1.0, f64::NAN], &mut out), Err(Error::NotFinite));
    assert_eq!(Transform::Soft.apply(&[f64::MAX, -f64::MAX], &mut out), Err(Error::NotFinite));
    assert_eq!(Transform::Soft.apply(&[1.0], &mut out), Err(Error::DimensionMismatch));
    assert_eq!(out, [0.5; 2]);
    for transform in Transform::ALL {
        assert_eq!(Transform::from_code(transform as i32), Some(transform));
    }
    assert_eq!(Transform::from_code(4), None);
}
