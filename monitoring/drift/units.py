"""Usual units, and how numbers of one become numbers of another. Pure.

Units of one family that lie nearer to each other than `NEAREST` are not told apart: knots are miles an hour in a calmer
year.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log

NEAREST = 1.5
"""How many times larger numbers of another unit are at least, or smaller: nearer ones are what a world does as well."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What makes usual numbers of those of another unit: `factor` times the number, and `offset`.

    Attributes:
        unit: the other one; '' where only the factor is known.
        factor, offset: of the conversion.
    """

    unit: str
    factor: float
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit: how it is shown, how else it is written, and what makes numbers of the family's first unit of it."""

    shown: str
    also: tuple[str, ...]
    factor: float
    offset: float = 0.0


FAMILIES: tuple[tuple[_Unit, ...], ...] = (
    (
        _Unit("°C", ("c", "degc", "deg c", "celsius"), 1.0),
        _Unit("°F", ("f", "degf", "deg f", "fahrenheit"), 5 / 9, -160 / 9),
        _Unit("K", ("kelvin",), 1.0, -273.15),
    ),
    (
        _Unit("m/s", ("mps",), 1.0),
        _Unit("km/h", ("kmh", "kph", "kmph"), 1 / 3.6),
        _Unit("mph", ("mi/h",), 0.44704),
        _Unit("kn", ("kt", "kts", "knot", "knots"), 1.852 / 3.6),
    ),
    (
        _Unit("m", ("metre", "metres", "meter", "meters"), 1.0),
        _Unit("mm", ("millimetres", "millimeters"), 0.001),
        _Unit("cm", ("centimetres", "centimeters"), 0.01),
        _Unit("km", ("kilometres", "kilometers"), 1_000.0),
        _Unit("in", ("inch", "inches"), 0.0254),
        _Unit("ft", ("foot", "feet"), 0.3048),
        _Unit("mi", ("mile", "miles"), 1_609.344),
    ),
    (
        _Unit("hPa", ("mbar", "mb"), 1.0),
        _Unit("inHg", ("in hg",), 33.86389),
        _Unit("kPa", (), 10.0),
        _Unit("Pa", (), 0.01),
        _Unit("bar", (), 1_000.0),
        _Unit("psi", (), 68.94757),
    ),
    (
        _Unit("s", ("sec", "second", "seconds"), 1.0),
        _Unit("ms", ("millisecond", "milliseconds"), 0.001),
        _Unit("min", ("mins", "minute", "minutes"), 60.0),
        _Unit("h", ("hr", "hrs", "hour", "hours"), 3_600.0),
        _Unit("d", ("day", "days"), 86_400.0),
    ),
    (
        _Unit("share of 1", ("share", "fraction", "proportion"), 1.0),
        _Unit("%", ("percent", "per cent"), 0.01),
    ),
    (
        _Unit("kg", ("kilogram", "kilograms"), 1.0),
        _Unit("g", ("gram", "grams"), 0.001),
        _Unit("t", ("tonne", "tonnes"), 1_000.0),
        _Unit("lb", ("lbs", "pound", "pounds"), 0.45359237),
        _Unit("oz", ("ounce", "ounces"), 0.028349523),
    ),
)
POWERS = tuple(Conversion("", factor) for factor in (0.001, 0.01, 0.1, 10.0, 100.0, 1_000.0))
"""A decimal point that slipped, cents in the place of dollars, thousands: whatever the unit."""


@lru_cache(maxsize=256)
def conversions(unit: str) -> tuple[Conversion, ...]:
    """What may have come in the place of numbers of `unit`, those that it can be first; '' for an unknown one.

    >>> [one.unit for one in conversions("mph")][:3]
    ['m/s', 'km/h', '']
    """
    written = unit.strip().casefold()
    named: list[Conversion] = []
    for family in FAMILIES:
        usual = next((one for one in family if written in (one.shown.casefold(), *one.also)), None)
        if usual is not None:
            named = [_between(other, usual) for other in family if other is not usual]
    named = [one for one in named if one.offset or abs(log(one.factor)) >= log(NEAREST)]
    factors = {round(log(one.factor), 6) for one in named if not one.offset}
    return (*named, *(one for one in POWERS if round(log(one.factor), 6) not in factors))


def _between(other: _Unit, usual: _Unit) -> Conversion:
    """From numbers of `other` to numbers of `usual`."""
    return Conversion(other.shown, other.factor / usual.factor, (other.offset - usual.offset) / usual.factor)
