"""A check as JSON, as CSV and as one page: complete, documented, escaped, nothing in it runs."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dashboard.wording.summary import summary_of
from monitoring.history.records import CheckResult
from monitoring.reports.check_json import FINDING_COLUMNS, SCHEMA, check_json, findings_csv
from monitoring.reports.static_charts import chart
from tests.dashboard import material
from tests.dashboard.test_escape import HOSTILE

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "check-report.md").read_text()
QUIET = {"html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "section", "strong", "dl"}
QUIET |= {
    "div",
    "dt",
    "dd",
    "figure",
    "figcaption",
    "svg",
    "g",
    "rect",
    "path",
    "text",
    "table",
    "thead",
    "tbody",
    "tr",
}
QUIET |= {"th", "td", "footer"}


class Tags(HTMLParser):
    """Names of elements and attributes, and the text outside of styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_every_name_of_the_json_is_documented() -> None:
    told = json.loads(check_json(material.july()))
    assert told["schema"] == SCHEMA
    names = {*told, *told["findings"][0], *told["reasons"][0], *told["problems"][0], *told["performance"]}
    assert {name for name in names if f"`{name}`" not in DOCUMENTED} == set()


def test_the_json_is_strict_even_where_a_check_holds_no_number() -> None:
    odd = replace(material.july(), mean_prediction_batch=float("nan"))
    odd = replace(odd, findings=(replace(odd.findings[0], statistic=float("inf")), *odd.findings[1:]))
    told = json.loads(check_json(odd), parse_constant=pytest.fail)
    assert told["mean_prediction"] is None
    assert told["findings"][0]["statistic"] is None
    assert len(told["findings"]) == len(odd.findings)


def test_the_csv_has_a_line_a_finding_and_no_formulas() -> None:
    result = material.hostile('=HYPERLINK("http://x")')
    lines = list(csv.DictReader(io.StringIO(findings_csv(result.findings))))
    assert len(lines) == len(result.findings)
    assert tuple(lines[0]) == FINDING_COLUMNS
    assert lines[0]["column"] == '\'=HYPERLINK("http://x")'
    assert float(lines[0]["effect"]) == result.findings[0].effect
    assert lines[0]["muted"] == "false"
    unseen = next(line for line in lines if line["detector"] == "unseen")
    assert unseen["p_value"] == ""


def test_the_page_says_verdict_numbers_and_columns_in_words() -> None:
    text = parsed(summary_of(material.july())).text.replace("\u00a0", " ")
    for part in ("▲ Drift", "july.csv", "3 of 13", "8 %", "n = 5,770", "12 set aside", "temp", "median 39 → 77 °F"):
        assert part in text
    assert "1 more column" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_the_page(text: str) -> None:
    tags = parsed(summary_of(material.hostile(text)))
    assert tags.tags <= QUIET
    assert not any(name.startswith("on") or name in ("src", "href") for name in tags.attributes)


def test_the_page_forbids_scripts_and_fetching_by_itself() -> None:
    page = summary_of(material.july())
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import|https?:", page)


@pytest.mark.parametrize("result", [material.july(), material.quiet(), material.broken_feed()])
def test_the_page_shows_no_more_than_fits(result: CheckResult) -> None:
    page = summary_of(result)
    assert page.count("<figure>") == 6
    assert page.count("<tr>") <= 16


def test_columns_that_do_not_fit_are_counted() -> None:
    base = material.july()
    more = [replace(base.findings[0], column=f"extra{i}") for i in range(9)]
    text = parsed(summary_of(replace(base, findings=(*base.findings, *more)))).text
    assert "8 more columns: all are in the JSON and CSV files." in text


def test_a_chart_says_in_words_what_it_shows() -> None:
    pictures = material.july().pictures
    assert "histogram of reference (filled) and production (outline)" in chart(pictures["temp"], name="temp", unit="°F")
    assert "ORD 6 % to 5 %" in chart(pictures["dest"], name="dest")
    assert "ANC new" in chart(pictures["dest"], name="dest")
