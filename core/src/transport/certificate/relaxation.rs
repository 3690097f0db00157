//! The lower bound of one box: multipliers by operator splitting, and their safe evaluation.

use super::super::lanes::{get, set};
use super::outer::{self, Transport};
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::Real;
use crate::rows::InRows;

/// Over-relaxation of the splitting, below 2.
const RELAX: f64 = 1.6;
/// Step of the splitting, in units of (mean product of two entries) / (mean weight), times the
/// root of the number of entries: a plan has few positive entries, whose products are larger.
const STEP: f64 = 2.0;
/// Weight of an entry of X against one of Y, in units of the squared mass.
const OMEGA: f64 = 0.3;
/// Steps between two evaluations of the bound.
const EVERY: u32 = 10;
/// Steps before slow progress may end a node.
const PATIENCE: u32 = 60;

/// Sizes. Rows of `line` reals, a multiple of four; `cells` = n * line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) line: usize,
    pub(super) cells: usize,
}

/// A node of the tree: a box and the state of the splitting.
#[derive(Debug)]
pub(super) struct Node<'a, R> {
    /// Least and greatest units of each entry.
    pub(super) low: &'a mut [R],
    pub(super) high: &'a mut [R],
    /// The splitting's X before it is clipped to the box.
    pub(super) shadow: &'a mut [R],
    /// Multiplier of sum_l Y_ekl = p_k X_e at `k * cells + e`.
    pub(super) left: &'a mut [R],
    /// Multiplier of sum_k Y_ekl = q_l X_e at `l * cells + e`.
    pub(super) right: &'a mut [R],
}

/// Reals of a [`Node`].
pub(super) const fn node_size(rows: usize, columns: usize, cells: usize) -> usize {
    product(cells, rows.saturating_add(columns).saturating_add(3))
}

impl<'a, R: Real> Node<'a, R> {
    /// A view of `memory`, of [`node_size`] reals.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new(memory: &'a mut [R], shape: Shape) -> Option<Self> {
        let (low, rest) = memory.split_at_mut_checked(shape.cells)?;
        let (high, rest) = rest.split_at_mut_checked(shape.cells)?;
        let (shadow, rest) = rest.split_at_mut_checked(shape.cells)?;
        let (left, right) = rest.split_at_mut_checked(shape.rows * shape.cells)?;
        Some(Self { low, high, shadow, left, right })
    }
}

/// The problem, scaled so that no cost exceeds 1, and scratch for one node at a time.
#[derive(Debug)]
pub(super) struct Relaxation<'a, R> {
    pub(super) shape: Shape,
    /// Units in all.
    pub(super) total: R,
    pub(super) row_units: &'a [R],
    pub(super) column_units: &'a [R],
    /// Linear costs, padded.
    pub(super) cost: &'a mut [R],
    /// Half the Hessian: the objective is <cost, T> + <T, W T>. cells * cells, symmetric, >= 0.
    pub(super) weights: &'a mut [R],
    pub(super) mean_weight: R,
    /// The splitting's Y, symmetric, cells * cells.
    pub(super) products: &'a mut [R],
    /// The splitting's X, within the box.
    pub(super) x: &'a mut [R],
    /// A plan of the outer problem, in units, low included.
    pub(super) candidate: &'a mut [R],
    /// Spare room for `cells` reals.
    pub(super) spare: &'a mut [R],
    /// X before the projection on the sums; scratch between nodes.
    pub(super) target: &'a mut [R],
    shifted: &'a mut [R],
    lifted: &'a mut [R],
    caps: &'a mut [R],
    cap_units: &'a mut [R],
    mask: &'a mut [R],
    row_sums: &'a mut [R],
    column_sums: &'a mut [R],
    totals: &'a mut [R],
    inner: &'a mut [R],
    p: &'a mut [R],
    q: &'a mut [R],
    p_units: &'a mut [R],
    q_units: &'a mut [R],
    own: &'a mut [R],
    column_dual: &'a mut [R],
    row_dual: &'a mut [R],
    pub(super) transport: Transport<'a, R>,
}

/// Memory of a [`Relaxation`].
pub(super) const fn workspace(rows: usize, columns: usize, line: usize) -> Extent {
    let cells = product(rows, line);
    Extent::reals(product(cells, cells))
        .times(2)
        .and(Extent::reals(cells).times(12))
        .and(Extent::reals(product(cells, rows)))
        .and(Extent::reals(product(cells, line)))
        .and(Extent::reals(rows).times(3))
        .and(Extent::reals(line).times(4))
        .and(outer::workspace(rows, columns, cells))
}

