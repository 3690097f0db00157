//! Multisets of words.

use core::cmp::Ordering;

use crate::real::Real;

/// The L1 difference of two histograms in which each word of `a` and each word of `b` has this weight.
/// Sorts both.
pub(super) fn difference<R: Real>(a: &mut [u32], b: &mut [u32], weights: [R; 2]) -> R {
    sort(a);
    sort(b);
    let [x, y] = weights;
    let (mut a, mut b) = (a.chunk_by(u32::eq).peekable(), b.chunk_by(u32::eq).peekable());
    let mut sum = R::ZERO;
    loop {
        let order = match (a.peek().and_then(|a| a.first()), b.peek().and_then(|b| b.first())) {
            (None, None) => return sum,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(b),
        };
        let mut count = R::ZERO;
        if order.is_le() {
            count += x * R::from_usize(a.next().map_or(0, <[u32]>::len));
        }
        if order.is_ge() {
            count = count - y * R::from_usize(b.next().map_or(0, <[u32]>::len));
        }
        sum += count.abs();
    }
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
