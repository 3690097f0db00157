//! Several proposals at once, draws from the posterior, and what stands for values that are not there yet.

mod lab;

use hotnas_core::gp::Transform;
use hotnas_core::metric::{Metric, MetricSettings};
use hotnas_core::search::spaces::{Digits, NasBench201};
use hotnas_core::search::{Acquisition, BatchRule, Method, Pending, Search, SearchSettings, TrialState};
use hotnas_core::{Error, Real};
use lab::{CAPACITY, Chains, Lab, Memory, bits, small_pool, value};
use std::collections::HashSet;

fn settings<R: Real>(batch: BatchRule, acquisition: Acquisition<R>) -> SearchSettings<R> {
    SearchSettings { batch, acquisition, shortlist: 12, ..small_pool(Method::Hotnas, 9) }
}

/// Every rule with every kind of acquisition.
fn all<R: Real>() -> Vec<SearchSettings<R>> {
    let bound = SearchSettings::<R>::default().acquisition;
    let rules = BatchRule::ALL.into_iter();
    rules
        .flat_map(|rule| {
            [bound, Acquisition::ExpectedImprovement, Acquisition::Thompson].map(|a| settings(rule, a))
        })
        .collect()
}

fn batch<R: Real>(
    lab: &mut Lab<'static, R, Digits>,
    first: u32,
    count: usize,
) -> Result<Vec<Vec<u8>>, Error> {
    let mut genomes = vec![0; 7 * count];
    let Lab { search, space, metric, workspace } = lab;
    search.ask_batch(first, space, metric, None, &mut genomes, workspace.arena())?;
    Ok(genomes.chunks(7).map(<[u8]>::to_vec).collect())
}

fn warm<R: Real>(settings: SearchSettings<R>, trials: u32) -> Lab<'static, R, Digits> {
    let mut lab = Lab::new(Digits, settings);
    for trial in 0..trials {
        let (genome, _) = lab.ask(trial).unwrap();
        lab.search.tell(trial, value(&genome)).unwrap();
    }
    lab
}

fn a_batch_depends_on_the_trials_only<R: Real>() {
    for settings in all::<R>() {
        let mut lab = warm(settings, 7);
        let what = format!("{:?} {:?}", settings.batch, settings.acquisition);
        for (first, count) in [(20, 4), (30, 3)] {
            let mut replayed = lab.replayed(first as usize);
            let mut single = lab.replayed(2);
            // Another block, and memory full of nonsense.
            let mut blocks = Lab::new(Digits, SearchSettings { block: 3, ..settings });
            for t in lab.search.history().iter() {
                blocks.record(t.number, t.genome, t.state, t.value);
            }
            blocks.workspace.0.fill(R::INFINITY);
            let found = batch(&mut lab, first, count).unwrap();
            assert_eq!(batch(&mut replayed, first, count).unwrap(), found, "{what}");
            assert_eq!(batch(&mut blocks, first, count).unwrap(), found, "{what}");
            // The first is what would have been proposed alone.
            assert_eq!(single.ask(first).unwrap().0, found[0], "{what}");
            let history = lab.search.history();
            let prints: HashSet<_> = history.iter().map(|t| t.fingerprint).collect();
            assert_eq!(prints.len(), history.len(), "{what}");
            for (trial, genome) in (first..).zip(&found) {
                let at = history.find(trial).unwrap();
                assert_eq!(history.get(at).unwrap().genome, genome);
                assert_eq!(history.get(at).unwrap().state, TrialState::Pending);
            }
            // Half of them stay pending.
            for (trial, genome) in (first..).zip(&found).step_by(2) {
                lab.search.tell(trial, value(genome)).unwrap();
            }
        }
    }
}

#[test]
fn a_batch_depends_on_the_trials_only_f64() {
    a_batch_depends_on_the_trials_only::<f64>();
}

#[test]
fn a_batch_depends_on_the_trials_only_f32() {
    a_batch_depends_on_the_trials_only::<f32>();
}

