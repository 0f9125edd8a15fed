"""Shares shown beside the tests: unseen categories, values out of range, a constant feed. Pure.

They carry no p-value: unseen levels are already part of the categories' test, values out of range of the KS test.
"""

from __future__ import annotations

import unicodedata
from collections import Counter

import numpy as np

from monitoring.drift.measurement import Measurement, ShareShift
from monitoring.drift.pair import CategoryPair, NumericPair, Pair, highest_share
from monitoring.drift.shown import shown_share
from monitoring.profiles.grid import locate

EXAMPLES_KEPT = 10


def measure_unseen(pair: CategoryPair) -> Measurement:
    """Share of present values whose category the model has never seen, and which of them are known ones respelled."""
    n, m = pair.reference.present, pair.batch.present
    frequent = sorted(pair.batch.unseen.items(), key=lambda item: (-item[1], item[0]))
    known = {_folded(category): category for category in reversed(pair.grid.categories)} if frequent else {}
    respelled = [(level, known[_folded(level)], rows) for level, rows in frequent if _folded(level) in known]
    shift = ShareShift(
        share_reference=pair.reference.unseen_rows / max(n, 1),
        share_batch=pair.batch.unseen_rows / max(m, 1),
        highest_reference_block=pair.reference.unseen_rows / max(n, 1),
        examples=tuple(frequent[:EXAMPLES_KEPT]),
        respelled=tuple((level, twin) for level, twin, _ in respelled[:EXAMPLES_KEPT]),
        respelled_share=sum(rows for *_, rows in respelled) / max(m, 1),
    )
    return shown_share(pair, "unseen", shift, (n, m))


def measure_out_of_range(pair: NumericPair) -> Measurement:
    """Share of present values below the reference's smallest or above its largest value, if it has values."""
    n, m = pair.reference.present, pair.batch.present
    below, above = _beyond(pair) if n else (0, 0)
    shift = ShareShift(
        share_reference=0.0,
        share_batch=(below + above) / max(m, 1),
        highest_reference_block=0.0,
        below=below / max(m, 1),
        above=above / max(m, 1),
        low=pair.reference.lowest if n else 0.0,
        high=pair.reference.highest if n else 0.0,
    )
    return shown_share(pair, "out_of_range", shift, (n, m))


def _beyond(pair: NumericPair) -> tuple[int, int]:
    """Values of the batch below the reference's smallest and above its largest one, both of them points of the grid."""
    points, reference, batch = pair.grid.points, pair.reference, pair.batch
    below = above = 0
    if batch.lowest < reference.lowest:
        below = int(batch.cells[: 2 * points.searchsorted(reference.lowest) + 1].sum())
    if batch.highest > reference.highest:
        above = int(batch.cells[2 * points.searchsorted(reference.highest) + 2 :].sum())
    return below, above


def measure_constant(pair: Pair) -> Measurement | None:
    """A feed in which every value is the same; None when it is not."""
    if not pair.batch.present or not pair.reference.present:
        return None
    found = _constant_number(pair) if isinstance(pair, NumericPair) else _constant_category(pair)
    if found is None:
        return None
    value, share, highest = found
    shift = ShareShift(
        share_reference=share,
        share_batch=1.0,
        highest_reference_block=highest,
        examples=((value, pair.batch.present),),
    )
    return shown_share(pair, "constant", shift, (pair.reference.present, pair.batch.present))


def _constant_number(pair: NumericPair) -> tuple[str, float, float] | None:
    """The value, its share in the reference and the largest share of its coarse cell in any block."""
    if pair.batch.lowest != pair.batch.highest:
        return None
    value = np.array([pair.batch.lowest])
    cell = int(locate(value, pair.grid.points)[0])
    share = float(pair.reference.cells[cell] / pair.reference.present) if cell % 2 else 0.0
    coarse = int(locate(value, pair.grid.coarse)[0])
    return f"{pair.batch.lowest:g}", share, highest_share(pair.reference_blocks, coarse, share)


def _constant_category(pair: CategoryPair) -> tuple[str, float, float] | None:
    seen = Counter({c: int(n) for c, n in zip(pair.grid.categories, pair.batch.cells, strict=True) if n})
    seen.update(pair.batch.unseen)
    if len(seen) != 1:
        return None
    value = next(iter(seen))
    if value not in pair.grid.categories:
        return value, 0.0, 0.0
    index = pair.grid.categories.index(value)
    share = float(pair.reference.cells[index] / pair.reference.present)
    return value, share, highest_share(pair.reference_blocks, pair.grid.coarse_cell(value, index), share)


def _folded(category: str) -> str:
    """A category without case, space and punctuation."""
    text = unicodedata.normalize("NFKC", category).casefold()
    return "".join(c for c in text if c.isalnum())
