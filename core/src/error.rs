//! Everything that can go wrong, one variant per cause.

use core::fmt;

macro_rules! errors {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $message:literal;)*) => {
        /// Why a call was refused or could not finish. Nothing was written to its outputs.
        ///
        /// The discriminant is the status code of the C interface, where 0 means success. That 1 is in use makes
        /// a `Result<(), Error>` the same number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(i32)]
        #[non_exhaustive]
        pub enum Error { $($(#[doc = $doc])* $name = $code,)* }

        impl Error {
            /// Every variant, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// One sentence in English for a person.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

errors! {
    /// A pointer that must not be NULL is NULL: from C only.
    Null = 1, "a pointer that must not be NULL is NULL";
    /// A pointer is not aligned for its type: from C only.
    Misaligned = 2, "a pointer is not aligned for its type";
    /// Lent memory is smaller than the size function says.
    MemoryTooSmall = 3, "the lent memory is too small: ask the size function";
    /// A count or a size overflows.
    SizeOverflow = 4, "a count or size overflows";
    /// Slices or counts that belong together differ in length.
    DimensionMismatch = 5, "dimensions that belong together differ";
    /// A number that must be finite is NaN or infinite.
    NotFinite = 6, "a number that must be finite is NaN or infinite";
    /// A setting lies outside its range.
    InvalidSetting = 7, "a setting lies outside its documented range";
    /// A container is full.
    CapacityExceeded = 8, "the capacity given at creation is used up";
    /// A dissimilarity, weight or attribute beyond `MAX_MAGNITUDE`, which could overflow a cost.
    TooLarge = 9, "a dissimilarity, weight or attribute is larger than 1e6";
    /// A plan was asked for, but the distance has none.
    NoPlan = 10, "this distance has no transport plan between cells";
    /// An integer that stands for an enumeration is none of its values: from C only.
    InvalidEnum = 11, "an integer that stands for an enumeration is none of its values";
    /// A handle was not initialised, or is a copy of one that must not be copied: from C only.
    NotInitialised = 12, "the handle was not initialised or must not be copied";

    /// A cell without nodes.
    EmptyCell = 20, "a cell needs at least one node";
    /// More nodes than `MAX_NODES`.
    TooManyNodes = 21, "a cell has at most 32 nodes";
    /// An operation that is not in the table.
    UnknownOperation = 22, "an operation is not in the operation table";
    /// An edge names a node that the cell does not have.
    NodeOutOfRange = 23, "an edge names a node that does not exist";
    /// An edge from a node to itself.
    SelfLoop = 24, "an edge leads from a node to itself";
    /// The same edge twice.
    DuplicateEdge = 25, "an edge is given twice";
    /// The edges contain a cycle.
    Cycle = 26, "the edges contain a cycle";
    /// A negative mass.
    NegativeMass = 27, "a mass is negative";
    /// A mass that is NaN or infinite.
    MassNotFinite = 28, "a mass is NaN or infinite";
    /// Masses that do not sum to 1.
    MassSum = 29, "masses do not sum to 1";
    /// A node attribute that is NaN or infinite.
    AttributeNotFinite = 30, "a node attribute is NaN or infinite";
    /// Cells with different numbers of features or attributes, made with different tables.
    TableMismatch = 31, "the objects were made with different operation tables";

    /// A network without cells.
    EmptyNetwork = 40, "a network needs at least one cell";
    /// More cells than `MAX_CELLS`.
    TooManyCells = 41, "a network has at most 64 cells";
    /// A position outside (0, 1], or positions that decrease.
    InvalidPosition = 42, "positions must lie in (0, 1] and not decrease";

    /// No operations, or more than `MAX_OPERATIONS`.
    OperationCount = 50, "an operation table has 1 to 256 operations";
    /// A dissimilarity matrix that is not symmetric.
    NotSymmetric = 51, "a matrix that must be symmetric is not";
    /// A dissimilarity between an operation and itself that is not 0.
    NonZeroDiagonal = 52, "the dissimilarity of an operation to itself must be 0";
    /// A negative cost where costs must be non-negative.
    NegativeCost = 53, "a cost is negative";
    /// More operation groups than `MAX_GROUPS`, or a group bit that has no group.
    GroupCount = 54, "an operation table has 1 to 8 groups, and each mask names only those";
    /// More numeric attributes than `MAX_ATTRIBUTES`.
    AttributeCount = 55, "a node has at most 4 numeric attributes";
    /// The distance is one of layers, and nothing says what layers the operations are.
    LayersMissing = 56, "this distance must be told what layers the operations are";

    /// An iteration limit was reached before the tolerance.
    NotConverged = 60, "the iteration limit was reached before the tolerance";
    /// No jitter up to the limit made the kernel matrix positive definite.
    NotPositiveDefinite = 61, "the matrix is not positive definite even with the largest jitter";

    /// A gene is not below its cardinality, or the genome has the wrong length.
    GenomeOutOfRange = 70, "a genome does not fit the space";
    /// The decoder refused the genome.
    Infeasible = 71, "the genome does not stand for a network";
    /// No trial of that number was asked for or told.
    UnknownTrial = 72, "no such trial";
    /// The trial has a result already.
    TrialClosed = 73, "the trial already has a result";
    /// The trial number is in use.
    TrialExists = 74, "the trial number is already in use";
    /// No design is left that was not tried.
    SpaceExhausted = 75, "no untried design was found";
    /// There is no told trial yet.
    NoObservation = 76, "there is no observation yet";

    /// Saved bytes that are not a saved state.
    NotASavedState = 80, "the bytes are not a saved state";
    /// A saved state of another version of the format.
    SavedVersion = 81, "the saved state has another format version";
    /// A saved state that was damaged.
    SavedChecksum = 82, "the saved state is damaged";
    /// A saved state of the other precision.
    SavedPrecision = 83, "the saved state has the other precision";
    /// A saved state of a search with other settings, another space or another metric.
    SavedSettings = 84, "the saved state belongs to other settings, another space or another metric";

    /// What a callback returned and no code stands for: from C only.
    Other = 99, "a cause that this version of the interface has no code for";
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_messages_differ() {
        assert!(Error::ALL.windows(2).all(|w| (w[0] as i32) < w[1] as i32));
        for (i, a) in Error::ALL.iter().enumerate() {
            assert!(Error::ALL[..i].iter().all(|b| a.message() != b.message()));
        }
    }
}
