//! Decoded networks side by side in the workspace, and distances between them.

use super::space::{Space, check_genome};
use crate::arch::{Fingerprint, Network, NetworkBuilder, NetworkLimits};
use crate::error::Error;
use crate::gp::GaussianProcess;
use crate::memory::{Arena, Extent};
use crate::metric::{DistanceCache, Metric, NetworkShape};
use crate::real::Real;
use crate::rows::InRows;

/// What one call works with: the space, the metric, the optional cache, and slots of decoded
/// networks in the caller's workspace.
pub(super) struct Workbench<'w, 'c, 'm, R, S: ?Sized> {
    space: &'w S,
    metric: &'w Metric<'m, R>,
    cache: Option<&'w mut DistanceCache<'c, R>>,
    limits: NetworkLimits,
    slots: usize,
    /// Numbers of a distance.
    parts: usize,
    extent: Extent,
    reals: &'w mut [R],
    words: &'w mut [u32],
    bytes: &'w mut [u8],
    /// Scratch of a builder, of the metric or of the Gaussian process, never of two at once.
    scratch: Arena<'w, R>,
}

/// Memory of a workbench with so many slots, whose scratch also serves a process of so many
/// observations; `distance` is what a distance needs.
pub(super) const fn extent(
    shape: NetworkShape,
    groups: usize,
    attributes: usize,
    slots: usize,
    observations: usize,
    distance: Extent,
) -> Extent {
    let limits = limits(shape, groups, attributes);
    limits.extent().times(slots).and(scratch(&limits, observations, distance))
}

const fn scratch(limits: &NetworkLimits, observations: usize, distance: Extent) -> Extent {
    limits.workspace().or(distance).or(GaussianProcess::<f64>::workspace(observations))
}

const fn limits(shape: NetworkShape, groups: usize, attributes: usize) -> NetworkLimits {
    let NetworkShape { nodes, distinct, cells } = shape;
    NetworkLimits { nodes, groups, attributes, distinct, cells }
}

impl<'w, 'c, 'm, R: Real, S: Space<R> + ?Sized> Workbench<'w, 'c, 'm, R, S> {
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new(
        space: &'w S,
        metric: &'w Metric<'m, R>,
        cache: Option<&'w mut DistanceCache<'c, R>>,
        slots: usize,
        observations: usize,
        parts: usize,
        memory: &mut Arena<'w, R>,
    ) -> Result<Self, Error> {
        if parts > 1 && parts != metric.parts() {
            return Err(Error::DimensionMismatch);
        }
        let (shape, table) = (space.limits(), metric.table());
        let limits = limits(shape, table.groups(), table.attributes());
        let extent = limits.extent();
        let all = extent.times(slots);
        Ok(Self {
            space,
            metric,
            cache,
            limits,
            slots,
            parts,
            extent,
            reals: memory.reals(all.reals)?,
            words: memory.words(all.words)?,
            bytes: memory.bytes(all.bytes)?,
            scratch: memory.split(scratch(&limits, observations, metric.workspace(&shape)))?,
        })
    }

