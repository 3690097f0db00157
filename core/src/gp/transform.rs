//! Monotone transforms of observed values, then standardisation.

use super::select;
use crate::error::Error;
use crate::real::{self, Real};

/// What is done to values, **lower is better**, before a Gaussian process sees them. The order of the
/// values is kept. Afterwards they are standardised: mean 0 and standard deviation 1 (over n, not
/// n - 1), or all 0 if they are equal. None of this is in the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(i32)]
pub enum Transform {
    /// Standardised only.
    Identity = 0,
    /// Bad values are pulled together: with `t = (y - median) / (median - minimum)`, `t` where it is not
    /// positive and `ln(1 + t)` where it is. If the median is the minimum: the identity.
    #[default]
    Soft = 1,
    /// The rank; equal values share the mean of their ranks. O(n^2).
    Rank = 2,
    /// The logarithm, if all values are positive. Otherwise `ln(1 + (y - minimum) / (median - minimum))`,
    /// and the identity if the median is the minimum.
    Log = 3,
}

impl Transform {
    /// Every transform, in the order of the codes.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Soft, Self::Rank, Self::Log];

    /// The transform of a code (`transform as i32`).
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&t| t as i32 == code)
    }

    /// Transforms and standardises `values` into `out` of the same length.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`]; [`Error::NotFinite`] if a value is not finite or their range
    /// overflows. Nothing is written then.
    pub fn apply<R: Real>(self, values: &[R], out: &mut [R]) -> Result<(), Error> {
        if values.len() != out.len() {
            return Err(Error::DimensionMismatch);
        }
        if !values.iter().all(|v| v.is_finite()) {
            return Err(Error::NotFinite);
        }
        let (Some((low, high)), Some(median)) = (select::range(values, 1), select::median(values, 1))
        else {
            return Ok(());
        };
        if !(high - low).is_finite() {
            return Err(Error::NotFinite);
        }
        for (to, &y) in out.iter_mut().zip(values) {
            *to = match self {
                Self::Rank => {
                    let below = values.iter().filter(|&&x| x < y).count();
                    let equal = values.iter().filter(|&&x| x == y).count();
                    R::from_usize(below) + R::HALF * R::from_usize(equal)
                }
                _ => self.bend(y, low, median),
            };
        }
        standardise(out);
        Ok(())
    }

    /// The value before standardisation, of any transform but `Rank`.
    fn bend<R: Real>(self, y: R, low: R, median: R) -> R {
        let unit = median - low;
        // (x - low) / unit may overflow where unit is tiny; its logarithm does not.
        let ln_1p_ratio = |x: R| {
            let t = x / unit;
            if t.is_finite() { t.ln_1p() } else { x.ln() - unit.ln() }
        };
        match self {
            Self::Soft if unit > R::ZERO && y > median => ln_1p_ratio(y - median),
            Self::Soft if unit > R::ZERO => (y - median) / unit,
            Self::Log if low > R::ZERO => y.ln(),
            Self::Log if unit > R::ZERO => ln_1p_ratio(y - low),
            _ => y,
        }
    }

    /// What turns the density of the transformed values `out`, which [`Self::apply`] made of `values`, into that
    /// of the values themselves: the sum of the logarithms of the slopes. Densities of different transforms can
    /// be compared with it. `None` for `Rank`, which has no slope, and for equal values.
    #[must_use]
    pub fn ln_slopes<R: Real>(self, values: &[R], out: &[R]) -> Option<R> {
        let ((low, high), median) = (select::range(values, 1)?, select::median(values, 1)?);
        let (least, greatest) = select::range(out, 1)?;
        if self == Self::Rank || values.len() != out.len() || high <= low {
            return None;
        }
        let unit = median - low;
        // One over the slope.
        let flatness = |y: R| match self {
            Self::Soft if unit > R::ZERO => unit + (y - median).max(R::ZERO),
            Self::Log if low > R::ZERO => y,
            Self::Log if unit > R::ZERO => unit + (y - low),
            _ => R::ONE,
        };
        let deviation =
            (self.bend(high, low, median) - self.bend(low, low, median)) / (greatest - least);
        let sum = values.iter().fold(R::ZERO, |sum, &y| sum - flatness(y).ln());
        Some(sum - R::from_usize(values.len()) * deviation.ln()).filter(|sum| sum.is_finite())
    }
}

