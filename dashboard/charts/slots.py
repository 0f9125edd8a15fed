"""Where batches stand in the charts of a time line: one slot each, what is below it, which version scored it. Pure.

The batches stand side by side in the order given, whatever the time between them: two checks of the same month by two
versions are neighbours, not on top of each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from math import ceil
from typing import Any, Final

from dashboard.charts.frame import inert
from dashboard.wording.escape import shorten
from dashboard.wording.verdicts import verdict_look
from dashboard.wording.windows import batch_label, usual_version
from monitoring.workflows.over_time import Batch

LABELS_SHOWN: Final = 12
"""Labels on the axis at most; the others are said under the mouse."""
SHORT: Final = 8
"""Characters up to which a label is short: a month or a day."""
LONG_LABELS_SHOWN: Final = 8
"""The same of long ones, which would stand upright on a phone and be cut."""
LONGEST: Final = 26
"""Characters of a label at most: two days of two years."""
NAME_IN_LIST: Final = 20
"""Characters of a file's name in a list to choose from."""
LEFT: Final = 104
"""Width left of the plots: the same in all of them, so that a batch stands in one line from chart to chart."""
NARROWEST: Final = 250
"""Width in pixels of the plots on a phone."""
CHARACTER: Final = 7
"""Width in pixels that a character of a version's label takes, with the space around it."""


def slot_axis(batches: Sequence[Batch]) -> dict[str, Any]:
    """The axis on which batches stand, a label for some of them where there are many."""
    return axis_of([batch_label(batch) for batch in batches], [batch.last for batch in batches])


def axis_of(labels: Sequence[str], ends: Sequence[date | None]) -> dict[str, Any]:
    """An axis of slots with a label for some where there are many: numbered as in `told_apart`, the year only where the
    axis begins and where it changes.

    Args:
        labels: of the slots, with or without the year.
        ends: last day of each, None without one.
    """
    most = LABELS_SHOWN if max(map(len, labels), default=0) <= SHORT else LONG_LABELS_SHOWN
    places = list(range(0, len(labels), max(1, -(-len(labels) // most))))
    full = [_with_year(label, end) for label, end in zip(labels, ends, strict=True)]
    numbers = _numbers(full)
    texts, before = [], None
    for place in places:
        end = ends[place]
        known = end is None or end.year == before
        texts.append(inert((labels if known else full)[place] + numbers[place], LONGEST))
        before = end.year if end else before
    return {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": texts,
        "range": [-0.5, len(labels) - 0.5],
        "automargin": "height",
        "showgrid": False,
        "zeroline": False,
    }


def told_apart(labels: Sequence[str], ends: Sequence[date | None]) -> list[str]:
    """Labels with their year, numbered where several would be the same; which is which is said under the mouse.

    >>> told_apart(["Jul 2013", "4 Jul", "Jul 2013"], [date(2013, 7, 31), date(2013, 7, 4), date(2013, 7, 31)])
    ['Jul 2013 (1)', '4 Jul 2013', 'Jul 2013 (2)']
    """
    full = [_with_year(label, end) for label, end in zip(labels, ends, strict=True)]
    return [label + number for label, number in zip(full, _numbers(full), strict=True)]


def _with_year(label: str, end: date | None) -> str:
    return label if end is None or label.endswith(str(end.year)) else f"{label} {end.year}"


def _numbers(labels: Sequence[str]) -> list[str]:
    """“ (1)”, “ (2)” for labels that are the same, '' for the others."""
    often, seen = Counter(labels), Counter[str]()
    told = []
    for label in labels:
        seen[label] += 1
        told.append(f" ({seen[label]})" if often[label] > 1 else "")
    return told


def named(batches: Sequence[Batch]) -> list[str]:
    """What each batch is called under the mouse: its label and the version that scored it; inert."""
    labels = told_apart([batch_label(batch) for batch in batches], [batch.last for batch in batches])
    pairs = zip(labels, batches, strict=True)
    return [f"{inert(label)}, version {batch.version}" for label, batch in pairs]


def choice_labels(batches: Sequence[Batch]) -> list[str]:
    """What each batch is called in a list to choose from: its label and its verdict, as text; no two are the same.

    Of files of the same days each has the number that it has in the charts, and its name.
    """
    days = [batch_label(batch) for batch in batches]
    labels, often = told_apart(days, [batch.last for batch in batches]), Counter(days)

    def file(day: str, batch: Batch) -> str:
        return f" · {shorten(batch.name, NAME_IN_LIST)}" if often[day] > 1 and batch.check else ""

    told = zip(labels, days, batches, strict=True)
    return [f"{label}{file(day, batch)} · {verdict_look(batch.verdict).word}" for label, day, batch in told]


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
