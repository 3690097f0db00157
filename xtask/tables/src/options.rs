//! The command line.

use std::ops::Range;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Failure;
use crate::sets;
use crate::space::ReadySpace;
use crate::suite::{self, Column, Place, Table, Unit};

/// What is to be done and how.
pub(crate) struct Options {
    pub(crate) tasks: Vec<Task>,
    pub(crate) seeds: Range<u64>,
    /// Instead of the suite's.
    pub(crate) budget: Option<usize>,
    pub(crate) threads: usize,
    /// Distances that a thread remembers.
    pub(crate) cache: usize,
    /// The folder of this project.
    pub(crate) root: PathBuf,
    /// Where published tables are.
    pub(crate) data: PathBuf,
    /// Where searches are kept.
    pub(crate) results: PathBuf,
    /// Where reports go.
    pub(crate) out: PathBuf,
    /// What the user typed.
    pub(crate) command: String,
}

/// A suite, or what the user put in its place.
pub(crate) struct Task {
    pub(crate) name: String,
    pub(crate) tables: Vec<Table>,
    pub(crate) methods: Vec<String>,
    pub(crate) budget: usize,
}

/// Words that no one has taken yet.
struct Words(Vec<String>);

impl Words {
    fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() != before
    }

    /// Takes `name VALUE`.
    fn option(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(at) = self.0.iter().position(|word| word == name) else { return Ok(None) };
        if at + 1 >= self.0.len() {
            return Err(format!("{name} needs a value"));
        }
        self.0.remove(at);
        Ok(Some(self.0.remove(at)))
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, Failure> {
        let number = |text: String| text.parse().map_err(|_| format!("{name} is a count, not `{text}`"));
        self.option(name)?.map(number).transpose()
    }

    fn all(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        let mut values = vec![];
        while let Some(value) = self.option(name)? {
            values.push(value);
        }
        Ok(values)
    }
}

impl Options {
    pub(crate) fn read(words: Vec<String>) -> Result<Self, Failure> {
        let quoted =
            |word: &String| if word.contains([' ', '(']) { format!("\"{word}\"") } else { word.clone() };
        let mut command = String::from("cargo xtask tables");
        let mut words = Words(words);
        // What only says where things are does not belong into a report.
        let root = words.option("--root")?.map_or_else(|| PathBuf::from("."), PathBuf::from);
        let target = words.option("--target")?.map_or_else(|| root.join("target"), PathBuf::from);
        let results = words.option("--results")?;
        let out = words.option("--out")?;
        let threads = words.number("--threads")?;
        for word in &words.0 {
            command.push(' ');
            command += &quoted(word);
        }
        let tables = target.join("tables");
        let first = words.number("--first-seed")?.unwrap_or(0);
        let seeds: u64 = words.number("--seeds")?.unwrap_or(10);
        let budget = words.number("--budget")?;
        let cache = words.number("--cache")?.unwrap_or(4_000_000);
        let initial: Option<u32> = words.number("--initial")?;
        let methods = words.all("--method")?;
        let columns = words.all("--column")?;
        let mut tasks = vec![];
        if let Some(task) = own_table(&mut words, &methods)? {
            tasks.push(task);
        }
        if words.flag("--list") {
            for suite in suite::SUITES {
                println!("{}", suite.name);
            }
        }
        for name in std::mem::take(&mut words.0) {
            if name.starts_with('-') {
                return Err(format!("`{name}` is not understood here; try --help"));
            }
            let suite = suite::find(&name)?;
            let methods = match methods.is_empty() {
                true => suite.methods.concat().into_iter().map(String::from).collect(),
                false => methods.clone(),
            };
            let mut tables = (suite.tables)();
            if !columns.is_empty() {
                tables
                    .iter_mut()
                    .for_each(|table| table.columns.retain(|c| columns.contains(&c.title())));
                tables.retain(|table| !table.columns.is_empty());
            }
            if tables.is_empty() {
                return Err(format!("{name} has no column {}", columns.join(" or ")));
            }
            tasks.push(Task { name, tables, methods, budget: suite.budget });
        }
        if let Some(initial) = initial {
            for method in tasks.iter_mut().flat_map(|task| &mut task.methods) {
                let end = if method.contains(':') { ',' } else { ':' };
                *method += &format!("{end}initial={initial}");
            }
        }
        if budget == Some(0) || seeds == 0 || threads == Some(0) {
            return Err("budget, seeds and threads are at least 1".into());
        }
        let data = std::env::var_os("HOTNAS_DATA");
        let cores = || std::thread::available_parallelism().map_or(1, |count| count.get());
        Ok(Self {
            tasks,
            seeds: first..first + seeds,
            budget,
            threads: threads.unwrap_or_else(cores),
            cache,
            data: data.map_or_else(|| root.join("../shared/data"), PathBuf::from),
            results: results.map_or_else(|| tables.join(env!("HOTNAS_CORE_HASH")), PathBuf::from),
            out: out.map_or_else(|| tables.join("reports"), PathBuf::from),
            root,
            command,
        })
    }
}

