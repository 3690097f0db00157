//! Distances of the systems that HOTNAS is compared with, between the same networks.
//!
//! | file | distance | parts |
//! |---|---|---|
//! | `edit.rs` | nodes and edges that differ, by position | 1 |
//! | `weisfeiler_lehman.rs` | L1 of histograms of neighbourhoods | 1 |
//! | `summed.rs` | L1 of summed node features: no transport | 1 |
//! | `tree_wasserstein.rs` | operations, degrees in, degrees out | 3 |
//! | `otmann.rs` | transport of layer masses, for four structural weights, plain and normalised | 8 |
//!
//! All but the first and the third see a network as one graph (`graph.rs`): its cells in a row. A node
//! is an operation with its attributes, as far as these have a weight in the table.

mod edit;
mod graph;
mod histogram;
mod otmann;
mod summed;
mod tree_wasserstein;
mod weisfeiler_lehman;

use super::{Distance, Metric, NetworkShape};
use crate::arch::{Cell, Hasher, Network};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;
use crate::rows::InRows;

impl<R: Real> Metric<'_, R> {
    /// What a peer needs for networks within `shape`.
    pub(super) fn peer_workspace(&self, shape: &NetworkShape) -> Extent {
        match self.settings.distance {
            Distance::Hotnn | Distance::HotnnParts | Distance::Edit => Extent::NONE,
            Distance::WeisfeilerLehman => weisfeiler_lehman::workspace(shape),
            Distance::Summed => summed::workspace(&self.table),
            Distance::TreeWasserstein => tree_wasserstein::workspace(shape),
            Distance::Otmann => otmann::workspace(shape, self.table.groups()),
        }
    }

    /// Writes the parts of a peer's distance of two networks with different keys.
    pub(super) fn peer(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        out: &mut [R],
        arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        let one = |value: R, out: &mut [R]| out.iter_mut().for_each(|out| *out = value);
        match self.settings.distance {
            Distance::Hotnn | Distance::HotnnParts => {}
            Distance::Edit => one(edit::distance(self, a, b), out),
            Distance::WeisfeilerLehman => one(weisfeiler_lehman::distance(self, a, b, arena)?, out),
            Distance::Summed => one(summed::distance(self, a, b, arena)?, out),
            Distance::TreeWasserstein => tree_wasserstein::distances(self, a, b, out, arena)?,
            Distance::Otmann => otmann::distances(self, a, b, out, arena)?,
        }
        Ok(())
    }

    /// A hash of a class of operations and of a node's attributes that have a weight.
    #[cfg_attr(feature = "small", inline(never))]
    fn label(&self, class: u32, cell: &Cell<'_, R>, node: usize) -> u32 {
        let mut h = Hasher::new(class);
        let rows = cell.attributes().in_rows(cell.stride());
        for (row, &weight) in rows.zip(self.table.attribute_weights()) {
            if weight > R::ZERO {
                h.real(row.get(node).copied().unwrap_or(R::ZERO));
            }
        }
        let [a, ..] = h.finish();
        a
    }
}

/// The operation of a node.
fn operation<R: Real>(cell: &Cell<'_, R>, node: usize) -> u8 {
    cell.operations().get(node).copied().unwrap_or(0)
}
