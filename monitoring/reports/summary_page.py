"""One page about one check, to be printed: the verdict, the numbers, what moved. Pure.

Self-contained HTML: no script, nothing fetched, a policy in the page that forbids both; every text is escaped. What is
shown is bounded, so that it fits one A4 sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from monitoring.contract import PREDICTION
from monitoring.history.records import CheckResult
from monitoring.policy.phrases import counted, listed, percent
from monitoring.policy.sentences import open_inputs
from monitoring.reports.plain_text import plain
from monitoring.reports.static_charts import chart

CHARTS: Final = 6
LINES: Final = 15
SENTENCE: Final = 320
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
COLOURS: Final = {
    "drift": "#a32a1e",
    "broken": "#5b3391",
    "watch": "#8a5200",
    "stable": "#1f6b40",
    "undecided": "#1f5a99",
}


@dataclass(frozen=True, slots=True)
class Look:
    """A verdict or a state in words: a symbol and a word, so that it is told without colour."""

    symbol: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One column of the table.

    Attributes:
        column: its name in the file; name: as shown; look: of its state.
        effect, tolerance: of its leading finding; tested: whether it was tested.
        moved: what moved, in words.
    """

    column: str
    name: str
    look: Look
    effect: float
    tolerance: float
    tested: bool
    moved: str


def summary_page(result: CheckResult, lines: Sequence[Line], *, look: Look, period: str) -> str:
    """The page.

    Args:
        result: the check.
        lines: its columns, what matters most first, in words.
        look: of the verdict.
        period: of the rows, '' without timestamps.
    """
    read, verdict = result.read, result.verdict
    title = f"{look.word}: {plain(read.file_name)}"
    facts = (
        counted(read.rows, "row"),
        period,
        f"scored by {plain(result.model)} version {result.version}",
        f"compared with {counted(result.rows_reference, 'reference row')}",
        f"checked {result.created_at:%Y-%m-%d %H:%M} UTC",
    )
    pictured = [line for line in lines if line.column in result.pictures][:CHARTS]
    rest = len(lines) - LINES
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title, 120)}</title><style>{_STYLE}</style></head><body><main>",
            f"<header><h1>{_text(read.file_name, 60)}</h1>",
            f"<p>{_text(' · '.join(filter(None, facts)), 300)}</p></header>",
            f'<section class="verdict" style="border-color:{COLOURS.get(verdict.name, "#141b26")}">',
            f"<h2>{_text(f'{look.symbol} {look.word}')}</h2><p>{_text(verdict.sentence, SENTENCE)}</p>",
            f"<p><strong>{_text(verdict.advice, 160)}</strong></p>" if verdict.advice else "",
            f'<p class="small">{_text(verdict.caveat, 170)}</p>' if verdict.caveat else "",
            "</section>",
            f'<dl class="numbers">{"".join(_number(*number) for number in _numbers(result, lines))}</dl>',
            "<h2>What moved</h2>",
            '<p class="small">Filled: reference, the training period. Outline: production, these rows.</p>',
            f'<div class="charts">{"".join(_card(line, result) for line in pictured)}</div>',
            _table(lines[:LINES]),
            f'<p class="small">{counted(rest, "more column")}: all are in the JSON and CSV files.</p>'
            if rest > 0
            else "",
            f"<footer>{_text(_foot(result), 400)}</footer></main></body></html>\n",
        ]
    )


