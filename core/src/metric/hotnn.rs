//! The distance of two networks.

use core::cmp::Ordering;

use super::cache::{DistanceCache, Kind, Known};
use super::pairs::Pairs;
use super::{MAX_PARTS, Metric};
use crate::arch::{Network, stride};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::Real;
use crate::rows::InRows;
use crate::transport::gromov::Effort;
use crate::transport::vertex::{self, Solver};

/// What the memory for a distance depends on: the larger of both networks in every respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkShape {
    /// Nodes of a cell, at most.
    pub nodes: usize,
    /// Listed cells, at most.
    pub distinct: usize,
    /// Cells with repetition, at most.
    pub cells: usize,
}

impl NetworkShape {
    /// The shape of one network.
    #[must_use]
    #[cfg_attr(feature = "small", inline(never))]
    pub fn of<R: Real>(network: &Network<'_, R>) -> Self {
        Self { nodes: network.max_nodes(), distinct: network.distinct(), cells: network.len() }
    }

    /// A shape for both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.max(other.nodes),
            distinct: self.distinct.max(other.distinct),
            cells: self.cells.max(other.cells),
        }
    }
}

/// What [`Metric::network_distance`] found besides the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkSolution<R> {
    /// HOTNN.
    pub value: R,
    /// HOTNN cannot be smaller, whatever better plans there may be inside the cells.
    pub lower_bound: R,
    /// Sum over both sides of the absolute differences between the plan's marginals and the masses.
    pub marginal_residual: R,
    /// Pairs of cells that were solved for this answer: not those known to the cache, not equal cells.
    pub cell_pairs_solved: u32,
    /// Frank-Wolfe steps of all these pairs together.
    pub iterations: u32,
    /// Nodes of the branch and bound of all these pairs together; 0 unless the effort is
    /// [`Effort::Exact`].
    pub nodes: u32,
    /// Every pair of cells that occurs is proved to have its least distance; the outer transport is
    /// always exact.
    pub proved_optimal: bool,
}

