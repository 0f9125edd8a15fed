"""Whatever a proxy does with the path prefix, the app is asked under it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import streamlit as st

from dashboard.routes.prefix import RestoredPrefix


@pytest.mark.parametrize(
    ("prefix", "asked", "reached"),
    [
        ("watch/drift", "/models", "/watch/drift/models"),
        ("watch/drift", "/", "/watch/drift/"),
        ("watch/drift", "/watch/drift", "/watch/drift"),
        ("/watch/drift/", "/watch/drift/models", "/watch/drift/models"),
        ("watch/drift", "/watch/drifted", "/watch/drift/watch/drifted"),
        ("", "/models", "/models"),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_prefix_is_put_back(
    monkeypatch: pytest.MonkeyPatch, prefix: str, asked: str, reached: str, kind: str
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": prefix}.get)
    scope = _reached({"type": kind, "path": asked, "raw_path": asked.encode()})
    assert (scope["path"], scope["raw_path"]) == (reached, reached.encode())


def test_what_is_no_request_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "drift"}.get)
    assert _reached({"type": "lifespan"}) == {"type": "lifespan"}


def _reached(scope: dict[str, Any]) -> dict[str, Any]:
    seen: list[Any] = []

    async def app(given: Any, _receive: Any, _send: Any) -> None:
        seen.append(given)

    asyncio.run(RestoredPrefix(app)(scope, None, None))  # type: ignore[arg-type]
    return dict(seen[0])
