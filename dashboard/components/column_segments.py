"""One column segment by segment: a table with a small picture of each, the segment that moved most on top."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from dashboard.charts.palette import Palette
from dashboard.components.grid import show_grid
from dashboard.wording.column_depth import segments_sentence
from dashboard.wording.columns import miniature
from dashboard.wording.escape import escape, shorten
from dashboard.wording.findings import moved, shown_name
from dashboard.wording.quantities import count, counted, percent
from dashboard.wording.terms import explain
from dashboard.wording.verdicts import STATES, state_look
from monitoring.policy.segments import Segment, Segments
from monitoring.tables.export import as_csv

ROW_HEIGHT: Final = 44


def show_segments(found: Segments, colours: Palette, *, rows: int, rows_used: int, unit: str, key: str) -> None:
    """The table, the sentence it rests on, and what was not compared."""
    if not found.segments:
        st.markdown("No segment has enough rows on both sides to be compared.")
    else:
        st.markdown(escape(_summary(found)))
        _show_table(found, colours, unit, key)
        st.caption(escape(segments_sentence(found, rows=rows, rows_used=rows_used)))
    if found.left_out_count:
        with st.expander(f"Not compared: {counted(found.left_out_count, 'segment')}", icon=":material/filter_alt_off:"):
            show_grid(
                pd.DataFrame(
                    {
                        found.split: [one.value for one in found.left_out],
                        "Reference rows": [one.rows_reference for one in found.left_out],
                        "Production rows": [one.rows_batch for one in found.left_out],
                    }
                ),
                alt="Segments with too few rows on one side, or beyond the most that are compared.",
            )


def segments_csv(found: Segments) -> str:
    """The table as CSV; formulas are quoted."""
    header = [found.split, "state", "effect", "effect_low", "effect_high", "tolerance", "p_adjusted"]
    header += ["n_reference", "n_batch", "share_reference", "share_batch"]
    return as_csv(header, [_cells(one) for one in found.segments])


def _cells(segment: Segment) -> list[str]:
    finding = segment.finding
    numbers = (finding.effect, finding.effect_low, finding.effect_high, finding.tolerance, finding.p_adjusted)
    sizes = (finding.n_reference, finding.n_batch, segment.share_reference, segment.share_batch)
    return [segment.value, finding.state, *("" if n is None else f"{n:.6g}" for n in numbers), *map(str, sizes)]


def _summary(found: Segments) -> str:
    """Which segment moved, in a sentence."""
    drifted = [one for one in found.segments if one.finding.state == "drift"]
    still_open = sum(one.finding.state == "undecided" for one in found.segments)
    first = max(found.segments, key=lambda one: one.finding.effect)
    most = f"{shorten(first.value, 30)} moved furthest ({first.finding.effect:.2f})"
    most += f"; {counted(still_open, 'segment')} could not be judged" if still_open else ""
    if not drifted:
        return f"No segment of {found.split} is in drift by itself; {most}."
    if len(drifted) == len(found.segments):
        return f"All {len(drifted)} segments of {found.split} moved: the change is not in one of them; {most}."
    named = ", ".join(shorten(one.value, 20) for one in drifted[:5]) + (", …" if len(drifted) > 5 else "")
    return f"{len(drifted)} of {counted(len(found.segments), 'segment')} moved: {named}; {most}."


def _show_table(found: Segments, colours: Palette, unit: str, key: str) -> None:
    config = st.column_config
    labels = [look.label for look in STATES.values()]
    frame = pd.DataFrame([_row(one, found, unit) for one in found.segments])
    show_grid(
        frame,
        key=key,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (len(frame) + 1) + 3,
        column_config={
            found.split: config.TextColumn(pinned=True, width=110),
            "State": config.MultiselectColumn(
                options=labels, color=[look.colour for look in STATES.values()], width=115
            ),
            "Moved": config.ProgressColumn(
                min_value=0.0, max_value=1.0, format="%.2f", width=110, color="primary", help=explain("effect")
            ),
            "Tolerance": config.NumberColumn(format="%.2f", width=80, help=explain("tolerance")),
            "Reference": config.BarChartColumn(y_min=0, width=110, color=colours.reference, help=explain("reference")),
            "Production": config.BarChartColumn(
                y_min=0, width=110, color=colours.production, help=explain("production")
            ),
            "p adjusted": config.NumberColumn(
                format="%.2g",
                width=85,
                help="Adjusted for the number of segments: the larger of the one by rows and the one by days. "
                "A dash where there are too few days with enough rows to compare days.",
            ),
            "n": config.TextColumn(width=125, help="Values compared: reference and production."),
            "Share of rows": config.TextColumn(width=125, help="Part of all rows that is in this segment, both sides."),
            "What moved": config.TextColumn(width=240),
        },
        alt=f"{shown_name(found.column)} by {found.split}: " + _summary(found),
    )


def _row(segment: Segment, found: Segments, unit: str) -> dict[str, object]:
    finding = segment.finding
    reference, production = miniature(segment.picture)
    return {
        found.split: segment.value,
        "State": [state_look(finding.state).label],
        "Moved": finding.effect,
        "Tolerance": finding.tolerance,
        "What moved": f"{moved(finding, unit)}{f' ({finding.note})' if finding.note else ''}",
        "Reference": list(reference),
        "Production": list(production),
        "p adjusted": finding.p_adjusted if finding.p_days is not None or finding.state == "drift" else None,
        "n": f"{count(finding.n_reference)} · {count(finding.n_batch)}",
        "Share of rows": f"{percent(segment.share_reference)} → {percent(segment.share_batch)}",
    }
