"""Distances between cells and between networks."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from ._cells import Cell, Network, Operations, pointers
from ._memory import memory, workspace
from ._transport import EFFORTS, PAIRINGS, Solution, solution


@dataclass(frozen=True)
class NetworkSolution:
    """The distance of two networks and, of HOTNN, the transport plan between their cells."""

    value: float
    lower_bound: float
    plan: Optional[np.ndarray]
    marginal_residual: float
    cell_pairs_solved: int
    iterations: int
    nodes: int
    proved_optimal: bool


class Cache:
    """A bounded table of distances that were computed before. Results are the same without it."""

    def __init__(self, operations: Operations, capacity: int = 4096) -> None:
        lib = self._lib = operations._lib
        self._memory = memory(lib.cache_size(capacity))
        self._handle = lib.Cache()
        lib.check(
            lib.cache_init(
                ctypes.byref(self._handle), capacity, self._memory.ctypes.data, self._memory.nbytes
            )
        )

    @property
    def hits_and_misses(self) -> tuple[int, int]:
        """Distances that were found, and that were not."""
        info = self._lib.CacheInfo()
        self._lib.check(self._lib.cache_describe(ctypes.byref(self._handle), ctypes.byref(info)))
        return info.hits, info.misses


def _byref(cache: Optional[Cache]) -> Any:
    return None if cache is None else ctypes.byref(cache._handle)


DISTANCES = {
    "hotnn": 0,
    "hotnn_parts": 1,
    "edit": 2,
    "weisfeiler_lehman": 3,
    "summed": 4,
    "tree_wasserstein": 5,
    "otmann": 6,
}
LAYERS = {"other": 0, "terminal": 1, "identity": 2, "maximum_pooling": 3, "average_pooling": 4, "dense": 5}


def layer(name: str) -> int:
    """The code of a layer: one of `LAYERS`, or "convolution3" for a kernel of 3 x 3."""
    return LAYERS[name] if name in LAYERS else 16 + int(name.removeprefix("convolution"))


class Metric:
    """The distances iFGW of cells and HOTNN, or another (`distance`), of networks. Settings not given are the
    default's. `layers` names the layer of each operation, which "otmann" and "tree_wasserstein" ask for;
    `width` is the attribute that is log2 of the channels, without it all nodes have `channels`."""

    def __init__(
        self,
        operations: Operations,
        *,
        distance: Optional[str] = None,
        epsilon: Optional[float] = None,
        lambda_: Optional[float] = None,
        eta: Optional[float] = None,
        pairing: Optional[str] = None,
        effort: Optional[str] = None,
        gap: Optional[float] = None,
        iterations: Optional[int] = None,
        proof_gap: Optional[float] = None,
        nodes: Optional[int] = None,
        layers: Optional[Sequence[str]] = None,
        width: Optional[int] = None,
        channels: float = 16.0,
    ) -> None:
        lib = self._lib = operations._lib
        settings = lib.MetricSettings()
        lib.check(lib.metric_settings_default(ctypes.byref(settings)))
        given = {
            "distance": None if distance is None else DISTANCES[distance],
            "epsilon": epsilon,
            "lambda_": lambda_,
            "eta": eta,
            "pairing": None if pairing is None else PAIRINGS[pairing],
            "effort": None if effort is None else EFFORTS[effort],
            "gap": gap,
            "iterations": iterations,
            "proof_gap": proof_gap,
            "nodes": nodes,
        }
        for name, value in given.items():
            if value is not None:
                setattr(settings, name, value)
        self._has_plan = settings.distance <= DISTANCES["hotnn_parts"]
        settings.prover = lib.prover_get()
        self.operations = operations  # keeps the arrays that the table borrows
        self._handle = lib.Metric()
        made = (ctypes.byref(self._handle), ctypes.byref(operations._handle), ctypes.byref(settings))
        if layers is None:
            lib.check(lib.metric_init(*made))
            return
        self._codes = np.array([layer(name) for name in layers], dtype=np.uint8)  # borrowed by the metric
        described = lib.Layers(
            self._codes.ctypes.data, len(self._codes), -1 if width is None else width, channels
        )
        lib.check(lib.metric_init_layers(*made, ctypes.byref(described)))

    def cell_distance(self, a: Cell, b: Cell) -> Solution:
        """The distance of two cells, with the plan in the given numbering of both."""
        lib = self._lib
        plan = np.zeros((a.node_count, b.node_count), dtype=lib.dtype)
        found = lib.Solution()
        lib.check(
            lib.metric_cell_distance(
                ctypes.byref(self._handle),
                ctypes.byref(a._handle),
                ctypes.byref(b._handle),
                self._cell_workspace([a, b]),
                ctypes.byref(found),
                plan.ctypes.data,
            )
        )
        return solution(found, plan)

    def network_distance(self, a: Network, b: Network, cache: Optional[Cache] = None) -> NetworkSolution:
        """The distance of two networks, with the plan between their cells if there is one."""
        lib = self._lib
        plan = np.zeros((a.cell_count, b.cell_count), dtype=lib.dtype) if self._has_plan else None
        found = lib.NetworkSolution()
        lib.check(
            lib.metric_network_distance(
                ctypes.byref(self._handle),
                ctypes.byref(a._handle),
                ctypes.byref(b._handle),
                _byref(cache),
                self._network_workspace([a, b]),
                ctypes.byref(found),
                None if plan is None else plan.ctypes.data,
            )
        )
        return NetworkSolution(
            value=found.value,
            lower_bound=found.lower_bound,
            plan=plan,
            marginal_residual=found.marginal_residual,
            cell_pairs_solved=found.cell_pairs_solved,
            iterations=found.iterations,
            nodes=found.nodes,
            proved_optimal=bool(found.proved_optimal),
        )

    def network_parts(self, a: Network, b: Network, cache: Optional[Cache] = None) -> np.ndarray:
        """The partial distances of two networks: one, or three of the distance "hotnn_parts"."""
        lib = self._lib
        parts = np.zeros(lib.metric_part_count(ctypes.byref(self._handle)), dtype=lib.dtype)
        lib.check(
            lib.metric_network_parts(
                ctypes.byref(self._handle),
                ctypes.byref(a._handle),
                ctypes.byref(b._handle),
                _byref(cache),
                self._network_workspace([a, b]),
                len(parts),
                parts.ctypes.data,
            )
        )
        return parts

    def cell_distances(self, one: Cell, cells: Sequence[Cell], cache: Optional[Cache] = None) -> np.ndarray:
        """The distances from one cell to others."""
        lib = self._lib
        out = np.zeros(len(cells), dtype=lib.dtype)
        lib.check(
            lib.metric_cell_distances(
                ctypes.byref(self._handle),
                ctypes.byref(one._handle),
                len(cells),
                pointers(cells),
                _byref(cache),
                self._cell_workspace([one, *cells]),
                out.ctypes.data,
            )
        )
        return out

    def cell_matrix(self, cells: Sequence[Cell], cache: Optional[Cache] = None) -> np.ndarray:
        """The symmetric matrix of the distances between any two cells."""
        lib = self._lib
        out = np.zeros((len(cells), len(cells)), dtype=lib.dtype)
        lib.check(
            lib.metric_cell_matrix(
                ctypes.byref(self._handle),
                len(cells),
                pointers(cells),
                _byref(cache),
                self._cell_workspace(cells),
                out.ctypes.data,
            )
        )
        return out

    def network_distances(
        self, one: Network, networks: Sequence[Network], cache: Optional[Cache] = None
    ) -> np.ndarray:
        """The distances from one network to others."""
        lib = self._lib
        out = np.zeros(len(networks), dtype=lib.dtype)
        lib.check(
            lib.metric_network_distances(
                ctypes.byref(self._handle),
                ctypes.byref(one._handle),
                len(networks),
                pointers(networks),
                _byref(cache),
                self._network_workspace([one, *networks]),
                out.ctypes.data,
            )
        )
        return out

    def network_matrix(self, networks: Sequence[Network], cache: Optional[Cache] = None) -> np.ndarray:
        """The symmetric matrix of the distances between any two networks."""
        lib = self._lib
        out = np.zeros((len(networks), len(networks)), dtype=lib.dtype)
        lib.check(
            lib.metric_network_matrix(
                ctypes.byref(self._handle),
                len(networks),
                pointers(networks),
                _byref(cache),
                self._network_workspace(networks),
                out.ctypes.data,
            )
        )
        return out

    def _cell_workspace(self, cells: Sequence[Cell]) -> Any:
        most = max((c.node_count for c in cells), default=1)
        return workspace(self._lib, self._lib.metric_cell_workspace_size(ctypes.byref(self._handle), most, most))

    def _network_workspace(self, networks: Sequence[Network]) -> Any:
        nodes = max((c.node_count for n in networks for c in n.cells), default=1)
        distinct = max((n.distinct_count for n in networks), default=1)
        cells = max((n.cell_count for n in networks), default=1)
        size = self._lib.metric_network_workspace_size(ctypes.byref(self._handle), nodes, distinct, cells)
        return workspace(self._lib, size)
