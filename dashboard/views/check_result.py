"""The page of one check: the verdict first, then what moved, then everything it rests on, then what to do."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.components.column_card import choose_column, show_column
from dashboard.components.column_link import link_column
from dashboard.components.confirm import ask, asked, confirm, delete_question
from dashboard.components.decision_panel import show_why
from dashboard.components.drop_zone import show_labels_zone
from dashboard.components.findings_table import choose_rows, say_table, show_table, table_height
from dashboard.components.headline_cards import show_headlines
from dashboard.components.in_view import in_view
from dashboard.components.later_check import show_later_check
from dashboard.components.metric_cards import show_cards
from dashboard.components.notices import show_notices, told
from dashboard.components.performance_panel import show_performance
from dashboard.components.report_downloads import show_downloads
from dashboard.components.report_panel import ReportPart, show_report
from dashboard.components.retrain_panel import (
    ANCHOR,
    RETRAIN,
    RetrainActions,
    Retraining,
    advice_by_now,
    ask_about_retraining,
    show_retraining,
    standing,
)
from dashboard.components.rows_gone import show_rows_gone
from dashboard.components.unused_rows import show_repeats, show_unused
from dashboard.components.verdict_banner import show_verdict
from dashboard.parts import colours, now
from dashboard.routes.addresses import report_address
from dashboard.views.reading import look_again
from dashboard.views.retraining import retrain_actions, retraining_from
from dashboard.views.starting import check_again, forget_address, forget_check, report_job
from dashboard.wording.columns import column_rows
from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import ago, counted, period
from dashboard.wording.verdicts import verdict_look
from monitoring.contract import PREDICTION
from monitoring.history.records import CheckResult
from monitoring.reports.report_files import report_file
from monitoring.tables.export import misfit_rows_csv, misfit_rows_xlsx
from monitoring.workflows.column import has_rows
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.parts import Driftline
from monitoring.workflows.report import request_report

DELETE = "delete"
CARD, NARROW_CARD = 616, 1_073
"""Pixels, about, of what stands around the table of columns: choices above it, one column below it; on a phone."""


def show_result(engine: Driftline, result: CheckResult) -> None:
    """Everything about one check, top to bottom."""
    st.set_page_config(page_title=f"{verdict_look(result.verdict.name).word}: {result.read.file_name[:60]}")
    retraining = retraining_from(engine, result)
    actions = retrain_actions(engine, result, retraining)
    _show_head(engine, result, retraining)
    show_notices()
    show_repeats(result.read)
    show_verdict(result.verdict, advice_by_now(result.verdict, retraining))
    show_later_check(engine.history.check_with_outcomes(result), now())
    show_why(engine.decisions.decision_of(result.id))
    show_cards(result)
    st.header("What moved", anchor="what-moved")
    show_headlines(result, colours(), lambda column: link_column(result.id, column))
    _explore(result)
    _show_predictions(engine, result)
    st.header("Reports", anchor="report")
    show_downloads(result)
    show_report(_report_part(engine, result))
    st.header("The file and its rows", anchor="rows")
    if not has_rows(engine, result):
        show_rows_gone(result)
    _show_how_it_was_read(result)
    show_unused(result.read, lambda: misfit_rows_csv(result.read), lambda: misfit_rows_xlsx(result.read))
    st.header("What next?", anchor=ANCHOR)
    with st.container(border=True):
        show_retraining(retraining, actions, lambda: _show_ways(engine, result, retraining.champion))
    icon = ":material/delete:"
    st.button("Delete this check …", key="delete-open", icon=icon, type="tertiary", on_click=ask, args=(DELETE,))
    _ask(engine, result, retraining, actions)


def _show_head(engine: Driftline, result: CheckResult, retraining: Retraining) -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        st.title(name(result.read.file_name), anchor=False)
    with right, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if result.verdict.action == "retrain" and retraining.job is None:
            st.button(
                "Retrain …",
                key="retrain-head",
                icon=":material/model_training:",
                type="primary",
                on_click=ask,
                args=(RETRAIN,),
                disabled=retraining.request is None,
                help=escape(retraining.describes or retraining.refusal),
            )
        if where := standing(retraining):
            st.markdown(where, width="content")
        st.button("New check", key="new-check", icon=":material/add:", on_click=told(forget_address))
    read = result.read
    parts = (
        counted(read.rows, "row"),
        period(read.first_time, read.last_time),
        f"scored by {name(result.model)} version {result.version}",
        f"compared with {counted(result.rows_reference, 'reference row')}",
        f"checked {ago(result.created_at, now())}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(" · ".join(filter(None, parts)), width="content")
        if read.warnings:  # not in the caption, whose links are too pale to be read by everybody
            st.markdown(f":small[[{counted(len(read.warnings), 'note')} on the file](#rows)]", width="content")


def _show_how_it_was_read(result: CheckResult) -> None:
    """How the files were found to be written, and the way to say it otherwise."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if result.read.sniffed is not None:
            st.markdown(f"Read as {escape(result.read.sniffed.words())}.", width="content")
        st.button(
            "Read it differently …",
            key="read-differently",
            icon=":material/tune:",
            type="tertiary",
            on_click=told(look_again),
            args=(result,),
            help="Shows the first rows, and lets you say delimiter, decimal mark, encoding, sheet, header or the names "
            "of columns otherwise.",
        )
    if result.labels is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if (labels := result.read.labels) is not None:
            st.markdown(
                f"Outcomes in {name(labels.file_name)} read as {escape(labels.sniffed.words())}.", width="content"
            )
        st.button(
            "Read the outcomes differently …",
            key="read-outcomes-differently",
            icon=":material/tune:",
            type="tertiary",
            on_click=told(partial(look_again, outcomes=True)),
            args=(result,),
            help="Shows the first rows, and lets you say sheet, header, delimiter, encoding, and which columns are id "
            "and outcome.",
        )


