//! Random numbers that depend on a key and a counter only.
//!
//! The generator is Philox 4x32 with ten rounds (Salmon, Moraes, Dror, Shaw: *Parallel random
//! numbers: as easy as 1, 2, 3*, SC 2011). Its key is the seed, its counter holds the number of the
//! trial, the number of a stream inside that trial and the number of the block. What one trial
//! draws therefore never depends on what another trial drew, and nothing needs to be stored.
//! It uses 32-bit integers only and gives the same numbers on every target. It is not meant for
//! cryptography.

use core::convert::Infallible;

use crate::real::Real;
use rand_core::TryRng;

/// A counter-keyed generator: Philox 4x32-10.
///
/// Implements the traits of `rand_core` 0.10, so that it serves wherever those are asked for.
///
/// ```
/// use hotnas_core::search::KeyedRng;
/// let mut a = KeyedRng::new(1, 7, 0);
/// let mut b = KeyedRng::new(1, 7, 0);
/// assert_eq!(a.word(), b.word());
/// assert!(a.below(10) < 10);
/// ```
#[derive(Clone, Debug)]
pub struct KeyedRng {
    key: [u32; 2],
    /// Trial, stream, block low, block high.
    counter: [u32; 4],
    block: [u32; 4],
    /// Words of `block` that were handed out already.
    used: u8,
}

impl KeyedRng {
    /// The generator of one stream of one trial: equal arguments give equal numbers.
    #[must_use]
    pub fn new(seed: u64, trial: u32, stream: u32) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            counter: [0, 0, trial, stream],
            block: [0; 4],
            used: 4,
        }
    }

    /// The next 32 random bits.
    pub fn word(&mut self) -> u32 {
        if self.used >= 4 {
            self.block = philox(self.counter, self.key);
            let [low, high, ..] = &mut self.counter;
            *low = low.wrapping_add(1);
            if *low == 0 {
                *high = high.wrapping_add(1);
            }
            self.used = 0;
        }
        let word = self.block.get(usize::from(self.used)).copied().unwrap_or(0);
        self.used += 1;
        word
    }

    /// A number below `n`, each equally likely; 0 if `n` is 0.
    ///
    /// Multiplication with rejection (Lemire 2019): no modulo bias and no division by a number that
    /// could be 0.
    pub fn below(&mut self, n: u32) -> u32 {
        // Of the 2^32 words, the `excess` lowest fractions of each interval are rejected.
        let Some(excess) = n.wrapping_neg().checked_rem(n) else {
            return 0;
        };
        loop {
            let product = u64::from(self.word()) * u64::from(n);
            if product as u32 >= excess {
                return (product >> 32) as u32;
            }
        }
    }

    /// An index below `n`, each equally likely; 0 if `n` is 0. Lengths above `u32::MAX` are cut
    /// to it.
    pub fn index(&mut self, n: usize) -> usize {
        self.below(u32::try_from(n).unwrap_or(u32::MAX)) as usize
    }

    /// A number between 0 and 1, neither of them: the middle of one of 2^23 equal parts.
    pub fn unit<R: Real>(&mut self) -> R {
        (R::from_usize((self.word() >> 9) as usize) + R::HALF) * R::from_f64(1.0 / 8_388_608.0)
    }

    /// A number of the standard normal distribution (Marsaglia's polar method).
    pub fn normal<R: Real>(&mut self) -> R {
        loop {
            let [x, y] = [self.unit(), self.unit()].map(|unit: R| R::TWO * unit - R::ONE);
            let square = x * x + y * y;
            if square < R::ONE && square > R::ZERO {
                return x * (-R::TWO * square.ln() / square).sqrt();
            }
        }
    }

    /// Puts a slice into random order, each order equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let mut rest = items;
        while let Some((last, head)) = rest.split_last_mut() {
            let other = self.index(head.len() + 1);
            // The index of `last` itself is not in `head`: it then stays where it is.
            if let Some(other) = head.get_mut(other) {
                core::mem::swap(last, other);
            }
            rest = head;
        }
    }
}

impl TryRng for KeyedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.word();
        Ok(u64::from(self.word()) << 32 | u64::from(low))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            for (byte, random) in chunk.iter_mut().zip(self.word().to_le_bytes()) {
                *byte = random;
            }
        }
        Ok(())
    }
}

/// Ten rounds of Philox 4x32.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let a = 0xD251_1F53 * u64::from(counter[0]);
        let b = 0xCD9E_8D57 * u64::from(counter[2]);
        counter = [
            (b >> 32) as u32 ^ counter[1] ^ key[0],
            b as u32,
            (a >> 32) as u32 ^ counter[3] ^ key[1],
            a as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    /// The known answers that the authors' Random123 publishes for philox4x32-10.
    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]
        );
        assert_eq!(
            philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    #[test]
    fn streams_and_trials_and_seeds_differ() {
        let first = |seed, trial, stream| KeyedRng::new(seed, trial, stream).next_u64();
        let base = first(1, 2, 3);
        for other in [first(2, 2, 3), first(1 << 32 | 1, 2, 3), first(1, 3, 3), first(1, 2, 4)] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn below_is_uniform_and_covers_its_range() {
        let mut rng = KeyedRng::new(3, 0, 0);
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
        for n in [2u32, 3, 5, 7, 10, 100] {
            let mut counts = vec![0u32; n as usize];
            let draws = 2000 * n;
            for _ in 0..draws {
                counts[rng.below(n) as usize] += 1;
            }
            let chi: f64 = counts.iter().map(|&c| (f64::from(c) - 2000.0).powi(2) / 2000.0).sum();
            // Mean n - 1, variance 2 (n - 1): six standard deviations.
            assert!(chi < f64::from(n - 1) + 6.0 * f64::from(2 * (n - 1)).sqrt(), "{n}: {chi}");
        }
        // A range that rejects almost half of the words.
        let n = (1 << 31) + 1;
        let above = (0..4000).filter(|_| rng.below(n) > n / 2).count();
        assert!((1800..2200).contains(&above));
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_distribution() {
        fn moments<R: Real>() {
            let mut rng = KeyedRng::new(4, 0, 0);
            let draws: Vec<f64> = (0..40_000).map(|_| rng.normal::<R>().to_f64()).collect();
            let mean = |power: i32| draws.iter().map(|x| x.powi(power)).sum::<f64>() / 40_000.0;
            // Five standard errors.
            for (power, value, variance) in
                [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
            {
                let error = (mean(power) - value).abs();
                assert!(error < 5.0 * f64::sqrt(variance / 40_000.0), "{power}: {error}");
            }
        }
        moments::<f32>();
        moments::<f64>();
    }

    #[test]
    fn shuffle_permutes_and_every_order_occurs() {
        let mut seen = std::collections::HashMap::new();
        let mut rng = KeyedRng::new(9, 0, 1);
        for _ in 0..2400 {
            let mut a = [0, 1, 2, 3];
            rng.shuffle(&mut a);
            *seen.entry(a).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 24);
        assert!(seen.values().all(|&c| (50..160).contains(&c)));
        rng.shuffle::<u8>(&mut []);
    }

    #[test]
    fn bytes_follow_the_words() {
        let (mut a, mut b) = (KeyedRng::new(5, 1, 0), KeyedRng::new(5, 1, 0));
        let mut bytes = [0; 7];
        a.fill_bytes(&mut bytes);
        assert_eq!(bytes[..4], b.next_u32().to_le_bytes());
        assert_eq!(bytes[4..], b.next_u32().to_le_bytes()[..3]);
    }
}
