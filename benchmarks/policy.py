"""How often a retrain policy asks on unchanged data, and how soon on changed data: `python -m benchmarks.policy`.

Years of daily batches, each decided by the policy itself. First with alarms drawn by chance, as often as the drift
policy's alpha allows at most: each day by itself, and in runs, as when a reference happens to be odd (years end in a
fresh state). Then with rows: the engine compares each day's batch with a reference drawn anew for each year, by a
policy without a floor, under which every alarm counts. Then with outcomes: days differ in their Brier score as those of
the reference do. Last a change of the predictions is planted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa

from benchmarks.columns import Column, Generator, contract_of, cycled, draw_rows
from benchmarks.printing import print_row, print_title
from monitoring.contract import PREDICTION
from monitoring.drift.compare import compare
from monitoring.performance.realised import Realised
from monitoring.policy.drift_policy import DEFAULT, DriftPolicy
from monitoring.policy.judge import judge
from monitoring.policy.retrain_confirmation import performance_sign
from monitoring.policy.retrain_decision import decide
from monitoring.policy.retrain_evidence import (
    ASKED,
    WINDOW,
    Asked,
    Batch,
    Champion,
    Labelled,
    Occasion,
    Plan,
    RetrainEvidence,
)
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.policy.retrain_promise import YEAR, Promise, promise
from monitoring.profiles.profile import profile_batch
from monitoring.profiles.reference import Reference

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAYS = 365
SEED = 6
ALPHA = 0.01
RUN = 10
"""Mean length of a run of alarms."""
REFERENCE_ROWS = 5_000
REFERENCE_DAYS, ROWS_A_DAY = 21, 300
BRIER, BETWEEN_DAYS = 0.165, 0.05
"""Of the packaged reference, and the standard deviation of a day's."""
RARE = 20
"""How many times as many years are lived through where hardly anything asks."""
CHANGE_ON = 5
"""Day of the planted change."""
LONGEST = 60
"""Days after which a change that nobody noticed counts as not noticed."""
WIDTHS = (46, 10, 14, 16, 10)

EVERYTHING = RetrainPolicy.model_validate(
    {
        "name": "everything counts",
        "dry_run": False,
        "triggers": {"drift": "any", "performance": False},
        "drift": {"open": 1e-6, "close": 0},
        "suppression": {"cool_down_days": 0, "budget": 31, "one_in_flight": False},
        "approval": {"mode": "automatic"},
    }
)
"""Nothing but the confirmation stands against a false alarm."""
WORSE = RetrainPolicy.model_validate(
    {
        **EVERYTHING.model_dump(),
        "name": "performance alone",
        "triggers": {"drift": "off", "performance": True},
        "performance": {"open": 1e-9, "close": 0, "labelled_rows": 30, "alpha": ALPHA},
    }
)
"""The same of realised performance: no level but chance."""
ORDINARY = RetrainPolicy.model_validate({"dry_run": False, "approval": {"mode": "automatic"}})
"""The default policy, acting by itself."""
NO_FLOOR = DriftPolicy(name="no floor", alpha=ALPHA, floor=0.0)


@dataclass(frozen=True, slots=True)
class Day:
    """What a day's check found: whether it was in drift, the predictions too; how far they, and the column that moved
    most, moved; and, with outcomes, how good it was beside the reference."""

    drift: bool
    predictions: bool
    moved: float
    largest: float
    outcomes: tuple[Realised, Realised] | None = None

    @property
    def alarm(self) -> bool:
        """Whether it can be one of those that ask."""
        return self.drift or (self.outcomes is not None and _worse(self.outcomes))


CALM, ALARM = Day(False, False, 0.0, 0.0), Day(True, True, 1.0, 1.0)


def requests(policy: RetrainPolicy, days: Sequence[Day], *, rows: int = 2_000) -> list[int]:
    """Days on which a policy asks. No version is promoted; a request is done by the next day.

    Days after which fewer than `batches` of the last `of` batches alarmed are not decided: nothing can ask then.
    """
    asked: list[Asked] = []
    for number in range(len(days)):
        last = days[max(0, number + 1 - policy.confirmation.of) : number + 1]
        if sum(day.alarm for day in last) < policy.confirmation.batches:
            continue
        shown = range(max(0, number + 1 - WINDOW), number + 1)
        batches = [_batch(place, days[place], rows) for place in shown]
        evidence = _evidence(batches, asked[-ASKED:])
        decision = decide(policy, evidence, batches[-1].at)
        if decision.outcome == "request":
            asked.append(Asked(id=decision.id, at=decision.at, state="ended", uploads=decision.uploads))
    return [round((one.at - START) / timedelta(days=1)) for one in asked]


