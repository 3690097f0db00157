//! Multisets of words.

use crate::real::Real;

/// The L1 difference of two histograms in which each word of `a` and each word of `b` has this weight.
/// Sorts both.
pub(super) fn difference<R: Real>(a: &mut [u32], b: &mut [u32], weights: [R; 2]) -> R {
    sort(a);
    sort(b);
    let [x, y] = weights;
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut sum = R::ZERO;
    while let Some(&&word) = match (a.peek(), b.peek()) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    } {
        let (mut m, mut n) = (0, 0);
        while a.next_if(|&&x| x == word).is_some() {
            m += 1;
        }
        while b.next_if(|&&y| y == word).is_some() {
            n += 1;
        }
        sum += (x * R::from_usize(m) - y * R::from_usize(n)).abs();
    }
    sum
}

/// Ascending, by insertion with falling gaps (Shell 1959).
fn sort(words: &mut [u32]) {
    for gap in [301, 132, 57, 23, 10, 4, 1] {
        for end in gap..words.len() {
            let mut at = end;
            while let Some(before) = at.checked_sub(gap)
                && let Some([a, .., b]) = words.get_mut(before..=at)
                && *a > *b
            {
                core::mem::swap(a, b);
                at = before;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_of_histograms() {
        let f = |a: &[u32], b: &[u32], w| difference::<f64>(&mut a.to_vec(), &mut b.to_vec(), w);
        assert_eq!(f(&[], &[], [1.0; 2]), 0.0);
        assert_eq!(f(&[3, 1, 3], &[3, 2], [1.0; 2]), 3.0);
        assert_eq!(f(&[3, 1, 3], &[3, 1, 3], [1.0; 2]), 0.0);
        // 2/4 against 1/2 of a, the rest is different.
        assert_eq!(f(&[7, 7, 8, 9], &[1, 7], [0.25, 0.5]), 1.0);
        let mut words: Vec<u32> = (0..1000u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> 22).collect();
        let mut expected = words.clone();
        expected.sort_unstable();
        sort(&mut words);
        assert_eq!(words, expected);
    }
}
