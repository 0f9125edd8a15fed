"""What every detector of the catalogue must do; a new line there is enrolled here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple
from itertools import pairwise
from math import isfinite

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from monitoring.drift.catalogue import DEFAULT_PLAN, DETECTORS, Detector
from monitoring.drift.compare import compare, compare_rows
from monitoring.drift.measurement import Measurement, ShareShift
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.judge import judge
from monitoring.profiles.codec import encode_profile
from monitoring.profiles.profile import Profile, profile_batch
from monitoring.profiles.reference import Reference
from tests.tables_of_rows import contract_of, reference_of, rows_of

CONTRACT = contract_of(("x",), {"c": ["a", "b", "d"]})
EVERY = pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
SOME = settings(max_examples=40, deadline=None)
"""Examples of a property; each is measured by every detector."""

number = st.one_of(st.integers(-3, 3).map(float), st.floats(-10, 10), st.sampled_from([np.nan, np.inf, -np.inf]))
level = st.sampled_from(["a", "b", "d", "new", " A", None])
rows_drawn = st.lists(st.tuples(number, level), min_size=1, max_size=40)
wild = st.one_of(number, st.sampled_from([3e38, -3e38, 1e-300]))
wild_rows = st.lists(st.tuples(wild, level), min_size=1, max_size=40)
Row = tuple[float, str | None]
COLUMN_MADE_FOR = {"chi2": "c", "unseen": "c", "duplicates": ""}
"""Column that a detector looks at, where it is not the number x; '' for whole rows."""


def table(rows: list[Row]) -> pa.Table:
    x, c = zip(*rows, strict=True)
    return rows_of(x=np.array(x, dtype=float), c=c)


def finite(rows: pa.Table) -> dict[str, np.ndarray]:
    values = {name: rows.column(name).to_numpy() for name in ("x", "prediction")}
    return {name: column[np.isfinite(column)] for name, column in values.items()}


def measured(
    detector: Detector, reference: Reference, batch: Profile, values: Mapping[str, np.ndarray] | None = None
) -> dict[str, Measurement]:
    found = compare(reference, batch, values=values, detectors=(detector,)).measured
    return {item.measurement.column: item.measurement for item in found}


def measure(detector: Detector, reference: pa.Table, batch: pa.Table) -> dict[str, Measurement]:
    built = reference_of(CONTRACT, reference)
    return measured(detector, built, profiled(batch, built), finite(batch))


def by_every(reference: pa.Table, batch: pa.Table, *, exact: bool = True) -> dict[Detector, dict[str, Measurement]]:
    """What each detector, asked by itself, measures on the same two sides."""
    built = reference_of(CONTRACT, reference)
    profile, values = profiled(batch, built), finite(batch) if exact else None
    return {detector: measured(detector, built, profile, values) for detector in DETECTORS}


def each(found: Mapping[Detector, Mapping[str, Measurement]]) -> Iterator[tuple[Detector, Measurement]]:
    """All of these measurements; whoever fails on one shows it, with its detector's code."""
    return ((detector, one) for detector, columns in found.items() for one in columns.values())


def profiled(batch: pa.Table, reference: Reference) -> Profile:
    """The profile with a sample that holds any batch of these tests whole."""
    return profile_batch(batch, reference.grids, sample=1_000)


def drawn(seed: int, size: int) -> list[Row]:
    rng = np.random.default_rng(seed)
    return list(zip(rng.normal(size=size), rng.choice(["a", "b", "d"], size, p=[0.5, 0.3, 0.2]), strict=True))


@given(rows_drawn)
@SOME
def test_equal_profiles_are_at_distance_zero(rows: list[Row]) -> None:
    for _, found in each(by_every(table(rows), table(rows))):
        unseen_or_constant = isinstance(found.evidence, ShareShift)
        assert found.effect == pytest.approx(0, abs=1e-12)
        assert found.p_value in (None, pytest.approx(1))
        if not unseen_or_constant:
            assert found.statistic == pytest.approx(0, abs=1e-9)


@given(wild_rows, wild_rows, st.booleans())
@settings(SOME, max_examples=100)
def test_every_number_is_finite_and_within_its_bounds(reference: list[Row], batch: list[Row], exact: bool) -> None:
    for detector, found in each(by_every(table(reference), table(batch), exact=exact)):
        numbers = [x for x in parts(found) if isinstance(x, float)]
        assert all(map(isfinite, numbers))
        assert isfinite(found.scaled)
        assert found.statistic_low <= found.statistic <= found.statistic_high
        assert found.statistic_low == found.statistic or detector.signed  # of what has a sign the least is no bound
        assert 0 <= found.effect_low <= found.effect <= 1
        assert found.effect <= found.effect_high <= 1
        assert 0 <= found.distance <= 1
        assert found.p_value is None or 0 <= found.p_value <= 1
        assert found.statistic >= 0 or detector.signed


