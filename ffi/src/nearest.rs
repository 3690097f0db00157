//! ## Nearest neighbours
//!
//! Which of many is nearest? The answer is the one that computing all distances would give, to the bit, but
//! few of them are computed: lower bounds exclude the others. `hotnas_metric_nearest_cells` looks at candidates in the
//! order of their bounds. `hotnas_metric_compare_cell_distance` needs one candidate at a time, such as
//! cells in flash that `hotnas_cell_open` reads in place: the least distance so far is its limit.
//!
//! ```c
//! // pool -> conv 3x3 -> pool, pool -> conv 1x1, pool -> pool: which is nearest to pool -> conv 3x3?
//! static const uint8_t nodes[4][3] = {{2, 0, 2}, {2, 1}, {2, 2}, {2, 0}};
//! static const size_t counts[4] = {3, 2, 2, 2};
//! static const hotnas_edge edges[2] = {{0, 1}, {1, 2}};
//! static uint64_t memory[4][160], scratch[2048];
//! hotnas_operations operations;
//! hotnas_workspace workspace;
//! hotnas_metric_settings settings;
//! hotnas_metric metric;
//! hotnas_cell cells[4];
//! const hotnas_cell *candidates[3];
//! hotnas_cell_spec spec = {0};
//! hotnas_neighbour nearest;
//! hotnas_comparison answer;
//! size_t i, best = 3;
//! hotnas_real least = 1000;
//! spec.edges = edges;
//! if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
//!     return 1;
//! for (i = 0; i < 4; i++) {
//!     spec.node_count = counts[i];
//!     spec.operations = nodes[i];
//!     spec.edge_count = counts[i] - 1;
//!     if (hotnas_cell_init(&cells[i], &operations, &spec, memory[i], sizeof memory[i], &workspace) !=
//!         HOTNAS_STATUS_OK)
//!         return 1;
//!     if (i < 3) candidates[i] = &cells[i];
//! }
//! if (hotnas_metric_nearest_cells(&metric, &cells[3], 3, candidates, NULL, &workspace, 1, &nearest, NULL) !=
//!     HOTNAS_STATUS_OK)
//!     return 1;
//! // The same with one candidate at a time.
//! for (i = 0; i < 3; i++) {
//!     if (hotnas_metric_compare_cell_distance(&metric, &cells[3], &cells[i], least, &workspace, &answer) !=
//!         HOTNAS_STATUS_OK)
//!         return 1;
//!     if (answer.is_nearer) best = i, least = answer.value;
//! }
//! if (nearest.index != 1 || best != 1 || least != nearest.distance) return 1;
//! ```

use crate::cell::hotnas_cell;
use crate::lend::{self, Open, OpenMut, Optional, Place};
use crate::metric::{cell_extent, hotnas_cache, hotnas_metric, network_extent};
use crate::network::hotnas_network;
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::memory::Extent;
use hotnas_core::metric::{Comparison, Metric, NearestReport, Neighbour, NetworkShape, Stage};
use hotnas_precision::precision;

/// An answer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_neighbour {
    /// The number of the candidate.
    pub index: usize,
    /// Its distance.
    pub distance: hotnas_real,
}

const _: () = assert!(size_of::<hotnas_neighbour>() == size_of::<Neighbour<hotnas_real>>());

/// The work of a query.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_nearest_report {
    /// Bounds of stage MOMENTS that were computed: one per candidate.
    pub moments: u32,
    /// Bounds of stage TRANSPORT.
    pub transports: u32,
    /// Distances that were computed.
    pub solved: u32,
}

impl From<NearestReport> for hotnas_nearest_report {
    fn from(report: NearestReport) -> Self {
        Self { moments: report.moments, transports: report.transports, solved: report.solved }
    }
}

/// What decided a comparison, in order of cost.
#[repr(i32)]
pub enum hotnas_stage {
    /// A lower bound from the differences of marginals and means.
    Moments = 0,
    /// A lower bound by exact transport.
    Transport = 1,
    /// The distance itself.
    Solved = 2,
}

const _: () = assert!(hotnas_stage::Solved as i32 == Stage::Solved as i32);

/// Whether something is nearer than a limit.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_comparison {
    /// The distance if `stage` is SOLVED, which it is if `is_nearer`; else a lower bound of the distance
    /// that is not less than the limit.
    pub value: hotnas_real,
    /// 1 if the distance is less than the limit, else 0.
    pub is_nearer: u32,
    /// A `hotnas_stage`.
    pub stage: i32,
}

impl From<Comparison<hotnas_real>> for hotnas_comparison {
    fn from(answer: Comparison<hotnas_real>) -> Self {
        Self { value: answer.value, is_nearer: u32::from(answer.is_nearer), stage: answer.stage as i32 }
    }
}

fn with_queue(count: usize, solver: Extent) -> Extent {
    Metric::<hotnas_real>::nearest_workspace(count).and(solver)
}

/// Bytes of workspace of `hotnas_metric_nearest_cells` for `count` candidates of up to `nodes_b` nodes;
/// SIZE_MAX if that overflows or the metric is not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `metric` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_nearest_cells_workspace_size(
    metric: *const hotnas_metric,
    count: usize,
    nodes_a: usize,
    nodes_b: usize,
) -> usize {
    // SAFETY: promised by the caller.
    let metric = unsafe { lend::open(metric) };
    metric.map_or(usize::MAX, |m| lend::size(with_queue(count, cell_extent(m, nodes_a, nodes_b))))
}

