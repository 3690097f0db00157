//! `cargo xtask test`: the one test command.

mod bare;
mod consumers;
mod embedded;
mod examples;
mod instructions;
mod library;
mod neighbour;
mod packages;
mod programs;
mod python;
mod rust;
mod sizes;
mod spoiled;

use std::cell::OnceCell;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::dist::{self, Order};
use crate::process::Failure;
use crate::project;
use crate::target::Target;

pub(crate) const HELP: &str = "\
Usage: cargo xtask test [--all] [--list] [STAGE ...]

Runs every stage, goes on after a failure, and ends with a table and the line `N passed, N failed, N skipped`.
What cannot run on this machine is skipped with the reason and the way to get it. The full output of a stage
that failed is in target/test/logs.

  --all      a skip is an error; slow Rust tests that are marked #[ignore] run too
  --list     only name the stages
  STAGE      run only this stage, or the stages whose names contain this word if none is called so
";

/// One stage of the test.
struct Stage {
    name: &'static str,
    what: &'static str,
    run: fn(&Session, &mut Report) -> Result<(), Failure>,
}

impl Stage {
    /// A whole name means one stage; part of a name, every stage that has it.
    fn answers_to(&self, word: &str) -> bool {
        match STAGES.iter().any(|stage| stage.name == word) {
            true => self.name == word,
            false => self.name.contains(word),
        }
    }
}

const STAGES: &[Stage] = &[
    Stage { name: "format", what: "rustfmt has nothing to change", run: rust::format },
    Stage { name: "rust", what: "all tests of the workspace", run: rust::tests },
    Stage {
        name: "rust-f32",
        what: "tests of the C interface in single precision",
        run: rust::tests_f32,
    },
    Stage { name: "rust-small", what: "tests of the core built for size", run: rust::tests_small },
    Stage { name: "micromath", what: "the coarser exponential of the kernels", run: rust::micromath },
    Stage { name: "dependencies", what: "what the core depends on", run: rust::dependencies },
    Stage { name: "repository", what: "files and attributes that must be there", run: rust::repository },
    Stage { name: "header", what: "the committed header is what the sources give", run: rust::header },
    Stage { name: "dist", what: "the libraries build for this machine", run: library::dist },
    Stage {
        name: "symbols",
        what: "the libraries export the header's functions",
        run: library::symbols,
    },
    Stage { name: "panics", what: "no panic is reachable in the libraries", run: library::panics },
    Stage { name: "spoiled", what: "a panic and stray exports would be found", run: spoiled::run },
    Stage { name: "c", what: "C programs, every standard and compiler", run: programs::c },
    Stage { name: "cpp", what: "C++ programs, every standard and compiler", run: programs::cpp },
    Stage {
        name: "precisions",
        what: "f64 and f32 in one program, and never mixed up",
        run: programs::precisions,
    },
    Stage {
        name: "sanitizers",
        what: "C and C++ programs under ASan and UBSan",
        run: programs::sanitizers,
    },
    Stage { name: "valgrind", what: "C programs under memcheck", run: programs::valgrind },
    Stage {
        name: "instructions",
        what: "no call takes more instructions than it may",
        run: instructions::run,
    },
    Stage { name: "readme", what: "the C program of the README", run: examples::readme },
    Stage { name: "examples", what: "the examples in the header's comments", run: examples::header },
    Stage {
        name: "searches",
        what: "the search in C, C++ and Rust: the same text and picture",
        run: examples::searches,
    },
    Stage { name: "consumers", what: "pkg-config and CMake find the libraries", run: consumers::run },
    Stage { name: "python", what: "the Python binding on the vectors", run: python::run },
    Stage {
        name: "bare-metal",
        what: "without an operating system: no panic, nothing undefined, any link",
        run: bare::run,
    },
    Stage {
        name: "neighbour",
        what: "another library in Rust in the same program",
        run: neighbour::run,
    },
    Stage {
        name: "packages",
        what: "packages for firmware, and a Makefile project",
        run: packages::run,
    },
    Stage { name: "embedded", what: "emulated machines compute the same bits", run: embedded::run },
];

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let all = arguments.flag("--all");
    let list = arguments.flag("--list");
    let mut wanted = Vec::new();
    while let Some(word) = arguments.word() {
        wanted.push(word);
    }
    arguments.finish()?;
    let mut chosen: Vec<&Stage> = STAGES.iter().collect();
    for word in &wanted {
        if !STAGES.iter().any(|stage| stage.name.contains(word)) {
            return Err(Failure::new(format!(
                "no stage is called `{word}`; `cargo xtask test --list` names them"
            )));
        }
    }
    if !wanted.is_empty() {
        chosen.retain(|stage| wanted.iter().any(|word| stage.answers_to(word)));
    }
    if list {
        for stage in chosen {
            println!("{:<14}{}", stage.name, stage.what);
        }
        return Ok(());
    }
    let session = Session::new(all)?;
    let rows: Vec<Row> = chosen.into_iter().map(|stage| run_stage(stage, &session)).collect();
    summary(&rows, all)
}

