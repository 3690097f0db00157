//! Fused Gromov-Wasserstein problems on plain matrices, of the reference vectors and random ones.
#![allow(dead_code)]

use hotnas_core::Real;
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::transport::gromov::{self, Effort, GromovProblem, GromovSettings, Pairing, Solution};
use serde_json::Value;

const IFGW: &str = include_str!("../../../tests/vectors/ifgw.json");
const IFGW_MODES: &str = include_str!("../../../tests/vectors/ifgw_modes.json");

pub(crate) struct Memory<R> {
    pub(crate) reals: Vec<R>,
    pub(crate) words: Vec<u32>,
    pub(crate) bytes: Vec<u8>,
}

impl<R: Real> Memory<R> {
    pub(crate) fn of(extent: Extent) -> Self {
        let Extent { reals, words, bytes } = extent;
        Self { reals: vec![R::ZERO; reals], words: vec![0; words], bytes: vec![0; bytes] }
    }
    pub(crate) fn arena(&mut self) -> Arena<'_, R> {
        Arena::new(&mut self.reals, &mut self.words, &mut self.bytes)
    }
}

/// A problem with its own memory.
pub(crate) struct Case {
    pub(crate) number: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) lambda: f64,
    pub(crate) cost: Vec<f64>,
    pub(crate) row_costs: Vec<f64>,
    pub(crate) column_costs: Vec<f64>,
    pub(crate) row_masses: Vec<f64>,
    pub(crate) column_masses: Vec<f64>,
    pub(crate) best: f64,
    pub(crate) certified: bool,
}

impl Case {
    pub(crate) fn solve<R: Real>(
        &self,
        pairing: Pairing,
        gap: f64,
        nodes: u32,
    ) -> (Solution<R>, Vec<R>) {
        let to = |v: &[f64]| v.iter().map(|&x| R::from_f64(x)).collect::<Vec<R>>();
        let (cost, a, b) = (to(&self.cost), to(&self.row_costs), to(&self.column_costs));
        let (p, q) = (to(&self.row_masses), to(&self.column_masses));
        let problem = GromovProblem {
            rows: self.rows,
            columns: self.columns,
            cost: &cost,
            row_costs: &a,
            column_costs: &b,
            row_masses: Some(&p),
            column_masses: Some(&q),
        };
        let mut settings = GromovSettings::new(R::from_f64(self.lambda), pairing, Effort::Exact);
        settings.proof_gap = R::from_f64(gap);
        settings.nodes = nodes;
        let mut memory = Memory::of(gromov::workspace(self.rows, self.columns, Effort::Exact));
        let mut plan = vec![R::ZERO; cost.len()];
        let solution = gromov::solve(&problem, &settings, Some(&mut plan), memory.arena()).unwrap();
        (solution, plan)
    }

    /// Nothing that is known of the case is contradicted.
    pub(crate) fn allows(&self, solution: &Solution<f64>) -> bool {
        solution.lower_bound <= solution.value
            && solution.lower_bound <= self.best + 1e-7
            && (!self.certified || solution.value >= self.best - 2e-7)
            && (!solution.proved_optimal || solution.value <= self.best * 1.001 + 1e-6)
    }

