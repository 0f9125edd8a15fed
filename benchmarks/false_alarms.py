"""How often a check of unchanged data holds any `drift`: `python -m benchmarks.false_alarms [--full]`.

Independent rows, exchangeable days and days with memory, by policies without a floor (alpha .01 and .05), so that
nothing but the tests stands against a false alarm, and by the default one; a few cells beside Evidently's defaults.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from zlib import crc32

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.checks import ALPHAS, POLICIES, Rate, evidently_flags, rings
from benchmarks.columns import KINDS, Generator, contract_of, cycled, draw_rows
from benchmarks.days import DAILY, dated_rows
from benchmarks.printing import print_row, print_title
from monitoring.drift.compare import compare
from monitoring.profiles.profile import profile_batch
from monitoring.profiles.reference import Reference

SIZES = {
    5: ((100, 100), (1_500, 1_500), (50_000, 50_000)),
    25: ((100, 100), (1_000, 100), (300, 5_000), (5_000, 5_000), (100, 50_000), (50_000, 100)),
    100: ((100, 100), (1_000, 100), (2_000, 20_000)),
}
"""Rows of reference and batch by number of columns."""
EVIDENTLY_SIZES = ((1_000, 1_000), (5_000, 100), (50_000, 50_000))
REFERENCE_DAYS = (7, 21, 60)
BATCH_DAYS = (1, 3, 7, 30)
MEMORIES = (0.5, 0.9)
BLOCKS = (1, 3, 7, 14)
WIDTHS = (44, 8, 22, 22, 22, 8)
HEADER = ("", "checks", *(policy.name for policy in POLICIES), "verdict")
FEWEST_CHECKS = 60
MOST_CHECKS = 2_000
REUSED = 50
"""Times larger than the batch from which a reference serves this many checks: its own noise is then a fiftieth."""


Outcomes = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a table.

    Attributes:
        name: what is simulated; its seed derives from it.
        checks: repetitions.
        run: checks → whether each rang, one column for each policy: (checks, policies).
        promised: whether the rates must hold alpha.
    """

    name: str
    checks: int
    run: Callable[[Generator, int], Outcomes]
    promised: bool = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all tables; 1 when a rate that is promised lies above alpha by more than chance."""
    chosen = options(arguments)
    missed: list[str] = []
    for title, every in tables(chosen.budget, chosen.only):
        cells = [cell for cell in every if chosen.match in cell.name]
        print_title(title)
        print_row(HEADER, WIDTHS)
        missed += [name for name, held in shown(cells, chosen.processes) if not held]
    if not chosen.only or chosen.only == "evidently":
        beside_evidently(chosen.budget)
    print(f"\n{len(missed)} cells above alpha by more than chance" + "".join(f"\n  {name}" for name in missed))
    return int(bool(missed))


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.false_alarms", description=__doc__)
    parser.add_argument("--full", action="store_true", help="ten times the repetitions")
    parser.add_argument("--processes", type=int, default=1, choices=(1, 2))
    parser.add_argument("--only", choices=("rows", "days", "memory", "evidently"), default="")
    parser.add_argument("--match", default="", help="only cells whose name contains this")
    parser.add_argument("--seconds", type=float, default=4.0, help="about how long a cell may take")
    chosen = parser.parse_args(arguments)
    chosen.budget = chosen.seconds * (10 if chosen.full else 1)
    return chosen


def tables(budget: float, only: str) -> Iterator[tuple[str, list[Cell]]]:
    if only in ("", "rows"):
        yield "Independent rows (kind, columns, reference + batch)", list(independent_cells(budget))
    if only in ("", "days"):
        yield "Exchangeable days (days of reference + batch), 5 columns or 1", list(exchangeable_cells(budget))
    if only in ("", "memory"):
        title = (
            "Days with memory, 126 + 28 days, 2 columns: nothing is promised where blocks are shorter than the memory"
        )
        yield title, list(memory_cells(budget))


def shown(cells: Sequence[Cell], processes: int) -> Iterator[tuple[str, bool]]:
    """Run the cells and print each; its name and whether it held."""
    for cell, rates in zip(cells, counted(cells, processes), strict=True):
        held = all(rate.at_most(policy.alpha) for rate, policy in zip(rates, POLICIES, strict=True))
        verdict = "holds" if held else "ABOVE" if cell.promised else "above"
        print_row((cell.name, cell.checks, *rates, verdict), WIDTHS)
        yield cell.name, held or not cell.promised


def counted(cells: Sequence[Cell], processes: int) -> Iterator[tuple[Rate, ...]]:
    if processes == 1:
        yield from map(run, cells)
        return
    with get_context("fork").Pool(processes) as pool:
        yield from pool.imap(run, cells)


def run(cell: Cell) -> tuple[Rate, ...]:
    outcomes = cell.run(np.random.default_rng(crc32(cell.name.encode())), cell.checks)
    return tuple(Rate(int(rang.sum()), len(rang)) for rang in outcomes.T)


def independent_cells(budget: float) -> Iterator[Cell]:
    for count, sizes in SIZES.items():
        for kind in KINDS:
            for n, m in sizes:
                name = f"{kind}, {count}, {n:,} + {m:,}"
                checks = affordable(budget, count * seconds_a_column(n, m))
                yield Cell(name, checks, partial(independent_checks, kind, count, n, m))


def seconds_a_column(n: int, m: int) -> float:
    """About what one column of a check costs, so that cells of any size take about as long."""
    few, many = min(n, m), max(n, m)
    exact = few * (4e-6 + 1e-9 * many) if few <= 1_000 else 0.0
    return 8e-4 + 4e-7 * m + 4e-7 * n / (REUSED if n >= REUSED * m else 1) + exact


def affordable(budget: float, seconds: float) -> int:
    return int(np.clip(budget / seconds, FEWEST_CHECKS, MOST_CHECKS))


def independent_checks(kind: str, count: int, n: int, m: int, rng: Generator, checks: int) -> Outcomes:
    """Checks of independent rows of one distribution."""
    columns = cycled(kind, count)
    contract = contract_of(columns)
    uses = REUSED if n >= REUSED * m else 1
    outcomes = []
    for i in range(checks):
        if i % uses == 0:
            reference = Reference.build(contract, draw_rows(columns, rng, n), "simulated")
        profile = profile_batch(draw_rows(columns, rng, m), reference.grids)
        comparison = compare(reference, profile, level=min(ALPHAS), seed=i)
        outcomes.append([rings(comparison, policy, contract) for policy in POLICIES])
    return np.array(outcomes)


def exchangeable_cells(budget: float) -> Iterator[Cell]:
    for old in REFERENCE_DAYS:
        for new in BATCH_DAYS:
            checks = affordable(4 * budget, 0.02 + 0.002 * (old + new))
            yield Cell(f"{old} + {new} days", checks, partial(dated_checks, "days", old, new, 0.0, 1))
    for kind, name in (("narrow", "far apart"), ("codes", "with codes of their own"), ("many", "with 300 levels")):
        for old, new in ((7, 7), (21, 7), *(((4, 20), (5, 50)) if kind == "narrow" else ())):
            checks = affordable(4 * budget, 0.02 + 0.002 * (old + new))
            yield Cell(f"{old} + {new} days {name}", checks, partial(dated_checks, kind, old, new, 0.0, 1))


def memory_cells(budget: float) -> Iterator[Cell]:
    for memory in MEMORIES:
        for block in BLOCKS:
            name = f"correlation {memory:g} a day, blocks of {block} days"
            checks = affordable(4 * budget, 0.15)
            yield Cell(name, checks, partial(dated_checks, "memory", 126, 28, memory, block), promised=False)


def dated_checks(kind: str, old: int, new: int, memory: float, block: int, rng: Generator, checks: int) -> Outcomes:
    """Checks of days whose level differs from day to day, `new` of them right after `old` ones."""
    columns = DAILY[kind]
    contract = contract_of({name: column.declared for name, column in columns.items()}, block_days=block)
    outcomes = []
    for i in range(checks):
        rows = dated_rows(columns, rng, old + new, memory)
        in_reference = rows["day"].to_numpy() < old
        reference = Reference.build(contract, rows.filter(pa.array(in_reference)), "simulated")
        profile = profile_batch(rows.filter(pa.array(~in_reference)), reference.grids)
        comparison = compare(reference, profile, level=min(ALPHAS), seed=i)
        outcomes.append([rings(comparison, policy, contract) for policy in POLICIES])
    return np.array(outcomes)


def beside_evidently(budget: float) -> None:
    """A few cells again, beside Evidently's defaults on the same rows; fewer checks, for it is slow."""
    widths = (44, 8, 22, 22, 22, 22)
    print_title("Beside Evidently's default tests on the same rows (25 columns)")
    print_row(
        ("", "checks", "Driftline, alpha .01", "Evidently, any column", "share of columns", "half of the columns"),
        widths,
    )
    for kind in ("normal", "2 levels", "100 levels", "mixed"):
        for n, m in EVIDENTLY_SIZES:
            name, checks = f"{kind}, {n:,} + {m:,}", max(5, int(budget / (0.1 + 4e-6 * (n + m))))
            outcome = evidently_checks(kind, n, m, np.random.default_rng(crc32(name.encode())), checks)
            ours, flagged = outcome[:, 0].astype(bool), outcome[:, 1]
            any_column, half = (Rate(int((flagged >= least).sum()), checks) for least in (1e-9, 0.5))
            print_row(
                (name, checks, Rate(int(ours.sum()), checks), any_column, f"{100 * flagged.mean():.1f} %", half), widths
            )


def evidently_checks(kind: str, n: int, m: int, rng: Generator, checks: int) -> NDArray[np.float64]:
    """For each check whether Driftline rang, and the share of columns that Evidently flags: (checks, 2)."""
    columns = cycled(kind, 25)
    contract = contract_of(columns)
    found = []
    for i in range(checks):
        old, new = draw_rows(columns, rng, n), draw_rows(columns, rng, m)
        reference = Reference.build(contract, old, "simulated")
        comparison = compare(reference, profile_batch(new, reference.grids), level=min(ALPHAS), seed=i)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flags = evidently_flags(columns, old, new)
        found.append((rings(comparison, POLICIES[0], contract), np.mean([flags[name] for name in columns])))
    return np.array(found, dtype=np.float64)


if __name__ == "__main__":
    sys.exit(main())
