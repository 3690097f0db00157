//! The table of trained networks. It has nothing to do with hotnas.

use std::collections::HashMap;
use std::error::Error;

/// Losses by code: cross-entropy on the validation part in nats, mean over the seeds.
pub(crate) struct Table {
    losses: HashMap<String, f64>,
}

impl Table {
    pub(crate) fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let mut lines = text.lines();
        if !lines.next().is_some_and(|header| header.starts_with("code,modules,valid_ce,")) {
            return Err(format!("{path}: the first columns must be code,modules,valid_ce").into());
        }
        let row = |line: &str| {
            let mut fields = line.split(',');
            Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
        };
        let losses = (2..).zip(lines).map(|(number, line)| {
            row(line).ok_or_else(|| format!("{path}: row {number} is damaged").into())
        });
        losses.collect::<Result<_, Box<dyn Error>>>().map(|losses| Self { losses })
    }

    pub(crate) fn rows(&self) -> usize {
        self.losses.len()
    }

    pub(crate) fn one_percent(&self) -> usize {
        self.rows() / 100
    }

    pub(crate) fn look_up(&self, code: &str) -> Result<f64, String> {
        self.losses.get(code).copied().ok_or_else(|| format!("{code} is not in the table"))
    }

    pub(crate) fn lowest(&self) -> f64 {
        self.losses.values().copied().fold(f64::INFINITY, f64::min)
    }

    /// 1 + the number of strictly better networks.
    pub(crate) fn rank(&self, loss: f64) -> usize {
        1 + self.losses.values().filter(|&&other| other < loss).count()
    }
}

/// What a code means.
pub(crate) fn in_words(code: &str) -> String {
    let (modules, cell) = code.split_once('-').unwrap_or((code, ""));
    let modules: String = modules
        .chars()
        .map(|module| match module {
            'N' => ", normal module",
            _ => ", reduction module (half the size, twice the channels)",
        })
        .collect();
    let edges = [
        "from the input to the middle",
        "from the input to the output",
        "from the middle to the output",
    ];
    let edges: Vec<String> = cell
        .chars()
        .zip(edges)
        .map(|(digit, edge)| {
            let operation = match digit {
                '0' => "nothing",
                '1' => "a skip",
                '2' => "a 1x1 convolution",
                '3' => "a 3x3 convolution",
                _ => "3x3 average pooling",
            };
            format!(" {operation} {edge}")
        })
        .collect();
    format!("  stem{modules}, classifier\n  each module's cell:{}", edges.join(";"))
}
