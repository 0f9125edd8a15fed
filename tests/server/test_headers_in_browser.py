"""The headers refuse attacks and nothing else: a page with everything on it, in a real Chromium."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser_page import choose_file, wait_until_rested
from tests.server.own_app import CHECK, OwnApp

pytestmark = pytest.mark.browser
_POLICY = "Content Security Policy"
ATTACK = "window.pwned = 1; try { window.top.pwned = 1; top.document.title = 'pwned' } catch (e) { refused = e.name }"
HOSTILE = f"""<!DOCTYPE html><title>r</title><p id="text">The report</p><script>var refused = ''; {ATTACK}
    try {{ localStorage.x = 1 }} catch (e) {{ refused += ' ' + e.name }}
    fetch('/_stcore/health').then(() => {{ refused += ' fetched' }}, () => {{ refused += ' not fetched' }});
    document.getElementById('text').textContent = origin</script>"""


@pytest.fixture(scope="module", params=["", "/drift/line"], ids=["at the root", "under a prefix"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnApp]:
    app = OwnApp(tmp_path_factory.mktemp("own"), base=request.param)
    app.keep_report(HOSTILE)
    yield app
    app.close()


def test_nothing_of_streamlit_is_refused(app: OwnApp, page: Page, tmp_path: Path) -> None:
    complaints: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" or _POLICY in m.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((app.url, "data:", "blob:")) else elsewhere.append(r.url))
    page.goto(app.url)
    expect(page.get_by_text("A small page")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_be_visible()
    expect(page.frame_locator("iframe").locator("#text")).to_have_text("null")
    file = tmp_path / "given.csv"
    file.write_text("a,b\n1,2\n")
    choose_file(page, file)
    expect(page.get_by_text(f"kept {sha256(file.read_bytes()).hexdigest()}")).to_be_visible()
    wait_until_rested(page)
    button = page.get_by_role("button", name="Take it")
    button.scroll_into_view_if_needed()
    with page.expect_download() as download:
        button.press("Enter")
    assert Path(download.value.path()).read_bytes() == b"content"
    assert elsewhere == []
    assert [text for text in complaints if "/_stcore/health" not in text] == [], "only what HOSTILE tries is refused"


def test_a_hostile_report_in_a_frame_reaches_nothing(app: OwnApp, page: Page) -> None:
    page.goto(app.url)
    expect(page.frame_locator("iframe").locator("#text")).to_have_text("null")
    report = next(frame for frame in page.frames if frame.url.endswith(f"/reports/{CHECK}"))
    assert report.evaluate("window.pwned") == 1, "scripts of the page itself run"
    report.wait_for_function("refused.includes('fetched')")
    assert report.evaluate("refused") == "SecurityError SecurityError not fetched"
    assert page.evaluate("window.pwned") is None
    assert page.title() != "pwned"


def test_a_report_opened_alone_is_no_part_of_our_origin_either(app: OwnApp, page: Page) -> None:
    page.goto(f"{app.url}/reports/{CHECK}")
    expect(page.locator("#text")).to_have_text("null")
    page.wait_for_function("refused.includes('fetched')")
    assert page.evaluate("refused").endswith("SecurityError not fetched")


def test_a_report_can_be_downloaded(app: OwnApp, page: Page) -> None:
    page.goto(app.url)
    with page.expect_download() as download:
        page.evaluate(f"location.assign('{app.url}/reports/{CHECK}?download=1')")
    assert download.value.suggested_filename == f"driftline-report-{CHECK}.html"
    assert Path(download.value.path()).read_text() == HOSTILE


def test_a_report_that_is_not_there_is_said_in_the_frame(app: OwnApp, page: Page) -> None:
    answer = page.goto(f"{app.url}/reports/{'f' * 16}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_text("There is no report of this check yet.")).to_be_visible()


def test_the_server_says_that_it_is_ready(app: OwnApp, page: Page) -> None:
    answer = page.request.get(f"{app.url}/api/ready")
    assert answer.json() == {"ready": True, "champions": {"flight-delay": 1}}
    assert "Traceback" not in app.log()
    assert "missing ScriptRunContext" not in app.log()
