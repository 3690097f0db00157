//! ## Fused Gromov-Wasserstein
//!
//! A transport plan that matches two sides by the cost between them and by the costs within each of
//! them, on your own matrices. The distance between cells is this with a cell's operations and path
//! lengths as costs.
//!
//! ```c
//! // Two chains of two points; the cost between the sides says which point is which.
//! static const hotnas_real cost[4] = {0, 1, 1, 0}, within[4] = {0, 1, -1, 0};
//! static uint64_t scratch[512];
//! hotnas_workspace workspace;
//! hotnas_gromov_problem problem = {0};
//! hotnas_entropic_settings settings;
//! hotnas_entropic_report report;
//! hotnas_real plan[4];
//! problem.rows = problem.columns = 2;
//! problem.cost = cost;
//! problem.row_costs = problem.column_costs = within;
//! if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_entropic_settings_default((hotnas_real)0.02, &settings) != HOTNAS_STATUS_OK ||
//!     hotnas_transport_solve_entropic_gromov(&problem, &settings, &workspace, &report, plan) != HOTNAS_STATUS_OK)
//!     return 1;
//! if (report.converged != 1 || report.value > (hotnas_real)0.01 || plan[0] < (hotnas_real)0.49) return 1;
//! ```

use crate::lend::{self, Input, OpenMut, Place};
use crate::status::status;
use crate::transport::product;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::transport::entropic::{self, EntropicSettings, Method};
use hotnas_core::transport::gromov::{self, Effort, GromovProblem, GromovSettings, Pairing, Prover};
use hotnas_precision::precision;

/// Which pairs of pairs a Gromov-Wasserstein cost counts.
#[repr(i32)]
pub enum hotnas_pairing {
    /// Pairs i < k and j < l in order (the paper's form).
    Ordered = 0,
    /// All pairs, times 1/2: the usual fused Gromov-Wasserstein form with the absolute difference.
    Full = 1,
    /// As FULL with costs that carry the direction of information flow (not in the paper).
    Flow = 2,
}

/// How hard the global minimum of a problem that is not convex is looked for.
#[repr(i32)]
pub enum hotnas_effort {
    /// Two starting points.
    Fast = 0,
    /// Many starting points.
    Thorough = 1,
    /// As THOROUGH, then a branch and bound that proves the value minimal or finds a better one, until its
    /// nodes are used up. Its workspace grows with (rows * columns)^2. Settings with this
    /// effort name a `hotnas_prover`.
    Exact = 2,
}

pub(crate) fn pairing(value: i32) -> Result<Pairing, Error> {
    [Pairing::Ordered, Pairing::Full, Pairing::Flow]
        .into_iter()
        .find(|&p| p as i32 == value)
        .ok_or(Error::InvalidEnum)
}

pub(crate) fn effort(value: i32) -> Result<Effort, Error> {
    [Effort::Fast, Effort::Thorough, Effort::Exact]
        .into_iter()
        .find(|&e| e as i32 == value)
        .ok_or(Error::InvalidEnum)
}

/// The branch and bound of effort EXACT, see `hotnas_prover_get`.
#[derive(Clone, Copy)]
pub struct hotnas_prover {
    mark: u64,
    prover: Prover<hotnas_real>,
}

const MARK: u64 = lend::mark(*b"hnprover");
static PROVER: hotnas_prover = hotnas_prover { mark: MARK, prover: Prover::new() };

/// The branch and bound that settings with effort EXACT must name. A program that never calls this does
/// not contain its code, if the linker leaves out what is not used (`--gc-sections`).
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_prover_get() -> *const hotnas_prover {
    &raw const PROVER
}

/// The prover that settings name; with another effort than EXACT it is not looked at.
///
/// # Safety
/// With effort EXACT `prover` is NULL or valid.
pub(crate) unsafe fn prover(
    effort: Effort,
    prover: *const hotnas_prover,
) -> Result<Option<Prover<hotnas_real>>, Error> {
    if effort != Effort::Exact {
        return Ok(None);
    }
    // SAFETY: promised by the caller.
    let given = unsafe { lend::input(prover)? };
    if given.mark == MARK { Ok(Some(given.prover)) } else { Err(Error::NotInitialised) }
}

fn method(value: i32) -> Result<Method, Error> {
    [Method::Entropic, Method::Proximal]
        .into_iter()
        .find(|&m| m as i32 == value)
        .ok_or(Error::InvalidEnum)
}

/// A fused Gromov-Wasserstein problem. Set it to zero, then set what you have.
#[repr(C)]
pub struct hotnas_gromov_problem {
    /// Number of points on the left, n >= 1.
    pub rows: usize,
    /// Number of points on the right, m >= 1.
    pub columns: usize,
    /// n x m costs between the sides, finite; the value is not negative if they are not.
    pub cost: *const hotnas_real,
    /// n x n costs within the left side, finite. ORDERED: only the upper triangle is read. FULL: symmetric. FLOW:
    /// antisymmetric.
    pub row_costs: *const hotnas_real,
    /// m x m costs within the right side, likewise.
    pub column_costs: *const hotnas_real,
    /// n masses as in `hotnas_transport_problem`; NULL: 1/n each.
    pub row_masses: *const hotnas_real,
    /// m masses; NULL: 1/m each.
    pub column_masses: *const hotnas_real,
}

