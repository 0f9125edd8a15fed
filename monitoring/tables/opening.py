"""A file as a stream of UTF-8 bytes: unpacked, transcoded, without byte order mark."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitoring.errors import TableRefused
from monitoring.tables.formats import GZIP, UTF8_MARK, UTF16_MARKS, UTF32_MARKS, foreign_format
from monitoring.tables.quoting import shown

HEAD_BYTES = 1 << 20
"""How much of a file is looked at to find its delimiter and header; a header must be shorter."""


class Mender:
    """Lets UTF-8 through and replaces every byte that is none, so that one bad cell loses no row.

    `mended` tells whether that was necessary.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.mended = False

    def __call__(self, buffer: Any) -> bytes:
        """The next bytes, mended; an empty buffer is the end."""
        chunk = bytes(buffer)
        before, _ = state = self._decoder.getstate()
        if chunk.isascii() and chunk and not before:
            return chunk
        try:
            return self._decoder.decode(chunk, final=not chunk).encode()
        except UnicodeDecodeError:
            self.mended = True
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._decoder.setstate(state)
            return self._decoder.decode(chunk, final=not chunk).encode()


@dataclass(frozen=True, slots=True)
class OpenedText:
    """A stream of UTF-8 bytes and where it comes from.

    Attributes:
        stream: what to read from, a `pyarrow.NativeFile` (pyarrow has no types); as it comes, see `valid`.
        file: the packed file below it, which tells how far reading has come.
        size: bytes of the packed file.
    """

    stream: Any
    file: Any
    size: int

    @property
    def share(self) -> float:
        """Share of the packed bytes read so far, in [0, 1]."""
        return min(1.0, float(self.file.tell()) / max(1, self.size))

    def valid(self) -> tuple[Any, Mender]:
        """The stream with every byte that is not UTF-8 replaced, and what tells whether there was one."""
        mender = Mender()
        return pa.TransformInputStream(self.stream, mender), mender

    def close(self) -> None:
        """Let go of the file."""
        self.stream.close()
        self.file.close()


def open_text(path: Path, *, skip: int = 0) -> OpenedText:
    """Open a file of text, positioned `skip` bytes after its start (counted in UTF-8, after the byte order mark)."""
    file = pa.OSFile(str(path))
    start = file.read(4)
    file.seek(0)
    stream = file
    if start.startswith(GZIP):
        stream = pa.CompressedInputStream(file, "gzip")
        start = pa.CompressedInputStream(pa.OSFile(str(path)), "gzip").read(4)
    encoding = _wide_encoding(start)
    if encoding is not None:
        stream = pa.transcoding_input_stream(stream, encoding, "utf-8")
    elif start.startswith(UTF8_MARK):
        skip += len(UTF8_MARK)
    if skip:
        stream.read(skip)
    return OpenedText(stream, file, path.stat().st_size)


def _wide_encoding(start: bytes) -> str | None:
    if start.startswith(UTF32_MARKS):
        return "utf-32"
    return "utf-16" if start.startswith(UTF16_MARKS) else None


def read_head(path: Path, name: str) -> bytes:
    """The first `HEAD_BYTES` bytes of a file of text, as UTF-8. Raises TableRefused when it is none."""
    label = shown(name, 120)
    try:
        opened = open_text(path)
        try:
            head = bytes(opened.stream.read(HEAD_BYTES))
        finally:
            opened.close()
    except UnicodeError as error:
        raise TableRefused(
            f"{label} starts like UTF-16 but its encoding is broken; save it as CSV in UTF-8 and try again."
        ) from error
    except (OSError, pa.ArrowException) as error:
        raise TableRefused(f"{label} cannot be read: it is a damaged or cut-off file; send it again.") from error
    if not head.strip():
        raise TableRefused(f"{label} is empty; choose a CSV or Parquet file with a header line and rows.")
    looks = foreign_format(head)
    if looks is not None:
        raise TableRefused(f"{label} is no CSV file: it looks like {looks}; save the table as CSV or Parquet.")
    if b"\x00" in head:
        row = head[: head.index(b"\x00")].count(b"\n") + 1
        raise TableRefused(
            f"{label} holds NUL bytes (first in line {row}), so it is no clean text; "
            "save it as CSV in UTF-8 and try again."
        )
    return head
