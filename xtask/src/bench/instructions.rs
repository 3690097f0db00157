//! Counting instructions under callgrind: the same numbers on every run, unlike times. The portable build
//! and the driver `benchmarks/count.c`, which brings its own memcpy, leave nothing to the processor.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::table;
use crate::dist::{self, Order};
use crate::process::{self, Failure, Program};
use crate::project::{self, Precision, root};
use crate::target::Target;

/// A count may exceed its limit by so many hundredths of it before that is a failure.
const TOLERANCE: u64 = 2;

/// Instructions of one line of the driver.
pub(crate) struct Count {
    /// Precision, then the driver's title without the number of calls.
    pub(crate) name: String,
    /// Instructions per call.
    pub(crate) instructions: u64,
}

/// The committed file.
pub(crate) struct Limits {
    /// Target and compiler that it holds for.
    pub(crate) origin: String,
    counts: Vec<Count>,
}

const COLUMNS: &str = "precision,function,family,nodes,pairing,effort,instructions";

fn file() -> PathBuf {
    root().join("benchmarks/instructions.csv")
}

/// What the counts depend on besides the sources.
pub(crate) fn origin() -> Result<String, Failure> {
    let rustc = Program::new("rustc").arg("--version").directory(root()).read()?;
    Ok(format!("{}, {}", Target::host()?.triple, rustc.trim()))
}

/// Writes the limits anew.
pub(super) fn renew() -> Result<(), Failure> {
    println!("Building the library ...");
    let library = dist::build(&Order::new(Target::host()?))?;
    println!("Counting ...");
    let counts = count(&library, &project::target_folder()?.join("bench"))?;
    let old = Limits::read().ok();
    let mut text = format!(
        "# Instructions per call, counted by callgrind, portable build: cargo xtask bench --instructions\n\
         # {}\n{COLUMNS}\n",
        origin()?
    );
    let (mut less, mut more) = (0, 0);
    for Count { name, instructions } in &counts {
        writeln!(text, "{name},{instructions}").expect("a string takes everything");
        match old.as_ref().and_then(|old| old.of(name)) {
            Some(limit) if limit > *instructions => less += 1,
            Some(limit) if limit < *instructions => more += 1,
            _ => {}
        }
    }
    fs::write(file(), text)?;
    println!("{}: {} counts, {less} smaller than before, {more} larger", file().display(), counts.len());
    Ok(())
}

impl Limits {
    pub(crate) fn read() -> Result<Self, Failure> {
        let text = fs::read_to_string(file())
            .map_err(|error| Failure::new(format!("{}: {error}", file().display())))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let origin = text.lines().filter_map(|line| line.strip_prefix("# ")).nth(1).unwrap_or_default();
        let counts = table::parse(text)?
            .iter()
            .map(|line| {
                let names: Vec<&str> = COLUMNS
                    .split(',')
                    .filter(|name| *name != "instructions")
                    .map(|name| line.get(name))
                    .collect();
                let instructions = line.number("instructions")? as u64;
                Ok(Count { name: names.join(","), instructions })
            })
            .collect::<Result<_, Failure>>()?;
        Ok(Self { origin: origin.into(), counts })
    }

    fn of(&self, name: &str) -> Option<u64> {
        self.counts.iter().find(|limit| limit.name == name).map(|limit| limit.instructions)
    }

    /// Whether a count keeps to its limit.
    pub(crate) fn allow(&self, count: &Count) -> Result<(), Failure> {
        let Count { name, instructions } = count;
        let Some(limit) = self.of(name) else {
            return Err(Failure::new(format!("{name} has no limit: {RENEW}")));
        };
        if 100 * instructions <= (100 + TOLERANCE) * limit {
            return Ok(());
        }
        let growth = 100.0 * (*instructions as f64 / limit as f64 - 1.0);
        Err(Failure::new(format!(
            "{name}: {instructions} instructions a call are {growth:.1} % more than the limit of {limit}; at \
             most {TOLERANCE} % are allowed. If that is the price of something worth it: {RENEW}"
        )))
    }

