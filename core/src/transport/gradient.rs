//! The operator W of the pairing: (W T)_ij = sum over k, l of w_ijkl T_kl, the gradient of Q.
//!
//! For `Full` and `Flow` w_ijkl = |A_ki - B_lj|; for `Ordered` the same where i < k and j < l or
//! i > k and j > l, else 0. W is symmetric and Q(T) = <T, W T> / 2 for each of them.
//! A vertex has at most n + m - 1 entries, so that W T costs O(nm(n + m)).

use super::gromov::{Pairing, Prepared};
use super::lanes::{BY_WIDTH, get, lanes};
use super::vertex::{Entries, Solver};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// Both sides' within-costs in padded rows, times what every use of them is multiplied with: the
/// weight of Q, and the mass of one unit.
#[derive(Debug)]
pub(crate) struct Operator<'a, R> {
    pub(crate) pairing: Pairing,
    /// Every entry of every plan has one unit, and entry i lies in row i.
    assignment: bool,
    rows: usize,
    /// Groups of four per row of the left and of the right matrix.
    row_width: usize,
    pub(crate) width: usize,
    row_costs: &'a [[R; 4]],
    column_costs: &'a [[R; 4]],
}

/// Memory that an operator needs: its own copies of the within-costs.
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let row_costs = Extent::reals(super::lanes::padded(rows)).times(rows);
    row_costs.and(Extent::reals(super::lanes::padded(columns)).times(columns))
}

