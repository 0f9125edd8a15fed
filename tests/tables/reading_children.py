"""A process in which bombs are made and read, each in a child forked off, so that nothing is imported again.

For each it gets a line of JSON on its standard input, `{"bomb": its name, "folder": where it goes, "limits": {…}}`, and
answers with a line: what the child tells, or the signal or the error that ended it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitoring.errors import DriftlineError
from monitoring.tables import read_rows
from monitoring.tables.limits import Limits
from tests.tables.bombs import BOMBS
from tests.tables.material import CONTRACT

PATIENCE = 120
"""Seconds after which a reading counts as hanging; each takes a few at most."""


def peak() -> int:
    """Most memory this process has taken so far, in bytes; on Linux without what its parent took before it."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) << 10 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read(file: Path, temporary: Path, limits: Limits) -> dict[str, Any]:
    """Rows, or the sentence that refuses the file, and the peak of the memory."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    try:
        reader = read_rows(file, CONTRACT, name="july.csv", limits=limits)
        told = {"rows": sum(batch.num_rows for batch in reader.batches()), "sentence": ""}
    except DriftlineError as error:
        told = {"rows": 0, "sentence": str(error)}
    return {**told, "peak": peak()}


def in_child(work: Callable[[], Any]) -> Any:
    """What `work` returns in a process forked off; a dictionary with `ended` when that process came to a bad end."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(PATIENCE)
        try:
            told = work()
        except BaseException:
            told = {"ended": traceback.format_exc()}
        os.write(write_end, json.dumps(told).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        told = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return json.loads(told) if told and status == 0 else {"ended": f"exit code {status}"}


def main() -> None:
    # NumPy's threads idle here; what is forked off starts its own.
    warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
    for line in sys.stdin:
        asked = json.loads(line)
        file = Path(asked["folder"]) / "data" / "upload"
        made = in_child(lambda file=file, asked=asked: BOMBS[asked["bomb"]].write(file))
        limits = Limits(**asked["limits"])
        told = made or in_child(lambda file=file, limits=limits: read(file, file.parent.parent, limits))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
