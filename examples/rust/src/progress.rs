//! Progress for a person: a line that is written over on a terminal; in a pipe, a line now and then.

use std::io::{IsTerminal, Write, stdout};

pub(crate) struct Progress {
    terminal: bool,
    trials: usize,
    rows: usize,
}

/// Goes back to the start of the line and empties it.
const AGAIN: &str = "\r\x1b[K";

impl Progress {
    pub(crate) fn new(trials: usize, rows: usize) -> Self {
        Self { terminal: stdout().is_terminal(), trials, rows }
    }

    /// `best`: loss, code and rank.
    pub(crate) fn trial(&self, trial: usize, code: &str, loss: f64, best: (f64, &str, usize)) {
        if !self.terminal && trial > 5 && !trial.is_multiple_of(5) {
            return;
        }
        let (least, best, rank) = best;
        let start = if self.terminal { AGAIN } else { "" };
        let end = if self.terminal && trial < self.trials { "" } else { "\n" };
        let (trials, rows) = (self.trials, self.rows);
        print!(
            "{start}  trial {trial:2} of {trials}: {code:<9} loss {loss:.4}, best {least:.4} ({best}, \
             rank {rank} of {rows}){end}"
        );
        flush();
    }

    pub(crate) fn comparison(&self, name: &str, seed: u64, trial: usize) {
        if self.terminal {
            let end = if trial < self.trials { "" } else { AGAIN };
            print!("{AGAIN}seed {seed}: {name}, trial {trial} of {}{end}", self.trials);
            flush();
        }
    }
}

fn flush() {
    // A closed pipe shows at the next line that is printed.
    let _ = stdout().flush();
}
