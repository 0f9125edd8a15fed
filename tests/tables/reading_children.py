"""Reads one file in a process of its own and tells what came of it and what memory that took: a child of the tests."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from monitoring.errors import DriftlineError
from monitoring.tables import read_rows
from tests.tables.material import CONTRACT


def peak() -> int:
    """Most memory this process has taken so far, in bytes; on Linux without what its parent took before it."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) << 10 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    before, started = peak(), time.monotonic()
    try:
        reader = read_rows(Path(sys.argv[1]), CONTRACT, name="july.csv")
        rows = sum(batch.num_rows for batch in reader.batches())
        told = {"rows": rows, "sentence": ""}
    except DriftlineError as error:
        told = {"rows": 0, "sentence": str(error)}
    print(json.dumps({**told, "before": before, "peak": peak(), "seconds": time.monotonic() - started}))  # noqa: T201


if __name__ == "__main__":
    main()
