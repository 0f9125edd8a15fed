"""kill -9 of page, dashboard, worker, or both, and a clock that is set back, at thirty points of a decision's way:
one job for each id, none lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.dying_pages import POINTS, must_survive

pytestmark = pytest.mark.soak


@pytest.mark.parametrize(("where", "at"), POINTS)
def test_killed_at_any_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, at: int) -> None:
    must_survive(tmp_path, monkeypatch, where, at)
