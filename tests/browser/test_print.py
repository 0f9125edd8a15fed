"""The one-page summary, printed by a real Chromium: one A4 sheet, whatever the check."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboard.wording.summary import summary_of
from monitoring.history.records import CheckResult
from tests.dashboard import material

pytestmark = pytest.mark.browser
A4_POINTS = (595, 842)


def widest() -> CheckResult:
    """More columns than fit, every text as long and as wide as it can be."""
    base = material.hostile("W" * 80)
    findings = tuple(replace(one, column=f"{'W' * 60}{i}") for i, one in enumerate(base.findings * 3))
    drawn = list(base.pictures.values())
    said = replace(base.verdict, sentence="Wm " * 400, advice="W w" * 100, caveat="Wx " * 300)
    pictures = {one.column: drawn[i % len(drawn)] for i, one in enumerate(findings)}
    return replace(base, verdict=said, findings=findings, pictures=pictures)


@pytest.mark.parametrize("result", [material.july(), widest()], ids=["july", "widest"])
def test_a_summary_prints_on_one_sheet_and_asks_for_nothing(page: Page, tmp_path: Path, result: CheckResult) -> None:
    file = tmp_path / "summary.html"
    file.write_text(summary_of(result))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
    width, height = (float(end) for end in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)[0])
    assert (round(width), round(height)) == A4_POINTS
    assert asked == [file.as_uri()]
