"""What the time line shows: files, or windows as far as they are judged, and how a column is spread in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard.components.job_progress import follow, give_a_moment
from dashboard.components.notices import told
from dashboard.components.waiting import Report, wait_for
from dashboard.timeline_address import Address
from dashboard.wording.escape import escape
from dashboard.wording.windows import cut_short_line, not_all_line
from monitoring.errors import DriftlineError
from monitoring.history.records import CheckSummary, Job
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.over_time import (
    Batch,
    Spread,
    batch_of,
    check_spread,
    columns_of,
    in_order,
    reference_spread,
    window_spread,
)
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Step
from monitoring.workflows.side_by_side import SHOWN, judged_so_far, judging_job, start_judging, windows_by
from monitoring.workflows.windows import Window

STARTS: Final = ("done", "interrupted")
"""States of a job after which the page begins by itself what is missing: nobody said that it should not."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What stands side by side, from left to right.

    Attributes:
        batches: the last of all, as far as they are judged.
        windows: what each of them was merged from; None for files.
    """

    batches: list[Batch]
    windows: list[Window] | None


def side_by_side(
    engine: Driftline, address: Address, model: str, version: int, checks: Sequence[CheckSummary]
) -> SideBySide:
    """What there is to show; while the rest is on its way, how far it is and a way to stop it stand here."""
    if address.view == "file":
        batches = [batch_of(check) for check in in_order(checks, address.order)][-SHOWN:]
        _say_cut_short(len(batches))
        return SideBySide(batches, None)
    step: Step = address.view
    windows = wait_for(lambda report: windows_by(engine, model, version, step, checks), "Reading stored profiles")
    job = None if None not in judged_so_far(engine, windows) else _judging(engine, step, windows)
    found = zip(judged_so_far(engine, windows), windows, strict=True)
    judged = [(batch, window) for batch, window in found if batch is not None]
    _say_cut_short(len(windows))
    if job is not None and len(judged) < len(windows):
        _show_rest(engine, step, windows, len(judged), job)
    return SideBySide([batch for batch, _ in judged], [window for _, window in judged])


def _judging(engine: Driftline, step: Step, windows: Sequence[Window]) -> Job:
    """The job that judges what is missing, begun if nobody has stopped it; done by now if that takes a moment."""
    job = judging_job(engine, windows)
    if job is None or job.state in STARTS:
        job = start_judging(engine, step, windows)
    begun = job
    return give_a_moment(lambda: engine.jobs.job(begun.id), engine.now) or begun


def _show_rest(engine: Driftline, step: Step, windows: Sequence[Window], shown: int, job: Job) -> None:
    """How far the rest is, and Cancel; or why it is missing, and a button to go on.

    The page is drawn again when twice as many windows are judged: the newest soon, and few times in all.
    """

    def grown(job: Job) -> bool:
        return sum(batch is not None for batch in judged_so_far(engine, windows)) >= max(1, 2 * shown)

    if job.active:
        follow(
            job,
            lambda: engine.jobs.job(job.id),
            lambda: cancel_job(engine.jobs, job.id),
            key="judging",
            grown=grown,
        )
        return
    line = not_all_line(shown, len(windows), step)
    if job.state == "failed":
        st.error(f"{escape(job.message)} {line}", icon=":material/error:", title="The rest could not be judged")
    else:
        st.info(line, icon=":material/pause_circle:", title="Stopped")
    st.button(
        "Go on",
        key="judging-again",
        icon=":material/play_arrow:",
        on_click=told(start_judging),
        args=(engine, step, windows),
    )


def _say_cut_short(number: int) -> None:
    if line := cut_short_line(number, SHOWN):
        st.caption(line)


def over_time(
    engine: Driftline, address: Address, model: str, version: int, checks: Sequence[CheckSummary], shown: SideBySide
) -> tuple[str, list[Spread | None], list[Spread | None]]:
    """The column shown over time, its spread in each batch and in the reference that each was counted against."""
    by_id = {check.id: check for check in checks}
    batches, windows = shown.batches, shown.windows

    def work(report: Report) -> tuple[str, list[Spread | None], list[Spread | None]]:
        known = columns_of(engine, model, version)
        column = address.column if address.column in known else known[0]
        spreads: list[Spread | None] = []
        for place, batch in enumerate(batches):
            if windows is not None:
                spreads.append(window_spread(engine, windows[place], column))
            else:
                spreads.append(check_spread(engine, by_id[batch.check or ""], column))
            report((place + 1) / len(batches), f"Reading stored profiles: {place + 1} of {len(batches)}")
        usual = {number: _usual(engine, model, number, column) for number in {batch.version for batch in batches}}
        return column, spreads, [usual[batch.version] for batch in batches]

    return wait_for(work, "Reading stored profiles")


def _usual(engine: Driftline, model: str, version: int, column: str) -> Spread | None:
    try:
        return reference_spread(engine, model, version, column)
    except DriftlineError:
        return None
