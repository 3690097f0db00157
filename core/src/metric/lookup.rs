//! A distance that needs no network, only what the cache remembers.

use super::Metric;
use super::cache::{DistanceCache, Kind};
use crate::arch::Fingerprint;
use crate::real::Real;

impl<R: Real> Metric<'_, R> {
    /// The distance of two networks with these fingerprints, if the cache knows it: what
    /// [`Metric::network_distance`] would answer, without the networks.
    pub fn known_network_distance(
        &self,
        cache: &mut DistanceCache<'_, R>,
        a: &Fingerprint,
        b: &Fingerprint,
    ) -> Option<R> {
        cache.bind(&self.fingerprint);
        cache.get(&DistanceCache::<R>::pair(Kind::Networks, 0, a, b)).map(|known| known.value)
    }
}
