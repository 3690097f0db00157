"""Optimal transport on plain cost matrices."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ._abi import Library, library as default_library
from ._memory import address, reals, workspace

PAIRINGS = {"ordered": 0, "full": 1, "flow": 2}
EFFORTS = {"fast": 0, "thorough": 1, "exact": 2}


@dataclass(frozen=True)
class Exact:
    """An exact solution with its proof: u_i + v_j <= cost_ij, equal where the plan is positive."""

    cost: float
    plan: np.ndarray
    row_duals: np.ndarray
    column_duals: np.ndarray
    marginal_residual: float
    iterations: int


@dataclass(frozen=True)
class Entropic:
    """A solution of the entropic problem."""

    transport_cost: float
    entropic_value: float
    plan: np.ndarray
    marginal_residual: float
    iterations: int


@dataclass(frozen=True)
class Solution:
    """The best plan that was found for a problem that is not convex."""

    value: float
    lower_bound: float
    plan: np.ndarray
    gap: float
    marginal_residual: float
    iterations: int
    starts: int
    nodes: int
    proved_optimal: bool


def solution(found: Any, plan: np.ndarray) -> Solution:
    return Solution(
        value=found.value,
        lower_bound=found.lower_bound,
        plan=plan,
        gap=found.gap,
        marginal_residual=found.marginal_residual,
        iterations=found.iterations,
        starts=found.starts,
        nodes=found.nodes,
        proved_optimal=bool(found.proved_optimal),
    )


def _matrix(lib: Library, cost: npt.ArrayLike) -> np.ndarray:
    matrix = reals(lib, cost)
    if matrix.ndim != 2:
        raise ValueError("the cost must be a matrix")
    return matrix


def _masses(lib: Library, masses: Optional[npt.ArrayLike], n: int) -> Optional[np.ndarray]:
    return None if masses is None else reals(lib, masses, (n,))


def exact(
    cost: npt.ArrayLike,
    row_masses: Optional[npt.ArrayLike] = None,
    column_masses: Optional[npt.ArrayLike] = None,
    *,
    start: Optional[npt.ArrayLike] = None,
    library: Optional[Library] = None,
) -> Exact:
    """Solves a transport problem exactly. Masses that are not given are uniform.

    start: potentials of the columns to begin with, for example those of a similar problem.
    """
    lib = library or default_library()
    matrix = _matrix(lib, cost)
    n, m = matrix.shape
    p, q = _masses(lib, row_masses, n), _masses(lib, column_masses, m)
    problem = lib.TransportProblem(n, m, address(matrix), address(p), address(q))
    plan, u, v = (np.zeros(shape, dtype=lib.dtype) for shape in ((n, m), n, m))
    if start is not None:
        v[:] = start
    report = lib.TransportReport()
    solve = lib.transport_solve_exact if start is None else lib.transport_solve_warm
    lib.check(
        solve(
            ctypes.byref(problem),
            workspace(lib, lib.transport_exact_workspace_size(n, m)),
            ctypes.byref(report),
            plan.ctypes.data,
            u.ctypes.data,
            v.ctypes.data,
        )
    )
    return Exact(report.cost, plan, u, v, report.marginal_residual, report.iterations)


def sinkhorn(
    cost: npt.ArrayLike,
    row_masses: Optional[npt.ArrayLike] = None,
    column_masses: Optional[npt.ArrayLike] = None,
    *,
    regularisation: float = 0.05,
    tolerance: Optional[float] = None,
    iterations: int = 10000,
    library: Optional[Library] = None,
) -> Entropic:
    """Solves an entropic transport problem to the tolerance (1e-9, float 1e-5), or raises."""
    lib = library or default_library()
    matrix = _matrix(lib, cost)
    n, m = matrix.shape
    p, q = _masses(lib, row_masses, n), _masses(lib, column_masses, m)
    if tolerance is None:
        tolerance = 1e-9 if lib.dtype == np.float64 else 1e-5
    problem = lib.TransportProblem(n, m, address(matrix), address(p), address(q))
    settings = lib.SinkhornSettings(regularisation, tolerance, iterations)
    plan = np.zeros((n, m), dtype=lib.dtype)
    report = lib.SinkhornReport()
    lib.check(
        lib.transport_solve_sinkhorn(
            ctypes.byref(problem),
            ctypes.byref(settings),
            workspace(lib, lib.transport_sinkhorn_workspace_size(n, m)),
            ctypes.byref(report),
            plan.ctypes.data,
        )
    )
    return Entropic(
        report.transport_cost, report.entropic_value, plan, report.marginal_residual, report.iterations
    )


def gromov(
    cost: npt.ArrayLike,
    row_costs: npt.ArrayLike,
    column_costs: npt.ArrayLike,
    row_masses: Optional[npt.ArrayLike] = None,
    column_masses: Optional[npt.ArrayLike] = None,
    *,
    lambda_: float = 0.8,
    pairing: str = "flow",
    effort: str = "fast",
    gap: Optional[float] = None,
    iterations: int = 1000,
    proof_gap: float = 1e-3,
    nodes: int = 1000,
    library: Optional[Library] = None,
) -> Solution:
    """Minimises lambda * <cost, T> + (1 - lambda) * Q(T) over the transport plans T.

    With effort "exact" a branch and bound of up to so many nodes proves the value to the proof gap.
    """
    lib = library or default_library()
    matrix = _matrix(lib, cost)
    n, m = matrix.shape
    a, b = reals(lib, row_costs, (n, n)), reals(lib, column_costs, (m, m))
    p, q = _masses(lib, row_masses, n), _masses(lib, column_masses, m)
    if gap is None:
        gap = 1e-9 if lib.dtype == np.float64 else 1e-5
    problem = lib.GromovProblem(
        n, m, address(matrix), address(a), address(b), address(p), address(q)
    )
    settings = lib.GromovSettings(
        lambda_, gap, proof_gap, PAIRINGS[pairing], EFFORTS[effort], iterations, nodes, lib.prover_get()
    )
    plan = np.zeros((n, m), dtype=lib.dtype)
    found = lib.Solution()
    lib.check(
        lib.transport_solve_gromov(
            ctypes.byref(problem),
            ctypes.byref(settings),
            workspace(lib, lib.transport_gromov_workspace_size(n, m, EFFORTS[effort])),
            ctypes.byref(found),
            plan.ctypes.data,
        )
    )
    return solution(found, plan)


@dataclass(frozen=True)
class EntropicGromov:
    """A stationary plan of a fused Gromov-Wasserstein problem with entropy."""

    value: float
    entropic_value: float
    plan: np.ndarray
    gap: float
    marginal_residual: float
    iterations: int
    sweeps: int
    converged: bool


METHODS = {"entropic": 0, "proximal": 1}


def entropic_gromov(
    cost: npt.ArrayLike,
    row_costs: npt.ArrayLike,
    column_costs: npt.ArrayLike,
    row_masses: Optional[npt.ArrayLike] = None,
    column_masses: Optional[npt.ArrayLike] = None,
    *,
    regularisation: float,
    lambda_: float = 0.8,
    pairing: str = "flow",
    method: str = "proximal",
    gap: Optional[float] = None,
    tolerance: Optional[float] = None,
    iterations: int = 1000,
    sweeps: int = 10000,
    library: Optional[Library] = None,
) -> EntropicGromov:
    """Minimises the objective of :func:`gromov` plus regularisation * sum T ln T ("entropic"), or that objective
    alone by steps that the regularisation keeps short ("proximal")."""
    lib = library or default_library()
    matrix = _matrix(lib, cost)
    n, m = matrix.shape
    a, b = reals(lib, row_costs, (n, n)), reals(lib, column_costs, (m, m))
    p, q = _masses(lib, row_masses, n), _masses(lib, column_masses, m)
    problem = lib.GromovProblem(n, m, address(matrix), address(a), address(b), address(p), address(q))
    settings = lib.EntropicSettings()
    lib.check(lib.entropic_settings_default(regularisation, ctypes.byref(settings)))
    settings.lambda_, settings.pairing, settings.method = lambda_, PAIRINGS[pairing], METHODS[method]
    settings.iterations, settings.sweeps = iterations, sweeps
    if gap is not None:
        settings.gap = gap
    if tolerance is not None:
        settings.tolerance = tolerance
    plan = np.zeros((n, m), dtype=lib.dtype)
    found = lib.EntropicReport()
    lib.check(
        lib.transport_solve_entropic_gromov(
            ctypes.byref(problem),
            ctypes.byref(settings),
            workspace(lib, lib.transport_entropic_gromov_workspace_size(n, m)),
            ctypes.byref(found),
            plan.ctypes.data,
        )
    )
    return EntropicGromov(
        value=found.value,
        entropic_value=found.entropic_value,
        plan=plan,
        gap=found.gap,
        marginal_residual=found.marginal_residual,
        iterations=found.iterations,
        sweeps=found.sweeps,
        converged=bool(found.converged),
    )
