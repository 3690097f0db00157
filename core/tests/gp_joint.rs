//! Candidates together: their joint posterior, draws from it, variances given some of them.

use hotnas_core::Error;
use hotnas_core::gp::{Conditional, FitSettings, GaussianProcess, Hyperparameters, Kernel};
use hotnas_core::memory::Arena;
use proptest::prelude::*;

fn arena(reals: &mut [f64]) -> Arena<'_, f64> {
    Arena::new(reals, &mut [], &mut [])
}

/// Memory of a process, full of nonsense.
fn memory(capacity: usize) -> Vec<f64> {
    vec![f64::NAN; GaussianProcess::<f64>::extent(capacity).reals]
}

/// Distances of points in the plane by the sum of coordinate differences: the kernel exp(-d) is positive
/// definite.
fn blocks(points: &[(f64, f64)]) -> Vec<Vec<f64>> {
    let d = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
    points.iter().map(|a| points.iter().map(|b| d(a, b)).collect()).collect()
}

/// A determinant by elimination with pivots on the diagonal.
fn determinant(mut a: Vec<Vec<f64>>) -> f64 {
    let mut product = 1.0;
    for k in 0..a.len() {
        product *= a[k][k];
        for i in k + 1..a.len() {
            let factor = a[i][k] / a[k][k];
            let pivot = a[k].clone();
            for (x, p) in a[i].iter_mut().zip(pivot).skip(k) {
                *x -= factor * p;
            }
        }
    }
    product
}

proptest! {
    /// Covariances of candidates are those of a process that observes them: var(a | b) by the joint
    /// posterior equals the variance after an observation of b without noise.
    #[test]
    fn joint_posteriors_agree_with_appended_observations(
        points in prop::collection::vec((0.0..1.0f64, 0.0..1.0f64), 9..24),
    ) {
        let n = points.len() - 5;
        let d = blocks(&points);
        let mut state = memory(n + 5);
        let start = Hyperparameters { variance: 1.7, length_scale: 0.6, noise: 0.0, mean: 0.2 };
        let mut gp = GaussianProcess::new(n + 5, Kernel::Exponential, start, arena(&mut state)).unwrap();
        let mut fits = true;
        for i in 0..n {
            fits &= gp.append(&d[i][..i], (7.0 * points[i].0).sin()).is_ok();
        }
        prop_assume!(fits && gp.jitter() == 0.0);
        let rows: Vec<f64> = (n..n + 5).flat_map(|c| d[c][..n].to_vec()).collect();
        let between: Vec<f64> = (0..5).flat_map(|i| d[n + i][n..n + i].to_vec()).collect();
        let (mut mean, mut covariance) = (vec![0.0; 5], vec![0.0; 15]);
        let mut work = vec![0.0; GaussianProcess::<f64>::joint_workspace(n, 5).reals];
        gp.joint_posterior(&rows, &between, &mut mean, &mut covariance, arena(&mut work)).unwrap();
        let (mut m, mut v) = (vec![0.0; 5], vec![0.0; 5]);
        gp.posterior(&rows, &mut m, &mut v, arena(&mut work)).unwrap();
        prop_assert_eq!(&m, &mean);
        let mut reals = vec![0.0; Conditional::<f64>::extent(5, 3).reals];
        let mut given = Conditional::new(&covariance, 5, 3, arena(&mut reals)).unwrap();
        prop_assert_eq!(given.variances(), &v[..]);
        for (step, &b) in [3usize, 0, 4].iter().enumerate() {
            prop_assume!(given.variances()[b] > 1e-6);
            given.observe(b);
            let to = &d[n + b];
            let mut row = to[..n].to_vec();
            row.extend([3, 0, 4][..step].iter().map(|&c| to[n + c]));
            prop_assume!(gp.append(&row, 0.0).is_ok() && gp.jitter() == 0.0);
            for a in 0..5 {
                let mut row = d[n + a][..n].to_vec();
                row.extend([3, 0, 4][..=step].iter().map(|&c| d[n + a][n + c]));
                let (_, variance) = gp.posterior_at(&row, arena(&mut work)).unwrap();
                prop_assert!((variance - given.variances()[a]).abs() < 1e-9, "{} {}", variance, given.variances()[a]);
            }
        }
    }

    /// The variance given what is known is a ratio of determinants: what a k-DPP needs.
    #[test]
    fn conditional_variances_are_ratios_of_determinants(
        factors in prop::collection::vec(prop::collection::vec(-1.0..1.0f64, 8), 6),
        order in Just([0usize, 1, 2, 3, 4, 5]).prop_shuffle(),
    ) {
        let entry = |i: usize, j: usize| {
            factors[i].iter().zip(&factors[j]).map(|(a, b)| a * b).sum::<f64>() + f64::from(u8::from(i == j)) * 0.1
        };
        let packed: Vec<f64> = (0..6).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect();
        let mut reals = vec![0.0; Conditional::<f64>::extent(6, 5).reals];
        let mut given = Conditional::new(&packed, 6, 5, arena(&mut reals)).unwrap();
        for known in 0..5 {
            let minor = |set: &[usize]| determinant(set.iter().map(|&i| set.iter().map(|&j| entry(i, j)).collect()).collect());
            for &a in &order[known..] {
                let mut with = order[..known].to_vec();
                let without = minor(&with);
                with.push(a);
                let ratio = minor(&with) / without;
                prop_assert!((ratio - given.variances()[a]).abs() < 1e-8 * ratio.max(1.0));
            }
            prop_assert!(!given.observe(order[known]).is_empty());
            prop_assert!(given.observe(order[known]).is_empty());
        }
        prop_assert!(given.observe(order[5]).is_empty(), "no step is left");
    }
}

