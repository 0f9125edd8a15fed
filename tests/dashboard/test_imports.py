"""What the page must not load before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("evidently", "sklearn", "onnx", "skl2onnx")
SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
for page in (None, "views/timeline.py", "views/models.py"):
    app = AppTest.from_file("dashboard/app.py", default_timeout=60).run()
    app = app.switch_page(page).run() if page else app
    assert not app.exception, app.exception
import dashboard.server, dashboard.views.check_result, dashboard.views.retraining
print(",".join(name for name in %r if name in sys.modules))
"""


@pytest.mark.parametrize("heavy", [HEAVY])
def test_no_page_imports_the_heavy_libraries(heavy: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT % (heavy,)],
        cwd=ROOT,
        env={"DRIFTLINE_DATA": str(tmp_path), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_nothing_of_ours_is_written_as_html_or_css() -> None:
    for path in (ROOT / "dashboard").rglob("*.py"):
        if "routes" not in path.parts:
            text = path.read_text()
            assert "unsafe_allow_html" not in text, path
            assert "st.html(" not in text, path
            assert "<style" not in text, path
