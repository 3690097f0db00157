//! Transforms of values.

use crate::lend;
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::gp::Transform;
use hotnas_precision::precision;

/// Monotone transforms of values of which lower is better.
#[repr(i32)]
pub enum hotnas_transform {
    /// Standardised only.
    Identity = 0,
    /// Bad values are pulled together: with t = (y - median) / (median - minimum), t where it is not
    /// positive and ln(1 + t) where it is (not in the paper).
    Soft = 1,
    /// The rank.
    Rank = 2,
    /// The logarithm.
    Log = 3,
}

/// Transforms `count` values of which lower is better (a `hotnas_transform`) and standardises them to
/// mean 0 and standard deviation 1 into `out`; all 0 if they are equal. The order is kept.
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM, NOT_FINITE.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_values_transform(
    transform: i32,
    count: usize,
    values: *const hotnas_real,
    out: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        let transform = Transform::from_code(transform).ok_or(Error::InvalidEnum)?;
        // SAFETY: promised by the caller.
        let (values, out) = unsafe { (lend::slice(values, count)?, lend::slice_mut(out, count)?) };
        transform.apply(values, out)
    })
}
