//! A second number: limits, known or measured, and two objectives.

mod lab;

use hotnas_core::search::spaces::Digits;
use hotnas_core::search::{
    Acquisition, BatchRule, Limited, Method, Search, SearchSettings, Second, Space, TrialState,
};
use hotnas_core::{Error, Real};
use lab::{CAPACITY, Lab, Memory, bits, small_pool, value};

/// The second number of a design: falls where the value grows.
fn cost<R: Real>(genome: &[u8]) -> R {
    let x: f64 =
        genome.iter().zip([1.0, 2.0, 0.5, 1.0, 1.5, 0.25, 1.0]).map(|(&g, w)| f64::from(g) * w).sum();
    R::from_f64(9.0 - x + 0.2 * (x * 5.0).cos())
}

fn both<R: Real>(genome: &[u8]) -> [R; 2] {
    [value(genome), cost(genome)]
}

fn settings<R: Real>(second: Second<R>) -> SearchSettings<R> {
    SearchSettings { second, ..small_pool(Method::Hotnas, 5) }
}

fn all<R: Real>() -> Vec<SearchSettings<R>> {
    let limit = Second::Limit { limit: R::from_f64(4.0) };
    let improvement = Acquisition::ExpectedImprovement;
    let mut all = vec![
        settings(limit),
        SearchSettings { acquisition: improvement, ..settings(limit) },
        SearchSettings { batch: BatchRule::Determinantal, ..settings(limit) },
        settings(Second::Weighted),
        settings(Second::Hypervolume),
        SearchSettings { batch: BatchRule::LocalPenalisation, ..settings(Second::Hypervolume) },
    ];
    for second in [limit, Second::Weighted] {
        all.push(SearchSettings { second, ..small_pool(Method::Evolution, 5) });
        all.push(SearchSettings { second, ..small_pool(Method::Random, 5) });
    }
    all
}

fn proposals_depend_on_the_trials_only<R: Real>() {
    for settings in all::<R>() {
        let mut lab = Lab::<R, _>::new(Digits, settings);
        let mut open = vec![];
        for trial in 0..14u32 {
            let mut other = lab.replayed(trial as usize);
            let size = Search::<R>::saved_size(lab.search.history().len(), 7, true);
            let mut saved = vec![0; size];
            assert_eq!(lab.save(&mut vec![0; size - 1]), Err(Error::MemoryTooSmall));
            assert_eq!(lab.save(&mut saved), Ok(size));
            let mut restored = Lab::<R, _>::new(Digits, settings);
            restored.restore(&saved).unwrap();
            let asked = lab.ask(trial * 3).unwrap();
            assert_eq!(bits(&asked), bits(&other.ask(trial * 3).unwrap()), "{settings:?} {trial}");
            assert_eq!(bits(&asked), bits(&restored.ask(trial * 3).unwrap()), "{settings:?} {trial}");
            open.push((trial * 3, asked.0));
            if open.len() == 2 {
                let (number, genome) = open.remove(trial as usize % 2);
                let [value, second] = both(&genome);
                lab.search.tell_both(number, value, second).unwrap();
            }
        }
    }
}

#[test]
fn proposals_depend_on_the_trials_only_f64() {
    proposals_depend_on_the_trials_only::<f64>();
}

#[test]
fn proposals_depend_on_the_trials_only_f32() {
    proposals_depend_on_the_trials_only::<f32>();
}

fn run(settings: SearchSettings<f64>, trials: u32) -> Lab<'static, f64, Digits> {
    let mut lab = Lab::new(Digits, settings);
    for trial in 0..trials {
        let (genome, proposal) = lab.ask(trial).unwrap();
        assert!(proposal.prediction.is_none_or(|p| !p.acquisition.is_nan()));
        lab.search.tell_both(trial, value(&genome), cost(&genome)).unwrap();
    }
    lab
}

/// Every design.
fn genomes() -> Vec<[u8; 7]> {
    let genome = |index| {
        let mut genome = [0; 7];
        Digits.genome(index, &mut genome).unwrap();
        genome
    };
    (0..2352).map(genome).collect()
}

