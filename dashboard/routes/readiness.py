"""Whether the app can work: for health checks of containers and proxies, and to have everything loaded early."""

from __future__ import annotations

import tempfile

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitoring.errors import DriftlineError


def tell_readiness(_request: Request) -> Response:
    """GET /api/ready: 200 with the versions in use, 503 with what is missing."""
    try:
        answer, status = {"ready": True, "champions": check_readiness()}, 200
    except DriftlineError as error:
        answer, status = {"ready": False, "problem": str(error)}, 503
    return JSONResponse(answer, status, headers={"Cache-Control": "no-store"})


def check_readiness() -> dict[str, int]:
    """The version in use of each model, after the store answered, the data folder took a file and each was loaded.

    All of it is the page's own, loaded once: asking again costs a few milliseconds.

    Raises:
        DriftlineError: something does not work; the message says what.
    """
    from dashboard.parts import driftline
    from monitoring.durable import storing

    engine = driftline()
    with storing("A file"), tempfile.TemporaryFile(dir=engine.settings.data) as file:
        file.write(b"ready?")
        file.flush()
    engine.history.checks(limit=1)
    champions = {model: engine.registry.champion(model) for model in engine.registry.models()}
    for version in champions.values():
        engine.loaded.get(version)
    return {model: version.number for model, version in champions.items()}
