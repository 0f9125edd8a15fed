"""The Evidently report of a check, as one self-contained page. Evidently is imported when a page is written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa

from monitoring.contract import Contract
from monitoring.errors import NotPossible
from monitoring.policy.verdict import Finding
from monitoring.reports.evidently_pictures import each_drawn_once
from monitoring.reports.evidently_rows import Column, Sides, prepare_sides
from monitoring.reports.evidently_tests import register_judgement
from monitoring.reports.sealed_page import seal_page

_STATISTICS = ("row_count", "missing_values_count", "min", "max", "mean", "std", "q25", "q50", "q75")


def load_evidently() -> None:
    """Import Evidently, which takes a few seconds the first time. It is told not to call home."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("evidently.presets")


def write_evidently_page(
    contract: Contract,
    reference_rows: pa.Table,
    batch_rows: pa.Table,
    findings: Sequence[Finding],
    *,
    title: str,
    sentence: str = "",
    notes: Sequence[str] = (),
) -> str:
    """The page: for each compared column its finding as Evidently's test, its distribution and its statistics.

    The tests repeat the findings, which are about all rows. What Evidently draws and counts by itself is about the
    rows given here.

    Args:
        contract: what the model needs; its timestamp column, where the batch has one, becomes the axis of time.
        reference_rows: a sample of the reference, with the prediction column.
        batch_rows: a sample of the batch, with the prediction column.
        findings: all findings of the check, most important first.
        title: heading of the page.
        sentence: the verdict.
        notes: what a reader should know, beside the notes about columns.

    Raises:
        NotPossible: no column can be shown.
    """
    load_evidently()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        html, about_columns = _draw_what_can_be_drawn(prepare_sides(contract, reference_rows, batch_rows, findings))
    return seal_page(html, title=title, sentence=sentence, notes=(*notes, *about_columns))


def _draw(sides: Sides) -> str:
    """Evidently's page. All its lists of columns are given: one left out is guessed from the batch."""
    from evidently import DataDefinition, Dataset, Report

    definition = DataDefinition(
        numerical_columns=[column.shown for column in sides.columns if column.kind == "numeric"],
        categorical_columns=[column.shown for column in sides.columns if column.kind == "categorical"],
        text_columns=[],
        datetime_columns=[],
        unknown_columns=[],
        list_columns=[],
    )
    metrics = [metric for column in sides.columns for metric in _metrics(column)]
    with each_drawn_once():
        snapshot = Report(metrics, include_tests=True).run(
            Dataset.from_pandas(sides.batch, data_definition=definition),
            Dataset.from_pandas(sides.reference, data_definition=definition),
        )
    html: str = snapshot.get_html_str(as_iframe=False)
    return html


def _metrics(column: Column) -> list[Any]:
    """Our finding as Evidently's drift test, and statistics of the column without tests of Evidently's own."""
    from evidently.metrics import ValueDrift
    from evidently.presets.dataset_stats import ValueStats

    no_tests: dict[str, Any] = {f"{name}_tests": [] for name in (*_STATISTICS, "unique_values_count")}
    return [
        ValueDrift(column=column.shown, method=register_judgement(column.finding), threshold=column.finding.tolerance),
        ValueStats(column.shown, **no_tests),
    ]


def _draw_what_can_be_drawn(sides: Sides) -> tuple[str, tuple[str, ...]]:
    """Evidently's page and the notes. A column with which Evidently fails is left out; the others are drawn."""
    if not sides.columns:
        raise NotPossible("There is nothing that Evidently could show: no column of this check was compared.")
    try:
        return _draw(sides), sides.notes
    except Exception:
        failures = [(column, _failure(replace(sides, columns=(column,)))) for column in sides.columns]
        if not any(why for _, why in failures):
            raise
    notes = [f"{column.shown} is left out: Evidently cannot draw it ({why})." for column, why in failures if why]
    columns = tuple(column for column, why in failures if not why)
    return _draw_what_can_be_drawn(replace(sides, columns=columns, notes=(*sides.notes, *notes)))


def _failure(sides: Sides) -> str:
    """Name of the error with which Evidently fails on these sides, '' when it does not."""
    try:
        _draw(sides)
    except Exception as error:
        return type(error).__name__
    return ""
