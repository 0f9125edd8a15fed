"""UUIDs as people and programs write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_BYTES, _LENGTH = 16, 36
_DASHES = (8, 13, 18, 23)
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def uuid_texts(values: Any) -> Any:
    """UUIDs of 16 bytes each as text: 8-4-4-4-12 digits to the base 16.

    >>> uuid_texts(pa.array([bytes(range(16)), None], pa.binary(16))).to_pylist()
    ['00010203-0405-0607-0809-0a0b0c0d0e0f', None]
    """
    data = values.buffers()[1]
    if data is None:
        return pa.nulls(len(values), pa.string())
    start = values.offset * _BYTES
    given = np.frombuffer(data, np.uint8)[start : start + len(values) * _BYTES].reshape(len(values), _BYTES)
    text = np.full((len(values), _LENGTH), ord("-"), np.uint8)
    places = np.delete(np.arange(_LENGTH), _DASHES)
    text[:, places[::2]], text[:, places[1::2]] = _DIGITS[given >> 4], _DIGITS[given & 15]
    plain = pa.Array.from_buffers(pa.binary(_LENGTH), len(values), [None, pa.py_buffer(text.tobytes())])
    return pc.if_else(values.is_valid(), plain.cast(pa.string()), pa.scalar(None, pa.string()))
