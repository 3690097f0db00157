//! Cells and networks: reference vectors, validation, canonical order, reading back.

mod cells;

use std::collections::HashMap;

use cells::{Memory, Spec, assert_close, group_masks, numbers, permutations, vectors};
use hotnas_core::arch::{
    Cell, CellSpec, Dissimilarity, Edge, FeatureScale, Groups, Network, NetworkBuilder, NetworkLimits,
    OperationTable, poster, stride,
};
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::{Error, Real};
use proptest::prelude::*;

fn plain<R: Real>(operations: usize) -> OperationTable<'static, R> {
    OperationTable::new(Dissimilarity::Flat(operations), None, &[], FeatureScale::LongestPath).unwrap()
}

fn caller_features<R: Real>(cell: &Cell<'_, R>) -> Vec<R> {
    let mut out = vec![R::ZERO; cell.nodes() * cell.features_per_node()];
    cell.write_features(&mut out).unwrap();
    out
}

fn features_and_order_of_the_vectors<R: Real>(tolerance: f64) {
    let table = plain::<R>(12);
    for (index, case) in vectors("ifgw")["cases"].as_array().unwrap().iter().enumerate() {
        for side in ["A", "B"] {
            // Made with declared inputs and outputs, which cells do not have.
            if [49, 99, 149, 199].contains(&index) && side == "B" {
                continue;
            }
            let memory = Spec::<R>::from_json(&case[side]).build(&table).unwrap();
            let cell = memory.cell();
            let what = format!("case {index} {side}");
            let expected = numbers::<R>(&case[format!("features_{side}")]);
            assert_close(&caller_features(&cell), &expected, tolerance, &what);
            let masses = numbers::<R>(&case[format!("mass_{side}")]);
            assert_close(cell.masses(), &masses, tolerance, &what);
            let order: Vec<u8> =
                numbers::<f64>(&case[format!("order_{side}")]).iter().map(|&x| x as u8).collect();
            assert_same_list(&cell, &order, &what);
        }
    }
}

/// Ties may be broken in another way: the sorted lists must be the same.
fn assert_same_list<R: Real>(cell: &Cell<'_, R>, order: &[u8], what: &str) {
    let n = cell.nodes();
    let mut back = vec![0; n];
    for (new, &old) in cell.order().iter().enumerate() {
        back[old as usize] = new;
    }
    for (new, &old) in order.iter().enumerate() {
        let other = back[old as usize];
        assert_eq!(cell.operations()[new], cell.operations()[other], "{what}");
        assert_eq!(cell.masses()[new], cell.masses()[other], "{what}");
        for t in 0..cell.features_per_node() {
            assert_eq!(cell.feature(t)[new], cell.feature(t)[other], "{what}");
        }
    }
}

#[test]
fn features_of_the_vectors() {
    features_and_order_of_the_vectors::<f64>(1e-12);
    features_and_order_of_the_vectors::<f32>(1e-6);
}

fn grouped_features_of_the_vectors<R: Real>(tolerance: f64) {
    let file = vectors("grouped");
    let operations = file["operations"].as_array().unwrap().len();
    for (index, case) in file["cases"].as_array().unwrap().iter().enumerate() {
        let (count, masks) = group_masks(&case["groups"], operations);
        let weights = numbers::<R>(&case["attribute_weights"]);
        let table = OperationTable::new(
            Dissimilarity::Flat(operations),
            Some(Groups { count, masks: &masks }),
            &weights,
            FeatureScale::LongestPath,
        )
        .unwrap();
        for side in ["A", "B"] {
            let memory = Spec::<R>::from_json(&case[side]).build(&table).unwrap();
            let cell = memory.cell();
            let what = format!("case {index} {side}");
            assert_close(&caller_features(&cell), &numbers(&case[side]["features"]), tolerance, &what);
            assert_eq!(cell.longest_path().max(1) as u64, case[side]["longest_path"].as_u64().unwrap());
            let order: Vec<u8> = numbers::<f64>(&case[side]["order"]).iter().map(|&x| x as u8).collect();
            assert_same_list(&cell, &order, &what);
        }
    }
}

#[test]
fn grouped_features_of_the_grouped_vectors() {
    grouped_features_of_the_vectors::<f64>(1e-12);
    grouped_features_of_the_vectors::<f32>(1e-6);
}

