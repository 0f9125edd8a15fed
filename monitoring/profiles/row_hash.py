"""A seeded hash of each row's content: the same for equal rows, whatever the batch they come in. Pure.

Column by column h becomes (h xor bits) times an odd number, its bytes then turned round, since a product carries
upwards only: an injective step, so that rows which differ in one number never collide. SplitMix64 (`mixed`) makes the
result uniform, which a sample of the smallest hashes needs. Every pass is in place on a chunk of rows that stays in the
cache.
Not for secrets: whoever chooses the rows can choose the hashes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from monitoring.profiles.grid import Floats, Ints
from monitoring.profiles.sample import mixed

Hashes = NDArray[np.uint64]
Bits = Callable[[int, Hashes], None]
"""Writes 64 bits for each of the rows from a number on."""

CHUNK = 32_768
"""Rows that are hashed together: hashes and bits of a column take 512 kB."""
ODD = np.uint64(0x9E3779B97F4A7C15)
NO_TEXT, NO_TIME = np.uint64(0xA5A5A5A5A5A5A5A5), np.iinfo(np.int64).min
WORD = 8
"""Bytes of a text that are hashed at once."""
FIRST_BYTES = np.array([(1 << 8 * i) - 1 for i in range(WORD + 1)], dtype=np.uint64)
"""Masks of the first 0 to 8 bytes of a little-endian word."""


def hash_rows(rows: pa.Table | pa.RecordBatch, seed: int) -> Hashes:
    """Hashes (n,) of the rows' content, whatever the order of the columns.

    Numbers are equal as float64 (-0 equals 0, missing equals NaN), times to the microsecond, everything else as text.
    """
    hashes = np.full(rows.num_rows, mixed(np.zeros(1, np.uint64), seed)[0], dtype=np.uint64)
    columns = [_bits(_whole(rows.column(name))) for name in sorted(rows.schema.names)]
    buffer = np.empty(min(CHUNK, len(hashes)), dtype=np.uint64)
    for start in range(0, len(hashes), CHUNK):
        chunk = hashes[start : start + CHUNK]
        bits = buffer[: len(chunk)]
        for write in columns:
            write(start, bits)
            _stir(chunk, bits)
        chunk[:] = mixed(chunk, 0)
    return hashes


def _stir(hashes: Hashes, bits: Hashes) -> None:
    """Take `bits` (n,) into `hashes` (n,), in place."""
    np.bitwise_xor(hashes, bits, out=hashes)
    np.multiply(hashes, ODD, out=hashes)
    hashes.byteswap(inplace=True)


def _bits(column: pa.Array) -> Bits:
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return _number_bits(np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False)))
    if pa.types.is_timestamp(kind):
        times = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
        return _time_bits(np.asarray(pc.fill_null(times, NO_TIME).to_numpy(zero_copy_only=False)))
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return _coded_bits(column)
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return _text_bits(column if texts else column.cast(pa.string()))


def _number_bits(values: Floats) -> Bits:
    def write(start: int, bits: Hashes) -> None:
        floats = bits.view(np.float64)
        np.add(values[start : start + len(bits)], 0.0, out=floats)
        if np.isnan(np.minimum.reduce(floats)):
            floats[np.isnan(floats)] = np.nan

    return write


def _time_bits(times: Ints) -> Bits:
    def write(start: int, bits: Hashes) -> None:
        np.copyto(bits, times[start : start + len(bits)].view(np.uint64))

    return write


def _coded_bits(texts: pa.Array) -> Bits:
    """Those of dictionary-encoded text: each distinct one is hashed once."""
    of_level = np.full(len(texts.dictionary) + 1, NO_TEXT, dtype=np.uint64)
    if len(texts.dictionary):
        _text_bits(texts.dictionary)(0, of_level[:-1])
    codes = pc.fill_null(texts.indices, len(texts.dictionary)).to_numpy(zero_copy_only=False)

    def write(start: int, bits: Hashes) -> None:
        np.copyto(bits, of_level[codes[start : start + len(bits)]])

    return write


def _text_bits(texts: pa.Array) -> Bits:
    """Texts eight bytes at a time from where they begin, the last ones cut, and their lengths."""
    missing = np.asarray(pc.is_null(texts).to_numpy(zero_copy_only=False)) if texts.null_count else None
    texts = texts if missing is None else pc.fill_null(texts, "")
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64 if pa.types.is_large_string(texts.type) else np.int32)
    offsets = offsets[texts.offset : texts.offset + len(texts) + 1]

    def write(start: int, bits: Hashes) -> None:
        ends = offsets[start : start + len(bits) + 1]
        lengths = np.diff(ends).astype(np.uint64)
        if lengths.max(initial=0) <= WORD:
            padded = pc.ascii_rpad(texts.slice(start, len(bits)), width=WORD, padding="\0")
            np.copyto(bits, np.frombuffer(padded.buffers()[2], dtype=np.uint64)[padded.offset :][: len(bits)])
        else:
            content = np.frombuffer(texts.buffers()[2], dtype=np.uint8)[ends[0] : ends[-1]]
            _long_texts(content, ends[:-1] - ends[0], lengths.astype(np.int64), bits)
        np.multiply(lengths, ODD, out=lengths)
        np.add(bits, lengths, out=bits)
        if missing is not None:
            bits[missing[start : start + len(bits)]] = NO_TEXT

    return write


def _long_texts(content: NDArray[np.uint8], begins: NDArray[np.integer], lengths: Ints, bits: Hashes) -> None:
    """Write texts of any length into `bits`: for those of up to eight bytes, their bytes."""
    padded = np.concatenate((content, np.zeros(WORD, dtype=np.uint8)))
    words = as_strided(padded[:WORD].view(np.uint64), shape=(len(content) + 1,), strides=(1,))
    np.bitwise_and(words[begins], FIRST_BYTES[np.minimum(lengths, WORD)], out=bits)
    for done in range(WORD, int(lengths.max()), WORD):
        longer = np.flatnonzero(lengths > done)
        stirred = bits[longer]
        _stir(stirred, words[begins[longer] + done] & FIRST_BYTES[np.minimum(lengths[longer] - done, WORD)])
        bits[longer] = stirred


def _whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
