//! Stages about the Rust sources.

use std::fs;

use super::{Report, Session};
use crate::functions;
use crate::header;
use crate::process::Failure;
use crate::project::{cargo, root};

pub(super) fn format(_: &Session, report: &mut Report) -> Result<(), Failure> {
    if !cargo().args(["fmt", "--version"]).outcome()?.success() {
        report.skip("the layout of the sources", "rustup component add rustfmt");
        return Ok(());
    }
    report.check(cargo().args(["fmt", "--all", "--check"]).read().map(drop));
    Ok(())
}

pub(super) fn tests(session: &Session, report: &mut Report) -> Result<(), Failure> {
    cargo_test(session, report, &["--workspace"], &[])
}

pub(super) fn tests_f32(session: &Session, report: &mut Report) -> Result<(), Failure> {
    cargo_test(session, report, &["--package", "hotnas", "--features", "f32"], &[])
}

/// The feature `small`, which libraries built for size have: the same answers.
pub(super) fn tests_small(session: &Session, report: &mut Report) -> Result<(), Failure> {
    cargo_test(session, report, &["--package", "hotnas-core", "--features", "small"], &[])
}

/// The feature `micromath`: its error, what the library tells of it, and that nothing but the kernels uses it.
pub(super) fn micromath(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let words = [
        "--package",
        "hotnas",
        "--package",
        "hotnas-core",
        "--lib",
        "--features",
        "hotnas/f32,hotnas/micromath",
    ];
    cargo_test(session, report, &words, &["kernel", "capabilities"])?;
    let mut folders = vec![root().join("core/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("gp/kernel.rs") {
                let uses = fs::read_to_string(&path)?.contains("micromath");
                report.check(match uses {
                    false => Ok(()),
                    true => Err(Failure::new(format!("{} names micromath", path.display()))),
                });
            }
        }
    }
    Ok(())
}

fn cargo_test(
    session: &Session,
    report: &mut Report,
    words: &[&str],
    filters: &[&str],
) -> Result<(), Failure> {
    let mut tests = cargo().args(["test", "--quiet", "--locked", "--no-fail-fast"]).args(words);
    // What a test says when its data are not there.
    tests = tests.args(["--", "--show-output"]).args(filters);
    if session.all {
        tests = tests.arg("--include-ignored");
    }
    let finished = tests.outcome()?;
    let (mut passed, mut failed, mut ignored, mut absent) = (0, 0, 0, Vec::new());
    for line in finished.stdout().lines() {
        if let Some(counts) = line.strip_prefix("test result: ") {
            passed += count(counts, "passed");
            failed += count(counts, "failed");
            ignored += count(counts, "ignored");
        } else if let Some(what) = line.strip_prefix("WITHOUT DATA: ") {
            absent.push(what.to_owned());
        }
    }
    report.pass(passed.saturating_sub(absent.len() as u32));
    absent.into_iter().for_each(|what| report.without_data(what));
    if ignored > 0 {
        report.skip_many(ignored, format!("{ignored} slow tests"), "cargo xtask test --all");
    }
    if finished.success() {
        return Ok(());
    }
    // One entry for each test that failed; the first carries the whole output.
    report.fail(finished.report());
    for number in 2..=failed {
        report.fail(format!("test {number} of {failed} that failed"));
    }
    Ok(())
}

/// The number before `word` in a line such as `ok. 12 passed; 0 failed; 1 ignored`.
fn count(line: &str, word: &str) -> u32 {
    let words: Vec<&str> = line.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

/// Everything that a program with hotnas-core inside contains. None of them allocates as we use them.
const ALLOWED: [&str; 7] =
    ["hotnas-core", "libm", "heapless", "rand_core", "hash32", "byteorder", "stable_deref_trait"];

pub(super) fn dependencies(_: &Session, report: &mut Report) -> Result<(), Failure> {
    let tree = cargo()
        .args(["tree", "--locked", "--package", "hotnas-core", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}", "--target", "all"])
        .read()?;
    for name in tree.lines().filter_map(|line| line.split_whitespace().next()) {
        if ALLOWED.contains(&name) {
            continue;
        }
        report.fail(format!(
            "the core depends on `{name}`, which is not on the list in xtask/src/test/rust.rs"
        ));
    }
    for name in ["hotnas-core", "libm", "heapless", "rand_core"] {
        if !tree.lines().any(|line| line.split_whitespace().next() == Some(name)) {
            report.fail(format!("`{name}` is missing from the tree of hotnas-core"));
        }
    }
    if report.failures.is_empty() {
        report.pass(1);
    }
    Ok(())
}

/// A file and what must stand in it.
const MUST_HAVE: [(&str, &str); 7] = [
    ("core/src/lib.rs", "#![forbid(unsafe_code)]"),
    ("core/src/lib.rs", "#![cfg_attr(not(test), no_std)]"),
    ("README.md", "```c\n"),
    ("CHANGELOG.md", concat!("## [", env!("CARGO_PKG_VERSION"), "]")),
    ("LICENSE-MIT", "The hotnas authors"),
    ("LICENSE-APACHE", "Apache License"),
    ("tests/vectors/README.md", "float64"),
];

pub(super) fn repository(_: &Session, report: &mut Report) -> Result<(), Failure> {
    for (file, text) in MUST_HAVE {
        report.check(match fs::read_to_string(root().join(file)) {
            Ok(content) if content.contains(text) => Ok(()),
            Ok(_) => Err(Failure::new(format!("{file} lacks `{}`", text.trim_end()))),
            Err(error) => Err(Failure::new(format!("{file}: {error}"))),
        });
    }
    Ok(())
}

pub(super) fn header(_: &Session, report: &mut Report) -> Result<(), Failure> {
    report.check(header::generator(true).read().map(drop));
    let folder = root().join("include");
    let called = functions::declared(&fs::read_to_string(folder.join("hotnas.hpp"))?);
    let missing: String = functions::declared(&fs::read_to_string(folder.join("hotnas.h"))?)
        .into_iter()
        .filter(|name| !called.contains(name))
        .map(|name| format!("\n  {name}"))
        .collect();
    report.check(match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("include/hotnas.hpp does not call{missing}"))),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        let line =
            "FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!((count(line, "passed"), count(line, "failed"), count(line, "ignored")), (12, 3, 1));
        assert_eq!(count("ok", "passed"), 0);
    }
}
