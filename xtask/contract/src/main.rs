//! Long checks of the metric, in full; `cargo xtask contract` starts them. Tests run a part of each.

mod bits;
#[path = "../../../core/tests/cells/mod.rs"]
mod cells;
#[path = "../../../core/tests/dags/mod.rs"]
mod dags;
mod machine;
mod nearest;
#[path = "../../../core/tests/problems/mod.rs"]
mod problems;
mod proofs;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["proofs"] => proofs::run(),
        ["nearest"] => nearest::run(),
        ["bits"] => bits::run(std::thread::available_parallelism().map_or(1, usize::from)),
        ["bits", threads] if threads.parse::<usize>().is_ok_and(|n| n > 0) => {
            bits::run(threads.parse().unwrap_or(1));
        }
        _ => {
            eprintln!("usage: hotnas-contract proofs | nearest | bits [THREADS]");
            std::process::exit(2);
        }
    }
}
