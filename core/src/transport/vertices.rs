//! The vertices that share the weight of a plan, and what is known of them.

use super::gradient::Operator;
use super::lanes::{BY_WIDTH, change, change_by_two, lanes, set};
use super::vertex::{Entries, Solver};
use super::weights::{self, Gram, MOST, Places, place};
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::Real;

/// At most [`MOST`] vertices. Whatever is known of one lies in its place. The places in use come first in
/// the order, then those of vertices that were let go, the last one first: they often come back.
pub(crate) struct Vertices<'a, R> {
    nodes: usize,
    size: usize,
    assignment: bool,
    /// Lists of entries, without rows and units if they are assignments.
    rows: &'a mut [u32],
    columns: &'a mut [u32],
    units: &'a mut [R],
    lengths: &'a mut [u32; MOST],
    hashes: &'a mut [Hash],
    /// (1 - lambda) W S.
    images: &'a mut [[R; 4]],
    /// lambda <C, S>.
    linear: &'a mut [R; MOST],
    /// (1 - lambda) <S, W S'>, of vertices in use and of each with itself.
    gram: &'a mut Gram<R>,
    /// Scratch of the weights' factorisation.
    lower: &'a mut Gram<R>,
    pub(crate) weights: &'a mut [R; MOST],
    places: Places,
    pub(crate) count: usize,
    /// Places that hold a vertex.
    filled: usize,
}

/// Memory that the vertices need.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) const fn workspace(nodes: usize, size: usize) -> Extent {
    let list = Extent::words(nodes).times(2).and(Extent::reals(nodes));
    list.and(Extent::reals(product(size, 4)))
        .times(MOST)
        .and(Extent::reals(2 * MOST * MOST + 2 * MOST))
        .and(Extent::words(3 * MOST))
}

fn square<'a, R: Real>(arena: &mut Arena<'a, R>) -> Result<&'a mut Gram<R>, Error> {
    let rows = arena.reals(MOST * MOST)?.as_chunks_mut::<MOST>().0;
    rows.first_chunk_mut().ok_or(Error::MemoryTooSmall)
}

fn numbers<'a, R: Real>(arena: &mut Arena<'a, R>) -> Result<&'a mut [R; MOST], Error> {
    arena.reals(MOST)?.first_chunk_mut().ok_or(Error::MemoryTooSmall)
}

