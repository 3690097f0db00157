//! Distances with parts: the product of kernels, its length scales, and a search that uses it.

mod lab;

use hotnas_core::gp::{FitSettings, GaussianProcess, Header, Hyperparameters, Kernel};
use hotnas_core::memory::Arena;
use hotnas_core::metric::{DistanceCache, MAX_PARTS, Metric, MetricSettings};
use hotnas_core::search::spaces::{Digits, NasBench201, cell_table};
use hotnas_core::search::{
    Acquisition, BatchRule, KeyedRng, Method, Search, SearchSettings, Second, Space,
};
use hotnas_core::{Error, Real};
use lab::{Lab, Memory, bits, small_pool, value};

/// Points with one coordinate for each part; the distance of a part is that of its coordinates.
fn points(seed: u64, count: usize, parts: usize) -> Vec<Vec<f64>> {
    let mut rng = KeyedRng::new(seed, 0, 0);
    (0..count).map(|_| (0..parts).map(|_| rng.unit::<f64>()).collect()).collect()
}

fn apart<R: Real>(a: &[f64], b: &[f64]) -> Vec<R> {
    a.iter().zip(b).map(|(x, y)| R::from_f64((x - y).abs())).collect()
}

fn row<R: Real>(x: &[f64], others: &[Vec<f64>]) -> Vec<R> {
    others.iter().flat_map(|other| apart(x, other)).collect()
}

fn reals<R: Real>(n: usize) -> Vec<R> {
    vec![R::from_f64(f64::NAN); n]
}

fn arena<R: Real>(reals: &mut [R]) -> Arena<'_, R> {
    Arena::new(reals, &mut [], &mut [])
}

const H: Hyperparameters<f64> =
    Hyperparameters { variance: 1.4, length_scale: 0.3, noise: 0.02, mean: 0.1 };

fn process<'a>(
    state: &'a mut Vec<f64>,
    kernel: Kernel,
    x: &[Vec<f64>],
    y: &[f64],
) -> GaussianProcess<'a, f64> {
    let parts = x[0].len();
    *state = reals(GaussianProcess::<f64>::extent_of_parts(x.len(), parts).reals);
    let mut gp = GaussianProcess::with_parts(x.len(), parts, kernel, H, arena(state)).unwrap();
    for (i, (point, &y)) in x.iter().zip(y).enumerate() {
        gp.append(&row::<f64>(point, &x[..i]), y).unwrap();
    }
    gp
}

/// Solves a dense system by elimination, without pivots: the matrices are positive definite.
fn eliminate(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let (above, below) = a.split_at_mut(k + 1);
        for (i, row) in below.iter_mut().enumerate() {
            let f = row[k] / above[k][k];
            row.iter_mut().zip(&above[k]).for_each(|(x, &pivot)| *x -= f * pivot);
            b[k + 1 + i] -= f * b[k];
        }
    }
    for k in (0..n).rev() {
        let rest: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - rest) / a[k][k];
    }
    b
}

