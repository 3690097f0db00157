//! Lower bounds on distances by transport.
//!
//! The linear term is a transport problem. So is a lower bound on the quadratic one for
//! [`Pairing::Full`] and [`Pairing::Flow`]: whatever the plan, the node costs that i sees from its side
//! have to be moved to those that j sees, which costs at least L_ij, the one-dimensional transport cost
//! between column i of the one within matrix and column j of the other. Therefore
//!
//! ```text
//! iFGW >= min over T of sum T_ij G_ij,   G = lambda C + (1 - lambda) / 2 L
//! ```
//!
//! (the third lower bound of Memoli 2011, with the fused term). For uniform masses L comes from sorted
//! columns; otherwise it is the difference of the columns' means. For [`Pairing::Ordered`] L is 0: a plan
//! that reverses the order has no quadratic cost.
//!
//! **Rounding.** A bound is compared with distances as they are computed. A computed distance is a sum of
//! non-negative products over a plan whose marginals are right up to rounding, so it falls short of the
//! exact value at that plan by a relative error of at most nm/4 + 2(n + m) rounding units; masses in whole
//! units, potentials and G itself add fewer than 14 (n + m). Every bound is lowered by nm + 16 (n + m)
//! times the rounding unit of the largest G.

use super::Metric;
use super::cache::{DistanceCache, Known};
use super::pairs::Pairs;
use crate::arch::{Cell, MAX_NODES, Network, stride};
use crate::error::Error;
use crate::memory::Arena;
use crate::real::Real;
use crate::rows::InRows;
use crate::transport::gromov::Pairing;
use crate::transport::lanes::{BY_WIDTH, change, lanes, largest};
use crate::transport::vertex::Solver;

/// What told that a distance is not below a limit, or how it was found. In the order of their costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Stage {
    /// A bound by what marginals and means differ by.
    Moments = 0,
    /// A bound by exact transport, with a lower bound on the quadratic term in the costs.
    Transport = 1,
    /// The distance itself.
    Solved = 2,
}

impl<R: Real> Metric<'_, R> {
    /// No distance of the two cells that [`Metric::cell_distance`] computes is less than this. Memory:
    /// [`Metric::cell_workspace`].
    pub(super) fn cell_bound(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        mut arena: Arena<'_, R>,
    ) -> Result<R, Error> {
        let (n, m) = (a.nodes(), b.nodes());
        let cost = arena.reals(n * b.stride())?;
        self.between(a, b, cost);
        let lambda = self.settings.lambda;
        cost.iter_mut().for_each(|x| *x *= lambda);
        if self.settings.pairing != Pairing::Ordered && lambda < R::ONE {
            let left = arena.reals(n * a.stride())?;
            let right = arena.reals(m * b.stride())?;
            self.within(a, left);
            self.within(b, right);
            let weight = (R::ONE - lambda) * R::HALF;
            if a.is_uniform() && b.is_uniform() {
                sort_columns(left, a.stride());
                sort_columns(right, b.stride());
                add_sorted(left, right, (n, m), weight, cost);
            } else {
                let left = means(left, a.masses(), a.stride());
                let right = means(right, b.masses(), b.stride());
                add_differences(&left, &right, weight, b.stride(), cost);
            }
            for row in cost.in_rows_mut(b.stride()) {
                row.iter_mut().skip(m).for_each(|x| *x = R::ZERO);
            }
        }
        let cost = cost.as_chunks().0;
        let p = (!a.is_uniform()).then(|| a.masses());
        let q = (!b.is_uniform()).then(|| b.masses());
        let bound = transport(cost, p, q, (n, m), arena)?;
        Ok((bound - rounding::<R>(n, m) * largest(cost)).max(R::ZERO))
    }

    /// The same for two networks. Distances of cells that the cache knows stand for their bounds.
    /// Peers have no bounds: all their distances are computed.
    /// Memory: [`Metric::workspace`].
    pub(super) fn network_bound(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<R, Error> {
        if self.settings.distance.is_peer() {
            return Ok(R::ZERO);
        }
        let (n, m) = (a.len(), b.len());
        let mut pairs = Pairs::new(a, b, &mut arena)?;
        for &s in a.sequence() {
            for &t in b.sequence() {
                let (i, j) = pairs.representatives(s, t);
                if self.settings.eta >= R::ONE || pairs.get(i, j).is_some() {
                    continue;
                }
                let (Some(x), Some(y)) = (a.cell(i), b.cell(j)) else {
                    return Err(Error::DimensionMismatch);
                };
                let cache = cache.as_deref_mut();
                let value = match self.remembered(&x, &y, cache) {
                    Some(known) => known.value,
                    None => self.cell_bound(&x, &y, arena.scope())?,
                };
                pairs.set(i, j, Known { value, ..Known::SAME });
            }
        }
        let cost = arena.reals(n * stride(m))?.as_chunks_mut().0;
        self.outer_costs(a, b, &pairs, |p| p.value, cost);
        let bound = transport(cost, a.masses(), b.masses(), (n, m), arena)?;
        Ok((bound - rounding::<R>(n, m) * largest(cost)).max(R::ZERO))
    }
}

