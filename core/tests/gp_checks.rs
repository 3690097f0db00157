//! Diagnostics of a Gaussian process against explicit refits, and clipped eigenvalues against closed forms.

use hotnas_core::gp::{Calibration, GaussianProcess, Hyperparameters, Kernel};
use hotnas_core::memory::Arena;
use hotnas_core::{Error, Real};
use proptest::prelude::*;

fn arena<R: Real>(reals: &mut [R]) -> Arena<'_, R> {
    Arena::new(reals, &mut [], &mut [])
}

fn junk<R: Real>(n: usize) -> Vec<R> {
    vec![R::from_f64(f64::NAN); n]
}

fn process<'a, R: Real>(
    state: &'a mut Vec<R>,
    h: Hyperparameters<R>,
    distance: impl Fn(usize, usize) -> f64,
    values: &[R],
) -> GaussianProcess<'a, R> {
    *state = junk(GaussianProcess::<R>::extent(values.len()).reals);
    let mut gp = GaussianProcess::new(values.len(), Kernel::Exponential, h, arena(state)).unwrap();
    for (i, &y) in values.iter().enumerate() {
        let row: Vec<R> = (0..i).map(|j| R::from_f64(distance(i, j))).collect();
        gp.append(&row, y).unwrap();
    }
    gp
}

fn hyperparameters<R: Real>(length_scale: f64, noise: f64) -> Hyperparameters<R> {
    let [variance, length_scale, noise, mean] = [1.7, length_scale, noise, 0.3].map(R::from_f64);
    Hyperparameters { variance, length_scale, noise, mean }
}

/// Each observation is left out, the process is made anew without it and asked about it.
fn refits<R: Real>(points: &[(f64, f64)], level: f64, tolerance: f64) {
    let n = points.len();
    let values: Vec<R> = points.iter().map(|p| R::from_f64((3.0 * p.0).sin() + p.1)).collect();
    let h = hyperparameters::<R>(0.6, 0.05);
    let apart =
        |i: usize, j: usize| (points[i].0 - points[j].0).abs() + (points[i].1 - points[j].1).abs();
    let mut state = vec![];
    let gp = process(&mut state, h, apart, &values);
    assert_eq!(gp.jitter(), R::ZERO);
    let mut work = junk(GaussianProcess::<R>::posterior_workspace(n).reals);
    let (mut means, mut variances) = (vec![], vec![]);
    for left in 0..n {
        let others: Vec<usize> = (0..n).filter(|&i| i != left).collect();
        let known: Vec<R> = others.iter().map(|&i| values[i]).collect();
        let mut state = vec![];
        let without = process(&mut state, h, |i, j| apart(others[i], others[j]), &known);
        let row: Vec<R> = others.iter().map(|&i| R::from_f64(apart(left, i))).collect();
        let (mean, variance) = without.posterior_at(&row, arena(&mut work)).unwrap();
        means.push(mean);
        variances.push(variance + h.noise);
    }
    let level = R::from_f64(level);
    let expected = Calibration::of(&values, &means, &variances, level).unwrap();
    let found = gp.calibration(level, arena(&mut work)).unwrap();
    let pairs = [
        (found.bias, expected.bias),
        (found.spread, expected.spread),
        (found.log_density, expected.log_density),
        (found.error, expected.error),
    ];
    for (a, b) in pairs {
        assert!((a - b).abs().to_f64() <= tolerance * (1.0 + b.abs().to_f64()), "{a:?} {b:?}");
    }
    // A value at the very edge of its band may fall on either side.
    assert!((found.coverage - expected.coverage).abs().to_f64() <= 1.0 / n as f64 + 1e-6);
}

proptest! {
    #[test]
    fn diagnostics_are_those_of_explicit_refits(
        points in prop::collection::vec((0.0..2.0f64, 0.0..2.0f64), 2..22),
        level in 0.05..0.95f64,
    ) {
        refits::<f64>(&points, level, 1e-9);
        refits::<f32>(&points, level, 2e-3);
    }
}

