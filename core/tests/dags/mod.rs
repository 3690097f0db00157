//! All directed acyclic graphs of a few nodes with two labels, and what a metric promises about them to
//! the bit.
#![allow(dead_code)]

use std::collections::HashMap;

use crate::cells::{Memory, Spec, permutations};
use hotnas_core::Real;
use hotnas_core::arch::{Cell, Dissimilarity, Edge, FeatureScale, Groups, OperationTable};
use hotnas_core::metric::Metric;
use hotnas_core::transport::gromov::Effort;

/// Two operations at distance 1. Features of every operation, and of the second one alone.
pub(crate) fn table<R: Real>() -> OperationTable<'static, R> {
    let groups = Groups { count: 2, masks: &[1, 3] };
    OperationTable::new(Dissimilarity::Flat(2), Some(groups), &[], FeatureScale::LongestPath).unwrap()
}

/// A graph of up to 5 nodes: bit `i * n + j` is the edge from i to j, bit `n * n + i` the label of i.
pub(crate) type Code = u32;

/// Every graph of `n` numbered nodes without a cycle, with every labelling.
pub(crate) fn numbered(n: usize) -> Vec<Code> {
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|j| (0..j).map(move |i| (i, j))).collect();
    let mut codes = Vec::new();
    for choice in 0..3u32.pow(pairs.len() as u32) {
        let (mut edges, mut rest) = (0, choice);
        for &(i, j) in &pairs {
            edges |= match rest % 3 {
                0 => 0,
                1 => 1 << (i * n + j),
                _ => 1 << (j * n + i),
            };
            rest /= 3;
        }
        if is_acyclic(n, edges) {
            codes.extend((0..1 << n).map(|labels: Code| edges | labels << (n * n)));
        }
    }
    codes
}

/// Takes away nodes without predecessors until none is left, or all have one.
fn is_acyclic(n: usize, edges: Code) -> bool {
    let mut left: u32 = (1 << n) - 1;
    loop {
        let free = (0..n).find(|&j| {
            left >> j & 1 == 1 && (0..n).all(|i| left >> i & 1 == 0 || edges >> (i * n + j) & 1 == 0)
        });
        match free {
            Some(j) => left &= !(1 << j),
            None => return left == 0,
        }
    }
}

/// The same graph with node i called `to[i]`.
fn renumber(n: usize, code: Code, to: &[usize]) -> Code {
    let mut other = 0;
    for i in 0..n {
        other |= (code >> (n * n + i) & 1) << (n * n + to[i]);
        for j in 0..n {
            other |= (code >> (i * n + j) & 1) << (to[i] * n + to[j]);
        }
    }
    other
}

/// Graphs of `n` nodes up to numbering: a representative of each class, and the class of every graph.
pub(crate) fn classes(n: usize) -> (Vec<Code>, HashMap<Code, u32>) {
    let orders = permutations(n);
    let (mut representatives, mut class) = (Vec::new(), HashMap::new());
    for code in numbered(n) {
        if class.contains_key(&code) {
            continue;
        }
        for to in &orders {
            class.insert(renumber(n, code, to), representatives.len() as u32);
        }
        representatives.push(code);
    }
    (representatives, class)
}

/// What a cell of this graph is made from.
pub(crate) fn spec<R: Real>(n: usize, code: Code) -> Spec<R> {
    let edges = (0..n * n).filter(|e| code >> e & 1 == 1);
    Spec {
        operations: (0..n).map(|i| (code >> (n * n + i) & 1) as u8).collect(),
        edges: edges.map(|e| Edge { from: (e / n) as u8, to: (e % n) as u8 }).collect(),
        masses: None,
        attributes: Vec::new(),
    }
}

/// A cell as its class is first met, and renumbered.
pub(crate) struct Copies<R> {
    pub(crate) first: Memory<R>,
    pub(crate) other: Memory<R>,
}

impl<R: Real> Copies<R> {
    /// `pick` chooses the numbering of the copy.
    pub(crate) fn new(table: &OperationTable<'_, R>, spec: &Spec<R>, pick: usize) -> Self {
        let n = spec.operations.len();
        let first = spec.build(table).unwrap();
        let copy = spec.renumbered(&numbering(n, pick));
        Self { first, other: copy.build(table).unwrap() }
    }
}

/// Permutation number `pick` (modulo n!) of n nodes.
pub(crate) fn numbering(n: usize, pick: usize) -> Vec<usize> {
    let (mut left, mut rest): (Vec<usize>, usize) = ((0..n).collect(), pick);
    (0..n)
        .map(|i| {
            let chosen = left.remove(rest % (n - i));
            rest /= n - i;
            chosen
        })
        .collect()
}

/// Both copies of every class of graphs of 1 to `most` nodes.
pub(crate) fn all_copies<R: Real>(most: usize) -> Vec<Copies<R>> {
    let table = table::<R>();
    let graphs = (1..=most).flat_map(|n| classes(n).0.into_iter().map(move |code| (n, code)));
    graphs.enumerate().map(|(k, (n, code))| Copies::new(&table, &spec(n, code), 7 * k + 5)).collect()
}