#[test]
fn the_best_is_feasible_and_feasible_designs_are_sought() {
    // The best of all does not keep the limit.
    let genomes = genomes();
    let optimum = genomes.iter().min_by(|a, b| value::<f64>(&a[..]).total_cmp(&value(&b[..]))).unwrap();
    let mut costs: Vec<f64> = genomes.iter().map(|g| cost(&g[..])).collect();
    costs.sort_by(f64::total_cmp);
    // A quarter of the designs keeps the limit.
    let (limit, share) = (costs[588], 0.25);
    assert!(cost::<f64>(optimum) > limit);
    let lab = run(settings(Second::Limit { limit }), 36);
    let history = lab.search.history();
    let feasible = |trial: u32| history.get(trial as usize).unwrap().second <= limit;
    let least = (0..36).filter(|&t| feasible(t)).map(|t| history.get(t as usize).unwrap().value);
    let best = lab.search.best().unwrap();
    assert!(best.second <= limit && best.value == least.fold(f64::INFINITY, f64::min));
    let late = (18..36).filter(|&t| feasible(t)).count() as f64 / 18.0;
    assert!(late > 1.5 * share, "{late} {share}");
}

#[test]
fn nothing_feasible_is_no_answer() {
    for method in [Method::Hotnas, Method::Random, Method::Evolution] {
        let second = Second::Limit { limit: -1e6 };
        let lab = run(SearchSettings { second, ..small_pool(method, 3) }, 20);
        assert_eq!(lab.search.best(), None);
    }
    // While nothing is feasible, the search approaches the limit: designs cost less than random ones.
    let least = genomes().iter().map(|g| cost::<f64>(g)).fold(f64::INFINITY, f64::min);
    let second = Second::Limit { limit: least - 0.5 };
    let costs = |method| {
        let lab = run(SearchSettings { second, ..small_pool(method, 5) }, 28);
        lab.search.history().iter().skip(10).map(|trial| trial.second).sum::<f64>() / 18.0
    };
    let (sought, random) = (costs(Method::Hotnas), costs(Method::Random));
    assert!(sought < random, "{sought} {random}");
}

#[test]
fn the_front_is_that_of_all_pairs() {
    for second in [Second::Weighted, Second::Hypervolume] {
        for method in [Method::Hotnas, Method::Evolution] {
            let lab = run(SearchSettings { second, ..small_pool(method, 2) }, 30);
            let trials: Vec<_> = lab.search.history().iter().collect();
            let expected: Vec<u32> = trials
                .iter()
                .filter(|b| {
                    !trials.iter().any(|a| {
                        a.value <= b.value
                            && a.second <= b.second
                            && (a.value, a.second) != (b.value, b.second)
                    })
                })
                .map(|t| t.number)
                .collect();
            let front: Vec<u32> = lab.search.front().map(|t| t.number).collect();
            assert_eq!(front, expected);
            assert!(front.len() > 1);
        }
    }
}

#[test]
fn equal_pairs_stand_for_one_point_of_the_front() {
    let mut lab = Lab::<f64, _>::new(Digits, settings(Second::Hypervolume));
    for trial in 0..12 {
        lab.ask(trial).unwrap();
        lab.search.tell_both(trial, 1.5, -2.0).unwrap();
    }
    assert_eq!(lab.search.front().map(|t| t.number).collect::<Vec<_>>(), [0]);
}

#[test]
fn one_observation_is_enough() {
    for settings in all::<f64>() {
        let mut lab = Lab::new(Digits, SearchSettings { initial: 0, ..settings });
        lab.ask(0).unwrap();
        lab.search.tell_both(0, 3.0, 2.0).unwrap();
        let (_, proposal) = lab.ask(1).unwrap();
        assert_eq!(proposal.prediction.is_some(), settings.method == Method::Hotnas);
    }
}

