//! What is compared: operations, cells and networks.
//!
//! An [`OperationTable`] says what operations there are and how much they differ. A [`Cell`] is a
//! directed acyclic graph of operations, validated, brought into a canonical order and described by
//! path lengths. A [`Network`] is a sequence of cells.
//!
//! Nothing here knows a distance: two cells can be told apart, ordered and hashed, not compared.

mod canonical;
mod cell;
pub(crate) mod costs;
mod features;
mod fingerprint;
mod graph;
mod network;

mod operations;

pub use cell::{Cell, CellSpec, Edge, stride};
pub use fingerprint::{Fingerprint, Hasher};

pub use network::{Network, NetworkBuilder, NetworkLimits};
pub use operations::{Dissimilarity, FeatureScale, Groups, OperationTable, poster};

/// Nodes of a cell, at most.
pub const MAX_NODES: usize = 32;
/// Operations of a table, at most.
pub const MAX_OPERATIONS: usize = 256;
/// Operation groups of a table, at most.
pub const MAX_GROUPS: usize = 8;
/// Numeric attributes of a node, at most.
pub const MAX_ATTRIBUTES: usize = 4;
/// Cells of a network, at most, counted with repetition.
pub const MAX_CELLS: usize = 64;
/// Dissimilarities, attribute weights and absolute values of attributes, at most: products of two
/// of them stay far from overflow in either precision.
pub const MAX_MAGNITUDE: f64 = 1e6;
/// Path lengths per operation group: shortest, longest and random walk from the inputs, then the
/// same to the outputs.
pub const FEATURES_PER_GROUP: usize = 6;
