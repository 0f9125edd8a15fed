"""What the time line shows, as its address says it: everything is in the address, so that it opens anywhere. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, TypeVar, get_args

from monitoring.contract import PREDICTION
from monitoring.workflows.periods import Period, previous, year_before

Against = Literal["reference", "before", "year", "days"]
View = Literal["file", "day", "week", "month"]
Order = Literal["data", "check"]
ALL_DAYS: Final = Period()
W = TypeVar("W", bound=str)


@dataclass(frozen=True, slots=True)
class Address:
    """The state of the page.

    Attributes:
        model: whose checks; None for the only or the first model.
        period: the days looked at; all of them without a bound.
        against: what they are compared with: the training reference, the period before, the same days a year before,
            or the days `other`.
        other: see `against`.
        view: what stands side by side: checked files, or days, weeks or months.
        order: of files: by the time of their data, or by when they were checked.
        version: whose scores are merged; None for the version in use.
        column: shown over time.
    """

    model: str | None = None
    period: Period = field(default=ALL_DAYS)
    against: Against = "reference"
    other: Period = field(default=ALL_DAYS)
    view: View = "file"
    order: Order = "data"
    version: int | None = None
    column: str = PREDICTION

    @property
    def compared(self) -> Period | None:
        """The days compared with; None for the training reference, and where there are none."""
        if self.against == "before":
            return previous(self.period)
        if self.against == "year":
            return year_before(self.period)
        return self.other if self.against == "days" and self.other.bounded else None


def read_address(said: Mapping[str, str]) -> tuple[Address, tuple[str, ...]]:
    """The state that an address says, and a sentence for each part of it that cannot be understood."""
    wrong: list[str] = []
    first, last = (_day(said.get(name, ""), name, wrong) for name in ("from", "to"))
    if first and last and last < first:
        first, last = last, first
    against, other = _against(said.get("against", ""), wrong)
    address = Address(
        model=said.get("model"),
        period=Period(first, last),
        against=against,
        other=other,
        view=_one_of(said.get("view", ""), get_args(View), "file", "view", wrong),
        order=_one_of(said.get("order", ""), get_args(Order), "data", "order", wrong),
        version=_number(said.get("version", ""), wrong),
        column=said.get("column") or PREDICTION,
    )
    return address, tuple(wrong)


def write_address(address: Address) -> dict[str, str]:
    """The address that says a state: what is as usual is left out."""
    period, other = address.period, address.other
    against = {"reference": "", "days": f"{_text(other.first)}..{_text(other.last)}"}.get(
        address.against, address.against
    )
    said = {
        "model": address.model or "",
        "from": _text(period.first),
        "to": _text(period.last),
        "against": against,
        "view": "" if address.view == "file" else address.view,
        "order": "" if address.order == "data" else address.order,
        "version": "" if address.version is None else str(address.version),
        "column": "" if address.column == PREDICTION else address.column,
    }
    return {name: value for name, value in said.items() if value}


def _against(text: str, wrong: list[str]) -> tuple[Against, Period]:
    if text in ("before", "year"):
        return text, ALL_DAYS  # type: ignore[return-value] # one of the two words
    if not text or text == "reference":
        return "reference", ALL_DAYS
    first, separator, last = text.partition("..")
    if not separator:
        wrong.append(
            "The address says to compare with something else than a period; it is compared with the reference."
        )
        return "reference", ALL_DAYS
    return "days", Period(_day(first, "against", wrong), _day(last, "against", wrong))


def _day(text: str, name: str, wrong: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong.append(f"The address has no day at “{name}”; days are written like 2013-07-31.")
        return None


def _one_of(text: str, words: tuple[W, ...], usual: W, name: str, wrong: list[str]) -> W:
    found = next((word for word in words if word == text), None)
    if found is None and text:
        wrong.append(f"The address has an unknown word at “{name}”.")
    return found or usual


def _number(text: str, wrong: list[str]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    wrong.append("The address has no number at “version”.")
    return None


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
