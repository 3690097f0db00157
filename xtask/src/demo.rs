//! `cargo xtask demo`: a program searches a small benchmark.

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::dist::{self, Order};
use crate::process::{Failure, Program};
use crate::project::{self, Precision};
use crate::target::Target;

pub(crate) const HELP: &str = "\
Usage: cargo xtask demo [--seeds N] [--language LANGUAGE]

Builds the library for this machine, compiles examples/c/search.c against it with the system's C compiler
($CC, or cc) and searches the table of trained networks in examples/benchmarks/digits/digits.csv. The program
prints its comparison of search methods and draws it into target/demo/search.svg.

  --seeds N             how many searches each figure is taken over; without it, the program's own choice
  --language LANGUAGE   c; or the same search in another language: cpp (examples/cpp/search.cpp with $CXX, or
                        c++) or rust (examples/rust)
";

/// A language that the search is written in.
#[derive(Clone, Copy)]
pub(crate) enum Language {
    C,
    Cpp,
    Rust,
}

impl Language {
    pub(crate) const ALL: [Self; 3] = [Self::C, Self::Cpp, Self::Rust];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Rust => "rust",
        }
    }

    /// Builds the program; `library` is what `dist` made.
    pub(crate) fn build(self, library: &Path, folder: &Path) -> Result<PathBuf, Failure> {
        let compile = |variable: &str, default: &str, standard: &str, source: &str| {
            let program = folder.join(format!("search-{}", self.name()));
            Program::new(std::env::var_os(variable).unwrap_or_else(|| default.into()))
                .args([standard, "-O2", "-I"])
                .arg(library.join("include"))
                .arg(project::root().join(source))
                .arg(dist::archive(library, Precision::Double))
                .args(["-lm", "-o"])
                .arg(&program)
                .read()?;
            Ok(program)
        };
        match self {
            Self::C => compile("CC", "cc", "-std=c99", "examples/c/search.c"),
            Self::Cpp => compile("CXX", "c++", "-std=c++17", "examples/cpp/search.cpp"),
            Self::Rust => {
                project::cargo()
                    .args(["build", "--release", "--locked", "-p", "hotnas-example"])
                    .read()?;
                Ok(project::target_folder()?.join("release/search"))
            }
        }
    }
}

/// The table that the programs search.
pub(crate) fn table() -> PathBuf {
    project::root().join("examples/benchmarks/digits/digits.csv")
}

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let seeds = match arguments.option("--seeds")? {
        None => None,
        Some(text) => match text.parse::<u32>() {
            Ok(count) if count > 0 => Some(count.to_string()),
            _ => return Err(Failure::new(format!("--seeds is a count of at least 1, not `{text}`"))),
        },
    };
    let wanted = arguments.option("--language")?.unwrap_or_else(|| "c".into());
    let Some(language) = Language::ALL.into_iter().find(|language| language.name() == wanted) else {
        return Err(Failure::new(format!("--language is c, cpp or rust, not `{wanted}`")));
    };
    arguments.finish()?;
    println!("Building the library ...");
    let library = dist::build(&Order::new(Target::host()?))?;
    let folder = project::target_folder()?.join("demo");
    fs::create_dir_all(&folder)?;
    let program = language.build(&library, &folder)?;
    let drawing = folder.join("search.svg");
    let mut search = Program::new(&program).arg(table()).arg(&drawing);
    if let Some(seeds) = seeds {
        search = search.args(["--seeds", &seeds]);
    }
    search.run()?;
    println!("The drawing: {}", drawing.display());
    Ok(())
}
