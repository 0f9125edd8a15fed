"""The Evidently page of a check. Its header takes the page out of our origin, whatever a file put into it."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from monitoring.errors import NotFound
from monitoring.reports.report_files import report_file

REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; connect-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
_NOTHING_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def send_report(request: Request) -> Response:
    """GET /reports/{check_id}: the page, to be framed; with `?download=1` as a file."""
    from monitoring.wiring import settings_from_environment

    check_id = request.path_params["check_id"]
    try:
        path = report_file(settings_from_environment().reports, check_id)
        stat = path.stat()
    except (NotFound, OSError):
        return _not_there("There is no report of this check yet. Open the check and ask for its Evidently report.")
    page = FileResponse(
        path,
        stat_result=stat,
        media_type="text/html",
        filename=f"driftline-report-{check_id}.html",
        content_disposition_type="attachment" if request.query_params.get("download") == "1" else "inline",
        headers={"Content-Security-Policy": REPORT_POLICY, "Cache-Control": "private, no-cache"},
    )
    return _unchanged(page) if _has(request, page) else page


def _has(request: Request, page: Response) -> bool:
    """Whether the browser says that it has this very page."""
    known = request.headers.get("if-none-match", "").split(",")
    return page.headers["etag"] in {tag.strip().removeprefix("W/") for tag in known}


def _unchanged(page: Response) -> Response:
    kept = ("etag", "cache-control", "content-security-policy", "last-modified")
    return Response(status_code=304, headers={name: page.headers[name] for name in kept})


def _not_there(sentence: str) -> Response:
    body = (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>No report</title></head>"
        f"<body style='font: 16px/1.5 system-ui, sans-serif; margin: 2rem'><p>{escape(sentence)}</p></body></html>"
    )
    headers = {"Content-Security-Policy": _NOTHING_POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(body, status_code=404, headers=headers)
