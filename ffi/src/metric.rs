//! ## Metric
//!
//! The distance of two cells (iFGW) and of two networks (HOTNN). A metric is an operation table and
//! settings; it is a parameter, never changed, free to be shared between threads.
//!
//! Promised, to the bit: a distance is not negative; it is 0 for cells that are equal up to numbering;
//! renumbering nodes changes nothing; d(a, b) = d(b, a); a cache changes nothing. Not promised: the
//! triangle inequality, and, unless `proved_optimal` says so, that no better plan exists: the problem is
//! not convex.
//!
//! ```c
//! // conv 3x3 -> pool and conv 1x1 -> pool
//! static const uint8_t nodes[2][2] = {{0, 2}, {1, 2}};
//! static const hotnas_edge edge = {0, 1};
//! static uint64_t memory[2][128], scratch[1024];
//! hotnas_operations operations;
//! hotnas_workspace workspace;
//! hotnas_metric_settings settings;
//! hotnas_metric metric;
//! hotnas_cell cells[2];
//! hotnas_cell_spec spec = {0};
//! hotnas_solution solution;
//! int i;
//! spec.node_count = 2;
//! spec.edge_count = 1;
//! spec.edges = &edge;
//! if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
//!     return 1;
//! for (i = 0; i < 2; i++) {
//!     spec.operations = nodes[i];
//!     if (hotnas_cell_init(&cells[i], &operations, &spec, memory[i], sizeof memory[i], &workspace) !=
//!         HOTNAS_STATUS_OK)
//!         return 1;
//! }
//! if (hotnas_metric_cell_distance(&metric, &cells[0], &cells[1], &workspace, &solution, NULL) !=
//!     HOTNAS_STATUS_OK)
//!     return 1;
//! printf("%g\n", (double)solution.value); // 0.02: half the mass moves at cost 0.05, times lambda
//! ```

use crate::cell::hotnas_cell;
use crate::gromov::{effort, hotnas_prover, hotnas_solution, pairing, prover};
use crate::lend::{self, Block, Output, Slot, handle};
use crate::network::hotnas_network;
use crate::operations::hotnas_operations;
use crate::status::status;
use crate::transport::product;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::memory::Extent;
use hotnas_core::metric::{Distance, DistanceCache, Layers, Metric, MetricSettings, NetworkShape};
use hotnas_precision::precision;

/// Default weight of operations against structure.
pub const HOTNAS_DEFAULT_EPSILON: hotnas_real = 0.5;
/// Default weight of the linear term.
pub const HOTNAS_DEFAULT_LAMBDA: hotnas_real = 0.8;
/// Default weight of positions.
pub const HOTNAS_DEFAULT_ETA: hotnas_real = 0.5;
/// Default number of Frank-Wolfe steps of one start, at most.
pub const HOTNAS_DEFAULT_STEPS: u32 = 1000;
/// Default distance of bound and value in a proof, relative to the value.
pub const HOTNAS_DEFAULT_PROOF_GAP: hotnas_real = 0.001;
/// Default number of nodes of a branch and bound, at most.
pub const HOTNAS_DEFAULT_NODES: u32 = 1000;

/// Which distance of networks. Cells are always compared by iFGW.
///
/// A distance has one or more parts (`hotnas_metric_part_count`): partial distances for a kernel that
/// has a length scale for each.
#[repr(C)]
pub enum hotnas_distance {
    /// Hierarchical optimal transport; one part.
    Hotnn = 0,
    /// The same distance in three parts (not in the paper), each of them a HOTNN: operations alone (cells
    /// compared with epsilon 1, lambda 1), structure alone (epsilon 0, lambda 1), the whole.
    HotnnParts = 1,
    /// BO-edit: nodes and edges that differ, cell by cell and node by node in the numbering in which the
    /// cells were made; one part. Renumbering the nodes of a cell changes it. Not cached.
    Edit = 2,
    /// The L1 difference of the histograms of neighbourhoods up to 0, 1 and 2 edges away (Weisfeiler and
    /// Lehman); one part. Not cached: edges count that the key of a cell does not hold.
    WeisfeilerLehman = 3,
    /// The information of the nodes without transport, a control: the L1 difference of operations,
    /// attributes and structural features summed over the nodes; one part.
    Summed = 4,
    /// Tree-Wasserstein (Nguyen et al. 2021) in three parts: operations one by one and in pairs, degrees
    /// in, degrees out; the distance is their sum. Convolutions are near to each other. Needs layers.
    /// Not cached, like WEISFEILER_LEHMAN.
    TreeWasserstein = 5,
    /// OTMANN of NASBOT (Kandasamy et al. 2018) in eight parts: for four structural weights the distance,
    /// then the same divided by the masses of both networks; the distance is the mean of the latter.
    /// Needs layers. Not cached, like WEISFEILER_LEHMAN.
    Otmann = 6,
}

