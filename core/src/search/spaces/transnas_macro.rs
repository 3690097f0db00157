//! The macro space of TransNAS-Bench-101: 3256 networks.

use super::Operation;
use super::sequence;
use super::text::{Writer, digit};
use crate::arch::{CellSpec, Edge, NetworkBuilder};
use crate::error::Error;
use crate::memory::copy;
use crate::metric::NetworkShape;
use crate::real::Real;
use crate::search::rng::KeyedRng;
use crate::search::space::Space;

/// The macro networks of TransNAS-Bench-101 (Duan et al., CVPR 2021).
///
/// Six genes, one for each module: 1 normal, 2 doubles the channels, 3 halves the resolution,
/// 4 does both, 0 absent (only at the end). Feasible are 4 to 6 modules that halve one to four times
/// and double one to three times.
///
/// Each module is two residual blocks, of which the first makes the change. A block is a cell of
/// five nodes: input, two conv3x3 in a row, the shortcut (conv1x1 where something changes, else
/// skip), output. Nodes carry log2 of the width and log2 of the resolution, the input node those of
/// what enters (labels with state are a choice of this project, not in the paper).
///
/// Neighbours substitute, insert or delete one module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransNasMacro;

const LONGEST: usize = 6;
const SHORTEST: usize = 4;
/// Channels after the stem are 2^6, and so is the side of a 256x256 image there.
const STEM_LOG2: usize = 6;

impl TransNasMacro {
    /// Bounds of its networks.
    pub const LIMITS: NetworkShape =
        NetworkShape { nodes: 5, distinct: 2 * LONGEST, cells: 2 * LONGEST };
    /// How many feasible genomes there are.
    pub const DESIGNS: usize = 3256;
    /// Bytes that hold the longest code.
    pub const CODE_LENGTH: usize = 15;

    /// Writes feasible genome number `index`: by the number of modules, then lexicographic.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] unless `index < DESIGNS` and `genome` has 6 genes.
    pub fn genome(&self, index: usize, genome: &mut [u8]) -> Result<(), Error> {
        if genome.len() != LONGEST {
            return Err(Error::GenomeOutOfRange);
        }
        let mut left = index;
        for number in 0..ALL {
            let candidate = string(number);
            if modules(&candidate).is_some() {
                if left == 0 {
                    for (to, from) in genome.iter_mut().zip(candidate) {
                        *to = from;
                    }
                    return Ok(());
                }
                left -= 1;
            }
        }
        Err(Error::GenomeOutOfRange)
    }

    /// The number of a genome in that order; `None` if it is not feasible.
    #[must_use]
    pub fn index(&self, genome: &[u8]) -> Option<usize> {
        modules(genome)?;
        let mut before = 0;
        for number in 0..ALL {
            let candidate = string(number);
            if genome == candidate.as_slice() {
                return Some(before);
            }
            before += usize::from(modules(&candidate).is_some());
        }
        None
    }

    /// Writes the benchmark's code, for example `64-1234-basic`.
    ///
    /// # Errors
    /// [`Error::Infeasible`] if the genome is not feasible; [`Error::MemoryTooSmall`] if `out` is too
    /// short, which [`CODE_LENGTH`](Self::CODE_LENGTH) bytes never are.
    pub fn format<'a>(&self, genome: &[u8], out: &'a mut [u8]) -> Result<&'a str, Error> {
        let length = modules(genome).ok_or(Error::Infeasible)?;
        let mut writer = Writer::new(out);
        writer.push("64-")?;
        for &module in genome.iter().take(length) {
            writer.push(digit(module))?;
        }
        writer.push("-basic")?;
        writer.finish()
    }

    /// Reads a code into a genome of 6 genes.
    ///
    /// # Errors
    /// [`Error::GenomeOutOfRange`] if the text is not such a code or the genome has not 6 genes;
    /// [`Error::Infeasible`] if the modules break the rule of the space.
    pub fn parse(&self, code: &str, genome: &mut [u8]) -> Result<(), Error> {
        let digits = code
            .strip_prefix("64-")
            .and_then(|rest| rest.strip_suffix("-basic"))
            .filter(|digits| digits.len() <= LONGEST && genome.len() == LONGEST)
            .ok_or(Error::GenomeOutOfRange)?;
        let mut genes = [0; LONGEST];
        for (gene, byte) in genes.iter_mut().zip(digits.bytes()) {
            match byte {
                b'1'..=b'4' => *gene = byte - b'0',
                _ => return Err(Error::GenomeOutOfRange),
            }
        }
        modules(&genes).ok_or(Error::Infeasible)?;
        for (to, from) in genome.iter_mut().zip(genes) {
            *to = from;
        }
        Ok(())
    }
}

/// Strings of 4, 5 or 6 modules, feasible or not.
const ALL: usize = 256 + 1024 + 4096;

/// String number `number < ALL`: by length, then lexicographic.
fn string(number: usize) -> [u8; LONGEST] {
    let (length, mut rest) = match number {
        0..256 => (4, number),
        256..1280 => (5, number - 256),
        _ => (6, number - 1280),
    };
    let mut genome = [0; LONGEST];
    for gene in genome.iter_mut().take(length).rev() {
        *gene = (rest % 4) as u8 + 1;
        rest /= 4;
    }
    genome
}

/// The number of modules of a feasible genome.
fn modules(genome: &[u8]) -> Option<usize> {
    let length = sequence::length(genome, 4).filter(|_| genome.len() == LONGEST)?;
    let halvings = genome.iter().filter(|&&m| m > 2).count();
    let doublings = genome.iter().filter(|&&m| m == 2 || m == 4).count();
    let feasible = length >= SHORTEST && (1..=4).contains(&halvings) && (1..=3).contains(&doublings);
    feasible.then_some(length)
}

