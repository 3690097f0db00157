//! What a process predicts.

use super::hotnas_gp;
use crate::lend::{self, Open, OpenMut, Optional, Place};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::gp::GaussianProcess;
use hotnas_core::memory::Extent;
use hotnas_precision::precision;

/// Mean and variance of the latent function (without noise) at `candidate_count` candidates.
///
/// `distances`: candidates x observations (x parts). `mean` and `variance`: one per candidate; variances are
/// at least 0.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST,
/// MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_posterior(
    gp: *const hotnas_gp,
    candidate_count: usize,
    distances: *const hotnas_real,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    variance: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace) = unsafe { lend::all((Open(gp), OpenMut(workspace)))? };
        let width = gp.len().checked_mul(gp.parts()).ok_or(Error::SizeOverflow)?;
        let size = candidate_count.checked_mul(width).ok_or(Error::SizeOverflow)?;
        // SAFETY: promised by the caller.
        let (distances, mean, variance) = unsafe {
            (
                lend::slice(distances, size)?,
                lend::slice_mut(mean, candidate_count)?,
                lend::slice_mut(variance, candidate_count)?,
            )
        };
        let arena = workspace.arena(GaussianProcess::<hotnas_real>::posterior_workspace(gp.len()))?;
        gp.posterior(distances, mean, variance, arena)
    })
}

/// Bytes of workspace for `hotnas_gp_joint_posterior` at `candidate_count` candidates with `count`
/// observations; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_gp_joint_workspace_size(count: usize, candidate_count: usize) -> usize {
    lend::size(GaussianProcess::<hotnas_real>::joint_workspace(count, candidate_count))
}

/// Mean and covariance of the latent function (without noise) at `candidate_count` candidates.
///
/// `distances`: candidates x observations (x parts). `between`: distances from each candidate to those before
/// it, row after row, n (n - 1) / 2 (x parts) for n candidates; may be NULL for one. `covariance`: a lower triangle with
/// its diagonal, row after row, n (n + 1) / 2. The diagonal is that of `hotnas_gp_posterior`.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST,
/// MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_joint_posterior(
    gp: *const hotnas_gp,
    candidate_count: usize,
    distances: *const hotnas_real,
    between: *const hotnas_real,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    covariance: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace) = unsafe { lend::all((Open(gp), OpenMut(workspace)))? };
        let width = gp.len().checked_mul(gp.parts()).ok_or(Error::SizeOverflow)?;
        let rows = candidate_count.checked_mul(width).ok_or(Error::SizeOverflow)?;
        let whole = candidate_count
            .checked_add(1)
            .and_then(|more| more.checked_mul(candidate_count))
            .ok_or(Error::SizeOverflow)?
            / 2;
        // SAFETY: promised by the caller.
        let (distances, between, mean, covariance) = unsafe {
            (
                lend::slice(distances, rows)?,
                lend::slice(between, (whole - candidate_count).saturating_mul(gp.parts()))?,
                lend::slice_mut(mean, candidate_count)?,
                lend::slice_mut(covariance, whole)?,
            )
        };
        let need = GaussianProcess::<hotnas_real>::joint_workspace(gp.len(), candidate_count);
        let arena = workspace.arena(need)?;
        gp.joint_posterior(distances, between, mean, covariance, arena)
    })
}

/// Mean and variance (with noise and jitter) of each of the `count` observed values given all the
/// others; the residual is value - mean.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_leave_one_out(
    gp: *const hotnas_gp,
    count: usize,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    variance: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace, mean, variance) = unsafe {
            let outputs = (lend::slice_mut(mean, count)?, lend::slice_mut(variance, count)?);
            (lend::open(gp)?, lend::open_mut(workspace)?, outputs.0, outputs.1)
        };
        let arena = workspace.arena(GaussianProcess::<hotnas_real>::posterior_workspace(gp.len()))?;
        gp.leave_one_out(mean, variance, arena)
    })
}

/// What was found about the eigenvalues of a correlation matrix.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_clipping {
    /// The least eigenvalue; infinite without observations.
    pub least_eigenvalue: hotnas_real,
    /// Eigenvalues that were left out: negative ones and those that rounding does not tell from 0.
    pub lost_count: usize,
}

/// Bytes of workspace for `hotnas_gp_clipped_posterior` with `count` observations, about 2 count^2 reals; SIZE_MAX
/// if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_gp_clipped_workspace_size(count: usize) -> usize {
    lend::size(clipped_workspace(count))
}

fn clipped_workspace(count: usize) -> Extent {
    GaussianProcess::<hotnas_real>::clipped_workspace(count).and(Extent::reals(count))
}

/// As `hotnas_gp_posterior`, but instead of jitter the negative eigenvalues of the correlation matrix are set to
/// 0, and what candidates have in common with the lost eigenvectors is left out too: for kernels of distances that
/// are not of negative type. O(count^3), about a hundred factorisations, in each call: ask for all candidates at
/// once. `clipping` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST, MEMORY_TOO_SMALL,
/// NOT_POSITIVE_DEFINITE (no eigenvalue is left).
/// Thread safety: reading only; not while another thread changes the process; a workspace each.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_gp_clipped_posterior(
    gp: *const hotnas_gp,
    candidate_count: usize,
    distances: *const hotnas_real,
    workspace: *mut hotnas_workspace,
    mean: *mut hotnas_real,
    variance: *mut hotnas_real,
    clipping: *mut hotnas_clipping,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (gp, workspace, clipping) =
            unsafe { lend::all((Open(gp), OpenMut(workspace), Optional(Place(clipping))))? };
        let width = gp.len().checked_mul(gp.parts()).ok_or(Error::SizeOverflow)?;
        let size = candidate_count.checked_mul(width).ok_or(Error::SizeOverflow)?;
        // SAFETY: promised by the caller.
        let (distances, mean, variance) = unsafe {
            (
                lend::slice(distances, size)?,
                lend::slice_mut(mean, candidate_count)?,
                lend::slice_mut(variance, candidate_count)?,
            )
        };
        let mut arena = workspace.arena(clipped_workspace(gp.len()))?;
        let scratch = arena.split(Extent::reals(gp.len()))?;
        let clipped = gp.clipped(arena)?;
        clipped.posterior(distances, mean, variance, scratch)?;
        if let Some(clipping) = clipping {
            clipping.write(hotnas_clipping {
                least_eigenvalue: clipped.least_eigenvalue(),
                lost_count: clipped.lost(),
            });
        }
        Ok(())
    })
}
