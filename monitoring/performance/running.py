"""Realised performance of predictions that come in parts, in bounded memory. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitoring.performance.block_losses import NO_BLOCK, BlockLosses, Floats, Ints
from monitoring.performance.realised import Realised, measure_performance

ROWS_KEPT = 1 << 20
"""Labelled rows up to which everything is exact; of more, predictions are counted in cells."""
STEPS = 1 << 13
"""Cells between a probability and twice it."""
HALVINGS = 31
"""How often a probability is halved before it falls into the last cell."""
MIDDLE = STEPS * HALVINGS


class RunningPerformance:
    """Takes in outcomes and predictions; counts, means and the Brier score are exact to rounding.

    AUC is exact up to `rows_kept` labelled rows. Beyond, positives and negatives are counted in cells of the
    prediction, each 1/8192 of the distance to 0 or 1 wide: pairs within a cell count half. `auc_error` is the largest
    error that this can make: half the share of pairs that fall into one cell.

    Args:
        rows_kept: labelled rows that are kept one by one.
    """

    def __init__(self, rows_kept: int = ROWS_KEPT) -> None:
        self.rows = 0
        """Labelled rows so far."""
        self.positive = 0
        """Those of the positive class."""
        self._blocks = BlockLosses()
        self._predicted = 0.0
        self._squares = 0.0
        self._most = rows_kept
        self._parts: list[tuple[Floats, Floats, Ints]] = []
        self._cells: NDArray[np.int64] | None = None

    def add(self, labels: Floats, probabilities: Floats, blocks: Ints | None = None) -> None:
        """Take in `probabilities` (n,) and `labels` (n,) of 0 and 1, NaN where unknown, of rows in `blocks` (n,)."""
        known = ~np.isnan(labels)
        y, p = labels[known], probabilities[known]
        self.rows += len(y)
        self.positive += int(y.sum())
        self._predicted += float(p.sum())
        self._squares += float(((p - y) ** 2).sum())
        self._parts.append((y, p, np.full(len(y), NO_BLOCK) if blocks is None else blocks[known]))
        if self.rows > self._most:
            self._count()

    def measured(self) -> Realised | None:
        """Performance so far; None when no row has a label."""
        if self._cells is None:
            if not self._parts:
                return None
            y, p, blocks = zip(*self._parts, strict=True)
            return measure_performance(np.concatenate(y), np.concatenate(p), np.concatenate(blocks))
        spread = self._blocks.spread
        return Realised(
            rows=self.rows,
            rate=self.positive / self.rows,
            mean_prediction=self._predicted / self.rows,
            auc=self._auc(),
            brier=self._squares / self.rows,
            blocks=spread.blocks,
            deviation=spread.deviation,
        )

    @property
    def auc_error(self) -> float:
        """How far from the exact one AUC may be."""
        if self._cells is None:
            return 0.0
        negative, positive = self._cells.astype(np.float64)
        pairs = positive.sum() * negative.sum()
        return float((positive * negative).sum() / 2 / pairs) if pairs else 0.0

    def _auc(self) -> float | None:
        assert self._cells is not None
        negative, positive = self._cells.astype(np.float64)
        pairs = positive.sum() * negative.sum()
        if not pairs:
            return None
        below = np.cumsum(negative) - negative / 2
        return float((positive * below).sum() / pairs)

    def _count(self) -> None:
        if self._cells is None:
            self._cells = np.zeros((2, 2 * MIDDLE + 1), np.int64)
        for y, p, blocks in self._parts:
            self._blocks.add(blocks, (p - y) ** 2)
            cells = cell_of(p)
            for outcome in (0, 1):
                self._cells[outcome] += np.bincount(cells[y == outcome], minlength=2 * MIDDLE + 1)
        self._parts.clear()


def cell_of(probabilities: Floats) -> NDArray[np.int64]:
    """Cell (n,) of each probability (n,): never decreasing in it, as fine at 0.001 and at 0.999 as in the middle.

    >>> cell_of(np.array([0.0, 0.25, 0.5, 0.75, 1.0])) / MIDDLE * HALVINGS
    array([ 0., 30., 31., 32., 62.])
    """
    mantissa, exponent = np.frexp(np.minimum(probabilities, 1 - probabilities))
    steps = (exponent + HALVINGS) * STEPS + np.floor((2 * mantissa - 1) * STEPS)
    steps = np.clip(np.where(mantissa > 0, steps, 0), 0, MIDDLE).astype(np.int64)
    return np.where(probabilities < 0.5, steps, 2 * MIDDLE - steps)
