"""A profile as bytes and back: versioned, without pickle. Pure."""

from __future__ import annotations

import io
import json
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from monitoring.profiles.blocks import Blocks
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.profile import Profile, ProfileMismatch

FORMAT = 1


def encode_profile(profile: Profile) -> bytes:
    """The profile as a compressed archive of arrays with a JSON header."""
    arrays: dict[str, NDArray[Any]] = {"ids": profile.blocks.ids, "rows": profile.blocks.rows}
    columns: dict[str, dict[str, Any]] = {}
    for i, (name, counts) in enumerate(profile.columns.items()):
        arrays[f"cells{i}"] = counts.cells
        arrays[f"blocks{i}"] = profile.blocks.columns[name]
        columns[name] = _header(counts)
    header = {
        "format": FORMAT,
        "reference": profile.reference,
        "rows": profile.rows,
        "columns": columns,
    }
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
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
            names = list(header["columns"])
            columns = {name: _counts(header["columns"][name], arrays[f"cells{i}"]) for i, name in enumerate(names)}
            blocks = Blocks(
                ids=arrays["ids"],
                rows=arrays["rows"],
                columns={name: arrays[f"blocks{i}"] for i, name in enumerate(names)},
            )
            return Profile(header["reference"], header["rows"], columns, blocks)
    except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
        raise ProfileMismatch("These bytes are not a profile, or they are damaged.") from error


def _header(counts: Counts) -> dict[str, Any]:
    if isinstance(counts, NumericCounts):
        return {
            "kind": "numeric",
            "missing": counts.missing,
            "infinite": counts.infinite,
            "total": counts.total,
            "extremes": [counts.lowest, counts.highest] if counts.present else [],
        }
    return {
        "kind": "category",
        "missing": counts.missing,
        "unseen": dict(counts.unseen),
        "unseen_rows": counts.unseen_rows,
    }


def _counts(header: dict[str, Any], cells: NDArray[np.int64]) -> Counts:
    if header["kind"] == "numeric":
        lowest, highest = header["extremes"] or (np.inf, -np.inf)
        return NumericCounts(
            cells=cells,
            missing=header["missing"],
            infinite=header["infinite"],
            total=header["total"],
            lowest=lowest,
            highest=highest,
        )
    return CategoryCounts(
        cells=cells, missing=header["missing"], unseen=header["unseen"], unseen_rows=header["unseen_rows"]
    )