#[test]
fn raw_lengths_are_whole_edges() {
    let table =
        OperationTable::<f64>::new(Dissimilarity::Flat(2), None, &[], FeatureScale::Raw).unwrap();
    // 0 -> 1 -> 2 -> 3 and 0 -> 3: the walk to node 3 is (3 + 1) / 2.
    let memory = Spec::new(&[0, 1, 1, 0], &[(0, 1), (1, 2), (2, 3), (0, 3)]).build(&table).unwrap();
    let cell = memory.cell();
    assert_eq!(cell.feature(0), [0.0, 1.0, 2.0, 1.0]);
    assert_eq!(cell.feature(1), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(cell.feature(2), [0.0, 1.0, 2.0, 2.0]);
    assert_eq!(cell.feature(5), [2.0, 2.0, 1.0, 0.0]);
    assert_eq!(cell.reachability(), [0b1110, 0b1100, 0b1000, 0]);
    assert_eq!(cell.longest_path(), 3);
}

#[test]
fn matrices_inside_a_cell() {
    let table = OperationTable::<f64>::poster();
    let memory =
        Spec::new(&[poster::CONV3, poster::CONV1, poster::FC], &[(0, 1), (1, 2)]).build(&table).unwrap();
    let cell = memory.cell();
    assert_eq!(cell.stride(), 4);
    assert_eq!(cell.within_operation(), [0.0, 0.1, 2.0, 0.0, 0.1, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0, 0.0]);
    let h = cell.within_structure();
    assert_eq!(h, [0.0, 0.5, 1.0, 0.0, 0.5, 0.0, 0.5, 0.0, 1.0, 0.5, 0.0, 0.0]);
}

#[test]
fn tables_refuse_what_is_not_a_table() {
    let new = |operations, values: &[f64], groups, weights: &[f64]| {
        let d = Dissimilarity::Matrix { operations, values };
        OperationTable::new(d, groups, weights, FeatureScale::LongestPath).err()
    };
    let good = [0.0, 1.0, 1.0, 0.0];
    assert_eq!(new(2, &good, None, &[0.5; 4]), None);
    assert_eq!(new(0, &[], None, &[]), Some(Error::OperationCount));
    assert_eq!(new(257, &[0.0; 257 * 257], None, &[]), Some(Error::OperationCount));
    assert_eq!(new(2, &good[..3], None, &[]), Some(Error::DimensionMismatch));
    assert_eq!(new(2, &[0.0, f64::NAN, 1.0, 0.0], None, &[]), Some(Error::NotFinite));
    assert_eq!(new(2, &[0.0, 1.0, f64::INFINITY, 0.0], None, &[]), Some(Error::NotSymmetric));
    assert_eq!(new(2, &[0.0, -1.0, -1.0, 0.0], None, &[]), Some(Error::NegativeCost));
    assert_eq!(new(2, &[0.0, 2e6, 2e6, 0.0], None, &[]), Some(Error::TooLarge));
    assert_eq!(new(2, &[0.0, 1.0, 1.0, 0.5], None, &[]), Some(Error::NonZeroDiagonal));
    assert_eq!(new(2, &[0.0, 1.0, 2.0, 0.0], None, &[]), Some(Error::NotSymmetric));
    assert_eq!(new(2, &good, None, &[0.5; 5]), Some(Error::AttributeCount));
    assert_eq!(new(2, &good, None, &[f64::NAN]), Some(Error::NotFinite));
    assert_eq!(new(2, &good, None, &[-1.0]), Some(Error::NegativeCost));
    let groups = |count, masks| new(2, &good, Some(Groups { count, masks }), &[]);
    assert_eq!(groups(8, &[255, 0]), None);
    assert_eq!(groups(2, &[1, 2, 3]), Some(Error::DimensionMismatch));
    assert_eq!(groups(0, &[0, 0]), Some(Error::GroupCount));
    assert_eq!(groups(9, &[0, 0]), Some(Error::GroupCount));
    assert_eq!(groups(usize::MAX, &[0, 0]), Some(Error::GroupCount));
    assert_eq!(groups(2, &[1, 4]), Some(Error::GroupCount));
}

#[test]
fn a_table_is_its_numbers() {
    let matrix = [0.0, 1.0, 1.0, 0.0];
    let d = Dissimilarity::Matrix { operations: 2, values: &matrix };
    let table = OperationTable::<f64>::new(d, None, &[], FeatureScale::LongestPath).unwrap();
    assert_eq!(table.fingerprint(), plain::<f64>(2).fingerprint());
    assert_ne!(table.fingerprint(), plain::<f64>(3).fingerprint());
    let raw = OperationTable::<f64>::new(d, None, &[], FeatureScale::Raw).unwrap();
    assert_ne!(table.fingerprint(), raw.fingerprint());
    let poster = [0.0, 0.1, 2.0, 2.0, 0.1, 0.0, 2.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0, 0.0];
    let d = Dissimilarity::Matrix { operations: 4, values: &poster };
    let table = OperationTable::<f64>::new(d, None, &[], FeatureScale::LongestPath).unwrap();
    assert_eq!(table.fingerprint(), OperationTable::<f64>::poster().fingerprint());
}

#[test]
fn cells_refuse_what_is_not_a_cell() {
    let weights = [1.0];
    let table =
        OperationTable::<f64>::new(Dissimilarity::Flat(2), None, &weights, FeatureScale::Raw).unwrap();
    let check = |operations: &[u8], edges: &[(u8, u8)], masses: Option<&[f64]>, attributes: &[f64]| {
        let edges: Vec<Edge> = edges.iter().map(|&(from, to)| Edge { from, to }).collect();
        let spec = CellSpec { operations, edges: &edges, masses, attributes };
        let need = Cell::<f64>::extent(operations.len(), 1, 1);
        let mut memory = Memory::<f64>::new(need);
        let mut work = Memory::<f64>::new(Cell::<f64>::workspace(operations.len(), 1));
        let mut arena = memory.arena();
        let error = Cell::build(&table, &spec, &mut arena, work.arena()).err();
        if error.is_some() {
            assert_eq!(arena.extent(), need, "nothing may be carved");
            assert!(memory.reals.iter().all(|&x| x == -7.0) && memory.bytes.iter().all(|&x| x == 0xa5));
            assert!(memory.words.iter().all(|&x| x == 0xdead_beef));
        }
        error
    };
    let x = [0.0, 1.0, 2.0];
    assert_eq!(check(&[0, 1, 0], &[(2, 0), (2, 1)], Some(&[0.0, 0.5, 0.5]), &x), None);
    assert_eq!(check(&[], &[], None, &[]), Some(Error::EmptyCell));
    assert_eq!(check(&[0; 33], &[], None, &[0.0; 33]), Some(Error::TooManyNodes));
    assert_eq!(check(&[0; 3], &[], None, &[0.0; 2]), Some(Error::DimensionMismatch));
    assert_eq!(check(&[0; 3], &[], Some(&[0.5; 2]), &x), Some(Error::DimensionMismatch));
    assert_eq!(check(&[0, 2, 0], &[], None, &x), Some(Error::UnknownOperation));
    assert_eq!(check(&[0; 3], &[(0, 3)], None, &x), Some(Error::NodeOutOfRange));
    assert_eq!(check(&[0; 3], &[(255, 0)], None, &x), Some(Error::NodeOutOfRange));
    assert_eq!(check(&[0; 3], &[(1, 1)], None, &x), Some(Error::SelfLoop));
    assert_eq!(check(&[0; 3], &[(0, 1), (0, 1)], None, &x), Some(Error::DuplicateEdge));
    assert_eq!(check(&[0; 3], &[(0, 1), (1, 2), (2, 0)], None, &x), Some(Error::Cycle));
    assert_eq!(check(&[0; 3], &[], None, &[0.0, f64::NAN, 0.0]), Some(Error::AttributeNotFinite));
    assert_eq!(check(&[0; 3], &[], None, &[0.0, -1.1e6, 0.0]), Some(Error::TooLarge));
    assert_eq!(check(&[0; 3], &[], Some(&[f64::NAN, 0.5, 0.5]), &x), Some(Error::MassNotFinite));
    assert_eq!(check(&[0; 3], &[], Some(&[-0.5, 1.0, 0.5]), &x), Some(Error::NegativeMass));
    assert_eq!(check(&[0; 3], &[], Some(&[0.0; 3]), &x), Some(Error::MassSum));
    assert_eq!(check(&[0; 3], &[], Some(&[0.3; 3]), &x), Some(Error::MassSum));
    assert_eq!(check(&[0; 3], &[], Some(&[1e308; 3]), &x), Some(Error::MassSum));

    let spec = Spec::<f64>::new(&[0, 1], &[(0, 1)]);
    let table = plain(2);
    let (need, work) = (Cell::<f64>::extent(2, 1, 0), Cell::<f64>::workspace(2, 1));
    for (need, work) in [
        (Extent { reals: need.reals - 1, ..need }, work),
        (Extent { words: need.words - 1, ..need }, work),
        (Extent { bytes: need.bytes - 1, ..need }, work),
        (need, Extent { reals: work.reals - 1, ..work }),
        (need, Extent { bytes: work.bytes - 1, ..work }),
    ] {
        let (mut memory, mut work) = (Memory::new(need), Memory::new(work));
        let result = Cell::build(&table, &spec.as_spec(), &mut memory.arena(), work.arena());
        assert_eq!(result.err(), Some(Error::MemoryTooSmall));
    }
}

#[test]
fn equal_masses_are_uniform_however_given() {
    let table = plain::<f64>(2);
    let mut spec = Spec::new(&[0, 1, 1], &[(0, 1)]);
    let a = spec.build(&table).unwrap();
    spec.masses = Some(vec![(1.0 - 3e-10) / 3.0; 3]);
    let b = spec.build(&table).unwrap();
    assert!(a.cell().is_uniform() && b.cell().is_uniform());
    assert_eq!(a.cell().fingerprint(), b.cell().fingerprint());
    assert_eq!(a.reals, b.reals);
    spec.masses = Some(vec![0.5, 0.5, -0.0]);
    let c = spec.build(&table).unwrap();
    assert!(!c.cell().is_uniform());
    assert_ne!(a.cell().fingerprint(), c.cell().fingerprint());
    spec.masses = Some(vec![0.5, 0.5, 0.0]);
    assert_eq!(spec.build(&table).unwrap().cell().fingerprint(), c.cell().fingerprint());
}

#[test]
fn lists_may_agree_where_reachability_does_not() {
    let table = plain::<f64>(1);
    let a = Spec::new(&[0; 4], &[(0, 3), (1, 2)]).build(&table).unwrap();
    let b = Spec::new(&[0; 4], &[(0, 2), (0, 3), (1, 2)]).build(&table).unwrap();
    assert!(a.cell().compare_lists(&b.cell()).is_eq());
    assert!(a.cell().compare(&b.cell()).is_ne());
    assert_ne!(a.cell().fingerprint(), b.cell().fingerprint());
}

/// All directed acyclic graphs of `n` numbered nodes.
fn all_graphs(n: usize) -> Vec<Vec<(u8, u8)>> {
    let pairs: Vec<(u8, u8)> =
        (0..n as u8).flat_map(|i| (0..n as u8).filter(move |&j| i != j).map(move |j| (i, j))).collect();
    (0..1u32 << pairs.len())
        .map(|set| (0..pairs.len()).filter(|i| set >> i & 1 == 1).map(|i| pairs[i]).collect::<Vec<_>>())
        .filter(|edges| {
            let closure = closure(n, edges);
            (0..n).all(|v| closure[v] >> v & 1 == 0)
        })
        .collect()
}

fn closure(n: usize, edges: &[(u8, u8)]) -> Vec<u32> {
    let mut reach = vec![0u32; n];
    for &(i, j) in edges {
        reach[i as usize] |= 1 << j;
    }
    for k in 0..n {
        for i in 0..n {
            if reach[i] >> k & 1 == 1 {
                reach[i] |= reach[k];
            }
        }
    }
    reach
}

#[test]
fn fingerprints_tell_exactly_the_classes_of_all_small_cells() {
    let table = plain::<f64>(2);
    let mut classes: HashMap<Vec<u64>, ([u32; 4], usize)> = HashMap::new();
    let mut prints: HashMap<[u32; 4], Vec<u64>> = HashMap::new();
    let mut built = 0;
    for n in 1..=4 {
        let permutations = permutations(n);
        for edges in all_graphs(n) {
            let reach = closure(n, &edges);
            for labels in 0..1 << n {
                let operations: Vec<u8> = (0..n).map(|v| (labels >> v & 1) as u8).collect();
                let memory = Spec::new(&operations, &edges).build(&table).unwrap();
                let cell = memory.cell();
                assert!(cell.is_canonical());
                let features = caller_features(&cell);
                // The least content over all numberings: operations, features, reachability.
                let least = permutations
                    .iter()
                    .map(|p| {
                        let mut content = vec![0; 1 + n * 8];
                        content[0] = n as u64;
                        for v in 0..n {
                            let at = &mut content[1 + p[v] * 8..][..8];
                            at[0] = operations[v].into();
                            for t in 0..6 {
                                at[1 + t] = features[v * 6 + t].to_bits();
                            }
                            at[7] = (0..n).map(|u| u64::from(reach[v] >> u & 1) << p[u]).sum();
                        }
                        content
                    })
                    .min()
                    .unwrap();
                let (print, count) = classes.entry(least.clone()).or_insert((cell.fingerprint(), 0));
                assert_eq!(*print, cell.fingerprint(), "{edges:?} {operations:?}");
                *count += 1;
                assert_eq!(*prints.entry(cell.fingerprint()).or_insert(least.clone()), least);
                built += 1;
            }
        }
    }
    assert_eq!(built, 2 + 3 * 4 + 25 * 8 + 543 * 16);
    assert_eq!(classes.len(), prints.len());
}

#[test]
fn symmetric_cells_stay_canonical() {
    let table = plain::<f64>(1);
    let chains: Vec<(u8, u8)> = (0..16).map(|i| (i, i + 16)).collect();
    let layers: Vec<(u8, u8)> =
        (0..24u8).flat_map(|i| (0..8).map(move |j| (i, i / 8 * 8 + 8 + j))).collect();
    let crown: Vec<(u8, u8)> =
        (0..16u8).flat_map(|i| (0..16).filter(move |&j| j != i).map(move |j| (i, 16 + j))).collect();
    let ring: Vec<(u8, u8)> = (0..16u8).flat_map(|i| [(i, 16 + i), (i, 16 + (i + 1) % 16)]).collect();
    let rings: Vec<(u8, u8)> = (0..16u8)
        .flat_map(|i| [(i, 16 + i), (i, 16 + (i + 1) % 8 + i / 8 * 8)])
        .map(|(i, j)| (i, if j - 16 < 16 { j } else { j - 8 }))
        .collect();
    // The cube: every node of one half reaches three of the other.
    let cube: Vec<(u8, u8)> = (0..32u8)
        .filter(|v| v.count_ones() % 2 == 0)
        .flat_map(|v| (0..5).map(move |b| (v, v ^ 1 << b)))
        .collect();
    let to: Vec<usize> = (0..32).map(|v| v * 13 % 32).collect();
    for edges in [&[][..], &chains, &layers, &crown, &ring, &rings, &cube] {
        let spec = Spec::new(&[0; 32], edges);
        let (a, b) = (spec.build(&table).unwrap(), spec.renumbered(&to).build(&table).unwrap());
        assert!(a.cell().is_canonical() && b.cell().is_canonical());
        assert_eq!(a.reals, b.reals);
        assert_eq!(a.words, b.words);
    }
}

#[test]
fn fingerprints_never_change() {
    fn print<R: Real>() -> [u32; 4] {
        let operations = [poster::CONV3, poster::POOL, poster::CONV1, poster::FC];
        let spec = Spec::<R>::new(&operations, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]);
        spec.build(&OperationTable::poster()).unwrap().cell().fingerprint()
    }
    assert_eq!(print::<f64>(), [359_641_829, 3_111_888_564, 2_147_565_492, 1_934_525_210]);
    assert_eq!(print::<f32>(), [3_355_258_102, 204_702_508, 2_890_850_989, 1_425_657_534]);
}

