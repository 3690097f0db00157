//! The space of NAS-Bench-101: 423 624 different cells.

use super::Operation;
use super::radix;
use super::text::{Writer, choice};
use crate::arch::{CellSpec, Edge, NetworkBuilder};
use crate::error::Error;
use crate::metric::NetworkShape;
use crate::real::Real;
use crate::search::rng::KeyedRng;
use crate::search::space::Space;

/// The cells of NAS-Bench-101 (Ying et al., ICML 2019).
///
/// 26 genes. The first 21 say which edges there are between 7 vertices: the upper triangle of the
/// adjacency matrix row by row, vertex 0 the input and vertex 6 the output. The last 5 are the
/// operations of the vertices between, 0 conv1x1-bn-relu, 1 conv3x3-bn-relu, 2 maxpool3x3.
///
/// As in the benchmark, vertices that lie on no path from the input to the output are taken away
/// with their edges, and what is left must have at most 9 edges. So cells have 2 to 7 nodes, and many
/// genomes stand for one cell. No path, or too many edges: infeasible. (Operations work on vertices
/// here, so nothing is kept in the place of what is taken away.)
///
/// The benchmark's networks repeat one cell 9 times between fixed parts, so all their differences
/// lie in the cell: the network that is compared is the cell once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NasBench101;

const VERTICES: usize = 7;
const LAST: u8 = VERTICES as u8 - 1;
const PAIRS: usize = VERTICES * (VERTICES - 1) / 2;
const BETWEEN: usize = VERTICES - 2;
const GENES: usize = PAIRS + BETWEEN;
const MAX_EDGES: usize = 9;
/// How many ways there are to label the vertices between: 3^5.
const LABELLINGS: usize = 243;

const NAMES: [&str; 3] = ["conv1x1-bn-relu", "conv3x3-bn-relu", "maxpool3x3"];

/// All pairs of vertices in the order of their genes.
fn pairs() -> impl DoubleEndedIterator<Item = Edge> + Clone {
    (0..LAST).flat_map(|from| (from + 1..=LAST).map(move |to| Edge { from, to }))
}

/// What is left of a genome.
#[derive(Debug, PartialEq, Eq)]
struct Pruned {
    operations: [u8; VERTICES],
    nodes: usize,
    edges: [Edge; MAX_EDGES],
    count: usize,
}

impl Pruned {
    fn new(genome: &[u8]) -> Option<Self> {
        let (matrix, between) = genome.split_at_checked(PAIRS).filter(|_| genome.len() == GENES)?;
        if matrix.iter().any(|&bit| bit > 1) || between.iter().any(|&operation| operation > 2) {
            return None;
        }
        let bit = |vertex: u8| 1u32.checked_shl(vertex.into()).unwrap_or(0);
        let (mut forward, mut backward) = (bit(0), bit(LAST));
        let present = || pairs().zip(matrix).filter(|&(_, &bit)| bit == 1).map(|(pair, _)| pair);
        for edge in present() {
            if forward & bit(edge.from) != 0 {
                forward |= bit(edge.to);
            }
        }
        // Backwards row by row: all edges out of a vertex come after those into it.
        for edge in pairs().rev().zip(matrix.iter().rev()).filter(|&(_, &bit)| bit == 1).map(|(e, _)| e)
        {
            if backward & bit(edge.to) != 0 {
                backward |= bit(edge.from);
            }
        }
        let alive = forward & backward;
        if alive & bit(0) == 0 {
            return None;
        }
        let mut operations = [Operation::Input as u8; VERTICES];
        // Labels 4 to 6 are conv1x1, conv3x3, pooling.
        let labels = between.iter().map(|&gene| Operation::Conv1 as u8 + gene);
        let labels = labels.chain([Operation::Output as u8]);
        let living = (1..).zip(labels).filter(|&(vertex, _)| alive & bit(vertex) != 0);
        let mut nodes = 1;
        for (to, (_, label)) in operations.iter_mut().skip(1).zip(living) {
            *to = label;
            nodes += 1;
        }
        let number = |vertex: u8| (alive & (bit(vertex) - 1)).count_ones() as u8;
        let mut edges = [Edge { from: 0, to: 0 }; MAX_EDGES];
        let mut count = 0;
        for edge in present() {
            let ends = bit(edge.from) | bit(edge.to);
            if alive & ends == ends {
                *edges.get_mut(count)? = Edge { from: number(edge.from), to: number(edge.to) };
                count += 1;
            }
        }
        Some(Self { operations, nodes, edges, count })
    }
}

impl NasBench101 {
    /// Bounds of its networks.
    pub const LIMITS: NetworkShape = NetworkShape { nodes: VERTICES, distinct: 1, cells: 1 };
    /// How many genomes there are, feasible or not. They stand for 423 624 different cells.
    pub const DESIGNS: usize = (1 << PAIRS) * LABELLINGS;
    /// Bytes that hold the longest code.
    pub const CODE_LENGTH: usize = 106;

