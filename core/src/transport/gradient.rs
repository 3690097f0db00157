//! The operator W of the pairing: (W T)_ij = sum over k, l of w_ijkl T_kl, the gradient of Q.
//!
//! For `Full` and `Flow` w_ijkl = |A_ki - B_lj|; for `Ordered` the same where i < k and j < l or
//! i > k and j > l, else 0. W is symmetric and Q(T) = <T, W T> / 2 for each of them.
//! A vertex has at most n + m - 1 entries, so that W T costs O(nm(n + m)).

use super::gromov::Pairing;
use super::lanes::{BY_WIDTH, Row, get, groups, lanes};
use super::vertex::Entries;
use crate::real::Real;

/// Within-costs of both sides in padded rows, and scratch.
#[derive(Debug)]
pub(crate) struct Operator<'a, R> {
    pub(crate) pairing: Pairing,
    /// Every entry of every plan has one unit, and entry i lies in row i.
    pub(crate) assignment: bool,
    pub(crate) rows: usize,
    /// Groups of four per row of the left and of the right matrix.
    pub(crate) row_width: usize,
    pub(crate) width: usize,
    pub(crate) row_costs: &'a [[R; 4]],
    pub(crate) column_costs: &'a [[R; 4]],
    /// By entries: the entry's row of the right matrix times its units.
    pub(crate) gathered: &'a mut [[R; 4]],
    /// By left points, then by entries: the left cost times the units.
    pub(crate) weighted: &'a mut [[R; 4]],
}

/// Reals that the scratch of an operator needs, first `gathered`, then `weighted`.
pub(crate) const fn scratch(rows: usize, columns: usize) -> (usize, usize) {
    let entries = groups(rows.saturating_add(columns)).saturating_mul(4);
    (entries.saturating_mul(groups(columns).saturating_mul(4)), entries.saturating_mul(rows))
}

