//! Joint spaces of modules and cells that the user fills in.

use super::Operation;
use super::radix;
use super::sequence;
use super::text::{DIGITS, Writer, digit};
use crate::arch::{CellSpec, Edge, MAX_CELLS, MAX_NODES, NetworkBuilder};
use crate::error::Error;
use crate::memory::copy;
use crate::metric::NetworkShape;
use crate::real::Real;
use crate::search::rng::KeyedRng;
use crate::search::space::{MAX_GENES, Space};

/// A kind of module: some equal cells, of which the first changes width and resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct ModuleKind {
    /// How many cells it has, at least 1.
    pub cells: u8,
    /// The width grows by a factor of 2 to this power.
    pub widen: u8,
    /// The resolution shrinks by a factor of 2 to this power, to 1 at least.
    pub halve: u8,
    /// The operation of a node behind the input of the first cell, which makes the change;
    /// [`Operation::None`]: there is none.
    pub step: u8,
    /// The number of the cell design that its cells follow.
    pub design: u8,
}

/// What a [`Joint`] space consists of. Labels are those of an operation table with two attributes,
/// log2 of width and resolution, in which 0, 1 and 2 are input, output and none as in [`Operation`]:
/// [`macro_table`](super::macro_table) or one with more operations.
#[derive(Clone, Copy, Debug)]
pub struct JointSpec<'a> {
    /// The least number of modules, at least 1.
    pub shortest: usize,
    /// The greatest number of modules.
    pub longest: usize,
    /// 1 to 35 kinds of modules; a gene names them 1, 2, ..., and 0 is no module.
    pub kinds: &'a [ModuleKind],
    /// Nodes that sum what enters: 0 is the cell's input, the last its output.
    pub nodes: usize,
    /// The edges of a cell, from lower to higher nodes, those to lower nodes first. With input, output
    /// and a step at most 32.
    pub edges: &'a [Edge],
    /// 1 to 36 labels: the operations that an edge may carry.
    pub operations: &'a [u8],
    /// How many cell designs there are, at least 1: one for all kinds, or several.
    pub designs: usize,
    /// Log2 of the width that enters the first module.
    pub width: u8,
    /// Log2 of the resolution that enters the first module.
    pub side: u8,
}

/// Networks that are a string of modules made of cells with an operation on each edge.
///
/// Genes: [`longest`](JointSpec::longest) modules, 0 absent (only at the end); then for each cell
/// design the operation of each edge, an index into [`operations`](JointSpec::operations).
///
/// The cells that are compared have a node for the input, for the step of a first cell, for each edge
/// and for the output. Operations without effect become isolated `none` nodes. Nodes carry log2 of the
/// width and of the resolution, the input node those of what enters. A network with a cell whose
/// output is not reached is infeasible.
///
/// Neighbours change one operation, or substitute, insert or delete a module. [`Digits`](super::Digits)
/// is such a space with numbers of its own.
#[derive(Clone, Copy, Debug)]
pub struct Joint<'a> {
    spec: JointSpec<'a>,
}

/// No cell of [`MAX_NODES`] nodes has more edges.
const MAX_LINKS: usize = MAX_NODES * MAX_NODES / 4;
const NONE: u8 = Operation::None as u8;

/// Input, step, operations of the edges, output; the edges between them.
struct Nodes {
    operations: [u8; MAX_NODES],
    count: usize,
    links: [Edge; MAX_LINKS],
    linked: usize,
}

impl Nodes {
    fn push(&mut self, operation: u8) {
        if let Some(to) = self.operations.get_mut(self.count) {
            *to = operation;
            self.count += 1;
        }
    }
    fn link(&mut self, from: usize, to: usize) {
        if let Some(edge) = self.links.get_mut(self.linked) {
            *edge = Edge { from: from as u8, to: to as u8 };
            self.linked += 1;
        }
    }
}

fn bit(node: u8) -> u32 {
    1u32.checked_shl(node.into()).unwrap_or(0)
}

