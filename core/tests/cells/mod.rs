//! Cells in owned memory, for the integration tests.
#![allow(dead_code)]

use hotnas_core::arch::{Cell, CellSpec, Edge, OperationTable};
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::{Error, Real};
use serde_json::Value;

/// Memory of a run-time extent.
#[derive(Clone, Debug)]
pub(crate) struct Memory<R> {
    pub(crate) reals: Vec<R>,
    pub(crate) words: Vec<u32>,
    pub(crate) bytes: Vec<u8>,
}

impl<R: Real> Memory<R> {
    pub(crate) fn new(need: Extent) -> Self {
        Self {
            reals: vec![R::from_f64(-7.0); need.reals],
            words: vec![0xdead_beef; need.words],
            bytes: vec![0xa5; need.bytes],
        }
    }
    pub(crate) fn arena(&mut self) -> Arena<'_, R> {
        Arena::new(&mut self.reals, &mut self.words, &mut self.bytes)
    }
    pub(crate) fn cell(&self) -> Cell<'_, R> {
        Cell::view(&self.reals, &self.words, &self.bytes).unwrap()
    }
}

/// What a cell is made from, owned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spec<R> {
    pub(crate) operations: Vec<u8>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) masses: Option<Vec<R>>,
    pub(crate) attributes: Vec<R>,
}

impl<R: Real> Spec<R> {
    pub(crate) fn new(operations: &[u8], edges: &[(u8, u8)]) -> Self {
        Self {
            operations: operations.to_vec(),
            edges: edges.iter().map(|&(from, to)| Edge { from, to }).collect(),
            masses: None,
            attributes: Vec::new(),
        }
    }

    /// A cell of the vectors: `ops`, `adj`, `mass` and `attributes` where there are any.
    pub(crate) fn from_json(v: &Value) -> Self {
        let n = v["ops"].as_array().unwrap().len();
        let mut edges = Vec::new();
        for i in 0..n {
            for j in 0..n {
                if v["adj"][i][j].as_f64().unwrap() != 0.0 {
                    edges.push(Edge { from: i as u8, to: j as u8 });
                }
            }
        }
        Self {
            operations: numbers::<f64>(&v["ops"]).iter().map(|&o| o as u8).collect(),
            edges,
            masses: v["mass"].is_array().then(|| numbers(&v["mass"])),
            attributes: if v["attributes"].is_array() { numbers(&v["attributes"]) } else { Vec::new() },
        }
    }

    pub(crate) fn as_spec(&self) -> CellSpec<'_, R> {
        CellSpec {
            operations: &self.operations,
            edges: &self.edges,
            masses: self.masses.as_deref(),
            attributes: &self.attributes,
        }
    }

    /// The same cell with node v called `to[v]`, edges in another order.
    pub(crate) fn renumbered(&self, to: &[usize]) -> Self {
        let n = self.operations.len();
        let k = self.attributes.len() / n.max(1);
        let mut other = self.clone();
        for v in 0..n {
            other.operations[to[v]] = self.operations[v];
            if let (Some(a), Some(b)) = (&mut other.masses, &self.masses) {
                a[to[v]] = b[v];
            }
            for t in 0..k {
                other.attributes[to[v] * k + t] = self.attributes[v * k + t];
            }
        }
        other.edges = (self.edges.iter().rev())
            .map(|e| Edge { from: to[e.from as usize] as u8, to: to[e.to as usize] as u8 })
            .collect();
        other
    }

    pub(crate) fn build(&self, table: &OperationTable<'_, R>) -> Result<Memory<R>, Error> {
        let n = self.operations.len();
        let mut memory = Memory::new(Cell::<R>::extent(n, table.groups(), table.attributes()));
        let mut work = Memory::new(Cell::<R>::workspace(n, table.groups()));
        Cell::build(table, &self.as_spec(), &mut memory.arena(), work.arena())?;
        Ok(memory)
    }
}

/// All numbers of a nested array, in order.
pub(crate) fn numbers<R: Real>(v: &Value) -> Vec<R> {
    match v {
        Value::Array(a) => a.iter().flat_map(numbers).collect(),
        _ => vec![R::from_f64(v.as_f64().unwrap_or_else(|| panic!("{v}")))],
    }
}

/// One file of the reference vectors.
pub(crate) fn vectors(name: &str) -> Value {
    let path = format!("{}/../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
pub(crate) fn assert_close<R: Real>(got: &[R], expected: &[R], tolerance: f64, what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (&a, &b)) in got.iter().zip(expected).enumerate() {
        let difference = (a.to_f64() - b.to_f64()).abs();
        assert!(difference <= tolerance, "{what}[{i}]: {a} instead of {b}");
    }
}

/// Every permutation of `0..n`.
pub(crate) fn permutations(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in permutations(n - 1) {
        for at in 0..n {
            let mut p = shorter.clone();
            p.insert(at, n - 1);
            all.push(p);
        }
    }
    all
}

/// The group masks of the vectors (lists of operations per group; null = every operation).
pub(crate) fn group_masks(groups: &Value, operations: usize) -> (usize, Vec<u8>) {
    let groups = groups.as_array().unwrap();
    let mut masks = vec![0; operations];
    for (g, members) in groups.iter().enumerate() {
        for (o, mask) in masks.iter_mut().enumerate() {
            let member =
                members.as_array().is_none_or(|m| m.iter().any(|x| x.as_u64() == Some(o as u64)));
            *mask |= u8::from(member) << g;
        }
    }
    (groups.len(), masks)
}
