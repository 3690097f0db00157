//! What the feature `micromath` saves: instructions of a Gaussian process with and without it, counted by QEMU.

use std::fs;

use super::board::{Board, Job};
use crate::dist::{self, Order};
use crate::process::Failure;
use crate::project::{self, Precision};

const BOARDS: [&str; 2] = ["cortex-m0", "cortex-m4f"];

/// Prints the table for `packaging/README.md`.
pub(super) fn run() -> Result<(), Failure> {
    let folder = project::target_folder()?.join("embedded/kernel");
    fs::create_dir_all(&folder)?;
    println!("| board | call, 32 observations | libm | micromath | less |");
    println!("|---|---|---|---|---|");
    for name in BOARDS {
        let board = Board::find(name)?;
        board.require()?;
        let mut texts = Vec::new();
        for micromath in [false, true] {
            let library = dist::build(&Order { micromath, ..Order::new(board.target()?) })?;
            let job = Job {
                source: "kernel.c",
                precision: Precision::Single,
                library: &library,
                flags: &["-Os"],
                defines: &[],
                include: None,
            };
            let program = folder.join(format!("{name}-{micromath}"));
            board.build(&job, &program)?;
            texts.push(board.run(&program)?);
        }
        for (line, other) in texts[0].lines().zip(texts[1].lines()) {
            let ((call, before), (_, after)) = (count(line)?, count(other)?);
            let less = 100.0 * (1.0 - after as f64 / before as f64);
            println!("| {name} | {call} | {before} | {after} | {less:.1} % |");
        }
    }
    Ok(())
}

/// A line such as `append 1234`.
fn count(line: &str) -> Result<(&str, u64), Failure> {
    line.split_once(' ')
        .and_then(|(call, count)| Some((call, count.parse().ok()?)))
        .ok_or_else(|| Failure::new(format!("kernel.c prints `{line}`")))
}
