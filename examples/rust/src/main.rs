//! The search of `examples/c/search.c` in Rust: ask for a network, look its loss up in a table of networks
//! that were really trained, tell it; three methods on the same budget.
//!
//! ```text
//! search digits.csv regret.svg [--seeds N]
//! ```

mod chart;
mod progress;
mod table;

use std::error::Error;
use std::process::ExitCode;

use hotnas_core::memory::{Arena, Extent};
use hotnas_core::metric::{DistanceCache, Metric, MetricSettings};
use hotnas_core::search::spaces::{Digits, attribute_weights, macro_table};
use hotnas_core::search::{Method, Search, SearchSettings, Space};

use chart::Chart;
use progress::Progress;
use table::Table;

const TRIALS: usize = 60;
/// Distances that are kept between the asks: it changes the speed, not the results.
const KEPT: usize = 1 << 18;
/// As many as the drawing has room for.
const MOST_SEEDS: u64 = 100;
const METHODS: [(Method, &str); 3] =
    [(Method::Hotnas, "HOTNAS"), (Method::Random, "random"), (Method::Evolution, "evolution")];

/// What one search found.
#[derive(Clone, Default)]
struct Found {
    code: String,
    loss: f64,
    rank: usize,
    /// The first trial with a network of the best 1 %.
    reached: Option<usize>,
    /// Best loss after each trial minus the best loss in the table.
    regret: Vec<f64>,
}

/// Memory on the heap, to be lent.
struct Buffer {
    reals: Vec<f64>,
    words: Vec<u32>,
    bytes: Vec<u8>,
}

impl Buffer {
    fn new(extent: Extent) -> Self {
        Self {
            reals: vec![0.0; extent.reals],
            words: vec![0; extent.words],
            bytes: vec![0; extent.bytes],
        }
    }

    fn arena(&mut self) -> Arena<'_, f64> {
        Arena::new(&mut self.reals, &mut self.words, &mut self.bytes)
    }
}

fn run(
    method: Method,
    seed: u64,
    table: &Table,
    mut show: impl FnMut(usize, &str, f64, &Found),
) -> Result<Found, Box<dyn Error>> {
    let weights = attribute_weights();
    let operations = macro_table(&weights)?;
    let metric = Metric::new(&operations, MetricSettings::default_preset())?;
    let settings = SearchSettings { method, seed, ..SearchSettings::default_preset() };

    let genes = Space::<f64>::genes(&Digits);
    let mut kept = Buffer::new(DistanceCache::<f64>::extent(KEPT));
    let mut cache = DistanceCache::new(KEPT, &mut kept.arena())?;
    let mut state = Buffer::new(Search::<f64>::extent(method, TRIALS, genes));
    let mut search = Search::new(settings, TRIALS, genes, &mut state.arena())?;
    let mut scratch = Buffer::new(Search::workspace(&settings, TRIALS, genes, Digits::LIMITS, &metric));

    let mut genome = vec![0; genes];
    let mut best = Found::default();
    for trial in 0..TRIALS {
        let number = u32::try_from(trial)?;
        search.ask(number, &Digits, &metric, Some(&mut cache), &mut genome, scratch.arena())?;
        let mut text = [0; Digits::CODE_LENGTH];
        let code = Digits.format(&genome, &mut text)?;
        let loss = table.look_up(code)?;
        search.tell(number, loss)?;
        if trial == 0 || loss < best.loss {
            best.code = code.into();
            best.loss = loss;
            best.rank = table.rank(loss);
            if best.rank <= table.one_percent() {
                best.reached.get_or_insert(trial + 1);
            }
        }
        best.regret.push(best.loss - table.lowest());
        show(trial + 1, code, loss, &best);
    }
    Ok(best)
}

fn compare(table: &Table, drawing: &str, seeds: u64) -> Result<(), Box<dyn Error>> {
    let progress = Progress::new(TRIALS, table.rows());
    let mut hits = [0; METHODS.len()];
    let mut curves = [const { Vec::new() }; METHODS.len()];
    println!("HOTNAS on {} trained networks, {TRIALS} trials:", table.rows());
    for seed in 1..=seeds {
        let mut line = format!("{seed:4}");
        for (m, (method, name)) in METHODS.into_iter().enumerate() {
            let first = seed == 1 && m == 0;
            let best = run(method, seed, table, |trial, code, loss, best| match first {
                true => progress.trial(trial, code, loss, (best.loss, &best.code, best.rank)),
                false => progress.comparison(name, seed, trial),
            })?;
            if first {
                let Found { code, loss, rank, .. } = &best;
                println!("Best network: {code}, loss {loss:.4} nats, rank {rank} of {}", table.rows());
                println!("{}", table::in_words(code));
            }
            let when = best.reached.map_or("never".into(), |trial| format!("trial {trial}"));
            line += &format!("  {:5}, {when:>9}", best.rank);
            hits[m] += usize::from(best.reached.is_some());
            curves[m].push(best.regret);
        }
        if seed == 1 {
            println!(
                "\nRank after {TRIALS} trials, and the trial that reached the top 1 % (rank {} or better):",
                table.one_percent()
            );
            let names: String = METHODS.iter().map(|(_, name)| format!("  {name:>16}")).collect();
            println!("seed{names}");
        }
        println!("{line}");
    }
    let hits: String = METHODS
        .iter()
        .zip(hits)
        .map(|((_, name), hits)| format!("  {name} {hits} of {seeds}"))
        .collect();
    println!("top 1 %{hits}");
    let chart = Chart {
        title: "Regret on the digits benchmark",
        unit: "validation cross-entropy, nats",
        curves: METHODS.iter().map(|&(_, name)| name).zip(curves).collect(),
    };
    std::fs::write(drawing, chart.svg()).map_err(|error| format!("{drawing}: {error}").into())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (csv, drawing, seeds) = match words[..] {
        [csv, drawing] => (csv, drawing, Ok(3)),
        [csv, drawing, "--seeds", seeds] => (csv, drawing, seeds.parse()),
        _ => {
            eprintln!("usage: search digits.csv regret.svg [--seeds N]");
            return ExitCode::from(2);
        }
    };
    let Ok(seeds @ 1..=MOST_SEEDS) = seeds else {
        eprintln!("--seeds takes 1 to {MOST_SEEDS}");
        return ExitCode::from(2);
    };
    match Table::read(csv).and_then(|table| compare(&table, drawing, seeds)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
