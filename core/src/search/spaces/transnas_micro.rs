//! The micro space of TransNAS-Bench-101: 4096 cells.

use super::radix;
use super::text::{Writer, digit};
use super::wiring::four_node_cell;
use crate::arch::{CellSpec, NetworkBuilder};
use crate::error::Error;
use crate::metric::NetworkShape;
use crate::real::Real;
use crate::search::space::Space;

/// The cells of TransNAS-Bench-101 (Duan et al., CVPR 2021).
///
/// Six genes: the operations on the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3 of a graph whose nodes
/// sum, 0 none, 1 skip, 2 conv1x1, 3 conv3x3. The cell that is compared is that of
/// [`NasBench201`](super::NasBench201) without its pooling, and every genome is feasible.
///
/// The benchmark's networks are ten copies of one cell in the fixed modules 41414, so all their
/// differences lie in the cell: the network that is compared is the cell once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransNasMicro;

/// The modules of every network.
const BEFORE: &str = "64-41414-";

impl TransNasMicro {
    /// Bounds of its networks.
    pub const LIMITS: NetworkShape = NetworkShape { nodes: 8, distinct: 1, cells: 1 };
    /// How many genomes there are.
    pub const DESIGNS: usize = 4096;
    /// Bytes that hold every code.
    pub const CODE_LENGTH: usize = 17;

    /// Writes genome number `index` in lexicographic order.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] unless `index < DESIGNS` and `genome` has 6 genes.
    pub fn genome(&self, index: usize, genome: &mut [u8]) -> Result<(), Error> {
        if index >= Self::DESIGNS || genome.len() != 6 {
            return Err(Error::GenomeOutOfRange);
        }
        radix::write(index, 4, genome);
        Ok(())
    }

    /// The number of a genome in lexicographic order; `None` if it does not fit.
    #[must_use]
    pub fn index(&self, genome: &[u8]) -> Option<usize> {
        radix::read(genome, 4).filter(|_| genome.len() == 6)
    }

    /// Writes the benchmark's code, for example `64-41414-3_33_333`.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`]; [`Error::MemoryTooSmall`] if `out` is too short, which
    /// [`CODE_LENGTH`](Self::CODE_LENGTH) bytes never are.
    pub fn format<'a>(&self, genome: &[u8], out: &'a mut [u8]) -> Result<&'a str, Error> {
        if self.index(genome).is_none() {
            return Err(Error::GenomeOutOfRange);
        }
        let mut writer = Writer::new(out);
        writer.push(BEFORE)?;
        for (at, &gene) in genome.iter().enumerate() {
            if at == 1 || at == 3 {
                writer.push("_")?;
            }
            writer.push(digit(gene))?;
        }
        writer.finish()
    }

    /// Reads a code into a genome of 6 genes.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] if the text is not such a code or the genome has not 6 genes.
    pub fn parse(&self, code: &str, genome: &mut [u8]) -> Result<(), Error> {
        let cell = code.strip_prefix(BEFORE).ok_or(Error::GenomeOutOfRange)?;
        let &[a, b'_', b, c, b'_', d, e, f] = cell.as_bytes() else {
            return Err(Error::GenomeOutOfRange);
        };
        let genes = [a, b, c, d, e, f].map(|byte| byte.wrapping_sub(b'0'));
        if genome.len() != 6 || genes.iter().any(|&gene| gene > 3) {
            return Err(Error::GenomeOutOfRange);
        }
        for (to, from) in genome.iter_mut().zip(genes) {
            *to = from;
        }
        Ok(())
    }
}

impl<R: Real> Space<R> for TransNasMicro {
    fn genes(&self) -> usize {
        6
    }
    fn cardinality(&self, _: usize) -> u8 {
        4
    }
    fn limits(&self) -> NetworkShape {
        Self::LIMITS
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        let (operations, edges, count) = four_node_cell(genome);
        let edges = edges.get(..count).unwrap_or_default();
        let spec = CellSpec { operations: &operations, edges, masses: None, attributes: &[] };
        out.push_cell(&spec)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_codes_round_trip() {
        let (mut genome, mut text) = ([0; 6], [0; TransNasMicro::CODE_LENGTH]);
        for index in 0..TransNasMicro::DESIGNS {
            TransNasMicro.genome(index, &mut genome).unwrap();
            assert_eq!(TransNasMicro.index(&genome), Some(index));
            let code = TransNasMicro.format(&genome, &mut text).unwrap();
            let mut again = [9; 6];
            TransNasMicro.parse(code, &mut again).unwrap();
            assert_eq!(again, genome);
        }
        assert_eq!(TransNasMicro.format(&[1, 0, 2, 3, 3, 3], &mut text).unwrap(), "64-41414-1_02_333");
        assert_eq!(TransNasMicro.genome(4096, &mut genome), Err(Error::GenomeOutOfRange));
        assert_eq!(TransNasMicro.index(&[0, 0, 0, 0, 0, 4]), None);
        assert_eq!(TransNasMicro.index(&[0; 5]), None);
    }

    #[test]
    fn broken_codes_are_refused() {
        let mut genome = [7; 6];
        for code in [
            "64-41414-3_33_33",
            "64-41414-3_33_3333",
            "64-41414-4_33_333",
            "64-41414-3-33_333",
            "64-1414-3_33_333",
            "64-41414-3_3\u{e4}333",
            "",
        ] {
            assert_eq!(TransNasMicro.parse(code, &mut genome), Err(Error::GenomeOutOfRange), "{code}");
        }
        assert_eq!(genome, [7; 6]);
        assert_eq!(TransNasMicro.format(&[0; 6], &mut [0; 16]), Err(Error::MemoryTooSmall));
    }
}