impl<R: Real> Metric<'_, R> {
    /// Memory that HOTNN needs for networks within `shape`, with this effort in the settings.
    #[must_use]
    pub const fn network_workspace(shape: &NetworkShape, effort: Effort) -> Extent {
        let n = shape.cells;
        let matrix = Extent::reals(product(n, stride(n)));
        let outer = vertex::workspace(n, n).and(matrix.times(2));
        Pairs::<R>::extent(shape.distinct, shape.distinct)
            .and(Self::cell_workspace(shape.nodes, shape.nodes, effort).or(outer))
    }

    /// Memory that a distance or the parts of a distance of networks within `shape` need, whatever the
    /// settings.
    #[must_use]
    pub fn workspace(&self, shape: &NetworkShape) -> Extent {
        match (self.settings.distance.is_peer(), self.peers) {
            (true, Some(peers)) => (peers.workspace)(self, shape),
            _ => Self::network_workspace(shape, self.settings.effort),
        }
    }

    /// The distance of two networks, HOTNN unless the settings say otherwise. Each unordered pair of distinct
    /// cells is solved at most once.
    ///
    /// `plan` receives the transport plan, `a.len()` x `b.len()`, row-major, in the order of the
    /// sequences. `cache` spares pairs that were solved before; the result is the same without it,
    /// except for [`NetworkSolution::cell_pairs_solved`], [`NetworkSolution::iterations`] and
    /// [`NetworkSolution::nodes`]. A known pair of networks is taken from the cache only if no plan is asked for.
    ///
    /// The lower bound is that of the cell pairs, carried through the outer transport: for
    /// [`Effort::Fast`] by the largest slack of a pair, else by solving it for the bounds.
    ///
    /// # Errors
    /// [`Error::TableMismatch`] if a network was made with another table,
    /// [`Error::DimensionMismatch`] for a plan of another size, [`Error::MemoryTooSmall`], see
    /// [`Metric::workspace`]; [`Error::NoPlan`] if a plan is asked for and the distance is another than
    /// HOTNN.
    pub fn network_distance(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        plan: Option<&mut [R]>,
        mut cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<NetworkSolution<R>, Error> {
        self.check_network(a)?;
        self.check_network(b)?;
        let (n, m) = (a.len(), b.len());
        if plan.as_ref().is_some_and(|plan| plan.len() != n * m) {
            return Err(Error::DimensionMismatch);
        }
        let shape = NetworkShape::of(a).or(NetworkShape::of(b));
        arena.require(self.workspace(&shape))?;
        if self.settings.distance.is_peer() {
            return self.peer_distance(a, b, plan, cache, arena);
        }
        if let Some(cache) = cache.as_deref_mut() {
            cache.bind(&self.fingerprint);
        }
        let key = DistanceCache::<R>::pair(Kind::Networks, 0, &a.fingerprint(), &b.fingerprint());
        if plan.is_none()
            && let Some(known) = cache.as_deref_mut().and_then(|cache| cache.get(&key))
        {
            return Ok(known.into());
        }
        let solution = self.uncached(a, b, plan, cache.as_deref_mut(), arena)?;
        if let Some(cache) = cache {
            cache.put(
                Kind::Networks,
                &key,
                Known {
                    value: solution.value,
                    lower_bound: solution.lower_bound,
                    marginal_residual: solution.marginal_residual,
                    proved_optimal: solution.proved_optimal,
                },
            );
        }
        Ok(solution)
    }

    #[cfg_attr(feature = "small", inline(never))]
    fn peer_distance(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        plan: Option<&mut [R]>,
        cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<NetworkSolution<R>, Error> {
        if plan.is_some() {
            return Err(Error::NoPlan);
        }
        let mut parts = [R::ZERO; MAX_PARTS];
        let parts = parts.get_mut(..self.parts()).unwrap_or_default();
        self.peer_parts(a, b, parts, cache, arena)?;
        let value = self.settings.distance.whole(parts);
        Ok(Known { value, lower_bound: value, ..Known::SAME }.into())
    }

    /// The distance of two checked networks, whatever is known about them; `cache` is for their cells.
    pub(super) fn uncached(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        plan: Option<&mut [R]>,
        cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<NetworkSolution<R>, Error> {
        if a.fingerprint() == b.fingerprint() {
            if let Some(plan) = plan {
                identity(a, plan);
            }
            return Ok(Known::SAME.into());
        }
        let (x, y, transposed) = match a.compare(b) {
            Ordering::Greater => (b, a, true),
            _ => (a, b, false),
        };
        self.solve_networks(x, y, plan.map(|p| (p, transposed)), cache, arena)
    }

    pub(super) fn check_network(&self, network: &Network<'_, R>) -> Result<(), Error> {
        if network.table() == self.table.fingerprint() { Ok(()) } else { Err(Error::TableMismatch) }
    }

    fn solve_networks(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        plan: Option<(&mut [R], bool)>,
        cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<NetworkSolution<R>, Error> {
        let mut pairs = Pairs::new(a, b, &mut arena);
        let pairs = pairs.as_mut().map_err(|error| *error)?;
        let mut solution: NetworkSolution<R> = Known::SAME.into();
        // Without weight on the cells nothing about them need be known.
        if self.settings.eta < R::ONE {
            self.solve_pairs(a, b, pairs, cache, &mut solution, arena.scope())?;
        }
        self.solve_outer(a, b, pairs, plan, &mut solution, arena)?;
        Ok(solution)
    }

    /// The transport between the cells, whose distances are known.
    #[cfg_attr(feature = "small", inline(never))]
    fn solve_outer(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        pairs: &Pairs<'_, R>,
        plan: Option<(&mut [R], bool)>,
        solution: &mut NetworkSolution<R>,
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        let (n, m) = (a.len(), b.len());
        let line = stride(m);
        let cost = arena.reals(n * line)?.as_chunks_mut().0;
        let carried = arena.reals(n * line)?.as_chunks_mut().0;
        let mut solver = Solver::new(n, m, a.masses(), b.masses(), &mut arena);
        let solver = solver.as_mut().map_err(|error| *error)?;
        self.outer_costs(a, b, pairs, |p| p.value, cost);
        solver.cold(cost);
        solver.solve(cost);
        let transport = |solver: &Solver<'_, R>, cost: &[[R; 4]]| solver.value(cost).max(R::ZERO);
        solution.value = transport(solver, cost);
        carried.fill([R::ZERO; 4]);
        solver.entries.scatter(solver.assignment, R::ONE / solver.total, line / 4, carried);
        solution.marginal_residual = solver.residual(carried, a.masses(), b.masses());
        if let Some((plan, transposed)) = plan {
            for (s, row) in carried.as_flattened().in_rows(line).enumerate() {
                for (t, &x) in row.iter().enumerate().take(m) {
                    if let Some(to) = plan.get_mut(if transposed { t * n + s } else { s * m + t }) {
                        *to = x;
                    }
                }
            }
        }
        solution.lower_bound = solution.value;
        if !solution.proved_optimal {
            let bound = if self.settings.effort == Effort::Fast {
                let slack = (R::ONE - self.settings.eta) * pairs.largest_slack();
                solution.value - slack
            } else {
                self.outer_costs(a, b, pairs, |p| p.lower_bound, cost);
                solver.cold(cost);
                solver.solve(cost);
                transport(solver, cost)
            };
            solution.lower_bound = bound.max(R::ZERO).min(solution.value);
        }
        Ok(())
    }

    /// Makes the distance of every pair of cells known that occurs.
    #[cfg_attr(feature = "small", inline(never))]
    fn solve_pairs(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        pairs: &mut Pairs<'_, R>,
        mut cache: Option<&mut DistanceCache<'_, R>>,
        solution: &mut NetworkSolution<R>,
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        for &s in a.sequence() {
            for &t in b.sequence() {
                let (i, j) = pairs.representatives(s, t);
                if pairs.get(i, j).is_some() {
                    continue;
                }
                let known = match pairs.exchanged(i, j) {
                    Some(known) => known,
                    None => {
                        let (x, y) = (a.cell(i), b.cell(j));
                        let (Some(x), Some(y)) = (&x, &y) else {
                            return Err(Error::DimensionMismatch);
                        };
                        let (known, work) = self.known(x, y, cache.as_deref_mut(), arena.scope())?;
                        if let Some(work) = work {
                            solution.cell_pairs_solved += 1;
                            solution.iterations = solution.iterations.saturating_add(work.iterations);
                            solution.nodes = solution.nodes.saturating_add(work.nodes);
                        }
                        known
                    }
                };
                solution.proved_optimal &= known.proved_optimal;
                pairs.set(i, j, known);
            }
        }
        Ok(())
    }

    /// `(1 - eta) * part + eta * |position difference|` in padded rows.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn outer_costs(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        pairs: &Pairs<'_, R>,
        part: fn(&Known<R>) -> R,
        out: &mut [[R; 4]],
    ) {
        let (eta, rest) = (self.settings.eta, R::ONE - self.settings.eta);
        let line = stride(b.len());
        out.fill([R::ZERO; 4]);
        let rows = out.as_flattened_mut().in_rows_mut(line).zip(a.sequence());
        for (s, (row, &from)) in rows.enumerate() {
            let x = a.position(s);
            for (t, (cost, &to)) in row.iter_mut().zip(b.sequence()).enumerate() {
                let (i, j) = pairs.representatives(from, to);
                let cells = pairs.get(i, j).map_or(R::ZERO, |p| part(&p));
                *cost = rest * cells + eta * (x - b.position(t)).abs();
            }
        }
    }
}

impl<R: Real> From<Known<R>> for NetworkSolution<R> {
    fn from(known: Known<R>) -> Self {
        Self {
            value: known.value,
            lower_bound: known.lower_bound,
            marginal_residual: known.marginal_residual,
            cell_pairs_solved: 0,
            iterations: 0,
            nodes: 0,
            proved_optimal: known.proved_optimal,
        }
    }
}

/// The plan of a network to itself.
fn identity<R: Real>(network: &Network<'_, R>, plan: &mut [R]) {
    let n = network.len().max(1);
    plan.fill(R::ZERO);
    for (s, row) in plan.in_rows_mut(n).enumerate() {
        if let Some(x) = row.get_mut(s) {
            *x = match network.masses() {
                Some(masses) => masses.get(s).copied().unwrap_or(R::ZERO),
                None => R::ONE / R::from_usize(n),
            };
        }
    }
}
