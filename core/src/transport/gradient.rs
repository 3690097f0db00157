//! The operator W of the pairing: (W T)_ij = sum over k, l of w_ijkl T_kl, the gradient of Q.
//!
//! For `Full` and `Flow` w_ijkl = |A_ki - B_lj|; for `Ordered` the same where i < k and j < l or
//! i > k and j > l, else 0. W is symmetric and Q(T) = <T, W T> / 2 for each of them.
//! A vertex has at most n + m - 1 entries, so that W T costs O(nm(n + m)).

use super::gromov::{Pairing, Prepared};
use super::lanes::{BY_WIDTH, at, get, lanes, scale, set};
use super::vertex::{Entries, Solver};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;
use crate::rows::InRows;

/// Both sides' within-costs in padded rows, times what every use of them is multiplied with: the
/// weight of Q, and the mass of one unit.
#[derive(Debug)]
pub(crate) struct Operator<'a, R> {
    pub(crate) pairing: Pairing,
    /// Every entry of every plan has one unit, and entry i lies in row i.
    assignment: bool,
    /// Groups of four per row of the left and of the right matrix.
    row_width: usize,
    pub(crate) width: usize,
    row_costs: &'a [[R; 4]],
    column_costs: &'a [[R; 4]],
    /// The largest of either matrix, added.
    pub(crate) largest: R,
}

