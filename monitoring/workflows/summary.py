"""A check as one JSON object for scripts. These names are kept: scripts rely on them."""

from __future__ import annotations

from typing import Any

from monitoring.history.records import CheckResult
from monitoring.policy.verdict import Finding


def summarise_check(result: CheckResult) -> dict[str, Any]:
    """The object that `python -m monitoring check --json` prints."""
    return {
        "verdict": result.verdict.name,
        "sentence": result.verdict.sentence,
        "action": result.verdict.action,
        "advice": result.verdict.advice,
        "caveat": result.verdict.caveat,
        "check": result.id,
        "model": result.model,
        "version": result.version,
        "rows": result.read.rows,
        "rows_refused": result.read.rows_refused,
        "warnings": list(result.read.warnings),
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "column": finding.column,
        "role": finding.role,
        "detector": finding.detector,
        "state": finding.state,
        "statistic": finding.statistic,
        "p_value": finding.p_value,
        "p_adjusted": finding.p_adjusted,
        "effect": finding.effect,
        "effect_low": finding.effect_low,
        "effect_high": finding.effect_high,
        "tolerance": finding.tolerance,
        "weight": finding.weight,
        "n_reference": finding.n_reference,
        "n_batch": finding.n_batch,
        "note": finding.note,
    }
