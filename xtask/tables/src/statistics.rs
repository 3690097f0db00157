//! What is said about a set of searches.

use crate::run::Record;

/// A column of values by row, as losses.
pub(crate) struct Losses {
    pub(crate) by_row: Vec<f64>,
    sorted: Vec<f64>,
}

impl Losses {
    /// Lower is better; not a number where there is no value.
    pub(crate) fn new(by_row: Vec<f64>) -> Self {
        let mut sorted: Vec<_> = by_row.iter().copied().filter(|loss| !loss.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        Self { by_row, sorted }
    }

    pub(crate) fn best(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(f64::NAN)
    }

    /// The least regret above 0; 1 if all values are equal.
    pub(crate) fn least_regret(&self) -> f64 {
        let second = self.sorted.iter().find(|&&loss| loss > self.best());
        second.map_or(1.0, |second| second - self.best())
    }

    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// 1 + the number of strictly better designs.
    pub(crate) fn rank(&self, loss: f64) -> usize {
        1 + self.sorted.partition_point(|&other| other < loss)
    }

    /// The row of the best of the first queries, the earliest of equal ones; `None` if none has a value.
    pub(crate) fn best_row(&self, record: &Record, queries: usize) -> Option<usize> {
        let rows = record.rows.iter().take(queries).flatten().copied();
        let rows = rows.filter(|&row| !self.by_row[row].is_nan());
        rows.reduce(|best, row| if self.by_row[row] < self.by_row[best] { row } else { best })
    }

    /// The rank of the best of the first queries; behind the last one if there is none.
    pub(crate) fn rank_after(&self, record: &Record, queries: usize) -> f64 {
        let row = self.best_row(record, queries);
        row.map_or(self.count() + 1, |row| self.rank(self.by_row[row])) as f64
    }

    /// How much worse the best of the first queries is than the best of the table.
    pub(crate) fn regret_after(&self, record: &Record, queries: usize) -> f64 {
        let row = self.best_row(record, queries);
        row.map_or(f64::INFINITY, |row| self.by_row[row] - self.best())
    }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard error of the mean.
pub(crate) fn standard_error(values: &[f64]) -> f64 {
    let (n, centre) = (values.len() as f64, mean(values));
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (squares / (n - 1.0).max(1.0) / n).sqrt()
}

/// The value below which a share of the values lies, interpolated.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len().saturating_sub(1)) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    match (sorted.get(low), sorted.get(high)) {
        (Some(a), Some(b)) if a == b => *a,
        (Some(a), Some(b)) => a + (b - a) * (place - low as f64),
        _ => f64::NAN,
    }
}

/// First quartile, median, third quartile.
pub(crate) fn quartiles(values: &[f64]) -> [f64; 3] {
    [0.25, 0.5, 0.75].map(|share| quantile(values, share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_count_strictly_better_designs() {
        let losses = Losses::new(vec![3.0, 1.0, f64::NAN, 1.0, 2.0]);
        assert_eq!([1.0, 2.0, 3.0].map(|loss| losses.rank(loss)), [1, 3, 4]);
        let record = Record {
            seed: 0,
            seconds: 0.0,
            rows: [None, Some(2), Some(0), Some(4), Some(3), Some(1)].into(),
        };
        let ranks: Vec<_> = (1..=6).map(|q| losses.rank_after(&record, q)).collect();
        assert_eq!(ranks, [5.0, 5.0, 4.0, 3.0, 1.0, 1.0]);
        assert_eq!(losses.best_row(&record, 6), Some(4 - 1));
        assert_eq!(losses.regret_after(&record, 3), 2.0);
    }

    #[test]
    fn quartiles_interpolate() {
        assert_eq!(quartiles(&[4.0, 1.0, 3.0, 2.0]), [1.75, 2.5, 3.25]);
        assert_eq!(quartiles(&[7.0]), [7.0; 3]);
        assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
        assert!((standard_error(&[1.0, 3.0]) - 1.0).abs() < 1e-15);
    }
}
