//! What an ask costs as observations grow: `cargo xtask tables steps`.

use std::fs;
use std::time::Instant;

use hotnas_core::Error;
use hotnas_core::gp::GaussianProcess;
use hotnas_core::metric::{DistanceCache, Metric, MetricSettings};
use hotnas_core::search::spaces::{
    Darts, NasBench201, TransNasMacro, attribute_weights, cell_table, darts_table, macro_table,
};
use hotnas_core::search::{
    KeyedRng, MAX_LIFE, PoolSettings, Search, SearchSettings, Space, TrialState, refit_point,
};

use crate::Failure;
use crate::run::Memory;

type Place = (&'static str, &'static dyn Space<f64>);
const SPACES: [Place; 3] =
    [("nas-bench-201", &NasBench201), ("transnas-macro", &TransNasMacro), ("darts-20", &Darts::LONGEST)];
/// Observations; what a run ends with if it is told so.
const COUNTS: [usize; 7] = [25, 50, 100, 200, 500, 1000, 2000];
/// Asks that are timed at each of them.
const ASKS: usize = 5;
/// Distances that are kept.
const CACHE: usize = 8_000_000;
/// All mutants and random candidates are new in each ask, or the pool is kept as a whole.
const LIVES: [u32; 2] = [1, MAX_LIFE];
/// Asks without a cache are measured until one takes so many milliseconds.
const PATIENCE: f64 = 5e3;
/// Nine parents have at most 216 neighbours in NAS-Bench-201: none is left out.
const POOL: PoolSettings = PoolSettings { parents: 9, mutants: 150, random: 225, limit: 600, life: 1 };

/// Time of this thread on a processor where that is known, so that other work of the machine does not count;
/// else time that passed.
fn clock(begun: Instant) -> f64 {
    let busy = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let busy = busy.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    busy.map_or_else(|| begun.elapsed().as_secs_f64() * 1e3, |nanoseconds| nanoseconds / 1e6)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Prints the table as CSV. `most`: observations at most; `name`: only the space of this name, empty for all.
pub(crate) fn run(most: usize, name: &str) -> Result<(), Failure> {
    println!(
        "space,pool,observations,candidates,cold ask ms,ask with kept distances ms,fit ms,fit per ask ms"
    );
    if !name.is_empty() && SPACES.iter().all(|place| place.0 != name) {
        return Err(format!("no space `{name}`; there are {}", SPACES.map(|place| place.0).join(", ")));
    }
    for place in SPACES.into_iter().filter(|place| name.is_empty() || place.0 == name) {
        for life in LIVES {
            steps(place, life, most).map_err(|error| format!("{}: {error}", place.0))?;
        }
    }
    Ok(())
}

/// A smooth number for a design: the time of an ask hardly depends on what is told.
fn loss(genome: &[u8]) -> f64 {
    let part = |(i, &g): (usize, &u8)| (f64::from(g) - 1.3).powi(2) * (1.0 + 0.3 * i as f64);
    let sum: f64 = genome.iter().enumerate().map(part).sum();
    sum + (7.0 * sum).sin()
}

fn steps((name, space): Place, life: u32, most: usize) -> Result<(), Error> {
    let weights = attribute_weights();
    let table = match name {
        "transnas-macro" => macro_table(&weights)?,
        "darts-20" => darts_table()?,
        _ => cell_table()?,
    };
    let metric = Metric::new(&table, MetricSettings::default_preset())?;
    let pool = PoolSettings { life, ..POOL };
    let settings = SearchSettings { pool, ..SearchSettings::default() };
    // Each count has some asks more.
    let (capacity, genes) = (most + 3 * ASKS * COUNTS.len(), space.genes());
    let mut state = Memory::new(Search::<f64>::extent(settings.method, capacity, genes));
    let mut workspace =
        Memory::new(Search::workspace(&settings, capacity, genes, space.limits(), &metric));
    let mut search = Search::new(settings, capacity, genes, &mut state.arena())?;
    let mut memory = Memory::new(DistanceCache::<f64>::extent(CACHE));
    let mut arena = memory.arena();
    let mut cache = DistanceCache::new(CACHE, &mut arena)?;
    let mut rng = KeyedRng::new(1, 0, 0);
    let begun = Instant::now();
    let mut genome = vec![0; genes];
    let mut worst = 0.0f64;
    let mut patient = life == 1;
    for count in COUNTS.into_iter().filter(|&count| count <= most) {
        let next = |search: &Search<'_, f64>| search.history().len() as u32;
        while search.history().told() + ASKS < count {
            space.sample(&mut rng, &mut genome);
            let (trial, value) = (next(&search), loss(&genome));
            worst = worst.max(value);
            let tried = search.history().iter().any(|trial| trial.genome == genome);
            let told = |search: &mut Search<'_, f64>, arena| {
                search.record(trial, &genome, TrialState::Told, value, space, &metric, arena)
            };
            match tried {
                true => {}
                false => match told(&mut search, workspace.arena()) {
                    Ok(()) | Err(Error::Infeasible) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        let mut timed = |search: &mut Search<'_, f64>, cache: Option<&mut DistanceCache<'_, f64>>| {
            let (trial, before) = (next(search), clock(begun));
            let proposal = search.ask(trial, space, &metric, cache, &mut genome, workspace.arena())?;
            Ok::<_, Error>((clock(begun) - before, trial, loss(&genome), proposal.candidates))
        };
        let (mut kept, mut cold, mut candidates) = (vec![], vec![], 0);
        // The first ask fits and brings the rows up to date.
        let (_, first, ..) = timed(&mut search, Some(&mut cache))?;
        search.fail(first)?;
        while search.history().told() < count {
            let (time, trial, value, pool) = timed(&mut search, Some(&mut cache))?;
            kept.push(time);
            candidates = pool;
            // What is not among the best leaves the pool as it is.
            search.tell(trial, if life == 1 { value } else { worst })?;
        }
        while patient && cold.len() < ASKS {
            let (time, trial, ..) = timed(&mut search, None)?;
            cold.push(time);
            search.fail(trial)?;
            patient = time < PATIENCE;
        }
        let cold = if cold.is_empty() { String::new() } else { format!("{:.1}", median(cold)) };
        let fit = if life == 1 { fit(&search, begun)? } else { 0.0 };
        let gap = (count + 1..).find(|&n| refit_point(n) == n).unwrap_or(count + 1) - refit_point(count);
        let pool = if life == 1 { "default" } else { "kept" };
        println!(
            "{name},{pool},{count},{candidates},{cold},{:.1},{fit:.1},{:.1}",
            median(kept),
            fit / gap as f64
        );
    }
    Ok(())
}

/// The time of one choice of hyperparameters for all observations of a search.
fn fit(search: &Search<'_, f64>, begun: Instant) -> Result<f64, Error> {
    let Some(process) = search.process() else { return Ok(0.0) };
    let n = process.len();
    let mut state = Memory::new(GaussianProcess::<f64>::extent(n));
    let mut work = Memory::new(GaussianProcess::<f64>::workspace(n));
    let mut copy = GaussianProcess::new(n, process.kernel(), process.hyperparameters(), state.arena())?;
    for (i, &value) in process.values().iter().enumerate() {
        copy.append(process.distances(i), value)?;
    }
    let before = clock(begun);
    copy.fit(&search.settings().fit, work.arena())?;
    Ok(clock(begun) - before)
}
