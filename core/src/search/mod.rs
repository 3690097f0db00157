//! search

pub mod acquisition;
mod history;
mod rng;
mod space;
pub mod spaces;

pub use history::{History, Trial, TrialState};
pub use rng::KeyedRng;
pub use space::{MAX_GENES, Space, SpaceLimits, check_genome};
