//! ## Transport
//!
//! Optimal transport on your own cost matrices; no cell or network is needed. A plan between n points
//! with masses p and m points with masses q is an n x m matrix of numbers >= 0 whose rows sum to p and
//! whose columns sum to q.
//!
//! ```c
//! static const hotnas_real cost[4] = {0, 2, 3, 0};
//! static uint64_t scratch[256];
//! hotnas_workspace workspace;
//! hotnas_transport_problem problem = {0};
//! hotnas_transport_report report;
//! hotnas_real plan[4];
//! problem.rows = 2;
//! problem.columns = 2;
//! problem.cost = cost;
//! if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_transport_solve_exact(&problem, &workspace, &report, plan, NULL, NULL) != HOTNAS_STATUS_OK)
//!     return 1;
//! if (report.cost != 0 || plan[0] != (hotnas_real)0.5 || plan[1] != 0) return 1;
//! ```

use crate::lend::{self, Input, OpenMut, Place};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::transport::Problem;
use hotnas_core::transport::exact::{self, ExactReport};
use hotnas_core::transport::sinkhorn::{self, SinkhornSettings};
use hotnas_precision::precision;

/// A linear transport problem. Set it to zero, then set what you have.
#[repr(C)]
pub struct hotnas_transport_problem {
    /// Number of points on the left, n >= 1.
    pub rows: usize,
    /// Number of points on the right, m >= 1.
    pub columns: usize,
    /// n x m costs of either sign, finite.
    pub cost: *const hotnas_real,
    /// n masses, finite, at least 0, sum 1 up to 1e-9 (double) or 1e-5 (float). NULL: 1/n each.
    pub row_masses: *const hotnas_real,
    /// m masses; NULL: 1/m each.
    pub column_masses: *const hotnas_real,
}

/// Elements of a matrix, or an error.
pub(crate) fn product(rows: usize, columns: usize) -> Result<usize, Error> {
    rows.checked_mul(columns).ok_or(Error::SizeOverflow)
}

impl hotnas_transport_problem {
    /// # Safety
    /// Pointers are NULL or valid for the counts, unchanged during `'a`.
    unsafe fn read<'a>(&self) -> Result<Problem<'a, hotnas_real>, Error> {
        let size = product(self.rows, self.columns)?;
        // SAFETY: passed on from the caller.
        unsafe {
            Ok(Problem {
                rows: self.rows,
                columns: self.columns,
                cost: lend::slice(self.cost, size)?,
                row_masses: lend::optional(self.row_masses, self.rows)?,
                column_masses: lend::optional(self.column_masses, self.columns)?,
            })
        }
    }
}

/// What the exact solver found besides the plan.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_transport_report {
    /// The least transport cost.
    pub cost: hotnas_real,
    /// Sum of absolute differences between the plan's marginals and the masses: rounding only.
    pub marginal_residual: hotnas_real,
    /// Number of augmenting paths; exchanges of the simplex method if it is no assignment problem.
    pub iterations: u32,
}

impl From<ExactReport<hotnas_real>> for hotnas_transport_report {
    fn from(found: ExactReport<hotnas_real>) -> Self {
        Self {
            cost: found.cost,
            marginal_residual: found.marginal_residual,
            iterations: found.iterations,
        }
    }
}

/// Bytes of workspace of `hotnas_transport_solve_exact` and `hotnas_transport_solve_warm`; SIZE_MAX if that
/// overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_transport_exact_workspace_size(rows: usize, columns: usize) -> usize {
    lend::size(exact::workspace(rows, columns))
}

/// Solves a transport problem exactly.
///
/// `plan`: rows x columns, or NULL. `row_duals` (rows) and `column_duals` (columns): both or neither
/// NULL; potentials u, v with u_i + v_j <= cost_ij up to rounding, equal where the plan is positive,
/// so that the sum of p_i u_i and q_j v_j, which equals the cost, proves it least. Of several
/// optimal plans the same one is always returned for the same input.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, DIMENSION_MISMATCH (no rows or columns),
/// NOT_FINITE (costs that are not finite, or so large that sums of them are not), MASS_NOT_FINITE,
/// NEGATIVE_MASS, MASS_SUM, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_transport_solve_exact(
    problem: *const hotnas_transport_problem,
    workspace: *mut hotnas_workspace,
    report: *mut hotnas_transport_report,
    plan: *mut hotnas_real,
    row_duals: *mut hotnas_real,
    column_duals: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (problem, workspace, report, plan, duals) = unsafe {
            let (problem, workspace, report) =
                lend::all((Input(problem), OpenMut(workspace), Place(report)))?;
            let problem = problem.read()?;
            let duals = (
                lend::optional_mut(row_duals, problem.rows)?,
                lend::optional_mut(column_duals, problem.columns)?,
            );
            let duals = match duals {
                (Some(u), Some(v)) => Some((u, v)),
                (None, None) => None,
                _ => return Err(Error::Null),
            };
            let plan = lend::optional_mut(plan, problem.cost.len())?;
            (problem, workspace, report, plan, duals)
        };
        let arena = workspace.arena(exact::workspace(problem.rows, problem.columns))?;
        report.write(exact::solve(&problem, plan, duals, arena)?.into());
        Ok(())
    })
}

