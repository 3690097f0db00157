//! How good a surrogate is: trained on random designs of a table, asked about others.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Mutex;

use hotnas_core::Error;
use hotnas_core::arch::{Network, NetworkBuilder, NetworkLimits};
use hotnas_core::gp::{GaussianProcess, Hyperparameters};
use hotnas_core::metric::{DistanceCache, Metric};
use hotnas_core::search::KeyedRng;

use crate::method::Plan;
use crate::report::About;
use crate::run::{Designs, Memory};
use crate::statistics::{mean, quartiles};
use crate::{Failure, Loaded};

/// Random designs that a surrogate is trained on.
const TRAINED: [usize; 3] = [50, 100, 200];
/// Other random designs that it is asked about.
const ASKED: usize = 200;
/// Distances that are remembered.
const CELL_PAIRS: usize = 1 << 16;
/// Half of the central 90 % of a normal distribution, in standard deviations.
const BAND: f64 = 1.644_853_6;

/// A surrogate asked about one design, in standardised values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    predicted: f64,
    /// Of what would be found: with noise.
    deviation: f64,
    found: f64,
}

/// The answers after one training.
struct Trained {
    column: usize,
    count: usize,
    tau: f64,
    answers: Vec<Answer>,
}

impl Trained {
    /// Share of what was found that lies in the band of 90 %.
    fn coverage(&self) -> f64 {
        let inside = |a: &&Answer| (a.found - a.predicted).abs() <= BAND * a.deviation;
        self.answers.iter().filter(inside).count() as f64 / self.answers.len() as f64
    }
}

/// Trains and asks every plan on every table; returns the files of a report.
pub(crate) fn report(
    about: &About,
    plans: &[Plan],
    tables: &[Loaded],
    seeds: std::ops::Range<u64>,
    threads: usize,
) -> Result<Vec<(String, String)>, Failure> {
    let mut csv = String::from(
        "table,column,method,trained,seeds,tau_mean,tau_q1,tau_median,tau_q3,coverage_percent\n",
    );
    let mut text = format!(
        "# {}\n\n{}, `{}`: {} seeds. A surrogate is trained on random designs and asked about {ASKED} \
         others. tau: Kendall's rank correlation of what it predicts and what is in the table, mean over \
         seeds (quartiles). Coverage: share of the others that lie in the predicted band of 90 %.\n",
        about.title, about.date, about.command, about.seeds
    );
    let mut pictures = vec![];
    for loaded in tables {
        let jobs = plans.iter().enumerate().flat_map(|(p, _)| seeds.clone().map(move |seed| (p, seed)));
        let jobs = Mutex::new(jobs.collect::<VecDeque<_>>());
        let found = Mutex::new(vec![]);
        let one = || -> Result<(), Failure> {
            loop {
                let mut queue = jobs.lock().expect("no thread panics with the lock");
                let Some((plan, seed)) = queue.pop_front() else { return Ok(()) };
                eprintln!(
                    "{} on {}, seed {seed}; {} left",
                    plans[plan].label,
                    loaded.table.name,
                    queue.len()
                );
                drop(queue);
                let trained = measure(&plans[plan], loaded, seed)?;
                found.lock().expect("no thread panics with the lock").push((plan, seed, trained));
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
        })?;
        let mut found = found.into_inner().expect("no thread panics with the lock");
        found.sort_by_key(|&(plan, seed, _)| (plan, seed));
        for (number, column) in loaded.table.columns.iter().enumerate() {
            let title = format!("{}: {}", loaded.table.name, column.title());
            text += &format!("\n## {title}\n\n| surrogate |");
            TRAINED.iter().for_each(|n| text += &format!(" tau after {n} | coverage |"));
            text += &format!("\n|{}\n", " --- |".repeat(1 + 2 * TRAINED.len()));
            for (which, plan) in plans.iter().enumerate() {
                text += &format!("| {} |", plan.label);
                for count in TRAINED {
                    let own = found.iter().filter(|(plan, ..)| *plan == which);
                    let own = own.flat_map(|(_, _, trained)| trained);
                    let own: Vec<_> = own.filter(|t| t.column == number && t.count == count).collect();
                    let taus: Vec<f64> = own.iter().map(|t| t.tau).collect();
                    let covered = 100.0 * mean(&own.iter().map(|t| t.coverage()).collect::<Vec<_>>());
                    let [q1, q2, q3] = quartiles(&taus);
                    let tau = mean(&taus);
                    text += &format!(" {tau:.3} ({q1:.3} to {q3:.3}) | {covered:.0} % |");
                    writeln!(
                        csv,
                        "{},{},\"{}\",{count},{},{tau:.4},{q1:.4},{q2:.4},{q3:.4},{covered:.1}",
                        loaded.table.name,
                        column.title(),
                        plan.label,
                        own.len()
                    )
                    .expect("memory does not fail");
                }
                text.push('\n');
            }
            // One picture for a table: its first column, the first surrogate, trained most, the first seed.
            if number > 0 {
                continue;
            }
            let first = found.first().and_then(|(_, _, trained)| {
                trained.iter().rev().find(|t| t.column == number).map(|t| &t.answers)
            });
            if let (Some(answers), Some(plan)) = (first, plans.first()) {
                let name = format!("calibration-{}-{}.svg", loaded.table.name, column.title());
                let name = name.replace(' ', "-");
                let most = TRAINED.iter().max().copied().unwrap_or(0);
                let head = format!("{title}: {} after {most}", plan.label);
                pictures.push((name, scatter(&head, answers)));
            }
        }
    }
    text += "\n## What the surrogates are\n\n";
    for (label, words) in &about.methods {
        text += &format!("- {label}: `{words}`\n");
    }
    text += "\nThe pictures show predicted and found values, standardised, lower is better, with the predicted \
             band of 90 % of each design.\n";
    for (name, _) in &pictures {
        text += &format!("\n![{name}]({name})\n");
    }
    print!("{text}");
    let mut files = vec![("surrogate.csv".into(), csv), ("surrogate.md".into(), text)];
    files.append(&mut pictures);
    Ok(files)
}