#[test]
fn numbers_are_counted_and_checked() {
    let mut lab = Lab::<f64, _>::new(Digits, settings(Second::Weighted));
    let (genome, _) = lab.ask(0).unwrap();
    assert_eq!(lab.search.tell(0, 1.0), Err(Error::DimensionMismatch));
    assert_eq!(lab.search.tell_both(0, 1.0, f64::NAN), Err(Error::NotFinite));
    assert_eq!(lab.search.tell_both(0, f64::INFINITY, 1.0), Err(Error::NotFinite));
    let Lab { search, space, metric, workspace } = &mut lab;
    let told = search.tell_design(1, &genome, 1.0, space, metric, workspace.arena());
    assert_eq!(told, Err(Error::DimensionMismatch));
    let pair = [1.0, f64::NAN];
    let told = search.record_both(1, &genome, TrialState::Told, pair, space, metric, workspace.arena());
    assert_eq!(told, Err(Error::NotFinite));
    // Without a result there is nothing to count.
    search.record(1, &genome, TrialState::Failed, 0.0, space, metric, workspace.arena()).unwrap();
    assert_eq!((search.history().len(), search.history().pending()), (2, 1));
    search.tell_both(0, 1.0, 2.0).unwrap();
    let mut lab = Lab::<f64, _>::new(Digits, settings(Second::None));
    let (genome, _) = lab.ask(0).unwrap();
    assert_eq!(lab.search.tell_both(0, 1.0, 2.0), Err(Error::DimensionMismatch));
    let Lab { search, space, metric, workspace } = &mut lab;
    let pair = [1.0; 2];
    let told = search.record_both(1, &genome, TrialState::Told, pair, space, metric, workspace.arena());
    assert_eq!(told, Err(Error::DimensionMismatch));
}

#[test]
fn memory_is_what_the_settings_say() {
    for settings in all::<f64>() {
        let mut need = Search::extent_of(&settings, CAPACITY, 7);
        need.reals -= 1;
        let mut memory = Memory::new(need);
        let mut arena = memory.arena();
        let refused = Search::new(settings, CAPACITY, 7, &mut arena);
        assert_eq!(refused.unwrap_err(), Error::MemoryTooSmall);
        let mut lab = Lab::new(Digits, settings);
        for trial in 0..8 {
            let (genome, _) = lab.ask(trial).unwrap();
            lab.search.tell_both(trial, value(&genome), cost(&genome)).unwrap();
        }
        let limits = Space::<f64>::limits(&Digits);
        let mut work = Search::workspace(&settings, CAPACITY, 7, limits, &lab.metric);
        work.reals = 0;
        lab.workspace = Memory::new(work);
        assert_eq!(lab.ask(8).unwrap_err(), Error::MemoryTooSmall);
    }
}

#[test]
fn a_known_limit_is_never_exceeded() {
    let cost = |genome: &[u8]| if genome[4] == 1 { f64::NAN } else { cost::<f64>(genome) };
    for method in [Method::Hotnas, Method::Random, Method::Evolution] {
        let space: &'static Digits = &Digits;
        let mut lab = Lab::new(Limited::new(space, cost, 5.0), small_pool::<f64>(method, 8));
        for trial in 0..40 {
            let (genome, _) = lab.ask(trial).unwrap();
            assert!(cost(&genome) <= 5.0, "{method:?}");
            lab.search.tell(trial, value(&genome)).unwrap();
        }
    }
    let none = Limited::new(&Digits, |_: &[u8]| 1.0, 0.0);
    let mut lab = Lab::new(none, SearchSettings { scan: 5000, ..small_pool::<f64>(Method::Random, 8) });
    assert_eq!(lab.ask(0).unwrap_err(), Error::SpaceExhausted);
}

#[test]
fn local_search_starts_from_feasible_designs() {
    let settings = SearchSettings::<f64> {
        second: Second::Limit { limit: 4.0 },
        initial: 0,
        ..small_pool(Method::LocalSearch, 5)
    };
    let mut lab = Lab::new(Digits, settings);
    let [infeasible, feasible] = [100, 2000].map(|index| {
        let mut genome = [0; 7];
        Digits.genome(index, &mut genome).unwrap();
        genome
    });
    lab.record_both(0, &infeasible, TrialState::Told, [0.0, 10.0]);
    lab.record_both(1, &feasible, TrialState::Told, [1.0, -1.0]);
    let (genome, _) = lab.ask(2).unwrap();
    let edits = |from: [u8; 7]| genome.iter().zip(from).filter(|(a, b)| *a != b).count();
    assert!(edits(feasible) < edits(infeasible), "{genome:?}");
    let mut none = Lab::new(Digits, settings);
    none.record_both(0, &infeasible, TrialState::Told, [0.0, 10.0]);
    none.record_both(1, &feasible, TrialState::Told, [0.0, 9.0]);
    let (genome, _) = none.ask(2).unwrap();
    let edits = |from: [u8; 7]| genome.iter().zip(from).filter(|(a, b)| *a != b).count();
    assert!(edits(feasible) < edits(infeasible), "{genome:?}");
}
