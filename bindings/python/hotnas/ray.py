"""A Ray Tune searcher: trials of an experiment are proposed by a hotnas search.

Needs Ray Tune: ``pip install hotnas[ray]``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional, Union, cast

import numpy as np
import numpy.typing as npt
from ray.tune.search import Searcher

from ._abi import SPACE_EXHAUSTED, TRIAL_CLOSED, HotnasError
from ._genes import Genes, Names
from ._metric import Cache, Metric
from ._search import Search, Space


class HotnasSearcher(Searcher):
    """Proposes the designs of a space, one parameter for each gene.

    ``metric`` and ``mode`` (``"min"`` or ``"max"``) name the result to optimise, or are lists of two: then the
    setting ``second`` is ``"hypervolume"`` unless it is ``"weighted"``, or ``"limit"`` for a second result that
    is at most ``second_limit``. A trial that raised an error or whose result is not finite has no
    value, and its design is not proposed again. A trial that its scheduler stopped early counts with its last
    result: Tune passes it like the result of any other. When there are no new designs the experiment ends.

    ``names`` and parameters: see :class:`hotnas.Genes`. ``network_metric`` and ``settings`` (``preset`` among
    them) are those of :class:`hotnas.Search`.
    """

    def __init__(
        self,
        space: Space,
        network_metric: Optional[Metric] = None,
        *,
        metric: Union[str, list[str]],
        mode: Union[str, list[str]] = "min",
        seed: int = 0,
        names: Optional[Names] = None,
        **settings: Any,
    ) -> None:
        super().__init__(metric=cast(Any, metric), mode=cast(Any, mode))  # annotated for one result only
        self._results = [metric] if isinstance(metric, str) else list(metric)
        modes = [mode] if isinstance(mode, str) else list(mode)
        if len(modes) not in (1, 2) or not set(modes) <= {"min", "max"}:
            raise ValueError("a search minimises (min) or maximises (max) one or two results")
        second = settings.setdefault("second", "none" if len(modes) == 1 else "hypervolume")
        if (second == "none") != (len(modes) == 1) or (second == "limit" and modes[1] == "max"):
            raise ValueError(f"no search has the mode {mode!r} and the setting second={second!r}")
        self._signs = [-1.0 if each == "max" else 1.0 for each in modes]
        #: The space.
        self.space = space
        #: How genomes and parameters correspond; it can be sent to the workers.
        self.genes = Genes(space, names)
        self._network_metric = network_metric or Metric(space.operations)
        self._settings = {"seed": seed, "cache": Cache(space.operations), **settings}
        self._search = self._of_capacity(16)
        self._trials: dict[str, int] = {}

    def suggest(self, trial_id: str) -> Optional[dict[str, Any]]:
        """Parameters for a new trial, or ``Searcher.FINISHED``."""
        self._make_room()
        try:
            proposal = self._search.ask()
        except HotnasError as error:
            if error.status == SPACE_EXHAUSTED:
                return cast("dict[str, Any]", Searcher.FINISHED)  # a text, which the annotation leaves out
            raise
        self._trials[trial_id] = proposal.trial
        return self.genes.parameters(proposal.genome)

    def on_trial_complete(
        self, trial_id: str, result: Optional[Mapping[str, Any]] = None, error: bool = False
    ) -> None:
        """The result of a trial, or that there is none."""
        trial = self._trials.get(trial_id)
        if trial is None:
            return
        values = None if error or not result else self._values([result.get(name) for name in self._results])
        try:
            if values is None:
                self._search.fail(trial)
            else:
                self._search.tell(trial, *values)
        except HotnasError as refused:
            if refused.status != TRIAL_CLOSED:
                raise
            # Tune was told to run a failed trial again.
            if values is not None:
                known = {each.number: each.genome for each in self._search.trials()}
                self._add(known[trial], values)

    def add_evaluated_point(
        self,
        parameters: Mapping[str, Any],
        value: Any,
        error: bool = False,
        pruned: bool = False,
        intermediate_values: Optional[list[float]] = None,
    ) -> None:
        """A design that was evaluated elsewhere; ``value``: one number, or a list of two if there are two results."""
        values = None if error or pruned else self._values(value if isinstance(value, (list, tuple)) else [value])
        self._add(self.genes.genome(parameters), values)

    def save(self, checkpoint_path: str) -> None:
        """Writes what is known of all trials to a file."""
        state = {"trials": self._trials, "capacity": self._capacity, "search": self._search.save().hex()}
        Path(checkpoint_path).write_text(json.dumps(state), encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Goes on from such a file; space, seed and settings must be those of before."""
        state = json.loads(Path(checkpoint_path).read_text(encoding="utf-8"))
        search = self._of_capacity(state["capacity"])
        search.restore(bytes.fromhex(state["search"]))
        self._search, self._trials = search, state["trials"]

    def _of_capacity(self, capacity: int) -> Search:
        search = Search(self.space, self._network_metric, capacity=capacity, **self._settings)
        self._capacity = capacity
        return search

    def _make_room(self) -> None:
        """Room for one more trial."""
        if len(self._search) == self._capacity:
            saved = self._search.save()
            self._search = self._of_capacity(2 * self._capacity)
            self._search.restore(saved)

    def _add(self, genome: npt.NDArray[np.uint8], values: Optional[list[float]]) -> None:
        self._make_room()
        if values is None:
            self._search.tell_design(genome, state="failed")
        else:
            self._search.tell_design(genome, *values)

    def _values(self, given: Sequence[Any]) -> Optional[list[float]]:
        """Lower is better; ``None`` if a number is missing or not finite."""
        if any(value is None for value in given):
            return None
        values = [sign * float(value) for sign, value in zip(self._signs, given)]
        with np.errstate(over="ignore"):
            finite = np.isfinite(np.array(values, dtype=self.space._lib.dtype)).all()
        return values if finite else None
