//! Distances of cells.

use super::{hotnas_cache, hotnas_metric};
use crate::cell::hotnas_cell;
use crate::gromov::hotnas_solution;
use crate::lend::{self, Open, OpenMut, Optional, Place};
use crate::status::status;
use crate::transport::product;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::memory::Extent;
use hotnas_core::metric::Metric;
use hotnas_precision::precision;

pub(crate) fn cell_extent(metric: &Metric<'_, hotnas_real>, a: usize, b: usize) -> Extent {
    Metric::<hotnas_real>::cell_workspace(a, b, metric.settings().effort)
}

/// Bytes of workspace for the distance of cells of up to so many nodes, one or many; SIZE_MAX if that
/// overflows or the metric is not valid. Of the metric only the effort matters.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `metric` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_cell_workspace_size(
    metric: *const hotnas_metric,
    nodes_a: usize,
    nodes_b: usize,
) -> usize {
    // SAFETY: promised by the caller.
    let metric = unsafe { lend::open(metric) };
    metric.map_or(usize::MAX, |metric| lend::size(cell_extent(metric, nodes_a, nodes_b)))
}

/// The distance of two cells.
///
/// `plan`: nodes of a x nodes of b, in your numbering of both; or NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_cell_distance(
    metric: *const hotnas_metric,
    a: *const hotnas_cell,
    b: *const hotnas_cell,
    workspace: *mut hotnas_workspace,
    solution: *mut hotnas_solution,
    plan: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (metric, a, b, workspace, solution) =
            unsafe { lend::all((Open(metric), Open(a), Open(b), OpenMut(workspace), Place(solution)))? };
        // SAFETY: promised by the caller; a cell has at most 32 nodes.
        let plan = unsafe { lend::optional_mut(plan, a.nodes() * b.nodes())? };
        let arena = workspace.arena(cell_extent(metric, a.nodes(), b.nodes()))?;
        solution.write(metric.cell_distance(a, b, plan, arena)?.into());
        Ok(())
    })
}

/// The distances from one cell to `count` others, `distances[i]` to `cells[i]`. `cache` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_cell_distances(
    metric: *const hotnas_metric,
    one: *const hotnas_cell,
    count: usize,
    cells: *const *const hotnas_cell,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    distances: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (metric, one, cache, workspace) = unsafe {
            lend::all((Open(metric), Open(one), Optional(OpenMut(cache)), OpenMut(workspace)))?
        };
        // SAFETY: promised by the caller.
        let (cells, distances) =
            unsafe { (lend::open_each(cells, count)?, lend::slice_mut(distances, count)?) };
        let most = cells.clone().map(|cell| cell.nodes()).fold(1, usize::max);
        let arena = workspace.arena(cell_extent(metric, one.nodes(), most))?;
        metric.cell_distances(one, cells, distances, cache, arena)
    })
}

/// The distances between any two of `count` cells, count x count, symmetric with a diagonal of 0.
/// `cache` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, TABLE_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_cell_matrix(
    metric: *const hotnas_metric,
    count: usize,
    cells: *const *const hotnas_cell,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    matrix: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        let size = product(count, count)?;
        // SAFETY: promised by the caller.
        let (metric, cache, workspace) =
            unsafe { lend::all((Open(metric), Optional(OpenMut(cache)), OpenMut(workspace)))? };
        // SAFETY: promised by the caller.
        let (cells, matrix) =
            unsafe { (lend::open_each(cells, count)?, lend::slice_mut(matrix, size)?) };
        let most = cells.clone().map(|cell| cell.nodes()).fold(1, usize::max);
        let arena = workspace.arena(cell_extent(metric, most, most))?;
        metric.cell_matrix(cells, matrix, cache, arena)
    })
}

/// Fills diagonal and upper triangle from the lower one.
pub(super) fn mirror(matrix: &mut [hotnas_real], n: usize) {
    for i in 0..n {
        for j in i..n {
            let value = if i == j { 0.0 } else { matrix.get(j * n + i).copied().unwrap_or(0.0) };
            if let Some(place) = matrix.get_mut(i * n + j) {
                *place = value;
            }
        }
    }
}
