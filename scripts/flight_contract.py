"""The contract of the packaged flight-delay model, before its categories are known."""

from __future__ import annotations

from monitoring.contract import Contract, Feature, Target

MODEL = "flight-delay"


def describe_flights() -> Contract:
    """The contract as the package's documentation and plain physics give it.

    Ranges are what can be at all (world records of weather, with room), not what is usual: a value outside is an error
    of the feed. A temperature in Celsius is unusual here, but possible. Any input may be missing.
    """
    return Contract(
        model=MODEL,
        features=(
            Feature(name="carrier", kind="categorical", input="carrier", description="Airline, two-letter code"),
            Feature(name="origin", kind="categorical", input="origin", description="Airport of departure"),
            Feature(name="dest", kind="categorical", input="dest", description="Airport of arrival"),
            _number("sched_dep_min", 0, 1439, "min", "Scheduled departure, minutes after local midnight"),
            _number("dow", 1, 7, "", "Day of the week, 1 for Monday to 7 for Sunday"),
            _number("distance", 1, 13_000, "mi", "Distance between the airports"),
            _number("temp", -130, 140, "°F", "Air temperature at the origin in the hour of departure"),
            _number("dewp", -150, 120, "°F", "Dew point at the origin in the hour of departure"),
            _number("humid", 0, 100, "%", "Relative humidity at the origin in the hour of departure"),
            _number("wind_speed", 0, 260, "mph", "Wind speed at the origin in the hour of departure"),
            _number("precip", 0, 15, "in", "Rain or snow at the origin in the hour of departure"),
            _number("pressure", 850, 1_100, "hPa", "Air pressure at the origin, reduced to sea level"),
            _number("visib", 0, 100, "mi", "Visibility at the origin in the hour of departure"),
        ),
        id="flight_id",
        timestamp="scheduled_departure",
        target=Target(
            name="late",
            positive="late",
            description="Arrived more than 15 minutes late; known from the next morning on, never when cancelled",
        ),
        block_days=1,
    )


def _number(name: str, low: float, high: float, unit: str, description: str) -> Feature:
    return Feature(
        name=name,
        kind="numeric",
        input=name,
        minimum=low,
        maximum=high,
        unit=unit,
        description=description,
    )