/// As `hotnas_transport_solve_exact`, starting from the column potentials in `column_duals`.
///
/// `row_duals` (rows) and `column_duals` (columns), neither NULL, receive potentials of this problem. Any finite
/// numbers will do as a start; those of a similar problem are close to the answer. Which of several optimal plans
/// is returned depends on them. They are used only for assignment problems: as many rows as columns, equal masses.
///
/// Errors: those of `hotnas_transport_solve_exact`, NOT_FINITE also for `column_duals` that are not finite.
/// Thread safety: any thread, each with its own workspace.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_transport_solve_warm(
    problem: *const hotnas_transport_problem,
    workspace: *mut hotnas_workspace,
    report: *mut hotnas_transport_report,
    plan: *mut hotnas_real,
    row_duals: *mut hotnas_real,
    column_duals: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (problem, workspace, report, plan, duals) = unsafe {
            let (problem, workspace, report) =
                lend::all((Input(problem), OpenMut(workspace), Place(report)))?;
            let problem = problem.read()?;
            let duals = (
                lend::slice_mut(row_duals, problem.rows)?,
                lend::slice_mut(column_duals, problem.columns)?,
            );
            let plan = lend::optional_mut(plan, problem.cost.len())?;
            (problem, workspace, report, plan, duals)
        };
        let arena = workspace.arena(exact::workspace(problem.rows, problem.columns))?;
        report.write(exact::solve_warm(&problem, plan, duals, arena)?.into());
        Ok(())
    })
}

/// Settings of `hotnas_transport_solve_sinkhorn`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_sinkhorn_settings {
    /// Weight of the entropy in units of cost: from 1e-6 (float: 1e-4) of the largest absolute cost
    /// up to 1e305 (float: 1e35). The smaller, the closer to exact transport and the more iterations.
    pub regularisation: hotnas_real,
    /// Largest allowed sum of absolute differences between marginals and masses, > 0.
    pub tolerance: hotnas_real,
    /// Maximum number of iterations.
    pub iterations: u32,
}

/// Default regularisation.
pub const HOTNAS_DEFAULT_SINKHORN_REGULARISATION: hotnas_real = 0.05;
/// Default number of iterations.
pub const HOTNAS_DEFAULT_SINKHORN_ITERATIONS: u32 = 10000;

/// What Sinkhorn's algorithm found besides the plan.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_sinkhorn_report {
    /// Sum of plan times cost.
    pub transport_cost: hotnas_real,
    /// Transport cost plus regularisation times the sum of plan times its logarithm.
    pub entropic_value: hotnas_real,
    /// Sum of absolute differences between the plan's marginals and the masses.
    pub marginal_residual: hotnas_real,
    /// Iterations used.
    pub iterations: u32,
}

/// Bytes of workspace of `hotnas_transport_solve_sinkhorn`; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_transport_sinkhorn_workspace_size(rows: usize, columns: usize) -> usize {
    lend::size(sinkhorn::workspace(rows, columns))
}

/// Solves an entropic transport problem by Sinkhorn's algorithm in the log domain.
///
/// `plan`: rows x columns, or NULL. The answer fulfils the tolerance, or there is none.
///
/// Errors: those of `hotnas_transport_solve_exact`, INVALID_SETTING, NOT_CONVERGED.
/// Thread safety: any thread, each with its own workspace.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_transport_solve_sinkhorn(
    problem: *const hotnas_transport_problem,
    settings: *const hotnas_sinkhorn_settings,
    workspace: *mut hotnas_workspace,
    report: *mut hotnas_sinkhorn_report,
    plan: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (problem, settings, workspace, report, plan) = unsafe {
            let (problem, settings, workspace, report) =
                lend::all((Input(problem), Input(settings), OpenMut(workspace), Place(report)))?;
            let problem = problem.read()?;
            let plan = lend::optional_mut(plan, problem.cost.len())?;
            (problem, settings, workspace, report, plan)
        };
        let settings = SinkhornSettings {
            regularisation: settings.regularisation,
            tolerance: settings.tolerance,
            iterations: settings.iterations,
        };
        let arena = workspace.arena(sinkhorn::workspace(problem.rows, problem.columns))?;
        let found = sinkhorn::solve(&problem, &settings, plan, arena)?;
        report.write(hotnas_sinkhorn_report {
            transport_cost: found.transport_cost,
            entropic_value: found.entropic_value,
            marginal_residual: found.marginal_residual,
            iterations: found.iterations,
        });
        Ok(())
    })
}
