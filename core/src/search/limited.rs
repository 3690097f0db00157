//! A limit on a number that is known before a design is trained.

use super::rng::KeyedRng;
use super::space::Space;
use crate::arch::NetworkBuilder;
use crate::error::Error;
use crate::metric::NetworkShape;
use crate::real::Real;

/// A space of which only those designs are feasible whose cost (a latency, a size, an energy) is at most
/// a limit. A cost that is not a number is above it.
///
/// ```
/// use hotnas_core::search::Limited;
/// use hotnas_core::search::spaces::NasBench201;
/// // At most two convolutions of 3 x 3.
/// let cost = |genome: &[u8]| genome.iter().filter(|&&gene| gene == 3).count() as f64;
/// let space = Limited::new(&NasBench201, cost, 2.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Limited<'s, S: ?Sized, F, R> {
    space: &'s S,
    cost: F,
    limit: R,
}

impl<'s, R: Real, S: Space<R> + ?Sized, F: Fn(&[u8]) -> R> Limited<'s, S, F, R> {
    /// `space` with a limit; `cost` must be pure.
    pub fn new(space: &'s S, cost: F, limit: R) -> Self {
        Self { space, cost, limit }
    }
}

impl<R: Real, S: Space<R> + ?Sized, F: Fn(&[u8]) -> R> Space<R> for Limited<'_, S, F, R> {
    fn genes(&self) -> usize {
        self.space.genes()
    }
    fn cardinality(&self, gene: usize) -> u8 {
        self.space.cardinality(gene)
    }
    fn limits(&self) -> NetworkShape {
        self.space.limits()
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        if (self.cost)(genome) <= self.limit {
            self.space.decode(genome, out)
        } else {
            Err(Error::Infeasible)
        }
    }
    fn neighbours(&self, genome: &[u8]) -> usize {
        self.space.neighbours(genome)
    }
    fn neighbour(&self, genome: &[u8], index: usize, out: &mut [u8]) {
        self.space.neighbour(genome, index, out);
    }
    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        self.space.sample(rng, out);
    }
}
