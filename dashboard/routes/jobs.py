"""What a page asks about a job while it runs: only whether it has changed. It is drawn by the page itself."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitoring.errors import DriftlineError, NotFound


def tell_mark(request: Request) -> Response:
    """GET /api/jobs/{job}: its mark as text, 404 when there is no such job, 503 when the store does not answer."""
    from dashboard.parts import driftline

    try:
        mark, status = driftline().jobs.job(request.path_params["job"]).mark, 200
    except NotFound:
        mark, status = "", 404
    except DriftlineError:
        mark, status = "", 503
    return PlainTextResponse(mark, status, headers={"Cache-Control": "no-store"})
