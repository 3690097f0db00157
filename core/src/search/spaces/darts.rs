//! The space of DARTS: a normal and a reduction cell, repeated along a network.

use super::text::{Writer, choice};
use crate::arch::{CellSpec, Dissimilarity, Edge, FeatureScale, Groups, NetworkBuilder, OperationTable};
use crate::error::Error;
use crate::memory::copy;
use crate::metric::NetworkShape;
use crate::real::Real;
use crate::rows::InRows;
use crate::search::rng::KeyedRng;
use crate::search::space::Space;

/// The operations of [`Darts`]: labels of nodes, for [`darts_table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DartsOperation {
    /// The output of the cell before the last.
    BeforeLast = 0,
    /// The output of the last cell.
    Last = 1,
    /// Where the cell's output leaves.
    Output = 2,
    /// A 3x3 maximum pooling.
    MaxPool3 = 3,
    /// A 3x3 average pooling.
    AveragePool3 = 4,
    /// The identity.
    Skip = 5,
    /// A 3x3 separable convolution.
    Separable3 = 6,
    /// A 5x5 separable convolution.
    Separable5 = 7,
    /// A 3x3 dilated separable convolution.
    Dilated3 = 8,
    /// A 5x5 dilated separable convolution.
    Dilated5 = 9,
}

/// How many operations [`DartsOperation`] has.
pub const DARTS_OPERATIONS: usize = 10;

/// For each operation the groups that it belongs to: bit 0 convolution or pooling, bit 1 3x3
/// convolution, bit 2 5x5 convolution, bit 3 pooling.
pub const DARTS_GROUPS: [u8; DARTS_OPERATIONS] =
    [0, 0, 0, 0b1001, 0b1001, 0, 0b0011, 0b0101, 0b0011, 0b0101];

/// The operation table of [`Darts`]: 1 between any two different operations, [`DARTS_GROUPS`], no
/// attributes (choices of this project, not in the paper).
///
/// # Errors
/// None.
pub fn darts_table<R: Real>() -> Result<OperationTable<'static, R>, Error> {
    let groups = Groups { count: 4, masks: &DARTS_GROUPS };
    let flat = Dissimilarity::Flat(DARTS_OPERATIONS);
    OperationTable::new(flat, Some(groups), &[], FeatureScale::LongestPath)
}

/// The networks of DARTS (Liu, Simonyan and Yang, ICLR 2019): 8 to 20 cells, of which those after one
/// third and two thirds are reduction cells.
///
/// A cell has two inputs, the outputs of the last two cells, and four nodes that sum two operations
/// each; its output joins the four. 32 genes: for the normal, then the reduction cell, for each node,
/// twice a source and the operation on the edge from it. Sources of node i are 0, the output of the cell before the
/// last, 1, that of the last, and 2 to i+1, the nodes before; the two must differ and may come in any
/// order. Operations are 0 max_pool_3x3, 1 avg_pool_3x3, 2 skip_connect, 3 sep_conv_3x3,
/// 4 sep_conv_5x5, 5 dil_conv_3x3, 6 dil_conv_5x5; `none` is no choice, as in the paper's final cells.
///
/// The cell that is compared has 11 nodes: the inputs, the eight operations, the output. There are
/// 1 037 664 180 cells and their square of designs, too many for numbers.
///
/// Neighbours change one operation (96) or the source of one (24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Darts {
    cells: u8,
}

/// Nodes of one cell.
const NODES: usize = 4;
const GENES: usize = 32;
const NAMES: [&str; 7] = [
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
];
const SOURCES: [&str; 5] = ["0", "1", "2", "3", "4"];
const OPERATION_EDITS: usize = 16 * (NAMES.len() - 1);
/// In each cell the two sources of a node may be any of 0, 1, 2, 3 others.
const SOURCE_EDITS: usize = 2 * 2 * (1 + 2 + 3);

/// The node of its cell that chunk number `chunk` of a genome is about, which is also how many
/// sources are left beside the two chosen ones.
fn place(chunk: usize) -> u8 {
    (chunk % NODES) as u8
}