/// What the stages share.
struct Session {
    all: bool,
    folder: PathBuf,
    library: OnceCell<Result<PathBuf, String>>,
}

impl Session {
    fn new(all: bool) -> Result<Self, Failure> {
        let folder = project::target_folder()?.join("test");
        fs::create_dir_all(folder.join("logs"))?;
        Ok(Self { all, folder, library: OnceCell::new() })
    }

    /// The libraries for this machine, built by the first stage that asks.
    fn library(&self) -> Result<PathBuf, Failure> {
        self.library
            .get_or_init(|| {
                let build = || dist::build(&Order::new(Target::host()?));
                build().map_err(|failure| failure.to_string())
            })
            .clone()
            .map_err(Failure::new)
    }

    /// An empty folder for a stage.
    fn workshop(&self, name: &str) -> Result<PathBuf, Failure> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// What a stage has found so far.
#[derive(Default)]
struct Report {
    passed: u32,
    failures: Vec<String>,
    skips: Vec<Skip>,
    absent: Vec<String>,
}

/// A check that this machine cannot do.
struct Skip {
    checks: u32,
    what: String,
    remedy: String,
}

impl Report {
    fn pass(&mut self, checks: u32) {
        self.passed += checks;
    }

    fn fail(&mut self, what: impl Into<String>) {
        self.failures.push(what.into());
    }

    /// `what` was not checked; `remedy` says how it could be.
    fn skip(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.skip_many(1, what, remedy);
    }

    fn skip_many(&mut self, checks: u32, what: impl Into<String>, remedy: impl Into<String>) {
        self.skips.push(Skip { checks, what: what.into(), remedy: remedy.into() });
    }

    /// A check had no data, which are not part of the project and which no command here can get: told, and no
    /// error with `--all`.
    fn without_data(&mut self, what: impl Into<String>) {
        self.absent.push(what.into());
    }

    /// Counts a check, and keeps its message if it failed.
    fn check(&mut self, result: Result<(), Failure>) {
        match result {
            Ok(()) => self.pass(1),
            Err(failure) => self.fail(failure.to_string()),
        }
    }

    fn skipped(&self) -> u32 {
        self.skips.iter().map(|skip| skip.checks).sum()
    }
}

/// A line of the closing table.
struct Row {
    stage: &'static Stage,
    report: Report,
    time: Duration,
}

impl Row {
    fn verdict(&self) -> &'static str {
        match &self.report {
            report if !report.failures.is_empty() => "FAILED",
            report if report.passed == 0 && !report.skips.is_empty() => "SKIPPED",
            report if !report.skips.is_empty() => "partly",
            _ => "passed",
        }
    }

    fn line(&self) -> String {
        format!(
            "{:<8}{:<14}{:>6} passed {:>4} failed {:>4} skipped {:>7.1} s  {}",
            self.verdict(),
            self.stage.name,
            self.report.passed,
            self.report.failures.len(),
            self.report.skipped(),
            self.time.as_secs_f64(),
            self.stage.what
        )
    }
}