#[test]
fn posteriors_are_those_of_the_product_of_kernels() {
    let ratios = [1.0, 3.0, 0.4];
    for kernel in Kernel::ALL {
        let x = points(7, 9, 3);
        let y: Vec<f64> = x.iter().map(|p| p[0] + (3.0 * p[1]).sin()).collect();
        let mut state = vec![];
        let mut gp = process(&mut state, kernel, &x, &y);
        gp.set_ratios(&ratios).unwrap();
        assert_eq!(gp.ratios(), ratios);
        assert_eq!(gp.jitter(), 0.0);
        let k = |a: &[f64], b: &[f64]| -> f64 {
            let r: Vec<f64> =
                apart::<f64>(a, b).iter().zip(ratios).map(|(d, ratio)| d / (0.3 * ratio)).collect();
            match kernel {
                Kernel::Nasbot => 0.7 * ((-r[0] - r[1]).exp() + (-r[1] * r[1] - r[2] * r[2]).exp()),
                _ => 1.4 * r.iter().map(|&r| kernel.correlation(r, 1.0)).product::<f64>(),
            }
        };
        let noisy: Vec<Vec<f64>> = (0..9)
            .map(|i| (0..9).map(|j| k(&x[i], &x[j]) + if i == j { 0.02 } else { 0.0 }).collect())
            .collect();
        let residual = y.iter().map(|y| y - 0.1).collect::<Vec<f64>>();
        let weights = eliminate(noisy.clone(), residual);
        let candidates = points(8, 11, 3);
        let rows: Vec<f64> = candidates.iter().flat_map(|c| row(c, &x)).collect();
        let between: Vec<f64> =
            (1..11).flat_map(|i| row(&candidates[i], &candidates[..i]).into_iter()).collect();
        let mut work = reals(GaussianProcess::<f64>::joint_workspace(9, 11).reals);
        let (mut mean, mut variance) = ([0.0; 11], [0.0; 11]);
        gp.posterior(&rows, &mut mean, &mut variance, arena(&mut work)).unwrap();
        let mut covariance = vec![0.0; 66];
        gp.joint_posterior(&rows, &between, &mut [0.0; 11], &mut covariance, arena(&mut work)).unwrap();
        for (i, c) in candidates.iter().enumerate() {
            let cross: Vec<f64> = x.iter().map(|p| k(c, p)).collect();
            let expected: f64 = 0.1 + cross.iter().zip(&weights).map(|(k, w)| k * w).sum::<f64>();
            assert!((mean[i] - expected).abs() < 1e-10, "{kernel:?}");
            for j in 0..=i {
                let other: Vec<f64> = x.iter().map(|p| k(&candidates[j], p)).collect();
                let solved = eliminate(noisy.clone(), other);
                let explained: f64 = cross.iter().zip(solved).map(|(k, s)| k * s).sum();
                let expected = k(c, &candidates[j]) - explained;
                assert!((covariance[i * (i + 1) / 2 + j] - expected).abs() < 1e-9, "{kernel:?}");
            }
            assert_eq!(covariance[i * (i + 3) / 2], variance[i]);
            let alone = gp.posterior_at(&row(c, &x), arena(&mut work)).unwrap();
            assert_eq!(alone, (mean[i], variance[i]));
        }
    }
}

#[test]
fn one_part_is_the_distance_itself() {
    let x = points(3, 12, 1);
    let y: Vec<f64> = x.iter().map(|p| (5.0 * p[0]).sin()).collect();
    let (mut a, mut b) = (vec![], reals(GaussianProcess::<f64>::extent(12).reals));
    let parts = process(&mut a, Kernel::Matern52, &x, &y);
    let mut whole = GaussianProcess::new(12, Kernel::Matern52, H, arena(&mut b)).unwrap();
    for (i, (point, &y)) in x.iter().zip(&y).enumerate() {
        whole.append(&row::<f64>(point, &x[..i]), y).unwrap();
    }
    assert_eq!(parts.header(), whole.header());
    assert_eq!(parts.log_marginal_likelihood(), whole.log_marginal_likelihood());
}

/// Only the second of three parts matters: its length scale becomes the shortest, and the evidence greater
/// than with one length scale for all.
fn relevance<R: Real>() {
    let x = points(11, 40, 3);
    let y: Vec<R> = x.iter().map(|p| R::from_f64((6.0 * p[1]).sin())).collect();
    let h = Hyperparameters {
        variance: R::ONE,
        length_scale: R::ONE,
        noise: R::from_f64(0.01),
        mean: R::ZERO,
    };
    let mut work = reals::<R>(GaussianProcess::<R>::workspace(40).reals);
    let mut fit = |parts: usize| {
        let mut state = reals::<R>(GaussianProcess::<R>::extent_of_parts(40, parts).reals);
        let mut gp =
            GaussianProcess::with_parts(40, parts, Kernel::Exponential, h, arena(&mut state)).unwrap();
        for (i, (point, &y)) in x.iter().zip(&y).enumerate() {
            let row = row::<R>(point, &x[..i]);
            let summed: Vec<R> =
                row.chunks(3).map(|d| d.iter().fold(R::ZERO, |sum, &d| sum + d)).collect();
            gp.append(if parts == 1 { &summed } else { &row }, y).unwrap();
        }
        let report = gp.fit(&FitSettings::default(), arena(&mut work)).unwrap();
        assert!(report.evaluations < 120, "{}", report.evaluations);
        let again = gp.fit(&FitSettings::default(), arena(&mut work)).unwrap();
        assert_eq!(report, again);
        (report.log_marginal_likelihood, gp.ratios().to_vec())
    };
    let ((one, _), (three, ratios)) = (fit(1), fit(3));
    assert!(three > one + R::from_f64(8.0), "{three:?} {one:?}");
    let tenth = R::from_f64(0.2);
    assert!(ratios[1] < tenth * ratios[0] && ratios[1] < tenth * ratios[2], "{ratios:?}");
}

