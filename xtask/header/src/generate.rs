//! Makes `include/hotnas.h` out of `ffi/src`.
//!
//! cbindgen sorts a whole crate by kind (constants, types, functions). A reader wants sections, so it
//! is run once for each module of the crate: the `//!` text introduces the section, then come its constants,
//! types and functions. A folder is one section: its `mod.rs` introduces it and says in which order its files
//! come. `ffi/preamble.h` is the beginning of the header.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::functions;

/// The line of the preamble that the list of symbols replaces.
const SYMBOLS: &str = "/* @symbols@ */";

/// The text of the header.
///
/// # Errors
/// A sentence for a person if a file cannot be read or does not parse.
pub(crate) fn generate(root: &Path) -> Result<String, String> {
    let source = root.join("ffi/src");
    let read = |path: &Path| fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let mut sections = String::new();
    for class in classes(&read(&source.join("lib.rs"))?) {
        let (file, folder) = (source.join(format!("{class}.rs")), source.join(&class));
        let (text, files) = if folder.is_dir() {
            let text = read(&folder.join("mod.rs"))?;
            let files = classes(&text).iter().map(|name| folder.join(format!("{name}.rs"))).collect();
            (text, files)
        } else {
            (read(&file)?, vec![file])
        };
        sections.push_str(&introduction(&text));
        sections.push_str(&declarations(&files)?);
    }
    let preamble = read(&root.join("ffi/preamble.h"))?;
    let (before, after) =
        preamble.split_once(SYMBOLS).ok_or("ffi/preamble.h has no place for symbols")?;
    let mut symbols = String::new();
    for name in functions::declared(&sections) {
        writeln!(symbols, "#define {name} HOTNAS_SYMBOL({name})").map_err(|e| e.to_string())?;
    }
    symbols
        .push_str("\n/* X(name) for each struct, see hotnas_struct_size. */\n#define HOTNAS_STRUCTS(X)");
    for name in structs(&sections) {
        write!(symbols, " \\\n    X({name})").map_err(|e| e.to_string())?;
    }
    Ok(format!(
        "{before}{}{after}{sections}#ifdef __cplusplus\n}}\n#endif\n\n#endif /* HOTNAS_H */\n",
        symbols.trim_end()
    ))
}

/// The modules with exported items, in the order of `lib.rs` or `mod.rs`: those that it exports again.
fn classes(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("pub use ")?.strip_suffix("::*;"))
        .map(str::to_owned)
        .collect()
}

/// The `//!` text of a file as a C comment.
fn introduction(source: &str) -> String {
    let mut out = String::from(
        "\n/* ------------------------------------------------------------------------------------------\n",
    );
    for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
        let text = line.trim_end();
        out.push_str(" *");
        out.push_str(text);
        out.push('\n');
    }
    out.push_str(" * ---------------------------------------------------------------------------------------- */\n\n");
    out
}

/// Constants, types and functions of a section's files.
fn declarations(files: &[PathBuf]) -> Result<String, String> {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        cpp_compat: true,
        no_includes: true,
        documentation: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        documentation_length: cbindgen::DocumentationLength::Full,
        usize_is_size_t: true,
        style: cbindgen::Style::Both,
        line_length: 100,
        tab_width: 4,
        ..cbindgen::Config::default()
    };
    config.enumeration.rename_variants = cbindgen::RenameRule::ScreamingSnakeCase;
    config.enumeration.prefix_with_name = true;
    let mut builder = cbindgen::Builder::new();
    for path in files {
        config.export.include.extend(enumerations(path)?);
        builder = builder.with_src(path);
    }
    let bindings = builder.with_config(config).generate().map_err(|e| format!("{files:?}: {e}"))?;
    let mut bytes = Vec::new();
    bindings.write(&mut bytes);
    let text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
    Ok(for_c(&text))
}

/// Public types of a file: those that no function names must be asked for.
fn enumerations(path: &Path) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(text
        .lines()
        .filter_map(|line| line.strip_prefix("pub enum ").or_else(|| line.strip_prefix("pub struct ")))
        .filter_map(|rest| rest.split([' ', '<', '{', ';']).next())
        .map(str::to_owned)
        .collect())
}

/// What Rust says differently: sections on safety are for Rust callers, numbers of the interface are
/// of type `hotnas_real`, and the linkage block spans the whole header.
fn for_c(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    let mut in_safety = false;
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed == "* # Safety" {
            in_safety = true;
            continue;
        }
        if in_safety {
            if trimmed != "*/" {
                continue;
            }
            in_safety = false;
            while out.ends_with(" *\n") {
                out.truncate(out.len() - " *\n".len());
            }
        }
        let opens = line.starts_with("#ifdef __cplusplus")
            && lines
                .peek()
                .is_some_and(|next| next.starts_with("extern \"C\"") || next.starts_with('}'));
        if opens {
            while lines.next().is_some_and(|skipped| !skipped.starts_with("#endif")) {}
            continue;
        }
        let number = line.strip_prefix("#define ").and_then(|rest| rest.split_once(' '));
        match number {
            Some((name, value)) if value.contains('.') && value.parse::<f64>().is_ok() => {
                out.push_str(&format!("#define {name} ((hotnas_real){value})\n"));
            }
            // Every struct has a typedef; types of other files come without the keyword already.
            _ if !line.starts_with("typedef") => {
                out.push_str(&line.replace("struct hotnas_", "hotnas_"));
                out.push('\n');
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    short_comments(out.trim()) + "\n"
}

/// Comments of one line are written on one line.
fn short_comments(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < lines.len() {
        match lines[i..] {
            [open, only, close, ..] if open.trim() == "/**" && close.trim() == "*/" => {
                let indent = &open[..open.len() - "/**".len()];
                out.push(format!("{indent}/** {} */", only.trim().trim_start_matches('*').trim()));
                i += 3;
            }
            _ => {
                out.push(lines[i].to_owned());
                i += 1;
            }
        }
    }
    out.join("\n")
}

/// Names of the structs that the text defines.
fn structs(text: &str) -> Vec<&str> {
    let names = text.lines().filter_map(|line| line.strip_prefix("typedef struct ")?.strip_suffix(" {"));
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safety_sections_are_not_for_c() {
        let text =
            "/**\n * Does it.\n *\n * # Safety\n * Pointers.\n */\nhotnas_status hotnas_x_do(int a);\n";
        assert_eq!(for_c(text), "/** Does it. */\nhotnas_status hotnas_x_do(int a);\n");
        assert_eq!(for_c("#define A 0.5\n#define B 3"), "#define A ((hotnas_real)0.5)\n#define B 3\n");
    }
}
