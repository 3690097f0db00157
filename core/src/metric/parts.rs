//! The partial distances of two networks.

use super::cache::{DistanceCache, Kind, Known};
use super::{Distance, MAX_PARTS, Metric, MetricSettings, NetworkShape};
use crate::arch::{Fingerprint, Network};
use crate::error::Error;
use crate::memory::Arena;
use crate::real::Real;

impl<R: Real> Metric<'_, R> {
    /// The number of parts of the distance of networks, 1 to [`MAX_PARTS`]; see [`Distance`].
    #[must_use]
    pub fn parts(&self) -> usize {
        self.settings.distance.parts()
    }

    /// Writes the partial distances of two networks, [`Metric::parts`] numbers. Each is symmetric, not
    /// negative, and 0 for equal networks. A distance of one part is its own part.
    ///
    /// Memory: [`Metric::workspace`]. The result is the same without the cache.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] for an `out` of another size, and those of
    /// [`Metric::network_distance`]. Nothing is written then.
    pub fn network_parts(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        out: &mut [R],
        cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        if out.len() != self.parts() {
            return Err(Error::DimensionMismatch);
        }
        self.whole_or_parts(a, b, out, cache, arena)
    }

    /// The distance if there is room for one number, else as [`Metric::network_parts`].
    pub(crate) fn whole_or_parts(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        out: &mut [R],
        cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        match out {
            [out] => self.whole(a, b, out, cache, arena),
            out if self.settings.distance.is_peer() => self.peer_parts(a, b, out, cache, arena),
            out => self.hotnn_parts(a, b, out, cache, arena),
        }
    }

    #[cfg_attr(feature = "small", inline(never))]
    fn whole(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        out: &mut R,
        cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        *out = self.network_distance(a, b, None, cache, arena)?.value;
        Ok(())
    }

    /// The same for HOTNN in parts.
    #[cfg_attr(feature = "small", inline(never))]
    fn hotnn_parts(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        out: &mut [R],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        self.check_networks(a, b, &arena)?;
        if let Some(cache) = cache.as_deref_mut()
            && self.known_network_parts(cache, &a.fingerprint(), &b.fingerprint(), out)
        {
            return Ok(());
        }
        let mut parts = [R::ZERO; MAX_PARTS];
        for (number, part) in parts.iter_mut().enumerate().take(out.len()) {
            let metric = self.part(number);
            *part = metric.uncached(a, b, None, cache.as_deref_mut(), arena.scope())?.value;
        }
        self.keep_parts(cache, a, b, &parts, out);
        Ok(())
    }

    /// The same for a distance that is no HOTNN.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn peer_parts(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        out: &mut [R],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        arena: Arena<'_, R>,
    ) -> Result<(), Error> {
        self.check_networks(a, b, &arena)?;
        if self.settings.distance.sees_more_than_keys() {
            cache = None;
        }
        let (x, y) = (a.fingerprint(), b.fingerprint());
        if let Some(cache) = cache.as_deref_mut()
            && self.known_network_parts(cache, &x, &y, out)
        {
            return Ok(());
        }
        let mut parts = [R::ZERO; MAX_PARTS];
        if let Some(peers) = self.peers.filter(|_| x != y) {
            let (a, b) = if a.compare(b).is_gt() { (b, a) } else { (a, b) };
            let some = parts.get_mut(..out.len()).unwrap_or_default();
            (peers.parts)(self, a, b, some, arena)?;
        }
        self.keep_parts(cache, a, b, &parts, out);
        Ok(())
    }

    /// Writes parts that were computed, also into the cache.
    #[cfg_attr(feature = "small", inline(never))]
    fn keep_parts(
        &self,
        cache: Option<&mut DistanceCache<'_, R>>,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        parts: &[R; MAX_PARTS],
        out: &mut [R],
    ) {
        // An entry has room for three numbers, and no distance that is cached has more parts.
        let &[value, lower_bound, marginal_residual, ..] = parts;
        if let Some(cache) = cache {
            let known = Known { value, lower_bound, marginal_residual, proved_optimal: true };
            let key = DistanceCache::<R>::pair(Kind::Parts, 0, &a.fingerprint(), &b.fingerprint());
            cache.put(Kind::Parts, &key, known);
        }
        out.iter_mut().zip(parts).for_each(|(out, part)| *out = *part);
    }

    /// An error unless networks and memory fit the metric.
    #[cfg_attr(feature = "small", inline(never))]
    fn check_networks(
        &self,
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        arena: &Arena<'_, R>,
    ) -> Result<(), Error> {
        self.check_network(a)?;
        self.check_network(b)?;
        arena.require(self.workspace(&NetworkShape::of(a).or(NetworkShape::of(b))))
    }

    /// The partial distances of two networks with these fingerprints, if the cache knows them: what
    /// [`Metric::network_parts`] would write, without the networks. False: not known, and what `out`
    /// holds means nothing; also if `out` has another size.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn known_network_parts(
        &self,
        cache: &mut DistanceCache<'_, R>,
        a: &Fingerprint,
        b: &Fingerprint,
        out: &mut [R],
    ) -> bool {
        if out.len() != self.parts() {
            return false;
        }
        if let ([out], false) = (&mut *out, self.settings.distance.is_peer()) {
            let known = self.known_hotnn(cache, a, b);
            *out = known.unwrap_or(*out);
            return known.is_some();
        }
        if self.settings.distance.sees_more_than_keys() {
            return false;
        }
        cache.bind(&self.fingerprint);
        let Some(known) = cache.get(&DistanceCache::<R>::pair(Kind::Parts, 0, a, b)) else {
            return false;
        };
        let numbers = [known.value, known.lower_bound, known.marginal_residual];
        out.iter_mut().zip(numbers).for_each(|(out, x)| *out = x);
        true
    }

    /// The metric whose distance is a part. Part metrics share the cache of the whole: keys hold the
    /// number of the part, and the last part, the whole distance, has the keys of the metric itself.
    #[cfg_attr(feature = "small", inline(never))]
    fn part(&self, number: usize) -> Self {
        let (epsilon, part) = match number {
            0 => (R::ONE, 1),
            1 => (R::ZERO, 2),
            _ => return Self { part: 0, ..*self },
        };
        let settings =
            MetricSettings { epsilon, lambda: R::ONE, distance: Distance::Hotnn, ..self.settings };
        Self { settings, part, ..*self }
    }
}
