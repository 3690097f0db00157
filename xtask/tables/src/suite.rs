//! Named sets of tables and methods.

use crate::Failure;
use crate::space::ReadySpace;

/// How values are read as the errors of the poster's Table 1, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    /// There is no such reading.
    Other,
    /// Accuracy in percent: 100 - value.
    Accuracy,
    /// Similarity in [0, 1]: 100 (1 - value).
    Similarity,
    /// Negative loss: -100 value.
    NegativeLoss,
}

impl Unit {
    pub(crate) fn error(self, value: f64) -> Option<f64> {
        match self {
            Self::Other => None,
            Self::Accuracy => Some(100.0 - value),
            Self::Similarity => Some(100.0 * (1.0 - value)),
            Self::NegativeLoss => Some(-100.0 * value),
        }
    }
}

/// The systems of the poster's Table 1 in its order.
pub(crate) const POSTER_SYSTEMS: [&str; 5] =
    ["random search", "evolutionary search", "BO-edit", "NASBOT", "HOTNAS"];

/// A second number of every design.
#[derive(Clone, Debug)]
pub(crate) struct Beside {
    /// A published table with the same rows.
    pub(crate) file: &'static str,
    /// The column that tells which row is which, in both tables.
    pub(crate) key: &'static str,
    pub(crate) column: &'static str,
    pub(crate) role: Role,
}

/// What a second number is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    /// It may be at most the median of the table.
    Limit,
    /// It is another objective, lower is better.
    Objective,
}

/// A column to search on.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Higher is better.
    pub(crate) maximise: bool,
    pub(crate) unit: Unit,
    /// Valid errors that the poster prints for [`POSTER_SYSTEMS`], if the column measures the same.
    pub(crate) poster: Option<[f64; 5]>,
    /// A column that is told beside the best design found.
    pub(crate) companion: Option<String>,
    pub(crate) beside: Option<Beside>,
}

impl Column {
    /// What tells it from the other columns of a suite.
    pub(crate) fn title(&self) -> String {
        match &self.beside {
            None => self.name.clone(),
            Some(Beside { column, role: Role::Limit, .. }) => {
                format!("{} at most median {column}", self.name)
            }
            Some(Beside { column, role: Role::Objective, .. }) => format!("{} and {column}", self.name),
        }
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.beside.as_ref().is_some_and(|beside| beside.role == role)
    }
}

/// A table with everything that reading it takes.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) space: ReadySpace,
    pub(crate) place: Place,
    pub(crate) key: String,
    pub(crate) columns: Vec<Column>,
}

#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the folder of published tables.
    Published(&'static str),
    /// In this project.
    Project(&'static str),
    /// Where the user says.
    File(String),
}

/// Tables, methods and a budget.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) tables: fn() -> Vec<Table>,
    pub(crate) methods: &'static [&'static str],
    /// Queries of a search; 0: no searches, but the quality of the surrogates.
    pub(crate) budget: usize,
}

/// Evolution twice: with the usual population of 30 and tournaments of 10, and smaller.
pub(crate) const METHODS: &[&str] = &[
    "HOTNAS=hotnas",
    "HOTNAS as the poster prints it=poster",
    "random search=random",
    "evolution (30, 10)=evolution",
    "evolution (10, 3)=evolution:population=10,tournament=3",
];

/// From BO-edit on each is HOTNAS with another distance between networks.
const PEERS: &[&str] = &[
    "HOTNAS=hotnas",
    "HOTNAS as the poster prints it=poster",
    "random search=random",
    "evolution (30, 10)=evolution",
    "evolution (10, 3)=evolution:population=10,tournament=3",
    "local search=local",
    "BO-edit=bo-edit",
    "NASBOT (OTMANN)=nasbot",
    "TW=tw",
    "Weisfeiler-Lehman kernel=wl",
    "summed features=summed",
];

/// Surrogates: distances, then kernels and transforms.
const SURROGATES: &[&str] = &[
    "HOTNAS=hotnas",
    "as the poster prints it=poster",
    "edit distance=bo-edit",
    "OTMANN=nasbot",
    "tree-Wasserstein=tw",
    "Weisfeiler-Lehman=wl",
    "summed features=summed",
    "no operation groups=hotnas:groups=off",
    "no flow term (lambda 1)=hotnas:lambda=1",
    "values not transformed=hotnas:transform=identity",
    "kernel exp(-sqrt(d/l))=hotnas:kernel=root",
    "Matern 5/2=hotnas:kernel=matern52",
];

