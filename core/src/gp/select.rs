//! Order statistics without sorting.

use crate::real::Real;

/// Order bits of the n-th least number.
///
/// Radix selection, eight bits at a time: a few passes over the numbers, no scratch memory.
fn nth<R: Real>(values: impl Iterator<Item = R> + Clone, n: usize) -> u64 {
    let mut prefix = 0u64;
    let mut rank = n;
    let mut shift = R::BITS;
    let mut mask = 0u64;
    while shift > 0 {
        shift -= 8;
        let mut counts = [0usize; 256];
        for bits in values.clone().map(Real::order_bits).filter(|b| b & mask == prefix) {
            counts[usize::from((bits >> shift) as u8)] += 1;
        }
        let mut digit = 0u64;
        for count in counts {
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

/// The median of finite numbers: the mean of the two in the middle of an even count; `None` of none.
pub(super) fn median<R: Real>(values: impl Iterator<Item = R> + Clone) -> Option<R> {
    let n = values.clone().count();
    let find = |k| {
        let bits = nth(values.clone(), k);
        values.clone().find(|x| x.order_bits() == bits)
    };
    let upper = find(n / 2)?;
    if n % 2 == 1 {
        return Some(upper);
    }
    let lower = find((n / 2).checked_sub(1)?)?;
    // Halved first: the sum could overflow.
    Some(R::HALF * lower + R::HALF * upper)
}

/// The least and the greatest number; `None` of none.
pub(super) fn range<R: Real>(values: impl Iterator<Item = R>) -> Option<(R, R)> {
    values.fold(None, |range, x| match range {
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
            prop_assert_eq!(median(v.iter().copied()), Some(expect));
            let f: Vec<f32> = s.iter().map(|&x| x as f32).collect();
            let e = if n % 2 == 1 { f[n / 2] } else { 0.5 * f[n / 2 - 1] + 0.5 * f[n / 2] };
            prop_assert_eq!(median(f.iter().copied()), Some(e));
            prop_assert_eq!(range(v.iter().copied()), Some((s[0], s[n - 1])));
        }
    }

    #[test]
    fn nothing_has_no_median_and_ties_do() {
        assert_eq!(median::<f64>([].into_iter()), None);
        assert_eq!(median([2.0f64, 2.0, 2.0, 5.0].into_iter()), Some(2.0));
        assert_eq!(median([f64::MAX, f64::MAX].into_iter()), Some(f64::MAX));
    }
}
