"""Arrays in, arrays out, and the memory that the library asks for."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional

import numpy as np
import numpy.typing as npt

from ._abi import SIZE_MAX, HotnasError, Library

if TYPE_CHECKING:
    from typing_extensions import Self

_local = threading.local()


def _make(call: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return call(*given, **named)


class Remade:
    """An object that is pickled as the call which made it: its memory and pointers cannot travel."""

    _made: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *given: Any, **named: Any) -> Self:
        made = super().__new__(cls)
        made._made = (cls, given, named)
        return made

    def __reduce__(self) -> Any:
        return _make, self._made


def memory(size: int) -> npt.NDArray[np.uint64]:
    """Aligned memory of at least ``size`` bytes."""
    if size == SIZE_MAX:
        raise HotnasError(4, "a count or size overflows, or an argument is not valid")
    return np.zeros((size + 7) // 8 + 1, dtype=np.uint64)


class Workspace:
    """Memory for one call at a time, which grows with what is asked of it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._handle, self._memory = library.Workspace(), memory(0)

    def of(self, size: int) -> Any:
        """A pointer to it, with at least ``size`` bytes."""
        if self._memory.nbytes < max(size, 1 << 16):
            self._memory = memory(max(size, 1 << 16))
            self._library.check(
                self._library.workspace_init(
                    ctypes.byref(self._handle), self._memory.ctypes.data, self._memory.nbytes
                )
            )
        return ctypes.byref(self._handle)


def workspace(library: Library, size: int) -> Any:
    """A pointer to a workspace of this thread with at least ``size`` bytes, for a call without callbacks."""
    known: dict[int, Workspace] = _local.__dict__.setdefault("workspaces", {})
    return known.setdefault(id(library), Workspace(library)).of(size)


def reals(library: Library, values: npt.ArrayLike, shape: Optional[tuple[int, ...]] = None) -> np.ndarray:
    """A contiguous array of the library's precision; an error unless it has that shape."""
    array = np.ascontiguousarray(values, dtype=library.dtype)
    if shape is not None and array.shape != shape:
        raise ValueError(f"expected an array of shape {shape}, not {array.shape}")
    return array


def octets(values: npt.ArrayLike, shape: Optional[tuple[int, ...]] = None) -> npt.NDArray[np.uint8]:
    """A contiguous array of bytes; an error for numbers that are none."""
    given = np.asarray(values)
    if given.size and (given.dtype.kind not in "iub" or given.min() < 0 or given.max() > 255):
        raise ValueError("expected whole numbers from 0 to 255")
    array = np.ascontiguousarray(given, dtype=np.uint8)
    if shape is not None and array.shape != shape:
        raise ValueError(f"expected an array of shape {shape}, not {array.shape}")
    return array


def edges(values: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Pairs (from, to) of node numbers, one in a row."""
    pairs = octets(values)
    if pairs.size == 0:
        return pairs.reshape(0, 2)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(f"expected pairs (from, to), not an array of shape {pairs.shape}")
    return pairs


def address(array: Optional[np.ndarray]) -> Optional[int]:
    """The address of the first element, ``None`` for no array."""
    return None if array is None else array.ctypes.data