    /// Writes genome number `index` in lexicographic order.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] unless `index < DESIGNS` and `genome` has 26 genes;
    /// [`Error::Infeasible`] if that genome stands for no cell.
    pub fn genome(&self, index: usize, genome: &mut [u8]) -> Result<(), Error> {
        if index >= Self::DESIGNS || genome.len() != GENES {
            return Err(Error::GenomeOutOfRange);
        }
        let mut genes = [0; GENES];
        if let Some((matrix, between)) = genes.split_at_mut_checked(PAIRS) {
            radix::write(index / LABELLINGS, 2, matrix);
            radix::write(index % LABELLINGS, 3, between);
        }
        Pruned::new(&genes).ok_or(Error::Infeasible)?;
        for (to, from) in genome.iter_mut().zip(genes) {
            *to = from;
        }
        Ok(())
    }

    /// The number of a genome in that order; `None` if it is not feasible.
    #[must_use]
    pub fn index(&self, genome: &[u8]) -> Option<usize> {
        Pruned::new(genome)?;
        let (matrix, between) = genome.split_at_checked(PAIRS)?;
        Some(radix::read(matrix, 2)? * LABELLINGS + radix::read(between, 3)?)
    }

    /// Writes the rows of the upper triangle and the names of the operations, for example
    /// `100000_10000_1000_100_10_1+conv3x3-bn-relu+conv3x3-bn-relu+conv1x1-bn-relu+maxpool3x3+maxpool3x3`
    /// (the benchmark has no text form).
    ///
    /// # Errors
    /// [`Error::Infeasible`] if the genome is not feasible; [`Error::MemoryTooSmall`] if `out` is too
    /// short, which [`CODE_LENGTH`](Self::CODE_LENGTH) bytes never are.
    pub fn format<'a>(&self, genome: &[u8], out: &'a mut [u8]) -> Result<&'a str, Error> {
        Pruned::new(genome).ok_or(Error::Infeasible)?;
        let mut writer = Writer::new(out);
        for (pair, &bit) in pairs().zip(genome) {
            if pair.from > 0 && pair.to == pair.from + 1 {
                writer.push("_")?;
            }
            writer.push(if bit == 1 { "1" } else { "0" })?;
        }
        for &operation in genome.iter().skip(PAIRS) {
            writer.push("+")?;
            writer.push(NAMES.get(usize::from(operation)).ok_or(Error::Infeasible)?)?;
        }
        writer.finish()
    }

    /// Reads such a text into a genome of 26 genes.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] if the text is not of this form or the genome has not 26 genes;
    /// [`Error::Infeasible`] if it stands for no cell.
    pub fn parse(&self, code: &str, genome: &mut [u8]) -> Result<(), Error> {
        let read = || {
            let mut genes = [0; GENES];
            let (matrix, between) = genes.split_at_mut_checked(PAIRS)?;
            let mut rest = code;
            for (pair, gene) in pairs().zip(matrix) {
                if pair.from > 0 && pair.to == pair.from + 1 {
                    rest = rest.strip_prefix("_")?;
                }
                (*gene, rest) = choice(rest, &["0", "1"])?;
            }
            for gene in between {
                (*gene, rest) = choice(rest.strip_prefix("+")?, &NAMES)?;
            }
            (rest.is_empty() && genome.len() == GENES).then_some(genes)
        };
        let genes = read().ok_or(Error::GenomeOutOfRange)?;
        Pruned::new(&genes).ok_or(Error::Infeasible)?;
        for (to, from) in genome.iter_mut().zip(genes) {
            *to = from;
        }
        Ok(())
    }
}

