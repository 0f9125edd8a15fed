"""Files that people gave, named by the SHA-256 of their content: the same file is kept once, and never half."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from monitoring.durable import abandoned, storing, sync_folder, temporary_name
from monitoring.errors import NotFound, StoreFailed

SPARED = 16_000_000
"""Bytes of the disk that a file of known size leaves free: the database and the reports need some too."""

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class UploadWriter:
    """A file that arrives in pieces. Nobody sees it until it is kept; `sha256` names its content so far.

    Args:
        folder: the folder of the uploads, which is there.

    Raises:
        StoreFailed: a file cannot be made there.
    """

    def __init__(self, folder: Path) -> None:
        self._ended = True  # there is nothing to remove yet
        self._folder = folder
        self._part = folder / temporary_name()
        self._digest = hashlib.sha256()
        self._finished = False
        with storing("The uploaded file"):
            self._file = self._part.open("xb")
        self._ended = False

    def __del__(self) -> None:
        """Who let go of it, as a session does that ends, has no use for it."""
        self.discard()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, piece: bytes | memoryview) -> None:
        """Add a piece. Raises StoreFailed when it cannot be kept."""
        with storing("The uploaded file"):
            self._file.write(piece)
        self._digest.update(piece)

    def finish(self) -> None:
        """Return when all pieces are on the disk; there are no more. Raises StoreFailed."""
        if self._finished:
            return
        with storing("The uploaded file"):
            self._file.flush()
            os.fsync(self._file.fileno())
        self._close()
        self._finished = True

    def keep(self) -> str:
        """Put the file among the uploads. Returns its SHA-256. Raises StoreFailed."""
        self.finish()
        with storing("The uploaded file"):
            self._part.replace(self._folder / self.sha256)
            sync_folder(self._folder)
        self._ended = True
        return self.sha256

    def discard(self) -> None:
        """Remove what came, unless it is kept. Does no harm a second time."""
        if self._ended:
            return
        self._ended = True
        self._close()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _close(self) -> None:
        """The content is on the disk, or is thrown away: what closing says is of no interest."""
        with suppress(OSError):
            self._file.close()


class Uploads:
    """Uploaded files in a folder.

    Args:
        folder: where they are kept; made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, source: bytes | BinaryIO | Iterable[bytes]) -> str:
        """Keep a file given whole, as an open file or in pieces. Returns its SHA-256.

        Raises:
            StoreFailed: it could not be kept; nothing of it stays.
        """
        with self.receiving() as writer:
            for piece in _pieces(source):
                writer.write(piece)
        return writer.sha256

    def begin(self, expected: int = 0) -> UploadWriter:
        """Take in a file piece by piece, to be kept or discarded.

        Args:
            expected: its size in bytes, where that is known: a disk without room for it is told of at once.

        Raises:
            StoreFailed: there is no room for it, or no file can be made.
        """
        with storing("The uploaded file"):
            self._folder.mkdir(parents=True, exist_ok=True)
            left = shutil.disk_usage(self._folder).free
        if expected and expected + SPARED > left:
            raise StoreFailed(
                f"The uploaded file could not be kept in the data folder: it has {_megabytes(expected)}, and of the "
                f"{_megabytes(left)} left on that disk {_megabytes(SPARED)} stay free. Make room there and try again."
            )
        return UploadWriter(self._folder)

    @contextmanager
    def receiving(self) -> Iterator[UploadWriter]:
        """Take in a file piece by piece. It is kept at the end of the block; after an exception nothing of it stays."""
        writer = self.begin()
        try:
            yield writer
            writer.keep()
        finally:
            writer.discard()

    def path(self, sha256: str) -> Path:
        """Where a file lies. Raises NotFound when it was deleted or never came."""
        path = self._path(sha256)
        if not path.is_file():
            raise NotFound("The uploaded file is no longer kept: upload it again.")
        return path

    def has(self, sha256: str) -> bool:
        """Whether a file is still there."""
        return self._path(sha256).is_file()

    def kept(self, *, until: float) -> tuple[str, ...]:
        """SHA-256 of the files that came before `until`, in seconds since 1970."""
        files = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        return tuple(file.name for file in files if _SHA256.fullmatch(file.name) and _came(file) < until)

    def delete(self, sha256: str) -> None:
        """Remove a file, if it is there. Raises StoreFailed when it cannot be removed."""
        with storing("The removal of an uploaded file"):
            self._path(sha256).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what processes that are gone received half."""
        for path in abandoned(self._folder):
            path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise NotFound("That does not name an uploaded file.")
        return self._folder / sha256


def _came(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # removed this moment by somebody else
        return float("inf")


def _megabytes(size: int) -> str:
    return f"{max(size, 0) / 1e6:,.0f} MB"


def _pieces(source: bytes | BinaryIO | Iterable[bytes]) -> Iterator[bytes | memoryview]:
    if isinstance(source, bytes):
        view = memoryview(source)
        yield from (view[start : start + _CHUNK] for start in range(0, len(view), _CHUNK))
    elif isinstance(source, BinaryIO) or hasattr(source, "read"):
        while piece := source.read(_CHUNK):
            yield piece
    else:
        yield from source