/// Each takes one thing away, or exchanges it.
const ABLATIONS: &[&str] = &[
    "HOTNAS=hotnas",
    "no flow term (lambda 1)=hotnas:lambda=1",
    "pairing of the poster=hotnas:pairing=ordered",
    "full pairing=hotnas:pairing=full",
    "no operation groups=hotnas:groups=off",
    "raw path lengths=hotnas:scale=raw",
    "the poster's D=hotnas:dissimilarity=poster",
    "no structure (epsilon 1)=hotnas:epsilon=1",
    "no operations (epsilon 0)=hotnas:epsilon=0",
    "values not transformed=hotnas:transform=identity",
    "rank transform=hotnas:transform=rank",
    "kernel exp(-sqrt(d/l))=hotnas:kernel=root",
    "Matern 5/2=hotnas:kernel=matern52",
    "expected improvement=hotnas:improvement",
    "kappa 1=hotnas:kappa=1",
    "kappa grows=hotnas:logkappa=1",
    "pool of one parent=hotnas:parents=1",
    "pool without random designs=hotnas:samples=0",
    "pool of random designs only=hotnas:parents=1,mutants=0,samples=700,limit=701",
];

/// One, five and ten designs at a time.
const BATCHES: &[&str] = &[
    "one by one=hotnas",
    "5, one after the other (believer)=hotnas:batch=5",
    "5, one after the other (liar, greatest)=hotnas:batch=5,pending=greatest",
    "5, the best=hotnas:batch=5,rule=top",
    "5, local penalisation=hotnas:batch=5,rule=penalised",
    "5, k-DPP=hotnas:batch=5,rule=determinantal",
    "5, Thompson sampling=hotnas:batch=5,thompson",
    "10, one after the other (believer)=hotnas:batch=10",
    "10, the best=hotnas:batch=10,rule=top,shortlist=128",
    "10, local penalisation=hotnas:batch=10,rule=penalised,shortlist=128",
    "10, k-DPP=hotnas:batch=10,rule=determinantal,shortlist=128",
    "10, Thompson sampling=hotnas:batch=10,thompson,shortlist=128",
];

/// The latency of every design known before it is tried, or told with its value.
const LIMITED: &[&str] = &[
    "HOTNAS, latency known=hotnas",
    "HOTNAS, latency measured=hotnas:second=measured",
    "evolution (30, 10), latency known=evolution",
    "evolution (30, 10), latency measured=evolution:second=measured",
    "random search, latency known=random",
    "random search, latency measured=random:second=measured",
];

/// Two objectives.
const OBJECTIVES: &[&str] = &[
    "HOTNAS, expected hypervolume improvement=hotnas:second=hypervolume",
    "HOTNAS, random weights=hotnas:second=weighted",
    "evolution (30, 10)=evolution",
    "random search=random",
];

/// What only networks of several cells have.
const MACRO_ABLATIONS: &[&str] = &[
    "HOTNAS=hotnas",
    "no attributes=hotnas:attributes=0",
    "no positions (eta 0)=hotnas:eta=0",
    "positions alone (eta 1)=hotnas:eta=1",
    "no flow term (lambda 1)=hotnas:lambda=1",
    "no operation groups=hotnas:groups=off",
    "raw path lengths=hotnas:scale=raw",
    "values not transformed=hotnas:transform=identity",
    "kernel exp(-sqrt(d/l))=hotnas:kernel=root",
    "expected improvement=hotnas:improvement",
];

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "transnas-macro",
        tables: || vec![transnas_macro(&TASKS)],
        methods: METHODS,
        budget: 100,
    },
    Suite { name: "nas-bench-201", tables: || vec![nas_bench_201()], methods: METHODS, budget: 100 },
    Suite { name: "digits", tables: || vec![digits()], methods: METHODS, budget: 100 },
    Suite {
        name: "latency",
        tables: || vec![latency(Role::Limit, &["ms_raspi4", "ms_pixel3", "ms_eyeriss"])],
        methods: LIMITED,
        budget: 100,
    },
    Suite {
        name: "hypervolume",
        tables: || vec![latency(Role::Objective, &["ms_raspi4", "ms_eyeriss"])],
        methods: OBJECTIVES,
        budget: 100,
    },
    Suite {
        name: "batches",
        tables: || vec![transnas_macro(&TASKS[..2])],
        methods: BATCHES,
        budget: 100,
    },
    Suite { name: "peers-cell", tables: || vec![nas_bench_201()], methods: PEERS, budget: 100 },
    Suite { name: "peers-macro", tables: || vec![transnas_macro(&TASKS)], methods: PEERS, budget: 100 },
    Suite {
        name: "surrogate",
        tables: || vec![nas_bench_201(), transnas_macro(&TASKS)],
        methods: SURROGATES,
        budget: 0,
    },
    Suite { name: "ablations-cell", tables: || vec![nas_bench_201()], methods: ABLATIONS, budget: 100 },
    Suite {
        name: "ablations-macro",
        tables: || vec![transnas_macro(&[TASKS[1], TASKS[3], TASKS[6]])],
        methods: MACRO_ABLATIONS,
        budget: 100,
    },
];

