//! Search methods as words: `hotnas`, `poster`, `nasbot`, `evolution:population=10,tournament=3`.

use hotnas_core::arch::{Dissimilarity, FeatureScale, Groups, OperationTable};
use hotnas_core::gp::{FitSettings, Kernel, Transform};
use hotnas_core::metric::{Distance, Metric, MetricSettings};
use hotnas_core::search::acquisition::KappaSchedule;
use hotnas_core::search::spaces::{GROUPS, OPERATIONS, attribute_weights, layers, poster_dissimilarity};
use hotnas_core::search::{Acquisition, BatchRule, Method, Pending, SearchSettings, Second};
use hotnas_core::transport::gromov::{Effort, Pairing};

use crate::Failure;

/// What evidence chooses epsilon and eta from.
const CHOICES: [f64; 3] = [0.25, 0.5, 0.75];

/// Everything that a search does, whatever the space.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What stands in reports.
    pub(crate) label: String,
    /// The words that it was made from.
    pub(crate) words: String,
    pub(crate) search: SearchSettings<f64>,
    pub(crate) metric: MetricSettings<f64>,
    /// Whether epsilon and eta are chosen again and again by the evidence for them.
    choose_metric: bool,
    /// Trials that are asked for at once.
    pub(crate) batch: usize,
    dissimilarity: [f64; OPERATIONS * OPERATIONS],
    groups: bool,
    weights: [f64; 2],
    scale: FeatureScale,
}

