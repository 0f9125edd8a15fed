"""A file of text as a stream of UTF-8 bytes: unpacked, transcoded, without byte order mark."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from monitoring.errors import TableRefused
from monitoring.tables.encodings import UTF8, Encoding, Mender, Transcoder, find_encoding
from monitoring.tables.packed_file import PackedFile

HEAD_BYTES = 1 << 20
"""How much of a file is looked at to find its encoding, delimiter and header; a header must be shorter."""


@dataclass(frozen=True, slots=True)
class OpenedText:
    """A stream of UTF-8 bytes.

    Attributes:
        stream: what to read from, a `pyarrow.NativeFile`.
        mender: what made it UTF-8 and tells whether that went well; None when the bytes come as they are.
        share: tells the share of the file that was read, in [0, 1].
        close: lets go of the file.
    """

    stream: Any
    mender: Mender | Transcoder | None
    share: Callable[[], float]
    close: Callable[[], None]


class TextFile:
    """A file of text, looked at and not yet read.

    Args:
        packed: the file.
        encoding: what a person says it is encoded in.

    Raises:
        TableRefused: it is damaged, empty, no clean text, or not encoded as it says.
    """

    def __init__(self, packed: PackedFile, *, encoding: str | None = None) -> None:
        self.packed = packed
        self.label = packed.label
        with packed.guarded():
            opened = packed.open()
            try:
                start = bytes(opened.stream.read(HEAD_BYTES))
            finally:
                opened.close()
        self.whole = len(start) < HEAD_BYTES
        self.encoding: Encoding = find_encoding(start, whole=self.whole, said=encoding)
        self.head = self._decoded(start[self.encoding.mark :])
        if not self.head.strip():
            raise TableRefused(f"{self.label} is empty; choose a file with a header line and rows.")
        if b"\x00" in self.head:
            row = self.head[: self.head.index(b"\x00")].count(b"\n") + 1
            raise TableRefused(
                f"{self.label} holds NUL bytes (first in line {row:,}), so it is no clean text; "
                "save it as CSV in UTF-8 and try again."
            )

    def open(self, *, skip: int = 0, careful: bool = True) -> OpenedText:
        """The text from `skip` bytes after its start on, counted in UTF-8.

        Without `careful` text that should be UTF-8 comes as it is, not copied and not looked at.
        """
        opened = self.packed.open()
        plain = self.encoding.name == UTF8
        if plain and not careful:
            _pass_over(opened.stream, self.encoding.mark + skip)
            return OpenedText(opened.stream, None, opened.share, opened.close)
        _pass_over(opened.stream, self.encoding.mark)
        if plain:  # what is broken above the rows is longer once it is mended: it must not move their start
            mender = Mender()
            _pass_over(opened.stream, skip, mender)
            stream = pa.TransformInputStream(opened.stream, mender)
            return OpenedText(stream, mender, opened.share, opened.close)
        transcoder = Transcoder(self.encoding)
        stream = pa.TransformInputStream(opened.stream, transcoder)
        _pass_over(stream, skip)
        return OpenedText(stream, transcoder, opened.share, opened.close)

    def _decoded(self, start: bytes) -> bytes:
        if self.encoding.name == UTF8:
            return start
        decoder = codecs.getincrementaldecoder(self.encoding.name)("strict" if self.encoding.is_wide else "replace")
        try:
            return decoder.decode(start, final=self.whole).encode()
        except UnicodeError as error:
            raise TableRefused(self.broken_encoding()) from error

    def broken_encoding(self) -> str:
        """The sentence for text whose encoding is broken."""
        return f"{self.label}: its encoding {self.encoding.name} is broken; save it as CSV in UTF-8 and try again."


def _pass_over(stream: Any, count: int, mender: Mender | None = None) -> None:
    """Leave out bytes; a mender is told of them."""
    if mender is None and stream.seekable():
        stream.seek(count, 1)
        return
    while count > 0:
        piece = stream.read(min(count, HEAD_BYTES))
        if not piece:
            return
        count -= len(piece)
        if mender is not None:
            mender(piece)
