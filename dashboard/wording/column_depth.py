"""Words of the page about one column: where its tolerance comes from, its cells, its statistics. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.wording.escape import shorten
from dashboard.wording.findings import shown_name
from dashboard.wording.quantities import NBSP, count, number, p_value, percent
from dashboard.wording.terms import DETECTOR_HELP, DETECTORS, explain
from monitoring.contract import PREDICTION
from monitoring.drift.grown_cells import Cell
from monitoring.drift.measurement import Measurement
from monitoring.policy.segments import FEWEST_ROWS, MOST_SEGMENTS, Segments
from monitoring.policy.verdict import Finding


@dataclass(frozen=True, slots=True)
class Term:
    """A number of a finding: what it is called, its value, a line below it, what it means."""

    name: str
    value: str
    below: str
    help: str


def terms_of(finding: Finding, floor: float) -> tuple[Term, ...]:
    """The numbers behind a tested finding, in the order in which they decide."""
    interval = f"95{NBSP}%: {finding.effect_low:.3f} to {finding.effect_high:.3f}"
    statistic = f"{finding.statistic:.4f}" if finding.detector == "ks" else number(finding.statistic)
    return (
        Term("Moved (effect)", f"{finding.effect:.3f}", interval, explain("effect")),
        Term("Tolerance", f"{finding.tolerance:.3f}", tolerance_source(finding, floor), explain("tolerance")),
        Term("p-value, adjusted", _p(finding.p_adjusted), _both_p(finding), explain("p_adjusted")),
        Term(
            "KS distance D" if finding.detector == "ks" else "χ² of the groups",
            statistic,
            DETECTORS[finding.detector],
            DETECTOR_HELP[finding.detector],
        ),
        Term("Reference values", f"n = {count(finding.n_reference)}", "with a value", explain("reference")),
        Term("Production values", f"n = {count(finding.n_batch)}", "with a value", explain("production")),
    )


def tolerance_source(finding: Finding, floor: float) -> str:
    """Which of the two the tolerance is, in a few words."""
    if finding.natural_variation is None or finding.natural_variation <= floor:
        return "the policy's floor"
    return "natural variation of days"


def tolerance_sentence(finding: Finding, floor: float, *, policy: str) -> str:
    """Where the tolerance of a finding comes from, with the numbers."""
    floor_words = f"the floor of the policy “{policy}” ({floor:.3f})"
    if finding.natural_variation is None:
        return (
            f"The tolerance is {floor_words}. How far unchanged days of this column lie apart could not be measured: "
            "there are too few days, or no timestamps, on one of the two sides."
        )
    varies = f"exchanging unchanged days alone moves this column by up to {finding.natural_variation:.3f}"
    if finding.natural_variation > floor:
        return f"The tolerance is natural variation: {varies}, which is more than {floor_words}."
    return f"The tolerance is {floor_words}: {varies}, which is less."


def cell_words(cell: Cell, column: str, unit: str) -> str:
    """What a cell is, as text."""
    suffix = f"{NBSP}{unit}" if unit else ""

    def value(bound: float | None) -> str:
        if bound is None:
            return "unknown"
        return percent(bound) if column == PREDICTION else number(bound)

    name = shown_name(column)
    if cell.kind == "range":
        least, most = cell.least, cell.most
        if least is None or most is None:
            least, most = cell.low, cell.high
        if least == most:
            return f"{name} is {value(least)}{suffix}"
        return f"{name} from {value(least)} to {value(most)}{suffix}"
    if cell.kind == "below":
        return f"{name} below all of the reference ({value(cell.high)}{suffix})"
    if cell.kind == "above":
        return f"{name} above all of the reference ({value(cell.low)}{suffix})"
    if cell.kind == "category":
        return f"{name} is “{shorten(cell.category, 24)}”"
    return f"{name} is missing" if cell.kind == "missing" else f"{name} was never seen"


def segments_sentence(found: Segments, *, rows: int, rows_used: int) -> str:
    """What the table of segments rests on."""
    many = len(found.segments)
    sample = f" on a uniform sample of {count(rows_used)} of {count(rows)} rows" if rows_used < rows else ""
    adjusted = f"Each of the {many} segments was tested{sample} at alpha / {many} = {found.alpha:.2g}, so that "
    return (
        (adjusted if many != 1 else f"One segment was tested{sample}, so that ")
        + "looking at many of them raises no false alarm. A segment needs "
        + f"{FEWEST_ROWS} rows on each side; at most {MOST_SEGMENTS}, those with most rows, are compared."
    )


def measurement_row(measurement: Measurement, unit: str) -> dict[str, str]:
    """A statistic that is shown and not tested, as a row of a table."""
    low, high = measurement.statistic_low, measurement.statistic_high
    in_unit = measurement.detector in ("wasserstein", "mean_shift", "median_shift") and unit
    exact = f"{measurement.statistic:.4g}"
    return {
        "Statistic": DETECTORS[measurement.detector],
        "Value": f"{exact} {unit}" if in_unit else exact,
        "Interval": "exact" if low == high else f"{low:.4g} to {high:.4g}",
        "n reference": count(measurement.n_reference),
        "n production": count(measurement.n_batch),
        "What it is": DETECTOR_HELP[measurement.detector],
    }


def _p(p: float | None) -> str:
    return "not tested" if p is None else p_value(p).removeprefix("p = ").removeprefix("p ")


def _both_p(finding: Finding) -> str:
    rows = "" if finding.p_rows is None else f"rows {_p(finding.p_rows)}"
    return " · ".join(filter(None, (rows, "days none" if finding.p_days is None else f"days {_p(finding.p_days)}")))
