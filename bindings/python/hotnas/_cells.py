"""Operation tables, cells and networks."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ._abi import Library, library as default_library
from ._memory import Remade, address, edges as pairs_of, memory, octets, reals, workspace

SCALES = {"longest_path": 0, "raw": 1}


class Operations(Remade):
    """What operations there are, how much they differ, and their groups.

    Give either ``dissimilarity`` (k x k) or ``count`` (then any two different operations differ by 1).
    ``groups`` lists, for each group, its operations; ``None`` is one group with every operation.
    """

    def __init__(
        self,
        dissimilarity: Optional[npt.ArrayLike] = None,
        *,
        count: Optional[int] = None,
        groups: Optional[Sequence[Optional[Sequence[int]]]] = None,
        attribute_weights: npt.ArrayLike = (),
        scale: str = "longest_path",
        library: Optional[Library] = None,
    ) -> None:
        lib = self._start(library)
        matrix = None
        if dissimilarity is not None:
            matrix = reals(lib, dissimilarity)
            if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
                raise ValueError("the dissimilarity matrix must be square")
            count = matrix.shape[0]
        if count is None:
            raise ValueError("give a dissimilarity matrix or the number of operations")
        masks = None
        if groups is not None:
            masks = np.zeros(count, dtype=np.uint8)
            for g, group in enumerate(groups[:8]):
                masks[slice(None) if group is None else np.asarray(group, dtype=np.intp)] |= 1 << g
        weights = reals(lib, attribute_weights).reshape(-1)
        spec = lib.OperationsSpec(
            operation_count=count,
            dissimilarity=address(matrix),
            group_count=0 if groups is None else len(groups),
            group_masks=address(masks),
            attribute_count=weights.size,
            attribute_weights=address(weights) if weights.size else None,
            scale=SCALES[scale],
        )
        self._kept = (matrix, masks, weights)  # the table borrows them
        lib.check(lib.operations_init(ctypes.byref(self._handle), ctypes.byref(spec)))
        self._describe()

    def _start(self, library: Optional[Library]) -> Library:
        self._lib = library or default_library()
        self._handle = self._lib.Operations()
        return self._lib

    def _describe(self) -> None:
        info = self._lib.OperationsInfo()
        self._lib.check(self._lib.operations_describe(ctypes.byref(self._handle), ctypes.byref(info)))
        self.count: int = info.operation_count
        self.group_count: int = info.group_count
        self.feature_count: int = info.feature_count
        self.attribute_count: int = info.attribute_count

    @classmethod
    def _bare(cls, library: Optional[Library]) -> Operations:
        made = cls.__new__(cls)
        made._start(library)
        return made

    @classmethod
    def poster(cls, library: Optional[Library] = None) -> Operations:
        """The table of the HOTNAS poster: conv 3x3, conv 1x1, pool, fully connected."""
        made = cls._bare(library)
        made._made = (cls.poster, (library,), {})
        made._lib.check(made._lib.operations_init_poster(ctypes.byref(made._handle)))
        made._describe()
        return made


def cell_spec(
    lib: Library,
    attribute_count: int,
    operations: npt.ArrayLike,
    edges: npt.ArrayLike,
    masses: Optional[npt.ArrayLike],
    attributes: Optional[npt.ArrayLike],
) -> tuple[Any, tuple[Any, ...]]:
    """A ``hotnas_cell_spec`` and the arrays that it points into."""
    ops = octets(operations).reshape(-1)
    pairs = pairs_of(edges)
    n = ops.size
    mass = None if masses is None else reals(lib, masses, (n,))
    attribute = None
    if attributes is not None or attribute_count:
        attribute = reals(lib, np.zeros((0,)) if attributes is None else attributes, (n, attribute_count))
    spec = lib.CellSpec(
        node_count=n,
        operations=address(ops),
        edge_count=len(pairs),
        edges=address(pairs),
        masses=address(mass),
        attributes=address(attribute),
    )
    return spec, (ops, pairs, mass, attribute)


class Cell:
    """A directed acyclic graph of operations, validated and in canonical order.

    ``edges``: pairs (from, to) of node numbers. ``masses``: one per node, ``None`` for equal ones.
    ``attributes``: nodes x attributes of the table.
    """

    def __init__(
        self,
        table: Operations,
        operations: npt.ArrayLike,
        edges: npt.ArrayLike = (),
        masses: Optional[npt.ArrayLike] = None,
        attributes: Optional[npt.ArrayLike] = None,
    ) -> None:
        lib = self._lib = table._lib
        spec, kept = cell_spec(lib, table.attribute_count, operations, edges, masses, attributes)
        size = work = 8
        if 1 <= spec.node_count <= 32:  # otherwise the call says what is wrong
            size = lib.cell_size(ctypes.byref(table._handle), spec.node_count)
            work = lib.cell_workspace_size(ctypes.byref(table._handle), spec.node_count)
        self._memory = memory(size)
        self._handle = lib.Cell()
        lib.check(
            lib.cell_init(
                ctypes.byref(self._handle),
                ctypes.byref(table._handle),
                ctypes.byref(spec),
                self._memory.ctypes.data,
                self._memory.nbytes,
                workspace(lib, work),
            )
        )
        info = lib.CellInfo()
        lib.check(lib.cell_describe(ctypes.byref(self._handle), ctypes.byref(info)))
        self.table = table
        self.node_count: int = info.node_count
        self.feature_count: int = info.feature_count
        self.longest_path: int = info.longest_path
        self.is_uniform = bool(info.is_uniform)
        self.is_canonical = bool(info.is_canonical)
        self.fingerprint: tuple[int, ...] = tuple(info.fingerprint)

    @property
    def order(self) -> npt.NDArray[np.uint8]:
        """``order[i]`` is the given number of the node that is canonically number i."""
        out = np.zeros(self.node_count, dtype=np.uint8)
        self._lib.check(self._lib.cell_read_order(ctypes.byref(self._handle), out.size, out.ctypes.data))
        return out

    @property
    def features(self) -> np.ndarray:
        """Path lengths, nodes x features, in the given numbering of the nodes."""
        out = np.zeros((self.node_count, self.feature_count), dtype=self._lib.dtype)
        self._lib.check(
            self._lib.cell_read_features(ctypes.byref(self._handle), out.size, out.ctypes.data)
        )
        return out

    def compare(self, other: Cell) -> int:
        """-1, 0 or 1 in a total order on cells; 0 means equal up to numbering."""
        order = ctypes.c_int32()
        self._lib.check(
            self._lib.cell_compare(
                ctypes.byref(self._handle), ctypes.byref(other._handle), ctypes.byref(order)
            )
        )
        return order.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and self.compare(other) == 0

    def __hash__(self) -> int:
        return hash(self.fingerprint)


def pointers(items: Sequence[Any]) -> Any:
    """An array of pointers to the handles of cells or networks."""
    return (ctypes.c_void_p * max(len(items), 1))(*(ctypes.addressof(i._handle) for i in items))


class Network:
    """A sequence of cells, in which a cell may occur many times."""

    def __init__(
        self,
        cells: Sequence[Cell],
        positions: Optional[npt.ArrayLike] = None,
        masses: Optional[npt.ArrayLike] = None,
    ) -> None:
        lib = self._lib = cells[0]._lib if cells else default_library()
        n = len(cells)
        place = None if positions is None else reals(lib, positions, (n,))
        mass = None if masses is None else reals(lib, masses, (n,))
        self._memory = memory(lib.network_size(n) if 1 <= n <= 64 else 8)
        self._handle = lib.Network()
        self.cells = tuple(cells)  # the network is a view of them
        lib.check(
            lib.network_init(
                ctypes.byref(self._handle),
                n,
                pointers(cells),
                address(place),
                address(mass),
                self._memory.ctypes.data,
                self._memory.nbytes,
            )
        )
        info = lib.NetworkInfo()
        lib.check(lib.network_describe(ctypes.byref(self._handle), ctypes.byref(info)))
        self.cell_count: int = info.cell_count
        self.distinct_count: int = info.distinct_count
        self.fingerprint: tuple[int, ...] = tuple(info.fingerprint)

    def compare(self, other: Network) -> int:
        """-1, 0 or 1 in a total order on networks."""
        order = ctypes.c_int32()
        self._lib.check(
            self._lib.network_compare(
                ctypes.byref(self._handle), ctypes.byref(other._handle), ctypes.byref(order)
            )
        )
        return order.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.compare(other) == 0

    def __hash__(self) -> int:
        return hash(self.fingerprint)
