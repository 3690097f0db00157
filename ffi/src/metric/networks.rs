//! Distances of networks.

use super::{hotnas_cache, hotnas_metric, mirror};
use crate::lend::{self, Open, OpenMut, Optional, Place};
use crate::network::hotnas_network;
use crate::status::status;
use crate::transport::product;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::memory::Extent;
use hotnas_core::metric::{Metric, NetworkShape};
use hotnas_precision::precision;

pub(crate) fn network_extent(metric: &Metric<'_, hotnas_real>, shape: &NetworkShape) -> Extent {
    metric.workspace(shape)
}

/// What was found besides the plan between two networks.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_network_solution {
    /// The distance.
    pub value: hotnas_real,
    /// The distance cannot be smaller, whatever better plans there may be inside the cells.
    pub lower_bound: hotnas_real,
    /// Sum of absolute differences between the plan's marginals and the masses.
    pub marginal_residual: hotnas_real,
    /// Pairs of cells that were solved for this answer: not those known to the cache, not equal cells.
    pub cell_pairs_solved: u32,
    /// Frank-Wolfe steps of all these pairs together.
    pub iterations: u32,
    /// Nodes of the branch and bound of all these pairs together; 0 unless the effort is EXACT.
    pub nodes: u32,
    /// 1 if every pair of cells that occurs is proved to have its least distance, else 0. The
    /// transport between the networks is always exact.
    pub proved_optimal: u32,
}

/// Bytes of workspace for the distance of networks whose cells have up to `nodes` nodes, with up to
/// `distinct` different cells and up to `cells` cells each; SIZE_MAX if that overflows or the metric is
/// not valid. Of the metric only effort, distance and operation table matter.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `metric` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_network_workspace_size(
    metric: *const hotnas_metric,
    nodes: usize,
    distinct: usize,
    cells: usize,
) -> usize {
    let shape = NetworkShape { nodes, distinct, cells };
    // SAFETY: promised by the caller.
    let metric = unsafe { lend::open(metric) };
    metric.map_or(usize::MAX, |metric| lend::size(network_extent(metric, &shape)))
}

/// The distance of two networks. Each pair of different cells is solved once. `cache` may be NULL.
///
/// `plan`: cells of a x cells of b in the order of the sequences, or NULL. Only HOTNN has one.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL, NO_PLAN.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_network_distance(
    metric: *const hotnas_metric,
    a: *const hotnas_network,
    b: *const hotnas_network,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    solution: *mut hotnas_network_solution,
    plan: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (metric, a, b, cache, workspace, solution) = unsafe {
            lend::all((
                Open(metric),
                Open(a),
                Open(b),
                Optional(OpenMut(cache)),
                OpenMut(workspace),
                Place(solution),
            ))?
        };
        // SAFETY: promised by the caller; a network has at most 64 cells.
        let plan = unsafe { lend::optional_mut(plan, a.len() * b.len())? };
        let shape = NetworkShape::of(a).or(NetworkShape::of(b));
        let arena = workspace.arena(network_extent(metric, &shape))?;
        let found = metric.network_distance(a, b, plan, cache, arena)?;
        solution.write(hotnas_network_solution {
            value: found.value,
            lower_bound: found.lower_bound,
            marginal_residual: found.marginal_residual,
            cell_pairs_solved: found.cell_pairs_solved,
            iterations: found.iterations,
            nodes: found.nodes,
            proved_optimal: u32::from(found.proved_optimal),
        });
        Ok(())
    })
}

/// The number of parts of the distance of networks; 0 if the metric is not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `metric` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_part_count(metric: *const hotnas_metric) -> usize {
    // SAFETY: promised by the caller.
    unsafe { lend::open(metric) }.map_or(0, Metric::parts)
}

/// The partial distances of two networks, `count` = `hotnas_metric_part_count` numbers, for a kernel
/// that has a length scale for each. A distance of one part is its own part. `cache` may be NULL.
/// Workspace: `hotnas_metric_network_workspace_size`.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH, TABLE_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_network_parts(
    metric: *const hotnas_metric,
    a: *const hotnas_network,
    b: *const hotnas_network,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    count: usize,
    parts: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (metric, a, b, cache, workspace) = unsafe {
            lend::all((Open(metric), Open(a), Open(b), Optional(OpenMut(cache)), OpenMut(workspace)))?
        };
        // SAFETY: promised by the caller.
        let parts = unsafe { lend::slice_mut(parts, count)? };
        let shape = NetworkShape::of(a).or(NetworkShape::of(b));
        let arena = workspace.arena(network_extent(metric, &shape))?;
        metric.network_parts(a, b, parts, cache, arena)
    })
}

/// The distances from one network to `count` others, `distances[i]` to `networks[i]`. `cache` may be
/// NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_network_distances(
    metric: *const hotnas_metric,
    one: *const hotnas_network,
    count: usize,
    networks: *const *const hotnas_network,
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
        let (networks, distances) =
            unsafe { (lend::open_each(networks, count)?, lend::slice_mut(distances, count)?) };
        let shape =
            networks.clone().map(|n| NetworkShape::of(n)).fold(NetworkShape::of(one), NetworkShape::or);
        let arena = workspace.arena(network_extent(metric, &shape))?;
        // As many as there are: the same code as a row of a matrix.
        metric.network_distances(one, networks.take(count), distances, cache, arena)
    })
}

/// The distances between any two of `count` networks, count x count, symmetric with a diagonal of 0.
/// `cache` may be NULL; with a cache pairs of cells that many networks share are solved once.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, TABLE_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_network_matrix(
    metric: *const hotnas_metric,
    count: usize,
    networks: *const *const hotnas_network,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    matrix: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        let size = product(count, count)?;
        // SAFETY: promised by the caller.
        let (metric, mut cache, workspace) =
            unsafe { lend::all((Open(metric), Optional(OpenMut(cache)), OpenMut(workspace)))? };
        // SAFETY: promised by the caller.
        let (networks, matrix) =
            unsafe { (lend::open_each(networks, count)?, lend::slice_mut(matrix, size)?) };
        // After this nothing can fail: tables and memory are all that a distance asks for.
        if networks.clone().any(|network| network.table() != metric.table().fingerprint()) {
            return Err(Error::TableMismatch);
        }
        let least = NetworkShape { nodes: 1, distinct: 1, cells: 1 };
        let shape = networks.clone().map(|n| NetworkShape::of(n)).fold(least, NetworkShape::or);
        let mut arena = workspace.arena(network_extent(metric, &shape))?;
        for (i, (row, one)) in matrix.chunks_exact_mut(count.max(1)).zip(networks.clone()).enumerate() {
            let to = row.get_mut(..i).unwrap_or_default();
            let others = networks.clone().take(i);
            metric.network_distances(one, others, to, cache.as_deref_mut(), arena.scope())?;
        }
        mirror(matrix, count);
        Ok(())
    })
}
