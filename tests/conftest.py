"""What several folders of tests share: the running app and a real Chromium."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

import monitoring  # noqa: F401  # silences ONNX Runtime, which some test files import by themselves
from tests.app_server import AppServer

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side: the threads of trees would wait for each other
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A busy machine is slow, not wrong; and every run draws other examples, so that few in each are many in a week.
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")
EVIDENCE = pytest.StashKey[dict[str, Callable[[], str]]]()


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder of the module's own, where the command line finds it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("data")
        patch.setenv("DRIFTLINE_DATA", str(folder))
        yield folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless `-m` names it, as `make soak` does.

    Where files of tests run side by side, those that take longest come first, so that the last ones end together.
    """
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if any(map(item.get_closest_marker, ("browser", "slow")))}
        items.sort(key=lambda item: item.path not in slow)
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    items[:] = [item for item in items if item not in long]
    config.hook.pytest_deselected(items=long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the app logged and what the page said beside a failure."""
    report = yield
    if report.failed:
        for title, tell in item.config.stash.get(EVIDENCE, {}).items():
            try:
                report.sections.append((title, tell()))
            except Exception as error:  # a page that has crashed tells nothing; the failure itself must still be shown
                report.sections.append((title, f"not to be had: {error}"))
    return report


@pytest.fixture(scope="session")
def evidence(pytestconfig: pytest.Config) -> dict[str, Callable[[], str]]:
    """Texts to print when a test fails, by title; whoever adds one takes it out again."""
    return pytestconfig.stash.setdefault(EVIDENCE, {})


@pytest.fixture(scope="module")
def start_server(
    tmp_path_factory: pytest.TempPathFactory, evidence: dict[str, Callable[[], str]]
) -> Iterator[Callable[..., AppServer]]:
    """A function that starts an app of one's own, `start_server(environment={...})`; it ends with the file's tests."""
    servers: list[AppServer] = []

    def start(environment: dict[str, str] | None = None, *, prefix: str = "") -> AppServer:
        server = AppServer(tmp_path_factory.mktemp("app"), environment, prefix=prefix)
        servers.append(server)
        evidence[f"log of the app at {server.url}"] = server.log_end
        server.start()
        return server

    yield start
    for server in servers:
        server.close()
        evidence.pop(f"log of the app at {server.url}")


@pytest.fixture(scope="module")
def server(start_server: Callable[..., AppServer]) -> AppServer:
    """One app for the tests of a file, which starts with an empty data folder."""
    return start_server()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium: the system's, or the one DRIFTLINE_CHROMIUM names. Without one the test fails.

    One per file, not per session: while Playwright runs, no other test in this thread could use asyncio.
    """
    names = filter(None, (os.environ.get("DRIFTLINE_CHROMIUM"), *CHROMIUM_NAMES))
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("no Chromium found: run scripts/system_packages.sh, or set DRIFTLINE_CHROMIUM", pytrace=False)
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, evidence: dict[str, Callable[[], str]]) -> Iterator[Page]:
    """A fresh window, 1440 by 900, without cookies and without moving parts."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    evidence["text of the page"] = lambda: opened.locator("body").inner_text(timeout=2_000)[-6000:]
    yield opened
    evidence.pop("text of the page")
    context.close()
