//! The information of the nodes without transport: a control.

use crate::arch::{Network, OperationTable};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::metric::Metric;
use crate::real::Real;
use crate::rows::InRows;

pub(super) fn workspace<R: Real>(table: &OperationTable<'_, R>) -> Extent {
    Extent::reals(table.operations() + table.attributes() + table.features())
}

/// What a network would be if its nodes were only added up: for each operation its mass, for each
/// attribute and each structural feature its mean over the cell, summed over the cells. Of these the L1
/// difference: `epsilon` times half that of the operations and the weighted one of the attributes,
/// `1 - epsilon` times the mean one of the features.
pub(super) fn distance<R: Real>(
    metric: &Metric<'_, R>,
    a: &Network<'_, R>,
    b: &Network<'_, R>,
    mut arena: Arena<'_, R>,
) -> Result<R, Error> {
    let (table, epsilon) = (metric.table(), metric.settings().epsilon);
    let operations = arena.reals(table.operations())?;
    let attributes = arena.reals(table.attributes())?;
    let features = arena.reals(table.features())?;
    for sums in [&mut *operations, &mut *attributes, &mut *features] {
        sums.fill(R::ZERO);
    }
    for (network, sign) in [(a, R::ONE), (b, -R::ONE)] {
        for cell in (0..network.len()).filter_map(|place| network.at(place)) {
            for (&operation, &mass) in cell.operations().iter().zip(cell.masses()) {
                if let Some(sum) = operations.get_mut(usize::from(operation)) {
                    *sum += sign * mass;
                }
            }
            let lists = [(&mut *attributes, cell.attributes()), (&mut *features, cell.features())];
            for (sums, rows) in lists {
                for (sum, row) in sums.iter_mut().zip(rows.in_rows(cell.stride())) {
                    *sum += sign * crate::real::dot(row, cell.masses());
                }
            }
        }
    }
    let total = |sums: &[R]| sums.iter().fold(R::ZERO, |total, x| total + x.abs());
    let weighted = attributes.iter().zip(table.attribute_weights());
    let weighted = weighted.fold(R::ZERO, |total, (x, &weight)| total + weight * x.abs());
    let structure = total(features) / R::from_usize(features.len().max(1));
    Ok(epsilon * (R::HALF * total(operations) + weighted) + (R::ONE - epsilon) * structure)
}
