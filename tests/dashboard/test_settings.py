"""The page of settings: what is set where, what lies there, how long it is kept, deleting after a preview."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import monitoring
from dashboard.wording.policies import policy_toml
from dashboard.wording.settings import ENVIRONMENT, variables
from monitoring.history.retention import Retention
from monitoring.policy.drift_policy import DEFAULT, DriftPolicy
from monitoring.workflows.parts import Driftline
from tests.dashboard.conftest import labels, texts
from tests.history.material import make_check

ROOT = Path(__file__).parents[2]
PAGE = "views/settings.py"
Open = Callable[..., AppTest]


def said(app: AppTest) -> str:
    assert not app.exception
    return texts(app).replace("\\", "")


def keep(engine: Driftline, number: int, days: int) -> str:
    """A check of a file that came so many days ago."""
    sha = engine.uploads.save(f"rows of {number}".encode())
    moment = engine.now().timestamp() - days * 86_400
    os.utime(engine.uploads.path(sha), (moment, moment))
    check = make_check(f"{number:016x}", upload=sha, file_name=f"file {number}.csv", model="flight-delay")
    engine.history.record_check(check, b"")
    return sha


def test_an_empty_data_folder_shows_every_part(open_page: Open) -> None:
    app = open_page(PAGE)
    told = said(app)
    assert [header.value for header in app.header] == [
        "Drift policy",
        "Storage",
        "How long files are kept",
        "Delete uploads",
        "Environment",
        "About",
    ]
    assert "Nothing phones home" in told
    assert "Nothing here would be deleted" in told
    assert "In force is default (built in)" in told.replace("*", "")


def test_values_of_a_policy_file_say_where_they_are_set(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('name = "ours"\nfloor = 0.08\nmuted = ["dow"]\n')
    monkeypatch.setenv("DRIFTLINE_POLICY", str(file))
    app = open_page(PAGE)
    lines = [one.value.replace("\u00a0", " ").replace("\\", "") for one in app.markdown]
    rows = {
        line.split("`")[1]: lines[place + 1]
        for place, line in enumerate(lines)
        if re.fullmatch(r"\*\*.+\*\* `\w+`", line)
    }
    assert rows["floor"] == "8 %, file ours.toml, named by DRIFTLINE_POLICY"
    assert rows["muted"].startswith("dow, ")
    assert rows["alpha"] == "1 %, built in"


def test_a_policy_that_leaves_units_alone_says_so_and_can_be_written_and_read(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(policy_toml(DEFAULT.model_copy(update={"broken_unit": False})))
    assert not DriftPolicy.from_toml(file.read_text()).broken_unit
    monkeypatch.setenv("DRIFTLINE_POLICY", str(file))
    told = said(open_page(PAGE))
    assert "no, file ours.toml" in told
    assert "all 1, built in" in told


def test_how_long_files_are_kept_is_set_after_it_said_what_goes(open_page: Open, engine: Driftline) -> None:
    keep(engine, 1, 100)
    app = open_page(PAGE)
    app.selectbox(key="keep-uploads-None").select(90).run()
    assert "1 file (9 bytes) are older than that" in said(app)
    assert engine.retention.in_force() == Retention(), "nothing is set before the button"
    app.button(key="keep-uploads").click().run()
    assert engine.retention.in_force() == Retention(uploads=90)
    assert app.selectbox(key="keep-uploads-90").value == 90
    assert "set here" in said(app)


def test_what_the_environment_decides_is_shown_as_such(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_KEEP_UPLOADS", "7")
    app = open_page(PAGE)
    assert app.selectbox(key="keep-uploads-7").disabled
    assert not app.selectbox(key="keep-rows-None").disabled
    assert "set by DRIFTLINE_KEEP_UPLOADS" in said(app)


def test_a_variable_that_cannot_be_understood_is_one_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_KEEP_ROWS", "soon")
    app = open_page()
    assert app.error[0].proto.title == "This cannot be shown"
    assert "must be a number of days" in app.error[0].value.replace("\\", "")


def test_a_damaged_setting_says_so_and_the_page_stands(open_page: Open, engine: Driftline) -> None:
    engine.settings.retention_file.write_text("{")
    app = open_page(PAGE)
    assert app.error[0].proto.title == "Nothing is deleted"
    assert "About" in [header.value for header in app.header]


def test_deleting_by_age_shows_what_goes_asks_and_leaves_the_check(open_page: Open, engine: Driftline) -> None:
    old, young = keep(engine, 1, 100), keep(engine, 2, 10)
    app = open_page(PAGE)
    assert "1 file, 9 bytes, would be deleted; 1 check without rows then, readable as before" in said(app)
    preview = next(frame.value for frame in app.dataframe if "SHA-256" in frame.value.columns)
    assert list(preview["File"]) == ["file 1.csv"]
    app.button(key="delete-files").click().run()
    assert engine.uploads.has(old), "nothing goes before the question is answered"
    next(button for button in app.button if button.label == "Delete them").click().run()
    assert not engine.uploads.has(old)
    assert engine.uploads.has(young)
    check = open_page(check=f"{1:016x}")
    assert "The rows are gone" in [info.proto.title for info in check.info]
    assert "July looks different" in said(check)


def test_deleting_by_check_and_all(open_page: Open, engine: Driftline) -> None:
    first, second = keep(engine, 1, 1), keep(engine, 2, 1)
    app = open_page(PAGE)
    app.button_group(key="delete-what").set_value("check").run()
    app.selectbox(key="delete-check").select(f"{2:016x}").run()
    app.button(key="delete-files").click().run()
    next(button for button in app.button if button.label == "Delete them").click().run()
    assert (engine.uploads.has(first), engine.uploads.has(second)) == (True, False)
    app.button_group(key="delete-what").set_value("all").run()
    assert "Delete 1 file …" in labels(app)


def test_every_variable_that_is_documented_is_shown() -> None:
    written = "".join((ROOT / name).read_text() for name in ("README.md", "docs/training.md"))
    given_to_commands = {"DRIFTLINE_REQUEST_ID", "DRIFTLINE_DRY_RUN"}
    assert set(re.findall(r"`(DRIFTLINE_[A-Z_]+)`", written)) - given_to_commands == set(ENVIRONMENT)


def test_the_environment_is_shown_without_what_may_be_secret() -> None:
    shown = {
        one.name: one.value
        for one in variables({"DRIFTLINE_RETRAIN_COMMAND": "train --password x", "DRIFTLINE_DATA": "/d"})
    }
    assert shown["DRIFTLINE_RETRAIN_COMMAND"] == "set (18 characters, not shown)"
    assert shown["DRIFTLINE_DATA"] == "/d"
    assert shown["DRIFTLINE_POLICY"] == "not set"
    assert {one.name for one in variables({"DRIFTLINE_NEW": "1"})} - set(ENVIRONMENT) == {"DRIFTLINE_NEW"}


@pytest.mark.parametrize(
    "policy", [DEFAULT, DriftPolicy(name='a "b"', weights={"x y": 3.0}, muted=("tab\there",), floor=0.1)]
)
def test_a_policy_can_be_taken_as_a_file_and_read_back(policy: DriftPolicy) -> None:
    assert DriftPolicy.from_toml(policy_toml(policy)) == policy


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == monitoring.VERSION
