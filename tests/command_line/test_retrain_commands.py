"""The commands `policy`, `decisions` and `requests`."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.__main__ import main
from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, RetrainPolicy
from monitoring.workflows.decide import after_check
from tests.workflows.retraining_material import MODEL, check, environment, keep, opened, runs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def drifted(folder: Path) -> None:
    driftline = opened(folder)
    for day in range(2):
        keep(driftline, check(day))
        after_check(driftline, check(day).id, MODEL)


def test_the_policy_is_printed_as_a_file_that_can_be_put_in_force(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy"]) == 0
    printed = capsys.readouterr().out
    assert RetrainPolicy.from_toml(printed) == DEFAULT_RETRAIN
    assert "only says what it would do" in printed
    file = folder / "ours.toml"
    file.write_text(printed.replace('name = "default"', 'name = "ours"'))
    assert main(["policy", "--check", str(file)]) == 0
    assert opened(folder).decisions.policy(MODEL) == DEFAULT_RETRAIN, "checked is not in force"
    assert main(["policy", "--set", str(file), "--reason", "ours"]) == 0
    assert opened(folder).decisions.policies(MODEL)[0].reason == "ours"
    assert opened(folder).decisions.policy(MODEL).name == "ours"


@pytest.mark.parametrize("text", ["[gates]\nrow = 3", "\x00", None])
def test_a_policy_that_cannot_be_used_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    file = folder / "bad.toml"
    if text is not None:
        file.write_text(text)
    assert main(["policy", "--set", str(file)]) == 2
    assert "policy" in capsys.readouterr().err
    assert opened(folder).decisions.policies(MODEL) == ()


def test_decisions_are_listed_shown_and_decided_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decisions"]) == 0
    assert "Nothing was decided yet" in capsys.readouterr().out
    drifted(folder)
    assert main(["decisions", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines] == ["dry_run", "quiet"]
    assert main(["decisions", "show", lines[1].split()[0]]) == 0
    told = capsys.readouterr().out
    assert "1 of 1 batch drifted and moved the predictions by at least 10 %; 2 are needed." in told
    assert "suppression  cool_down" in told
    assert main(["decisions", "replay"]) == 0
    assert capsys.readouterr().out == "2 decided again, 2 the same, 0 otherwise.\n"
    assert main(["decisions", "show"]) == 2
    assert main(["decisions", "show", "nothing"]) == 2


def test_a_tampered_decision_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drifted(folder)
    with opened(folder).history.engine.begin() as connection:
        connection.exec_driver_sql(
            """UPDATE decisions SET decision = replace(decision, '"outcome":"quiet","t', '"outcome":"held","t')"""
        )
    assert main(["decisions", "replay"]) == 70
    captured = capsys.readouterr()
    assert captured.out == "2 decided again, 1 the same, 1 otherwise.\n"
    assert "otherwise in outcome (a fault)" in captured.err


def test_catching_up_decides_what_was_left(folder: Path) -> None:
    keep(opened(folder), check(0))
    assert main(["decisions", "catch-up"]) == 0
    assert opened(folder).decisions.decision_of(check(0).id) is not None


def test_a_request_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "ours.toml"
    file.write_text('dry_run = false\nclock = "data"\n[approval]\nmode = "by_hand"')
    assert main(["requests"]) == 0
    assert main(["policy", "--set", str(file)]) == 0
    drifted(folder)
    capsys.readouterr()
    assert main(["requests", "list"]) == 0
    request = capsys.readouterr().out.split()[0]
    assert main(["requests", "refuse", request, "--reason", "not now"]) == 0
    assert main(["requests", "approve", request]) == 2
    assert runs(folder) == []
    assert opened(folder).requests.request(request).reason == "not now"
