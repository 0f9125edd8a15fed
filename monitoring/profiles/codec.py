"""A profile as bytes and back: versioned, without pickle. Pure."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from monitoring.profiles.blocks import Blocks
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import Ints
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Profile

FORMAT = 3


def encode_profile(profile: Profile) -> bytes:
    """The profile as a compressed archive of arrays with a JSON header."""
    counts = list(profile.columns.values())
    numbers = [column.sums for column in counts if isinstance(column, NumericCounts)]
    blocks = profile.blocks
    header = {
        "format": FORMAT,
        "reference": profile.reference,
        "rows": profile.rows,
        "points": profile.points,
        "left_out": blocks.left_out,
        "columns": {
            name: {**_header(column), "cells": len(column.cells), "coarse": blocks.columns[name].shape[1]}
            for name, column in profile.columns.items()
        },
    }
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "ids": blocks.ids,
        "rows": blocks.rows,
        "cells": _narrow(np.concatenate([column.cells for column in counts])),
        "sums": np.concatenate([np.zeros(0), *numbers]),
        "blocks": _narrow(np.concatenate(list(blocks.columns.values()), axis=1)),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def decode_profile(data: bytes) -> Profile:
    """The profile that `encode_profile` wrote. Raises `ProfileMismatch` when the bytes are something else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            if header["format"] != FORMAT:
                raise ProfileMismatch(f"This profile has format {header['format']}; this version reads {FORMAT}.")
            return _decoded(header, arrays)
    except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
        raise ProfileMismatch("These bytes are not a profile, or they are damaged.") from error


def _decoded(header: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Profile:
    described = header["columns"]
    cells, sums = arrays["cells"].astype(np.int64), arrays["sums"]
    blocks = arrays["blocks"].astype(np.int64)
    columns: dict[str, Counts] = {}
    coarse: dict[str, Ints] = {}
    at = at_sums = at_blocks = 0
    for name, column in described.items():
        own = cells[at : at + column["cells"]]
        open_cells = (len(own) + 1) // 2 if column["kind"] == "numeric" else 0
        columns[name] = _counts(column, own, sums[at_sums : at_sums + open_cells])
        coarse[name] = blocks[:, at_blocks : at_blocks + column["coarse"]]
        at, at_sums, at_blocks = at + column["cells"], at_sums + open_cells, at_blocks + column["coarse"]
    return Profile(
        reference=header["reference"],
        rows=header["rows"],
        columns=columns,
        blocks=Blocks(ids=arrays["ids"], rows=arrays["rows"], columns=coarse, left_out=header["left_out"]),
        points=header["points"],
    )


def _narrow(counts: Ints) -> NDArray[Any]:
    """The same counts in the smallest type that holds them."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))


def _header(counts: Counts) -> dict[str, Any]:
    if isinstance(counts, NumericCounts):
        return {
            "kind": "numeric",
            "missing": counts.missing,
            "above_all": counts.above_all,
            "below_all": counts.below_all,
            "not_numbers": counts.not_numbers,
            "total": counts.total,
            "extremes": [counts.lowest, counts.highest] if counts.present else [],
        }
    return {
        "kind": "category",
        "missing": counts.missing,
        "unseen": dict(counts.unseen),
        "unseen_rows": counts.unseen_rows,
    }


def _counts(header: dict[str, Any], cells: Ints, sums: NDArray[np.float64]) -> Counts:
    if header["kind"] == "numeric":
        lowest, highest = header["extremes"] or (np.inf, -np.inf)
        return NumericCounts(
            cells=cells,
            sums=sums,
            missing=header["missing"],
            above_all=header["above_all"],
            below_all=header["below_all"],
            not_numbers=header["not_numbers"],
            total=header["total"],
            lowest=lowest,
            highest=highest,
        )
    return CategoryCounts(
        cells=cells, missing=header["missing"], unseen=header["unseen"], unseen_rows=header["unseen_rows"]
    )
