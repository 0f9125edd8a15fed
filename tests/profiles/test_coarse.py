"""Coarse profiles: the same counts in fewer cells, intervals that hold the exact statistic, few bytes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from monitoring.drift.catalogue import DETECTORS
from monitoring.drift.compare import compare
from monitoring.drift.measurement import Measurement
from monitoring.profiles.coarse import POINTS, UNSEEN, coarsen
from monitoring.profiles.codec import decode_profile, encode_profile
from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Profile, profile_batch
from monitoring.profiles.reference import Reference
from tests.tables_of_rows import contract_of, reference_of, rows_of

NUMBERS = ("normal", "heavy", "integer", "tied")
CONTRACT = contract_of(NUMBERS, {"c": ["a", "b"]}, dated=True)


def rows(seed: int, size: int, shift: float = 0.0) -> pa.Table:
    rng = np.random.default_rng(seed)
    tied = np.where(rng.random(size) < 0.4, 1.0, rng.normal(size=size))
    return rows_of(
        rng.integers(0, 3, size),
        normal=rng.normal(shift, 1, size),
        heavy=rng.standard_t(3, size) + shift,
        integer=rng.poisson(4, size).astype(float) + np.round(shift),
        tied=np.where(rng.random(size) < 0.05, np.nan, tied + shift),
        c=rng.choice(["a", "b"], size),
    )


REFERENCE = reference_of(CONTRACT, rows(0, 20_000))


def profiled(batch: pa.Table) -> Profile:
    return profile_batch(batch, REFERENCE.grids)


def measured(profile: Profile) -> dict[tuple[str, str], Measurement]:
    found = [item.measurement for item in compare(REFERENCE, profile, detectors=DETECTORS).measured]
    return {(one.column, one.detector): one for one in found}


@pytest.mark.parametrize("points", [16, POINTS, 500])
@pytest.mark.parametrize("shift", [0.0, 0.1, 1.0])
def test_intervals_of_coarse_profiles_hold_the_exact_statistic(shift: float, points: int) -> None:
    batch = rows(1, 5_000, shift)
    coarse, reference = coarsen(profiled(batch), REFERENCE, points), rows(0, 20_000)
    found = measured(coarse)
    for name in NUMBERS:
        a, b = (side.column(name).to_numpy() for side in (reference, batch))
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
        exact = {
            "ks": stats.ks_2samp(a, b, method="asymp").statistic,
            "wasserstein": stats.wasserstein_distance(a, b),
            "cvm": stats.cramervonmises_2samp(a, b, method="asymptotic").statistic,
            "mean_shift": b.mean() - a.mean(),
            "median_shift": np.quantile(b, 0.5, method="inverted_cdf") - np.quantile(a, 0.5, method="inverted_cdf"),
        }
        for code, wanted in exact.items():
            one = found[name, code]
            assert one.statistic_low - 1e-9 <= wanted <= one.statistic_high + 1e-9, code
        assert found[name, "ks"].statistic_high - found[name, "ks"].statistic_low <= 3 / points


def test_the_upper_end_of_an_effect_stands_on_the_largest_gap_that_the_counts_allow() -> None:
    found = measured(coarsen(profiled(rows(9, 3_000, 0.05)), REFERENCE, 16))
    for name in NUMBERS:
        ks = found[name, "ks"]
        wanted = ks.statistic_high + 0.8225 * np.sqrt(1 / ks.n_reference + 1 / ks.n_batch)
        for code in ("ks", "wasserstein", "cvm", "mean_shift"):
            assert found[name, code].effect_high == pytest.approx(wanted, abs=1e-12)
    assert found["normal", "ks"].statistic_high > found["normal", "ks"].statistic


def test_coarse_bins_are_the_fine_ones() -> None:
    fine = profiled(rows(2, 5_000, 0.3))
    mine, coarse = measured(fine), measured(coarsen(fine, REFERENCE, 16))
    for key, one in mine.items():
        if key[1] in ("psi", "js", "chi2", "missing", "unseen"):
            assert coarse[key].statistic == one.statistic


def test_coarsening_commutes_with_adding_and_taking_away() -> None:
    a, b = profiled(rows(3, 700)), profiled(rows(4, 900, 0.5))
    together = coarsen(a + b, REFERENCE)
    for one, other in (
        (coarsen(a, REFERENCE) + coarsen(b, REFERENCE), together),
        (together - coarsen(b, REFERENCE), a),
    ):
        wanted = other if other.points else coarsen(other, REFERENCE)
        assert one.rows == wanted.rows
        for name, counts in one.columns.items():
            assert np.array_equal(counts.cells, wanted.columns[name].cells)
            if isinstance(counts, NumericCounts):
                assert counts.sums == pytest.approx(wanted.columns[name].sums, rel=1e-9, abs=1e-9)


def test_coarse_and_fine_are_not_mixed() -> None:
    fine = profiled(rows(5, 100))
    coarse = coarsen(fine, REFERENCE)
    assert coarsen(coarse, REFERENCE) is coarse
    with pytest.raises(ProfileMismatch, match="coarser"):
        fine + coarse
    with pytest.raises(ProfileMismatch, match="coarse already"):
        coarsen(coarse, REFERENCE, 64)
    other = reference_of(CONTRACT, rows(0, 200))
    with pytest.raises(ProfileMismatch, match="another reference"):
        coarsen(Profile("another", fine.rows, fine.columns, fine.blocks), other)
    with pytest.raises(ValueError, match="points=3"):
        coarsen(fine, REFERENCE, 3)


LEVELS = (5, 10, 20, 50, 100)
KINDS = ("normal", "heavy", "integer", "decimal")


def wide(seed: int, size: int, days: int, unseen: int = 0) -> pa.Table:
    """25 columns and predictions; each day is a little different, `unseen` categories in the last column."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, days, size))
    weather = rng.normal(0, 0.3, days)[day]
    columns: dict[str, object] = {}
    for kind in KINDS:
        for i in range(5):
            columns[f"{kind} {i}"] = {
                "normal": lambda: rng.normal(size=size) + weather,
                "heavy": lambda: rng.standard_t(2, size) + weather,
                "integer": lambda: rng.poisson(30 + 5 * weather).astype(float),
                "decimal": lambda: np.round(rng.gamma(2, 10, size) + weather, 2),
            }[kind]()
    for levels in LEVELS:
        columns[f"c{levels}"] = [f"level {i}" for i in rng.choice(levels, size, p=rng.dirichlet(np.ones(levels)))]
    columns["c100"][:unseen] = [f"unseen {i}" for i in range(unseen)]  # type: ignore[index]
    return rows_of(day, **columns, prediction=rng.beta(1, 4, size))


