//! Acquisition functions for minimisation: how promising a candidate is, given the posterior mean and
//! standard deviation of its value. Greater is better; never NaN for finite arguments with `std >= 0`.

use crate::real::Real;

/// How the factor of the upper confidence bound grows with the number of observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(i32)]
pub enum KappaSchedule {
    /// It does not.
    #[default]
    Constant = 0,
    /// `kappa * sqrt(ln(2 n + 1))` after `n` observations. The paper's schedule is not known to us; this
    /// one has the growth of the GP-UCB literature.
    Logarithmic = 1,
}

impl KappaSchedule {
    /// The factor after `observations`.
    #[must_use]
    pub fn kappa<R: Real>(self, kappa: R, observations: usize) -> R {
        match self {
            Self::Constant => kappa,
            Self::Logarithmic => kappa * (R::TWO * R::from_usize(observations) + R::ONE).ln().sqrt(),
        }
    }
}

/// `-mean + kappa * std`.
#[inline]
#[must_use]
pub fn upper_confidence_bound<R: Real>(mean: R, std: R, kappa: R) -> R {
    kappa * std - mean
}

/// The mean of `max(incumbent - value, 0)`: `std * h(z)`, `h(z) = phi(z) + z Phi(z)`,
/// `z = (incumbent - mean) / std`. Without uncertainty `max(incumbent - mean, 0)`.
///
/// Relative accuracy is kept far from the incumbent until the result underflows to 0 (z < -38 in `f64`,
/// z < -14 in `f32`); [`ln_expected_improvement`] orders candidates beyond that.
#[must_use]
pub fn expected_improvement<R: Real>(mean: R, std: R, incumbent: R) -> R {
    let gain = incumbent - mean;
    let z = gain / std;
    // Beyond 40 nothing of the uncertainty is left in the sum.
    if std <= R::ZERO || !z.is_finite() || z > R::from_f64(40.0) {
        return gain.max(R::ZERO);
    }
    match tail(z) {
        Some(factor) => std * density(z) * factor,
        None => (std * (density(z) + z * distribution(z))).max(R::ZERO),
    }
}

/// The natural logarithm of [`expected_improvement`] without its underflow; minus infinity where that
/// is exactly 0.
#[must_use]
pub fn ln_expected_improvement<R: Real>(mean: R, std: R, incumbent: R) -> R {
    let z = (incumbent - mean) / std;
    if std > R::ZERO
        && z.is_finite()
        && let Some(factor) = tail(z)
    {
        return std.ln() + factor.ln() - (R::HALF * z * z + R::from_f64(HALF_LN_TWO_PI));
    }
    let improvement = expected_improvement(mean, std, incumbent);
    if improvement > R::ZERO { improvement.ln() } else { -R::INFINITY }
}

/// The logarithm of `ln(1 + exp(x))`, a positive number that is about `exp(x)` for small and `x` for
/// large `x`: it makes any acquisition one that can be multiplied with a probability.
#[must_use]
pub fn ln_softplus<R: Real>(x: R) -> R {
    let limit = R::from_f64(40.0);
    if x < -limit {
        x
    } else if x > limit {
        x.ln()
    } else {
        x.exp().ln_1p().ln()
    }
}

/// The logarithm of the probability that a normal number lies at or below `limit`. Without uncertainty 0
/// or minus infinity.
#[must_use]
pub fn ln_probability_below<R: Real>(mean: R, std: R, limit: R) -> R {
    let z = (limit - mean) / std;
    if std <= R::ZERO || !z.is_finite() {
        return if mean <= limit { R::ZERO } else { -R::INFINITY };
    }
    match mills(z) {
        Some((t, c)) => -(R::HALF * z * z + R::from_f64(HALF_LN_TWO_PI)) - (t + c).ln(),
        None => distribution(z).ln(),
    }
}

/// The expected growth of the area that a front dominates, for two independent normal numbers of which
/// lower is better: the part of the plane below `reference` in both. `front`: points none of which is
/// better than another in both, ascending in the first and descending in the second number, all below
/// `reference`.
///
/// The plane is cut into stripes between the points' first numbers. In each the growth is the product of
/// two improvements, so its expectation is exact: [`expected_improvement`] in one dimension.
#[must_use]
pub fn expected_hypervolume_improvement<R: Real>(
    mean: [R; 2],
    std: [R; 2],
    front: &[[R; 2]],
    reference: [R; 2],
) -> R {
    let below = |k: usize, limit: R| match (k, mean, std) {
        (0, [mean, _], [std, _]) | (_, [_, mean], [_, std]) => expected_improvement(mean, std, limit),
    };
    let [right, mut top] = reference;
    let (mut sum, mut before) = (R::ZERO, R::ZERO);
    for &[x, y] in front {
        let reached = below(0, x);
        sum += (reached - before).max(R::ZERO) * below(1, top);
        (before, top) = (reached, y);
    }
    sum + (below(0, right) - before).max(R::ZERO) * below(1, top)
}

