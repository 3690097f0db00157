//! The ready-made spaces against the published tables and counts; `benchmarks/spaces.md` explains the
//! counts. The tables are not part of this repository: set `HOTNAS_DATA` to their folder, or put them
//! into `../shared/data` beside the repository.

use hotnas_core::arch::{Edge, NetworkBuilder, NetworkLimits, OperationTable};
use hotnas_core::memory::Arena;
use hotnas_core::metric::NetworkShape;
use hotnas_core::search::spaces::{
    Darts, Digits, Joint, JointSpec, ModuleKind, NasBench101, NasBench201, TransNasMacro, TransNasMicro,
    attribute_weights, cell_table, darts_table, macro_table,
};
use hotnas_core::search::{KeyedRng, Space};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::path::PathBuf;
use std::process::Command;

/// One column of a gzipped table, or `None` with a message that `cargo xtask test` looks for.
fn column(file: &str, column: &str) -> Option<Vec<String>> {
    let folder = std::env::var_os("HOTNAS_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let path = folder.join(file);
    if !path.exists() {
        println!("WITHOUT DATA: no {}", path.display());
        return None;
    }
    let output = Command::new("gzip").arg("-dc").arg(&path).output().expect("gzip is not there");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
    Some(lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect())
}

/// Fingerprints of the networks of genomes.
fn fingerprints<S: Space<f64>>(
    space: &S,
    table: &OperationTable<'_, f64>,
    genomes: impl Iterator<Item = Vec<u8>>,
) -> Vec<[u32; 4]> {
    let NetworkShape { nodes, distinct, cells } = space.limits();
    let (groups, attributes) = (table.groups(), table.attributes());
    let limits = NetworkLimits { nodes, groups, attributes, distinct, cells };
    let (e, w) = (limits.extent(), limits.workspace());
    let mut memory = (vec![0.0; e.reals], vec![0; e.words], vec![0; e.bytes]);
    let mut work = (vec![0.0; w.reals], vec![0; w.words], vec![0; w.bytes]);
    genomes
        .map(|genome| {
            let mut storage = Arena::new(&mut memory.0, &mut memory.1, &mut memory.2);
            let scratch = Arena::new(&mut work.0, &mut work.1, &mut work.2);
            let mut builder = NetworkBuilder::new(table, limits, &mut storage, scratch).unwrap();
            space.decode(&genome, &mut builder).unwrap();
            builder.finish().unwrap().fingerprint()
        })
        .collect()
}

/// How many different elements there are.
fn distinct<T: Eq + Hash>(all: &[T]) -> usize {
    all.iter().collect::<HashSet<_>>().len()
}

/// Whether equal elements of `fine` always have equal elements of `coarse` beside them.
fn refines<A: Eq + Hash, B: Eq>(fine: &[A], coarse: &[B]) -> bool {
    let mut seen = HashMap::new();
    fine.iter().zip(coarse).all(|(a, b)| *seen.entry(a).or_insert(b) == b)
}

/// The edges of a NAS-Bench-201 cell in the order of its genes.
const EDGES: [(usize, usize); 6] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];

/// The genes without those that have no effect on the output.
fn living(genome: &[u8]) -> [u8; 6] {
    let (mut forward, mut backward) = ([true, false, false, false], [false, false, false, true]);
    for (&(from, to), &gene) in EDGES.iter().zip(genome) {
        forward[to] |= gene != 0 && forward[from];
    }
    for (&(from, to), &gene) in EDGES.iter().zip(genome).rev() {
        backward[from] |= gene != 0 && backward[to];
    }
    std::array::from_fn(|edge| {
        let (from, to) = EDGES[edge];
        let lives = |node: usize| forward[node] && backward[node];
        if lives(from) && lives(to) { genome[edge] } else { 0 }
    })
}

