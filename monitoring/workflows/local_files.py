"""Files that are checked where they lie, without a copy: what identifies them, how they are read, what is kept of them.

Of up to `KEPT_BYTES` of files all rows are kept, as they were read, in one Parquet file that takes the place of an
upload: the page can draw the report from it, check it again and retrain on it. Of more only a sample is kept, enough
for the report.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from monitoring.contract import Contract, Value
from monitoring.errors import NotFound, TableRefused
from monitoring.history.uploads import Uploads, UploadWriter
from monitoring.profiles.sample import RowSample
from monitoring.progress import Progress
from monitoring.tables.limits import Limits
from monitoring.tables.quoting import counted, listed, shown
from monitoring.tables.reader import RowReader, read_rows
from monitoring.tables.reading import Reading
from monitoring.tables.report import ReadReport
from monitoring.tables.several import RowsFile, SeveralReader
from monitoring.workflows.gathering import Gathered
from monitoring.workflows.report import SAMPLE_ROWS

KEPT_BYTES = 1_000_000_000
"""Files of so many bytes together are kept, as an upload of that size would be."""
_PIECE = 1 << 20


class OrderedFile(Value):
    """A file of rows that is to be checked where it lies.

    Attributes:
        path: where it lies, absolute; name: what it is called.
        sha256: of its content; size: in bytes; modified: its time of modification in nanoseconds since 1970.
    """

    path: str
    name: str
    sha256: str
    size: int
    modified: int


def identify_files(gathered: Gathered, progress: Progress) -> tuple[tuple[OrderedFile, ...], tuple[str, ...]]:
    """The files by their content, each content once, and sentences on those that were left out.

    Raises:
        NotFound: a file cannot be read.
    """
    total = sum(_stat(file)[0] for file in gathered.files)
    first: dict[str, OrderedFile] = {}
    again: list[tuple[str, str]] = []
    done = 0
    for file in gathered.files:
        found = _identified(file, progress, done, total)
        done += found.size
        if found.sha256 in first:
            again.append((found.name, first[found.sha256].name))
        else:
            first[found.sha256] = found
    return tuple(first.values()), (*_repeated_notes(again), *gathered.notes)


def content_id(files: Sequence[OrderedFile]) -> str:
    """What identifies the content of files, whatever they are called and in whatever order: of one, its SHA-256."""
    contents = sorted(file.sha256 for file in files)
    return contents[0] if len(contents) == 1 else hashlib.sha256("\n".join(contents).encode()).hexdigest()


def open_files(
    files: Sequence[OrderedFile],
    contract: Contract,
    *,
    title: str,
    progress: Progress,
    reading: Reading,
    limits: Limits,
) -> RowReader | SeveralReader:
    """A reader of all of them. Raises TableRefused when one of them cannot be used or is another than was ordered."""
    refuse_changed(files)
    names, options = reading.names, reading.options
    if len(files) == 1:
        path = Path(files[0].path)
        return read_rows(path, contract, name=title, progress=progress, names=names, options=options, limits=limits)
    ordered = [RowsFile(Path(file.path), file.name) for file in files]
    return SeveralReader(ordered, contract, title=title, progress=progress, names=names, options=options, limits=limits)


def refuse_changed(files: Sequence[OrderedFile]) -> None:
    """Raises TableRefused when a file is no longer what it was when the check was ordered."""
    for file in files:
        try:
            stat = Path(file.path).stat()
        except OSError as error:
            raise TableRefused(f"{shown(file.name, 120)} is not there any more: check the files again.") from error
        if (stat.st_size, stat.st_mtime_ns) != (file.size, file.modified):
            raise TableRefused(
                f"{shown(file.name, 120)} changed while it was being checked: check it again when it is complete."
            )


class KeptRows:
    """What is kept of rows that go by: all of them, or a sample.

    Args:
        schema: their conforming schema; a joined outcome is not kept, for its file is.
        whole: whether all of them are kept.
        sink: where the Parquet file goes.
    """

    def __init__(self, schema: Any, *, whole: bool, sink: io.RawIOBase) -> None:
        self._schema = schema
        self._writer = pyarrow.parquet.ParquetWriter(pa.PythonFile(sink, "w"), schema, compression="zstd")
        self._sample = None if whole else RowSample(SAMPLE_ROWS)
        self.rows_kept: int | None = None
        """Rows that were kept, once it is finished; None where all were."""

    def add(self, batch: Any) -> None:
        """Take in the next conforming rows."""
        rows = batch.select(self._schema.names).cast(self._schema)
        if self._sample is None:
            self._writer.write_batch(rows)
        else:
            self._sample.add(rows)

    def finish(self) -> None:
        """All rows have gone by."""
        rows = self._sample.table() if self._sample is not None else None
        if rows is not None:
            self._writer.write_table(rows)
            self.rows_kept = rows.num_rows

    def close(self) -> None:
        """End the file."""
        self._writer.close()


@contextmanager
def keeping_rows(
    uploads: Uploads, files: Sequence[OrderedFile], schema: Any
) -> Iterator[tuple[KeptRows, UploadWriter]]:
    """Keeps rows as an upload, which its writer names when the block is over; nothing of them stays after an error."""
    with uploads.receiving() as upload:
        kept = KeptRows(schema, whole=is_kept_whole(files), sink=_Sink(upload))
        try:
            yield kept, upload
            kept.finish()
        finally:
            kept.close()


def is_kept_whole(files: Sequence[OrderedFile]) -> bool:
    """Whether all rows of these files are kept."""
    return sum(file.size for file in files) <= KEPT_BYTES


def sample_note(files: Sequence[OrderedFile], report: ReadReport, kept: int) -> str:
    """What the page cannot do because only a sample is kept."""
    size = sum(file.size for file in files) / 1e9
    stay = "stays where it is" if len(files) == 1 else "stay where they are"
    return (
        f"{counted(len(files), 'file')} of {size:,.1f} GB {stay}; {kept:,} of {report.rows:,} rows are kept here, and "
        f"the report is drawn from these. The page can neither check the rows again nor retrain on them; files of up "
        f"to {KEPT_BYTES // 10**6:,} MB are kept whole."
    )


class _Sink(io.RawIOBase):
    """An upload as a file to write to."""

    def __init__(self, upload: UploadWriter) -> None:
        super().__init__()
        self._upload = upload
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._upload.write(memoryview(piece))
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._written


def _identified(file: RowsFile, progress: Progress, done: int, total: int) -> OrderedFile:
    size, modified = _stat(file)
    digest, read = hashlib.sha256(), 0
    try:
        with file.path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                read += len(piece)
                progress(min(1.0, (done + read) / max(1, total)), f"Looking at {shown(file.name)}")
    except OSError as error:
        raise NotFound(f"{shown(file.name, 120)} cannot be read: {error.strerror}.") from error
    return OrderedFile(path=str(file.path), name=file.name, sha256=digest.hexdigest(), size=size, modified=modified)


def _stat(file: RowsFile) -> tuple[int, int]:
    try:
        stat = file.path.stat()
    except OSError as error:
        raise NotFound(f"{shown(file.name, 120)} cannot be read: {error.strerror}.") from error
    return stat.st_size, stat.st_mtime_ns


def _repeated_notes(again: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """That files with the same content were read once."""
    if not again:
        return ()
    pairs = [f"{shown(name, 120)} is {shown(first, 120)}" for name, first in again]
    each = "was" if len(again) == 1 else "were"
    return (
        f"{counted(len(again), 'file')} {each} left out, byte for byte the same as another, whose rows count once: "
        f"{listed(pairs, most=5)}.",
    )
