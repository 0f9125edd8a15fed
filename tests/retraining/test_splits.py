"""Held-out days: never trained on, by any version; proved here by plain sets of ids and days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.contract import Contract, Feature, Target
from monitoring.errors import ModelRefused, NotPossible
from monitoring.retraining.names import unite
from monitoring.retraining.request import TrainingData
from monitoring.retraining.splits import complete, is_held_out, prove_disjoint, select_rows, split_rows

START = datetime(2024, 3, 1)
DAYS = [START.date() + timedelta(days=n) for n in range(60)]
HELD_OUT = [day for day in DAYS if day.toordinal() % 3 == 0]


def contract(*, id: str | None = "id", at: str | None = "at", block_days: int = 1) -> Contract:  # noqa: A002
    """One number and one category, with or without names and times."""
    features = (Feature(name="x", kind="numeric", input="x"), Feature(name="c", kind="categorical", input="c"))
    return Contract(
        model="test",
        features=features,
        id=id,
        timestamp=at,
        target=Target(name="y", positive="yes"),
        block_days=block_days,
    )


def rows(days: range | list[int], a_day: int = 40, *, seed: int = 0, prefix: str = "", **changes: Any) -> pa.Table:
    """`a_day` rows on each of the days after the start; ids tell day and number, so the same day has the same ids."""
    rng = np.random.default_rng(seed)
    count = len(days) * a_day
    day = np.repeat(list(days), a_day)
    columns = {
        "x": pa.array(rng.normal(size=count)),
        "c": pa.array(rng.choice(["a", "b"], count).tolist()),
        "id": pa.array([f"{prefix}{d}-{n % a_day}" for n, d in enumerate(day)]),
        "at": pa.array(
            [START + timedelta(days=int(d), minutes=n % a_day) for n, d in enumerate(day)], pa.timestamp("us")
        ),
        "y": pa.array((rng.random(count) < 0.4).astype(float)),
        **changes,
    }
    return pa.table({name: column for name, column in columns.items() if column is not None})


def ids(table: pa.Table) -> set[str]:
    return set(table["id"].to_pylist())


def days(table: pa.Table) -> set[date]:
    return {value.date() for value in table["at"].to_pylist()}


BASE, REFERENCE = rows(range(-60, -30), seed=1), rows(range(-30, -20), seed=2)


def test_every_third_day_is_held_out_and_the_rest_is_trained_on() -> None:
    split = split_rows(BASE, REFERENCE, [rows(range(30))], contract())
    assert split.held_out_days == tuple(day.isoformat() for day in HELD_OUT[:10])
    assert days(split.gate) == set(HELD_OUT[:10])
    assert days(split.training) - days(BASE) == set(DAYS[:30]) - set(HELD_OUT)
    assert (split.added, split.training.num_rows, split.gate.num_rows) == (800, 1_200 + 800, 400)
    assert ids(split.reference) == ids(REFERENCE) | ids(split.gate)
    assert split.gate_days is not None
    assert {date.fromordinal(int(day)) for day in split.gate_days} == set(HELD_OUT[:10])


def test_the_newest_window_is_the_newest_file_when_that_has_ten_held_out_days() -> None:
    old, new = rows(range(20)), rows(range(20, 52))
    split = split_rows(BASE, REFERENCE, [old, new], contract())
    assert ids(split.gate) < ids(new)
    assert len(days(split.gate)) >= 10
    assert days(split.reference) - days(REFERENCE) == set(HELD_OUT) & (days(old) | days(new))


def test_a_short_file_is_compared_with_the_held_out_days_before_it() -> None:
    """Batches of a week have two or three held-out days each: the last ten of all files are the window."""
    weeks = [rows(range(start, start + 7)) for start in range(0, 49, 7)]
    split = split_rows(BASE, REFERENCE, weeks, contract())
    seen = [day for day in HELD_OUT if day in set(DAYS[:49])]
    assert sorted(days(split.gate)) == seen[-10:]
    assert days(split.hold_out) == days(REFERENCE) | set(seen[:-10])


def test_the_frozen_hold_out_is_all_that_was_held_out_before_the_window() -> None:
    old, new = rows(range(20)), rows(range(20, 52), y=None)
    new = new.append_column(
        "y", pa.array([None if n % 3 == 0 else float(n % 2) for n in range(new.num_rows)], pa.float64())
    )
    split = split_rows(BASE, REFERENCE, [old, new], contract())
    assert ids(split.hold_out) == ids(REFERENCE) | {
        name for name in ids(old) if DAYS[int(name.split("-")[0])] in HELD_OUT
    }
    assert not ids(split.hold_out) & ids(split.gate)
    assert split.hold_out["y"].null_count == 0


def test_outcomes_that_only_begin_to_be_known_are_neither_trained_nor_compared_on() -> None:
    """Of the last two days one row in ten has an outcome; the days before have nine in ten."""
    known = [n % 10 == 0 if n // 40 >= 28 else n % 10 != 0 for n in range(1_200)]
    late = pa.array([float(n % 2) if is_known else None for n, is_known in enumerate(known)], pa.float64())
    split = split_rows(BASE, REFERENCE, [rows(range(30), y=late)], contract())
    assert not {DAYS[28], DAYS[29]} & (days(split.training) | days(split.gate))
    assert {DAYS[28], DAYS[29]} & set(HELD_OUT) <= days(split.reference)
    assert days(split.training) | days(split.gate) >= set(DAYS[:28])


@pytest.mark.parametrize(
    ("code", "began", "first"),
    [("all", None, -60), ("last-10-days", None, 19), ("since-drift", "2024-03-06", 5), ("since-drift", None, None)],
)
def test_candidates_take_the_rows_that_their_name_says(code: str, began: str | None, first: int | None) -> None:
    split = split_rows(BASE, REFERENCE, [rows(range(30))], contract())
    chosen = select_rows(split, TrainingData.from_code(code), began, contract())
    if first is None:
        assert chosen is None
        return
    assert chosen is not None
    assert max(days(split.training)) == DAYS[28], "the thirtieth is held out"
    wanted = {day for day in days(split.training) if day >= START.date() + timedelta(days=first)}
    assert days(chosen) == wanted
    assert chosen.num_rows == 40 * len(wanted)
    assert not ids(chosen) & (ids(split.gate) | ids(split.hold_out))


def test_a_reference_that_a_version_was_trained_on_is_refused() -> None:
    leaked = pa.concat_tables([REFERENCE, BASE.slice(0, 1)])
    with pytest.raises(
        ModelRefused, match="1 rows of the reference are also among the rows that a version was trained"
    ):
        split_rows(BASE, leaked, [rows(range(30))], contract())


def test_rows_without_an_outcome_join_the_reference_but_neither_training_nor_gate() -> None:
    unlabelled = rows(range(30), y=pa.array([None if n % 4 == 0 else float(n % 2) for n in range(1_200)], pa.float64()))
    split = split_rows(BASE, REFERENCE, [unlabelled], contract())
    assert split.training["y"].null_count == split.gate["y"].null_count == 0
    assert split.reference.num_rows == REFERENCE.num_rows + 400
    assert (split.added, split.gate.num_rows) == (600, 300)


def test_a_row_that_comes_twice_counts_as_it_came_last() -> None:
    first, second = rows(range(30), seed=3), rows(range(10, 40), seed=4)
    split = split_rows(BASE, REFERENCE, [first, second], contract())
    values = dict(zip(split.training["id"].to_pylist(), split.training["x"].to_pylist(), strict=True))
    newest = dict(zip(second["id"].to_pylist(), second["x"].to_pylist(), strict=True))
    assert len(values) == split.training.num_rows
    assert all(values[name] == newest[name] for name in values.keys() & newest.keys())


def test_a_label_that_came_earlier_is_not_lost_when_the_row_comes_again_without() -> None:
    first, second = rows(range(30)), rows(range(20, 30), y=pa.nulls(400, pa.float64()))
    later = rows(range(40, 55))
    split = split_rows(BASE, REFERENCE, [first, second, later], contract())
    assert ids(split.training) >= {name for name in ids(first) if DAYS[int(name.split("-")[0])] not in HELD_OUT}


def test_days_that_the_champion_was_trained_on_are_not_compared_on() -> None:
    trained = rows(range(12), prefix="old")
    split = split_rows(trained, REFERENCE, [rows(range(36))], contract())
    assert not days(split.gate) & days(trained)
    assert not days(split.reference) & days(trained)


def test_rows_of_the_reference_and_its_days_are_not_trained_on() -> None:
    reference = rows(range(5), prefix="reference")
    split = split_rows(BASE, reference, [rows(range(36))], contract())
    assert not days(split.training) & days(reference)


def test_a_second_retraining_keeps_the_days_of_the_first_held_out() -> None:
    first = split_rows(BASE, REFERENCE, [rows(range(30))], contract())
    again = [rows(range(30)), rows(range(30, 60))]
    second = split_rows(first.training, first.reference, again, contract())
    assert not (days(second.training) - days(BASE)) & set(HELD_OUT)
    assert ids(second.training) >= ids(first.training)
    assert len(ids(second.reference)) == second.reference.num_rows
    assert days(second.gate) == set(HELD_OUT[10:])


def test_rows_without_time_are_held_out_one_in_three_by_their_name() -> None:
    timeless = rows(range(50), at=None)
    bare = contract(at=None)
    held = is_held_out(complete(timeless, bare), bare)
    assert 0.28 < held.mean() < 0.38
    turned = timeless.take(pa.array(np.random.default_rng(1).permutation(timeless.num_rows)))
    again = is_held_out(complete(turned, bare), bare)
    assert set(np.array(timeless["id"])[held]) == set(np.array(turned["id"])[again])
    split = split_rows(rows(range(-60, -30), at=None), rows(range(-30, -20), at=None), [timeless], bare)
    assert split.gate_days is None
    assert split.held_out_days == ()
    assert not ids(split.training) & (ids(split.gate) | ids(split.reference))


def test_the_rule_for_names_never_changes() -> None:
    """These were decided once with sha256; another rule would train on rows that earlier versions held out."""
    names = pa.table({"id": [f"row-{n}" for n in range(12)]})
    timeless = complete(names, contract(at=None))
    assert is_held_out(timeless, contract(at=None)).tolist() == expected_by_sha256([f"row-{n}" for n in range(12)])


def expected_by_sha256(names: list[str]) -> list[bool]:
    from hashlib import sha256

    return [int(sha256(name.encode()).hexdigest()[:16], 16) % 3 == 0 for name in names]


def test_rows_without_name_and_time_are_held_out_by_content_and_twins_are_kept() -> None:
    bare = contract(id=None, at=None)
    twins = rows(range(30), id=None, at=None, x=pa.array(np.round(np.random.default_rng(2).normal(size=1_200), 1)))
    split = split_rows(rows(range(20), seed=9, id=None, at=None), REFERENCE, [twins, twins], bare)
    held = is_held_out(complete(twins, bare), bare)
    assert split.added == int((~held).sum())
    pairs = {(x, c) for x, c in zip(split.gate["x"].to_pylist(), split.gate["c"].to_pylist(), strict=True)}
    assert not pairs & set(zip(split.training["x"].to_pylist(), split.training["c"].to_pylist(), strict=True))


def test_unnamed_rows_that_look_like_named_ones_held_out_are_not_trained_on() -> None:
    """The same rows once with their ids and times and once without."""
    newest = rows(range(30))
    split = split_rows(BASE, REFERENCE, [rows(range(30), id=None, at=None), newest], contract())
    assert not set(split.training["x"].to_pylist()) & set(split.gate["x"].to_pylist())


def test_blocks_of_several_days_stay_together() -> None:
    weekly = contract(block_days=7)
    split = split_rows(BASE, REFERENCE, [rows(range(120), 20)], weekly)
    added = days(split.training) - days(BASE)
    assert {day.toordinal() // 7 % 3 for day in days(split.gate)} == {0}
    assert not {day.toordinal() // 7 for day in added} & {day.toordinal() // 7 for day in days(split.gate)}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (rows(range(30), y=pa.nulls(1_200, pa.float64())), "None of the rows has a known outcome"),
        (rows(range(5)), "3 whole days or more"),
        (rows(range(30), 10), "200 rows or more with an outcome"),
        (rows(range(30), y=pa.array(np.zeros(1_200))), "have the same outcome"),
        (rows([n for n in range(40) if DAYS[n] in HELD_OUT]), "left to train on"),
    ],
)
def test_what_does_not_suffice_is_refused_with_a_sentence(source: pa.Table, says: str) -> None:
    with pytest.raises(NotPossible, match=says):
        split_rows(BASE, REFERENCE, [source], contract())


def test_a_shared_row_or_day_is_found_by_the_last_guard() -> None:
    training = complete(rows(range(10)), contract())
    prove_disjoint(training, complete(rows(range(10, 20)), contract()), contract())
    for leak in (rows([3], 1, prefix="other"), rows([40], 1, id=pa.array(["3-7"]))):
        with pytest.raises(ModelRefused, match="nothing was trained"):
            prove_disjoint(training, complete(leak, contract()), contract())


FILE = st.tuples(st.integers(-50, 60), st.integers(9, 40), st.sampled_from(["", "b"]))


@settings(max_examples=40, deadline=None)
@given(files=st.lists(FILE, min_size=1, max_size=4))
def test_whatever_the_files_nothing_is_for_two_things(files: list[tuple[int, int, str]]) -> None:
    sources = [rows(range(start, start + span), 70, seed=start + 60, prefix=prefix) for start, span, prefix in files]
    try:
        split = split_rows(BASE, REFERENCE, sources, contract())
    except NotPossible:
        return
    assert not ids(split.training) & (ids(split.gate) | ids(split.reference))
    assert not (days(split.training) & days(split.gate))
    assert not (days(split.training) & days(split.reference))
    assert len(ids(split.training)) == split.training.num_rows
    assert len(ids(split.reference)) == split.reference.num_rows
    assert ids(split.gate) <= ids(split.reference)


def test_uniting_keeps_as_many_twins_as_the_table_that_has_more() -> None:
    bare = contract(id=None, at=None)
    few = complete(pa.table({"x": [1.0, 1.0, 2.0], "c": ["a", "a", "a"], "y": [0.0, 0.0, 0.0]}), bare)
    more = complete(pa.table({"x": [1.0, 1.0, 1.0], "c": ["a", "a", "a"], "y": [1.0, 1.0, 1.0]}), bare)
    united = unite([few, more], bare)
    assert sorted(united["x"].to_pylist()) == [1.0, 1.0, 1.0, 2.0]
    assert united["y"].to_pylist() == [0.0, 1.0, 1.0, 1.0]