#[test]
fn sequential_batches_are_single_proposals() {
    let settings = small_pool::<f64>(Method::Hotnas, 4);
    let (mut one, mut many) = (warm(settings, 6), warm(settings, 6));
    let singles: Vec<_> = (10..15).map(|trial| one.ask(trial).unwrap().0).collect();
    assert_eq!(batch(&mut many, 10, 5).unwrap(), singles);
    // Before the model speaks, whatever the rule.
    for settings in all::<f64>() {
        let (mut one, mut many) = (Lab::new(Digits, settings), Lab::new(Digits, settings));
        let singles: Vec<_> = (0..4).map(|trial| one.ask(trial).unwrap().0).collect();
        assert_eq!(batch(&mut many, 0, 4).unwrap(), singles);
    }
}

#[test]
fn rules_choose_differently() {
    let bound = SearchSettings::<f64>::default().acquisition;
    let found: HashSet<_> =
        BatchRule::ALL.map(|rule| batch(&mut warm(settings(rule, bound), 12), 50, 5).unwrap()).into();
    assert_eq!(found.len(), 4);
}

#[test]
fn a_batch_larger_than_the_shortlist_is_filled_up() {
    for rule in BatchRule::ALL {
        let settings = SearchSettings { shortlist: 5, ..settings(rule, Acquisition::Thompson) };
        let mut lab = warm::<f64>(settings, 6);
        assert_eq!(batch(&mut lab, 6, 8).unwrap().len(), 8);
        assert_eq!(lab.search.history().pending(), 8);
    }
}

#[test]
fn a_refused_batch_leaves_no_trace() {
    for rule in BatchRule::ALL {
        let settings = settings::<f64>(rule, Acquisition::ExpectedImprovement);
        let mut lab = Lab::new(Chains { only: None }, settings);
        for trial in 0..8 {
            let (genome, _) = lab.ask(trial).unwrap();
            lab.search.tell(trial, value(&genome)).unwrap();
        }
        let mut twin = lab.replayed(1);
        // Six designs are left.
        let ask = |lab: &mut Lab<'static, f64, Chains>, first, genomes: &mut [u8]| {
            let Lab { search, space, metric, workspace } = lab;
            search.ask_batch(first, space, metric, None, genomes, workspace.arena())
        };
        let mut genomes = [77; 21];
        assert_eq!(ask(&mut lab, 10, &mut genomes), Err(Error::SpaceExhausted), "{rule:?}");
        assert_eq!(ask(&mut lab, 5, &mut genomes), Err(Error::TrialExists));
        assert_eq!(ask(&mut lab, u32::MAX - 5, &mut genomes), Err(Error::SizeOverflow));
        assert_eq!(ask(&mut lab, 10, &mut genomes[1..]), Err(Error::GenomeOutOfRange));
        assert_eq!(ask(&mut lab, 10, &mut [77; 3 * CAPACITY]), Err(Error::CapacityExceeded));
        assert_eq!(genomes, [77; 21]);
        assert!(lab.search.history().iter().eq(twin.search.history().iter()));
        ask(&mut lab, 10, &mut genomes[..18]).unwrap();
        let mut others = [77; 18];
        ask(&mut twin, 10, &mut others).unwrap();
        assert_eq!(genomes[..18], others);
        assert_eq!(lab.ask(99).unwrap_err(), Error::SpaceExhausted);
        assert_eq!(ask(&mut lab, 99, &mut []), Ok(()));
    }
}

#[test]
fn too_little_memory_is_refused() {
    for settings in all::<f64>() {
        let mut lab = warm(settings, 8);
        let need = Search::workspace(
            &settings,
            CAPACITY,
            7,
            hotnas_core::search::Space::<f64>::limits(&Digits),
            &lab.metric,
        );
        let mut less = need;
        less.reals = 0;
        lab.workspace = Memory::new(less);
        assert_eq!(batch(&mut lab, 20, 3).unwrap_err(), Error::MemoryTooSmall);
        lab.workspace = Memory::new(need);
        batch(&mut lab, 20, 3).unwrap();
    }
}