@st.fragment
def _explore(result: CheckResult) -> None:
    """Table and column card, which talk to each other without a run of the whole page."""
    rows = column_rows(result)
    if not rows:
        st.caption("No column was compared.")
        return
    st.header("All columns", anchor="columns")
    table = table_height(len(rows))
    if not in_view("columns", height=table + CARD, narrow=table + NARROW_CARD, says=say_table(len(rows))):
        return
    shown = choose_rows(rows, key="states")
    chosen = show_table(shown, colours(), key=f"table-{result.id}-{'-'.join(sorted({row.state for row in shown}))}")
    st.caption("Choose a row, or a column here, to look at it closely.")
    inputs = [row for row in rows if row.role != "prediction"] or list(rows)
    column = choose_column([*inputs, *(row for row in rows if row not in inputs)], key="column", chosen=chosen)
    show_column(result, column, colours(), key="column-card")
    link_column(result.id, column)


def _show_predictions(engine: Driftline, result: CheckResult) -> None:
    st.header("Predictions", anchor="predictions")
    if PREDICTION in result.pictures:
        show_column(result, PREDICTION, colours(), key="predictions")
        link_column(result.id, PREDICTION)
    if result.performance is not None:
        st.subheader("Against what really happened")
        show_performance(result, _positive(engine, result))
    if result.labelled_rows >= result.read.rows:
        return
    contract = engine.registry.champion(result.model).contract
    show_labels_zone(
        result.id,
        label="More outcomes known by now? Drop them here"
        if result.labelled_rows
        else "Outcomes known by now? Drop them here",
        help_text=f"A file with the columns {escape(contract.id or 'id')} and {escape(contract.target.name)} (0 or 1). "
        "The rows are checked again with them: you see how good the predictions were, and Retrain becomes possible.",
    )


def _positive(engine: Driftline, result: CheckResult) -> str:
    return engine.registry.champion(result.model).contract.target.positive


def _report_part(engine: Driftline, result: CheckResult) -> ReportPart:
    job = report_job(engine, result.id)
    return ReportPart(
        check=result.id,
        job=job,
        ready=report_file(engine.settings.reports, result.id).exists() and not (job and job.active),
        address=report_address(result.id),
        download=report_address(result.id, download=True),
        start=lambda: request_report(engine, result.id),
        cancel=lambda: cancel_job(engine.jobs, job.id) if job else None,
        read=lambda: engine.jobs.job(job.id) if job else request_report(engine, result.id),
    )


def _show_ways(engine: Driftline, result: CheckResult, champion: int) -> None:
    """What else can be done with these rows: bring their outcomes, have the version in use check them."""
    if result.performance is None:
        st.markdown("[:material/upload: Add the outcomes](#predictions)", width="content")
    if champion != result.version:
        st.button(
            f"Check this file by version {champion}",
            key="check-again",
            icon=":material/refresh:",
            type="primary",
            on_click=told(check_again),
            args=(engine, result),
            help=f"This page shows what version {result.version} said. Version {champion} is in use now.",
        )


def _ask(engine: Driftline, result: CheckResult, retraining: Retraining, actions: RetrainActions) -> None:
    if asked(DELETE):
        file_name = result.read.file_name
        confirm(delete_question(file_name), lambda _: forget_check(engine, result.id, file_name))
    else:
        ask_about_retraining(retraining, actions)
