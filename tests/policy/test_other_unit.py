"""Numbers of another unit are a broken feed; numbers that moved are drift, whatever the unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monitoring.contract import Contract
from monitoring.drift.compare import compare
from monitoring.drift.units import Conversion, conversions
from monitoring.policy.drift_policy import DEFAULT, DriftPolicy
from monitoring.policy.judge import judge
from monitoring.policy.verdict import Reason, Verdict
from monitoring.profiles.profile import profile_batch
from monitoring.profiles.reference import Reference
from tests.tables_of_rows import contract_of, reference_of, rows_of

ROWS, BATCH = 6_000, 1_500


def contract_in(unit: str, *, dated: bool = False) -> Contract:
    plain = contract_of(("x",), dated=dated)
    return plain.model_copy(update={"features": (plain.features[0].model_copy(update={"unit": unit}),)})


def verdict_on(
    reference: Reference, x: np.ndarray, policy: DriftPolicy = DEFAULT, days: np.ndarray | None = None
) -> Verdict:
    profile = profile_batch(rows_of(days, x=x), reference.grids)
    comparison = compare(reference, profile, level=policy.alpha, values={"x": x[np.isfinite(x)]})
    return judge(comparison, policy, reference.grids.contract, "The batch")[0]


def claims(verdict: Verdict) -> tuple[Reason, ...]:
    return tuple(reason for reason in verdict.reasons if reason.code == "another_unit")


def wrong(x: np.ndarray, conversion: Conversion) -> np.ndarray:
    """Usual numbers as those of the other unit."""
    return (x - conversion.offset) / conversion.factor


def columns(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """A column for each unit: smooth, skewed, rounded."""
    return {
        "°F": np.round(rng.normal(60, 15, size), 1),
        "°C": rng.normal(15, 8, size),
        "mph": rng.gamma(4, 3, size),
        "mi": np.round(rng.lognormal(6, 0.8, size)),
        "hPa": np.round(rng.normal(1_014, 7, size), 1),
        "min": np.round(rng.gamma(2, 20, size)),
        "%": np.round(rng.beta(3, 2, size) * 100, 2),
        "ft": rng.normal(5.7, 0.4, size),
        "": np.round(rng.lognormal(4, 1, size), 2),
    }


UNITS = tuple(columns(np.random.default_rng(0), 1))
EVERY = [(unit, one) for unit in UNITS for one in conversions(unit)]


@pytest.fixture(scope="module")
def references() -> dict[str, Reference]:
    made = columns(np.random.default_rng(1), ROWS)
    return {unit: reference_of(contract_in(unit), rows_of(x=x)) for unit, x in made.items()}


@pytest.mark.parametrize(("unit", "other"), EVERY, ids=lambda given: getattr(given, "unit", given) or "factor")
def test_every_usual_conversion_is_a_broken_feed_that_names_it(
    references: dict[str, Reference], unit: str, other: Conversion
) -> None:
    verdict = verdict_on(references[unit], wrong(columns(np.random.default_rng(2), BATCH)[unit], other))
    (reason,) = claims(verdict)
    assert (verdict.name, verdict.action, reason.column) == ("broken", "repair_feed", "x")
    times = f"{max(other.factor, 1 / other.factor):,.0f} times too {'small' if other.factor > 1 else 'large'}"
    assert (f"look like {other.unit} instead of {unit}" if other.unit else times) in reason.text


def test_the_sentence_tells_what_is_usual_what_came_and_what_it_would_be(references: dict[str, Reference]) -> None:
    usual = columns(np.random.default_rng(2), BATCH)["°F"]
    (reason,) = claims(verdict_on(references["°F"], (usual - 32) / 1.8))
    known = columns(np.random.default_rng(1), ROWS)["°F"]
    came, then = (np.sort(x)[BATCH // 2 - 1] for x in ((usual - 32) / 1.8, usual))
    assert reason.text.startswith(
        f"x: the values look like °C instead of °F (median {came:.4g} where {np.sort(known)[ROWS // 2 - 1]:.4g} is"
    )
    assert f"usual, {then:.3g}" in reason.text


MOVES = {
    "half a deviation up": lambda x: x + 0.5 * x.std(),
    "one down": lambda x: x - x.std(),
    "two up": lambda x: x + 2 * x.std(),
    "two down": lambda x: x - 2 * x.std(),
    "four down": lambda x: x - 4 * x.std(),
    "ten up": lambda x: x + 10 * x.std(),
    "twenty up": lambda x: x + 20 * x.std(),
    "wider by 1.3": lambda x: np.median(x) + (x - np.median(x)) * 1.3,
    "narrower by 0.6": lambda x: np.median(x) + (x - np.median(x)) * 0.6,
    "all 1.3 times": lambda x: x * 1.3,
    "all 1.15 times": lambda x: x * 1.15,
    "all 0.7 times": lambda x: x * 0.7,
    "lower half only": lambda x: x[x <= np.median(x)],
    "upper half only": lambda x: x[x >= np.median(x)],
    "cut off at the middle": lambda x: np.minimum(x, np.median(x)),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_world_that_moved_is_in_no_other_unit(references: dict[str, Reference], move: str) -> None:
    for unit, x in columns(np.random.default_rng(3), BATCH).items():
        assert claims(verdict_on(references[unit], MOVES[move](x))) == (), unit


@pytest.mark.parametrize("unit", ["", "min", "°F", "%"])
def test_flags_and_small_numbers_give_no_claim(unit: str) -> None:
    rng = np.random.default_rng(4)
    kinds = {
        "flag": rng.integers(0, 2, ROWS).astype(float),
        "weekday": rng.integers(1, 8, ROWS).astype(float),
        "mostly zero": np.where(rng.random(ROWS) < 0.9, 0.0, np.round(rng.gamma(1, 0.1, ROWS), 2)),
        "constant": np.full(ROWS, 3.0),
    }
    for kind, usual in kinds.items():
        reference = reference_of(contract_in(unit), rows_of(x=usual))
        for moved in (usual + 1, usual * 2, np.ones(500), rng.integers(0, 61, 500).astype(float)):
            assert claims(verdict_on(reference, moved)) == (), kind


def test_a_policy_can_leave_it_and_a_muted_column_does_not_decide(references: dict[str, Reference]) -> None:
    x = columns(np.random.default_rng(2), BATCH)["mi"] * 1.609344
    assert verdict_on(references["mi"], x).name == "broken"
    assert verdict_on(references["mi"], x, DEFAULT.model_copy(update={"broken_unit": False})).name == "drift"
    assert verdict_on(references["mi"], x, DEFAULT.model_copy(update={"muted": ("x",)})).name != "broken"


def test_a_handful_of_rows_is_not_told(references: dict[str, Reference]) -> None:
    x = columns(np.random.default_rng(2), 29)["mi"] * 1_609.344
    assert claims(verdict_on(references["mi"], x)) == ()


class TestDays:
    """Days of their own weather, in a unit that has been mistaken."""

    def weather(self, days: range, seed: int, mean: float = 40.0) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        day = np.repeat(np.array(days), 100)
        return day, rng.normal(mean, 6, len(days))[day - days.start] + rng.normal(0, 4, len(day))

    def kept(self, fahrenheit: np.ndarray) -> np.ndarray:
        """What a station reads, in whole degrees Fahrenheit, and keeps in Celsius with one decimal."""
        return np.round((np.round(fahrenheit) - 32) / 1.8, 1)

    def told(self, celsius: np.ndarray) -> np.ndarray:
        return np.round(celsius * 1.8 + 32, 2)

    def reference(self, *, rounded: bool) -> Reference:
        day, x = self.weather(range(30), 1)
        return reference_of(contract_in("°F", dated=True), rows_of(day, x=self.told(self.kept(x)) if rounded else x))

    @pytest.mark.parametrize("days", [1, 2, 20])
    def test_kelvin_is_told_from_a_single_day_on(self, days: int) -> None:
        day, x = self.weather(range(40, 40 + days), 2)
        verdict = verdict_on(self.reference(rounded=False), (x - 32) / 1.8 + 273.15, days=day)
        assert "x: the values look like K instead of °F" in verdict.sentence

    @pytest.mark.parametrize("days", [1, 2, 20])
    def test_days_that_are_only_cold_are_not(self, days: int) -> None:
        for seed in range(5):
            day, x = self.weather(range(40, 40 + days), seed, mean=8.0)
            for rounded in (True, False):
                assert claims(verdict_on(self.reference(rounded=rounded), x, days=day)) == ()

    @pytest.mark.parametrize("days", [1, 3, 20])
    def test_a_warmer_month_in_celsius_is_told_by_its_grid(self, days: int) -> None:
        day, x = self.weather(range(40, 40 + days), 2, mean=56.0)
        came = self.kept(x)
        assert "°C instead of °F" in verdict_on(self.reference(rounded=True), came, days=day).sentence
        assert claims(verdict_on(self.reference(rounded=True), self.told(came), days=day)) == ()


def test_a_verdict_that_was_kept_before_is_read_as_it_was() -> None:
    assert DriftPolicy.model_validate({"name": "old"}).broken_unit
    assert (
        replace(verdict_on(reference_of(contract_in(""), rows_of(x=np.arange(50.0))), np.arange(50.0))).name != "broken"
    )
