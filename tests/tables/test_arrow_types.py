"""Columns of every type that Arrow has, in the place of every kind of column: rows, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

from monitoring.errors import DriftlineError, TableRefused
from monitoring.tables import read_rows
from monitoring.tables.conforming import Conformer
from monitoring.tables.conversion import Converted
from monitoring.tables.preview import preview
from monitoring.tables.source import RawBatch
from monitoring.tables.sources import expected_columns
from monitoring.tables.uuids import uuid_texts
from monitoring.tables.zones import known_zone
from tests.tables.material import CONTRACT, problem, read
from tests.tables.ways_to_write import arrow, parquet, typed

ROWS = 20
COLUMNS = ("flight", "temp", "carrier", "departure", "late")
"""An id, a number, a category, a time and the outcome."""
UUIDS = [UUID(int=0xF81D4FAE_7DEC_41D0_A765_00A0C91E6B00 + place) for place in range(ROWS)]
NOON = datetime(2013, 4, 1, 12)
WRITERS = {"Parquet": parquet, "Feather": arrow, "Arrow stream": lambda table: arrow(table, stream=True)}


def same(value: object, kind: pa.DataType) -> pa.Array:
    """A column of one value."""
    return pa.array([value] * ROWS, kind)


def uuids() -> pa.Array:
    return pa.array([one.bytes for one in UUIDS], pa.binary(16)).cast(pa.uuid())


def runs(values: pa.Array) -> pa.Array:
    return pa.RunEndEncodedArray.from_arrays(pa.array([ROWS], pa.int32()), values)


def zoned(zone: str) -> pa.Array:
    return same(NOON, pa.timestamp("us")).cast(pa.timestamp("us", "UTC")).view(pa.timestamp("us", zone))


def extended(kind: pa.DataType, storage: pa.Array) -> pa.Array:
    return pa.ExtensionArray.from_storage(kind, storage)


TYPES: dict[str, pa.Array] = {
    "null": pa.nulls(ROWS),
    "bool": same(True, pa.bool_()),
    "int8": same(1, pa.int8()),
    "uint64": same(2**64 - 1, pa.uint64()),
    "half": same(1.5, pa.float16()),
    "decimal32": same(Decimal("1.5"), pa.decimal32(6, 2)),
    "decimal64": same(Decimal("1.5"), pa.decimal64(9, 2)),
    "decimal128": same(Decimal("1.5"), pa.decimal128(9, 2)),
    "decimal256": same(Decimal("1.5"), pa.decimal256(60, 2)),
    "decimal of tens": same(Decimal("150"), pa.decimal128(9, -1)),
    "date32": same(NOON.date(), pa.date32()),
    "date64": same(NOON.date(), pa.date64()),
    "time32": same(6, pa.time32("s")),
    "time64": same(6, pa.time64("ns")),
    "duration": same(6, pa.duration("ns")),
    "interval": same(pa.MonthDayNano([1, 2, 3]), pa.month_day_nano_interval()),
    "moments": same(NOON, pa.timestamp("ns")),
    "moments of utc": zoned("utc"),
    "moments of no zone": zoned("Mars/Olympus"),
    "text": same("1", pa.string()),
    "large text": same("1", pa.large_string()),
    "text view": same("1", pa.string_view()),
    "bytes of text": same(b"1", pa.binary()),
    "bytes of none": same(b"\xff\xfe", pa.binary()),
    "large bytes of none": same(b"\xff\xfe", pa.large_binary()),
    "bytes view": same(b"1", pa.binary_view()),
    "bytes view of none": same(b"\xff\xfe", pa.binary_view()),
    "four bytes of text": same(b"1234", pa.binary(4)),
    "four bytes of none": same(b"\xff\xfe\x00\x01", pa.binary(4)),
    "no bytes": same(b"", pa.binary(0)),
    "uuid": uuids(),
    "uuid bytes": uuids().storage,
    "json": extended(pa.json_(), same('{"a": 1}', pa.string())),
    "bool8": extended(pa.bool8(), same(1, pa.int8())),
    "opaque": extended(pa.opaque(pa.binary(), "point", "maps"), same(b"\xff", pa.binary())),
    "tensor": extended(pa.fixed_shape_tensor(pa.int8(), [2]), same([1, 2], pa.list_(pa.int8(), 2))),
    "list": same([1], pa.list_(pa.int8())),
    "large list": same([1], pa.large_list(pa.int8())),
    "list view": same([1], pa.list_view(pa.int8())),
    "list of two": same([1, 2], pa.list_(pa.int8(), 2)),
    "struct": same({"a": 1}, pa.struct({"a": pa.int8()})),
    "map": same([("a", 1)], pa.map_(pa.string(), pa.int8())),
    "dense union": pa.UnionArray.from_dense(
        pa.array([0] * ROWS, pa.int8()), pa.array([0] * ROWS, pa.int32()), [pa.array([1])]
    ),
    "sparse union": pa.UnionArray.from_sparse(pa.array([0] * ROWS, pa.int8()), [same(1, pa.int8())]),
    "codes of text": same("1", pa.string()).dictionary_encode(),
    "codes of numbers": same(1, pa.int8()).dictionary_encode(),
    "codes of bytes": same(b"\xff", pa.binary()).dictionary_encode(),
    "codes of four bytes": same(b"\xff\xfe\x00\x01", pa.binary(4)).dictionary_encode(),
    "codes of moments": zoned("utc").dictionary_encode(),
    "runs of text": runs(pa.array(["1"])),
    "runs of numbers": runs(pa.array([1.5])),
    "runs of moments": runs(zoned("GMT+02:00")[:1]),
    "runs of bytes": runs(pa.array([b"\xff"])),
    "runs of nothing": runs(pa.nulls(1)),
    "runs of intervals": runs(pa.array([pa.MonthDayNano([1, 2, 3])])),
}


def with_column(name: str, values: pa.Array) -> pa.Table:
    """Good rows with outcomes, one column of them replaced."""
    table = typed().append_column("late", pa.array([1, 0] * (ROWS // 2)))
    return table.set_column(table.schema.get_field_index(name), pa.field(name, values.type), values)


def storable(kind: str, writer: str) -> bool:
    """Whether a format has such a type."""
    try:
        WRITERS[writer](pa.table({"x": TYPES[kind]}))
    except (pa.ArrowException, OSError):
        return False
    return True


STORED = [(kind, writer) for kind in TYPES for writer in WRITERS if storable(kind, writer)]


def test_nearly_every_type_can_be_stored_in_every_format() -> None:
    assert len(STORED) >= 0.9 * len(TYPES) * len(WRITERS)


@pytest.mark.parametrize(("kind", "writer"), STORED)
def test_every_type_gives_rows_or_a_sentence(kind: str, writer: str, tmp_path: Path) -> None:
    """Never an error of ours; what is refused says which column it is, and what is not refused loses no row."""
    for name in COLUMNS:
        data = WRITERS[writer](with_column(name, TYPES[kind]))
        try:
            table, report = read(tmp_path, data)
        except DriftlineError as refused:
            assert f"july.csv: {name} holds " in str(refused)
            assert "damaged" not in str(refused)
        else:
            assert (table.num_rows, report.rows_refused) == (ROWS, 0)
            lost = table[name].null_count
            told = sum(one.count for one in report.problems if one.column == name and one.rule != "impossible")
            assert kind in ("null", "runs of nothing", "no bytes") or not lost or told == lost
        assert preview(tmp_path / "upload", expected_columns(CONTRACT), name="july.csv").rows


@pytest.mark.parametrize("writer", WRITERS)
def test_uuids_are_written_as_usual(writer: str, tmp_path: Path) -> None:
    table, report = read(tmp_path, WRITERS[writer](with_column("flight", uuids())))
    assert table["flight"].to_pylist() == list(map(str, UUIDS))
    assert report.problems == ()


def test_uuids_of_other_writers_are_uuids(tmp_path: Path) -> None:
    """Parquet itself tells a UUID; nothing of Arrow need stand in the file."""
    table, _ = read(tmp_path, parquet(with_column("flight", uuids()), store_schema=False))
    assert table["flight"].to_pylist() == list(map(str, UUIDS))


def test_uuids_with_gaps_and_none() -> None:
    some = pa.array([one.bytes if place % 3 else None for place, one in enumerate(UUIDS)], pa.binary(16))
    wanted = [str(one) if place % 3 else None for place, one in enumerate(UUIDS)]
    assert uuid_texts(some).to_pylist() == wanted
    assert uuid_texts(some.slice(4, 7)).to_pylist() == wanted[4:11]
    assert uuid_texts(some.slice(4, 0)).to_pylist() == []


def test_uuids_are_no_numbers(tmp_path: Path) -> None:
    _, report = read(tmp_path, arrow(with_column("temp", uuids())))
    assert problem(report, "temp", "not_a_number").examples[0].value == str(UUIDS[0])


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("utc", 12), ("Z", 12), ("gmt", 12), ("UTC+01:00", 13), ("GMT+02:00", 14), ("UTC-0230", 9), ("+05:30", 17),
     ("+0530", 17), ("-04", 8), ("Europe/Paris", 14)],
)  # fmt: skip
def test_zones_under_other_names(zone: str, hour: int, tmp_path: Path) -> None:
    """The hours are those that the clocks of the zone showed, as with every zone."""
    for write in (parquet, arrow):
        table, report = read(tmp_path, write(with_column("departure", zoned(zone))))
        assert table["departure"][0].as_py().hour == hour
        assert report.facts == ("departure: times are shown in the time zone of their column, as the hours there.",)


@pytest.mark.parametrize("zone", ["Eastern Standard Time", "Mars/Olympus", "GMT+2", "UTC+1", "+25:00", "UTC+01:75"])
def test_a_zone_that_is_not_known_is_named(zone: str, tmp_path: Path) -> None:
    assert known_zone(zone) is None
    for write in (parquet, arrow):
        with pytest.raises(TableRefused, match=r"july.csv: departure holds times of the zone") as refused:
            read(tmp_path, write(with_column("departure", zoned(zone))))
        assert f'"{zone}"' in str(refused.value)
        assert "UTC" in str(refused.value)


@pytest.mark.parametrize("write", [parquet, arrow])
def test_bytes_that_are_no_text_are_no_damage(write: Callable[[pa.Table], bytes], tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match=r"flight holds bytes \(binary\), not text or numbers; write"):
        read(tmp_path, write(with_column("flight", TYPES["bytes of none"])))


def test_bytes_of_one_length_are_told_as_text(tmp_path: Path) -> None:
    """And other bytes that nobody needs are no reason to refuse."""
    table = with_column("flight", TYPES["four bytes of text"]).append_column("shape", TYPES["bytes of none"])
    table, report = read(tmp_path, parquet(table))
    assert preview(tmp_path / "upload", expected_columns(CONTRACT), name="july.parquet").rows[0][-1] == r"\xff\xfe"
    assert set(table["flight"].to_pylist()) == {"1234"}
    assert problem(report, "flight", "duplicate_id").examples[0].value == "1234"


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [
        ("temp", "four bytes of text", "temp holds bytes (fixed_size_binary[4]), not numbers; write it as numbers."),
        ("flight", "uuid bytes", "flight holds bytes (fixed_size_binary[16]), not text or numbers;"),
        ("late", "interval", "late holds month_day_nano_interval, not text or numbers;"),
        ("departure", "interval", "departure holds month_day_nano_interval, not times; write it as times."),
    ],
)
def test_a_type_that_cannot_be_converted_is_named(column: str, kind: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(TableRefused) as refused:
        read(tmp_path, arrow(with_column(column, TYPES[kind])))
    assert f"july.csv: {words}" in str(refused.value)


@pytest.mark.parametrize("error", [pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError])
def test_whatever_a_conversion_raises_names_the_column(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types that Arrow may have one day."""

    def fails(*_: object, **__: object) -> Converted:
        raise error("no kernel")

    path = tmp_path / "upload"
    path.write_bytes(parquet(typed()))
    monkeypatch.setattr("monitoring.tables.conforming.convert_categories", fails)
    reader = read_rows(path, CONTRACT, name="july.parquet")
    with pytest.raises(TableRefused, match=r"july.parquet: carrier holds string, not text or numbers"):
        list(reader.batches())


def test_a_batch_that_cannot_be_converted_changes_no_count() -> None:
    schema = pa.schema([("temp", pa.float64())])
    conformer = Conformer(CONTRACT, schema, {}, label="july")
    with pytest.raises(TableRefused, match="july: temp holds"):
        conformer.conform(RawBatch((same(b"1234", pa.binary(4)),), pa.array(range(ROWS)).to_numpy(), 1.0))
    assert conformer.tally.rows == 0
