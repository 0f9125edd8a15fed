"""What is done with what was dropped: a check, or a look first; outcomes that came later belong to the check shown."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from dashboard.components.drop_zone import done_with
from dashboard.components.notices import keep_news, keep_note, keep_problem
from dashboard.components.stage import Stage
from dashboard.drops import Drop, Dropped, Outcome
from dashboard.views.reading import LABELS, LOOK, Looked, order_of
from dashboard.views.starting import check_address
from dashboard.wording.escape import name
from monitoring.errors import DriftlineError, NotFound
from monitoring.workflows.check import forget_refused, forget_uploads, order_check, submit_check
from monitoring.workflows.naming import without_labels
from monitoring.workflows.noticing import repeated_notes
from monitoring.workflows.parts import Driftline

DROPPED = "dropped"
"""In the place of an address, which is not known before a file is kept."""


def go_where_it_leads(engine: Driftline, drop: Drop, stage: Stage) -> None:
    """Begin what was dropped where the page before has gone, and put into the address what came of it."""
    if drop.rows is not None:  # of later outcomes the check's own title is told when it is known
        stage.announce(f"{'Reading' if drop.look else 'Checking'} {name(drop.name)}")
    outcome = drop.begin(lambda drop: _begin(engine, drop))
    _tell(outcome)
    if outcome.address is not None:
        st.query_params.from_dict(dict(outcome.address))
    done_with(drop)


def begin_unseen(engine: Driftline, drop: Drop) -> None:
    """Begin what was dropped just before the person went to another page, and say there what came of it.

    A file that was to be looked at first is let go of: nobody looks.
    """
    outcome = drop.begin(lambda drop: Outcome() if drop.look else _begin(engine, drop))
    _tell(outcome)
    if drop.look:
        if outcome.address is not None:
            forget_uploads(engine, outcome.address[LOOK], outcome.address.get(LABELS))
        keep_news(f"{drop.name} was not looked at: drop it again to do so.")
    elif outcome.address is not None:
        keep_news(f"{drop.name} is being checked. The result will be under Recent checks.")
    done_with(drop)


def _tell(outcome: Outcome) -> None:
    if outcome.problem:
        keep_problem(outcome.problem)
    if outcome.note:
        keep_note(outcome.note)


def _begin(engine: Driftline, drop: Drop) -> Outcome:
    try:
        if drop.rows is None:
            return _add_labels(engine, drop.place.check or "", drop.labels) if drop.labels else Outcome()
        if drop.place.check:  # the file that was refused there is no longer needed
            with suppress(NotFound):
                forget_refused(engine, drop.place.check)
        return _take_in(engine, drop.place.model, drop.rows, drop.labels, look=drop.look)
    except DriftlineError as error:
        return Outcome(problem=str(error))


def _take_in(engine: Driftline, model: str, rows: Dropped, labels: Dropped | None, *, look: bool) -> Outcome:
    """Keep the files, to be looked at or checked."""
    kept = Looked(
        upload=rows.keep(engine.uploads),
        file_name=rows.name,
        labels=labels.keep(engine.uploads) if labels else None,
        labels_name=labels.name if labels else None,
        model=model,
    )
    if look:
        return Outcome(kept.address)
    order = order_of(engine, kept, kept.reading)
    notes = repeated_notes(engine, order.id, order.file_name)
    return Outcome(check_address(submit_check(engine, order)), note=" ".join(notes))


def _add_labels(engine: Driftline, check: str, labels: Dropped) -> Outcome:
    """Check the rows of a check again, now with their outcomes."""
    result = engine.history.check(check)
    contract = engine.registry.champion(result.model).contract
    order = order_check(
        engine,
        upload=result.upload,
        file_name=result.read.file_name,
        labels=labels.keep(engine.uploads),
        labels_name=labels.name,
        model=result.model,
        reading=without_labels(result.reading, contract, engine.uploads.path(result.upload)),
    )
    return Outcome(check_address(submit_check(engine, order)))