/// Everything about one seed: the same designs in every column.
fn measure(plan: &Plan, loaded: &Loaded, seed: u64) -> Result<Vec<Trained>, Failure> {
    let Loaded { designs, columns, .. } = loaded;
    let metric = plan.metric(designs.attributes())?;
    let mut rows = designs.all();
    rows.retain(|(row, _)| columns.iter().all(|column| !column.losses.by_row[*row].is_nan()));
    KeyedRng::new(seed, 0, 0).shuffle(&mut rows);
    let most = TRAINED.iter().max().copied().unwrap_or(0);
    if rows.len() < most + ASKED {
        return Err(format!("{} designs are too few", rows.len()));
    }
    rows.truncate(most + ASKED);
    let failed = |error: Error| format!("{}: {error}", plan.words);
    let parts = plan.search.parts as usize;
    let distances = Distances::new(&metric, parts, designs, &rows).map_err(failed)?;
    let mut all = vec![];
    for (number, column) in columns.iter().enumerate() {
        let losses: Vec<f64> = rows.iter().map(|(row, _)| column.losses.by_row[*row]).collect();
        for count in TRAINED {
            let (known, asked) = (&losses[..count], &losses[most..]);
            let answers = train(plan, &distances, known, most, asked).map_err(failed)?;
            let predicted: Vec<f64> = answers.iter().map(|a| a.predicted).collect();
            all.push(Trained { column: number, count, tau: tau(&predicted, asked), answers });
        }
    }
    Ok(all)
}

/// Trains on the first designs and asks about those from number `first` on.
fn train(
    plan: &Plan,
    distances: &Distances,
    known: &[f64],
    first: usize,
    asked: &[f64],
) -> Result<Vec<Answer>, Error> {
    let (n, parts) = (known.len(), distances.parts);
    let mut memory = Memory::new(GaussianProcess::<f64>::extent_of_parts(n, parts));
    let mut work = Memory::new(GaussianProcess::<f64>::workspace(n));
    let start = Hyperparameters { variance: 1.0, length_scale: 1.0, noise: 1.0, mean: 0.0 };
    let mut process = GaussianProcess::with_parts(n, parts, plan.search.kernel, start, memory.arena())?;
    for i in 0..n {
        process.append(distances.row(i), 0.0)?;
    }
    let mut values = vec![0.0; n];
    plan.search.transform.apply(known, &mut values)?;
    process.set_values(&values)?;
    process.fit(&plan.search.fit, work.arena())?;
    let rows: Vec<f64> =
        (first..first + asked.len()).flat_map(|i| distances.row(i)[..n * parts].to_vec()).collect();
    let (mut means, mut variances) = (vec![0.0; asked.len()], vec![0.0; asked.len()]);
    process.posterior(&rows, &mut means, &mut variances, work.arena())?;
    let noise = process.hyperparameters().noise;
    let mut curve: Vec<(f64, f64)> = known.iter().copied().zip(values).collect();
    curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    curve.dedup_by(|a, b| a.0 == b.0);
    let answer = |((&predicted, &variance), &loss): ((&f64, &f64), &f64)| Answer {
        predicted,
        deviation: (variance + noise).sqrt(),
        found: interpolate(&curve, loss),
    };
    Ok(means.iter().zip(&variances).zip(asked).map(answer).collect())
}

/// What the transform would make of a value: linear between and beyond the values that it saw.
fn interpolate(curve: &[(f64, f64)], x: f64) -> f64 {
    let at = curve.partition_point(|&(known, _)| known < x).clamp(1, curve.len().max(2) - 1);
    match (curve.get(at - 1), curve.get(at)) {
        (Some(&(a, y)), Some(&(b, z))) => y + (z - y) * (x - a) / (b - a),
        _ => 0.0,
    }
}

/// The distances of a list of designs.
struct Distances {
    count: usize,
    /// Numbers of a distance, side by side.
    parts: usize,
    matrix: Vec<f64>,
}

