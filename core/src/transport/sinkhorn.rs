//! Entropic transport by Sinkhorn's iteration, stable down to tiny regularisation.
//!
//! Minimises the sum of T_ij C_ij + r T_ij ln T_ij. The minimiser is T_ij = exp((f_i + g_j - C_ij) / r).
//! Three things keep it from failing where r is small against the costs:
//!
//! - potentials f and g live in the log domain; the iteration itself scales rows and columns of the
//!   matrix that they define, and what the scalings gain goes back into the potentials;
//! - r starts at a quarter of the spread of the costs and falls to the wanted value by factors of
//!   four, each stage starting from the potentials of the one before;
//! - where scaling converges slowly, a Newton step on the dual in the row scalings follows, whose
//!   linear system is the Laplacian of a graph and is eliminated without subtractions.
//!
//! The plan is what the scalings give. It is not rounded to exact marginals, which would change its
//! entropy and hide how far the iteration came: the residual is reported instead.

use super::Problem;
use super::lanes::{get, groups, pad, padded};
use super::units::check_setting;
use super::vertex::{mass, unpad};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::{Real, dot, sum};
use crate::rows::InRows;

/// Strength of the regularisation and when to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SinkhornSettings<R> {
    /// r, in the unit of the costs, > 0. From 1e-6 (f64) or 1e-4 (f32) of the largest absolute cost upwards, until
    /// r times the logarithm of a mass could overflow.
    pub regularisation: R,
    /// Largest sum over both sides of the absolute differences between marginals and masses, > 0.
    pub tolerance: R,
    /// Most sweeps over rows and columns, all stages together, at least 1.
    pub iterations: u32,
}

impl<R: Real> SinkhornSettings<R> {
    /// A tolerance of 1e-9 (f64) or 1e-5 (f32) and 10000 sweeps.
    #[must_use]
    pub fn new(regularisation: R) -> Self {
        let tolerance = R::from_f64(if R::BITS == 64 { 1e-9 } else { 1e-5 });
        Self { regularisation, tolerance, iterations: 10_000 }
    }

    /// An error unless every number is in its range.
    pub fn check(&self) -> Result<(), Error> {
        check_setting(self.regularisation * R::from_usize(1024))?;
        check_setting(self.tolerance)?;
        if self.iterations > 0 { Ok(()) } else { Err(Error::InvalidSetting) }
    }
}

/// What [`solve`] found besides the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SinkhornReport<R> {
    /// Sum of T_ij C_ij.
    pub transport_cost: R,
    /// Sum of T_ij C_ij + r T_ij ln T_ij.
    pub entropic_value: R,
    /// Sum over both sides of the absolute differences between the plan's marginals and the masses.
    pub marginal_residual: R,
    /// Sweeps, all stages together.
    pub iterations: u32,
}

/// Memory that [`solve`] needs.
#[must_use]
pub const fn workspace(rows: usize, columns: usize) -> Extent {
    Extent::reals(product(padded(columns), rows))
        .times(2)
        .and(Extent::reals(product(rows, rows)))
        .and(Extent::reals(rows).times(5))
        .and(Extent::reals(padded(columns)).times(4))
}

/// Rows of a padded matrix as plain slices.
fn lines<R>(mut matrix: &[[R; 4]], width: usize) -> impl Iterator<Item = &[R]> {
    core::iter::from_fn(move || {
        let (row, rest) = matrix.split_at_checked(width.max(1))?;
        matrix = rest;
        Some(row.as_flattened())
    })
}

fn lines_mut<R>(mut matrix: &mut [[R; 4]], width: usize) -> impl Iterator<Item = &mut [R]> {
    core::iter::from_fn(move || {
        let (row, rest) = core::mem::take(&mut matrix).split_at_mut_checked(width.max(1))?;
        matrix = rest;
        Some(row.as_flattened_mut())
    })
}

