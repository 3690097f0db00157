//! Distances between cells (iFGW) and between networks (HOTNN) of the HOTNAS poster.
//!
//! The cost between two nodes is `epsilon * D + (1 - epsilon) * H`: the dissimilarity of their
//! operations (plus weighted attribute differences, not in the paper) and the mean absolute difference
//! of their structural features. The distance of two cells is
//!
//! ```text
//! iFGW(a, b) = min over T of  lambda * sum T_ij C_ij + (1 - lambda) * Q(T)
//! ```
//!
//! over the transport plans T of their masses, with the quadratic term Q of the chosen
//! [`Pairing`](crate::transport::gromov::Pairing). The distance of two networks is the exact transport
//! cost between their cells with costs `(1 - eta) * iFGW + eta * |position difference|`.
//!
//! Beside HOTNN stand the distances of other systems between the same networks: [`Distance`].
//!
//! **Promised**, to the bit: a distance is not negative; equal keys have distance 0; renumbering the
//! nodes of a cell changes nothing (while [`Cell::is_canonical`](crate::arch::Cell::is_canonical));
//! `d(a, b) = d(b, a)`; a cache changes nothing. **Not promised**: the triangle inequality, positive
//! definite kernels, and, unless the answer says so, that the least value was found: Q is not convex.

mod bounds;
mod bulk;
mod cache;
mod distance;
mod hotnn;
mod ifgw;
pub mod layers;
mod lookup;
mod moments;
mod nearest;
mod pairs;
mod parts;
mod peers;
mod settings;

pub use bounds::Stage;
pub use bulk::triangle;
pub use cache::DistanceCache;
pub use distance::{Distance, MAX_PARTS};
pub use hotnn::{NetworkShape, NetworkSolution};
pub use layers::Layers;
pub use nearest::{Comparison, NearestReport, Neighbour};
pub use settings::MetricSettings;

use crate::arch::{Fingerprint, Hasher, Network, OperationTable};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// A distance: an operation table and settings, both validated. Immutable and freely copied.
#[derive(Clone, Copy, Debug)]
pub struct Metric<'a, R> {
    table: OperationTable<'a, R>,
    settings: MetricSettings<R>,
    fingerprint: Fingerprint,
    /// Which part of a distance this is; 0: the distance itself.
    part: u8,
    /// The least dissimilarity of two different operations.
    least_dissimilarity: R,
    layers: Option<Layers<'a, R>>,
    /// The code of the peers.
    peers: Option<Peers<R>>,
}

/// What [`Metric::with_layers`] alone names, so that programs without peers do not contain their code.
#[derive(Clone, Copy, Debug)]
struct Peers<R> {
    workspace: fn(&Metric<'_, R>, &NetworkShape) -> Extent,
    parts: PeerParts<R>,
}

type PeerParts<R> =
    fn(&Metric<'_, R>, &Network<'_, R>, &Network<'_, R>, &mut [R], Arena<'_, R>) -> Result<(), Error>;

impl<'a, R: Real> Metric<'a, R> {
    /// A metric over cells that are made with `table`.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`], see [`MetricSettings`]; [`Error::LayersMissing`] for
    /// distances other than [`Distance::Hotnn`] and [`Distance::HotnnParts`].
    pub fn new(table: &OperationTable<'a, R>, settings: MetricSettings<R>) -> Result<Self, Error> {
        Self::make(table, settings, None)
    }

    /// The same with the peers of HOTNN among its distances, told what layers the operations are: two of them
    /// ask for that.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`]; [`Error::DimensionMismatch`] unless each operation has a code.
    pub fn with_layers(
        table: &OperationTable<'a, R>,
        settings: MetricSettings<R>,
        layers: Layers<'a, R>,
    ) -> Result<Self, Error> {
        layers.check(table.operations(), table.attributes())?;
        let peers = Peers {
            workspace: |metric, shape| metric.peer_workspace(shape),
            parts: |metric, a, b, out, arena| metric.peer(a, b, out, arena),
        };
        // Set afterwards: as an argument of a function that `new` calls too, it would be in every program.
        Ok(Self { peers: Some(peers), ..Self::make(table, settings, Some(layers))? })
    }

    fn make(
        table: &OperationTable<'a, R>,
        settings: MetricSettings<R>,
        layers: Option<Layers<'a, R>>,
    ) -> Result<Self, Error> {
        settings.validate()?;
        if settings.distance.is_peer() && layers.is_none() {
            return Err(Error::LayersMissing);
        }
        let mut h = Hasher::new(0x6d65_7472);
        for word in table.fingerprint() {
            h.word(word);
        }
        settings.absorb(&mut h);
        let mut least_dissimilarity = R::INFINITY;
        for a in 0..table.operations() {
            for b in 0..a {
                least_dissimilarity = least_dissimilarity.min(table.dissimilarity(a as u8, b as u8));
            }
        }
        if let Some(layers) = &layers {
            layers.absorb(&mut h);
        }
        let fingerprint = h.finish();
        Ok(Self {
            table: *table,
            settings,
            fingerprint,
            part: 0,
            least_dissimilarity,
            layers,
            peers: None,
        })
    }

    /// The operation table.
    #[must_use]
    pub fn table(&self) -> &OperationTable<'a, R> {
        &self.table
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &MetricSettings<R> {
        &self.settings
    }

    /// A hash of table and settings: a cache belongs to one.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}
