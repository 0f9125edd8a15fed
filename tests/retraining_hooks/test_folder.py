"""The watched folder: a request appears whole, the answer is picked up, and what is not answered is taken back."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from monitoring.errors import Cancelled, HookFailed
from monitoring.progress import silent
from monitoring.retraining.hooks import folder as hook_module
from monitoring.retraining.hooks.folder import ANSWERED, FolderHook
from monitoring.retraining.request import RetrainRequest, dry_request
from tests.processes import wait_until
from tests.retraining_hooks.test_command import REQUEST, Said


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that a test takes a moment."""
    monkeypatch.setattr(hook_module, "_PAUSE", 0.01)
    monkeypatch.setattr(hook_module, "_HALF_WRITTEN_SECONDS", 0.3)
    monkeypatch.setattr(hook_module, "TRY_SECONDS", 0.2)


def answer(folder: Path, request: RetrainRequest, *answers: dict[str, Any] | str) -> threading.Thread:
    """Somebody who watches: reads the request and gives answers one after the other."""

    def watch() -> None:
        wait_until((folder / f"{request.id}.request.json").exists, "the request")
        seen.append(json.loads((folder / f"{request.id}.request.json").read_text()))
        for one in answers:
            part = folder / "part"
            part.write_text(one if isinstance(one, str) else json.dumps(one))
            part.replace(folder / f"{request.id}.answer.json")
            time.sleep(0.1)

    seen: list[Any] = []
    thread = threading.Thread(target=watch, daemon=True)
    thread.seen = seen  # type: ignore[attr-defined] # for the test that looks at it
    thread.start()
    return thread


def test_the_request_is_dropped_and_the_answer_picked_up(tmp_path: Path) -> None:
    said = Said()
    watcher = answer(
        tmp_path,
        REQUEST,
        {"status": "working", "message": "fitting", "share": 0.5},
        {"status": "done", "message": "v7"},
    )
    outcome = FolderHook(tmp_path).run(REQUEST, said)
    assert (outcome.status, outcome.version, outcome.message) == ("delivered", None, "v7")
    assert "fitting" in said.messages
    (given,) = watcher.seen  # type: ignore[attr-defined]
    assert given.pop("id") == REQUEST.id
    assert RetrainRequest.model_validate(given) == REQUEST
    assert sorted(path.name for path in tmp_path.iterdir()) == [ANSWERED]
    assert {path.suffixes[0] for path in (tmp_path / ANSWERED).iterdir()} == {".request", ".answer"}


def test_a_job_that_was_interrupted_finds_the_answer_that_came_meanwhile(tmp_path: Path) -> None:
    (tmp_path / f"{REQUEST.id}.answer.json").write_text('{"status": "done", "message": "v8"}')
    assert FolderHook(tmp_path).run(REQUEST, silent).message == "v8"
    assert not list(tmp_path.glob("*.request.json"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"status": "failed", "message": "no GPU\nleft"}, r"that watches .* failed: no GPU left\.$"),
        ("{", r"answer\.json cannot be used: JSON"),
        ({"status": "perhaps"}, r"cannot be used: status"),
        ({"status": "done", "extra": 1}, r"cannot be used: extra"),
        ("x" * 70_000, r"more than 65,536 bytes"),
    ],
)
def test_a_failure_or_an_answer_that_is_none_is_a_sentence(tmp_path: Path, given: Any, says: str) -> None:
    answer(tmp_path, REQUEST, given)
    with pytest.raises(HookFailed, match=says):
        FolderHook(tmp_path).run(REQUEST, silent)


def test_nobody_answers_and_the_request_is_taken_back(tmp_path: Path) -> None:
    with pytest.raises(HookFailed, match="Nobody answered the request in the folder"):
        FolderHook(tmp_path, wait=0.1).run(REQUEST, silent)
    assert not list(tmp_path.iterdir())


def test_cancelled_it_takes_the_request_back(tmp_path: Path) -> None:
    def stop(share: float, message: str) -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        FolderHook(tmp_path).run(REQUEST, stop)
    assert not list(tmp_path.iterdir())


def test_tried_it_leaves_nothing_and_says_whether_somebody_answered(tmp_path: Path) -> None:
    dry = dry_request("delay", 1, "folder")
    assert "nobody answered it" in FolderHook(tmp_path).try_out(dry, silent)
    assert not list(tmp_path.iterdir())
    watcher = answer(tmp_path, dry, {"status": "done", "message": "I watch"})
    assert FolderHook(tmp_path).try_out(dry, silent) == "The dry request was answered: done: I watch"
    assert watcher.seen[0]["dry_run"] is True  # type: ignore[attr-defined]


def test_a_folder_that_cannot_be_one_is_told_before_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is not a folder: correct DRIFTLINE_RETRAIN_FOLDER" in FolderHook(tmp_path / "file").validate()[0]
    assert FolderHook(tmp_path / "made" / "later").validate() == ()
    assert not (tmp_path / "made").exists(), "to validate changes nothing"
