//! Results as CSV and as Markdown.

use std::fmt::Write as _;

use crate::run::{Record, Values};
use crate::statistics::{mean, quartiles, standard_error};
use crate::suite::{Column, POSTER_SYSTEMS, Role};

/// After so many queries results are told.
pub(crate) const CHECKPOINTS: [usize; 4] = [30, 50, 100, 200];

/// The searches of all methods on one column.
pub(crate) struct Results {
    pub(crate) table: String,
    pub(crate) column: Column,
    pub(crate) values: Values,
    /// Label and searches of each method, which are the same in every column.
    pub(crate) methods: Vec<(String, Vec<Record>)>,
}

/// What a report says about itself.
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) date: String,
    pub(crate) command: String,
    pub(crate) budget: usize,
    pub(crate) seeds: u64,
    pub(crate) initial: u32,
    /// Label and words of each method.
    pub(crate) methods: Vec<(String, String)>,
}

impl About {
    pub(crate) fn checkpoints(&self) -> impl Iterator<Item = usize> + Clone {
        let budget = self.budget;
        CHECKPOINTS.into_iter().filter(move |&queries| queries <= budget)
    }
}

impl Results {
    /// A loss in the column's own sign.
    pub(crate) fn value(&self, loss: f64) -> f64 {
        if self.column.maximise { -loss } else { loss }
    }

    pub(crate) fn ranks(&self, records: &[Record], queries: usize) -> Vec<f64> {
        records.iter().map(|record| self.values.losses.rank_after(record, queries)).collect()
    }

    pub(crate) fn regrets(&self, records: &[Record], queries: usize) -> Vec<f64> {
        records.iter().map(|record| self.values.losses.regret_after(record, queries)).collect()
    }

    fn best_values(&self, records: &[Record], queries: usize) -> Vec<f64> {
        let best = |record| self.values.losses.best_row(record, queries);
        records.iter().filter_map(best).map(|row| self.value(self.values.losses.by_row[row])).collect()
    }

    fn errors(&self, records: &[Record], queries: usize) -> Option<Vec<f64>> {
        let values = self.best_values(records, queries);
        values.into_iter().map(|value| self.column.unit.error(value)).collect()
    }

    /// Trials of each search that were beyond the limit, if there is one.
    fn infeasible(&self, records: &[Record]) -> Option<Vec<f64>> {
        let refused = |row: &&usize| self.values.losses.by_row[**row].is_nan();
        let count = |record: &Record| record.rows.iter().flatten().filter(refused).count() as f64;
        self.column.has(Role::Limit).then(|| records.iter().map(count).collect())
    }

    fn companions(&self, records: &[Record], queries: usize) -> Option<Vec<f64>> {
        let companion = self.values.companion.as_ref()?;
        let best = |record| self.values.losses.best_row(record, queries);
        Some(records.iter().filter_map(best).map(|row| companion[row]).collect())
    }
}

/// Share of the ranks that are 1, in percent.
fn hit(ranks: &[f64]) -> f64 {
    100.0 * ranks.iter().filter(|&&rank| rank == 1.0).count() as f64 / ranks.len() as f64
}

pub(crate) fn seconds(records: &[Record]) -> f64 {
    mean(&records.iter().map(|record| record.seconds).collect::<Vec<_>>())
}

/// One line for each method, column and checkpoint.
pub(crate) fn csv(about: &About, all: &[Results]) -> String {
    let mut text = String::from(
        "table,column,method,queries,searches,mean_rank,rank_q1,rank_median,rank_q3,optimum_percent,\
         regret_q1,regret_median,regret_q3,best_value_mean,best_value_standard_error,companion_mean,\
         infeasible_trials_mean,seconds_per_search\n",
    );
    for results in all {
        for (label, records) in &results.methods {
            for queries in about.checkpoints() {
                let ranks = results.ranks(records, queries);
                let [r1, r2, r3] = quartiles(&ranks);
                let [g1, g2, g3] = quartiles(&results.regrets(records, queries));
                let best = results.best_values(records, queries);
                let companion = results.companions(records, queries);
                let companion = companion.map_or(String::new(), |values| number(mean(&values)));
                // Seconds belong to the whole search, not to a part of it.
                let whole = queries == about.budget;
                let time = if whole { number(seconds(records)) } else { String::new() };
                let infeasible = results.infeasible(records).filter(|_| whole);
                let infeasible =
                    infeasible.map_or(String::new(), |counts| format!("{:.1}", mean(&counts)));
                let numbers = [
                    mean(&ranks),
                    r1,
                    r2,
                    r3,
                    hit(&ranks),
                    g1,
                    g2,
                    g3,
                    mean(&best),
                    standard_error(&best),
                ];
                let numbers = numbers.map(number).join(",");
                let method = label.replace('"', "\"\"");
                let (table, column, count) = (&results.table, results.column.title(), records.len());
                writeln!(
                    text,
                    "{table},{column},\"{method}\",{queries},{count},{numbers},{companion},{infeasible},{time}"
                )
                .expect("memory does not fail");
            }
        }
    }
    text
}