impl<'a, R: Real> Vertices<'a, R> {
    /// For plans between `nodes` points in all, in matrices of `size` groups.
    pub(crate) fn new(
        nodes: usize,
        size: usize,
        solver: &Solver<'_, R>,
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        Ok(Self {
            nodes,
            size,
            assignment: solver.assignment,
            rows: arena.words(MOST * nodes)?,
            columns: arena.words(MOST * nodes)?,
            units: arena.reals(MOST * nodes)?,
            lengths: arena.words(MOST)?.first_chunk_mut().ok_or(Error::MemoryTooSmall)?,
            hashes: arena.words(2 * MOST)?.as_chunks_mut().0,
            images: arena.reals(MOST * 4 * size)?.as_chunks_mut().0,
            linear: numbers(arena)?,
            gram: square(arena)?,
            lower: square(arena)?,
            weights: numbers(arena)?,
            places: core::array::from_fn(|k| k as u8),
            count: 0,
            filled: 0,
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
        let place = place(&self.places, k);
        let weight = self.weights[place];
        (self.list(place), weight)
    }

    /// The hash of vertex `k`.
    pub(crate) fn hash(&self, k: usize) -> Hash {
        super::lanes::get(self.hashes, place(&self.places, k))
    }

    fn image(&self, place: usize) -> &[[R; 4]] {
        self.images.get(place * self.size..place * self.size + self.size).unwrap_or_default()
    }

    /// Finds the place of a vertex that was let go, or makes one for it, and puts it behind those in use.
    /// True if the place holds the vertex already.
    fn find(&mut self, new: &Entries<'_, R>, hash: Hash) -> bool {
        let (mut at, mut found) = (self.filled.min(MOST - 1), false);
        for k in self.count..self.filled {
            let place = place(&self.places, k);
            if super::lanes::get(self.hashes, place) == hash {
                let assignment = self.assignment;
                if self.list(place).equals(new, assignment) {
                    (at, found) = (k, true);
                    break;
                }
            }
        }
        self.filled = self.filled.max(at + 1);
        let place = self.places[at & (MOST - 1)];
        for k in (self.count..at).rev() {
            self.places[(k + 1) & (MOST - 1)] = self.places[k & (MOST - 1)];
        }
        self.places[self.count & (MOST - 1)] = place;
        found
    }

    /// Adds the vertex in the solver with a weight. There must be room. `linear` is lambda C.
    pub(crate) fn add(
        &mut self,
        solver: &Solver<'_, R>,
        weight: R,
        linear: &[[R; 4]],
        operator: &Operator<'_, R>,
    ) {
        let new = &solver.entries;
        let hash = solver.hash();
        let found = self.find(new, hash);
        let at = place(&self.places, self.count);
        if !found {
            set(self.hashes, at, hash);
            self.lengths[at] = new.len as u32;
            let assignment = self.assignment;
            self.list(at).copy(new, assignment);
            self.linear[at] = mean(solver, linear);
        }
        for l in 0..self.count {
            let l = place(&self.places, l);
            let x = mean(solver, self.image(l));
            self.gram[at][l] = x;
            self.gram[l][at] = x;
        }
        self.weights[at] = weight;
        self.count += 1;
        if found {
            return;
        }
        if let Some(image) = self.images.get_mut(at * self.size..at * self.size + self.size) {
            operator.apply(new, image);
        }
        self.gram[at][at] = mean(solver, self.image(at));
    }

    /// Whether the objective is below `least` somewhere on the straight ways from the assignment in the
    /// solver, whose share of its own gradient is `square` units, to the vertices.
    pub(crate) fn lead_below(
        &self,
        least: R,
        solver: &Solver<'_, R>,
        square: R,
        linear: &[[R; 4]],
    ) -> bool {
        let square = square * solver.unit;
        let value = mean(solver, linear) + R::HALF * square;
        let mut places = self.places.iter().take(self.count);
        value < least
            || places.any(|&k| {
                let k = usize::from(k) & (MOST - 1);
                let (cross, own) = (mean(solver, self.image(k)), self.gram[k][k]);
                let end = self.linear[k] + R::HALF * own;
                let curvature = (square - cross) + (own - cross);
                // At the vertex. The least is between the ends if it falls there and rises at the other.
                let slope = (value - end) - R::HALF * curvature;
                let inside = slope < R::ZERO && slope + curvature > R::ZERO;
                inside && R::HALF * slope * slope > curvature * (end - least)
            })
    }

    /// Makes the weights the best ones downhill from where they are, and lets the vertices go that have
    /// none then.
    pub(crate) fn minimise(&mut self) {
        weights::minimise(self.gram, self.lower, self.linear, &self.places, self.count, self.weights);
        let mut k = 0;
        while k < self.count {
            let place = place(&self.places, k);
            if self.weights[place] > R::ZERO {
                k += 1;
                continue;
            }
            for l in k + 1..self.count {
                self.places[(l - 1) & (MOST - 1)] = self.places[l & (MOST - 1)];
            }
            self.count -= 1;
            self.places[self.count & (MOST - 1)] = place as u8;
        }
    }

    /// The objective, and the derivative of the objective towards the plan itself.
    pub(crate) fn value(&self) -> (R, R) {
        // For speed alone, as in `gradient`.
        if BY_WIDTH && self.count == 1 {
            let at = place(&self.places, 0);
            let (linear, square) = (self.linear[at], self.gram[at][at]);
            return (linear + R::HALF * square, linear + square);
        }
        let (mut value, mut derivative) = (R::ZERO, R::ZERO);
        let places = self.places.get(..self.count).unwrap_or_default();
        for &k in places {
            let k = usize::from(k) & (MOST - 1);
            let mut g = R::ZERO;
            for &l in places {
                let l = usize::from(l) & (MOST - 1);
                g += self.gram[k][l] * self.weights[l];
            }
            value += self.weights[k] * (self.linear[k] + R::HALF * g);
            derivative += self.weights[k] * (self.linear[k] + g);
        }
        (value, derivative)
    }

    /// The gradient lambda C + (1 - lambda) W T.
    pub(crate) fn gradient(&self, linear: &[[R; 4]], to: &mut [[R; 4]]) {
        let one = |k: usize| {
            let at = place(&self.places, k);
            (self.image(at), self.weights[at])
        };
        if !BY_WIDTH {
            change(to, linear, |_, c| c);
            for k in 0..self.count {
                let (x, w) = one(k);
                change(to, x, |to, x| to + w * x);
            }
            return;
        }
        let (x, w) = one(0);
        if self.count == 1 {
            change_by_two(to, [linear, x], |_, c, x| c + x);
            return;
        }
        // Two at once, and the others one by one.
        let (y, v) = one(1);
        let first = to.iter_mut().zip(linear).zip(x).zip(y);
        first.for_each(|(((to, c), x), y)| *to = lanes(|l| (c[l] + w * x[l]) + v * y[l]));
        for k in 2..self.count {
            let (x, w) = one(k);
            change(to, x, |to, x| to + w * x);
        }
    }
}

/// The sum of a matrix over the vertex in the solver, whose units are 1 in all.
#[inline(always)]
fn mean<R: Real>(solver: &Solver<'_, R>, matrix: &[[R; 4]]) -> R {
    solver.entries.inner(solver.assignment, matrix, solver.width) * solver.unit
}

/// What tells plans apart but for accidents.
pub(crate) type Hash = [u32; 2];

/// Plans that were met as the only vertex of a descent: from there the descent is known.
pub(crate) struct Known<'a> {
    hashes: &'a mut [Hash],
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
    pub(crate) fn meet(&mut self, hash: Hash) -> bool {
        if self.hashes.iter().take(self.next).any(|old| *old == hash) {
            return true;
        }
        set(self.hashes, self.next & (REMEMBERED - 1), hash);
        self.next += 1;
        false
    }
}