def _batch(number: int, day: Day, rows: int) -> Batch:
    found, usual = day.outcomes or (None, None)
    return Batch(
        check=f"{number}",
        upload=f"{number}",
        at=START + timedelta(days=number),
        verdict="drift" if day.drift else "stable",
        moved=day.moved,
        largest=day.largest,
        predictions_drifted=day.predictions,
        rows=rows,
        labelled_rows=found.rows if found else 0,
        brier=found.brier if found else None,
        blocks=found.blocks if found else 0.0,
        brier_reference=usual.brier if usual else None,
        reference_rows=usual.rows if usual else 0,
        reference_blocks=usual.blocks if usual else 0.0,
        deviation=usual.deviation if usual else None,
    )


def _evidence(batches: list[Batch], asked: list[Asked]) -> RetrainEvidence:
    return RetrainEvidence(
        model="simulated",
        occasion=Occasion(kind="check", key=batches[-1].check, check=batches[-1].check),
        champion=Champion(version=1, since=START),
        subject=batches[-1],
        batches=tuple(batches),
        asked=tuple(asked),
        labelled=(Labelled(upload="labels", at=START, rows=10_000, learnt=False),),
        plan=Plan(),
    )


def by_chance(rng: Generator) -> list[Day]:
    """A year whose days alarm with probability alpha, each by itself."""
    return [ALARM if alarm else CALM for alarm in rng.random(DAYS) < ALPHA]


def in_runs(rng: Generator) -> list[Day]:
    """A year whose days alarm as often, but in runs."""
    stays, begins = 1 - 1 / RUN, ALPHA / (RUN * (1 - ALPHA))
    alarmed = rng.random() < ALPHA
    days = []
    for draw in rng.random(DAYS):
        days.append(ALARM if alarmed else CALM)
        alarmed = draw < (stays if alarmed else begins)
    return days


def with_outcomes(rng: Generator) -> list[Day]:
    """A year whose days differ in their Brier score as those of the reference do, which are drawn anew."""
    usual = rng.normal(BRIER, BETWEEN_DAYS, REFERENCE_DAYS)
    reference = _realised(float(usual.mean()), REFERENCE_DAYS, float(usual.std(ddof=1)))
    drawn = rng.normal(BRIER, BETWEEN_DAYS, DAYS).tolist()
    return [Day(False, False, 0.0, 0.0, (_realised(brier, 1, None), reference)) for brier in drawn]


@cache
def _worse(outcomes: tuple[Realised, Realised]) -> bool:
    return performance_sign(_batch(0, Day(False, False, 0.0, 0.0, outcomes), 0), WORSE.performance) == "high"


def _realised(brier: float, days: int, deviation: float | None) -> Realised:
    rows = ROWS_A_DAY * days
    kept = min(max(brier, 0.0), 1.0)
    return Realised(
        rows=rows, rate=0.2, mean_prediction=0.2, auc=0.7, brier=kept, blocks=float(days), deviation=deviation
    )


def compared(rng: Generator, *, rows: int, days: int, policy: DriftPolicy, change: float = 0.0) -> Iterator[Day]:
    """Days whose rows the engine compares with a reference drawn anew.

    From day `CHANGE_ON` on a share `change` of the predictions is drawn from the upper tenth: their KS distance to
    the reference is then .9 of it.
    """
    columns: dict[str, Column] = cycled("mixed", 4)
    contract = contract_of(columns)
    reference = Reference.build(contract, draw_rows(columns, rng, REFERENCE_ROWS), "simulated")
    for number in range(days):
        drawn = draw_rows(columns, rng, rows)
        if change and number >= CHANGE_ON:
            drawn = _changed(drawn, rng, change)
        comparison = compare(reference, profile_batch(drawn, reference.grids), level=policy.alpha)
        verdict, findings = judge(comparison, policy, contract, "The batch")
        drifted = {finding.column: finding.effect for finding in findings if finding.state == "drift"}
        moved = max((one.effect for one in findings if one.role == "prediction" and one.p_value is not None), default=0)
        yield Day(verdict.name == "drift", PREDICTION in drifted, moved, max(drifted.values(), default=0.0))