/// The canonical form: two sources with their operations for each node, the lesser source first.
fn read(genome: &[u8]) -> Option<[[u8; 4]; 2 * NODES]> {
    let (chunks, []) = genome.as_chunks::<4>() else { return None };
    let mut nodes: [[u8; 4]; 2 * NODES] = chunks.try_into().ok()?;
    for (chunk, node) in nodes.iter_mut().enumerate() {
        let [a, first, b, second] = *node;
        let sources = place(chunk) + 2;
        if a >= sources || b >= sources || a == b || first.max(second) as usize >= NAMES.len() {
            return None;
        }
        if a > b {
            *node = [b, second, a, first];
        }
    }
    Some(nodes)
}

impl Darts {
    /// Networks of 20 cells, as in the paper's evaluation.
    pub const LONGEST: Self = Self { cells: 20 };
    /// Nodes of a cell.
    pub const NODES: usize = 11;
    /// Bytes that hold the longest text.
    pub const CODE_LENGTH: usize = 269;

    /// Networks of so many cells, 8 to 20.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] for another number.
    pub const fn new(cells: usize) -> Result<Self, Error> {
        match cells {
            8..=20 => Ok(Self { cells: cells as u8 }),
            _ => Err(Error::InvalidSetting),
        }
    }

    /// How many cells a network has.
    #[must_use]
    pub const fn cells(&self) -> usize {
        self.cells as usize
    }

    /// Writes both cells, for example `normal=|sep_conv_3x3~0|sep_conv_3x3~1|+|...|;reduce=|...|`: the
    /// operations of each node with their sources, the lesser source first.
    ///
    /// # Errors
    /// [`Error::Infeasible`] if the genome is not feasible; [`Error::MemoryTooSmall`] if `out` is too
    /// short, which [`CODE_LENGTH`](Self::CODE_LENGTH) bytes never are.
    pub fn format<'a>(&self, genome: &[u8], out: &'a mut [u8]) -> Result<&'a str, Error> {
        let nodes = read(genome).ok_or(Error::Infeasible)?;
        let mut writer = Writer::new(out);
        for (chunk, [a, first, b, second]) in nodes.into_iter().enumerate() {
            writer.push(before(chunk))?;
            for (source, operation) in [(a, first), (b, second)] {
                writer.push(NAMES.get(usize::from(operation)).ok_or(Error::Infeasible)?)?;
                writer.push("~")?;
                writer.push(SOURCES.get(usize::from(source)).ok_or(Error::Infeasible)?)?;
                writer.push("|")?;
            }
        }
        writer.finish()
    }

    /// Reads such a text into a genome of 32 genes; the sources of a node may come in any order.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] if the text is not of this form or the genome has not 32 genes;
    /// [`Error::Infeasible`] if a source does not come before its node, or is taken twice.
    pub fn parse(&self, code: &str, genome: &mut [u8]) -> Result<(), Error> {
        let text = || {
            let mut rest = code;
            let mut genes = [0; GENES];
            for (chunk, node) in genes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                rest = rest.strip_prefix(before(chunk))?;
                for [source, operation] in node.as_chunks_mut::<2>().0 {
                    (*operation, rest) = choice(rest, &NAMES)?;
                    (*source, rest) = choice(rest.strip_prefix("~")?, &SOURCES)?;
                    rest = rest.strip_prefix("|")?;
                }
            }
            (rest.is_empty() && genome.len() == GENES).then_some(genes)
        };
        let genes = text().ok_or(Error::GenomeOutOfRange)?;
        let nodes = read(&genes).ok_or(Error::Infeasible)?;
        write(&nodes, genome);
        Ok(())
    }
}

/// [`Darts::LONGEST`].
impl Default for Darts {
    fn default() -> Self {
        Self::LONGEST
    }
}

fn write(nodes: &[[u8; 4]; 2 * NODES], genome: &mut [u8]) {
    for (to, &from) in genome.iter_mut().zip(nodes.as_flattened()) {
        *to = from;
    }
}

