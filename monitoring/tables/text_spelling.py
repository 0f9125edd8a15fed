"""How the text in a file spells numbers and dates whose other values are typed: those have no spelling."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from monitoring.tables.numbers import POINT, NumberStyle
from monitoring.tables.reading_options import DateOrder
from monitoring.tables.spelling import Spelling, spelling_notes


class TextSpelling:
    """A spelling, and where there is text that it applies to.

    Args:
        spelling: what was found or said.
        header: the column names.
        numeric, times: places of the columns that hold numbers and times.
        texts: places of those of them in which text was seen; may grow while the file is read.
        label: the file's name as shown.
    """

    def __init__(
        self,
        spelling: Spelling,
        header: Sequence[str],
        *,
        numeric: Collection[int],
        times: Collection[int],
        texts: set[int],
        label: str,
    ) -> None:
        self._spelling = spelling
        self._header = header
        self._numeric, self._times = frozenset(numeric), frozenset(times)
        self._texts = texts
        self._label = label

    def style(self, place: int) -> NumberStyle:
        """How text in the column at `place` writes numbers."""
        return self._spelling.style(place)

    def order(self, place: int) -> DateOrder | None:
        """The order of day, month and year in text of the column at `place`."""
        return self._spelling.order(place)

    def notes(self) -> list[str]:
        """What was read so, and what was said and does not apply, in sentences; complete when the file is read."""
        numbers, dates = self._spelling.numbers, self._spelling.dates or {}
        notes: list[str] = []
        if self._numeric and self._numeric.isdisjoint(self._texts):
            words = {"decimal commas": numbers.decimal == ",", "thousands separators": bool(numbers.thousands)}
            said = " and ".join(word for word, is_said in words.items() if is_said).capitalize()
            notes += [f"{said} were not looked for: {self._label} holds no numbers as text."] if said else []
            numbers = POINT
        spelled = {place: order for place, order in dates.items() if place in self._texts}
        if not self._times.isdisjoint(dates) and not spelled:
            notes.append(f"The order of dates was not used: {self._label} holds no dates as text.")
        applying = replace(self._spelling, numbers=numbers, dates=spelled)
        return [*spelling_notes(applying, self._header), *notes]
