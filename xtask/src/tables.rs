//! `cargo xtask tables`: search methods on tables of trained networks.

use crate::arguments::Arguments;
use crate::process::{Failure, Program};
use crate::project;

pub(crate) const HELP: &str = "\
Usage: cargo xtask tables [SUITE ...] [options]
       cargo xtask tables --csv FILE --space NAME --key COLUMN --value COLUMN[,COLUMN] --maximise|--minimise [options]
       cargo xtask tables steps [OBSERVATIONS [SPACE]]

Runs search methods on tables of trained networks and writes what they found as CSV, Markdown and SVG: mean
rank, share of searches that found the optimum, regret with quartiles, errors beside those of the HOTNAS
poster, and the time that the searches themselves took. A search that was done is kept and not done again:
an interrupted run goes on where it stopped. Results of other sources of the core are never mixed in.

Published tables are looked for in the folder of the environment variable HOTNAS_DATA, else in ../shared/data
beside the project. A suite whose table is missing is skipped with a message.

`steps` prints what an ask costs with 25, 50, 100, ... observations, 500 or as many as it is told, in milliseconds
of processor time where the system tells it; behind the number the name of a space, if it is to be only one.

  --list            name the suites
  --method METHOD   instead of the suite's; may be repeated. [LABEL=]NAME[:KEY=VALUE,...] with the names hotnas,
                    poster, random, pool, evolution, local, bo-edit, nasbot, tw, wl, summed; for example
                    \"no flow=hotnas:lambda=1\"
  --column NAME     only this column of the suite; may be repeated
  --seeds N         searches of each method on each column (10)
  --first-seed N    their first seed (0)
  --budget N        queries of a search (the suite's, else 100)
  --initial N       random designs at the start (10)
  --threads N       searches at once (one for each processor)
  --cache N         distances that a thread remembers (4000000, 44 bytes each)
  --out DIR         where the reports go (target/tables/reports)
  --results DIR     where searches are kept (target/tables/HASH-OF-THE-CORE)
";

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let target = project::target_folder()?;
    project::cargo()
        .args(["build", "--quiet", "--release", "--locked", "--package", "hotnas-tables"])
        .run()?;
    let program = target.join("release").join(format!("hotnas-tables{}", std::env::consts::EXE_SUFFIX));
    Program::new(program)
        .arg("--root")
        .arg(project::root())
        .arg("--target")
        .arg(target)
        .args(arguments.rest())
        .run()
        // The program has said what went wrong.
        .map_err(|_| Failure::said())
}