@pytest.fixture(scope="module")
def wide_reference() -> Reference:
    contract = contract_of(
        [f"{kind} {i}" for kind in KINDS for i in range(5)],
        {f"c{levels}": [f"level {i}" for i in range(levels)] for levels in LEVELS},
        dated=True,
    )
    return reference_of(contract, wide(6, 30_000, 60))


@pytest.mark.parametrize(
    ("size", "days", "unseen"), [(50_000, 1, 0), (50_000, 31, 0), (150_000, 31, 0), (50_000, 7, 9_000)]
)
def test_a_coarse_profile_of_25_columns_is_small(wide_reference: Reference, size: int, days: int, unseen: int) -> None:
    profile = profile_batch(wide(7, size, days, unseen), wide_reference.grids)
    coarse = coarsen(profile, wide_reference)
    stored = encode_profile(coarse)
    assert len(stored) < 64_000
    again = decode_profile(stored)
    assert again.points == POINTS
    assert len(again.blocks.ids) == days
    for name, counts in coarse.columns.items():
        assert np.array_equal(again.columns[name].cells, counts.cells)
        assert np.array_equal(again.blocks.columns[name], profile.blocks.columns[name])
        assert again.columns[name].rows == size
    kept = again.columns["c100"]
    assert isinstance(kept, CategoryCounts)
    assert (kept.unseen_rows, len(kept.unseen)) == (unseen, min(unseen, UNSEEN))


def test_many_unseen_categories_of_a_coarse_profile_keep_their_share_and_ring(wide_reference: Reference) -> None:
    fine = profile_batch(wide(7, 50_000, 7, 9_000), wide_reference.grids)
    found = [compare(wide_reference, one).measured for one in (fine, coarsen(fine, wide_reference))]
    shares, tests = (
        [
            {i.measurement.detector: i.measurement for i in side if i.measurement.column == "c100"}[code]
            for side in found
        ]
        for code in ("unseen", "chi2")
    )
    assert shares[0].statistic == shares[1].statistic == 9_000 / 50_000
    assert max(one.p_value for one in tests) < 1e-9


def test_the_sample_stays_in_a_coarse_profile() -> None:
    fine = profile_batch(rows(8, 300), REFERENCE.grids, sample=20)
    again = decode_profile(encode_profile(coarsen(fine, REFERENCE)))
    assert again.sample is not None
    assert fine.sample is not None
    assert again.sample.rows.equals(fine.sample.rows)
    assert again.sample.seen == 300
