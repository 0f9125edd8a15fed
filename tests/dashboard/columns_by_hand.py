"""Findings and pictures of columns, made by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import NormalDist

from monitoring.drift.measurement import CategoryChange, CategoryShift, Evidence, NumericShift, ShareShift
from monitoring.policy.verdict import Finding, State
from monitoring.profiles.picture import CategoryPicture, NumericPicture

N_REFERENCE, N_BATCH = 18_809, 6_000


def finding(column: str, state: State, effect: float, evidence: Evidence, **changes: object) -> Finding:
    """A KS finding of an input, unless `changes` say otherwise."""
    base = Finding(
        column=column,
        role="input",
        detector="ks",
        state=state,
        statistic=effect,
        p_value=1e-12 if state in ("drift", "small") else 0.4,
        p_adjusted=1e-11 if state in ("drift", "small") else 1.0,
        p_rows=1e-12,
        p_days=0.0004,
        effect=effect,
        effect_low=max(0.0, effect - 0.02),
        effect_high=min(1.0, effect + 0.02),
        tolerance=0.46,
        natural_variation=0.46,
        outside_every_block=state == "drift",
        n_reference=N_REFERENCE,
        n_batch=N_BATCH,
        muted=False,
        note="",
        evidence=evidence,
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and types of the fields above


def shift(before: float, after: float) -> NumericShift:
    """A number whose mean and median moved alike."""
    return NumericShift(
        median_reference=before,
        median_batch=after,
        mean_reference=before,
        mean_batch=after,
        location=(before + after) / 2,
    )


def numeric_picture(before: float, after: float, spread: float, *, bins: int = 30) -> NumericPicture:
    """Two normal distributions, cut into bins."""
    reference, batch = NormalDist(before, spread), NormalDist(after, spread)
    low, high = min(before, after) - 3 * spread, max(before, after) + 3 * spread
    edges = tuple(low + (high - low) * step / bins for step in range(bins + 1))
    gap = (before + after) / 2
    return NumericPicture(
        edges=edges,
        bins_reference=_bins(reference, edges),
        bins_batch=_bins(batch, edges),
        curve_x=edges,
        curve_reference=tuple(reference.cdf(edge) for edge in edges),
        curve_batch=tuple(batch.cdf(edge) for edge in edges),
        gap_x=gap,
        gap_reference=reference.cdf(gap),
        gap_batch=batch.cdf(gap),
        beyond=0.0,
        missing_reference=0.0,
        missing_batch=0.0,
    )


def category_picture(
    shares: dict[str, tuple[float, float]], *, unseen: tuple[str, ...] = (), others: int = 0
) -> CategoryPicture:
    """Categories with their shares, reference and batch."""
    return CategoryPicture(
        categories=tuple(shares),
        share_reference=tuple(before for before, _ in shares.values()),
        share_batch=tuple(after for _, after in shares.values()),
        unseen=tuple(category in unseen for category in shares),
        others=others,
        others_reference=0.1 if others else 0.0,
        others_batch=0.08 if others else 0.0,
        missing_reference=0.0,
        missing_batch=0.0,
    )


def unseen(category: str, rows: int) -> ShareShift:
    """A category that the reference does not have."""
    return ShareShift(
        share_reference=0.0, share_batch=rows / N_BATCH, highest_reference_block=0.0, examples=((category, rows),)
    )


def categories(shares: dict[str, tuple[float, float]]) -> CategoryShift:
    changes = tuple(CategoryChange(name, before, after) for name, (before, after) in shares.items())
    return CategoryShift(
        grew=tuple(change for change in changes if change.share_batch > change.share_reference),
        shrank=tuple(change for change in changes if change.share_batch < change.share_reference),
        groups=len(changes),
    )


def _bins(distribution: NormalDist, edges: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(distribution.cdf(high) - distribution.cdf(low) for low, high in pairwise(edges))
