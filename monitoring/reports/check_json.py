"""A check as one JSON object for scripts. The names are kept, scripts rely on them: docs/check-report.md lists them.

A name that is added leaves `schema` as it is; one that goes, or means something else, raises it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any, Final

from monitoring.drift.measurement import Evidence
from monitoring.history.records import CheckResult
from monitoring.performance.realised import Realised
from monitoring.policy.verdict import Finding
from monitoring.tables.export import as_csv
from monitoring.tables.report import Problem

SCHEMA: Final = 1
"""Version of the names below."""


def summarise_check(result: CheckResult) -> dict[str, Any]:
    """The object that `python -m monitoring check --json` prints and the page gives as a file."""
    thresholds = result.verdict.thresholds
    return {
        "schema": SCHEMA,
        "verdict": result.verdict.name,
        "sentence": result.verdict.sentence,
        "action": result.verdict.action,
        "advice": result.verdict.advice,
        "caveat": result.verdict.caveat,
        "reasons": [
            {"code": reason.code, "column": reason.column, "text": reason.text} for reason in result.verdict.reasons
        ],
        "check": result.id,
        "created_at": result.created_at.isoformat(),
        "model": result.model,
        "version": result.version,
        "reference": result.reference_id,
        "rows_reference": result.rows_reference,
        "file": result.read.file_name,
        "upload": result.upload,
        "labels": result.labels,
        "first_time": result.read.first_time,
        "last_time": result.read.last_time,
        "rows": result.read.rows,
        "rows_refused": result.read.rows_refused,
        "labelled_rows": result.labelled_rows,
        "mean_prediction_reference": _finite(result.mean_prediction_reference),
        "mean_prediction": _finite(result.mean_prediction_batch),
        "performance_reference": _performance(result.performance_reference),
        "performance": _performance(result.performance),
        "warnings": list(result.read.warnings),
        "repeats": list(result.read.repeats),
        "facts": list(result.read.facts),
        "read_as": result.read.sniffed.words() if result.read.sniffed else None,
        "outcomes_read_as": result.read.labels.sniffed.words() if result.read.labels else None,
        "problems": [_problem(problem) for problem in result.read.problems],
        "ignored_columns": list(result.read.ignored_columns),
        "names": dict(result.reading.names),
        "policy": result.verdict.policy,
        "policy_id": result.verdict.policy_id,
        "thresholds": thresholds.model_dump(mode="json") if thresholds else None,
        "findings": [_finding(finding) for finding in result.findings],
    }


def check_json(result: CheckResult) -> str:
    """The object as a file: strict JSON, without NaN or infinities."""
    return json.dumps(summarise_check(result), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


FINDING_COLUMNS: Final = (
    "column",
    "role",
    "detector",
    "state",
    "muted",
    "effect",
    "effect_low",
    "effect_high",
    "tolerance",
    "natural_variation",
    "statistic",
    "p_value",
    "p_rows",
    "p_days",
    "p_adjusted",
    "weight",
    "n_reference",
    "n_batch",
    "note",
)


def findings_csv(findings: Sequence[Finding]) -> str:
    """All findings, one a line, safe to open in a spreadsheet. Empty cells are what was not tested."""
    told = [_finding(finding) for finding in findings]
    return as_csv(FINDING_COLUMNS, [[_cell(one[name]) for name in FINDING_COLUMNS] for one in told])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _performance(performance: Realised | None) -> dict[str, Any] | None:
    if performance is None:
        return None
    return {
        "rows": performance.rows,
        "rate": _finite(performance.rate),
        "mean_prediction": _finite(performance.mean_prediction),
        "auc": None if performance.auc is None else _finite(performance.auc),
        "brier": _finite(performance.brier),
        "blocks": _finite(performance.blocks),
        "deviation": None if performance.deviation is None else _finite(performance.deviation),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    first = problem.examples[0] if problem.examples else None
    return {
        "column": problem.column,
        "rule": problem.rule,
        "count": problem.count,
        "sets_row_aside": problem.sets_row_aside,
        "first_row": first.row if first else None,
        "first_line": first.line if first else None,
        "first_file": first.file if first else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "column": finding.column,
        "role": finding.role,
        "detector": finding.detector,
        "state": finding.state,
        "muted": finding.muted,
        "statistic": _finite(finding.statistic),
        "p_value": finding.p_value,
        "p_rows": finding.p_rows,
        "p_days": finding.p_days,
        "p_adjusted": finding.p_adjusted,
        "effect": finding.effect,
        "effect_low": finding.effect_low,
        "effect_high": finding.effect_high,
        "tolerance": finding.tolerance,
        "natural_variation": finding.natural_variation,
        "weight": finding.weight,
        "n_reference": finding.n_reference,
        "n_batch": finding.n_batch,
        "note": finding.note,
        "evidence": _evidence(finding.evidence),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    """What moved: `kind` is `numeric`, `category` or `share`."""
    return {name: _finite(value) if isinstance(value, float) else value for name, value in asdict(evidence).items()}


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