#[test]
fn pending_trials_are_given_what_the_setting_says() {
    let mut asked = HashSet::new();
    for pending in Pending::ALL {
        assert_eq!(Pending::from_code(pending as i32), Some(pending));
        let mut lab = warm(SearchSettings { pending, ..small_pool::<f64>(Method::Hotnas, 7) }, 10);
        lab.ask(10).unwrap();
        let found = lab.ask(11).unwrap();
        asked.insert(format!("{:?}", bits(&found)));
        let process = lab.search.process().unwrap();
        let (told, lie) = process.values().split_at(10);
        let least = told.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = told.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match pending {
            // Told what it expects, a process expects no other thing.
            Pending::Believer => assert!((process.mean_at(10) - lie[0]).abs() < 1e-9),
            Pending::Least => assert_eq!(lie, [least]),
            Pending::Mean => assert_eq!(lie, [0.0]),
            Pending::Greatest => assert_eq!(lie, [greatest]),
        }
    }
    assert!(asked.len() > 1);
}

#[test]
fn draws_differ_by_trial() {
    let settings = settings::<f64>(BatchRule::Sequential, Acquisition::Thompson);
    let lab = warm(settings, 14);
    let firsts: HashSet<_> = (20..40).map(|trial| lab.replayed(0).ask(trial).unwrap().0).collect();
    assert!(firsts.len() > 4);
}

/// The evidence is the likelihood of the process that the next proposal uses, whatever was asked before.
/// Where the logarithm of what is told is what varies smoothly, it is taken; the choice is part of the state
/// that a replay finds again.
#[test]
fn the_likeliest_transform_is_chosen() {
    let settings = SearchSettings {
        transform: Transform::Identity,
        other_transforms: 0b1010,
        ..small_pool::<f64>(Method::Hotnas, 3)
    };
    let told = |only: Option<Transform>| {
        let settings = match only {
            Some(transform) => SearchSettings { transform, other_transforms: 0, ..settings },
            None => settings,
        };
        let mut lab = Lab::new(NasBench201, settings);
        for trial in 0..25 {
            let mut genome = [0; 6];
            NasBench201.genome(trial * 611 % 15_625, &mut genome).unwrap();
            let value = (0.3 * value::<f64>(&genome)).exp();
            lab.record(trial as u32, &genome, TrialState::Told, value);
        }
        let asked = bits(&lab.ask(40).unwrap());
        assert_eq!(bits(&lab.replayed(2).ask(41).unwrap()), bits(&lab.ask(41).unwrap()));
        (asked, lab.search.process().unwrap().values().to_vec())
    };
    assert_eq!(told(None), told(Some(Transform::Log)));
    assert_ne!(told(None), told(Some(Transform::Soft)));
}

#[test]
fn evidence_is_the_likelihood_of_the_next_model() {
    let settings = SearchSettings { other_kernels: 0b1111, ..small_pool::<f64>(Method::Hotnas, 7) };
    let mut lab = warm(settings, 12);
    let Lab { search, space, metric, workspace } = &mut lab;
    let other = MetricSettings { epsilon: 0.9, lambda: 0.3, ..*metric.settings() };
    let other = Metric::new(metric.table(), other).unwrap();
    let mut evidence = |metric| search.evidence(space, metric, None, workspace.arena()).unwrap();
    let (first, second) = (evidence(metric), evidence(&other));
    assert_eq!((evidence(metric), evidence(&other)), (first, second));
    assert!(first != second);
    let mut twin = lab.replayed(1);
    twin.ask(50).unwrap();
    assert_eq!(twin.search.process().unwrap().log_marginal_likelihood(), first);
    let mut twin = lab.replayed(2);
    assert_eq!(bits(&lab.ask(60).unwrap()), bits(&twin.ask(60).unwrap()));
}