/// A random cell of up to `nodes` nodes over 3 operations with 2 attributes.
fn any_spec(nodes: usize) -> impl Strategy<Value = (Spec<f64>, Vec<usize>)> {
    (1..=nodes)
        .prop_flat_map(|n| {
            (
                prop::collection::vec(0..3u8, n),
                prop::collection::vec(any::<bool>(), n * n),
                prop::option::of(prop::collection::vec(0..4u8, n)),
                prop::collection::vec(prop::sample::select(&[0.0, -0.0, 1.5, 2.25, 0.1][..]), 2 * n),
                Just((0..n).collect::<Vec<_>>()).prop_shuffle(),
                0..8u8,
            )
        })
        .prop_map(|(operations, dense, masses, attributes, to, kind)| {
            let n = operations.len();
            let edges = (0..n * n)
                .filter(|&e| e / n < e % n && dense[e])
                .map(|e| Edge { from: (e / n) as u8, to: (e % n) as u8 })
                .collect();
            let masses = masses.filter(|m| m.iter().any(|&x| x > 0)).map(|m| {
                let sum: f64 = m.iter().map(|&x| f64::from(x)).sum();
                m.iter().map(|&x| f64::from(x) / sum).collect()
            });
            // Few labels and no attributes make ties likely.
            let operations = operations.iter().map(|&o| o * u8::from(kind & 1 == 1)).collect();
            let attributes = attributes.iter().map(|&x| x * f64::from(kind >> 1 & 1)).collect();
            let masses = if kind & 4 == 0 { None } else { masses };
            (Spec { operations, edges, masses, attributes }, to)
        })
}

