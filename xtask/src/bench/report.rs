//! The table and the drawings of a run.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::plot::{Plot, Series};
use super::table::{self, Line};
use super::threads::Scaling;
use super::{LEVEL, Plan};
use crate::process::{Failure, first_line};
use crate::project::root;

/// Writes speed.md and the drawings beside the figures; gives all files that a reader may want.
pub(super) fn write(
    plan: &Plan,
    interpreter: &Path,
    scaling: &[Scaling],
) -> Result<Vec<PathBuf>, Failure> {
    let speed = Speed { lines: table::read(&plan.folder.join("speed.csv"))? };
    let quality = table::read(&plan.folder.join("quality.csv"))?;
    let mut out = String::new();
    head(&mut out, plan, interpreter)?;
    speed.transport(&mut out)?;
    speed.gromov(&mut out)?;
    found(&mut out, &quality)?;
    speed.matrix(&mut out)?;
    speed.levels(&mut out)?;
    threads(&mut out, scaling);
    fs::write(plan.folder.join("speed.md"), out)?;
    fs::write(plan.folder.join("speed-nodes.svg"), speed.nodes_plot()?.svg())?;
    fs::write(plan.folder.join("speed-networks.svg"), networks_plot(scaling).svg())?;
    let names =
        ["speed.md", "speed.csv", "quality.csv", "threads.csv", "speed-nodes.svg", "speed-networks.svg"];
    Ok(names.map(|name| plan.folder.join(name)).to_vec())
}

fn head(out: &mut String, plan: &Plan, interpreter: &Path) -> Result<(), Failure> {
    let packages = fs::read_to_string(root().join("benchmarks/requirements.txt"))?;
    let packages: Vec<String> = packages.lines().map(|line| line.replace("==", " ")).collect();
    let date = first_line("date", &["-u", "+%Y-%m-%d"])?;
    let rustc = first_line("rustc", &["--version"])?;
    let python = first_line(interpreter, &["--version"])?;
    let command = match (plan.quick, plan.compared) {
        (true, _) => "cargo xtask bench --quick",
        (false, false) => "cargo xtask bench --write",
        (false, true) => "cargo xtask bench --write --continue",
    };
    push(
        out,
        format_args!(
            "# Speed\n\n\
             Written by `{command}` on {date}; {}; {rustc}; {python}, {}.\n\n\
             One process, one thread, the same problems, measured in turns: each round measures every contender\n\
             once over all problems. hotnas and POT's C++ are called from C, the rest from Python. Times are\n\
             microseconds of the thread on a processor per call. **Ratios are the other's time divided by ours in the same round on the same\n\
             five problems: median, and quartiles over problems and rounds in brackets.** The other contenders\n\
             always compute in double precision. `portable` runs on every x86-64 processor, `v3` is the build\n\
             for {LEVEL}. All figures: [speed.csv](speed.csv); how: [compare.py](compare.py).\n\n\
             Problems (`problems.c`): pairs of cells of NAS-Bench-201 (8 nodes) and DARTS (11 nodes), of random\n\
             directed acyclic graphs (`random`), and of such graphs with a mass of its own for each node\n\
             (`masses`). The masses are equal in the other three.\n",
            processor(),
            packages.join(", ")
        ),
    );
    Ok(())
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']))
        .to_string()
}

/// The lines of speed.csv.
struct Speed {
    lines: Vec<Line>,
}

/// What a line is about: columns and their values.
type Case<'a> = [(&'a str, &'a str)];

impl Speed {
    fn find(&self, case: &Case<'_>, contender: &str, against: &str) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.is(case) && line.is(&[("contender", contender), ("against", against)]))
    }

    /// Microseconds of a call.
    fn time(&self, case: &Case<'_>, contender: &str) -> Result<String, Failure> {
        match self.find(case, contender, "") {
            None => Ok(String::new()),
            Some(line) => Ok(short(line.number("median")?)),
        }
    }