/// Memory that an operator needs: its own copies of the within-costs.
#[cfg_attr(not(feature = "small"), inline(always))]
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
        let factor = rest / solver.total;
        let mut largest = R::ZERO;
        let mut scaled = |from: &[[R; 4]]| -> Result<&'a [[R; 4]], Error> {
            let to = arena.reals(4 * from.len())?.as_chunks_mut().0;
            largest += scale(to, from, factor);
            Ok(to)
        };
        Ok(Self {
            pairing,
            assignment: solver.assignment,
            row_width: super::lanes::groups(problem.rows),
            width: solver.width,
            row_costs: scaled(problem.row_costs)?,
            column_costs: scaled(problem.column_costs)?,
            largest,
        })
    }

    /// W times a vertex.
    pub(crate) fn apply(&self, plan: &Entries<'_, R>, to: &mut [[R; 4]]) {
        let columns = plan.columns.get(..plan.len).unwrap_or_default();
        if !BY_WIDTH {
            let list = if self.assignment { Plan::Assignment(columns) } else { Plan::List(plan) };
            return self.apply_plan(list, to);
        }
        if !self.assignment {
            return self.apply_list::<false>(plan.iter(), to);
        }
        match self.width {
            1 => self.apply_assignment::<1>(columns, to),
            2 => self.apply_assignment::<2>(columns, to),
            3 => self.apply_assignment::<3>(columns, to),
            4 => self.apply_assignment::<4>(columns, to),
            _ => {
                let list = columns.iter().enumerate().map(|(k, &l)| (k, l as usize, R::ONE));
                self.apply_list::<true>(list, to);
            }
        }
    }

    /// W times an assignment of no more rows than W groups hold: all entries at once for each row.
    #[inline(always)]
    fn apply_assignment<const W: usize>(&self, columns: &[u32], to: &mut [[R; 4]]) {
        let lines = self.column_costs.as_chunks::<W>().0;
        let mut right = [[[[R::ZERO; 4]; W]; 4]; W];
        for (to, &l) in right.as_flattened_mut().iter_mut().zip(columns) {
            let Some(line) = lines.get(l as usize) else { return };
            *to = *line;
        }
        let rows = to.as_chunks_mut::<W>().0.iter_mut().zip(self.row_costs.as_chunks::<W>().0);
        match self.pairing {
            Pairing::Full => {
                for (to, left) in rows {
                    *to = over(left, &right, |a, b| (a - b).abs());
                }
            }
            // With antisymmetric costs the left matrix is read by rows, the other way round.
            Pairing::Flow => {
                for (to, left) in rows {
                    *to = over(left, &right, |a, b| (a + b).abs());
                }
            }
            Pairing::Ordered => {
                // An entry counts for the columns before its own in the rows above it, for those after it
                // in the rows below.
                let mut counts = [[[[R::NOTHING; 4]; W]; 4]; W];
                let counts = counts.as_flattened_mut();
                for (to, &l) in counts.iter_mut().zip(columns) {
                    *to = before::<R, W>(l as usize);
                }
                for (i, ((to, left), &l)) in rows.zip(columns).enumerate() {
                    set(counts, i, [[R::NOTHING; 4]; W]);
                    let mut sum = [[R::ZERO; 4]; W];
                    let entries = right.as_flattened().iter().zip(&*counts);
                    for (&a, (right, mask)) in left.as_flattened().iter().zip(entries) {
                        for ((sum, b), mask) in sum.iter_mut().zip(right).zip(mask) {
                            *sum = lanes(|t| sum[t] + (a - b[t]).masked(mask[t]));
                        }
                    }
                    *to = sum;
                    set(counts, i, after::<R, W>(l as usize));
                }
            }
        }
    }

    /// W times the plan of independent masses, `unit` of each product of units.
    pub(crate) fn apply_product(&self, rows: &[R], columns: &[R], unit: R, to: &mut [[R; 4]]) {
        if !BY_WIDTH {
            return self.apply_plan(Plan::Product(rows, columns, unit), to);
        }
        let product = rows
            .iter()
            .enumerate()
            .flat_map(|(k, &p)| columns.iter().enumerate().map(move |(l, &q)| (k, l, p * unit * q)));
        self.apply_list::<false>(product, to);
    }

    /// W times a plan, entry by entry: the same sums in less code.
    #[inline(never)]
    fn apply_plan(&self, plan: Plan<'_, R>, to: &mut [[R; 4]]) {
        let line = 4 * self.width;
        to.as_flattened_mut().fill(R::ZERO);
        for e in 0.. {
            let Some((k, l, x)) = plan.entry(e) else { return };
            let right = self.column_costs.as_flattened().get(l * line..).unwrap_or_default();
            let y = if self.pairing == Pairing::Flow { -x } else { x };
            let rows = to.in_rows_mut(self.width);
            for (i, (to, left)) in rows.zip(self.row_costs.in_rows(self.row_width)).enumerate() {
                let a = get(left.as_flattened(), k) * x;
                let counted = match self.pairing {
                    Pairing::Ordered if i < k => 0..l,
                    Pairing::Ordered if i > k => l + 1..line,
                    Pairing::Ordered => 0..0,
                    _ => 0..line,
                };
                let right = right.get(counted.clone()).unwrap_or_default();
                let to = to.as_flattened_mut().get_mut(counted).unwrap_or_default();
                for (to, &b) in to.iter_mut().zip(right) {
                    *to += (a - b * y).abs();
                }
            }
        }
    }

    /// W times a plan whose entries (row, column, units) come by rows. `UNIT`: they are those of an
    /// assignment.
    fn apply_list<const UNIT: bool>(
        &self,
        plan: impl Iterator<Item = (usize, usize, R)> + Clone,
        to: &mut [[R; 4]],
    ) {
        match self.width {
            1 => self.apply_with::<1, UNIT>(plan, 1, 0, to),
            2 => self.apply_with::<2, UNIT>(plan, 2, 0, to),
            3 => self.apply_with::<3, UNIT>(plan, 3, 0, to),
            4 => self.apply_with::<4, UNIT>(plan, 4, 0, to),
            // Wide rows go one group at a time.
            width => (0..width).for_each(|g| self.apply_with::<1, UNIT>(plan.clone(), width, g, to)),
        }
    }

    /// The same for W of the `width` groups of a row, from group `first` on.
    #[inline(always)]
    fn apply_with<const W: usize, const UNIT: bool>(
        &self,
        mut plan: impl Iterator<Item = (usize, usize, R)>,
        width: usize,
        first: usize,
        to: &mut [[R; 4]],
    ) {
        // With antisymmetric costs the left matrix is read by rows, the other way round.
        let sign = if self.pairing == Pairing::Flow { -R::ONE } else { R::ONE };
        let Some(none) = nothing::<R, W>() else { return };
        for number in 0.. {
            let mut block = Block {
                rows: [0; 4],
                units: [R::ZERO; 4],
                right: [[[R::ZERO; 4]; W]; 4],
                masks: [[none; 3]; 4],
            };
            let mut len = 0;
            for e in 0..4 {
                let Some((k, l, x)) = plan.next() else { break };
                len = e + 1;
                (block.rows[e], block.units[e]) = (k, x);
                let x = sign * x;
                let (right, masks) = (self.right::<W>(l, width, first), masks::<R, W>(l, first));
                let (Some(right), Some([before, after])) = (right, masks) else { return };
                block.right[e] = core::array::from_fn(|g| lanes(|t| right[g][t] * x));
                block.masks[e] = [before, none, after];
            }
            if len == 0 {
                return;
            }
            if self.pairing == Pairing::Ordered {
                self.add::<W, UNIT>(&block, number, [width, first], to, |i, sum, left| {
                    block.ordered(i, sum, left);
                });
            } else {
                self.add::<W, UNIT>(&block, number, [width, first], to, |_, sum, left| {
                    block.unordered(sum, left);
                });
            }
            if len < 4 {
                return;
            }
        }
    }

    /// Calls `add` with each row's number, W groups of its sum, and the left side of the block's
    /// entries. The first block begins with 0.
    #[inline(always)]
    fn add<const W: usize, const UNIT: bool>(
        &self,
        block: &Block<R, W>,
        number: usize,
        [width, first]: [usize; 2],
        to: &mut [[R; 4]],
        add: impl Fn(usize, &mut [[R; 4]; W], &[R; 4]),
    ) {
        let rows = to.in_rows_mut(width).zip(self.row_costs.in_rows(self.row_width));
        for (i, (to, left)) in rows.enumerate() {
            let Some(to) = to.get_mut(first..).and_then(<[_]>::first_chunk_mut) else { return };
            let left = if UNIT {
                left.get(number).copied().unwrap_or_default()
            } else {
                lanes(|e| get(left.as_flattened(), block.rows[e]) * block.units[e])
            };
            let mut sum = if number == 0 { [[R::ZERO; 4]; W] } else { *to };
            add(i, &mut sum, &left);
            *to = sum;
        }
    }

    /// <S, W S> of the assignment S of each point to the one with its own number, for `Ordered`.
    pub(crate) fn corner_square(&self) -> R {
        let total = match self.width {
            width if !BY_WIDTH => {
                let mut total = [R::ZERO; 4];
                for j in 0..4 * width {
                    let rows = self.row_costs.in_rows(width).zip(self.column_costs.in_rows(width));
                    let differences = rows.map(|(a, b)| (at(a, j) - at(b, j)).abs());
                    total[j % 4] += differences.fold(R::ZERO, |sum, x| sum + x);
                }
                total
            }
            1 => self.corner_sums::<1>(1, 0),
            2 => self.corner_sums::<2>(2, 0),
            width => (0..width).fold([R::ZERO; 4], |total, g| {
                let sum = self.corner_sums::<1>(width, g);
                lanes(|t| total[t] + sum[t])
            }),
        };
        (total[0] + total[2]) + (total[1] + total[3])
    }

    /// Sums of the places of W S that it counts, in W groups from group `first` on.
    #[inline(always)]
    fn corner_sums<const W: usize>(&self, width: usize, first: usize) -> [R; 4] {
        let width = width.max(1);
        let mut sums = [[R::ZERO; 4]; W];
        for (a, b) in self.row_costs.in_rows(width).zip(self.column_costs.in_rows(width)) {
            for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b).skip(first)) {
                *sum = lanes(|t| sum[t] + (a[t] - b[t]).abs());
            }
        }
        sums.iter().fold([R::ZERO; 4], |total, sum| lanes(|t| total[t] + sum[t]))
    }

    /// W groups of row `l` of the right matrix.
    #[inline(always)]
    fn right<const W: usize>(&self, l: usize, width: usize, first: usize) -> Option<&[[R; 4]; W]> {
        self.column_costs.get(l * width + first..).and_then(<[_]>::first_chunk)
    }

    /// Half of <D, W D> where D takes one unit each from (i, j) and (k, l) and gives one to (i, l) and (k, j).
    /// `i` and `k` differ, and so do `j` and `l`.
    #[inline(always)]
    pub(crate) fn curvature(&self, (i, j): (usize, usize), (k, l): (usize, usize)) -> R {
        let (rows, columns) = (self.row_costs.as_flattened(), self.column_costs.as_flattened());
        let (row, column) = (4 * self.row_width, 4 * self.width);
        let (a, b) = (get(rows, k * row + i), get(columns, l * column + j));
        let w = |a: R, b: R| (a - b).abs();
        if self.pairing == Pairing::Ordered {
            // Either what is taken is in order or what is given.
            return w(a, b);
        }
        let (of_i, of_k) = (get(rows, i * row + i), get(rows, k * row + k));
        let (of_j, of_l) = (get(columns, j * column + j), get(columns, l * column + l));
        // The same the other way round.
        let (a_back, b_back) = if self.pairing == Pairing::Flow { (-a, -b) } else { (a, b) };
        let own = w(of_i, of_j) + w(of_k, of_l) + w(of_i, of_l) + w(of_k, of_j);
        let across = w(of_i, b) + w(a, of_j) + w(a_back, of_l) + w(of_k, b_back);
        (R::HALF * own + w(a, b) + w(a, b_back)) - across
    }
}