impl<'a, R: Real> Operator<'a, R> {
    /// For plans in the units of `solver`, which are weighted with `rest` in all.
    pub(crate) fn new(
        problem: &Prepared<'_, R>,
        pairing: Pairing,
        rest: R,
        solver: &Solver<'_, R>,
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        let scale = rest / solver.total;
        let mut scaled = |from: &[[R; 4]]| -> Result<&'a [[R; 4]], Error> {
            let to = arena.reals(4 * from.len())?;
            to.iter_mut().zip(from.as_flattened()).for_each(|(to, &x)| *to = x * scale);
            Ok(to.as_chunks().0)
        };
        Ok(Self {
            pairing,
            assignment: solver.assignment,
            rows: problem.rows,
            row_width: super::lanes::groups(problem.rows),
            width: solver.width,
            row_costs: scaled(problem.row_costs)?,
            column_costs: scaled(problem.column_costs)?,
        })
    }

    /// W times a vertex.
    pub(crate) fn apply(&self, plan: &Entries<'_, R>, to: &mut [[R; 4]]) {
        if self.assignment {
            self.apply_list::<true>(plan.iter(), to);
        } else {
            self.apply_list::<false>(plan.iter(), to);
        }
    }

    /// W times a plan whose entries (row, column, units) come by rows. `UNIT`: they are those of an
    /// assignment.
    pub(crate) fn apply_list<const UNIT: bool>(
        &self,
        plan: impl Iterator<Item = (usize, usize, R)> + Clone,
        to: &mut [[R; 4]],
    ) {
        match self.width {
            1 if BY_WIDTH => self.apply_with::<1, UNIT>(plan, 0, to),
            2 if BY_WIDTH => self.apply_with::<2, UNIT>(plan, 0, to),
            3 if BY_WIDTH => self.apply_with::<3, UNIT>(plan, 0, to),
            4 if BY_WIDTH => self.apply_with::<4, UNIT>(plan, 0, to),
            // Wide rows go one group at a time.
            width => (0..width).for_each(|g| self.apply_with::<1, UNIT>(plan.clone(), g, to)),
        }
    }

    /// The same for W groups of columns from group `first` on.
    #[inline(always)]
    fn apply_with<const W: usize, const UNIT: bool>(
        &self,
        mut plan: impl Iterator<Item = (usize, usize, R)>,
        first: usize,
        to: &mut [[R; 4]],
    ) {
        // With antisymmetric costs the left matrix is read by rows, the other way round.
        let sign = if self.pairing == Pairing::Flow { -R::ONE } else { R::ONE };
        let ordered = self.pairing == Pairing::Ordered;
        let mut block = Block {
            rows: [0; 4],
            units: [R::ZERO; 4],
            right: [[[R::ZERO; 4]; W]; 4],
            masks: [[[[R::NOTHING; 4]; W]; 3]; 4],
        };
        for number in 0.. {
            let mut len = 0;
            for e in 0..4 {
                let entry = plan.next();
                len += usize::from(entry.is_some());
                let (k, l, x) = entry.unwrap_or_default();
                (block.rows[e], block.units[e]) = (k, x);
                let x = sign * x;
                let Some(right) = self.right::<W>(l, first) else { return };
                for (to, b) in block.right[e].iter_mut().zip(right) {
                    *to = lanes(|t| b[t] * x);
                }
                if ordered
                    && let (Some(before), Some(after)) =
                        (before::<R, W>(l, first), after::<R, W>(l, first))
                {
                    let [low, _, high] = &mut block.masks[e];
                    (*low, *high) = (*before, *after);
                }
            }
            if len > 0 {
                self.add::<W, UNIT>(&block, number, first, to);
            }
            if len < 4 {
                return;
            }
        }
    }

    /// Adds |left - right| over the entries of a block, or begins with them if it is the first.
    #[inline(always)]
    fn add<const W: usize, const UNIT: bool>(
        &self,
        block: &Block<R, W>,
        number: usize,
        first: usize,
        to: &mut [[R; 4]],
    ) {
        for i in 0..self.rows {
            let Some(to) = self.target::<W>(i, first, to) else { return };
            let row = i * self.row_width..i * self.row_width + self.row_width;
            let left = self.row_costs.get(row).unwrap_or_default();
            let left = if UNIT {
                left.get(number).copied().unwrap_or_default()
            } else {
                lanes(|e| get(left.as_flattened(), block.rows[e]) * block.units[e])
            };
            let mut sum = if number == 0 { [[R::ZERO; 4]; W] } else { *to };
            if self.pairing == Pairing::Ordered {
                let entries = block.rows.iter().zip(&block.right).zip(&block.masks);
                for (&a, ((&k, right), masks)) in left.iter().zip(entries) {
                    // An entry below, in or above row i counts in the columns before its own, in
                    // none, in those after it.
                    let mask = &masks[usize::from(k <= i) + usize::from(k < i)];
                    for ((sum, b), mask) in sum.iter_mut().zip(right).zip(mask) {
                        *sum = lanes(|t| sum[t] + (a - b[t]).masked(mask[t]));
                    }
                }
            } else {
                for (&a, right) in left.iter().zip(&block.right) {
                    for (sum, b) in sum.iter_mut().zip(right) {
                        *sum = lanes(|t| sum[t] + (a - b[t]).abs());
                    }
                }
            }
            *to = sum;
        }
    }

    /// W groups of row `i` of a result.
    #[inline(always)]
    fn target<'t, const W: usize>(
        &self,
        i: usize,
        first: usize,
        to: &'t mut [[R; 4]],
    ) -> Option<&'t mut [[R; 4]; W]> {
        if W == self.width {
            to.as_chunks_mut::<W>().0.get_mut(i)
        } else {
            to.get_mut(i * self.width + first..).and_then(|to| to.first_chunk_mut())
        }
    }

    /// W groups of row `l` of the right matrix.
    #[inline(always)]
    fn right<const W: usize>(&self, l: usize, first: usize) -> Option<&[[R; 4]; W]> {
        let row = self.column_costs.get(l * self.width + first..).unwrap_or_default();
        row.first_chunk()
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
}

/// Four entries of a plan; without units where there are fewer.
struct Block<R: Real, const W: usize> {
    rows: [usize; 4],
    units: [R; 4],
    /// The entry's row of the right matrix times its units.
    right: [[[R; 4]; W]; 4],
    /// For `Ordered`: magnitudes of the columns before the entry's, none, and those after it.
    masks: [[[[R::Mask; 4]; W]; 3]; 4],
}

/// Magnitudes of the columns before column `l`, nothing of the others, for W groups from group
/// `first` on.
#[inline(always)]
fn before<R: Real, const W: usize>(l: usize, first: usize) -> Option<&'static [[R::Mask; 4]; W]> {
    window::<R, W>(16 - l.saturating_sub(4 * first).min(16))
}

/// The same for the columns after column `l`.
#[inline(always)]
fn after<R: Real, const W: usize>(l: usize, first: usize) -> Option<&'static [[R::Mask; 4]; W]> {
    window::<R, W>(32 - (l + 1).saturating_sub(4 * first).min(16))
}

/// Up to 16 masks from place `at` on.
#[inline(always)]
fn window<R: Real, const W: usize>(at: usize) -> Option<&'static [[R::Mask; 4]; W]> {
    let from = R::MASKS.as_flattened().get(at..).unwrap_or_default().as_chunks().0;
    from.first_chunk()
}
