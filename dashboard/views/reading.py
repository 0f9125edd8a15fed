"""A file before it is checked, or read differently: what it looks like, what is said about it, and then the check.

The address names the file (`?look=…`), so that closing the page loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import streamlit as st
from pydantic import ValidationError

from dashboard.components.notices import keep_news, show_notices, told
from dashboard.components.reading_panel import ReadingActions, show_names, show_reading
from dashboard.views.starting import forget_address, go_to_check, say_repeated
from dashboard.wording.escape import name
from monitoring.contract import Contract
from monitoring.errors import NotFound
from monitoring.history.records import CheckResult, Job
from monitoring.tables.limits import Limits
from monitoring.tables.matching import Names
from monitoring.tables.quoting import shown
from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.workflows.check import CheckOrder, forget_refused, forget_uploads, order_check, submit_check
from monitoring.workflows.looking import FileLook, look_at, look_at_labels
from monitoring.workflows.naming import remember_names, still_there, without_labels
from monitoring.workflows.parts import Driftline

LOOK, LABELS, ABOUT, OUTCOMES = "look", "labels", "about", "outcomes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Kept files that are looked at: names and SHA-256 of rows and labels, the model, what is said about them already,
    and whether the outcomes are looked at and not the rows."""

    upload: str
    file_name: str
    labels: str | None
    labels_name: str | None
    model: str
    reading: Reading = AS_FOUND
    outcomes: bool = False

    @property
    def said(self) -> Reading:
        """What is said about the file that is looked at."""
        return self.reading.of_labels if self.outcomes else self.reading

    @property
    def name(self) -> str:
        """The name of the file that is looked at."""
        return self.labels_name or "the file of outcomes" if self.outcomes else self.file_name

    @property
    def address(self) -> dict[str, str]:
        """Where it is looked at."""
        given = {
            LOOK: self.upload,
            "file": self.file_name,
            LABELS: self.labels,
            "labels_name": self.labels_name,
            "model": self.model,
            "reading": self.reading.identity,
            ABOUT: OUTCOMES if self.outcomes else None,
        }
        return {key: value for key, value in given.items() if value}

    def saying(self, said: Reading) -> Reading:
        """All that is said, with this about the file that is looked at."""
        return self.reading.with_labels(said) if self.outcomes else said


def go_to_look(looked: Looked) -> None:
    """Put a file into the address, to be looked at."""
    st.query_params.from_dict(looked.address)


def look_again(result: CheckResult, *, outcomes: bool = False) -> None:
    """Look at a file of a check, its rows or its outcomes, to read it differently."""
    go_to_look(
        Looked(
            upload=result.upload,
            file_name=result.read.file_name,
            labels=result.labels,
            labels_name=result.read.labels.file_name if result.read.labels else None,
            model=result.model,
            reading=result.reading,
            outcomes=outcomes,
        )
    )


def show_look(engine: Driftline) -> None:
    """The page of a file that is looked at."""
    looked = _from_address()
    st.title(f"How is {name(looked.name)} read?", anchor=False)
    show_notices()
    st.caption("Nothing is scored yet. What was found out can be said otherwise here.")

    def forget() -> None:
        forget_uploads(engine, looked.upload, looked.labels)
        keep_news(f"{looked.file_name} is forgotten, unless a check needs it.")
        forget_address()

    show_panel(engine, looked, forget, key=f"look-{'outcomes-' if looked.outcomes else ''}{looked.upload[:8]}")
    st.button("Back to the start", icon=":material/arrow_back:", type="tertiary", on_click=told(forget_address))


def show_refused(engine: Driftline, job: Job) -> None:
    """Below a refusal: the file as it was read, to be read differently, as long as it is kept."""
    order = CheckOrder.model_validate(job.payload)
    outcomes = bool(order.labels_name) and job.message.startswith(shown(str(order.labels_name), 120))
    looked = Looked(
        upload=order.upload,
        file_name=order.file_name,
        labels=order.labels,
        labels_name=order.labels_name,
        model=order.model,
        reading=order.reading,
        outcomes=outcomes,
    )
    if not all(_is_kept(engine, sha) for sha in filter(None, (order.upload, order.labels))):
        return

    def forget() -> None:
        forget_refused(engine, job.id)
        forget_address()

    with st.container(border=True, key="read-differently"):
        st.subheader("Read the outcomes differently" if outcomes else "Read it differently", anchor=False)
        show_panel(engine, looked, forget, key=f"refused-{job.id}")