/// A plan of any kind as one type, so that libraries built for size hold the operator once.
#[derive(Clone, Copy)]
enum Plan<'a, R> {
    /// The column of each row.
    Assignment(&'a [u32]),
    List(&'a Entries<'a, R>),
    /// Units of the rows and of the columns, and what their products are multiplied with.
    Product(&'a [R], &'a [R], R),
}

impl<R: Real> Plan<'_, R> {
    fn entry(&self, e: usize) -> Option<(usize, usize, R)> {
        match *self {
            Self::Assignment(columns) => columns.get(e).map(|&l| (e, l as usize, R::ONE)),
            Self::List(list) => (e < list.len).then(|| list.entry(e)),
            Self::Product(rows, columns, unit) => {
                let (k, l) = (e.checked_div(columns.len())?, e.checked_rem(columns.len())?);
                Some((k, l, *rows.get(k)? * unit * *columns.get(l)?))
            }
        }
    }
}

/// Four entries of a plan; without units where there are fewer.
struct Block<R: Real, const W: usize> {
    rows: [usize; 4],
    units: [R; 4],
    /// The entry's row of the right matrix times its units.
    right: [[[R; 4]; W]; 4],
    /// Magnitudes of the columns before the entry's, of none, and of those after it.
    masks: [[&'static [[R::Mask; 4]; W]; 3]; 4],
}

impl<R: Real, const W: usize> Block<R, W> {
    /// Adds |left - right| over the entries.
    #[inline(always)]
    fn unordered(&self, sum: &mut [[R; 4]; W], left: &[R; 4]) {
        for (&a, right) in left.iter().zip(&self.right) {
            for (sum, b) in sum.iter_mut().zip(right) {
                *sum = lanes(|t| sum[t] + (a - b[t]).abs());
            }
        }
    }

    /// The same where the order of the points counts: an entry below, in or above row i adds to the
    /// columns before its own, to none, to those after it.
    #[inline(always)]
    fn ordered(&self, i: usize, sum: &mut [[R; 4]; W], left: &[R; 4]) {
        let entries = self.rows.iter().zip(&self.right).zip(&self.masks);
        for (&a, ((&k, right), masks)) in left.iter().zip(entries) {
            let mask = masks[usize::from(k <= i) + usize::from(k < i)];
            for ((sum, b), mask) in sum.iter_mut().zip(right).zip(mask) {
                *sum = lanes(|t| sum[t] + (a - b[t]).masked(mask[t]));
            }
        }
    }
}

/// Sums of `f` over the numbers of a row on the left, each with a row on the right.
#[inline(always)]
fn over<R: Real, const W: usize>(
    left: &[[R; 4]; W],
    right: &[[[[R; 4]; W]; 4]; W],
    f: impl Fn(R, R) -> R,
) -> [[R; 4]; W] {
    let mut sum = [[R::ZERO; 4]; W];
    for (&a, right) in left.as_flattened().iter().zip(right.as_flattened()) {
        for (sum, b) in sum.iter_mut().zip(right) {
            *sum = lanes(|t| sum[t] + f(a, b[t]));
        }
    }
    sum
}

/// Magnitudes of the columns before column `l`, which is less than 16, nothing of the others.
#[inline(always)]
fn before<R: Real, const W: usize>(l: usize) -> [[R::Mask; 4]; W] {
    window::<R, W>(16 - l % 16).copied().unwrap_or([[R::NOTHING; 4]; W])
}

/// Those of the columns after it.
#[inline(always)]
fn after<R: Real, const W: usize>(l: usize) -> [[R::Mask; 4]; W] {
    window::<R, W>(31 - l % 16).copied().unwrap_or([[R::NOTHING; 4]; W])
}

/// Magnitudes of the columns before column `l`, nothing of the others, for W groups from group
/// `first` on; and the same for the columns after it.
#[inline(always)]
fn masks<R: Real, const W: usize>(l: usize, first: usize) -> Option<[&'static [[R::Mask; 4]; W]; 2]> {
    let (before, after) =
        (l.saturating_sub(4 * first).min(16), (l + 1).saturating_sub(4 * first).min(16));
    Some([window::<R, W>(16 - before)?, window::<R, W>(32 - after)?])
}

/// No column.
#[inline(always)]
fn nothing<R: Real, const W: usize>() -> Option<&'static [[R::Mask; 4]; W]> {
    window::<R, W>(16)
}

/// Up to 16 masks from place `at` on.
#[inline(always)]
fn window<R: Real, const W: usize>(at: usize) -> Option<&'static [[R::Mask; 4]; W]> {
    R::MASKS.as_flattened().get(at..)?.as_chunks().0.first_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::starts::mix;

