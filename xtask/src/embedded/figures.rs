//! What the library costs on a device: bytes of code, stack, RAM and instructions, and the limits on them in
//! `benchmarks/embedded.csv`.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::board::{Board, Job};
use super::stack;
use crate::bench::table;
use crate::dist;
use crate::process::{Failure, Program};
use crate::project::{self, Precision, root};
use crate::symbols::{self, Symbols};
use crate::target::{DEBIAN_RUSTC, Target};

/// The boards that figures are taken on; continuous integration takes those of the first.
pub(crate) const MEASURED: [&str; 6] =
    ["cortex-m4f", "cortex-m0", "cortex-m3", "cortex-m7", "cortex-m33", "riscv32"];

/// A figure may exceed its limit by so many hundredths of it before that is a failure.
const TOLERANCE: u64 = 2;

/// One number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Figure {
    /// Board, precision, kind and name.
    pub(crate) key: String,
    pub(crate) value: u64,
}

/// Exported functions by what a program uses them for: those whose names begin so.
const GROUPS: [(&str, &[&str]); 3] = [
    (
        "metric",
        &[
            "hotnas_operations_",
            "hotnas_cell_",
            "hotnas_network_init",
            "hotnas_metric_",
            "hotnas_cache_",
        ],
    ),
    ("gp", &["hotnas_gp_", "hotnas_fit_", "hotnas_values_"]),
    ("search", &["hotnas_search_", "hotnas_space_", "hotnas_metric_settings", "hotnas_metric_init"]),
];

/// Lines of `measure.c`, and the function that each calls.
const CALLS: [(&str, &str); 7] = [
    ("cell-init", "hotnas_cell_init"),
    ("transport", "hotnas_transport_solve_exact"),
    ("ifgw", "hotnas_metric_cell_distance"),
    ("hotnn", "hotnas_metric_network_distance"),
    ("gp-append", "hotnas_gp_append"),
    ("gp-predict", "hotnas_gp_posterior"),
    ("search-ask", "hotnas_search_ask"),
];

/// A measured stack may exceed the computed one by arguments and by what the painting function keeps for itself.
const SLACK: u64 = 64;

/// All figures of a board in one precision.
pub(crate) fn take(board: &Board, library: &Path, precision: Precision) -> Result<Vec<Figure>, Failure> {
    let target = board.target()?;
    let folder = project::target_folder()?.join("embedded").join(precision.name());
    fs::create_dir_all(&folder)?;
    let archive = dist::archive(library, precision);
    let mut figures = Vec::new();
    let mut add = |kind: &str, name: &str, value: u64| {
        let key = format!("{},{},{kind},{name}", board.name, precision.name());
        figures.push(Figure { key, value });
    };
    add("bytes", "archive", fs::metadata(&archive)?.len());
    add("code", "all", symbols::flash(target, &archive)?);
    for (group, prefixes) in GROUPS {
        add("code", group, code(target, &archive, prefixes, &folder)?);
    }
    let mut measured = Vec::new();
    for line in measure(board, library, precision, &folder)?.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            [kind, name, number] => {
                let value = number.parse().map_err(|_| Failure::new(format!("no number: {line}")))?;
                if kind == "stack" {
                    measured.push((name.to_string(), value));
                }
                add(if kind == "stack" { "stack-measured" } else { kind }, name, value);
            }
            _ => return Err(Failure::new(line)),
        }
    }
    let stacks = stack::of_exports(target, precision, &folder)?;
    for (name, value) in &stacks {
        add("stack", name.trim_end_matches(precision.suffix()), *value);
    }
    for (name, value) in measured {
        let function =
            CALLS.iter().find(|(line, _)| name.starts_with(line)).map(|(_, function)| function);
        let function = function.ok_or_else(|| Failure::new(format!("`{name}` calls what?")))?;
        let most = stacks.get(&format!("{function}{}", precision.suffix())).copied().unwrap_or(0);
        if value > most + SLACK {
            return Err(Failure::new(format!(
                "{}, {}: `{name}` used {value} bytes of stack, {function} should need {most} at most",
                board.name,
                precision.name()
            )));
        }
    }
    Ok(figures)
}

/// Bytes of code and constants of a program that calls these functions.
fn code(target: &Target, archive: &Path, prefixes: &[&str], folder: &Path) -> Result<u64, Failure> {
    let roots = Symbols::of(target, archive)?
        .defined
        .into_iter()
        .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .flat_map(|name| ["-u".to_string(), name]);
    let program = folder.join("group");
    Program::new(target.tool("ld")?)
        .args(target.linker)
        .args(["-e", "0", "--gc-sections"])
        .args(roots)
        .arg("-o")
        .arg(&program)
        .arg(archive)
        .read()?;
    symbols::flash(target, &program)
}

fn measure(
    board: &Board,
    library: &Path,
    precision: Precision,
    folder: &Path,
) -> Result<String, Failure> {
    let program = folder.join(format!("measure-{}", board.name));
    let job =
        Job { source: "measure.c", precision, library, flags: &["-Os"], defines: &[], include: None };
    board.build(&job, &program)?;
    board.run(&program)
}

