//! Tasks of the project: `cargo xtask help`.
//!
//! Everything here uses the standard library only, so that `cargo xtask demo` starts at once; the tools with
//! dependencies are crates of their own (`xtask/header`, `xtask/tables`).

mod arguments;
mod bench;
mod bundle;
mod contract;
mod demo;
mod dist;
mod embedded;
mod environment;
mod firmware;
#[path = "../header/src/functions.rs"]
mod functions;
mod header;
mod package;
mod process;
mod project;
mod symbols;
mod tables;
mod target;
mod test;
mod wasm;

use std::process::ExitCode;

use arguments::Arguments;
use process::Failure;

/// A command of `cargo xtask`.
struct Command {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(&mut Arguments) -> Result<(), Failure>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        summary: "search a small benchmark from a C program; the first thing to try",
        help: demo::HELP,
        run: demo::run,
    },
    Command {
        name: "test",
        summary: "run every test that can run on this machine",
        help: test::HELP,
        run: test::run,
    },
    Command {
        name: "dist",
        summary: "build the C libraries and what is needed to install them",
        help: dist::HELP,
        run: dist::run,
    },
    Command {
        name: "embedded",
        summary: "run programs on emulated machines and compare their results with this one's",
        help: embedded::HELP,
        run: embedded::run,
    },
    Command {
        name: "bench",
        summary: "measure the library beside others, and count its instructions",
        help: bench::HELP,
        run: bench::run,
    },
    Command {
        name: "contract",
        summary: "check in full what tests check in part; takes long",
        help: contract::HELP,
        run: contract::run,
    },
    Command {
        name: "header",
        summary: "write include/hotnas.h from the Rust sources, or compare it with them",
        help: header::HELP,
        run: header::run,
    },
    Command {
        name: "tables",
        summary: "run search methods on tables of trained networks",
        help: tables::HELP,
        run: tables::run,
    },
];

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_said() {
                eprintln!("error: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: Vec<String>) -> Result<(), Failure> {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_else(|| "help".into());
    let mut rest = Arguments::new(words.collect());
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        return match rest.word() {
            Some(topic) => find(&topic).map(|command| print!("{}", command.help)),
            None => {
                print!("{}", overview());
                Ok(())
            }
        };
    }
    let command = find(&name)?;
    if rest.flag("--help") || rest.flag("-h") {
        print!("{}", command.help);
        return Ok(());
    }
    (command.run)(&mut rest)
}

fn find(name: &str) -> Result<&'static Command, Failure> {
    COMMANDS
        .iter()
        .find(|command| command.name == name)
        .ok_or_else(|| Failure::new(format!("no command `{name}`\n\n{}", overview())))
}

fn overview() -> String {
    let mut text = String::from("Usage: cargo xtask <command> [options]\n\nCommands:\n");
    for command in COMMANDS {
        text.push_str(&format!("  {:<10}{}\n", command.name, command.summary));
    }
    text.push_str("  help      this text, or with a command's name what that command does\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn every_command_explains_itself() {
        for command in COMMANDS {
            let usage = format!("Usage: cargo xtask {}", command.name);
            assert!(command.help.starts_with(&usage), "{}", command.name);
            assert!(command.help.ends_with('\n'), "{}", command.name);
            dispatch(words(&format!("help {}", command.name))).unwrap();
            dispatch(words(&format!("{} --help", command.name))).unwrap();
        }
    }

    #[test]
    fn unknown_words_are_refused() {
        assert!(dispatch(words("frobnicate")).is_err());
        assert!(dispatch(words("header --frobnicate")).is_err());
        assert!(dispatch(words("dist --target")).is_err());
        assert!(dispatch(words("dist --target no-such-target")).is_err());
        assert!(dispatch(words("dist --optimize 7")).is_err());
        assert!(dispatch(words("demo --seeds many")).is_err());
        assert!(dispatch(words("bench --threads 0")).is_err());
        assert!(dispatch(words("embedded no-such-board")).is_err());
        assert!(dispatch(words("bench --quick --write")).is_err());
    }
}
