"""Distances between cells and between networks."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from ._cells import Cell, Network, Operations, pointers
from ._memory import Remade, memory, workspace
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


@dataclass(frozen=True)
class Nearest:
    """The nearest of many, the nearest first, and what it took to find them."""

    indices: np.ndarray
    distances: np.ndarray
    transports: int
    solved: int


@dataclass(frozen=True)
class Comparison:
    """Whether a distance is less than a limit. `value` is the distance if `solved`, else a lower bound of it
    that is not less than the limit."""

    value: float
    is_nearer: bool
    solved: bool


class Cache(Remade):
    """A bounded table of distances that were computed before. Results are the same without it."""

    def __init__(self, operations: Operations, capacity: int = 4096) -> None:
        lib = self._lib = operations._lib
        self._memory = memory(lib.cache_size(capacity))
        self._handle = lib.Cache()
        self.busy = False  # a search is at work with it
        lib.check(
            lib.cache_init(
                ctypes.byref(self._handle), capacity, self._memory.ctypes.data, self._memory.nbytes
            )
        )

    @property
    def hits_and_misses(self) -> tuple[int, int]:
        """Distances that were found, and that were not."""
        info = self._lib.CacheInfo()
        self._lib.check(self._lib.cache_describe(_byref(self), ctypes.byref(info)))
        return info.hits, info.misses


def _byref(cache: Optional[Cache]) -> Any:
    if cache is None:
        return None
    if cache.busy:
        raise RuntimeError("a search is at work with this cache: its callbacks cannot use it")
    return ctypes.byref(cache._handle)


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


class Metric(Remade):
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

    def nearest_cells(
        self, one: Cell, cells: Sequence[Cell], wanted: int = 1, cache: Optional[Cache] = None
    ) -> Nearest:
        """The cells nearest to one: what all distances would give, of equal distances the lowest index."""
        most = max((c.node_count for c in cells), default=1)
        size = self._lib.metric_nearest_cells_workspace_size(
            ctypes.byref(self._handle), len(cells), one.node_count, most
        )
        return self._nearest(self._lib.metric_nearest_cells, one, cells, wanted, cache, size)

    def nearest_networks(
        self, one: Network, networks: Sequence[Network], wanted: int = 1, cache: Optional[Cache] = None
    ) -> Nearest:
        """The networks nearest to one: what all distances would give, of equal distances the lowest index."""
        size = self._lib.metric_nearest_networks_workspace_size(
            ctypes.byref(self._handle), len(networks), *self._shape([one, *networks])
        )
        return self._nearest(self._lib.metric_nearest_networks, one, networks, wanted, cache, size)

    def _nearest(
        self, call: Any, one: Any, many: Sequence[Any], wanted: int, cache: Optional[Cache], size: int
    ) -> Nearest:
        lib = self._lib
        found = (lib.Neighbour * max(wanted, 1))()
        report = lib.NearestReport()
        lib.check(
            call(
                ctypes.byref(self._handle),
                ctypes.byref(one._handle),
                len(many),
                pointers(many),
                _byref(cache),
                workspace(lib, size),
                wanted,
                found,
                ctypes.byref(report),
            )
        )
        return Nearest(
            indices=np.array([x.index for x in found]),
            distances=np.array([x.distance for x in found], dtype=lib.dtype),
            transports=report.transports,
            solved=report.solved,
        )

    def compare_cell_distance(self, a: Cell, b: Cell, limit: float) -> Comparison:
        """Whether the distance of two cells is less than a limit, with as little work as that takes."""
        answer = self._lib.Comparison()
        self._lib.check(
            self._lib.metric_compare_cell_distance(
                ctypes.byref(self._handle),
                ctypes.byref(a._handle),
                ctypes.byref(b._handle),
                limit,
                self._cell_workspace([a, b]),
                ctypes.byref(answer),
            )
        )
        return _comparison(answer)

    def compare_network_distance(
        self, a: Network, b: Network, limit: float, cache: Optional[Cache] = None
    ) -> Comparison:
        """Whether the distance of two networks is less than a limit, with as little work as that takes."""
        answer = self._lib.Comparison()
        self._lib.check(
            self._lib.metric_compare_network_distance(
                ctypes.byref(self._handle),
                ctypes.byref(a._handle),
                ctypes.byref(b._handle),
                limit,
                _byref(cache),
                self._network_workspace([a, b]),
                ctypes.byref(answer),
            )
        )
        return _comparison(answer)

    def _cell_workspace(self, cells: Sequence[Cell]) -> Any:
        most = max((c.node_count for c in cells), default=1)
        return workspace(self._lib, self._lib.metric_cell_workspace_size(ctypes.byref(self._handle), most, most))

    def _network_workspace(self, networks: Sequence[Network]) -> Any:
        size = self._lib.metric_network_workspace_size(ctypes.byref(self._handle), *self._shape(networks))
        return workspace(self._lib, size)

    @staticmethod
    def _shape(networks: Sequence[Network]) -> tuple[int, int, int]:
        nodes = max((c.node_count for n in networks for c in n.cells), default=1)
        distinct = max((n.distinct_count for n in networks), default=1)
        return nodes, distinct, max((n.cell_count for n in networks), default=1)


def _comparison(answer: Any) -> Comparison:
    return Comparison(value=answer.value, is_nearer=bool(answer.is_nearer), solved=answer.stage == 2)
