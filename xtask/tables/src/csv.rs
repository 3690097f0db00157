//! Reading tables: CSV, also compressed by gzip.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use crate::Failure;

/// A table in memory, as text.
pub(crate) struct Csv {
    names: HashMap<String, usize>,
    rows: Vec<Vec<String>>,
}

impl Csv {
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let bytes = std::fs::read(file).map_err(|error| format!("{name}: {error}"))?;
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::MultiGzDecoder::new(&bytes[..])
                .read_to_string(&mut text)
                .map_err(|error| format!("{name}: {error}"))?;
        } else {
            text = String::from_utf8(bytes).map_err(|error| format!("{name}: {error}"))?;
        }
        Self::parse(&text).map_err(|error| format!("{name}: {error}"))
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let mut rows = records(text)?.into_iter();
        let header = rows.next().ok_or("no header")?;
        let width = header.len();
        let rows: Vec<_> = rows.collect();
        if let Some(at) = rows.iter().position(|row| row.len() != width) {
            return Err(format!("row {} has {} fields, not {width}", at + 1, rows[at].len()));
        }
        let names = header.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
        Ok(Self { names, rows })
    }

    /// The fields of a column.
    pub(crate) fn column(&self, name: &str) -> Result<impl Iterator<Item = &str>, Failure> {
        let &at = self.names.get(name).ok_or_else(|| format!("there is no column `{name}`"))?;
        Ok(self.rows.iter().map(move |row| row[at].as_str()))
    }

    /// The numbers of a column; not a number where a field is empty.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, Failure> {
        let number = |(at, field): (usize, &str)| match field {
            "" => Ok(f64::NAN),
            _ => field.parse().map_err(|_| format!("row {}: {name} is `{field}`", at + 1)),
        };
        self.column(name)?.enumerate().map(number).collect()
    }
}

/// Records of fields; a field in quotation marks may hold commas, line ends and doubled marks.
fn records(text: &str) -> Result<Vec<Vec<String>>, Failure> {
    let (mut records, mut record, mut field) = (vec![], vec![], String::new());
    let (mut quoted, mut started) = (false, false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            _ if quoted => field.push(c),
            ',' => record.push(std::mem::take(&mut field)),
            '\r' => continue,
            '\n' if started => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\n' => {}
            _ => field.push(c),
        }
        started = c != '\n' || quoted;
    }
    if quoted {
        return Err("a quotation mark is not closed".into());
    }
    if started {
        record.push(field);
        records.push(record);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_quotes_and_gaps() {
        let csv = Csv::parse("a,b\r\n1,\"x,\"\"y\"\"\"\r\n,z\n\n3,\"\"").unwrap();
        let b: Vec<_> = csv.column("b").unwrap().collect();
        assert_eq!(b, ["x,\"y\"", "z", ""]);
        let a = csv.numbers("a").unwrap();
        assert!(a[0] == 1.0 && a[1].is_nan() && a[2] == 3.0);
        assert!(csv.numbers("b").is_err() && csv.column("c").is_err());
        assert!(Csv::parse("a,b\n1\n").is_err() && Csv::parse("a\n\"1").is_err());
    }
}