/// Bytes of workspace of `hotnas_metric_nearest_networks` for `count` candidates; `nodes`, `distinct` and
/// `cells` as for `hotnas_metric_network_workspace_size`. SIZE_MAX if that overflows or the metric is
/// not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `metric` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_nearest_networks_workspace_size(
    metric: *const hotnas_metric,
    count: usize,
    nodes: usize,
    distinct: usize,
    cells: usize,
) -> usize {
    let shape = NetworkShape { nodes, distinct, cells };
    // SAFETY: promised by the caller.
    let metric = unsafe { lend::open(metric) };
    metric.map_or(usize::MAX, |m| lend::size(with_queue(count, network_extent(m, &shape))))
}

/// The `wanted` cells nearest to `one` among `count` candidates, the nearest first, of equal distances the
/// lowest index: exactly those that `hotnas_metric_cell_distances` would give. `cache` and `report` may be
/// NULL. `wanted` is 1 to `count`.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (`wanted`), SIZE_OVERFLOW (2^30
/// candidates), TABLE_MISMATCH, MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_nearest_cells(
    metric: *const hotnas_metric,
    one: *const hotnas_cell,
    count: usize,
    cells: *const *const hotnas_cell,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    wanted: usize,
    nearest: *mut hotnas_neighbour,
    report: *mut hotnas_nearest_report,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller; `Neighbour` has the layout of `hotnas_neighbour`.
        let (metric, one, cache, workspace, report) = unsafe {
            lend::all((
                Open(metric),
                Open(one),
                Optional(OpenMut(cache)),
                OpenMut(workspace),
                Optional(Place(report)),
            ))?
        };
        // SAFETY: promised by the caller.
        let (cells, nearest) = unsafe {
            (
                lend::open_any(cells, count)?,
                lend::slice_mut(nearest.cast::<Neighbour<hotnas_real>>(), wanted)?,
            )
        };
        let most = (0..count).filter_map(|i| cells(i).map(|cell| cell.nodes())).fold(1, usize::max);
        let arena = workspace.arena(with_queue(count, cell_extent(metric, one.nodes(), most)))?;
        let found = metric.nearest_cells(one, count, cells, nearest, cache, arena)?;
        report.into_iter().for_each(|report| report.write(found.into()));
        Ok(())
    })
}

/// `hotnas_metric_nearest_cells` for networks. With a cache, pairs of cells that many networks share are
/// solved once.
///
/// Errors: as there.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_nearest_networks(
    metric: *const hotnas_metric,
    one: *const hotnas_network,
    count: usize,
    networks: *const *const hotnas_network,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    wanted: usize,
    nearest: *mut hotnas_neighbour,
    report: *mut hotnas_nearest_report,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller; `Neighbour` has the layout of `hotnas_neighbour`.
        let (metric, one, cache, workspace, report) = unsafe {
            lend::all((
                Open(metric),
                Open(one),
                Optional(OpenMut(cache)),
                OpenMut(workspace),
                Optional(Place(report)),
            ))?
        };
        // SAFETY: promised by the caller.
        let (networks, nearest) = unsafe {
            (
                lend::open_any(networks, count)?,
                lend::slice_mut(nearest.cast::<Neighbour<hotnas_real>>(), wanted)?,
            )
        };
        let shapes = (0..count).filter_map(|i| networks(i).map(NetworkShape::of));
        let shape = shapes.fold(NetworkShape::of(one), NetworkShape::or);
        let arena = workspace.arena(with_queue(count, network_extent(metric, &shape)))?;
        let found = metric.nearest_networks(one, count, networks, nearest, cache, arena)?;
        report.into_iter().for_each(|report| report.write(found.into()));
        Ok(())
    })
}

/// Whether the distance of two cells is less than `limit`, with as little work as that takes; the
/// distance if it is. Its workspace is that of `hotnas_metric_cell_distance`. An infinite limit asks for
/// the distance.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NOT_FINITE (a limit that is NaN), TABLE_MISMATCH,
/// MEMORY_TOO_SMALL.
/// Thread safety: any thread, each with its own workspace.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_compare_cell_distance(
    metric: *const hotnas_metric,
    a: *const hotnas_cell,
    b: *const hotnas_cell,
    limit: hotnas_real,
    workspace: *mut hotnas_workspace,
    answer: *mut hotnas_comparison,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (metric, a, b, workspace, answer) =
            unsafe { lend::all((Open(metric), Open(a), Open(b), OpenMut(workspace), Place(answer)))? };
        let arena = workspace.arena(cell_extent(metric, a.nodes(), b.nodes()))?;
        answer.write(metric.compare_cell_distance(a, b, limit, arena)?.into());
        Ok(())
    })
}

/// `hotnas_metric_compare_cell_distance` for networks, with the workspace of
/// `hotnas_metric_network_distance`. `cache` may be NULL.
///
/// Errors: as there.
/// Thread safety: any thread, each with its own workspace and cache.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_compare_network_distance(
    metric: *const hotnas_metric,
    a: *const hotnas_network,
    b: *const hotnas_network,
    limit: hotnas_real,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    answer: *mut hotnas_comparison,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (metric, a, b, cache, workspace, answer) = unsafe {
            lend::all((
                Open(metric),
                Open(a),
                Open(b),
                Optional(OpenMut(cache)),
                OpenMut(workspace),
                Place(answer),
            ))?
        };
        let shape = NetworkShape::of(a).or(NetworkShape::of(b));
        let arena = workspace.arena(network_extent(metric, &shape))?;
        answer.write(metric.compare_network_distance(a, b, limit, cache, arena)?.into());
        Ok(())
    })
}