def _numbers(result: CheckResult, lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """Name, value and a remark of the four numbers that the page of the check shows too."""
    inputs = {finding.column for finding in result.findings if finding.role == "input"}
    moved = {finding.column for finding in result.findings if finding.role == "input" and finding.state == "drift"}
    still_open = listed(open_inputs(result.findings), most=1)
    remark = f"{still_open} could not be judged" if still_open else "beyond chance and usual range"
    performance = result.performance
    happened = ("Really happened", "not known", "no outcomes yet")
    if performance is not None:
        auc = "" if performance.auc is None else f", AUC {performance.auc:.3f}"
        happened = ("Really happened", percent(performance.rate), f"n = {performance.rows:,}{auc}")
    refused = result.read.rows_refused
    return [
        ("Inputs that moved", f"{len(moved)} of {len(inputs)}", remark),
        (
            "Mean prediction",
            percent(result.mean_prediction_batch),
            f"reference: {percent(result.mean_prediction_reference)}",
        ),
        happened,
        ("Rows scored", f"{result.read.rows:,}", f"{refused:,} set aside" if refused else "all could be used"),
    ]


def _number(name: str, value: str, remark: str) -> str:
    return f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd><dd class='small'>{_text(remark)}</dd></div>"


def _card(line: Line, result: CheckResult) -> str:
    unit = result.units.get(line.column, "")
    drawn = chart(result.pictures[line.column], name=line.name, unit=unit, share=line.column == PREDICTION)
    return (
        f"<figure><figcaption><strong>{_text(line.name, 26)}</strong> {_text(f'{line.look.symbol} {line.look.word}')}"
        f"</figcaption>{drawn}</figure>"
    )


def _table(lines: Sequence[Line]) -> str:
    head = "<tr><th>Column</th><th>State</th><th>Moved</th><th>Tolerance</th><th>What moved</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(map(_row, lines))}</tbody></table>"


def _row(line: Line) -> str:
    """The effect as a number and as a bar with the tolerance as a tick."""
    bar = (
        f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="8" fill="#e8ebef"/><rect width="{100 * min(line.effect, 1):.1f}" height="8" '
        f'fill="#b34f05"/>'
        + (
            f'<rect x="{100 * min(line.tolerance, 0.99):.1f}" width="1" height="8" fill="#141b26"/>'
            if line.tested
            else ""
        )
        + "</svg>"
    )
    tolerance = f"{line.tolerance:.2f}" if line.tested else "not tested"
    return (
        f"<tr><th scope='row'>{_text(line.name, 24)}</th><td>{_text(f'{line.look.symbol} {line.look.word}')}</td>"
        f"<td class='moved'>{line.effect:.2f} {bar}</td><td>{tolerance}</td><td>{_text(line.moved, 62)}</td></tr>"
    )


def _foot(result: CheckResult) -> str:
    return (
        f"Driftline, check {result.id}. Policy {result.verdict.policy} ({result.verdict.policy_id}), reference "
        f"{result.reference_id[:16]}, file {result.upload[:16]}. Moved: share of rows that moved (KS distance, or "
        "total variation less its noise). Tolerance (tick): the policy's floor or how far days differ by themselves."
    )


def _text(text: str, longest: int = 80) -> str:
    return escape(plain(text, longest=longest, tame=False)) if text else ""


_STYLE: Final = """
@page { size: A4; margin: 11mm 12mm; }
* { box-sizing: border-box; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; background: #fff; color: #141b26; font: 12px/1.34 system-ui, "Noto Sans", sans-serif; }
main { max-width: 186mm; margin: 0 auto; padding: 4mm 0; }
h1 { font-size: 19px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 14px; margin: 0 0 1px; }
header p, .small, footer { color: #47525f; font-size: 11px; margin: 0; }
.verdict { border: 1px solid; border-left-width: 6px; border-radius: 4px; margin: 8px 0; padding: 7px 10px; }
.verdict p { margin: 3px 0 0; overflow-wrap: anywhere; }
.numbers { display: grid; grid-template-columns: repeat(4, 1fr); gap: 7px; margin: 0 0 9px; }
.numbers div { border: 1px solid #d5dbe3; border-radius: 4px; padding: 5px 8px; }
dt { font-size: 11px; } dd { margin: 0; font-size: 17px; } dd.small { font-size: 10.5px; }
.charts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 7px; margin: 4px 0 9px; }
figure { border: 1px solid #d5dbe3; border-radius: 4px; margin: 0; padding: 5px 7px; break-inside: avoid;
  min-width: 0; }
figcaption { font-size: 11px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
figure svg { display: block; width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: 11px; }
th, td { border-bottom: 1px solid #e3e7ec; padding: 1.8px 5px; text-align: left; font-weight: 400; overflow: hidden;
  white-space: nowrap; text-overflow: ellipsis; }
thead th { color: #47525f; } tbody th { font-weight: 600; }
th:nth-child(1) { width: 19%; } th:nth-child(2) { width: 13%; } th:nth-child(3) { width: 18%; }
th:nth-child(4) { width: 10%; }
.bar { width: 58%; height: 8px; vertical-align: middle; margin-left: 4px; }
footer { margin-top: 7px; font-size: 9.5px; overflow-wrap: anywhere; }
@media (max-width: 700px) { main { padding: 12px; } .numbers, .charts { grid-template-columns: 1fr 1fr; }
  table { table-layout: auto; } td, th { white-space: normal; } }
@media print { main { max-width: none; padding: 0; } }
"""
