//! ## Status codes
//!
//! Every function that can fail returns a `hotnas_status`. 0 is success; each other code names one
//! cause. After a failure no output has been written, not even partly (lent memory that was passed
//! to the call may have been used as scratch).

use core::ffi::c_char;
use hotnas_core::Error;
use hotnas_precision::precision;

/// Why a call was refused or could not finish; 0 is success.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum hotnas_status {
    /// Success.
    Ok = 0,
    /// A pointer that must not be NULL is NULL.
    Null = 1,
    /// A pointer is not aligned for its type; lent memory must be aligned as for `uint64_t`.
    Misaligned = 2,
    /// Lent memory is smaller than the size function says.
    MemoryTooSmall = 3,
    /// A count or a size overflows.
    SizeOverflow = 4,
    /// Counts that belong together differ, or an output array is too short.
    DimensionMismatch = 5,
    /// A number that must be finite is NaN or infinite.
    NotFinite = 6,
    /// A setting lies outside its documented range.
    InvalidSetting = 7,
    /// The capacity given at creation is used up.
    CapacityExceeded = 8,
    /// A dissimilarity, weight or attribute is larger than 1e6.
    TooLarge = 9,
    /// A plan was asked for, but the distance has none.
    NoPlan = 10,
    /// An integer that stands for an enumeration is none of its values.
    InvalidEnum = 11,
    /// The handle was not initialised, was initialised as something else, or is a copy of a handle
    /// that must not be copied.
    NotInitialised = 12,

    /// A cell needs at least one node.
    EmptyCell = 20,
    /// A cell has at most HOTNAS_MAX_NODES nodes.
    TooManyNodes = 21,
    /// An operation is not in the operation table.
    UnknownOperation = 22,
    /// An edge names a node that does not exist.
    NodeOutOfRange = 23,
    /// An edge leads from a node to itself.
    SelfLoop = 24,
    /// An edge is given twice.
    DuplicateEdge = 25,
    /// The edges contain a cycle.
    Cycle = 26,
    /// A mass is negative.
    NegativeMass = 27,
    /// A mass is NaN or infinite.
    MassNotFinite = 28,
    /// Masses do not sum to 1.
    MassSum = 29,
    /// A node attribute is NaN or infinite.
    AttributeNotFinite = 30,
    /// The objects were made with different operation tables.
    TableMismatch = 31,

    /// A network needs at least one cell.
    EmptyNetwork = 40,
    /// A network has at most HOTNAS_MAX_CELLS cells.
    TooManyCells = 41,
    /// Positions must lie in (0, 1] and not decrease.
    InvalidPosition = 42,

    /// An operation table has 1 to HOTNAS_MAX_OPERATIONS operations.
    OperationCount = 50,
    /// A matrix that must be symmetric is not.
    NotSymmetric = 51,
    /// The dissimilarity of an operation to itself must be 0.
    NonZeroDiagonal = 52,
    /// A cost is negative.
    NegativeCost = 53,
    /// An operation table has 1 to HOTNAS_MAX_GROUPS groups, and each mask names only those.
    GroupCount = 54,
    /// A node has at most HOTNAS_MAX_ATTRIBUTES numeric attributes.
    AttributeCount = 55,
    /// The distance is one of layers, and nothing says what layers the operations are.
    LayersMissing = 56,

    /// The iteration limit was reached before the tolerance.
    NotConverged = 60,
    /// The matrix is not positive definite even with the largest jitter.
    NotPositiveDefinite = 61,

    /// A genome does not fit the space.
    GenomeOutOfRange = 70,
    /// The genome does not stand for a network.
    Infeasible = 71,
    /// No such trial.
    UnknownTrial = 72,
    /// The trial already has a result.
    TrialClosed = 73,
    /// The trial number is already in use.
    TrialExists = 74,
    /// No untried design was found.
    SpaceExhausted = 75,
    /// There is no observation yet.
    NoObservation = 76,

    /// The bytes are not a saved state.
    NotASavedState = 80,
    /// The saved state has another format version.
    SavedVersion = 81,
    /// The saved state is damaged.
    SavedChecksum = 82,
    /// The saved state has the other precision.
    SavedPrecision = 83,
    /// The saved state belongs to other settings, another space or another metric.
    SavedSettings = 84,

    /// A cause that this version of the interface has no code for.
    Other = 99,
}

/// A NUL-terminated copy of `text`, made while compiling.
const fn terminated<const N: usize>(text: &str) -> [u8; N] {
    let (text, mut out, mut i) = (text.as_bytes(), [0; N], 0);
    while i < text.len() {
        out[i] = text[i];
        i += 1;
    }
    out
}

macro_rules! shared_with_core {
    ($($name:ident),* $(,)?) => {
        impl From<Error> for hotnas_status {
            fn from(error: Error) -> Self {
                match error {
                    $(Error::$name => Self::$name,)*
                    _ => Self::Other,
                }
            }
        }

        /// The error of a code that a callback returned, which is not 0.
        pub(crate) fn from_code(code: i32) -> Error {
            match code {
                $(code if code == Error::$name as i32 => Error::$name,)*
                _ => Error::Other,
            }
        }

        fn message(status: i32) -> &'static [u8] {
            match status {
                0 => b"success\0",
                $(code if code == Error::$name as i32 => {
                    const TEXT: &str = Error::$name.message();
                    static BYTES: [u8; TEXT.len() + 1] = terminated(TEXT);
                    &BYTES
                })*
                _ => b"unknown status\0",
            }
        }
    };
}

shared_with_core!(
    Null,
    Misaligned,
    MemoryTooSmall,
    SizeOverflow,
    DimensionMismatch,
    NotFinite,
    InvalidSetting,
    CapacityExceeded,
    TooLarge,
    NoPlan,
    InvalidEnum,
    NotInitialised,
    EmptyCell,
    TooManyNodes,
    UnknownOperation,
    NodeOutOfRange,
    SelfLoop,
    DuplicateEdge,
    Cycle,
    NegativeMass,
    MassNotFinite,
    MassSum,
    AttributeNotFinite,
    TableMismatch,
    EmptyNetwork,
    TooManyCells,
    InvalidPosition,
    OperationCount,
    NotSymmetric,
    NonZeroDiagonal,
    NegativeCost,
    GroupCount,
    AttributeCount,
    LayersMissing,
    NotConverged,
    NotPositiveDefinite,
    GenomeOutOfRange,
    Infeasible,
    UnknownTrial,
    TrialClosed,
    TrialExists,
    SpaceExhausted,
    NoObservation,
    NotASavedState,
    SavedVersion,
    SavedChecksum,
    SavedPrecision,
    SavedSettings,
    Other,
);

/// Runs the body of an exported function.
pub(crate) fn status(body: impl FnOnce() -> Result<(), Error>) -> hotnas_status {
    match body() {
        Ok(()) => hotnas_status::Ok,
        Err(error) => error.into(),
    }
}

/// One sentence in English for a person: static, UTF-8, never NULL, never to be freed.
/// A number that is no status gives "unknown status".
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_status_message(status: i32) -> *const c_char {
    message(status).as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_core_has_its_code_and_message() {
        for &error in Error::ALL {
            assert_eq!(hotnas_status::from(error) as i32, error as i32);
            let bytes = message(error as i32);
            assert_eq!(&bytes[..bytes.len() - 1], error.message().as_bytes());
            assert_eq!(bytes.iter().position(|&b| b == 0), Some(bytes.len() - 1));
            assert_eq!(from_code(error as i32), error);
        }
        assert_ne!(message(0), message(-1));
        assert_eq!(from_code(-1), Error::Other);
    }
}
