//! Two objectives: how much of what a table's front dominates the trials of a search dominate.

use std::fmt::Write as _;

use crate::report::{self, About, Results, head, number, row, section};
use crate::run::{Numbers, Record, Values};
use crate::statistics::{mean, quantile, quartiles};
use crate::svg::{Chart, Line};

/// Lower is better in both.
type Point = [f64; 2];

/// Share of the designs of a table that are not worse than the reference point in a number: one that is
/// beyond it adds nothing.
const WITHIN: f64 = 0.9;

/// The points that no other one dominates, ascending in the first number, each once.
fn front(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|[a, b], [c, d]| a.total_cmp(c).then(b.total_cmp(d)));
    let mut least = f64::INFINITY;
    points.retain(|&[_, second]| {
        let better = second < least;
        least = least.min(second);
        better
    });
    points
}

/// The area of the points that some point of a front dominates and that dominate the reference.
fn hypervolume(front: &[Point], reference: Point) -> f64 {
    let [right, mut top] = reference;
    let mut area = 0.0;
    for &[x, y] in front.iter().filter(|[x, _]| *x < right) {
        area += (right - x) * (top - y).max(0.0);
        top = top.min(y);
    }
    area
}

/// What the searches on a table are measured by.
struct Measure<'a> {
    told: &'a [f64],
    numbers: &'a [f64],
    front: Vec<Point>,
    reference: Point,
    whole: f64,
}

impl<'a> Measure<'a> {
    /// `None` if there is no second objective.
    fn new(values: &'a Values) -> Option<Self> {
        let Values { told, second: Some(Numbers { by_row: numbers, limit: None }), .. } = values else {
            return None;
        };
        let pairs = told.iter().zip(numbers).map(|(&a, &b)| [a, b]);
        let pairs: Vec<Point> = pairs.filter(|pair| !pair.iter().any(|x| x.is_nan())).collect();
        let within = |k: usize| quantile(&pairs.iter().map(|pair| pair[k]).collect::<Vec<_>>(), WITHIN);
        let reference = [within(0), within(1)];
        let below = |pair: &Point| pair[0] < reference[0] && pair[1] < reference[1];
        let front = front(pairs.into_iter().filter(below).collect());
        let whole = hypervolume(&front, reference);
        Some(Self { told, numbers, front, reference, whole })
    }

    fn points(&self, record: &Record, queries: usize) -> Vec<Point> {
        let rows = record.rows.iter().take(queries).flatten();
        front(rows.map(|&row| [self.told[row], self.numbers[row]]).collect())
    }

    /// Share of the table's hypervolume that is missing, in percent.
    fn missing(&self, records: &[Record], queries: usize) -> Vec<f64> {
        let area = |record| hypervolume(&self.points(record, queries), self.reference);
        records.iter().map(|record| 100.0 * (1.0 - area(record) / self.whole)).collect()
    }

    /// Points of the table's front that were found.
    fn found(&self, records: &[Record], queries: usize) -> Vec<f64> {
        let among = |point: &Point| self.front.contains(point);
        let count = |record| self.points(record, queries).iter().filter(|point| among(point)).count();
        records.iter().map(|record| count(record) as f64).collect()
    }

    fn charts(&self, results: &Results, budget: usize) -> [Chart; 2] {
        let missing = results.methods.iter().map(|(label, records)| {
            (label, (1..=budget).map(|queries| self.missing(records, queries)).collect())
        });
        let missing: Vec<(&String, Vec<Vec<f64>>)> = missing.collect();
        let lines = || missing.iter().enumerate();
        let means = lines().map(|(_, (label, missing))| Line::of_means(label, missing));
        let quartiles =
            lines().map(|(at, (label, all))| Line::of_quartiles(label, all, at, missing.len()));
        let chart = |what: &str, lines: Vec<Line>| Chart {
            title: what.into(),
            vertical: "missing hypervolume, %".into(),
            floor: 0.5,
            floor_is_zero: false,
            lines,
        };
        [chart("mean", means.collect()), chart("median and quartiles", quartiles.collect())]
    }
}

