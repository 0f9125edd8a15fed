"""Conversions between usual units, held to the figures of any table of units."""

from __future__ import annotations

import pytest

from monitoring.drift.units import FAMILIES, POWERS, conversions


@pytest.mark.parametrize(
    ("usual", "other", "number", "wanted"),
    [
        ("°F", "°C", 100.0, 212.0),
        ("°F", "K", 273.15, 32.0),
        ("°C", "°F", 14.0, -10.0),
        ("°C", "K", 300.0, 26.85),
        ("K", "°C", -40.0, 233.15),
        ("mph", "km/h", 100.0, 62.137),
        ("km/h", "m/s", 10.0, 36.0),
        ("km/h", "kn", 10.0, 18.52),
        ("in", "mm", 25.4, 1.0),
        ("ft", "m", 1.0, 3.28084),
        ("mi", "km", 42.195, 26.2188),
        ("hPa", "inHg", 29.9213, 1_013.25),
        ("hPa", "kPa", 101.325, 1_013.25),
        ("min", "s", 90.0, 1.5),
        ("h", "min", 90.0, 1.5),
        ("%", "share of 1", 0.25, 25.0),
        ("share", "%", 25.0, 0.25),
        ("kg", "lb", 1.0, 0.453592),
    ],
)
def test_a_number_of_another_unit_becomes_the_one_that_tables_tell(
    usual: str, other: str, number: float, wanted: float
) -> None:
    (one,) = [found for found in conversions(usual) if found.unit == other]
    assert one.factor * number + one.offset == pytest.approx(wanted, rel=1e-5)


def test_there_and_back_is_the_same_number() -> None:
    for family in FAMILIES:
        for usual in family:
            for there in conversions(usual.shown):
                back = [one for one in conversions(there.unit) if one.unit == usual.shown] if there.unit else []
                for one in back:
                    assert one.factor * (there.factor * 7.5 + there.offset) + one.offset == pytest.approx(7.5)


@pytest.mark.parametrize(
    ("written", "shown"), [(" Fahrenheit", "°F"), ("KPH", "km/h"), ("minutes", "min"), ("lbs", "lb")]
)
def test_a_unit_is_known_by_its_other_spellings(written: str, shown: str) -> None:
    assert conversions(written) == conversions(shown)
    assert conversions(written)[0].unit


def test_an_unknown_unit_has_powers_of_ten_only() -> None:
    assert conversions("") == conversions("widgets") == POWERS


def test_what_a_calmer_year_does_as_well_is_no_unit() -> None:
    assert "kn" not in [one.unit for one in conversions("mph")]
    assert "kn" in [one.unit for one in conversions("km/h")]


def test_a_power_of_ten_that_is_a_unit_is_called_by_its_name() -> None:
    factors = [round(one.factor, 9) for one in conversions("m")]
    assert len(factors) == len(set(factors))
    assert [one.unit for one in conversions("m") if one.factor == 1_000] == ["km"]
