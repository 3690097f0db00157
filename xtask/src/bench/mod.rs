//! `cargo xtask bench`: how fast the library is, beside others.

mod instructions;
mod plot;
mod report;
pub(crate) mod table;
mod threads;

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::dist::{self, Order};
use crate::environment;
use crate::process::{Failure, Program};
use crate::project::{self, Precision, root};
use crate::target::Target;

pub(crate) use instructions::{Limits, count, origin};

pub(crate) const HELP: &str = "\
Usage: cargo xtask bench [--quick] [--threads N] [--write] [--continue]
       cargo xtask bench --instructions

Measures the library beside POT and SciPy: in one process, on the same problems, in turns, one thread each.
Installs both, in the versions of benchmarks/requirements.txt, into an environment under target/. The library
is built for every processor of the target (portable) and for x86-64-v3, in both precisions. Then measures
how a distance matrix scales with the number of networks and of threads. Takes about 5 minutes.

The results go to target/bench: speed.md, the table; speed.csv and quality.csv, all figures; *.svg, drawings.

  --quick           fewer problems, sizes and rounds: half a minute
  --threads N       use up to N threads where threads are measured; without it all processors
  --write           replace the results in benchmarks/
  --continue        take the comparison with POT and SciPy from the last run, and go on after it
  --instructions    count instructions under callgrind and write benchmarks/instructions.csv, the limits that
                    `cargo xtask test instructions` compares with
";

/// The processor level that is measured beside the portable build.
const LEVEL: &str = "x86-64-v3";

/// What a run is asked for.
struct Plan {
    quick: bool,
    /// The comparison of the last run counts.
    compared: bool,
    threads: usize,
    folder: PathBuf,
}

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let quick = arguments.flag("--quick");
    let write = arguments.flag("--write");
    let compared = arguments.flag("--continue");
    let instructions = arguments.flag("--instructions");
    let threads = match arguments.option("--threads")? {
        None => std::thread::available_parallelism()?.get(),
        Some(text) => match text.parse() {
            Ok(count) if (1..=256).contains(&count) => count,
            _ => return Err(Failure::new(format!("--threads is a count from 1 to 256, not `{text}`"))),
        },
    };
    arguments.finish()?;
    if instructions {
        return instructions::renew();
    }
    if quick && write {
        return Err(Failure::new("--write is for a full run"));
    }
    let folder = project::target_folder()?.join("bench");
    fs::create_dir_all(&folder)?;
    let plan = Plan { quick, compared, threads, folder };
    let interpreter = environment::python("venv-bench", &root().join("benchmarks/requirements.txt"))?;
    let builds = builds()?;
    if !compared {
        compare(&plan, &interpreter, &builds)?;
    }
    let scaling = threads::measure(&plan, &builds)?;
    let written = report::write(&plan, &interpreter, &scaling)?;
    for file in &written {
        println!("{}", file.display());
        if write {
            let name = file.file_name().ok_or_else(|| Failure::new("a result without a name"))?;
            fs::copy(file, root().join("benchmarks").join(name))?;
        }
    }
    Ok(())
}

/// One build of the library, in both precisions.
struct Build {
    name: &'static str,
    library: PathBuf,
}

/// The portable build, and one for newer processors if this is one.
fn builds() -> Result<Vec<Build>, Failure> {
    let host = Target::host()?;
    println!("Building the library ...");
    let mut builds = vec![Build { name: "portable", library: dist::build(&Order::new(host))? }];
    if has_level() {
        println!("Building the library for {LEVEL} ...");
        builds.push(Build { name: LEVEL, library: dist::build(&Order::for_cpu(host, LEVEL))? });
    } else {
        println!("This processor is not {LEVEL}: only the portable build is measured.");
    }
    Ok(builds)
}

#[cfg(target_arch = "x86_64")]
fn has_level() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx2")
        && has!("bmi1")
        && has!("bmi2")
        && has!("f16c")
        && has!("fma")
        && has!("lzcnt")
        && has!("movbe")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_level() -> bool {
    false
}

/// Compiles files of benchmarks/ together with the archive of a build.
fn compile(
    build: &Path,
    precision: Precision,
    sources: &[&str],
    flags: &[&str],
    output: &Path,
) -> Result<(), Failure> {
    let folder = root().join("benchmarks");
    Program::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-pedantic"])
        .args(precision.c_flags())
        .args(flags)
        .arg("-I")
        .arg(build.join("include"))
        .args(sources.iter().map(|source| folder.join(source)))
        .arg(dist::archive(build, precision))
        .args(["-lm", "-o"])
        .arg(output)
        .read()
        .map(drop)
}

/// Runs compare.py with a shared object for each build and precision.
fn compare(plan: &Plan, interpreter: &Path, builds: &[Build]) -> Result<(), Failure> {
    let mut words = Vec::new();
    for build in builds {
        for precision in Precision::ALL {
            let name = format!("{} {}", precision.name(), build.name);
            let object = plan.folder.join(format!("timing-{}-{}.so", precision.name(), build.name));
            // Bsymbolic: each object calls its own copy of the library.
            let flags = ["-fPIC", "-shared", "-Wl,-Bsymbolic"];
            compile(&build.library, precision, &["timing.c", "problems.c"], &flags, &object)?;
            words.push(format!("{name}={}", object.display()));
        }
    }
    println!("Measuring beside POT and SciPy ...");
    // -B: no compiled files among the sources.
    let mut program =
        Program::new(interpreter).arg("-B").arg(root().join("benchmarks/compare.py")).arg(&plan.folder);
    if plan.quick {
        program = program.arg("--quick");
    }
    program.args(words).run()
}
