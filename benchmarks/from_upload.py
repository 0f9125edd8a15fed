"""How long a check takes on this machine, from the upload to the stored verdict: `python -m benchmarks.from_upload`.

Each figure is the best of several runs: what the machine can do when nothing else is in the way. The command fails
when July's file takes longer than the two seconds from upload to verdict that the page promises.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from monitoring.progress import silent
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.parts import Driftline

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"
LIMIT_SECONDS = 2.0


def main() -> int:
    """Run all measurements; 1 when the promise is broken."""
    figures = {"start of the command line, s": seconds(start_command_line, runs=3)}
    with tempfile.TemporaryDirectory() as folder:
        driftline = open_driftline(settings_from_environment({"DRIFTLINE_DATA": folder}))
        figures["first check of July, model not yet loaded, s"] = seconds(lambda: check(driftline, "july"), runs=1)
        figures["July, 6,000 rows with labels, s"] = july = seconds(lambda: check(driftline, "july"), runs=5)
        year = seconds(lambda: check(driftline, "year", suffix=".parquet"), runs=2)
        figures["April to December, 255,987 rows, s"] = year
        figures["rows a second"] = 255_987 / year
    figures["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if macos() else 1e3)
    for name, value in figures.items():
        print(f"{name:<46} {value:>12,.2f}" if value < 1000 else f"{name:<46} {value:>12,.0f}")
    if july > LIMIT_SECONDS:
        print(f"July took {july:.2f} s, longer than {LIMIT_SECONDS:.0f} s", file=sys.stderr)
    return int(july > LIMIT_SECONDS)


def seconds(work: Callable[[], object], *, runs: int) -> float:
    """Wall time of the fastest of `runs` runs."""
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def check(driftline: Driftline, sample: str, *, suffix: str = ".csv") -> None:
    """Store, check and record a sample as if it had never been seen: from the upload to the stored verdict."""
    rows, labels = SAMPLES / f"{sample}{suffix}", SAMPLES / f"{sample}-labels.csv"
    order = order_check(
        driftline,
        upload=store(driftline, rows),
        file_name=rows.name,
        labels=store(driftline, labels) if labels.exists() else None,
        labels_name=labels.name,
        model=MODEL,
    )
    check_and_record(driftline, order, silent)
    driftline.history.delete_check(order.id)


def store(driftline: Driftline, path: Path) -> str:
    with path.open("rb") as stream:
        return driftline.uploads.save(stream)


def start_command_line() -> None:
    subprocess.run([sys.executable, "-m", "monitoring", "--help"], check=True, capture_output=True, cwd=PROJECT)


def macos() -> bool:
    return sys.platform == "darwin"


if __name__ == "__main__":
    sys.exit(main())
