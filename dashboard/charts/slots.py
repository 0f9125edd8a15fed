"""Where batches stand in the charts of a time line: one slot each, what is below it, which version scored it. Pure.

The batches stand side by side in the order given, whatever the time between them: two checks of the same month by two
versions are neighbours, not on top of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, Final

from dashboard.charts.frame import inert
from dashboard.wording.windows import batch_label, usual_version
from monitoring.workflows.over_time import Batch

LABELS_SHOWN: Final = 12
"""Labels on the axis at most; the others are said under the mouse."""
LEFT: Final = 104
"""Width left of the plots: the same in all of them, so that a batch stands in one line from chart to chart."""
NARROWEST: Final = 250
"""Width in pixels of the plots on a phone."""
CHARACTER: Final = 7
"""Width in pixels that a character of a version's label takes, with the space around it."""


def slot_axis(batches: Sequence[Batch]) -> dict[str, Any]:
    """The axis on which batches stand, a label for some of them where there are many."""
    labels, every = labels_of(batches), max(1, -(-len(batches) // LABELS_SHOWN))
    places = list(range(0, len(batches), every))
    return {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [inert(labels[place], 22) for place in places],
        "range": [-0.5, len(batches) - 0.5],
        "automargin": "height",
        "showgrid": False,
        "zeroline": False,
    }


def labels_of(batches: Sequence[Batch]) -> list[str]:
    """The labels of batches, numbered where several would be the same; which is which is said under the mouse."""
    labels = [batch_label(batch) for batch in batches]
    seen: dict[str, int] = {}
    told = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        told.append(label)
    again: dict[str, int] = {}
    for place, label in enumerate(labels):
        if seen[label] > 1:
            again[label] = again.get(label, 0) + 1
            told[place] = f"{label} ({again[label]})"
    return told


def named(batches: Sequence[Batch]) -> list[str]:
    """What each batch is called under the mouse: its label and the version that scored it; inert."""
    pairs = zip(labels_of(batches), batches, strict=True)
    return [f"{inert(label)}, version {batch.version}" for label, batch in pairs]


def version_labels(batches: Sequence[Batch]) -> list[str]:
    """“v2” for each batch that another version scored than most; '' for the others, and where there is no room."""
    usual = usual_version(batches)
    told, free = [], 0
    for place, batch in enumerate(batches):
        label = f"v{batch.version}" if batch.version != usual and place >= free else ""
        if label:
            free = place + ceil(len(label) * CHARACTER * len(batches) / NARROWEST)
        told.append(label)
    return told