/// What stands before a node's operations in the text.
fn before(chunk: usize) -> &'static str {
    match chunk {
        0 => "normal=|",
        NODES => ";reduce=|",
        _ => "+|",
    }
}

/// The labels and edges of one cell, and how many edges there are.
fn cell(nodes: &[[u8; 4]]) -> ([u8; Darts::NODES], [Edge; 24], usize) {
    const OUTPUT: u8 = Darts::NODES as u8 - 1;
    let mut operations = [DartsOperation::Output as u8; Darts::NODES];
    let mut edges = [Edge { from: 0, to: 0 }; 24];
    let [before_last, last, labels @ .., _] = &mut operations;
    (*before_last, *last) = (DartsOperation::BeforeLast as u8, DartsOperation::Last as u8);
    let mut count = 0;
    let mut connect = |from, to| {
        if let Some(edge) = edges.get_mut(count) {
            *edge = Edge { from, to };
            count += 1;
        }
    };
    let pairs = nodes.iter().flat_map(|&[a, first, b, second]| [(a, first), (b, second)]);
    for ((to, label), (source, operation)) in (2..OUTPUT).zip(labels).zip(pairs) {
        // Labels from 3 on are the operations in the order of their genes.
        *label = DartsOperation::MaxPool3 as u8 + operation;
        match source {
            0 | 1 => connect(source, to),
            // The node is the sum of its two operations.
            node => [0, 1].into_iter().for_each(|slot| connect(2 * node - 2 + slot, to)),
        }
        connect(to, OUTPUT);
    }
    (operations, edges, count)
}