impl Distances {
    fn new(
        metric: &Metric<'_, f64>,
        parts: usize,
        designs: &Designs,
        rows: &[(usize, String)],
    ) -> Result<Self, Error> {
        let space = designs.space.space();
        let (shape, table) = (space.limits(), metric.table());
        let limits = NetworkLimits {
            nodes: shape.nodes,
            groups: table.groups(),
            attributes: table.attributes(),
            distinct: shape.distinct,
            cells: shape.cells,
        };
        let mut work = Memory::new(limits.workspace().or(metric.workspace(&shape)));
        let mut memories = vec![];
        for (_, code) in rows {
            let genome = designs.space.parse(code).ok_or(Error::GenomeOutOfRange)?;
            let mut memory = Memory::new(limits.extent());
            let mut arena = memory.arena();
            let mut builder = NetworkBuilder::new(table, limits, &mut arena, work.arena())?;
            space.decode(&genome, &mut builder)?;
            builder.finish()?;
            memories.push(memory);
        }
        let networks: Vec<Network<'_, f64>> = memories.iter().filter_map(Memory::network).collect();
        let count = networks.len();
        let mut matrix = vec![0.0; count * count * parts];
        // For the cells: of networks no pair comes twice.
        let mut memory = Memory::new(DistanceCache::<f64>::extent(CELL_PAIRS));
        let mut cache = DistanceCache::new(CELL_PAIRS, &mut memory.arena())?;
        for (i, one) in networks.iter().enumerate() {
            let others = networks[..i].iter().copied();
            let row = &mut matrix[i * count * parts..][..i * parts];
            if parts == 1 {
                metric.network_distances(one, others, row, Some(&mut cache), work.arena())?;
                continue;
            }
            for (other, row) in others.zip(row.chunks_exact_mut(parts)) {
                metric.network_parts(one, &other, row, Some(&mut cache), work.arena())?;
            }
        }
        Ok(Self { count, parts, matrix })
    }

    /// Distances of a design to those before it.
    fn row(&self, i: usize) -> &[f64] {
        &self.matrix[i * self.count * self.parts..][..i * self.parts]
    }
}

/// Kendall's rank correlation (tau-b).
fn tau(a: &[f64], b: &[f64]) -> f64 {
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
    for i in 0..a.len() {
        for j in 0..i {
            let (x, y) = (sign(a[i] - a[j]), sign(b[i] - b[j]));
            both += x * y;
            left += x * x;
            right += y * y;
        }
    }
    both / f64::max(f64::sqrt(left * right), f64::MIN_POSITIVE)
}

/// Predicted and found values with bands, as SVG.
fn scatter(title: &str, answers: &[Answer]) -> String {
    const SIDE: f64 = 360.0;
    let all = || answers.iter().flat_map(|a| [a.predicted, a.found]);
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(-f64::INFINITY, f64::max));
    let place = |value: f64| 40.0 + SIDE * (value - low) / (high - low).max(1e-12);
    let down = |value: f64| SIDE + 80.0 - place(value);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 440 460\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"40\" y=\"22\">{title}</text>\n\
         <path d=\"M40 40V400H400\" fill=\"none\" stroke=\"#000\"/><path d=\"M40 400L400 40\" stroke=\"#999\"/>\n\
         <text x=\"180\" y=\"424\">predicted</text>\n\
         <text x=\"24\" y=\"240\" transform=\"rotate(-90 24 240)\">found</text>\n"
    );
    for &Answer { predicted, deviation, found } in answers {
        let (from, to) = (place(predicted - BAND * deviation), place(predicted + BAND * deviation));
        let (x, y) = (place(predicted), down(found));
        let inside = (found - predicted).abs() <= BAND * deviation;
        let colour = if inside { "#0072b2" } else { "#d55e00" };
        writeln!(
            text,
            "<path d=\"M{:.1} {y:.1}H{:.1}\" stroke=\"{colour}\" stroke-opacity=\"0.25\"/>\
             <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\" fill=\"{colour}\"/>",
            from.max(40.0),
            to.min(400.0)
        )
        .expect("memory does not fail");
    }
    text + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlation() {
        assert_eq!(tau(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), 1.0);
        assert_eq!(tau(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0);
        // Of three pairs two agree and one ties on the left.
        assert!((tau(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0]) - 2.0 / f64::sqrt(6.0)).abs() < 1e-15);
        assert_eq!(tau(&[1.0, 1.0], &[1.0, 2.0]), 0.0);
    }

    #[test]
    fn interpolation_goes_on_beyond_the_ends() {
        let curve = [(0.0, 0.0), (1.0, 2.0), (3.0, 3.0)];
        for (x, y) in [(-1.0, -2.0), (0.5, 1.0), (1.0, 2.0), (2.0, 2.5), (5.0, 4.0)] {
            assert_eq!(interpolate(&curve, x), y);
        }
        assert_eq!(interpolate(&curve[..1], 7.0), 0.0);
    }
}