/// What a cell computes, as text: a node is its sorted terms, joined by +. `nested`: a node that a
/// skip-connection passes on is one term of the next sum, else its terms are. `zeros`: a zero is a
/// term, `#`. `skips`: a skip-connection is an operation like the others.
fn expression(genome: &[u8], nested: bool, zeros: bool, skips: bool) -> String {
    let mut nodes = vec![vec!["0".to_owned()]];
    for node in 1..4 {
        let mut terms = vec![];
        for (&(from, _), &gene) in EDGES.iter().zip(genome).filter(|((_, to), _)| *to == node) {
            let source = &nodes[from];
            if gene == 0 || source.is_empty() || *source == ["#"] {
                terms.extend(zeros.then(|| "#".to_owned()));
            } else if gene != 1 || skips {
                // Names in the alphabetic order of the benchmark's, which decides how it sorts.
                let name = ["none", "skip", "nor1", "nor3", "avg"][usize::from(gene)];
                terms.push(format!("({})@{name}", source.join("+")));
            } else if nested {
                terms.push(source.join("+"));
            } else {
                terms.extend(source.clone());
            }
        }
        terms.sort();
        nodes.push(terms);
    }
    nodes[3].join("+")
}

/// The table has 6466 isomorphism classes, the metric 8765 keys: each difference, so that they add up.
#[test]
fn nas_bench_201_codes_and_classes() {
    let file = "nas_bench_201/nas_bench_201.csv.gz";
    let Some(codes) = column(file, "arch") else { return };
    let classes = column(file, "iso_class").unwrap();
    let mut numbers = HashSet::new();
    let genomes: Vec<_> = codes
        .iter()
        .map(|code| {
            let (mut genome, mut text) = (vec![0; 6], [0; NasBench201::CODE_LENGTH]);
            NasBench201.parse(code, &mut genome).unwrap();
            assert_eq!(NasBench201.format(&genome, &mut text).unwrap(), code);
            numbers.insert(NasBench201.index(&genome).unwrap());
            genome
        })
        .collect();
    assert_eq!(numbers.len(), 15_625);
    let keys = fingerprints(&NasBench201, &cell_table().unwrap(), genomes.iter().cloned());

    // From genomes to keys: operations without effect, then the order of the nodes.
    let live: Vec<_> = genomes.iter().map(|genome| living(genome)).collect();
    assert_eq!(distinct(&live), 15_625 - 6180);
    assert!(refines(&live, &keys));
    assert_eq!(distinct(&keys), 15_625 - 6180 - 680);
    let each = |nested, zeros, skips| -> Vec<_> {
        genomes.iter().map(|genome| expression(genome, nested, zeros, skips)).collect()
    };
    let terms = each(false, false, true);
    assert!(refines(&keys, &terms) && refines(&terms, &keys));

    // From keys to what is computed: skip-connections contracted.
    let computed = each(false, false, false);
    assert!(refines(&keys, &computed));
    assert_eq!(distinct(&computed), 8765 - 3835);

    // From what is computed to the benchmark's classes: how contracted sums are nested, zeros kept.
    let nested = each(true, false, false);
    assert!(refines(&nested, &computed));
    assert_eq!(distinct(&nested), 4930 + 460);
    let rule = each(true, true, false);
    assert!(refines(&rule, &nested));
    assert_eq!(distinct(&rule), 4930 + 460 + 1076);
    assert!(refines(&rule, &classes) && refines(&classes, &rule));
    assert_eq!(distinct(&classes), 6466);
}

/// Relabels the vertices between in a matrix of `n` vertices, one row of bits each.
fn permuted(rows: &[u8], order: &[usize]) -> Vec<u8> {
    let mut out = vec![0; rows.len()];
    for (from, row) in rows.iter().enumerate() {
        for to in (0..rows.len()).filter(|to| row >> to & 1 == 1) {
            out[order[from]] |= 1 << order[to];
        }
    }
    out
}

/// All orders of 0..n that keep the first and the last.
fn orders(n: usize) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for _ in 1..n - 1 {
        all = all
            .iter()
            .flat_map(|o: &Vec<usize>| {
                (1..n - 1).filter(|v| !o.contains(v)).map(|v| [o.as_slice(), &[v]].concat())
            })
            .collect();
    }
    all.into_iter().map(|o| [&[0], o.as_slice(), &[n - 1]].concat()).collect()
}

