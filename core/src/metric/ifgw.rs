//! The distance of two cells.

use core::cmp::Ordering;

use super::Metric;
use super::cache::{DistanceCache, Kind, Known};
use crate::arch::{Cell, Fingerprint, MAX_NODES, costs, stride};
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;
use crate::rows::InRows;
use crate::transport::descent;
use crate::transport::gromov::{Effort, Pairing, Prepared, Solution};
use crate::transport::lanes::BY_WIDTH;

/// What solving a pair of cells took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) iterations: u32,
    pub(super) nodes: u32,
}

impl<R: Real> Metric<'_, R> {
    /// Memory that [`Metric::cell_distance`] needs for cells of so many nodes, in either order, with
    /// this effort in the settings.
    #[must_use]
    #[inline]
    pub const fn cell_workspace(a: usize, b: usize, effort: Effort) -> Extent {
        // As in `transport::exact`.
        if BY_WIDTH && a <= MAX_NODES && b <= MAX_NODES && !matches!(effort, Effort::Exact) {
            Self::extent(a, b, Effort::Fast)
        } else {
            Self::large(a, b, effort)
        }
    }

    #[cold]
    #[inline(never)]
    const fn large(a: usize, b: usize, effort: Effort) -> Extent {
        Self::extent(a, b, effort)
    }

    #[inline(always)]
    const fn extent(a: usize, b: usize, effort: Effort) -> Extent {
        #[inline(always)]
        const fn ordered(a: usize, b: usize, effort: Effort) -> Extent {
            let matrices = product(a, stride(a))
                .saturating_add(product(b, stride(b)))
                .saturating_add(product(a, stride(b)));
            Extent::reals(matrices).and(descent::prepared_workspace(a, b, effort))
        }
        let plan = Extent::reals(product(a, b));
        ordered(a, b, effort).or(ordered(b, a, effort)).and(plan)
    }

    /// iFGW between two cells.
    ///
    /// `plan` receives the transport plan, `a.nodes()` x `b.nodes()`, row-major, in the caller's node
    /// order of both cells. In canonical order it is `plan[a.order()[i] * m + b.order()[j]]`.
    /// Of several best plans one is returned, always the same.
    ///
    /// # Errors
    /// [`Error::TableMismatch`] if a cell was made with another table, [`Error::DimensionMismatch`]
    /// for a plan of another size, [`Error::MemoryTooSmall`], see [`Metric::cell_workspace`].
    pub fn cell_distance(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        plan: Option<&mut [R]>,
        mut arena: Arena<'_, R>,
    ) -> Result<Solution<R>, Error> {
        self.check(a)?;
        self.check(b)?;
        let (n, m) = (a.nodes(), b.nodes());
        if plan.as_ref().is_some_and(|plan| plan.len() != n * m) {
            return Err(Error::DimensionMismatch);
        }
        arena.require(Self::cell_workspace(n, m, self.settings.effort))?;
        let Some(plan) = plan else {
            return self.solve(a, b, arena);
        };
        let sorted = arena.reals(n * m)?;
        match self.compare(a, b) {
            Ordering::Equal => {
                sorted.fill(R::ZERO);
                let rows = sorted.in_rows_mut(m).zip(a.masses());
                for (i, (row, &mass)) in rows.enumerate() {
                    if let Some(x) = row.get_mut(i) {
                        *x = mass;
                    }
                }
                place(a, b, sorted, plan, false);
                Ok(nothing_to_move())
            }
            order => {
                let transposed = order == Ordering::Greater;
                let (x, y) = if transposed { (b, a) } else { (a, b) };
                let solution = self.solve_ordered(x, y, Some(sorted), arena)?;
                place(x, y, sorted, plan, transposed);
                Ok(solution)
            }
        }
    }

    /// The node costs of two cells, `a.nodes()` x `b.nodes()`, row-major, in canonical order:
    /// `epsilon * (D + weighted attribute differences) + (1 - epsilon) * H`. Scratch:
    /// [`Metric::cell_workspace`].
    ///
    /// # Errors
    /// [`Error::TableMismatch`], [`Error::DimensionMismatch`] for an `out` of another size,
    /// [`Error::MemoryTooSmall`].
    pub fn node_costs(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        out: &mut [R],
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        self.check(a)?;
        self.check(b)?;
        let (n, m) = (a.nodes(), b.nodes());
        if out.len() != n * m {
            return Err(Error::DimensionMismatch);
        }
        let cost = arena.reals(n * b.stride())?;
        self.between(a, b, cost);
        let rows = out.in_rows_mut(m).zip(cost.in_rows(b.stride()));
        for (to, row) in rows {
            copy(to, row);
        }
        Ok(())
    }

    pub(super) fn check(&self, cell: &Cell<'_, R>) -> Result<(), Error> {
        if cell.table() == self.table.fingerprint() { Ok(()) } else { Err(Error::TableMismatch) }
    }

    /// What the costs of the pairing can tell apart: reachability counts for `Flow` only.
    fn compare(&self, a: &Cell<'_, R>, b: &Cell<'_, R>) -> Ordering {
        match self.settings.pairing {
            Pairing::Flow => a.compare(b),
            Pairing::Ordered | Pairing::Full => a.compare_lists(b),
        }
    }

    fn solve(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        arena: Arena<'_, R>,
    ) -> Result<Solution<R>, Error> {
        match self.compare(a, b) {
            Ordering::Equal => Ok(nothing_to_move()),
            Ordering::Less => self.solve_ordered(a, b, None, arena),
            Ordering::Greater => self.solve_ordered(b, a, None, arena),
        }
    }

    /// The distance of two checked cells, from the cache if it is known there. The second result is
    /// what solving took: nothing for a known or equal pair.
    pub(super) fn known(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        mut cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<(Known<R>, Option<Work>), Error> {
        if let Some(known) = self.remembered(a, b, cache.as_deref_mut()) {
            return Ok((known, None));
        }
        let solved = self.solve(a, b, arena)?;
        let Solution { iterations, nodes, starts, value, lower_bound, .. } = solved;
        let known = Known {
            value,
            lower_bound,
            marginal_residual: solved.marginal_residual,
            proved_optimal: solved.proved_optimal,
        };
        let work = (starts > 0).then_some(Work { iterations, nodes });
        if let Some(cache) = cache {
            let key = self.cells_key(&a.fingerprint(), &b.fingerprint());
            cache.put(Kind::Cells, &key, known);
        }
        Ok((known, work))
    }

    /// What needs no solving: the distance of equal cells and of a pair that the cache knows.
    pub(super) fn remembered(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        cache: Option<&mut DistanceCache<'_, R>>,
    ) -> Option<Known<R>> {
        let (x, y) = (a.fingerprint(), b.fingerprint());
        if x == y {
            return Some(Known::SAME);
        }
        cache.and_then(|cache| cache.get(&self.cells_key(&x, &y)))
    }

    fn cells_key(&self, a: &Fingerprint, b: &Fingerprint) -> Fingerprint {
        DistanceCache::<R>::pair(Kind::Cells, self.part.into(), a, b)
    }

    fn solve_ordered(
        &self,
        a: &Cell<'_, R>,
        b: &Cell<'_, R>,
        plan: Option<&mut [R]>,
        mut arena: Arena<'_, R>,
    ) -> Result<Solution<R>, Error> {
        // In place: as a value it would be on the stack twice.
        let prepared = self.prepare(a, b, &mut arena);
        let prepared = prepared.as_ref().map_err(|error| *error)?;
        descent::solve_prepared(prepared, &self.settings.solver(), plan, arena)
    }

    /// The problem between two cells.
    #[cfg_attr(feature = "small", inline(never))]
    fn prepare<'p, 'w: 'p>(
        &self,
        a: &'p Cell<'_, R>,
        b: &'p Cell<'_, R>,
        arena: &mut Arena<'w, R>,
    ) -> Result<Prepared<'p, R>, Error> {
        let (n, m) = (a.nodes(), b.nodes());
        let cost = arena.reals(n * b.stride())?;
        let row_costs = arena.reals(n * a.stride())?;
        let column_costs = arena.reals(m * b.stride())?;
        self.between(a, b, cost);
        self.within(a, row_costs);
        self.within(b, column_costs);
        Ok(Prepared {
            rows: n,
            columns: m,
            cost: cost.as_chunks().0,
            row_costs: row_costs.as_chunks().0,
            column_costs: column_costs.as_chunks().0,
            row_masses: (!a.is_uniform()).then(|| a.masses()),
            column_masses: (!b.is_uniform()).then(|| b.masses()),
        })
    }

    /// Node costs between two cells, in padded rows.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn between(&self, a: &Cell<'_, R>, b: &Cell<'_, R>, out: &mut [R]) {
        let (a, b) = (a.as_nodes(), b.as_nodes());
        let (epsilon, rest) = (self.settings.epsilon, R::ONE - self.settings.epsilon);
        costs::structure(&a, &b, out);
        costs::operations(&self.table, &a, &b, out, Some([epsilon, rest]));
    }

    /// Node costs within a cell, in padded rows; for `Flow` positive where the column is reached from
    /// the row, negative where the row is reached from the column, else 0.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn within(&self, cell: &Cell<'_, R>, out: &mut [R]) {
        let (epsilon, rest) = (self.settings.epsilon, R::ONE - self.settings.epsilon);
        let (operation, structure) = (cell.within_operation(), cell.within_structure());
        if self.settings.pairing != Pairing::Flow {
            for ((to, &d), &h) in out.iter_mut().zip(operation).zip(structure) {
                *to = epsilon * d + rest * h;
            }
            return;
        }
        out.fill(R::ZERO);
        let line = cell.stride();
        for (i, &reached) in cell.reachability().iter().enumerate() {
            let mut left = reached;
            while left != 0 {
                let k = left.trailing_zeros() as usize;
                left &= left - 1;
                let at = i * line + k;
                let (Some(&d), Some(&h)) = (operation.get(at), structure.get(at)) else { continue };
                let cost = epsilon * d + rest * h;
                for (at, cost) in [(at, cost), (k * line + i, -cost)] {
                    if let Some(to) = out.get_mut(at) {
                        *to = cost;
                    }
                }
            }
        }
    }
}

/// The solution for equal cells.
fn nothing_to_move<R: Real>() -> Solution<R> {
    Solution {
        value: R::ZERO,
        lower_bound: R::ZERO,
        gap: R::ZERO,
        marginal_residual: R::ZERO,
        iterations: 0,
        starts: 0,
        nodes: 0,
        proved_optimal: true,
    }
}

/// Writes a canonical plan of (a, b) in the callers' orders, transposed on request.
fn place<R: Real>(a: &Cell<'_, R>, b: &Cell<'_, R>, sorted: &[R], plan: &mut [R], transposed: bool) {
    let (n, m) = (a.nodes(), b.nodes());
    for (row, &i) in sorted.in_rows(m).zip(a.order()) {
        for (&x, &j) in row.iter().zip(b.order()) {
            let (i, j) = (usize::from(i), usize::from(j));
            if let Some(to) = plan.get_mut(if transposed { j * n + i } else { i * m + j }) {
                *to = x;
            }
        }
    }
}
