"""The page without a browser: the app on a data folder of its own, and single components."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from monitoring.progress import silent
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.parts import Driftline

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
MODEL = "flight-delay"
SAMPLES = APP.parents[1] / "reference_data" / MODEL / "samples"
SECONDS = 60
PLACES = (
    "columns",
    "column-card",
    "column-card-bars",
    "predictions",
    "course",
    "column",
    "column-bars",
    "over-time",
    "outcomes",
    "card",
    "card-bars",
)
"""Parts of pages that are made when they come into view, which only a browser can tell; `unseen=True` leaves them."""


@pytest.fixture(scope="session", autouse=True)
def _components_are_looked_for_once() -> Iterator[None]:
    """Each AppTest reads the description of every installed package, in the search of Streamlit components."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that the page uses."""
    folder = tmp_path / "data"
    monkeypatch.setenv("DRIFTLINE_DATA", str(folder))
    monkeypatch.delenv("DRIFTLINE_POLICY", raising=False)
    monkeypatch.delenv("DRIFTLINE_RETRAIN_COMMAND", raising=False)
    yield folder
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a check of July with its outcomes and one of a broken April."""
    folder = tmp_path_factory.mktemp("checked")
    engine = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(folder)}))
    for name in ("april-broken-feed", "july"):
        outcomes = SAMPLES / f"{name}-labels.csv"
        order = order_check(
            engine,
            upload=engine.uploads.save((SAMPLES / f"{name}.csv").read_bytes()),
            file_name=f"{name}.csv",
            labels=engine.uploads.save(outcomes.read_bytes()) if outcomes.exists() else None,
            model=MODEL,
        )
        check_and_record(engine, order, silent)
    return folder


@pytest.fixture
def checked_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checked: Path) -> Iterator[Path]:
    """A copy of that folder, which the page uses."""
    folder = tmp_path / "data"
    shutil.copytree(checked, folder)
    monkeypatch.setenv("DRIFTLINE_DATA", str(folder))
    monkeypatch.delenv("DRIFTLINE_POLICY", raising=False)
    monkeypatch.delenv("DRIFTLINE_RETRAIN_COMMAND", raising=False)
    yield folder
    st.cache_resource.clear()


@pytest.fixture
def open_time_line(checked_data: Path) -> Callable[..., AppTest]:
    """Run the time line at an address until all is judged: `open_time_line(view="week")`; `to` and `from_` are days.

    With `judge=False` it is run once.
    """

    def run(*, judge: bool = True, **address: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=SECONDS)
        scroll(app)
        app.run()
        app.switch_page("views/timeline.py")
        for name, value in address.items():
            app.query_params[name.rstrip("_")] = value
        app.run()
        assert not app.exception
        return judged(app) if judge else app

    return run


@pytest.fixture
def engine(data: Path) -> Driftline:
    """The engine on the page's data folder, beside the page's own: both see the same store."""
    return open_driftline(settings_from_environment())


@pytest.fixture
def open_page(data: Path) -> Callable[..., AppTest]:
    """Run the app at an address: `open_page("views/models.py")`, `open_page(check="…")`."""

    def run(page: str | None = None, *, unseen: bool = False, **address: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=SECONDS)
        if not unseen:
            scroll(app)
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        return app.switch_page(page).run() if page else app

    return run


def judged(app: AppTest) -> AppTest:
    """The time line once the job that judges its windows has ended: a browser asks for that by itself."""
    until = monotonic() + SECONDS
    while any(button.key == "judging-cancel" for button in app.button) and monotonic() < until:
        sleep(0.05)
        app.run()
    return app


def alts(app: AppTest) -> list[str]:
    """The charts of a page, in words."""
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def draw(script: Callable[..., None], **values: Any) -> AppTest:
    """Run a function as a page of its own. Fails when it raises."""
    app = AppTest.from_function(_call, default_timeout=SECONDS, kwargs={"script": script, "values": values})
    scroll(app)
    app.run()
    assert not app.exception
    return app


def scroll(app: AppTest) -> None:
    """Have every part of the page seen."""
    for place in PLACES:
        app.session_state[f"seen.{place}"] = True


def _call(script: object, values: dict[str, object]) -> None:
    """The page: its source is copied, so it knows nothing but built-in names."""
    script(**values)  # type: ignore[operator] # a function


def texts(app: AppTest) -> str:
    """Everything that the page says in Markdown, as it was given."""
    kinds = (
        app.title,
        app.header,
        app.subheader,
        app.markdown,
        app.caption,
        app.error,
        app.warning,
        app.success,
        app.info,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\u00a0", " ")


def labels(app: AppTest) -> list[str]:
    """The labels of all buttons."""
    return [button.label for button in app.button]
