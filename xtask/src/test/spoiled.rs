//! Stage that tests two tests: in a copy of the sources with a reachable panic and with stray exports, the panic
//! proof and the check of symbols must find them.

use std::fs;
use std::path::Path;

use super::{Report, Session, library};
use crate::bundle;
use crate::dist::{self, Order};
use crate::process::Failure;
use crate::project::{Precision, copy, root};
use crate::symbols::Symbols;
use crate::target::{Target, Toolchain};

const BARE: &str = "thumbv7em-none-eabihf";
const PRECISION: Precision = Precision::Single;

/// What is added to the C interface.
const ADDITIONS: &str = "
/// Panics if `k` is not less than 4.
#[unsafe(no_mangle)]
pub extern \"C\" fn hotnas_indexing_f32(k: usize) -> u8 {
    let a = [3, 1, 4, 1];
    a[k]
}

/// A name that is not one of the library.
#[unsafe(no_mangle)]
pub extern \"C\" fn helper() {}

/// A name without the ending of its precision.
#[unsafe(no_mangle)]
pub extern \"C\" fn hotnas_helper() {}
";

pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let sources = session.workshop("spoiled")?;
    for name in ["Cargo.toml", "Cargo.lock", "core", "examples/rust", "ffi", "xtask"] {
        copy(&root().join(name), &sources.join(name))?;
    }
    let file = sources.join("ffi/src/version.rs");
    let text = fs::read_to_string(&file)?;
    fs::write(&file, text + ADDITIONS)?;

    check(Target::host()?, &Toolchain::Own, &sources, report);
    let target = Target::find(BARE)?;
    match target.tool("ld").and_then(|_| Toolchain::for_target(target)) {
        Ok(toolchain) => check(target, &toolchain, &sources, report),
        Err(missing) => report.skip_many(3, format!("the tests for {BARE}"), missing.to_string()),
    }
    Ok(())
}

fn check(target: &'static Target, toolchain: &Toolchain, sources: &Path, report: &mut Report) {
    let order = Order { sources: sources.into(), ..Order::new(target) };
    let panics = library::no_panic(&order, toolchain, "panic-check,f32");
    report.check(refused(panics, "the panic proof", "hotnas_indexing_f32"));
    match archive(&order, toolchain, sources) {
        Err(failure) => report.fail(failure.to_string()),
        Ok(symbols) => {
            let stray = symbols.check(target.kind, PRECISION);
            report.check(refused(stray, "the check of symbols", "hotnas_helper"));
            // An export that does not look like one of the library stays inside the archive.
            report.check(match symbols.defined.contains("helper") {
                false => Ok(()),
                true => Err(Failure::new(format!("an archive for {} exports `helper`", target.name))),
            });
        }
    }
}

fn archive(order: &Order, toolchain: &Toolchain, sources: &Path) -> Result<Symbols, Failure> {
    let made = dist::compile(order, toolchain, "staticlib", PRECISION.features(), &[])?;
    let archive = sources.join(format!("{}.a", order.target.name));
    bundle::make(order.target, &made, &archive)?;
    Symbols::of(order.target, &archive)
}

/// The check must fail, and name the culprit.
fn refused(result: Result<(), Failure>, check: &str, culprit: &str) -> Result<(), Failure> {
    match result {
        Err(failure) if failure.to_string().contains(culprit) => Ok(()),
        Err(failure) => Err(Failure::new(format!("{check} does not name `{culprit}`: {failure}"))),
        Ok(()) => Err(Failure::new(format!("{check} does not see `{culprit}`"))),
    }
}
