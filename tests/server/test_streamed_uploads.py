"""Uploads through Streamlit's own route: to the disk as they come, a ticket for the page."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import streamlit as st
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as given_by
from starlette.applications import Starlette
from starlette.middleware import Middleware
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_routes import create_upload_routes

from dashboard.arrivals import FORGOTTEN_SECONDS, Arrival, Arrivals
from dashboard.drops import Dropped
from dashboard.routes.streamed_uploads import StreamedUploads
from monitoring.durable import storing
from monitoring.errors import StoreFailed
from monitoring.history import uploads as uploads_module
from monitoring.history.uploads import Uploads, UploadWriter

SESSION, FILE = "a-session", "a-file"
ADDRESS = f"/_stcore/upload_file/{SESSION}/{FILE}"
BOUNDARY = b"----WebKitFormBoundaryX"
TOKEN = generate_xsrf_token_string()


class Server:
    """Streamlit's routes behind ours, asked without a network."""

    def __init__(self, data: Path) -> None:
        self.uploads = data / "uploads"
        self.arrivals = Arrivals()
        self.manager = MemoryUploadedFileManager("/_stcore/upload_file")
        runtime = cast("Runtime", SimpleNamespace(is_active_session=lambda session: session == SESSION))
        self.app = Starlette(
            routes=create_upload_routes(runtime, self.manager, None),
            middleware=[Middleware(StreamedUploads, arrivals=self.arrivals)],
        )
        self.read = 0

    def ask(
        self,
        body: bytes = b"",
        *,
        method: str = "PUT",
        address: str = ADDRESS,
        piece: int = 65_536,
        token: str = TOKEN,
        length: bool = True,
        breaks_off: bool = False,
    ) -> int:
        """The status of the answer; `read` counts the pieces of the body that were asked for."""
        pieces = [body[start : start + piece] for start in range(0, len(body), piece)] or [b""]
        headers = [
            (b"content-type", b"multipart/form-data; boundary=" + BOUNDARY),
            (b"x-xsrftoken", token.encode()),
            (b"cookie", b"_streamlit_xsrf=" + TOKEN.encode()),
        ]
        if length:
            headers.append((b"content-length", str(len(body)).encode()))
        self.read = 0
        status = 0

        async def receive() -> dict[str, Any]:
            self.read += 1
            if self.read > len(pieces):
                return {"type": "http.disconnect"}
            more = breaks_off or self.read < len(pieces)
            return {"type": "http.request", "body": pieces[self.read - 1], "more_body": more}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)

        scope = {
            "type": "http",
            "method": method,
            "path": address,
            "raw_path": address.encode(),
            "query_string": b"",
            "headers": headers,
            "root_path": "",
            "http_version": "1.1",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
        }
        asyncio.run(self.app(scope, receive, send))
        return status

    def dropped(self) -> Dropped:
        """What the drop zone would hand over."""
        (record,) = self.manager.get_files(SESSION, [FILE])
        return Dropped(record.name, self.arrivals.take(record.data) or record.data)

    def on_disk(self) -> list[str]:
        return sorted(path.name for path in self.uploads.iterdir()) if self.uploads.exists() else []


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    server = Server(tmp_path / "data")
    yield server
    server.arrivals.clear()
    assert [name for name in server.on_disk() if name.startswith(".part")] == [], "nothing half stays"