    pub(super) fn space(&self) -> &'w S {
        self.space
    }

    /// What tells the metric from others.
    pub(super) fn metric(&self) -> Fingerprint {
        self.metric.fingerprint()
    }

    /// Slots before the last one.
    pub(super) fn block(&self) -> usize {
        self.slots.saturating_sub(1)
    }

    /// Scratch for the Gaussian process.
    pub(super) fn scratch(&mut self) -> Arena<'_, R> {
        self.scratch.scope()
    }

    /// Decodes a genome into a slot. `None` if it is infeasible.
    pub(super) fn decode(&mut self, slot: usize, genome: &[u8]) -> Result<Option<Fingerprint>, Error> {
        check_genome(self.space, genome)?;
        let e = self.extent;
        let mut arena = Arena::new(
            self.reals.get_mut(slot * e.reals..).unwrap_or_default(),
            self.words.get_mut(slot * e.words..).unwrap_or_default(),
            self.bytes.get_mut(slot * e.bytes..).unwrap_or_default(),
        );
        let table = self.metric.table();
        let mut builder = NetworkBuilder::new(table, self.limits, &mut arena, self.scratch.scope())?;
        match self.space.decode(genome, &mut builder) {
            Ok(()) => finish(builder).map(Some),
            Err(Error::Infeasible) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Decodes a genome whose network is known by its fingerprint.
    pub(super) fn decode_known(
        &mut self,
        slot: usize,
        genome: &[u8],
        fingerprint: Fingerprint,
    ) -> Result<(), Error> {
        if self.decode(slot, genome)? == Some(fingerprint) { Ok(()) } else { Err(Error::SavedSettings) }
    }

    /// The same into the last slot, which [`Self::distances`] compares with the others.
    pub(super) fn decode_last(&mut self, genome: &[u8], fingerprint: Fingerprint) -> Result<(), Error> {
        self.decode_known(self.slots.wrapping_sub(1), genome, fingerprint)
    }

    /// Numbers of a distance: one, or one for each of its parts.
    pub(super) fn parts(&self) -> usize {
        self.parts
    }

    /// Writes the distance of equal networks, or one that the cache knows, else [`unknown`].
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn known(&mut self, a: Fingerprint, b: Fingerprint, out: &mut [R]) {
        if a == b {
            return out.fill(R::ZERO);
        }
        let known = match (self.cache.as_deref_mut(), &mut *out) {
            (None, _) => false,
            (Some(cache), [out]) => {
                let known = self.metric.known_network_distance(cache, &a, &b);
                *out = known.unwrap_or(*out);
                known.is_some()
            }
            (Some(cache), out) => self.metric.known_network_parts(cache, &a, &b, out),
        };
        if !known {
            out.fill(unknown());
        }
    }

    /// Writes the distances between the network in the last slot and those in the first slots where
    /// `out`, with all parts of a distance side by side, is [`unknown`].
    pub(super) fn distances(&mut self, out: &mut [R]) -> Result<(), Error> {
        let Self { metric, slots, parts, .. } = *self;
        let memory = &(&*self.reals, &*self.words, &*self.bytes);
        let one = view(memory, &self.extent, slots.wrapping_sub(1));
        let one = one.as_ref().ok_or(Error::DimensionMismatch)?;
        for (slot, out) in out.in_rows_mut(parts).enumerate() {
            if !any_unknown(out) {
                continue;
            }
            let other = view(memory, &self.extent, slot);
            let other = other.as_ref().ok_or(Error::DimensionMismatch)?;
            let (cache, arena) = (self.cache.as_deref_mut(), self.scratch.scope());
            metric.whole_or_parts(other, one, out, cache, arena)?;
        }
        Ok(())
    }
}

/// What tells the finished network from others.
#[cfg_attr(feature = "small", inline(never))]
fn finish<R: Real>(builder: NetworkBuilder<'_, '_, R>) -> Result<Fingerprint, Error> {
    Ok(builder.finish()?.fingerprint())
}

/// The network in a slot.
#[cfg_attr(feature = "small", inline(never))]
fn view<'n, R: Real>(
    (reals, words, bytes): &(&'n [R], &'n [u32], &'n [u8]),
    extent: &Extent,
    slot: usize,
) -> Option<Network<'n, R>> {
    Network::view(
        reals.get(slot * extent.reals..)?,
        words.get(slot * extent.words..)?,
        bytes.get(slot * extent.bytes..)?,
    )
}

/// Stands for a distance that is not known yet: distances are not negative.
pub(super) fn unknown<R: Real>() -> R {
    -R::ONE
}

#[cfg_attr(feature = "small", inline(never))]
pub(super) fn any_unknown<R: Real>(distances: &[R]) -> bool {
    distances.iter().any(|&distance| distance == unknown())
}
