"""What is given to Evidently is what it can take, and what was changed for that is said."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from monitoring.policy.verdict import Finding, State
from monitoring.reports.evidently_page import write_evidently_page
from monitoring.reports.evidently_rows import MOST_CATEGORIES, prepare_sides
from tests.reports.material import CONTRACT, make_rows, measure, shown_tests


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    return make_rows(np.random.default_rng(3), 300)


def finding(rows: pa.Table, column: str, state: State = "stable") -> Finding:
    return replace(measure(rows, rows, "depot" if column == "depot" else "height", state), column=column)


def with_column(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(name), name, values)


def test_types_are_plain_and_infinities_are_missing(rows: pa.Table) -> None:
    wild = with_column(rows, "height", pa.array([np.inf, -np.inf, None, *range(297)], pa.float32()))
    sides = prepare_sides(CONTRACT, rows, wild, [finding(rows, "height"), finding(rows, "depot")])
    assert sides.batch["height"].dtype == np.float64
    assert list(sides.batch["height"][:4].isna()) == [True, True, True, False]
    assert set(map(type, sides.batch["depot"])) == {str}


@pytest.mark.parametrize("values", [[None] * 300, [np.nan] * 300, [np.inf, -np.inf] * 150])
def test_a_column_without_values_is_left_out_and_named(rows: pa.Table, values: list[float | None]) -> None:
    empty = with_column(rows, "weight", pa.array(values, pa.float64()))
    sides = prepare_sides(CONTRACT, rows, empty, [finding(rows, "weight"), finding(rows, "height")])
    assert list(sides.batch.columns) == list(sides.reference.columns) == ["height"]
    assert sides.notes == ("weight is left out: the rows of the file drawn here have no value in it.",)


def test_columns_on_one_side_only_are_left_out_and_named(rows: pa.Table) -> None:
    sides = prepare_sides(CONTRACT, rows, rows.drop(["weight"]), [finding(rows, "weight"), finding(rows, "height")])
    assert [column.shown for column in sides.columns] == ["height"]
    assert sides.notes == ("weight is left out: the file does not have it.",)


def test_a_column_with_nothing_to_test_gives_its_reason(rows: pa.Table) -> None:
    constant = replace(finding(rows, "weight", "not_applicable"), note="one value <only>")
    assert prepare_sides(CONTRACT, rows, rows, [constant]).notes == ("weight is left out: one value ‹only›.",)


def test_rare_categories_are_joined_and_counted(rows: pa.Table) -> None:
    often = [f"often {i}" for i in range(MOST_CATEGORIES)] * 5
    rarely = [f"rare {i}" for i in range(100)]
    many = with_column(rows, "depot", pa.array(often + rarely))
    sides = prepare_sides(CONTRACT, many, many, [finding(rows, "depot")])
    assert set(sides.batch["depot"]) == {*often, "all others (100)"}
    assert (sides.batch["depot"] == "all others (100)").sum() == 100
    assert sides.notes == ("depot: the 100 rarest categories are drawn as one.",)


def test_names_that_evidently_uses_itself_do_no_harm(rows: pa.Table) -> None:
    names = ["index", "per", "time", "mean"]
    renamed = pa.table(dict.fromkeys(names, rows["height"]) | {"sent": rows["sent"]})
    page = write_evidently_page(CONTRACT, renamed, renamed, [finding(rows, name) for name in names], title="x")
    assert list(shown_tests(page)) == [f"{name} (2)" for name in names]


def test_awkward_rows_are_drawn(rows: pa.Table) -> None:
    """Missing categories, an empty one, constants, one row, no times."""
    awkward = pa.table(
        {
            "weight": pa.array([1.0] * 300),
            "height": pa.array([5.0] + [None] * 299, pa.float64()),
            "depot": pa.array([None, "", " ", "nan"] * 75, pa.string()),
            "sent": pa.array([None] * 300, pa.timestamp("us")),
        }
    )
    findings = [finding(rows, column) for column in ("weight", "height", "depot")]
    for batch in (awkward, awkward[:1].set_column(2, "depot", pa.array(["North"]))):
        page = write_evidently_page(CONTRACT, rows, batch, findings, title="x")
        assert list(shown_tests(page)) == ["weight", "height", "depot"]
        assert "<ul></ul>" in page, "no column may be left out"


def test_the_batch_is_drawn_over_time(rows: pa.Table) -> None:
    page = write_evidently_page(CONTRACT, rows, rows, [finding(rows, "height")], title="x")
    assert "time (day)" in page or "time (hour)" in page
    assert "Index binned" not in page
    without = write_evidently_page(CONTRACT, rows, rows.drop(["sent"]), [finding(rows, "height")], title="x")
    assert "Index binned" in without
