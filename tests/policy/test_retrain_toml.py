"""A policy written as TOML is read back as the same policy, and every key says what it means."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, Muted, RetrainPolicy
from monitoring.policy.retrain_toml import KEYS, to_toml


def keys(kind: type[BaseModel], before: str = "") -> set[str]:
    """Every key of the file."""
    found: set[str] = set()
    for name, field in kind.model_fields.items():
        inner = Muted if name == "muted" else field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= keys(inner, f"{before}{name}.")
        else:
            found.add(f"{before}{name}")
    return found


def test_every_key_is_explained_and_no_other() -> None:
    assert set(KEYS) == keys(RetrainPolicy)


@pytest.mark.parametrize(
    "policy",
    [
        DEFAULT_RETRAIN,
        RetrainPolicy.model_validate(
            {
                "dry_run": False,
                "muted": [
                    {"first": date(2026, 12, 20), "last": date(2027, 1, 2), "why": 'the "freeze"'},
                    {"weekdays": ["sat", "sun"]},
                ],
                "approval": {"mode": "automatic", "when": []},
                "gates": {"mature_days": 2.5},
            }
        ),
    ],
)
def test_it_is_read_back_as_it_was(policy: RetrainPolicy) -> None:
    assert RetrainPolicy.from_toml(to_toml(policy)) == policy


@given(text=st.text(min_size=1, max_size=80))
def test_whatever_a_policy_is_called(text: str) -> None:
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        return
    policy = RetrainPolicy(name=text)
    assert RetrainPolicy.from_toml(to_toml(policy)) == policy