fn to_f32(spec: &Spec<f64>) -> Spec<f32> {
    Spec {
        operations: spec.operations.clone(),
        edges: spec.edges.clone(),
        masses: spec.masses.as_ref().map(|m| m.iter().map(|&x| x as f32).collect()),
        attributes: spec.attributes.iter().map(|&x| x as f32).collect(),
    }
}

fn renumbering_changes_nothing<R: Real>(spec: &Spec<R>, to: &[usize]) {
    let weights = [R::ONE, R::HALF];
    let masks = [1, 2, 3];
    for groups in [None, Some(Groups { count: 2, masks: &masks })] {
        let table =
            OperationTable::new(Dissimilarity::Flat(3), groups, &weights, FeatureScale::LongestPath)
                .unwrap();
        let (a, b) = (spec.build(&table).unwrap(), spec.renumbered(to).build(&table).unwrap());
        // All but the last words, the children, which are not part of the key.
        let last = a.words.len() - spec.operations.len();
        assert_eq!(a.words[..last], b.words[..last]);
        let bits = |m: &Memory<R>| m.reals.iter().map(|x| x.to_f64().to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&a), bits(&b));
        let (a, b) = (a.cell(), b.cell());
        assert!(a.compare(&b).is_eq() && a.is_canonical());
        assert_eq!(a.operations(), b.operations());
        // The order leads back to nodes with the same operation and descendants.
        for (cell, spec) in [(&a, spec), (&b, &spec.renumbered(to))] {
            let n = cell.nodes();
            let edges: Vec<(u8, u8)> = spec.edges.iter().map(|e| (e.from, e.to)).collect();
            let reach = closure(n, &edges);
            for i in 0..n {
                let old = usize::from(cell.order()[i]);
                assert_eq!(cell.operations()[i], spec.operations[old]);
                for k in 0..n {
                    let there = reach[old] >> cell.order()[k] & 1;
                    assert_eq!(cell.reaches(i) >> k & 1, there);
                    assert!(there == 0 || i < k, "the order is topological");
                    let child = edges.contains(&(old as u8, cell.order()[k]));
                    assert_eq!(cell.children()[i] >> k & 1 == 1, child);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn a_renumbered_cell_is_the_same_cell((spec, to) in any_spec(12)) {
        renumbering_changes_nothing(&spec, &to);
        renumbering_changes_nothing(&to_f32(&spec), &to);
    }

    #[test]
    fn a_large_renumbered_cell_is_the_same_cell((spec, to) in any_spec(32)) {
        renumbering_changes_nothing(&spec, &to);
    }

    #[test]
    fn compare_is_antisymmetric_and_agrees_with_fingerprints(
        (a, _) in any_spec(4), (b, _) in any_spec(4), (c, _) in any_spec(4)
    ) {
        let weights = [1.0, 1.0];
        let table = OperationTable::new(Dissimilarity::Flat(3), None, &weights, FeatureScale::Raw).unwrap();
        let (a, b, c) = (a.build(&table).unwrap(), b.build(&table).unwrap(), c.build(&table).unwrap());
        let (a, b, c) = (a.cell(), b.cell(), c.cell());
        prop_assert_eq!(a.compare(&b), b.compare(&a).reverse());
        prop_assert_eq!(a.compare(&b).is_eq(), a.fingerprint() == b.fingerprint());
        if a.compare(&b).is_le() && b.compare(&c).is_le() {
            prop_assert!(a.compare(&c).is_le());
        }
    }

    #[test]
    fn damaged_memory_never_panics(
        (spec, _) in any_spec(6), damage in prop::collection::vec((any::<u16>(), any::<u32>()), 1..6)
    ) {
        let weights = [1.0, 1.0];
        let table = OperationTable::new(Dissimilarity::Flat(3), None, &weights, FeatureScale::Raw).unwrap();
        let mut memory = spec.build(&table).unwrap();
        for (at, value) in damage {
            let (words, bytes) = (memory.words.len(), memory.bytes.len());
            memory.words[usize::from(at) % words] = value;
            memory.words[0] ^= value >> (at & 31);
            memory.bytes[usize::from(at) % bytes] = value as u8;
        }
        if let Some(cell) = Cell::view(&memory.reals, &memory.words, &memory.bytes) {
            let mut out = vec![0.0; cell.nodes() * cell.features_per_node()];
            cell.write_features(&mut out).unwrap();
            let _ = (cell.compare(&cell), cell.masses(), cell.within_structure(), cell.reaches(40));
            let listed = [cell];
            if let Ok(network) = Network::new(&listed, &[0, 0], None, None) {
                let _ = network.compare(&network);
            }
        }
    }
}

fn limits() -> NetworkLimits {
    NetworkLimits { nodes: 4, groups: 1, attributes: 0, distinct: 2, cells: 3 }
}

#[test]
fn networks_refuse_what_is_not_a_network() {
    let table = plain::<f64>(3);
    let a = Spec::new(&[0, 1], &[(0, 1)]).build(&table).unwrap();
    let b = Spec::new(&[0, 2], &[(0, 1)]).build(&table).unwrap();
    let cells = [a.cell(), b.cell()];
    let check = |sequence: &[u8], positions: Option<&[f64]>, masses: Option<&[f64]>| {
        Network::new(&cells, sequence, positions, masses).err()
    };
    assert_eq!(check(&[0, 1, 0], Some(&[0.1, 0.1, 1.0]), Some(&[0.0, 0.5, 0.5])), None);
    assert_eq!(check(&[], None, None), Some(Error::EmptyNetwork));
    assert_eq!(check(&[0; 65], None, None), Some(Error::TooManyCells));
    assert_eq!(check(&[0; 64], None, None), None);
    assert_eq!(check(&[0, 2], None, None), Some(Error::DimensionMismatch));
    assert_eq!(check(&[0, 1], Some(&[1.0]), None), Some(Error::DimensionMismatch));
    assert_eq!(check(&[0, 1], None, Some(&[1.0])), Some(Error::DimensionMismatch));
    for bad in [[0.0, 1.0], [0.5, 1.1], [0.5, 0.4], [f64::NAN, 1.0], [0.5, f64::NAN]] {
        assert_eq!(check(&[0, 1], Some(&bad), None), Some(Error::InvalidPosition));
    }
    assert_eq!(check(&[0, 1], None, Some(&[f64::NAN, 1.0])), Some(Error::MassNotFinite));
    assert_eq!(check(&[0, 1], None, Some(&[-0.5, 1.5])), Some(Error::NegativeMass));
    assert_eq!(check(&[0, 1], None, Some(&[0.5, 0.6])), Some(Error::MassSum));
    let other = Spec::new(&[0, 1], &[(0, 1)]).build(&plain(4)).unwrap();
    assert_eq!(
        Network::new(&[a.cell(), other.cell()], &[0], None, None).err(),
        Some(Error::TableMismatch)
    );
}

#[test]
fn a_network_is_its_sequence_positions_and_masses() {
    let table = plain::<f64>(3);
    let a = Spec::new(&[0, 1], &[(0, 1)]).build(&table).unwrap();
    let b = Spec::new(&[0, 2], &[(0, 1)]).build(&table).unwrap();
    let cells = [a.cell(), b.cell(), a.cell()];
    let swapped = [b.cell(), a.cell()];
    let third = [0.25, 0.5, 0.75, 1.0];
    let x = Network::new(&cells, &[0, 1, 2, 1], None, None).unwrap();
    let same = [
        Network::new(&swapped, &[1, 0, 1, 0], None, None).unwrap(),
        Network::new(&cells, &[2, 1, 0, 1], Some(&third), Some(&[0.25; 4])).unwrap(),
    ];
    for y in &same {
        assert!(x.compare(y).is_eq());
        assert_eq!(x.fingerprint(), y.fingerprint());
    }
    let other = [
        Network::new(&cells, &[0, 1, 2], None, None).unwrap(),
        Network::new(&cells, &[1, 0, 2, 1], None, None).unwrap(),
        Network::new(&cells, &[0, 1, 2, 1], Some(&[0.2, 0.5, 0.75, 1.0]), None).unwrap(),
        Network::new(&cells, &[0, 1, 2, 1], None, Some(&[0.5, 0.0, 0.25, 0.25])).unwrap(),
    ];
    for y in &other {
        assert!(x.compare(y).is_ne());
        assert_eq!(x.compare(y), y.compare(&x).reverse());
        assert_ne!(x.fingerprint(), y.fingerprint());
    }
}

#[test]
fn a_builder_keeps_equal_cells_once_and_its_memory_reads_back() {
    let table = plain::<f64>(3);
    let (x, y) = (Spec::new(&[0, 1, 2], &[(0, 1), (1, 2)]), Spec::new(&[0, 2], &[(0, 1)]));
    let mut memory = Memory::<f64>::new(limits().extent());
    let mut work = Memory::<f64>::new(limits().workspace());
    let mut arena = memory.arena();
    let mut builder = NetworkBuilder::new(&table, limits(), &mut arena, work.arena()).unwrap();
    assert_eq!(builder.push(0), Err(Error::DimensionMismatch));
    assert_eq!(builder.push_cell(&x.as_spec()), Ok(0));
    assert_eq!(builder.add_cell(&y.as_spec()), Ok(1));
    assert_eq!(builder.add_cell(&x.renumbered(&[2, 0, 1]).as_spec()), Ok(0));
    let third = Spec::new(&[0], &[]);
    assert_eq!(builder.add_cell(&third.as_spec()), Err(Error::CapacityExceeded));
    let large = Spec::new(&[0; 5], &[]);
    assert_eq!(builder.add_cell(&large.as_spec()), Err(Error::CapacityExceeded));
    assert_eq!(builder.add_cell(&Spec::new(&[7], &[]).as_spec()), Err(Error::UnknownOperation));
    builder.push(1).unwrap();
    assert_eq!(builder.push_cell(&x.as_spec()), Ok(0));
    assert_eq!(builder.push_cell(&x.as_spec()), Err(Error::CapacityExceeded));
    assert_eq!(builder.set_positions(&[1.0]), Err(Error::DimensionMismatch));
    builder.set_positions(&[0.25, 0.5, 1.0]).unwrap();
    assert_eq!(builder.push(0), Err(Error::DimensionMismatch), "positions are for the cells before");
    builder.set_masses(&[0.5, 0.25, 0.25]).unwrap();
    let network = builder.finish().unwrap();
    assert_eq!(network.sequence(), [0, 1, 0]);

    let (a, b) = (x.build(&table).unwrap(), y.build(&table).unwrap());
    let cells = [a.cell(), b.cell()];
    let (positions, masses) = ([0.25, 0.5, 1.0], [0.5, 0.25, 0.25]);
    let same = Network::new(&cells, &[0, 1, 0], Some(&positions), Some(&masses)).unwrap();
    assert!(network.compare(&same).is_eq());
    let print = network.fingerprint();
    assert_eq!(print, same.fingerprint());

    let read = Network::view(&memory.reals, &memory.words, &memory.bytes).unwrap();
    assert_eq!(read.fingerprint(), print);
    for at in 0..memory.words.len() {
        for value in [0, 1, 0xff, 0x0101_0101, u32::MAX] {
            let mut words = memory.words.clone();
            words[at] = value;
            if let Some(network) = Network::view(&memory.reals, &words, &memory.bytes) {
                let _ = network.compare(&network);
            }
        }
    }
    assert!(Network::<f64>::view(&[], &[], &[]).is_none());
}

#[test]
fn a_builder_refuses_wrong_limits_and_small_memory() {
    let table = plain::<f64>(3);
    let check = |limits: NetworkLimits, need: Extent, work: Extent| {
        let (mut memory, mut work) = (Memory::<f64>::new(need), Memory::<f64>::new(work));
        NetworkBuilder::new(&table, limits, &mut memory.arena(), work.arena()).err()
    };
    let l = limits();
    assert_eq!(check(l, l.extent(), l.workspace()), None);
    let small = Extent { words: l.extent().words - 1, ..l.extent() };
    assert_eq!(check(l, small, l.workspace()), Some(Error::MemoryTooSmall));
    assert_eq!(check(l, l.extent(), Extent::NONE), Some(Error::MemoryTooSmall));
    let wrong = NetworkLimits { nodes: 33, ..l };
    assert_eq!(check(wrong, wrong.extent(), wrong.workspace()), Some(Error::InvalidSetting));
    let mut arena = Arena::<f64>::new(&mut [], &mut [], &mut []);
    let masks = [1, 2, 3];
    let grouped = OperationTable::new(
        Dissimilarity::Flat(3),
        Some(Groups { count: 2, masks: &masks }),
        &[],
        FeatureScale::Raw,
    )
    .unwrap();
    let none = Arena::new(&mut [], &mut [], &mut []);
    assert_eq!(NetworkBuilder::new(&grouped, l, &mut arena, none).err(), Some(Error::TableMismatch));
    let mut memory = Memory::<f64>::new(l.extent());
    let mut work = Memory::<f64>::new(l.workspace());
    let mut arena = memory.arena();
    let builder = NetworkBuilder::new(&table, l, &mut arena, work.arena()).unwrap();
    assert_eq!(builder.finish().err(), Some(Error::EmptyNetwork));
    assert_eq!(stride(5), 8);
}