/// Potentials, the matrix that they define, and its scalings. Column arrays are padded with mass 0.
struct Scaling<'a, R> {
    width: usize,
    cost: &'a [[R; 4]],
    kernel: &'a mut [[R; 4]],
    p: &'a mut [R],
    q: &'a mut [R],
    f: &'a mut [R],
    g: &'a mut [R],
    /// Scalings of rows and columns.
    a: &'a mut [R],
    b: &'a mut [R],
    row_sums: &'a mut [R],
    column_sums: &'a mut [R],
    /// For the Newton step.
    laplacian: &'a mut [R],
    step: &'a mut [R],
}

impl<R: Real> Scaling<'_, R> {
    /// Potentials that satisfy the rows, then the columns, by sums of exponentials that cannot
    /// overflow; then the matrix that they define.
    fn restart(&mut self, r: R) {
        for ((f, c), &p) in self.f.iter_mut().zip(lines(self.cost, self.width)).zip(&*self.p) {
            let exponents = || self.g.iter().zip(c).map(|(&g, &c)| (g - c) / r);
            let top = exponents().fold(-R::INFINITY, R::max);
            let total = exponents().fold(R::ZERO, |s, x| s + (x - top).exp());
            *f = if p > R::ZERO { r * ((p / total).ln() - top) } else { -R::INFINITY };
        }
        for (j, (g, &q)) in self.g.iter_mut().zip(&*self.q).enumerate() {
            let exponents =
                || self.f.iter().zip(lines(self.cost, self.width)).map(|(&f, c)| (f - get(c, j)) / r);
            let top = exponents().fold(-R::INFINITY, R::max);
            let total = exponents().fold(R::ZERO, |s, x| s + (x - top).exp());
            *g = if q > R::ZERO { r * ((q / total).ln() - top) } else { -R::INFINITY };
        }
        self.build(r);
    }

    fn build(&mut self, r: R) {
        let rows = lines_mut(self.kernel, self.width).zip(lines(self.cost, self.width));
        for ((k, c), &f) in rows.zip(&*self.f) {
            for ((k, &c), &g) in k.iter_mut().zip(c).zip(&*self.g) {
                *k = (((f + g) - c) / r).exp();
            }
        }
        self.a.fill(R::ONE);
        self.b.fill(R::ONE);
    }

    /// Moves the scalings into the potentials if they grew or shrank far; true if it did.
    fn absorb(&mut self, r: R) -> bool {
        let far = R::from_f64(if R::BITS == 64 { 1e20 } else { 1e6 });
        let good = |x: &R| *x < far && *x * far > R::ONE;
        let moved = !(self.a.iter().all(good) && self.b.iter().all(good));
        if moved {
            let finite = |x: R| if x > R::ZERO && x.is_finite() { r * x.ln() } else { R::ZERO };
            self.f.iter_mut().zip(&*self.a).for_each(|(f, &a)| *f += finite(a));
            self.g.iter_mut().zip(&*self.b).for_each(|(g, &b)| *g += finite(b));
            self.restart(r);
        }
        moved
    }

    /// Satisfies the columns for the row scalings as they are, then returns how far rows and columns
    /// are off.
    fn columns_then_residual(&mut self) -> R {
        self.column_sums.fill(R::ZERO);
        for (k, &a) in lines(self.kernel, self.width).zip(&*self.a) {
            self.column_sums.iter_mut().zip(k).for_each(|(s, &k)| *s += a * k);
        }
        for ((b, &s), &q) in self.b.iter_mut().zip(&*self.column_sums).zip(&*self.q) {
            *b = if s > R::ZERO { q / s } else { R::ONE };
        }
        let mut off = R::ZERO;
        for ((k, s), (&a, &p)) in
            lines(self.kernel, self.width).zip(&mut *self.row_sums).zip(self.a.iter().zip(&*self.p))
        {
            *s = dot(k, self.b);
            off += (a * *s - p).abs();
        }
        for ((&b, &s), &q) in self.b.iter().zip(&*self.column_sums).zip(&*self.q) {
            off += (b * s - q).abs();
        }
        off
    }

    /// One sweep; returns the residual.
    fn sweep(&mut self) -> R {
        for ((a, &s), &p) in self.a.iter_mut().zip(&*self.row_sums).zip(&*self.p) {
            *a = if s > R::ZERO { p / s } else { R::ONE };
        }
        self.columns_then_residual()
    }

    /// A Newton step in the logarithms of the row scalings, kept if the residual falls. Returns the
    /// residual.
    fn newton(&mut self, residual: R) -> R {
        let n = self.p.len().max(1);
        // Off-diagonal weights of the Laplacian: w_ik = sum_j T_ij T_kj / q_j.
        let pairs = self.laplacian.in_rows_mut(n).zip(lines(self.kernel, self.width)).zip(&*self.a);
        for ((w, left), &a) in pairs {
            for ((w, right), &c) in w.iter_mut().zip(lines(self.kernel, self.width)).zip(&*self.a) {
                let scaled = left.iter().zip(right).zip(self.b.iter().zip(&*self.q));
                let total =
                    scaled.fold(
                        R::ZERO,
                        |s, ((&x, &y), (&b, &q))| {
                            if q > R::ZERO { s + (x * b) * (y * (b / q)) } else { s }
                        },
                    );
                *w = (a * total) * c;
            }
        }
        for ((x, &p), (&a, &s)) in
            self.step.iter_mut().zip(&*self.p).zip(self.a.iter().zip(&*self.row_sums))
        {
            *x = p - a * s;
        }
        eliminate(self.laplacian, self.step, n);
        let longest = self.step.iter().fold(R::ZERO, |m, &x| m.max(x.abs()));
        if !longest.is_finite() || longest == R::ZERO {
            return residual;
        }
        // Along a Newton direction the residual falls if the step is short enough.
        let most = R::from_f64(8.0);
        let mut length = if longest > most { most / longest } else { R::ONE };
        let mut change = length;
        for _ in 0..8 {
            self.a.iter_mut().zip(&*self.step).for_each(|(a, &x)| *a *= (change * x).exp());
            let after = self.columns_then_residual();
            if after < residual {
                return after;
            }
            change = -R::from_f64(0.75) * length;
            length += change;
        }
        self.a.iter_mut().zip(&*self.step).for_each(|(a, &x)| *a *= (-length * x).exp());
        self.columns_then_residual()
    }
}