impl<'a> Joint<'a> {
    /// A space of this description.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] if a number is outside its range, an edge out of order, a genome longer
    /// than [`MAX_GENES`], or a network longer than [`MAX_CELLS`].
    pub fn new(spec: JointSpec<'a>) -> Result<Self, Error> {
        let JointSpec { shortest, longest, kinds, nodes, edges, operations, designs, .. } = spec;
        let mut before = 0;
        let sorted = edges.iter().all(|edge| {
            let next = edge.from < edge.to && usize::from(edge.to) < nodes && edge.to >= before;
            before = edge.to;
            next
        });
        let fits = (1..=longest).contains(&shortest)
            && (1..DIGITS.len()).contains(&kinds.len())
            && (1..=DIGITS.len()).contains(&operations.len())
            && (1..=MAX_GENES).contains(&designs)
            && (1..=MAX_NODES - 2).contains(&edges.len())
            && longest <= MAX_GENES
            && longest + designs * edges.len() <= MAX_GENES
            && kinds.iter().all(|kind| kind.cells > 0 && usize::from(kind.design) < designs)
            && sorted
            && nodes <= MAX_NODES;
        let space = Some(Self { spec }).filter(|_| fits).ok_or(Error::InvalidSetting)?;
        let NetworkShape { nodes, cells, .. } = space.shape();
        if nodes <= MAX_NODES && cells <= MAX_CELLS { Ok(space) } else { Err(Error::InvalidSetting) }
    }

