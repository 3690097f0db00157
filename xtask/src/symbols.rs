//! What a library offers to the linker and what it asks for.

use std::collections::BTreeSet;
use std::path::Path;

use crate::process::{Failure, Program};
use crate::project::Precision;
use crate::target::{Kind, Target};

/// What may be left to others: routines that a compiler calls on its own and that every C library has, and what
/// the linker defines by itself (`_GLOBAL_OFFSET_TABLE_` on i686).
const fn always_there(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Hosted => {
            &["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen", "_GLOBAL_OFFSET_TABLE_"]
        }
        Kind::Bare => &[],
        Kind::Wasm => &["__stack_pointer", "__indirect_function_table", "__memory_base", "__table_base"],
    }
}

/// The names of global symbols.
pub(crate) struct Symbols {
    pub(crate) defined: BTreeSet<String>,
    pub(crate) undefined: BTreeSet<String>,
}

impl Symbols {
    /// Of an object or an archive.
    pub(crate) fn of(target: &Target, file: &Path) -> Result<Self, Failure> {
        Self::read(target, file, &[])
    }

    /// The dynamic ones of a shared library.
    pub(crate) fn dynamic(target: &Target, file: &Path) -> Result<Self, Failure> {
        Self::read(target, file, &["-D"])
    }

    fn read(target: &Target, file: &Path, words: &[&str]) -> Result<Self, Failure> {
        let text = Program::new(target.tool("nm")?).args(["-g", "-P"]).args(words).arg(file).read()?;
        let mut symbols = Self { defined: BTreeSet::new(), undefined: BTreeSet::new() };
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (Some(name), Some(kind)) = (words.next(), words.next()) else { continue };
            // A shared library's own start-up code asks weakly (w) for what may be missing.
            match kind {
                "U" => symbols.undefined.insert(name.split('@').next().unwrap_or(name).to_string()),
                "w" | "v" => false,
                _ => symbols.defined.insert(name.to_string()),
            };
        }
        Ok(symbols)
    }

    /// Only functions of the interface are offered, all in this precision, and nothing is asked for that a C
    /// library might lack.
    pub(crate) fn check(&self, kind: Kind, precision: Precision) -> Result<(), Failure> {
        let stray: Vec<&str> = self
            .defined
            .iter()
            .filter(|name| !(name.starts_with("hotnas_") && name.ends_with(precision.suffix())))
            .map(String::as_str)
            .collect();
        if !stray.is_empty() {
            return Err(Failure::new(format!("exports what it should not: {}", stray.join(", "))));
        }
        if self.defined.is_empty() {
            return Err(Failure::new("exports nothing"));
        }
        let allowed = always_there(kind);
        let missing: Vec<&str> =
            self.undefined.iter().map(String::as_str).filter(|name| !allowed.contains(name)).collect();
        if !missing.is_empty() {
            return Err(Failure::new(format!("needs undefined symbols: {}", missing.join(", "))));
        }
        Ok(())
    }
}

/// An error if a file has variables: the library stores nothing globally.
pub(crate) fn no_variables(target: &Target, file: &Path) -> Result<(), Failure> {
    let text = Program::new(target.tool("size")?).args(["-A", "-d"]).arg(file).read()?;
    let found = variables(&text);
    match found.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("{} has variables in {}", file.display(), found.join(", ")))),
    }
}

/// Names of sections with variables, of lines that begin with a section and its size. What lies in `.data.rel.ro` are
/// constants: only the loader writes there.
fn variables(text: &str) -> Vec<&str> {
    let of_variables = |name: &str| {
        let within = |section: &str| {
            name.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        [".data", ".bss", ".tdata", ".tbss", "COMMON"].into_iter().any(within) && !within(".data.rel.ro")
    };
    let sections = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?.parse::<u64>().ok()?))
    });
    sections.filter(|&(name, size)| size > 0 && of_variables(name)).map(|(name, _)| name).collect()
}

/// Bytes of code and constants: what lies in a device's flash.
pub(crate) fn flash(target: &Target, file: &Path) -> Result<u64, Failure> {
    let text = Program::new(target.tool("size")?).arg(file).read()?;
    sum_of_sections(&text).ok_or_else(|| Failure::new(format!("size says\n{text}")))
}

/// Of the columns `text` and `data`, over all lines.
fn sum_of_sections(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    if !lines.next()?.split_whitespace().eq(["text", "data", "bss", "dec", "hex", "filename"]) {
        return None;
    }
    lines.try_fold(0, |sum, line| {
        let mut columns = line.split_whitespace().map(str::parse::<u64>);
        Some(sum + columns.next()?.ok()? + columns.next()?.ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found() {
        let text =
            "x.o  :\nsection size addr\n.text.f 12 0\n.data.rel.ro.A 8 0\n.data 0 0\n.bss.x 0 0\n";
        assert!(variables(text).is_empty());
        for section in [".data", ".data.count", ".bss", ".bss.x", ".tbss", ".data.rel", "COMMON"] {
            assert_eq!(variables(&format!("{text}{section} 4 0\nTotal 24\n")), [section]);
        }
    }

    fn symbols(defined: &[&str], undefined: &[&str]) -> Symbols {
        let set = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        Symbols { defined: set(defined), undefined: set(undefined) }
    }

    #[test]
    fn the_check_sees_each_fault() {
        let check = |defined: &[&str], undefined: &[&str], kind| {
            symbols(defined, undefined).check(kind, Precision::Single).is_ok()
        };
        assert!(check(&["hotnas_version_f32"], &["memcpy"], Kind::Hosted));
        assert!(!check(&["hotnas_version_f32"], &["memcpy"], Kind::Bare));
        assert!(!check(&["hotnas_version_f32"], &["memcpy"], Kind::Wasm));
        assert!(!check(&["hotnas_version_f32"], &["malloc"], Kind::Hosted));
        assert!(!check(&["hotnas_version_f64"], &[], Kind::Hosted));
        assert!(!check(&["hotnas_version"], &[], Kind::Hosted));
        assert!(!check(&["hotnas_version_f32", "rust_begin_unwind"], &[], Kind::Hosted));
        assert!(!check(&[], &[], Kind::Hosted));
    }

    #[test]
    fn sizes_are_added() {
        let head = "   text\t   data\t    bss\t    dec\t    hex\tfilename\n";
        let text =
            format!("{head} 100\t 20\t 9\t 129\t 81\ta.o (ex x.a)\n 1\t 2\t 0\t 3\t 3\tb.o (ex x.a)\n");
        assert_eq!(sum_of_sections(&text), Some(123));
        assert_eq!(sum_of_sections("no such file"), None);
    }
}