def show_panel(engine: Driftline, looked: Looked, forget: Callable[[], object], *, key: str) -> None:
    """The panel on a kept file, and the way to the other one of rows and outcomes."""
    version = engine.registry.champion(looked.model)
    path = engine.uploads.path(looked.labels if looked.outcomes and looked.labels else looked.upload)
    remembered = engine.column_names.of(looked.model)

    def look(reading: Reading) -> FileLook:
        named = reading.model_copy(update={"names": {**remembered, **reading.names}})
        which = f"{version.model} {version.number}"
        return _look(
            str(path),
            looked.name,
            which,
            named.model_dump_json(),
            "outcomes" if looked.outcomes else "joined" if looked.labels else "rows",
            version.contract,
            engine.settings.limits,
        )

    def check(reading: Reading, remember: bool) -> None:
        _check(engine, looked, looked.saying(reading), names=reading.names if remember else {})

    def check_alone() -> None:
        alone = without_labels(looked.reading, version.contract, engine.uploads.path(looked.upload))
        _check(engine, replace(looked, labels=None, labels_name=None), alone)

    def turn(said: Reading) -> None:
        go_to_look(replace(looked, reading=looked.saying(said), outcomes=not looked.outcomes))

    other = (
        ("How are the rows read?" if looked.outcomes else "How are the outcomes read?", turn) if looked.labels else None
    )
    actions = ReadingActions(look=look, check=check, forget=forget, outcomes=looked.outcomes, other=other)
    show_reading(looked.said, actions, model=looked.model, key=key)
    if looked.outcomes:
        st.button(
            "Check the rows without outcomes",
            key=f"{key}-alone",
            icon=":material/skip_next:",
            type="tertiary",
            on_click=told(check_alone),
            help="Outcomes can be dropped later, on the page of the check.",
        )


def order_of(engine: Driftline, looked: Looked, reading: Reading) -> CheckOrder:
    """The check of kept files, read like this."""
    return order_check(
        engine,
        upload=looked.upload,
        file_name=looked.file_name,
        labels=looked.labels,
        labels_name=looked.labels_name,
        model=looked.model,
        reading=reading,
    )


def _check(engine: Driftline, looked: Looked, reading: Reading, *, names: Names | None = None) -> None:
    """Check what is looked at, read like this, and remember the names."""
    rows, labels = engine.uploads.path(looked.upload), engine.uploads.path(looked.labels) if looked.labels else None
    reading = still_there(reading, engine.registry.champion(looked.model).contract, rows, labels)
    order = order_of(engine, looked, reading)
    if names := {column: name for column, name in (names or {}).items() if column in reading.names}:
        remember_names(engine, looked.model, names)
    say_repeated(engine, order)
    go_to_check(submit_check(engine, order))


def show_remembered(engine: Driftline, model: str) -> None:
    """The names that are remembered for a model."""
    show_names(engine.column_names.of(model), lambda column: engine.column_names.forget(model, column), model=model)


def _is_kept(engine: Driftline, upload: str) -> bool:
    try:
        return engine.uploads.path(upload).is_file()
    except NotFound:
        return False


def _from_address() -> Looked:
    given = st.query_params
    try:
        reading = Reading.model_validate_json(given.get("reading", "{}"))
    except ValidationError:  # an address that somebody changed
        reading = AS_FOUND
    return Looked(
        upload=given.get(LOOK, ""),
        file_name=given.get("file", "") or "the file",
        labels=given.get(LABELS),
        labels_name=given.get("labels_name"),
        model=given.get("model", ""),
        reading=reading,
        outcomes=given.get(ABOUT) == OUTCOMES and LABELS in given,
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _look(
    path: str,
    file_name: str,
    version: str,
    reading: str,
    what: Literal["rows", "joined", "outcomes"],
    _contract: Contract,
    limits: Limits,
) -> FileLook:
    """A file is named by its content and a contract by its version: the same arguments mean the same answer."""
    file, said = Path(path), Reading.model_validate_json(reading)
    if what == "outcomes":
        return look_at_labels(file, _contract, name=file_name, reading=said, limits=limits)
    return look_at(file, _contract, name=file_name, reading=said, joined=what == "joined", limits=limits)
