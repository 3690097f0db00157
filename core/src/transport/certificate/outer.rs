//! A transport problem with an upper limit on every entry, in whole units, for its potentials.

use super::super::lanes::{get, set};
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;
use crate::rows::InRows;

const NONE: u32 = u32::MAX;

/// Successive shortest paths over dense costs; rows of `line` reals.
#[derive(Debug)]
pub(super) struct Transport<'a, R> {
    columns: usize,
    line: usize,
    /// The plan found last, in units.
    pub(super) flow: &'a mut [R],
    pub(super) row_potentials: &'a mut [R],
    pub(super) column_potentials: &'a mut [R],
    supply: &'a mut [R],
    demand: &'a mut [R],
    /// Rows first, then columns.
    distance: &'a mut [R],
    parent: &'a mut [u32],
    done: &'a mut [u32],
}

/// Memory of a [`Transport`].
pub(super) const fn workspace(rows: usize, columns: usize, cells: usize) -> Extent {
    let nodes = rows.saturating_add(columns);
    Extent::reals(cells).and(Extent::reals(nodes).times(3)).and(Extent::words(nodes).times(2))
}

impl<'a, R: Real> Transport<'a, R> {
    pub(super) fn new(
        rows: usize,
        columns: usize,
        line: usize,
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        Ok(Self {
            columns,
            line,
            flow: arena.reals(product(rows, line))?,
            row_potentials: arena.reals(rows)?,
            column_potentials: arena.reals(columns)?,
            supply: arena.reals(rows)?,
            demand: arena.reals(columns)?,
            distance: arena.reals(rows.saturating_add(columns))?,
            parent: arena.words(rows.saturating_add(columns))?,
            done: arena.words(rows.saturating_add(columns))?,
        })
    }

    /// Minimises the sum of `cost` times the flow. Ends early, with potentials that are still good
    /// for a bound, where the limits leave no plan.
    pub(super) fn solve(&mut self, cost: &[R], limits: &[R], rows: &[R], columns: &[R]) {
        let (m, line) = (self.columns, self.line.max(1));
        self.flow.fill(R::ZERO);
        copy(self.supply, rows);
        copy(self.demand, columns);
        let usable = |cost: R, limit: R| if limit > R::ZERO { cost } else { R::INFINITY };
        let finite = |x: R| if x < R::INFINITY { x } else { R::ZERO };
        self.column_potentials.fill(R::INFINITY);
        let lines = cost.in_rows(line).zip(limits.in_rows(line));
        for ((cost, limits), u) in lines.zip(self.row_potentials.iter_mut()) {
            let row = || cost.iter().zip(limits).take(m).map(|(&c, &h)| usable(c, h));
            *u = finite(row().fold(R::INFINITY, Real::min));
            self.column_potentials.iter_mut().zip(row()).for_each(|(v, c)| *v = v.min(c - *u));
        }
        self.column_potentials.iter_mut().for_each(|v| *v = finite(*v));
        // Each path uses up a supply, a demand, a limit or the flow of an entry.
        let paths = 8 * (limits.len() + 1);
        for _ in 0..paths {
            if self.supply.iter().all(|&x| x <= R::ZERO) {
                break;
            }
            let Some(end) = self.search(cost, limits) else { break };
            self.augment(end, limits);
        }
    }

    /// Shortest path from any supply to the nearest demand, whose node it returns.
    #[cfg_attr(feature = "small", inline(never))]
    fn search(&mut self, cost: &[R], limits: &[R]) -> Option<usize> {
        let (n, m, line) = (self.supply.len(), self.columns, self.line);
        self.distance.fill(R::INFINITY);
        self.parent.fill(NONE);
        self.done.fill(0);
        for (d, &s) in self.distance.iter_mut().zip(&*self.supply) {
            if s > R::ZERO {
                *d = R::ZERO;
            }
        }
        let (end, length) = loop {
            let (mut node, mut near) = (usize::MAX, R::INFINITY);
            for (v, (&d, &done)) in self.distance.iter().zip(&*self.done).enumerate() {
                if done == 0 && d < near {
                    (node, near) = (v, d);
                }
            }
            if node == usize::MAX {
                return None;
            }
            set(self.done, node, 1);
            if node < n {
                let u = get(self.row_potentials, node);
                for j in 0..m {
                    let e = node * line + j;
                    if get(self.flow, e) < get(limits, e) {
                        let reduced = get(cost, e) - u - get(self.column_potentials, j);
                        self.relax(n + j, near + reduced.max(R::ZERO), node);
                    }
                }
            } else {
                let j = node - n;
                if get(self.demand, j) > R::ZERO {
                    break (node, near);
                }
                let v = get(self.column_potentials, j);
                for i in 0..n {
                    let e = i * line + j;
                    if get(self.flow, e) > R::ZERO {
                        let reduced = get(cost, e) - get(self.row_potentials, i) - v;
                        self.relax(i, near + (-reduced).max(R::ZERO), node);
                    }
                }
            }
        };
        let (left, right) = (self.distance.iter(), self.done.iter());
        for (node, (&d, _)) in left.zip(right).enumerate().filter(|(_, (_, done))| **done != 0) {
            if node < n {
                set(self.row_potentials, node, get(self.row_potentials, node) + (length - d));
            } else {
                let j = node - n;
                set(self.column_potentials, j, get(self.column_potentials, j) - (length - d));
            }
        }
        Some(end)
    }

    fn relax(&mut self, node: usize, distance: R, from: usize) {
        if get(self.done, node) == 0 && distance < get(self.distance, node) {
            set(self.distance, node, distance);
            set(self.parent, node, from as u32);
        }
    }

    #[cfg_attr(feature = "small", inline(never))]
    fn augment(&mut self, end: usize, limits: &[R]) {
        let n = self.supply.len();
        let mut amount = get(self.demand, end - n);
        for pass in 0..2 {
            let mut node = end;
            let nodes = self.parent.len();
            for _ in 0..nodes {
                let from = get(self.parent, node);
                if from == NONE {
                    break;
                }
                let from = from as usize;
                let forward = node >= n;
                let e = if forward { from * self.line + node - n } else { node * self.line + from - n };
                let flow = get(self.flow, e);
                if pass == 0 {
                    amount = amount.min(if forward { get(limits, e) - flow } else { flow });
                } else {
                    set(self.flow, e, if forward { flow + amount } else { flow - amount });
                }
                node = from;
            }
            let supply = get(self.supply, node);
            if pass == 0 {
                amount = amount.min(supply);
            } else {
                set(self.supply, node, supply - amount);
                set(self.demand, end - n, get(self.demand, end - n) - amount);
            }
        }
    }
}
