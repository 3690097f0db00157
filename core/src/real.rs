//! The two floating-point types that everything is written for, and sums whose order is fixed.
//!
//! Elementary functions come from `libm` on every target, so that a result has the same bits
//! everywhere. Reductions use four interleaved partial sums that are added in a fixed tree:
//! vector code of any width can follow it and nothing depends on the instruction set.

use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A floating-point type of the library: `f32` or `f64`. Sealed.
pub trait Real:
    sealed::Sealed
    + Copy
    + Default
    + Debug
    + Display
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
{
    /// Bits that [`Real::masked`] keeps: as many as the number has.
    type Mask: Copy + Debug + 'static;
    /// Every bit but the sign.
    const MAGNITUDE: Self::Mask;
    /// No bit.
    const NOTHING: Self::Mask;
    /// 16 times the first, 16 times the second, 16 times the first: any run of up to 16 that begins
    /// or ends with the one and goes on with the other.
    const MASKS: &'static [[Self::Mask; 16]; 3];
    /// Infinity but for minus infinity in the middle: any run of up to 16 that has it at one place.
    const SPIKE: &'static [Self; 31];
    /// 2^k for k < 16, in groups of four: a sum of different ones tells which (see [`Real::whole`]).
    const PLACES: &'static [[Self; 4]; 4];
    /// 0.
    const ZERO: Self;
    /// 1/2.
    const HALF: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// The distance from 1 to the next larger number.
    const EPSILON: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// The smallest positive normal number.
    const MIN_POSITIVE: Self;
    /// Structural features are rounded to multiples of one over this: 2^40 (f64), 2^20 (f32).
    const SNAP: Self;
    /// How far the sum of a mass vector may be from 1: 1e-9 (f64), 1e-5 (f32).
    const MASS_TOLERANCE: Self;
    /// Number of equal units that a mass of 1 is divided into where exact integer arithmetic is
    /// needed: 2^50 (f64), 2^22 (f32). Sums of units are exact in the type itself.
    const MASS_UNITS: Self;
    /// First jitter that a Cholesky factorisation adds, relative to the variance: 1e-6 (f64), 1e-5 (f32).
    const FIRST_JITTER: Self;
    /// Smallest noise that a fit tries, relative to the variance: 1e-4 (f64), 1e-3 (f32).
    const FIRST_NOISE: Self;
    /// 64 or 32: what a saved state records and what exported symbols end in.
    const BITS: u32;

    /// The nearest number of this type.
    fn from_f64(x: f64) -> Self;
    /// The same number in double precision.
    fn to_f64(self) -> f64;
    /// The nearest number of this type to a count.
    fn from_usize(n: usize) -> Self;
    /// The nearest number of this type to an integer.
    fn from_u64(n: u64) -> Self;
    /// A whole number from 0 to 2^22 - 1 as an integer: quicker than a conversion that has to think of
    /// every other number.
    fn whole(self) -> u32;
    /// Bits with the property `a < b` if and only if `a.order_bits() < b.order_bits()` for finite
    /// numbers; -0 counts as +0.
    fn order_bits(self) -> u64;
    /// Absolute value.
    fn abs(self) -> Self;
    /// The number with those bits only that are in the mask: the absolute value for
    /// [`Real::MAGNITUDE`], 0 for [`Real::NOTHING`].
    fn masked(self, mask: Self::Mask) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// e^x.
    fn exp(self) -> Self;
    /// e^x - 1 without cancellation near 0.
    fn exp_m1(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// ln(1 + x) without cancellation near 0.
    fn ln_1p(self) -> Self;
    /// Complementary error function.
    fn erfc(self) -> Self;
    /// The nearest integer, ties to even.
    fn round(self) -> Self;
    /// The largest integer that is not greater.
    fn floor(self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// The greater of two numbers; `self` if `other` is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
    /// The lesser of two numbers; `self` if `other` is NaN.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
}

macro_rules! impl_real {
    ($t:ident, $bits:ident, $snap:expr, $mass:expr, $units:expr, $jitter:expr, $noise:expr, $size:expr,
     $sqrt:ident, $exp:ident, $expm1:ident, $log:ident, $log1p:ident, $erfc:ident, $rint:ident, $floor:ident) => {
        impl Real for $t {
            type Mask = $bits;
            const MAGNITUDE: $bits = $bits::MAX >> 1;
            const NOTHING: $bits = 0;
            const MASKS: &'static [[$bits; 16]; 3] =
                &[[Self::MAGNITUDE; 16], [Self::NOTHING; 16], [Self::MAGNITUDE; 16]];
            const SPIKE: &'static [Self; 31] = &{
                let mut spike = [$t::INFINITY; 31];
                spike[15] = -$t::INFINITY;
                spike
            };
            const PLACES: &'static [[Self; 4]; 4] = &{
                let mut places = [[0.0; 4]; 4];
                let mut k = 0;
                while k < 16 {
                    places[k / 4][k % 4] = (1 << k) as $t;
                    k += 1;
                }
                places
            };
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const EPSILON: Self = $t::EPSILON;
            const INFINITY: Self = $t::INFINITY;
            const MIN_POSITIVE: Self = $t::MIN_POSITIVE;
            const SNAP: Self = $snap;
            const MASS_TOLERANCE: Self = $mass;
            const MASS_UNITS: Self = $units;
            const FIRST_JITTER: Self = $jitter;
            const FIRST_NOISE: Self = $noise;
            const BITS: u32 = $size;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn from_usize(n: usize) -> Self {
                n as $t
            }
            #[inline(always)]
            fn from_u64(n: u64) -> Self {
                n as $t
            }
            #[inline(always)]
            fn whole(self) -> u32 {
                // Where the last digit is worth 1, the last bits are the number.
                (self + 1.0 / $t::EPSILON).to_bits() as u32 & 0x3f_ffff
            }
            #[inline(always)]
            fn order_bits(self) -> u64 {
                // Adding +0 turns -0 into +0 and leaves every other number alone.
                let bits = (self + 0.0).to_bits();
                let sign = 1 << ($size - 1);
                u64::from(if bits & sign == 0 { bits | sign } else { !bits })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $t::abs(self)
            }
            #[inline(always)]
            fn masked(self, mask: $bits) -> Self {
                $t::from_bits(self.to_bits() & mask)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                libm::$sqrt(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                libm::$exp(self)
            }
            #[inline(always)]
            fn exp_m1(self) -> Self {
                libm::$expm1(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                libm::$log(self)
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                libm::$log1p(self)
            }
            #[inline(always)]
            fn erfc(self) -> Self {
                libm::$erfc(self)
            }
            #[inline(always)]
            fn round(self) -> Self {
                libm::$rint(self)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                libm::$floor(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
        }
    };
}

impl_real!(
    f64,
    u64,
    1_099_511_627_776.0,
    1e-9,
    1_125_899_906_842_624.0,
    1e-6,
    1e-4,
    64,
    sqrt,
    exp,
    expm1,
    log,
    log1p,
    erfc,
    rint,
    floor
);
impl_real!(
    f32,
    u32,
    1_048_576.0,
    1e-5,
    4_194_304.0,
    1e-5,
    1e-3,
    32,
    sqrtf,
    expf,
    expm1f,
    logf,
    log1pf,
    erfcf,
    rintf,
    floorf
);

/// Sum of a slice: element `i` goes to partial sum `i % 4`, then `(s0 + s1) + (s2 + s3)`.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline)]
#[must_use]
pub fn sum<R: Real>(a: &[R]) -> R {
    let (chunks, tail) = a.as_chunks::<4>();
    let mut s = [R::ZERO; 4];
    if cfg!(feature = "small") {
        for (i, &x) in a.iter().enumerate() {
            s[i % 4] += x;
        }
        return (s[0] + s[1]) + (s[2] + s[3]);
    }
    for c in chunks {
        for (s, &x) in s.iter_mut().zip(c) {
            *s += x;
        }
    }
    for (s, &x) in s.iter_mut().zip(tail) {
        *s += x;
    }
    (s[0] + s[1]) + (s[2] + s[3])
}

/// Sum of products over the common length, in the order of [`sum`].
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline)]
#[must_use]
pub fn dot<R: Real>(a: &[R], b: &[R]) -> R {
    let n = a.len().min(b.len());
    let (a, b) = (a.get(..n).unwrap_or(&[]), b.get(..n).unwrap_or(&[]));
    let ((ca, ta), (cb, tb)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut s = [R::ZERO; 4];
    if cfg!(feature = "small") {
        for (i, (&x, &y)) in a.iter().zip(b).enumerate() {
            s[i % 4] += x * y;
        }
        return (s[0] + s[1]) + (s[2] + s[3]);
    }
    for (x, y) in ca.iter().zip(cb) {
        for ((s, &x), &y) in s.iter_mut().zip(x).zip(y) {
            *s += x * y;
        }
    }
    for ((s, &x), &y) in s.iter_mut().zip(ta).zip(tb) {
        *s += x * y;
    }
    (s[0] + s[1]) + (s[2] + s[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_bits_order_like_the_numbers() {
        let xs = [f64::NEG_INFINITY, -2.5, -1e-310, -0.0, 1e-310, 1.0, 3.0, f64::INFINITY];
        assert!(xs.windows(2).all(|w| w[0].order_bits() < w[1].order_bits()));
        assert_eq!((-0.0f64).order_bits(), 0.0f64.order_bits());
        let ys = [-2.5f32, -0.0, 1e-40, 1.0, 3.0];
        assert!(ys.windows(2).all(|w| w[0].order_bits() < w[1].order_bits()));
        assert_eq!((-0.0f32).order_bits(), 0.0f32.order_bits());
    }

    #[test]
    fn a_mask_keeps_the_magnitude_or_nothing() {
        assert_eq!((-2.5f64).masked(f64::MAGNITUDE), 2.5);
        assert_eq!((-2.5f32).masked(f32::MAGNITUDE), 2.5);
        assert_eq!((-2.5f64).masked(f64::NOTHING).to_bits(), 0);
    }

    #[test]
    fn sums_follow_the_documented_tree() {
        let a: [f64; 7] = [1e16, 1.0, -1e16, 3.0, 2.0, 5.0, 7.0];
        let expect = ((1e16 + 2.0) + (1.0 + 5.0)) + ((-1e16 + 7.0) + 3.0);
        assert_eq!(sum(&a), expect);
        assert_eq!(dot(&a, &[1.0; 7]), expect);
        assert_eq!(sum::<f32>(&[]), 0.0);
        assert_eq!(dot(&a, &[2.0; 3]), (2e16 + 2.0) + -2e16);
    }
}
