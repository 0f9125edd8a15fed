"""A table on the page: what its own button would export is kept from being a formula."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.components.grid import show_grid
from tests.dashboard.conftest import draw

DASHBOARD = Path(__file__).parents[2] / "dashboard"


def grid(frame: Any) -> None:
    show_grid(frame, alt="A table", column_config={"=cmd": None})


def test_cells_and_headers_from_a_file_are_no_formulas() -> None:
    frame = pd.DataFrame({"=cmd": ["=1+1", "+x", "-3.5", "UA", "@a"], "n": [-1, 2, 3, 4, 5]})
    shown = draw(grid, frame=frame).dataframe[0]
    assert list(shown.value.columns) == ["'=cmd", "n"]
    assert list(shown.value["'=cmd"]) == ["'=1+1", "'+x", "-3.5", "UA", "'@a"]
    assert list(shown.value["n"]) == [-1, 2, 3, 4, 5]


def test_missing_numbers_times_lists_and_no_rows_stay_what_they_are() -> None:
    frame = pd.DataFrame(
        {
            "line": pd.array([1, None], dtype="Int64"),
            "came": pd.to_datetime(["2026-01-01", None]),
            "bars": [[1.0, 2.0], [3.0]],
            "text": ["=", None],
        }
    )
    shown = draw(grid, frame=frame).dataframe[0].value
    assert shown["line"].isna().tolist() == [False, True]
    assert str(shown["came"].dtype).startswith("datetime64")
    assert [list(bars) for bars in shown["bars"]] == [[1.0, 2.0], [3.0]]
    assert shown["text"][0] == "'="
    assert draw(grid, frame=frame[:0]).dataframe[0].value.empty


def test_every_table_of_the_page_is_such_a_table() -> None:
    others = [path.name for path in DASHBOARD.rglob("*.py") if "st.dataframe(" in path.read_text()]
    assert others == ["grid.py"]
