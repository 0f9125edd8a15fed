"""Whether what asks for a retraining was seen often enough: k of the last m batches, with two levels. Pure.

A batch either says nothing (a broken feed, too few rows, no outcomes) and is passed over, or is `high` (beyond the open
level), `moved` (beyond the close level) or `calm`. An episode opens when `batches` of the last `of` are high, and ends
when fewer than `keep` of the last `of` are high or moved: a value that hovers about one level rings once, not daily.

An open episode asks when `batches` of the last `of` are high or moved *and no earlier request rested on them*. So each
request uses up `batches` batches of its own: that is what `retrain_promise` rests on, whether batches resemble each
other or not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from scipy.special import stdtrit

from monitoring.policy.retrain_evidence import Batch
from monitoring.policy.retrain_policy import Confirmation, PerformanceLevels, RetrainPolicy

Sign = Literal["high", "moved", "calm"]
SAYS_NOTHING = ("broken", "undecided")
"""Verdicts of batches that say nothing about drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """How often it was seen.

    Attributes:
        open: whether an episode is open.
        high: batches beyond the open level among the last `of`.
        moved: batches beyond the close level among the last `of`, the high ones too.
        fresh: of those, the ones that no earlier request rested on.
        looked: batches that said something among those that were looked at, at most `of`.
        needed: batches that it takes.
    """

    open: bool
    high: int
    moved: int
    fresh: int
    looked: int
    needed: int

    @property
    def asks(self) -> bool:
        return self.open and self.fresh >= self.needed


def confirm_drift(batches: Sequence[Batch], policy: RetrainPolicy, spent: Collection[str]) -> Confirmed:
    """Whether drift is confirmed. `spent`: uploads that earlier requests rested on."""
    return _confirm(batches, lambda batch: drift_sign(batch, policy), policy.confirmation, spent)


def confirm_worse(batches: Sequence[Batch], policy: RetrainPolicy, spent: Collection[str]) -> Confirmed:
    """Whether it is confirmed that the predictions got worse."""
    return _confirm(batches, lambda batch: performance_sign(batch, policy.performance), policy.confirmation, spent)


def drift_sign(batch: Batch, policy: RetrainPolicy) -> Sign | None:
    """What a batch says about drift, None for nothing. Without the verdict `drift` it is calm, however far it moved."""
    if batch.verdict in SAYS_NOTHING:
        return None
    if batch.verdict != "drift":
        return "calm"
    anything = policy.triggers.drift == "any"
    size = batch.largest if anything else batch.moved
    if size >= policy.drift.open and (anything or batch.predictions_drifted):
        return "high"
    return "moved" if size >= policy.drift.close else "calm"


def performance_sign(batch: Batch, levels: PerformanceLevels) -> Sign | None:
    """What a batch says about performance, None for nothing: beyond a level, and beyond chance."""
    if batch.verdict == "broken" or batch.brier is None or batch.brier_reference is None:
        return None
    if batch.labelled_rows < levels.labelled_rows or batch.reference_rows < 1:
        return None
    chance = beyond_chance(batch, levels.alpha)
    if chance is None:
        return None
    worse = batch.brier - batch.brier_reference
    if worse < levels.close or worse < chance:
        return "calm"
    return "high" if worse >= levels.open else "moved"


def beyond_chance(batch: Batch, alpha: float) -> float | None:
    """Difference of two Brier scores that chance exceeds with probability at most `alpha`; None where nothing tells.

    **Rows.** A mean of values in [0, 1] with expectation b has a variance of at most b (1 - b) a value (Bhatia & Davis
    2000). **Days.** Where the reference knows times, what days differ by comes on top: the variance of one block's
    mean, taken from the reference's blocks, over the blocks of both sides. Student's t, with as many degrees of freedom
    as that estimate has, does the rest; without times the normal approximation, and rows must be independent.
    """
    if batch.brier is None or batch.brier_reference is None:
        raise ValueError("a batch without outcomes")
    n, m = batch.labelled_rows, batch.reference_rows
    mean = (n * batch.brier + m * batch.brier_reference) / (n + m)
    rows = mean * (1 - mean) * (1 / n + 1 / m)
    if not batch.reference_blocks:
        return float(NormalDist().inv_cdf(1 - alpha) * rows**0.5)
    if batch.deviation is None or not batch.blocks:
        return None
    days = batch.deviation**2 * (1 / batch.blocks + 1 / batch.reference_blocks)
    return float(stdtrit(batch.reference_blocks - 1, 1 - alpha) * (rows + days) ** 0.5)


def _confirm(
    batches: Sequence[Batch],
    sign: Callable[[Batch], Sign | None],
    confirmation: Confirmation,
    spent: Collection[str],
) -> Confirmed:
    spoken = [(batch.upload, said) for batch in batches if (said := sign(batch)) is not None]
    is_open = False
    for end in range(1, len(spoken) + 1):
        window = [said for _, said in spoken[max(0, end - confirmation.of) : end]]
        if window.count("high") >= confirmation.batches:
            is_open = True
        elif len(window) - window.count("calm") < confirmation.keep:
            is_open = False
    last = spoken[-confirmation.of :]
    moved = [upload for upload, said in last if said != "calm"]
    return Confirmed(
        open=is_open,
        high=sum(said == "high" for _, said in last),
        moved=len(moved),
        fresh=sum(upload not in spent for upload in moved),
        looked=len(last),
        needed=confirmation.batches,
    )
