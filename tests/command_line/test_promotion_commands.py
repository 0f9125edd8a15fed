"""The commands `hooks`, `promotion` and `watch`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.__main__ import main
from monitoring.policy.promotion_policy import DEFAULT_PROMOTION, PromotionPolicy
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import promote
from tests.dashboard.versions_by_hand import gate
from tests.workflows.test_promote_and_watch import MODEL, register, sample

ROLLS_BACK = '[watch]\nbatches = 2\naction = "roll_back"\n'


@pytest.fixture
def driftline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driftline:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    return open_driftline(settings_from_environment())


def test_the_promotion_policy_is_printed_as_a_file(driftline: Driftline, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promotion"]) == 0
    printed = capsys.readouterr().out
    assert PromotionPolicy.from_toml(printed) == DEFAULT_PROMOTION
    assert f"({DEFAULT_PROMOTION.id}): better by the brier suffices; a person promotes." in printed


def test_a_file_is_looked_at_without_being_used(
    driftline: Driftline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "promotion.toml"
    file.write_text('name = "ours"\nmargin = 0.02\n[approval]\nmode = "automatic"')
    assert main(["promotion", "--check", str(file)]) == 0
    assert PromotionPolicy.from_toml(capsys.readouterr().out).margin == 0.02
    file.write_text("margins = 0.02")
    assert main(["promotion", "--check", str(file)]) == 2
    assert "Did you mean margin?" in capsys.readouterr().err
    assert main(["promotion", "--check", str(tmp_path / "nowhere.toml")]) == 2
    file.write_text('segment_columns = ["origin", "carier"]')
    assert main(["promotion", "--check", str(file)]) == 2
    assert "carier is no categorical column of the model; did you mean carrier?" in capsys.readouterr().err


def test_what_the_policy_makes_of_a_version(driftline: Driftline, capsys: pytest.CaptureFixture[str]) -> None:
    register(driftline, gate())
    register(driftline, replace(gate(), result="worse", brier_difference=0.02))
    assert main(["promotion", "2"]) == 0
    assert capsys.readouterr().out.startswith("ask: It passes everything that the policy demands; a person decides")
    assert main(["promotion", "3"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("refuse: Not promoted: the gate says")
    assert "  not met  result" in told
    assert "  not met  gain         on the newest days its Brier score is worse by 0.0200." in told
    assert main(["promotion", "1"]) == 2
    assert "Version 1 was never compared" in capsys.readouterr().err
    assert main(["promotion", "9"]) == 2


def test_where_the_watch_stands_and_what_comes_of_it(
    driftline: Driftline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch"]) == 0
    assert "Version 1 of flight-delay was not put into use instead of another" in capsys.readouterr().out
    assert main(["watch", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"state": None, "model": MODEL, "champion": 1}
    register(driftline, gate(), upside_down=True)
    promote(driftline.registry, driftline.history, MODEL, 2, reason="", now=driftline.now())
    sample(driftline, "december")
    assert main(["watch"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("watching: version 2 beside version 1. Watched: 0 of 3 batches with outcomes.")
    assert "Batches with outcomes that are not compared yet: 1." in told
    (tmp_path / "promotion.toml").write_text(ROLLS_BACK)
    monkeypatch.setenv("DRIFTLINE_PROMOTION_POLICY", str(tmp_path / "promotion.toml"))
    assert main(["watch", "compare", "--json"]) == 0
    told_json = json.loads(capsys.readouterr().out)
    assert (told_json["state"], told_json["champion"], told_json["seen"]) == ("worse", 1, 1)
    assert told_json["difference"]["low"] > 0
    assert open_driftline(settings_from_environment()).registry.champion(MODEL).number == 1


def test_hooks_are_listed_and_tried(
    driftline: Driftline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "deliver.py"
    script.write_text("import os; print('dry=' + os.environ['DRIFTLINE_DRY_RUN'])")
    monkeypatch.setenv("DRIFTLINE_RETRAIN_COMMAND", f"{sys.executable} {script}")
    monkeypatch.setenv("DRIFTLINE_RECIPE", str(tmp_path / "nowhere.py"))
    assert main(["hooks"]) == 0
    command, local = capsys.readouterr().out.splitlines()
    assert command == "command: ready"
    assert local.startswith("local: not ready; ")
    assert main(["hooks", "try", "command"]) == 0
    assert "took the dry request and ended well: dry=1" in capsys.readouterr().out
    script.write_text("raise SystemExit(3)")
    assert main(["hooks", "try", "command"]) == 70
    assert "exit code 3" in capsys.readouterr().err
    for words in (["try"], ["try", "local"], ["try", "nobody"]):
        assert main(["hooks", *words]) == 2
