"""Finds the compiled `loops.c`, and refuses what was compiled from another text."""

from __future__ import annotations

import ctypes
import hashlib
from ctypes import c_char_p, c_double, c_int64, c_void_p
from importlib.resources import files
from importlib.resources.abc import Traversable

SOURCE = "loops.c"
COMPILED = "loops.so"


class Found(ctypes.Structure):
    """`struct comparison` of the source."""

    _fields_ = (
        ("gap", c_int64),
        ("gap_bound", c_int64),
        ("cell", c_int64),
        ("within", c_int64),
        ("value", c_double),
        ("bounds", c_double * 2),
        ("places", c_int64 * 6),
    )


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
    array, number, real = c_void_p, c_int64, c_double
    library.driftline_count.restype = number
    library.driftline_count.argtypes = (array, number, array, number, array, real, real, real, *6 * (array,))
    library.driftline_compare.restype = None
    library.driftline_compare.argtypes = (
        *(number, array, number, real, real),
        *(number, array, array, number),
        *(array, array, array),
    )
    library.driftline_wasserstein.restype = real
    library.driftline_wasserstein.argtypes = (
        *(number, array, array, array),
        *(number, array, array, array),
        *(array, number),
    )
    library.driftline_inside.restype = real
    library.driftline_inside.argtypes = (*5 * (number,), array)
    library.driftline_texts.restype = number
    library.driftline_texts.argtypes = (
        *(array, array, number),
        *(array, number, array, number, array, number),
        *(array, array, number, array, array),
    )
    return library
