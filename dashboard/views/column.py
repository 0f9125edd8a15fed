"""One column of a check in depth: `/column?check=<id>&column=<name>`. Opened from a check's table and cards."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.charts.column_course import course, say_course
from dashboard.components.column_card import show_line, show_pictures
from dashboard.components.column_policy import show_column_policy, show_tolerance
from dashboard.components.column_rows import cell_labels, show_rows
from dashboard.components.column_segments import segments_csv, show_segments
from dashboard.components.column_statistics import show_findings, show_measurements, show_terms
from dashboard.components.headline_cards import legend, state_badge
from dashboard.components.in_view import show_chart
from dashboard.components.job_progress import follow, show_ended
from dashboard.components.notices import show_notices, telling, told
from dashboard.pages import CHECK_PAGE
from dashboard.parts import colours, driftline
from dashboard.wording.columns import ColumnRow, column_rows
from dashboard.wording.escape import escape, name
from dashboard.wording.findings import nothing_to_note, shown_name
from dashboard.wording.quantities import counted, period
from dashboard.wording.terms import explain
from dashboard.wording.verdicts import state_look
from monitoring.drift.measurement import Measurement
from monitoring.errors import NotFound
from monitoring.history.course import column_course
from monitoring.history.records import CheckResult, Job
from monitoring.policy.verdict import Finding
from monitoring.workflows.column import (
    What,
    column_job_id,
    has_rows,
    measure_column,
    policy_of,
    request_column,
    rows_csv,
    rows_found,
    segments_found,
    splits_of,
)
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.parts import Driftline

CHECK, COLUMN = "check", "column"
COURSE_SHOWN: Final = 36


def show_page() -> None:
    """The column that the address names, of the check that it names."""
    engine = driftline()
    check_id = st.query_params.get(CHECK)
    if check_id is None or not engine.history.has_check(check_id):
        _show_nothing(engine, asked=check_id is not None)
        return
    result = engine.history.check(check_id)
    rows = column_rows(result)
    asked = st.query_params.get(COLUMN)
    if not rows:
        st.title("Column", anchor=False)
        st.markdown("No column of this check was compared.")
        return
    chosen = next((row for row in rows if row.column == asked), None)
    if chosen is None and asked is not None:
        st.warning(f"This check has no column {name(asked)}: the first one is shown.", icon=":material/search_off:")
    _show_column(engine, result, rows, chosen or rows[0])


def _show_nothing(engine: Driftline, *, asked: bool) -> None:
    st.title("Column", anchor=False)
    if asked:
        st.warning(
            "There is no check at this address: it may have been deleted.",
            icon=":material/search_off:",
            title="Not found",
        )
    last = engine.history.checks(limit=1)
    if last:
        st.markdown("A column is opened from a check: choose a row of its table, or a card. The last check:")
        st.page_link(
            CHECK_PAGE,
            label=name(last[0].file_name),
            icon=":material/fact_check:",
            query_params={"check": last[0].id},
        )
    else:
        st.markdown("Nothing checked yet. A column is shown in depth once some rows have been checked.")
        st.page_link(CHECK_PAGE, label="Check some rows", icon=":material/fact_check:")


def _show_column(engine: Driftline, result: CheckResult, rows: tuple[ColumnRow, ...], row: ColumnRow) -> None:
    column, unit = row.column, result.units.get(row.column, "")
    findings = [finding for finding in result.findings if finding.column == column]
    main = next((finding for finding in findings if finding.p_value is not None), None)
    policy = policy_of(engine, result)
    st.set_page_config(page_title=f"{shown_name(column)[:40]}: {result.read.file_name[:40]}")
    _show_head(result, rows, row, findings[0])
    show_notices()
    for finding in findings:
        if not nothing_to_note(finding):
            show_line(finding, result)
    st.header("Distributions", anchor="distributions")
    if column in result.pictures:
        st.caption(legend(colours()))
    show_pictures(result, column, colours(), key="column")
    if main is not None:
        show_terms(main, policy.floor)
    st.header("Tolerance, and where it comes from", anchor="tolerance")
    show_tolerance(main, policy)
    show_column_policy(
        column,
        policy,
        in_use=engine.policy,
        file_name=engine.settings.policy_file.name if engine.settings.policy_file else None,
    )
    _show_course(engine, result, column)
    _show_segments(engine, result, column, unit)
    _show_rows(engine, result, column, unit)
    st.header("Statistics", anchor="statistics")
    show_findings(findings, unit)
    st.caption("What other tools measure, on the same counts. None of it is part of the verdict.")
    show_measurements(_measurements(engine, result.id, column), unit)


def _show_head(result: CheckResult, rows: tuple[ColumnRow, ...], row: ColumnRow, first: Finding) -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        st.title(name(shown_name(row.column)), anchor=False)
    with right:
        _choose(result, rows, row)
    muted = " :gray-badge[:material/volume_off: muted by the policy]" if row.muted else ""
    read = result.read
    parts = (
        name(read.file_name),
        counted(read.rows, "row"),
        period(read.first_time, read.last_time),
        f"scored by {name(result.model)} version {result.version}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{state_badge(first)}{muted}", width="content", help=escape(state_look(first.state).meaning))
        st.caption(" · ".join(filter(None, parts)), width="content")
        st.page_link(
            CHECK_PAGE, label="Back to the check", icon=":material/arrow_back:", query_params={"check": result.id}
        )


def _choose(result: CheckResult, rows: tuple[ColumnRow, ...], row: ColumnRow) -> None:
    """A list of the check's columns, what matters most first; choosing one changes the address."""
    looks = {one.column: f"{one.name} · {state_look(one.state).word.lower()}" for one in rows}
    key = f"column-of-{result.id}-{row.column}"

    def go() -> None:
        st.query_params.from_dict({CHECK: result.id, COLUMN: st.session_state[key]})

    columns = list(looks)
    st.selectbox(
        "Column", columns, index=columns.index(row.column), key=key, format_func=lambda one: looks[one], on_change=go
    )