/// Everything but the caller's numbering is the same, to the bit, as [`Cell::children`] excepts itself: where
/// nodes are alike but for edges beside longer paths, these follow the numbering. But they are as many, and
/// give the reachability that is the same.
pub(crate) fn same_cell<R: Real>(a: &Memory<R>, b: &Memory<R>) -> bool {
    let nodes = a.cell().nodes();
    let bits = |x: &R| x.to_f64().to_bits();
    let key = |x: &Memory<R>| {
        let edges: u32 = x.cell().children().iter().map(|mask| mask.count_ones()).sum();
        (x.words[..x.words.len() - nodes].to_vec(), edges)
    };
    key(a) == key(b)
        && [a, b].iter().all(|x| children_lead_on(&x.cell()))
        && a.reals.iter().map(bits).eq(b.reals.iter().map(bits))
        && a.bytes.iter().take(nodes).eq(b.bytes.iter().take(nodes))
        && a.cell().is_canonical()
}

/// A node reaches its children and what they reach, and nothing else.
fn children_lead_on<R: Real>(cell: &Cell<'_, R>) -> bool {
    let further = |children: u32| {
        (0..32).filter(|u| children >> u & 1 == 1).fold(children, |all, u| all | cell.reaches(u))
    };
    cell.children().iter().zip(cell.reachability()).all(|(&children, &all)| further(children) == all)
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) pairs: u64,
    /// Pairs of different cells at distance 0.
    pub(crate) zeros: u64,
    /// Pairs for which a promise was broken.
    pub(crate) broken: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.zeros += other.zeros;
        self.broken += other.broken;
    }
}

/// Compares cell `i` with each of `others`: the answer for the renumbered pair in the other direction
/// is the same in every number, no distance is negative, and a cell is at 0 from itself.
pub(crate) fn compare<R: Real>(
    metric: &Metric<'_, R>,
    copies: &[Copies<R>],
    i: usize,
    others: impl Iterator<Item = usize>,
    work: &mut Memory<R>,
) -> Counts {
    let mut counts = Counts::default();
    for j in others {
        let forth = distance(metric, &copies[i].first.cell(), &copies[j].first.cell(), work);
        let back = distance(metric, &copies[j].other.cell(), &copies[i].other.cell(), work);
        let (value, bound) = (forth[0], forth[1]);
        let kept = forth.map(|x| x.to_f64().to_bits()) == back.map(|x| x.to_f64().to_bits())
            && value >= R::ZERO
            && bound <= value
            && (i != j || value == R::ZERO);
        counts.pairs += 1;
        counts.broken += u64::from(!kept);
        counts.zeros += u64::from(i != j && value == R::ZERO);
    }
    counts
}

/// Value, lower bound, gap and residual.
fn distance<R: Real>(
    metric: &Metric<'_, R>,
    a: &Cell<'_, R>,
    b: &Cell<'_, R>,
    work: &mut Memory<R>,
) -> [R; 4] {
    let s = metric.cell_distance(a, b, None, work.arena()).unwrap();
    [s.value, s.lower_bound, s.gap, s.marginal_residual]
}

/// Scratch for cells of up to `nodes` nodes.
pub(crate) fn scratch<R: Real>(nodes: usize) -> Memory<R> {
    Memory::new(Metric::<R>::cell_workspace(nodes, nodes, Effort::Fast))
}

/// Cell number `index` of NAS-Bench-201 as the ready-made space compares it.
pub(crate) fn nas_bench_201<R: Real>(index: usize) -> Spec<R> {
    let links: [(u8, u8); 10] =
        [(0, 1), (0, 2), (1, 3), (0, 4), (1, 5), (2, 6), (3, 6), (4, 7), (5, 7), (6, 7)];
    let genes = (0..6).map(|k| (index / 5usize.pow(5 - k) % 5) as u8);
    let mut operations = vec![0];
    operations.extend(genes.map(|gene| 2 + gene));
    operations.push(1);
    // A node lives on a path of operations other than none; the others are isolated.
    let (mut from_input, mut to_output) = (vec![false; 8], vec![false; 8]);
    (from_input[0], to_output[7]) = (true, true);
    let open = |v: u8| operations[usize::from(v)] != 2;
    for &(u, v) in &links {
        from_input[usize::from(v)] |= from_input[usize::from(u)] && open(v);
    }
    for &(u, v) in links.iter().rev() {
        to_output[usize::from(u)] |= to_output[usize::from(v)] && open(u);
    }
    let lives: Vec<bool> = from_input.iter().zip(&to_output).map(|(&a, &b)| a && b).collect();
    let edges: Vec<(u8, u8)> =
        links.into_iter().filter(|&(u, v)| lives[usize::from(u)] && lives[usize::from(v)]).collect();
    for v in 1..7 {
        if !lives[v] {
            operations[v] = 2;
        }
    }
    Spec::new(&operations, &edges)
}
