"""Writing files so that a crash at any moment leaves the old content or the new one, never half of either."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from monitoring.errors import StoreFailed
from monitoring.processes import here, is_alive, process_of

_CAUSES = {
    errno.ENOSPC: "the disk is full. Make room there and try again",
    errno.EDQUOT: "the disk quota is used up. Make room there and try again",
    errno.EFBIG: "the file would be larger than the system allows",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "Driftline may not write there",
    errno.EPERM: "Driftline may not write there",
}


@contextmanager
def storing(what: str) -> Iterator[None]:
    """Turn an OSError inside into `StoreFailed`: "`what` could not be kept: the disk is full"."""
    try:
        yield
    except OSError as error:
        cause = _CAUSES.get(error.errno or 0, error.strerror or type(error).__name__)
        raise StoreFailed(f"{what} could not be kept in the data folder: {cause}.") from error


def replace_file(path: Path, content: bytes) -> None:
    """Give `path` this content, atomically and durably. Raises OSError and then leaves the old content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / temporary_name()
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Return when the content of a file is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that one thread of one process has at a time; a process that dies lets go of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        yield


def temporary_name() -> str:
    """A new name for something unfinished, which says whose it is: see `abandoned`."""
    return f".part-{here()}-{secrets.token_hex(4)}"


def abandoned(folder: Path) -> tuple[Path, ...]:
    """What processes that are gone left unfinished in a folder."""
    if not folder.is_dir():
        return ()
    return tuple(path for path in sorted(folder.iterdir()) if _is_abandoned(path.name))


def _is_abandoned(name: str) -> bool:
    if not name.startswith(".part-"):
        return False
    owner = process_of(name.removeprefix(".part-").rsplit("-", 1)[0])
    return owner is None or not is_alive(owner)