/// What is known of a node besides its bound.
struct Totals<R> {
    /// Mass that is not fixed.
    mass: R,
    /// Objective of the fixed part.
    fixed: R,
    /// Rounding allowance of the fixed part and of the shifted costs.
    rounding: R,
}

impl<'a, R: Real> Relaxation<'a, R> {
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new(
        shape: Shape,
        total: R,
        row_units: &'a [R],
        column_units: &'a [R],
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        let Shape { rows, columns, line, cells } = shape;
        let square = product(cells, cells);
        let own = arena.reals(line)?;
        own.fill(R::ZERO);
        Ok(Self {
            shape,
            total,
            row_units,
            column_units,
            weights: arena.reals(square)?,
            mean_weight: R::ZERO,
            products: arena.reals(square)?,
            cost: arena.reals(cells)?,
            x: arena.reals(cells)?,
            candidate: arena.reals(cells)?,
            spare: arena.reals(cells)?,
            target: arena.reals(cells)?,
            shifted: arena.reals(cells)?,
            lifted: arena.reals(cells)?,
            caps: arena.reals(cells)?,
            cap_units: arena.reals(cells)?,
            mask: arena.reals(cells)?,
            totals: arena.reals(cells)?,
            inner: arena.reals(cells)?,
            row_sums: arena.reals(product(cells, rows))?,
            column_sums: arena.reals(product(cells, line))?,
            p: arena.reals(rows)?,
            p_units: arena.reals(rows)?,
            row_dual: arena.reals(rows)?,
            q: arena.reals(line)?,
            q_units: arena.reals(line)?,
            own,
            column_dual: arena.reals(line)?,
            transport: Transport::new(rows, columns, line, arena)?,
        })
    }

    /// Row `e` of W.
    pub(super) fn weight_row(&self, e: usize) -> &[R] {
        let cells = self.shape.cells;
        self.weights.get(e * cells..e * cells + cells).unwrap_or_default()
    }

    /// The objective of a plan in units.
    pub(super) fn value(&self, plan: &[R]) -> R {
        let mut value = R::ZERO;
        for (e, (&t, &c)) in plan.iter().zip(&*self.cost).enumerate() {
            if t > R::ZERO {
                let g = crate::real::dot(self.weight_row(e), plan) / self.total;
                value += t / self.total * (c + g);
            }
        }
        value
    }

    /// Shifts the problem to the lower corner of the box.
    #[cfg_attr(feature = "small", inline(never))]
    fn enter(&mut self, node: &Node<'_, R>) -> Totals<R> {
        let Shape { columns, line, cells, .. } = self.shape;
        let total = self.total;
        copy(self.p_units, self.row_units);
        self.q_units.fill(R::ZERO);
        copy(self.q_units, self.column_units);
        for (low, p) in node.low.in_rows(line).zip(self.p_units.iter_mut()) {
            for (&l, q) in low.iter().zip(self.q_units.iter_mut()).take(columns) {
                *p -= l;
                *q -= l;
            }
        }
        self.p.iter_mut().zip(&*self.p_units).for_each(|(to, &x)| *to = x / total);
        self.q.iter_mut().zip(&*self.q_units).for_each(|(to, &x)| *to = x / total);
        let mut fixed = R::ZERO;
        let mut largest = R::ZERO;
        let weights = self.weights.in_rows(cells);
        let inputs = self.cost.iter().zip(weights).zip(&*node.low);
        for (to, ((&c, row), &l)) in self.shifted.iter_mut().zip(inputs) {
            let g = crate::real::dot(row, node.low) / total;
            fixed += l / total * (c + g);
            *to = c + R::TWO * g;
            largest = largest.max(c.abs() + R::TWO * g);
        }
        for (e, (cap, mask)) in self.cap_units.iter_mut().zip(self.mask.iter_mut()).enumerate() {
            let (i, j) = (e / line.max(1), e % line.max(1));
            let room = get(node.high, e) - get(node.low, e);
            let room = room.min(get(self.p_units, i)).min(get(self.q_units, j));
            *cap = if j < columns { room.max(R::ZERO) } else { R::ZERO };
            *mask = if *cap > R::ZERO { R::ZERO } else { R::INFINITY };
        }
        self.caps.iter_mut().zip(&*self.cap_units).for_each(|(to, &x)| *to = x / total);
        let mass = crate::real::sum(self.p_units) / total;
        // A sum of w terms errs by at most w/2 EPSILON times the sum of their absolute values.
        let terms = if node.low.iter().any(|&l| l > R::ZERO) { cells } else { 0 };
        let rounding = R::EPSILON * R::from_usize(terms + 16) * largest;
        Totals { mass, fixed, rounding }
    }

