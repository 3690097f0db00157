//! The ready-made spaces against the published tables. The tables are not part of this repository:
//! set `HOTNAS_DATA` to their folder, or put them into `../shared/data` beside the repository.

use hotnas_core::arch::{NetworkBuilder, NetworkLimits, OperationTable};
use hotnas_core::memory::Arena;
use hotnas_core::metric::NetworkShape;
use hotnas_core::search::Space;
use hotnas_core::search::spaces::{
    Digits, NasBench201, TransNasMacro, attribute_weights, cell_table, macro_table,
};
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Command;

/// One column of a gzipped table, or `None` with a message.
fn column(file: &str, column: &str) -> Option<Vec<String>> {
    let folder = std::env::var_os("HOTNAS_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let path = folder.join(file);
    if !path.exists() {
        println!("SKIPPED: no {}", path.display());
        return None;
    }
    let Ok(output) = Command::new("gzip").arg("-dc").arg(&path).output() else {
        println!("SKIPPED: no gzip");
        return None;
    };
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

#[test]
fn nas_bench_201_codes() {
    let Some(codes) = column("nas_bench_201/nas_bench_201.csv.gz", "arch") else { return };
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
    let prints = fingerprints(&NasBench201, &cell_table().unwrap(), genomes.into_iter());
    // The benchmark's authors count 6466 classes: they also contract skips, and keep apart some cells
    // that differ only in what is done to zeros.
    assert_eq!(prints.iter().collect::<HashSet<_>>().len(), 8765);
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
