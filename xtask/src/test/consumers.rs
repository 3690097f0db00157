//! Stage about programs that find the installed library by pkg-config or CMake.

use std::fs;
use std::path::Path;

use super::programs::{C, run_program};
use super::{Report, Session};
use crate::process::{self, Failure, Program};
use crate::project::{Precision, VERSION};

const CMAKE: &str = "\
cmake_minimum_required(VERSION 3.16)
project(consumer LANGUAGES C)
find_package(hotnas ${WANTED} CONFIG REQUIRED)
foreach(library hotnas hotnas_f32)
  add_executable(with_${library} ${SOURCE})
  target_link_libraries(with_${library} PRIVATE hotnas::${library} m)
endforeach()
";

pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let built = session.library()?;
    let workshop = session.workshop("consumers")?;
    // Moved away from where it was built, with a space in its path.
    let library = workshop.join("a prefix");
    Program::new("cp").arg("-R").arg(&built).arg(&library).read()?;
    let program = C.programs()?.swap_remove(0);
    match process::find("pkg-config") {
        Some(_) => {
            for precision in Precision::ALL {
                report.check(pkg_config(&library, &workshop, &program, precision));
            }
        }
        None => report.skip("pkg-config", "`pkg-config` is not installed: apt-get install pkg-config"),
    }
    match process::find("cmake") {
        Some(_) => {
            report.check(cmake(&library, &workshop, &program));
            report.check(refused(&library, &workshop, &program));
        }
        None => {
            report.skip("CMake's find_package", "`cmake` is not installed: apt-get install cmake make")
        }
    }
    Ok(())
}

fn pkg_config(
    library: &Path,
    workshop: &Path,
    source: &Path,
    precision: Precision,
) -> Result<(), Failure> {
    let name = precision.library();
    let ask = || Program::new("pkg-config").env("PKG_CONFIG_PATH", library.join("lib/pkgconfig"));
    let version = ask().args(["--modversion", name]).read()?;
    if version.trim() != VERSION {
        return Err(Failure::new(format!("pkg-config takes {name} for version {}", version.trim())));
    }
    // A shell splits the words, as in a Makefile.
    let executable = workshop.join(format!("pkg-{name}"));
    Program::new("sh")
        .env("PKG_CONFIG_PATH", library.join("lib/pkgconfig"))
        .arg("-ec")
        .arg(format!(
            "eval \"{} \\\"\\$1\\\" $(pkg-config --cflags --libs {name}) -lm -o \\\"\\$2\\\"\"",
            C.any_compiler()?
        ))
        .arg("sh")
        .arg(source)
        .arg(&executable)
        .read()?;
    run_program(&executable, &[])
}

fn configure(library: &Path, folder: &Path, source: &Path, version: &str) -> Result<Program, Failure> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("CMakeLists.txt"), CMAKE)?;
    Ok(Program::new("cmake")
        .arg("-S")
        .arg(folder)
        .arg("-B")
        .arg(folder.join("build"))
        .arg(format!("-DCMAKE_PREFIX_PATH={}", library.display()))
        .arg(format!("-DSOURCE={}", source.display()))
        .arg(format!("-DWANTED={version}")))
}

fn cmake(library: &Path, workshop: &Path, source: &Path) -> Result<(), Failure> {
    let folder = workshop.join("cmake");
    configure(library, &folder, source, VERSION)?.read()?;
    Program::new("cmake").arg("--build").arg(folder.join("build")).read()?;
    for precision in Precision::ALL {
        run_program(&folder.join("build").join(format!("with_{}", precision.library())), &[])?;
    }
    Ok(())
}

/// A version that is not there must not be found.
fn refused(library: &Path, workshop: &Path, source: &Path) -> Result<(), Failure> {
    let finished = configure(library, &workshop.join("refused"), source, "99.0")?.outcome()?;
    match !finished.success() && finished.stderr().contains("99.0") {
        true => Ok(()),
        false => Err(Failure::new(format!("CMake found version 99.0\n{}", finished.report()))),
    }
}
