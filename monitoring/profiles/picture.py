"""What a chart of one column needs, and no more: binned on the server, a few kilobytes a column. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericPicture:
    """A histogram and two cumulative curves.

    Attributes:
        edges: k + 1 bin edges in the column's unit, within the central range of both sides.
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
