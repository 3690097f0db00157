//! `cargo xtask embedded`: programs without an operating system on emulated machines.

pub(crate) mod board;
pub(crate) mod devices;
pub(crate) mod figures;
pub(crate) mod golden;
mod kernel;
mod stack;

use std::fmt::Write;
use std::fs;

use board::{BOARDS, Board};
use devices::{DEVICE_HEAD, DEVICES};
use golden::{Build, Tally};

use crate::arguments::Arguments;
use crate::process::{self, Failure};
use crate::project::{Precision, root};
use crate::target::DEBIAN_RUSTC;

pub(crate) const HELP: &str = "\
Usage: cargo xtask embedded [--all] [--write] [BOARD ...]
       cargo xtask embedded --figures [--write] [BOARD ...]
       cargo xtask embedded --kernel

Builds the programs of examples/embedded for this machine and for emulated ones, runs them, and demands that each
computes the same bits as this machine. BOARD is a name of the table that is printed, for example cortex-m4f;
without one, those that continuous integration runs.

Needs Debian's compiler with the sources of the core library, the cross compilers and QEMU; what is missing is
named.

  --figures  instead: what the library costs on a device (code by group, instructions, RAM, and the worst-case stack
             of every exported function, computed from the machine code and checked against the stack that was used),
             compared with the limits in benchmarks/embedded.csv
  --write    write these figures as the limits
  --all      every board, debug builds of the library, more options of the C compiler; writes the result with its
           date into benchmarks/embedded.md, and the limits
  --kernel   instead: count the instructions of a Gaussian process with and without micromath
";

/// A line of the table of hashes.
struct Row {
    board: &'static Board,
    build: Build,
    results: [Result<Tally, String>; 2],
}

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let all = arguments.flag("--all");
    let write_limits = arguments.flag("--write");
    let only_figures = arguments.flag("--figures");
    let kernel = arguments.flag("--kernel");
    let mut boards = Vec::new();
    while let Some(name) = arguments.word() {
        boards.push(Board::find(&name)?);
    }
    arguments.finish()?;
    if kernel {
        return kernel::run();
    }
    let everything = boards.is_empty();
    if only_figures {
        return take_figures(&boards, write_limits);
    }
    if everything {
        boards.extend(BOARDS.iter().filter(|board| all || board.always));
    }
    for board in &boards {
        board.require()?;
    }
    let host = Build::Release.library(Board::find("host")?)?;
    let [double, single] = Precision::ALL.map(|precision| golden::reference(&host, precision));
    let references = [double?, single?];
    let mut rows = Vec::new();
    println!("{HASH_HEAD}");
    for build in Build::ALL {
        let mut compiled = Vec::new();
        for &board in &boards {
            if build == Build::Release || board.is_host() || (all && !board.is_small()) {
                compiled.push((board, build.library(board)?));
            }
        }
        // The options of the program's compiler cannot reach into the library: release shows that.
        let several = all && build == Build::Release;
        rows.extend(process::in_parallel(&compiled, |(board, library)| {
            let check = |at: usize| {
                golden::check(board, library, Precision::ALL[at], several, &references[at])
                    .map_err(|failure| failure.to_string())
            };
            let row = Row { board, build, results: [check(0), check(1)] };
            println!("{}", row.line());
            row
        }));
    }
    let failures: Vec<&str> = rows
        .iter()
        .flat_map(|row| &row.results)
        .filter_map(|result| result.as_ref().err().map(String::as_str))
        .collect();
    if !failures.is_empty() {
        return Err(Failure::new(failures.join("\n")));
    }
    if !everything {
        return Ok(());
    }
    println!("\n{DEVICE_HEAD}");
    let mut devices = Vec::new();
    for device in DEVICES {
        let device = device()?;
        device.board.require()?;
        let library = Build::Release.library(device.board)?;
        for precision in Precision::ALL {
            if all || device.is_short(precision) {
                let line = device.line(precision, device.check(&host, &library, precision)?);
                println!("{line}");
                devices.push(line);
            }
        }
    }
    if !all {
        return Ok(());
    }
    write(&rows, &references, &devices)?;
    take_figures(&[], true)
}

/// Prints a table for each board; writes the limits or compares with them.
fn take_figures(boards: &[&'static Board], write: bool) -> Result<(), Failure> {
    let mut boards = boards.to_vec();
    if boards.is_empty() {
        for name in figures::MEASURED {
            boards.push(Board::find(name)?);
        }
    }
    let mut figures = Vec::new();
    for board in boards {
        board.require()?;
        let library = Build::Release.library(board)?;
        for precision in Precision::ALL {
            figures.extend(figures::take(board, &library, precision)?);
        }
        println!("\n{}", figures::table(board.name, &figures));
    }
    if write {
        return figures::write(&figures);
    }
    let limits = figures::Limits::read()?;
    limits.check_origin()?;
    limits.allow(&figures)
}

const HASH_HEAD: &str = "| board | machine | library | f64 | f32 |\n|---|---|---|---|---|";

impl Row {
    fn line(&self) -> String {
        let cell = |result: &Result<Tally, String>| match result {
            Ok(Tally { equal, left_out: 0 }) => format!("{equal} equal"),
            Ok(Tally { equal, left_out }) => format!("{equal} equal, no memory for {left_out}"),
            Err(_) => "FAILED".into(),
        };
        format!(
            "| {} | {} | {} | {} | {} |",
            self.board.name,
            self.board.what,
            self.build.name(),
            cell(&self.results[0]),
            cell(&self.results[1])
        )
    }
}

fn write(rows: &[Row], references: &[String; 2], devices: &[String]) -> Result<(), Failure> {
    let mut text = format!(
        "# On other machines\n\n`cargo xtask embedded --all`, {}: {};\n\
         core library for other targets compiled by {};\n\
         {}.\n\n## The same bits\n\n\
         `examples/embedded/golden.c` prints a hash for each stage of the library, over every number that the stage\n\
         returns. Each board's are compared with this machine's, release builds with several options of the C\n\
         compiler (`-O3 -ffast-math` among them on the host). A board with little memory leaves stages out.\n\n{HASH_HEAD}\n",
        process::first_line("date", &["-u", "+%Y-%m-%d"])?,
        process::first_line("rustc", &["--version"])?,
        process::first_line(DEBIAN_RUSTC, &["--version"])?,
        process::first_line("qemu-system-arm", &["--version"])?,
    );
    for row in rows {
        writeln!(text, "{}", row.line()).expect("a string takes everything");
    }
    text.push_str("\nThe hashes:\n\n| stage | size | f64 | f32 |\n|---|---|---|---|\n");
    for (double, single) in references[0].lines().zip(references[1].lines()) {
        let hash = single.rsplit(' ').next().unwrap_or_default();
        writeln!(text, "| {} | {hash} |", double.replace(' ', " | "))
            .expect("a string takes everything");
    }
    text.push_str(&format!(
        "\n## On a device\n\n\
         Programs without heap and operating system, in the RAM that their linker script gives them; each prints what\n\
         it prints on the host. Bytes; the stack as measured.\n\n{DEVICE_HEAD}\n"
    ));
    for line in devices {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(
        "\nWhat the library costs on each: [embedded.csv](embedded.csv) (`cargo xtask embedded --figures`), as tables in\n\
         the [README](../README.md#firmware).\n",
    );
    let file = root().join("benchmarks/embedded.md");
    fs::write(&file, text)?;
    println!("\n{}", file.display());
    Ok(())
}
