"""The watch after a promotion: the new version and the one before on the same rows, batch by batch. Pure.

After each labelled batch all rows so far are looked at together. Looking several times gives chance several goes, so
each look's interval is widened for the number of looks that the policy plans (Bonferroni): a version that is no worse
is sent back with probability at most (1 - confidence) / 2 over the whole watch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from monitoring.contract import Value
from monitoring.performance.estimate import LEAST_DAYS, Estimate, around
from monitoring.performance.gate import Gate
from monitoring.policy.promotion_policy import PromotionPolicy

WatchState = Literal["watching", "kept", "worse"]
Promise = Literal["held", "short", "open"]


class DayLoss(Value):
    """Rows of one day, or single rows where they have no time.

    Attributes:
        day: ordinal of the block of days; None where each row stands for itself.
        rows: labelled rows; loss: sum of the new version's squared errors minus those of the one before.
        squares: sum of the squares of these differences.
    """

    day: int | None
    rows: int
    loss: float
    squares: float


class WatchedBatch(Value):
    """One labelled batch since the promotion.

    Attributes:
        check: id of its check; file_name: name of its file.
        rows: labelled rows that neither version was trained on, nor compared on by its gate.
        before, after: Brier score of the version before and of the new one on them.
        days: the differences by days.
    """

    check: str
    file_name: str
    rows: int
    before: float
    after: float
    days: tuple[DayLoss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchVerdict:
    """Where a watch stands.

    Attributes:
        state: `watching`, `kept` (the watch has ended well) or `worse` (surely worse than the version before).
        sentence: the state with its numbers.
        difference: new Brier score minus that of the version before over all rows so far; None with too few days.
        promise: whether the gain is what the gate promised: `held`, `short` of it, or still `open`.
        seen, planned: labelled batches so far and in all.
    """

    state: WatchState
    sentence: str
    difference: Estimate | None
    promise: Promise
    seen: int
    planned: int


def judge_watch(batches: Sequence[WatchedBatch], gate: Gate | None, policy: PromotionPolicy) -> WatchVerdict:
    """What the batches so far say of the new version.

    Args:
        batches: labelled batches since the promotion, oldest first.
        gate: what was promised, None when nothing was.
        policy: how many batches the watch has, and how sure it must be.
    """
    planned = policy.watch.batches
    looked = batches[:planned]
    difference = _pool(looked, 1 - (1 - policy.confidence) / max(1, planned))
    over = len(looked) >= planned
    if difference is None:
        state: WatchState = "kept" if over else "watching"
        said = "No batch with outcomes has come yet." if not looked else "Too few days have outcomes yet to compare."
    else:
        rows = sum(day.rows for one in looked for day in one.days)
        state = "worse" if difference.low > 0 else "kept" if over else "watching"
        said = (
            f"On {rows:,} rows since the promotion its Brier score differs from that of the "
            f"version before by {difference.value:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})."
        )
    promise = _keeps_promise(difference, gate)
    ends = {
        "watching": f"Watched: {len(looked)} of {planned} batches with outcomes.",
        "kept": "The watch is over: nothing speaks against it." if planned else "It is not watched.",
        "worse": "It is worse than the version before.",
    }
    promised = {
        "held": " The gate promised as much.",
        "short": " That is less than the gate promised.",
        "open": "",
    }
    return WatchVerdict(
        state=state,
        sentence=f"{ends[state]} {said}{promised[promise]}".replace("-0.", "−0.").strip(),
        difference=difference,
        promise=promise,
        seen=len(looked),
        planned=planned,
    )


def _pool(batches: Sequence[WatchedBatch], confidence: float) -> Estimate | None:
    """The mean difference over all rows, whole days being what varies; None with too few of them."""
    days: dict[int, tuple[int, float]] = {}
    rows, loss, spread, blocks = 0, 0.0, 0.0, 0
    for part in (day for batch in batches for day in batch.days):
        rows, loss = rows + part.rows, loss + part.loss
        if part.day is not None:
            count, total = days.get(part.day, (0, 0.0))
            days[part.day] = (count + part.rows, total + part.loss)
    if not rows:
        return None
    mean = loss / rows
    for count, total in days.values():
        spread, blocks = spread + (total - mean * count) ** 2, blocks + 1
    for part in (day for batch in batches for day in batch.days if day.day is None):
        spread += part.squares - 2 * mean * part.loss + part.rows * mean**2
        blocks += part.rows
    if blocks < LEAST_DAYS:
        return None
    error = float(np.sqrt(blocks / (blocks - 1) * max(0.0, spread))) / rows
    return around(mean, error, blocks, confidence)


def _keeps_promise(difference: Estimate | None, gate: Gate | None) -> Promise:
    if difference is None or gate is None:
        return "open"
    if difference.low > gate.brier_high:
        return "short"
    return "held" if difference.value <= min(0.0, gate.brier_high) else "open"