/// What rounding may take from a computed distance or add to a bound, relative to the largest cost.
pub(super) fn rounding<R: Real>(n: usize, m: usize) -> R {
    R::from_usize(n * m + 16 * (n + m)) * R::EPSILON
}

/// The least transport cost.
fn transport<R: Real>(
    cost: &[[R; 4]],
    p: Option<&[R]>,
    q: Option<&[R]>,
    (n, m): (usize, usize),
    mut arena: Arena<'_, R>,
) -> Result<R, Error> {
    let mut solver = Solver::new(n, m, p, q, &mut arena)?;
    solver.cold(cost);
    solver.solve(cost);
    Ok(solver.value(cost))
}

/// Sorts every column of a matrix in rows of `line` numbers: a network of exchanges between rows.
fn sort_columns<R: Real>(matrix: &mut [R], line: usize) {
    let rows = matrix.len() / line.max(1);
    for end in 1..rows {
        for i in (1..=end).rev() {
            let Some((above, below)) = matrix.split_at_mut_checked(i * line) else { return };
            let above = above.get_mut((i - 1) * line..).unwrap_or_default();
            if !BY_WIDTH {
                for (x, y) in above.iter_mut().zip(below).take(line) {
                    (*x, *y) = (x.min(*y), y.max(*x));
                }
                continue;
            }
            let above = above.as_chunks_mut::<4>().0;
            for (x, y) in above.iter_mut().zip(below.as_chunks_mut::<4>().0).take(line / 4) {
                let (low, high) = (lanes(|l| x[l].min(y[l])), lanes(|l| y[l].max(x[l])));
                (*x, *y) = (low, high);
            }
        }
    }
}

/// Adds `weight` times the transport cost between sorted columns of equal masses.
fn add_sorted<R: Real>(left: &[R], right: &[R], (n, m): (usize, usize), weight: R, cost: &mut [R]) {
    let (left_line, line) = ((left.len() / n.max(1)).max(1), (right.len() / m.max(1)).max(1));
    let unit = weight / R::from_usize(n * m);
    let (mut k, mut l, mut done) = (0, 0, 0);
    // Each step moves what two ranks share: [k / n, (k + 1) / n] and [l / m, (l + 1) / m].
    while k < n && l < m {
        let (end_left, end_right) = ((k + 1) * m, (l + 1) * n);
        let end = end_left.min(end_right);
        let mass = unit * R::from_usize(end - done);
        let left = left.get(k * left_line..k * left_line + n).unwrap_or_default();
        let right = right.get(l * line..(l + 1) * line).unwrap_or_default();
        add_differences(left, right, mass, line, cost);
        done = end;
        k += usize::from(end == end_left);
        l += usize::from(end == end_right);
    }
}

/// Adds `weight` times |left_i - right_j|.
#[inline(always)]
fn add_differences<R: Real>(left: &[R], right: &[R], weight: R, line: usize, cost: &mut [R]) {
    let right = right.as_chunks::<4>().0;
    for (row, &x) in cost.in_rows_mut(line).zip(left) {
        change(row.as_chunks_mut().0, right, |to, y| to + weight * (x - y).abs());
    }
}

/// The mean of every column under the masses of the rows.
fn means<R: Real>(matrix: &[R], masses: &[R], line: usize) -> [R; MAX_NODES] {
    let mut means = [R::ZERO; MAX_NODES];
    for (row, &mass) in matrix.in_rows(line).zip(masses) {
        means.iter_mut().zip(row).for_each(|(to, &x)| *to += mass * x);
    }
    means
}
