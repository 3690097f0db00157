//! A distance that needs no network, only what the cache remembers.

use super::cache::{DistanceCache, Kind};
use super::{MAX_PARTS, Metric};
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
        let distance = self.settings.distance;
        if distance.is_peer() {
            let mut parts = [R::ZERO; MAX_PARTS];
            let parts = parts.get_mut(..distance.parts()).unwrap_or_default();
            return self.known_network_parts(cache, a, b, parts).then(|| distance.whole(parts));
        }
        self.known_hotnn(cache, a, b)
    }

    /// The same where the distance is HOTNN.
    pub(super) fn known_hotnn(
        &self,
        cache: &mut DistanceCache<'_, R>,
        a: &Fingerprint,
        b: &Fingerprint,
    ) -> Option<R> {
        cache.bind(&self.fingerprint);
        cache.get(&DistanceCache::<R>::pair(Kind::Networks, 0, a, b)).map(|known| known.value)
    }
}
