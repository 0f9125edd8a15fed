"""Files that people gave, named by the SHA-256 of their content: the same file is kept once, and never half."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from monitoring.durable import abandoned, storing, sync_folder, temporary_name
from monitoring.errors import NotFound

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class UploadWriter:
    """A file that arrives in pieces. `sha256` names its content so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, piece: bytes | memoryview) -> None:
        """Add a piece. Raises StoreFailed when it cannot be kept."""
        with storing("The uploaded file"):
            self._file.write(piece)
        self._digest.update(piece)


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

    @contextmanager
    def receiving(self) -> Iterator[UploadWriter]:
        """Take in a file piece by piece. It is kept at the end of the block; after an exception nothing of it stays."""
        part = self._folder / temporary_name()
        try:
            with storing("The uploaded file"):
                self._folder.mkdir(parents=True, exist_ok=True)
                file = part.open("xb")
            with _closing(file):
                writer = UploadWriter(file)
                yield writer
                with storing("The uploaded file"):
                    file.flush()
                    os.fsync(file.fileno())
            with storing("The uploaded file"):
                part.replace(self._folder / writer.sha256)
                sync_folder(self._folder)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where a file lies. Raises NotFound when it was deleted or never came."""
        path = self._path(sha256)
        if not path.is_file():
            raise NotFound("The uploaded file is no longer kept: upload it again.")
        return path

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


@contextmanager
def _closing(file: BinaryIO) -> Iterator[None]:
    """Close a file whose content is on the disk, or is thrown away: what closing it says is of no interest."""
    try:
        yield
    finally:
        with suppress(OSError):
            file.close()


def _pieces(source: bytes | BinaryIO | Iterable[bytes]) -> Iterator[bytes | memoryview]:
    if isinstance(source, bytes):
        view = memoryview(source)
        yield from (view[start : start + _CHUNK] for start in range(0, len(view), _CHUNK))
    elif isinstance(source, BinaryIO) or hasattr(source, "read"):
        while piece := source.read(_CHUNK):
            yield piece
    else:
        yield from source
