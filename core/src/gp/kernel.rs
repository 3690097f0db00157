//! Correlation as a function of distance.

use crate::error::Error;
use crate::real::Real;
use crate::rows::InRows;

/// The form of the correlation `k(d / l)` of two points at distance `d` with length scale `l`.
///
/// None of them is positive definite for every distance; the smoother the form, the rarer it is.
///
/// With the feature `micromath`, off by default, the exponential of `f32` comes from the crate of that name:
/// over the whole range of the kernels it is at most 1.3e-3 too large or too small, and relatively 2.6e-3 (libm:
/// 6e-8 and 7e-8); below 2^-126 it is 0. Results then differ from those of every other build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(i32)]
pub enum Kernel {
    /// `exp(-d/l)` (HOTNAS poster).
    #[default]
    Exponential = 0,
    /// `exp(-sqrt(d/l))`. Not in the paper.
    SquareRootExponential = 1,
    /// `(1 + a) exp(-a)`, `a = sqrt(3) d/l`.
    Matern32 = 2,
    /// `(1 + a + a^2/3) exp(-a)`, `a = sqrt(5) d/l`.
    Matern52 = 3,
    /// `exp(-d^2 / (2 l^2))`. Rarely positive definite for transport distances: expect jitter, a poor
    /// fit or [`Error::NotPositiveDefinite`].
    SquaredExponential = 4,
    /// The mean of two products over the parts of a distance: `exp(-d/l)` over the first half of the parts,
    /// `exp(-(d/l)^2)` over the second (NASBOT, Kandasamy et al. 2018: OTMANN distances, then the same divided
    /// by the masses; weights of the products that are fitted are not offered). A part in the middle belongs to
    /// both halves.
    Nasbot = 5,
}

/// e^x for x <= 0.
#[inline(always)]
fn exp<R: Real>(x: R) -> R {
    #[cfg(feature = "micromath")]
    if R::BITS == 32 {
        // Both conversions are exact.
        return R::from_f64(micromath::F32(x.to_f64() as f32).exp().0.into());
    }
    x.exp()
}

impl Kernel {
    /// Every kernel, in the order of the codes.
    pub const ALL: [Self; 6] = [
        Self::Exponential,
        Self::SquareRootExponential,
        Self::Matern32,
        Self::Matern52,
        Self::SquaredExponential,
        Self::Nasbot,
    ];

    /// The kernel of a code (`kernel as i32`).
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&k| k as i32 == code)
    }

    /// The correlation at `distance` >= 0 with `length_scale` > 0: from 1 at distance 0 down to 0.
    #[inline]
    #[must_use]
    pub fn correlation<R: Real>(self, distance: R, length_scale: R) -> R {
        self.product(&[distance], &[length_scale])
    }

    /// The product of the correlations at the parts of a distance, each with its own length scale; for
    /// [`Self::Nasbot`] what stands there. Every form is a polynomial times an exponential, so one exponential
    /// serves all parts of a product.
    #[inline]
    #[must_use]
    pub fn product<R: Real>(self, parts: &[R], length_scales: &[R]) -> R {
        let (mut exponent, mut factor) = (R::ZERO, R::ONE);
        for (&d, &l) in parts.iter().zip(length_scales) {
            let r = d / l;
            exponent += match self {
                Self::Exponential => r,
                Self::SquareRootExponential => r.sqrt(),
                Self::Matern32 => {
                    let a = R::from_f64(1.732_050_807_568_877_2) * r;
                    factor *= R::ONE + a;
                    a
                }
                Self::Matern52 => {
                    let a = R::from_f64(2.236_067_977_499_79) * r;
                    factor *= R::ONE + a + a * a / R::from_f64(3.0);
                    a
                }
                Self::SquaredExponential => R::HALF * r * r,
                Self::Nasbot => return two_products(parts, length_scales),
            };
        }
        let e = exp(-exponent);
        // An underflow of e means that the factor may be infinite.
        if e > R::ZERO { factor * e } else { R::ZERO }
    }
}

/// [`Kernel::Nasbot`]. Apart from the others: where it is not in use it costs nothing.
#[inline(never)]
fn two_products<R: Real>(parts: &[R], length_scales: &[R]) -> R {
    let middle = (parts.len() / 2, parts.len().div_ceil(2));
    let (mut plain, mut square) = (R::ZERO, R::ZERO);
    for (index, (&d, &l)) in parts.iter().zip(length_scales).enumerate() {
        let r = d / l;
        if index < middle.1 {
            plain += r;
        }
        if index >= middle.0 {
            square += r * r;
        }
    }
    R::HALF * (exp(-plain) + exp(-square))
}

/// Most parts of a distance.
pub const MAX_PARTS: usize = 8;

/// A kernel with a length scale for each part of a distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Correlation<R> {
    pub(super) kernel: Kernel,
    pub(super) parts: usize,
    length_scales: [R; MAX_PARTS],
}

impl<R: Real> Correlation<R> {
    pub(super) fn new(kernel: Kernel, parts: usize, length_scale: R, ratios: &[R; MAX_PARTS]) -> Self {
        // What underflows would divide 0 by 0.
        let length_scales = ratios.map(|ratio| (length_scale * ratio).max(R::MIN_POSITIVE));
        Self { kernel, parts, length_scales }
    }

