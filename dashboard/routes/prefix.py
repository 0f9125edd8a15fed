"""A path prefix that a proxy has taken away is put back, so that one setting serves both kinds of proxies."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.routes.addresses import with_prefix


class RestoredPrefix:
    """ASGI middleware: every request, a web socket's too, comes under `server.baseUrlPath`.

    Pages, scripts and links carry the prefix, since the browser asks for them under it. A proxy may hand on what the
    browser asked for, or leave the prefix out (`location /drift/ { proxy_pass http://app/; }`, Kubernetes' rewrites,
    Traefik's `StripPrefix`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._prefix = with_prefix("")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = self._prefix
        if prefix and scope["type"] in ("http", "websocket") and not _is_under(scope["path"], prefix):
            scope = {**scope, "path": prefix + scope["path"]}
            if raw := scope.get("raw_path"):
                scope["raw_path"] = prefix.encode() + raw
        await self._app(scope, receive, send)


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
