"""Arrays in, arrays out, and the memory that the library asks for."""

from __future__ import annotations

import ctypes
import threading
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ._abi import SIZE_MAX, HotnasError, Library

_local = threading.local()


def memory(size: int) -> npt.NDArray[np.uint64]:
    """Aligned memory of at least ``size`` bytes."""
    if size == SIZE_MAX:
        raise HotnasError(4, "a count or size overflows, or an argument is not valid")
    return np.zeros((size + 7) // 8 + 1, dtype=np.uint64)


def workspace(library: Library, size: int) -> Any:
    """A pointer to a workspace of this thread with at least ``size`` bytes."""
    known: dict[int, tuple[Any, npt.NDArray[np.uint64]]] = _local.__dict__.setdefault("workspaces", {})
    entry = known.get(id(library))
    if entry is None or entry[1].nbytes < size:
        lent = memory(max(size, 1 << 16))
        handle = library.Workspace()
        library.check(library.workspace_init(ctypes.byref(handle), lent.ctypes.data, lent.nbytes))
        entry = known[id(library)] = (handle, lent)
    return ctypes.byref(entry[0])


def reals(library: Library, values: npt.ArrayLike, shape: Optional[tuple[int, ...]] = None) -> np.ndarray:
    """A contiguous array of the library's precision; an error unless it has that shape."""
    array = np.ascontiguousarray(values, dtype=library.dtype)
    if shape is not None and array.shape != shape:
        raise ValueError(f"expected an array of shape {shape}, not {array.shape}")
    return array


def octets(values: npt.ArrayLike, shape: Optional[tuple[int, ...]] = None) -> npt.NDArray[np.uint8]:
    """A contiguous array of bytes; an error for numbers that are none."""
    given = np.asarray(values)
    if given.size and (given.min() < 0 or given.max() > 255):
        raise ValueError("expected numbers from 0 to 255")
    array = np.ascontiguousarray(given, dtype=np.uint8)
    if shape is not None and array.shape != shape:
        raise ValueError(f"expected an array of shape {shape}, not {array.shape}")
    return array


def address(array: Optional[np.ndarray]) -> Optional[int]:
    """The address of the first element, ``None`` for no array."""
    return None if array is None else array.ctypes.data
