//! The digits space: 2352 small networks, the project's own benchmark.

use super::Operation;
use super::sequence;
use super::text::{Writer, digit};
use super::wiring::connect;
use crate::arch::{CellSpec, Edge, NetworkBuilder};
use crate::error::Error;
use crate::memory::copy;
use crate::metric::NetworkShape;
use crate::real::Real;
use crate::search::rng::KeyedRng;
use crate::search::space::Space;

/// Small convolutional networks for 8x8 images of digits: a joint macro and cell space.
///
/// Seven genes. Four are modules, 0 absent (only at the end, and at least two are present), 1 normal,
/// 2 reduction: half the resolution, rounded up, and twice the channels. Three are the operations on
/// the edges 0->1, 0->2, 1->2 of the cell in each module, 0 none, 1 skip, 2 conv1x1, 3 conv3x3,
/// 4 pooling; nodes sum. If one of 0->1 and 1->2 is none, the other has no effect, and the canonical
/// genome has none for both. A cell whose output is not reached is infeasible.
///
/// A module is a cell of five nodes: input, the three edge operations, output; in a reduction a sixth,
/// conv1x1, stands behind the input for the step that changes width and resolution. Nodes carry log2
/// of the width and log2 of the resolution, the input node those of what enters.
///
/// Neighbours are canonical: they substitute, insert or delete a module, change one operation, or
/// put the path 0->1->2 in or out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digits;

const MODULES: usize = 4;
const SHORTEST: usize = 2;
const GENES: usize = MODULES + 3;
/// Canonical cells: the edge 0->2 with the path absent (4) or present (5 * 16).
const CELLS: usize = 84;
/// Strings of 2, 3 or 4 modules.
const MACROS: usize = 28;
/// Channels after the stem are 2^3, and so is the side of the image.
const STEM_LOG2: usize = 3;

/// A canonical design.
#[derive(Clone, Copy)]
struct Design {
    modules: [u8; MODULES],
    length: usize,
    /// Operations on 0->1, 0->2, 1->2.
    cell: [u8; 3],
}

impl Design {
    fn read(genome: &[u8]) -> Option<Self> {
        let &[m0, m1, m2, m3, a, b, c] = genome else {
            return None;
        };
        let modules = [m0, m1, m2, m3];
        let length = sequence::length(&modules, 2).filter(|&length| length >= SHORTEST)?;
        if a > 4 || b > 4 || c > 4 {
            return None;
        }
        let cell = if a == 0 || c == 0 { [0, b, 0] } else { [a, b, c] };
        (cell != [0; 3]).then_some(Self { modules, length, cell })
    }

    fn write(self, genome: &mut [u8]) {
        for (to, from) in genome.iter_mut().zip(self.modules.into_iter().chain(self.cell)) {
            *to = from;
        }
    }

    fn macro_number(self) -> usize {
        let letters = self.modules.iter().take(self.length);
        let binary = letters.fold(0, |n, &letter| 2 * n + usize::from(letter == 2));
        binary
            + match self.length {
                2 => 0,
                3 => 4,
                _ => 12,
            }
    }

    fn from_macro_number(number: usize, cell: [u8; 3]) -> Self {
        let (length, mut rest) = match number {
            0..4 => (2, number),
            4..12 => (3, number - 4),
            _ => (4, number - 12),
        };
        let mut modules = [0; MODULES];
        for letter in modules.iter_mut().take(length).rev() {
            *letter = 1 + (rest % 2) as u8;
            rest /= 2;
        }
        Self { modules, length, cell }
    }

    /// Edits of the cell: four values for the edge 0->2; then, with the path, three values for each
    /// of its operations and its removal, without it the 16 paths.
    fn cell_edits(self) -> usize {
        if self.cell[0] == 0 { 4 + 16 } else { 4 + 7 }
    }

    fn edit_cell(&mut self, index: usize) {
        /// The values `first..=4` other than `value`, in ascending order.
        fn other(value: u8, first: u8, step: usize) -> u8 {
            let candidate = first.wrapping_add(step as u8);
            candidate + u8::from(candidate >= value)
        }
        let [a, b, c] = &mut self.cell;
        match index {
            0..4 => *b = other(*b, 0, index),
            4..20 if *a == 0 => (*a, *c) = (1 + ((index - 4) / 4) as u8, 1 + (index % 4) as u8),
            4..7 => *a = other(*a, 1, index - 4),
            7..10 => *c = other(*c, 1, index - 7),
            _ => (*a, *c) = (0, 0),
        }
    }
}

/// Canonical cell number `number < CELLS`, lexicographic.
fn cell_at(number: usize) -> [u8; 3] {
    if number < 4 {
        return [0, number as u8 + 1, 0];
    }
    let rest = number - 4;
    [1 + (rest / 20) as u8, (rest / 4 % 5) as u8, 1 + (rest % 4) as u8]
}

