//! Searches of all kinds, told in any order: each goes on like one that was restored from its trials, whatever
//! the earlier proposals have left in the model.

use hotnas_core::arch::{CellSpec, Dissimilarity, FeatureScale, NetworkBuilder, OperationTable};
use hotnas_core::gp::{FitSettings, Kernel, Transform};
use hotnas_core::metric::{Metric, MetricSettings, NetworkShape};
use hotnas_core::search::spaces::NasBench201;
use hotnas_core::search::{
    Acquisition, Method, Pending, PoolSettings, Search, SearchSettings, Second, Space,
};
use hotnas_core::{Error, Real};

mod lab;
use lab::{CAPACITY, Lab, Memory, bits, small_pool, value};

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(n)) as u32
    }
    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }
}

fn settings<R: Real>(dice: &mut Dice) -> SearchSettings<R> {
    let plain = small_pool::<R>(Method::Hotnas, u64::from(dice.below(1000)));
    let length = FitSettings::Length { minimum: R::from_f64(0.01), maximum: R::from_f64(10.0) };
    let second =
        dice.of(&[Second::None, Second::Hypervolume, Second::Limit { limit: R::from_f64(9.0) }]);
    let acquisition = if second == Second::None { Acquisition::Thompson } else { plain.acquisition };
    SearchSettings {
        initial: 2,
        acquisition: dice.of(&[plain.acquisition, Acquisition::ExpectedImprovement, acquisition]),
        second,
        // One is a list too.
        shortlist: dice.of(&[1, 5]),
        pending: dice.of(&Pending::ALL),
        kernel: dice.of(&Kernel::ALL),
        other_kernels: dice.of(&[0, dice.0 as u32 % 64]),
        parts: dice.of(&[1, 3]),
        transform: dice.of(&[Transform::Soft, Transform::Identity]),
        other_transforms: dice.of(&[0, 1]),
        fit: dice.of(&[FitSettings::default(), length]),
        pool: PoolSettings { parents: 2, mutants: 3, random: 5, limit: 20, life: 1 + dice.below(2) },
        block: 1 + dice.below(4),
        ..plain
    }
}

fn a_search<R: Real>(seed: u64) -> [u32; 2] {
    let mut dice = Dice(seed);
    let settings = settings::<R>(&mut dice);
    let mut lab = Lab::new(NasBench201, settings);
    let mut restored = Lab::new(NasBench201, settings);
    let mut saved = vec![0; Search::<R>::saved_size(CAPACITY, 6, true)];
    let mut open = vec![];
    let mut counts = [0; 2];
    for trial in 0..24 {
        let number = trial * 7 % 31;
        let length = lab.save(&mut saved).unwrap();
        restored.restore(&saved[..length]).unwrap();
        let (found, again) = (lab.ask(number), restored.ask(number));
        assert_eq!(found.as_ref().map(bits), again.as_ref().map(bits), "{seed} {trial} {settings:?}");
        match found {
            Ok((genome, _)) => open.push((number, genome)),
            Err(Error::NotPositiveDefinite) => counts[1] += 1,
            Err(error) => panic!("{error:?} {seed} {settings:?}"),
        }
        counts[0] += 1;
        for _ in 0..dice.below(3).min(open.len() as u32) {
            let (number, genome) = open.swap_remove(dice.below(open.len() as u32) as usize);
            if dice.below(5) == 0 {
                lab.search.fail(number).unwrap();
            } else if settings.second == Second::None {
                lab.search.tell(number, value(&genome)).unwrap();
            } else {
                let second = R::from_f64(genome.iter().map(|&g| f64::from(g)).sum());
                lab.search.tell_both(number, value(&genome), second).unwrap();
            }
        }
    }
    counts
}

fn searches_of_all_kinds<R: Real>() {
    let mut counts = [0; 2];
    for seed in 0..24 {
        let more = a_search::<R>(seed);
        counts = [counts[0] + more[0], counts[1] + more[1]];
    }
    // No kernel lacks a factor so often that a search comes to nothing.
    assert!(20 * counts[1] < counts[0], "{counts:?}");
}

#[test]
fn searches_of_all_kinds_f64() {
    searches_of_all_kinds::<f64>();
}

#[test]
fn searches_of_all_kinds_f32() {
    searches_of_all_kinds::<f32>();
}

/// Single nodes of one of six kinds in a row: neighbours are not told apart, others are far from each other.
#[derive(Clone, Copy)]
struct Row;

impl Space<f64> for Row {
    fn genes(&self) -> usize {
        1
    }
    fn cardinality(&self, _: usize) -> u8 {
        6
    }
    fn limits(&self) -> NetworkShape {
        NetworkShape { nodes: 1, distinct: 1, cells: 1 }
    }
    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, f64>) -> Result<(), Error> {
        out.push_cell(&CellSpec { operations: genome, edges: &[], masses: None, attributes: &[] })
            .map(|_| ())
    }
}

/// With little noise no kernel of these distances has a factor at any length scale; the fit finds the noise that
/// gives one, and what it starts from must not be in its way.
#[test]
fn a_fit_begins_where_no_kernel_has_a_factor() {
    let mut differ = [0.0; 36];
    for (at, d) in differ.iter_mut().enumerate() {
        *d = if (at / 6).abs_diff(at % 6) > 1 { 1000.0 } else { 0.0 };
    }
    let differ = Dissimilarity::Matrix { operations: 6, values: &differ };
    let table = OperationTable::new(differ, None, &[], FeatureScale::LongestPath).unwrap();
    let metric = Metric::new(&table, MetricSettings::default_preset()).unwrap();
    for kernel in Kernel::ALL {
        let settings = SearchSettings { kernel, ..small_pool(Method::Hotnas, 1) };
        let mut state = Memory::new(Search::extent_of(&settings, 6, 1));
        let mut search = Search::new(settings, 6, 1, &mut state.arena()).unwrap();
        let mut work = Memory::new(Search::workspace(&settings, 6, 1, Row.limits(), &metric));
        for kind in 0..5 {
            let value = [0.5, 0.25, 1.0, 0.0, 0.75][kind];
            let genome = [kind as u8];
            search.tell_design(kind as u32, &genome, value, &Row, &metric, work.arena()).unwrap();
        }
        let mut genome = [0];
        let asked = search.ask(5, &Row, &metric, None, &mut genome, work.arena());
        assert!(asked.is_ok_and(|asked| asked.prediction.is_some()), "{kernel:?} {asked:?}");
        assert_eq!(genome, [5]);
    }
}
