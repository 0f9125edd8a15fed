"""Typed columns of Parquet and Arrow files as the conversions take them: no dictionaries, views or runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.errors import TableRefused
from monitoring.tables.packed_file import Meter
from monitoring.tables.quoting import shown
from monitoring.tables.uuids import uuid_texts
from monitoring.tables.zones import in_known_zone, known_zone

TEXT_BYTES = 32 << 20
"""Text that a column of one batch may hold. A dictionary lets a few kilobytes stand for gigabytes."""
CELL_BYTES = 4 << 20
"""Longest text of one cell; what is longer is no category and no id."""


def can_be_read(kind: Any) -> bool:
    """Whether values of this type can be read: single ones (no lists, structs, maps, unions), times of a known zone."""
    return not _why_not(kind)


def holds_text(kind: Any) -> bool:
    """Whether a column of this type holds text, or bytes that may be text, whatever it is kept in."""
    return _is_texty(_single(kind))


def refuse_unreadable(label: str, name: str, kind: Any) -> None:
    """Raises TableRefused for a column whose values cannot be read."""
    if why := _why_not(kind):
        raise TableRefused(f"{label}: {shown(name)} holds {why}.")


def _why_not(kind: Any) -> str:
    """What a column of this type holds that cannot be read and how to mend it, "" when it can be."""
    single = _single(kind)
    if pa.types.is_nested(single) or pa.types.is_union(single):
        return f"{shown(str(kind))}, not single values; flatten it first"
    zone = getattr(single, "tz", None)
    if zone and known_zone(zone) is None:
        return (
            f'times of the zone "{shown(zone)}", which is not known here; write them in UTC, or in a zone by its usual '
            "name (Europe/Paris)"
        )
    return ""


def _single(kind: Any) -> Any:
    """The type of the values, whatever they are kept in."""
    if isinstance(kind, pa.BaseExtensionType):
        return _single(kind.storage_type)
    if pa.types.is_run_end_encoded(kind) or pa.types.is_dictionary(kind):
        return _single(kind.value_type)
    return kind


def pieces_of(columns: list[Any], names: list[str], label: str, meter: Meter) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns in pieces that hold no more than `TEXT_BYTES` of text a column.

    Args:
        columns: valid `pyarrow.Array`s of one length.
        names: their names.
        label: the file's name as shown.
        meter: counts the text, as long as it is written out.

    Raises:
        TableRefused: a single cell is longer than `CELL_BYTES`, or there is too much text.
    """
    bare = [_storage(column) for column in columns]
    total = np.zeros(len(bare[0]) if bare else 0, np.int64)
    for column, name in zip(bare, names, strict=True):
        lengths = _text_lengths(column)
        if lengths is None:
            continue
        if len(lengths) and lengths.max() > CELL_BYTES:
            row = int(np.argmax(lengths)) + 1
            raise TableRefused(
                f"{label}: a cell of {shown(name)} is longer than {CELL_BYTES >> 20} MB (row {row:,} of its batch); "
                "shorten or remove it."
            )
        running = np.cumsum(lengths)
        meter.count(int(running[-1]) if len(running) else 0)
        np.maximum(total, running, out=total)
    start = 0
    while start < len(total) or start == 0:
        stop = _stop(total, start)
        yield tuple(
            _plain(column.slice(start, stop - start), name, label) for column, name in zip(bare, names, strict=True)
        )
        if stop >= len(total):
            return
        start = stop


def _stop(total: NDArray[np.int64], start: int) -> int:
    before = int(total[start - 1]) if start else 0
    return max(start + 1, int(np.searchsorted(total, before + TEXT_BYTES, side="right"))) if len(total) else 0


def _storage(values: Any) -> Any:
    """The values without their extension type; what that says of them is in the values then."""
    if not isinstance(values, pa.ExtensionArray):
        return values
    return uuid_texts(values.storage) if isinstance(values.type, pa.UuidType) else values.storage


def _text_lengths(values: Any) -> NDArray[np.int64] | None:
    """Bytes of each text once it is written out, None for columns without text."""
    if pa.types.is_dictionary(values.type):
        lengths = _text_lengths(values.dictionary)
        if lengths is None or not len(lengths):
            return None
        places = pc.fill_null(values.indices.cast(pa.int64()), 0)
        return np.asarray(lengths[places.to_numpy(zero_copy_only=False)], np.int64)
    if pa.types.is_run_end_encoded(values.type):
        return _run_lengths(values)
    if not _is_texty(values.type):
        return None
    lengths = pc.fill_null(pc.binary_length(_no_view(values)), 0).cast(pa.int64())
    return np.asarray(lengths.to_numpy(zero_copy_only=False), np.int64)


def _run_lengths(values: Any) -> NDArray[np.int64] | None:
    """The same for run-end encoded values, without writing them out."""
    inner = _text_lengths(values.values)
    if inner is None or not len(inner):
        return None
    ends = np.asarray(values.run_ends.to_numpy(zero_copy_only=False), np.int64)
    places = np.searchsorted(ends, np.arange(values.offset, values.offset + len(values)), side="right")
    return inner[np.minimum(places, max(0, len(inner) - 1))]


def _no_view(values: Any) -> Any:
    types = pa.types
    if types.is_string_view(values.type):
        return values.cast(pa.large_string())
    return values.cast(pa.large_binary()) if types.is_binary_view(values.type) else values


def _plain(values: Any, name: str, label: str) -> Any:
    """The same values without dictionary, runs, extension type or view; text as `string`, zones as Arrow knows them."""
    kind = values.type
    try:
        if pa.types.is_run_end_encoded(values.type):
            values = pc.run_end_decode(values)
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
    except pa.ArrowNotImplementedError as error:
        raise TableRefused(
            f"{label}: {shown(name)} holds {shown(str(kind))}, which cannot be read here; write it as plain values."
        ) from error
    values = _storage(values)
    return _text(values) if _is_texty(values.type) else in_known_zone(values)


def _text(values: Any) -> Any:
    """Text, or bytes that are text, as `string`; bytes that are none as they are."""
    try:
        text = values.cast(pa.string())
    except pa.ArrowInvalid:
        if is_bytes(values.type):
            return values
        raise
    text.validate(full=True)
    return text


def is_bytes(kind: Any) -> bool:
    """Whether a column of this type holds bytes, which may be text."""
    types = pa.types
    tests = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _is_texty(kind: Any) -> bool:
    """Whether a column holds text, or bytes that may be text."""
    types = pa.types
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    return any(test(kind) for test in (*texts, types.is_binary, types.is_large_binary, types.is_binary_view))
