"""What a chart of one column needs, and no more: binned on the server, a few kilobytes a column. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import Final, Literal

DIGITS: Final = 6
"""Digits after the first of a step, to which values on evenly spaced points are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericPicture:
    """A histogram and two cumulative curves.

    Attributes:
        edges: k + 1 bin edges in the column's unit, within the central range of both sides.
        step: how far apart the values are where all lie on evenly spaced points, midway between which the edges are; 0
            where they lie anywhere, and in pictures that were stored without it.
        bins_reference: share of all non-missing reference rows in each of the k bins.
        bins_batch: the same for the batch.
        curve_x: points at which both cumulative curves are given, increasing.
        curve_reference: share of non-missing reference rows at or below each point.
        curve_batch: the same for the batch.
        gap_x: where the cumulative curves are furthest apart.
        gap_reference: reference curve at `gap_x` (its left limit when the gap is there).
        gap_batch: batch curve at `gap_x`.
        beyond: share of batch rows that lie outside the drawn edges.
        missing_reference: share of all reference rows that are missing.
        missing_batch: share of all batch rows that are missing.
    """

    kind: Literal["numeric"] = "numeric"
    edges: tuple[float, ...]
    bins_reference: tuple[float, ...]
    bins_batch: tuple[float, ...]
    curve_x: tuple[float, ...]
    curve_reference: tuple[float, ...]
    curve_batch: tuple[float, ...]
    gap_x: float
    gap_reference: float
    gap_batch: float
    beyond: float
    missing_reference: float
    missing_batch: float
    step: float = 0.0

    def span(self, first: int, last: int) -> tuple[float, float]:
        """The smallest and the largest value that the bins from `first` to `last` have room for: what to tell people.

        >>> days = NumericPicture(edges=(0.5, 3.5, 6.5, 9.5), step=1.0, bins_reference=(), bins_batch=(), curve_x=(),
        ...     curve_reference=(), curve_batch=(), gap_x=0, gap_reference=0, gap_batch=0, beyond=0,
        ...     missing_reference=0, missing_batch=0)
        >>> days.span(0, 0), days.span(1, 2)
        ((1.0, 3.0), (4.0, 9.0))
        """
        low, high = self.edges[first], self.edges[last + 1]
        if not self.step:
            return low, high
        digits = DIGITS - floor(log10(self.step))
        return round(low + self.step / 2, digits), round(high - self.step / 2, digits)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPicture:
    """Shares of categories on both sides, the largest changes first, the rest in one bar.

    `unseen` tells for each category whether the model never saw it. `others` counts the categories left out of the
    lists; `others_reference` and `others_batch` are their shares.
    """

    kind: Literal["category"] = "category"
    categories: tuple[str, ...]
    share_reference: tuple[float, ...]
    share_batch: tuple[float, ...]
    unseen: tuple[bool, ...]
    others: int
    others_reference: float
    others_batch: float
    missing_reference: float
    missing_batch: float


Picture = NumericPicture | CategoryPicture