def _show_course(engine: Driftline, result: CheckResult, column: str) -> None:
    st.header("Over time", anchor="time")
    points = column_course(engine.history.engine, result.model, column)[-COURSE_SHOWN:]
    if len(points) < 2:
        st.markdown(
            "Only this check has measured the column so far. Every further check adds a point: how far it moved, "
            "beside the tolerance it had then."
        )
        return
    show_chart(
        lambda: course(points, colours(), here=result.id),
        key="course",
        alt=say_course(points, name=shown_name(column)),
    )
    st.caption(
        "One mark a check, this one on a darker ground; the dashed line is the tolerance of each.",
        help=escape(explain("tolerance")),
    )


def _show_segments(engine: Driftline, result: CheckResult, column: str, unit: str) -> None:
    st.header("By segment", anchor="segments")
    contract = engine.registry.version(result.model, result.version).contract
    if not column:
        st.markdown("Whole rows are not cut: only columns are.")
        return
    splits = splits_of(contract, result, column)
    if not splits:
        st.markdown("There is nothing to cut the rows by: the model has no other categorical input.")
        return
    st.markdown("In which part of the data did it move? The rows of both sides are cut, and each part is tested.")
    split = st.pills("Cut by", splits, default=splits[0], required=True, key="split", format_func=escape)
    found = segments_found(engine, result.id, column, split or splits[0])
    if found is None:
        _offer(engine, result, column, "segments", split or splits[0], label="Compare the segments")
        return
    show_segments(
        found.segments,
        colours(),
        rows=found.rows,
        rows_used=found.rows_used,
        unit=unit,
        key=f"segments-{column}-{split}",
    )
    if found.segments.segments:
        st.download_button(
            "Segments (CSV)",
            lambda: segments_csv(found.segments),
            file_name="segments.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _show_rows(engine: Driftline, result: CheckResult, column: str, unit: str) -> None:
    st.header("Rows behind it", anchor="rows")
    if column not in result.pictures:
        st.markdown("There is no picture of this column to find rows for.")
        return
    found = rows_found(engine, result.id, column)
    if found is None:
        st.markdown("Rows with the values that came more often than in the reference, and values never seen before.")
        _offer(engine, result, column, "rows", "", label="Show the rows behind it")
        return
    labels = cell_labels(found, unit)
    show_rows(found, labels, lambda: rows_csv(found, labels), key=f"rows-{column}")


def _offer(engine: Driftline, result: CheckResult, column: str, what: What, split: str, *, label: str) -> None:
    """A button that has the rows looked at; how far that is; how it ended."""
    job = _job(engine, column_job_id(result.id, column, what, split))
    start = told(lambda: request_column(engine, result.id, column, what, split))
    if job is not None and job.active:
        follow(job, lambda: engine.jobs.job(job.id), lambda: cancel_job(engine.jobs, job.id), key=what)
    elif not has_rows(engine, result):
        st.info(
            "The uploaded file of this check is no longer kept, so its rows cannot be looked at. Everything else on "
            "this page comes from what the check itself keeps. Check the file again to look at its rows.",
            icon=":material/delete_sweep:",
            title="The rows are gone",
        )
    elif job is not None and job.state not in ("done", "cancelled"):
        show_ended(job, start, key=what)
    else:
        st.button(label, key=f"{what}-start", icon=":material/manage_search:", on_click=start)
        st.caption("Reads the stored upload once more; you can go on meanwhile.")


def _job(engine: Driftline, job_id: str) -> Job | None:
    try:
        return engine.jobs.job(job_id)
    except NotFound:
        return None


def _measurements(engine: Driftline, check_id: str, column: str) -> tuple[Measurement, ...]:
    with telling():
        return _measured(engine.settings.data.as_posix(), check_id, column, engine)
    return ()


@st.cache_data(show_spinner=False, max_entries=200)
def _measured(data: str, check_id: str, column: str, _engine: Driftline) -> tuple[Measurement, ...]:
    return measure_column(_engine, check_id, column)


if __name__ == "__main__":
    show_page()
