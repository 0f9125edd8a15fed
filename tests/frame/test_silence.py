"""Nothing leaves the machine, and nothing is written outside the data folder.

ONNX Runtime shows that it reports to its maker by the identifier of the device that it keeps in the home folder.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import onnxruntime
import pytest

from tests.app_server import ROOT, AppServer, plain_environment

SAMPLE = ROOT / "reference_data/flight-delay/samples/quiet-week.csv"
SCORE_WITH_A_REPORT = """
import monitoring.reports.evidently_page
import evidently, onnxruntime
onnxruntime.InferenceSession("models/flight-delay/1/model.onnx")
"""


def run_at_home(home: Path, *arguments: str) -> list[str]:
    """Run Python with a home folder of its own; returns what it left there."""
    home.mkdir()
    environment = {**plain_environment(), "HOME": str(home), "DRIFTLINE_DATA": str(home.parent / "data")}
    for name in [name for name in environment if name.startswith("XDG_")]:
        del environment[name]
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)
    return sorted(str(path.relative_to(home)) for path in home.rglob("*"))


def test_a_check_writes_to_the_data_folder_only(tmp_path: Path) -> None:
    assert run_at_home(tmp_path / "home", "-m", "monitoring", "check", str(SAMPLE)) == []
    assert (tmp_path / "data").is_dir()


@pytest.mark.slow
def test_model_and_report_libraries_keep_to_themselves(tmp_path: Path) -> None:
    assert run_at_home(tmp_path / "home", "-c", SCORE_WITH_A_REPORT) == []


def test_onnxruntime_still_knows_the_word() -> None:
    """Trying it without the word would report from wherever the tests run; so look for it in the library."""
    libraries = list((Path(onnxruntime.__file__).parent / "capi").glob("onnxruntime_pybind11_state*"))
    assert libraries
    assert any(b"ORT_DISABLE_TELEMETRY" in library.read_bytes() for library in libraries)


@pytest.mark.browser
def test_the_page_asks_nobody_else(
    start_server: Callable[..., AppServer], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    server = start_server({"HOME": str(home)})
    page = request.getfixturevalue("page")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(server.url)
    page.get_by_role("button", name="A quiet week").click()
    page.wait_for_url("**check=**")
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []
    assert sorted(str(path.relative_to(home)) for path in home.rglob("*")) == []
