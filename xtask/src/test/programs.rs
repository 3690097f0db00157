//! Stages about C and C++ programs: each file `tests/c/*.c` and `tests/cpp/*.cpp` is a program that returns 0
//! when all is well.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Report, Session};
use crate::dist;
use crate::process::{self, Failure, Program};
use crate::project::{Precision, root};

/// A language with its compilers and standards.
pub(super) struct Language {
    name: &'static str,
    folder: &'static str,
    ending: &'static str,
    compilers: [&'static str; 2],
    /// A compiler takes the first name of a standard that it knows.
    standards: &'static [&'static [&'static str]],
    /// Standards in which a file that only includes the header must compile.
    header_standards: &'static [&'static str],
}

pub(super) const C: Language = Language {
    name: "C",
    folder: "tests/c",
    ending: "c",
    compilers: ["gcc", "clang"],
    standards: &[&["c99"], &["c11"], &["c17"], &["c23", "c2x"]],
    header_standards: &["c99", "c11", "c17"],
};

const CPP: Language = Language {
    name: "C++",
    folder: "tests/cpp",
    ending: "cpp",
    compilers: ["g++", "clang++"],
    standards: &[&["c++17"], &["c++20"]],
    header_standards: &["c++11", "c++14", "c++17", "c++20"],
};

const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-pedantic", "-Wconversion", "-Werror"];

/// Seconds after which a program is taken to hang.
const PATIENCE: &str = "300";

impl Language {
    /// The programs of the test, in the order of their names.
    pub(super) fn programs(&self) -> Result<Vec<PathBuf>, Failure> {
        let folder = root().join(self.folder);
        let entries = fs::read_dir(&folder)
            .map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
        let mut programs = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == self.ending) {
                programs.push(path);
            }
        }
        programs.sort();
        match programs.is_empty() {
            true => Err(Failure::new(format!("{} holds no program", self.folder))),
            false => Ok(programs),
        }
    }

    /// The compilers that are there; the others are skips.
    fn present(&self, report: &mut Report) -> Vec<&'static str> {
        let mut present = Vec::new();
        for compiler in self.compilers {
            match process::find(compiler) {
                Some(_) => present.push(compiler),
                None => report.skip(
                    format!("every {} program with {compiler}", self.name),
                    format!(
                        "`{compiler}` is not installed: apt-get install {}",
                        compiler.replace("clang++", "clang")
                    ),
                ),
            }
        }
        present
    }

    /// The first compiler that is there.
    pub(super) fn any_compiler(&self) -> Result<&'static str, Failure> {
        self.compilers
            .into_iter()
            .find(|compiler| process::find(compiler).is_some())
            .ok_or_else(|| Failure::new(format!("no {} compiler is installed", self.name)))
    }
}

fn knows(compiler: &str, standard: &str, language: &Language) -> bool {
    let kind = if language.ending == "c" { "c" } else { "c++" };
    Program::new(compiler)
        .args([&format!("-std={standard}"), "-fsyntax-only", "-x", kind, "/dev/null"])
        .outcome()
        .is_ok_and(|finished| finished.success())
}

/// One program, one way to compile it.
pub(super) struct Case {
    pub(super) compiler: String,
    pub(super) standard: String,
    pub(super) precision: Precision,
    pub(super) source: PathBuf,
    pub(super) flags: Vec<String>,
    /// What runs the program, if not the machine itself.
    pub(super) runner: Vec<String>,
}

impl Case {
    pub(super) fn new(compiler: &str, standard: &str, precision: Precision, source: &Path) -> Self {
        Self {
            compiler: compiler.into(),
            standard: standard.into(),
            precision,
            source: source.into(),
            flags: Vec::new(),
            runner: Vec::new(),
        }
    }

    fn with_flags(mut self, flags: &[&str]) -> Self {
        self.flags = flags.iter().map(|flag| flag.to_string()).collect();
        self
    }

    /// The compiler with all that it must be told, but neither what to link nor where to write.
    fn compile(&self, library: &Path) -> Program {
        Program::new(&self.compiler)
            .arg(format!("-std={}", self.standard))
            .args(WARNINGS)
            // The library never contracts a * b + c; a test that computes along must not either.
            .args(["-O1", "-ffp-contract=off"])
            .args(self.precision.c_flags())
            .args(&self.flags)
            .arg("-I")
            .arg(library.join("include"))
            .arg(&self.source)
    }

