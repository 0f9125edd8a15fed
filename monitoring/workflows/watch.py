"""The watch after a promotion: the labelled batches since, scored by the new version and by the one before."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.errors import DriftlineError, NotPossible, Refused, StoreFailed
from monitoring.history.records import CheckSummary
from monitoring.history.watches import Watch
from monitoring.policy.promotion_watch import DayLoss, WatchedBatch, WatchVerdict, judge_watch
from monitoring.progress import Progress, silent
from monitoring.registry.version import Version
from monitoring.retraining.names import NO_DAY, find_blocks, find_same_days, find_shared
from monitoring.retraining.request import Source
from monitoring.retraining.source_rows import read_source
from monitoring.retraining.splits import complete
from monitoring.retraining.training import keep_labelled, score_rows
from monitoring.scoring.scorer import Scorer
from monitoring.switch import Switch
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import roll_back

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedVersion:
    """A version that was put into use, and how it does.

    Attributes:
        switch: the promotion.
        watch: what was seen since.
        verdict: what to make of it.
        waiting: labelled batches that are there and not compared yet.
    """

    switch: Switch
    watch: Watch
    verdict: WatchVerdict
    waiting: int


def watched_version(driftline: Driftline, model: str) -> WatchedVersion | None:
    """Where the watch of the version in use stands; None when it was not put into use instead of another.

    Raises:
        NotFound: there is no such model.
        StoreFailed: the store cannot be read.
    """
    switches = driftline.registry.switches(model)
    if not switches or switches[-1].kind != "promote" or switches[-1].previous is None:
        return None
    switch = switches[-1]
    watch = driftline.watches.get(switch.id) or Watch(
        switch=switch.id, version=switch.version, previous=switches[-1].previous
    )
    gate = driftline.registry.version(model, switch.version).manifest.gate
    if gate is not None and driftline.registry.version(model, switch.version).manifest.parent != switch.previous:
        gate = None  # it promised something beside another version
    verdict = judge_watch(watch.batches, gate, driftline.promotion)
    waiting = len(_waiting(driftline, model, switch, watch)) if verdict.state == "watching" else 0
    return WatchedVersion(switch=switch, watch=watch, verdict=verdict, waiting=waiting)


def keep_watch(driftline: Driftline, model: str, progress: Progress = silent) -> WatchedVersion | None:
    """Compare the batches that are waiting, and roll back where the promotion policy says so.

    Each batch is kept as soon as it is compared; the watch ends with the planned number, or as soon as the new version
    is surely worse. A batch that the store cannot give now waits until the next time, and keeps no other batch back.

    Raises:
        NotFound: there is no such model.
        StoreFailed: what was seen could not be kept, or a batch could not be read; what could be compared was.
        Cancelled: a person asked to stop.
    """
    found = watched_version(driftline, model)
    if found is None:
        return None
    waiting = _waiting(driftline, model, found.switch, found.watch) if found.waiting else []
    failed: StoreFailed | None = None
    for place, check in enumerate(waiting):
        progress(place / len(waiting), f"Comparing versions on {check.file_name}")
        try:
            seen = _with(driftline, found.watch, model, check)
        except StoreFailed as error:
            failed = failed or error
            continue
        driftline.watches.keep(seen)
        found = watched_version(driftline, model) or found
        if found.verdict.state != "watching":
            break
    if found.verdict.state == "worse" and driftline.promotion.watch.action == "roll_back":
        _bring_back(driftline, model, found)
    if failed is not None:
        raise failed
    return found


def _bring_back(driftline: Driftline, model: str, found: WatchedVersion) -> None:
    """Undo the promotion that was watched, unless another process has done it: it is never undone twice."""
    reason = f"By the promotion policy {driftline.promotion.name}: {found.verdict.sentence}"
    now, undoes = driftline.now(), found.switch.id
    try:
        roll_back(driftline.registry, driftline.history, model, reason=reason, now=now, undoes=undoes)
    except NotPossible as error:
        _logger.info("Version %d of %s was not brought back from here: %s", found.watch.version, model, error)


def _waiting(driftline: Driftline, model: str, switch: Switch, watch: Watch) -> list[CheckSummary]:
    """Labelled checks of the new version since its promotion that were not looked at, as they were kept.

    What the version scored, it scored while it was in use: unless it was in use before, all of that came afterwards,
    whatever the clock said.
    """
    seen = {batch.check for batch in watch.batches} | set(watch.passed_over)
    checks = driftline.history.labelled_checks(model, switch.version)
    if switch.earlier is not None:
        seen |= set(switch.earlier)
    elif _was_in_use_before(driftline, switch):
        checks = tuple(check for check in checks if check.created_at >= switch.at)
    return [check for check in checks if check.id not in seen and check.verdict != "broken"]


def _was_in_use_before(driftline: Driftline, switch: Switch) -> bool:
    switches = driftline.registry.switches(switch.model)
    before = switches[: [one.id for one in switches].index(switch.id)]
    return any(switch.version in (one.version, one.previous) for one in before)


def _with(driftline: Driftline, watch: Watch, model: str, check: CheckSummary) -> Watch:
    """The watch with one more batch, or with one more that cannot tell. Raises StoreFailed: then nothing is known."""
    new, before = (driftline.registry.version(model, number) for number in (watch.version, watch.previous))
    try:
        batch = _compare(driftline, new, before, check, watch)
    except StoreFailed:
        raise
    except DriftlineError as error:
        _logger.info("Check %s does not count for the watch: %s", check.id, error)
        return watch.model_copy(update={"passed_over": (*watch.passed_over, check.id)})
    return watch.model_copy(update={"batches": (*watch.batches, batch)})


def _compare(driftline: Driftline, new: Version, before: Version, check: CheckSummary, watch: Watch) -> WatchedBatch:
    result = driftline.history.check(check.id)
    source = Source(
        check=check.id,
        file_name=check.file_name,
        upload=result.upload,
        labels=result.labels,
        first_time=check.first_time,
        last_time=check.last_time,
        reading=result.reading,
    )
    rows = _read(driftline, source, new)
    rows = _unknown_to(keep_labelled(rows, new.contract), (new, before))
    if not rows.num_rows:
        raise NotPossible("No row is left that neither version was trained on or compared on before.")
    labels = rows[new.contract.target.name].to_numpy()
    scores = [score_rows(Scorer(one.model_file, one.contract), rows) for one in (before, new)]
    errors = [(score - labels) ** 2 for score in scores]
    seen = {day.day for batch in watch.batches for day in batch.days}
    return WatchedBatch(
        check=check.id,
        file_name=check.file_name,
        rows=rows.num_rows,
        before=float(errors[0].mean()),
        after=float(errors[1].mean()),
        days=_sum_days(errors[1] - errors[0], rows, new, seen),
    )


def _read(driftline: Driftline, source: Source, version: Version) -> pa.Table:
    """The rows of a batch. Raises StoreFailed where the disk does not give them now, which says nothing about them."""
    try:
        return read_source(driftline.uploads, source, version.contract, silent, driftline.settings.limits)
    except (OSError, Refused) as error:
        if _disk_failed(error):
            raise StoreFailed(f"The rows of {source.file_name} cannot be read now.") from error
        raise


def _disk_failed(error: BaseException | None) -> bool:
    """Whether the system itself refused to read, and is the cause of an error: such errors alone have a number."""
    if isinstance(error, OSError) and error.errno:
        return True
    return error is not None and _disk_failed(error.__cause__)


def _read_rows(version: Version, file: Path) -> pa.Table:
    """The rows of a file of a version. Raises StoreFailed: registered files are whole, so it is the disk that fails."""
    try:
        return complete(pq.read_table(file), version.contract)
    except (OSError, pa.ArrowException) as error:
        raise StoreFailed(f"{file.name} of version {version.number} of {version.model} cannot be read now.") from error


def _unknown_to(rows: pa.Table, versions: tuple[Version, ...]) -> pa.Table:
    """The rows that say something new of both versions: not known to either, nor another row of their day."""
    for version in versions:
        for known in _known_to(version):
            shared = find_shared(rows, known, version.contract) | find_same_days(rows, known, version.contract)
            rows = rows.filter(pa.array(~shared))
    return rows


def _known_to(version: Version) -> Iterator[pa.Table]:
    """The rows that a version was trained on, then those that its gate compared on, where it had one.

    It was put forward because it did well on the latter, by chance too: they flatter it. All of them are in its
    reference (see `retraining.splits`), of which only the rows with an outcome can have been compared.
    """
    if version.training_file is not None:
        yield _read_rows(version, version.training_file)
    if version.manifest.gate is not None:
        yield keep_labelled(_read_rows(version, version.reference_file), version.contract)


def _sum_days(
    differences: np.ndarray[tuple[int], np.dtype[np.float64]], rows: pa.Table, version: Version, seen: set[int | None]
) -> tuple[DayLoss, ...]:
    """The differences by days that no earlier batch had; rows without a time stand for themselves."""
    days = find_blocks(rows, version.contract)
    told = []
    for day in np.unique(days).tolist():
        inside = differences[days == day]
        if day == NO_DAY or day not in seen:
            told.append(
                DayLoss(
                    day=None if day == NO_DAY else day,
                    rows=len(inside),
                    loss=float(inside.sum()),
                    squares=float(np.sum(inside**2)),
                )
            )
    return tuple(told)