/// Five significant digits.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return if value == 0.0 { "0".into() } else { String::new() };
    }
    let decimals = (4 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text,
    }
}

pub(crate) fn markdown(about: &About, all: &[Results], pictures: &[String]) -> String {
    let mut text = format!(
        "# {}\n\n{}, `{}`: {} seeds, {} queries, of which the first {} are random. Rank: 1 + number of \
         strictly better designs of the table.\n",
        about.title, about.date, about.command, about.seeds, about.budget, about.initial
    );
    if all.len() > 1 {
        section(&mut text, "All columns together");
        overall(&mut text, about, all);
    }
    for results in all {
        let maximise = &results.column.maximise;
        let title = format!("{}: {}", results.table, results.column.title());
        section(&mut text, &title);
        let best = number(results.value(results.values.losses.best()));
        let direction = if *maximise { "higher" } else { "lower" };
        text += &format!(
            "{} designs; {direction} is better; the best has {best}.\n\n",
            results.values.losses.count()
        );
        column(&mut text, about, results);
    }
    if all.iter().any(|results| results.column.poster.is_some()) {
        section(&mut text, "Valid error in percent beside the poster's Table 1");
        poster(&mut text, about, all);
    }
    if all.iter().any(|results| results.column.has(Role::Limit)) {
        text += "\nAnswers are the best among the designs within the limit, and so are ranks and regrets. The \
                 answer of each search was checked: it is within the limit, and none of its trials there was \
                 better.\n";
    }
    end(&mut text, about, pictures);
    text
}

/// What the methods are, and the pictures.
pub(crate) fn end(text: &mut String, about: &About, pictures: &[String]) {
    section(text, "What the methods are");
    for (label, words) in &about.methods {
        *text += &format!("- {label}: `{words}`\n");
    }
    *text += "\nSeconds are those in `ask` and `tell` of a whole search; searches that follow each other on a \
              thread share the distances that they computed. Where more than five methods are drawn, quartiles \
              are the first one's alone.\n";
    for picture in pictures {
        *text += &format!("\n![{picture}]({picture})\n");
    }
}

pub(crate) fn section(text: &mut String, title: &str) {
    *text += &format!("\n## {title}\n\n");
}

pub(crate) fn row(text: &mut String, cells: &[String]) {
    *text += &format!("| {} |\n", cells.join(" | "));
}

pub(crate) fn head(text: &mut String, cells: &[String]) {
    row(text, cells);
    row(text, &vec!["---".into(); cells.len()]);
}

/// Mean and median rank over every search on every column.
fn overall(text: &mut String, about: &About, all: &[Results]) {
    let mut cells = vec!["method".into()];
    cells.extend(about.checkpoints().map(|q| format!("rank after {q}: mean, median (quartiles)")));
    cells.extend([format!("optimum after {}", about.budget), "seconds".into()]);
    head(text, &cells);
    for (at, (label, _)) in about.methods.iter().enumerate() {
        let ranks = |queries| -> Vec<f64> {
            all.iter().flat_map(|results| results.ranks(&results.methods[at].1, queries)).collect()
        };
        let mut cells = vec![label.clone()];
        cells.extend(about.checkpoints().map(|q| spread(&ranks(q))));
        cells.push(format!("{:.0} %", hit(&ranks(about.budget))));
        let times: Vec<_> = all.iter().map(|results| seconds(&results.methods[at].1)).collect();
        cells.push(number(mean(&times)));
        row(text, &cells);
    }
}

fn spread(ranks: &[f64]) -> String {
    let [low, middle, high] = quartiles(ranks).map(number);
    format!("{:.2}, {middle} ({low} to {high})", mean(ranks))
}

