//! Stage about the Python binding, in an environment of its own.

use super::{Report, Session};
use crate::dist;
use crate::environment;
use crate::process::{Failure, Program};
use crate::project::{Precision, root};

pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let binding = root().join("bindings/python");
    if let Some(remedy) = environment::missing()? {
        report.skip("the Python binding", remedy);
        return Ok(());
    }
    let library = session.library()?;
    let interpreter = environment::python("venv", &binding.join("requirements-test.txt"))?;
    // -B: no compiled files among the sources.
    let finished = Program::new(&interpreter)
        .args(["-B", "-m", "unittest", "discover", "--start-directory", "tests"])
        .directory(&binding)
        .env("PYTHONPATH", &binding)
        .env("HOTNAS_LIBRARY", dist::shared(&library, Precision::Double))
        .env("HOTNAS_LIBRARY_F32", dist::shared(&library, Precision::Single))
        .outcome()?;
    let (ran, skipped) = counts(&finished.stderr());
    if !finished.success() || ran == 0 {
        return Err(Failure::new(finished.report()));
    }
    report.pass(ran.saturating_sub(skipped));
    if skipped > 0 {
        report.skip_many(
            skipped,
            format!("{skipped} Python tests"),
            "run them by hand with -v to see why",
        );
    }
    Ok(())
}

/// How many tests unittest ran, and how many of them it skipped.
fn counts(text: &str) -> (u32, u32) {
    let number = |before: &str| {
        let rest = text.split_once(before).map_or("", |(_, rest)| rest);
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    };
    (number("\nRan "), number("skipped="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        assert_eq!(counts("..s\n-----\nRan 12 tests in 0.1s\n\nOK (skipped=1)\n"), (12, 1));
        assert_eq!(counts("\nRan 3 tests in 0.1s\n\nOK\n"), (3, 0));
        assert_eq!(counts("Traceback"), (0, 0));
    }
}
