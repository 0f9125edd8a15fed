"""Reads one sheet of an old workbook (.xls) in a process of its own: a child of `monitoring.tables.xls_book`.

It knows nothing of the project and is run by its path, isolated. The workbook comes on its standard input; what is in
it goes out line by line as JSON: an object with the titles of the sheets, lists of a row's number and its cells, and at
the end an object with "end". An object with "error" tells why there is none. Whatever the workbook makes of the
library (endless work, all memory, a crash), only this process ends.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
from typing import Any

TEXT, NUMBER, DATE, FLAG, ERROR = 1, 2, 3, 4, 5


def main(memory: int, seconds: int, title: str | None) -> None:
    """Read the sheet `title`, only the titles when it is None, within so many bytes and seconds of work."""
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # not every system knows all of them
            resource.setrlimit(kind, (most, most))
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", "replace", newline="\n")

    def say(value: object) -> None:
        out.write(json.dumps(value, ensure_ascii=False) + "\n")

    import xlrd

    data = sys.stdin.buffer.read()
    try:
        book = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), on_demand=True, ragged_rows=True, verbosity=0
        )
        say({"titles": book.sheet_names()})
        if title is not None:
            sheet = book.sheet_by_name(title)
            for row in range(sheet.nrows):
                kinds, values = sheet.row_types(row), sheet.row_values(row)
                cells = [cell(xlrd, book.datemode, *pair) for pair in zip(kinds, values, strict=True)]
                if any(one is not None for one in cells):
                    say([row + 1, cells])
        say({"end": True})
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"[:200]})
    out.flush()


def cell(xlrd: Any, datemode: int, kind: int, value: Any) -> Any:
    """A cell as JSON has it: times as ISO 8601 in a list, errors as objects, None for an empty one."""
    if kind in (TEXT, NUMBER):
        return value
    if kind == FLAG:
        return bool(value)
    if kind == ERROR:
        return {"error": xlrd.error_text_from_code.get(value, "#ERROR!")}
    if kind == DATE:
        try:
            moment = str(xlrd.xldate.xldate_as_datetime(value, datemode))
        except (xlrd.xldate.XLDateError, OverflowError, ValueError):
            return value
        return [moment[11:] if 0 <= value < 1 else moment]  # a time of day has no date
    return None


if __name__ == "__main__":
    memory_allowed, seconds_allowed, wanted = json.loads(sys.argv[1])
    main(memory_allowed, seconds_allowed, wanted)