    /// A name for the program's file.
    fn name(&self) -> String {
        let stem = self.source.file_stem().unwrap_or_default().to_string_lossy();
        let flags: String = self.flags.concat();
        format!("{stem}-{}-{}-{}{flags}", self.compiler, self.standard, self.precision.name()).replace(
            |letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-',
            "_",
        )
    }

    /// Compiles, links with the archive of the case's precision, and runs.
    pub(super) fn run(&self, library: &Path, workshop: &Path) -> Result<(), Failure> {
        let program = workshop.join(self.name());
        self.compile(library)
            .arg(dist::archive(library, self.precision))
            .args(["-lm", "-o"])
            .arg(&program)
            .read()?;
        run_program(&program, &self.runner)
    }
}

/// Runs a test program in the project's folder and demands that it returns 0 in time.
pub(super) fn run_program(program: &Path, runner: &[String]) -> Result<(), Failure> {
    let mut words = vec!["timeout".to_string(), PATIENCE.into()];
    if process::find("timeout").is_none() {
        words.clear();
    }
    words.extend_from_slice(runner);
    words.push(program.to_string_lossy().into_owned());
    Program::new(&words[0]).args(&words[1..]).directory(root()).read().map(drop)
}

fn run_all(cases: &[Case], library: &Path, workshop: &Path, report: &mut Report) {
    for result in process::in_parallel(cases, |case| case.run(library, workshop)) {
        report.check(result);
    }
}

pub(super) fn c(session: &Session, report: &mut Report) -> Result<(), Failure> {
    matrix(&C, session, report)
}

pub(super) fn cpp(session: &Session, report: &mut Report) -> Result<(), Failure> {
    matrix(&CPP, session, report)
}

/// Every program with every compiler, standard and precision, and the header alone.
fn matrix(language: &Language, session: &Session, report: &mut Report) -> Result<(), Failure> {
    let programs = language.programs()?;
    let library = session.library()?;
    let workshop = session.workshop(language.ending)?;
    let mut cases = Vec::new();
    for compiler in language.present(report) {
        header_alone(language, compiler, &library, &workshop, report)?;
        for names in language.standards {
            let Some(standard) = names.iter().find(|name| knows(compiler, name, language)) else {
                report.skip(
                    format!("{} in {}", compiler, names[0]),
                    format!("this {compiler} does not know {}: install a newer one", names.join(" or ")),
                );
                continue;
            };
            for program in &programs {
                for precision in Precision::ALL {
                    cases.push(Case::new(compiler, standard, precision, program));
                    if language.ending == "cpp" && *standard == "c++17" {
                        let bare = ["-fno-exceptions", "-fno-rtti"];
                        cases.push(Case::new(compiler, standard, precision, program).with_flags(&bare));
                    }
                }
            }
        }
    }
    run_all(&cases, &library, &workshop, report);
    Ok(())
}

/// A file that includes `hotnas.h` twice and nothing before it.
fn header_alone(
    language: &Language,
    compiler: &str,
    library: &Path,
    workshop: &Path,
    report: &mut Report,
) -> Result<(), Failure> {
    let source = workshop.join(format!("header_alone.{}", language.ending));
    fs::write(&source, "#include \"hotnas.h\"\n#include \"hotnas.h\"\nint main(void) { return 0; }\n")?;
    for standard in language.header_standards {
        for precision in Precision::ALL {
            let case = Case::new(compiler, standard, precision, &source);
            report.check(case.compile(library).arg("-fsyntax-only").read().map(drop));
        }
    }
    Ok(())
}

/// Every test program with both precisions in one executable, neither of which takes the other's handles; and for
/// the wrong library, no executable.
pub(super) fn precisions(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let programs = C.programs()?;
    let library = session.library()?;
    let workshop = session.workshop("precisions")?;
    let compiler = C.any_compiler()?;
    let checks: Vec<(&PathBuf, Precision)> = programs
        .iter()
        .flat_map(|program| Precision::ALL.map(|precision| (program, precision)))
        .collect();
    for result in process::in_parallel(&checks, |(program, precision)| {
        wrong_library(&Case::new(compiler, "c99", *precision, program), &library, &workshop)
    }) {
        report.check(result);
    }
    for result in
        process::in_parallel(&programs, |program| both_libraries(compiler, program, &library, &workshop))
    {
        report.check(result);
    }
    let folder = root().join("tests/precisions");
    let linked =
        both(compiler, &folder.join("handles.c"), &folder.join("driver.c"), &library, &workshop);
    report.check(linked);
    Ok(())
}