    const N: usize = 5;
    /// Groups of four in a row.
    const WIDTH: usize = 2;

    /// Within-costs as the pairing has them: antisymmetric, or symmetric, without a diagonal where order counts.
    fn within(pairing: Pairing, seed: u64) -> [[f64; 4]; N * WIDTH] {
        let mut costs = [[0.0; 4]; N * WIDTH];
        for (i, j) in (0..N * N).map(|k| (k / N, k % N)) {
            let x = (mix(seed + (i.min(j) * N + i.max(j)) as u64) >> 40) as f64 / 16_777_216.0;
            costs[i * WIDTH + j / 4][j % 4] = match pairing {
                Pairing::Flow => x * (f64::from(u8::from(i < j)) - f64::from(u8::from(i > j))),
                Pairing::Ordered if i == j => 0.0,
                Pairing::Ordered | Pairing::Full => x,
            };
        }
        costs
    }

    /// What a trade costs beside its slope is half of <D, W D>, with W as it is applied to whole plans.
    #[test]
    fn curvature_is_that_of_the_operator() {
        for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
            let (row_costs, column_costs) = (within(pairing, 100), within(pairing, 200));
            let operator = Operator {
                pairing,
                assignment: true,
                row_width: WIDTH,
                width: WIDTH,
                row_costs: &row_costs,
                column_costs: &column_costs,
                largest: 0.0,
            };
            let image = |mut columns: [u32; N]| {
                let (mut rows, mut units) = (core::array::from_fn::<u32, N, _>(|i| i as u32), [1.0; N]);
                let plan = Entries { rows: &mut rows, columns: &mut columns, units: &mut units, len: N };
                let mut to = [[0.0; 4]; N * WIDTH];
                operator.apply(&plan, &mut to);
                to
            };
            for start in [[0, 1, 2, 3, 4], [3, 0, 4, 1, 2]] {
                let before = image(start);
                for (i, k) in (0..N * N).map(|p| (p / N, p % N)).filter(|(i, k)| i < k) {
                    let (j, l) = (start[i] as usize, start[k] as usize);
                    let mut traded = start;
                    traded.swap(i, k);
                    let after = image(traded);
                    let change = |i: usize, j: usize| {
                        after[i * WIDTH + j / 4][j % 4] - before[i * WIDTH + j / 4][j % 4]
                    };
                    let half = 0.5 * (change(i, l) + change(k, j) - change(i, j) - change(k, l));
                    let found = operator.curvature((i, j), (k, l));
                    assert!((found - half).abs() < 1e-14, "{pairing:?} {i} {k}: {found} {half}");
                }
            }
        }
    }
}
