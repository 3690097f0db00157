//! The cheapest lower bound: no plan can move less than what marginals and means differ by.
//!
//! Operations that one side has more of than the other must be matched to different ones, each at no
//! less than the least dissimilarity; and the transport cost of |x - y| is at least the difference of the
//! means of x and y. Both hold for the nodes of two cells and, because a plan between networks with plans
//! between their cells is a plan between all their nodes, for two networks.

use super::Metric;
use super::bounds::rounding;
use crate::arch::{Cell, FEATURES_PER_GROUP, MAX_ATTRIBUTES, MAX_GROUPS, Network};
use crate::real::{Real, dot};
use crate::rows::InRows;
use crate::transport::vertex::mass;

/// Operations are counted modulo this. Merging classes can only lower the bound.
const CLASSES: usize = 16;

/// Masses of operations, means of everything else.
///
/// The solver works with masses in whole units, so each may differ from the given one by an amount that does not
/// depend on it, and a mean by as much times the greatest number: that is what the allowance for rounding is
/// relative to, and not the mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments<R> {
    operations: [R; CLASSES],
    features: [R; FEATURES_PER_GROUP * MAX_GROUPS],
    attributes: [R; MAX_ATTRIBUTES],
    /// Greatest absolute values of the attributes.
    sizes: [R; MAX_ATTRIBUTES],
    /// Sum over the features of their greatest values.
    feature_size: R,
    position: R,
    /// Nodes of a cell and cells, at most.
    nodes: usize,
    cells: usize,
    /// What the moments may be off by, relative to their size, because given masses sum to 1 within a
    /// tolerance only. The transport makes the sum exact at the largest mass, whose cell weighs up to
    /// as much in a mean as all together.
    tolerance: R,
}

impl<R: Real> Moments<R> {
    const NONE: Self = Self {
        operations: [R::ZERO; CLASSES],
        features: [R::ZERO; FEATURES_PER_GROUP * MAX_GROUPS],
        attributes: [R::ZERO; MAX_ATTRIBUTES],
        sizes: [R::ZERO; MAX_ATTRIBUTES],
        feature_size: R::ZERO,
        position: R::ZERO,
        nodes: 0,
        cells: 0,
        tolerance: R::ZERO,
    };

    pub(super) fn of_cell(cell: &Cell<'_, R>) -> Self {
        let mut all = Self::NONE;
        all.add(cell, R::ONE);
        all
    }

    pub(super) fn of_network(network: &Network<'_, R>) -> Self {
        let mut all = Self::NONE;
        all.cells = network.len();
        if network.masses().is_some() {
            all.tolerance = R::TWO * R::MASS_TOLERANCE * R::from_usize(network.len());
        }
        for c in 0..network.distinct() {
            let mut weight = R::ZERO;
            for (s, &at) in network.sequence().iter().enumerate() {
                if usize::from(at) == c {
                    let share = mass(network.masses(), network.len(), s);
                    weight += share;
                    all.position += share * network.position(s);
                }
            }
            if let Some(cell) = network.cell(c) {
                all.add(&cell, weight);
            }
        }
        all
    }

    fn add(&mut self, cell: &Cell<'_, R>, weight: R) {
        self.nodes = self.nodes.max(cell.nodes());
        let masses = cell.padded_masses();
        for (&operation, &mass) in cell.operations().iter().zip(masses) {
            if let Some(to) = self.operations.get_mut(usize::from(operation) % CLASSES) {
                *to += weight * mass;
            }
        }
        let line = cell.stride().max(1);
        let mut feature_size = R::ZERO;
        for (to, row) in self.features.iter_mut().zip(cell.features().in_rows(line)) {
            *to += weight * dot(row, masses);
            feature_size += row.iter().copied().fold(R::ZERO, R::max);
        }
        self.feature_size = self.feature_size.max(feature_size);
        let both = self.attributes.iter_mut().zip(&mut self.sizes);
        for ((to, size), row) in both.zip(cell.attributes().in_rows(line)) {
            for (&x, &mass) in row.iter().zip(masses) {
                *to += weight * (mass * x);
                *size = size.max(x.abs());
            }
        }
    }
}

impl<R: Real> Metric<'_, R> {
    /// No distance of a cell to one with these moments that [`Metric::cell_distance`] computes is less than this.
    // Called, so that the moments of the other are not on the stack while the two are solved.
    #[inline(never)]
    pub(super) fn cell_moments_bound(&self, a: &Moments<R>, b: &Cell<'_, R>) -> R {
        let b = &Moments::of_cell(b);
        let (bound, scale) = self.node_bound(a, b);
        (bound - rounding::<R>(a.nodes, b.nodes) * scale).max(R::ZERO)
    }

    /// The same for networks.
    #[inline(never)]
    pub(super) fn network_moments_bound(&self, a: &Moments<R>, b: &Network<'_, R>) -> R {
        if self.settings.distance.is_peer() {
            return R::ZERO;
        }
        let b = &Moments::of_network(b);
        let (eta, rest) = (self.settings.eta, R::ONE - self.settings.eta);
        let (bound, scale) = self.node_bound(a, b);
        let (bound, scale) = (rest * bound + eta * (a.position - b.position).abs(), rest * scale + eta);
        let lost = rounding::<R>(a.nodes, b.nodes)
            + rounding::<R>(a.cells, b.cells)
            + (a.tolerance + b.tolerance);
        (bound - lost * scale).max(R::ZERO)
    }

    /// The bound and the size of the numbers that it was computed from.
    fn node_bound(&self, a: &Moments<R>, b: &Moments<R>) -> (R, R) {
        let mut excess = [R::ZERO; 2];
        for (&x, &y) in a.operations.iter().zip(&b.operations) {
            let [more, less] = &mut excess;
            *more += (x - y).max(R::ZERO);
            *less += (y - x).max(R::ZERO);
        }
        let [more, less] = excess;
        let (mut operation, mut size) = (R::ZERO, R::ZERO);
        // Of one operation there are no two, and the least dissimilarity is infinite.
        if self.least_dissimilarity.is_finite() {
            operation = self.least_dissimilarity * more.max(less);
            size = self.least_dissimilarity;
        }
        let weights = self.table.attribute_weights().iter();
        let means = a.attributes.iter().zip(&b.attributes).zip(a.sizes.iter().zip(&b.sizes));
        for (&w, ((&x, &y), (&p, &q))) in weights.zip(means) {
            operation += w * (x - y).abs();
            size += w * (p + q);
        }
        let mut structure = R::ZERO;
        for (&x, &y) in a.features.iter().zip(&b.features).take(self.table.features()) {
            structure += (x - y).abs();
        }
        let features = a.feature_size + b.feature_size;
        let count = R::from_usize(self.table.features().max(1));
        let (lambda, epsilon) = (self.settings.lambda, self.settings.epsilon);
        let together = |d: R, h: R| lambda * (epsilon * d + (R::ONE - epsilon) * (h / count));
        (together(operation, structure), together(size, features))
    }
}
