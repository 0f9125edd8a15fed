"""Evidently's tests, forced to say what our findings say.

Evidently takes a test by the name under which it was registered for the whole process. So each column of each report
registers one of its own, which answers with the finding's numbers of the whole batch whatever rows it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from monitoring.policy.verdict import Finding

_numbers = count(1)
_DISTANCES = {"ks": "KS distance", "chi2": "Share of rows that changed category"}


def register_judgement(finding: Finding) -> str:
    """Register the test that repeats `finding`, and return the name to give to Evidently: new with every call."""
    from evidently.legacy.calculations.stattests import register_stattest
    from evidently.legacy.calculations.stattests.registry import StatTest
    from evidently.legacy.core import ColumnType

    name = f"driftline_{next(_numbers)}"
    kind = ColumnType.Numerical if finding.detector == "ks" else ColumnType.Categorical
    test = StatTest(name=name, display_name=_method(finding), allowed_feature_types=[kind])
    register_stattest(test, default_impl=_repeat(finding))
    return name


def shown_distance(finding: Finding) -> float:
    """The distance that the page shows: KS D for numbers, for categories the total variation beyond chance."""
    return finding.statistic if finding.detector == "ks" else finding.effect


def _method(finding: Finding) -> str:
    rows = f"{finding.n_batch:,} rows against {finding.n_reference:,} of the reference"
    return f"{_DISTANCES[finding.detector]}, {rows} (Driftline's state: {finding.state})"


def _repeat(finding: Finding) -> Callable[[Any, Any, Any, float], tuple[float, bool]]:
    def judge(_reference: Any, _batch: Any, _kind: Any, _threshold: float) -> tuple[float, bool]:
        return shown_distance(finding), finding.state == "drift"

    return judge