fn cell_number(cell: [u8; 3]) -> usize {
    let [a, b, c] = cell.map(usize::from);
    if a == 0 { b.wrapping_sub(1) } else { 4 + 20 * (a - 1) + 4 * b + c.wrapping_sub(1) }
}

impl Digits {
    /// Bounds of its networks.
    pub const LIMITS: NetworkShape = NetworkShape { nodes: 6, distinct: MODULES, cells: MODULES };
    /// How many different designs there are.
    pub const DESIGNS: usize = MACROS * CELLS;
    /// Bytes that hold the longest code.
    pub const CODE_LENGTH: usize = 8;

    /// Writes canonical genome number `index`: by the number of modules, then the macro string with
    /// normal before reduction, then the operations.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] unless `index < DESIGNS` and `genome` has 7 genes.
    pub fn genome(&self, index: usize, genome: &mut [u8]) -> Result<(), Error> {
        if index >= Self::DESIGNS || genome.len() != GENES {
            return Err(Error::GenomeOutOfRange);
        }
        Design::from_macro_number(index / CELLS, cell_at(index % CELLS)).write(genome);
        Ok(())
    }

    /// The number of a genome's canonical form in that order; `None` if it is not feasible.
    #[must_use]
    pub fn index(&self, genome: &[u8]) -> Option<usize> {
        let design = Design::read(genome)?;
        Some(design.macro_number() * CELLS + cell_number(design.cell))
    }

    /// Writes the code of the canonical form, for example `NRN-312`: the modules, then the
    /// operations on 0->1, 0->2, 1->2.
    ///
    /// # Errors
    /// [`Error::Infeasible`] if the genome is not feasible; [`Error::MemoryTooSmall`] if `out` is too
    /// short, which [`CODE_LENGTH`](Self::CODE_LENGTH) bytes never are.
    pub fn format<'a>(&self, genome: &[u8], out: &'a mut [u8]) -> Result<&'a str, Error> {
        let design = Design::read(genome).ok_or(Error::Infeasible)?;
        let mut writer = Writer::new(out);
        for &module in design.modules.iter().take(design.length) {
            writer.push(if module == 2 { "R" } else { "N" })?;
        }
        writer.push("-")?;
        for operation in design.cell {
            writer.push(digit(operation))?;
        }
        writer.finish()
    }

    /// Reads a code into a genome of 7 genes, which becomes canonical.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] if the text is not such a code or the genome has not 7 genes;
    /// [`Error::Infeasible`] if the cell's output is not reached.
    pub fn parse(&self, code: &str, genome: &mut [u8]) -> Result<(), Error> {
        let (modules, cell) = code.split_once('-').ok_or(Error::GenomeOutOfRange)?;
        let fits = (SHORTEST..=MODULES).contains(&modules.len()) && cell.len() == 3;
        if !fits || genome.len() != GENES {
            return Err(Error::GenomeOutOfRange);
        }
        let mut genes = [0; GENES];
        for (gene, byte) in genes.iter_mut().zip(modules.bytes()) {
            *gene = match byte {
                b'N' => 1,
                b'R' => 2,
                _ => return Err(Error::GenomeOutOfRange),
            };
        }
        for (gene, byte) in genes.iter_mut().skip(MODULES).zip(cell.bytes()) {
            *gene = match byte {
                b'0'..=b'4' => byte - b'0',
                _ => return Err(Error::GenomeOutOfRange),
            };
        }
        Design::read(&genes).ok_or(Error::Infeasible)?.write(genome);
        Ok(())
    }
}

const LINKS: [Edge; 5] = [
    Edge { from: 0, to: 1 },
    Edge { from: 0, to: 2 },
    Edge { from: 1, to: 3 },
    Edge { from: 2, to: 4 },
    Edge { from: 3, to: 4 },
];

/// The same behind the node of the reduction step.
const REDUCTION_LINKS: [Edge; 6] = [
    Edge { from: 0, to: 1 },
    Edge { from: 1, to: 2 },
    Edge { from: 1, to: 3 },
    Edge { from: 2, to: 4 },
    Edge { from: 3, to: 5 },
    Edge { from: 4, to: 5 },
];

