//! The vertices that share the weight of a plan, and what is known of them.

use super::gradient::Operator;
use super::lanes::set;
use super::vertex::{Entries, Solver};
use super::weights::{Gram, MOST};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// At most [`MOST`] vertices. Their lists and images lie in places; the places in use come first.
pub(crate) struct Vertices<'a, R> {
    width: usize,
    nodes: usize,
    size: usize,
    rows: &'a mut [u32],
    columns: &'a mut [u32],
    units: &'a mut [R],
    lengths: &'a mut [u32; MOST],
    /// (1 - lambda) W S, by places.
    images: &'a mut [[R; 4]],
    places: &'a mut [u32; MOST],
    pub(crate) count: usize,
    /// lambda <C, S>.
    pub(crate) linear: &'a mut [R; MOST],
    /// (1 - lambda) <S, W S'>.
    pub(crate) gram: &'a mut Gram<R>,
    /// Scratch of the weights' factorisation.
    pub(crate) lower: &'a mut Gram<R>,
    pub(crate) weights: &'a mut [R; MOST],
}

/// Memory that the vertices need.
pub(crate) const fn workspace(nodes: usize, size: usize) -> Extent {
    let list = Extent::words(nodes).times(2).and(Extent::reals(nodes));
    list.and(Extent::reals(size.saturating_mul(4)))
        .times(MOST)
        .and(Extent::reals(2 * MOST * MOST + 2 * MOST))
        .and(Extent::words(2 * MOST))
}

fn square<'a, R: Real>(arena: &mut Arena<'a, R>) -> Result<&'a mut Gram<R>, Error> {
    let rows = arena.reals(MOST * MOST)?.as_chunks_mut::<MOST>().0;
    rows.first_chunk_mut().ok_or(Error::MemoryTooSmall)
}

fn numbers<'a, R: Real>(arena: &mut Arena<'a, R>) -> Result<&'a mut [R; MOST], Error> {
    arena.reals(MOST)?.first_chunk_mut().ok_or(Error::MemoryTooSmall)
}

fn indices<'a, R: Real>(arena: &mut Arena<'a, R>) -> Result<&'a mut [u32; MOST], Error> {
    let indices = arena.words(MOST)?;
    indices.iter_mut().zip(0..).for_each(|(to, k)| *to = k);
    indices.first_chunk_mut().ok_or(Error::MemoryTooSmall)
}

impl<'a, R: Real> Vertices<'a, R> {
    /// For plans between `nodes` points in all, in matrices of `size` groups with `width` per row.
    pub(crate) fn new(
        nodes: usize,
        size: usize,
        width: usize,
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        Ok(Self {
            width,
            nodes,
            size,
            rows: arena.words(MOST * nodes)?,
            columns: arena.words(MOST * nodes)?,
            units: arena.reals(MOST * nodes)?,
            lengths: indices(arena)?,
            images: arena.reals(MOST * 4 * size)?.as_chunks_mut().0,
            places: indices(arena)?,
            count: 0,
            linear: numbers(arena)?,
            gram: square(arena)?,
            lower: square(arena)?,
            weights: numbers(arena)?,
        })
    }