/// One genome for each cell of NAS-Bench-101 with `n` vertices, equal up to the order of vertices.
fn cells_of(n: usize) -> Vec<Vec<u8>> {
    let pairs: Vec<_> = (0..n).flat_map(|u| (u + 1..n).map(move |v| (u, v))).collect();
    let (orders, labellings) = (orders(n), 3usize.pow(n as u32 - 2));
    let (mut seen, mut genomes) = (HashSet::new(), vec![]);
    for matrix in 0u32..1 << pairs.len() {
        let mut rows = vec![0u8; n];
        for &(u, v) in pairs.iter().enumerate().filter(|(k, _)| matrix >> k & 1 == 1).map(|(_, p)| p) {
            rows[u] |= 1 << v;
        }
        // Vertices are in topological order: each but the ends on a path if each has both neighbours.
        let entered = rows.iter().fold(0, |all, row| all | row);
        let whole = rows[..n - 1].iter().all(|&row| row != 0) && entered.count_ones() as usize == n - 1;
        if !whole || matrix.count_ones() > 9 || seen.contains(&rows) {
            continue;
        }
        let mut symmetries = vec![];
        for order in &orders {
            let image = permuted(&rows, order);
            if image == rows {
                symmetries.push(order);
            }
            seen.insert(image);
        }
        for labels in 0..labellings {
            let label = |vertex: usize| labels / 3usize.pow(vertex as u32 - 1) % 3;
            let read = |order: &[usize]| (1..n - 1).map(|v| label(order[v])).collect::<Vec<_>>();
            let own = read(&orders[0]);
            if symmetries.iter().any(|order| read(order) < own) {
                continue;
            }
            // The vertices that are missing stand before the last, without an edge.
            let at = |vertex: usize| if vertex == n - 1 { 6 } else { vertex };
            let mut genome = vec![0; 26];
            for (gene, (u, v)) in (0..7).flat_map(|u| (u + 1..7).map(move |v| (u, v))).enumerate() {
                genome[gene] = u8::from(
                    (0..n).any(|a| at(a) == u && (0..n).any(|b| at(b) == v && rows[a] >> b & 1 == 1)),
                );
            }
            for (gene, label) in own.iter().enumerate() {
                genome[21 + gene] = *label as u8;
            }
            genomes.push(genome);
        }
    }
    genomes
}

/// The published count of different cells, and how many of them share a key.
#[test]
fn nas_bench_101_has_423_624_cells() {
    let by_vertices: Vec<_> = (2..=7).map(cells_of).collect();
    let counts: Vec<_> = by_vertices.iter().map(Vec::len).collect();
    assert_eq!(counts, [1, 6, 84, 2441, 62_010, 359_082]);
    assert_eq!(counts.iter().sum::<usize>(), 423_624);
    let keys = fingerprints(&NasBench101, &cell_table().unwrap(), by_vertices.into_iter().flatten());
    let (mut members, mut groups) = (HashMap::new(), [0; 5]);
    for key in &keys {
        *members.entry(key).or_insert(0) += 1;
    }
    for count in members.into_values() {
        groups[count] += 1;
    }
    // Short cuts that no path length tells: 201 pairs, 21 triples and 3 quadruples share a key.
    assert_eq!(groups, [0, 423_624 - 2 * 201 - 3 * 21 - 4 * 3, 201, 21, 3]);
    assert_eq!(groups.iter().sum::<usize>(), 423_624 - 252);
}

#[test]
fn transnas_micro_cells() {
    let genomes: Vec<_> = (0..TransNasMicro::DESIGNS)
        .map(|index| {
            let mut genome = vec![0; 6];
            TransNasMicro.genome(index, &mut genome).unwrap();
            genome
        })
        .collect();
    let keys = fingerprints(&TransNasMicro, &cell_table().unwrap(), genomes.iter().cloned());
    // The same cells as in NAS-Bench-201 without its pooling.
    let same = fingerprints(&NasBench201, &cell_table().unwrap(), genomes.iter().cloned());
    assert_eq!(keys, same);
    let terms: Vec<_> = genomes.iter().map(|genome| expression(genome, false, false, true)).collect();
    assert!(refines(&keys, &terms) && refines(&terms, &keys));
}

