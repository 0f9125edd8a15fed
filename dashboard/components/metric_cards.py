"""Four numbers under the verdict."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.wording.columns import left_open, moved_inputs
from dashboard.wording.escape import name
from dashboard.wording.quantities import count, percent
from dashboard.wording.terms import explain
from monitoring.history.records import CheckResult, summarise

NAMED = 3


@dataclass(frozen=True, slots=True)
class Card:
    """One card: what is measured, its value, a line below it, and what it means."""

    label: str
    value: str
    below: str
    help: str


def show_cards(result: CheckResult) -> None:
    """The four cards, two by two on a phone."""
    with st.grid(4, min_column_width=160, gap="small"):
        for card in cards(result):
            st.metric(
                card.label,
                card.value,
                card.below or None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                help=card.help,
            )


def cards(result: CheckResult) -> tuple[Card, ...]:
    """What the cards say; names from the file are escaped."""
    return (
        _inputs(result),
        Card(
            "Mean prediction",
            percent(result.mean_prediction_batch),
            f"reference: {percent(result.mean_prediction_reference)}",
            explain("mean_prediction"),
        ),
        _happened(result),
        _rows(result),
    )


def _inputs(result: CheckResult) -> Card:
    moved, inputs = moved_inputs(result)
    inputs_named = {finding.column for finding in result.findings if finding.role == "input"}
    names = [column for column in summarise(result).drifted if column in inputs_named]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    named = ", ".join(name(column) for column in names[:NAMED]) + more
    still_open = left_open(result, beside=bool(named))  # first: a phone cuts the line, and the verdict names the others
    below = "; ".join(filter(None, (still_open, named))) or "none beyond its usual range"
    return Card("Inputs that moved", f"{moved} of {inputs}", below, explain("drifted"))


def _happened(result: CheckResult) -> Card:
    if result.performance is None:
        return Card("Really happened", "unknown", "add the outcomes below", explain("rate"))
    realised = result.performance
    return Card(
        "Really happened",
        percent(realised.rate),
        f"predicted: {percent(realised.mean_prediction)}",
        explain("rate"),
    )


def _rows(result: CheckResult) -> Card:
    refused = result.read.rows_refused
    below = f"{count(refused)} set aside" if refused else "all rows could be used"
    return Card("Rows scored", count(result.read.rows), below, explain("rows"))
