//! Writes include/hotnas.h, or compares it with what would be written; run it as `cargo xtask header`.

mod functions;
mod generate;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let verify = std::env::args().skip(1).any(|word| word == "--verify");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match generate::generate(&root)
        .and_then(|text| finish(&root.join("include/hotnas.h"), &text, verify))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn finish(path: &Path, text: &str, verify: bool) -> Result<(), String> {
    let present = std::fs::read_to_string(path).unwrap_or_default();
    if verify {
        return match difference(&present, text) {
            None => Ok(()),
            Some(difference) => Err(format!(
                "include/hotnas.h is not what the sources give; `cargo xtask header` writes it\n{difference}"
            )),
        };
    }
    // An unchanged file keeps its time stamp, and whoever depends on it is not built again.
    if present == text {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    std::fs::write(path, text).map_err(|error| error.to_string())
}

/// The first line in which two texts differ.
fn difference(committed: &str, generated: &str) -> Option<String> {
    let (mut left, mut right) = (committed.split('\n'), generated.split('\n'));
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => {
                let show = |line: Option<&str>| line.unwrap_or("(the end)").to_string();
                return Some(format!(
                    "line {number}\n  committed: {}\n  generated: {}",
                    show(a),
                    show(b)
                ));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_differing_line_is_shown() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        let text = difference("a\nb\n", "a\nc\n").unwrap();
        assert!(
            text.contains("line 2") && text.contains("committed: b") && text.contains("generated: c")
        );
        assert!(difference("", "a\n").is_some());
        assert!(difference("a\n", "a").is_some());
    }
}
