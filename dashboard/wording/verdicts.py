"""Word, icon and colour of verdicts and states. A state is never told by colour alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from monitoring.policy.verdict import State

Colour = Literal["red", "orange", "yellow", "green", "blue", "violet", "gray"]
Alert = Literal["error", "warning", "success", "info"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is shown.

    Attributes:
        word: the state in a word.
        icon: name of a Material symbol.
        colour: one of the page's named colours.
        symbol: a character for places that take text only.
        meaning: what the state says, in a sentence.
    """

    word: str
    icon: str
    colour: Colour
    symbol: str
    meaning: str

    @property
    def material(self) -> str:
        """The icon as the page's widgets take it."""
        return f":material/{self.icon}:"

    @property
    def label(self) -> str:
        """Symbol and word, for table cells and charts."""
        return f"{self.symbol} {self.word}"


VERDICTS: Final[dict[str, Look]] = {
    "stable": Look(
        "Stable", "check_circle", "green", "✓", "Nothing moved further than this data moves by itself. Nothing to do."
    ),
    "watch": Look("Watch", "visibility", "orange", "◐", "Something moved a little. Look again with the next data."),
    "drift": Look(
        "Drift", "trending_up", "red", "▲", "Inputs or predictions moved further than by chance and further than usual."
    ),
    "broken": Look(
        "Broken feed",
        "build",
        "violet",
        "✕",
        "The data feed looks damaged. Repair it; retraining would learn the fault.",
    ),
    "undecided": Look("Undecided", "help", "blue", "?", "There is too little data to say either way."),
}

STATES: Final[dict[State, Look]] = {
    "drift": Look("Drift", "trending_up", "red", "▲", "Moved further than by chance and further than usual."),
    "small": Look("Small", "arrow_outward", "orange", "◐", "Moved for certain, but less than matters."),
    "stable": Look("Stable", "check_circle", "green", "✓", "No further from the reference than it varies by itself."),
    "undecided": Look("Undecided", "help", "blue", "?", "Too little data to say either way."),
    "not_applicable": Look("Noted", "info", "gray", "·", "Shown for information; nothing was tested."),
}

ALERTS: Final[dict[str, Alert]] = {
    "stable": "success",
    "watch": "warning",
    "drift": "error",
    "broken": "error",
    "undecided": "info",
}

_UNKNOWN: Final = Look("Unknown", "help", "gray", "?", "This state is newer than the page.")


def verdict_look(name: str) -> Look:
    """How a verdict is shown; a name that this page does not know is shown as unknown, never hidden."""
    return VERDICTS.get(name, _UNKNOWN)


def state_look(state: State) -> Look:
    """How the state of a finding is shown."""
    return STATES[state]


def alert(name: str) -> Alert:
    """Kind of the banner a verdict is shown in."""
    return ALERTS.get(name, "info")
