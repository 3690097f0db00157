//! Stage about the libraries for machines without an operating system.

use std::path::{Path, PathBuf};

use super::sizes::Limits;
use super::{Report, Session, library};
use crate::bundle;
use crate::dist::{self, Order};
use crate::process::{Failure, Program};
use crate::project::{Precision, root};
use crate::symbols::{self, Symbols};
use crate::target::{Kind, Target, Toolchain};

/// A 16-bit instruction set without division, hardware floats in one precision, and another family.
const TARGETS: [&str; 3] =
    ["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "riscv32imac-unknown-none-elf"];

/// Every routine that the library needs is inside it. And where a `usize` has 32 bits, other panics could be
/// reached.
pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    for name in TARGETS {
        let target = Target::find(name)?;
        let ready = target.tool("ld").and_then(|_| target.c_compiler());
        match ready.and_then(|_| Toolchain::for_target(target)) {
            Ok(toolchain) => check(target, &toolchain, session, report)?,
            Err(missing) => report.skip(format!("the build for {name}"), missing.to_string()),
        }
    }
    Ok(())
}

fn check(
    target: &'static Target,
    toolchain: &Toolchain,
    session: &Session,
    report: &mut Report,
) -> Result<(), Failure> {
    for optimisation in ["3", "s"] {
        let order = Order { optimisation, ..Order::new(target) };
        for features in ["panic-check", "panic-check,f32"] {
            report.check(library::no_panic(&order, toolchain, features));
        }
    }
    let folder = dist::build(&Order::new(target))?;
    let workshop = session.workshop("bare-metal")?;
    let limits = Limits::read()?;
    for precision in Precision::ALL {
        let symbols = Symbols::of(target, &dist::archive(&folder, precision))?;
        report.check(symbols.check(target.kind, precision));
        report.check(whole(target, &folder, precision, &workshop));
        for program in ["metric", "stored"] {
            let linked = needed(target, &folder, precision, program, &workshop);
            report.check(linked.and_then(|bytes| limits.allow(target, precision, program, bytes)));
        }
        let all = symbols::flash(target, &dist::archive(&folder, precision))?;
        report.check(limits.allow(target, precision, "all", all));
    }
    Ok(())
}

/// Everything of both libraries goes into one program.
fn whole(target: &Target, folder: &Path, precision: Precision, workshop: &Path) -> Result<(), Failure> {
    let archives = Precision::ALL.map(|precision| dist::archive(folder, precision));
    let program = link(target, folder, precision, "metric", &["--whole-archive"], &archives, workshop)?;
    let all: u64 =
        archives.iter().map(|archive| symbols::flash(target, archive)).sum::<Result<_, _>>()?;
    let linked = symbols::flash(target, &program)?;
    // RISC-V's linker shortens calls.
    match linked >= all - all / 100 {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "{}: {linked} bytes are linked of archives with {all}",
            target.name
        ))),
    }
}

/// Bytes of code and constants of a program of `tests/bare` with what it needs of the library.
fn needed(
    target: &Target,
    folder: &Path,
    precision: Precision,
    program: &str,
    workshop: &Path,
) -> Result<u64, Failure> {
    let archive = dist::archive(folder, precision);
    let program = link(target, folder, precision, program, &["--gc-sections"], &[archive], workshop)?;
    symbols::flash(target, &program)
}

/// A program with the library and nothing else: neither a C library nor the C compiler's routines.
fn link(
    target: &Target,
    folder: &Path,
    precision: Precision,
    program: &str,
    words: &[&str],
    archives: &[PathBuf],
    workshop: &Path,
) -> Result<PathBuf, Failure> {
    let object = workshop.join(format!("{}.o", precision.library()));
    Program::new(target.c_compiler()?)
        .args(target.c_flags)
        .args(["-std=c99", "-Os", "-ffreestanding", "-Wall", "-Wextra", "-Werror", "-c", "-o"])
        .arg(&object)
        .args(precision.c_flags())
        .arg("-I")
        .arg(folder.join("include"))
        .arg(root().join("tests/bare").join(format!("{program}.c")))
        .read()?;
    let program = workshop.join(format!("{program}{}", precision.suffix()));
    let linker = match target.kind {
        Kind::Hosted | Kind::Bare => Program::new(target.tool("ld")?).args(target.linker),
        Kind::Wasm => Program::new(bundle::rust_lld()?).args(["-flavor", "wasm"]),
    };
    linker.args(["-e", "main", "-o"]).arg(&program).arg(&object).args(words).args(archives).read()?;
    Ok(program)
}
