"""Spaces and the search: what to train next."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ._abi import INFEASIBLE, MAX_TEXT, SIZE_MAX, HotnasError, Library, library as default_library
from ._cells import Operations, cell_spec
from ._gp import KERNELS, TRANSFORMS
from ._memory import Remade, Workspace, edges as pairs_of, memory, octets, reals
from ._metric import Cache, Metric, _byref

READY = {
    "nas_bench_201": 0,
    "trans_nas_macro": 1,
    "digits": 2,
    "trans_nas_micro": 3,
    "nas_bench_101": 4,
    "darts": 5,
}
METHODS = {"hotnas": 0, "random": 1, "evolution": 2, "local_search": 3, "pool": 4}
ACQUISITIONS = {"upper_confidence_bound": 0, "expected_improvement": 1, "thompson": 2}
PENDING = {"believer": 0, "least": 1, "mean": 2, "greatest": 3}
SECOND = {"none": 0, "limit": 1, "weighted": 2, "hypervolume": 3}
BATCH_RULES = {"sequential": 0, "top": 1, "local_penalisation": 2, "determinantal": 3}
STATES = ("pending", "told", "failed")
ORIGINS = ("random", "neighbour", "mutant", "sample", "evolution", "scan", "local")


class Infeasible(Exception):
    """Raise it in a decode function for a genome that stands for no network."""


class NetworkBuilder:
    """What a decode function fills; valid only during the call."""

    def __init__(self, lib: Library, handle: int, attribute_count: int) -> None:
        self._lib, self._handle, self._attributes = lib, handle, attribute_count

    def add_cell(
        self,
        operations: npt.ArrayLike,
        edges: npt.ArrayLike = (),
        masses: Optional[npt.ArrayLike] = None,
        attributes: Optional[npt.ArrayLike] = None,
    ) -> int:
        """Lists a cell; the index of an equal cell if one is listed already."""
        spec, kept = cell_spec(self._lib, self._attributes, operations, edges, masses, attributes)
        index = ctypes.c_uint8()
        self._lib.check(
            self._lib.network_builder_add_cell(self._handle, ctypes.byref(spec), ctypes.byref(index))
        )
        return index.value

    def push(self, index: int) -> None:
        """Appends a listed cell to the sequence."""
        self._lib.check(self._lib.network_builder_push(self._handle, index))

    def set_positions(self, positions: npt.ArrayLike) -> None:
        """Relative depths of all cells."""
        x = reals(self._lib, positions).reshape(-1)
        self._lib.check(self._lib.network_builder_set_positions(self._handle, x.size, x.ctypes.data))

    def set_masses(self, masses: npt.ArrayLike) -> None:
        """Masses of all cells."""
        x = reals(self._lib, masses).reshape(-1)
        self._lib.check(self._lib.network_builder_set_masses(self._handle, x.size, x.ctypes.data))


Decode = Callable[[npt.NDArray[np.uint8], NetworkBuilder], None]


class Space(Remade):
    """A search space: genomes of small numbers and the networks that they stand for.

    ``decode(genome, builder)`` fills the builder or raises :class:`Infeasible`; it must be pure.
    """

    _limited: Optional[tuple[Callable[[npt.NDArray[np.uint8]], float], float]] = None

    def __init__(
        self,
        operations: Operations,
        cardinalities: npt.ArrayLike,
        decode: Decode,
        *,
        max_nodes: int,
        max_distinct: int = 1,
        max_cells: int = 1,
    ) -> None:
        lib = self._lib = operations._lib
        self.operations = operations
        self._cardinalities = octets(cardinalities).reshape(-1)
        self._raised: Optional[BaseException] = None
        genes = self._cardinalities.size

        def call(_user: Any, genome: int, builder: int) -> int:
            # Nothing may leave a callback but a status: what was raised is raised again by the search.
            try:
                given = np.ctypeslib.as_array((ctypes.c_uint8 * genes).from_address(genome)).copy()
                decode(given, NetworkBuilder(lib, builder, operations.attribute_count))
            except Infeasible:
                return INFEASIBLE
            except HotnasError as error:
                self._raised = error
                return error.status
            except BaseException as error:
                self._raised = error
                return 7
            return 0

        self._space = lib.Space(
            gene_count=genes,
            cardinalities=self._cardinalities.ctypes.data,
            max_nodes=max_nodes,
            max_distinct=max_distinct,
            max_cells=max_cells,
            decode=lib.Decode(call),
        )

    @classmethod
    def ready(cls, name: str, *, library: Optional[Library] = None) -> ReadySpace:
        """``nas_bench_101``, ``nas_bench_201``, ``trans_nas_macro``, ``trans_nas_micro``,
        ``darts`` (20 cells), ``digits``."""
        return ReadySpace(name, library=library)

    def limit(self, cost: Callable[[npt.NDArray[np.uint8]], float], most: float) -> None:
        """Designs whose cost, known before training, is more than ``most`` are infeasible."""
        genes = self.gene_count

        def call(_user: Any, genome: int) -> float:
            try:
                given = np.ctypeslib.as_array((ctypes.c_uint8 * genes).from_address(genome)).copy()
                return float(cost(given))
            except BaseException as error:
                # Infeasible; what was raised is raised again by the search.
                self._raised = error
                return float("nan")

        self._space.cost, self._space.limit = self._lib.Cost(call), most
        self._limited = (cost, most)

    def __reduce__(self) -> Any:
        return (*super().__reduce__(), self._limited)

    def __setstate__(self, limited: tuple[Callable[[npt.NDArray[np.uint8]], float], float]) -> None:
        self.limit(*limited)

    @property
    def gene_count(self) -> int:
        """Length of a genome."""
        return int(self._space.gene_count)

    @property
    def cardinalities(self) -> npt.NDArray[np.uint8]:
        """How many values each gene may have, from 0."""
        held = (ctypes.c_uint8 * self.gene_count).from_address(self._space.cardinalities)
        return np.ctypeslib.as_array(held).copy()

    def _check(self, status: int) -> None:
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised
        self._lib.check(status)


class ReadySpace(Space):
    """A ready-made space, whose designs have numbers and texts."""

    def __init__(self, name: str, *, library: Optional[Library] = None) -> None:
        lib = self._lib = library or default_library()
        self._which = READY[name]
        self._raised = None
        self.operations = Operations._bare(lib)
        self.operations._made = (_table_of, (name, library), {})
        self._space = lib.Space()
        lib.check(
            lib.space_init(
                ctypes.byref(self._space), self._which, ctypes.byref(self.operations._handle)
            )
        )
        self.operations._describe()

    @classmethod
    def darts(cls, cells: int, *, library: Optional[Library] = None) -> ReadySpace:
        """DARTS with networks of 8 to 20 cells."""
        made = cls("darts", library=library)
        made._made = (cls.darts, (cells,), {"library": library})
        made._lib.check(made._lib.space_init_darts(ctypes.byref(made._space), cells))
        return made

    def __len__(self) -> int:
        return int(self._lib.space_design_count(self._which))

    def genome(self, index: int) -> npt.NDArray[np.uint8]:
        """The genome of a design."""
        out = np.zeros(self.gene_count, dtype=np.uint8)
        self._lib.check(self._lib.space_genome(self._which, index, out.size, out.ctypes.data))
        return out

    def index(self, genome: npt.ArrayLike) -> int:
        """The number of the design that a genome stands for."""
        g = octets(genome, (self.gene_count,))
        index = ctypes.c_size_t()
        self._lib.check(
            self._lib.space_index(self._which, g.size, g.ctypes.data, ctypes.byref(index))
        )
        return index.value

    def format(self, genome: npt.ArrayLike) -> str:
        """The text of a design."""
        g = octets(genome, (self.gene_count,))
        text = ctypes.create_string_buffer(MAX_TEXT)
        self._lib.check(
            self._lib.space_format(self._which, g.size, g.ctypes.data, MAX_TEXT, ctypes.addressof(text))
        )
        return text.value.decode()

    def parse(self, text: str) -> npt.NDArray[np.uint8]:
        """The genome of a design's text."""
        out = np.zeros(self.gene_count, dtype=np.uint8)
        self._lib.check(
            self._lib.space_parse(self._which, text.encode(), out.size, out.ctypes.data)
        )
        return out


