"""Which rows make a window: every row once, whatever the order, and what is left out with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest

from monitoring.history.records import CheckSummary
from monitoring.profiles.coarse import coarsen
from monitoring.profiles.profile import Profile, profile_batch
from monitoring.workflows.periods import Period, later, previous, step_of, steps, year_before
from monitoring.workflows.window_parts import (
    Part,
    cut,
    in_period,
    of_version,
    once_an_upload,
    perhaps_twice,
    without_repeats,
)
from tests.tables_of_rows import START, contract_of, reference_of, rows_of

CONTRACT = contract_of(("x", "z"), {"c": ["a", "b"]}, dated=True)
AT = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = START.date()


def rows(seed: int, days: list[int], each: int = 120) -> pa.Table:
    rng = np.random.default_rng(seed)
    size = len(days) * each
    columns = {"x": rng.normal(size=size), "z": rng.gamma(2, 3, size), "c": rng.choice(["a", "b"], size)}
    return rows_of(np.repeat(days, each), **columns, prediction=rng.random(size))


REFERENCE = reference_of(CONTRACT, rows(0, list(range(20))))


def profiled(table: pa.Table) -> Profile:
    return coarsen(profile_batch(table, REFERENCE.grids), REFERENCE)


def check(name: str, days: list[int], **changes: object) -> CheckSummary:
    first, last = START + timedelta(days=min(days)), START + timedelta(days=max(days), hours=23)
    made = CheckSummary(
        id=name.ljust(16, "0"),
        created_at=AT,
        model="test",
        version=1,
        upload=name * 8,
        file_name=f"{name}.csv",
        rows=120 * len(days),
        rows_refused=0,
        verdict="stable",
        sentence="",
        first_time=first.isoformat(),
        last_time=last.isoformat(),
        drifted=(),
        effects={},
        mean_prediction=0.5,
        rate=None,
        brier=None,
        auc=None,
        labelled_rows=0,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # fields by name


def changed(table: pa.Table, column: str, change: Callable[[np.ndarray], Iterable[object]]) -> pa.Table:
    place = table.schema.get_field_index(column)
    return table.set_column(place, column, pa.array(change(table.column(column).to_numpy())))


def part(name: str, table: pa.Table, days: list[int], **changes: object) -> Part:
    return Part(check(name, days, **changes), profiled(table), None)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def given_days(one: Part) -> list[int]:
    return (one.days - (FIRST - date(1970, 1, 1)).days).tolist()


def test_the_latest_check_with_outcomes_speaks_for_an_upload() -> None:
    early = check("a", [0], labelled_rows=5, created_at=AT)
    labelled = check("b", [0], upload=early.upload, labelled_rows=9, created_at=AT + timedelta(1))
    latest = check("c", [0], upload=early.upload, created_at=AT + timedelta(2))
    for order in permutations([early, labelled, latest]):
        kept, left = once_an_upload(order)
        assert kept == [labelled]
        assert all(one.why == "same_upload" and one.instead == labelled for one in left)
        assert sorted(one.check.id for one in left) == [early.id, latest.id]
    assert once_an_upload([replace(early, labelled_rows=0), latest])[0] == [latest]


def test_files_of_other_versions_are_left_out_unless_the_version_scored_them_too() -> None:
    mine = check("a", [0], version=2)
    same, another = check("b", [0], upload=mine.upload), check("c", [1])
    kept, left = of_version([same, mine, another], 2)
    assert kept == [mine]
    assert [(one.why, one.check) for one in left] == [("other_version", another)]


def test_files_without_times_are_in_no_bounded_period() -> None:
    timeless, january = check("a", [0], first_time=None, last_time=None), check("b", [0, 1])
    kept, left = in_period([timeless, january], Period(day(1), day(9)))
    assert (kept, [one.why for one in left]) == ([january], ["no_time"])
    assert in_period([january], Period(day(2), None)) == ([], [])
    assert in_period([timeless, january], Period()) == ([timeless, january], [])


def test_a_file_within_the_period_is_taken_whole_and_another_cut() -> None:
    one = check("a", [0, 1, 2, 3])
    profile = profiled(rows(1, [0, 1, 2, 3]))
    whole, left = cut(one, profile, Period(day(0), day(3)), 1)
    assert whole is not None
    assert (whole.blocks, left) == (None, ())
    middle, left = cut(one, profile, Period(day(1), day(2)), 1)
    assert middle is not None
    assert (given_days(middle), middle.rows, left) == ([1, 2], 240, ())
    assert cut(one, profile, Period(day(7), None), 1) == (None, ())


def test_rows_without_a_time_stay_with_a_whole_file_only() -> None:
    table = rows(1, [0, 1])
    timeless = table.slice(0, 7).set_column(table.schema.get_field_index("at"), "at", pa.nulls(7, pa.timestamp("us")))
    profile = profiled(pa.concat_tables([table, timeless]))
    whole, _ = cut(check("a", [0, 1]), profile, Period(day(0), day(1)), 1)
    assert whole is not None
    assert whole.rows == 247
    some, left = cut(check("a", [0, 1]), profile, Period(day(1), day(1)), 1)
    assert some is not None
    assert (some.rows, [(one.why, one.rows) for one in left]) == (120, [("rows_without_time", 7)])


def test_what_cannot_be_cut_is_said() -> None:
    many = profiled(rows(2, list(range(1_100)), each=1))
    assert many.blocks.left_out
    nothing, left = cut(check("a", [0, 1_099]), many, Period(day(5), day(9)), 1)
    assert (nothing, [one.why for one in left]) == (None, ["too_many_days"])
    whole, left = cut(check("a", [0, 1_099]), many, Period(day(0), day(1_099)), 1)
    assert whole is not None
    assert (whole.rows, left) == (1_100, ())
    weekly = reference_of(CONTRACT.model_copy(update={"block_days": 7}), rows(0, list(range(20))))
    blocks = coarsen(profile_batch(rows(3, list(range(14))), weekly.grids), weekly)
    some, left = cut(check("a", list(range(14))), blocks, Period(day(3), day(12)), 7)
    assert some is not None
    assert some.rows == 7 * 120, "days 3 to 9 are a block: weeks since 1970 begin on Thursdays"
    assert [(one.why, one.rows) for one in left] == [("block_edges", 4 * 120)]


def test_the_same_rows_in_two_files_count_once_whatever_the_order() -> None:
    both = rows(4, [0, 1, 2, 3])
    extra = rows(5, [4, 5])
    first = part("a", both, [0, 1, 2, 3])
    overlapping = pa.concat_tables([both.slice(240), extra])
    second = part("b", overlapping, [2, 3, 4, 5], labelled_rows=3)
    for order in permutations([first, second]):
        kept, left = without_repeats(order, "y")
        assert sum(one.rows for one in kept) == both.num_rows + extra.num_rows
        assert [(one.why, one.check.id, one.rows) for one in left] == [("same_rows", first.check.id, 240)]
        assert {one.check.id: given_days(one) for one in kept} == {
            first.check.id: [0, 1],
            second.check.id: [2, 3, 4, 5],
        }


def test_a_sample_of_a_file_is_contained_in_it_and_other_rows_of_its_days_are_not() -> None:
    whole = rows(6, list(range(10)))
    chosen = np.sort(np.random.default_rng(1).choice(whole.num_rows, 300, replace=False))
    sample = part("s", whole.take(pa.array(chosen)), list(range(10)), created_at=AT + timedelta(1))
    all_of_it = part("w", whole, list(range(10)))
    kept, left = without_repeats([sample, all_of_it], "y")
    assert [one.check.id for one in kept] == [all_of_it.check.id]
    assert [(one.why, one.rows) for one in left] == [("same_rows", 300)]
    others = part("o", rows(7, list(range(10)), each=30), list(range(10)))
    kept, left = without_repeats([others, all_of_it], "y")
    assert (len(kept), left) == (2, [])


def test_a_file_that_repeats_another_does_so_in_each_of_its_days_and_one_that_does_not_in_none() -> None:
    days = list(range(10))
    whole = rows(6, days)
    chosen = np.sort(np.random.default_rng(1).choice(whole.num_rows, 300, replace=False))
    drawn = whole.take(pa.array(chosen))
    other_days = pa.concat_tables([rows(14, days[:-1]), whole.slice(9 * 120)])
    of_month = part("w", whole, days)
    for name, table, repeats in (("s", drawn, True), ("o", other_days, False)):
        whole_file = part(name, table, days)
        month, left = without_repeats([whole_file, of_month], "y")
        assert (len(month), len(left)) == ((1, 1) if repeats else (2, 0))
        for number in days:
            period = Period(day(number), day(number))
            parts = [cut(one.check, one.profile, period, 1)[0] for one in (whole_file, of_month)]
            kept, left = without_repeats([one for one in parts if one], "y")
            assert (len(kept), len(left)) == (len(month), int(repeats)), f"day {number} is as the month"


def test_files_of_the_same_days_that_may_hold_the_same_rows_are_named() -> None:
    whole = rows(15, [0, 1])
    month, few = part("m", whole, [0, 1]), part("f", whole.slice(0, 3), [0])
    celsius = part("c", changed(whole, "x", lambda values: values * 0.5), [0, 1])
    for other in (few, celsius):
        kept, left = without_repeats([month, other], "y")
        assert (len(kept), left) == (2, [])
        assert [{one.id for one in pair} for pair in perhaps_twice(kept, "y")] == [{month.check.id, other.check.id}]
    repeated, _ = without_repeats([month, part("r", whole, [0, 1])], "y")
    assert perhaps_twice(repeated, "y") == []
    assert perhaps_twice([month, part("n", rows(16, [2]), [2])], "y") == [], "other days"


def test_files_that_have_no_category_in_common_hold_other_rows() -> None:
    table = rows(17, [0])
    only_a, only_b = changed(table, "c", lambda _: ["a"] * 120), changed(table, "c", lambda _: ["b"] * 120)
    one, other = part("a", only_a, [0]), part("b", only_b, [0])
    assert without_repeats([one, other], "y")[1] == []
    assert perhaps_twice([one, other], "y") == []


def test_the_same_rows_are_the_same_whatever_is_known_of_their_outcomes() -> None:
    table = rows(13, [0, 1])
    known = np.tile([0.0, 1.0], 120)
    some, others = np.where(np.arange(240) < 99, known, np.nan), np.where(np.arange(240) > 90, known, np.nan)
    reference = reference_of(CONTRACT, table.append_column("y", pa.array(known)))
    parts = []
    for name, outcomes in (("a", some), ("b", others)):
        labelled = table.append_column("y", pa.array(outcomes, from_pandas=True))
        profile = coarsen(profile_batch(labelled, reference.grids), reference)
        assert "y" in profile.columns
        parts.append(Part(check(name, [0, 1], labelled_rows=99), profile, None))
    kept, left = without_repeats(parts, "y")
    assert ([one.check.id for one in kept], len(left)) == ([parts[1].check.id], 1)


def test_few_rows_that_look_contained_by_chance_are_counted() -> None:
    large, few = part("l", rows(8, [0], each=2_000), [0]), part("f", rows(9, [0], each=3), [0])
    kept, left = without_repeats([large, few], "y")
    assert (sum(one.rows for one in kept), left) == (2_003, [])


def test_parts_of_a_day_that_follow_each_other_are_not_compared() -> None:
    table = rows(10, [0])
    morning = part("m", table, [0], last_time=(START + timedelta(hours=11)).isoformat())
    evening = part("e", table, [0], first_time=(START + timedelta(hours=12)).isoformat())
    assert without_repeats([morning, evening], "y")[1] == []


def test_a_broken_feed_gives_way_to_the_file_that_repaired_it() -> None:
    broken = part("b", rows(11, [0, 1, 2]), [0, 1, 2], verdict="broken", created_at=AT + timedelta(9))
    repaired = part("r", rows(12, [0, 1]), [0, 1])
    for order in permutations([broken, repaired]):
        kept, left = without_repeats(order, "y")
        assert [(one.why, one.rows) for one in left] == [("repaired", 240)]
        assert {one.check.id: given_days(one) for one in kept} == {broken.check.id: [2], repaired.check.id: [0, 1]}
    assert without_repeats([broken], "y") == ([broken], [])


@pytest.mark.parametrize(
    ("period", "before", "year"),
    [
        ((2013, 7, 1, 7, 31), (2013, 6, 1, 6, 30), (2012, 7, 1, 7, 31)),
        ((2013, 3, 1, 4, 30), (2013, 1, 1, 2, 28), (2012, 3, 1, 4, 30)),
        ((2013, 7, 8, 7, 14), (2013, 7, 1, 7, 7), (2012, 7, 8, 7, 14)),
        ((2024, 2, 29, 2, 29), (2024, 2, 28, 2, 28), (2023, 2, 28, 2, 28)),
        ((2023, 2, 1, 2, 28), (2023, 1, 1, 1, 31), (2022, 2, 1, 2, 28)),
    ],
)
def test_the_period_before_and_that_of_the_year_before(
    period: tuple[int, ...], before: tuple[int, ...], year: tuple[int, ...]
) -> None:
    def of(numbers: tuple[int, ...]) -> Period:
        return Period(date(numbers[0], *numbers[1:3]), date(numbers[0], *numbers[3:]))

    assert previous(of(period)) == of(before)
    assert previous(later(of(period)) or Period()) == of(period)
    assert year_before(of(period)) == of(year)


def test_an_open_period_has_no_other_and_steps_cover_all_days_once() -> None:
    assert previous(Period(day(0), None)) is None
    assert later(Period(None, day(0))) is None
    assert later(Period(date.max, date.max)) is None
    assert previous(Period(date.min, date.min)) is None
    assert year_before(Period()) is None
    for step in ("day", "week", "month"):
        spans = list(steps(date(2023, 12, 27), date(2024, 3, 2), step))  # type: ignore[arg-type] # literals above
        for number in range(67):
            one = date(2023, 12, 27) + timedelta(number)
            assert sum(span.holds(one) for span in spans) == 1
    assert step_of(date.max, "week").last == date.max
    assert step_of(date.min, "week").first == date.min
