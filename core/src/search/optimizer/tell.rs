//! What became of a trial.

use super::Search;
use crate::error::Error;
use crate::memory::Arena;
use crate::metric::Metric;
use crate::real::Real;
use crate::search::history::{Trial, TrialState};
use crate::search::space::Space;
use crate::search::workbench::Workbench;

impl<R: Real> Search<'_, R> {
    /// Gives a pending trial its value. A tell in the order of the trials is the cheapest.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`], [`Error::TrialClosed`], [`Error::NotFinite`],
    /// [`Error::DimensionMismatch`] if a second number is expected. Nothing changes then.
    pub fn tell(&mut self, trial: u32, value: R) -> Result<(), Error> {
        self.check_second(false)?;
        self.close(trial, TrialState::Told, [value, R::ZERO])
    }

    /// The same with a second number, see [`SearchSettings::second`](crate::search::SearchSettings::second).
    ///
    /// # Errors
    /// As [`tell`](Self::tell); [`Error::DimensionMismatch`] if no second number is expected.
    pub fn tell_both(&mut self, trial: u32, value: R, second: R) -> Result<(), Error> {
        self.check_second(true)?;
        self.close(trial, TrialState::Told, [value, second])
    }

    fn check_second(&self, given: bool) -> Result<(), Error> {
        if given == self.settings.second.is_some() { Ok(()) } else { Err(Error::DimensionMismatch) }
    }

    /// Ends a pending trial without a value. Its design is not proposed again.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`], [`Error::TrialClosed`]. Nothing changes then.
    pub fn fail(&mut self, trial: u32) -> Result<(), Error> {
        self.close(trial, TrialState::Failed, [R::ZERO; 2])
    }

    fn close(&mut self, trial: u32, state: TrialState, values: [R; 2]) -> Result<(), Error> {
        let index = self.history.find(trial).map_err(|_| Error::UnknownTrial)?;
        self.history.close(index, state, values)?;
        self.changed(index, state);
        Ok(())
    }

    /// What follows the trial at `index` in the model is out of date.
    fn changed(&mut self, index: usize, state: TrialState) {
        let before = self.history.observations_before(index);
        if let (TrialState::Told, Some(model)) = (state, &mut self.model) {
            model.forget(before);
        }
    }

    /// Tells of a design that was never asked for.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn tell_design<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        genome: &[u8],
        value: R,
        space: &S,
        metric: &Metric<'_, R>,
        workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        self.record(trial, genome, TrialState::Told, value, space, metric, workspace)
    }

    /// Adds a trial in any state, as a replay does: one that somebody else evaluates, has evaluated or
    /// failed to evaluate. `value` counts for a told trial only.
    ///
    /// # Errors
    /// [`Error::TrialExists`], [`Error::CapacityExceeded`], [`Error::GenomeOutOfRange`],
    /// [`Error::Infeasible`], [`Error::NotFinite`], [`Error::MemoryTooSmall`],
    /// [`Error::DimensionMismatch`] if a told trial must have a second number; errors of the space. Nothing
    /// changes then.
    pub fn record<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        genome: &[u8],
        state: TrialState,
        value: R,
        space: &S,
        metric: &Metric<'_, R>,
        workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        if state == TrialState::Told {
            self.check_second(false)?;
        }
        self.add(trial, genome, state, [value, R::ZERO], space, metric, workspace)
    }

    /// The same with value and second number.
    ///
    /// # Errors
    /// As [`record`](Self::record); [`Error::DimensionMismatch`] if no second number is expected.
    pub fn record_both<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        genome: &[u8],
        state: TrialState,
        values: [R; 2],
        space: &S,
        metric: &Metric<'_, R>,
        workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        self.check_second(true)?;
        self.add(trial, genome, state, values, space, metric, workspace)
    }

    fn add<S: Space<R> + ?Sized>(
        &mut self,
        number: u32,
        genome: &[u8],
        state: TrialState,
        values: [R; 2],
        space: &S,
        metric: &Metric<'_, R>,
        mut workspace: Arena<'_, R>,
    ) -> Result<(), Error> {
        if genome.len() != self.history.genes() {
            return Err(Error::GenomeOutOfRange);
        }
        let mut workspace = workspace.scope();
        let mut bench = Workbench::new(space, metric, None, 1, 0, 1, &mut workspace)?;
        let fingerprint = bench.decode(0, genome)?.ok_or(Error::Infeasible)?;
        let [value, second] = if state == TrialState::Told { values } else { [R::ZERO; 2] };
        let index = self.history.insert(&Trial { number, state, genome, fingerprint, value, second })?;
        self.changed(index, state);
        Ok(())
    }

    /// Forgets all trials.
    pub fn clear(&mut self) {
        self.history.clear();
        if let Some(model) = &mut self.model {
            model.forget(0);
        }
    }
}
