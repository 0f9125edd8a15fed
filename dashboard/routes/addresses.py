"""Addresses of our routes, with the prefix under which the server is reached."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

JOBS = "/api/jobs"
REPORTS = "/reports"
READY = "/api/ready"


def with_prefix(path: str) -> str:
    """`path` under `server.baseUrlPath`: Streamlit puts it before its own routes, not before ours."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


def report_address(check_id: str, *, download: bool = False) -> str:
    """Address of a check's Evidently page, to be framed (or opened), or to be downloaded."""
    return with_prefix(f"{REPORTS}/{check_id}") + ("?download=1" if download else "")


def job_address(job_id: str) -> str:
    """Address that answers with the mark of a job."""
    return with_prefix(f"{JOBS}/{quote(job_id, safe='')}")
