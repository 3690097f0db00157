//! Stage about the number of instructions that calls take.

use super::{Report, Session};
use crate::bench::{self, Limits};
use crate::process::{self, Failure};

/// Every count of callgrind keeps to its limit in `benchmarks/instructions.csv`.
pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    if process::find("valgrind").is_none() {
        report.skip("counts of instructions", "`valgrind` is not installed: apt-get install valgrind");
        return Ok(());
    }
    let limits = Limits::read()?;
    let origin = bench::origin()?;
    if origin != limits.origin {
        report.skip(
            format!("counts of instructions for {origin}"),
            format!(
                "the limits are for {}; renew them with `cargo xtask bench --instructions`",
                limits.origin
            ),
        );
        return Ok(());
    }
    let counts = bench::count(&session.library()?, &session.workshop("instructions")?)?;
    for count in &counts {
        report.check(limits.allow(count));
    }
    for name in limits.unused(&counts) {
        report.fail(format!("{name} has a limit, and is not counted"));
    }
    Ok(())
}