def _table_of(name: str, library: Optional[Library]) -> Operations:
    return ReadySpace(name, library=library).operations


@dataclass(frozen=True)
class ModuleKind:
    """A kind of module: some equal cells, of which the first changes width and resolution."""

    cells: int = 1
    #: Log2 of the factor by which the width grows.
    widen: int = 0
    #: Log2 of the divisor of the resolution.
    halve: int = 0
    #: The operation of a node behind the input of the first cell; 2 (none): there is none.
    step: int = 2
    #: The number of the cell design that its cells follow.
    design: int = 0


class JointSpace(Space):
    """Networks that are a string of modules, made of cells with an operation on each edge.

    Operations are those of the table of the digits space: input, output, none, skip, conv 1x1, conv 3x3,
    pool. ``edges`` go from lower to higher nodes, those to lower nodes first. Genes are ``longest`` modules (0
    none, kinds from 1), then the operation of each edge for each design, an index into ``labels``.
    """

    def __init__(
        self,
        kinds: Sequence[ModuleKind],
        edges: npt.ArrayLike,
        labels: npt.ArrayLike,
        *,
        shortest: int,
        longest: int,
        nodes: int,
        designs: int = 1,
        width: int = 0,
        side: int = 0,
        library: Optional[Library] = None,
    ) -> None:
        lib = self._lib = library or default_library()
        self._raised = None
        self.operations = ReadySpace("digits", library=lib).operations
        self._kinds = (lib.ModuleKind * len(kinds))(*(lib.ModuleKind(*astuple(kind)) for kind in kinds))
        self._edges, self._labels = pairs_of(edges), octets(labels).reshape(-1)
        self._joint = lib.Joint(
            shortest=shortest,
            longest=longest,
            kind_count=len(kinds),
            kinds=ctypes.addressof(self._kinds),
            node_count=nodes,
            edge_count=len(self._edges),
            edges=self._edges.ctypes.data,
            operation_count=self._labels.size,
            operations=self._labels.ctypes.data,
            design_count=designs,
            width=width,
            side=side,
        )
        genes = lib.joint_gene_count(ctypes.byref(self._joint))
        self._cardinalities = np.zeros(max(genes, 1), dtype=np.uint8)
        self._space = lib.Space()
        lib.check(
            lib.joint_make_space(
                ctypes.byref(self._joint),
                genes,
                self._cardinalities.ctypes.data,
                ctypes.byref(self._space),
            )
        )

    def __len__(self) -> int:
        """How many genomes are numbered, feasible or not; 0 if they are too many."""
        return int(self._lib.joint_genome_count(ctypes.byref(self._joint)))

    def genome(self, index: int) -> npt.NDArray[np.uint8]:
        """The genome with a number."""
        out = np.zeros(self.gene_count, dtype=np.uint8)
        joint = ctypes.byref(self._joint)
        self._lib.check(self._lib.joint_genome(joint, index, out.size, out.ctypes.data))
        return out

    def index(self, genome: npt.ArrayLike) -> int:
        """The number of a genome."""
        g = octets(genome, (self.gene_count,))
        index = ctypes.c_size_t()
        joint = ctypes.byref(self._joint)
        self._lib.check(self._lib.joint_index(joint, g.size, g.ctypes.data, ctypes.byref(index)))
        return index.value

    def format(self, genome: npt.ArrayLike) -> str:
        """The text of a design."""
        g = octets(genome, (self.gene_count,))
        text = ctypes.create_string_buffer(MAX_TEXT)
        joint, out = ctypes.byref(self._joint), ctypes.addressof(text)
        self._lib.check(self._lib.joint_format(joint, g.size, g.ctypes.data, MAX_TEXT, out))
        return text.value.decode()

    def parse(self, text: str) -> npt.NDArray[np.uint8]:
        """The genome of a design's text."""
        out = np.zeros(self.gene_count, dtype=np.uint8)
        joint = ctypes.byref(self._joint)
        self._lib.check(self._lib.joint_parse(joint, text.encode(), out.size, out.ctypes.data))
        return out


