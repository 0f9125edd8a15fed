"""A profile as bytes and back: versioned, checked, without pickle. Pure.

Magic bytes, the number of the format, a checksum; then a header as JSON, counts per block, counts, sums and the row
sample, each compressed.
"""

from __future__ import annotations

import json
import struct
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from monitoring.profiles.blocks import Blocks
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import Floats, Ints
from monitoring.profiles.merged_sample import MergedSample
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.packing import (
    compress,
    decompress,
    from_surprises,
    pack_floats,
    pack_ints,
    surprises,
    unpack_floats,
    unpack_ints,
)
from monitoring.profiles.profile import Profile

FORMAT = 4
MAGIC = b"driftline profile "
BEFORE = b"PK"
"""How formats before 4 began: archives of arrays."""
START, SECTION = struct.Struct("<HI"), struct.Struct("<II")
"""The number of the format and the checksum of what follows; the bytes of a section before and after compressing."""


def encode_profile(profile: Profile) -> bytes:
    """The profile in few bytes, to the last count."""
    counts, blocks = list(profile.columns.values()), profile.blocks
    numbers = [column for column in counts if isinstance(column, NumericCounts)]
    categories = [column for column in counts if isinstance(column, CategoryCounts)]
    nothing = np.zeros(0, dtype=np.int64)
    per_block = [surprises(blocks.columns[name], blocks.rows).T.ravel() for name in profile.columns]
    cells = [*(one.cells[0::2] for one in numbers), *(one.cells[1::2] for one in numbers)]
    sections = (
        json.dumps(_header(profile)).encode(),
        pack_ints(np.concatenate([nothing, *per_block])),
        pack_ints(np.concatenate([nothing, *cells, *(one.cells for one in categories)])),
        pack_floats(np.concatenate([np.zeros(0), *(one.sums for one in numbers)])),
        b"" if profile.sample is None else _sample_bytes(profile.sample),
    )
    packed = [(len(section), compress(section)) for section in sections]
    body = b"".join(SECTION.pack(size, len(data)) + data for size, data in packed)
    return MAGIC + START.pack(FORMAT, crc32(body)) + body


def decode_profile(data: bytes) -> Profile:
    """The profile that `encode_profile` wrote.

    Raises:
        ProfileMismatch: the bytes are something else, damaged, or in a format that this version does not read.
    """
    if data.startswith(BEFORE):
        raise ProfileMismatch(f"This profile has a format older than {FORMAT}, the one that this version reads.")
    try:
        if not data.startswith(MAGIC):
            raise ValueError("other bytes")
        found, checksum = START.unpack_from(data, len(MAGIC))
        if found != FORMAT:
            raise ProfileMismatch(f"This profile has format {found}; this version reads {FORMAT}.")
        body = data[len(MAGIC) + START.size :]
        if crc32(body) != checksum:
            raise ValueError("damaged")
        return _decoded(*_sections(body))
    except (ValueError, KeyError, TypeError, IndexError, OSError, struct.error) as error:
        raise ProfileMismatch("These bytes are not a profile, or they are damaged.") from error


def _sections(body: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    found, at = [], 0
    for _ in range(5):
        size, stored = SECTION.unpack_from(body, at)
        at += SECTION.size
        found.append(decompress(body[at : at + stored], size))
        at += stored
    header, per_block, cells, sums, sample = found
    return header, per_block, cells, sums, sample


def _decoded(start: bytes, per_block: bytes, cells: bytes, sums: bytes, sample: bytes) -> Profile:
    header = json.loads(start)
    described, points = header["columns"], header["points"]
    rows = np.array(header["block_rows"], dtype=np.int64)
    counts = dict(zip(described, _all_cells(list(described.values()), cells), strict=True))
    columns: dict[str, Counts] = {}
    coarse: dict[str, Ints] = {}
    rest = unpack_ints(per_block, len(rows) * sum(column["coarse"] for column in described.values()))
    floats = unpack_floats(sums)
    for name, column in described.items():
        own, rest = np.split(rest, [len(rows) * column["coarse"]])
        coarse[name] = from_surprises(own.reshape(column["coarse"], len(rows)).T, rows)
        here, floats = np.split(floats, [(column["cells"] + 1) // 2 if column["kind"] == "numeric" else 0])
        columns[name] = _counts(column, counts[name], here)
    return Profile(
        reference=header["reference"],
        rows=header["rows"],
        columns=columns,
        blocks=Blocks(np.array(header["block_ids"], dtype=np.int64), rows, coarse, header["left_out"]),
        points=points,
        sample=_sample(header["sample"], header["reference"], sample) if header["sample"] else None,
    )


def _all_cells(described: list[dict[str, Any]], data: bytes) -> list[Ints]:
    """The cells of each column: open cells of numbers, their points, categories, as they were written."""
    sizes = [column["cells"] for column in described]
    stored = unpack_ints(data, sum(sizes))
    cells = [np.zeros(size, dtype=np.int64) for size in sizes]
    kinds = [column["kind"] for column in described]
    numbers = [own for own, kind in zip(cells, kinds, strict=True) if kind == "numeric"]
    categories = [own for own, kind in zip(cells, kinds, strict=True) if kind != "numeric"]
    for part in (*(own[0::2] for own in numbers), *(own[1::2] for own in numbers), *categories):
        part[:], stored = stored[: len(part)], stored[len(part) :]
    return cells


def _header(profile: Profile) -> dict[str, Any]:
    blocks, sample = profile.blocks, profile.sample
    return {
        "reference": profile.reference,
        "rows": profile.rows,
        "points": profile.points,
        "left_out": blocks.left_out,
        "block_ids": blocks.ids.tolist(),
        "block_rows": blocks.rows.tolist(),
        "sample": sample and {"size": sample.size, "seed": sample.seed, "seen": sample.seen},
        "columns": {
            name: {**_described(counts), "cells": len(counts.cells), "coarse": blocks.columns[name].shape[1]}
            for name, counts in profile.columns.items()
        },
    }


def _described(counts: Counts) -> dict[str, Any]:
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
        "most": counts.most,
    }


def _counts(header: dict[str, Any], cells: Ints, sums: Floats) -> Counts:
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
        cells=cells,
        missing=header["missing"],
        unseen=header["unseen"],
        unseen_rows=header["unseen_rows"],
        most=header["most"],
    )


def _sample_bytes(sample: MergedSample) -> bytes:
    """Its rows as an Arrow stream, their hashes and counts as two more columns behind them."""
    table = sample.rows.append_column("hash", pa.array(sample.hashes)).append_column("count", pa.array(sample.counts))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _sample(header: dict[str, Any], reference: str, data: bytes) -> MergedSample:
    table = pa.ipc.open_stream(data).read_all().combine_chunks()
    hashes, counts = (np.asarray(table.column(place).to_numpy()) for place in (-2, -1))
    rows = table.select(range(table.num_columns - 2))
    return MergedSample(reference, header["size"], header["seed"], header["seen"], hashes, counts, rows)
