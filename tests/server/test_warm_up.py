"""Nothing is left to import when the first visitor checks a file, however large."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from monitoring.scoring.scorer import ROWS_BEFORE_CUT
from monitoring.wiring import PROJECT
from tests.app_server import plain_environment
from tests.browser.by_hand import SAMPLES
from tests.browser.own_files import repeated

CHECK = """
import importlib, json, sys
importlib.import_module("dashboard.routes.warm_up")._load()
from dashboard.parts import driftline
from monitoring.progress import silent
from monitoring.workflows.check import order_check, run_check

loaded, engine = set(sys.modules), driftline()
with open(sys.argv[1], "rb") as rows:
    upload = engine.uploads.save(rows)
(model,) = engine.registry.models()
result, *_ = run_check(engine, order_check(engine, upload=upload, file_name="rows.csv", model=model), silent)
print(json.dumps([result.read.rows, sorted(set(sys.modules) - loaded)]))
"""


def test_a_large_check_imports_nothing_more(tmp_path: Path) -> None:
    sample = (SAMPLES / "quiet-week.csv").read_bytes().count(b"\n") - 1
    file = repeated(tmp_path, "quiet-week", ROWS_BEFORE_CUT // sample + 5)
    answer = subprocess.run(
        [sys.executable, "-c", CHECK, str(file)],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**plain_environment(), "DRIFTLINE_DATA": str(tmp_path / "data")},
    )
    assert answer.returncode == 0, answer.stderr
    rows, imported = json.loads(answer.stdout.splitlines()[-1])
    assert rows > ROWS_BEFORE_CUT
    assert imported == []
