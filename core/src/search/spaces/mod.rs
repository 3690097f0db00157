//! Ready-made search spaces.
//!
//! All of them but [`Darts`] label nodes with the operations of [`Operation`] and use the operation groups
//! {convolution or pooling}, {conv3x3}, {conv1x1}, {pooling} and a flat dissimilarity, 1 between
//! any two different operations (choices of this project, not in the paper): [`cell_table`] and
//! [`macro_table`].

mod darts;
mod digits;
mod joint;
mod nas_bench_101;
mod nas_bench_201;
mod radix;
mod sequence;
mod text;
mod transnas_macro;
mod transnas_micro;
mod wiring;

pub use darts::{DARTS_GROUPS, DARTS_OPERATIONS, Darts, DartsOperation, darts_table};
pub use digits::Digits;
pub use joint::{Joint, JointSpec, ModuleKind};
pub use nas_bench_101::NasBench101;
pub use nas_bench_201::NasBench201;
pub use transnas_macro::TransNasMacro;
pub use transnas_micro::TransNasMicro;

use crate::arch::{Dissimilarity, FeatureScale, Groups, OperationTable};
use crate::error::Error;
use crate::metric::Layers;
use crate::metric::layers::{AVERAGE_POOLING, CONVOLUTION, IDENTITY, OTHER, TERMINAL};
use crate::real::Real;

/// The operations of the ready-made spaces: labels of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Operation {
    /// Where the cell's input enters.
    Input = 0,
    /// Where the cell's output leaves.
    Output = 1,
    /// An operation without effect on the output; a node that stands apart.
    None = 2,
    /// The identity.
    Skip = 3,
    /// A 1x1 convolution.
    Conv1 = 4,
    /// A 3x3 convolution.
    Conv3 = 5,
    /// A 3x3 pooling.
    Pool = 6,
}

/// How many operations there are.
pub const OPERATIONS: usize = 7;

/// For each operation the groups that it belongs to: bit 0 convolution or pooling, bit 1 conv3x3,
/// bit 2 conv1x1, bit 3 pooling.
pub const GROUPS: [u8; OPERATIONS] = [0, 0, 0, 0, 0b0101, 0b0011, 0b1001];

/// What layers the operations are, for the peers that ask: pooling is by the mean.
pub const LAYERS: [u8; OPERATIONS] =
    [TERMINAL, TERMINAL, OTHER, IDENTITY, CONVOLUTION + 1, CONVOLUTION + 3, AVERAGE_POOLING];

/// [`LAYERS`] for a table with so many attributes: the first is log2 of the width, without attributes
/// each node has 16 channels.
#[must_use]
pub fn layers<R: Real>(attributes: usize) -> Layers<'static, R> {
    let width = (attributes > 0).then_some(0);
    Layers { codes: &LAYERS, width, channels: R::from_f64(16.0) }
}

/// The weight of each of the two numeric attributes of the macro spaces, log2 of the width and log2
/// of the resolution.
#[must_use]
pub const fn attribute_weights<R: Real>() -> [R; 2] {
    [R::HALF; 2]
}

/// The table of a space whose cells have no attributes: [`NasBench101`], [`NasBench201`],
/// [`TransNasMicro`].
///
/// # Errors
/// None.
pub fn cell_table<R: Real>() -> Result<OperationTable<'static, R>, Error> {
    table(&[])
}

/// The table of a space whose nodes carry width and resolution: [`TransNasMacro`], [`Digits`],
/// [`Joint`].
/// `weights`: [`attribute_weights`].
///
/// # Errors
/// Those of [`OperationTable::new`] for other weights.
pub fn macro_table<R: Real>(weights: &[R; 2]) -> Result<OperationTable<'_, R>, Error> {
    table(weights)
}

/// The dissimilarity that the poster prints, for these operations, row-major: 0.1 between the two
/// convolutions, 2 between any other two. The poster knows no input, output, none and skip: they are
/// among the others here.
#[must_use]
pub fn poster_dissimilarity<R: Real>() -> [R; OPERATIONS * OPERATIONS] {
    let convolution = |o: usize| o == Operation::Conv1 as usize || o == Operation::Conv3 as usize;
    core::array::from_fn(|k| match (k / OPERATIONS, k % OPERATIONS) {
        (a, b) if a == b => R::ZERO,
        (a, b) if convolution(a) && convolution(b) => R::from_f64(0.1),
        _ => R::TWO,
    })
}

/// The table of the poster's printed system: [`poster_dissimilarity`] and the six plain path lengths.
/// `weights`: one 0 for each attribute of the space, which the poster does not have: none for
/// the spaces of [`cell_table`], two for those of [`macro_table`].
///
/// # Errors
/// Those of [`OperationTable::new`] for other arguments.
pub fn poster_table<'a, R: Real>(
    dissimilarity: &'a [R; OPERATIONS * OPERATIONS],
    weights: &'a [R],
) -> Result<OperationTable<'a, R>, Error> {
    let matrix = Dissimilarity::Matrix { operations: OPERATIONS, values: dissimilarity };
    OperationTable::new(matrix, None, weights, FeatureScale::LongestPath)
}

fn table<R: Real>(weights: &[R]) -> Result<OperationTable<'_, R>, Error> {
    OperationTable::new(
        Dissimilarity::Flat(OPERATIONS),
        Some(Groups { count: 4, masks: &GROUPS }),
        weights,
        FeatureScale::LongestPath,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let weights = attribute_weights::<f32>();
        let table = macro_table(&weights).unwrap();
        assert_eq!((table.groups(), table.attributes(), table.operations()), (4, 2, OPERATIONS));
        let (skip, conv1, conv3) =
            (Operation::Skip as u8, Operation::Conv1 as u8, Operation::Conv3 as u8);
        assert_eq!(table.dissimilarity(conv1, conv3), 1.0);
        assert_eq!(table.group_mask(conv3), 0b0011);
        let matrix = poster_dissimilarity::<f32>();
        let table = poster_table(&matrix, &[]).unwrap();
        assert_eq!((table.groups(), table.attributes()), (1, 0));
        assert_eq!(table.dissimilarity(conv1, conv3), 0.1);
        assert_eq!(table.dissimilarity(skip, conv3), 2.0);
        assert_eq!(cell_table::<f64>().unwrap().attributes(), 0);
    }
}
