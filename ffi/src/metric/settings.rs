//! Settings of a metric and their presets.

use crate::gromov::{effort, hotnas_prover, pairing, prover};
use crate::lend;
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::metric::{Distance, MetricSettings};
use hotnas_precision::precision;

/// Default weight of operations against structure.
pub const HOTNAS_DEFAULT_EPSILON: hotnas_real = 0.5;
/// Default weight of the linear term.
pub const HOTNAS_DEFAULT_LAMBDA: hotnas_real = 0.8;
/// Default weight of positions.
pub const HOTNAS_DEFAULT_ETA: hotnas_real = 0.5;
/// Default maximum number of Frank-Wolfe steps of one start.
pub const HOTNAS_DEFAULT_STEPS: u32 = 1000;
/// Default gap between bound and value in a proof, relative to the value.
pub const HOTNAS_DEFAULT_PROOF_GAP: hotnas_real = 0.001;
/// Default maximum number of nodes of a branch and bound.
pub const HOTNAS_DEFAULT_NODES: u32 = 1000;

/// The distance between networks. Cells are always compared by iFGW.
///
/// A distance has one or more parts (`hotnas_metric_part_count`): partial distances for a kernel that
/// has a length scale for each. Networks with equal keys are at distance 0 in every part and under every
/// distance, also under those that see edges which keys do not hold.
#[repr(i32)]
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
    /// Maximum number of Frank-Wolfe steps of one start, at least 1.
    pub iterations: u32,
    /// EXACT only: maximum number of nodes of the branch and bound for a pair of cells; 0: none.
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
    pub(super) unsafe fn read(&self) -> Result<MetricSettings<hotnas_real>, Error> {
        let effort = effort(self.effort)?;
        Ok(MetricSettings {
            distance: Distance::from_code(self.distance).ok_or(Error::InvalidEnum)?,
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
        unsafe { lend::place(settings)? }.write(MetricSettings::default_preset().into());
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
        unsafe { lend::place(settings)? }.write(MetricSettings::poster().into());
        Ok(())
    })
}