impl Plan {
    /// Reads `[label=]base[:key=value,...]`. A label ends in the first `=` before any `:`.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let head = text.split(':').next().unwrap_or_default();
        let (label, words) = match head.split_once('=') {
            Some((label, _)) => (label, &text[label.len() + 1..]),
            None => (text, text),
        };
        let (base, changes) = words.split_once(':').unwrap_or((words, ""));
        let mut plan = Self::base(base)?;
        (plan.label, plan.words) = (label.into(), words.into());
        for change in changes.split(',').filter(|change| !change.is_empty()) {
            let (key, value) = change.split_once('=').unwrap_or((change, ""));
            plan.change(key, value).map_err(|error| format!("{words}: {error}"))?;
        }
        plan.search.validate().map_err(|error| format!("{words}: {error}"))?;
        Ok(plan)
    }

    fn base(name: &str) -> Result<Self, Failure> {
        let mut plan = Self {
            label: String::new(),
            words: String::new(),
            search: SearchSettings::default_preset(),
            metric: MetricSettings::default_preset(),
            choose_metric: false,
            batch: 1,
            dissimilarity: flat(),
            groups: true,
            weights: attribute_weights(),
            scale: FeatureScale::LongestPath,
        };
        match name {
            "hotnas" => {}
            "poster" => {
                plan.search = SearchSettings::poster();
                plan.metric = MetricSettings::poster();
                plan.dissimilarity = poster_dissimilarity();
                plan.groups = false;
                plan.weights = [0.0; 2];
            }
            "random" => plan.search.method = Method::Random,
            "evolution" => plan.search.method = Method::Evolution,
            "local" => plan.search.method = Method::LocalSearch,
            "pool" => plan.search.method = Method::Pool,
            // What differs from HOTNAS is the distance alone.
            "bo-edit" => plan.metric.distance = Distance::Edit,
            // Their kernels have a length scale for each of eight and of three distances.
            "nasbot" => {
                plan.metric.distance = Distance::Otmann;
                plan.search.parts = 8;
                plan.search.kernel = Kernel::Nasbot;
            }
            "tw" => {
                plan.metric.distance = Distance::TreeWasserstein;
                plan.search.parts = 3;
            }
            "wl" => plan.metric.distance = Distance::WeisfeilerLehman,
            "summed" => plan.metric.distance = Distance::Summed,
            _ => {
                let names =
                    "hotnas, poster, random, pool, evolution, local, bo-edit, nasbot, tw, wl, summed";
                return Err(format!("no method `{name}`; there are {names}"));
            }
        }
        Ok(plan)
    }

    fn change(&mut self, key: &str, value: &str) -> Result<(), Failure> {
        let Self { search, metric, .. } = self;
        match key {
            "initial" => search.initial = number(key, value)?,
            "population" => search.population = number(key, value)?,
            "tournament" => search.tournament = number(key, value)?,
            "parents" => search.pool.parents = number(key, value)?,
            "mutants" => search.pool.mutants = number(key, value)?,
            "samples" => search.pool.random = number(key, value)?,
            "limit" => search.pool.limit = number(key, value)?,
            "life" => search.pool.life = number(key, value)?,
            "batch" => self.batch = number::<usize>(key, value)?.max(1),
            "kernel" => {
                search.kernel = one_of(
                    key,
                    value,
                    &[
                        ("exponential", Kernel::Exponential),
                        ("root", Kernel::SquareRootExponential),
                        ("matern32", Kernel::Matern32),
                        ("matern52", Kernel::Matern52),
                        ("gaussian", Kernel::SquaredExponential),
                        ("nasbot", Kernel::Nasbot),
                    ],
                )?;
            }
            "transform" => {
                search.transform = one_of(
                    key,
                    value,
                    &[
                        ("identity", Transform::Identity),
                        ("soft", Transform::Soft),
                        ("rank", Transform::Rank),
                        ("log", Transform::Log),
                    ],
                )?;
            }
            // Chosen in every fit among all that have a density.
            "choose" => {
                (search.other_kernels, search.other_transforms) = one_of(
                    key,
                    value,
                    &[("kernel", (0b11111, 0)), ("transform", (0, 0b1011)), ("both", (0b11111, 0b1011))],
                )?;
            }
            "kappa" | "logkappa" => {
                let (kappa, schedule) = (
                    number(key, value)?,
                    match key {
                        "kappa" => KappaSchedule::Constant,
                        _ => KappaSchedule::Logarithmic,
                    },
                );
                search.acquisition = Acquisition::UpperConfidenceBound { kappa, schedule };
            }
            "improvement" => search.acquisition = Acquisition::ExpectedImprovement,
            "thompson" => search.acquisition = Acquisition::Thompson,
            "pending" => {
                search.pending = one_of(
                    key,
                    value,
                    &[
                        ("believer", Pending::Believer),
                        ("least", Pending::Least),
                        ("mean", Pending::Mean),
                        ("greatest", Pending::Greatest),
                    ],
                )?;
            }
            "rule" => {
                search.batch = one_of(
                    key,
                    value,
                    &[
                        ("sequential", BatchRule::Sequential),
                        ("top", BatchRule::Top),
                        ("penalised", BatchRule::LocalPenalisation),
                        ("determinantal", BatchRule::Determinantal),
                    ],
                )?;
            }
            // The limit itself comes with the column.
            "second" => {
                search.second = one_of(
                    key,
                    value,
                    &[
                        ("measured", Second::Limit { limit: 0.0 }),
                        ("weighted", Second::Weighted),
                        ("hypervolume", Second::Hypervolume),
                    ],
                )?;
            }
            "shortlist" => search.shortlist = number(key, value)?,
            "prior" => {
                if let FitSettings::Full { prior_deviation, .. } = &mut search.fit {
                    *prior_deviation = number(key, value)?;
                }
            }
            "noise" => {
                if let FitSettings::Full { noise_maximum, .. } = &mut search.fit {
                    *noise_maximum = number(key, value)?;
                }
            }
            "distance" => {
                metric.distance = one_of(
                    key,
                    value,
                    &[
                        ("whole", Distance::Hotnn),
                        ("parts", Distance::HotnnParts),
                        ("edit", Distance::Edit),
                        ("wl", Distance::WeisfeilerLehman),
                        ("summed", Distance::Summed),
                        ("tw", Distance::TreeWasserstein),
                        ("otmann", Distance::Otmann),
                    ],
                )?;
                // Each part gets a length scale.
                search.parts = metric.distance.parts() as u32;
            }
            "metric" => self.choose_metric = one_of(key, value, &[("given", false), ("chosen", true)])?,
            "epsilon" => metric.epsilon = number(key, value)?,
            "lambda" => metric.lambda = number(key, value)?,
            "eta" => metric.eta = number(key, value)?,
            "pairing" => {
                metric.pairing = one_of(
                    key,
                    value,
                    &[("ordered", Pairing::Ordered), ("full", Pairing::Full), ("flow", Pairing::Flow)],
                )?;
            }
            "effort" => {
                metric.effort =
                    one_of(key, value, &[("fast", Effort::Fast), ("thorough", Effort::Thorough)])?;
            }
            "groups" => self.groups = one_of(key, value, &[("on", true), ("off", false)])?,
            "attributes" => self.weights = [number(key, value)?; 2],
            "dissimilarity" => {
                self.dissimilarity = match value {
                    "poster" => poster_dissimilarity(),
                    "flat" => flat(),
                    _ => return Err(format!("{key} is poster or flat, not `{value}`")),
                };
            }
            "scale" => {
                self.scale = one_of(
                    key,
                    value,
                    &[("longest", FeatureScale::LongestPath), ("raw", FeatureScale::Raw)],
                )?;
            }
            _ => return Err(format!("no setting `{key}`")),
        }
        Ok(())
    }

    /// The metric for a space whose nodes have so many attributes.
    pub(crate) fn metric(&self, attributes: usize) -> Result<Metric<'_, f64>, Failure> {
        self.metric_with(&self.metric, attributes)
    }

    /// The same, and the others if evidence is to choose.
    pub(crate) fn metrics(&self, attributes: usize) -> Result<Vec<Metric<'_, f64>>, Failure> {
        let mut all = vec![self.metric(attributes)?];
        if self.choose_metric {
            let pairs = CHOICES.iter().flat_map(|&epsilon| CHOICES.map(|eta| (epsilon, eta)));
            for (epsilon, eta) in pairs.filter(|&pair| pair != (self.metric.epsilon, self.metric.eta)) {
                all.push(self.metric_with(&MetricSettings { epsilon, eta, ..self.metric }, attributes)?);
            }
        }
        Ok(all)
    }

    fn metric_with(
        &self,
        settings: &MetricSettings<f64>,
        attributes: usize,
    ) -> Result<Metric<'_, f64>, Failure> {
        let table = OperationTable::new(
            Dissimilarity::Matrix { operations: OPERATIONS, values: &self.dissimilarity },
            self.groups.then_some(Groups { count: 4, masks: &GROUPS }),
            &self.weights[..attributes.min(2)],
            self.scale,
        );
        let metric = table.and_then(|table| match settings.distance {
            Distance::Hotnn | Distance::HotnnParts => Metric::new(&table, *settings),
            _ => Metric::with_layers(&table, *settings, layers(attributes)),
        });
        metric.map_err(|error| format!("{}: {error}", self.words))
    }

    /// Whether the method predicts what it proposes.
    pub(crate) fn predicts(&self) -> bool {
        self.search.method == Method::Hotnas
    }
}