#[test]
fn a_fit_finds_the_part_that_matters() {
    relevance::<f64>();
    relevance::<f32>();
}

#[test]
fn parts_that_are_always_equal_do_no_harm() {
    let mut x = points(5, 20, 3);
    x.iter_mut().for_each(|p| (p[0], p[2]) = (0.5, 0.5));
    let y: Vec<f64> = x.iter().map(|p| p[1]).collect();
    let mut state = vec![];
    let mut gp = process(&mut state, Kernel::SquareRootExponential, &x, &y);
    let mut work = reals(GaussianProcess::<f64>::workspace(20).reals);
    let report = gp.fit(&FitSettings::default(), arena(&mut work)).unwrap();
    assert!(report.log_marginal_likelihood.is_finite());
    gp.set_values(&[2.0; 20]).unwrap();
    gp.fit(&FitSettings::default(), arena(&mut work)).unwrap();
    assert_eq!(gp.posterior_at(&[0.1; 60], arena(&mut work)).unwrap().0, 2.0);
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    assert_eq!(hotnas_core::gp::MAX_PARTS, MAX_PARTS);
    let x = points(1, 6, 2);
    let y = [0.0, 1.0, 2.0, 1.0, 0.5, 0.2];
    let mut state = vec![];
    let mut gp = process(&mut state, Kernel::Exponential, &x, &y);
    let before = (gp.header(), gp.log_marginal_likelihood());
    let mut work = reals(GaussianProcess::<f64>::joint_workspace(6, 2).reals);
    let work = &mut work;
    assert_eq!(gp.set_ratios(&[1.0]), Err(Error::DimensionMismatch));
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(gp.set_ratios(&[1.0, wrong]), Err(Error::InvalidSetting));
    }
    assert_eq!(
        gp.posterior(&[0.1; 6], &mut [0.0], &mut [0.0], arena(work)),
        Err(Error::DimensionMismatch)
    );
    assert_eq!(gp.posterior_at(&[0.1; 11], arena(work)), Err(Error::DimensionMismatch));
    let two = (&mut [0.0; 2], &mut [0.0; 3]);
    assert_eq!(
        gp.joint_posterior(&[0.1; 24], &[0.1], two.0, two.1, arena(work)),
        Err(Error::DimensionMismatch)
    );
    gp.joint_posterior(&[0.1; 24], &[0.1; 2], two.0, two.1, arena(work)).unwrap();
    assert_eq!((gp.header(), gp.log_marginal_likelihood()), before);
    assert_eq!((gp.distances(1).len(), gp.distances(5).len()), (2, 10));
    gp.truncate(3).unwrap();
    assert_eq!(gp.append(&[0.1; 3], 0.0), Err(Error::DimensionMismatch));
    gp.append(&[0.1; 6], 0.0).unwrap();
    let header = gp.header();
    for parts in [0, 9] {
        let mut memory = reals(1000);
        let made = GaussianProcess::with_parts(4, parts, Kernel::Exponential, H, arena(&mut memory));
        assert_eq!(made.unwrap_err(), Error::InvalidSetting);
        let view = GaussianProcess::view(Header { parts: parts as u32, ..header }, arena(&mut memory));
        assert_eq!(view.unwrap_err(), Error::InvalidSetting);
    }
    let need = GaussianProcess::<f64>::extent_of_parts(4, 3).reals;
    let mut memory = reals(need - 1);
    let made = GaussianProcess::with_parts(4, 3, Kernel::Exponential, H, arena(&mut memory));
    assert_eq!(made.unwrap_err(), Error::MemoryTooSmall);
}

fn settings<R: Real>() -> SearchSettings<R> {
    SearchSettings { parts: 3, ..small_pool(Method::Hotnas, 5) }
}