#[test]
fn draws_have_the_covariance_that_they_are_drawn_from() {
    // Of rank 2: the third is the sum of the others.
    let covariance = [1.0, 0.3, 0.5, 1.3, 0.8, 2.1];
    let mut rng = hotnas_core::search::KeyedRng::new(3, 0, 0);
    let draws: Vec<[f64; 3]> = (0..20_000)
        .map(|_| {
            let mut reals = vec![0.0; Conditional::<f64>::extent(3, 3).reals];
            let mut x = [1.0, -1.0, 0.0];
            Conditional::new(&covariance, 3, 3, arena(&mut reals))
                .unwrap()
                .draw(&mut x, || rng.normal());
            assert!((x[0] + x[1] - x[2]).abs() < 1e-7);
            x
        })
        .collect();
    let mean = |f: &dyn Fn(&[f64; 3]) -> f64| draws.iter().map(f).sum::<f64>() / 20_000.0;
    let means = [1.0, -1.0, 0.0];
    let mut at = 0;
    for i in 0..3 {
        assert!((mean(&|x| x[i]) - means[i]).abs() < 0.05);
        for j in 0..=i {
            let found = mean(&|x| (x[i] - means[i]) * (x[j] - means[j]));
            assert!((found - covariance[at]).abs() < 0.1, "{i} {j} {found}");
            at += 1;
        }
    }
    let mut x = [0.0f64; 1];
    let mut reals = [0.0; 2];
    Conditional::new(&[0.0], 1, 1, arena(&mut reals)).unwrap().draw(&mut x, || f64::NAN);
    assert_eq!(x, [0.0]);
    assert!(Conditional::new(&[0.0], 2, 1, arena(&mut [0.0; 4])).is_err());
}

const START: Hyperparameters<f64> =
    Hyperparameters { variance: 1.0, length_scale: 1.0, noise: 0.1, mean: 0.0 };

#[test]
fn joint_posteriors_refuse_what_does_not_fit() {
    let mut state = memory(3);
    let mut gp = GaussianProcess::new(3, Kernel::Exponential, START, arena(&mut state)).unwrap();
    gp.append(&[], 1.0).unwrap();
    gp.append(&[0.5], 2.0).unwrap();
    let joint = |distances: &[f64], between: &[f64], covariance: usize| {
        let (mut mean, mut out) = ([7.0; 2], vec![7.0; covariance]);
        let mut work = [0.0; 20];
        let result = gp.joint_posterior(distances, between, &mut mean, &mut out, arena(&mut work));
        assert!(result.is_ok() || (mean == [7.0; 2] && out.iter().all(|&x| x == 7.0)));
        result
    };
    let d = [0.1, 0.6, 0.2, 0.7];
    assert_eq!(joint(&d, &[0.3], 3), Ok(()));
    assert_eq!(joint(&d[1..], &[0.3], 3), Err(Error::DimensionMismatch));
    assert_eq!(joint(&d, &[], 3), Err(Error::DimensionMismatch));
    assert_eq!(joint(&d, &[0.3], 4), Err(Error::DimensionMismatch));
    assert_eq!(joint(&d, &[-0.3], 3), Err(Error::NegativeCost));
    assert_eq!(joint(&d, &[f64::NAN], 3), Err(Error::NotFinite));
    let mut work = vec![0.0; GaussianProcess::<f64>::joint_workspace(2, 2).reals - 1];
    let result = gp.joint_posterior(&d, &[0.3], &mut [0.0; 2], &mut [0.0; 3], arena(&mut work));
    assert_eq!(result, Err(Error::MemoryTooSmall));
}

#[test]
fn the_kernel_of_greatest_likelihood_is_chosen() {
    let points: Vec<f64> = (0..20).map(|i| f64::from(i) * 0.37 % 3.0).collect();
    // A smooth response, which the rough kernels explain worse.
    let values: Vec<f64> = points.iter().map(|x| (1.5 * x).sin()).collect();
    let fitted = |kernels: &[Kernel]| {
        let mut state = memory(20);
        let mut gp = GaussianProcess::new(20, Kernel::Exponential, START, arena(&mut state)).unwrap();
        for (i, (x, &y)) in points.iter().zip(&values).enumerate() {
            let row: Vec<f64> = points[..i].iter().map(|p| (p - x).abs()).collect();
            gp.append(&row, y).unwrap();
        }
        let mut work = vec![f64::NAN; GaussianProcess::<f64>::fit_workspace(20).reals];
        let before = (gp.header(), gp.log_marginal_likelihood());
        let result = gp.fit_among(kernels.iter().copied(), &FitSettings::default(), arena(&mut work));
        if result.is_err() {
            assert_eq!((gp.header(), gp.log_marginal_likelihood()), before);
        }
        result.map(|report| (gp.kernel(), gp.header(), report.log_marginal_likelihood))
    };
    let alone = Kernel::ALL.map(|kernel| fitted(&[kernel]).unwrap());
    let together = fitted(&Kernel::ALL).unwrap();
    let best = alone.iter().max_by(|a, b| a.2.total_cmp(&b.2)).unwrap();
    assert_eq!(&together, best);
    assert!(together.0 != Kernel::Exponential);
    assert_eq!(fitted(&[]).unwrap_err(), Error::InvalidSetting);
}
