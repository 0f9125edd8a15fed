"""A file, whatever it is packed in: as a stream of unpacked bytes, or as bytes to go back and forth in.

What it unpacks to is measured on the way and bounded: a packed file may hold a thousand times its size and more.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from monitoring.errors import TableRefused
from monitoring.tables.archive import Archive, open_archive, read_mimetype
from monitoring.tables.formats import OLE2, book_kind, compression_of, is_zip
from monitoring.tables.limits import MEGABYTE, Limits
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import Compression, ReadOptions

START_BYTES = 1 << 12
_CODECS = {"gzip": "gzip", "zstd": "zstd", "bzip2": "bz2"}
_PIECE = 1 << 20

UNREADABLE = (pa.ArrowException, OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""What reading damaged packed bytes raises; RuntimeError is zipfile's for a password and for an unknown method."""


class Meter:
    """Lets unpacked bytes through until there are too many."""

    def __init__(self, label: str, packed: int, limits: Limits) -> None:
        self._label = label
        self._allowed = limits.allowed(packed)
        self.bytes = 0

    def __call__(self, buffer: Any) -> Any:
        """The same buffer. Raises TableRefused when that is more than the packed file may hold."""
        self.count(len(buffer))
        return buffer

    def count(self, count: int) -> None:
        """Count bytes. Raises TableRefused when they are more than the packed file may hold."""
        self.bytes += count
        if self.bytes > self._allowed:
            raise TableRefused(
                f"{self._label} unpacks to more than {self._allowed // MEGABYTE:,} MB, far more than a table of its "
                "size does; send the table unpacked, or let DRIFTLINE_UNPACKED_MB allow more."
            )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A stream of unpacked bytes.

    Attributes:
        stream: what to read from, a `pyarrow.NativeFile`.
        share: tells the share of the file that was read, in [0, 1].
        close: lets go of the file.
    """

    stream: Any
    share: Callable[[], float]
    close: Callable[[], None]


class PackedFile:
    """A file that may be packed.

    Args:
        path: the file.
        name: what the person calls it.
        options: what the person says about it: which file of a zip archive is meant, and more.
        limits: how much it may unpack to.

    Raises:
        TableRefused: it cannot be opened, is no readable archive, or one that holds no or several tables.
    """

    def __init__(self, path: Path, *, name: str, options: ReadOptions, limits: Limits) -> None:
        self.path = path
        self.label = shown(name, 120)
        self.limits = limits
        self.options = options
        try:
            self.size = path.stat().st_size
            with path.open("rb") as file:
                outer = file.read(START_BYTES)
        except OSError as error:
            raise TableRefused(f"{self.label} cannot be opened: {error.strerror}.") from error
        self.archive: Archive | None = None
        self.compression: Compression = compression_of(outer)
        if is_zip(outer):
            self.archive = open_archive(path, label=self.label, wanted=options.member, limits=limits)
            self.compression = "zip" if self.archive.member else ""
        self.start = outer if not self.compression else self._unpacked_start()

    @property
    def member(self) -> str:
        """The file that is read out of a zip archive, "" without one."""
        return self.archive.member if self.archive is not None and self.archive.member else ""

    @property
    def members(self) -> tuple[str, ...]:
        """The files of a zip archive that may be read."""
        return self.archive.members if self.archive is not None and self.archive.member else ()

    @property
    def book(self) -> Literal["", "excel", "xls", "ods"]:
        """Which kind of workbook the file is, or what is packed in it; "" when it is none."""
        if self.archive is not None and self.archive.book:
            return self.archive.book
        if self.start.startswith(OLE2):
            return "xls"
        return self._packed_book() if self.compression and is_zip(self.start) else ""

    def _packed_book(self) -> Literal["", "excel", "ods"]:
        try:
            with self.random_access() as data, zipfile.ZipFile(io.BufferedReader(data)) as archive:
                return book_kind(set(archive.namelist()), read_mimetype(archive))
        except (*UNREADABLE, ValueError):
            return ""

    def open(self) -> Unpacked:
        """The unpacked bytes from the start. Raises TableRefused when the packed file is damaged."""
        with self.guarded():
            return self._opened()

    def _opened(self) -> Unpacked:
        if self.compression == "zip":
            return self._open_member()
        file = pa.OSFile(str(self.path))
        stream = file
        if self.compression:
            unpacked = pa.CompressedInputStream(file, _CODECS[self.compression])
            stream = pa.TransformInputStream(unpacked, Meter(self.label, self.size, self.limits))

        def share() -> float:
            return min(1.0, float(file.tell()) / max(1, self.size))

        def close() -> None:
            stream.close()
            file.close()

        return Unpacked(stream, share, close)

    def _open_member(self) -> Unpacked:
        archive = zipfile.ZipFile(self.path)
        info = archive.getinfo(self.member)
        meter = Meter(self.label, info.compress_size, self.limits)
        try:
            file = pa.PythonFile(archive.open(info), mode="r")
        except (UnicodeDecodeError, struct.error) as error:  # of the name that stands before the file itself
            archive.close()
            raise zipfile.BadZipFile from error
        stream = pa.TransformInputStream(file, meter)

        def share() -> float:
            return min(1.0, meter.bytes / max(1, info.file_size))

        def close() -> None:
            stream.close()
            archive.close()

        return Unpacked(stream, share, close)

    def _unpacked_start(self) -> bytes:
        with self.guarded():
            opened = self._opened()
            try:
                return bytes(opened.stream.read(START_BYTES))
            finally:
                opened.close()

    @contextmanager
    def random_access(self) -> Iterator[Any]:
        """The unpacked bytes as a `pyarrow.NativeFile` to seek in; packed ones are unpacked in memory, if they are few.

        Raises:
            TableRefused: they are too many, or damaged.
        """
        if not self.compression:
            with pa.OSFile(str(self.path)) as file:
                yield file
            return
        yield pa.BufferReader(self._in_memory())

    def _in_memory(self) -> bytes:
        pieces, total = [], 0
        with self.guarded():
            opened = self._opened()
            try:
                while piece := opened.stream.read(_PIECE):
                    pieces.append(bytes(piece))
                    total += len(piece)
                    if total > self.limits.in_memory:
                        raise TableRefused(
                            f"{self.label} holds a file of more than {self.limits.in_memory // MEGABYTE:,} MB that "
                            "cannot be read while it is packed; unpack it and send it as it is."
                        )
            finally:
                opened.close()
        return b"".join(pieces)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Damage that is found inside becomes a sentence."""
        try:
            yield
        except UNREADABLE as error:
            raise TableRefused(self.damaged(error)) from error

    def damaged(self, error: Exception) -> str:
        """The sentence for a packed file that cannot be read."""
        if isinstance(error, RuntimeError) and "password" in str(error):
            return f"{self.label} is protected by a password; send it without one."
        if isinstance(error, NotImplementedError):
            return f"{self.label} is packed in a way that cannot be read here; pack it as an ordinary zip or gzip file."
        return f"{self.label} cannot be read: it is a damaged or cut-off file; send it again."
