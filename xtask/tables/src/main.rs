//! Searches tables of trained networks with every method and compares them: what `cargo xtask tables`
//! starts.

mod csv;
mod front;
mod method;
mod options;
mod quality;
mod report;
mod run;
mod sets;
mod space;
mod statistics;
mod steps;
mod store;
mod suite;
mod svg;
mod work;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use csv::Csv;
use method::Plan;
use options::Options;
use report::{About, Results};
use run::{Designs, Numbers, Values};
use statistics::quantile;
use store::Store;
use suite::{Beside, Place, Role, Table};
use svg::{Chart, Line};
use work::Job;

/// What went wrong, for the person at the terminal.
type Failure = String;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().position(|word| word == "steps") {
        Some(at) => match words.get(at + 1).map_or(Ok(500), |most| most.parse()) {
            Ok(most) => steps::run(most, words.get(at + 2).map_or("", String::as_str)),
            Err(_) => Err("steps takes a number of observations".into()),
        },
        None => Options::read(words).and_then(|options| tables(&options)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// A table that was read.
struct Loaded {
    table: Table,
    designs: Designs,
    columns: Vec<Values>,
}

/// Reads a table; `None` if it is a published one that is not here.
fn load(table: Table, options: &Options) -> Result<Option<Loaded>, Failure> {
    let file = match &table.place {
        Place::Published(name) => options.data.join(name),
        Place::Project(name) => options.root.join(name),
        Place::File(name) => PathBuf::from(name),
    };
    let published = matches!(table.place, Place::Published(_)).then(|| file.clone());
    let beside = table.columns.iter().filter_map(|column| column.beside.as_ref());
    let others = beside.map(|beside| options.data.join(beside.file));
    if let Some(missing) = published.into_iter().chain(others).find(|file| !file.is_file()) {
        eprintln!(
            "SKIPPED: {} needs {}, which is not there. Set HOTNAS_DATA to the folder with the published \
             tables.",
            table.name,
            missing.display()
        );
        return Ok(None);
    }
    let csv = Csv::read(&file)?;
    let named = |error: Failure| format!("{}: {error}", file.display());
    let designs = Designs::new(table.space, csv.column(&table.key).map_err(named)?).map_err(named)?;
    let mut columns = vec![];
    for column in &table.columns {
        let told = csv.numbers(&column.name).map_err(named)?;
        let sign = if column.maximise { -1.0 } else { 1.0 };
        let told = told.into_iter().map(|value| sign * value).collect();
        let companion = column.companion.as_ref().map(|name| csv.numbers(name)).transpose();
        let second = column.beside.as_ref().map(|beside| numbers(&csv, beside, options)).transpose()?;
        let values = Values::new(told, companion.map_err(named)?, second);
        if values.losses.count() == 0 {
            return Err(named(format!("{} has no value", column.title())));
        }
        columns.push(values);
    }
    Ok(Some(Loaded { table, designs, columns }))
}

/// The second number of every row.
fn numbers(csv: &Csv, beside: &Beside, options: &Options) -> Result<Numbers, Failure> {
    let other = Csv::read(&options.data.join(beside.file))?;
    let numbers: HashMap<&str, f64> =
        other.column(beside.key)?.zip(other.numbers(beside.column)?).collect();
    let number = |key| numbers.get(key).copied().unwrap_or(f64::NAN);
    let by_row: Vec<f64> = csv.column(beside.key)?.map(number).collect();
    let there: Vec<f64> = by_row.iter().copied().filter(|number| !number.is_nan()).collect();
    let limit = (beside.role == Role::Limit).then(|| quantile(&there, 0.5));
    Ok(Numbers { by_row, limit })
}

fn tables(options: &Options) -> Result<(), Failure> {
    for task in &options.tasks {
        let plans: Vec<Plan> =
            task.methods.iter().map(|words| Plan::read(words)).collect::<Result<_, _>>()?;
        let mut loaded = vec![];
        for table in task.tables.iter().cloned() {
            loaded.extend(load(table, options)?);
        }
        if loaded.is_empty() {
            continue;
        }
        eprintln!(
            "{}: {} methods, {} seeds",
            task.name,
            plans.len(),
            options.seeds.end - options.seeds.start
        );
        let budget = options.budget.unwrap_or(task.budget);
        if task.budget == 0 {
            let about = about(options, &task.name, 0, &plans);
            let seeds = options.seeds.clone();
            save(options, quality::report(&about, &plans, &loaded, seeds, options.threads)?)?;
            continue;
        }
        let all = results(options, budget, &plans, loaded)?;
        write(options, &task.name, budget, &plans, &all)?;
    }
    Ok(())
}

/// Reads the searches that were done before and does the others.
fn results(
    options: &Options,
    budget: usize,
    plans: &[Plan],
    loaded: Vec<Loaded>,
) -> Result<Vec<Results>, Failure> {
    let store = |table: &Table, column: usize, plan: &Plan| {
        Store::new(&options.results, &table.name, &table.columns[column].title(), &plan.words)
    };
    let mut stores = vec![];
    let mut done = vec![];
    for Loaded { table, .. } in &loaded {
        for plan in plans {
            for column in 0..table.columns.len() {
                let store = store(table, column, plan);
                done.push(store.read()?);
                stores.push(store);
            }
        }
    }
    let mut jobs = vec![];
    let mut at = 0;
    for (number, Loaded { table, designs, columns }) in loaded.iter().enumerate() {
        for (which, plan) in plans.iter().enumerate() {
            for (column, values) in table.columns.iter().zip(columns) {
                for seed in options.seeds.clone() {
                    if done[at].get(&seed).is_some_and(|record| record.rows.len() >= budget) {
                        continue;
                    }
                    jobs.push(Job {
                        group: number * plans.len() + which,
                        plan,
                        designs,
                        values,
                        store: &stores[at],
                        title: format!("{} on {}, seed {seed}", plan.label, column.title()),
                        seed,
                        budget,
                    });
                }
                at += 1;
            }
        }
    }
    work::run(jobs, options.threads, options.cache)?;
    let mut all = vec![];
    for Loaded { table, columns, .. } in loaded {
        for (number, values) in columns.into_iter().enumerate() {
            let mut methods = vec![];
            for plan in plans {
                let mut records = store(&table, number, plan).read()?;
                records.retain(|seed, _| options.seeds.contains(seed));
                methods.push((plan.label.clone(), records.into_values().collect()));
            }
            let column = table.columns[number].clone();
            all.push(Results { table: table.name.clone(), column, values, methods });
        }
    }
    Ok(all)
}

fn write(
    options: &Options,
    name: &str,
    budget: usize,
    plans: &[Plan],
    all: &[Results],
) -> Result<(), Failure> {
    let about = about(options, name, budget, plans);
    let picture = |results: &Results| match all.len() {
        1 => format!("{name}.svg"),
        _ => format!("{name}-{}.svg", results.column.title().replace(' ', "-")),
    };
    let pictures: Vec<_> = all.iter().map(picture).collect();
    let (csv, text, charts) = match all.iter().all(|results| results.column.has(Role::Objective)) {
        true => front::report(&about, all, &pictures),
        false => (
            report::csv(&about, all),
            report::markdown(&about, all, &pictures),
            all.iter().map(|results| charts(results, budget)).collect(),
        ),
    };
    print!("{text}");
    let mut files = vec![(format!("{name}.csv"), csv), (format!("{name}.md"), text)];
    let drawn = all.iter().zip(&charts).map(|(results, charts)| {
        let heading = format!("{}: {}", results.table, results.column.title());
        svg::draw(&heading, charts, FIRST.min(budget))
    });
    files.extend(pictures.into_iter().zip(drawn));
    save(options, files)
}

fn about(options: &Options, name: &str, budget: usize, plans: &[Plan]) -> About {
    About {
        title: if budget == 0 { "Surrogates".into() } else { format!("Search on {name}") },
        date: options::today(),
        command: options.command.clone(),
        budget,
        seeds: options.seeds.end - options.seeds.start,
        initial: plans.first().map_or(0, |plan| plan.search.initial),
        methods: plans.iter().map(|plan| (plan.label.clone(), plan.words.clone())).collect(),
    }
}

fn save(options: &Options, files: Vec<(String, String)>) -> Result<(), Failure> {
    fs::create_dir_all(&options.out).map_err(|error| format!("{}: {error}", options.out.display()))?;
    for (file, text) in files {
        let path = options.out.join(file);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    eprintln!("Written to {}", options.out.display());
    Ok(())
}

/// Charts begin at this query: before it, methods have hardly begun to differ.
const FIRST: usize = 10;

/// Mean rank, and regret with its quartiles.
fn charts(results: &Results, budget: usize) -> [Chart; 2] {
    let curve = |queries: &dyn Fn(usize) -> Vec<f64>| (1..=budget).map(queries).collect::<Vec<_>>();
    let methods = || results.methods.iter().enumerate();
    let ranks = methods()
        .map(|(_, (label, records))| Line::of_means(label, &curve(&|q| results.ranks(records, q))));
    let regrets = methods().map(|(at, (label, records))| {
        let regrets = curve(&|q| results.regrets(records, q));
        Line::of_quartiles(label, &regrets, at, results.methods.len())
    });
    [
        Chart {
            title: "mean rank of the best so far".into(),
            vertical: "rank".into(),
            floor: 1.0,
            floor_is_zero: false,
            lines: ranks.collect(),
        },
        Chart {
            title: "regret, median and quartiles".into(),
            vertical: "distance to the best of the table".into(),
            floor: results.values.losses.least_regret() / 2.0,
            floor_is_zero: true,
            lines: regrets.collect(),
        },
    ]
}
