//! Stages about the programs that the documentation shows.

use std::fs;
use std::path::Path;

use super::programs::{C, Case};
use super::{Report, Session};
use crate::demo::{self, Language};
use crate::process::{self, Failure, Program};
use crate::project::{Precision, root};

/// The first C program of the README, as it stands there.
pub(super) fn readme(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let text = fs::read_to_string(root().join("README.md"))
        .map_err(|error| Failure::new(format!("README.md: {error}")))?;
    let program = blocks(&text, "```c", "```")
        .into_iter()
        .next()
        .ok_or_else(|| Failure::new("README.md has no block that begins with ```c"))?;
    let workshop = session.workshop("readme")?;
    let source = workshop.join("readme.c");
    fs::write(&source, program)?;
    let case = Case::new(C.any_compiler()?, "c99", Precision::Double, &source);
    report.check(case.run(&session.library()?, &workshop));
    Ok(())
}

/// Every example in the comments of the header, in both precisions.
pub(super) fn header(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let library = session.library()?;
    let workshop = session.workshop("examples")?;
    let header = fs::read_to_string(library.join("include/hotnas.h"))?;
    let comments: String = header.lines().filter_map(comment).flat_map(|line| [line, "\n"]).collect();
    let compiler = C.any_compiler()?;
    let mut cases = Vec::new();
    for (number, example) in blocks(&comments, "```c", "```").iter().enumerate() {
        let source = workshop.join(format!("example_{number}.c"));
        fs::write(&source, complete(example))?;
        for precision in Precision::ALL {
            cases.push(Case::new(compiler, "c99", precision, &source));
        }
    }
    if cases.is_empty() {
        return Err(Failure::new(
            "the comments of include/hotnas.h hold no block that begins with ```c",
        ));
    }
    for result in process::in_parallel(&cases, |case| run(case, &library, &workshop)) {
        report.check(result);
    }
    Ok(())
}

fn run(case: &Case, library: &Path, workshop: &Path) -> Result<(), Failure> {
    case.run(library, workshop).map_err(|failure| {
        let text = fs::read_to_string(&case.source).unwrap_or_default();
        Failure::new(format!("{failure}\nThe example:\n{text}"))
    })
}

/// The example programs search through their three front doors: what they print and draw is the same to the
/// byte, every trial of it.
pub(super) fn searches(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let library = session.library()?;
    let workshop = session.workshop("searches")?;
    let search = |language: Language| -> Result<(String, String), Failure> {
        let drawing = workshop.join(format!("{}.svg", language.name()));
        let program = language.build(&library, &workshop)?;
        let said =
            Program::new(program).arg(demo::table()).arg(&drawing).args(["--seeds", "1"]).read()?;
        Ok((said, fs::read_to_string(drawing)?))
    };
    let first = search(Language::C)?;
    let complete = first.0.contains("trial 60 of 60") && first.1.ends_with("</svg>\n");
    report.check(match complete {
        true => Ok(()),
        false => Err(Failure::new(format!("The search in C did not come to its end:\n{}", first.0))),
    });
    for language in [Language::Cpp, Language::Rust] {
        let (said, drawn) = search(language)?;
        for (what, found, expected) in [("text", said, &first.0), ("picture", drawn, &first.1)] {
            report.check(match found == *expected {
                true => Ok(()),
                false => Err(Failure::new(format!(
                    "The {what} of the search in {} is not that of the search in C:\n{found}\n--- C:\n{expected}",
                    language.name()
                ))),
            });
        }
    }
    Ok(())
}

/// The text of a comment's line, without the star in front of it.
fn comment(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix('*')?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

/// What lies between lines that are `open` and lines that are `close`.
fn blocks(text: &str, open: &str, close: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        match &mut current {
            None if line.trim() == open => current = Some(String::new()),
            None => {}
            Some(_) if line.trim() == close => blocks.extend(current.take()),
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
        }
    }
    blocks
}

/// An example with a function `main` stands for itself; statements are put into one.
fn complete(example: &str) -> String {
    if example.contains("int main(") {
        return example.into();
    }
    format!(
        "#include <assert.h>\n#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\
         #include \"hotnas.h\"\nint main(void) {{\n{example}\nreturn 0;\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_extracted() {
        let text = "a\n```c\nint x;\n\nint y;\n```\n```text\nno\n```\n```c\nz\n```\n";
        assert_eq!(blocks(text, "```c", "```"), ["int x;\n\nint y;\n", "z\n"]);
        assert_eq!(comment("     * ```c"), Some("```c"));
        assert_eq!(comment(" *"), Some(""));
        assert_eq!(comment("int x;"), None);
    }
}
