"""Which cells are looked at, and which rows are in them."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from monitoring.drift.grown_cells import Cell, grown_cells, rows_in
from monitoring.drift.measurement import ShareShift
from monitoring.profiles.picture import CategoryPicture, NumericPicture

NUMBERS = NumericPicture(
    edges=(0.0, 1.0, 2.0, 3.0, 4.0, 5.0),
    bins_reference=(0.5, 0.2, 0.2, 0.1, 0.0),
    bins_batch=(0.1, 0.3, 0.35, 0.1, 0.15),
    curve_x=(0.0, 5.0),
    curve_reference=(0.0, 1.0),
    curve_batch=(0.0, 1.0),
    gap_x=1.0,
    gap_reference=0.5,
    gap_batch=0.1,
    beyond=0.0,
    missing_reference=0.0,
    missing_batch=0.1,
)
NAMES = CategoryPicture(
    categories=("a", "b", "c", "new"),
    share_reference=(0.6, 0.3, 0.1, 0.0),
    share_batch=(0.2, 0.5, 0.2, 0.1),
    unseen=(False, False, False, True),
    others=0,
    others_reference=0.0,
    others_batch=0.0,
    missing_reference=0.0,
    missing_batch=0.0,
)
SEEN = Cell(kind="category", category="a", share_reference=0.0, share_batch=0.0)


def test_the_bins_that_grew_most_neighbours_joined_then_missing_values() -> None:
    cells = grown_cells(NUMBERS)
    assert [(cell.kind, cell.low, cell.high) for cell in cells] == [
        ("range", 1.0, 3.0),
        ("range", 4.0, 5.0),
        ("missing", None, None),
    ]
    assert cells[0].growth == pytest.approx(0.25)


def test_a_range_tells_the_values_that_it_has_room_for() -> None:
    told = [(cell.least, cell.most) for cell in grown_cells(replace(NUMBERS, step=1.0)) if cell.kind == "range"]
    assert told == [(1.5, 2.5), (4.5, 4.5)]


def test_values_outside_the_reference_are_cells_of_their_own() -> None:
    shift = ShareShift(
        share_reference=0.0, share_batch=0.3, highest_reference_block=0.0, below=0.3, above=0.0, low=-1.0, high=9.0
    )
    kinds = {cell.kind: cell for cell in grown_cells(NUMBERS, out_of_range=shift)}
    assert kinds["below"].high == -1.0
    assert "above" not in kinds


def test_known_categories_that_grew_and_all_that_were_never_seen_as_one() -> None:
    unseen = ShareShift(share_reference=0.0, share_batch=0.1, highest_reference_block=0.0)
    cells = grown_cells(NAMES, unseen=unseen)
    assert [(cell.kind, cell.category) for cell in cells] == [("category", "b"), ("category", "c"), ("unseen", "")]


@pytest.mark.parametrize(
    ("cell", "inside"),
    [
        (Cell(kind="range", low=1.0, high=2.0, share_reference=0, share_batch=0), [1.0]),
        (Cell(kind="below", high=1.0, share_reference=0, share_batch=0), [0.5, float("-inf")]),
        (Cell(kind="above", low=1.0, share_reference=0, share_batch=0), [2.0, float("inf")]),
    ],
)
def test_rows_of_numbers(cell: Cell, inside: list[float]) -> None:
    values = pa.array([0.5, 1.0, 2.0, None, float("nan"), float("inf"), float("-inf")])
    chosen = values.filter(pa.array(rows_in(cell, values))).to_pylist()
    assert sorted(chosen) == sorted(inside)


def test_rows_without_a_value_and_rows_with_categories() -> None:
    missing = Cell(kind="missing", share_reference=0, share_batch=0)
    unseen = Cell(kind="unseen", share_reference=0, share_batch=0)
    texts = pa.array(["a", None, "b", "x"])
    assert rows_in(missing, texts).tolist() == [False, True, False, False]
    assert rows_in(missing, pa.array([1.0, float("nan"), None])).tolist() == [False, True, True]
    assert rows_in(SEEN, texts).tolist() == [True, False, False, False]
    assert rows_in(unseen, texts, ("a", "b")).tolist() == [False, False, False, True]
    assert rows_in(unseen, pa.array([None], pa.string()), ("a",)).tolist() == [False]
