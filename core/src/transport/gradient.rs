//! The operator W of the pairing: (W T)_ij = sum over k, l of w_ijkl T_kl, the gradient of Q.
//!
//! For `Full` and `Flow` w_ijkl = |A_ki - B_lj|; for `Ordered` the same where i < k and j < l or
//! i > k and j > l, else 0. W is symmetric and Q(T) = <T, W T> / 2 for each of them.
//! A vertex has at most n + m - 1 entries, so that W T costs O(nm(n + m)).

use super::gromov::Pairing;
use super::lanes::{at, get};
use super::vertex::Entries;
use crate::real::Real;

/// Within-costs of both sides in padded rows, and scratch.
#[derive(Debug)]
pub(crate) struct Operator<'a, R> {
    pub(crate) pairing: Pairing,
    pub(crate) rows: usize,
    /// Groups of four per row of the left and of the right matrix.
    pub(crate) row_width: usize,
    pub(crate) width: usize,
    pub(crate) row_costs: &'a [[R; 4]],
    pub(crate) column_costs: &'a [[R; 4]],
    /// Per entry, the row of the right matrix that belongs to it, by groups: n + m times width.
    pub(crate) gathered: &'a mut [[R; 4]],
    /// Per left point and entry, the left cost times the units: n times (n + m).
    pub(crate) weighted: &'a mut [R],
}

impl<R: Real> Operator<'_, R> {
    /// W times the plan in `entries`, of `total` units.
    #[inline]
    pub(crate) fn apply(&mut self, entries: &Entries<'_, R>, total: R, to: &mut [[R; 4]]) {
        let (n, count, width) = (self.rows.max(1), entries.len.max(1), self.width.max(1));
        let scale = R::ONE / total;
        let sign = if self.pairing == Pairing::Flow { -R::ONE } else { R::ONE };
        for (g, block) in self.gathered.chunks_exact_mut(count).enumerate().take(width) {
            for (to, (_, l, x)) in block.iter_mut().zip(entries.iter()) {
                let x = sign * x;
                let Some(row) = self.column_costs.get(l * width + g) else { return };
                to.iter_mut().zip(row).for_each(|(to, &b)| *to = x * b);
            }
        }
        let left = self.row_costs.chunks_exact(self.row_width.max(1));
        for (to, row) in self.weighted.chunks_exact_mut(count).zip(left).take(n) {
            let row = row.as_flattened();
            for (to, (k, _, x)) in to.iter_mut().zip(entries.iter()) {
                *to = x * get(row, k);
            }
        }
        if self.pairing == Pairing::Ordered {
            self.apply_ordered(entries, scale, to);
            return;
        }
        for (g, block) in self.gathered.chunks_exact(count).enumerate().take(width) {
            for (to, left) in to.chunks_exact_mut(width).zip(self.weighted.chunks_exact(count)) {
                let mut sum = [R::ZERO; 4];
                for (b, &a) in block.iter().zip(left) {
                    for (sum, &b) in sum.iter_mut().zip(b) {
                        *sum += (a - b).abs();
                    }
                }
                if let Some(to) = to.get_mut(g) {
                    to.iter_mut().zip(sum).for_each(|(to, sum)| *to = sum * scale);
                }
            }
        }
    }

    fn apply_ordered(&self, entries: &Entries<'_, R>, scale: R, to: &mut [[R; 4]]) {
        let (count, width) = (entries.len.max(1), self.width.max(1));
        for (g, block) in self.gathered.chunks_exact(count).enumerate().take(width) {
            let rows = to.chunks_exact_mut(width).zip(self.weighted.chunks_exact(count));
            for (i, (to, left)) in rows.enumerate() {
                let mut sum = [R::ZERO; 4];
                for ((b, &a), (k, l, _)) in block.iter().zip(left).zip(entries.iter()) {
                    for (lane, (sum, &b)) in sum.iter_mut().zip(b).enumerate() {
                        let j = 4 * g + lane;
                        let counts = (i < k && j < l) || (i > k && j > l);
                        *sum += if counts { (a - b).abs() } else { R::ZERO };
                    }
                }
                if let Some(to) = to.get_mut(g) {
                    to.iter_mut().zip(sum).for_each(|(to, sum)| *to = sum * scale);
                }
            }
        }
    }

    /// One coefficient w_ijkl.
    #[inline]
    pub(crate) fn weight(&self, i: usize, j: usize, k: usize, l: usize) -> R {
        let counts = self.pairing != Pairing::Ordered || (i < k && j < l) || (i > k && j > l);
        if !counts {
            return R::ZERO;
        }
        let a = get(self.row_costs.as_flattened(), k * 4 * self.row_width + i);
        let b = get(self.column_costs.as_flattened(), l * 4 * self.width + j);
        (a - b).abs()
    }

    /// W times the product of the masses, given in units.
    pub(crate) fn apply_product(&self, rows: &[R], columns: &[R], total: R, to: &mut [[R; 4]]) {
        let width = self.width.max(1);
        let sign = if self.pairing == Pairing::Flow { -R::ONE } else { R::ONE };
        let left = self.row_costs.chunks_exact(self.row_width.max(1));
        for (i, (to, left)) in to.chunks_exact_mut(width).zip(left).enumerate() {
            to.fill([R::ZERO; 4]);
            for (k, &p) in rows.iter().enumerate() {
                let a = sign * at(left, k);
                let p = p / total;
                let right = self.column_costs.chunks_exact(width).zip(columns);
                for (l, (right, &q)) in right.enumerate() {
                    let mass = p * (q / total);
                    for (g, (to, b)) in to.iter_mut().zip(right).enumerate() {
                        for (lane, (to, &b)) in to.iter_mut().zip(b).enumerate() {
                            let j = 4 * g + lane;
                            let counts =
                                self.pairing != Pairing::Ordered || (i < k && j < l) || (i > k && j > l);
                            *to += if counts { mass * (a - b).abs() } else { R::ZERO };
                        }
                    }
                }
            }
        }
    }
}
