"""Our routes and what every response carries, without Streamlit in between."""

import asyncio
import gzip
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard.routes import jobs as jobs_route
from dashboard.routes import own_middleware, own_routes
from dashboard.routes.addresses import job_address, report_address, with_prefix
from dashboard.routes.job_watch import Known
from dashboard.routes.security_headers import SecurityHeaders
from monitoring.errors import NotFound
from monitoring.reports.report_files import is_check_id, report_file
from monitoring.wiring import open_driftline, settings_from_environment

CHECK = "0123456789abcdef"
PAGE = "<!DOCTYPE html><p>The report</p>" + "<p>more</p>" * 1000


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one report, and a file beside the folder of reports."""
    folder = tmp_path / "data"
    (folder / "reports").mkdir(parents=True)
    (folder / "reports" / f"{CHECK}.html").write_text(PAGE)
    (folder / "secret.html").write_text("secret")
    monkeypatch.setenv("DRIFTLINE_DATA", str(folder))
    return folder


@dataclass(frozen=True)
class Answer:
    """What came back, as it came: compressed where it was sent so."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def policy(self) -> str:
        return self.headers["content-security-policy"]


Get = Callable[..., Answer]


@pytest.fixture
def get(data: Path) -> Iterator[Get]:
    """`get(path, **headers)` from a server that runs here, so that the data folder is that of the test."""

    def with_own_policy(_request: object) -> PlainTextResponse:
        return PlainTextResponse("x", headers={"Content-Security-Policy": "default-src 'none'"})

    routes = [*own_routes(), Route("/own", with_own_policy)]
    app = Starlette(routes=routes, middleware=[*own_middleware(), Middleware(GZipMiddleware)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]

    def ask(path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, names, response.read())
        connection.close()
        return answer

    yield ask
    server.should_exit = True
    thread.join(10)


def test_a_report_is_shown_out_of_our_origin(get: Get) -> None:
    answer = get(report_address(CHECK))
    assert (answer.status, answer.text) == (200, PAGE)
    policy = {part.split()[0]: part.split()[1:] for part in answer.policy.split(";")}
    assert policy["sandbox"] == ["allow-scripts", "allow-downloads"], "no allow-same-origin, no top navigation"
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'self'"]
    assert "unsafe-eval" not in answer.policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_report_can_be_downloaded(get: Get) -> None:
    answer = get(report_address(CHECK, download=True))
    assert answer.text == PAGE
    assert answer.headers["content-disposition"] == f'attachment; filename="driftline-report-{CHECK}.html"'


def test_a_report_comes_compressed_when_that_is_accepted(get: Get) -> None:
    answer = get(report_address(CHECK), accept_encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body).decode() == PAGE
    assert len(answer.body) < len(PAGE) / 10
    assert "content-encoding" not in get(report_address(CHECK), accept_encoding="identity").headers


def test_a_report_that_the_browser_has_is_not_sent_again(get: Get, data: Path) -> None:
    tag = get(report_address(CHECK)).headers["etag"]
    again = get(report_address(CHECK), if_none_match=f'"other", W/{tag}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == tag
    (data / "reports" / f"{CHECK}.html").write_text("another page")
    assert get(report_address(CHECK), if_none_match=tag).text == "another page"


@pytest.mark.parametrize(
    "check_id",
    ["fedcba9876543210", "..%2Fsecret", "%2e%2e%2fsecret", "../secret", "0123456789ABCDEF", f"{CHECK}%0a", "x" * 5000],
)
def test_no_other_file_is_served(get: Get, check_id: str) -> None:
    answer = get(f"/reports/{check_id}")
    assert answer.status == 404
    assert "secret" not in answer.text


def test_a_report_that_is_not_there_is_told_in_a_sentence(get: Get) -> None:
    answer = get("/reports/fedcba9876543210")
    assert "There is no report of this check yet." in answer.text
    assert answer.policy.startswith("sandbox; default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "text", ["", CHECK[:-1], CHECK + "0", CHECK + "\n", CHECK.upper(), "０123456789abcdef", "../x"]
)
def test_what_is_no_check_id_has_no_file(text: str, tmp_path: Path) -> None:
    assert not is_check_id(text)
    with pytest.raises(NotFound):
        report_file(tmp_path, text)


def test_a_page_is_told_whether_a_job_has_changed(get: Get) -> None:
    jobs = open_driftline(settings_from_environment()).jobs
    first = jobs.submit("report/a b", "report", {})
    answer = get(job_address("report/a b"))
    assert (answer.status, answer.text) == (200, first.mark)
    assert answer.headers["cache-control"] == "no-store"
    jobs.cancel("report/a b")
    assert get(job_address("report/a b")).text != first.mark
    assert (get(job_address("nothing")).status, get(job_address("nothing")).text) == (404, "")


@pytest.mark.parametrize(
    ("known", "waits"),
    [
        ("", []),
        ("?known=another", []),
        ("?known={mark}&wait=30", [0.03]),
        ("?known=another&until=end&wait=30", [0.03]),
        ("?known={mark}&wait=0", [0]),
        ("?known={mark}&wait=999999", [3]),
        ("?known={mark}&wait=-1", [3]),
        ("?known={mark}", [3]),
    ],
)
def test_a_question_about_a_job_waits_no_longer_than_it_says(
    get: Get, monkeypatch: pytest.MonkeyPatch, known: str, waits: list[float]
) -> None:
    """And three seconds at most: a server that stops waits for it."""
    waited: list[float] = []

    async def wait(_: Known, seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(jobs_route._WATCH, "wait", wait)
    first = open_driftline(settings_from_environment()).jobs.submit("report", "report", {})
    assert get(job_address("report") + known.format(mark=quote(first.mark))).text == first.mark
    assert waited == waits


@pytest.mark.parametrize("until", ["change", "end"])
def test_a_question_about_a_job_is_answered_when_it_has_ended(
    get: Get, monkeypatch: pytest.MonkeyPatch, until: str
) -> None:
    monkeypatch.setattr(jobs_route, "LONGEST", 60.0)
    jobs = open_driftline(settings_from_environment()).jobs
    first = jobs.submit("report", "report", {})
    ending = threading.Timer(0.3, jobs.cancel, ["report"])
    ending.start()
    try:
        answer = get(job_address("report") + f"?known={quote(first.mark)}&until={until}&wait=no-number")
    finally:
        ending.join()
    assert answer.text.startswith("cancelled ")


def test_every_response_carries_the_headers_but_keeps_its_own_policy(get: Get) -> None:
    for path in ("/own", "/nowhere", "/api/ready"):
        headers = get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "content-security-policy" in headers
    assert get("/own").policy == "default-src 'none'"
    policy = get("/nowhere").policy
    assert "frame-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy


def test_web_sockets_pass_untouched() -> None:
    seen: list[tuple[Any, ...]] = []

    async def app(*given: Any) -> None:
        seen.append(given)

    async def nothing(*_: Any) -> Any:
        return None

    scope = {"type": "websocket", "path": "/_stcore/stream"}
    asyncio.run(SecurityHeaders(app)(scope, nothing, nothing))
    assert seen == [(scope, nothing, nothing)]


def test_ready_when_folder_store_and_champion_answer(get: Get, data: Path) -> None:
    answer = get(with_prefix("/api/ready"))
    assert answer.status == 200
    assert json.loads(answer.body) == {"ready": True, "champions": {"flight-delay": 1}}
    assert answer.headers["cache-control"] == "no-store"
    assert sorted(path.name for path in data.iterdir() if path.name.startswith("tmp")) == [], "nothing is left behind"


def test_not_ready_when_the_data_folder_is_gone(get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_file").write_text("")
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "a_file" / "data"))
    answer = get("/api/ready")
    assert answer.status == 503
    assert json.loads(answer.body)["ready"] is False
    assert str(tmp_path) not in answer.text, "no path of the machine"


def test_the_server_starts_light() -> None:
    """What `dashboard/server.py` imports before anybody asks for anything."""
    program = "import json, sys; import dashboard.routes; print(json.dumps(sorted(sys.modules)))"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    imported = set(json.loads(done.stdout))
    assert "dashboard.routes.reports" in imported
    heavy = "evidently sklearn onnx skl2onnx onnxruntime scipy pandas pyarrow sqlalchemy numpy"
    assert imported & set(heavy.split()) == set()