impl<R: Real> Space<R> for NasBench101 {
    fn genes(&self) -> usize {
        GENES
    }
    fn cardinality(&self, gene: usize) -> u8 {
        if gene < PAIRS { 2 } else { 3 }
    }
    fn limits(&self) -> NetworkShape {
        Self::LIMITS
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        let Pruned { operations, nodes, edges, count } = Pruned::new(genome).ok_or(Error::Infeasible)?;
        out.push_cell(&CellSpec {
            operations: operations.get(..nodes).unwrap_or_default(),
            edges: edges.get(..count).unwrap_or_default(),
            masses: None,
            attributes: &[],
        })?;
        Ok(())
    }
    /// Each feasible genome is equally likely.
    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        // One in three genomes is feasible, so a hundred draws without one do not occur in practice;
        // the bound keeps the time finite whatever the generator does.
        for _ in 0..100 {
            for (gene, out) in out.iter_mut().enumerate() {
                *out = rng.below(if gene < PAIRS { 2 } else { 3 }) as u8;
            }
            if Pruned::new(out).is_some() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = "100000_10000_1000_100_10_1+conv3x3-bn-relu+conv1x1-bn-relu+maxpool3x3\
        +conv3x3-bn-relu+conv3x3-bn-relu";

    fn genome(code: &str) -> [u8; GENES] {
        let mut genome = [9; GENES];
        NasBench101.parse(code, &mut genome).unwrap();
        genome
    }

    #[test]
    fn a_chain_keeps_all_vertices() {
        let pruned = Pruned::new(&genome(CHAIN)).unwrap();
        assert_eq!((pruned.nodes, pruned.count), (7, 6));
        assert_eq!(pruned.operations, [0, 5, 4, 6, 5, 5, 1]);
        assert!(pruned.edges[..6].iter().all(|edge| edge.to == edge.from + 1));
    }

    #[test]
    fn vertices_off_the_path_are_taken_away_with_their_edges() {
        // 0->2->4->6; 1 is not reached but leads on, 3 and 5 are reached and lead nowhere.
        let code = "010000_01000_1100_000_11_0+conv1x1-bn-relu+conv3x3-bn-relu+conv1x1-bn-relu\
            +maxpool3x3+conv1x1-bn-relu";
        let pruned = Pruned::new(&genome(code)).unwrap();
        assert_eq!((pruned.nodes, pruned.count), (4, 3));
        assert_eq!(pruned.operations[..4], [0, 5, 6, 1]);
        assert!(pruned.edges[..3].iter().all(|edge| edge.to == edge.from + 1));
        // Only input and output are left.
        let mut direct = [0; GENES];
        direct[5] = 1;
        let pruned = Pruned::new(&direct).unwrap();
        assert_eq!((pruned.nodes, pruned.count), (2, 1));
    }

    #[test]
    fn no_path_and_ten_living_edges_are_infeasible() {
        assert_eq!(Pruned::new(&[0; GENES]), None);
        assert_eq!(Pruned::new(&[1; GENES]), None);
        // 0->1..=4->6 are eight living edges, 0->6 the ninth, 1->2 the tenth. What is dead is not
        // counted: 1->5 to 4->5 lead nowhere.
        let nine = "111101_00011_0011_011_11_0";
        let ten = "111101_10011_0011_011_11_0";
        let labels = "+maxpool3x3".repeat(5);
        let mut genome = [0; GENES];
        NasBench101.parse(&format!("{nine}{labels}"), &mut genome).unwrap();
        assert_eq!(Pruned::new(&genome).unwrap().count, 9);
        assert_eq!(NasBench101.parse(&format!("{ten}{labels}"), &mut genome), Err(Error::Infeasible));
    }

    #[test]
    fn numbers_and_codes_round_trip() {
        let (mut genome, mut text) = ([0; GENES], [0; NasBench101::CODE_LENGTH]);
        let mut feasible = 0;
        for index in (0..NasBench101::DESIGNS).step_by(10_007) {
            let mut again = [9; GENES];
            match NasBench101.genome(index, &mut genome) {
                Ok(()) => {
                    feasible += 1;
                    assert_eq!(NasBench101.index(&genome), Some(index));
                    let code = NasBench101.format(&genome, &mut text).unwrap();
                    NasBench101.parse(code, &mut again).unwrap();
                    assert_eq!(again, genome);
                }
                error => assert_eq!(error, Err(Error::Infeasible)),
            }
        }
        assert!(feasible > 10_000, "{feasible}");
        let beyond = NasBench101.genome(NasBench101::DESIGNS, &mut genome);
        assert_eq!(beyond, Err(Error::GenomeOutOfRange));
    }

    #[test]
    fn broken_codes_are_refused() {
        let mut genome = [7; GENES];
        for cut in 0..CHAIN.len() {
            assert_eq!(NasBench101.parse(&CHAIN[..cut], &mut genome), Err(Error::GenomeOutOfRange));
        }
        for code in
            [&format!("{CHAIN}+maxpool3x3"), &CHAIN.replacen('_', "_1", 1), &CHAIN.replace('1', "2")]
        {
            assert_eq!(NasBench101.parse(code, &mut genome), Err(Error::GenomeOutOfRange));
        }
        assert_eq!(genome, [7; GENES]);
        assert_eq!(NasBench101.parse(CHAIN, &mut [0; 25]), Err(Error::GenomeOutOfRange));
    }

    #[test]
    fn neighbours_flip_an_edge_or_change_an_operation_and_samples_are_feasible() {
        let mut rng = KeyedRng::new(3, 0, 0);
        let (mut genome, mut out) = ([0; GENES], [0; GENES]);
        for _ in 0..100 {
            Space::<f64>::sample(&NasBench101, &mut rng, &mut genome);
            assert!(NasBench101.index(&genome).is_some());
            assert_eq!(Space::<f64>::neighbours(&NasBench101, &genome), 21 + 2 * 5);
            for index in 0..31 {
                Space::<f64>::neighbour(&NasBench101, &genome, index, &mut out);
                assert_eq!(genome.iter().zip(&out).filter(|(a, b)| a != b).count(), 1);
            }
        }
    }
}