@given(rows_drawn, rows_drawn)
@SOME
def test_the_exact_value_lies_in_the_interval_of_the_counts(reference: list[Row], batch: list[Row]) -> None:
    sides = table(reference), table(batch)
    exact, counted = by_every(*sides), by_every(*sides, exact=False)
    assert {d: set(columns) for d, columns in exact.items()} == {d: set(columns) for d, columns in counted.items()}
    for detector, found in each(exact):
        slack = 1e-12 * max(1.0, abs(found.statistic), found.scale)
        from_counts = counted[detector][found.column]
        assert found.statistic_low == found.statistic_high or detector.code == "ks"
        assert from_counts.statistic_low - slack <= found.statistic <= from_counts.statistic_high + slack


@given(rows_drawn, rows_drawn)
@SOME
def test_exchanging_the_sides_changes_what_it_says(a: list[Row], b: list[Row]) -> None:
    there, back = by_every(table(a), table(b)), by_every(table(b), table(a))
    for detector, found in each(there):
        if detector.symmetric or detector.signed:
            sign = -1 if detector.signed else 1
            size = 1e-9 * max(1.0, abs(found.statistic), found.scale)
            assert back[detector][found.column].statistic == pytest.approx(sign * found.statistic, rel=1e-9, abs=size)


@given(rows_drawn, rows_drawn)
@SOME
def test_rows_in_memory_are_measured_as_their_profile_is(a: list[Row], b: list[Row]) -> None:
    reference, batch = reference_of(CONTRACT, table(a)), table(b)
    counted = profile_batch(batch, reference.grids)
    for detector in DETECTORS:
        wanted = compare(reference, counted, values=finite(batch), detectors=(detector,))
        profile, found = compare_rows(reference, batch, detectors=(detector,))
        assert found == wanted, detector.code
    assert encode_profile(profile) == encode_profile(counted)


@given(rows_drawn, st.randoms(use_true_random=False))
@SOME
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    reference = table(drawn(0, 60))
    there, back = by_every(reference, table(rows)), by_every(reference, table(shuffled))
    for detector in DETECTORS:
        alike(there[detector], back[detector])


@given(rows_drawn, rows_drawn)
@SOME
def test_a_sum_of_profiles_is_the_profile_of_both(a: list[Row], b: list[Row]) -> None:
    reference = reference_of(CONTRACT, table(drawn(0, 60)))
    one, two, both = (profiled(table(rows), reference) for rows in (a, b, a + b))
    for detector in DETECTORS:
        alike(measured(detector, reference, one + two), measured(detector, reference, both))


def parts(found: Measurement) -> tuple[object, ...]:
    """All that a measurement says, its evidence too, one by one."""
    return (*(value for value in found if value is not found.evidence), *astuple(found.evidence))


def alike(a: Mapping[str, Measurement], b: Mapping[str, Measurement]) -> None:
    """The same measurements, sums of floats to rounding."""
    assert a.keys() == b.keys()
    for name, found in a.items():
        for mine, other in zip(parts(found), parts(b[name]), strict=True):
            if isinstance(mine, float):
                assert mine == pytest.approx(other, rel=1e-9, abs=1e-9 * max(1.0, found.scale))
            elif not isinstance(mine, tuple):
                assert mine == other
    assert {n: f.effect for n, f in a.items()} == pytest.approx({n: f.effect for n, f in b.items()})


@EVERY
def test_a_growing_shift_never_looks_smaller(detector: Detector) -> None:
    before = [found.statistic for found in growing(detector)]
    assert len(before) >= 1
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(before))
    assert before[-1] > 0