    /// A ratio and its quartiles.
    fn ratio(&self, case: &Case<'_>, contender: &str, against: &str) -> Result<String, Failure> {
        match self.find(case, contender, against) {
            None => Ok(String::new()),
            Some(line) => Ok(format!(
                "{} ({} to {})",
                short(line.number("median")?),
                short(line.number("lower")?),
                short(line.number("upper")?)
            )),
        }
    }

    /// Families and node counts in the order of the file.
    fn cases(&self, what: &str) -> Vec<(&str, &str)> {
        let mut cases = Vec::new();
        for line in self.lines.iter().filter(|line| line.is(&[("what", what)])) {
            let case = (line.get("family"), line.get("nodes"));
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
        cases
    }

    /// The contender that ratios are taken for: the build for newer processors, or the only one.
    fn newest(&self) -> String {
        let name = format!("hotnas f64 {LEVEL}");
        match self.lines.iter().any(|line| line.get("contender") == name) {
            true => name,
            false => PORTABLE.into(),
        }
    }

    fn transport(&self, out: &mut String) -> Result<(), Failure> {
        out.push_str(
            "\n## Exact transport\n\n\
             With equal masses it is the assignment problem. `POT C++` is the function `EMD_wrap` inside POT's\n\
             extension module, called from C: its time has no part of Python. `emd_c` is the same through\n\
             Cython, `emd2` what a Python program calls. SciPy is `linear_sum_assignment`, called from Python.\n\
             All agree about the optimum (to 1e-9, single precision 1e-5), or there would be no table. `warm` is\n\
             `hotnas_transport_solve_warm`, beginning with the potentials of costs that differ by up to 1 %.\n\n",
        );
        let names = [
            "family",
            "nodes",
            "µs f64 portable",
            "µs f64 v3",
            "µs f32 portable",
            "µs f32 v3",
            "µs POT C++",
            "POT C++ / portable",
            "POT C++ / v3",
            "emd_c / v3",
            "emd2 / v3",
            "SciPy / v3",
            "µs warm f64 v3",
            "POT C++ / warm v3",
        ];
        head_line(out, &names);
        let newest = self.newest();
        let warm = newest.replace("hotnas", "hotnas warm");
        for (family, nodes) in self.cases("transport") {
            let case = [("what", "transport"), ("family", family), ("nodes", nodes)];
            let mut cells = vec![family.to_string(), nodes.into()];
            for build in builds() {
                cells.push(self.time(&case, &build)?);
            }
            cells.push(self.time(&case, "POT C++")?);
            cells.push(self.ratio(&case, PORTABLE, "POT C++")?);
            for other in ["POT C++", "POT emd_c", "POT emd2", "SciPy"] {
                cells.push(self.ratio(&case, &newest, other)?);
            }
            cells.push(self.time(&case, &warm)?);
            cells.push(self.ratio(&case, &warm, "POT C++")?);
            line(out, &cells);
        }
        Ok(())
    }

    fn gromov(&self, out: &mut String) -> Result<(), Failure> {
        out.push_str(
            "\n## Fused Gromov-Wasserstein\n\n\
             lambda 0.8, gap 1e-9 (single precision 1e-5), on plain matrices with all checks of the C interface.\n\
             `fgw` is POT's `ot.gromov.fused_gromov_wasserstein` on the same costs and masses with its own\n\
             default tolerances; its loss is the square and not the absolute difference, so it minimises another\n\
             function. `cg` is POT's `ot.optim.cg` on the very same objective: default step search, and with the\n\
             exact step of a quadratic function (`cg exact`); the objective is a matrix product whose matrix is\n\
             made beforehand and not timed. Both take one start, `fast` two, `thorough` more. \"As cells\" is the\n\
             call that is given two cells and makes the matrices itself.\n",
        );
        let newest = self.newest();
        for pairing in ["ordered", "full", "flow"] {
            push(out, format_args!("\n### {pairing}\n\n"));
            head_line(
                out,
                &[
                    "family",
                    "nodes",
                    "effort",
                    "µs f64 portable",
                    "µs f64 v3",
                    "µs f32 portable",
                    "µs f32 v3",
                    "µs as cells, f64 v3",
                    "µs fgw",
                    "fgw / portable",
                    "fgw / v3",
                    "cg / v3",
                    "cg exact / v3",
                ],
            );
            for (family, nodes) in self.cases("gromov") {
                for effort in ["fast", "thorough"] {
                    let about =
                        [("family", family), ("nodes", nodes), ("pairing", pairing), ("effort", effort)];
                    let case: Vec<_> = [("what", "gromov")].into_iter().chain(about).collect();
                    let as_cells: Vec<_> = [("what", "cells")].into_iter().chain(about).collect();
                    let mut cells = vec![family.to_string(), nodes.into(), effort.into()];
                    for build in builds() {
                        cells.push(self.time(&case, &build)?);
                    }
                    cells.push(self.time(&as_cells, &newest)?);
                    cells.push(self.time(&case, "POT fgw")?);
                    cells.push(self.ratio(&case, PORTABLE, "POT fgw")?);
                    for other in ["POT fgw", "POT cg", "POT cg exact step"] {
                        cells.push(self.ratio(&case, &newest, other)?);
                    }
                    line(out, &cells);
                }
            }
        }
        Ok(())
    }

    fn matrix(&self, out: &mut String) -> Result<(), Failure> {
        out.push_str(
            "\n## A distance matrix\n\n\
             All distances between cells of NAS-Bench-201 by one call on one thread, default settings (`flow`,\n\
             `fast`), without a cache. POT's `fgw` on a sample of such pairs, extrapolated to their number; the\n\
             matrices it needs are not timed.\n\n",
        );
        head_line(out, &["cells", "build", "seconds", "POT fgw, seconds", "POT fgw / hotnas"]);
        for (_, count) in self.cases("matrix") {
            let case = [("what", "matrix"), ("nodes", count)];
            for build in builds() {
                let (Some(own), Some(pot)) =
                    (self.find(&case, &build, ""), self.find(&case, "POT fgw", ""))
                else {
                    continue;
                };
                let cells = [
                    count.to_string(),
                    build.trim_start_matches("hotnas ").into(),
                    short(own.number("median")? / 1e6),
                    short(pot.number("median")? / 1e6),
                    self.ratio(&case, &build, "POT fgw")?,
                ];
                line(out, &cells);
            }
        }
        Ok(())
    }

    /// What the build for newer processors gains.
    fn levels(&self, out: &mut String) -> Result<(), Failure> {
        let newest = self.newest();
        if newest == PORTABLE {
            return Ok(());
        }
        push(
            out,
            format_args!(
                "\n## Portable or for newer processors\n\n\
                 Time of the portable build divided by that of the build for {LEVEL}, f64: median, least and most of\n\
                 the medians of all families and sizes. A choice at run time could gain this much and would double\n\
                 the library's code, so there is none: who knows the processor builds for it\n\
                 (`cargo xtask dist --cpu {LEVEL}`). Results are the same to the bit.\n\n"
            ),
        );
        head_line(out, &["what", "cases", "median", "least", "most"]);
        let whats: [(&str, Vec<(&str, &str)>); 4] = [
            ("exact transport", vec![("what", "transport")]),
            ("ordered, fast", vec![("what", "gromov"), ("pairing", "ordered"), ("effort", "fast")]),
            ("full, fast", vec![("what", "gromov"), ("pairing", "full"), ("effort", "fast")]),
            ("flow, fast", vec![("what", "gromov"), ("pairing", "flow"), ("effort", "fast")]),
        ];
        for (name, case) in whats {
            let mut ratios = Vec::new();
            for row in &self.lines {
                if row.is(&case) && row.is(&[("contender", &newest), ("against", PORTABLE)]) {
                    ratios.push(row.number("median")?);
                }
            }
            ratios.sort_by(f64::total_cmp);
            let at = |place: usize| ratios.get(place).map_or_else(String::new, |&x| short(x));
            let last = ratios.len().saturating_sub(1);
            line(out, &[name.into(), ratios.len().to_string(), at(last / 2), at(0), at(last)]);
        }
        Ok(())
    }

    /// Time against nodes, for random graphs.
    fn nodes_plot(&self) -> Result<Plot, Failure> {
        let newest = self.newest();
        let flow = [("what", "gromov"), ("family", "random"), ("pairing", "flow")];
        let fast: Vec<_> = flow.into_iter().chain([("effort", "fast")]).collect();
        let thorough: Vec<_> = flow.into_iter().chain([("effort", "thorough")]).collect();
        let transport = vec![("what", "transport"), ("family", "random")];
        let wanted: [(&str, &Case<'_>, &str, &'static str, bool); 8] = [
            ("flow, fast", &fast, &newest, "#1b6ca8", false),
            ("flow, fast, portable", &fast, PORTABLE, "#1b6ca8", true),
            ("flow, thorough", &thorough, &newest, "#0b2545", false),
            ("assignment", &transport, &newest, "#3a9d5d", false),
            ("POT fgw", &fast, "POT fgw", "#d1603d", false),
            ("POT cg, exact step", &fast, "POT cg exact step", "#d1603d", true),
            ("POT C++ assignment", &transport, "POT C++", "#e0a030", false),
            ("SciPy assignment", &transport, "SciPy", "#888888", true),
        ];
        let mut x_ticks = Vec::new();
        let mut series = Vec::new();
        for (name, case, contender, colour, dashed) in wanted {
            let mut points = Vec::new();
            for row in self.lines.iter().filter(|row| row.is(case)) {
                if row.is(&[("contender", contender), ("against", "")]) {
                    let spread = [row.number("lower")?, row.number("median")?, row.number("upper")?];
                    points.push((row.number("nodes")?, spread));
                }
            }
            for (nodes, _) in &points {
                if !x_ticks.contains(nodes) {
                    x_ticks.push(*nodes);
                }
            }
            series.push(Series { name: name.into(), colour, dashed, points });
        }
        // The labels of 10 and 11 would touch.
        x_ticks.retain(|tick| *tick != 11.0);
        Ok(Plot {
            title: "Time of one call, two random graphs, f64".into(),
            x_label: "nodes of each graph".into(),
            y_label: "microseconds (median, quartiles)".into(),
            x_ticks,
            series,
        })
    }
}

const PORTABLE: &str = "hotnas f64 portable";

/// Our contenders in the order of the columns.
fn builds() -> [String; 4] {
    ["f64 portable", &format!("f64 {LEVEL}"), "f32 portable", &format!("f32 {LEVEL}")]
        .map(|build| format!("hotnas {build}"))
}

/// Who found the lower value of the same objective.
fn found(out: &mut String, quality: &[Line]) -> Result<(), Failure> {
    out.push_str(
        "\n### Who finds the lower value\n\n\
         The problem is not convex. Values of POT's `cg` and of hotnas on the same problems, all families and\n\
         sizes, double precision; equal means within 1e-7. Each value is computed anew from the plan.\n\n",
    );
    head_line(
        out,
        &["pairing", "effort", "against", "problems", "hotnas lower", "equal", "hotnas higher", "worst"],
    );
    for pairing in ["ordered", "full", "flow"] {
        for effort in ["fast", "thorough"] {
            for against in ["POT cg", "POT cg exact step"] {
                let case = [("pairing", pairing), ("effort", effort), ("against", against)];
                let mut sums = [0.0; 4];
                let mut worst = 0f64;
                for row in quality.iter().filter(|row| row.is(&case)) {
                    for (sum, name) in sums.iter_mut().zip(["problems", "better", "equal", "worse"]) {
                        *sum += row.number(name)?;
                    }
                    worst = worst.max(row.number("largest_loss")?);
                }
                let mut cells: Vec<String> = [pairing, effort, against].map(String::from).to_vec();
                cells.extend(sums.map(|sum| format!("{sum:.0}")));
                cells.push(format!("{:.2} %", 100.0 * worst));
                line(out, &cells);
            }
        }
    }
    Ok(())
}

fn threads(out: &mut String, scaling: &[Scaling]) {
    out.push_str(
        "\n## Threads and number of networks\n\n\
         `rows.c` makes the same matrix on several threads: the host spreads rows over threads of its own, with\n\
         one workspace each; the library starts none. Seconds, f64, least and most of the repetitions in\n\
         brackets. 0 threads is the single call. All matrices of one size are the same to the bit. These are\n\
         seconds of the clock: what else ran on the machine made them longer.\n\n",
    );
    head_line(out, &["build", "networks", "threads", "seconds", "µs per pair", "speed-up"]);
    for row in scaling {
        let single = scaling
            .iter()
            .find(|other| (other.build, other.networks, other.threads) == (row.build, row.networks, 1));
        let [least, middle, most] = row.seconds;
        let pairs = row.networks as f64 * (row.networks as f64 - 1.0) / 2.0;
        let cells = [
            row.build.to_string(),
            row.networks.to_string(),
            row.threads.to_string(),
            format!("{} ({} to {})", short(middle), short(least), short(most)),
            short(1e6 * middle / pairs),
            single.map_or_else(String::new, |single| short(single.seconds[1] / middle)),
        ];
        line(out, &cells);
    }
}

/// Time against the number of networks.
fn networks_plot(scaling: &[Scaling]) -> Plot {
    let colours = ["#1b6ca8", "#d1603d", "#3a9d5d", "#e0a030", "#888888", "#0b2545"];
    let mut threads: Vec<usize> =
        scaling.iter().map(|row| row.threads).filter(|&threads| threads > 0).collect();
    threads.sort_unstable();
    threads.dedup();
    let mut builds: Vec<&str> = scaling.iter().map(|row| row.build).collect();
    builds.dedup();
    builds.sort_unstable();
    builds.dedup();
    let mut series = Vec::new();
    for (colour, &count) in colours.iter().cycle().zip(&threads) {
        for build in &builds {
            let points = scaling
                .iter()
                .filter(|row| row.threads == count && row.build == *build)
                .map(|row| (row.networks as f64, row.seconds))
                .collect();
            let plural = if count == 1 { "" } else { "s" };
            series.push(Series {
                name: format!("{count} thread{plural}, {build}"),
                colour,
                dashed: *build == "portable",
                points,
            });
        }
    }
    let mut x_ticks: Vec<f64> = scaling.iter().map(|row| row.networks as f64).collect();
    x_ticks.dedup();
    Plot {
        title: "Distance matrix of NAS-Bench-201 cells, f64, default settings".into(),
        x_label: "networks".into(),
        y_label: "seconds (median, least, most)".into(),
        x_ticks,
        series,
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn head_line(out: &mut String, names: &[&str]) {
    push(out, format_args!("| {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len())));
}

fn line(out: &mut String, cells: &[String]) {
    push(out, format_args!("| {} |\n", cells.join(" | ")));
}

fn push(out: &mut String, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: &str = "\
what,family,nodes,pairing,effort,contender,against,median,lower,upper,samples
transport,random,8,,,hotnas f64 portable,,0.5,0.4,0.6,9
transport,random,8,,,POT C++,,5,4,6,9
transport,random,8,,,hotnas f64 portable,POT C++,10,9.5,11,9
";

    #[test]
    fn a_table_shows_times_and_ratios() {
        let speed = Speed { lines: table::parse(FIGURES).unwrap() };
        let mut out = String::new();
        speed.transport(&mut out).unwrap();
        assert!(out.contains(
            "| random | 8 | 0.500 |  |  |  | 5.00 | 10.0 (9.50 to 11.0) | 10.0 (9.50 to 11.0) |"
        ));
        assert_eq!(speed.newest(), PORTABLE);
    }

    #[test]
    fn three_digits() {
        assert_eq!([0.1234, 1.234, 12.34, 1234.5].map(short), ["0.123", "1.23", "12.3", "1234"]);
    }
}
