"""What a click starts. Every start is a job named by its content: a second click finds the job of the first."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from dashboard.components.drop_zone import Dropped
from dashboard.components.notices import keep_news, keep_note, telling
from monitoring.errors import NotFound
from monitoring.history.records import CheckResult, Job
from monitoring.retraining.request import RetrainRequest
from monitoring.workflows.check import CheckOrder, forget_refused, order_check, submit_check
from monitoring.workflows.column import request_column
from monitoring.workflows.delete import delete_check
from monitoring.workflows.naming import without_labels
from monitoring.workflows.noticing import repeated_notes
from monitoring.workflows.parts import Driftline
from monitoring.workflows.report import report_job_id, request_report
from monitoring.workflows.retrain import request_retrain, request_try
from monitoring.workflows.samples import start_sample
from monitoring.workflows.side_by_side import judge_again


def check_files(engine: Driftline, model: str, rows: Dropped, labels: Dropped | None) -> None:
    """Keep the files that were dropped and check them; the refused file that the page shows is no longer needed."""
    with telling():
        forget_shown(engine)
        order = order_check(
            engine,
            upload=rows.keep(engine.uploads),
            file_name=rows.name,
            labels=labels.keep(engine.uploads) if labels else None,
            labels_name=labels.name if labels else None,
            model=model,
        )
        say_repeated(engine, order)
        go_to_check(submit_check(engine, order))


def say_repeated(engine: Driftline, order: CheckOrder) -> None:
    """Say it when the very same check was made before: the page shows that one."""
    for note in repeated_notes(engine, order.id, order.file_name):
        keep_note(note)


def forget_shown(engine: Driftline) -> None:
    """Let go of the files of the refused check that is in the address."""
    if check_id := st.query_params.get("check"):
        with suppress(NotFound):
            forget_refused(engine, check_id)


def add_labels(engine: Driftline, result: CheckResult, labels: Dropped) -> None:
    """Check the rows of a check again, now with their outcomes."""
    with telling():
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
        go_to_check(submit_check(engine, order))


def check_again(engine: Driftline, result: CheckResult) -> None:
    """Check the rows of a check by the version in use now."""
    engine.uploads.path(result.upload)
    order = order_check(
        engine,
        upload=result.upload,
        file_name=result.read.file_name,
        labels=result.labels,
        labels_name=result.read.labels.file_name if result.read.labels else None,
        model=result.model,
        reading=result.reading,
    )
    go_to_check(submit_check(engine, order))


def check_sample(engine: Driftline, model: str, key: str) -> None:
    """Check a packaged sample."""
    job = start_sample(engine, model, key)
    if job.kind == "check":
        go_to_check(job)
    else:
        st.query_params.from_dict({"job": job.id})


def start_again(engine: Driftline, job: Job) -> None:
    """Start a job that ended without a result once more. Raises NotFound when its files are gone."""
    if job.kind == "check":
        order = CheckOrder.model_validate(job.payload).model_copy(update={"policy": engine.policy.id})
        engine.uploads.path(order.upload)
        go_to_check(submit_check(engine, order))
    elif job.kind == "year":
        start_sample(engine, str(job.payload["model"]), str(job.payload["sample"]))
    elif job.kind == "retrain":
        request_retrain(engine, RetrainRequest.model_validate(job.payload))
    elif job.kind == "try":
        request_try(engine, str(job.payload["model"]), str(job.payload["hook"]))
    elif job.kind == "column":
        asked = job.payload
        request_column(engine, asked["check"], asked["column"], asked["what"], asked["split"])
    elif job.kind == "windows":
        judge_again(engine, job.payload["model"], job.payload["version"], job.payload["step"])
    else:
        request_report(engine, str(job.payload["check"]))


def report_job(engine: Driftline, check_id: str) -> Job | None:
    """The job that writes a check's report, None when it was never asked for."""
    try:
        return engine.jobs.job(report_job_id(check_id))
    except NotFound:
        return None


def forget_check(engine: Driftline, check_id: str, file_name: str) -> None:
    """Delete a check with its upload and its report, and leave its page."""
    with telling():
        delete_check(engine, check_id)
        keep_news(f"{file_name} is deleted, with its upload and its report.")
        forget_address()


def go_to_check(job: Job) -> None:
    """Put the check into the address: from here on it can be come back to."""
    st.query_params.from_dict({"check": job.id})


def forget_address() -> None:
    """Back to the start page."""
    st.query_params.clear()