/// How much of a failing program's output goes to the terminal; all of it goes to the log.
const SHOWN_LINES: usize = 40;
const SHOWN_FAILURES: usize = 4;

fn run_stage(stage: &'static Stage, session: &Session) -> Row {
    let start = Instant::now();
    let mut report = Report::default();
    if let Err(failure) = (stage.run)(session, &mut report) {
        report.fail(failure.to_string());
    }
    let row = Row { stage, report, time: start.elapsed() };
    println!("{}", row.line());
    for skip in &row.report.skips {
        println!("  SKIPPED {}: {}", skip.what, skip.remedy);
    }
    for what in &row.report.absent {
        println!("  NOT CHECKED, without its data: {what}");
    }
    show_failures(&row, session);
    row
}

fn show_failures(row: &Row, session: &Session) {
    let log = session.folder.join("logs").join(format!("{}.log", row.stage.name));
    if row.report.failures.is_empty() {
        // A log of an earlier run would mislead.
        let _ = fs::remove_file(log);
        return;
    }
    for failure in row.report.failures.iter().take(SHOWN_FAILURES) {
        let lines: Vec<&str> = failure.lines().collect();
        let hidden = lines.len().saturating_sub(SHOWN_LINES);
        if let Some((first, rest)) = lines.split_first() {
            println!("  FAILED {first}");
            if hidden > 0 {
                println!("    ... {hidden} lines are in the log only");
            }
            for line in rest.iter().skip(hidden) {
                println!("    {line}");
            }
        }
    }
    let more = row.report.failures.len().saturating_sub(SHOWN_FAILURES);
    if more > 0 {
        println!("  ... and {more} more failures");
    }
    match fs::write(&log, row.report.failures.join("\n\n")) {
        Ok(()) => println!("  log: {}", log.display()),
        Err(error) => println!("  no log: {error}"),
    }
}

fn summary(rows: &[Row], all: bool) -> Result<(), Failure> {
    println!("\nSummary");
    for row in rows {
        println!("{}", row.line());
    }
    let total = |count: fn(&Report) -> u32| rows.iter().map(|row| count(&row.report)).sum::<u32>();
    let passed = total(|report| report.passed);
    let failed = total(|report| u32::try_from(report.failures.len()).unwrap_or(u32::MAX));
    let skipped = total(Report::skipped);
    let verdict = match (failed, skipped) {
        (0, 0) => Ok(()),
        (0, _) if !all => Ok(()),
        (0, _) => Err("With --all a skip is an error."),
        _ => Err("The test failed."),
    };
    if let Err(reason) = verdict {
        println!("\n{reason}");
    }
    // The counts are the last line, for whoever reads the end only.
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    verdict.map_err(|_| Failure::said())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(report: Report) -> Row {
        Row { stage: &STAGES[0], report, time: Duration::ZERO }
    }

    #[test]
    fn failures_and_skips_decide_the_end() {
        let mut good = Report::default();
        good.pass(3);
        let mut skipping = Report::default();
        skipping.skip("x", "y");
        assert!(summary(&[row(good)], true).is_ok());
        let skipping = [row(skipping)];
        assert_eq!(skipping[0].verdict(), "SKIPPED");
        assert!(summary(&skipping, false).is_ok());
        assert!(summary(&skipping, true).is_err());
        let mut bad = Report::default();
        bad.pass(7);
        bad.check(Err(Failure::new("no")));
        assert!(summary(&[row(bad)], false).is_err());
    }

    #[test]
    fn words_choose_stages() {
        let chosen = |word: &str| STAGES.iter().filter(|stage| stage.answers_to(word)).count();
        assert_eq!((chosen("c"), chosen("rust"), chosen("rust-"), chosen("no such")), (1, 1, 2, 0));
        assert!(chosen("an") > 1);
    }

    #[test]
    fn names_of_stages_are_distinct() {
        for (at, stage) in STAGES.iter().enumerate() {
            assert_eq!(STAGES.iter().position(|other| other.name == stage.name), Some(at));
        }
    }
}
