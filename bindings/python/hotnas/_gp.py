"""A Gaussian process on distances."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ._abi import Library, library as default_library
from ._memory import memory, reals, workspace

KERNELS = {
    "exponential": 0,
    "square_root_exponential": 1,
    "matern32": 2,
    "matern52": 3,
    "squared_exponential": 4,
    "nasbot": 5,
}
TRANSFORMS = {"identity": 0, "soft": 1, "rank": 2, "log": 3}


@dataclass(frozen=True)
class Hyperparameters:
    """Of a Gaussian process; ``noise`` is a variance."""

    variance: float = 1.0
    length_scale: float = 1.0
    noise: float = 1e-4
    mean: float = 0.0


@dataclass(frozen=True)
class Calibration:
    """How well predictions fit what was found; z = (value - mean) / deviation."""

    #: Share of the values in the central band of the level asked for.
    coverage: float
    #: Mean of z.
    bias: float
    #: Root mean square of z: more than 1 where deviations are too small.
    spread: float
    #: Mean logarithm of the predicted density at the values.
    log_density: float
    #: Root mean square of value - mean.
    error: float


def _calibration(c: Any) -> Calibration:
    return Calibration(c.coverage, c.bias, c.spread, c.log_density, c.error)


def _read(h: Any) -> Hyperparameters:
    return Hyperparameters(h.variance, h.length_scale, h.noise, h.mean)


class GaussianProcess:
    """Observations, the distances between them, and what they say about others.

    With ``parts`` > 1 each distance has so many numbers, along the last axis, and each part has a length scale of
    its own in a product of kernels.
    """

    def __init__(
        self,
        capacity: int,
        kernel: str = "exponential",
        hyperparameters: Hyperparameters = Hyperparameters(),
        *,
        parts: int = 1,
        library: Optional[Library] = None,
    ) -> None:
        lib = self._lib = library or default_library()
        self._memory = memory(lib.gp_size_of_parts(capacity, parts))
        self._parts = parts
        self._handle = lib.Gp()
        lib.check(
            lib.gp_init_of_parts(
                ctypes.byref(self._handle),
                capacity,
                parts,
                KERNELS[kernel],
                ctypes.byref(self._write(hyperparameters)),
                self._memory.ctypes.data,
                self._memory.nbytes,
            )
        )

    def _write(self, h: Hyperparameters) -> Any:
        return self._lib.Hyperparameters(h.variance, h.length_scale, h.noise, h.mean)

    def _info(self) -> Any:
        info = self._lib.GpInfo()
        self._lib.check(self._lib.gp_describe(ctypes.byref(self._handle), ctypes.byref(info)))
        return info

    def __len__(self) -> int:
        return int(self._info().count)

    @property
    def hyperparameters(self) -> Hyperparameters:
        """Hyperparameters in use."""
        return _read(self._info().hyperparameters)

    @hyperparameters.setter
    def hyperparameters(self, h: Hyperparameters) -> None:
        self._lib.check(
            self._lib.gp_set_hyperparameters(ctypes.byref(self._handle), ctypes.byref(self._write(h)))
        )

    @property
    def ratios(self) -> np.ndarray:
        """The length scale of each part of a distance over that of the hyperparameters."""
        return np.array(self._info().ratios[: self._parts], dtype=self._lib.dtype)

    @ratios.setter
    def ratios(self, ratios: npt.ArrayLike) -> None:
        r = reals(self._lib, ratios).reshape(-1)
        self._lib.check(
            self._lib.gp_set_ratios(ctypes.byref(self._handle), r.size, r.ctypes.data)
        )

    @property
    def jitter(self) -> float:
        """What the last factorisation added to the diagonal, relative to the variance."""
        return float(self._info().jitter)

    @property
    def log_marginal_likelihood(self) -> float:
        """Natural logarithm of the density of the observed values."""
        return float(self._info().log_marginal_likelihood)

    def append(self, distances: npt.ArrayLike, value: float) -> None:
        """Adds an observation: its distances to those so far, in their order, and its value."""
        d = reals(self._lib, distances).reshape(-1, self._parts)
        self._lib.check(
            self._lib.gp_append(ctypes.byref(self._handle), d.shape[0], d.ctypes.data, value)
        )

    def truncate(self, count: int) -> None:
        """Forgets all but the first observations."""
        self._lib.check(self._lib.gp_truncate(ctypes.byref(self._handle), count))

    def set_values(self, values: npt.ArrayLike) -> None:
        """Replaces the observed values."""
        y = reals(self._lib, values).reshape(-1)
        self._lib.check(self._lib.gp_set_values(ctypes.byref(self._handle), y.size, y.ctypes.data))

    def fit(self, *, length_range: Optional[tuple[float, float]] = None) -> Hyperparameters:
        """Maximum marginal likelihood: everything under a weak prior or, with a range, the length
        scale alone."""
        lib = self._lib
        settings = lib.FitSettings()
        lib.check(lib.fit_settings_default(ctypes.byref(settings)))
        if length_range is not None:
            settings.fit = 1
            settings.length_minimum, settings.length_maximum = length_range
        lib.check(
            lib.gp_fit(
                ctypes.byref(self._handle), ctypes.byref(settings), self._workspace(), None
            )
        )
        return self.hyperparameters

    def posterior(self, distances: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance (without noise) for candidates x observations (x parts) distances."""
        lib = self._lib
        d = self._rows(distances)
        mean, variance = np.zeros(d.shape[0], dtype=lib.dtype), np.zeros(d.shape[0], dtype=lib.dtype)
        lib.check(
            lib.gp_posterior(
                ctypes.byref(self._handle),
                d.shape[0],
                d.ctypes.data,
                self._workspace(),
                mean.ctypes.data,
                variance.ctypes.data,
            )
        )
        return mean, variance

    def joint_posterior(
        self, distances: npt.ArrayLike, between: npt.ArrayLike
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance (without noise) of candidates.

        ``distances``: candidates x observations (x parts); ``between``: the square matrix of the candidates
        (x parts).
        """
        lib = self._lib
        d, square = self._rows(distances), reals(lib, between)
        n = d.shape[0]
        if square.shape != (n, n, self._parts)[: square.ndim] or square.ndim < 2 + (self._parts > 1):
            raise ValueError("expected candidates x candidates (x parts)")
        packed = np.ascontiguousarray(square[np.tril_indices(n, -1)])
        mean, half = np.zeros(n, dtype=lib.dtype), np.zeros(n * (n + 1) // 2, dtype=lib.dtype)
        lib.check(
            lib.gp_joint_posterior(
                ctypes.byref(self._handle),
                n,
                d.ctypes.data,
                packed.ctypes.data,
                workspace(lib, lib.gp_joint_workspace_size(len(self), n)),
                mean.ctypes.data,
                half.ctypes.data,
            )
        )
        covariance = np.zeros((n, n), dtype=lib.dtype)
        covariance[np.tril_indices(n)] = half
        return mean, covariance + np.tril(covariance, -1).T

    def leave_one_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance (with noise) of each observed value given all others."""
        lib = self._lib
        n = len(self)
        mean, variance = np.zeros(n, dtype=lib.dtype), np.zeros(n, dtype=lib.dtype)
        lib.check(
            lib.gp_leave_one_out(
                ctypes.byref(self._handle), n, self._workspace(), mean.ctypes.data, variance.ctypes.data
            )
        )
        return mean, variance

    def calibration(self, level: float = 0.9) -> Calibration:
        """How well the observed values fit what all the others predict."""
        found = self._lib.Calibration()
        self._lib.check(
            self._lib.gp_calibration(
                ctypes.byref(self._handle), level, self._workspace(), ctypes.byref(found)
            )
        )
        return _calibration(found)

    def clipped_posterior(
        self, distances: npt.ArrayLike
    ) -> tuple[np.ndarray, np.ndarray, float, int]:
        """As ``posterior``, without the kernel's negative eigenvalues instead of with jitter; also the least
        eigenvalue and how many were left out."""
        lib = self._lib
        d = self._rows(distances)
        mean, variance = np.zeros(d.shape[0], dtype=lib.dtype), np.zeros(d.shape[0], dtype=lib.dtype)
        found = lib.Clipping()
        lib.check(
            lib.gp_clipped_posterior(
                ctypes.byref(self._handle),
                d.shape[0],
                d.ctypes.data,
                workspace(lib, lib.gp_clipped_workspace_size(len(self))),
                mean.ctypes.data,
                variance.ctypes.data,
                ctypes.byref(found),
            )
        )
        return mean, variance, float(found.least_eigenvalue), int(found.lost_count)

    def _rows(self, distances: npt.ArrayLike) -> np.ndarray:
        d = reals(self._lib, distances)
        shape = (len(self), self._parts)
        if d.shape[1:] != shape[: d.ndim - 1] or d.ndim < 2 + (self._parts > 1):
            raise ValueError("expected a matrix of candidates x observations (x parts)")
        return d

    def _workspace(self) -> Any:
        return workspace(self._lib, self._lib.gp_workspace_size(len(self)))


def calibration(
    values: npt.ArrayLike,
    means: npt.ArrayLike,
    variances: npt.ArrayLike,
    level: float = 0.9,
    *,
    library: Optional[Library] = None,
) -> Calibration:
    """How well any predictions fit what was found; ``variances`` with noise."""
    lib = library or default_library()
    y, m, v = (reals(lib, x).reshape(-1) for x in (values, means, variances))
    if not y.size == m.size == v.size:
        raise ValueError("expected as many means and variances as values")
    found = lib.Calibration()
    lib.check(
        lib.predictions_calibration(
            y.size, y.ctypes.data, m.ctypes.data, v.ctypes.data, level, ctypes.byref(found)
        )
    )
    return _calibration(found)


def transform(values: npt.ArrayLike, kind: str = "soft", *, library: Optional[Library] = None) -> np.ndarray:
    """Transforms values of which lower is better and standardises them."""
    lib = library or default_library()
    y = reals(lib, values).reshape(-1)
    out = np.zeros_like(y)
    lib.check(lib.values_transform(TRANSFORMS[kind], y.size, y.ctypes.data, out.ctypes.data))
    return out