const BLOCK: [Edge; 5] = [
    Edge { from: 0, to: 1 },
    Edge { from: 1, to: 2 },
    Edge { from: 2, to: 4 },
    Edge { from: 0, to: 3 },
    Edge { from: 3, to: 4 },
];

impl<R: Real> Space<R> for TransNasMacro {
    fn genes(&self) -> usize {
        LONGEST
    }
    fn cardinality(&self, _: usize) -> u8 {
        5
    }
    fn limits(&self) -> NetworkShape {
        Self::LIMITS
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        let length = modules(genome).ok_or(Error::Infeasible)?;
        let (mut width, mut side) = (STEM_LOG2, STEM_LOG2);
        let mut block = |before: (usize, usize), after: (usize, usize)| {
            let [a, b] = [before, after].map(|(w, s)| [R::from_usize(w), R::from_usize(s)]);
            let attributes = [a, b, b, b, b];
            let shortcut = if before == after { Operation::Skip } else { Operation::Conv1 };
            let operations =
                [Operation::Input, Operation::Conv3, Operation::Conv3, shortcut, Operation::Output];
            out.push_cell(&CellSpec {
                operations: &operations.map(|o| o as u8),
                edges: &BLOCK,
                masses: None,
                attributes: attributes.as_flattened(),
            })
        };
        for &module in genome.iter().take(length) {
            let before = (width, side);
            width += usize::from(module == 2 || module == 4);
            side -= usize::from(module > 2);
            block(before, (width, side))?;
            block((width, side), (width, side))?;
        }
        Ok(())
    }
    fn neighbours(&self, genome: &[u8]) -> usize {
        modules(genome).map_or(0, |length| sequence::edits(length, SHORTEST, LONGEST, 4))
    }
    fn neighbour(&self, genome: &[u8], index: usize, out: &mut [u8]) {
        copy(out, genome);
        if let Some(length) = modules(genome) {
            sequence::edit(out, length, 4, index);
        }
    }
    /// Each feasible genome is equally likely.
    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        // Six in ten strings are feasible, so a hundred draws without one do not occur in practice;
        // the bound keeps the time finite whatever the generator does.
        let mut genome = [1, 2, 3, 4, 0, 0];
        for _ in 0..100 {
            let candidate = string(rng.below(ALL as u32) as usize);
            if modules(&candidate).is_some() {
                genome = candidate;
                break;
            }
        }
        for (to, from) in out.iter_mut().zip(genome) {
            *to = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn all() -> Vec<[u8; 6]> {
        (0..ALL).map(string).filter(|g| modules(g).is_some()).collect()
    }

    #[test]
    fn there_are_3256_designs_and_their_numbers_and_codes_round_trip() {
        let all = all();
        assert_eq!(all.len(), TransNasMacro::DESIGNS);
        let mut text = [0; TransNasMacro::CODE_LENGTH];
        for (i, genome) in all.iter().enumerate() {
            if i % 37 == 0 {
                let mut again = [9; 6];
                TransNasMacro.genome(i, &mut again).unwrap();
                assert_eq!(again, *genome);
                assert_eq!(TransNasMacro.index(genome), Some(i));
            }
            let mut again = [9; 6];
            let code = TransNasMacro.format(genome, &mut text).unwrap();
            TransNasMacro.parse(code, &mut again).unwrap();
            assert_eq!(again, *genome);
        }
        assert_eq!(TransNasMacro.genome(3256, &mut [0; 6]), Err(Error::GenomeOutOfRange));
    }

    #[test]
    fn broken_codes_are_refused() {
        let mut genome = [0; 6];
        for code in
            ["64-1234", "64-12345-basic", "64-1234123-basic", "1234-basic", "64-ä-basic", "64--basic"]
        {
            assert!(TransNasMacro.parse(code, &mut genome).is_err(), "{code}");
        }
        assert_eq!(TransNasMacro.parse("64-1111-basic", &mut genome), Err(Error::Infeasible));
        assert_eq!(TransNasMacro.format(&[1; 6], &mut [0; 20]), Err(Error::Infeasible));
    }

    #[test]
    fn neighbours_are_symmetric_and_about_21_are_feasible() {
        let (mut total, all) = (0, all());
        for genome in &all {
            let mut near = HashSet::new();
            for i in 0..Space::<f64>::neighbours(&TransNasMacro, genome) {
                let mut out = [0; 6];
                Space::<f64>::neighbour(&TransNasMacro, genome, i, &mut out);
                if modules(&out).is_some() {
                    assert_ne!(out, *genome);
                    near.insert(out);
                }
            }
            total += near.len();
        }
        let mean = total as f64 / all.len() as f64;
        assert!((mean - 21.5).abs() < 0.3, "{mean}");
    }

    #[test]
    fn samples_are_uniform() {
        let mut rng = KeyedRng::new(4, 0, 0);
        let mut lengths = [0; 7];
        for _ in 0..4000 {
            let mut out = [0; 6];
            Space::<f32>::sample(&TransNasMacro, &mut rng, &mut out);
            lengths[modules(&out).unwrap()] += 1;
        }
        // 210, 750 and 2296 of 3256.
        for (length, of) in [(4, 210.0), (5, 750.0), (6, 2296.0)] {
            let expected = 4000.0 * of / 3256.0;
            assert!((f64::from(lengths[length]) - expected).abs() < 6.0 * f64::sqrt(expected));
        }
    }
}
