"""What a page asks about a job while it runs: only whether it has changed. It is drawn by the page itself."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboard.routes.job_watch import JobWatch, Known
from monitoring.errors import DriftlineError, NotFound

LONGEST: Final = 3.0
"""Seconds for which a question waits at most: a server that stops waits for it."""


async def tell_mark(request: Request) -> Response:
    """GET /api/jobs/{job}: its mark as text, 404 when there is no such job, 503 when the store does not answer.

    With `?known=…` the answer waits until the mark is another one, with `&until=end` until the job has ended, but no
    longer than `&wait=…` milliseconds.
    """
    job, asked = request.path_params["job"], request.query_params
    mark, status = await asyncio.to_thread(_mark, job)
    if "known" in asked and status == 200:
        known = Known(job, asked["known"], asked.get("until") == "end")
        if not known.is_old(mark):
            await _WATCH.wait(known, _seconds(asked.get("wait", "")))
            mark, status = await asyncio.to_thread(_mark, job)
    return PlainTextResponse(mark, status, headers={"Cache-Control": "no-store"})


def _seconds(milliseconds: str) -> float:
    whole = milliseconds.isascii() and milliseconds.isdigit()
    return min(int(milliseconds[:9]) / 1000, LONGEST) if whole else LONGEST


def _mark(job: str) -> tuple[str, int]:
    from dashboard.parts import driftline

    try:
        return driftline().jobs.job(job).mark, 200
    except NotFound:
        return "", 404
    except DriftlineError:
        return "", 503


def _marks(jobs: Collection[str]) -> Mapping[str, str]:
    from dashboard.parts import driftline

    return driftline().jobs.marks(jobs)


_WATCH: Final = JobWatch(_marks)