#[test]
fn calibration_in_closed_form() {
    // z = -2, 0.5, 1, 0
    let (values, means, variances) = ([0.0, 2.0, 5.0, 1.0], [4.0, 1.0, 4.0, 1.0], [4.0, 4.0, 1.0, 9.0]);
    let found = Calibration::of(&values, &means, &variances, 0.9).unwrap();
    assert_eq!((found.coverage, found.bias), (0.75, -0.125));
    assert!((found.spread - (5.25f64 / 4.0).sqrt()).abs() < 1e-15);
    assert!((found.error - (18.0f64 / 4.0).sqrt()).abs() < 1e-15);
    let density = -0.5 * ((5.25 + 144f64.ln()) / 4.0 + std::f64::consts::TAU.ln());
    assert!((found.log_density - density).abs() < 1e-15);
    // The band of 68.3 % is one deviation to either side.
    let one = |level| Calibration::of(&[1.0f64], &[0.0], &[1.0], level).unwrap().coverage;
    assert_eq!((one(0.68), one(0.69)), (0.0, 1.0));

    let of = |value: f64, variance: f64, level| {
        Calibration::of(&[value], &[0.0], &[variance], level).unwrap_err()
    };
    assert_eq!(of(1.0, 0.0, 0.5), Error::InvalidSetting);
    assert_eq!(of(1.0, -1.0, 0.5), Error::InvalidSetting);
    assert_eq!(of(f64::NAN, 1.0, 0.5), Error::NotFinite);
    assert_eq!(of(f64::MAX, 1.0, 0.5), Error::NotFinite);
    for level in [0.0, 1.0, f64::NAN] {
        assert_eq!(of(1.0, 1.0, level), Error::InvalidSetting);
    }
    assert_eq!(Calibration::<f32>::of(&[], &[], &[], 0.5), Err(Error::NoObservation));
    assert_eq!(Calibration::of(&[1.0f32], &[], &[1.0], 0.5), Err(Error::DimensionMismatch));
    let mut state = vec![];
    let gp = process::<f64>(&mut state, hyperparameters(1.0, 0.1), |_, _| 1.0, &[]);
    assert_eq!(gp.calibration(0.9, arena(&mut [])), Err(Error::NoObservation));
}

/// Shortest paths in a complete bipartite graph: a metric that is not of negative type.
fn bipartite(left: usize) -> impl Fn(usize, usize) -> f64 {
    move |i, j| match (i == j, (i < left) == (j < left)) {
        (true, _) => 0.0,
        (_, true) => 2.0,
        _ => 1.0,
    }
}

