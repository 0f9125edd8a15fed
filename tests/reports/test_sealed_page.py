"""Nothing of a file runs in the page, in a real Chromium, from a disk; each wall stands without the others."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

from monitoring.contract import Contract, Feature, Target
from monitoring.reports.evidently_page import write_evidently_page
from monitoring.reports.sealed_page import NARROWEST, seal_page
from tests.reports.material import make_rows, measure

SCRIPT = "</script><script>window.pwned = 1; document.title = 'pwned'</script>"
IMAGE = '"><img src=x onerror="window.pwned = 1">'
CONTRACT = Contract(
    model="hostile",
    features=(
        Feature(name=SCRIPT, kind="numeric", input="a"),
        Feature(name=IMAGE, kind="categorical", input="b"),
    ),
    timestamp="sent",
    target=Target(name="lost", positive="lost"),
)


@pytest.fixture(scope="module")
def hostile_page() -> str:
    """Column names, categories and every text of ours hold scripts."""
    rng = np.random.default_rng(5)
    made = [make_rows(rng, 300, shift=shift) for shift in (0.0, 2.0)]
    reference, batch = (
        pa.table(
            {
                SCRIPT: rows["height"],
                IMAGE: pa.array([f"{depot}{SCRIPT}{IMAGE}" for depot in rows["depot"].to_pylist()]),
                "sent": rows["sent"],
            }
        )
        for rows in made
    )
    findings = [measure(reference, batch, column, "drift") for column in (SCRIPT, IMAGE)]
    texts = [SCRIPT, IMAGE]
    return write_evidently_page(CONTRACT, reference, batch, findings, title=SCRIPT, sentence=IMAGE, notes=texts)


def evidently_like(text: str) -> str:
    """A page built as Evidently builds its own, which shows `text` without escaping it."""
    name = "metric_" + "0" * 32
    return f"""
    <!DOCTYPE html>
    <html><head><style>b {{}}</style>
        <script>
    var {name} = {{"text": "{text}"}};
    var additional_graphs_{name} = {{}};
</script>
    </head><body>
    <div id="root_{name}">
    </div>
    <script>var global = globalThis</script>
    <script>
    document.getElementById("root_{name}").textContent = {name}.text;
    </script>
    </body></html>
"""


@pytest.fixture
def open_file(page: Page, tmp_path: Path) -> Callable[[str], Page]:
    """Open a page from the disk, as a person opens a downloaded report."""

    def open_it(html: str) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html)
        page.goto(file.as_uri())
        return page

    return open_it


@pytest.mark.browser
def test_the_attack_works_on_an_unsealed_page(open_file: Callable[[str], Page]) -> None:
    assert open_file(evidently_like(SCRIPT)).evaluate("window.pwned") == 1


@pytest.mark.browser
def test_escaped_data_runs_nothing_and_shows_all(open_file: Callable[[str], Page]) -> None:
    opened = open_file(seal_page(evidently_like(SCRIPT), title="t", sentence="", notes=()))
    expect(opened.get_by_text("</script><script>window.pwned = 1")).to_be_visible()
    assert opened.evaluate("window.pwned") is None


@pytest.mark.browser
def test_a_script_that_came_in_all_the_same_is_refused(open_file: Callable[[str], Page]) -> None:
    sealed = seal_page(evidently_like("hello"), title="t", sentence="", notes=())
    opened = open_file(sealed.replace("</body>", f"{SCRIPT}{IMAGE}</body>"))
    expect(opened.get_by_text("hello")).to_be_visible()
    assert opened.evaluate("window.pwned") is None


@pytest.mark.browser
def test_hostile_names_and_categories_run_nothing_from_a_disk(
    open_file: Callable[[str], Page], hostile_page: str, page: Page
) -> None:
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    opened = open_file(hostile_page)
    expect(opened.get_by_text("Drift in column '‹/script›‹script›window.pwned")).to_be_visible()
    opened.get_by_role("tab", name="Tests").or_(opened.get_by_text("Tests", exact=True)).first.click()
    expect(opened.get_by_text("Value Drift for column").first).to_be_visible()
    assert opened.evaluate("window.pwned") is None
    assert opened.title() == SCRIPT, "the title is text"
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 750, 390])
def test_nothing_is_clipped_at_any_width(
    open_file: Callable[[str], Page], hostile_page: str, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    opened = open_file(hostile_page)
    heading = opened.get_by_text("Drift in column").first
    expect(heading).to_be_visible()
    expect(opened.locator(".js-plotly-plot").first).to_be_visible()
    assert opened.evaluate("document.documentElement.scrollWidth") == max(width, NARROWEST)
    right = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6, table, .main-svg')]"
    furthest = opened.evaluate(f"Math.max(...{right}.map(e => e.getBoundingClientRect().right))")
    assert furthest <= max(width, NARROWEST)
    opened.evaluate("window.scrollTo(10000, 0)")
    assert opened.evaluate("window.scrollX") == max(NARROWEST - width, 0)
    opened.evaluate("window.scrollTo(0, 0)")
    for sentence in (opened.get_by_text("Data drift detected").first, opened.get_by_text("Tests", exact=True).first):
        assert (box := sentence.bounding_box()) is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width, "is seen without scrolling sideways"
    header = opened.locator("header").bounding_box()
    assert header is not None
    assert (header["x"], header["x"] + header["width"]) == pytest.approx((0, min(width, 960)), abs=15)


def test_a_page_that_is_built_otherwise_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="not built as"):
        seal_page("<html><script>var other = 1;</script></html>", title="t", sentence="", notes=())


def test_the_policy_names_every_script_of_the_page(hostile_page: str) -> None:
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', hostile_page)
    assert len(policy) == 1
    assert len(re.findall(r"'sha256-[\w+/=]{44}'", policy[0])) == len(re.findall("(?m)^<script>", hostile_page)) == 4
    assert "unsafe-eval" not in policy[0]
    assert "script-src 'unsafe-inline'" not in policy[0]