const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_7;

fn density<R: Real>(z: R) -> R {
    R::from_f64(0.398_942_280_401_432_7) * (-(R::HALF * z * z)).exp()
}

fn distribution<R: Real>(z: R) -> R {
    R::HALF * (-z * R::from_f64(core::f64::consts::FRAC_1_SQRT_2)).erfc()
}

/// `h(z) / phi(z)` for z < -3.5, where the sum of `h` cancels.
///
/// With t = -z and Mills' ratio 1 / (t + c), c = 1/(t + 2/(t + 3/(t + ...))), it is
/// 1 - t / (t + c) = c / (t + c). At t = 3.5, 50 terms leave an error below 1e-16.
fn tail<R: Real>(z: R) -> Option<R> {
    mills(z).map(|(t, c)| c / (t + c))
}

/// t and c of Mills' ratio 1 / (t + c) for z < -3.5.
fn mills<R: Real>(z: R) -> Option<(R, R)> {
    let t = -z;
    if t <= R::from_f64(3.5) {
        return None;
    }
    let mut c = R::ZERO;
    for k in (1..=50).rev() {
        c = R::from_usize(k) / (t + c);
    }
    Some((t, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    // z and h(z), computed with 60 digits.
    const EXACT: [(f64, f64); 17] = [
        (-37.0, 1.545_199_190_512_202_4e-301),
        (-20.0, 1.370_012_494_729_58e-90),
        (-8.0, 7.550_262_411_946_499e-17),
        (-5.0, 5.346_165_533_832_815e-8),
        (-4.0, 7.145_258_432_405_667e-6),
        (-3.5, 5.848_091_842_142_244e-5),
        (-3.125, 0.000_244_053_975_484_905_9),
        (-3.0, 0.000_382_154_317_047_723_6),
        (-2.5, 0.002_004_137_179_128_2),
        (-1.0, 0.083_315_470_587_686_3),
        (-0.5, 0.197_796_557_401_306_03),
        (0.0, 0.398_942_280_401_432_7),
        (0.25, 0.536_344_698_223_580_1),
        (1.0, 1.083_315_470_587_686_3),
        (3.0, 3.000_382_154_317_047_7),
        (6.0, 6.000_000_000_156_357),
        (40.0, 40.0),
    ];

    #[test]
    fn bound_and_schedules() {
        assert_eq!(upper_confidence_bound(1.5, 0.25, 2.0), -1.0);
        assert_eq!(KappaSchedule::Constant.kappa(2.0, 100), 2.0);
        assert_eq!(KappaSchedule::Logarithmic.kappa(2.0f64, 0), 0.0);
        let k = KappaSchedule::Logarithmic.kappa(2.0f64, 4);
        assert!((k - 2.0 * 9f64.ln().sqrt()).abs() < 1e-15);
    }

    #[test]
    fn probabilities_of_a_limit() {
        // ln Phi(z), computed with 40 digits.
        for (z, expected) in [
            (-40.0, -804.608_442_013_753_8),
            (-10.0, -53.231_285_150_512_47),
            (-4.0, -10.360_101_486_527_29),
            (-1.0, -1.841_021_645_009_263_5),
            (0.0, -core::f64::consts::LN_2),
            (2.0, -0.023_012_909_328_963_49),
        ] {
            let found: f64 = ln_probability_below(3.0 - 2.0 * z, 2.0, 3.0);
            assert!((found - expected).abs() < 1e-14 * expected.abs().max(1.0), "{z} {found}");
        }
        assert_eq!(ln_probability_below(1.0, 0.0, 1.0), 0.0);
        assert_eq!(ln_probability_below(1.5, 0.0, 1.0), f64::NEG_INFINITY);
    }

    #[test]
    fn hypervolume_improvement_is_that_of_random_draws() {
        let front = [[-1.0, 0.5], [-0.25, 0.125], [0.5, -0.75]];
        let reference = [1.0, 1.0];
        // The area that a point adds, by counting on a grid of cells of 1/64.
        let grown = |x: f64, y: f64| {
            let mut cells = 0;
            for i in -256..64 {
                for j in -256..64 {
                    let (u, v) = ((f64::from(i) + 0.5) / 64.0, (f64::from(j) + 0.5) / 64.0);
                    let inside = u >= x && v >= y && !front.iter().any(|p| u >= p[0] && v >= p[1]);
                    cells += i32::from(inside);
                }
            }
            f64::from(cells) / 4096.0
        };
        for (x, y) in [(-1.5, 0.75), (-0.5, -0.5), (0.75, 0.75), (0.25, 0.0), (2.0, -1.0), (-2.0, -2.0)]
        {
            // Without uncertainty.
            let sure = expected_hypervolume_improvement([x, y], [0.0, 0.0], &front, reference);
            assert!((sure - grown(x, y)).abs() < 1e-12, "{x} {y} {sure}");
        }
        assert_eq!(expected_hypervolume_improvement([0.0, 0.0], [0.0, 0.0], &[], reference), 1.0);
        // With it: the mean over a fine grid of quantiles.
        let nodes: Vec<(f64, f64)> =
            (-40..=40).map(|k| f64::from(k) * 0.15).map(|z| (z, density(z) * 0.15)).collect();
        let (mean, std) = ([0.1, -0.2], [0.4, 0.6]);
        let mut expected = 0.0;
        for &(u, p) in &nodes {
            for &(v, q) in &nodes {
                let point = [mean[0] + std[0] * u, mean[1] + std[1] * v];
                expected +=
                    p * q * expected_hypervolume_improvement(point, [0.0, 0.0], &front, reference);
            }
        }
        let found = expected_hypervolume_improvement(mean, std, &front, reference);
        assert!((found - expected).abs() < 2e-3 * expected, "{found} {expected}");
    }

    #[test]
    fn softplus_in_logarithms() {
        for (x, expected) in [
            (-1000.0, -1000.0),
            (-2.0, 0.126_928_011_042_972_5f64.ln()),
            (0.0, core::f64::consts::LN_2.ln()),
            (3.0, 3.048_587_351_573_742f64.ln()),
            (500.0, 500f64.ln()),
        ] {
            assert!((ln_softplus(x) - expected).abs() < 1e-14, "{x}");
        }
        for k in -900..900 {
            assert!(ln_softplus(f64::from(k) * 0.1) < ln_softplus(f64::from(k + 1) * 0.1));
        }
    }

    #[test]
    fn improvement_agrees_with_high_precision_values() {
        for (z, h) in EXACT {
            let ei = expected_improvement(-2.0 * z, 2.0, 0.0);
            assert!((ei - 2.0 * h).abs() <= 2e-14 * 2.0 * h, "{z} {ei} {h}");
            let ln = ln_expected_improvement(-2.0 * z, 2.0, 0.0);
            assert!((ln - (2.0 * h).ln()).abs() <= 2e-14 * ln.abs().max(1.0), "{z} {ln}");
            let ei = expected_improvement((-2.0 * z) as f32, 2.0f32, 0.0);
            if z > -13.0 {
                assert!((f64::from(ei) - 2.0 * h).abs() <= 2e-5 * 2.0 * h, "{z} {ei} {h}");
            }
        }
    }

    #[test]
    fn improvement_without_uncertainty_and_far_away() {
        assert_eq!(expected_improvement(1.0, 0.0, 3.0), 2.0);
        assert_eq!(expected_improvement(3.0, 0.0, 1.0), 0.0);
        assert_eq!(expected_improvement(3.0, 0.0, 3.0), 0.0);
        assert_eq!(expected_improvement(1.0, 1e-300, 3.0), 2.0);
        assert_eq!(expected_improvement(1e300f64, 1e-300, 0.0), 0.0);
        assert_eq!(ln_expected_improvement(3.0, 0.0, 1.0), f64::NEG_INFINITY);
        assert_eq!(ln_expected_improvement(1e300f64, 1e-300, 0.0), f64::NEG_INFINITY);
        assert!((ln_expected_improvement(100.0f64, 1.0, 0.0) + 5_010.129_578).abs() < 1e-3);
        assert!(ln_expected_improvement(1e6f32, 1.0, 0.0) < -4e11);
        for k in 0..4000 {
            let z = f64::from(k) * 0.01 - 38.0;
            let (a, b) = (expected_improvement(-z, 1.0, 0.0), expected_improvement(-z - 0.01, 1.0, 0.0));
            assert!(a < b, "{z}");
        }
    }
}