    /// Raises the lower bound of a box until it reaches `enough`, at most by `steps` steps of the
    /// splitting. Every bound that is computed is offered to `candidate` with its outer plan.
    /// Leaves X and Y of the relaxed optimum behind.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn bound(
        &mut self,
        node: &mut Node<'_, R>,
        enough: R,
        steps: u32,
        mut candidate: impl FnMut(&Self),
    ) -> R {
        let totals = self.enter(node);
        let mass = totals.mass;
        let cells = self.shape.cells;
        for ((x, shadow), &cap) in self.x.iter_mut().zip(&*node.shadow).zip(&*self.caps) {
            *x = shadow.max(R::ZERO).min(cap);
        }
        for (row, &x) in self.products.in_rows_mut(cells).zip(&*self.x) {
            row.iter_mut().zip(&*self.x).for_each(|(to, &y)| *to = x * y);
        }
        let live = R::from_usize(self.shape.rows * self.shape.columns);
        let step = R::from_f64(STEP) * live.sqrt() * mass * mass / (live * live * self.mean_weight);
        // Without weights or without mass the first evaluation is exact.
        let steps = if step.is_finite() && step > R::MIN_POSITIVE { steps } else { 0 };
        let (mut best, mut last) = (-R::INFINITY, -R::INFINITY);
        let mut done = 0;
        loop {
            let bound = self.evaluate(node, &totals);
            candidate(self);
            best = best.max(bound);
            if best >= enough || done >= steps {
                break;
            }
            let gain = best - last;
            let slow = gain < R::from_f64(0.02) * (enough - best);
            if done >= PATIENCE && slow {
                break;
            }
            last = best;
            for _ in 0..EVERY {
                self.step(node, &totals, step);
                self.project(node, &totals, step);
            }
            done += EVERY;
        }
        best
    }

    /// The bound of the multipliers at hand: inner potentials by two sweeps of minima, outer ones by
    /// an exact transport, rounded down.
    #[cfg_attr(feature = "small", inline(never))]
    fn evaluate(&mut self, node: &Node<'_, R>, totals: &Totals<R>) -> R {
        let inner_error = self.lift(node, totals);
        self.transport.solve(self.lifted, self.cap_units, self.p_units, self.q_units);
        self.outer_bound(node, totals, inner_error)
    }

    /// Leaves the linear costs with the least inner values in `lifted`; returns by how much those may err, in
    /// units of EPSILON.
    #[cfg_attr(feature = "small", inline(never))]
    fn lift(&mut self, node: &Node<'_, R>, totals: &Totals<R>) -> R {
        let Shape { rows, columns, line, cells } = self.shape;
        let (n, m) = (rows, columns);
        let mut inner_error = R::ZERO;
        let nodes = R::from_usize(n + m + 16);
        self.lifted.fill(R::ZERO);
        for i in 0..n {
            let left_i = node.left.get(i * cells..i * cells + cells).unwrap_or_default();
            for j in 0..m {
                let e = i * line + j;
                if get(self.cap_units, e) <= R::ZERO {
                    continue;
                }
                let right_j = node.right.get(j * cells..j * cells + cells).unwrap_or_default();
                for (l, own) in self.own.iter_mut().enumerate().take(m) {
                    *own = get(node.right, l * cells + e);
                }
                self.column_dual.fill(R::INFINITY);
                let weights = self.weights.get(e * cells..e * cells + cells).unwrap_or_default();
                let (mut value, mut size, mut largest) = (R::ZERO, R::ZERO, R::ZERO);
                let line = line.max(1);
                let inputs = weights.in_rows(line).zip(self.mask.in_rows(line));
                let inputs = inputs.zip(left_i.in_rows(line).zip(right_j.in_rows(line)));
                let inner = self.inner.in_rows_mut(line);
                for (k, (((w, mask), (a, b)), inner)) in inputs.zip(inner).enumerate() {
                    let own_left = get(node.left, k * cells + e);
                    let inputs = w.as_chunks::<4>().0.iter().zip(mask.as_chunks::<4>().0);
                    let inputs = inputs.zip(a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0));
                    let own = self.own.as_chunks::<4>().0;
                    let outputs = inner.as_chunks_mut::<4>().0.iter_mut().zip(own);
                    let mut low = [R::INFINITY; 4];
                    for (((w, mask), (a, b)), (to, own)) in inputs.zip(outputs) {
                        for t in 0..4 {
                            // Antisymmetric to the bit in the two cells, so that what is added to
                            // one product is taken from its mirror image.
                            let u = R::HALF * ((own_left + own[t]) - (a[t] + b[t]));
                            to[t] = w[t] + u + mask[t];
                            low[t] = low[t].min(to[t] - own[t]);
                        }
                    }
                    let least = low[0].min(low[1]).min(low[2].min(low[3]));
                    let least = if least < R::INFINITY { least } else { R::ZERO };
                    let columns = self.column_dual.as_chunks_mut::<4>().0;
                    for (to, inner) in columns.iter_mut().zip(inner.as_chunks::<4>().0) {
                        for t in 0..4 {
                            to[t] = to[t].min(inner[t] - least);
                        }
                    }
                    let p = get(self.p, k);
                    value += p * least;
                    size += p * least.abs();
                    largest = largest.max(least.abs());
                }
                for (&v, &q) in self.column_dual.iter().zip(&*self.q).take(m) {
                    if v < R::INFINITY {
                        value += q * v;
                        size += q * v.abs();
                        largest = largest.max(v.abs());
                    }
                }
                inner_error = inner_error.max(nodes * (size + R::from_usize(4) * largest * totals.mass));
                set(self.lifted, e, value);
            }
        }
        self.lifted.iter_mut().zip(&*self.shifted).for_each(|(lift, &c)| *lift += c);
        inner_error
    }

    /// The bound that the potentials of the outer transport give.
    #[cfg_attr(feature = "small", inline(never))]
    fn outer_bound(&mut self, node: &Node<'_, R>, totals: &Totals<R>, inner_error: R) -> R {
        let Shape { rows: n, columns: m, line, .. } = self.shape;
        let biggest = self.lifted.iter().fold(R::ZERO, |biggest, lift| biggest.max(lift.abs()));
        let (mut value, mut size) = (totals.fixed, totals.fixed.abs());
        let (mut largest, mut terms) = (biggest, n + m + 16);
        let duals = self.p.iter().zip(&*self.transport.row_potentials);
        for (&p, &u) in duals.chain(self.q.iter().zip(&*self.transport.column_potentials)) {
            value += p * u;
            size += p * u.abs();
            largest = largest.max(u.abs());
        }
        for (i, &u) in self.transport.row_potentials.iter().enumerate() {
            for (j, &v) in self.transport.column_potentials.iter().enumerate() {
                let e = i * line + j;
                let over = u + v - get(self.lifted, e);
                let cap = get(self.caps, e);
                if cap > R::ZERO && over > R::ZERO {
                    value -= cap * over;
                    size += cap * over;
                    terms += 1;
                }
            }
        }
        let terms = R::from_usize(terms);
        let outer = terms * (size + R::from_usize(4) * largest * totals.mass);
        let low = node.low.iter().zip(&*self.transport.flow);
        self.candidate.iter_mut().zip(low).for_each(|(to, (&l, &x))| *to = l + x);
        value - (R::EPSILON * (inner_error * totals.mass + outer) + totals.rounding)
    }

    /// One step of the splitting, up to the projection.
    #[cfg_attr(feature = "small", inline(never))]
    fn step(&mut self, node: &Node<'_, R>, totals: &Totals<R>, t: R) {
        let Shape { rows: n, columns: m, line, cells } = self.shape;
        let (line, relax, mass) = (line.max(1), R::from_f64(RELAX), totals.mass);
        let (rows, columns) = (R::from_usize(n), R::from_usize(m));
        let area = rows * columns;
        let half = t * R::HALF;
        let omega = R::from_f64(OMEGA) * mass * mass;
        let square = |v: &[R]| crate::real::dot(v, v);
        let stiff = square(self.p) / columns + square(self.q) / rows - mass * mass / area;
        for i in 0..n {
            let left_i = node.left.get(i * cells..i * cells + cells).unwrap_or_default();
            for j in 0..m {
                let e = i * line + j;
                let shadow = get(node.shadow, e);
                let cap = get(self.caps, e);
                if cap <= R::ZERO {
                    set(self.x, e, R::ZERO);
                    set(self.target, e, -shadow);
                    continue;
                }
                let right_j = node.right.get(j * cells..j * cells + cells).unwrap_or_default();
                let mut own_sum = R::ZERO;
                for (l, own) in self.own.iter_mut().enumerate().take(m) {
                    *own = get(node.right, l * cells + e);
                    own_sum += *own;
                }
                let at = e * cells..e * cells + cells;
                let weights = self.weights.get(at.clone()).unwrap_or_default();
                let products = self.products.get_mut(at).unwrap_or_default();
                let sums = self.column_sums.get_mut(e * line..e * line + line).unwrap_or_default();
                sums.fill(R::ZERO);
                let (mut all, mut left_sum, mut weighted) = (R::ZERO, R::ZERO, R::ZERO);
                let inputs = weights.in_rows(line).zip(self.mask.in_rows(line));
                let inputs = inputs.zip(left_i.in_rows(line).zip(right_j.in_rows(line)));
                let row_sums = self.row_sums.in_rows_mut(n).nth(e).unwrap_or_default();
                let outputs = products.in_rows_mut(line).zip(row_sums);
                for (k, (((w, mask), (a, b)), (y, row_sum))) in inputs.zip(outputs).enumerate() {
                    let own_left = get(node.left, k * cells + e);
                    let inputs = w.as_chunks::<4>().0.iter().zip(mask.as_chunks::<4>().0);
                    let inputs = inputs.zip(a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0));
                    let outputs = y.as_chunks_mut::<4>().0.iter_mut().zip(sums.as_chunks_mut::<4>().0);
                    let own = self.own.as_chunks::<4>().0;
                    let mut sum = [R::ZERO; 4];
                    for (((w, mask), (a, b)), ((y, s), own)) in inputs.zip(outputs.zip(own)) {
                        for c in 0..4 {
                            let duals = (own_left + own[c]) + (a[c] + b[c]);
                            let new = y[c] + half * duals - t * (w[c] + mask[c]);
                            let new = R::ZERO.max(new);
                            let mirrored = (new - y[c]) + new;
                            y[c] += relax * (new - y[c]);
                            sum[c] += mirrored;
                            s[c] += mirrored;
                        }
                    }
                    let sum = (sum[0] + sum[1]) + (sum[2] + sum[3]);
                    *row_sum = sum - t * (columns * own_left + own_sum);
                    all += *row_sum;
                    left_sum += own_left;
                    weighted += get(self.p, k) * *row_sum / columns;
                }
                for (s, (&own, &q)) in sums.iter_mut().zip(self.own.iter().zip(&*self.q)).take(m) {
                    *s -= t * (rows * own + left_sum);
                    weighted += q * *s / rows;
                }
                set(self.totals, e, all);
                let x = shadow.max(R::ZERO).min(cap);
                set(self.x, e, x);
                let v = R::TWO * x - shadow - t * get(self.shifted, e) / omega;
                let weighted = weighted - mass * all / area;
                set(self.target, e, (omega * v + weighted) / (omega + stiff));
            }
        }
    }

    /// Projects X on the row and column sums and fits the multipliers to it.
    #[cfg_attr(feature = "small", inline(never))]
    fn project(&mut self, node: &mut Node<'_, R>, totals: &Totals<R>, t: R) {
        let Shape { rows: n, columns: m, line, cells } = self.shape;
        let (line, relax, mass) = (line.max(1), R::from_f64(RELAX), totals.mass);
        let (rows, columns) = (R::from_usize(n), R::from_usize(m));
        let area = rows * columns;
        let mut all = R::ZERO;
        copy(self.row_dual, self.p);
        copy(self.column_dual, self.q);
        for (row, to) in self.target.in_rows(line).zip(self.row_dual.iter_mut()) {
            for (&x, column) in row.iter().zip(self.column_dual.iter_mut()).take(m) {
                *to -= x;
                *column -= x;
                all += x;
            }
        }
        let rest = (mass - all) / area;
        for i in 0..n {
            let row = get(self.row_dual, i) / columns - rest;
            for j in 0..m {
                let e = i * line + j;
                let x = get(self.target, e) + row + get(self.column_dual, j) / rows;
                let shadow = get(node.shadow, e);
                set(node.shadow, e, shadow + relax * (x - get(self.x, e)));
                if get(self.caps, e) <= R::ZERO {
                    continue;
                }
                let share = (mass * x - get(self.totals, e)) / (R::TWO * area);
                let sums = self.row_sums.in_rows(n).nth(e).unwrap_or_default();
                for (k, (&r, &p)) in sums.iter().zip(&*self.p).enumerate() {
                    let new = ((p * x - r) / columns - share) / t;
                    let old = get(node.left, k * cells + e);
                    set(node.left, k * cells + e, old + relax * (new - old));
                }
                let sums = self.column_sums.in_rows(line).nth(e).unwrap_or_default();
                for (l, (&s, &q)) in sums.iter().zip(&*self.q).enumerate().take(m) {
                    let new = ((q * x - s) / rows - share) / t;
                    let old = get(node.right, l * cells + e);
                    set(node.right, l * cells + e, old + relax * (new - old));
                }
            }
        }
    }
}