    /// The objective of a plan, by its definition.
    pub(crate) fn objective(&self, pairing: Pairing, plan: &[f64]) -> f64 {
        let (n, m) = (self.rows, self.columns);
        let mut q = 0.0;
        for i in 0..n {
            for j in 0..m {
                for k in 0..n {
                    for l in 0..m {
                        let pair = (self.row_costs[i * n + k] - self.column_costs[j * m + l]).abs();
                        let product = plan[i * m + j] * plan[k * m + l];
                        q += match pairing {
                            Pairing::Ordered if i < k && j < l => product * pair,
                            Pairing::Ordered => 0.0,
                            _ => 0.5 * product * pair,
                        };
                    }
                }
            }
        }
        let linear: f64 = plan.iter().zip(&self.cost).map(|(t, c)| t * c).sum();
        self.lambda * linear + (1.0 - self.lambda) * q
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().flat_map(numbers).collect()
}

/// Entry i, k: 1 where a path leads from i to k, -1 where one leads back, in canonical order.
fn direction(cell: &Value, order: &Value) -> Vec<f64> {
    let order: Vec<usize> = numbers(order).iter().map(|&x| x as usize).collect();
    let adjacency = matrix(&cell["adj"]);
    let n = order.len();
    let mut reach = vec![false; n * n];
    for i in 0..n {
        for k in 0..n {
            reach[i * n + k] = adjacency[order[i] * n + order[k]] != 0.0;
        }
    }
    for via in 0..n {
        for i in 0..n {
            for k in 0..n {
                reach[i * n + k] |= reach[i * n + via] && reach[via * n + k];
            }
        }
    }
    let sign = |i: usize, k: usize| f64::from(reach[i * n + k]) - f64::from(reach[k * n + i]);
    (0..n * n).map(|e| sign(e / n, e % n)).collect()
}

/// The cell pairs of the reference vectors for a pairing.
pub(crate) fn vectors(pairing: Pairing) -> Vec<Case> {
    let read = |text| -> Value { serde_json::from_str(text).unwrap() };
    let (all, modes) = (read(IFGW), read(IFGW_MODES));
    let make = |number: usize, best: f64, certified: bool| {
        let case = &all["cases"][number];
        let mut row_costs = matrix(&case["cost_AA"]);
        let mut column_costs = matrix(&case["cost_BB"]);
        if pairing == Pairing::Flow {
            let signs = direction(&case["A"], &case["order_A"]);
            row_costs.iter_mut().zip(signs).for_each(|(x, s)| *x *= s);
            let signs = direction(&case["B"], &case["order_B"]);
            column_costs.iter_mut().zip(signs).for_each(|(x, s)| *x *= s);
        }
        let (row_masses, column_masses) = (numbers(&case["mass_A"]), numbers(&case["mass_B"]));
        Case {
            number,
            rows: row_masses.len(),
            columns: column_masses.len(),
            lambda: case["lam"].as_f64().unwrap(),
            cost: matrix(&case["cost_AB"]),
            row_costs,
            column_costs,
            row_masses,
            column_masses,
            best,
            certified,
        }
    };
    if pairing == Pairing::Ordered {
        let cases = all["cases"].as_array().unwrap().iter().enumerate();
        return cases
            .map(|(k, case)| {
                make(k, case["best"].as_f64().unwrap(), case["certified"].as_bool().unwrap())
            })
            .collect();
    }
    let name = if pairing == Pairing::Full { "full" } else { "flow" };
    let cases = modes["cases"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let best = case["modes"][name]["best"].as_f64().unwrap();
            make(case["case"].as_u64().unwrap() as usize, best, false)
        })
        .collect()
}

/// Numbers in [0, 1) from a seed.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(crate) fn masses(&mut self, n: usize, zero: bool) -> Vec<f64> {
        let mut p: Vec<f64> = (0..n).map(|_| 0.1 + self.next()).collect();
        if zero && n > 1 {
            p[0] = 0.0;
        }
        let sum: f64 = p.iter().sum();
        p.iter_mut().for_each(|x| *x /= sum);
        p
    }

    pub(crate) fn within(&mut self, n: usize, sign: f64) -> Vec<f64> {
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for k in i + 1..n {
                a[i * n + k] = self.next();
                a[k * n + i] = sign * a[i * n + k];
            }
        }
        a
    }

    pub(crate) fn case(&mut self, rows: usize, columns: usize, pairing: Pairing, zero: bool) -> Case {
        let sign = if pairing == Pairing::Flow { -1.0 } else { 1.0 };
        Case {
            number: 0,
            rows,
            columns,
            lambda: 0.6 * self.next(),
            cost: (0..rows * columns).map(|_| self.next()).collect(),
            row_costs: self.within(rows, sign),
            column_costs: self.within(columns, sign),
            row_masses: self.masses(rows, zero),
            column_masses: self.masses(columns, false),
            best: f64::INFINITY,
            certified: false,
        }
    }
}
