"""Hooks of others: found by their entry point; a broken one is named and keeps nothing from starting."""

from __future__ import annotations

import os
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from monitoring.errors import HookFailed, NotPossible
from monitoring.progress import silent
from monitoring.retraining.limits import WorkLimits
from monitoring.retraining.request import dry_request
from monitoring.retraining.third_parties import GROUP, load_hooks
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.keeping_up import keep_up_from_now_on
from monitoring.workflows.retrain import request_retrain, request_try, run_try
from tests.processes import PROJECT, wait_until
from tests.retraining_hooks.test_command import REQUEST

MODULE = """
import threading
from monitoring.retraining.request import Outcome

class Hook:
    name = "whatever"
    def __init__(self, data): self.data = data
    def describe(self, request): return f"Tells {request.model} to the wind."
    def validate(self): return ()
    def try_out(self, request, progress): return "It blows."
    def run(self, request, progress): return Outcome(status="delivered", version=None, message="gone with it")

class Silent(Hook):
    def validate(self): raise RuntimeError("no\\nidea")
    def describe(self, request): raise RuntimeError("no idea")

class Hanging(Hook):
    def run(self, request, progress): threading.Event().wait()
    def try_out(self, request, progress):
        while True:
            try:
                raise ValueError("an error of its own")
            except Exception:
                pass

class Old:
    name = "old"
    def __init__(self, data): pass
    def run(self, request): pass

def explode(data): raise ValueError("no licence")
def leave(data): raise SystemExit(3)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with entry points of the group."""
    (tmp_path / "wind_hooks.py").write_text(MODULE)
    info = tmp_path / "wind_hooks-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wind-hooks\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        f"[{GROUP}]\nwind = wind_hooks:Hook\nsilent = wind_hooks:Silent\nold = wind_hooks:Old\nexplodes = "
        "wind_hooks:explode\nleaves = wind_hooks:leave\nmissing = nowhere_at_all:Hook\nlocal = wind_hooks:Hook\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "wind_hooks", raising=False)
    return tmp_path


def test_the_dashboard_starts_with_whole_and_broken_hooks_and_names_the_broken(
    package: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(package / "data"))
    monkeypatch.delenv("DRIFTLINE_RETRAIN_COMMAND", raising=False)
    hooks = open_driftline(settings_from_environment()).hooks
    assert next(iter(hooks)) == "local"
    assert hooks["wind"].validate() == ()
    assert hooks["wind"].describe(REQUEST) == "Tells delay to the wind."
    assert hooks["wind"].run(REQUEST, silent).message == "gone with it"
    problems = {name: hook.validate()[0] for name, hook in hooks.items() if hook.validate()}
    assert problems == {
        "explodes": "The retrain hook explodes failed to load (ValueError: no licence): mend or remove the package "
        "that brings it.",
        "leaves": "The retrain hook leaves failed to load (SystemExit: 3): mend or remove the package that brings it.",
        "local (wind_hooks)": "A retrain hook called local is there already: rename this one.",
        "missing": "The retrain hook missing failed to load (ModuleNotFoundError: No module named 'nowhere_at_all'): "
        "mend or remove the package that brings it.",
        "old": "The retrain hook old of wind_hooks:Old has no describe: it follows another protocol. Install a version "
        "that fits, or remove it.",
        "silent": "The retrain hook silent failed to validate (RuntimeError: no idea): mend or remove the package that "
        "brings it.",
    }
    assert "no licence" in caplog.text


def test_a_broken_hook_is_neither_tried_nor_asked(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(package / "data"))
    driftline = open_driftline(settings_from_environment())
    tried = run_try(driftline, dry_request("flight-delay", 1, "wind").model_dump(mode="json"), silent)
    assert tried == {"message": "It blows."}
    for name in ("explodes", "silent"):
        with pytest.raises(NotPossible, match=f"hook {name} failed"):
            request_try(driftline, "flight-delay", name)
        with pytest.raises(NotPossible, match=f"hook {name} failed"):
            request_retrain(driftline, REQUEST.model_copy(update={"hook": name}))
    assert driftline.jobs.jobs() == ()


def test_hooks_that_are_not_ready_are_told_at_the_start(
    package: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(package / "data"))
    monkeypatch.setenv("DRIFTLINE_RETRAIN_COMMAND", "/nowhere/at-all")
    driftline = open_driftline(settings_from_environment())
    keep_up_from_now_on(driftline)
    assert "The retrain hook command is not ready: The retrain command 'at-all' is not there" in caplog.text
    assert "The retrain hook explodes is not ready" in caplog.text
    assert "hook wind is not ready" not in caplog.text
    assert "hook local is not ready" not in caplog.text


@pytest.mark.parametrize("method", ["run", "try_out"])
def test_a_hook_that_hangs_is_stopped_by_the_limit_of_time(package: Path, method: str) -> None:
    entry = EntryPoint("hangs", "wind_hooks:Hanging", GROUP)
    hook = load_hooks(package, set(), [entry], limits=WorkLimits(seconds=0.2))["hangs"]
    with pytest.raises(
        HookFailed, match=r"The retrain hook hangs did not end within 0\.2 s and was stopped: DRIFTLINE"
    ):
        getattr(hook, method)(REQUEST, silent)


@pytest.mark.slow
def test_the_job_of_a_hook_that_hangs_fails_and_is_not_in_flight_for_ever(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a worker, with the limit of a setting; what is a minute there is a moment here."""
    (package / "wind_hooks-1.dist-info" / "entry_points.txt").write_text(f"[{GROUP}]\nhangs = wind_hooks:Hanging\n")
    (package / "sitecustomize.py").write_text(
        "import monitoring.retraining.third_parties as hooks\n"
        "from monitoring.retraining.limits import WorkLimits\n"
        "from monitoring.retraining.own_limits import timed\n"
        "hooks.timed = lambda what, limits: timed(what, WorkLimits(seconds=limits.seconds / 300))\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{package}{os.pathsep}{PROJECT}")
    monkeypatch.setenv("DRIFTLINE_DATA", str(package / "data"))
    monkeypatch.setenv("DRIFTLINE_RETRAIN_MINUTES", "1")
    driftline = open_driftline(settings_from_environment())
    job = request_try(driftline, "flight-delay", "hangs")
    wait_until(lambda: not driftline.jobs.job(job.id).active, "the job ends")
    ended = driftline.jobs.job(job.id)
    assert (ended.state, ended.attempts) == ("failed", 1)
    assert ended.message.startswith("The retrain hook hangs did not end within 0.2 s and was stopped")


def test_without_third_parties_there_are_none(tmp_path: Path) -> None:
    assert load_hooks(tmp_path, {"local"}, []) == {}
    twice = [EntryPoint("a", "wind_hooks:Hook", GROUP), EntryPoint("a", "nowhere:Hook", GROUP)]
    assert sorted(load_hooks(tmp_path, set(), twice)) == ["a", "a (nowhere)"]
