"""The value axis of a column: its name, its unit, and how a value on it is written. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.charts.frame import inert
from dashboard.wording.quantities import NBSP, number, percent


@dataclass(frozen=True, slots=True)
class Axis:
    """`share` marks values that are shares: predicted probabilities."""

    name: str
    unit: str = ""
    share: bool = False

    @property
    def title(self) -> str:
        """Name and unit as a figure shows them."""
        return f"{inert(self.name, 40)}{f' ({inert(self.unit)})' if self.unit else ''}"

    def place(self, value: float) -> str:
        """A value with its unit, as text."""
        if self.share:
            return percent(value)
        return f"{number(value)}{NBSP + self.unit if self.unit else ''}"

    def span(self, low: float, high: float) -> str:
        """From one value to another, as text; one value where both are the same."""
        if low == high:
            return self.place(low)
        if self.share:
            return f"{percent(low)} to {percent(high)}"
        return f"{number(low)} to {number(high)}{NBSP + self.unit if self.unit else ''}"