impl hotnas_gromov_problem {
    /// # Safety
    /// Pointers are NULL or valid for the counts, unchanged during `'a`.
    unsafe fn read<'a>(&self) -> Result<GromovProblem<'a, hotnas_real>, Error> {
        let (n, m) = (self.rows, self.columns);
        // SAFETY: passed on from the caller.
        unsafe {
            Ok(GromovProblem {
                rows: n,
                columns: m,
                cost: lend::slice(self.cost, product(n, m)?)?,
                row_costs: lend::slice(self.row_costs, product(n, n)?)?,
                column_costs: lend::slice(self.column_costs, product(m, m)?)?,
                row_masses: lend::optional(self.row_masses, n)?,
                column_masses: lend::optional(self.column_masses, m)?,
            })
        }
    }
}

/// Settings of `hotnas_transport_solve_gromov`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_gromov_settings {
    /// Weight of the linear term, 0 to 1; the quadratic term has 1 - lambda.
    pub lambda: hotnas_real,
    /// Relative Frank-Wolfe gap at which a start ends, between 0 and 1, both excluded.
    pub gap: hotnas_real,
    /// EXACT only, at least 0 and less than 1: how far below the value, relative to it, the lower bound
    /// may stay that proves it (where the value is small: relative to 2^-10 of the largest cost).
    pub proof_gap: hotnas_real,
    /// A `hotnas_pairing`.
    pub pairing: i32,
    /// A `hotnas_effort`.
    pub effort: i32,
    /// Maximum number of outer iterations of one start, >= 1.
    pub iterations: u32,
    /// EXACT only: maximum number of nodes of the branch and bound; 0: none.
    pub nodes: u32,
    /// EXACT only: what `hotnas_prover_get` returns.
    pub prover: *const hotnas_prover,
}

/// What was found besides the plan.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_solution {
    /// The least value found.
    pub value: hotnas_real,
    /// No plan has a lower value than this.
    pub lower_bound: hotnas_real,
    /// Frank-Wolfe gap of the plan: 0 at a stationary point.
    pub gap: hotnas_real,
    /// Sum of absolute differences between the plan's marginals and the masses.
    pub marginal_residual: hotnas_real,
    /// Outer iterations of all starts together.
    pub iterations: u32,
    /// Starts.
    pub starts: u32,
    /// Nodes of the branch and bound; 0 unless the effort is EXACT.
    pub nodes: u32,
    /// 1 if the lower bound proves the value within `gap` or, for EXACT, within `proof_gap`; else 0.
    pub proved_optimal: u32,
}

impl From<gromov::Solution<hotnas_real>> for hotnas_solution {
    fn from(found: gromov::Solution<hotnas_real>) -> Self {
        Self {
            value: found.value,
            lower_bound: found.lower_bound,
            gap: found.gap,
            marginal_residual: found.marginal_residual,
            iterations: found.iterations,
            starts: found.starts,
            nodes: found.nodes,
            proved_optimal: u32::from(found.proved_optimal),
        }
    }
}

/// Bytes of workspace of `hotnas_transport_solve_gromov` with an effort (a `hotnas_effort`); SIZE_MAX if
/// that overflows or there is no such effort.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_transport_gromov_workspace_size(
    rows: usize,
    columns: usize,
    effort: i32,
) -> usize {
    self::effort(effort)
        .map_or(usize::MAX, |effort| lend::size(gromov::workspace(rows, columns, effort)))
}

/// Minimises lambda * sum_ij T_ij cost_ij + (1 - lambda) * Q(T) over the plans T, where Q sums
/// T_ij T_kl |row_costs_ik - column_costs_jl| over the pairs that the pairing names.
///
/// The problem is not convex: the best of several deterministic starts is returned with a lower
/// bound. `plan`: rows x columns, or NULL.
///
/// Errors: those of `hotnas_transport_solve_exact`, INVALID_SETTING, INVALID_ENUM, NOT_SYMMETRIC (FULL and FLOW).
/// Thread safety: any thread, each with its own workspace.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_transport_solve_gromov(
    problem: *const hotnas_gromov_problem,
    settings: *const hotnas_gromov_settings,
    workspace: *mut hotnas_workspace,
    solution: *mut hotnas_solution,
    plan: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (problem, settings, workspace, solution, plan) = unsafe {
            let (problem, settings, workspace, solution) =
                lend::all((Input(problem), Input(settings), OpenMut(workspace), Place(solution)))?;
            let problem = problem.read()?;
            let plan = lend::optional_mut(plan, problem.cost.len())?;
            (problem, settings, workspace, solution, plan)
        };
        let effort = effort(settings.effort)?;
        let settings = GromovSettings {
            lambda: settings.lambda,
            pairing: pairing(settings.pairing)?,
            effort,
            gap: settings.gap,
            iterations: settings.iterations,
            proof_gap: settings.proof_gap,
            nodes: settings.nodes,
            // SAFETY: promised by the caller.
            prover: unsafe { prover(effort, settings.prover)? },
        };
        let need = gromov::workspace(problem.rows, problem.columns, settings.effort);
        let arena = workspace.arena(need)?;
        solution.write(gromov::solve(&problem, &settings, plan, arena)?.into());
        Ok(())
    })
}