    /// Writes the correlations at distances that lie one after the other, each with all its parts.
    #[inline]
    pub(super) fn write<'o>(&self, distances: &[R], out: impl Iterator<Item = &'o mut R>) {
        let scales = self.length_scales.get(..self.parts).unwrap_or_default();
        if let &[scale] = scales
            && !cfg!(feature = "small")
        {
            // The same bits without a loop over parts.
            for (to, &distance) in out.zip(distances) {
                *to = self.kernel.correlation(distance, scale);
            }
        } else {
            for (to, parts) in out.zip(distances.in_rows(self.parts)) {
                *to = self.kernel.product(parts, scales);
            }
        }
    }
}

/// Hyperparameters of a [`GaussianProcess`](super::GaussianProcess): all finite.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Hyperparameters<R> {
    /// Prior variance of the latent function, > 0, up to 3e286 (f32: 4e25): no covariance overflows then.
    pub variance: R,
    /// Length scale in units of distance, > 0.
    pub length_scale: R,
    /// Variance of the observation noise, >= 0, absolute, at most 1e6 times the variance.
    pub noise: R,
    /// Prior mean.
    pub mean: R,
}

impl<R: Real> Hyperparameters<R> {
    /// [`Error::NotFinite`] or [`Error::InvalidSetting`] unless all are in their ranges.
    pub fn validate(&self) -> Result<(), Error> {
        // The greatest precision is a sum of numbers up to 1/epsilon, the least 1/1e6 from the noise.
        let room = self.variance * (R::from_f64(1e6) / R::EPSILON);
        let all = [room, self.length_scale, self.noise, self.mean];
        if !all.iter().all(|x| x.is_finite()) {
            return Err(Error::NotFinite);
        }
        let positive = self.variance >= R::MIN_POSITIVE && self.length_scale >= R::MIN_POSITIVE;
        // A noise of 1e6 times the variance may be rounded up, and again here.
        let most = R::from_f64(1e6) * (R::ONE + R::from_f64(4.0) * R::EPSILON);
        if positive && self.noise >= R::ZERO && self.relative_noise() <= most {
            Ok(())
        } else {
            Err(Error::InvalidSetting)
        }
    }

    /// Noise over variance.
    pub(super) fn relative_noise(&self) -> R {
        self.noise / self.variance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_start_at_one_fall_and_are_never_nan() {
        for kernel in Kernel::ALL {
            assert_eq!(Kernel::from_code(kernel as i32), Some(kernel));
            assert_eq!(kernel.correlation(0.0f64, 1e-300), 1.0);
            let mut last = 1.0f64;
            for k in 1..2000 {
                let c = kernel.correlation(f64::from(k) * 0.05, 0.7);
                assert!(c >= 0.0 && c <= last);
                last = c;
            }
            for d in [1e-30f32, 1.0, 1e30, f32::MAX] {
                for l in [f32::MIN_POSITIVE, 1.0, f32::MAX] {
                    assert!((0.0..=1.0).contains(&kernel.correlation(d, l)));
                }
            }
        }
        assert_eq!(Kernel::from_code(6), None);
        let expected = 0.5 * ((-0.7f64 / 1.3 - 0.3).exp() + (-0.25f64 - 0.01).exp());
        let found = Kernel::Nasbot.product(&[0.7, 0.6, 0.2, 0.4], &[1.3, 2.0, 0.4, 4.0]);
        assert!((found - expected).abs() < 1e-15);
        for kernel in Kernel::ALL.into_iter().filter(|&kernel| kernel != Kernel::Nasbot) {
            let [a, b] = [kernel.correlation(0.7, 1.3), kernel.correlation(0.2, 0.4)];
            assert!((kernel.product(&[0.7, 0.2], &[1.3, 0.4]) - a * b).abs() < 1e-15f64);
            assert_eq!(kernel.product(&[f32::MAX, 0.0], &[1e-30, 1e-30]), 0.0);
        }
        assert_eq!(Kernel::from_code(-1), None);
    }

    /// What the documentation of [`Kernel`] says, over every 499th of the numbers that matter and at the worst
    /// place, just before -ln 2.
    #[test]
    fn the_exponential_is_as_exact_as_documented() {
        let (absolute, relative) =
            if cfg!(feature = "micromath") { (1.3e-3, 2.6e-3) } else { (6e-8, 7e-8) };
        let (mut most, mut most_relative) = (0.0f64, 0.0f64);
        // From 0 to 104, where e^-x is less than half of the least number.
        let numbers = (0..=104f32.to_bits()).step_by(499).chain([core::f32::consts::LN_2.to_bits() - 1]);
        for bits in numbers {
            let x = -f32::from_bits(bits);
            let (got, exact) = (f64::from(exp(x)), f64::from(x).exp());
            most = most.max((got - exact).abs());
            if exact >= f64::from(f32::MIN_POSITIVE) * 1.01 {
                most_relative = most_relative.max((got / exact - 1.0).abs());
            }
        }
        assert!(most <= absolute, "{most:e}");
        assert!(most_relative <= relative, "{most_relative:e}");
        if cfg!(feature = "micromath") {
            assert!(most >= 0.9 * absolute && most_relative >= 0.9 * relative);
        }
        assert!(exp(f32::NEG_INFINITY) == 0.0 && exp(-0.0f32) == 1.0 && exp(f32::MIN) == 0.0);
    }
}
