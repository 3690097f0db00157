//! Named sets of tables and methods.

use crate::Failure;
use crate::sets::{
    ABLATIONS, BATCHES, LIMITED, MACRO_ABLATIONS, METHODS, OBJECTIVES, PEERS, SURROGATES,
};
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
    pub(crate) methods: &'static [&'static [&'static str]],
    /// Queries of a search; 0: no searches, but the quality of the surrogates.
    pub(crate) budget: usize,
}

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "transnas-macro",
        tables: || vec![transnas_macro(&TASKS)],
        methods: &[METHODS],
        budget: 100,
    },
    Suite { name: "nas-bench-201", tables: || vec![nas_bench_201()], methods: &[METHODS], budget: 100 },
    Suite { name: "digits", tables: || vec![digits()], methods: &[METHODS], budget: 100 },
    Suite {
        name: "latency",
        tables: || vec![latency(Role::Limit, &["ms_raspi4", "ms_pixel3", "ms_eyeriss"])],
        methods: &[LIMITED],
        budget: 100,
    },
    Suite {
        name: "hypervolume",
        tables: || vec![latency(Role::Objective, &["ms_raspi4", "ms_eyeriss"])],
        methods: &[OBJECTIVES],
        budget: 100,
    },
    Suite {
        name: "batches",
        tables: || vec![transnas_macro(&TASKS[..2])],
        methods: &[BATCHES],
        budget: 100,
    },
    Suite { name: "batches-cell", tables: || vec![nas_bench_201()], methods: &[BATCHES], budget: 100 },
    Suite {
        name: "peers-cell",
        tables: || vec![nas_bench_201()],
        methods: &[METHODS, PEERS],
        budget: 100,
    },
    Suite {
        name: "peers-macro",
        tables: || vec![transnas_macro(&TASKS)],
        methods: &[METHODS, PEERS],
        budget: 100,
    },
    Suite {
        name: "surrogate",
        tables: || vec![nas_bench_201(), transnas_macro(&TASKS)],
        methods: &[SURROGATES],
        budget: 0,
    },
    Suite {
        name: "ablations-cell",
        tables: || vec![nas_bench_201()],
        methods: &[ABLATIONS],
        budget: 100,
    },
    Suite {
        name: "ablations-macro",
        tables: || vec![transnas_macro(&[TASKS[1], TASKS[3], TASKS[6]])],
        methods: &[ABLATIONS, MACRO_ABLATIONS],
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
            for method in suite.methods.concat() {
                let plan = Plan::read(method).unwrap();
                assert!(!labels.contains(&plan.label));
                for table in (suite.tables)() {
                    plan.metric(table.space.attributes()).unwrap();
                }
                labels.push(plan.label);
            }
        }
        assert!(find("nothing").is_err());
        assert_eq!(Unit::Similarity.error(0.75), Some(25.0));
        assert_eq!(Unit::NegativeLoss.error(-0.5), Some(50.0));
    }
}
