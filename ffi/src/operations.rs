//! ## Operation tables
//!
//! An operation table says what operations there are, how much any two of them differ, in which
//! groups they are, and how much numeric attributes of a node count. It is a parameter: it borrows
//! your arrays (which may lie in flash), is never changed, and may be shared between threads.
//!
//! ```c
//! // Three operations: the two convolutions are alike, the pool is not.
//! static const hotnas_real differ[9] = {0, (hotnas_real)0.1, 2, (hotnas_real)0.1, 0, 2, 2, 2, 0};
//! hotnas_operations_spec spec = {0};
//! hotnas_operations operations;
//! spec.operation_count = 3;
//! spec.dissimilarity = differ;
//! if (hotnas_operations_init(&operations, &spec) != HOTNAS_STATUS_OK) return 1;
//! ```

use crate::lend::{self, Fresh, Input, Open, Place, handle};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::arch::{Dissimilarity, FeatureScale, Groups, OperationTable};
use hotnas_precision::precision;

/// Maximum number of operations of a table.
pub const HOTNAS_MAX_OPERATIONS: usize = 256;
/// Maximum number of operation groups of a table.
pub const HOTNAS_MAX_GROUPS: usize = 8;
/// Maximum number of numeric attributes of a node.
pub const HOTNAS_MAX_ATTRIBUTES: usize = 4;

/// What path lengths are divided by.
#[repr(i32)]
pub enum hotnas_feature_scale {
    /// The longest path of the cell in edges, at least 1 (not in the paper).
    LongestPath = 0,
    /// Nothing: lengths stay numbers of edges.
    Raw = 1,
}

/// What an operation table is made from. Set it to zero, then set what you have.
#[repr(C)]
pub struct hotnas_operations_spec {
    /// Number of operations k, 1 to HOTNAS_MAX_OPERATIONS. Operations are the numbers 0 to k-1.
    pub operation_count: usize,
    /// k x k numbers from 0 to 1e6, symmetric, diagonal 0. NULL: 1 between different operations.
    pub dissimilarity: *const hotnas_real,
    /// Number of operation groups, 1 to HOTNAS_MAX_GROUPS, or 0 when `group_masks` is NULL.
    ///
    /// Each group has six path lengths of its own, in which only nodes of the group count
    /// (not in the paper). More groups tell cells of few nodes apart much better.
    pub group_count: usize,
    /// k masks: bit g is set if the operation is in group g. NULL: one group with every operation,
    /// the six numbers of the paper.
    pub group_masks: *const u8,
    /// Numeric attributes of each node, 0 to HOTNAS_MAX_ATTRIBUTES.
    pub attribute_count: usize,
    /// One weight from 0 to 1e6 per attribute: the dissimilarity of two nodes grows by weight *
    /// |difference of the attribute| (not in the paper). NULL when there are none.
    pub attribute_weights: *const hotnas_real,
    /// A `hotnas_feature_scale`.
    pub scale: i32,
}

/// An operation table. A small handle; copies of it are equally good.
#[repr(C)]
pub struct hotnas_operations {
    _private: [u64; 16],
}

handle!(hotnas_operations, OperationTable<'static, hotnas_real>, Operations);

/// What an operation table is.
#[repr(C)]
pub struct hotnas_operations_info {
    /// Number of operations.
    pub operation_count: usize,
    /// Number of groups.
    pub group_count: usize,
    /// Structural features of a node: six per group.
    pub feature_count: usize,
    /// Numeric attributes of a node.
    pub attribute_count: usize,
    /// A hash of everything in the table, by value. Cells of tables with different hashes are never
    /// compared.
    pub fingerprint: [u32; 2],
}

/// Makes an operation table.
///
/// The arrays of the spec must stay unchanged for as long as the table is used; the spec itself may
/// go.
///
/// Errors: NULL, MISALIGNED, OPERATION_COUNT, DIMENSION_MISMATCH (a count without its array),
/// ATTRIBUTE_COUNT, GROUP_COUNT, INVALID_ENUM, NOT_FINITE, NEGATIVE_COST, TOO_LARGE,
/// NON_ZERO_DIAGONAL, NOT_SYMMETRIC.
/// Thread safety: any thread; the table may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid for what the spec says.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_operations_init(
    operations: *mut hotnas_operations,
    spec: *const hotnas_operations_spec,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (slot, spec) = unsafe { lend::all((Fresh(operations), Input(spec)))? };
        let k = spec.operation_count;
        if !(1..=HOTNAS_MAX_OPERATIONS).contains(&k) {
            return Err(Error::OperationCount);
        }
        if spec.attribute_count > HOTNAS_MAX_ATTRIBUTES {
            return Err(Error::AttributeCount);
        }
        let missing = |given: bool, count: usize| given != (count != 0);
        if missing(!spec.group_masks.is_null(), spec.group_count)
            || missing(!spec.attribute_weights.is_null(), spec.attribute_count)
        {
            return Err(Error::DimensionMismatch);
        }
        let scale = match spec.scale {
            0 => FeatureScale::LongestPath,
            1 => FeatureScale::Raw,
            _ => return Err(Error::InvalidEnum),
        };
        // SAFETY: promised by the caller, who keeps the arrays for as long as the table is used.
        let (matrix, masks, weights) = unsafe {
            (
                lend::optional(spec.dissimilarity, k * k)?,
                lend::optional(spec.group_masks, k)?,
                lend::slice(spec.attribute_weights, spec.attribute_count)?,
            )
        };
        let dissimilarity = match matrix {
            None => Dissimilarity::Flat(k),
            Some(values) => Dissimilarity::Matrix { operations: k, values },
        };
        let groups = masks.map(|masks| Groups { count: spec.group_count, masks });
        slot.fill(OperationTable::new(dissimilarity, groups, weights, scale)?);
        Ok(())
    })
}

/// Makes the table that the HOTNAS poster prints: operation 0 convolution 3x3, 1 convolution 1x1,
/// 2 pooling, 3 fully connected; 0.1 between the convolutions, 2 between any other two.
///
/// Errors: NULL, MISALIGNED.
/// Thread safety: any thread; the table may be shared afterwards.
///
/// # Safety
/// `operations` is NULL or valid for writing.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_operations_init_poster(
    operations: *mut hotnas_operations,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        unsafe { lend::fresh(operations)? }.fill(OperationTable::poster());
        Ok(())
    })
}

/// Counts and the hash of an operation table.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_operations_describe(
    operations: *const hotnas_operations,
    info: *mut hotnas_operations_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (table, info) = unsafe { lend::all((Open(operations), Place(info)))? };
        info.write(hotnas_operations_info {
            operation_count: table.operations(),
            group_count: table.groups(),
            feature_count: table.features(),
            attribute_count: table.attributes(),
            fingerprint: table.fingerprint(),
        });
        Ok(())
    })
}
