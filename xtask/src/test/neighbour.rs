//! Stage about a program that links another library in Rust beside this one: `tests/neighbour`.

use std::path::{Path, PathBuf};

use super::{Report, Session};
use crate::dist::{self, Order};
use crate::process::{Failure, Program};
use crate::project::{Precision, copy, root};
use crate::target::{Target, Toolchain};

const BARE: &str = "thumbv7em-none-eabihf";

/// In both orders, and with everything of both precisions.
pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let sources = session.workshop("neighbour")?;
    copy(&root().join("tests/neighbour"), &sources)?;

    let library = session.library()?;
    let neighbour = build(Target::host()?, &Toolchain::Own, &sources, &["--features", "std"])?;
    for precision in Precision::ALL {
        for order in orders(&neighbour, &library, precision) {
            report.check(hosted(&sources, &library, precision, &order));
        }
    }

    let target = Target::find(BARE)?;
    match target.tool("ld").and_then(|_| target.c_compiler()).and_then(|_| Toolchain::for_target(target))
    {
        Ok(toolchain) => {
            let library = dist::build(&Order::new(target))?;
            let neighbour = build(target, &toolchain, &sources, &[])?;
            for precision in Precision::ALL {
                for order in orders(&neighbour, &library, precision) {
                    report.check(bare(target, &sources, &library, precision, &order));
                }
            }
        }
        Err(missing) => {
            report.skip_many(6, format!("another Rust library on {BARE}"), missing.to_string())
        }
    }
    Ok(())
}

/// Compiles the neighbour with the standard or the core library, as cargo does without being told more.
fn build(
    target: &Target,
    toolchain: &Toolchain,
    sources: &Path,
    words: &[&str],
) -> Result<PathBuf, Failure> {
    let (cargo, results) = toolchain.cargo(sources, target, None, "rustc")?;
    cargo
        .args(["--quiet", "--release"])
        .args(words)
        .args(["--", "-Cpanic=abort"].into_iter().filter(|_| !target.is_host()))
        .read()?;
    Ok(results.join("release/libneighbour.a"))
}

/// What the linker is told.
fn orders(neighbour: &Path, library: &Path, precision: Precision) -> [Vec<PathBuf>; 3] {
    let neighbour = || neighbour.to_path_buf();
    let archive = dist::archive(library, precision);
    let [double, single] = Precision::ALL.map(|precision| dist::archive(library, precision));
    [
        vec![neighbour(), archive.clone()],
        vec![archive, neighbour()],
        vec!["-Wl,--whole-archive".into(), double, single, "-Wl,--no-whole-archive".into(), neighbour()],
    ]
}

fn hosted(
    sources: &Path,
    library: &Path,
    precision: Precision,
    order: &[PathBuf],
) -> Result<(), Failure> {
    let program = sources.join("hosted");
    compile(Target::host()?, sources, library, precision)?
        .arg("-DHOSTED")
        .args(order)
        .args(["-lpthread", "-ldl", "-lm", "-o"])
        .arg(&program)
        .read()?;
    Program::new(&program).read().map(drop)
}

/// Links, and demands that nothing is missing or defined twice.
fn bare(
    target: &Target,
    sources: &Path,
    library: &Path,
    precision: Precision,
    order: &[PathBuf],
) -> Result<(), Failure> {
    compile(target, sources, library, precision)?
        .args(["-ffreestanding", "-nostdlib", "-Wl,-e,main", "-Wl,--no-warn-execstack"])
        .args(order)
        .arg("-o")
        .arg(sources.join("bare"))
        .read()
        .map(drop)
}

fn compile(
    target: &Target,
    sources: &Path,
    library: &Path,
    precision: Precision,
) -> Result<Program, Failure> {
    Ok(Program::new(target.c_compiler()?)
        .args(target.c_flags)
        .args(["-std=c99", "-Os", "-Wall", "-Wextra", "-Werror"])
        .args(precision.c_flags())
        .arg("-I")
        .arg(library.join("include"))
        .arg(sources.join("main.c")))
}
