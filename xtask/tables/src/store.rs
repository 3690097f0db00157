//! Results on disk: one file for each method on each column, one line for each seed.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Failure;
use crate::run::Record;

/// The file of a method on a column.
pub(crate) struct Store(PathBuf);

impl Store {
    pub(crate) fn new(folder: &Path, table: &str, column: &str, words: &str) -> Self {
        let plain =
            |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric() && !"-_.=+".contains(c), "_");
        Self(folder.join(plain(table)).join(plain(column)).join(format!("{}.csv", plain(words))))
    }

    /// The records by seed. A line that an interruption cut short is left out.
    pub(crate) fn read(&self) -> Result<BTreeMap<u64, Record>, Failure> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("{}: {error}", self.0.display())),
        };
        Ok(text.lines().filter_map(parse).map(|record| (record.seed, record)).collect())
    }

    pub(crate) fn append(&self, record: &Record) -> Result<(), Failure> {
        let failed = |error| format!("{}: {error}", self.0.display());
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0).map_err(failed)?;
        // A line of its own, even after one that was cut short.
        file.write_all(format!("\n{}\n", line(record)).as_bytes()).map_err(failed)
    }
}

fn line(record: &Record) -> String {
    let rows: Vec<_> =
        record.rows.iter().map(|row| row.map_or("-".into(), |row| row.to_string())).collect();
    format!("{},{:.6},{},{}", record.seed, record.seconds, rows.join(" "), rows.len())
}

fn parse(line: &str) -> Option<Record> {
    let mut fields = line.split(',');
    let (seed, seconds, rows) = (fields.next()?, fields.next()?, fields.next()?);
    let count = fields.next()?.parse::<usize>().ok()?;
    let row = |text: &str| match text {
        "-" => Some(None),
        _ => text.parse().ok().map(Some),
    };
    let rows = rows.split(' ').map(row).collect::<Option<Vec<_>>>()?;
    let (seed, seconds) = (seed.parse().ok()?, seconds.parse().ok()?);
    (rows.len() == count).then_some(Record { seed, seconds, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_and_cut_lines_do_not() {
        let folder = std::env::temp_dir().join(format!("hotnas-store-{}", std::process::id()));
        let store = Store::new(&folder, "a table", "x/y", "hotnas:lambda=1");
        assert!(store.read().unwrap().is_empty());
        let one = Record { seed: 4, seconds: 1.5, rows: vec![Some(3), None, Some(0)] };
        store.append(&one).unwrap();
        let mut file = OpenOptions::new().append(true).open(&store.0).unwrap();
        file.write_all(b"5,2.0,1 2 3,").unwrap();
        let two = Record { seed: 6, seconds: 0.25, rows: vec![Some(9)] };
        assert_eq!(store.read().unwrap().into_values().collect::<Vec<_>>(), std::slice::from_ref(&one));
        store.append(&two).unwrap();
        assert_eq!(store.read().unwrap().into_values().collect::<Vec<_>>(), [one, two]);
        fs::remove_dir_all(folder).unwrap();
    }
}
