"""One column cut by another: the segment that moved is named, and many segments raise no more false alarms than one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitoring.contract import PREDICTION, Contract, Feature, Target
from monitoring.errors import Cancelled
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.segments import FEWEST_ROWS, MOST_SEGMENTS, compare_segments

CONTRACT = Contract(
    model="m",
    features=(
        Feature(name="x", kind="numeric", input="x"),
        Feature(name="kind", kind="categorical", input="kind", categories=("a", "b")),
        Feature(name="place", kind="categorical", input="place", categories=("n", "s")),
    ),
    target=Target(name="y", positive="yes"),
)


def rows(x: np.ndarray, kind: list[str | None], place: list[str | None]) -> pa.Table:
    n = len(x)
    return pa.table(
        {
            "x": pa.array(x, pa.float64()),
            "kind": pa.array(kind, pa.string()),
            "place": pa.array(place, pa.string()),
            PREDICTION: pa.array(np.linspace(0, 1, n), pa.float64()),
        }
    )


def halves(rng: np.random.Generator, n: int, moved: float = 0.0) -> pa.Table:
    """n rows of kind a and n of kind b; x of kind b is moved."""
    x = rng.normal(size=2 * n)
    x[n:] += moved
    return rows(x, ["a"] * n + ["b"] * n, ["n", "s"] * n)


def test_the_segment_that_moved_is_named_and_the_other_is_not() -> None:
    rng = np.random.default_rng(1)
    found = compare_segments(
        halves(rng, 2_000), halves(rng, 2_000, 0.5), CONTRACT, column="x", split="kind", policy=DriftPolicy()
    )
    assert {one.value: one.finding.state for one in found.segments} == {"b": "drift", "a": "stable"}
    assert found.segments[0].value == "b", "what moved comes first"
    assert found.segments[0].finding.effect == pytest.approx(0.197, abs=0.04), (
        "of two normals 0.5 apart: 2 Phi(.25) - 1"
    )
    assert found.segments[0].share_batch == 0.5
    assert found.alpha == DriftPolicy().alpha / 2


def test_a_category_cut_by_another_and_predictions_cut_by_a_category() -> None:
    rng = np.random.default_rng(2)
    before = rows(rng.normal(size=2_000), ["a", "b"] * 1_000, ["n"] * 1_000 + ["s"] * 1_000)
    after = rows(rng.normal(size=2_000), ["a", "b"] * 500 + ["a"] * 1_000, ["n"] * 1_000 + ["s"] * 1_000)
    found = compare_segments(before, after, CONTRACT, column="kind", split="place", policy=DriftPolicy())
    assert {one.value: one.finding.state for one in found.segments} == {"s": "drift", "n": "stable"}
    assert found.segments[0].finding.effect == pytest.approx(0.5, abs=0.03)
    predictions = compare_segments(before, after, CONTRACT, column=PREDICTION, split="place", policy=DriftPolicy())
    assert [one.finding.detector for one in predictions.segments] == ["ks", "ks"]


def test_segments_with_few_rows_on_a_side_are_not_compared_but_told() -> None:
    rng = np.random.default_rng(3)
    few = FEWEST_ROWS - 1
    kinds: list[str | None] = [*["a"] * 200, *["rare"] * few, None]
    before = rows(rng.normal(size=len(kinds)), kinds, ["n"] * len(kinds))
    new: list[str | None] = [*["a"] * 200, *["rare"] * 100, *["new"] * 300]
    after = rows(rng.normal(size=len(new)), new, ["n"] * len(new))
    found = compare_segments(before, after, CONTRACT, column="x", split="kind", policy=DriftPolicy())
    assert [one.value for one in found.segments] == ["a"]
    assert {(one.value, one.rows_reference, one.rows_batch) for one in found.left_out} == {
        ("rare", few, 100),
        ("new", 0, 300),
    }
    assert found.left_out_count == 2


def test_no_more_segments_are_compared_than_is_said() -> None:
    rng = np.random.default_rng(4)
    kinds: list[str | None] = [f"k{i:02}" for i in range(MOST_SEGMENTS + 5) for _ in range(60)]
    table = rows(rng.normal(size=len(kinds)), kinds, ["n"] * len(kinds))
    found = compare_segments(table, table, CONTRACT, column="x", split="kind", policy=DriftPolicy())
    assert len(found.segments) == MOST_SEGMENTS
    assert found.left_out_count == 5


def test_it_stops_between_segments_when_a_person_asks() -> None:
    told: list[str] = []

    def stop(share: float, text: str) -> None:
        told.append(text)
        if share > 0:
            raise Cancelled("Cancelled.")

    rng = np.random.default_rng(6)
    with pytest.raises(Cancelled):
        compare_segments(
            halves(rng, 60), halves(rng, 60), CONTRACT, column="x", split="kind", policy=DriftPolicy(), progress=stop
        )
    assert told == ["Comparing x where kind is a: 1 of 2", "Comparing x where kind is b: 2 of 2"]


def test_unchanged_data_in_many_segments_rings_no_more_often_than_alpha() -> None:
    rng = np.random.default_rng(5)
    policy = DriftPolicy(alpha=0.2, floor=0.0)
    kinds: list[str | None] = [f"k{i}" for i in range(5) for _ in range(80)]
    rang = 0
    for _ in range(100):
        before, after = (rows(rng.normal(size=len(kinds)), kinds, ["n"] * len(kinds)) for _ in range(2))
        found = compare_segments(before, after, CONTRACT, column="x", split="kind", policy=policy)
        rang += any(one.finding.state == "drift" for one in found.segments)
    assert rang <= 33, "at most 20 expected, with a standard deviation of 4; unadjusted it would be 67"