/// Solves sum_k w_ik (x_i - x_k) = right_i for symmetric weights w >= 0, x of the first point of each
/// component being 0. Only additions, multiplications and divisions of non-negative numbers touch the
/// weights (the elimination of Grassmann, Taksar and Heyman), so that even weights that differ by
/// hundreds of orders of magnitude keep their relative accuracy.
fn eliminate<R: Real>(weights: &mut [R], right: &mut [R], n: usize) {
    for k in (1..n).rev() {
        let Some((above, rest)) = weights.split_at_mut_checked(k * n) else { return };
        let own = rest.get(..k).unwrap_or_default();
        let total = sum(own);
        if total <= R::ZERO {
            continue;
        }
        let last = get(right, k);
        for ((row, &w), right) in above.in_rows_mut(n).zip(own).zip(right.iter_mut()) {
            let share = w / total;
            *right += share * last;
            row.iter_mut().zip(own).for_each(|(x, &w)| *x += share * w);
        }
    }
    for k in 0..n {
        let own = weights.get(k * n..k * n + k).unwrap_or_default();
        let total = sum(own);
        let x = if total > R::ZERO { (get(right, k) + dot(own, right)) / total } else { R::ZERO };
        super::lanes::set(right, k, x);
    }
}

/// Solves an entropic transport problem.
///
/// `plan` receives the plan, row-major, `rows * columns` reals.
///
/// # Errors
/// Those of [`super::exact::solve`], [`Error::InvalidSetting`], and [`Error::NotConverged`] if the sweeps
/// ran out before the tolerance: nothing is written then.
pub fn solve<R: Real>(
    problem: &Problem<'_, R>,
    settings: &SinkhornSettings<R>,
    plan: Option<&mut [R]>,
    mut arena: Arena<'_, R>,
) -> Result<SinkhornReport<R>, Error> {
    settings.check()?;
    problem.check()?;
    let (n, m) = (problem.rows, problem.columns);
    if plan.as_ref().is_some_and(|plan| plan.len() != problem.cost.len()) {
        return Err(Error::DimensionMismatch);
    }
    arena.require(workspace(n, m))?;
    let (width, line) = (groups(m), padded(m));
    let cost = arena.reals(product(line, n))?.as_chunks_mut().0;
    pad(problem.cost, m, cost);
    let (low, high) =
        problem.cost.iter().fold((R::INFINITY, -R::INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
    let mut s = Scaling {
        width,
        cost,
        kernel: arena.reals(product(line, n))?.as_chunks_mut().0,
        p: arena.reals(n)?,
        q: arena.reals(line)?,
        f: arena.reals(n)?,
        g: arena.reals(line)?,
        a: arena.reals(n)?,
        b: arena.reals(line)?,
        row_sums: arena.reals(n)?,
        column_sums: arena.reals(line)?,
        laplacian: arena.reals(product(n, n))?,
        step: arena.reals(n)?,
    };
    s.p.iter_mut().enumerate().for_each(|(i, p)| *p = mass(problem.row_masses, n, i));
    for (j, (q, g)) in s.q.iter_mut().zip(&mut *s.g).enumerate() {
        *q = if j < m { mass(problem.column_masses, m, j) } else { R::ZERO };
        *g = if *q > R::ZERO { R::ZERO } else { -R::INFINITY };
    }
    let wanted = settings.regularisation;
    let quarter = R::from_f64(0.25);
    let mut r = wanted.max((high - low) * quarter);
    if !((high.abs() + low.abs()) / wanted).is_finite() {
        return Err(Error::NotConverged);
    }
    // A stage that stops early leaves mass between parts of the plan that the next stages can hardly
    // move any more.
    let coarse = settings.tolerance.max(R::from_f64(1e-6));
    let mut sweeps = 0;
    let residual = loop {
        s.restart(r);
        let goal = if r > wanted { coarse } else { settings.tolerance };
        let mut residual = s.columns_then_residual();
        let mut since = 0;
        while residual > goal {
            if sweeps >= settings.iterations {
                return Err(Error::NotConverged);
            }
            sweeps += 1;
            since += 1;
            residual = s.sweep();
            if since >= 8 && residual > goal {
                residual = s.newton(residual);
            }
            if residual > goal && s.absorb(r) {
                residual = s.columns_then_residual();
            }
        }
        if r <= wanted {
            break residual;
        }
        r = wanted.max(r * quarter);
    };
    let (mut transport, mut entropy) = (R::ZERO, R::ZERO);
    let rows = lines_mut(s.kernel, width).zip(lines(s.cost, width)).zip(&*s.a);
    for ((t, c), &a) in rows {
        for (t, &b) in t.iter_mut().zip(&*s.b) {
            *t = (a * *t) * b;
            if *t > R::ZERO {
                entropy += *t * t.ln();
            }
        }
        transport += dot(t, c);
    }
    let value = transport + wanted * entropy;
    // A residual that is not a number ends every stage.
    if !(value + residual).is_finite() {
        return Err(Error::NotConverged);
    }
    if let Some(plan) = plan {
        unpad(s.kernel, width, m, plan);
    }
    Ok(SinkhornReport {
        transport_cost: transport,
        entropic_value: value,
        marginal_residual: residual,
        iterations: sweeps,
    })
}