/// The codes of `hotnas_layers`.
#[repr(C)]
pub enum hotnas_layer {
    /// No layer of those below: no mass, and nothing is assigned to it.
    Other = 0,
    /// An input or output. At the ends of a network its mass is a tenth of all, at least 100.
    Terminal = 1,
    /// The identity; its mass are the channels (OTMANN knows no such layer).
    Identity = 2,
    /// Pooling by the maximum; its mass are the channels.
    MaximumPooling = 3,
    /// Pooling by the mean.
    AveragePooling = 4,
    /// Fully connected; its mass is a tenth of the channels that enter times those that leave.
    Dense = 5,
    /// This + k is a convolution with a kernel of k x k, k from 1 to 239; its mass is the channels that
    /// enter times those that leave.
    Convolution = 16,
}

/// What the operations are, for the distances OTMANN and TREE_WASSERSTEIN.
#[repr(C)]
pub struct hotnas_layers {
    /// One code (a `hotnas_layer`) for each operation of the table; stays yours and must stay unchanged.
    pub codes: *const u8,
    /// Length of `codes`: the number of operations.
    pub count: usize,
    /// Which attribute of a node is log2 of the channels that leave it; negative: all have `channels`.
    pub width: i32,
    /// The channels of all nodes, 1 to 1e6, if no attribute tells them; in either case in this range.
    pub channels: hotnas_real,
}

/// Settings of a metric.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_metric_settings {
    /// Weight of operations against structure in node costs, 0 to 1.
    pub epsilon: hotnas_real,
    /// Weight of the linear term against the quadratic one, 0 to 1; above 0 for ORDERED.
    pub lambda: hotnas_real,
    /// Weight of positions against cells in the distance of networks, 0 to 1.
    pub eta: hotnas_real,
    /// Relative Frank-Wolfe gap at which a start ends, between 0 and 1, both excluded.
    pub gap: hotnas_real,
    /// EXACT only, at least 0 and less than 1: how far below the value of a pair of cells, relative to
    /// it, the lower bound may stay that proves it.
    pub proof_gap: hotnas_real,
    /// A `hotnas_distance`.
    pub distance: i32,
    /// A `hotnas_pairing`.
    pub pairing: i32,
    /// A `hotnas_effort`.
    pub effort: i32,
    /// Most Frank-Wolfe steps of one start, at least 1.
    pub iterations: u32,
    /// EXACT only: most nodes of the branch and bound for a pair of cells; 0: none.
    pub nodes: u32,
    /// EXACT only: what `hotnas_prover_get` returns.
    pub prover: *const hotnas_prover,
}

impl From<MetricSettings<hotnas_real>> for hotnas_metric_settings {
    fn from(s: MetricSettings<hotnas_real>) -> Self {
        Self {
            epsilon: s.epsilon,
            lambda: s.lambda,
            eta: s.eta,
            gap: s.gap,
            proof_gap: s.proof_gap,
            distance: s.distance as i32,
            pairing: s.pairing as i32,
            effort: s.effort as i32,
            iterations: s.iterations,
            nodes: s.nodes,
            prover: core::ptr::null(),
        }
    }
}

impl hotnas_metric_settings {
    /// # Safety
    /// The prover is NULL or valid.
    unsafe fn read(&self) -> Result<MetricSettings<hotnas_real>, hotnas_status> {
        let effort = effort(self.effort)?;
        Ok(MetricSettings {
            distance: Distance::from_code(self.distance).ok_or(hotnas_status::InvalidEnum)?,
            epsilon: self.epsilon,
            lambda: self.lambda,
            eta: self.eta,
            gap: self.gap,
            proof_gap: self.proof_gap,
            pairing: pairing(self.pairing)?,
            effort,
            iterations: self.iterations,
            nodes: self.nodes,
            // SAFETY: promised by the caller.
            prover: unsafe { prover(effort, self.prover)? },
        })
    }
}

/// A metric. A small handle; copies of it are equally good.
#[repr(C)]
pub struct hotnas_metric {
    _private: [u64; 32],
}