/// With q = exp(-1/l): eigenvectors are differences within a side (eigenvalue 1 - q^2) and, on the two sums over
/// a side, those of [[1 + (left - 1) q^2, root q], [root q, 1 + (right - 1) q^2]], root^2 = left * right. A
/// candidate at distance 1 from everything has correlation q with all.
fn closed_form<R: Real>(left: usize, right: usize, tolerance: f64) {
    let n = left + right;
    let (length, noise, variance, mean) = (20.0, 0.02, 1.7, 0.3);
    let values: Vec<f64> =
        (0..n).map(|i| (i as f64 * 1.3).sin() + if i < left { 1.0 } else { 0.0 }).collect();
    let q = (-1.0f64 / length).exp();
    let (l, r) = (left as f64, right as f64);
    let (a, d, b) = (1.0 + (l - 1.0) * q * q, 1.0 + (r - 1.0) * q * q, (l * r).sqrt() * q);
    let (middle, root) = ((a + d) / 2.0, ((a - d) * (a - d) / 4.0 + b * b).sqrt());
    let (high, low) = (middle + root, middle - root);
    assert!(low < -0.1, "{low}");
    // The unit eigenvector of the greater one, as a vector over all observations.
    let (x, y) = (b, high - a);
    let norm = x.hypot(y);
    let vector: Vec<f64> =
        (0..n).map(|i| if i < left { x / norm / l.sqrt() } else { y / norm / r.sqrt() }).collect();
    let relative = noise / variance;
    let along = |v: &dyn Fn(usize) -> f64| (0..n).map(|i| vector[i] * v(i)).sum::<f64>();
    let centred = |i: usize| values[i] - mean;
    // Within a side, what is left when the mean of the side is taken off.
    let within = |v: &dyn Fn(usize) -> f64, i: usize| {
        let side = if i < left { 0..left } else { left..n };
        v(i) - side.clone().map(v).sum::<f64>() / side.len() as f64
    };
    let k = |i: usize| if i == 0 { 1.0 } else { (-bipartite(left)(i, 0) / length).exp() };
    let expected = |k: &dyn Fn(usize) -> f64| {
        let e = 1.0 - q * q;
        let m = along(k) * along(&centred) / (high + relative)
            + (0..n).map(|i| within(k, i) * within(&centred, i)).sum::<f64>() / (e + relative);
        let v = along(k) * along(k) / (high + relative)
            + (0..n).map(|i| within(k, i).powi(2)).sum::<f64>() / (e + relative);
        (mean + m, (variance * (1.0 - v)).max(0.0))
    };
    let mut state = vec![];
    let h = hyperparameters::<R>(length, noise);
    let told: Vec<R> = values.iter().map(|&v| R::from_f64(v)).collect();
    let gp = process(&mut state, h, bipartite(left), &told);
    assert!(gp.jitter() > R::ZERO, "the kernel is indefinite");
    let mut work = junk(GaussianProcess::<R>::clipped_workspace(n).reals);
    let mut scratch = junk(n);
    let clipped = gp.clipped(arena(&mut work)).unwrap();
    assert_eq!(clipped.lost(), 1);
    assert!((clipped.least_eigenvalue().to_f64() - low).abs() < tolerance * high);
    // A candidate like everybody's neighbour, and one that is the first observation.
    let everybody = |_: usize| q;
    let mut rows: Vec<R> = vec![R::ONE; n];
    rows.extend((0..n).map(|i| R::from_f64(bipartite(left)(i, 0))));
    let (mut m, mut v) = ([R::ZERO; 2], [R::ZERO; 2]);
    clipped.posterior(&rows, &mut m, &mut v, arena(&mut scratch)).unwrap();
    for (i, (em, ev)) in [expected(&everybody), expected(&k)].into_iter().enumerate() {
        assert!((m[i].to_f64() - em).abs() < tolerance && (v[i].to_f64() - ev).abs() < tolerance);
    }
    assert_eq!(
        clipped.posterior(&rows[1..], &mut m, &mut v, arena(&mut scratch)),
        Err(Error::DimensionMismatch)
    );
    assert_eq!(
        clipped.posterior(&rows, &mut m, &mut v, arena(&mut scratch[1..])),
        Err(Error::MemoryTooSmall)
    );
    assert_eq!(gp.clipped(arena(&mut work[1..])).unwrap_err(), Error::MemoryTooSmall);
}

#[test]
fn an_indefinite_kernel_is_clipped_and_candidates_are_projected() {
    closed_form::<f64>(6, 7, 1e-12);
    closed_form::<f64>(9, 4, 1e-12);
    closed_form::<f32>(6, 7, 1e-4);
}

#[test]
fn a_positive_definite_kernel_is_left_as_it_is() {
    let x: Vec<f64> = (0..15).map(|i| (i as f64 * 0.37).fract() * 3.0).collect();
    let values: Vec<f64> = x.iter().map(|x| x.sin()).collect();
    let mut state = vec![];
    let gp = process(&mut state, hyperparameters(0.8, 0.01), |i, j| (x[i] - x[j]).abs(), &values);
    let mut work = junk::<f64>(GaussianProcess::<f64>::clipped_workspace(15).reals);
    let mut scratch = junk::<f64>(8 * 15);
    let clipped = gp.clipped(arena(&mut work)).unwrap();
    assert!(clipped.lost() == 0 && clipped.least_eigenvalue() > 0.0);
    let rows: Vec<f64> =
        (0..9).flat_map(|c| x.iter().map(move |x| (x - 0.4 * f64::from(c)).abs())).collect();
    let [mut m, mut v, mut p, mut s] = [[0.0; 9]; 4];
    clipped.posterior(&rows, &mut m, &mut v, arena(&mut scratch)).unwrap();
    gp.posterior(&rows, &mut p, &mut s, arena(&mut scratch)).unwrap();
    for i in 0..9 {
        assert!((m[i] - p[i]).abs() < 1e-11 && (v[i] - s[i]).abs() < 1e-11);
    }
    // Nothing observed: the prior.
    let mut state = vec![];
    let empty = process::<f64>(&mut state, hyperparameters(1.0, 0.1), |_, _| 1.0, &[]);
    let clipped = empty.clipped(arena(&mut [])).unwrap();
    clipped.posterior(&[], &mut m, &mut v, arena(&mut [])).unwrap();
    assert_eq!((m, v, clipped.lost()), ([0.3; 9], [1.7; 9], 0));
}