#[test]
fn transnas_macro_codes() {
    let Some(codes) = column("transnas_bench_101/macro.csv.gz", "code") else { return };
    let mut numbers = HashSet::new();
    let genomes: Vec<_> = codes
        .iter()
        .map(|code| {
            let (mut genome, mut text) = (vec![0; 6], [0; TransNasMacro::CODE_LENGTH]);
            TransNasMacro.parse(code, &mut genome).unwrap();
            assert_eq!(TransNasMacro.format(&genome, &mut text).unwrap(), code);
            numbers.insert(TransNasMacro.index(&genome).unwrap());
            genome
        })
        .collect();
    assert_eq!(numbers.len(), TransNasMacro::DESIGNS);
    let weights = attribute_weights();
    let prints = fingerprints(&TransNasMacro, &macro_table(&weights).unwrap(), genomes.into_iter());
    assert_eq!(prints.iter().collect::<HashSet<_>>().len(), TransNasMacro::DESIGNS);
}

#[test]
fn digits_designs_are_distinct_networks() {
    let genomes = (0..Digits::DESIGNS).map(|index| {
        let mut genome = vec![0; 7];
        Digits.genome(index, &mut genome).unwrap();
        genome
    });
    let weights = attribute_weights();
    let prints = fingerprints(&Digits, &macro_table(&weights).unwrap(), genomes);
    assert_eq!(prints.iter().collect::<HashSet<_>>().len(), Digits::DESIGNS);
}

/// The digits space by its parts.
const DIGITS: JointSpec<'static> = JointSpec {
    shortest: 2,
    longest: 4,
    kinds: &[
        ModuleKind { cells: 1, widen: 0, halve: 0, step: 2, design: 0 },
        ModuleKind { cells: 1, widen: 1, halve: 1, step: 4, design: 0 },
    ],
    nodes: 3,
    edges: &[Edge { from: 0, to: 1 }, Edge { from: 0, to: 2 }, Edge { from: 1, to: 2 }],
    operations: &[2, 3, 4, 5, 6],
    designs: 1,
    width: 3,
    side: 3,
};

#[test]
fn digits_is_a_joint_space_with_the_same_networks() {
    let joint = Joint::new(DIGITS).unwrap();
    assert_eq!(Space::<f64>::limits(&joint), Digits::LIMITS);
    let genomes: Vec<Vec<u8>> = (0..joint.genomes().unwrap())
        .filter_map(|index| {
            let mut genome = vec![0; 7];
            joint.genome(index, &mut genome).ok().map(|()| genome)
        })
        .collect();
    // Every genome that is feasible in one is feasible in the other; with dead operations too.
    assert_eq!(genomes.len(), 28 * 116);
    assert!(genomes.iter().all(|genome| Digits.index(genome).is_some()));
    let weights = attribute_weights();
    let table = macro_table(&weights).unwrap();
    let ours = fingerprints(&joint, &table, genomes.iter().cloned());
    assert_eq!(ours, fingerprints(&Digits, &table, genomes.iter().cloned()));
    assert_eq!(distinct(&ours), Digits::DESIGNS);
}

/// Random designs have keys of their own, whichever source of a node is written first.
#[test]
fn darts_networks() {
    let table = darts_table().unwrap();
    for cells in 8..=20 {
        let space = Darts::new(cells).unwrap();
        let mut rng = KeyedRng::new(11, cells as u32, 0);
        let genomes: Vec<Vec<u8>> = (0..200)
            .map(|_| {
                let mut genome = vec![0; 32];
                Space::<f64>::sample(&space, &mut rng, &mut genome);
                genome
            })
            .collect();
        let prints = fingerprints(&space, &table, genomes.iter().cloned());
        assert_eq!(distinct(&prints), 200);
        // The sources of a node in the other order: the same network.
        let swapped = genomes.iter().map(|genome| {
            genome.chunks(4).flat_map(|node| [node[2], node[3], node[0], node[1]]).collect::<Vec<_>>()
        });
        assert_eq!(prints, fingerprints(&space, &table, swapped));
        // Networks with the two cells exchanged differ: reduction cells have places of their own.
        let exchanged = genomes.iter().map(|genome| [&genome[16..], &genome[..16]].concat());
        assert!(prints.iter().zip(fingerprints(&space, &table, exchanged)).all(|(a, b)| *a != b));
    }
}