def form(content: bytes, *, name: str = "rows.csv", parts: int = 1) -> bytes:
    """A body as a browser sends it."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'.encode()
    return b"".join(b"--" + BOUNDARY + b"\r\n" + head + content + b"\r\n" for _ in range(parts)) + (
        b"--" + BOUNDARY + b"--\r\n"
    )


def kept(server: Server, dropped: Dropped) -> bytes:
    sha = dropped.keep(Uploads(server.uploads))
    return Uploads(server.uploads).path(sha).read_bytes()


def test_a_file_goes_to_the_disk_and_the_page_gets_a_ticket(server: Server) -> None:
    content = bytes(range(256)) * 20_000
    assert server.ask(form(content, name="Zürich, 1.csv")) == 204
    (record,) = server.manager.get_files(SESSION, [FILE])
    assert (record.name, record.type, len(record.data)) == ("Zürich, 1.csv", "text/csv", 50)
    assert len(server.on_disk()) == 1, "it waits"
    dropped = server.dropped()
    assert kept(server, dropped) == content
    dropped.discard()
    assert server.on_disk() == [hashlib.sha256(content).hexdigest()], "what is kept is not discarded"
    assert isinstance(server.dropped().content, bytes), "a ticket is good once"


@given(
    content=given_by.lists(
        given_by.sampled_from([BOUNDARY, b"--" + BOUNDARY + b"-", b"\r\n", b"\r\n--", b"--", b"\r", b"a,b\n", b"\0"])
    ).map(b"".join),
    piece=given_by.integers(1, 40),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_content_that_looks_like_the_end_comes_whole(server: Server, content: bytes, piece: int) -> None:
    if b"\r\n--" + BOUNDARY in b"\r\n" + content:
        content = content.replace(BOUNDARY, b"")
    assert server.ask(form(content), piece=piece) == 204
    assert kept(server, server.dropped()) == content


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"token": "2|00000000|00000000000000000000000000000000|0"}, 403),
        ({"address": f"/_stcore/upload_file/somebody/{FILE}"}, 400),
    ],
)
def test_what_is_refused_by_its_head_is_not_read(server: Server, asked: dict[str, str], status: int) -> None:
    assert server.ask(form(b"x" * 100_000), **asked) == status  # type: ignore[arg-type]
    assert server.read == 0
    assert server.on_disk() == []


@pytest.mark.parametrize("length", [True, False])
def test_a_file_beyond_the_limit_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch, length: bool) -> None:
    before = st.get_option("server.maxUploadSize")
    st.config._set_option("server.maxUploadSize", 1, "test")
    try:
        assert server.ask(form(b"x" * 3_000_000), length=length) == 413
    finally:
        st.config._set_option("server.maxUploadSize", before, "test")
    assert server.on_disk() == []


def test_an_upload_that_breaks_off_leaves_nothing(server: Server) -> None:
    assert server.ask(form(b"x" * 3_000_000)[:2_500_000], breaks_off=True) == 0
    assert server.on_disk() == []
    assert server.manager.get_files(SESSION, [FILE]) == []


@pytest.mark.parametrize("body", [form(b"x", parts=2), form(b"x")[:-20], b"no form at all", b""])
def test_what_is_no_form_with_one_file_is_refused(server: Server, body: bytes) -> None:
    assert server.ask(body) == 400
    assert server.on_disk() == []


def test_a_file_that_is_taken_back_is_removed(server: Server) -> None:
    server.ask(form(b"rows"))
    assert server.ask(method="DELETE", token="") == 403
    assert len(server.on_disk()) == 1, "not for anybody"
    assert server.ask(method="DELETE") == 204
    assert server.on_disk() == []


def full_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_module.shutil, "disk_usage", lambda _: SimpleNamespace(free=17_000_000))


def full_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    write, written = UploadWriter.write, 0

    def write_a_little(self: UploadWriter, piece: bytes | memoryview) -> None:
        nonlocal written
        written += len(piece)
        if written > 1_500_000:
            with storing("The uploaded file"):
                raise OSError(errno.ENOSPC, "No space left on device")
        write(self, piece)

    monkeypatch.setattr(UploadWriter, "write", write_a_little)


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (full_from_the_start, "it has 3 MB, and of the 17 MB left on that disk 16 MB stay free. Make room"),
        (full_on_the_way, "the disk is full. Make room"),
    ],
)
def test_a_full_disk_is_told_when_the_page_takes_the_file(
    server: Server, monkeypatch: pytest.MonkeyPatch, fill: Callable[[pytest.MonkeyPatch], None], words: str
) -> None:
    fill(monkeypatch)
    assert server.ask(form(b"x" * 3_000_000)) == 204
    assert server.on_disk() == [], "nothing half kept"
    with pytest.raises(StoreFailed, match="The uploaded file could not be kept in the data folder") as told:
        server.dropped().keep(Uploads(server.uploads))
    assert words in str(told.value)


def test_what_nobody_takes_goes_when_its_page_is_long_gone(tmp_path: Path) -> None:
    arrivals, uploads = Arrivals(), Uploads(tmp_path)
    for session, age in (("here", 2.0), ("gone", 2.0), ("gone", 0.5)):
        arrival = Arrival(session, session, uploads.begin())
        arrival.at -= age * FORGOTTEN_SECONDS
        arrivals.add(arrival)
    arrivals.sweep(lambda session: session == "here")
    assert len(list(tmp_path.iterdir())) == 2
    arrivals.clear()
    assert list(tmp_path.iterdir()) == []
