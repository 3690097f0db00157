//! Order statistics without sorting.

use crate::real::Real;

/// Order bits of the n-th least of every `step`-th number.
///
/// Radix selection, eight bits at a time: a few passes over the numbers, no scratch memory.
fn nth<R: Real>(values: &[R], step: usize, n: usize) -> u64 {
    let mut prefix = 0u64;
    let mut rank = n;
    let mut shift = R::BITS;
    let mut mask = 0u64;
    while shift > 0 {
        shift -= 8;
        let mut counts = [0usize; 256];
        for bits in every(values, step).map(Real::order_bits).filter(|b| b & mask == prefix) {
            counts[usize::from((bits >> shift) as u8)] += 1;
        }
        let mut digit = 0u64;
        for &count in &counts {
            if rank < count {
                break;
            }
            rank -= count;
            digit += 1;
        }
        prefix |= digit << shift;
        mask |= 0xff << shift;
    }
    prefix
}

fn every<R: Real>(values: &[R], step: usize) -> impl ExactSizeIterator<Item = R> + '_ {
    values.iter().step_by(step.max(1)).copied()
}

/// The median of every `step`-th of finite numbers, from the first on: the mean of the two in the middle of an even
/// count; `None` of none.
pub(super) fn median<R: Real>(values: &[R], step: usize) -> Option<R> {
    let n = every(values, step).len();
    let find = |k| {
        let bits = nth(values, step, k);
        every(values, step).find(|x| x.order_bits() == bits)
    };
    let upper = find(n / 2)?;
    if n % 2 == 1 {
        return Some(upper);
    }
    let lower = find((n / 2).checked_sub(1)?)?;
    // Halved first: the sum could overflow.
    Some(R::HALF * lower + R::HALF * upper)
}

/// The least and the greatest of every `step`-th number, from the first on; `None` of none.
pub(super) fn range<R: Real>(values: &[R], step: usize) -> Option<(R, R)> {
    every(values, step).fold(None, |range, x| match range {
        None => Some((x, x)),
        Some((low, high)) => Some((low.min(x), high.max(x))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn medians_are_those_of_a_sorted_list(v in prop::collection::vec(-1e3f64..1e3, 1..60)) {
            let mut s = v.clone();
            s.sort_by(f64::total_cmp);
            let n = s.len();
            let expect = if n % 2 == 1 { s[n / 2] } else { 0.5 * s[n / 2 - 1] + 0.5 * s[n / 2] };
            prop_assert_eq!(median(&v, 1), Some(expect));
            let f: Vec<f32> = s.iter().map(|&x| x as f32).collect();
            let e = if n % 2 == 1 { f[n / 2] } else { 0.5 * f[n / 2 - 1] + 0.5 * f[n / 2] };
            prop_assert_eq!(median(&f, 1), Some(e));
            prop_assert_eq!(range(&v, 1), Some((s[0], s[n - 1])));
        }
    }

    #[test]
    fn nothing_has_no_median_and_ties_do() {
        assert_eq!(median::<f64>(&[], 1), None);
        assert_eq!(median(&[2.0f64, 2.0, 2.0, 5.0], 1), Some(2.0));
        assert_eq!(median(&[f64::MAX, f64::MAX], 1), Some(f64::MAX));
    }

    #[test]
    fn every_second_number_counts() {
        let values = [4.0f64, 9.0, 1.0, 0.0, 3.0];
        assert_eq!((median(&values, 2), range(&values, 2)), (Some(3.0), Some((1.0, 4.0))));
        assert_eq!((median(&values[1..], 2), range(&values[1..], 2)), (Some(4.5), Some((0.0, 9.0))));
    }
}