    /// What it consists of.
    #[must_use]
    pub fn spec(&self) -> JointSpec<'a> {
        self.spec
    }

    /// Length of a genome.
    #[must_use]
    pub fn gene_count(&self) -> usize {
        self.spec.longest + self.cell_genes()
    }

    /// How many values a gene has.
    #[must_use]
    pub fn gene_cardinality(&self, gene: usize) -> u8 {
        if gene < self.spec.longest {
            self.spec.kinds.len() as u8 + 1
        } else {
            self.spec.operations.len() as u8
        }
    }

    /// Bounds of its networks.
    #[must_use]
    pub fn shape(&self) -> NetworkShape {
        let kinds = self.spec.kinds.iter();
        let step = kinds.clone().any(|kind| kind.step != NONE);
        let cells = self.spec.longest * kinds.map(|kind| usize::from(kind.cells)).max().unwrap_or(0);
        NetworkShape { nodes: 2 + self.spec.edges.len() + usize::from(step), distinct: cells, cells }
    }

    /// Numbers of genomes lie below; `None` if they are too many for a `usize`. Those of infeasible
    /// genomes stand for no design.
    #[must_use]
    pub fn genomes(&self) -> Option<usize> {
        self.strings_before(self.spec.longest + 1)?.checked_mul(self.cells()?)
    }

    /// Writes genome number `index`: by the number of modules, then lexicographic.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] unless `index` is below [`genomes`](Self::genomes) and `genome` has
    /// [`gene_count`](Self::gene_count) genes; [`Error::Infeasible`] if that genome stands for no network.
    pub fn genome(&self, index: usize, genome: &mut [u8]) -> Result<(), Error> {
        let below = self.genomes().is_some_and(|genomes| index < genomes);
        let cells = self.cells().filter(|_| below && genome.len() == self.gene_count());
        let cells = cells.ok_or(Error::GenomeOutOfRange)?;
        let (string, number) =
            index.checked_div(cells).zip(index.checked_rem(cells)).ok_or(Error::GenomeOutOfRange)?;
        let mut genes = [0; MAX_GENES];
        let genes = genes.get_mut(..genome.len()).ok_or(Error::GenomeOutOfRange)?;
        let (modules, operations) =
            genes.split_at_mut_checked(self.spec.longest).ok_or(Error::GenomeOutOfRange)?;
        let fits = |&length: &usize| self.strings_before(length + 1).is_some_and(|next| string < next);
        let length = (self.spec.shortest..=self.spec.longest).find(fits).unwrap_or(self.spec.longest);
        let string = string - self.strings_before(length).unwrap_or(0).min(string);
        let modules = modules.get_mut(..length).unwrap_or_default();
        radix::write(string, self.spec.kinds.len(), modules);
        modules.iter_mut().for_each(|module| *module += 1);
        radix::write(number, self.spec.operations.len(), operations);
        self.length(genes).ok_or(Error::Infeasible)?;
        genome.iter_mut().zip(genes).for_each(|(to, from)| *to = *from);
        Ok(())
    }

    /// The number of a genome in that order; `None` if it is not feasible, or too large a number.
    #[must_use]
    pub fn index(&self, genome: &[u8]) -> Option<usize> {
        let length = self.length(genome)?;
        let (modules, operations) = genome.split_at_checked(self.spec.longest)?;
        let kinds = self.spec.kinds.len();
        let string = modules.iter().take(length).try_fold(0, |number: usize, &module| {
            number.checked_mul(kinds)?.checked_add(usize::from(module).checked_sub(1)?)
        })?;
        let string = self.strings_before(length)?.checked_add(string)?;
        let number = radix::read(operations, self.spec.operations.len())?;
        string.checked_mul(self.cells()?)?.checked_add(number)
    }

    /// Writes the modules, then the operations of each design, for example `121-312`. Digits go on with
    /// the letters from `a`.
    ///
    /// # Errors
    /// [`Error::Infeasible`] if the genome is not feasible; [`Error::MemoryTooSmall`] if `out` is too
    /// short, which 128 bytes never are.
    pub fn format<'t>(&self, genome: &[u8], out: &'t mut [u8]) -> Result<&'t str, Error> {
        let length = self.length(genome).ok_or(Error::Infeasible)?;
        let mut writer = Writer::new(out);
        for &module in genome.iter().take(length) {
            writer.push(digit(module))?;
        }
        for (gene, &operation) in genome.iter().skip(self.spec.longest).enumerate() {
            if gene.checked_rem(self.spec.edges.len()) == Some(0) {
                writer.push("-")?;
            }
            writer.push(digit(operation))?;
        }
        writer.finish()
    }

    /// Reads such a text into a genome.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] if the text is not of this form or the genome not of this length;
    /// [`Error::Infeasible`] if it stands for no network.
    pub fn parse(&self, code: &str, genome: &mut [u8]) -> Result<(), Error> {
        let read = || {
            let value = |byte: u8| DIGITS.bytes().position(|known| known == byte).map(|at| at as u8);
            let mut genes = [0; MAX_GENES];
            let (modules, operations) = genes.split_at_mut_checked(self.spec.longest)?;
            let mut bytes = code.bytes();
            let mut modules = modules.iter_mut();
            for byte in bytes.by_ref().take_while(|&byte| byte != b'-') {
                *modules.next()? = value(byte)?;
            }
            for (gene, operation) in operations.iter_mut().take(self.cell_genes()).enumerate() {
                if gene > 0 && gene.checked_rem(self.spec.edges.len()) == Some(0) {
                    bytes.next().filter(|&byte| byte == b'-')?;
                }
                *operation = value(bytes.next()?)?;
            }
            (bytes.next().is_none() && genome.len() == self.gene_count()).then_some(genes)
        };
        let genes = read().ok_or(Error::GenomeOutOfRange)?;
        self.length(genes.get(..genome.len()).unwrap_or_default()).ok_or(Error::Infeasible)?;
        genome.iter_mut().zip(genes).for_each(|(to, from)| *to = from);
        Ok(())
    }

    fn cell_genes(&self) -> usize {
        self.spec.designs * self.spec.edges.len()
    }

    /// How many ways there are to choose the operations of all designs.
    fn cells(&self) -> Option<usize> {
        self.spec.operations.len().checked_pow(self.cell_genes() as u32)
    }

    /// How many strings of modules are shorter than `length`.
    fn strings_before(&self, length: usize) -> Option<usize> {
        (self.spec.shortest..length).try_fold(0, |all: usize, length| {
            all.checked_add(self.spec.kinds.len().checked_pow(length as u32)?)
        })
    }

    /// The genes of a cell design.
    fn design<'g>(&self, genome: &'g [u8], design: u8) -> &'g [u8] {
        let edges = self.spec.edges.len();
        let start = self.spec.longest + usize::from(design) * edges;
        genome.get(start..start + edges).unwrap_or_default()
    }

    /// The label of an edge.
    fn label(&self, gene: u8) -> u8 {
        self.spec.operations.get(usize::from(gene)).copied().unwrap_or(NONE)
    }

    /// Nodes that sum: those that the input reaches, and those that reach the output.
    fn reached(&self, genes: &[u8]) -> (u32, u32) {
        let open = || self.spec.edges.iter().zip(genes).filter(|&(_, &gene)| self.label(gene) != NONE);
        let (mut forward, mut backward) = (bit(0), bit(self.last()));
        for (edge, _) in open() {
            if forward & bit(edge.from) != 0 {
                forward |= bit(edge.to);
            }
        }
        for (edge, _) in open().rev() {
            if backward & bit(edge.to) != 0 {
                backward |= bit(edge.from);
            }
        }
        (forward, backward)
    }

    fn last(&self) -> u8 {
        (self.spec.nodes as u8).saturating_sub(1)
    }

    /// The number of modules of a feasible genome.
    fn length(&self, genome: &[u8]) -> Option<usize> {
        let (modules, operations) = genome.split_at_checked(self.spec.longest)?;
        let most = self.spec.operations.len();
        let fits = operations.len() == self.cell_genes()
            && operations.iter().all(|&operation| usize::from(operation) < most);
        let length = sequence::length(modules, self.spec.kinds.len() as u8)
            .filter(|&length| fits && length >= self.spec.shortest)?;
        let whole = modules.iter().take(length).all(|&module| {
            self.kind(module).is_some_and(|kind| {
                self.reached(self.design(genome, kind.design)).0 & bit(self.last()) != 0
            })
        });
        whole.then_some(length)
    }

    fn kind(&self, module: u8) -> Option<&'a ModuleKind> {
        self.spec.kinds.get(usize::from(module).checked_sub(1)?)
    }

    /// Fills in the nodes of a cell with these operations on its edges.
    #[cfg_attr(feature = "small", inline(never))]
    fn fill(&self, nodes: &mut Nodes, genes: &[u8], step: u8) {
        let (forward, backward) = self.reached(genes);
        let lives = |edge: &Edge, gene: u8| {
            self.label(gene) != NONE && forward & bit(edge.from) != 0 && backward & bit(edge.to) != 0
        };
        let edges = self.spec.edges;
        (nodes.count, nodes.linked) = (0, 0);
        nodes.push(Operation::Input as u8);
        if step != NONE {
            nodes.push(step);
            nodes.link(0, 1);
        }
        let first = nodes.count;
        let output = first + edges.len();
        for (k, (edge, &gene)) in edges.iter().zip(genes).enumerate() {
            if !lives(edge, gene) {
                nodes.push(NONE);
                continue;
            }
            nodes.push(self.label(gene));
            if edge.from == 0 {
                nodes.link(first - 1, first + k);
            }
            for (j, (before, &gene)) in edges.iter().zip(genes).enumerate().take(k) {
                if before.to == edge.from && lives(before, gene) {
                    nodes.link(first + j, first + k);
                }
            }
            if edge.to == self.last() {
                nodes.link(first + k, output);
            }
        }
        nodes.push(Operation::Output as u8);
    }
}