fn column(text: &mut String, about: &About, results: &Results) {
    let mut cells = vec!["method".into()];
    for queries in about.checkpoints() {
        cells.push(format!("rank after {queries}: mean, median (quartiles)"));
        cells.push("regret: median (quartiles)".into());
    }
    cells.extend([format!("optimum after {}", about.budget), "mean of the best".into()]);
    cells.extend(results.column.companion.clone());
    if results.column.has(Role::Limit) {
        cells.push("trials beyond the limit".into());
    }
    cells.push("seconds".into());
    head(text, &cells);
    for (label, records) in &results.methods {
        let mut cells = vec![label.clone()];
        for queries in about.checkpoints() {
            let [low, middle, high] = quartiles(&results.regrets(records, queries)).map(number);
            cells.push(spread(&results.ranks(records, queries)));
            cells.push(format!("{middle} ({low} to {high})"));
        }
        cells.push(format!("{:.0} %", hit(&results.ranks(records, about.budget))));
        cells.push(number(mean(&results.best_values(records, about.budget))));
        let companions = results.companions(records, about.budget);
        cells.extend(companions.map(|values| number(mean(&values))));
        cells.extend(results.infeasible(records).map(|counts| format!("{:.1}", mean(&counts))));
        cells.push(number(seconds(records)));
        row(text, &cells);
    }
}

/// Mean error and its standard error over the seeds.
fn poster(text: &mut String, about: &About, all: &[Results]) {
    let mut cells = vec!["column".into(), "best of the table".into()];
    cells.extend(about.methods.iter().map(|(label, _)| label.clone()));
    cells.extend(POSTER_SYSTEMS.map(|system| format!("poster: {system}")));
    head(text, &cells);
    for results in all {
        let unit = results.column.unit;
        let Some(best) = unit.error(results.value(results.values.losses.best())) else { continue };
        let mut cells = vec![results.column.title(), format!("{best:.3}")];
        for (_, records) in &results.methods {
            let errors = results.errors(records, about.budget).unwrap_or_default();
            cells.push(format!("{:.3} ± {:.3}", mean(&errors), standard_error(&errors)));
        }
        match results.column.poster {
            Some(errors) => cells.extend(errors.map(|error| format!("{error:.2}"))),
            None => cells.extend(POSTER_SYSTEMS.map(|_| "measured otherwise".into())),
        }
        row(text, &cells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Unit;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.0), "0");
        assert_eq!(number(1234567.0), "1234567");
        assert_eq!(number(12.0), "12");
        assert_eq!(number(0.000_123_456_7), "0.00012346");
        assert_eq!(number(-0.582_2), "-0.5822");
        assert_eq!(number(f64::NAN), "");
    }

    #[test]
    fn a_report_has_every_method_and_checkpoint() {
        let record = |seed, rows: &[usize]| Record {
            seed,
            seconds: 0.5,
            rows: rows.iter().cycle().take(50).map(|&row| Some(row)).collect(),
        };
        let column = Column {
            name: "accuracy".into(),
            maximise: true,
            unit: Unit::Accuracy,
            poster: Some([5.0, 4.0, 3.0, 2.0, 1.0]),
            companion: None,
            beside: None,
        };
        let results = Results {
            table: "t".into(),
            column,
            values: Values::new(vec![-90.0, -95.0, -80.0], Some(vec![1.0, 2.0, 3.0]), None),
            methods: vec![
                ("one".into(), vec![record(0, &[0, 1]), record(1, &[1])]),
                ("two".into(), vec![record(0, &[2]), record(1, &[2, 0])]),
            ],
        };
        let about = About {
            title: "T".into(),
            date: "2026-01-01".into(),
            command: "c".into(),
            budget: 50,
            seeds: 2,
            initial: 10,
            methods: vec![("one".into(), "hotnas".into()), ("two".into(), "random".into())],
        };
        let all = [results];
        let lines: Vec<String> = csv(&about, &all).lines().map(String::from).collect();
        assert_eq!(lines.len(), 1 + 2 * 2);
        assert_eq!(lines[2], "t,accuracy,\"one\",50,2,1,1,1,1,100,0,0,0,95,0,2,,0.5");
        let text = markdown(&about, &all, &["a.svg".into()]);
        assert!(text.contains("| one | 1.00, 1 (1 to 1) | 0 (0 to 0) | 1.00, 1 (1 to 1) |"), "{text}");
        assert!(
            text.contains("| accuracy | 5.000 | 5.000 ± 0.000 | 15.000 ± 5.000 | 5.00 | 4.00 |"),
            "{text}"
        );
        assert!(text.contains("![a.svg](a.svg)"));
    }
}