pub(crate) fn find(name: &str) -> Result<&'static Suite, Failure> {
    SUITES.iter().find(|suite| suite.name == name).ok_or_else(|| {
        let names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        format!("no suite `{name}`; there are {}", names.join(", "))
    })
}

type Task = (&'static str, Unit, Option<[f64; 5]>);

/// The tasks of TransNAS-Bench-101 with the valid errors of the poster's Table 1. Its error of semantic
/// segmentation is one of the mean intersection over union, which the table does not have.
const TASKS: [Task; 7] = [
    ("valid_class_object_top1", Unit::Accuracy, Some([53.21, 52.96, 53.42, 53.28, 52.69])),
    ("valid_class_scene_top1", Unit::Accuracy, Some([43.85, 43.43, 43.58, 43.78, 43.19])),
    ("valid_room_layout_neg_loss", Unit::NegativeLoss, Some([59.98, 59.83, 59.95, 60.19, 58.92])),
    ("valid_jigsaw_top1", Unit::Accuracy, Some([3.58, 3.25, 3.31, 3.27, 3.17])),
    ("valid_segmentsemantic_acc", Unit::Accuracy, None),
    ("valid_normal_ssim", Unit::Similarity, Some([39.20, 37.55, 37.42, 38.80, 36.65])),
    ("valid_autoencoder_ssim", Unit::Similarity, Some([28.09, 28.19, 28.55, 29.25, 25.80])),
];

fn transnas_macro(tasks: &[Task]) -> Table {
    let column = |&(name, unit, poster): &Task| Column {
        name: name.into(),
        maximise: true,
        unit,
        poster,
        companion: None,
        beside: None,
    };
    Table {
        name: "transnas-macro".into(),
        space: ReadySpace::TransNasMacro,
        place: Place::Published("transnas_bench_101/macro.csv.gz"),
        key: "code".into(),
        columns: tasks.iter().map(column).collect(),
    }
}

fn nas_bench_201() -> Table {
    let column = |data: &str| Column {
        name: format!("{data}_valid_200ep"),
        maximise: true,
        unit: Unit::Accuracy,
        poster: None,
        companion: Some(format!("{data}_test_200ep")),
        beside: None,
    };
    Table {
        name: "nas-bench-201".into(),
        space: ReadySpace::NasBench201,
        place: Place::Published("nas_bench_201/nas_bench_201.csv.gz"),
        key: "arch".into(),
        columns: vec![column("c10"), column("c100")],
    }
}

/// CIFAR-10 and the latency on each of these devices.
fn latency(role: Role, devices: &[&'static str]) -> Table {
    let mut table = nas_bench_201();
    let column = table.columns.swap_remove(0);
    let beside = |&device: &&'static str| Column {
        beside: Some(Beside {
            file: "nas_bench_201_latency/latency.csv.gz",
            key: "index",
            column: device,
            role,
        }),
        ..column.clone()
    };
    table.columns = devices.iter().map(beside).collect();
    table
}

fn digits() -> Table {
    Table {
        name: "digits".into(),
        space: ReadySpace::Digits,
        place: Place::Project("examples/benchmarks/digits/digits.csv"),
        key: "code".into(),
        columns: vec![Column {
            name: "valid_ce".into(),
            maximise: false,
            unit: Unit::Other,
            poster: None,
            companion: Some("test_acc".into()),
            beside: None,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Plan;

    #[test]
    fn every_suite_is_in_order() {
        for suite in SUITES {
            assert_eq!(find(suite.name).unwrap().methods, suite.methods);
            assert!(!(suite.tables)().is_empty());
            let mut labels = vec![];
            for method in suite.methods {
                let plan = Plan::read(method).unwrap();
                assert!(!labels.contains(&plan.label));
                labels.push(plan.label);
            }
        }
        assert!(find("nothing").is_err());
        assert_eq!(Unit::Similarity.error(0.75), Some(25.0));
        assert_eq!(Unit::NegativeLoss.error(-0.5), Some(50.0));
    }
}
