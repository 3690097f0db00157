//! `cargo xtask demo`: a C program searches a small benchmark.

use std::fs;

use crate::arguments::Arguments;
use crate::dist::{self, Order};
use crate::process::{Failure, Program};
use crate::project::{self, Precision};
use crate::target::Target;

pub(crate) const HELP: &str = "\
Usage: cargo xtask demo [--seeds N]

Builds the C library for this machine, compiles examples/c/search.c against it with the system's C compiler
($CC, or cc) and searches the table of trained networks in examples/benchmarks/digits/digits.csv. The program
prints its comparison of search methods and draws it into target/demo/search.svg.

  --seeds N    how many searches each figure is taken over; without it, the program's own choice
";

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let seeds = match arguments.option("--seeds")? {
        None => None,
        Some(text) => match text.parse::<u32>() {
            Ok(count) if count > 0 => Some(count.to_string()),
            _ => return Err(Failure::new(format!("--seeds is a count of at least 1, not `{text}`"))),
        },
    };
    arguments.finish()?;
    let root = project::root();
    let source = root.join("examples/c/search.c");
    let table = root.join("examples/benchmarks/digits/digits.csv");
    for file in [&source, &table] {
        if !file.is_file() {
            return Err(Failure::new(format!("{} is missing", file.display())));
        }
    }
    println!("Building the C library ...");
    let library = dist::build(&Order::new(Target::host()?))?;
    let folder = project::target_folder()?.join("demo");
    fs::create_dir_all(&folder)?;
    let (program, drawing) = (folder.join("search"), folder.join("search.svg"));
    Program::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c99", "-O2", "-I"])
        .arg(library.join("include"))
        .arg(&source)
        .arg(dist::archive(&library, Precision::Double))
        .arg("-lm")
        .arg("-o")
        .arg(&program)
        .read()?;
    let mut search = Program::new(&program).arg(&table).arg(&drawing);
    if let Some(seeds) = seeds {
        search = search.args(["--seeds", &seeds]);
    }
    search.run()?;
    println!("The drawing: {}", drawing.display());
    Ok(())
}
