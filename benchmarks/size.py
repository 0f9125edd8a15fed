"""Memory of a check, whatever the number of rows: `python -m benchmarks.size [--rows 1000000 3000000 10000000]`.

Each check is `python -m monitoring check FILE` in a process of its own. Its peak is compared with what an idle process
holds that has loaded the same code and the same model. The command fails when a check takes more than 400 MB beyond
that, or when the largest file takes more than the smallest by a fifth of that.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import psutil

from benchmarks.child import measured_in_child
from benchmarks.peak import peak_bytes
from benchmarks.printing import print_row, print_title
from benchmarks.production import MODEL, write_csv, write_parquet

SHORT = (500_000, 1_000_000)
"""Rows unless others are asked for: with fewer, what is under way at once would be the whole file."""
GOAL_MB = 400
FLAT_MB = 80
"""By how much the peak of the largest file may exceed that of the smallest."""
WIDTHS = (34, 12, 12, 14, 10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SHORT))
    parser.add_argument("--formats", nargs="+", default=["csv", "parquet"], choices=["csv", "parquet"])
    parser.add_argument("--child", metavar="FILE", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.child is not None:
        print(json.dumps(idle() if not chosen.child else check(chosen.child)))
        return 0
    return measure(chosen.rows, chosen.formats)


def measure(sizes: Sequence[int], formats: Sequence[str]) -> int:
    """Check files of these sizes in these formats; 1 when a goal is missed."""
    print_title("Memory of `python -m monitoring check FILE` above an idle process with the model loaded")
    print_row(("", "file, MB", "seconds", "peak - idle, MB", "kept"), WIDTHS)
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        base = in_child("", folder)["idle"]
        for kind in formats:
            peaks = []
            for rows in sizes:
                file = Path(folder) / f"flights.{kind}"
                (write_csv if kind == "csv" else write_parquet)(file, rows)
                found = in_child(str(file), folder)
                peaks.append((found["peak"] - base) / 1e6)
                held = peaks[-1] <= GOAL_MB and peaks[-1] <= peaks[0] + FLAT_MB
                kept &= held
                cells = (f"{file.stat().st_size / 1e6:,.0f}", f"{found['seconds']:.1f}", f"{peaks[-1]:,.0f}")
                print_row((f"{rows:,} rows of {kind}", *cells, "yes" if held else "NO"), WIDTHS)
                file.unlink()
    print(f"goals: at most {GOAL_MB} MB, and at most {FLAT_MB} MB more than the smallest file of the kind takes")
    return int(not kept)


def in_child(file: str, folder: str) -> dict[str, float]:
    """What a process of its own measures."""
    data = {"DRIFTLINE_DATA": str(Path(folder) / "data")}
    measured: dict[str, float] = measured_in_child("benchmarks.size", "--child", file, environment=data)
    return measured


def idle() -> dict[str, float]:
    """Bytes that a process holds which has loaded all that a check needs."""
    import onnxruntime  # noqa: F401
    import scipy.stats  # noqa: F401

    import monitoring.__main__  # noqa: F401
    from monitoring.wiring import open_driftline, settings_from_environment

    driftline = open_driftline(settings_from_environment())
    driftline.loaded.get(driftline.registry.champion(MODEL))
    return {"idle": psutil.Process().memory_info().rss}


def check(file: str) -> dict[str, float]:
    """Seconds and the peak in bytes of a check on the command line."""
    from monitoring.__main__ import main as command_line

    started = time.perf_counter()
    told = io.StringIO()
    with redirect_stdout(told):
        code = command_line(["check", file, "--json"])
    if code == 2:
        raise SystemExit(told.getvalue())
    return {"seconds": time.perf_counter() - started, "peak": peak_bytes()}


if __name__ == "__main__":
    sys.exit(main())
