//! Fused Gromov-Wasserstein with entropy: plans that are positive everywhere, or a smooth path to one that
//! is not.
//!
//! With F the objective of [`super::gromov`] and r the regularisation, [`Method::Entropic`] minimises
//! F(T) + r sum T ln T over the plans, and [`Method::Proximal`] minimises F alone by steps that stay near the
//! plan before. In each step [`super::sinkhorn`] solves
//!
//! ```text
//! entropic:  S = argmin <G, S> + r sum S ln S           G = the gradient of F at T
//! proximal:  S = argmin <G, S> + r sum S ln (S / T)
//! ```
//!
//! (where T is smaller than rounding can tell, the square of the rounding unit stands for it) and T moves
//! towards S as far as the objective falls. F is quadratic, so that its value along the way is
//! known from one product with the quadratic term. The objective never rises (generalised conditional
//! gradient), although it is not convex: the end is a stationary point, not always the least value.
//! The steps start at the product of the masses.

use super::Problem;
use super::exact;
use super::gromov::{GromovProblem, Pairing};
use super::lanes::get;
use super::sinkhorn::{self, SinkhornSettings};
use super::units::check_setting;
use super::vertex::mass;
use crate::error::Error;
use crate::memory::{Arena, Extent, copy, product};
use crate::real::{Real, dot, sum};
use crate::rows::InRows;

/// What the entropy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Method {
    /// It belongs to the objective.
    Entropic = 0,
    /// It measures steps only: the end is stationary without it.
    Proximal = 1,
}

/// What [`solve`] minimises and when it stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntropicSettings<R> {
    /// Weight of the linear term, in [0, 1].
    pub lambda: R,
    /// The quadratic term.
    pub pairing: Pairing,
    /// What the entropy is for.
    pub method: Method,
    /// r, in the unit of the costs, > 0: from 1e-6 (f64) or 1e-4 (f32) of the largest cost upwards.
    pub regularisation: R,
    /// The gap at which the steps end, in (0, 1): relative to the value or, where the value is smaller, to
    /// 2^-10 of the largest gradient at the start. What rounding and `tolerance` leave is always allowed.
    pub gap: R,
    /// Most steps, at least 1.
    pub iterations: u32,
    /// Largest sum over both sides of the absolute differences between marginals and masses, > 0.
    pub tolerance: R,
    /// Most sweeps of Sinkhorn's iteration in one step, at least 1.
    pub sweeps: u32,
}

impl<R: Real> EntropicSettings<R> {
    /// A gap of 1e-6 (f64) or 1e-3 (f32), 1000 steps, and the rest of [`SinkhornSettings::new`].
    #[must_use]
    pub fn new(lambda: R, pairing: Pairing, method: Method, regularisation: R) -> Self {
        let inner = SinkhornSettings::new(regularisation);
        Self {
            lambda,
            pairing,
            method,
            regularisation,
            gap: R::from_f64(if R::BITS == 64 { 1e-6 } else { 1e-3 }),
            iterations: 1000,
            tolerance: inner.tolerance,
            sweeps: inner.iterations,
        }
    }

    fn sinkhorn(&self) -> SinkhornSettings<R> {
        SinkhornSettings {
            regularisation: self.regularisation,
            tolerance: self.tolerance,
            iterations: self.sweeps,
        }
    }

    /// An error unless every number is in its range.
    pub fn check(&self) -> Result<(), Error> {
        self.sinkhorn().check()?;
        check_setting(self.gap)?;
        let inside = self.lambda >= R::ZERO && self.lambda <= R::ONE && self.gap < R::ONE;
        if inside && self.iterations > 0 { Ok(()) } else { Err(Error::InvalidSetting) }
    }
}

/// What [`solve`] found besides the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntropicReport<R> {
    /// F at the plan, without entropy.
    pub value: R,
    /// F(T) + r sum T ln T.
    pub entropic_value: R,
    /// How much the objective of the last step, in which the quadratic term is linear, could still fall:
    /// with entropy for [`Method::Entropic`]; without it, over all plans, for [`Method::Proximal`].
    pub gap: R,
    /// Sum over both sides of the absolute differences between the plan's marginals and the masses.
    pub marginal_residual: R,
    /// Steps.
    pub iterations: u32,
    /// Sweeps of all steps together.
    pub sweeps: u32,
    /// The gap is as small as was asked for; else the steps ran out, or rounding allows no descent.
    pub converged: bool,
}

