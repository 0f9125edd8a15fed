"""Checks by hand in a real data folder, with a command as the retrain hook that notes each run."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitoring.history.records import CheckResult
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.parts import Driftline
from tests.dashboard import material

MODEL = "flight-delay"
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
COMMAND = """
import os, sys
request = os.environ["DRIFTLINE_REQUEST_ID"]
with open(sys.argv[1], "a") as runs:
    runs.write(request + chr(10))
print("delivered")
"""
AUTOMATIC = RetrainPolicy.model_validate(
    {"name": "automatic", "dry_run": False, "clock": "data", "approval": {"mode": "automatic"}}
)
SEVERAL_AT_ONCE = AUTOMATIC.model_copy(
    update={"suppression": AUTOMATIC.suppression.model_copy(update={"one_in_flight": False})}
)
"""A policy whose decisions do not depend on how long a job takes."""


def environment(folder: Path) -> dict[str, str]:
    """Settings of a data folder whose command writes the id of each request that it gets into the file `runs`."""
    script = folder / "deliver.py"
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        script.write_text(COMMAND)
    command = f"{sys.executable} {script} {folder / 'runs'}"
    return {"DRIFTLINE_DATA": str(folder / "data"), "DRIFTLINE_RETRAIN_COMMAND": command}


def opened(folder: Path, *, ahead: timedelta = timedelta(0)) -> Driftline:
    """The engine on such a folder, its clock `ahead` of the true time or, below zero, behind it."""
    return open_driftline(settings_from_environment(environment(folder)), clock=lambda: datetime.now(UTC) + ahead)


def runs(folder: Path) -> list[str]:
    """Ids of the requests that the command got, in order."""
    file = folder / "runs"
    return file.read_text().split() if file.exists() else []


def check(day: int, kind: str = "high") -> CheckResult:
    """A check of one day's rows by version 1. `kind`: high (drift, the predictions moved), calm, broken."""
    base = material.july()
    verdict = material.verdict({"high": "drift", "calm": "stable", "broken": "broken"}[kind])  # type: ignore[arg-type]
    findings = base.findings
    if kind != "high":
        findings = tuple(replace(one, state="stable", effect=0.02) for one in findings)
    last = (START + timedelta(days=day)).replace(tzinfo=None).isoformat()
    return replace(
        base,
        id=f"{day:016x}",
        upload=f"{day:016x}" + "0" * 48,
        created_at=START + timedelta(days=day),
        verdict=verdict,
        findings=findings,
        read=replace(base.read, first_time=last, last_time=last),
        performance_reference=None,
    )


def keep(driftline: Driftline, made: CheckResult) -> None:
    """Record a check, with something in the place of its files."""
    for sha in filter(None, (made.upload, made.labels)):
        file = driftline.settings.data / "uploads" / sha
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"rows")
    driftline.history.record_check(made, b"")
