"""The numbers of one column: what decided its state, every finding about it, and statistics that decide nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.components.grid import show_grid
from dashboard.wording.column_depth import measurement_row, terms_of
from dashboard.wording.escape import escape
from dashboard.wording.findings import moved, nothing_to_note
from dashboard.wording.quantities import counted
from dashboard.wording.terms import DETECTORS, explain
from dashboard.wording.verdicts import state_look
from monitoring.drift.measurement import Measurement
from monitoring.policy.verdict import Finding


def show_terms(finding: Finding, floor: float) -> None:
    """The numbers of the leading finding, each explained under the mouse."""
    with st.grid(6, min_column_width=160, gap="small"):
        for term in terms_of(finding, floor):
            st.metric(
                term.name,
                term.value,
                term.below,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                help=escape(term.help),
            )


def show_findings(findings: Sequence[Finding], unit: str) -> None:
    """Every finding about the column, tested or only noted."""
    config = st.column_config
    show_grid(
        pd.DataFrame([_row(finding, unit) for finding in findings]),
        column_config={
            "Method": config.TextColumn(width=150, pinned=True),
            "State": config.TextColumn(width=95),
            "What": config.TextColumn(width=260),
            "Effect": config.NumberColumn(format="%.3f", help=explain("effect"), width=70),
            "Low": config.NumberColumn(format="%.3f", help="Lower end of the effect's 95 % interval.", width=70),
            "High": config.NumberColumn(format="%.3f", help="Upper end of the effect's 95 % interval.", width=70),
            "Tolerance": config.NumberColumn(format="%.3f", help=explain("tolerance"), width=80),
            "p": config.NumberColumn(format="%.3g", help=explain("p"), width=80),
            "p adjusted": config.NumberColumn(format="%.3g", help=explain("p_adjusted"), width=85),
            "n reference": config.NumberColumn(format="localized", help=explain("reference"), width=90),
            "n production": config.NumberColumn(format="localized", help=explain("production"), width=95),
        },
        alt=f"{counted(len(findings), 'finding')} about this column with effect, interval, p-values and sizes.",
    )


def show_measurements(measurements: Sequence[Measurement], unit: str) -> None:
    """Statistics that other tools use; they are measured on the same counts and decide nothing."""
    if not measurements:
        st.caption("No further statistics: this check was kept by another Driftline. Check the file again to see them.")
        return
    show_grid(
        pd.DataFrame([measurement_row(measurement, unit) for measurement in measurements]),
        column_config={
            "Statistic": st.column_config.TextColumn(width=190, pinned=True),
            "Interval": st.column_config.TextColumn(width=140, help=explain("interval")),
            "What it is": st.column_config.TextColumn(width=430),
        },
        alt="Further statistics of this column: " + ", ".join(DETECTORS[one.detector] for one in measurements) + ".",
    )


def _row(finding: Finding, unit: str) -> dict[str, object]:
    return {
        "Method": DETECTORS[finding.detector],
        "State": "–" if nothing_to_note(finding) else state_look(finding.state).label,
        "What": moved(finding, unit),
        "Effect": finding.effect,
        "Low": finding.effect_low,
        "High": finding.effect_high,
        "Tolerance": finding.tolerance if finding.p_value is not None else None,
        "p": finding.p_value,
        "p adjusted": finding.p_adjusted,
        "n reference": finding.n_reference,
        "n production": finding.n_batch,
    }
