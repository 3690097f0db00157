//! Reading the files that the measuring programs write: lines of fields between commas, names first.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::process::Failure;

/// One line, by the names of the columns.
pub(crate) struct Line(HashMap<String, String>);

impl Line {
    /// A field; empty if there is no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    pub(crate) fn number(&self, column: &str) -> Result<f64, Failure> {
        let text = self.get(column);
        text.parse().map_err(|_| Failure::new(format!("`{text}` is no number in column {column}")))
    }

    /// Whether these columns have these values.
    pub(crate) fn is(&self, fields: &[(&str, &str)]) -> bool {
        fields.iter().all(|(column, value)| self.get(column) == *value)
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<Line>, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    parse(&text).map_err(|failure| Failure::new(format!("{}: {failure}", path.display())))
}

/// Lines that begin with # are comments.
pub(crate) fn parse(text: &str) -> Result<Vec<Line>, Failure> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            match fields.len() == names.len() {
                true => Ok(Line(
                    names
                        .iter()
                        .zip(fields)
                        .map(|(name, field)| ((*name).into(), field.into()))
                        .collect(),
                )),
                false => Err(Failure::new(format!("not {} fields: {line}", names.len()))),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let lines = parse("# about\na,b\n1,x\n2.5,\n").unwrap();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].is(&[("a", "1"), ("b", "x")]) && !lines[1].is(&[("b", "x")]));
        assert_eq!(lines[1].number("a").unwrap(), 2.5);
        assert!(lines[1].number("b").is_err());
        assert!(parse("a,b\n1\n").is_err());
    }
}
