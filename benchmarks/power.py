"""How often a real change is found, beside Evidently's defaults: `python -m benchmarks.power [--full]`.

One of five columns changes. Driftline runs with its default policy (alpha .01, floor .05), Evidently with its default
tests and thresholds, both on the same rows. Where Evidently's own rate of false alarms in any of the five columns is at
most alpha and the change is large enough to matter (tolerance + 1.5 S), Driftline must not find it less often.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from zlib import crc32

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import binom, ks_2samp, norm

from benchmarks.checks import Rate, evidently_flags, findings_of
from benchmarks.columns import NORMAL, Column, Generator, category, contract_of, draw_rows, number, skewed, with_gaps
from benchmarks.printing import print_row, print_title
from monitoring.drift.compare import compare
from monitoring.policy.drift_policy import DEFAULT
from monitoring.profiles.profile import profile_batch
from monitoring.profiles.reference import Reference

SIZES = ((1_000, 200), (1_000, 1_000), (5_000, 500), (5_000, 5_000), (20_000, 2_000))
WIDTHS = (44, 10, 22, 22, 22, 10)
HEADER = ("change, reference + batch", "effect", "Driftline", "Evidently", "its false alarms", "verdict")
ENOUGH = 1.5
"""Sampling errors S above the tolerance from which a change must be found as often as by the default."""
CHANGED = "c0"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one column.

    Attributes:
        name: for the table.
        before, after: the column in reference and batch.
        effect: the share of rows that moved: KS distance or total variation of the two distributions.
        excepted: whether the issue excepts it: spread thinly over 100 levels.
    """

    name: str
    before: Column
    after: Column
    effect: float
    excepted: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables; 1 when a change is found less often than by the default where it must not be, or missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__)
    parser.add_argument("--full", action="store_true", help="ten times the repetitions")
    parser.add_argument("--checks", type=int, default=40)
    parser.add_argument("--only", choices=tuple(FAMILIES), help="one kind of change")
    chosen = parser.parse_args(arguments)
    checks = chosen.checks * (10 if chosen.full else 1)
    worse = rates(checks, [chosen.only] if chosen.only else list(FAMILIES))
    missed = special_cases(max(20, checks // 2))
    print(f"\n{len(worse)} cells below the default" + "".join(f"\n  {name}" for name in worse))
    print(f"{len(missed)} special cases not always found" + "".join(f"\n  {name}" for name in missed))
    return int(bool(worse or missed))


def rates(checks: int, families: Sequence[str]) -> list[str]:
    print_title(f"Share of {checks} checks that find a change in one of five columns")
    print_row(HEADER, WIDTHS)
    worse = []
    for kind, size in ((kind, size) for kind in families for size in SIZES):
        alarms: Rate | None = None
        for change in FAMILIES[kind]():
            ours, theirs, others = counted(change, *size, checks)
            alarms = alarms or others
            name = f"{change.name}, {size[0]:,} + {size[1]:,}"
            verdict = judged(change, *size, ours, theirs, alarms)
            print_row((name, f"{change.effect:.3f}", ours, theirs, alarms, verdict), WIDTHS)
            worse += [name] if verdict == "BELOW" else []
    return worse


def judged(change: Change, n: int, m: int, ours: Rate, theirs: Rate, alarms: Rate) -> str:
    """What the two rates say about each other, if anything."""
    if not alarms.at_most(DEFAULT.alpha) or change.effect < DEFAULT.floor + ENOUGH * sqrt(1 / n + 1 / m):
        return "-"
    least = int(binom.ppf(0.001, theirs.checks, theirs.share)) if theirs.share < 1 else ours.checks - 1
    if ours.count >= min(theirs.count, least):
        return "holds"
    return "excepted" if change.excepted else "BELOW"


def counted(change: Change, n: int, m: int, checks: int) -> tuple[Rate, Rate, Rate]:
    """How often Driftline finds the change, Evidently finds it, and Evidently flags any unchanged column."""
    rng = np.random.default_rng(crc32(f"{change.name} {n} {m}".encode()))
    found = np.array([once(change, n, m, rng) for _ in range(checks)])
    ours, theirs, others = (Rate(int(count), checks) for count in found.sum(axis=0))
    return ours, theirs, others


def once(change: Change, n: int, m: int, rng: Generator) -> tuple[bool, bool, bool]:
    before = {f"c{i}": change.before for i in range(5)}
    old, new = draw_rows(before, rng, n), draw_rows({**before, CHANGED: change.after}, rng, m)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flags = evidently_flags(before, old, new)
    unchanged = draw_rows({CHANGED: change.before}, rng, m)
    flags_unchanged = flags | {"again": evidently_flag(change.before, old, unchanged)}
    others = any(flag for name, flag in flags_unchanged.items() if name not in (CHANGED, "prediction"))
    return found(before, old, new), flags[CHANGED], others


def evidently_flag(column: Column, old: pa.Table, new: pa.Table) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return evidently_flags({CHANGED: column}, old, new)[CHANGED]


def found(columns: dict[str, Column], old: pa.Table, new: pa.Table) -> bool:
    """Whether Driftline's default policy calls the changed column drifted."""
    contract = contract_of(columns)
    reference = Reference.build(contract, old, "simulated")
    comparison = compare(reference, profile_batch(new, reference.grids), level=DEFAULT.alpha)
    findings = findings_of(comparison, DEFAULT, contract)
    return any(finding.state == "drift" and finding.column == CHANGED for finding in findings)


def _shifts() -> Iterator[Change]:
    for shift in (0.0, 0.15, 0.3, 0.5, 1.0):
        effect = 2 * norm.cdf(shift / 2) - 1
        yield Change(f"normal + {shift:g} sd", NORMAL, number(_normal(shift)), float(effect))


def _scales() -> Iterator[Change]:
    for scale in (1.2, 1.5, 2.0):
        where = sqrt(2 * np.log(scale) / (1 - scale**-2))
        effect = norm.cdf(where) - norm.cdf(where / scale)
        yield Change(f"normal × {scale:g}", NORMAL, number(_normal(0.0, scale)), float(effect))


def _swings() -> Iterator[Change]:
    before = np.array([0.4, 0.3, 0.2, 0.1])
    for swing in (0.05, 0.1, 0.2, 0.3):
        after = before + np.array([-swing, 0, swing, 0])
        yield Change(f"4 levels, {100 * swing:.0f} points swing", category(before), category(after), swing)


def _pairs() -> Iterator[Change]:
    for swing in (0.1, 0.2, 0.3):
        after = np.array([0.5 + swing, 0.5 - swing])
        yield Change(f"2 levels, {100 * swing:.0f} points swing", category(np.ones(2)), category(after), swing)


def _thin() -> Iterator[Change]:
    before = skewed(100)
    for share in (0.2, 0.4):
        after = before * np.where(np.arange(100) % 2, 1 + share, 1 - share)
        effect = float(np.abs(after / after.sum() - before).sum() / 2)
        name = f"100 levels, every second × {1 + share:g}"
        yield Change(name, category(before), category(after), effect, excepted=True)


FAMILIES: dict[str, Callable[[], Iterator[Change]]] = {
    "shift": _shifts,
    "scale": _scales,
    "swing": _swings,
    "pair": _pairs,
    "thin": _thin,
}


def _normal(shift: float, scale: float = 1.0) -> Callable[[Generator, int], NDArray[np.float64]]:
    return lambda rng, size: shift + scale * rng.normal(size=size)


def _wild(shift: float) -> Column:
    """Normal values, the first of which is 10^6."""

    def draw(rng: Generator, size: int) -> NDArray[np.float64]:
        values = shift + rng.normal(size=size)
        values[0] = 1e6
        return values

    return number(draw)


def special_cases(checks: int) -> list[str]:
    """Cases that the defaults miss or invent; what each should be, and how often each says so."""
    print_title(f"Cases apart: share of {checks} checks that call the column drifted")
    widths = (58, 10, 22, 22)
    print_row(("case", "should be", "Driftline", "Evidently"), widths)
    halves, moved = category(np.array([0.5, 0.5])), category(np.array([0.6, 0.4]))
    gone = with_gaps(_normal(0.0), 0.95)
    cases = (
        ("1 sd and one value of 10^6 in the reference", _wild(0.0), number(_normal(1.0)), 5_000, 5_000, True),
        ("1 sd and one value of 10^6 in both", _wild(0.0), _wild(1.0), 5_000, 5_000, True),
        ("one value of 10^6 in the batch, nothing else", NORMAL, _wild(0.0), 5_000, 5_000, False),
        ("ten points between two categories, 2,000 rows", halves, moved, 5_000, 2_000, True),
        ("ten points between two categories, 20,000 rows", halves, moved, 50_000, 20_000, True),
        ("95 % missing", NORMAL, gone, 5_000, 5_000, True),
        ("0.3 sd downward", NORMAL, number(_normal(-0.3)), 5_000, 2_000, True),
    )
    missed = []
    for name, before, after, n, m, drifted in cases:
        ours, theirs, _ = counted(Change(name, before, after, 0.0), n, m, checks)
        print_row((name, "drift" if drifted else "none", ours, theirs), widths)
        held = ours.count == checks if drifted else ours.at_most(DEFAULT.alpha)
        missed += [] if held else [name]
    print(f"The last one by a one-sided KS test: p = {_one_sided():.3f}")
    return missed


def _one_sided() -> float:
    """P-value of a test that looks for larger values only, on values that fell."""
    rng = np.random.default_rng(1)
    return float(
        ks_2samp(rng.normal(-0.3, 1, 2_000), rng.normal(size=5_000), alternative="less", method="asymp").pvalue
    )


if __name__ == "__main__":
    sys.exit(main())
