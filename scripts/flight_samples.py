"""The packaged samples: files as a feed would deliver them, drawn so that every machine draws the same rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ROWS = 6_000
WHOLE_NUMBERS = ("sched_dep_min", "dow", "distance")
BLANKED_SHARE = 0.4
YEAR_FILE = "year.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One entry of `samples.json`. `expected_story` is what a person should find, in one sentence."""

    key: str
    title: str
    description: str
    file: str
    labels: str | None
    kind: Literal["file", "year"]
    expected_story: str


SAMPLES = (
    Sample(
        key="april",
        title="April",
        description="6,000 flights of April 2013, the first month after training",
        file="april.csv",
        labels="april-labels.csv",
        kind="file",
        expected_story="Spring: temperature, dew point and pressure moved; delays rose while the model expects fewer.",
    ),
    Sample(
        key="july",
        title="July",
        description="6,000 flights of July 2013, high summer",
        file="july.csv",
        labels="july-labels.csv",
        kind="file",
        expected_story="Hotter than nearly all it was trained on: it expects 8 % late, 32 % are. Retraining helps.",
    ),
    Sample(
        key="december",
        title="December",
        description="6,000 flights of December 2013, winter again",
        file="december.csv",
        labels="december-labels.csv",
        kind="file",
        expected_story="Winter is back and the predictions with it; wind, humidity and pressure still differ.",
    ),
    Sample(
        key="april-celsius",
        title="April, in Celsius",
        description="The flights of April with temperature and dew point in the wrong unit",
        file="april-celsius.csv",
        labels="april-labels.csv",
        kind="file",
        expected_story="A broken feed: most temperatures are colder than any in the reference.",
    ),
    Sample(
        key="april-broken-feed",
        title="April, from a broken feed",
        description="The flights of April with carriers in lower case and 40 % of the pressure blanked",
        file="april-broken-feed.csv",
        labels="april-labels.csv",
        kind="file",
        expected_story="A broken feed, not a changed world: 'ua' is not known, 'UA' is; much pressure is missing.",
    ),
    Sample(
        key="quiet-week",
        title="A quiet week",
        description="6,122 flights of seven February days, one of every weekday, kept out of training and reference",
        file="quiet-week.csv",
        labels="quiet-week-labels.csv",
        kind="file",
        expected_story="Nothing to do: the week differs no more than any other week of that winter.",
    ),
    Sample(
        key="year",
        title="The year so far",
        description="All 255,987 flights of April to December 2013, checked month by month",
        file=YEAR_FILE,
        labels=None,
        kind="year",
        expected_story="Drift grows into summer, fades, and is nearly gone in December.",
    ),
)


def write_samples(flights: pa.Table, quiet: pa.Table, inputs: tuple[str, ...]) -> dict[str, bytes]:
    """The files of the samples folder by name. `flights` are all rows in order, `quiet` those of the quiet week."""
    april, july, december = (draw(select_month(flights, month), seed=month) for month in (4, 7, 12))
    fed = {
        "april": april,
        "july": july,
        "december": december,
        "april-celsius": convert_to_celsius(april),
        "april-broken-feed": lower_carriers(blank_pressure(april)),
        "quiet-week": quiet,
    }
    files = {f"{key}.csv": write_csv(rows, ("flight_id", "scheduled_departure", *inputs)) for key, rows in fed.items()}
    for key in ("april", "july", "december", "quiet-week"):
        known = fed[key].filter(pc.is_valid(fed[key]["late"]))
        files[f"{key}-labels.csv"] = write_csv(known, ("flight_id", "late"))
    entries = [asdict(sample) for sample in SAMPLES]
    files["samples.json"] = (json.dumps(entries, indent=2, ensure_ascii=False) + "\n").encode()
    return files


def select_month(flights: pa.Table, month: int) -> pa.Table:
    """The flights scheduled in one month of 2013."""
    return flights.filter(pc.equal(pc.month(flights["scheduled_departure"]), month))


def draw(rows: pa.Table, seed: int, count: int = ROWS) -> pa.Table:
    """`count` rows in their order. NumPy promises never to change the stream of its `RandomState` (NEP 19)."""
    drawn = np.random.RandomState(seed).choice(rows.num_rows, size=count, replace=False)
    return rows.take(pa.array(np.sort(drawn)))


def convert_to_celsius(rows: pa.Table) -> pa.Table:
    """Temperature and dew point in Celsius with one decimal, under the same names."""
    return _replace(rows, ("temp", "dewp"), lambda values: np.round((values - 32) / 1.8, 1))


def blank_pressure(rows: pa.Table) -> pa.Table:
    """Rows with the pressure of a drawn share blanked, whether it was there or not."""
    count = round(BLANKED_SHARE * rows.num_rows)
    blanked = np.random.RandomState(1).choice(rows.num_rows, size=count, replace=False)

    def blank(values: NDArray[np.float64]) -> NDArray[np.float64]:
        values[blanked] = np.nan
        return values

    return _replace(rows, ("pressure",), blank)


def lower_carriers(rows: pa.Table) -> pa.Table:
    """Rows with the airline codes in lower case."""
    return rows.set_column(rows.schema.get_field_index("carrier"), "carrier", pc.utf8_lower(rows["carrier"]))


def write_csv(rows: pa.Table, columns: tuple[str, ...]) -> bytes:
    """CSV text of `columns`: times to the second, missing values empty, numbers as short as they read back exactly."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_format(rows, name) for name in columns), strict=True))
    return text.getvalue().encode()


def _format(rows: pa.Table, name: str) -> list[str]:
    column = rows[name]
    if pa.types.is_timestamp(column.type):
        return [f"{value:%Y-%m-%d %H:%M:%S}" for value in column.to_pylist()]
    if pa.types.is_string(column.type):
        return ["" if value is None else value for value in column.to_pylist()]
    if name in (*WHOLE_NUMBERS, "late"):
        return ["" if value is None else str(int(value)) for value in column.to_pylist()]
    return ["" if value is None else repr(value) for value in column.to_pylist()]


def _replace(
    rows: pa.Table, names: tuple[str, ...], change: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> pa.Table:
    for name in names:
        values = rows[name].to_numpy().copy()
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array(change(values), from_pandas=True))
    return rows