/// CSV, Markdown and the charts of each column, of which one picture each is made under the names given.
pub(crate) fn report(
    about: &About,
    all: &[Results],
    pictures: &[String],
) -> (String, String, Vec<[Chart; 2]>) {
    let mut csv = String::from(
        "table,column,method,queries,searches,missing_percent_mean,missing_q1,missing_median,missing_q3,\
         front_found_mean,seconds_per_search\n",
    );
    let mut text = format!(
        "# {}\n\n{}, `{}`: {} seeds, {} queries, of which the first {} are random. Hypervolume: the area \
         that the designs tried so far dominate, up to a reference point that {:.0} % of the table's designs \
         do not exceed in each number. Missing: the share of the table's own that is not reached, in percent.\n",
        about.title,
        about.date,
        about.command,
        about.seeds,
        about.budget,
        about.initial,
        100.0 * WITHIN
    );
    let mut charts = vec![];
    for results in all {
        let Some(measure) = Measure::new(&results.values) else { continue };
        section(&mut text, &format!("{}: {}", results.table, results.column.title()));
        let [loss, other] = measure.reference;
        text += &format!(
            "The table's front has {} designs. Reference: {} and {}.\n\n",
            measure.front.len(),
            number(results.value(loss)),
            number(other)
        );
        let mut cells = vec!["method".into()];
        cells.extend(
            about.checkpoints().map(|q| format!("missing after {q}: mean, median (quartiles), %")),
        );
        cells.extend([format!("of the front after {}", about.budget), "seconds".into()]);
        head(&mut text, &cells);
        for (label, records) in &results.methods {
            let mut cells = vec![label.clone()];
            for queries in about.checkpoints() {
                let missing = measure.missing(records, queries);
                let [q1, q2, q3] = quartiles(&missing).map(number);
                let centre = number(mean(&missing));
                cells.push(format!("{centre}, {q2} ({q1} to {q3})"));
                let found = number(mean(&measure.found(records, queries)));
                let whole = queries == about.budget;
                let time = if whole { number(report::seconds(records)) } else { String::new() };
                writeln!(
                    csv,
                    "{},{},\"{label}\",{queries},{},{centre},{q1},{q2},{q3},{found},{time}",
                    results.table,
                    results.column.title(),
                    records.len()
                )
                .expect("memory does not fail");
            }
            cells.push(format!("{:.1}", mean(&measure.found(records, about.budget))));
            cells.push(number(report::seconds(records)));
            row(&mut text, &cells);
        }
        charts.push(measure.charts(results, about.budget));
    }
    report::end(&mut text, about, pictures);
    (csv, text, charts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_has_what_nothing_dominates() {
        let points =
            vec![[2.0, 2.0], [1.0, 5.0], [3.0, 2.0], [2.0, 2.0], [2.0, 4.0], [4.0, 1.0], [1.0, 6.0]];
        assert_eq!(front(points), [[1.0, 5.0], [2.0, 2.0], [4.0, 1.0]]);
        assert!(front(vec![]).is_empty());
    }

    #[test]
    fn hypervolumes_in_closed_form() {
        assert_eq!(hypervolume(&[], [1.0, 1.0]), 0.0);
        assert_eq!(hypervolume(&[[0.25, 0.5]], [1.0, 1.0]), 0.375);
        // Two rectangles that overlap: 3 * 1 + 2 * 2 - 2 * 1.
        assert_eq!(hypervolume(&[[1.0, 3.0], [2.0, 2.0]], [4.0, 4.0]), 5.0);
        // What is beyond the reference in one number adds nothing.
        assert_eq!(hypervolume(&[[-9.0, 5.0], [1.0, 3.0], [2.0, 2.0], [5.0, -9.0]], [4.0, 4.0]), 5.0);
        // A staircase of n steps below the diagonal: half of the square and half of its steps.
        let n = 64;
        let steps: Vec<Point> = (0..n).map(|i| [f64::from(i), f64::from(n - 1 - i)]).collect();
        let area = f64::from(n * (n + 1)) / 2.0;
        assert_eq!(hypervolume(&steps, [f64::from(n), f64::from(n)]), area);
    }

    #[test]
    fn a_search_misses_what_it_has_not_tried() {
        // The last design is beyond the reference, which nine of ten designs do not exceed.
        let told: Vec<f64> = [1.0, 2.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 90.0].into();
        let by_row = [3.0, 2.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, -90.0].into();
        let values = Values::new(told, None, Some(Numbers { by_row, limit: None }));
        let measure = Measure::new(&values).unwrap();
        assert_eq!((measure.reference, measure.whole, measure.front.len()), ([4.0, 4.0], 5.0, 2));
        let rows = vec![Some(10), None, Some(0), Some(1)];
        let records = [Record { seed: 0, seconds: 0.0, rows }];
        let missing = [1, 2, 3, 4].map(|q| measure.missing(&records, q)[0]);
        let close = missing.iter().zip([100.0, 100.0, 40.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(close, "{missing:?}");
        assert_eq!([3, 4].map(|q| measure.found(&records, q)[0]), [1.0, 2.0]);
        assert!(Measure::new(&Values::new(vec![1.0], None, None)).is_none());
    }
}