fn wrong_library(case: &Case, library: &Path, workshop: &Path) -> Result<(), Failure> {
    let other = match case.precision {
        Precision::Double => Precision::Single,
        Precision::Single => Precision::Double,
    };
    let finished = case
        .compile(library)
        .arg(dist::archive(library, other))
        .args(["-lm", "-o"])
        .arg(workshop.join(format!("wrong-{}", case.name())))
        .outcome()?;
    // It must fail, and for the right reason: a symbol of the program's precision is missing.
    let text = finished.stderr();
    let reason = text.lines().any(|line| {
        line.contains("undefined reference to")
            && line.contains("hotnas_")
            && line.contains(case.precision.suffix())
    });
    match !finished.success() && reason {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "{} compiled for {} and linked with the library for {} must fail for want of a symbol\n{}",
            case.source.display(),
            case.precision.name(),
            other.name(),
            finished.report()
        ))),
    }
}

fn both_libraries(
    compiler: &str,
    program: &Path,
    library: &Path,
    workshop: &Path,
) -> Result<(), Failure> {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    let driver = workshop.join(format!("{stem}-driver.c"));
    fs::write(
        &driver,
        "int main_f64(void);\nint main_f32(void);\nint main(void) { return main_f64() | main_f32(); }\n",
    )?;
    both(compiler, program, &driver, library, workshop)
}

/// A source compiled for each precision, linked with a driver and both libraries, and run.
fn both(
    compiler: &str,
    source: &Path,
    driver: &Path,
    library: &Path,
    workshop: &Path,
) -> Result<(), Failure> {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let executable = workshop.join(format!("{stem}-both"));
    let mut link = Program::new(compiler).arg(driver);
    for precision in Precision::ALL {
        let object = workshop.join(format!("{stem}{}.o", precision.suffix()));
        Case::new(compiler, "c99", precision, source)
            .compile(library)
            .arg(format!("-Dmain=main{}", precision.suffix()))
            .args(["-c", "-o"])
            .arg(&object)
            .read()?;
        link = link.arg(object);
    }
    link.args(Precision::ALL.map(|precision| dist::archive(library, precision)))
        .args(["-lm", "-o"])
        .arg(&executable)
        .read()?;
    run_program(&executable, &[])
}

pub(super) fn sanitizers(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let library = session.library()?;
    let workshop = session.workshop("sanitizers")?;
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
    let mut cases = Vec::new();
    for (language, compiler, standard) in [(&C, "gcc", "c11"), (&CPP, "g++", "c++17")] {
        if !sanitizes(compiler, &flags, &workshop) {
            report.skip(
                format!("{} programs under the sanitizers", language.name),
                format!(
                    "{compiler} with libasan and libubsan is not installed: apt-get install {compiler}"
                ),
            );
            continue;
        }
        match language.programs() {
            Err(failure) => report.fail(failure.to_string()),
            Ok(programs) => cases.extend(programs.iter().flat_map(|program| {
                Precision::ALL.map(|precision| {
                    Case::new(compiler, standard, precision, program).with_flags(&flags)
                })
            })),
        }
    }
    run_all(&cases, &library, &workshop, report);
    Ok(())
}

fn sanitizes(compiler: &str, flags: &[&str], workshop: &Path) -> bool {
    let source = workshop.join("probe.c");
    let built = fs::write(&source, "int main(void) { return 0; }\n").is_ok();
    built
        && Program::new(compiler)
            .args(flags)
            .arg(&source)
            .arg("-o")
            .arg(workshop.join("probe"))
            .outcome()
            .is_ok_and(|finished| finished.success())
}

pub(super) fn valgrind(session: &Session, report: &mut Report) -> Result<(), Failure> {
    if process::find("valgrind").is_none() {
        report
            .skip("C programs under memcheck", "`valgrind` is not installed: apt-get install valgrind");
        return Ok(());
    }
    let library = session.library()?;
    let workshop = session.workshop("valgrind")?;
    let compiler = C.any_compiler()?;
    let memcheck = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full"];
    let mut cases = Vec::new();
    for program in C.programs()? {
        for precision in Precision::ALL {
            let mut case = Case::new(compiler, "c99", precision, &program).with_flags(&["-g"]);
            case.runner = memcheck.map(String::from).to_vec();
            cases.push(case);
        }
    }
    run_all(&cases, &library, &workshop, report);
    Ok(())
}
