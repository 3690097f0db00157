//! The pairs of distinct cells of two networks, each known once.

use super::cache::Known;
use crate::arch::Network;
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::Real;

/// No such cell in the other network.
const NONE: u8 = u8::MAX;

/// What is known about pairs of listed cells, a matrix of the cells of one network by those of the
/// other.
#[derive(Debug)]
pub(super) struct Pairs<'a, R> {
    columns: usize,
    /// Value, lower bound, and 1 or 0 for proved or not; a negative value is unknown.
    table: &'a mut [[R; 3]],
    /// First listed cell with the same key, per listed cell of either network.
    first: [&'a mut [u8]; 2],
    /// The same cell in the other network.
    other: [&'a mut [u8]; 2],
}

impl<'a, R: Real> Pairs<'a, R> {
    pub(super) const fn extent(a: usize, b: usize) -> Extent {
        let cells = a.saturating_add(b);
        Extent { reals: product(product(a, b), 3), words: product(cells, 4), bytes: product(cells, 2) }
    }

    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn new(
        a: &Network<'_, R>,
        b: &Network<'_, R>,
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        let (n, m) = (a.distinct(), b.distinct());
        let table = arena.reals(3 * n * m)?.as_chunks_mut().0;
        table.fill([-R::ONE, R::ZERO, R::ZERO]);
        let keys = [arena.words(4 * n)?.as_chunks_mut().0, arena.words(4 * m)?.as_chunks_mut().0];
        let first = [arena.bytes(n)?, arena.bytes(m)?];
        let other = [arena.bytes(n)?, arena.bytes(m)?];
        let [of_a, of_b] = keys;
        for (keys, network) in [(&mut *of_a, a), (&mut *of_b, b)] {
            for (c, key) in keys.iter_mut().enumerate() {
                *key = network.cell(c).map_or([0; 4], |cell| cell.fingerprint());
            }
        }
        let find = |key: &[u32; 4], keys: &[[u32; 4]]| {
            keys.iter().position(|k| k == key).map_or(NONE, |c| c as u8)
        };
        for (side, (own, others)) in [(&*of_a, &*of_b), (&*of_b, &*of_a)].into_iter().enumerate() {
            for ((first, other), key) in
                first[side & 1].iter_mut().zip(other[side & 1].iter_mut()).zip(own)
            {
                *first = find(key, own);
                *other = find(key, others);
            }
        }
        Ok(Self { columns: m, table, first, other })
    }

    /// The first listed cells that equal listed cells `s` and `t`.
    #[inline]
    pub(super) fn representatives(&self, s: u8, t: u8) -> (usize, usize) {
        let first = |side: &[u8], c: u8| side.get(usize::from(c)).copied().unwrap_or(c).into();
        (first(self.first[0], s), first(self.first[1], t))
    }

    #[inline]
    pub(super) fn get(&self, i: usize, j: usize) -> Option<Known<R>> {
        let &[value, lower_bound, proved] = self.table.get(i * self.columns + j)?;
        (value >= R::ZERO).then_some(Known {
            value,
            lower_bound,
            marginal_residual: R::ZERO,
            proved_optimal: proved == R::ONE,
        })
    }

    pub(super) fn set(&mut self, i: usize, j: usize, known: Known<R>) {
        if let Some(entry) = self.table.get_mut(i * self.columns + j) {
            let proved = if known.proved_optimal { R::ONE } else { R::ZERO };
            *entry = [known.value, known.lower_bound, proved];
        }
    }

    /// What is known about the pair the other way round, where both cells occur in both networks.
    pub(super) fn exchanged(&self, i: usize, j: usize) -> Option<Known<R>> {
        let to_b = *self.other[0].get(i)?;
        let to_a = *self.other[1].get(j)?;
        if to_a == NONE || to_b == NONE { None } else { self.get(to_a.into(), to_b.into()) }
    }

    /// The largest difference between a value and its lower bound.
    pub(super) fn largest_slack(&self) -> R {
        self.table.iter().fold(R::ZERO, |most, &[value, lower, _]| most.max(value - lower))
    }
}
