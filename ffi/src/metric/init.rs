//! The metric.

use super::hotnas_metric_settings;
use crate::lend::{self, Fresh, Input, Open, handle};
use crate::operations::hotnas_operations;
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::metric::{Layers, Metric};
use hotnas_precision::precision;

/// The codes of `hotnas_layers`.
#[repr(i32)]
pub enum hotnas_layer {
    /// No layer of those below: no mass, and nothing is assigned to it.
    Other = 0,
    /// An input or output. At the ends of a network its mass is a tenth of all, at least 100.
    Terminal = 1,
    /// The identity; its mass is the number of channels (OTMANN knows no such layer).
    Identity = 2,
    /// Maximum pooling; its mass is the number of channels.
    MaximumPooling = 3,
    /// Average pooling; the same mass.
    AveragePooling = 4,
    /// Fully connected; its mass is a tenth of the input channels times the output channels.
    Dense = 5,
    /// This + k is a convolution with a kernel of k x k, k from 1 to 239; its mass is the input channels times
    /// the output channels.
    Convolution = 16,
}

/// What the operations are, for the distances OTMANN and TREE_WASSERSTEIN.
#[repr(C)]
pub struct hotnas_layers {
    /// One code (a `hotnas_layer`) for each operation of the table; stays yours and must stay unchanged.
    pub codes: *const u8,
    /// Length of `codes`: the number of operations.
    pub count: usize,
    /// Which attribute of a node is log2 of its output channels; negative: all have `channels`.
    pub width: i32,
    /// The channels of all nodes if no attribute holds them; in either case from 1 to 1e6.
    pub channels: hotnas_real,
}

/// A metric. A small handle; copies of it are equally good.
#[repr(C)]
pub struct hotnas_metric {
    _private: [u64; 32],
}

handle!(hotnas_metric, Metric<'static, hotnas_real>, Metric);

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
            unsafe { lend::all((Fresh(metric), Open(operations), Input(settings)))? };
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
        let (slot, table, settings, layers) =
            unsafe { lend::all((Fresh(metric), Open(operations), Input(settings), Input(layers)))? };
        // SAFETY: promised by the caller.
        let codes = unsafe { lend::slice(layers.codes, layers.count)? };
        let width = match layers.width {
            ..0 => None,
            width => Some(u8::try_from(width).map_err(|_| Error::InvalidSetting)?),
        };
        let layers = Layers { codes, width, channels: layers.channels };
        // SAFETY: promised by the caller.
        slot.fill(Metric::with_layers(table, unsafe { settings.read()? }, layers)?);
        Ok(())
    })
}