def growing(detector: Detector) -> list[Measurement]:
    """What it finds on the column that it is made for as a shift of that kind grows from nothing to everything."""
    reference = drawn(1, 400)
    found = []
    for step in range(9):
        moved = int(step * 50)
        shifted = [(x + step / 2, c) for x, c in reference]
        if detector.code in ("chi2", "psi", "js"):
            shifted = [(x, "d" if i < moved else c) for i, (x, c) in enumerate(shifted)]
        elif detector.code == "unseen":
            shifted = [(x, "new" if i < moved else c) for i, (x, c) in enumerate(shifted)]
        elif detector.code == "missing":
            shifted = [(np.nan if i < moved else x, c) for i, (x, c) in enumerate(shifted)]
        elif detector.code == "constant":
            shifted = [(7.0 if i < moved else x, c) for i, (x, c) in enumerate(shifted)]
        elif detector.code == "duplicates":
            shifted = [reference[i % max(1, 400 - moved)] for i in range(400)]
        both = measure(detector, table(reference), table(shifted))
        if (one := both.get(COLUMN_MADE_FOR.get(detector.code, "x"))) is not None:
            found.append(one)
    return found


@EVERY
def test_a_growing_swing_between_categories_never_looks_smaller(detector: Detector) -> None:
    found = []
    for swung in range(0, 201, 20):
        batch = [(0.0, "d" if i < swung else c) for i, (_, c) in enumerate(drawn(2, 400))]
        found.append(measure(detector, table(drawn(2, 400)), table(batch)).get("c"))
    effects = [one.effect for one in found if one]
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(effects))


@pytest.fixture(scope="module")
def unchanged_sides() -> list[tuple[Reference, Profile, dict[str, np.ndarray]]]:
    """300 references with a batch each from the same source, and its finite values; every detector gets them."""
    rng, sides = np.random.default_rng(7), []
    for _ in range(300):
        reference, batch = reference_of(CONTRACT, table(unchanged(rng, 150))), table(unchanged(rng, 90))
        sides.append((reference, profiled(batch, reference), finite(batch)))
    return sides


@EVERY
def test_false_alarms_of_one_test_keep_its_level(detector: Detector, unchanged_sides) -> None:
    level, alarms = 0.05, {"x": 0, "c": 0}
    for reference, profile, values in unchanged_sides:
        for name, found in measured(detector, reference, profile, values).items():
            if name in alarms and found.p_value is not None:
                alarms[name] += found.p_value <= level
    assert max(alarms.values()) <= binom.ppf(0.9999, len(unchanged_sides), level)


def unchanged(rng: np.random.Generator, size: int) -> list[Row]:
    x = np.where(rng.random(size) < 0.1, np.nan, np.round(rng.normal(size=size), 1))
    c = rng.choice(["a", "b", "d", None], size, p=[0.5, 0.25, 0.15, 0.1])
    return [(float(value), level) for value, level in zip(x, c, strict=True)]


def test_asking_for_more_changes_no_verdict_and_no_finding_of_the_default_plan() -> None:
    rng = np.random.default_rng(3)
    reference = reference_of(CONTRACT, table(unchanged(rng, 900)))
    for shift in (0.0, 0.1, 0.4):
        batch = [(x + shift, c) for x, c in unchanged(rng, 700)]
        profile, policy = profile_batch(table(batch), reference.grids), DriftPolicy()
        plain, findings = judge(compare(reference, profile), policy, CONTRACT, "It")
        asked, more = judge(compare(reference, profile, detectors=DETECTORS), policy, CONTRACT, "It")
        codes = {detector.code for detector in DEFAULT_PLAN}
        assert asked == plain
        assert tuple(finding for finding in more if finding.detector in codes) == findings
        assert all(f.p_adjusted is None and f.state != "drift" for f in more if f.detector not in codes)


def test_the_default_plan_is_the_one_that_the_promise_was_simulated_for() -> None:
    shown = ["unseen", "out_of_range", "constant", "duplicates"]
    assert [d.code for d in DEFAULT_PLAN] == ["ks", "chi2", "missing", *shown]
    assert [d.code for d in DETECTORS if d.distance] == ["ks", "chi2", "missing"]


def test_a_shift_is_scaled_by_the_interquartile_range_of_the_reference() -> None:
    reference = reference_of(contract_of(("x",)), rows_of(x=np.arange(101.0) ** 2))
    _, found = compare_rows(reference, rows_of(x=np.arange(101.0)), detectors=DETECTORS)
    scales = {
        item.measurement.detector: item.measurement.scale for item in found.measured if item.measurement.column == "x"
    }
    assert scales["wasserstein"] == scales["mean_shift"] == scales["median_shift"] == 75**2 - 25**2
    constant = reference_of(contract_of(("x",)), rows_of(x=np.array([1.0, 1.0, 1.0, 1.0, 9.0])))
    _, found = compare_rows(constant, rows_of(x=np.ones(5)), detectors=DETECTORS)
    assert {item.measurement.scale for item in found.measured if item.measurement.detector == "wasserstein"} == {
        8.0,
        1.0,
    }
