//! Stages about the libraries that `cargo xtask dist` makes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{Report, Session};
use crate::bundle::Opened;
use crate::dist::{self, Order};
use crate::functions;
use crate::process::{Failure, Program};
use crate::project::Precision;
use crate::symbols::{Symbols, no_variables};
use crate::target::{Target, Toolchain};

pub(super) fn dist(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let folder = session.library()?;
    let mut files = vec!["include/hotnas.h".to_string(), "include/hotnas.hpp".into()];
    files.push("lib/cmake/hotnas/hotnasConfig.cmake".into());
    files.push("lib/cmake/hotnas/hotnasConfigVersion.cmake".into());
    for precision in Precision::ALL {
        let library = precision.library();
        files.push(format!("lib/lib{library}.a"));
        files.push(format!("lib/lib{library}.so"));
        files.push(format!("lib/pkgconfig/{library}.pc"));
    }
    for file in files {
        report.check(match folder.join(&file).is_file() {
            true => Ok(()),
            false => Err(Failure::new(format!("dist did not make {file}"))),
        });
    }
    Ok(())
}

/// The archives, the shared libraries and the header name the same functions, and no archive has variables.
pub(super) fn symbols(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let folder = session.library()?;
    let header = fs::read_to_string(folder.join("include/hotnas.h"))?;
    let host = Target::host()?;
    for precision in Precision::ALL {
        let declared: BTreeSet<String> = functions::declared(&header)
            .into_iter()
            .map(|name| format!("{name}{}", precision.suffix()))
            .collect();
        let archive = dist::archive(&folder, precision);
        let shared = dist::shared(&folder, precision);
        report.check(compare(&declared, &Symbols::of(host, &archive)?.defined, &archive));
        report.check(compare(&declared, &Symbols::dynamic(host, &shared)?.defined, &shared));
        report.check(soname(host, &shared, precision));
        report.check(no_variables(host, &archive));
    }
    Ok(())
}

fn compare(declared: &BTreeSet<String>, defined: &BTreeSet<String>, file: &Path) -> Result<(), Failure> {
    let list = |names: Vec<&String>| names.iter().map(|name| format!("\n  {name}")).collect::<String>();
    let absent: Vec<&String> = declared.difference(defined).collect();
    let hidden: Vec<&String> = defined.difference(declared).collect();
    if absent.is_empty() && hidden.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} and the header disagree\ndeclared, not exported:{}\nexported, not declared:{}",
        file.display(),
        list(absent),
        list(hidden)
    )))
}

fn soname(host: &Target, file: &Path, precision: Precision) -> Result<(), Failure> {
    let text = Program::new(host.tool("readelf")?).arg("-d").arg(file).read()?;
    let name = format!("[lib{}.so.{}]", precision.library(), dist::compatible_version());
    match text.lines().any(|line| line.contains("SONAME") && line.contains(&name)) {
        true => Ok(()),
        false => Err(Failure::new(format!("{} does not call itself {name}\n{text}", file.display()))),
    }
}

/// Builds the library with a panic handler that calls a function which no one defines: after link-time
/// optimisation that call is gone if and only if no panic can be reached.
pub(super) fn panics(_: &Session, report: &mut Report) -> Result<(), Failure> {
    let host = Target::host()?;
    for optimisation in ["3", "s"] {
        let order = Order { optimisation, ..Order::new(host) };
        for features in ["panic-check", "panic-check,f32"] {
            report.check(no_panic(&order, &Toolchain::Own, features));
        }
    }
    Ok(())
}

pub(super) fn no_panic(order: &Order, toolchain: &Toolchain, features: &str) -> Result<(), Failure> {
    let made = dist::compile(order, toolchain, "staticlib", features, &[])?;
    let opened = Opened::new(order.target, &made, &made.with_extension("panics"))?;
    let undefined = Symbols::of(order.target, &opened.object)?.undefined;
    if !undefined.iter().any(|name| name.contains("panic")) {
        return Ok(());
    }
    let disassembly = opened
        .tool("objdump")?
        .args(["-d", "-r", "-C", "--no-show-raw-insn"])
        .arg(&opened.object)
        .read()?;
    Err(Failure::new(format!(
        "a panic is reachable with features {features} at level {}; it is called from:{}",
        order.optimisation,
        panicking(&disassembly).iter().map(|name| format!("\n  {name}")).collect::<String>()
    )))
}

/// The functions of a disassembly that call into core::panicking or the panic handler.
fn panicking(disassembly: &str) -> BTreeSet<String> {
    let mut function = "";
    let mut found = BTreeSet::new();
    for line in disassembly.lines() {
        if let Some((_, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            function = name;
        } else if line.contains("R_") && line.contains("panic") && !plumbing(function) {
            found.insert(function.to_string());
        }
    }
    found
}

fn plumbing(function: &str) -> bool {
    function.contains("panic") || function.contains("begin_unwind")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_of_a_panic_are_named() {
        let text = "0000 <hotnas_good_f64>:\n  0: call 5\n   1: R_X86_64_PLT32 memcpy-0x4\n\
            0010 <hotnas_bad_f64>:\n  10: call 15\n   11: R_X86_64_PLT32 core::panicking::panic_fmt-0x4\n\
            0020 <core::panicking::panic_fmt>:\n   21: R_X86_64_PLT32 hotnas_panic-0x4\n";
        assert_eq!(panicking(text), BTreeSet::from(["hotnas_bad_f64".to_string()]));
    }
}
