"""The policy that a check uses is the one that `DRIFTLINE_POLICY` names."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.errors import Refused
from monitoring.history.records import CheckResult, from_json, to_json
from monitoring.policy.drift_policy import DEFAULT, RELAXED, DriftPolicy
from monitoring.progress import silent
from monitoring.reports.check_json import summarise_check
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import order_check, run_check

QUIET_WEEK = PROJECT / "reference_data" / "flight-delay" / "samples" / "quiet-week.csv"


def policy_of(tmp_path: Path, name: str | Path) -> DriftPolicy:
    return open_driftline(
        settings_from_environment({"DRIFTLINE_DATA": str(tmp_path), "DRIFTLINE_POLICY": str(name)})
    ).policy


def test_built_in_policies_go_by_name(tmp_path: Path) -> None:
    assert policy_of(tmp_path, "relaxed") == RELAXED
    assert policy_of(tmp_path, "default") == policy_of(tmp_path, "") == DEFAULT
    assert (RELAXED.floor, RELAXED.id != DEFAULT.id) == (0.10, True)


def test_another_word_is_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="strict"):
        policy_of(tmp_path, "strict")


def checked(tmp_path: Path, policy: str) -> CheckResult:
    environment = {"DRIFTLINE_DATA": str(tmp_path / "data"), "DRIFTLINE_POLICY": policy}
    driftline = open_driftline(settings_from_environment(environment))
    upload = driftline.uploads.save(QUIET_WEEK.read_bytes())
    order = order_check(driftline, upload=upload, file_name=QUIET_WEEK.name, model="flight-delay")
    return run_check(driftline, order, silent)[0]


def natural_variation(result: CheckResult) -> dict[str, float | None]:
    return {f.column: f.natural_variation for f in result.findings if f.detector in ("ks", "chi2")}


def test_weights_of_a_file_decide_and_are_told(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('name = "ours"\n[weights]\ntemp = 4\ndest = 0.2\n')
    result = checked(tmp_path, str(file))
    assert (result.verdict.policy, result.verdict.policy_id) == ("ours", DriftPolicy.from_toml(file.read_text()).id)
    assert from_json(CheckResult, to_json(result)).verdict.thresholds == DriftPolicy.from_toml(file.read_text())
    weights = {told["column"]: told["weight"] for told in summarise_check(result)["findings"]}
    assert (weights["temp"], weights["dest"], weights["dow"]) == (4, 0.2, 1)
    ours, plain = natural_variation(result), natural_variation(checked(tmp_path, ""))
    assert ours["temp"] < plain["temp"]
    assert ours["dest"] > plain["dest"]