def _changed(rows: pa.Table, rng: Generator, share: float) -> pa.Table:
    values = rows.column(PREDICTION).to_numpy()
    high = rng.random(len(values)) < share
    changed = np.where(high, 0.9 + 0.1 * rng.random(len(values)), values)
    return rows.set_column(rows.schema.get_field_index(PREDICTION), PREDICTION, pa.array(changed))


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests in simulated years."""

    years: int
    requests: int

    @property
    def a_year(self) -> float:
        return self.requests / self.years * YEAR / DAYS

    def at_most(self, promised: float) -> bool:
        """Whether so many are explained by the promised rate, four standard errors of a Poisson count allowed."""
        expected = promised * self.years * DAYS / YEAR
        return bool(self.requests <= expected + 4 * expected**0.5)


def live_years(policy: RetrainPolicy, year: Callable[[Generator], Sequence[Day]], years: int, seed: int) -> Counted:
    """Live through years of one kind."""
    streams = np.random.SeedSequence(seed).spawn(years)
    return Counted(years, sum(len(requests(policy, year(np.random.default_rng(one)))) for one in streams))


def days_to_request(change: float, *, rows: int, repetitions: int, seed: int = SEED) -> list[int | None]:
    """Days from a planted change to the first request by the ordinary policy; None when it was not within `LONGEST`."""
    streams = np.random.SeedSequence(seed).spawn(repetitions)
    return [_waited(np.random.default_rng(stream), change, rows) for stream in streams]


def _waited(rng: Generator, change: float, rows: int) -> int | None:
    days: list[Day] = []
    for day in compared(rng, rows=rows, days=CHANGE_ON + LONGEST, policy=DEFAULT, change=change):
        days.append(day)
        if len(days) > CHANGE_ON and any(one >= CHANGE_ON for one in requests(ORDINARY, days, rows=rows)):
            return len(days) - CHANGE_ON
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables; 1 when a policy asks more often than it promises, by more than chance."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policy", description=__doc__)
    parser.add_argument(
        "--years", type=int, default=1_000, help=f"years with alarms in runs; {RARE} times as many of single ones"
    )
    parser.add_argument("--compared", type=int, default=10, help="years of rows that the engine compares")
    parser.add_argument("--repetitions", type=int, default=40, help="planted changes of each size")
    chosen = parser.parse_args(arguments)
    print_title("Data that does not change: requests a year")
    print_row(("", "years", "requests", "promised", ""), WIDTHS)
    held = [_tell(name, counted, most) for name, counted, most in _unchanged(chosen.years, chosen.compared)]
    print_title("A planted change of the predictions: days until the default policy asks (with no approval)")
    print_row(("moved share, rows a day", "planted", "median days", "9 of 10 within", "never"), WIDTHS)
    for rows in (400, 1_000):
        for change in (0.1, 0.15, 0.2, 0.3):
            _tell_days(change, rows, days_to_request(change, rows=rows, repetitions=chosen.repetitions))
    return int(not all(held))


def _unchanged(years: int, compared_years: int) -> Iterator[tuple[str, Counted, float]]:
    promised: Promise = promise(EVERYTHING, alpha=ALPHA)
    single = live_years(EVERYTHING, by_chance, RARE * years, SEED)
    yield "alarms by chance, each day by itself", single, promised.independent
    yield "alarms by chance, in runs of ten", live_years(EVERYTHING, in_runs, years, SEED), promised.unchanged
    outcomes = promise(WORSE, alpha=ALPHA).unchanged
    yield "outcomes of days that differ, no level", live_years(WORSE, with_outcomes, years, SEED), outcomes
    default = promise(ORDINARY, alpha=ALPHA)
    yield "default policy, alarms in runs of ten", live_years(ORDINARY, in_runs, years, SEED), default.unchanged
    if compared_years:

        def rows(rng: Generator) -> list[Day]:
            return list(compared(rng, rows=300, days=DAYS, policy=NO_FLOOR))

        yield "300 rows a day, no floor", live_years(EVERYTHING, rows, compared_years, SEED), promised.unchanged


def _tell(name: str, counted: Counted, promised: float) -> bool:
    held = counted.at_most(promised)
    print_row(
        (name, counted.years, f"{counted.a_year:.3f}", f"at most {promised:.3f}", "holds" if held else "ABOVE"), WIDTHS
    )
    return held


def _tell_days(change: float, rows: int, found: Sequence[int | None]) -> None:
    waited = sorted(LONGEST + 1 if one is None else one for one in found)
    median, late = waited[(len(waited) - 1) // 2], waited[int(0.9 * (len(waited) - 1))]
    told = [f"more than {LONGEST}" if days > LONGEST else f"{days}" for days in (median, late)]
    print_row((f"{0.9 * change:.3f}, {rows:,}", len(found), *told, found.count(None)), WIDTHS)


if __name__ == "__main__":
    sys.exit(main())