handle!(hotnas_metric, Metric<'static, hotnas_real>, b"hnmetric", unique: false);

/// Writes the default settings: FLOW (not in the paper), epsilon 0.5, lambda 0.8, eta 0.5, FAST, gap 1e-9
/// (float: 1e-5), 1000 steps, proof gap 1e-3, 1000 nodes.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_settings_default(
    settings: *mut hotnas_metric_settings,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        unsafe { Output::new(settings)? }.write(MetricSettings::default_preset().into());
        Ok(())
    })
}

/// Writes the settings of the HOTNAS poster: ORDERED, the rest as the default, because the poster
/// gives no numbers. To be used with `hotnas_operations_init_poster`.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// `settings` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_settings_poster(
    settings: *mut hotnas_metric_settings,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        unsafe { Output::new(settings)? }.write(MetricSettings::poster().into());
        Ok(())
    })
}

/// Makes a metric over cells of an operation table. It copies both, but not the arrays of the table,
/// which must stay.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, INVALID_SETTING, LAYERS_MISSING
/// (distances other than HOTNN and HOTNN_PARTS).
/// Thread safety: any thread; the metric may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_init(
    metric: *mut hotnas_metric,
    operations: *const hotnas_operations,
    settings: *const hotnas_metric_settings,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (slot, table, settings) =
            unsafe { (Slot::new(metric)?, lend::open(operations)?, lend::input(settings)?) };
        // SAFETY: promised by the caller.
        slot.fill(Metric::new(table, unsafe { settings.read()? })?);
        Ok(())
    })
}

/// The same with every distance, told what layers the operations are, which OTMANN and TREE_WASSERSTEIN ask for.
/// A program that never calls this does not contain the code of the distances besides HOTNN, if the linker leaves
/// out what is not used. `layers->codes` must stay like the arrays of the table.
///
/// Errors: those of `hotnas_metric_init`; DIMENSION_MISMATCH unless each operation has a code,
/// INVALID_SETTING for a code, attribute or number of channels that there is not.
/// Thread safety: any thread; the metric may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_metric_init_layers(
    metric: *mut hotnas_metric,
    operations: *const hotnas_operations,
    settings: *const hotnas_metric_settings,
    layers: *const hotnas_layers,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller, who keeps the codes for as long as the metric is used.
        let (slot, table, settings, layers, codes) = unsafe {
            let layers = lend::input(layers)?;
            (
                Slot::new(metric)?,
                lend::open(operations)?,
                lend::input(settings)?,
                layers,
                lend::slice(layers.codes, layers.count)?,
            )
        };
        let width = match layers.width {
            ..0 => None,
            width => Some(u8::try_from(width).map_err(|_| hotnas_status::InvalidSetting)?),
        };
        let layers = Layers { codes, width, channels: layers.channels };
        // SAFETY: promised by the caller.
        slot.fill(Metric::with_layers(table, unsafe { settings.read()? }, layers)?);
        Ok(())
    })
}

/// A bounded table of distances that were computed before: a handle over lent memory. It must not be
/// copied or moved.
///
/// Results are the same with and without it. It belongs to one metric at a time and empties itself
/// when another one uses it.
#[repr(C)]
pub struct hotnas_cache {
    _private: [u64; 16],
}

handle!(hotnas_cache, DistanceCache<'static, hotnas_real>, b"hn_cache", unique: true);

/// What a cache has done.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_cache_info {
    /// Distances that it has room for.
    pub capacity: usize,
    /// Distances that were found.
    pub hits: u64,
    /// Distances that were looked for and not found.
    pub misses: u64,
}

/// Bytes of memory for `capacity` distances, rounded up to a multiple of 4; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_cache_size(capacity: usize) -> usize {
    lend::size(DistanceCache::<hotnas_real>::extent(capacity))
}

/// Makes an empty cache in `size` bytes at `memory`, which must outlive it.
///
/// Errors: NULL, MISALIGNED, SIZE_OVERFLOW, MEMORY_TOO_SMALL.
/// Thread safety: one thread at a time for one cache.
///
/// # Safety
/// Pointers are NULL or valid for the sizes given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cache_init(
    cache: *mut hotnas_cache,
    capacity: usize,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    status(|| {
        let need = DistanceCache::<hotnas_real>::extent(capacity);
        // SAFETY: promised by the caller, who keeps the memory for as long as the cache is used.
        let (slot, mut memory) =
            unsafe { (Slot::new(cache)?, Block::new(memory, size, lend::size(need))?.arena(need)?) };
        slot.fill(DistanceCache::new(capacity, &mut memory)?);
        Ok(())
    })
}

