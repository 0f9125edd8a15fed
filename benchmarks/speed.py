"""Time and memory of a full comparison against the obvious ways: `python -m benchmarks.speed [--full]`.

Ratios, each the median of pairs that alternate in this run: they hold from machine to machine, times do not. Before
anything is timed, the statistics are compared with scipy's. The reference is prepared beforehand, as it is once for
every model version; the batch is counted, compared and judged within the time.

Ten thousand rows are compared twice: in a process of their own, as benchmark runners do it, and in one that has handled
a million, as a server has. What was handled before decides whether the memory of so few rows is asked of the system
each time, which is a third of scipy's time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, ks_2samp

from benchmarks.child import measured_in_child
from benchmarks.columns import Column, category, contract_of, draw_rows, equal, number, skewed
from benchmarks.printing import print_row, print_title
from monitoring.contract import PREDICTION, Contract
from monitoring.drift.catalogue import DEFAULT_PLAN, DETECTORS, Detector
from monitoring.drift.compare import Comparison, compare_rows
from monitoring.policy.drift_policy import DEFAULT
from monitoring.policy.judge import judge
from monitoring.profiles.reference import Reference

MODULE = "benchmarks.speed"
LATEST = Path(__file__).parent / "latest.json"
REFERENCE_ROWS = 100_000
BATCH_ROWS = 1_000_000
SMALL_ROWS = 10_000
SMALL_PAIRS = 3
"""Times as many pairs at so few rows: a pair takes a quarter of a second, and what else the machine does shows."""
SEED = 7
THREADS = min(2, os.cpu_count() or 1)
"""Columns that Driftline works on at once."""
THREADED_FROM = 100_000
"""Rows from which it does."""
WIDTHS = (66, 10, 16, 8, 8)
EQUAL = 1e-12
DOUBLED = 2.2
"""Largest factor for twice the rows or columns that still counts as linear."""

Seconds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the table and of `latest.json`.

    Attributes:
        name: what is compared.
        ratio: median over the pairs.
        goal: the bound in words.
        ok: whether the ratio keeps it.
        pairs: (first, second) of each pair, in seconds (bytes for memory).
    """

    name: str
    ratio: float
    goal: str
    ok: bool
    pairs: tuple[Seconds, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A prepared reference and two tables in memory."""

    columns: Mapping[str, Column]
    contract: Contract
    reference: Reference
    old: pa.Table
    new: pa.Table

    @property
    def numeric(self) -> tuple[str, ...]:
        return (*self.contract.numeric, PREDICTION)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write `latest.json`; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--full", action="store_true", help="more pairs, Evidently three times")
    parser.add_argument("--pairs", type=int, default=5, help="pairs a ratio")
    parser.add_argument("--no-evidently", action="store_true", help="leave out Evidently, a minute a pair")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--small", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.memory:
        print(json.dumps(measure_memory()))
        return 0
    if chosen.small:
        print(json.dumps([asdict(ratio) for ratio in measure_small(chosen.pairs)]))
        return 0
    evidently = 0 if chosen.no_evidently else 3 if chosen.full else 1
    ratios = measure(pairs=11 if chosen.full else chosen.pairs, evidently=evidently)
    write(ratios)
    return int(not all(ratio.ok for ratio in ratios))


def write(ratios: Sequence[Ratio], path: Path = LATEST) -> None:
    path.write_text(json.dumps([asdict(ratio) for ratio in ratios], indent=2) + "\n")


def measure(*, pairs: int, evidently: int) -> list[Ratio]:
    """All ratios, printed as they come."""
    print_title(f"Full comparison with verdict; reference {REFERENCE_ROWS:,} rows, 20 numeric + 5 categorical columns")
    print_row(("", "ratio", "goal", "kept", "pairs"), WIDTHS)
    found: list[Ratio] = []

    def show(ratio: Ratio) -> None:
        found.append(ratio)
        print_row((ratio.name, f"{ratio.ratio:.2f}", ratio.goal, "yes" if ratio.ok else "NO", len(ratio.pairs)), WIDTHS)

    for ratio in measured_in_child(MODULE, "--small", f"--pairs={pairs}"):
        show(Ratio(**ratio))
    large = setting(BATCH_ROWS)
    check_statistics(large)
    for ratio in measure_small(pairs):
        show(replace(ratio, name=f"  {ratio.name}, after a million"))
    show(at_least(6, "scipy's loop / all detectors, 1,000,000 rows", scipy_loop, driftline, large, pairs))
    show(at_most(2, "all detectors / sort + encode, 1,000,000 rows", driftline, sort_and_encode, large, pairs))
    half = setting(BATCH_ROWS // 2)
    show(growth("1,000,000 / 500,000 rows", large, half, pairs))
    show(growth("50 / 25 columns, 500,000 rows", setting(BATCH_ROWS // 2, times=2), half, pairs))
    if evidently:
        show(
            at_least(80, "DataDriftPreset / Driftline, 1,000,000 rows", data_drift_preset, driftline, large, evidently)
        )
    show(memory())
    return found


def measure_small(pairs: int) -> list[Ratio]:
    """Few rows against scipy's loop, by every detector and by those of every check."""
    small, many = setting(SMALL_ROWS), SMALL_PAIRS * pairs
    check_statistics(small)
    return [
        at_least(10, "scipy's loop / all detectors, 10,000 rows", scipy_loop, driftline, small, many),
        at_least(10, "scipy's loop / those of every check, 10,000 rows", scipy_loop, every_check, small, many),
    ]


def setting(rows: int, *, times: int = 1) -> Setting:
    """Reference and batch of 19 numeric columns, 5 categorical ones and the predictions, `times` over."""
    columns = {f"{name} {i}": column for i in range(times) for name, column in one_of_each().items()}
    rng = np.random.default_rng(SEED)
    contract = contract_of(columns)
    old, new = draw_rows(columns, rng, REFERENCE_ROWS), draw_rows(columns, rng, rows)
    return Setting(columns, contract, Reference.build(contract, old, "speed"), old, new)


def one_of_each() -> dict[str, Column]:
    """19 numeric columns (7 normal, 4 heavy-tailed, 4 skewed, 2 rounded, 2 counts) and 5 categorical ones."""
    numeric: list[Column] = [
        *(number(lambda rng, size: rng.normal(size=size)) for _ in range(7)),
        *(number(lambda rng, size: rng.standard_t(2, size)) for _ in range(4)),
        *(number(lambda rng, size: rng.exponential(size=size)) for _ in range(4)),
        *(number(lambda rng, size: np.round(rng.normal(20, 10, size), 1)) for _ in range(2)),
        *(number(lambda rng, size: rng.poisson(4, size).astype(float)) for _ in range(2)),
    ]
    categorical = [category(shares) for shares in (equal(2), equal(5), skewed(10), skewed(30), skewed(100))]
    return {f"c{i}": column for i, column in enumerate([*numeric, *categorical])}


def driftline(chosen: Setting) -> Comparison:
    """Count, measure with every detector and judge; all statistics exact but Cramér-von Mises, an interval."""
    return compared(chosen, DETECTORS)


def every_check(chosen: Setting) -> Comparison:
    """The same with the tests and shares of every check, which decide the verdict."""
    return compared(chosen, DEFAULT_PLAN)


def compared(chosen: Setting, detectors: Sequence[Detector]) -> Comparison:
    threads = THREADS if chosen.new.num_rows >= THREADED_FROM else 1
    _, comparison = compare_rows(
        chosen.reference, chosen.new, level=DEFAULT.alpha, detectors=detectors, every_row=False, threads=threads
    )
    judge(comparison, DEFAULT, chosen.contract, "The batch")
    return comparison


def scipy_loop(chosen: Setting) -> dict[str, float]:
    """The plain loop: KS and chi-square alone, categories counted by Arrow."""
    found = {n: float(ks_2samp(floats(chosen.old, n), floats(chosen.new, n)).statistic) for n in chosen.numeric}
    for name in chosen.contract.categorical:
        counts = [dict_of_counts(side, name) for side in (chosen.old, chosen.new)]
        levels = sorted({level for side in counts for level in side})
        table = np.array([[side.get(level, 0) for level in levels] for side in counts])
        found[name] = float(chi2_contingency(table, correction=False).statistic)
    return found


def sort_and_encode(chosen: Setting) -> None:
    """One sort of each numeric column of the batch, one dictionary encoding of each categorical one."""
    for name in chosen.numeric:
        np.sort(floats(chosen.new, name))
    for name in chosen.contract.categorical:
        chosen.new.column(name).combine_chunks().dictionary_encode()


def data_drift_preset(chosen: Setting) -> None:
    """Evidently's report with its defaults; the frames are made within the time, as ours reads Arrow within it."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(
        numerical_columns=list(chosen.numeric),
        categorical_columns=list(chosen.contract.categorical),
        text_columns=[],
        datetime_columns=[],
        unknown_columns=[],
        list_columns=[],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old, new = (Dataset.from_pandas(side.to_pandas(), definition) for side in (chosen.old, chosen.new))
        Report([DataDriftPreset()]).run(new, old)


def check_statistics(chosen: Setting) -> None:
    """Refuse to time anything whose statistics are not scipy's: KS D to 1e-12, chi-square where levels stay apart."""
    expected = scipy_loop(chosen)
    found = {
        item.measurement.column: item.measurement
        for item in driftline(chosen).measured
        if item.measurement.detector in ("ks", "chi2")
    }
    for name, statistic in expected.items():
        if abs(found[name].statistic - statistic) > EQUAL * max(1.0, statistic):
            raise SystemExit(f"{name}: {found[name].statistic!r} is not scipy's {statistic!r}")


def at_least(goal: float, name: str, slow: Work, fast: Work, chosen: Setting, pairs: int) -> Ratio:
    ratio, times = timed(lambda: slow(chosen), lambda: fast(chosen), pairs)
    return Ratio(name, ratio, f"at least {goal:g}", ratio >= goal, times)


def at_most(goal: float, name: str, ours: Work, floor: Work, chosen: Setting, pairs: int) -> Ratio:
    ratio, times = timed(lambda: ours(chosen), lambda: floor(chosen), pairs)
    return Ratio(name, ratio, f"at most {goal:g}", ratio <= goal, times)


def growth(name: str, twice: Setting, once: Setting, pairs: int) -> Ratio:
    ratio, times = timed(lambda: driftline(twice), lambda: driftline(once), pairs)
    return Ratio(f"Driftline, {name}", ratio, f"at most {DOUBLED:g}", ratio <= DOUBLED, times)


def timed(first: Callable[[], object], second: Callable[[], object], pairs: int) -> tuple[float, tuple[Seconds, ...]]:
    """Median ratio of alternating pairs; both have run once before."""
    second()
    if pairs > 1:
        first()
    times = tuple((seconds(first), seconds(second)) for _ in range(pairs))
    return float(np.median([a / b for a, b in times])), times


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def memory() -> Ratio:
    """Peak extra memory, measured in a fresh process."""
    extra, size = measured_in_child(MODULE, "--memory")
    return Ratio(
        "peak extra memory / the batch's own size", extra / size, "at most 0.5", extra <= size / 2, ((extra, size),)
    )


def measure_memory() -> tuple[int, int]:
    """Bytes that a comparison takes at its peak, and bytes of the batch.

    The peaks of numpy's memory (seen by tracemalloc) and of Arrow's (a pool of its own) are added, as if they came
    together: an upper bound, the same on every system.
    """
    chosen = setting(BATCH_ROWS)
    pool = pa.system_memory_pool()
    pa.set_memory_pool(pool)
    before = pool.max_memory()
    tracemalloc.start()
    driftline(chosen)
    return tracemalloc.get_traced_memory()[1] + pool.max_memory() - before, chosen.new.nbytes


def floats(rows: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(rows.column(name).chunk(0).to_numpy())


def dict_of_counts(rows: pa.Table, name: str) -> dict[str, int]:
    counted = pc.value_counts(rows.column(name).combine_chunks())
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


Work = Callable[[Setting], object]


if __name__ == "__main__":
    sys.exit(main())