impl<R: Real> Space<R> for Digits {
    fn genes(&self) -> usize {
        GENES
    }
    fn cardinality(&self, gene: usize) -> u8 {
        if gene < MODULES { 3 } else { 5 }
    }
    fn limits(&self) -> NetworkShape {
        Self::LIMITS
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        let design = Design::read(genome).ok_or(Error::Infeasible)?;
        let (input, output) = (Operation::Input as u8, Operation::Output as u8);
        // Labels 2 to 6 are none, skip, conv1x1, conv3x3, pooling.
        let [a, b, c] = design.cell.map(|operation| 2 + operation);
        let (mut width, mut side) = (STEM_LOG2, STEM_LOG2);
        for &module in design.modules.iter().take(design.length) {
            let before = [R::from_usize(width), R::from_usize(side)];
            let mut edges = [Edge { from: 0, to: 0 }; 6];
            if module == 2 {
                width += 1;
                // 8, 4, 2, 1 and then 1 again.
                side = side.saturating_sub(1);
                let after = [R::from_usize(width), R::from_usize(side)];
                let mut operations = [input, Operation::Conv1 as u8, a, b, c, output];
                let (count, _) = connect(&mut operations, &REDUCTION_LINKS, &mut edges);
                out.push_cell(&CellSpec {
                    operations: &operations,
                    edges: edges.get(..count).unwrap_or_default(),
                    masses: None,
                    attributes: [before, after, after, after, after, after].as_flattened(),
                })?;
            } else {
                let mut operations = [input, a, b, c, output];
                let (count, _) = connect(&mut operations, &LINKS, &mut edges);
                out.push_cell(&CellSpec {
                    operations: &operations,
                    edges: edges.get(..count).unwrap_or_default(),
                    masses: None,
                    attributes: [before; 5].as_flattened(),
                })?;
            }
        }
        Ok(())
    }
    fn neighbours(&self, genome: &[u8]) -> usize {
        Design::read(genome).map_or(0, |design| {
            design.cell_edits() + sequence::edits(design.length, SHORTEST, MODULES, 2)
        })
    }
    fn neighbour(&self, genome: &[u8], index: usize, out: &mut [u8]) {
        let Some(mut design) = Design::read(genome) else {
            copy(out, genome);
            return;
        };
        match index.checked_sub(design.cell_edits()) {
            None => design.edit_cell(index),
            Some(index) => sequence::edit(&mut design.modules, design.length, 2, index),
        }
        design.write(out);
    }
    /// Each of the 2352 designs is equally likely.
    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        let index = rng.below(Self::DESIGNS as u32) as usize;
        Design::from_macro_number(index / CELLS, cell_at(index % CELLS)).write(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_and_codes_round_trip_in_the_order_of_the_table() {
        let (mut genome, mut text) = ([0; GENES], [0; Digits::CODE_LENGTH]);
        let mut codes = vec![];
        for index in 0..Digits::DESIGNS {
            Digits.genome(index, &mut genome).unwrap();
            assert_eq!(Digits.index(&genome), Some(index));
            let code = Digits.format(&genome, &mut text).unwrap().to_owned();
            let mut again = [9; GENES];
            Digits.parse(&code, &mut again).unwrap();
            assert_eq!(again, genome);
            codes.push(code);
        }
        assert_eq!((codes[0].as_str(), codes[4].as_str()), ("NN-010", "NN-101"));
        assert_eq!(codes.last().unwrap(), "RRRR-444");
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 2352);
        // By length, then the macro string, then the cell digits.
        assert!(codes.windows(2).all(|w| {
            let key = |c: &String| (c.find('-').unwrap(), c.clone());
            key(&w[0]) < key(&w[1])
        }));
    }

    #[test]
    fn dead_operations_are_normalised_and_broken_codes_refused() {
        let mut genome = [0; GENES];
        Digits.parse("NR-320", &mut genome).unwrap();
        assert_eq!(genome, [1, 2, 0, 0, 0, 2, 0]);
        assert_eq!(Digits.parse("NR-300", &mut genome), Err(Error::Infeasible));
        for code in ["N-111", "NNNNN-111", "NR-511", "NR-11", "NR-1111", "NX-111", "NR111", "Nä-111"] {
            assert_eq!(Digits.parse(code, &mut genome), Err(Error::GenomeOutOfRange), "{code}");
        }
        assert_eq!(Digits.index(&[1, 0, 1, 0, 1, 1, 1]), None);
        assert_eq!(Digits.index(&[1, 2, 0, 0, 3, 2, 0]), Digits.index(&[1, 2, 0, 0, 0, 2, 0]));
    }

    #[test]
    fn neighbours_are_symmetric_and_connect_the_space() {
        let near = |index: usize| {
            let (mut genome, mut out) = ([0; GENES], [0; GENES]);
            Digits.genome(index, &mut genome).unwrap();
            let count = Space::<f64>::neighbours(&Digits, &genome);
            let set: HashSet<usize> = (0..count)
                .filter_map(|i| {
                    Space::<f64>::neighbour(&Digits, &genome, i, &mut out);
                    Digits.index(&out)
                })
                .collect();
            assert!(!set.contains(&index));
            set
        };
        let all: Vec<_> = (0..Digits::DESIGNS).map(near).collect();
        for (a, set) in all.iter().enumerate() {
            assert!(set.iter().all(|&b| all[b].contains(&a)));
        }
        let (mut seen, mut queue) = (HashSet::from([0]), vec![0]);
        while let Some(a) = queue.pop() {
            queue.extend(all[a].iter().filter(|&&b| seen.insert(b)));
        }
        assert_eq!(seen.len(), Digits::DESIGNS);
    }
}
