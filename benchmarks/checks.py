"""One check from two tables of rows, by Driftline and by Evidently's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
from scipy.stats import binom, binomtest

from benchmarks.columns import Column
from monitoring.contract import PREDICTION, Contract
from monitoring.drift.compare import Comparison
from monitoring.policy.drift_policy import DEFAULT, DriftPolicy
from monitoring.policy.judge import judge
from monitoring.policy.verdict import Finding

ALPHAS = (0.01, 0.05)
POLICIES = (*(DriftPolicy(name=f"alpha {alpha:g}, no floor", alpha=alpha, floor=0.0) for alpha in ALPHAS), DEFAULT)
"""Two without a floor, for it would hide false alarms of the tests, and the one that is used."""
BEYOND_NOISE = 0.001
"""Probability with which a true rate of alpha shows as a miss."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened in independent checks."""

    count: int
    checks: int

    @property
    def share(self) -> float:
        return self.count / max(self.checks, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of Clopper and Pearson (1934)."""
        found = binomtest(self.count, self.checks).proportion_ci(0.95)
        return float(found.low), float(found.high)

    def at_most(self, alpha: float) -> bool:
        """Whether a true rate of `alpha` explains so many: all but once in a thousand such cells."""
        return self.count <= int(binom.ppf(1 - BEYOND_NOISE, self.checks, alpha))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.share:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def findings_of(comparison: Comparison, policy: DriftPolicy, contract: Contract) -> tuple[Finding, ...]:
    """What the policy makes of every measurement."""
    return judge(comparison, policy, contract, "The batch")[1]


def rings(comparison: Comparison, policy: DriftPolicy, contract: Contract) -> bool:
    """Whether anything is in `drift`, of whatever role."""
    return any(finding.state == "drift" for finding in findings_of(comparison, policy, contract))


def evidently_flags(columns: Mapping[str, Column], reference: pa.Table, batch: pa.Table) -> dict[str, bool]:
    """Which columns Evidently's default tests at their default thresholds call drifted.

    Its own test functions, chosen by its own rule, without the report around them: the same flags, sooner. As in its
    report, missing values are dropped first.
    """
    from evidently.legacy.calculations.stattests import get_stattest
    from evidently.legacy.core import ColumnType

    flags = {}
    for name in (*columns, PREDICTION):
        categorical = name in columns and bool(columns[name].levels)
        kind = ColumnType.Categorical if categorical else ColumnType.Numerical
        old, new = (side.column(name).to_pandas().dropna() for side in (reference, batch))
        flags[name] = bool(len(new)) and bool(get_stattest(old, new, kind, None)(old, new, kind, None).drifted)
    return flags
