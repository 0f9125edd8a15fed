"""Ways to spoil a good file."""

from __future__ import annotations

import io
import zipfile

from tests.tables.material import HEADER, bytes_of, good_rows
from tests.tables.ways_to_write import GOOD

ROWS = len(good_rows())


def renamed(**names: str) -> list[str]:
    return [names.get(name, name) for name in HEADER]


def changed_byte(data: bytes, place: int, *, bits: int = 0x55) -> bytes:
    return data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :]


def nameless(archive: bytes) -> bytes:
    """A zip archive of one file whose name has one letter, without that letter in its directory."""
    directory = archive.index(b"PK\x01\x02")
    entry = bytearray(archive[directory:])
    entry[28:30] = b"\0\0"
    del entry[46]
    end = entry.index(b"PK\x05\x06")
    entry[end + 12] -= 1
    return archive[:directory] + bytes(entry)


def named(*names: str) -> bytes:
    """A zip archive of files with these names, none of them what the name says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, GOOD)
    return buffer.getvalue()


def without(column: str) -> bytes:
    place = HEADER.index(column)
    return bytes_of([r[:place] + r[place + 1 :] for r in good_rows()], HEADER[:place] + HEADER[place + 1 :])


def widened(header: list[str], *cells: str) -> bytes:
    return bytes_of([[*row, *cells] for row in good_rows()], [*HEADER, *header])


def ragged(short: int) -> bytes:
    rows = good_rows()
    rows[9] = [*rows[9], "1", "2"]
    for row in rows[10 : 10 + short]:
        del row[3:]
    return bytes_of(rows)
