//! What is searched: genomes, the networks that they stand for, and which genomes are near.

use super::rng::KeyedRng;
use crate::arch::NetworkBuilder;
use crate::error::Error;
use crate::metric::NetworkShape;
use crate::real::Real;

/// The longest genome.
pub const MAX_GENES: usize = 64;

/// A search space: small categorical genes and what they mean.
///
/// A genome is [`genes`](Self::genes) bytes, gene `g` below [`cardinality`](Self::cardinality)`(g)`.
/// A space of variable length pads. Several genomes may stand for one network: the search compares
/// networks by fingerprint and counts them as one design.
///
/// Every function must be pure, that is, answer equal questions equally: a search decodes the
/// designs of its history again whenever it needs them.
pub trait Space<R: Real> {
    /// Length of a genome, 1 to [`MAX_GENES`].
    fn genes(&self) -> usize;

    /// How many values a gene has, at least 1.
    fn cardinality(&self, gene: usize) -> u8;

    /// Bounds of every network of the space: what a workspace must have room for.
    fn limits(&self) -> NetworkShape;

    /// Builds the network of a genome.
    ///
    /// # Errors
    /// [`Error::Infeasible`] if the genome stands for no network: the search then passes over it.
    /// Any other error ends the call that decoded.
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error>;

    /// How many neighbours a genome has. They may repeat and may be infeasible.
    ///
    /// The default counts the genomes that differ in one gene.
    fn neighbours(&self, genome: &[u8]) -> usize {
        genome.iter().enumerate().map(|(g, _)| usize::from(self.cardinality(g).saturating_sub(1))).sum()
    }

    /// Writes neighbour number `index` of a genome into `out`, which has the genome's length. What
    /// an index out of range gives is unspecified: the default then copies the genome.
    fn neighbour(&self, genome: &[u8], index: usize, out: &mut [u8]) {
        let mut before = 0;
        for (g, (out, &gene)) in out.iter_mut().zip(genome).enumerate() {
            let edits = usize::from(self.cardinality(g).saturating_sub(1));
            let value = index.wrapping_sub(before);
            // The values other than the present one, in ascending order.
            *out = match u8::try_from(value) {
                Ok(value) if usize::from(value) < edits => value + u8::from(value >= gene),
                _ => gene,
            };
            before += edits;
        }
    }

    /// Writes a random genome into `out`. The default draws each gene uniformly.
    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        for (g, out) in out.iter_mut().enumerate() {
            *out = rng.below(u32::from(self.cardinality(g))) as u8;
        }
    }
}

/// An error unless the genome has the space's length and each gene is below its cardinality.
///
/// # Errors
/// [`Error::GenomeOutOfRange`].
pub fn check_genome<R: Real, S: Space<R> + ?Sized>(space: &S, genome: &[u8]) -> Result<(), Error> {
    let fits = genome.len() == space.genes()
        && genome.iter().enumerate().all(|(g, &gene)| gene < space.cardinality(g));
    if fits { Ok(()) } else { Err(Error::GenomeOutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Three;
    impl Space<f32> for Three {
        fn genes(&self) -> usize {
            3
        }
        fn cardinality(&self, gene: usize) -> u8 {
            [2, 1, 4].get(gene).copied().unwrap_or(1)
        }
        fn limits(&self) -> NetworkShape {
            NetworkShape { nodes: 1, distinct: 1, cells: 1 }
        }
        fn decode(&self, _: &[u8], _: &mut NetworkBuilder<'_, '_, f32>) -> Result<(), Error> {
            Err(Error::Infeasible)
        }
    }

    #[test]
    fn default_neighbours_are_all_single_gene_changes() {
        let genome = [1, 0, 2];
        let mut seen = vec![];
        for index in 0..Three.neighbours(&genome) {
            let mut out = [9; 3];
            Three.neighbour(&genome, index, &mut out);
            seen.push(out);
        }
        assert_eq!(seen, [[0, 0, 2], [1, 0, 0], [1, 0, 1], [1, 0, 3]]);
        let mut out = [9; 3];
        Three.neighbour(&genome, usize::MAX, &mut out);
        assert_eq!(out, genome);
    }

    #[test]
    fn samples_fit_and_ranges_are_checked() {
        let mut rng = KeyedRng::new(0, 0, 0);
        let mut out = [0; 3];
        for _ in 0..50 {
            Three.sample(&mut rng, &mut out);
            check_genome(&Three, &out).unwrap();
        }
        assert_eq!(check_genome(&Three, &[0, 1, 0]), Err(Error::GenomeOutOfRange));
        assert_eq!(check_genome(&Three, &[0, 0]), Err(Error::GenomeOutOfRange));
    }
}
