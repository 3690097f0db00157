//! Compare neural networks by hierarchical optimal transport and choose the next one to try.
//!
//! ```text
//! operations + edges -> Cell (validated, canonical order, features) -> Network of cells
//!        -> distance -> Gaussian process -> acquisition -> next architecture
//! ```
//!
//! | module | what it knows | what it gives |
//! |---|---|---|
//! | [`arch`] | operations, cells, networks | validation, structural features, canonical order, fingerprints |
//! | [`transport`] | cost matrices | exact transport, Sinkhorn, fused Gromov-Wasserstein |
//! | [`metric`] | cells, networks, transport | iFGW between cells, HOTNN between networks |
//! | [`gp`] | distances | Gaussian process: append, fit, posterior, marginal likelihood |
//! | [`search`] | all of the above | ask / tell: the next network to train |
//!
//! Arrows run one way: `search -> metric, gp -> transport, arch -> real`.
//! Everything is generic over [`Real`] (`f32`, `f64`), allocates nothing and works in memory that the
//! caller lends ([`memory`]).
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod arch;
pub mod error;
pub mod gp;
pub mod memory;
pub mod metric;
pub mod real;
mod rows;
pub mod search;
pub mod transport;

pub use error::Error;
pub use real::Real;
