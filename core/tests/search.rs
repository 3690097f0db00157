//! The search through its public interface: what it proposes depends on what it says it depends on.

use hotnas_core::Error;
use hotnas_core::Real;
use hotnas_core::arch::{Dissimilarity, FeatureScale, NetworkBuilder, OperationTable};
use hotnas_core::gp::FitSettings;
use hotnas_core::memory::Extent;
use hotnas_core::metric::{DistanceCache, Metric, MetricSettings, NetworkShape};
use hotnas_core::search::acquisition::KappaSchedule;
use hotnas_core::search::spaces::{Digits, NasBench201, TransNasMicro, cell_table, layers};
use hotnas_core::search::{
    Acquisition, Limited, Method, Origin, PoolSettings, Search, SearchSettings, Space, TrialState,
    check_genome,
};
use hotnas_core::transport::gromov::{Effort, Pairing};
use std::collections::HashSet;

mod lab;
use lab::{CAPACITY, Chains, Lab, Memory, bits, small_pool, value};

const METHODS: [Method; 5] = Method::ALL;

fn proposals_depend_on_the_trials_only<R: Real>() {
    for method in METHODS {
        let mut lab = Lab::<R, _>::new(Digits, small_pool(method, 3));
        // Three workers: trials end in another order than they began, some fail.
        let mut open = vec![];
        for trial in 0..26u32 {
            // Every earlier state of affairs, replayed in another order, leads to the same proposal.
            let mut other = lab.replayed(trial as usize);
            let mut saved = vec![0; Search::<R>::saved_size(CAPACITY, 7, false)];
            let length = lab.save(&mut saved).unwrap();
            let mut restored = Lab::<R, _>::new(Digits, small_pool(method, 3));
            restored.restore(&saved[..length]).unwrap();

            let asked = lab.ask(trial * 3).unwrap();
            assert_eq!(bits(&asked), bits(&other.ask(trial * 3).unwrap()), "{method:?} {trial}");
            assert_eq!(bits(&asked), bits(&restored.ask(trial * 3).unwrap()), "{method:?} {trial}");
            open.push((trial * 3, asked.0));
            if open.len() == 3 {
                let (number, genome) = open.remove((trial as usize * 7) % 3);
                if trial % 9 == 5 {
                    lab.search.fail(number).unwrap();
                } else {
                    lab.search.tell(number, value(&genome)).unwrap();
                }
            }
        }
        let history = lab.search.history();
        assert_eq!((history.len(), history.pending()), (26, 2));
        if method == Method::Hotnas {
            assert_eq!(lab.search.process().unwrap().len(), history.told() + 1);
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

#[test]
fn cache_block_and_dirty_memory_change_nothing() {
    let run = |block: u32, entries: usize| {
        let settings = SearchSettings { block, ..small_pool::<f64>(Method::Hotnas, 11) };
        let mut lab = Lab::new(NasBench201, settings);
        let mut memory = Memory::new(DistanceCache::<f64>::extent(entries));
        let mut arena = memory.arena();
        let mut cache = (entries > 0).then(|| DistanceCache::new(entries, &mut arena).unwrap());
        let mut found = vec![];
        for trial in 0..14 {
            let mut genome = vec![0; 6];
            lab.workspace.0.fill(f64::NAN);
            lab.workspace.1.fill(trial);
            lab.workspace.2.fill(trial as u8);
            let workspace = lab.workspace.arena();
            let proposal = lab
                .search
                .ask(trial, &lab.space, &lab.metric, cache.as_mut(), &mut genome, workspace)
                .unwrap();
            lab.search.tell(trial, value(&genome)).unwrap();
            found.push(bits(&(genome, proposal)));
        }
        found
    };
    let expected = run(8, 0);
    assert_eq!(run(1, 0), expected);
    assert_eq!(run(3, 64), expected);
    assert_eq!(run(64, 64), expected);
    assert_eq!(run(8, 4096), expected);
}

#[test]
fn long_lives_leave_little_to_compute() {
    let misses = |life: u32| {
        let mut settings = small_pool::<f64>(Method::Hotnas, 5);
        settings.pool = PoolSettings { parents: 2, mutants: 30, random: 60, limit: 150, life };
        let mut lab = Lab::new(NasBench201, settings);
        let mut memory = Memory::new(DistanceCache::<f64>::extent(1 << 16));
        let mut arena = memory.arena();
        let mut cache = DistanceCache::new(1 << 16, &mut arena).unwrap();
        let mut counts = vec![];
        for trial in 0..24 {
            let mut genome = vec![0; 6];
            let before = cache.misses();
            let workspace = lab.workspace.arena();
            lab.search
                .ask(trial, &lab.space, &lab.metric, Some(&mut cache), &mut genome, workspace)
                .unwrap();
            counts.push(cache.misses() - before);
            lab.search.tell(trial, value(&genome)).unwrap();
        }
        counts[12..].iter().sum::<u64>()
    };
    let (short, long) = (misses(1), misses(10));
    assert!(3 * long < short, "{long} {short}");
}

#[test]
fn no_network_is_proposed_twice_and_settings_matter() {
    let mut firsts = HashSet::new();
    let again = [(Method::Hotnas, 4)];
    for (method, seed) in METHODS.into_iter().zip(0..).chain(again) {
        let mut lab = Lab::<f64, _>::new(NasBench201, small_pool(method, seed));
        let mut origins = HashSet::new();
        for trial in 0..40 {
            let (genome, proposal) = lab.ask(trial).unwrap();
            check_genome::<f64, _>(&NasBench201, &genome).unwrap();
            origins.insert(proposal.origin as i32);
            if trial == 0 {
                firsts.insert(genome.clone());
            }
            assert_eq!(proposal.prediction.is_some(), method == Method::Hotnas && trial >= 4);
            lab.search.tell(trial, value(&genome)).unwrap();
        }
        let prints: HashSet<_> = lab.search.history().iter().map(|t| t.fingerprint).collect();
        assert_eq!(prints.len(), 40);
        assert!(method == Method::Random || origins.len() > 1, "{method:?} {origins:?}");
    }
    assert_eq!(firsts.len(), 5);
}

#[test]
fn local_search_takes_neighbours_of_the_best_that_has_any() {
    let mut lab = Lab::<f64, _>::new(NasBench201, small_pool(Method::LocalSearch, 9));
    let mut told: Vec<(Vec<u8>, f64)> = vec![];
    let apart = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a != b).count();
    for trial in 0..60 {
        let (genome, proposal) = lab.ask(trial).unwrap();
        assert_eq!(proposal.origin == Origin::Local, trial >= 4);
        if trial >= 4 {
            // Whatever is better than the parent has no new network around it.
            let parents = told.iter().filter(|(parent, _)| apart(parent, &genome) == 1);
            let parent = parents.map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
            assert!(parent.is_finite());
            let best = told.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
            assert!(parent == best || trial >= 24, "a design has 24 neighbours");
        }
        let loss = value(&genome);
        lab.search.tell(trial, loss).unwrap();
        told.push((genome, loss));
    }
}

/// The control draws from the pool of the method that it is a control of.
#[test]
fn random_picks_come_from_the_pool() {
    let mut origins = [0; 7];
    for seed in 0..12 {
        let settings = |method| small_pool::<f64>(method, seed);
        let (mut control, mut model) = (
            Lab::new(NasBench201, settings(Method::Pool)),
            Lab::new(NasBench201, settings(Method::Hotnas)),
        );
        for trial in 0..16 {
            let (genome, proposal) = control.ask(trial).unwrap();
            assert!(proposal.prediction.is_none());
            origins[proposal.origin as usize] += 1;
            if trial >= 4 {
                let (_, other) = model.ask(trial).unwrap();
                assert_eq!((proposal.candidates, proposal.observations), (other.candidates, trial));
                model.search.clear();
                for told in control.search.history().iter().take(trial as usize) {
                    let (space, metric) = (&model.space, &model.metric);
                    let arena = model.workspace.arena();
                    let search = &mut model.search;
                    search
                        .tell_design(told.number, told.genome, told.value, space, metric, arena)
                        .unwrap();
                }
            } else {
                model.record(trial, &genome, TrialState::Told, value(&genome));
            }
            control.search.tell(trial, value(&genome)).unwrap();
            if trial >= 4 {
                model.record(trial, &genome, TrialState::Told, value(&genome));
            }
        }
        assert_eq!(origins[Origin::Random as usize], 4 * (seed as usize + 1));
    }
    // 20 to 24 of 40 candidates are neighbours, 8 mutants, 8 samples.
    let [neighbours, mutants, samples] =
        [Origin::Neighbour, Origin::Mutant, Origin::Sample].map(|o| origins[o as usize]);
    assert_eq!(neighbours + mutants + samples, 12 * 12);
    assert!(neighbours > mutants && mutants > 10 && samples > 10, "{origins:?}");
}

#[test]
fn a_small_space_is_exhausted_exactly() {
    for method in METHODS {
        let mut lab = Lab::<f64, _>::new(Chains { only: None }, small_pool(method, 5));
        for trial in 0..14 {
            let (genome, _) = lab.ask(trial).unwrap();
            if trial % 4 == 1 {
                lab.search.fail(trial).unwrap();
            } else if trial % 4 != 2 {
                lab.search.tell(trial, value(&genome)).unwrap();
            }
        }
        assert_eq!(lab.ask(99).unwrap_err(), Error::SpaceExhausted, "{method:?}");
        // The refusal left everything as it was, and results still arrive.
        lab.search.tell(2, 0.5).unwrap();
        assert_eq!(lab.search.history().len(), 14);
        assert_eq!(lab.ask(99).unwrap_err(), Error::SpaceExhausted);
    }
}

#[test]
fn infeasible_genomes_are_passed_over() {
    for method in METHODS {
        let mut lab = Lab::<f32, _>::new(Chains { only: Some(1) }, small_pool(method, 2));
        let mut found = vec![];
        while let Ok((genome, _)) = lab.ask(found.len() as u32) {
            assert_eq!(genome.iter().sum::<u8>() % 3, 1);
            lab.search.tell(found.len() as u32, value(&genome)).unwrap();
            found.push(genome);
        }
        // 1; 22; 112, 121, 211.
        assert_eq!(found.len(), 5, "{method:?}");
    }
}

#[test]
fn equal_values_one_observation_and_failures() {
    // Equal values.
    let mut lab = Lab::<f32, _>::new(Digits, small_pool(Method::Hotnas, 1));
    for trial in 0..16 {
        let (_, proposal) = lab.ask(trial).unwrap();
        lab.search.tell(trial, 2.5).unwrap();
        assert!(proposal.prediction.is_none_or(|p| p.mean.is_finite() && p.deviation >= 0.0));
    }
    // The model speaks after one observation.
    let settings = SearchSettings { initial: 0, ..small_pool::<f64>(Method::Hotnas, 1) };
    let mut lab = Lab::new(Digits, settings);
    assert_eq!(lab.ask(0).unwrap().1.origin, Origin::Random);
    assert_eq!(lab.ask(1).unwrap().1.prediction, None);
    lab.search.tell(1, -4.0).unwrap();
    let (_, proposal) = lab.ask(2).unwrap();
    assert_eq!(proposal.observations, 1);
    assert!(proposal.prediction.unwrap().deviation > 0.0);
    // Nothing but failures: random designs for ever.
    let mut lab = Lab::<f64, _>::new(Digits, small_pool(Method::Hotnas, 1));
    for trial in 0..20 {
        assert_eq!(lab.ask(trial).unwrap().1.origin, Origin::Random);
        lab.search.fail(trial).unwrap();
    }
    assert_eq!(lab.search.best(), None);
}

#[test]
fn expected_improvement_and_schedules_run() {
    let acquisitions = [
        Acquisition::ExpectedImprovement,
        Acquisition::UpperConfidenceBound { kappa: 1.0, schedule: KappaSchedule::Logarithmic },
    ];
    for acquisition in acquisitions {
        let settings = SearchSettings { acquisition, ..small_pool::<f64>(Method::Hotnas, 8) };
        let mut lab = Lab::new(Digits, settings);
        for trial in 0..12 {
            let (genome, proposal) = lab.ask(trial).unwrap();
            assert!(proposal.prediction.is_none_or(|p| p.acquisition.is_finite()));
            lab.search.tell(trial, value(&genome)).unwrap();
        }
    }
}

#[test]
fn mutants_are_two_edits_away_from_a_good_design() {
    let settings = SearchSettings {
        pool: PoolSettings { parents: 2, mutants: 30, random: 0, limit: 31, life: 1 },
        ..small_pool::<f64>(Method::Hotnas, 4)
    };
    let mut lab = Lab::new(NasBench201, settings);
    let mut told: Vec<Vec<u8>> = vec![];
    let mut mutants = 0;
    for trial in 0..16 {
        let (genome, proposal) = lab.ask(trial).unwrap();
        if trial >= 4 {
            told.sort_by(|a, b| value::<f64>(a).total_cmp(&value(b)));
            let edits = |other: &Vec<u8>| other.iter().zip(&genome).filter(|(a, b)| a != b).count();
            let nearest = told.iter().map(edits).min().unwrap();
            match proposal.origin {
                Origin::Mutant => {
                    assert!((1..=2).contains(&nearest));
                    mutants += 1;
                }
                Origin::Neighbour => assert_eq!(nearest, 1),
                other => panic!("{other:?}"),
            }
            assert!(proposal.candidates <= 31);
        }
        lab.search.tell(trial, value(&genome)).unwrap();
        told.push(genome);
    }
    assert!(mutants > 4, "{mutants}");
}

#[test]
fn twins_count_as_one_parent_and_the_search_improves() {
    let mut lab =
        Lab::<f64, _>::new(Digits, SearchSettings { initial: 6, ..small_pool(Method::Hotnas, 6) });
    // The same network under two genomes, told twice.
    lab.record(100, &[1, 2, 0, 0, 3, 2, 0], TrialState::Told, 30.0);
    lab.record(101, &[1, 2, 0, 0, 0, 2, 0], TrialState::Told, 31.0);
    let mut values = vec![];
    for trial in 0..40 {
        let (genome, _) = lab.ask(trial).unwrap();
        values.push(value::<f64>(&genome));
        lab.search.tell(trial, values[trial as usize]).unwrap();
    }
    let least = |v: &[f64]| v.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(lab.search.best().unwrap().value, least(&values));
    assert!(least(&values[6..]) < least(&values[..6]));
}

#[test]
fn wrong_calls_are_refused_and_change_nothing() {
    let mut lab = Lab::<f64, _>::new(Digits, small_pool(Method::Hotnas, 1));
    let (genome, _) = lab.ask(4).unwrap();
    assert_eq!(lab.ask(4).unwrap_err(), Error::TrialExists);
    assert_eq!(lab.search.tell(5, 1.0), Err(Error::UnknownTrial));
    assert_eq!(lab.search.tell(4, f64::NAN), Err(Error::NotFinite));
    assert_eq!(lab.search.tell(4, f64::INFINITY), Err(Error::NotFinite));
    assert_eq!(lab.search.history().pending(), 1);
    lab.search.tell(4, 1.0).unwrap();
    assert_eq!(lab.search.tell(4, 1.0), Err(Error::TrialClosed));
    assert_eq!(lab.search.fail(4), Err(Error::TrialClosed));

    let (space, metric) = (Digits, lab.metric);
    let mut told = |trial, genome: &[u8], value| {
        let workspace = lab.workspace.arena();
        lab.search.tell_design(trial, genome, value, &space, &metric, workspace)
    };
    assert_eq!(told(4, &genome, 1.0), Err(Error::TrialExists));
    assert_eq!(told(6, &genome[1..], 1.0), Err(Error::GenomeOutOfRange));
    assert_eq!(told(6, &[1, 1, 0, 0, 9, 0, 0], 1.0), Err(Error::GenomeOutOfRange));
    assert_eq!(told(6, &[1, 1, 0, 0, 0, 0, 0], 1.0), Err(Error::Infeasible));
    assert_eq!(told(6, &genome, f64::NAN), Err(Error::NotFinite));
    assert_eq!(lab.search.history().len(), 1);
    // Full.
    for trial in 10..73 {
        lab.ask(trial).unwrap();
    }
    assert_eq!(lab.ask(99).unwrap_err(), Error::CapacityExceeded);
}

#[test]
fn one_byte_too_little_is_refused() {
    let settings = small_pool::<f64>(Method::Hotnas, 1);
    let table = cell_table::<f64>().unwrap();
    let metric = Metric::new(&table, MetricSettings::default_preset()).unwrap();
    let state = Search::<f64>::extent(Method::Hotnas, 9, 6);
    let need = Search::workspace(&settings, 9, 6, Space::<f64>::limits(&NasBench201), &metric);
    let less = |e: Extent, k: usize| Extent {
        reals: e.reals - usize::from(k == 0),
        words: e.words - usize::from(k == 1),
        bytes: e.bytes - usize::from(k == 2),
    };
    for k in 0..3 {
        let mut memory = Memory::new(less(state, k));
        assert_eq!(Search::new(settings, 9, 6, &mut memory.arena()).unwrap_err(), Error::MemoryTooSmall);
    }
    let mut memory = Memory::new(state);
    let mut arena = memory.arena();
    let mut search = Search::new(settings, 9, 6, &mut arena).unwrap();
    for trial in 0..8 {
        let mut genome = [77; 6];
        if trial >= 4 {
            for k in 0..3 {
                let mut workspace = Memory::new(less(need, k));
                let asked =
                    search.ask(trial, &NasBench201, &metric, None, &mut genome, workspace.arena());
                assert_eq!(asked.unwrap_err(), Error::MemoryTooSmall);
                assert_eq!(genome, [77; 6]);
            }
        }
        let mut workspace = Memory::new(need);
        search.ask(trial, &NasBench201, &metric, None, &mut genome, workspace.arena()).unwrap();
        search.tell(trial, value(&genome)).unwrap();
    }
}

#[test]
fn the_state_is_small() {
    let size = Search::<f32>::extent(Method::Hotnas, 32, 16).size::<f32>().unwrap();
    assert!(size <= 12 * 1024, "{size}");
}

#[test]
fn damaged_and_foreign_states_are_refused() {
    let mut lab = Lab::<f64, _>::new(NasBench201, small_pool(Method::Hotnas, 1));
    for trial in 0..7 {
        let (genome, _) = lab.ask(trial).unwrap();
        if trial < 6 {
            lab.search.tell(trial, value(&genome)).unwrap();
        }
    }
    let mut saved = vec![0xee; Search::<f64>::saved_size(7, 6, false) + 3];
    assert_eq!(lab.save(&mut saved[..100]), Err(Error::MemoryTooSmall));
    assert_eq!(saved[0], 0xee);
    let length = lab.save(&mut saved).unwrap();
    assert_eq!(length, saved.len() - 3);
    assert_eq!(saved[length..], [0xee; 3]);

    let mut other = Lab::<f64, _>::new(NasBench201, small_pool(Method::Hotnas, 1));
    for at in 0..length {
        let mut damaged = saved.clone();
        damaged[at] ^= 0x10;
        let error = other.restore(&damaged).unwrap_err();
        let expected = match at {
            0..4 => Error::NotASavedState,
            4 => Error::SavedVersion,
            5 => Error::SavedPrecision,
            // The number of genes, values or trials: bytes are missing, or the checksum stands elsewhere.
            6..12 => continue,
            _ => Error::SavedChecksum,
        };
        assert_eq!(error, expected, "{at}");
    }
    for cut in 0..length {
        assert!(other.restore(&saved[..cut]).is_err());
    }
    assert!(other.search.history().is_empty());
    let mut single = Lab::<f32, _>::new(NasBench201, small_pool(Method::Hotnas, 1));
    assert_eq!(single.restore(&saved), Err(Error::SavedPrecision));
    let mut seed = Lab::<f64, _>::new(NasBench201, small_pool(Method::Hotnas, 2));
    assert_eq!(seed.restore(&saved), Err(Error::SavedSettings));
    other.restore(&saved).unwrap();
    assert!(other.search.history().iter().eq(lab.search.history().iter()));
}

/// The cells of NAS-Bench-201 with two operations exchanged: the same genomes mean other networks.
#[derive(Clone, Copy)]
struct Exchanged;

impl<R: Real> Space<R> for Exchanged {
    fn genes(&self) -> usize {
        6
    }
    fn cardinality(&self, gene: usize) -> u8 {
        Space::<R>::cardinality(&NasBench201, gene)
    }
    fn limits(&self) -> NetworkShape {
        NasBench201::LIMITS
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, R>) -> Result<(), Error> {
        let exchanged: Vec<u8> = genome.iter().map(|&g| [0, 1, 3, 2, 4][usize::from(g)]).collect();
        NasBench201.decode(&exchanged, out)
    }
}

#[test]
fn a_state_of_another_space_or_metric_is_refused() {
    let table = cell_table::<f64>().unwrap();
    let base = MetricSettings::default_preset();
    let metric = Metric::new(&table, base).unwrap();
    let layered = Metric::with_layers(&table, base, layers(0)).unwrap();
    let no_groups = OperationTable::new(Dissimilarity::Flat(7), None, &[], FeatureScale::LongestPath);
    let no_groups = no_groups.unwrap();
    let others = [
        Metric::new(&table, MetricSettings { epsilon: 0.25, ..base }),
        Metric::new(&table, MetricSettings { lambda: 0.5, ..base }),
        Metric::new(&table, MetricSettings { pairing: Pairing::Full, ..base }),
        Metric::new(&table, MetricSettings { effort: Effort::Thorough, ..base }),
        Metric::new(&no_groups, base),
        Ok(layered),
    ]
    .map(Result::unwrap);
    for method in METHODS {
        let mut lab = Lab::<f64, _>::new(NasBench201, small_pool(method, 1));
        for trial in 0..6 {
            let (genome, _) = lab.ask(trial).unwrap();
            lab.search.tell(trial, value(&genome)).unwrap();
        }
        let mut saved = vec![0; Search::<f64>::saved_size(6, 6, false)];
        lab.save(&mut saved).unwrap();
        let mut other = Lab::<f64, _>::new(NasBench201, small_pool(method, 1));
        other.record(40, &[1; 6], TrialState::Told, 3.0);
        let (before, proposed) = (other.replayed(0), other.replayed(0).ask(41).unwrap());
        let Lab { search, workspace, .. } = &mut other;
        let refused = Err(Error::SavedSettings);
        for metric in &others {
            assert_eq!(search.restore(&saved, &NasBench201, metric, workspace.arena()), refused);
        }
        // The same genes, of which some have fewer values; all as before, but another meaning; a limit that
        // a tried design does not keep.
        assert_eq!(search.restore(&saved, &TransNasMicro, &metric, workspace.arena()), refused);
        assert_eq!(search.restore(&saved, &Exchanged, &metric, workspace.arena()), refused);
        let limited = Limited::new(&NasBench201, |genome: &[u8]| f64::from(genome[0]), -1.0);
        assert_eq!(search.restore(&saved, &limited, &metric, workspace.arena()), refused);
        assert_eq!(search.restore(&saved, &Digits, &metric, workspace.arena()), refused);
        let small = search.restore(&saved, &NasBench201, &metric, Memory::new(Extent::NONE).arena());
        assert_eq!(small, Err(Error::MemoryTooSmall));
        let wrong = search.save(&Digits, &metric, &mut [0; 1000]);
        assert_eq!(wrong, Err(Error::GenomeOutOfRange));
        // Nothing has changed.
        assert!(search.history().iter().eq(before.search.history().iter()));
        assert_eq!(bits(&other.ask(41).unwrap()), bits(&proposed));
        other.restore(&saved).unwrap();
        assert!(other.search.history().iter().eq(lab.search.history().iter()));
    }
}

#[test]
fn states_of_earlier_versions_are_refused() {
    let mut lab = Lab::<f64, _>::new(NasBench201, small_pool(Method::Random, 1));
    let mut saved = vec![0; Search::<f64>::saved_size(0, 6, false)];
    lab.save(&mut saved).unwrap();
    for version in [0, 1, 3] {
        saved[4] = version;
        assert_eq!(lab.restore(&saved), Err(Error::SavedVersion));
    }
}

#[test]
fn the_saved_bytes_never_change() {
    let table =
        OperationTable::new(Dissimilarity::Flat(7), None, &[], FeatureScale::LongestPath).unwrap();
    let metric = Metric::new(&table, MetricSettings::default_preset()).unwrap();
    let mut state = Memory::<f32>::new(Search::<f32>::extent(Method::Random, 2, 3));
    let settings = SearchSettings { method: Method::Random, ..SearchSettings::default() };
    let mut search = Search::new(settings, 2, 3, &mut state.arena()).unwrap();
    let space = Chains { only: None };
    let mut workspace =
        Memory::new(Search::workspace(&settings, 2, 3, Space::<f32>::limits(&space), &metric));
    search.tell_design(7, &[1, 0, 2], 0.5, &space, &metric, workspace.arena()).unwrap();
    let mut saved = [0; 68];
    assert_eq!(search.save(&space, &metric, &mut saved), Ok(Search::<f32>::saved_size(1, 3, false)));
    assert_eq!(saved[..12], *b"HNSS\x02\x20\x03\0\x01\0\0\0");
    let belongs_to = [210, 155, 135, 20, 98, 112, 15, 22, 7, 237, 214, 156, 141, 254, 170, 146];
    assert_eq!(saved[12..28], belongs_to);
    assert_eq!(saved[28..36], [7, 0, 0, 0, 1, 1, 0, 2]);
    assert_eq!(saved[52..56], 0.5f32.to_le_bytes());
}

#[test]
fn a_search_goes_on_with_its_space_only() {
    for method in [Method::Hotnas, Method::Evolution, Method::LocalSearch] {
        let settings = SearchSettings::<f64> { initial: 1, ..small_pool(method, 1) };
        let mut lab = Lab::new(NasBench201, settings);
        lab.record(0, &[4, 4, 4, 4, 4, 4], TrialState::Told, 1.0);
        let Lab { search, metric, workspace, .. } = &mut lab;
        let asked = search.ask(1, &TransNasMicro, metric, None, &mut [0; 6], workspace.arena());
        assert_eq!(asked.unwrap_err(), Error::GenomeOutOfRange, "{method:?}");
        if method == Method::Hotnas {
            lab.record(2, &[1, 2, 3, 4, 0, 1], TrialState::Told, 2.0);
            let Lab { search, metric, workspace, .. } = &mut lab;
            let asked = search.ask(1, &Exchanged, metric, None, &mut [0; 6], workspace.arena());
            assert_eq!(asked.unwrap_err(), Error::SavedSettings);
        }
    }
}

#[test]
fn the_length_scale_alone_can_be_fitted() {
    let fit = FitSettings::Length { minimum: 0.01, maximum: 10.0 };
    let mut lab = Lab::<f64, _>::new(Digits, SearchSettings { fit, ..small_pool(Method::Hotnas, 3) });
    for trial in 0..12 {
        let (genome, proposal) = lab.ask(trial).unwrap();
        assert_eq!(proposal.prediction.is_some(), trial >= 4);
        lab.search.tell(trial, value(&genome)).unwrap();
    }
    let found = lab.search.process().unwrap().hyperparameters();
    assert_eq!((found.variance, found.mean, found.noise), (1.0, 0.0, f64::FIRST_NOISE));
    assert!((0.01..=10.0).contains(&found.length_scale) && found.length_scale != 1.0);
}
