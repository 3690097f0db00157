//! A 128-bit hash over 32-bit words: the same on every target, whatever its byte order.

use crate::real::Real;

/// A 128-bit fingerprint. Equal content has equal fingerprints; different content has different ones
/// up to an accidental collision (probability about 2^-128 per pair). It is not cryptographic.
pub type Fingerprint = [u32; 4];

/// Computes a [`Fingerprint`] over a sequence of words and numbers.
///
/// Two 64-bit lanes absorb each word by exclusive or, an odd multiplier and a shift (every step is
/// a bijection of the lane), and are crossed and finalised as in MurmurHash3.
#[derive(Clone, Copy, Debug)]
pub struct Hasher {
    a: u64,
    b: u64,
    count: u64,
}

impl Hasher {
    /// A hasher for one kind of content; different domains give unrelated fingerprints.
    #[must_use]
    pub const fn new(domain: u32) -> Self {
        let d = domain as u64;
        Self { a: 0x243f_6a88_85a3_08d3 ^ d, b: 0x1319_8a2e_0370_7344 ^ (d << 32), count: 0 }
    }

    /// Absorbs a 32-bit word.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline)]
    pub fn word(&mut self, word: u32) {
        let w = u64::from(word);
        self.a = (self.a ^ w).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.a ^= self.a >> 32;
        self.b = (self.b ^ w).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        self.b ^= self.b >> 29;
        self.count = self.count.wrapping_add(1);
    }

    /// Absorbs a number; -0 counts as +0.
    #[inline]
    pub fn real<R: Real>(&mut self, x: R) {
        let bits = x.order_bits();
        self.word(bits as u32);
        if R::BITS == 64 {
            self.word((bits >> 32) as u32);
        }
    }

    /// Absorbs numbers one after the other.
    pub fn reals<R: Real>(&mut self, xs: &[R]) {
        for &x in xs {
            self.real(x);
        }
    }

    /// Absorbs another fingerprint.
    pub fn fingerprint(&mut self, f: &Fingerprint) {
        for &w in f {
            self.word(w);
        }
    }

    /// The fingerprint of what was absorbed.
    #[must_use]
    pub fn finish(self) -> Fingerprint {
        let mut a = self.a ^ self.count;
        let mut b = self.b ^ self.count;
        a = a.wrapping_add(b);
        b = b.wrapping_add(a);
        a = scramble(a);
        b = scramble(b);
        a = a.wrapping_add(b);
        b = b.wrapping_add(a);
        [a as u32, (a >> 32) as u32, b as u32, (b >> 32) as u32]
    }
}

fn scramble(mut x: u64) -> u64 {
    x ^= x >> 33;
    x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^= x >> 33;
    x = x.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(domain: u32, words: &[u32]) -> Fingerprint {
        let mut h = Hasher::new(domain);
        for &w in words {
            h.word(w);
        }
        h.finish()
    }

    #[test]
    fn content_length_order_and_domain_count() {
        let all = [
            of(0, &[]),
            of(1, &[]),
            of(0, &[0]),
            of(0, &[0, 0]),
            of(0, &[1, 2]),
            of(0, &[2, 1]),
            of(1, &[1, 2]),
        ];
        for (i, a) in all.iter().enumerate() {
            for b in &all[..i] {
                assert!(a.iter().zip(b).all(|(x, y)| x != y));
            }
        }
    }

    #[test]
    fn every_input_bit_flips_about_half_of_the_output() {
        let base = of(7, &[3, 1, 4, 1, 5]);
        let mut flips = 0;
        for bit in 0..160 {
            let mut words = [3, 1, 4, 1, 5];
            words[bit / 32] ^= 1 << (bit % 32);
            flips += base.iter().zip(of(7, &words)).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
        }
        let mean = f64::from(flips) / 160.0;
        assert!((60.0..68.0).contains(&mean), "{mean}");
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(of(1, &[1, 2, 3]), GOLDEN);
        let mut h = Hasher::new(0);
        h.real(-0.0f64);
        let mut g = Hasher::new(0);
        g.real(0.0f64);
        assert_eq!(h.finish(), g.finish());
    }

    /// Computed by a Python program from the same description.
    const GOLDEN: Fingerprint = [465_756_732, 2_998_931_845, 3_329_928_106, 3_560_755_376];
}