/// Memory that [`solve`] needs.
#[must_use]
pub const fn workspace(rows: usize, columns: usize) -> Extent {
    Extent::reals(product(rows, columns))
        .times(5)
        .and(sinkhorn::workspace(rows, columns).or(exact::workspace(rows, columns)))
}

/// Solves a fused Gromov-Wasserstein problem with entropy.
///
/// `plan` receives the plan, row-major, n * m.
///
/// # Errors
/// Those of [`super::gromov::solve`], and [`Error::NotConverged`] if the sweeps of a step ran out. Nothing is
/// written then.
pub fn solve<R: Real>(
    problem: &GromovProblem<'_, R>,
    settings: &EntropicSettings<R>,
    plan: Option<&mut [R]>,
    mut arena: Arena<'_, R>,
) -> Result<EntropicReport<R>, Error> {
    settings.check()?;
    problem.check(settings.pairing)?;
    let (n, m) = (problem.rows, problem.columns);
    let size = problem.cost.len();
    if plan.as_ref().is_some_and(|plan| plan.len() != size) {
        return Err(Error::DimensionMismatch);
    }
    arena.require(workspace(n, m))?;
    let current = arena.reals(size)?;
    let next = arena.reals(size)?;
    let gradient = arena.reals(size)?;
    let next_gradient = arena.reals(size)?;
    let cost = arena.reals(size)?;
    for (i, row) in current.in_rows_mut(m).enumerate() {
        let p = mass(problem.row_masses, n, i);
        for (j, t) in row.iter_mut().enumerate() {
            *t = p * mass(problem.column_masses, m, j);
        }
    }
    let (lambda, r) = (settings.lambda, settings.regularisation);
    let proximal = settings.method == Method::Proximal;
    differentiate(problem, lambda, settings.pairing, current, gradient);
    let scale = gradient.iter().fold(R::ZERO, |most, &x| most.max(x.abs()));
    let floor = settings.tolerance * scale + R::from_f64(64.0) * R::EPSILON * (scale + r);
    let mut report = EntropicReport {
        value: value(problem, lambda, current, gradient),
        entropic_value: R::ZERO,
        gap: R::INFINITY,
        marginal_residual: R::ZERO,
        iterations: 0,
        sweeps: 0,
        converged: false,
    };
    let mut entropy = negative_entropy(current);
    loop {
        let allowed = settings.gap * report.value.abs().max(scale * R::from_f64(1.0 / 1024.0)) + floor;
        let linear = Problem {
            rows: n,
            columns: m,
            cost: gradient,
            row_masses: problem.row_masses,
            column_masses: problem.column_masses,
        };
        if proximal {
            let least = exact::solve(&linear, None, None, arena.scope())?.cost;
            report.gap = (dot(current, gradient) - least).max(R::ZERO);
            report.converged = report.gap <= allowed;
            for ((to, &g), &t) in cost.iter_mut().zip(&*gradient).zip(&*current) {
                *to = g - r * t.max(R::EPSILON * R::EPSILON).ln();
            }
        } else {
            copy(cost, gradient);
        }
        if report.converged || report.iterations >= settings.iterations {
            break;
        }
        let step = Problem { cost, ..linear };
        let inner = sinkhorn::solve(&step, &settings.sinkhorn(), Some(&mut *next), arena.scope())?;
        report.iterations += 1;
        report.sweeps = report.sweeps.saturating_add(inner.iterations);
        let next_entropy = negative_entropy(next);
        let slope = dot(next, gradient) - dot(current, gradient);
        if !proximal {
            report.gap = (r * (entropy - next_entropy) - slope).max(R::ZERO);
            report.converged = report.gap <= allowed;
            if report.converged {
                break;
            }
        }
        differentiate(problem, lambda, settings.pairing, next, next_gradient);
        let curvature = (dot(next, next_gradient) - dot(current, next_gradient)) - slope;
        // Along T + x (S - T) F changes by x slope + x^2 curvature / 2.
        let mut length = R::ONE;
        if proximal && curvature > -slope {
            length = -slope / curvature;
        }
        let mut mixed = next_entropy;
        while !proximal && length > R::EPSILON {
            let change = length * (slope + R::HALF * length * curvature) + r * (mixed - entropy);
            if change <= -(R::from_f64(1e-4) * length * report.gap) {
                break;
            }
            length *= R::HALF;
            mixed = entropy_between(current, next, length);
        }
        // There is no way down that rounding would not hide.
        if length <= R::EPSILON || (proximal && slope >= R::ZERO) {
            break;
        }
        entropy = mixed;
        mix(current, next, length);
        mix(gradient, next_gradient, length);
        report.value = value(problem, lambda, current, gradient);
    }
    report.entropic_value = report.value + r * negative_entropy(current);
    report.marginal_residual = residual(problem, current);
    if let Some(plan) = plan {
        copy(plan, current);
    }
    Ok(report)
}

