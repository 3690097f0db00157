//! Settings of the metric.

use super::Distance;
use crate::arch::Hasher;
use crate::error::Error;
use crate::real::Real;
use crate::transport::gromov::{Effort, GromovSettings, Pairing, Prover};

/// What the metric weighs and how hard it looks for the least value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricSettings<R> {
    /// Which distance of networks.
    pub distance: Distance,
    /// Weight of operations against structure in node costs, in [0, 1].
    pub epsilon: R,
    /// Weight of the linear term against the quadratic one, in [0, 1]; above 0 for
    /// [`Pairing::Ordered`], whose quadratic term alone is 0 between any two cells.
    pub lambda: R,
    /// Weight of positions against cells in the distance of networks, in [0, 1].
    pub eta: R,
    /// The quadratic term.
    pub pairing: Pairing,
    /// How hard the least value is looked for.
    pub effort: Effort,
    /// Relative Frank-Wolfe gap at which a start counts as solved, in (0, 1); see
    /// [`GromovSettings::gap`].
    pub gap: R,
    /// Frank-Wolfe steps per start, at least 1.
    pub iterations: u32,
    /// Only for [`Effort::Exact`], in [0, 1): how far below the value the bound may stay that proves it;
    /// see [`GromovSettings::proof_gap`].
    pub proof_gap: R,
    /// Only for [`Effort::Exact`]: most nodes of the branch and bound for a pair of cells.
    pub nodes: u32,
    /// Only for [`Effort::Exact`], which needs it.
    pub prover: Option<Prover<R>>,
}

impl<R: Real> MetricSettings<R> {
    /// The recommended settings: [`Pairing::Flow`] (not in the paper), epsilon 0.5, lambda 0.8, eta
    /// 0.5, [`Effort::Fast`], the rest of [`GromovSettings::new`].
    #[must_use]
    pub fn default_preset() -> Self {
        let solver = GromovSettings::new(R::from_f64(0.8), Pairing::Flow, Effort::Fast);
        Self {
            distance: Distance::Hotnn,
            epsilon: R::HALF,
            lambda: solver.lambda,
            eta: R::HALF,
            pairing: solver.pairing,
            effort: solver.effort,
            gap: solver.gap,
            iterations: solver.iterations,
            proof_gap: solver.proof_gap,
            nodes: solver.nodes,
            prover: solver.prover,
        }
    }

    /// The pairing that the poster prints, to be used with
    /// [`OperationTable::poster`](crate::arch::OperationTable::poster). The poster gives no numbers for
    /// epsilon, lambda and eta: they are those of [`MetricSettings::default_preset`].
    #[must_use]
    pub fn poster() -> Self {
        Self { pairing: Pairing::Ordered, ..Self::default_preset() }
    }

    pub(super) fn solver(&self) -> GromovSettings<R> {
        GromovSettings {
            lambda: self.lambda,
            pairing: self.pairing,
            effort: self.effort,
            gap: self.gap,
            iterations: self.iterations,
            proof_gap: self.proof_gap,
            nodes: self.nodes,
            prover: self.prover,
        }
    }

    pub(super) fn validate(&self) -> Result<(), Error> {
        let share = |x: R| x >= R::ZERO && x <= R::ONE;
        let degenerate = self.pairing == Pairing::Ordered && self.lambda == R::ZERO;
        if !share(self.epsilon) || !share(self.eta) || degenerate {
            return Err(Error::InvalidSetting);
        }
        self.solver().check()
    }

    pub(super) fn absorb(&self, h: &mut Hasher) {
        h.word(R::BITS);
        h.reals(&[self.epsilon, self.lambda, self.eta, self.gap, self.proof_gap]);
        h.word(self.distance as u32);
        h.word(self.pairing as u32);
        h.word(self.effort as u32);
        h.word(self.iterations);
        h.word(self.nodes);
    }
}