impl<R: Real> Operator<'_, R> {
    /// `scale` times W times the plan in `entries`, in units.
    pub(crate) fn apply(&mut self, entries: &Entries<'_, R>, scale: R, to: &mut [[R; 4]]) {
        match self.width {
            1 if BY_WIDTH => self.apply_with::<1>(entries, scale, to),
            2 if BY_WIDTH => self.apply_with::<2>(entries, scale, to),
            4 if BY_WIDTH => self.apply_with::<4>(entries, scale, to),
            width => {
                // Wide rows go one group at a time.
                self.gather::<[[R; 4]]>(entries);
                self.weigh(entries);
                let count = groups(entries.len);
                for i in 0..self.rows {
                    let left = self.weighted.get(i * count..i * count + count).unwrap_or_default();
                    for g in 0..width {
                        let all = self.gathered.get(g..).unwrap_or_default().iter();
                        let right = all.step_by(width.max(1));
                        let mut sum = [[R::ZERO; 4]];
                        if self.pairing == Pairing::Ordered {
                            let right = right.map(core::array::from_ref);
                            ordered(i, left, right, entries, 4 * g, &mut sum);
                        } else {
                            let left = left.as_flattened().iter();
                            for (&a, b) in left.zip(right) {
                                difference(&mut sum, a, core::array::from_ref(b));
                            }
                        }
                        if let Some(to) = to.get_mut(i * width + g) {
                            *to = sum[0].map(|x| x * scale);
                        }
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn apply_with<const W: usize>(&mut self, entries: &Entries<'_, R>, scale: R, to: &mut [[R; 4]]) {
        self.gather::<[[R; 4]; W]>(entries);
        let right = self.gathered.as_chunks::<W>().0;
        let rows = to.as_chunks_mut::<W>().0.iter_mut().take(self.rows);
        if self.assignment && self.pairing != Pairing::Ordered {
            let (left, blocks) = (self.row_costs.as_chunks::<W>().0, right.as_chunks::<4>().0);
            for (to, left) in rows.zip(left) {
                *to = total(left, blocks, scale);
            }
            return;
        }
        self.weigh(entries);
        let right = self.gathered.as_chunks::<W>().0;
        let rows = to.as_chunks_mut::<W>().0.iter_mut().take(self.rows);
        let count = groups(entries.len);
        for (i, to) in rows.enumerate() {
            let left = self.weighted.get(i * count..i * count + count).unwrap_or_default();
            *to = if self.pairing == Pairing::Ordered {
                let mut sum = [[R::ZERO; 4]; W];
                ordered(i, left, right.iter(), entries, 0, &mut sum);
                sum.map(|x| x.map(|x| x * scale))
            } else {
                total(left, right.as_chunks::<4>().0, scale)
            };
        }
    }

    /// Gathers the rows of the right matrix; entries are padded to a multiple of four with zeros.
    #[inline(always)]
    fn gather<V: Row<R> + ?Sized>(&mut self, entries: &Entries<'_, R>) {
        let sign = if self.pairing == Pairing::Flow { -R::ONE } else { R::ONE };
        let list = entries.columns.iter().zip(entries.units.iter()).take(entries.len);
        for (e, (&l, &x)) in list.enumerate() {
            let Some(row) = V::of(self.column_costs, self.width, l as usize) else { return };
            let Some(to) = V::of_mut(self.gathered, self.width, e) else { return };
            let x = sign * x;
            for (to, row) in to.as_mut().iter_mut().zip(row.as_ref()) {
                *to = lanes(|l| x * row[l]);
            }
        }
        for e in entries.len..4 * groups(entries.len) {
            let Some(to) = V::of_mut(self.gathered, self.width, e) else { return };
            to.as_mut().fill([R::ZERO; 4]);
        }
    }

    /// Left costs times units, by left points and entries.
    #[inline(always)]
    fn weigh(&mut self, entries: &Entries<'_, R>) {
        let count = groups(entries.len);
        for i in 0..self.rows {
            let from = i * self.row_width..i * self.row_width + self.row_width;
            let Some(row) = self.row_costs.get(from) else { return };
            let Some(to) = self.weighted.get_mut(i * count..i * count + count) else { return };
            let row = row.as_flattened();
            let mut places = to.as_flattened_mut().iter_mut();
            for (to, (k, _, x)) in places.by_ref().zip(entries.iter()) {
                *to = x * get(row, k);
            }
            for (e, to) in to.as_flattened_mut().iter_mut().enumerate() {
                if e >= entries.len {
                    *to = R::ZERO;
                }
            }
        }
    }

    /// One coefficient w_ijkl.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline)]
    pub(crate) fn weight(&self, i: usize, j: usize, k: usize, l: usize) -> R {
        let counts = self.pairing != Pairing::Ordered || (i < k && j < l) || (i > k && j > l);
        if !counts {
            return R::ZERO;
        }
        let a = get(self.row_costs.as_flattened(), k * 4 * self.row_width + i);
        let b = get(self.column_costs.as_flattened(), l * 4 * self.width + j);
        (a - b).abs()
    }

    /// `scale` times W times the product of the masses, given in units.
    pub(crate) fn apply_product(&self, rows: &[R], columns: &[R], scale: R, to: &mut [[R; 4]]) {
        match self.width {
            2 if BY_WIDTH => self.product::<2>(rows, columns, scale, 0, to),
            4 if BY_WIDTH => self.product::<4>(rows, columns, scale, 0, to),
            width => (0..width).for_each(|g| self.product::<1>(rows, columns, scale, g, to)),
        }
    }

    /// The same for W groups of columns from group `first` on.
    #[inline(always)]
    fn product<const W: usize>(
        &self,
        rows: &[R],
        columns: &[R],
        scale: R,
        first: usize,
        to: &mut [[R; 4]],
    ) {
        let sign = if self.pairing == Pairing::Flow { -R::ONE } else { R::ONE };
        let places: [[R; 4]; W] = places(4 * first);
        for i in 0..self.rows {
            let from = i * self.row_width..i * self.row_width + self.row_width;
            let left = self.row_costs.get(from).unwrap_or_default().as_flattened();
            let mut sum = [[R::ZERO; 4]; W];
            for (k, (&a, &p)) in left.iter().zip(rows).enumerate() {
                let a = sign * a;
                for (l, &q) in columns.iter().enumerate() {
                    let right = self.column_costs.get(l * self.width + first..).unwrap_or_default();
                    let Some(right) = right.first_chunk::<W>() else { return };
                    let (mass, l) = (p * q, R::from_usize(l));
                    for ((sum, b), j) in sum.iter_mut().zip(right).zip(&places) {
                        *sum = lanes(|t| {
                            let counts = self.pairing != Pairing::Ordered
                                || (i < k && j[t] < l)
                                || (i > k && j[t] > l);
                            sum[t] + if counts { mass * (a - b[t]).abs() } else { R::ZERO }
                        });
                    }
                }
            }
            let to = to.get_mut(i * self.width + first..).unwrap_or_default();
            if let Some(to) = to.first_chunk_mut::<W>() {
                *to = sum.map(|x| x.map(|x| x * scale));
            }
        }
    }
}

/// The numbers of columns from `first` on, as reals.
#[inline(always)]
fn places<R: Real, const W: usize>(first: usize) -> [[R; 4]; W] {
    core::array::from_fn(|g| lanes(|lane| R::from_usize(first + 4 * g + lane)))
}

/// `scale` times the sum over entries of |left - right|, by columns.
#[inline(always)]
fn total<R: Real, const W: usize>(left: &[[R; 4]], right: &[[[[R; 4]; W]; 4]], scale: R) -> [[R; 4]; W] {
    let mut sum = [[R::ZERO; 4]; W];
    for (a, b) in left.iter().zip(right) {
        for (&a, b) in a.iter().zip(b) {
            difference(&mut sum, a, b);
        }
    }
    sum.map(|x| x.map(|x| x * scale))
}

#[inline(always)]
fn difference<R: Real, const W: usize>(sum: &mut [[R; 4]; W], a: R, b: &[[R; 4]; W]) {
    for (sum, b) in sum.iter_mut().zip(b) {
        *sum = lanes(|l| sum[l] + (a - b[l]).abs());
    }
}

/// The sum for left point i over entries of later left points and earlier columns, and the reverse.
#[inline(always)]
fn ordered<'a, R: Real, const W: usize>(
    i: usize,
    left: &[[R; 4]],
    right: impl Iterator<Item = &'a [[R; 4]; W]>,
    entries: &Entries<'_, R>,
    first: usize,
    sum: &mut [[R; 4]; W],
) {
    let places: [[R; 4]; W] = places(first);
    let list = entries.rows.iter().zip(&*entries.columns).take(entries.len);
    for ((&a, b), (&k, &l)) in left.as_flattened().iter().zip(right).zip(list) {
        let (k, l) = (k as usize, R::from_usize(l as usize));
        // Entries come by row, so that these branches turn once per row.
        if k > i {
            for ((sum, b), places) in sum.iter_mut().zip(b).zip(&places) {
                *sum = lanes(|t| {
                    let j = places[t];
                    sum[t] + if j < l { (a - b[t]).abs() } else { R::ZERO }
                });
            }
        } else if k < i {
            for ((sum, b), places) in sum.iter_mut().zip(b).zip(&places) {
                *sum = lanes(|t| {
                    let j = places[t];
                    sum[t] + if j > l { (a - b[t]).abs() } else { R::ZERO }
                });
            }
        }
    }
}