/// Goes a part of the way, or all of it exactly.
fn mix<R: Real>(to: &mut [R], next: &[R], length: R) {
    for (x, &y) in to.iter_mut().zip(next) {
        *x = between(*x, y, length);
    }
}

#[inline]
fn between<R: Real>(x: R, y: R, length: R) -> R {
    if length < R::ONE { (R::ONE - length) * x + length * y } else { y }
}

/// The sum of t ln t.
fn negative_entropy<R: Real>(plan: &[R]) -> R {
    plan.iter().fold(R::ZERO, |s, &t| s + weighted_log(t))
}

/// The same for a plan between two plans.
fn entropy_between<R: Real>(from: &[R], to: &[R], length: R) -> R {
    let plan = from.iter().zip(to).map(|(&x, &y)| between(x, y, length));
    plan.fold(R::ZERO, |s, t| s + weighted_log(t))
}

fn weighted_log<R: Real>(t: R) -> R {
    if t > R::ZERO { t * t.ln() } else { R::ZERO }
}

/// F = lambda <C, T> + (1 - lambda) <T, W T> / 2, from its gradient lambda C + (1 - lambda) W T.
fn value<R: Real>(problem: &GromovProblem<'_, R>, lambda: R, plan: &[R], gradient: &[R]) -> R {
    R::HALF * (lambda * dot(plan, problem.cost) + dot(plan, gradient))
}

/// The gradient of F at a plan that may be positive everywhere.
fn differentiate<R: Real>(
    problem: &GromovProblem<'_, R>,
    lambda: R,
    pairing: Pairing,
    plan: &[R],
    gradient: &mut [R],
) {
    let (n, m) = (problem.rows.max(1), problem.columns.max(1));
    let rest = R::ONE - lambda;
    let sign = if pairing == Pairing::Flow { -R::ONE } else { R::ONE };
    let (lefts, rights) = (problem.row_costs.in_rows(n), problem.column_costs.in_rows(m));
    for (i, (out, left)) in gradient.in_rows_mut(m).zip(lefts).enumerate() {
        out.fill(R::ZERO);
        for (k, (&own, plan)) in left.iter().zip(plan.in_rows(m)).enumerate() {
            // Of `Ordered` only the upper triangles count.
            let a = match pairing {
                Pairing::Ordered if k == i => continue,
                Pairing::Ordered if k < i => get(problem.row_costs, k * n + i),
                _ => own,
            };
            for (l, (&t, right)) in plan.iter().zip(rights.clone()).enumerate() {
                if pairing != Pairing::Ordered {
                    for (out, &b) in out.iter_mut().zip(right) {
                        *out += t * (a - sign * b).abs();
                    }
                    continue;
                }
                for (j, out) in out.iter_mut().enumerate() {
                    if k > i && j < l {
                        *out += t * (a - get(problem.column_costs, j * m + l)).abs();
                    } else if k < i && j > l {
                        *out += t * (a - get(right, j)).abs();
                    }
                }
            }
        }
    }
    for (out, &c) in gradient.iter_mut().zip(problem.cost) {
        *out = lambda * c + rest * *out;
    }
}

/// Sum over both sides of the absolute differences between marginals and masses.
fn residual<R: Real>(problem: &GromovProblem<'_, R>, plan: &[R]) -> R {
    let (n, m) = (problem.rows, problem.columns);
    let mut off = R::ZERO;
    for (i, row) in plan.in_rows(m).enumerate() {
        off += (sum(row) - mass(problem.row_masses, n, i)).abs();
    }
    for j in 0..m {
        let column = plan.iter().skip(j).step_by(m.max(1));
        let carried = column.fold(R::ZERO, |s, &t| s + t);
        off += (carried - mass(problem.column_masses, m, j)).abs();
    }
    off
}