/// The table of `--csv`, if there is one.
fn own_table(words: &mut Words, methods: &[String]) -> Result<Option<Task>, Failure> {
    let Some(file) = words.option("--csv")? else { return Ok(None) };
    let mut needed = |name: &str| words.option(name)?.ok_or_else(|| format!("--csv needs {name}"));
    let space = ReadySpace::from_name(&needed("--space")?)?;
    let (key, value) = (needed("--key")?, needed("--value")?);
    let maximise = words.flag("--maximise");
    if maximise == words.flag("--minimise") {
        return Err("--csv needs --maximise or --minimise".into());
    }
    let name: String = PathBuf::from(&file).file_name().map_or_else(
        || "table".into(),
        |name| name.to_string_lossy().split('.').next().unwrap_or("table").into(),
    );
    let columns = value.split(',').map(|name| Column {
        name: name.into(),
        maximise,
        unit: Unit::Other,
        poster: None,
        companion: None,
        beside: None,
    });
    let table =
        Table { name: name.clone(), space, place: Place::File(file), key, columns: columns.collect() };
    let methods = match methods {
        [] => sets::METHODS.iter().map(|&method| method.into()).collect(),
        _ => methods.to_vec(),
    };
    Ok(Some(Task { name, tables: vec![table], methods, budget: 100 }))
}

/// Today's date in UTC as year-month-day.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    date(seconds / 86_400)
}

/// The date so many days after 1 January 1970.
fn date(mut days: u64) -> String {
    let leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, Failure> {
        Options::read(line.split_whitespace().map(String::from).collect())
    }

    #[test]
    fn dates() {
        assert_eq!(
            [0, 58, 59, 364, 365].map(date),
            ["1970-01-01", "1970-02-28", "1970-03-01", "1970-12-31", "1971-01-01"]
        );
        assert_eq!([11_016, 20_781].map(date), ["2000-02-29", "2026-11-24"]);
    }

    #[test]
    fn suites_and_own_tables() {
        let options =
            read("digits nas-bench-201 --seeds 3 --first-seed 7 --method random --initial 5").unwrap();
        assert_eq!((options.tasks.len(), options.seeds), (2, 7..10));
        assert_eq!(options.tasks[0].methods, ["random:initial=5"]);
        let line =
            "--csv a/b.csv.gz --space digits --key code --value x,y --minimise --out o --threads 1";
        let options = read(line).unwrap();
        assert_eq!((options.tasks[0].name.as_str(), options.tasks[0].tables[0].columns.len()), ("b", 2));
        assert!(!options.command.contains("--out") && options.command.contains("--value x,y"));
        let options = read("peers-cell --column c100_valid_200ep").unwrap();
        assert_eq!(options.tasks[0].tables[0].columns.len(), 1);
        for wrong in [
            "nowhere",
            "digits --column x",
            "--csv a",
            "digits --frobnicate",
            "digits --seeds",
            "digits --seeds 0",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read(&line.replace("--minimise", "")).is_err());
    }
}
