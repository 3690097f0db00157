"""An Optuna sampler: trials of a study, on one machine or many, are proposed by a hotnas search.

Needs Optuna: ``pip install hotnas[optuna]``.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from ._abi import INFEASIBLE, HotnasError
from ._genes import Genes, Names
from ._memory import Remade
from ._metric import Cache, Metric
from ._search import Search, Space

#: The attribute of a trial that holds the genome which was proposed for it, until Optuna has the parameters.
PROPOSED = "hotnas:genome"

_STATES = {TrialState.COMPLETE: "told", TrialState.RUNNING: "pending", TrialState.WAITING: "pending"}


class HotnasSampler(Remade, BaseSampler):
    """Proposes the designs of a space, one categorical parameter for each gene.

    Each proposal is made from the study alone: from the numbers, designs and results of its trials, with this
    seed and these settings. So any number of processes may work on one study, an interrupted study goes on as
    if it had not been, and no design is proposed that another trial has, whoever proposed it. A trial that failed
    or was pruned has no value, and its design is not proposed again.

    ``names`` and parameters: see :class:`hotnas.Genes`. ``network_metric`` and ``settings`` (``preset`` among
    them) are those of :class:`hotnas.Search`. With two directions the setting ``second`` is ``"hypervolume"``
    unless it is ``"weighted"``. ``second="limit"`` learns the greatest of a trial's constraints
    (``trial.set_constraint``): at most 0 is feasible; a trial without one counts as failed.

    Parameters that are not genes are left to ``independent_sampler``, by default a random one; the search does
    not know of them.
    """

    def __init__(
        self,
        space: Space,
        network_metric: Optional[Metric] = None,
        *,
        seed: int = 0,
        names: Optional[Names] = None,
        independent_sampler: Optional[BaseSampler] = None,
        **settings: Any,
    ) -> None:
        #: The space.
        self.space = space
        #: How genomes and parameters correspond.
        self.genes = Genes(space, names)
        self._metric = network_metric or Metric(space.operations)
        self._settings = {"seed": seed, "cache": Cache(space.operations), **settings}
        self._independent = independent_sampler or RandomSampler()
        self._distributions: dict[str, BaseDistribution] = {
            name: CategoricalDistribution(choices) for name, choices in zip(self.genes.names, self.genes.choices)
        }
        self._lock = threading.Lock()  # one thread at a time uses the cache
        Search(space, self._metric, capacity=1, **self._settings)  # wrong settings are told at once

    def genome(self, trial: optuna.trial.BaseTrial) -> npt.NDArray[np.uint8]:
        """The genome of a trial: call it in the objective, or with ``study.best_trial``."""
        chosen = {
            name: trial.suggest_categorical(name, choices)
            for name, choices in zip(self.genes.names, self.genes.choices)
        }
        return self.genes.genome(chosen)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """All genes."""
        return dict(self._distributions)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """A design for the trial."""
        with self._lock:
            search = self._search(study, trial)
            while True:
                genome = search.ask(trial.number).genome
                study._storage.set_trial_system_attr(trial._trial_id, PROPOSED, genome.tolist())
                mine = next(known.fingerprint for known in search.trials() if known.number == trial.number)
                # Others may have made the same choice meanwhile. Each looks after its own is known: of two
                # that chose the same network at least one sees the other, and chooses again.
                search = self._search(study, trial)
                if all(known.fingerprint != mine for known in search.trials()):
                    return self.genes.parameters(genome)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """A value for a parameter that is no gene."""
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def reseed_rng(self) -> None:
        """For parameters that are no genes: proposals of designs differ with the trial's number."""
        self._independent.reseed_rng()

    def _second(self, study: Study) -> str:
        """What the second number of a trial is in this study."""
        objectives = len(study.directions)
        second = str(self._settings.get("second", "none" if objectives == 1 else "hypervolume"))
        allowed = {1: ("none", "limit"), 2: ("hypervolume", "weighted")}.get(objectives, ())
        if second not in allowed:
            raise ValueError(f"no search has {objectives} objectives and the setting second={second!r}")
        return second

    def _search(self, study: Study, asking: FrozenTrial) -> Search:
        """A search that knows what the study knows, but for the trial that asks."""
        second = self._second(study)
        trials = [trial for trial in study.get_trials(deepcopy=False) if trial.number != asking.number]
        search = Search(
            self.space, self._metric, capacity=len(trials) + 1, **{**self._settings, "second": second}
        )
        for trial in trials:
            genome = self._tried(trial)
            if genome is None:
                continue
            state = _STATES.get(trial.state, "failed")
            numbers = self._numbers(study, trial, second) if state == "told" else (0.0, 0.0)
            if numbers is None:
                state, numbers = "failed", (0.0, 0.0)
            try:
                search.tell_design(genome, *numbers, trial=trial.number, state=state)
            except HotnasError as error:
                # Another sampler or the user tried what the search would not.
                if error.status != INFEASIBLE:
                    raise
        return search

    def _tried(self, trial: FrozenTrial) -> Optional[npt.NDArray[np.uint8]]:
        """The genome of any trial, as far as it is known; ``None`` for a trial that has none."""
        proposed: Optional[Sequence[int]] = trial.system_attrs.get(PROPOSED)
        known = {} if proposed is None else self.genes.parameters(proposed)
        try:
            return self.genes.genome({**known, **trial.system_attrs.get("fixed_params", {}), **trial.params})
        except (KeyError, ValueError):
            return None

    def _numbers(self, study: Study, trial: FrozenTrial, second: str) -> Optional[tuple[float, float]]:
        """Value and second number of a completed trial, lower is better; ``None`` if they are of no use."""
        signs = [-1.0 if each == StudyDirection.MAXIMIZE else 1.0 for each in study.directions]
        numbers = [sign * value for sign, value in zip(signs, trial.values)]
        if second == "limit":
            numbers.append(max(trial.constraints.values(), default=float("nan")))
        with np.errstate(over="ignore"):
            finite = np.isfinite(np.array(numbers, dtype=self.space._lib.dtype)).all()
        return (numbers[0], numbers[1] if len(numbers) > 1 else 0.0) if finite else None
