"""Every key, default, rule and outcome of a retrain policy is documented, and the promise told is the computed one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

import pytest

from monitoring.policy.drift_policy import DEFAULT
from monitoring.policy.retrain_decision import DecisionOutcome
from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, ApprovalReason, Muted, RetrainPolicy
from monitoring.policy.retrain_promise import promise
from monitoring.policy.retrain_rules import RuleCode

TEXT = (Path(__file__).parents[2] / "docs" / "retraining.md").read_text()
POLICY, WINDOWS = (part.split("```")[0] for part in TEXT.split("```toml\n")[1:3])


@pytest.mark.parametrize("word", sorted({*get_args(RuleCode), *get_args(DecisionOutcome), *get_args(ApprovalReason)}))
def test_is_explained(word: str) -> None:
    assert f"`{word}`" in TEXT


def test_the_file_in_the_documentation_is_whole_and_holds_the_defaults() -> None:
    written = tomllib.loads(POLICY)
    assert RetrainPolicy.from_toml(POLICY) == DEFAULT_RETRAIN
    assert set(written) | {"muted"} == set(RetrainPolicy.model_fields)
    for table, values in written.items():
        if isinstance(values, dict):
            assert set(values) == set(type(getattr(DEFAULT_RETRAIN, table)).model_fields), table


def test_every_key_of_a_muted_time_is_there() -> None:
    windows = RetrainPolicy.from_toml(WINDOWS).muted
    assert {name for window in windows for name, value in window.model_dump().items() if value} == set(
        Muted.model_fields
    )


def test_the_promise_of_the_defaults_is_the_computed_one() -> None:
    promised = promise(DEFAULT_RETRAIN, alpha=DEFAULT.alpha)
    assert f"With the defaults that is {promised.unchanged:.1f} a year at most, {promised.independent:.2f} if" in TEXT
    assert f"{promised.ever:.0f} with the\n  defaults" in TEXT
