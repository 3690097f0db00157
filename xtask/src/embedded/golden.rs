//! The golden hashes: `examples/embedded/golden.c` prints a hash for each stage of the library, and every machine
//! must print the same.

use std::fs;
use std::path::{Path, PathBuf};

use super::board::{Board, Job};
use crate::dist::{self, Order};
use crate::process::Failure;
use crate::project::{self, Precision};

/// How the library is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As `cargo xtask dist` does.
    Release,
    /// Hardly optimised, with checks of overflow and of what the library asserts of itself. (At level 0 the
    /// host's core library asks for a routine that unwinds.)
    Debug,
}

impl Build {
    pub(crate) const ALL: [Self; 2] = [Self::Release, Self::Debug];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Debug => "debug",
        }
    }

    /// The library's folder.
    pub(crate) fn library(self, board: &Board) -> Result<PathBuf, Failure> {
        let order = Order::new(board.target()?);
        dist::build(&match self {
            Self::Release => order,
            Self::Debug => Order { optimisation: "1", checks: true, ..order },
        })
    }
}

/// C compiler's options: no result may depend on them.
const PLAIN: &[&[&str]] = &[&["-Os"]];
const SEVERAL: &[&[&str]] = &[&["-O0"], &["-Os"], &["-O3"]];
const HOST: &[&[&str]] = &[&["-O0"], &["-O2"], &["-O3", "-ffast-math"]];

/// A stage of the program, for example `ifgw-flow 8`, and its hash, if the board had the memory.
type Line<'a> = (&'a str, Option<&'a str>);

/// How many stages were equal, and how many the board had no memory for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tally {
    pub(crate) equal: usize,
    pub(crate) left_out: usize,
}

/// What the host prints with a library, to which everything else is compared.
pub(crate) fn reference(library: &Path, precision: Precision) -> Result<String, Failure> {
    let host = Board::find("host")?;
    run(host, library, precision, HOST[0])
}

/// Builds and runs the program with one library and several options of the C compiler.
pub(crate) fn check(
    board: &Board,
    library: &Path,
    precision: Precision,
    thorough: bool,
    reference: &str,
) -> Result<Tally, Failure> {
    let options = match (board.is_host(), thorough) {
        (true, _) => HOST,
        (false, true) => SEVERAL,
        (false, false) => PLAIN,
    };
    let mut tally = None;
    for flags in options {
        let text = run(board, library, precision, flags)?;
        let found = compare(reference, &text).map_err(|fault| {
            let (name, flags) = (precision.name(), flags.join(" "));
            Failure::new(format!("{}, {name}, {flags}, {}: {fault}", board.name, library.display()))
        })?;
        tally = Some(found);
    }
    tally.ok_or_else(|| Failure::new("no options"))
}

fn run(board: &Board, library: &Path, precision: Precision, flags: &[&str]) -> Result<String, Failure> {
    let folder = project::target_folder()?.join("embedded");
    fs::create_dir_all(&folder)?;
    let program = folder.join(format!("golden-{}-{}", board.name.replace(':', "-"), precision.name()));
    let defines = [format!("ARENA={}", board.arena)];
    board.build(
        &Job { source: "golden.c", precision, library, flags, defines: &defines, include: None },
        &program,
    )?;
    board.run(&program)
}

fn parse(text: &str) -> Result<Vec<Line<'_>>, Failure> {
    text.lines()
        .map(|line| {
            let (stage, hash) = line.rsplit_once(' ').unwrap_or(("", line));
            match hash {
                "-" => Ok((stage, None)),
                _ if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    Ok((stage, Some(hash)))
                }
                _ => Err(Failure::new(format!("no hash: {line}"))),
            }
        })
        .collect()
}

/// The fewest stages that must have room on a board.
const FEWEST: usize = 6;

/// Every stage of the reference is there, in order; every hash that is there is the reference's.
fn compare(reference: &str, text: &str) -> Result<Tally, Failure> {
    let (expected, found) = (parse(reference)?, parse(text)?);
    let stages =
        |lines: &[Line<'_>]| lines.iter().map(|(stage, _)| stage.to_string()).collect::<Vec<_>>();
    if expected.is_empty() || stages(&expected) != stages(&found) {
        return Err(Failure::new(format!("other stages than on the host:\n{text}")));
    }
    let mut tally = Tally { equal: 0, left_out: 0 };
    for ((stage, expected), (_, found)) in expected.iter().zip(&found) {
        match (expected, found) {
            (_, None) => tally.left_out += 1,
            (expected, found) if expected == found => tally.equal += 1,
            (expected, found) => {
                let show = |hash: &Option<&str>| hash.unwrap_or("nothing").to_string();
                return Err(Failure::new(format!(
                    "`{stage}` has hash {}, on the host {}",
                    show(found),
                    show(expected)
                )));
            }
        }
    }
    match tally.equal >= FEWEST.min(expected.len()) {
        true => Ok(tally),
        false => Err(Failure::new(format!("memory for {} stages only", tally.equal))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "exact 6 0123456789abcdef\nhotnn 3 0000000000000001\nhotnn 8 0000000000000002\n";

    #[test]
    fn a_hash_that_differs_is_found() {
        let all = Tally { equal: 3, left_out: 0 };
        assert_eq!(compare(HOST, HOST).unwrap(), all);
        let small = HOST.replace("0000000000000002", "-");
        assert!(compare(HOST, &small).is_err(), "too few stages ran");
        for (from, to) in
            [("cdef", "cdee"), ("hotnn 8", "hotnn 9"), ("exact 6 ", ""), ("0001", "no memory")]
        {
            assert!(compare(HOST, &HOST.replace(from, to)).is_err(), "{from} -> {to}");
        }
        assert!(compare(HOST, "").is_err());
        assert!(compare("", "").is_err());
    }

    #[test]
    fn a_board_without_the_memory_leaves_stages_out() {
        let many: String = (0..7).map(|i| format!("stage {i} 000000000000000{i}\n")).collect();
        let fewer = many.replace("0000000000000003", "-");
        assert_eq!(compare(&many, &fewer).unwrap(), Tally { equal: 6, left_out: 1 });
        assert!(compare(&fewer, &many).is_err());
    }
}