@dataclass(frozen=True)
class Proposal:
    """A design to train."""

    trial: int
    genome: npt.NDArray[np.uint8]
    origin: str
    predicted: bool
    mean: float
    deviation: float
    acquisition: float
    observations: int
    candidates: int


@dataclass(frozen=True)
class Trial:
    """What is known about a trial."""

    number: int
    state: str
    value: float
    second: float
    genome: npt.NDArray[np.uint8]
    fingerprint: tuple[int, ...]


class Search(Remade):
    """Ask, train, tell; lower is better. One thread at a time.

    ``preset``: ``default``, ``poster`` or ``compact``; other keyword arguments replace its fields by
    name, enumerations as text. Functions of the space may use metrics, but not the search that calls them.
    """

    def __init__(
        self,
        space: Space,
        metric: Optional[Metric] = None,
        *,
        capacity: int,
        seed: int = 0,
        preset: str = "default",
        cache: Optional[Cache] = None,
        **settings: Any,
    ) -> None:
        lib = self._lib = space._lib
        self.space = space
        self.metric = metric or Metric(space.operations)
        self.cache = cache
        chosen = lib.SearchSettings()
        lib.check(getattr(lib, f"search_settings_{preset}")(ctypes.byref(chosen)))
        chosen.seed = seed
        names = {
            "method": METHODS,
            "acquisition": ACQUISITIONS,
            "pending": PENDING,
            "batch": BATCH_RULES,
            "second": SECOND,
            "kernel": KERNELS,
            "transform": TRANSFORMS,
            "kappa_schedule": {"constant": 0, "logarithmic": 1},
        }
        known = {field[0] for field in lib.SearchSettings._fields_}
        for name, value in settings.items():
            if name not in known or name == "fit":
                raise TypeError(f"a search has no setting {name!r}")
            setattr(chosen, name, names[name][value] if name in names else value)
        size = lib.search_size(ctypes.byref(chosen), capacity, space.gene_count)
        self._handle, self._busy = lib.Search(), False
        # A workspace of its own: decode functions are called while it is in use, and may compute distances.
        self._workspace = Workspace(lib)
        self._memory = memory(8 if size == SIZE_MAX else size)  # the call says what is wrong
        lib.check(
            lib.search_init(
                ctypes.byref(self._handle),
                ctypes.byref(chosen),
                capacity,
                space.gene_count,
                self._memory.ctypes.data,
                self._memory.nbytes,
            )
        )
        self._chosen, self._capacity = chosen, capacity
        self._size = self._work_size(self.metric)

    def _work_size(self, metric: Metric) -> int:
        return int(
            self._lib.search_workspace_size(
                ctypes.byref(self._chosen),
                self._capacity,
                ctypes.byref(self.space._space),
                ctypes.byref(metric._handle),
            )
        )

    @property
    def _pointer(self) -> Any:
        if self._busy:
            raise RuntimeError("this search is at work: functions of its space cannot use it")
        return ctypes.byref(self._handle)

    @contextmanager
    def _working(self) -> Iterator[tuple[Any, Any]]:
        """Pointers to search and cache, which nobody else gets until the call is over."""
        pointers = self._pointer, _byref(self.cache)
        self._busy = True
        if self.cache is not None:
            self.cache.busy = True
        try:
            yield pointers
        finally:
            self._busy = False
            if self.cache is not None:
                self.cache.busy = False

    def ask(self, trial: Optional[int] = None) -> Proposal:
        """Proposes a design for a trial; without a number for the next one."""
        lib = self._lib
        if trial is None:
            trial = self._next()
        genome = np.zeros(self.space.gene_count, dtype=np.uint8)
        found = lib.Proposal()
        with self._working() as (search, cache):
            status = lib.search_ask(
                search,
                trial,
                ctypes.byref(self.space._space),
                ctypes.byref(self.metric._handle),
                cache,
                self._workspace.of(self._size),
                ctypes.byref(found),
                genome.ctypes.data,
            )
        self.space._check(status)
        return Proposal(
            trial=trial,
            genome=genome,
            origin=ORIGINS[found.origin],
            predicted=bool(found.predicted),
            mean=found.mean,
            deviation=found.deviation,
            acquisition=found.acquisition,
            observations=found.observations,
            candidates=found.candidates,
        )

    def ask_batch(self, count: int, first: Optional[int] = None) -> list[tuple[int, npt.NDArray[np.uint8]]]:
        """Trials and genomes of designs that are evaluated together, as the setting ``batch`` says."""
        lib = self._lib
        if first is None:
            first = self._next()
        genomes = np.zeros((count, self.space.gene_count), dtype=np.uint8)
        with self._working() as (search, cache):
            status = lib.search_ask_batch(
                search,
                first,
                count,
                ctypes.byref(self.space._space),
                ctypes.byref(self.metric._handle),
                cache,
                self._workspace.of(self._size),
                genomes.ctypes.data,
            )
        self.space._check(status)
        return [(first + i, genome) for i, genome in enumerate(genomes)]

    def evidence(self, metric: Optional[Metric] = None) -> float:
        """Logarithm of the marginal likelihood of the told values under a metric, by default its own."""
        metric = metric or self.metric
        found = self._lib.real()
        with self._working() as (search, cache):
            status = self._lib.search_evidence(
                search,
                ctypes.byref(self.space._space),
                ctypes.byref(metric._handle),
                cache,
                self._workspace.of(self._work_size(metric)),
                ctypes.byref(found),
            )
        self.space._check(status)
        return float(found.value)

    def tell(self, trial: int, value: float, second: Optional[float] = None) -> None:
        """Gives a pending trial its value and, if the setting ``second`` expects it, a second number."""
        handle = self._pointer
        if second is None:
            self._lib.check(self._lib.search_tell(handle, trial, value))
        else:
            self._lib.check(self._lib.search_tell_both(handle, trial, value, second))

    def fail(self, trial: int) -> None:
        """Ends a pending trial without a value."""
        self._lib.check(self._lib.search_fail(self._pointer, trial))

    def tell_design(
        self,
        genome: npt.ArrayLike,
        value: float = 0.0,
        second: float = 0.0,
        *,
        trial: Optional[int] = None,
        state: str = "told",
    ) -> int:
        """Adds a design that was never asked for; returns the number of its trial."""
        if trial is None:
            trial = self._next()
        g = octets(genome, (self.space.gene_count,))
        with self._working() as (search, _):
            status = self._lib.search_tell_design(
                search,
                trial,
                STATES.index(state),
                value,
                second,
                g.ctypes.data,
                ctypes.byref(self.space._space),
                ctypes.byref(self.metric._handle),
                self._workspace.of(self._size),
            )
        self.space._check(status)
        return trial

    def best(self) -> tuple[int, float, npt.NDArray[np.uint8]]:
        """Trial, value and genome of the told trial with the least value."""
        trial, value = ctypes.c_uint32(), self._lib.real()
        genome = np.zeros(self.space.gene_count, dtype=np.uint8)
        self._lib.check(
            self._lib.search_best(
                self._pointer, ctypes.byref(trial), ctypes.byref(value), genome.ctypes.data
            )
        )
        return trial.value, value.value, genome

    def front(self) -> list[int]:
        """Numbers of the told trials that no other one dominates in value and second number."""
        trials, count = np.zeros(len(self), dtype=np.uint32), ctypes.c_size_t()
        self._lib.check(
            self._lib.search_front(
                self._pointer, trials.size, trials.ctypes.data, ctypes.byref(count)
            )
        )
        return [int(trial) for trial in trials[: count.value]]

    def trials(self) -> list[Trial]:
        """All trials in ascending order of their numbers."""
        out = []
        for index in range(len(self)):
            found = self._lib.Trial()
            genome = np.zeros(self.space.gene_count, dtype=np.uint8)
            self._lib.check(
                self._lib.search_read_trial(
                    self._pointer, index, ctypes.byref(found), genome.ctypes.data
                )
            )
            out.append(
                Trial(
                    found.number,
                    STATES[found.state],
                    found.value,
                    found.second,
                    genome,
                    tuple(found.fingerprint),
                )
            )
        return out

    def __len__(self) -> int:
        info = self._lib.SearchInfo()
        self._lib.check(self._lib.search_describe(self._pointer, ctypes.byref(info)))
        return int(info.trial_count)

    def _next(self) -> int:
        trials = self.trials()
        return trials[-1].number + 1 if trials else 0

    def save(self) -> bytes:
        """All trials and a fingerprint of settings, space and metric."""
        size = self._lib.search_saved_size(ctypes.byref(self._chosen), len(self), self.space.gene_count)
        out = np.zeros(size, dtype=np.uint8)
        written = ctypes.c_size_t()
        self._lib.check(
            self._lib.search_save(
                self._pointer,
                ctypes.byref(self.space._space),
                ctypes.byref(self.metric._handle),
                out.size,
                out.ctypes.data,
                ctypes.byref(written),
            )
        )
        return out[: written.value].tobytes()

    def restore(self, saved: bytes) -> None:
        """Replaces all trials by saved ones: the search goes on as if it had never stopped.

        Settings, space and metric must be those of the saved search, the capacity need not.
        """
        given = np.frombuffer(saved, dtype=np.uint8)
        with self._working() as (search, _):
            status = self._lib.search_restore(
                search,
                given.size,
                given.ctypes.data,
                ctypes.byref(self.space._space),
                ctypes.byref(self.metric._handle),
                self._workspace.of(self._size),
            )
        self.space._check(status)

    def __reduce__(self) -> Any:
        return (*super().__reduce__(), self.save())

    def __setstate__(self, saved: bytes) -> None:
        self.restore(saved)
