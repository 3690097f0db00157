//! The topology space of NAS-Bench-201 and NATS-Bench: 15 625 cells.

use super::radix;
use super::text::{Writer, choice};
use super::wiring::four_node_cell;
use crate::arch::{CellSpec, NetworkBuilder};
use crate::error::Error;
use crate::metric::NetworkShape;
use crate::real::Real;
use crate::search::space::Space;

/// The cells of NAS-Bench-201 (Dong and Yang, ICLR 2020).
///
/// Six genes: the operations on the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3 of a graph whose nodes
/// sum, 0 none, 1 skip, 2 conv1x1, 3 conv3x3, 4 pooling. The cell that is compared has 8 nodes:
/// input, the six edge operations, output. Operations without effect become isolated `none` nodes
/// (a choice of this project, not in the paper); every genome is feasible.
///
/// The benchmark's networks repeat one cell 15 times between fixed parts, so all their differences
/// lie in the cell: the network that is compared is the cell once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NasBench201;

const NAMES: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];
/// What precedes each operation's name in the cell code.
const BEFORE: [&str; 6] = ["|", "~0|+|", "~0|", "~1|+|", "~0|", "~1|"];
const AFTER: &str = "~2|";

impl NasBench201 {
    /// Bounds of its networks.
    pub const LIMITS: NetworkShape = NetworkShape { nodes: 8, distinct: 1, cells: 1 };
    /// How many genomes there are.
    pub const DESIGNS: usize = 15_625;
    /// Bytes that hold the longest cell code.
    pub const CODE_LENGTH: usize = 104;

    /// Writes genome number `index` in lexicographic order.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] unless `index < DESIGNS` and `genome` has 6 genes.
    pub fn genome(&self, index: usize, genome: &mut [u8]) -> Result<(), Error> {
        if index >= Self::DESIGNS || genome.len() != 6 {
            return Err(Error::GenomeOutOfRange);
        }
        radix::write(index, 5, genome);
        Ok(())
    }

    /// The number of a genome in lexicographic order; `None` if it does not fit.
    #[must_use]
    pub fn index(&self, genome: &[u8]) -> Option<usize> {
        radix::read(genome, 5).filter(|_| genome.len() == 6)
    }

    /// Writes the benchmark's cell code, for example
    /// `|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|`.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`]; [`Error::MemoryTooSmall`] if `out` is too short, which
    /// [`CODE_LENGTH`](Self::CODE_LENGTH) bytes never are.
    pub fn format<'a>(&self, genome: &[u8], out: &'a mut [u8]) -> Result<&'a str, Error> {
        if self.index(genome).is_none() {
            return Err(Error::GenomeOutOfRange);
        }
        let mut writer = Writer::new(out);
        for (&gene, before) in genome.iter().zip(BEFORE) {
            writer.push(before)?;
            writer.push(NAMES.get(usize::from(gene)).ok_or(Error::GenomeOutOfRange)?)?;
        }
        writer.push(AFTER)?;
        writer.finish()
    }

    /// Reads a cell code into a genome of 6 genes.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] if the text is not a cell code or the genome has not 6 genes.
    pub fn parse(&self, code: &str, genome: &mut [u8]) -> Result<(), Error> {
        if genome.len() != 6 {
            return Err(Error::GenomeOutOfRange);
        }
        let mut rest = code;
        let mut genes = [0; 6];
        for (gene, before) in genes.iter_mut().zip(BEFORE) {
            rest = rest.strip_prefix(before).ok_or(Error::GenomeOutOfRange)?;
            (*gene, rest) = choice(rest, &NAMES).ok_or(Error::GenomeOutOfRange)?;
        }
        if rest != AFTER {
            return Err(Error::GenomeOutOfRange);
        }
        for (to, from) in genome.iter_mut().zip(genes) {
            *to = from;
        }
        Ok(())
    }
}

impl<R: Real> Space<R> for NasBench201 {
    fn genes(&self) -> usize {
        6
    }
    fn cardinality(&self, _: usize) -> u8 {
        5
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
    use crate::arch::Edge;

    #[test]
    fn numbers_and_codes_round_trip() {
        let (mut genome, mut text) = ([0; 6], [0; NasBench201::CODE_LENGTH]);
        for index in 0..NasBench201::DESIGNS {
            NasBench201.genome(index, &mut genome).unwrap();
            assert_eq!(NasBench201.index(&genome), Some(index));
            let code = NasBench201.format(&genome, &mut text).unwrap();
            let mut again = [9; 6];
            NasBench201.parse(code, &mut again).unwrap();
            assert_eq!(again, genome);
        }
        assert_eq!(NasBench201.genome(15_625, &mut genome), Err(Error::GenomeOutOfRange));
        assert_eq!(NasBench201.index(&[0, 0, 0, 0, 0, 5]), None);
    }

    #[test]
    fn broken_codes_are_refused() {
        let mut genome = [7; 6];
        let good = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
        NasBench201.parse(good, &mut genome).unwrap();
        for cut in 0..good.len() {
            assert_eq!(NasBench201.parse(&good[..cut], &mut genome), Err(Error::GenomeOutOfRange));
        }
        assert!(
            NasBench201.parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x", &mut genome).is_err()
        );
        assert!(NasBench201.parse("|öne~0|", &mut genome).is_err());
        assert_eq!(NasBench201.format(&[0; 6], &mut [0; 46]), Err(Error::MemoryTooSmall));
        assert_eq!(NasBench201.format(&[0; 6], &mut [0; 47]).unwrap(), good);
    }

    /// The reference cells of `tests/vectors/grouped.json` say what the living part looks like.
    #[test]
    fn reference_cells_are_fixed_points_and_arise_from_their_operations() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/grouped.json");
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut cells = 0;
        for case in json["cases"].as_array().unwrap().iter().filter(|c| c["kind"] == "nb201") {
            for side in ["A", "B"] {
                let labels: Vec<u8> = case[side]["ops"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|o| o.as_u64().unwrap() as u8)
                    .collect();
                let genome: Vec<u8> = labels[1..7].iter().map(|o| o - 2).collect();
                let (operations, edges, count) = four_node_cell(&genome);
                assert_eq!(operations[..], labels[..]);
                for from in 0..8u8 {
                    for to in 0..8u8 {
                        let expected = case[side]["adj"][from as usize][to as usize] == 1;
                        assert_eq!(edges[..count].contains(&Edge { from, to }), expected);
                    }
                }
                cells += 1;
            }
        }
        assert_eq!(cells, 20);
    }

    #[test]
    fn dead_operations_become_isolated() {
        // Edge 1->2 carries a convolution, but nothing leaves node 2.
        let (operations, edges, count) = four_node_cell(&[3, 0, 3, 1, 0, 0]);
        assert_eq!(operations, [0, 2, 2, 2, 3, 2, 2, 1]);
        assert_eq!(edges[..count], [Edge { from: 0, to: 4 }, Edge { from: 4, to: 7 }]);
        // The output is not reached: all between are dead.
        let (operations, _, count) = four_node_cell(&[3, 3, 3, 0, 0, 0]);
        assert_eq!((operations, count), ([0, 2, 2, 2, 2, 2, 2, 1], 0));
    }
}
