//! `cargo xtask contract`: what the tests check in part, in full.

use crate::arguments::Arguments;
use crate::process::Failure;
use crate::project;

pub(crate) const HELP: &str = "\
Usage: cargo xtask contract PART

Checks in full what `cargo xtask test` checks in part, and prints the counts as a Markdown page.

  bits      identity, symmetry and renumbering to the bit, f64 and f32, all pairings: all graphs of up to 5
            nodes with 2 operations, every numbering and every pair of classes; all cells of NAS-Bench-201;
            half an hour on two cores (benchmarks/contract.md)
  nearest   nearest-neighbour queries against all distances: equal to the bit, how few are solved, the time
            saved; two minutes (benchmarks/nearest.md)
  proofs    effort Exact on the reference vectors and on random costs: how often and how fast the least value
            is proved; a minute (benchmarks/exact.md)
";

const PARTS: &[&str] = &["bits", "nearest", "proofs"];

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let part = arguments.word().unwrap_or_default();
    arguments.finish()?;
    if !PARTS.contains(&part.as_str()) {
        return Err(Failure::new(format!("no part `{part}`\n\n{HELP}")));
    }
    project::cargo()
        .args(["run", "--quiet", "--locked", "--release", "--package", "hotnas-contract", "--", &part])
        .run()
}