impl<R: Real> Space<R> for Darts {
    fn genes(&self) -> usize {
        GENES
    }
    fn cardinality(&self, gene: usize) -> u8 {
        if gene.is_multiple_of(2) { place(gene / 4) + 2 } else { NAMES.len() as u8 }
    }
    fn limits(&self) -> NetworkShape {
        NetworkShape { nodes: Self::NODES, distinct: 2, cells: self.cells() }
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        let nodes = read(genome).ok_or(Error::Infeasible)?;
        let mut listed = [0; 2];
        for (index, nodes) in listed.iter_mut().zip(nodes.in_rows(NODES)) {
            let (operations, edges, count) = cell(nodes);
            *index = out.add_cell(&CellSpec {
                operations: &operations,
                edges: edges.get(..count).unwrap_or_default(),
                masses: None,
                attributes: &[],
            })?;
        }
        let [normal, reduction] = listed;
        let (third, two_thirds) = (self.cells / 3, 2 * self.cells / 3);
        for place in 0..self.cells {
            out.push(if place == third || place == two_thirds { reduction } else { normal })?;
        }
        Ok(())
    }
    fn neighbours(&self, genome: &[u8]) -> usize {
        read(genome).map_or(0, |_| OPERATION_EDITS + SOURCE_EDITS)
    }
    fn neighbour(&self, genome: &[u8], index: usize, out: &mut [u8]) {
        copy(out, genome);
        let Some(mut nodes) = read(genome) else { return };
        if let Some(mut index) = index.checked_sub(OPERATION_EDITS) {
            for (chunk, node) in nodes.iter_mut().enumerate() {
                let others = usize::from(place(chunk));
                if index < 2 * others {
                    let [a, first, b, second] = *node;
                    // The sources other than a < b in ascending order.
                    let mut source = (index / 2) as u8;
                    source += u8::from(source >= a);
                    source += u8::from(source >= b);
                    *node = if index.is_multiple_of(2) {
                        [source, first, b, second]
                    } else {
                        [a, first, source, second]
                    };
                    break;
                }
                index -= 2 * others;
            }
        } else {
            let operations = nodes.as_flattened_mut().iter_mut().skip(1).step_by(2);
            for (operation, edits) in operations.zip((0..).step_by(NAMES.len() - 1)) {
                if let Some(value @ 0..6) = index.checked_sub(edits) {
                    let value = value as u8;
                    *operation = value + u8::from(value >= *operation);
                }
            }
        }
        write(&nodes, out);
        if let Some(sorted) = read(out) {
            write(&sorted, out);
        }
    }
    /// Each design is equally likely.
    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        let mut nodes = [[0; 4]; 2 * NODES];
        for (chunk, node) in nodes.iter_mut().enumerate() {
            let sources = u32::from(place(chunk)) + 2;
            let mut below = |n| rng.below(n) as u8;
            let (a, b) = (below(sources), below(sources - 1));
            let (first, second) = (below(NAMES.len() as u32), below(NAMES.len() as u32));
            *node = [a, first, b + u8::from(b >= a), second];
        }
        write(&nodes, out);
        if let Some(sorted) = read(out) {
            write(&sorted, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The second-order cells that the paper prints.
    const PUBLISHED: &str = "normal=|sep_conv_3x3~0|sep_conv_3x3~1|+|sep_conv_3x3~0|sep_conv_3x3~1|\
        +|skip_connect~0|sep_conv_3x3~1|+|skip_connect~0|dil_conv_3x3~2|;\
        reduce=|max_pool_3x3~0|max_pool_3x3~1|+|max_pool_3x3~1|skip_connect~2|\
        +|max_pool_3x3~0|skip_connect~2|+|max_pool_3x3~1|skip_connect~2|";

    fn published() -> [u8; GENES] {
        let mut genome = [9; GENES];
        Darts::default().parse(PUBLISHED, &mut genome).unwrap();
        genome
    }

    #[test]
    fn the_published_cells_have_their_edges() {
        let nodes = read(&published()).unwrap();
        let (operations, edges, count) = cell(&nodes[..4]);
        assert_eq!(operations, [0, 1, 6, 6, 6, 6, 5, 6, 5, 8, 2]);
        let mut edges: Vec<_> = edges[..count].iter().map(|edge| (edge.from, edge.to)).collect();
        edges.sort_unstable();
        let mut expected: Vec<_> = (2..10).map(|node| (node, 10)).collect();
        // Operation 9 reads node 2, the sum of operations 2 and 3.
        expected.extend([(0, 2), (1, 3), (0, 4), (1, 5), (0, 6), (1, 7), (0, 8), (2, 9), (3, 9)]);
        expected.sort_unstable();
        assert_eq!(edges, expected);
    }

    #[test]
    fn texts_round_trip_and_sources_may_come_in_any_order() {
        let (mut text, mut again) = ([0; Darts::CODE_LENGTH], [9; GENES]);
        let space = Darts::default();
        assert_eq!(space.format(&published(), &mut text).unwrap(), PUBLISHED);
        let swapped =
            PUBLISHED.replacen("max_pool_3x3~1|skip_connect~2", "skip_connect~2|max_pool_3x3~1", 1);
        space.parse(&swapped, &mut again).unwrap();
        assert_eq!(again, published());
        let mut rng = KeyedRng::new(5, 0, 0);
        let mut genome = [0; GENES];
        for _ in 0..500 {
            Space::<f64>::sample(&space, &mut rng, &mut genome);
            let code = space.format(&genome, &mut text).unwrap();
            space.parse(code, &mut again).unwrap();
            assert_eq!(again, genome);
        }
        let longest = PUBLISHED.replace("skip_connect", "max_pool_3x3");
        assert_eq!(longest.len(), Darts::CODE_LENGTH);
    }

    #[test]
    fn broken_texts_are_refused() {
        let (mut genome, space) = ([7; GENES], Darts::default());
        for cut in 0..PUBLISHED.len() {
            assert_eq!(space.parse(&PUBLISHED[..cut], &mut genome), Err(Error::GenomeOutOfRange));
        }
        for (from, to) in
            [("|;", "|"), ("~0|", "~00|"), ("sep", "set"), ("~1|", "~\u{e4}|"), ("~2|", "~5|")]
        {
            let code = PUBLISHED.replacen(from, to, 1);
            assert_eq!(space.parse(&code, &mut genome), Err(Error::GenomeOutOfRange), "{code}");
        }
        for (from, to) in [("~0|sep_conv_3x3~1", "~1|sep_conv_3x3~1"), ("~0|", "~2|")] {
            let code = PUBLISHED.replacen(from, to, 1);
            assert_eq!(space.parse(&code, &mut genome), Err(Error::Infeasible), "{code}");
        }
        assert_eq!(genome, [7; GENES]);
        assert_eq!(space.parse(&format!("{PUBLISHED}|"), &mut genome), Err(Error::GenomeOutOfRange));
        assert_eq!(space.format(&[0; GENES], &mut [0; 300]), Err(Error::Infeasible));
        assert_eq!(Darts::new(7), Err(Error::InvalidSetting));
        assert_eq!(Darts::new(21), Err(Error::InvalidSetting));
    }

    /// How many places two canonical designs differ in: operations changed or sources moved.
    fn differences(a: &[u8], b: &[u8]) -> usize {
        let (a, b) = (read(a).unwrap(), read(b).unwrap());
        let terms = |[a, first, b, second]: [u8; 4]| [(a, first), (b, second)];
        a.into_iter()
            .zip(b)
            .map(|(a, b)| {
                let mut rest = terms(b).to_vec();
                terms(a)
                    .iter()
                    .filter(|term| {
                        let found = rest.iter().position(|other| other == *term);
                        found.map(|at| rest.remove(at)).is_none()
                    })
                    .count()
            })
            .sum()
    }

    #[test]
    fn neighbours_are_120_different_designs_at_one_edit_and_symmetric() {
        let space = Darts::default();
        let mut rng = KeyedRng::new(6, 0, 0);
        let mut genome = [0; GENES];
        let near = |genome: &[u8; GENES]| -> HashSet<[u8; GENES]> {
            (0..Space::<f64>::neighbours(&space, genome))
                .map(|index| {
                    let mut out = [0; GENES];
                    Space::<f64>::neighbour(&space, genome, index, &mut out);
                    out
                })
                .collect()
        };
        for _ in 0..30 {
            Space::<f64>::sample(&space, &mut rng, &mut genome);
            let set = near(&genome);
            assert_eq!(set.len(), 120);
            for other in &set {
                assert_eq!(differences(&genome, other), 1);
                assert!(near(other).contains(&genome));
            }
        }
        let mut out = [0; GENES];
        Space::<f64>::neighbour(&space, &genome, usize::MAX, &mut out);
        assert_eq!(out, genome);
        assert_eq!(Space::<f64>::neighbours(&space, &[0; GENES]), 0);
    }

    #[test]
    fn samples_draw_every_pair_of_sources_alike() {
        let mut rng = KeyedRng::new(7, 0, 0);
        let mut counts = [[0; 5]; 5];
        let mut genome = [0; GENES];
        for _ in 0..6000 {
            Space::<f64>::sample(&Darts::default(), &mut rng, &mut genome);
            let [a, _, b, _] = read(&genome).unwrap()[7];
            counts[a as usize][b as usize] += 1;
        }
        for (a, row) in counts.iter().enumerate() {
            for (b, &count) in row.iter().enumerate() {
                assert!(if a < b { (450..750).contains(&count) } else { count == 0 }, "{a} {b} {count}");
            }
        }
    }

    #[test]
    fn genomes_fit_their_cardinalities() {
        let space = Darts::new(8).unwrap();
        let cardinalities: Vec<_> = (0..GENES).map(|g| Space::<f64>::cardinality(&space, g)).collect();
        assert_eq!(cardinalities[..16], [2, 7, 2, 7, 3, 7, 3, 7, 4, 7, 4, 7, 5, 7, 5, 7]);
        assert_eq!(cardinalities[..16], cardinalities[16..]);
        assert_eq!(darts_table::<f32>().unwrap().operations(), DARTS_OPERATIONS);
    }
}