    fn list(&mut self, place: usize) -> Entries<'_, R> {
        let at = place * self.nodes..place * self.nodes + self.nodes;
        Entries {
            rows: self.rows.get_mut(at.clone()).unwrap_or_default(),
            columns: self.columns.get_mut(at.clone()).unwrap_or_default(),
            units: self.units.get_mut(at).unwrap_or_default(),
            len: self.lengths[place & (MOST - 1)] as usize,
        }
    }

    /// Vertex `k` and its weight.
    pub(crate) fn entries(&mut self, k: usize) -> (Entries<'_, R>, R) {
        let (place, weight) = (self.place(k), self.weights[k & (MOST - 1)]);
        (self.list(place), weight)
    }

    #[inline]
    fn place(&self, k: usize) -> usize {
        self.places[k & (MOST - 1)] as usize
    }

    fn image(&self, k: usize) -> &[[R; 4]] {
        let place = self.place(k);
        self.images.get(place * self.size..place * self.size + self.size).unwrap_or_default()
    }

    /// Adds the vertex in the solver. There must be room. `linear` is lambda C.
    pub(crate) fn add(
        &mut self,
        solver: &Solver<'_, R>,
        weight: R,
        linear: &[[R; 4]],
        operator: &Operator<'_, R>,
    ) {
        let Solver { entries: new, assignment, .. } = solver;
        let k = self.count & (MOST - 1);
        let place = self.place(k);
        self.lengths[place & (MOST - 1)] = new.len as u32;
        let mut to = self.list(place);
        to.copy(new);
        if let Some(image) = self.images.get_mut(place * self.size..place * self.size + self.size) {
            operator.apply(new, image);
        }
        let unit = R::ONE / solver.total;
        self.linear[k] = new.inner(*assignment, linear, self.width) * unit;
        for l in 0..=k {
            let x = new.inner(*assignment, self.image(l), self.width) * unit;
            self.gram[k][l & (MOST - 1)] = x;
            self.gram[l & (MOST - 1)][k] = x;
        }
        self.weights[k] = weight;
        self.count = k + 1;
    }

    /// Forgets the vertices without weight.
    pub(crate) fn drop_empty(&mut self) {
        let mut k = 0;
        while k < self.count.min(MOST) {
            if self.weights[k] > R::ZERO {
                k += 1;
                continue;
            }
            let (count, place) = (self.count.min(MOST), self.places[k]);
            for l in k + 1..count {
                self.places[l - 1] = self.places[l];
                self.linear[l - 1] = self.linear[l];
                self.weights[l - 1] = self.weights[l];
                self.gram[l - 1] = self.gram[l];
            }
            for row in self.gram.iter_mut().take(count) {
                for l in k + 1..count {
                    row[l - 1] = row[l];
                }
            }
            self.count = count - 1;
            self.places[self.count & (MOST - 1)] = place;
        }
    }

    /// The objective, and the derivative of the objective towards the plan itself.
    pub(crate) fn value(&self) -> (R, R) {
        if self.count == 1 {
            return (self.linear[0] + R::HALF * self.gram[0][0], self.linear[0] + self.gram[0][0]);
        }
        let (mut value, mut derivative) = (R::ZERO, R::ZERO);
        let count = self.count.min(MOST);
        for k in 0..count {
            let mut g = R::ZERO;
            for l in 0..count {
                g += self.gram[k][l] * self.weights[l];
            }
            value += self.weights[k] * (self.linear[k] + R::HALF * g);
            derivative += self.weights[k] * (self.linear[k] + g);
        }
        (value, derivative)
    }

    /// The gradient lambda C + (1 - lambda) W T.
    pub(crate) fn gradient(&self, linear: &[[R; 4]], to: &mut [[R; 4]]) {
        let first = self.weights[0];
        let to = to.as_flattened_mut();
        for ((to, &c), &x) in to.iter_mut().zip(linear.as_flattened()).zip(self.image(0).as_flattened())
        {
            *to = c + first * x;
        }
        for k in 1..self.count.min(MOST) {
            let weight = self.weights[k];
            for (to, &x) in to.iter_mut().zip(self.image(k).as_flattened()) {
                *to += weight * x;
            }
        }
    }
}

/// Plans that were met as the only vertex of a descent: from there the descent is known.
pub(crate) struct Known<'a> {
    hashes: &'a mut [[u32; 2]],
    next: usize,
}

/// Plans that are remembered, a power of two.
const REMEMBERED: usize = 64;

/// Memory that the plans need.
pub(crate) const KNOWN: Extent = Extent::words(2 * REMEMBERED);

impl<'a> Known<'a> {
    pub(crate) fn new<R: Real>(arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        Ok(Self { hashes: arena.words(KNOWN.words)?.as_chunks_mut().0, next: 0 })
    }

    /// Whether the plan was met before; remembers it, the oldest of 64 making room.
    pub(crate) fn meet<R: Real>(&mut self, plan: &Entries<'_, R>, assignment: bool) -> bool {
        let mut hash = 0u64;
        for (i, j, x) in plan.iter() {
            let place = if assignment {
                j as u64
            } else {
                x.order_bits() ^ ((i as u64) << 40) ^ ((j as u64) << 20)
            };
            hash = (hash ^ place).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 29;
        }
        let hash = [hash as u32, (hash >> 32) as u32];
        if self.hashes.iter().take(self.next).any(|old| *old == hash) {
            return true;
        }
        set(self.hashes, self.next & (REMEMBERED - 1), hash);
        self.next += 1;
        false
    }
}
