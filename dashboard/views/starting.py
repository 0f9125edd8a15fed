"""What a click starts. Every start is a job named by its content: a second click finds the job of the first."""

from __future__ import annotations

import streamlit as st

from dashboard.components.notices import keep_news, keep_note, telling
from monitoring.errors import NotFound
from monitoring.history.records import CheckResult, Job
from monitoring.retraining.request import RetrainRequest
from monitoring.workflows.check import CheckOrder, order_check, submit_check
from monitoring.workflows.column import request_column
from monitoring.workflows.delete import delete_check
from monitoring.workflows.noticing import repeated_notes
from monitoring.workflows.parts import Driftline
from monitoring.workflows.report import report_job_id, request_report
from monitoring.workflows.retrain import request_retrain, request_try
from monitoring.workflows.samples import start_sample
from monitoring.workflows.side_by_side import judge_again


def say_repeated(engine: Driftline, order: CheckOrder) -> None:
    """Say it when the very same check was made before: the page shows that one."""
    for note in repeated_notes(engine, order.id, order.file_name):
        keep_note(note)


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
    st.query_params.from_dict(check_address(job))


def check_address(job: Job) -> dict[str, str]:
    """The address of a check, before and after it has a result."""
    return {"check": job.id}


def forget_address() -> None:
    """Back to the start page."""
    st.query_params.clear()