/// What the figures depend on besides the sources.
fn origin() -> Result<String, Failure> {
    let first = |program: &str| {
        let text = Program::new(program).arg("--version").read()?;
        Ok::<_, Failure>(text.lines().next().unwrap_or_default().trim().replace(',', ""))
    };
    Ok(format!("{}; {}", first(DEBIAN_RUSTC)?, first("arm-none-eabi-gcc")?))
}

const COLUMNS: [&str; 5] = ["board", "precision", "kind", "name", "value"];

fn file() -> PathBuf {
    root().join("benchmarks/embedded.csv")
}

/// The committed limits.
pub(crate) struct Limits {
    /// The compilers that they hold for.
    origin: String,
    figures: Vec<Figure>,
}

impl Limits {
    pub(crate) fn read() -> Result<Self, Failure> {
        let text = fs::read_to_string(file())
            .map_err(|error| Failure::new(format!("{}: {error}", file().display())))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let origin = text.lines().filter_map(|line| line.strip_prefix("# ")).nth(1).unwrap_or_default();
        let mut figures = Vec::new();
        for line in table::parse(text)? {
            let key: Vec<&str> = COLUMNS.iter().take(4).map(|name| line.get(name)).collect();
            figures.push(Figure { key: key.join(","), value: line.number("value")? as u64 });
        }
        Ok(Self { origin: origin.into(), figures })
    }

    /// Limits hold for the compilers that they were taken with.
    pub(crate) fn check_origin(&self) -> Result<(), Failure> {
        let origin = origin()?;
        match origin == self.origin {
            true => Ok(()),
            false => {
                Err(Failure::new(format!("they are for {}, this is {origin}: {RENEW}", self.origin)))
            }
        }
    }

    /// Whether all figures keep to their limits.
    pub(crate) fn allow(&self, figures: &[Figure]) -> Result<(), Failure> {
        let mut faults = String::new();
        for Figure { key, value } in figures {
            match self.figures.iter().find(|limit| limit.key == *key) {
                None => writeln!(faults, "{key} has no limit: {RENEW}"),
                Some(limit) if 100 * value > (100 + TOLERANCE) * limit.value => {
                    writeln!(faults, "{key}: {value}, and the limit is {}: {RENEW}", limit.value)
                }
                Some(_) => Ok(()),
            }
            .expect("a string takes everything");
        }
        if faults.is_empty() { Ok(()) } else { Err(Failure::new(faults)) }
    }
}

const RENEW: &str = "`cargo xtask embedded --figures --write` writes the limits anew";

/// Writes the limits anew; those of boards that were not measured stay.
pub(crate) fn write(figures: &[Figure]) -> Result<(), Failure> {
    let measured = |key: &str| {
        let board = key.split(',').next();
        figures.iter().any(|figure| figure.key.split(',').next() == board)
    };
    let old = Limits::read().map_or_else(|_| Vec::new(), |limits| limits.figures);
    let kept = old.iter().filter(|figure| !measured(&figure.key));
    let mut text = format!(
        "# Bytes and instructions on devices, limits: cargo xtask embedded --figures --write\n# {}\n{}\n",
        origin()?,
        COLUMNS.join(",")
    );
    for Figure { key, value } in figures.iter().chain(kept) {
        writeln!(text, "{key},{value}").expect("a string takes everything");
    }
    fs::write(file(), text)?;
    println!("{}", file().display());
    Ok(())
}

/// The figures of a board in both precisions, as a table.
pub(crate) fn table(board: &str, figures: &[Figure]) -> String {
    let of = |precision: Precision, key: &str| {
        let key = format!("{board},{},{key}", precision.name());
        figures
            .iter()
            .find(|figure| figure.key == key)
            .map_or_else(|| "-".into(), |f| f.value.to_string())
    };
    let mut text = format!("| {board} | f64 | f32 |\n|---|---|---|\n");
    let prefix = format!("{board},{},", Precision::Double.name());
    for key in figures.iter().filter_map(|figure| figure.key.strip_prefix(&prefix)) {
        let name = key.replacen(',', ": ", 1);
        writeln!(text, "| {name} | {} | {} |", of(Precision::Double, key), of(Precision::Single, key))
            .expect("a string takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# about\n# compilers\nboard,precision,kind,name,value\nb,f64,code,gp,1000\n";

    fn figure(key: &str, value: u64) -> Figure {
        Figure { key: key.into(), value }
    }

    #[test]
    fn growth_beyond_the_tolerance_is_refused() {
        let limits = Limits::parse(FILE).unwrap();
        assert_eq!(limits.origin, "compilers");
        assert!(limits.allow(&[figure("b,f64,code,gp", 1020)]).is_ok());
        assert!(limits.allow(&[figure("b,f64,code,gp", 1021)]).is_err());
        assert!(limits.allow(&[figure("b,f32,code,gp", 1)]).is_err());
    }

    #[test]
    fn a_table_has_both_precisions() {
        let text = table("b", &[figure("b,f64,code,gp", 7), figure("b,f32,code,gp", 5)]);
        assert!(text.contains("| code: gp | 7 | 5 |"), "{text}");
    }
}
