"""The year of flights replayed month by month with an automatic policy: `python -m benchmarks.flights_loop`.

Everything is what a user has: the packaged model, a check of each month in a data folder, the retrain policy, a worker
process for each training, the gate, the promotion policy. April to December 2013 arrive in files; each is
scored by the version in use when it arrives. An outcome is known the next morning: what is decided on the first day of
a month knows the outcomes of the month before but for its last day. A rival that is no better by the gate's metric is
refused.

Printed: for each month what was decided and which version scored it; then the Brier score over the year of the versions
in use, that of the packaged version left alone, and their difference, with 95 % intervals for which a whole day is one
observation.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.printing import print_row, print_title
from monitoring.performance.estimate import estimate_mean
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.retraining.names import find_blocks
from monitoring.retraining.splits import complete
from monitoring.retraining.training import keep_labelled, score_rows
from monitoring.scoring.scorer import Scorer
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, enlist_check, order_check
from monitoring.workflows.decide import put_in_force
from monitoring.workflows.jobs import run_job
from monitoring.workflows.parts import Driftline

MODEL = "flight-delay"
LABELS_KNOWN = timedelta(hours=6)
"""Time of the next morning at which a day's outcomes are known."""
PROMOTION = """
name = "automatic"
suffices = ["better", "no_worse"]  # drift is confirmed: a rival must gain, and surely not lose by more than the margin
margin = 0.02
hold_out_margin = 0.03
approval = {mode = "automatic"}
"""
RETRAIN = """
name = "monthly, automatic"
dry_run = false
clock = "data"
triggers = {drift = "any"}
confirmation = {batches = 1, of = 1}
suppression = {cool_down_days = 20}
approval = {mode = "automatic"}
"""
DATA = "all,last-60-days,since-drift"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What happened to one month.

    Attributes:
        name: as 2013-04.
        version: what scored it.
        verdict: of its check.
        decision: what the retrain policy decided; gate: what came of a training, '' without one.
        outcomes, served, frozen: outcomes and both versions' probabilities of the labelled rows (n,); days: theirs.
    """

    name: str
    version: int
    verdict: str
    decision: str
    gate: str
    outcomes: Floats
    served: Floats
    frozen: Floats
    days: NDArray[np.int64]


def replay(data: Path, *, periods: str = "month", log: bool = True) -> list[Month]:
    """Replay the year in an empty data folder.

    Args:
        data: the folder.
        periods: how the year is cut into batches: by `month` or by `week`.
        log: whether each month is printed as it is done.
    """
    os.environ.setdefault("DRIFTLINE_TRAINING_DATA", DATA)
    os.environ["DRIFTLINE_DATA"] = str(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / "promotion.toml").write_text(PROMOTION)
    os.environ["DRIFTLINE_PROMOTION_POLICY"] = str(data / "promotion.toml")
    driftline = open_driftline(settings_from_environment())
    put_in_force(driftline, MODEL, RetrainPolicy.from_toml(RETRAIN), reason="the replay")
    months = []
    for name, rows in cut_year(driftline, periods):
        month = serve(driftline, name, rows)
        months.append(month)
        if log:
            print(
                f"{month.name}  version {month.version}  {month.verdict:<8} {month.decision}  {month.gate}", flush=True
            )
    return months


def cut_year(driftline: Driftline, periods: str) -> Iterator[tuple[str, pa.Table]]:
    """The batches of the packaged year in their order, with all outcomes."""
    contract = driftline.registry.version(MODEL, 1).contract
    year = complete(pq.read_table(driftline.settings.packaged_reference / MODEL / "samples" / "year.parquet"), contract)
    times = year[contract.timestamp]
    place = pc.month(times) if periods == "month" else pc.iso_week(times)
    for value in sorted(set(place.to_pylist())):
        name = f"2013-{value:02}" if periods == "month" else f"2013-W{value:02}"
        yield name, year.filter(pc.equal(place, value))


def serve(driftline: Driftline, name: str, rows: pa.Table) -> Month:
    """Check a batch with the outcomes that are known by then, and wait for what the policy starts."""
    version = driftline.registry.champion(MODEL)
    first = driftline.registry.version(MODEL, 1)
    known = keep_labelled(rows, version.contract)
    scores = [score_rows(Scorer(one.model_file, one.contract), known) for one in (version, first)]
    check = check_batch(driftline, name, matured(rows, version.contract.timestamp, version.contract.target.name))
    decision = driftline.decisions.decision_of(check)
    job = wait(driftline)
    return Month(
        name=name,
        version=version.number,
        verdict=driftline.history.check(check).verdict.name,
        decision=decision.decision.outcome if decision else "undecided",
        gate=job,
        outcomes=known[version.contract.target.name].to_numpy(),
        served=scores[0],
        frozen=scores[1],
        days=find_blocks(known, version.contract),
    )


def matured(rows: pa.Table, timestamp: str | None, target: str) -> pa.Table:
    """The rows with the outcomes that are known at the first moment after the batch."""
    times = rows[timestamp]
    last: datetime = pc.max(times).as_py()
    now = datetime.combine(last.date(), datetime.min.time()) + timedelta(days=1)
    known_at = pc.add(pc.floor_temporal(times, unit="day"), pa.scalar(timedelta(days=1) + LABELS_KNOWN))
    outcomes = pc.if_else(pc.less_equal(known_at, pa.scalar(now, pa.timestamp("us"))), rows[target], None)
    return rows.set_column(rows.schema.get_field_index(target), target, outcomes.cast(pa.float64()))


def check_batch(driftline: Driftline, name: str, rows: pa.Table) -> str:
    """Store and check a batch as an upload. Returns the check's id."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd")
    upload = driftline.uploads.save(sink.getvalue().to_pybytes())
    order = order_check(driftline, upload=upload, file_name=f"{name}.parquet", model=MODEL)
    enlist_check(driftline, order)
    run_job(driftline.jobs, order.id, lambda progress: check_and_record(driftline, order, progress))
    return order.id