impl<R: Real> Space<R> for Joint<'_> {
    fn genes(&self) -> usize {
        self.gene_count()
    }
    fn cardinality(&self, gene: usize) -> u8 {
        self.gene_cardinality(gene)
    }
    fn limits(&self) -> NetworkShape {
        self.shape()
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        let length = self.length(genome).ok_or(Error::Infeasible)?;
        let mut state = [usize::from(self.spec.width), usize::from(self.spec.side)];
        let mut nodes = Nodes {
            operations: [0; MAX_NODES],
            count: 0,
            links: [Edge { from: 0, to: 0 }; MAX_LINKS],
            linked: 0,
        };
        let mut attributes = [[R::ZERO; 2]; MAX_NODES];
        for &module in genome.iter().take(length) {
            let kind = self.kind(module).ok_or(Error::Infeasible)?;
            for cell in 0..kind.cells {
                let before = state;
                let mut step = NONE;
                if cell == 0 {
                    let [width, side] = state;
                    step = kind.step;
                    state =
                        [width + usize::from(kind.widen), side.saturating_sub(usize::from(kind.halve))];
                }
                self.fill(&mut nodes, self.design(genome, kind.design), step);
                attributes.fill(state.map(R::from_usize));
                if let Some(input) = attributes.first_mut() {
                    *input = before.map(R::from_usize);
                }
                out.push_cell(&CellSpec {
                    operations: nodes.operations.get(..nodes.count).unwrap_or_default(),
                    edges: nodes.links.get(..nodes.linked).unwrap_or_default(),
                    masses: None,
                    attributes: attributes.get(..nodes.count).unwrap_or_default().as_flattened(),
                })?;
            }
        }
        Ok(())
    }
    fn neighbours(&self, genome: &[u8]) -> usize {
        let JointSpec { shortest, longest, kinds, operations, .. } = self.spec;
        self.length(genome).map_or(0, |length| {
            self.cell_genes() * (operations.len() - 1)
                + sequence::edits(length, shortest, longest, kinds.len() as u8)
        })
    }
    fn neighbour(&self, genome: &[u8], index: usize, out: &mut [u8]) {
        copy(out, genome);
        let (Some(length), Some((modules, operations))) =
            (self.length(genome), out.split_at_mut_checked(self.spec.longest))
        else {
            return;
        };
        let others = self.spec.operations.len() - 1;
        match index.checked_sub(self.cell_genes() * others) {
            Some(index) => sequence::edit(modules, length, self.spec.kinds.len() as u8, index),
            None => {
                let at = index.checked_div(others).zip(index.checked_rem(others));
                if let Some((gene, value)) =
                    at.and_then(|(g, v)| Some((operations.get_mut(g)?, v as u8)))
                {
                    *gene = value + u8::from(value >= *gene);
                }
            }
        }
    }
    /// Each number of modules is equally likely, then each string of modules, then each choice of
    /// operations that is feasible.
    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        let JointSpec { shortest, longest, kinds, operations, .. } = self.spec;
        let lengths = (longest - shortest + 1) as u32;
        let length = shortest + rng.below(lengths) as usize;
        for (place, gene) in out.iter_mut().take(longest).enumerate() {
            *gene = if place < length { rng.below(kinds.len() as u32) as u8 + 1 } else { 0 };
        }
        // Where few choices are feasible it may be none of a hundred; the search then draws again.
        for _ in 0..100 {
            for gene in out.iter_mut().skip(longest) {
                *gene = rng.below(operations.len() as u32) as u8;
            }
            if self.length(out).is_some() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const NORMAL: ModuleKind = ModuleKind { cells: 1, widen: 0, halve: 0, step: NONE, design: 0 };
    const TRIANGLE: [Edge; 3] =
        [Edge { from: 0, to: 1 }, Edge { from: 0, to: 2 }, Edge { from: 1, to: 2 }];

    /// One to three modules of two kinds with a cell design each, of two operations or none.
    fn small() -> JointSpec<'static> {
        const KINDS: [ModuleKind; 2] =
            [NORMAL, ModuleKind { cells: 2, widen: 1, halve: 1, step: 4, design: 1 }];
        JointSpec {
            shortest: 1,
            longest: 3,
            kinds: &KINDS,
            nodes: 3,
            edges: &TRIANGLE,
            operations: &[2, 3, 5],
            designs: 2,
            width: 4,
            side: 1,
        }
    }

    #[test]
    fn numbers_and_texts_round_trip() {
        let space = Joint::new(small()).unwrap();
        assert_eq!((space.gene_count(), space.genomes()), (9, Some((2 + 4 + 8) * 729)));
        let (mut genome, mut text, mut again) = ([0; 9], [0; 128], [9; 9]);
        let mut codes = HashSet::new();
        for index in 0..space.genomes().unwrap() {
            match space.genome(index, &mut genome) {
                Ok(()) => {
                    assert_eq!(space.index(&genome), Some(index));
                    let code = space.format(&genome, &mut text).unwrap();
                    space.parse(code, &mut again).unwrap();
                    assert_eq!(again, genome);
                    assert!(codes.insert(code.to_owned()));
                }
                error => assert_eq!(error, Err(Error::Infeasible)),
            }
        }
        // A cell is infeasible if 0->2 is none and one of 0->1, 1->2 is: 5 of 27. Strings of one kind
        // need that kind's cell only: three of each; the other eight need both.
        assert_eq!(codes.len(), 6 * 22 * 27 + 8 * 22 * 22);
        assert!(codes.contains("121-012-201"));
        let beyond = space.genome(space.genomes().unwrap(), &mut genome);
        assert_eq!(beyond, Err(Error::GenomeOutOfRange));
    }

    #[test]
    fn broken_texts_are_refused() {
        let space = Joint::new(small()).unwrap();
        let mut genome = [7; 9];
        for code in [
            "",
            "121",
            "121-012",
            "121-012-201-1",
            "1212-012-201",
            "121-01-201",
            "121-0122-201",
            "121-\u{e4}2-201",
        ] {
            assert_eq!(space.parse(code, &mut genome), Err(Error::GenomeOutOfRange), "{code}");
        }
        for code in ["-012-201", "131-012-201", "101-012-201", "121-000-201", "121-013-201"] {
            assert_eq!(space.parse(code, &mut genome), Err(Error::Infeasible), "{code}");
        }
        assert_eq!(genome, [7; 9]);
        // The second cell design is not used.
        assert_eq!(space.parse("11-012-000", &mut genome), Ok(()));
        assert_eq!(genome, [1, 1, 0, 0, 1, 2, 0, 0, 0]);
    }

    #[test]
    fn descriptions_are_validated() {
        let wrong = |change: fn(&mut JointSpec<'static>)| {
            let mut spec = small();
            change(&mut spec);
            assert!(matches!(Joint::new(spec), Err(Error::InvalidSetting)), "{spec:?}");
        };
        wrong(|spec| spec.shortest = 0);
        wrong(|spec| spec.shortest = 4);
        wrong(|spec| spec.longest = 59);
        wrong(|spec| spec.longest = usize::MAX);
        wrong(|spec| spec.kinds = &[]);
        wrong(|spec| spec.kinds = &[NORMAL; 36]);
        wrong(|spec| spec.kinds = &[ModuleKind { cells: 0, ..NORMAL }]);
        wrong(|spec| spec.kinds = &[ModuleKind { cells: 22, ..NORMAL }]);
        wrong(|spec| spec.kinds = &[ModuleKind { design: 2, ..NORMAL }]);
        wrong(|spec| spec.nodes = 2);
        wrong(|spec| spec.edges = &[]);
        wrong(|spec| spec.edges = &[Edge { from: 1, to: 1 }]);
        wrong(|spec| spec.edges = &[Edge { from: 0, to: 2 }, Edge { from: 0, to: 1 }]);
        wrong(|spec| spec.edges = &[Edge { from: 0, to: 2 }; 30]);
        wrong(|spec| spec.operations = &[]);
        wrong(|spec| spec.operations = &[3; 37]);
        wrong(|spec| spec.designs = 0);
        wrong(|spec| spec.designs = usize::MAX);
        wrong(|spec| spec.designs = 21);
    }

    #[test]
    fn neighbours_are_symmetric_and_samples_feasible() {
        let space = Joint::new(small()).unwrap();
        let mut rng = KeyedRng::new(8, 0, 0);
        let near = |genome: &[u8; 9]| -> HashSet<[u8; 9]> {
            (0..Space::<f64>::neighbours(&space, genome))
                .map(|index| {
                    let mut out = [0; 9];
                    Space::<f64>::neighbour(&space, genome, index, &mut out);
                    out
                })
                .filter(|out| space.index(out).is_some())
                .collect()
        };
        let mut lengths = [0; 4];
        for _ in 0..300 {
            let mut genome = [0; 9];
            Space::<f64>::sample(&space, &mut rng, &mut genome);
            lengths[space.length(&genome).unwrap()] += 1;
            let set = near(&genome);
            assert!(set.len() > 5 && !set.contains(&genome));
            assert!(set.iter().all(|other| near(other).contains(&genome)));
        }
        assert!(lengths[1..].iter().all(|count| (60..140).contains(count)), "{lengths:?}");
    }
}