    /// Names of limits that nothing was counted for.
    pub(crate) fn unused(&self, counts: &[Count]) -> Vec<&str> {
        self.counts
            .iter()
            .map(|limit| limit.name.as_str())
            .filter(|name| !counts.iter().any(|count| count.name == *name))
            .collect()
    }
}

const RENEW: &str = "`cargo xtask bench --instructions` writes the limits anew";

/// Counts everything with the archives of a portable build.
pub(crate) fn count(library: &Path, folder: &Path) -> Result<Vec<Count>, Failure> {
    if process::find("valgrind").is_none() {
        return Err(Failure::new("`valgrind` is not installed: apt-get install valgrind"));
    }
    let runs = process::in_parallel(&Precision::ALL, |precision| {
        count_precision(library, &folder.join(format!("count-{}", precision.name())), *precision)
    });
    let mut counts = Vec::new();
    for run in runs {
        counts.extend(run?);
    }
    Ok(counts)
}

fn count_precision(library: &Path, folder: &Path, precision: Precision) -> Result<Vec<Count>, Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let program = folder.join("count");
    // Its memcpy must not become a call of memcpy.
    let flags = ["-O1", "-fno-builtin", "-fno-tree-loop-distribute-patterns", "-fno-tree-vectorize"];
    super::compile(library, precision, &["count.c", "problems.c"], &flags, &program)?;
    Program::new("valgrind")
        .args(["--tool=callgrind", "--combine-dumps=no"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(&program)
        .read()?;
    let mut counts = Vec::new();
    for number in 1.. {
        let Ok(dump) = fs::read_to_string(folder.join(format!("out.{number}"))) else {
            break;
        };
        if let Some(count) = read(&dump, precision)? {
            counts.push(count);
        }
    }
    match counts.is_empty() {
        true => Err(Failure::new("callgrind has written no counts")),
        false => Ok(counts),
    }
}

/// The count of a dump that the driver asked for; `None` for the one at the end.
fn read(dump: &str, precision: Precision) -> Result<Option<Count>, Failure> {
    let Some(title) = dump.lines().find_map(|line| line.strip_prefix("desc: Trigger: Client Request: "))
    else {
        return Ok(None);
    };
    let broken = || Failure::new(format!("a dump of callgrind is not understood: {title}"));
    let total: u64 = dump
        .lines()
        .find_map(|line| line.strip_prefix("summary: ").or_else(|| line.strip_prefix("totals: ")))
        .and_then(|number| number.trim().parse().ok())
        .ok_or_else(broken)?;
    let (name, calls) = title.rsplit_once(',').ok_or_else(broken)?;
    let calls: u64 = calls.parse().map_err(|_| broken())?;
    let instructions = total / calls.max(1);
    Ok(Some(Count { name: format!("{},{name}", precision.name()), instructions }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# about\n# machine, compiler\n\
        precision,function,family,nodes,pairing,effort,instructions\nf64,f,random,8,,,1000\n";

    fn count(instructions: u64) -> Count {
        Count { name: "f64,f,random,8,,".into(), instructions }
    }

    #[test]
    fn growth_beyond_the_tolerance_is_refused() {
        let limits = Limits::parse(FILE).unwrap();
        assert_eq!(limits.origin, "machine, compiler");
        assert!(limits.allow(&count(900)).is_ok());
        assert!(limits.allow(&count(1020)).is_ok());
        assert!(limits.allow(&count(1021)).is_err());
        assert!(limits.allow(&Count { name: "f64,g,,,,".into(), instructions: 1 }).is_err());
        assert!(limits.unused(&[count(1)]).is_empty());
        assert_eq!(limits.unused(&[]), ["f64,f,random,8,,"]);
    }

    #[test]
    fn dumps_are_read() {
        let dump =
            "desc: Trigger: Client Request: f,random,8,,,10\nevents: Ir\nfn=x\n1 2\n\ntotals: 1234\n";
        let count = read(dump, Precision::Single).unwrap().unwrap();
        assert_eq!((count.name.as_str(), count.instructions), ("f32,f,random,8,,", 123));
        assert!(read("desc: Trigger: Program termination\n", Precision::Single).unwrap().is_none());
    }
}