/// A run of asks and tells, and what each proposed.
fn run<R: Real, S: Space<R> + Copy>(
    space: S,
    settings: SearchSettings<R>,
    mut cache: Option<&mut DistanceCache<'_, R>>,
) -> Vec<(Vec<u8>, [u64; 3])> {
    let mut lab = Lab::new(space, settings);
    (0..16)
        .map(|trial| {
            let mut genome = vec![0; space.genes()];
            let Lab { search, metric, workspace, .. } = &mut lab;
            let cache = cache.as_deref_mut();
            let proposal =
                search.ask(trial, &space, metric, cache, &mut genome, workspace.arena()).unwrap();
            let value = value::<R>(&genome);
            match settings.second {
                Second::None => search.tell(trial, value).unwrap(),
                _ => search.tell_both(trial, value, R::from_usize(genome[0].into())).unwrap(),
            }
            let (genome, numbers, _) = bits(&(genome, proposal));
            (genome, numbers)
        })
        .collect()
}

#[test]
fn searches_over_parts_do_not_depend_on_cache_or_block() {
    let whole = run(Digits, SearchSettings { parts: 1, ..settings::<f64>() }, None);
    let first = run(Digits, settings::<f64>(), None);
    assert_ne!(first, whole);
    assert_eq!(run(Digits, SearchSettings { block: 3, ..settings::<f64>() }, None), first);
    let mut memory = Memory::new(DistanceCache::<f64>::extent(1 << 20));
    let mut arena = memory.arena();
    let mut cache = DistanceCache::new(1 << 20, &mut arena).unwrap();
    assert_eq!(run(Digits, settings::<f64>(), Some(&mut cache)), first);
    let misses = cache.misses();
    assert_eq!(run(Digits, settings::<f64>(), Some(&mut cache)), first);
    assert_eq!(cache.misses(), misses);
    run(Digits, settings::<f32>(), None);
}

#[test]
fn every_acquisition_and_rule_takes_parts() {
    let thompson =
        SearchSettings { acquisition: Acquisition::Thompson, shortlist: 6, ..settings::<f64>() };
    run(NasBench201, thompson, None);
    run(NasBench201, SearchSettings { second: Second::Hypervolume, ..settings::<f64>() }, None);
    for batch in BatchRule::ALL {
        let mut lab = Lab::new(
            NasBench201,
            SearchSettings { batch, shortlist: 7, block: 2, other_kernels: 2, ..settings::<f64>() },
        );
        for trial in 0..8 {
            let (genome, _) = lab.ask(trial).unwrap();
            lab.search.tell(trial, value(&genome)).unwrap();
        }
        let Lab { search, space, metric, workspace } = &mut lab;
        let mut genomes = vec![0; 4 * 6];
        search.ask_batch(20, space, metric, None, &mut genomes, workspace.arena()).unwrap();
        assert_eq!(search.process().unwrap().parts(), 3);
        search.evidence(space, metric, None, workspace.arena()).unwrap();
    }
}

#[test]
fn the_metric_must_have_the_parts_that_settings_name() {
    let table = cell_table::<f64>().unwrap();
    let metric = Metric::new(&table, MetricSettings::default_preset()).unwrap();
    let mut lab = Lab::new(NasBench201, settings::<f64>());
    for trial in 0..4 {
        let (genome, _) = lab.ask(trial).unwrap();
        lab.search.tell(trial, value(&genome)).unwrap();
    }
    let Lab { search, space, workspace, .. } = &mut lab;
    let mut genome = [9; 6];
    let asked = search.ask(4, space, &metric, None, &mut genome, workspace.arena());
    assert_eq!(asked.unwrap_err(), Error::DimensionMismatch);
    assert_eq!(genome, [9; 6]);
    let found = search.evidence(space, &metric, None, workspace.arena());
    assert_eq!(found.unwrap_err(), Error::DimensionMismatch);
    // As many reals as are said, and not one less.
    let limits = Space::<f64>::limits(space);
    let need = Search::workspace(&settings(), 64, 6, limits, &lab.metric);
    let mut less = Memory::<f64>::new(need);
    less.0.pop();
    let asked = lab.search.ask(4, &NasBench201, &lab.metric, None, &mut genome, less.arena());
    assert_eq!(asked.unwrap_err(), Error::MemoryTooSmall);
    let one = SearchSettings { parts: 1, ..settings::<f64>() };
    assert_ne!(one.fingerprint(), settings::<f64>().fingerprint());
}
