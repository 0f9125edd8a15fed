"""Which days, compared with what: dates, ready periods, ready comparisons. Each change goes into the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import streamlit as st

from dashboard.charts.slots import choice_labels
from dashboard.timeline_address import ALL_DAYS, Address, Against
from dashboard.wording.windows import days_label
from monitoring.workflows.over_time import Batch
from monitoring.workflows.periods import Period, later, previous, year_before

AGAINST: Final[dict[Against, str]] = {
    "reference": "Training reference",
    "before": "The period before",
    "year": "The same days last year",
    "days": "Other days",
}
Go = Callable[[Address], None]


def show_days(address: Address, batches: Sequence[Batch], go: Go, *, earliest: date, latest: date) -> None:
    """Choose the days: two dates, the batches by name, one period earlier or later, all days.

    Args:
        address: what is shown.
        batches: that can be chosen by name.
        go: shows another state.
        earliest, latest: days that have rows.
    """
    low, high = _bounds(address.period, earliest, latest)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _date("First day", "window.from", address.period.first, (low, high), lambda: go(_dated(address)))
        _date("Last day", "window.to", address.period.last, (low, high), lambda: go(_dated(address)))
        _choose_batch(address, batches, go)
        before, after = previous(address.period), later(address.period)
        for label, icon, period, key in (
            ("Earlier", "chevron_left", before, "window.earlier"),
            ("Later", "chevron_right", after, "window.later"),
        ):
            st.button(
                label,
                key=key,
                icon=f":material/{icon}:",
                disabled=period is None or not period.meets(earliest, latest),
                on_click=go,
                args=(replace(address, period=period or ALL_DAYS),),
                help=f"{label} by as many days",
            )
        st.button(
            "All days",
            key="window.all",
            icon=":material/date_range:",
            disabled=not address.period.bounded,
            on_click=go,
            args=(replace(address, period=ALL_DAYS, against="reference", other=ALL_DAYS),),
        )


def show_against(address: Address, go: Go, *, has_rows: Callable[[Period], bool], earliest: date, latest: date) -> None:
    """Choose what the days are compared with: only what has rows is offered, and other days always."""
    ready = {"before": previous(address.period), "year": year_before(address.period)}
    offered = [one for one in AGAINST if one not in ready or ((days := ready[one]) is not None and has_rows(days))]
    if address.against not in offered:
        offered.append(address.against)
    _set("window.against", address.against)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Compared with",
            offered,
            key="window.against",
            required=True,
            wrap=True,
            format_func=lambda one: AGAINST[one] + _named(ready.get(one)),
            on_change=lambda: go(_against(address, earliest, latest)),
        )
        if address.against == "days":
            low, high = _bounds(address.other, earliest, latest)
            change = lambda: go(  # noqa: E731 - one line, twice
                replace(address, other=_ordered(st.session_state["other.from"], st.session_state["other.to"]))
            )
            _date("Compared: first day", "other.from", address.other.first, (low, high), change)
            _date("Compared: last day", "other.to", address.other.last, (low, high), change)


def _choose_batch(address: Address, batches: Sequence[Batch], go: Go) -> None:
    """A list of the batches, newest first, for those who do not click into charts.

    Files of the same days lead to the same days: of these the one that was chosen stays in the list.
    """
    labels = {_id(batch): label for batch, label in zip(batches, choice_labels(batches), strict=True)}
    dated = {_id(batch): batch for batch in reversed(batches) if batch.first and batch.last}
    same = [one for one, batch in dated.items() if batch.period == address.period]
    if (current := st.session_state.get("window.batch")) not in same:
        current = next(iter(same), None)
    _set("window.batch", current)

    def chosen() -> None:
        batch = dated.get(st.session_state["window.batch"])
        if batch is not None:
            go(replace(address, period=batch.period))

    st.selectbox(
        "Or choose",
        list(dated),
        key="window.batch",
        index=None,
        placeholder="a batch",
        format_func=lambda one: labels[one],
        on_change=chosen,
        width=270,
    )


def _id(batch: Batch) -> str:
    """What names a batch whatever else is shown: its check, or its days."""
    return batch.check or f"{batch.first}..{batch.last}"


def _date(label: str, key: str, value: date | None, bounds: tuple[date, date], change: Callable[[], None]) -> None:
    _set(key, value)
    st.date_input(
        label,
        value=None,
        key=key,
        min_value=bounds[0],
        max_value=bounds[1],
        format="YYYY-MM-DD",
        on_change=change,
        width=150,
    )


def _dated(address: Address) -> Address:
    return replace(address, period=_ordered(st.session_state["window.from"], st.session_state["window.to"]))


def _against(address: Address, earliest: date, latest: date) -> Address:
    against: Against = st.session_state["window.against"]
    if against != "days":
        return replace(address, against=against, other=ALL_DAYS)
    start = previous(address.period) or Period(earliest, latest)
    return replace(address, against="days", other=start)


def _ordered(first: date | None, last: date | None) -> Period:
    return Period(last, first) if first and last and last < first else Period(first, last)


def _bounds(days: Period, earliest: date, latest: date) -> tuple[date, date]:
    """Days that can be chosen: those with rows and those chosen now, which an address may say as it likes."""
    chosen = [day for day in (days.first, days.last) if day]
    return min(earliest, *chosen, earliest), max(latest, *chosen, latest)


def _named(days: Period | None) -> str:
    label = days_label(days) if days else ""
    return f" ({label})" if label else ""


def _set(key: str, value: object) -> None:
    """The widget shows what the address says, whoever changed it."""
    if st.session_state.get(key, ...) != value:
        st.session_state[key] = value