def wait(driftline: Driftline) -> str:
    """Wait for the training that was started last, if any runs. Returns how it ended."""
    active = [job for job in driftline.jobs.jobs("retrain") if job.active]
    if not active:
        return ""
    while (job := driftline.jobs.job(active[0].id)).active:
        time.sleep(0.2)
    number = (job.result or {}).get("version")
    if number is None:
        return f"{job.state}: {job.message}"
    manifest = driftline.registry.version(MODEL, int(number)).manifest
    gate = manifest.gate
    if gate is None or gate.newest is None:
        return job.state
    hold_out = "" if gate.hold_out is None else f", hold-out {gate.hold_out.brier.value:+.4f}"
    told = (
        f"v{number} on {manifest.data}: {gate.result} {gate.brier_difference:+.4f} "
        f"({gate.brier_low:+.4f} to {gate.brier_high:+.4f}){hold_out}"
    )
    result = job.result or {}
    return f"{told}; {'promoted' if result.get('promotion') == 'promote' else result.get('promotion_sentence')}"


def summarise(months: list[Month]) -> list[list[str]]:
    """The realised Brier scores of the year: of what was in use, of the first version, and their difference."""
    outcomes, served, frozen = (
        np.concatenate([getattr(month, name) for month in months]) for name in ("outcomes", "served", "frozen")
    )
    days = np.concatenate([month.days for month in months])
    losses = {"looped": (served - outcomes) ** 2, "frozen": (frozen - outcomes) ** 2}
    losses["difference"] = losses["looped"] - losses["frozen"]
    table = []
    for name, values in losses.items():
        told = estimate_mean(values, days, 0.95)
        table.append([name, f"{told.value:.4f}", f"{told.low:.4f} to {told.high:.4f}", f"{len(np.unique(days))}"])
    return table


def main() -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--periods", choices=["month", "week"], default="month")
    parser.add_argument("--data", type=Path, help="an empty folder to keep everything in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        months = replay(options.data or Path(folder), periods=options.periods)
        print_title("Brier score of the versions in use, and of the packaged version left alone")
        widths = (30, 10, 24, 10)
        print_row(("batch", "version", "looped", "frozen"), widths)
        for month in months:
            scores = (np.mean((each - month.outcomes) ** 2) for each in (month.served, month.frozen))
            print_row((month.name, month.version, *(f"{score:.4f}" for score in scores)), widths)
        print_title("April to December, 95 % intervals by whole days")
        print_row(("", "mean", "interval", "days"), widths)
        for line in summarise(months):
            print_row(line, widths)
        print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
