//! Two uses on a device: a search on a Cortex-M4 with 64 KB of RAM, and the metric alone on a Cortex-M0 with
//! 16 KB. The device must print what the host prints.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::board::{Board, Job, SMALL_M4F};
use crate::demo;
use crate::process::{Failure, Program};
use crate::project::{self, Precision};

/// What a program needed on the device.
#[derive(Clone, Copy)]
pub(crate) struct Use {
    /// Bytes of code and constants, of variables, and of stack.
    pub(crate) flash: u64,
    pub(crate) variables: u64,
    pub(crate) stack: u64,
}

/// A program and its device.
pub(crate) struct Device {
    pub(crate) what: &'static str,
    source: &'static str,
    pub(crate) board: &'static Board,
    /// Makes the header that the program includes; of the host's library.
    prepare: fn(&Path, Precision, &Path) -> Result<(), Failure>,
    /// Only the host's program is told this.
    host_defines: &'static [&'static str],
}

pub(crate) const DEVICES: [fn() -> Result<Device, Failure>; 2] = [
    || {
        Ok(Device {
            what: "24 trials of a search, the power failing half-way",
            source: "search.c",
            board: &SMALL_M4F,
            prepare: |_, _, folder| write_networks(folder),
            host_defines: &["UNINTERRUPTED", "SPARE=4096"],
        })
    },
    || {
        Ok(Device {
            what: "the nearest of 64 cells",
            source: "nearest.c",
            board: Board::find("micro:bit")?,
            prepare: write_cells,
            host_defines: &["SPARE=4096"],
        })
    },
];

pub(crate) const DEVICE_HEAD: &str = "\
| program | machine | precision | flash | variables | stack | RAM in all |\n|---|---|---|---|---|---|---|";

impl Device {
    /// Whether the emulator needs less than a minute.
    pub(crate) fn is_short(&self, precision: Precision) -> bool {
        self.source != "search.c" || precision == Precision::Single
    }

    pub(crate) fn line(&self, precision: Precision, used: Use) -> String {
        let Use { flash, variables, stack } = used;
        format!(
            "| `{}`: {} | {} | {} | {flash} | {variables} | {stack} | {} |",
            self.source,
            self.what,
            self.board.name,
            precision.name(),
            variables + stack
        )
    }

    /// Runs the program on the host and on the device.
    pub(crate) fn check(
        &self,
        host: &Path,
        library: &Path,
        precision: Precision,
    ) -> Result<Use, Failure> {
        let folder = folder(precision)?;
        (self.prepare)(host, precision, &folder)?;
        let here = Board::find("host")?;
        let expected = self.run(here, host, precision, self.host_defines, &folder.join("on-host"))?;
        let program = folder.join("on-device");
        let found = self.run(self.board, library, precision, &[], &program)?;
        let (notes, found): (Vec<&str>, Vec<&str>) =
            found.lines().partition(|line| line.starts_with("# "));
        let differing = expected.lines().zip(&found).find(|(expected, found)| expected != *found);
        if let Some((expected, found)) = differing {
            return Err(Failure::new(format!(
                "{} on {}, {}: `{found}`, on the host `{expected}`",
                self.source,
                self.board.name,
                precision.name()
            )));
        }
        if expected.lines().count() != found.len() || found.is_empty() {
            return Err(Failure::new(format!(
                "{} on {} printed {} lines, on the host {}",
                self.source,
                self.board.name,
                found.len(),
                expected.lines().count()
            )));
        }
        let stack = notes
            .iter()
            .find_map(|note| note.strip_prefix("# stack ")?.parse().ok())
            .ok_or_else(|| Failure::new(format!("{} does not tell its stack", self.source)))?;
        let (flash, variables) = self.board.memory(&program)?;
        Ok(Use { flash, variables, stack })
    }

    fn run(
        &self,
        board: &Board,
        library: &Path,
        precision: Precision,
        defines: &[&str],
        program: &Path,
    ) -> Result<String, Failure> {
        let defines: Vec<String> = defines.iter().map(|define| define.to_string()).collect();
        let include = program.parent();
        let flags = &["-Os"];
        let job = Job { source: self.source, precision, library, flags, defines: &defines, include };
        board.build(&job, program)?;
        board.run(program)
    }
}

fn folder(precision: Precision) -> Result<PathBuf, Failure> {
    let folder = project::target_folder()?.join("embedded").join(precision.name());
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The table of trained networks as a C array.
fn write_networks(folder: &Path) -> Result<(), Failure> {
    let table = demo::table();
    let text = fs::read_to_string(&table)?;
    let header =
        networks(&text).map_err(|fault| Failure::new(format!("{}: {fault}", table.display())))?;
    Ok(fs::write(folder.join("networks.h"), header)?)
}

/// Of the columns `code` and `valid_ce`.
fn networks(csv: &str) -> Result<String, Failure> {
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| {
        let at = names.iter().position(|other| *other == name);
        at.ok_or_else(|| Failure::new(format!("no column `{name}`")))
    };
    let (code, loss) = (column("code")?, column("valid_ce")?);
    let mut rows = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let row = fields.get(code).zip(fields.get(loss));
        match row.filter(|(code, loss)| plain(code) && loss.parse::<f32>().is_ok_and(f32::is_finite)) {
            Some((code, loss)) => rows.push((*code, *loss)),
            None => return Err(Failure::new(format!("not understood: {line}"))),
        }
    }
    let longest = rows.iter().map(|(code, _)| code.len()).max().unwrap_or(0);
    let mut text = format!(
        "enum {{ number_of_networks = {} }};\n\
         static const struct {{ char code[{}]; float loss; }} networks[number_of_networks] = {{\n",
        rows.len(),
        longest + 1
    );
    for (code, loss) in rows {
        // A whole number needs a point to be a float.
        let point = if loss.contains(['.', 'e']) { "" } else { ".0" };
        writeln!(text, "    {{\"{code}\", {loss}{point}f}},").expect("a string takes everything");
    }
    text.push_str("};\n");
    Ok(text)
}

/// Fit for a C string.
fn plain(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The cells that lie in flash, as the library on this machine makes them.
fn write_cells(host: &Path, precision: Precision, folder: &Path) -> Result<(), Failure> {
    let here = Board::find("host")?;
    let program = folder.join("write-cells");
    let defines = ["WRITE".to_string()];
    let flags = &["-O1"];
    let job =
        Job { source: "nearest.c", precision, library: host, flags, defines: &defines, include: None };
    here.build(&job, &program)?;
    let text = Program::new(&program).read()?;
    Ok(fs::write(folder.join("cells.h"), text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_becomes_an_array() {
        let text = networks("a,code,valid_ce\n1,NN-010,2.25\n2,NRN-3123,1\n").unwrap();
        assert!(text.contains("number_of_networks = 2 }"), "{text}");
        assert!(text.contains("code[9]") && text.contains("{\"NRN-3123\", 1.0f}"), "{text}");
        for wrong in [
            "code,loss\nNN,1\n",
            "code,valid_ce\n\"NN\",1\n",
            "code,valid_ce\nNN,nan\n",
            "code,valid_ce\nNN\n",
        ] {
            assert!(networks(wrong).is_err(), "{wrong}");
        }
    }
}