/// What the entropy is for.
#[repr(i32)]
pub enum hotnas_entropic_method {
    /// It belongs to the objective: plans are positive everywhere.
    Entropic = 0,
    /// It measures steps only: the end is stationary without it.
    Proximal = 1,
}

/// Settings of `hotnas_transport_solve_entropic_gromov`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_entropic_settings {
    /// Weight of the linear term, 0 to 1; the quadratic term has 1 - lambda.
    pub lambda: hotnas_real,
    /// Weight of the entropy in units of cost: from 1e-6 (float: 1e-4) of the largest cost upwards.
    pub regularisation: hotnas_real,
    /// Relative gap at which the steps end, between 0 and 1, both excluded.
    pub gap: hotnas_real,
    /// Largest allowed sum of absolute differences between marginals and masses, > 0.
    pub tolerance: hotnas_real,
    /// A `hotnas_pairing`.
    pub pairing: i32,
    /// A `hotnas_entropic_method`.
    pub method: i32,
    /// Maximum number of steps, >= 1.
    pub iterations: u32,
    /// Maximum number of iterations of Sinkhorn's algorithm in one step, >= 1.
    pub sweeps: u32,
}

/// What was found besides the plan.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_entropic_report {
    /// The objective of `hotnas_transport_solve_gromov` at the plan, without entropy.
    pub value: hotnas_real,
    /// The value plus regularisation times the sum of plan times its logarithm.
    pub entropic_value: hotnas_real,
    /// How much the linearised objective could still fall: with entropy for ENTROPIC, without for PROXIMAL.
    pub gap: hotnas_real,
    /// Sum of absolute differences between the plan's marginals and the masses.
    pub marginal_residual: hotnas_real,
    /// Steps.
    pub iterations: u32,
    /// Iterations of Sinkhorn's algorithm of all steps together.
    pub sweeps: u32,
    /// 1 if the gap is as small as was asked for; 0 if the steps ran out or rounding allows no descent.
    pub converged: u32,
}

/// Writes settings for a problem: FLOW, lambda 0.8, PROXIMAL, gap 1e-6 (float: 1e-3), 1000 steps, marginals
/// within 1e-9 (float: 1e-5), 10000 iterations in a step.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_entropic_settings_default(
    regularisation: hotnas_real,
    settings: *mut hotnas_entropic_settings,
) -> hotnas_status {
    status(|| {
        let s = EntropicSettings::new(0.8, Pairing::Flow, Method::Proximal, regularisation);
        // SAFETY: promised by the caller.
        unsafe { lend::place(settings)? }.write(hotnas_entropic_settings {
            lambda: s.lambda,
            regularisation: s.regularisation,
            gap: s.gap,
            tolerance: s.tolerance,
            pairing: s.pairing as i32,
            method: s.method as i32,
            iterations: s.iterations,
            sweeps: s.sweeps,
        });
        Ok(())
    })
}

/// Bytes of workspace of `hotnas_transport_solve_entropic_gromov`; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_transport_entropic_gromov_workspace_size(rows: usize, columns: usize) -> usize {
    lend::size(entropic::workspace(rows, columns))
}

/// Solves a fused Gromov-Wasserstein problem with entropy: a stationary plan, found from the product of the
/// masses by steps that never raise the objective. `plan`: rows x columns, or NULL.
///
/// Errors: those of `hotnas_transport_solve_gromov`, NOT_CONVERGED (Sinkhorn's algorithm in a step).
/// Thread safety: any thread, each with its own workspace.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_transport_solve_entropic_gromov(
    problem: *const hotnas_gromov_problem,
    settings: *const hotnas_entropic_settings,
    workspace: *mut hotnas_workspace,
    report: *mut hotnas_entropic_report,
    plan: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (problem, given, workspace, report, plan) = unsafe {
            let (problem, given, workspace, report) =
                lend::all((Input(problem), Input(settings), OpenMut(workspace), Place(report)))?;
            let problem = problem.read()?;
            let plan = lend::optional_mut(plan, problem.cost.len())?;
            (problem, given, workspace, report, plan)
        };
        let settings = EntropicSettings {
            lambda: given.lambda,
            pairing: pairing(given.pairing)?,
            method: method(given.method)?,
            regularisation: given.regularisation,
            gap: given.gap,
            iterations: given.iterations,
            tolerance: given.tolerance,
            sweeps: given.sweeps,
        };
        let arena = workspace.arena(entropic::workspace(problem.rows, problem.columns))?;
        let found = entropic::solve(&problem, &settings, plan, arena)?;
        report.write(hotnas_entropic_report {
            value: found.value,
            entropic_value: found.entropic_value,
            gap: found.gap,
            marginal_residual: found.marginal_residual,
            iterations: found.iterations,
            sweeps: found.sweeps,
            converged: u32::from(found.converged),
        });
        Ok(())
    })
}
