"""The C interface of hotnas as ctypes sees it: structs, functions, statuses.

Nothing here but what ``hotnas.h`` says. The sizes of all structs are compared with the library when it is
loaded, so a header and a library that do not fit are refused instead of misread.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

ABI_VERSION = 1
MAX_NODES = 32
MAX_CELLS = 64
MAX_GENES = 64
MAX_TEXT = 320
SIZE_MAX = ctypes.c_size_t(-1).value

INFEASIBLE = 71
TRIAL_CLOSED = 73
SPACE_EXHAUSTED = 75

_size = ctypes.c_size_t
_pointer = ctypes.c_void_p
_u8 = ctypes.c_uint8
_i32 = ctypes.c_int32
_u32 = ctypes.c_uint32
_u64 = ctypes.c_uint64


class HotnasError(Exception):
    """A status of the library other than success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        #: The ``hotnas_status``.
        self.status = status


class _Struct(ctypes.Structure):
    """A struct whose whole numbers are what they were set to; ctypes alone takes them modulo their range."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, (int, np.integer)) and isinstance(kept := getattr(self, name), int) and kept != value:
            raise OverflowError(f"{name} = {value} is out of range")


def _whole(kind: Any) -> Any:
    """The same for a parameter of a function."""

    def from_param(value: Any) -> Any:
        made = kind(value)
        if made.value != value:
            raise OverflowError(f"{value} is out of range")
        return made

    return type(kind.__name__, (), {"from_param": staticmethod(from_param)})


def _candidates() -> list[Path]:
    named = os.environ.get("HOTNAS_LIBRARY")
    if named:
        return [Path(named)]
    name = {"darwin": "libhotnas.dylib", "win32": "hotnas.dll"}.get(sys.platform, "libhotnas.so")
    here = Path(__file__).resolve().parent
    machine = platform.machine().lower()
    dist = here.parents[2] / "target" / "dist"
    built = sorted(dist.glob(f"{machine}-*/lib/{name}")) if dist.is_dir() else []
    return [here / name, *built]


class Library:
    """A loaded libhotnas of either precision: ``library.cell_init(...)`` calls ``hotnas_cell_init``."""

    def __init__(self, path: Optional[os.PathLike[str] | str] = None) -> None:
        found = [Path(path)] if path is not None else [p for p in _candidates() if p.exists()]
        if not found:
            raise OSError(
                "libhotnas was not found: build it with `cargo xtask dist` or set HOTNAS_LIBRARY to its path"
            )
        #: Where the library was found.
        self.path = found[0]
        self._library = ctypes.CDLL(str(self.path))
        self.dtype: np.dtype[Any]
        real: Any
        if hasattr(self._library, "hotnas_abi_version_f64"):
            self._suffix, self.dtype, real = "_f64", np.dtype(np.float64), ctypes.c_double
        else:
            self._suffix, self.dtype, real = "_f32", np.dtype(np.float32), ctypes.c_float
        self.real = real
        self._structs(real)
        self._functions(real)
        if self.abi_version() != ABI_VERSION:
            raise OSError(f"{self.path} offers another binary interface than this package needs")
        for name, struct in self.structs.items():
            if self.struct_size(name.encode()) != ctypes.sizeof(struct):
                raise OSError(f"{self.path} has another {name} than this package")

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A function or a struct of the header."""

    def __reduce__(self) -> Any:
        # Another process, maybe on another machine, looks for the usual one itself.
        return (library, ()) if self is _default else (Library, (str(self.path),))

    def check(self, status: int) -> None:
        """Raises :class:`HotnasError` unless the status is success."""
        if status != 0:
            raise HotnasError(status, self.status_message(status).decode())

    def _structs(self, real: Any) -> None:
        def struct(name: str, *fields: Any) -> Any:
            made = type(name, (_Struct,), {"_fields_": list(fields)})
            self.structs[name] = made
            return made

        def words(name: str, count: int) -> Any:
            return struct(name, ("_private", _u64 * count))

        self.structs: dict[str, Any] = {}
        self.Workspace = words("hotnas_workspace", 4)
        self.Operations = words("hotnas_operations", 16)
        self.Cell = words("hotnas_cell", 8)
        self.Network = words("hotnas_network", 24)
        self.Metric = words("hotnas_metric", 32)
        self.Cache = words("hotnas_cache", 16)
        self.Gp = words("hotnas_gp", 32)
        self.Search = words("hotnas_search", 128)
        self.OperationsSpec = struct(
            "hotnas_operations_spec",
            ("operation_count", _size),
            ("dissimilarity", _pointer),
            ("group_count", _size),
            ("group_masks", _pointer),
            ("attribute_count", _size),
            ("attribute_weights", _pointer),
            ("scale", _i32),
        )
        self.OperationsInfo = struct(
            "hotnas_operations_info",
            ("operation_count", _size),
            ("group_count", _size),
            ("feature_count", _size),
            ("attribute_count", _size),
            ("fingerprint", _u32 * 2),
        )
        self.CellSpec = struct(
            "hotnas_cell_spec",
            ("node_count", _size),
            ("operations", _pointer),
            ("edge_count", _size),
            ("edges", _pointer),
            ("masses", _pointer),
            ("attributes", _pointer),
        )
        self.CellInfo = struct(
            "hotnas_cell_info",
            ("node_count", _size),
            ("feature_count", _size),
            ("attribute_count", _size),
            ("longest_path", _u32),
            ("is_uniform", _u32),
            ("is_canonical", _u32),
            ("fingerprint", _u32 * 4),
        )
        self.NetworkInfo = struct(
            "hotnas_network_info",
            ("cell_count", _size),
            ("distinct_count", _size),
            ("fingerprint", _u32 * 4),
        )
        self.TransportProblem = struct(
            "hotnas_transport_problem",
            ("rows", _size),
            ("columns", _size),
            ("cost", _pointer),
            ("row_masses", _pointer),
            ("column_masses", _pointer),
        )
        self.TransportReport = struct(
            "hotnas_transport_report",
            ("cost", real),
            ("marginal_residual", real),
            ("iterations", _u32),
        )
        self.SinkhornSettings = struct(
            "hotnas_sinkhorn_settings",
            ("regularisation", real),
            ("tolerance", real),
            ("iterations", _u32),
        )
        self.SinkhornReport = struct(
            "hotnas_sinkhorn_report",
            ("transport_cost", real),
            ("entropic_value", real),
            ("marginal_residual", real),
            ("iterations", _u32),
        )
        self.GromovProblem = struct(
            "hotnas_gromov_problem",
            ("rows", _size),
            ("columns", _size),
            ("cost", _pointer),
            ("row_costs", _pointer),
            ("column_costs", _pointer),
            ("row_masses", _pointer),
            ("column_masses", _pointer),
        )
        self.GromovSettings = struct(
            "hotnas_gromov_settings",
            ("lambda_", real),
            ("gap", real),
            ("proof_gap", real),
            ("pairing", _i32),
            ("effort", _i32),
            ("iterations", _u32),
            ("nodes", _u32),
            ("prover", _pointer),
        )
        self.EntropicSettings = struct(
            "hotnas_entropic_settings",
            ("lambda_", real),
            ("regularisation", real),
            ("gap", real),
            ("tolerance", real),
            ("pairing", _i32),
            ("method", _i32),
            ("iterations", _u32),
            ("sweeps", _u32),
        )
        self.EntropicReport = struct(
            "hotnas_entropic_report",
            ("value", real),
            ("entropic_value", real),
            ("gap", real),
            ("marginal_residual", real),
            ("iterations", _u32),
            ("sweeps", _u32),
            ("converged", _u32),
        )
        self.Solution = struct(
            "hotnas_solution",
            ("value", real),
            ("lower_bound", real),
            ("gap", real),
            ("marginal_residual", real),
            ("iterations", _u32),
            ("starts", _u32),
            ("nodes", _u32),
            ("proved_optimal", _u32),
        )
        self.MetricSettings = struct(
            "hotnas_metric_settings",
            ("epsilon", real),
            ("lambda_", real),
            ("eta", real),
            ("gap", real),
            ("proof_gap", real),
            ("distance", _i32),
            ("pairing", _i32),
            ("effort", _i32),
            ("iterations", _u32),
            ("nodes", _u32),
            ("prover", _pointer),
        )
        self.Layers = struct(
            "hotnas_layers", ("codes", _pointer), ("count", _size), ("width", _i32), ("channels", real)
        )
        self.CacheInfo = struct(
            "hotnas_cache_info", ("capacity", _size), ("hits", _u64), ("misses", _u64)
        )
        self.NetworkSolution = struct(
            "hotnas_network_solution",
            ("value", real),
            ("lower_bound", real),
            ("marginal_residual", real),
            ("cell_pairs_solved", _u32),
            ("iterations", _u32),
            ("nodes", _u32),
            ("proved_optimal", _u32),
        )
        self.Neighbour = struct("hotnas_neighbour", ("index", _size), ("distance", real))
        self.NearestReport = struct(
            "hotnas_nearest_report", ("moments", _u32), ("transports", _u32), ("solved", _u32)
        )
        self.Comparison = struct(
            "hotnas_comparison", ("value", real), ("is_nearer", _u32), ("stage", _i32)
        )
        self.Hyperparameters = struct(
            "hotnas_hyperparameters",
            ("variance", real),
            ("length_scale", real),
            ("noise", real),
            ("mean", real),
        )
        self.GpInfo = struct(
            "hotnas_gp_info",
            ("count", _size),
            ("capacity", _size),
            ("part_count", _size),
            ("hyperparameters", self.Hyperparameters),
            ("jitter", real),
            ("log_marginal_likelihood", real),
            ("ratios", real * 8),
            ("kernel", _i32),
        )
        self.FitSettings = struct(
            "hotnas_fit_settings",
            ("prior_deviation", real),
            ("noise_minimum", real),
            ("noise_maximum", real),
            ("length_minimum", real),
            ("length_maximum", real),
            ("fit", _i32),
        )
        self.FitReport = struct(
            "hotnas_fit_report",
            ("hyperparameters", self.Hyperparameters),
            ("log_marginal_likelihood", real),
            ("jitter", real),
            ("evaluations", _u32),
        )
        self.Calibration = struct(
            "hotnas_calibration",
            ("coverage", real),
            ("bias", real),
            ("spread", real),
            ("log_density", real),
            ("error", real),
        )
        self.Clipping = struct(
            "hotnas_clipping", ("least_eigenvalue", real), ("lost_count", _size)
        )
        self.Decode = ctypes.CFUNCTYPE(_i32, _pointer, _pointer, _pointer)
        self.NeighbourCount = ctypes.CFUNCTYPE(_size, _pointer, _pointer)
        self.NeighbourFunction = ctypes.CFUNCTYPE(None, _pointer, _pointer, _size, _pointer)
        self.Sample = ctypes.CFUNCTYPE(None, _pointer, _pointer, _pointer)
        self.Cost = ctypes.CFUNCTYPE(real, _pointer, _pointer)
        self.Space = struct(
            "hotnas_space",
            ("user", _pointer),
            ("gene_count", _size),
            ("cardinalities", _pointer),
            ("max_nodes", _size),
            ("max_distinct", _size),
            ("max_cells", _size),
            ("decode", self.Decode),
            ("neighbour_count", self.NeighbourCount),
            ("neighbour", self.NeighbourFunction),
            ("sample", self.Sample),
            ("cost", self.Cost),
            ("cost_user", _pointer),
            ("limit", real),
        )
        self.ModuleKind = struct(
            "hotnas_module_kind",
            ("cells", _u8),
            ("widen", _u8),
            ("halve", _u8),
            ("step", _u8),
            ("design", _u8),
        )
        self.Joint = struct(
            "hotnas_joint",
            ("shortest", _size),
            ("longest", _size),
            ("kind_count", _size),
            ("kinds", _pointer),
            ("node_count", _size),
            ("edge_count", _size),
            ("edges", _pointer),
            ("operation_count", _size),
            ("operations", _pointer),
            ("design_count", _size),
            ("width", _u8),
            ("side", _u8),
        )
        self.SearchSettings = struct(
            "hotnas_search_settings",
            ("seed", _u64),
            ("kappa", real),
            ("fit", self.FitSettings),
            ("method", _i32),
            ("acquisition", _i32),
            ("kappa_schedule", _i32),
            ("kernel", _i32),
            ("transform", _i32),
            ("initial", _u32),
            ("parents", _u32),
            ("mutants", _u32),
            ("random", _u32),
            ("limit", _u32),
            ("life", _u32),
            ("population", _u32),
            ("tournament", _u32),
            ("block", _u32),
            ("scan", _u32),
            ("pending", _i32),
            ("batch", _i32),
            ("shortlist", _u32),
            ("other_kernels", _u32),
            ("other_transforms", _u32),
            ("parts", _u32),
            ("second", _i32),
            ("second_limit", real),
        )
        self.SearchInfo = struct(
            "hotnas_search_info",
            ("capacity", _size),
            ("gene_count", _size),
            ("trial_count", _size),
            ("told_count", _size),
            ("pending_count", _size),
        )
        self.Trial = struct(
            "hotnas_trial",
            ("value", real),
            ("second", real),
            ("number", _u32),
            ("state", _i32),
            ("fingerprint", _u32 * 4),
        )
        self.Proposal = struct(
            "hotnas_proposal",
            ("mean", real),
            ("deviation", real),
            ("acquisition", real),
            ("origin", _i32),
            ("predicted", _u32),
            ("observations", _u32),
            ("candidates", _u32),
        )

    def _functions(self, real: Any) -> None:
        def declare(result: Any, **functions: list[Any]) -> None:
            for name, arguments in functions.items():
                function = getattr(self._library, f"hotnas_{name}{self._suffix}")
                function.restype, function.argtypes = result, arguments
                setattr(self, name, function)

        p, s, i, u, byte = _pointer, _whole(_size), _whole(_i32), _whole(_u32), _whole(_u8)
        declare(_u32, abi_version=[], version_number=[], random_below=[p, u])
        declare(_u64, capabilities=[])
        declare(p, prover_get=[])
        declare(ctypes.c_char_p, version_string=[], status_message=[i])
        declare(
            _size,
            struct_size=[ctypes.c_char_p],
            cell_size=[p, s],
            cell_workspace_size=[p, s],
            network_size=[s],
            cache_size=[s],
            metric_cell_workspace_size=[p, s, s],
            metric_network_workspace_size=[p, s, s, s],
            metric_nearest_cells_workspace_size=[p, s, s, s],
            metric_nearest_networks_workspace_size=[p, s, s, s, s],
            metric_part_count=[p],
            transport_exact_workspace_size=[s, s],
            transport_sinkhorn_workspace_size=[s, s],
            transport_gromov_workspace_size=[s, s, i],
            transport_entropic_gromov_workspace_size=[s, s],
            gp_size=[s],
            gp_size_of_parts=[s, s],
            gp_workspace_size=[s],
            gp_joint_workspace_size=[s, s],
            gp_clipped_workspace_size=[s],
            space_design_count=[i],
            joint_gene_count=[p],
            joint_genome_count=[p],
            search_size=[p, s, s],
            search_workspace_size=[p, s, p, p],
            search_saved_size=[p, s, s],
        )
        declare(
            _i32,
            workspace_init=[p, p, s],
            operations_init=[p, p],
            operations_init_poster=[p],
            operations_describe=[p, p],
            cell_init=[p, p, p, p, s, p],
            cell_describe=[p, p],
            cell_read_order=[p, s, p],
            cell_read_features=[p, s, p],
            cell_compare=[p, p, p],
            network_init=[p, s, p, p, p, p, s],
            network_describe=[p, p],
            network_compare=[p, p, p],
            metric_settings_default=[p],
            metric_settings_poster=[p],
            metric_init=[p, p, p],
            metric_init_layers=[p, p, p, p],
            cache_init=[p, s, p, s],
            cache_describe=[p, p],
            metric_cell_distance=[p, p, p, p, p, p],
            metric_cell_distances=[p, p, s, p, p, p, p],
            metric_cell_matrix=[p, s, p, p, p, p],
            metric_network_distance=[p, p, p, p, p, p, p],
            metric_network_parts=[p, p, p, p, p, s, p],
            metric_network_distances=[p, p, s, p, p, p, p],
            metric_network_matrix=[p, s, p, p, p, p],
            metric_nearest_cells=[p, p, s, p, p, p, s, p, p],
            metric_nearest_networks=[p, p, s, p, p, p, s, p, p],
            metric_compare_cell_distance=[p, p, p, real, p, p],
            metric_compare_network_distance=[p, p, p, real, p, p, p],
            transport_solve_exact=[p, p, p, p, p, p],
            transport_solve_warm=[p, p, p, p, p, p],
            transport_solve_sinkhorn=[p, p, p, p, p],
            transport_solve_gromov=[p, p, p, p, p],
            entropic_settings_default=[real, p],
            transport_solve_entropic_gromov=[p, p, p, p, p],
            gp_init=[p, s, i, p, p, s],
            gp_init_of_parts=[p, s, s, i, p, p, s],
            gp_describe=[p, p],
            gp_append=[p, s, p, real],
            gp_truncate=[p, s],
            gp_set_values=[p, s, p],
            gp_set_hyperparameters=[p, p],
            gp_set_kernel=[p, i],
            gp_set_ratios=[p, s, p],
            fit_settings_default=[p],
            gp_fit=[p, p, p, p],
            gp_posterior=[p, s, p, p, p, p],
            gp_joint_posterior=[p, s, p, p, p, p, p],
            gp_leave_one_out=[p, s, p, p, p],
            gp_calibration=[p, real, p, p],
            predictions_calibration=[s, p, p, p, real, p],
            gp_clipped_posterior=[p, s, p, p, p, p, p],
            values_transform=[i, s, p, p],
            network_builder_add_cell=[p, p, p],
            network_builder_push=[p, byte],
            network_builder_set_positions=[p, s, p],
            network_builder_set_masses=[p, s, p],
            space_init=[p, i, p],
            space_init_darts=[p, s],
            joint_make_space=[p, s, p, p],
            joint_genome=[p, s, s, p],
            joint_index=[p, s, p, p],
            joint_format=[p, s, p, s, p],
            joint_parse=[p, p, s, p],
            space_genome=[i, s, s, p],
            space_index=[i, s, p, p],
            space_format=[i, s, p, s, p],
            space_parse=[i, ctypes.c_char_p, s, p],
            search_settings_default=[p],
            search_settings_poster=[p],
            search_settings_compact=[p],
            search_init=[p, p, s, s, p, s],
            search_ask=[p, u, p, p, p, p, p, p],
            search_ask_batch=[p, u, s, p, p, p, p, p],
            search_evidence=[p, p, p, p, p, p],
            search_tell=[p, u, real],
            search_fail=[p, u],
            search_tell_both=[p, u, real, real],
            search_tell_design=[p, u, i, real, real, p, p, p, p],
            search_front=[p, s, p, p],
            search_best=[p, p, p, p],
            search_describe=[p, p],
            search_read_trial=[p, s, p, p],
            search_describe_gp=[p, p],
            search_clear=[p],
            search_save=[p, p, p, s, p, p],
            search_restore=[p, s, p, p, p, p],
        )


_default: Optional[Library] = None


def library() -> Library:
    """The library that objects use unless they are given another one; loaded when it is first needed."""
    global _default
    if _default is None:
        _default = Library()
    return _default
