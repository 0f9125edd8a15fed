"""What is packaged is what the project promises: rows, days, names, ranges, samples."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitoring.registry.registry import Registry
from monitoring.tables import conforming_schema, read_labels, read_rows
from tests.packaged.flights import INPUTS, PROJECT, ROWS, SAMPLES, WEATHER, contract, read

REFERENCE_DAYS = {1: (4, 7, 10, 16, 20, 22, 26), 2: (1, 4, 7, 13, 17, 19, 23), 3: (1, 4, 7, 13, 17, 19, 23)}
QUIET_DAYS = {date(2013, 2, day) for day in (6, 8, 9, 10, 11, 12, 14)}
FILES = ("april", "july", "december", "april-celsius", "april-broken-feed", "quiet-week")


def days(name: str) -> set[date]:
    return set(read(name).scheduled_departure.dt.date)


def test_the_reference_is_21_whole_days_three_of_every_weekday() -> None:
    assert days("reference") == {date(2013, month, day) for month, numbers in REFERENCE_DAYS.items() for day in numbers}
    assert sorted(day.weekday() for day in days("reference")) == sorted([*range(7)] * 3)
    assert len(read("reference")) == 18_809


def test_the_quiet_week_is_one_of_every_weekday_and_in_nothing_else() -> None:
    assert days("quiet-week") == QUIET_DAYS
    assert {day.weekday() for day in QUIET_DAYS} == {*range(7)}
    assert len(read("quiet-week")) == 6_122


def test_training_is_all_other_days_of_the_first_quarter() -> None:
    quarter = {date.fromordinal(day) for day in range(date(2013, 1, 1).toordinal(), date(2013, 4, 1).toordinal())}
    assert days("training") == quarter - days("reference") - QUIET_DAYS
    assert len(read("training")) == 80_789 - 18_809 - 6_122
    assert read("training").late.notna().sum() == 54_357


def test_no_flight_is_in_two_files() -> None:
    ids = [set(read(name).flight_id) for name in ("training", "reference", "quiet-week", "year")]
    assert sum(map(len, ids)) == len(set().union(*ids)) == 336_776
    assert min(min(ids_of) for ids_of in ids) == "F000000"
    assert all(len(name) == 7 for name in set().union(*ids))


@pytest.mark.parametrize("name", ["training", "reference"])
def test_packaged_rows_meet_the_contract_exactly(name: str) -> None:
    rows = pq.read_table(ROWS / f"{name}.parquet")
    assert rows.schema.equals(conforming_schema(contract(), id=True, timestamp=True, target=True))


def test_the_contract_is_the_13_inputs() -> None:
    assert contract().feature_names == INPUTS
    assert contract().categorical == ("carrier", "origin", "dest")
    assert (contract().id, contract().timestamp, contract().target.name) == ("flight_id", "scheduled_departure", "late")
    assert contract().target.positive == "late"
    assert contract().block_days == 1
    assert all(feature.description and feature.input == feature.name for feature in contract().features)
    assert {f.name: f.unit for f in contract().features if f.name in WEATHER} == {
        "temp": "°F",
        "dewp": "°F",
        "humid": "%",
        "wind_speed": "mph",
        "precip": "in",
        "pressure": "hPa",
        "visib": "mi",
    }


def test_categories_are_those_of_training_and_reference() -> None:
    known = read("training")[read("training").late.notna()]
    for name in contract().categorical:
        assert set(contract().feature(name).categories) == set(known[name])
        assert set(read("reference")[name]) <= set(known[name])


@pytest.mark.parametrize("name", ["training", "reference", "july", "quiet-week"])
def test_day_and_minute_are_those_of_the_departure(name: str) -> None:
    rows = read(name)
    departure = rows.scheduled_departure
    assert (rows.dow == departure.dt.dayofweek + 1).all()
    assert (rows.sched_dep_min == departure.dt.hour * 60 + departure.dt.minute).all()


def test_the_registry_proves_version_1_and_uses_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    registry = Registry(PROJECT / "models", PROJECT / "reference_data", tmp_path_factory.mktemp("data"))
    assert registry.models() == ("flight-delay",)
    champion = registry.champion("flight-delay")
    assert champion.number == 1
    assert set(champion.manifest.files) == {"model.onnx", "contract.json", "reference.parquet", "training.parquet"}
    assert champion.manifest.parity.largest_difference <= 1e-6


@pytest.mark.parametrize("name", [*FILES, "year"])
def test_every_sample_is_read_without_loss(name: str) -> None:
    """No value counts as impossible: the Celsius feed is an unusual one, to be found by the check."""
    file = SAMPLES / ("year.parquet" if name == "year" else f"{name}.csv")
    reader = read_rows(file, contract(), name=file.name)
    rows = pa.Table.from_batches(reader.batches())
    assert (rows.num_rows, reader.report.rows_refused, reader.report.problems) == (len(read(name)), 0, ())
    assert reader.report.ignored_columns == ()
    times = rows["scheduled_departure"].to_numpy()
    assert (np.diff(times) >= np.timedelta64(0)).all()


@pytest.mark.parametrize(
    ("name", "cancelled"),
    [
        ("april", 0.03),
        ("july", 0.04),
        ("december", 0.04),
        ("quiet-week", 0.163),  # quiet for the model, not for the airlines: the blizzard of February 8 and 9
    ],
)
def test_labels_are_of_the_rows_and_only_known_ones(name: str, cancelled: float) -> None:
    labels = read_labels(SAMPLES / f"{name}-labels.csv", contract(), name="labels")
    assert labels.warnings == ()
    assert set(labels.ids.to_pylist()) <= set(read(name).flight_id)
    assert 1 - len(labels) / len(read(name)) == pytest.approx(cancelled, abs=0.005)
    everything = dict(zip(read("year").flight_id, read("year").late, strict=True))
    for flight, late in zip(labels.ids.to_pylist(), labels.values, strict=True):
        assert everything.get(flight, late) == late


def test_the_broken_feeds_differ_from_april_in_nothing_else() -> None:
    april, celsius, broken = read("april"), read("april-celsius"), read("april-broken-feed")
    assert celsius.drop(columns=["temp", "dewp"]).equals(april.drop(columns=["temp", "dewp"]))
    for name in ("temp", "dewp"):
        assert np.allclose(celsius[name] * 9 / 5 + 32, april[name], atol=0.1, equal_nan=True)
    assert broken.drop(columns=["carrier", "pressure"]).equals(april.drop(columns=["carrier", "pressure"]))
    assert (broken.carrier == april.carrier.str.lower()).all()
    kept = broken.pressure.notna()
    assert (broken.pressure[kept] == april.pressure[kept]).all()
    assert broken.pressure.isna().mean() == pytest.approx(0.444, abs=5e-4)


def test_the_list_of_samples_names_files_that_are_there() -> None:
    entries = json.loads((SAMPLES / "samples.json").read_text())
    assert [entry["key"] for entry in entries] == [*FILES, "year"]
    listed = {entry[name] for entry in entries for name in ("file", "labels") if entry[name]}
    assert listed == {path.name for path in SAMPLES.iterdir()} - {"samples.json"}
    for entry in entries:
        assert set(entry) == {"key", "title", "description", "file", "labels", "kind", "expected_story"}
        assert entry["kind"] == ("year" if entry["key"] == "year" else "file")
        assert entry["title"] and entry["description"] and entry["expected_story"]


def test_together_it_is_a_few_megabytes() -> None:
    files = [path for top in ("models", "reference_data") for path in (PROJECT / top).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 8e6
