"""Uploads go to the disk as they arrive; Streamlit's uploader gets a ticket in the place of the content.

Streamlit's own route reads a file into memory, and its uploader copies it for every session and run. Here a request to
that route is passed on with the file's content replaced: Streamlit checks session, token and size as ever, before a
byte is read, and the page takes the file by its ticket (`dashboard/arrivals.py`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import streamlit as st
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.arrivals import ARRIVALS, Arrival, Arrivals
from monitoring.errors import StoreFailed

if TYPE_CHECKING:
    from monitoring.history.uploads import Uploads, UploadWriter

ROUTE: Final = "/_stcore/upload_file/"
AT_ONCE: Final = 1 << 20
"""Bytes that are collected before they are written, which is done in a thread."""
FRAMING: Final = 1 << 20
"""Bytes of a request that are not the file: boundaries, names."""

_logger = logging.getLogger(__name__)


class StreamedUploads:
    """ASGI middleware around Streamlit's uploads; everything else passes untouched.

    Args:
        app: what it wraps.
        arrivals: where files wait for the page.
    """

    def __init__(self, app: ASGIApp, arrivals: Arrivals = ARRIVALS) -> None:
        self._app = app
        self._arrivals = arrivals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or ROUTE not in scope["path"]:
            await self._app(scope, receive, send)
            return
        boundary = _boundary(scope) if scope["method"] == "PUT" else b""
        incoming = _Incoming(scope, receive, boundary, self._arrivals) if boundary else None
        status = 0

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, incoming.receive if incoming else receive, send_and_see)
        except ClientDisconnect:
            _logger.info("An upload broke off; nothing of it is kept")
        finally:
            taken = 200 <= status < 300
            if (incoming is not None and not taken) or (scope["method"] == "DELETE" and taken):
                await asyncio.to_thread(self._arrivals.forget, scope["path"])


class _Incoming:
    """The body of one upload: asked for the first time, it stores the file and answers with a body that holds a ticket.

    So nothing is read, and nothing written, of a request that is refused by its head.
    """

    def __init__(self, scope: Scope, receive: Receive, boundary: bytes, arrivals: Arrivals) -> None:
        self._address = scope["path"]
        self._length = _length(scope)
        self._receive = receive
        self._boundary = boundary
        self._arrivals = arrivals
        self._begun = False
        self._part = _Part(boundary)
        self._writer: UploadWriter | None = None
        self._problem = ""

    async def receive(self) -> Message:
        if self._begun:
            return await self._receive()
        self._begun = True
        try:
            return await self._take_in()
        except BaseException:
            if self._writer is not None:
                self._writer.discard()
            raise

    async def _take_in(self) -> Message:
        await asyncio.to_thread(self._open)
        limit = int(st.get_option("server.maxUploadSize")) * 1024 * 1024 + FRAMING
        came, more = 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body, more = message.get("body", b""), message.get("more_body", False)
            came += len(body)
            if came > limit:
                raise HTTPException(413, "File too large")
            self._part.feed(body)
            if self._part.waiting >= AT_ONCE:
                await asyncio.to_thread(self._store)
        self._part.end()
        await asyncio.to_thread(self._finish)
        arrival = Arrival(self._address, self._address.split(ROUTE)[1].split("/")[0], self._writer, self._problem)
        ticket = self._arrivals.add(arrival)
        return {"type": "http.request", "body": self._part.with_content(ticket), "more_body": False}

    def _open(self) -> None:
        self._arrivals.sweep(_is_there)
        try:
            self._writer = _uploads().begin(self._length)
        except StoreFailed as error:
            self._problem = str(error)

    def _store(self) -> None:
        """Write what has come; of a file that cannot be kept, let it pass: the page says why when it is asked."""
        pieces = self._part.take()
        if self._writer is None:
            return
        try:
            for piece in pieces:
                self._writer.write(piece)
        except StoreFailed as error:
            self._give_up(error)

    def _finish(self) -> None:
        self._store()
        if self._writer is None:
            return
        try:
            self._writer.finish()
        except StoreFailed as error:
            self._give_up(error)

    def _give_up(self, error: StoreFailed) -> None:
        _logger.warning("An upload was not kept: %s", error)
        self._problem = str(error)
        if self._writer is not None:
            self._writer.discard()
        self._writer = None


class _Part:
    """The only part of a multipart body: its headers and, piece by piece, its content.

    Args:
        boundary: what separates parts.
    """

    def __init__(self, boundary: bytes) -> None:
        self._boundary = boundary
        self._head = bytearray()
        self._pieces: list[bytes] = []
        self._parts = 0
        self._in_value = False
        self._ended = False
        self.waiting = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._add_to_head,
                "on_header_value": self._add_value,
                "on_header_end": self._end_line,
                "on_part_data": self._add,
                "on_end": self._end,
            },
        )

    def feed(self, body: bytes) -> None:
        """Take in a piece of the body. Raises HTTPException when it is none."""
        try:
            self._parser.write(body)
        except FormParserError as error:
            raise HTTPException(400, "Invalid multipart data") from error

    def end(self) -> None:
        """There is no more. Raises HTTPException when there should be."""
        try:
            self._parser.finalize()
        except FormParserError as error:
            raise HTTPException(400, "Invalid multipart data") from error
        if not self._ended:
            raise HTTPException(400, "Incomplete multipart data")

    def take(self) -> list[bytes]:
        """The content that came since the last time."""
        pieces, self._pieces, self.waiting = self._pieces, [], 0
        return pieces

    def with_content(self, content: bytes) -> bytes:
        """A body with the same headers and another content."""
        return b"--%b\r\n%b\r\n%b\r\n--%b--\r\n" % (self._boundary, bytes(self._head), content, self._boundary)

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > 1:
            raise HTTPException(400, "Expected 1 file, but got several")

    def _add_to_head(self, data: bytes, start: int, end: int) -> None:
        self._head += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        if not self._in_value:
            self._head += b": "
            self._in_value = True
        self._head += data[start:end]

    def _end_line(self) -> None:
        self._head += b"\r\n"
        self._in_value = False

    def _end(self) -> None:
        self._ended = True

    def _add(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])
        self.waiting += end - start


def _boundary(scope: Scope) -> bytes:
    """What separates the parts of a multipart body, b"" for a body of another kind."""
    kind, options = parse_options_header(Headers(scope=scope).get("content-type"))
    return options.get(b"boundary", b"") if kind == b"multipart/form-data" else b""


def _length(scope: Scope) -> int:
    """How long the body says that it is, 0 when it says nothing."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _uploads() -> Uploads:
    from monitoring.history.uploads import Uploads
    from monitoring.wiring import settings_from_environment

    return Uploads(settings_from_environment().data / "uploads")


def _is_there(session: str) -> bool:
    from streamlit.runtime import exists, get_instance

    return exists() and get_instance().is_active_session(session)
