"""Blocks of rows: every way of counting them agrees, and leaving out many commutes with adding."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.contract import PREDICTION
from monitoring.profiles import blocks as module
from monitoring.profiles.blocks import MOST_BLOCKS, UNDATED, Blocks, RowBlocks, coarse_cells
from monitoring.profiles.grid import locate
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Profile, profile_batch
from tests.tables_of_rows import contract_of, reference_of, rows_of

CONTRACT = contract_of(("x",), {"c": ["a", "b"]}, dated=True)
GENERATOR = np.random.default_rng(5)
REFERENCE = reference_of(CONTRACT, rows_of([0] * 300, x=GENERATOR.normal(size=300), c=["a", "b", None] * 100))
GRID = REFERENCE.grids.columns["x"]
row = st.tuples(
    st.one_of(st.floats(-5, 5), st.sampled_from([np.nan, np.inf, -np.inf, 0.0])),
    st.sampled_from(["a", "b", "new", None]),
    st.integers(-3, 3),
)


def profiled(rows: list[tuple[float, str | None, int]]) -> Profile:
    x, c, days = zip(*rows, strict=True)
    return profile_batch(rows_of(days, x=np.array(x, dtype=float), c=c), REFERENCE.grids)


@pytest.mark.parametrize("rows_a_block", [0.001, 10**9])
@given(st.lists(row, min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_blocks_hold_their_own_rows(rows_a_block: float, rows: list[tuple[float, str | None, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROWS_A_BLOCK", rows_a_block)
        blocks = profiled(rows).blocks
    days = sorted({day for *_, day in rows})
    first = (datetime(2024, 1, 1) - datetime(1970, 1, 1)).days
    assert blocks.ids.tolist() == [first + day for day in days]
    for i, day in enumerate(days):
        mine = [(x, c) for x, c, at in rows if at == day]
        assert blocks.rows[i] == len(mine)
        x = np.array([value for value, _ in mine])
        cells = np.where(
            np.isnan(x), coarse_cells(GRID), locate(np.nan_to_num(x, posinf=1e300, neginf=-1e300), GRID.coarse)
        )
        assert blocks.columns["x"][i].tolist() == np.bincount(cells, minlength=coarse_cells(GRID) + 1).tolist()
        seen = Counter(c for _, c in mine)
        assert blocks.columns["c"][i, [0, 1, -1]].tolist() == [seen["a"], seen["b"], seen[None]]
        assert blocks.columns["c"][i].sum() == len(mine)


def test_days_before_1970_and_rows_without_a_time_are_blocks_of_their_own() -> None:
    stamps = pa.array([datetime(1969, 12, 31), None, datetime(1950, 1, 1), datetime(1970, 1, 1)], pa.timestamp("us"))
    rows = rows_of(x=np.zeros(4), c=["a"] * 4).append_column("at", stamps)
    blocks = profile_batch(rows, REFERENCE.grids).blocks
    assert blocks.ids.tolist() == [UNDATED, (datetime(1950, 1, 1) - datetime(1970, 1, 1)).days, -1, 0]
    assert blocks.dated.tolist() == [False, True, True, True]


def many(seed: int, days: int) -> Profile:
    rng = np.random.default_rng(seed)
    start = datetime(1990, 1, 1)
    at = [None if day % 97 == 0 else start + timedelta(days=int(day)) for day in rng.integers(0, days, 3_000)]
    table = rows_of(x=rng.normal(size=3_000), c=rng.choice(["a", "b"], 3_000))
    return profile_batch(table.append_column("at", pa.array(at, pa.timestamp("us"))), REFERENCE.grids)


def same(a: Blocks, b: Blocks) -> bool:
    counted = all(np.array_equal(counts, b.columns[name]) for name, counts in a.columns.items())
    return counted and a.left_out == b.left_out and np.array_equal(a.ids, b.ids) and np.array_equal(a.rows, b.rows)


def test_of_very_many_blocks_the_same_are_kept_whatever_the_parts() -> None:
    a, b, c = many(1, 4_000), many(2, 4_000), many(3, 900)
    together = a + b + c
    assert same((a + (b + c)).blocks, together.blocks)
    assert same((c + b + a).blocks, together.blocks)
    assert len(together.blocks.ids) == MOST_BLOCKS
    assert together.blocks.ids[0] == UNDATED
    assert together.blocks.rows.sum() + together.blocks.left_out == 9_000
    for name in ("x", "c", PREDICTION):
        assert (together.blocks.columns[name].sum(axis=1) == together.blocks.rows).all()
    left = (together - c).blocks
    kept = np.isin(left.ids, (a + b).blocks.ids)
    assert kept.all()
    assert left.rows.sum() + left.left_out == 6_000


def test_what_was_never_counted_cannot_be_taken_away() -> None:
    a, b = many(1, 500), many(2, 900)
    with pytest.raises(ProfileMismatch, match="not contained"):
        a - b


@given(st.lists(st.integers(-4, 4), max_size=40))
def test_rows_are_arranged_by_block(numbers: list[int]) -> None:
    blocks = RowBlocks.of(np.array(numbers, dtype=np.int64))
    arranged = np.asarray(blocks.arranged(np.array(numbers, dtype=np.int64)))
    assert arranged.tolist() == sorted(numbers)
    assert np.repeat(blocks.ids, blocks.rows).tolist() == sorted(numbers)
