//! `cargo xtask header`: the C header, generated from the crate `hotnas`.

use crate::arguments::Arguments;
use crate::process::{Failure, Program};
use crate::project;

pub(crate) const HELP: &str = "\
Usage: cargo xtask header [--verify]

Writes include/hotnas.h from ffi/preamble.h and the sources in ffi/src. The header is committed.

  --verify    write nothing; fail with the first line that differs if the committed header is not the one that
              would be written
";

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let verify = arguments.flag("--verify");
    arguments.finish()?;
    let finished = generator(verify).outcome()?;
    match finished.success() {
        true => Ok(()),
        false => Err(Failure::new(finished.stderr().trim().trim_start_matches("error: "))),
    }
}

/// The generator is a crate of its own, so that its dependencies are compiled for this command only.
pub(crate) fn generator(verify: bool) -> Program {
    let program =
        project::cargo().args(["run", "--quiet", "--locked", "--package", "hotnas-header", "--"]);
    if verify { program.arg("--verify") } else { program }
}