/// Where [`Transform::Identity`] of `values` would put `x`; if they are equal, by how much it is greater.
pub(crate) fn place<R: Real>(values: &[R], x: R) -> R {
    let Some((low, high)) = select::range(values, 1) else { return x };
    let range = high - low;
    if range <= R::ZERO {
        return x - low;
    }
    let n = R::from_usize(values.len());
    let to = |v: R| (v - low) / range;
    let mean = values.iter().fold(R::ZERO, |s, &v| s + to(v)) / n;
    let square = values.iter().fold(R::ZERO, |s, &v| s + (to(v) - mean) * (to(v) - mean));
    (to(x) - mean) / (square / n).sqrt()
}

/// To mean 0 and standard deviation 1; equal values to 0.
fn standardise<R: Real>(values: &mut [R]) {
    let Some((low, high)) = select::range(values, 1) else { return };
    let range = high - low;
    if range <= R::ZERO {
        values.fill(R::ZERO);
        return;
    }
    // To [0, 1] first: no sum can overflow or underflow.
    for v in values.iter_mut() {
        *v = (*v - low) / range;
    }
    let n = R::from_usize(values.len());
    let mean = real::sum(values) / n;
    for v in values.iter_mut() {
        *v -= mean;
    }
    let deviation = (real::dot(values, values) / n).sqrt();
    for v in values.iter_mut() {
        *v /= deviation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numerical slopes of the transform of all values when one of them moves, with what it depends on held
    /// fixed: between two others, neither the least nor the median.
    #[test]
    fn slopes_are_those_of_the_transform() {
        let check = |values: &[f64]| {
            for transform in [Transform::Identity, Transform::Soft, Transform::Log] {
                let mut out = vec![0.0; values.len()];
                transform.apply(values, &mut out).unwrap();
                let found = transform.ln_slopes(values, &out).unwrap();
                let (low, _) = select::range(values, 1).unwrap();
                let median = select::median(values, 1).unwrap();
                let bend = |y: f64| transform.bend(y, low, median);
                let bent: Vec<f64> = values.iter().map(|&y| bend(y)).collect();
                let n = values.len() as f64;
                let mean = bent.iter().sum::<f64>() / n;
                let deviation = (bent.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / n).sqrt();
                let h = 1e-6;
                let expected: f64 = values
                    .iter()
                    // From the side on which the value counts.
                    .map(|&y| ((bend(y) - bend(y - h)) / h / deviation).ln())
                    .sum();
                assert!((found - expected).abs() < 1e-4, "{transform:?} {found} {expected}");
            }
        };
        check(&[3.0, 1.0, 7.5, 2.0, 2.5, 20.0]);
        check(&[-3.0, 1.0, 7.5, 2.0, 0.1]);
        let mut out = [0.0; 3];
        Transform::Soft.apply(&[1.0f64; 3], &mut out).unwrap();
        assert_eq!(Transform::Soft.ln_slopes(&[1.0f64; 3], &out), None);
        Transform::Rank.apply(&[1.0, 2.0, 3.0], &mut out).unwrap();
        assert_eq!(Transform::Rank.ln_slopes(&[1.0, 2.0, 3.0], &out), None);
    }

    #[test]
    fn a_number_finds_its_place_among_others() {
        let values = [3.0f64, -1.0, 7.5, 2.0];
        let mut out = [0.0; 4];
        Transform::Identity.apply(&values, &mut out).unwrap();
        for (v, o) in values.iter().zip(out) {
            assert!((place(&values, *v) - o).abs() < 1e-14);
        }
        assert!(place(&values, 100.0) > 20.0);
        assert_eq!(place(&[2.0f64; 3], 5.0), 3.0);
    }
}
