//! Many distances in one call.

use core::borrow::Borrow;

use super::cache::DistanceCache;
use super::{Metric, NetworkShape};
use crate::arch::{Cell, Network};
use crate::error::Error;
use crate::memory::{Arena, product};
use crate::real::Real;
use crate::transport::lanes::{get, set};

/// Entries of a packed strict lower triangle of `n` rows: the distance of i and j < i lies at
/// `triangle(i) + j`.
#[must_use]
pub const fn triangle(n: usize) -> usize {
    match n {
        0 => 0,
        // One of the two is even: halve it first, so that only the result can overflow.
        _ if n.is_multiple_of(2) => product(n / 2, n - 1),
        _ => product((n - 1) / 2, n),
    }
}

impl<R: Real> Metric<'_, R> {
    /// iFGW from one cell to several.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] unless `out` has a place for each, and those of
    /// [`Metric::cell_distance`]. Everything is checked before the first distance is written.
    pub fn cell_distances<'c>(
        &self,
        one: &Cell<'_, R>,
        many: impl Iterator<Item: Borrow<Cell<'c, R>>> + Clone,
        out: &mut [R],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error>
    where
        R: 'c,
    {
        self.check(one)?;
        let mut count = 0;
        for cell in many.clone() {
            let cell = cell.borrow();
            self.check(cell)?;
            arena.require(Self::cell_workspace(one.nodes(), cell.nodes(), self.settings.effort))?;
            count += 1;
        }
        if out.len() != count {
            return Err(Error::DimensionMismatch);
        }
        if let Some(cache) = cache.as_deref_mut() {
            cache.bind(&self.fingerprint);
        }
        for (to, cell) in out.iter_mut().zip(many) {
            let (known, _) = self.known(one, cell.borrow(), cache.as_deref_mut(), arena.scope())?;
            *to = known.value;
        }
        Ok(())
    }

    /// iFGW between any two of n cells, n x n, row-major, symmetric with a diagonal of 0. Each pair of different
    /// cells is solved once.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] for an `out` of another size, and those of
    /// [`Metric::cell_distance`]. Everything is checked before the first distance is written.
    pub fn cell_matrix<'c>(
        &self,
        cells: impl Iterator<Item: Borrow<Cell<'c, R>>> + Clone,
        out: &mut [R],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error>
    where
        R: 'c,
    {
        let (mut count, mut nodes) = (0usize, 1);
        for cell in cells.clone() {
            let cell = cell.borrow();
            self.check(cell)?;
            nodes = cell.nodes().max(nodes);
            count += 1;
        }
        arena.require(Self::cell_workspace(nodes, nodes, self.settings.effort))?;
        if count.checked_mul(count) != Some(out.len()) {
            return Err(Error::DimensionMismatch);
        }
        if let Some(cache) = cache.as_deref_mut() {
            cache.bind(&self.fingerprint);
        }
        let first = |i: usize, one: &Cell<'c, R>| {
            let key = one.fingerprint();
            cells.clone().take(i).position(|cell| cell.borrow().fingerprint() == key)
        };
        // Until its row is known, 1 on the diagonal tells that a cell equals one before it.
        for (i, one) in cells.clone().enumerate() {
            let repeated = first(i, one.borrow()).is_some();
            set(out, i * count + i, if repeated { R::ONE } else { R::ZERO });
            for (j, cell) in cells.clone().take(i).enumerate() {
                if repeated || get(out, j * count + j) > R::ZERO {
                    continue;
                }
                let (known, _) =
                    self.known(one.borrow(), cell.borrow(), cache.as_deref_mut(), arena.scope())?;
                set(out, i * count + j, known.value);
                set(out, j * count + i, known.value);
            }
        }
        for (i, one) in cells.clone().enumerate() {
            let Some(same) = first(i, one.borrow()) else { continue };
            for j in 0..count {
                let value = get(out, same * count + j);
                set(out, i * count + j, value);
                set(out, j * count + i, value);
            }
            set(out, i * count + i, R::ZERO);
        }
        Ok(())
    }

    /// HOTNN from one network to several.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] unless `out` has a place for each, and those of
    /// [`Metric::network_distance`]. Everything is checked before the first distance is written.
    pub fn network_distances<'n>(
        &self,
        one: &Network<'_, R>,
        many: impl Iterator<Item: Borrow<Network<'n, R>>> + Clone,
        out: &mut [R],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error>
    where
        R: 'n,
    {
        let mut count = 0;
        for network in many.clone() {
            let network = network.borrow();
            self.check_network(one)?;
            self.check_network(network)?;
            let shape = NetworkShape::of(one).or(NetworkShape::of(network));
            arena.require(self.workspace(&shape))?;
            count += 1;
        }
        if out.len() != count {
            return Err(Error::DimensionMismatch);
        }
        for (to, network) in out.iter_mut().zip(many) {
            let solution =
                self.network_distance(one, network.borrow(), None, cache.as_deref_mut(), arena.scope())?;
            *to = solution.value;
        }
        Ok(())
    }

    /// HOTNN between any two of several networks, as a packed strict lower triangle of
    /// [`triangle`]`(n)` numbers.
    ///
    /// # Errors
    /// [`Error::DimensionMismatch`] for an `out` of another size, and those of
    /// [`Metric::network_distance`]. Everything is checked before the first distance is written.
    pub fn network_matrix<'n>(
        &self,
        networks: impl Iterator<Item: Borrow<Network<'n, R>>> + Clone,
        out: &mut [R],
        mut cache: Option<&mut DistanceCache<'_, R>>,
        mut arena: Arena<'_, R>,
    ) -> Result<(), Error>
    where
        R: 'n,
    {
        let mut count = 0;
        let mut shape = NetworkShape { nodes: 1, distinct: 1, cells: 1 };
        for network in networks.clone() {
            let network = network.borrow();
            self.check_network(network)?;
            shape = shape.or(NetworkShape::of(network));
            count += 1;
        }
        arena.require(self.workspace(&shape))?;
        if out.len() != triangle(count) {
            return Err(Error::DimensionMismatch);
        }
        let mut places = out.iter_mut();
        for (i, one) in networks.clone().enumerate() {
            for (network, to) in networks.clone().take(i).zip(places.by_ref()) {
                let cache = cache.as_deref_mut();
                let (one, network) = (one.borrow(), network.borrow());
                *to = self.network_distance(one, network, None, cache, arena.scope())?.value;
            }
        }
        Ok(())
    }
}
