"""Finds the compiled `loops.c`, and refuses one that was compiled from another text."""

from __future__ import annotations

import ctypes
import hashlib
from ctypes import c_char_p, c_double, c_int64, c_void_p
from importlib.resources import files
from importlib.resources.abc import Traversable

SOURCE = "loops.c"
COMPILED = "loops.so"


def load(folder: Traversable | None = None) -> ctypes.CDLL | None:
    """The compiled functions of this package's folder; None where they were not compiled, or not from its source."""
    folder = folder or files(__package__)
    try:
        library = ctypes.CDLL(str(folder / COMPILED))
    except OSError:
        return None
    library.driftline_source.restype = c_char_p
    if library.driftline_source() != hashlib.sha256((folder / SOURCE).read_bytes()).hexdigest().encode():
        return None
    side = (c_int64, c_void_p)
    batch = (c_int64, c_void_p, c_void_p, c_void_p, c_int64)
    library.driftline_count.restype = c_int64
    library.driftline_count.argtypes = (c_void_p, c_int64, c_void_p, c_int64, *5 * (c_void_p,))
    library.driftline_gap.restype = c_int64
    library.driftline_gap.argtypes = (*side, c_int64, *batch, *5 * (c_void_p,))
    library.driftline_cvm.restype = None
    library.driftline_cvm.argtypes = (*side, *batch, c_double, c_double, c_void_p)
    library.driftline_wasserstein.restype = c_double
    library.driftline_wasserstein.argtypes = (c_void_p, c_int64, c_void_p, c_int64)
    library.driftline_place.restype = c_int64
    library.driftline_place.argtypes = (c_void_p, c_void_p, c_void_p, c_int64, c_int64)
    return library