/// Capacity, hits and misses.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: reading only; not while another thread uses the cache.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cache_describe(
    cache: *const hotnas_cache,
    info: *mut hotnas_cache_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (cache, info) = unsafe { (lend::open(cache)?, Output::new(info)?) };
        info.write(hotnas_cache_info {
            capacity: cache.capacity(),
            hits: cache.hits(),
            misses: cache.misses(),
        });
        Ok(())
    })
}

pub(crate) fn cell_extent(metric: &Metric<'_, hotnas_real>, a: usize, b: usize) -> Extent {
    Metric::<hotnas_real>::cell_workspace(a, b, metric.settings().effort)
}

pub(crate) fn network_extent(metric: &Metric<'_, hotnas_real>, shape: &NetworkShape) -> Extent {
    metric.workspace(shape)
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
        let (metric, a, b, workspace, solution) = unsafe {
            (
                lend::open(metric)?,
                lend::open(a)?,
                lend::open(b)?,
                lend::open_mut(workspace)?,
                Output::new(solution)?,
            )
        };
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
        let (metric, one, cells, cache, workspace, distances) = unsafe {
            (
                lend::open(metric)?,
                lend::open(one)?,
                lend::open_each(cells, count)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                lend::slice_mut(distances, count)?,
            )
        };
        let most = cells.clone().map(|cell| cell.nodes()).fold(1, usize::max);
        let arena = workspace.arena(cell_extent(metric, one.nodes(), most))?;
        // As many as there are: the same code as a row of a matrix.
        Ok(metric.cell_distances(one, cells.take(count), distances, cache, arena)?)
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
        let (metric, cells, mut cache, workspace, matrix) = unsafe {
            (
                lend::open(metric)?,
                lend::open_each(cells, count)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                lend::slice_mut(matrix, size)?,
            )
        };
        // After this nothing can fail: tables and memory are all that a distance asks for.
        if cells.clone().any(|cell| cell.table() != metric.table().fingerprint()) {
            return Err(hotnas_status::TableMismatch);
        }
        let most = cells.clone().map(|cell| cell.nodes()).fold(1, usize::max);
        let mut arena = workspace.arena(cell_extent(metric, most, most))?;
        for (i, (row, one)) in matrix.chunks_exact_mut(count.max(1)).zip(cells.clone()).enumerate() {
            let to = row.get_mut(..i).unwrap_or_default();
            let others = cells.clone().take(i);
            metric.cell_distances(one, others, to, cache.as_deref_mut(), arena.scope())?;
        }
        mirror(matrix, count);
        Ok(())
    })
}

/// Fills diagonal and upper triangle from the lower one.
fn mirror(matrix: &mut [hotnas_real], n: usize) {
    for i in 0..n {
        for j in i..n {
            let value = if i == j { 0.0 } else { matrix.get(j * n + i).copied().unwrap_or(0.0) };
            if let Some(place) = matrix.get_mut(i * n + j) {
                *place = value;
            }
        }
    }
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
            (
                lend::open(metric)?,
                lend::open(a)?,
                lend::open(b)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                Output::new(solution)?,
            )
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
        let (metric, a, b, cache, workspace, parts) = unsafe {
            (
                lend::open(metric)?,
                lend::open(a)?,
                lend::open(b)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                lend::slice_mut(parts, count)?,
            )
        };
        let shape = NetworkShape::of(a).or(NetworkShape::of(b));
        let arena = workspace.arena(network_extent(metric, &shape))?;
        Ok(metric.network_parts(a, b, parts, cache, arena)?)
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
        let (metric, one, networks, cache, workspace, distances) = unsafe {
            (
                lend::open(metric)?,
                lend::open(one)?,
                lend::open_each(networks, count)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                lend::slice_mut(distances, count)?,
            )
        };
        let shape =
            networks.clone().map(|n| NetworkShape::of(n)).fold(NetworkShape::of(one), NetworkShape::or);
        let arena = workspace.arena(network_extent(metric, &shape))?;
        // As many as there are: the same code as a row of a matrix.
        Ok(metric.network_distances(one, networks.take(count), distances, cache, arena)?)
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
        let (metric, networks, mut cache, workspace, matrix) = unsafe {
            (
                lend::open(metric)?,
                lend::open_each(networks, count)?,
                lend::open_optional_mut(cache)?,
                lend::open_mut(workspace)?,
                lend::slice_mut(matrix, size)?,
            )
        };
        // After this nothing can fail: tables and memory are all that a distance asks for.
        if networks.clone().any(|network| network.table() != metric.table().fingerprint()) {
            return Err(hotnas_status::TableMismatch);
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
