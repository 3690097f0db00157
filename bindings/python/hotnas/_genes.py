"""Genomes as other engines see them: named parameters that take one of a few choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from ._search import Space

Names = Union[Sequence[str], Mapping[str, Sequence[Any]]]


class Genes:
    """One categorical parameter for each gene of a space; it can be sent to other processes.

    ``names``: a name for each gene, or a mapping from each gene's name to what its values 0, 1, ... stand for.
    Without it the genes are called ``gene_0``, ``gene_1``, ... and their values are numbers.
    """

    def __init__(self, space: Space, names: Optional[Names] = None) -> None:
        cardinalities = [int(count) for count in space.cardinalities]
        if names is None:
            names = [f"gene_{i}" for i in range(len(cardinalities))]
        #: The name of each gene.
        self.names: tuple[str, ...] = tuple(names)
        if len(self.names) != len(cardinalities) or len(set(self.names)) != len(self.names):
            raise ValueError(f"give {len(cardinalities)} different names, one for each gene")
        #: What the values of each gene stand for.
        self.choices: tuple[tuple[Any, ...], ...] = tuple(
            tuple(names[name]) if isinstance(names, Mapping) else tuple(range(count))
            for name, count in zip(self.names, cardinalities)
        )
        for name, choices, count in zip(self.names, self.choices, cardinalities):
            if len(choices) != count or len(set(choices)) != count:
                raise ValueError(f"{name} has {count} values: give as many different choices")

    def parameters(self, genome: npt.ArrayLike) -> dict[str, Any]:
        """The parameters that stand for a genome."""
        values = np.asarray(genome).tolist()
        return {name: choices[value] for name, choices, value in zip(self.names, self.choices, values)}

    def genome(self, parameters: Mapping[str, Any]) -> npt.NDArray[np.uint8]:
        """The genome that parameters stand for; others among them are ignored.

        An error if one is missing (:class:`KeyError`) or is none of the choices (:class:`ValueError`).
        """
        values = [choices.index(parameters[name]) for name, choices in zip(self.names, self.choices)]
        return np.array(values, dtype=np.uint8)
