"""The HTTP routes beside the Streamlit page, and what every response carries. Nothing heavy is imported here."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from dashboard.routes.addresses import JOBS, READY, REPORTS, with_prefix
from dashboard.routes.jobs import tell_mark
from dashboard.routes.prefix import RestoredPrefix
from dashboard.routes.readiness import tell_readiness
from dashboard.routes.reports import send_report
from dashboard.routes.security_headers import SecurityHeaders
from dashboard.routes.streamed_uploads import StreamedUploads
from dashboard.routes.upload_addresses import answer_uploads
from dashboard.routes.warm_up import warm_up

__all__ = ["answer_uploads", "own_middleware", "own_routes", "warm_up"]


def own_routes() -> list[BaseRoute]:
    """Our routes, under the prefix that the server is configured with."""
    return [
        Route(with_prefix(f"{REPORTS}/{{check_id}}"), send_report, methods=["GET"]),
        Route(with_prefix(f"{JOBS}/{{job:path}}"), tell_mark, methods=["GET"]),
        Route(with_prefix(READY), tell_readiness, methods=["GET"]),
    ]


def own_middleware() -> list[Middleware]:
    """What wraps every request, those to Streamlit's own routes included."""
    return [Middleware(RestoredPrefix), Middleware(SecurityHeaders), Middleware(StreamedUploads)]
