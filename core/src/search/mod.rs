//! Which network to try next: spaces, ask and tell.
//!
//! A [`Space`] says what designs there are: a genome of small categorical genes, the network that it
//! stands for, and its neighbours. A [`Search`] proposes designs ([`Search::ask`]) and learns from
//! their values ([`Search::tell`]), lower is better. One round of the method `Hotnas`:
//!
//! 1. Distances of newly told designs to the earlier ones become rows of the Gaussian process; now
//!    and then its hyperparameters are fitted anew.
//! 2. A pool of candidates: all neighbours of the best designs, designs two edits away from them,
//!    random ones. What was tried already is left out.
//! 3. The acquisition of every candidate from its distances to the tried designs; the greatest wins.
//!
//! | file | what it does |
//! |---|---|
//! | [`Space`] (`space.rs`), [`spaces`] | search spaces |
//! | [`Limited`] (`limited.rs`) | a limit on a number that is known before training |
//! | [`Search`] (`optimizer`), [`SearchSettings`] (`settings.rs`) | ask and tell; evolution and random search |
//! | `local.rs` | local search |
//! | `model.rs`, `contest.rs`, `workbench.rs` | the process over tried designs; the pool; decoded networks and their distances |
//! | `choice.rs` | which candidates of the pool are proposed, alone or together |
//! | [`History`] (`history.rs`), `saved.rs` | trials; saving and restoring |
//! | [`acquisition`] | how promising a candidate is |
//! | [`KeyedRng`] (`rng.rs`) | random numbers keyed by seed, trial and stream |

pub mod acquisition;
mod choice;
mod contest;
mod history;
mod limited;
mod local;
mod model;
mod optimizer;
mod rng;
mod saved;
mod settings;
mod space;
pub mod spaces;
mod workbench;

pub use history::{History, Trial, TrialState};
pub use limited::Limited;
pub use optimizer::{Prediction, Proposal, Search};
pub use rng::KeyedRng;
pub use settings::{
    Acquisition, BatchRule, MAX_BLOCK, MAX_LIFE, Method, Pending, PoolSettings, SearchSettings, Second,
    refit_point,
};
pub use space::{MAX_GENES, Space, check_genome};

/// Where a proposed design comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(i32)]
pub enum Origin {
    /// A random design, without a model.
    #[default]
    Random = 0,
    /// The model's choice: a neighbour of one of the best designs.
    Neighbour = 1,
    /// The model's choice: two edits from one of the best designs.
    Mutant = 2,
    /// The model's choice: a random candidate.
    Sample = 3,
    /// A neighbour of the winner of a tournament.
    Evolution = 4,
    /// Random draws found nothing new: the first new one in a walk through the genomes.
    Scan = 5,
    /// A neighbour of the best design that has untried ones.
    Local = 6,
}

/// Streams of random numbers inside a trial.
mod stream {
    pub(super) const RANDOM: u32 = 0;
    pub(super) const NEIGHBOURS: u32 = 1;
    pub(super) const MUTANTS: u32 = 2;
    pub(super) const SAMPLES: u32 = 3;
    pub(super) const EVOLUTION: u32 = 4;
    pub(super) const SCAN: u32 = 5;
    pub(super) const THOMPSON: u32 = 6;
    pub(super) const LOCAL: u32 = 7;
    pub(super) const WEIGHTS: u32 = 8;
    pub(super) const PARENTS: u32 = 9;
    pub(super) const LOTS: u32 = 10;
}