/// 1 between any two different operations.
fn flat() -> [f64; OPERATIONS * OPERATIONS] {
    core::array::from_fn(|k| f64::from(u8::from(k / OPERATIONS != k % OPERATIONS)))
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T, Failure> {
    value.parse().map_err(|_| format!("{key} is a number, not `{value}`"))
}

fn one_of<T: Copy>(key: &str, value: &str, choices: &[(&str, T)]) -> Result<T, Failure> {
    choices.iter().find(|(name, _)| *name == value).map(|&(_, choice)| choice).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        format!("{key} is one of {}, not `{value}`", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_settings() {
        let plan = Plan::read("evolution:population=10,tournament=3").unwrap();
        assert_eq!((plan.search.population, plan.search.tournament), (10, 3));
        assert_eq!(plan.label, "evolution:population=10,tournament=3");
        let plan = Plan::read("no flow term=hotnas:lambda=1").unwrap();
        assert_eq!((plan.label.as_str(), plan.words.as_str()), ("no flow term", "hotnas:lambda=1"));
        assert_eq!(plan.metric.lambda, 1.0);
        let plan = Plan::read("hotnas:distance=parts").unwrap();
        assert_eq!((plan.metric.distance, plan.search.parts), (Distance::HotnnParts, 3));
        for wrong in
            ["hotnass", "hotnas:lambda=x", "hotnas:speed=9", "hotnas:kernel=x", "random:samples=9999"]
        {
            assert!(Plan::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_metrics_are_those_of_the_presets() {
        use hotnas_core::search::spaces::{cell_table, macro_table, poster_table};
        let weights = attribute_weights();
        fn expected(table: &OperationTable<'_, f64>, settings: MetricSettings<f64>) -> [u32; 4] {
            Metric::new(table, settings).unwrap().fingerprint()
        }
        let found =
            |words, attributes| Plan::read(words).unwrap().metric(attributes).unwrap().fingerprint();
        let settings = MetricSettings::default_preset();
        assert_eq!(found("hotnas", 0), expected(&cell_table().unwrap(), settings));
        assert_eq!(found("hotnas", 2), expected(&macro_table(&weights).unwrap(), settings));
        let (matrix, zeros) = (poster_dissimilarity(), [0.0; 2]);
        let table = poster_table(&matrix, &zeros).unwrap();
        assert_eq!(found("poster", 2), expected(&table, MetricSettings::poster()));
    }
}
