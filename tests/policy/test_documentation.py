"""Every detector, state, verdict, reason and setting of the policy is explained in the documentation."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from monitoring.drift.catalogue import DETECTORS
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.verdict import State, VerdictName

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "how-it-works.md").read_text()


def reason_codes() -> set[str]:
    """First arguments of every `Reason(...)` in the policy; those made from a detector's code spelled out."""
    codes = set()
    for file in (ROOT / "monitoring" / "policy").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    codes.add(code.value)
    return codes | {f"{detector.code}_drift" for detector in DETECTORS if detector.distance}


@pytest.mark.parametrize(
    "word",
    sorted({d.code for d in DETECTORS} | set(get_args(State)) | set(get_args(VerdictName)) | reason_codes()),
)
def test_is_explained(word: str) -> None:
    assert f"`{word}`" in TEXT


def test_the_reasons_are_found() -> None:
    assert {"respelled", "missing_jump", "undecided", "ks_drift"} <= reason_codes()


def test_the_policy_in_the_documentation_is_whole_and_valid() -> None:
    example = TEXT.split("```toml\n")[1].split("```")[0]
    policy = DriftPolicy.from_toml(example)
    assert set(tomllib.loads(example)) == set(DriftPolicy.model_fields)
    assert policy.model_copy(update={"name": "default", "weights": {}, "muted": ()}) == DriftPolicy()
