"""What a click starts. Every start is a job named by its content: a second click finds the job of the first."""

from __future__ import annotations

import streamlit as st

from dashboard.components.drop_zone import Dropped
from dashboard.components.notices import keep_news, telling
from monitoring.errors import NotFound
from monitoring.history.records import CheckResult, Job
from monitoring.retraining.request import RetrainRequest
from monitoring.workflows.check import CheckOrder, order_check, submit_check
from monitoring.workflows.delete import delete_check
from monitoring.workflows.parts import Driftline
from monitoring.workflows.report import report_job_id, request_report
from monitoring.workflows.retrain import request_retrain
from monitoring.workflows.samples import start_sample


def check_files(engine: Driftline, model: str, rows: Dropped, labels: Dropped | None) -> None:
    """Keep the files that were dropped and check them."""
    with telling():
        order = order_check(
            engine,
            upload=engine.uploads.save(rows.content),
            file_name=rows.name,
            labels=engine.uploads.save(labels.content) if labels else None,
            labels_name=labels.name if labels else None,
            model=model,
        )
        go_to_check(submit_check(engine, order))


def add_labels(engine: Driftline, result: CheckResult, labels: Dropped) -> None:
    """Check the rows of a check again, now with their outcomes."""
    with telling():
        order = order_check(
            engine,
            upload=result.upload,
            file_name=result.read.file_name,
            labels=engine.uploads.save(labels.content),
            labels_name=labels.name,
            model=result.model,
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
        labels_name=None,
        model=result.model,
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
