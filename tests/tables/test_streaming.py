"""Large files: block after block, with row numbers, duplicates and progress that hold across blocks."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest

from monitoring.errors import Cancelled, TableRefused
from monitoring.tables import read_rows
from monitoring.tables.csv_parsing import BLOCK_BYTES
from monitoring.tables.parquet_source import BATCH_ROWS
from monitoring.tables.report import EXAMPLES_KEPT, REFUSED_ROWS_KEPT
from tests.tables.material import CONTRACT, bytes_of, good_rows, opened, problem, read, text_of

COUNT = 180_000


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The lines of a large file, header first."""
    return text_of(good_rows(COUNT)).splitlines()


@pytest.fixture(scope="module")
def clean(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.csv"
    path.write_text("\n".join(lines))
    assert path.stat().st_size > 2 * BLOCK_BYTES
    return path


def test_blocks_hold_all_rows_in_order(lines: list[str], clean: Path) -> None:
    batches = list(read_rows(clean, CONTRACT, name="large.csv").batches())
    assert len(batches) > 2
    assert [name for batch in batches for name in batch.column("flight").to_pylist()] == [
        line.split(",")[0] for line in lines[1:]
    ]


def test_progress_counts_rows_and_grows(clean: Path) -> None:
    told: list[tuple[float, str]] = []
    reader = read_rows(clean, CONTRACT, name="x", progress=lambda share, message: told.append((share, message)))
    list(reader.batches())
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert told[-1][1] == "Reading: 180,000 rows"


def test_a_person_can_stop_it(clean: Path) -> None:
    def stop(share: float, message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list(read_rows(clean, CONTRACT, name="x", progress=stop).batches())


def test_reading_begun_and_left_takes_nothing_from_the_next(clean: Path) -> None:
    """pyarrow reads ahead in a thread: what is left open must not read on in the file that is opened next."""
    for _ in range(8):
        batches = read_rows(clean, CONTRACT, name="x").batches()
        next(batches)
        batches.close()
        assert sum(batch.num_rows for batch in read_rows(clean, CONTRACT, name="x").batches()) == COUNT


def test_one_bad_value_late_costs_no_row_and_no_other_value(lines: list[str], tmp_path: Path) -> None:
    spoiled = list(lines)
    spoiled[150_000] = spoiled[150_000].replace(".5,", "warm,")
    table, report = read(tmp_path, "\n".join(spoiled).encode())
    assert (table.num_rows, report.rows_refused) == (COUNT, 0)
    assert table["temp"].null_count == 1
    assert table["temp"][149_999].as_py() is None
    (example,) = problem(report, "temp", "not_a_number").examples
    assert (example.row, example.value) == (150_000, lines[150_000].split(",")[4].replace(".5", "warm"))


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    reader = opened(tmp_path, bytes_of(good_rows()) + b"F0,2013-04-01,UA\n")
    first = list(reader.batches()), reader.report
    assert (list(reader.batches()), reader.report) == first
    assert first[1].rows_read == 21


def test_row_numbers_count_the_rows_set_aside(lines: list[str], tmp_path: Path) -> None:
    spoiled = list(lines)
    cut, words = [3, 4, 70_000, 140_000], [2, 5, 69_999, 70_001, 139_999, 180_000]
    for row in cut:
        spoiled[row] = spoiled[row].rsplit(",", 3)[0]
    for row in words:
        spoiled[row] = spoiled[row].replace(".5,", f"warm {row},")
    _, report = read(tmp_path, "\n".join(spoiled).encode())
    assert [example.row for example in problem(report, "", "field_count").examples] == cut
    assert [(e.row, e.value[2:]) for e in problem(report, "temp", "not_a_number").examples] == [
        (row, f"warm {row}") for row in words
    ]
    assert [refused.row for refused in report.refused_rows] == cut
    assert dict(report.refused_rows[0].cells) == {"flight": "F2", "departure": "2013-04-03 06:30:00", "carrier": "AA",
                                                  "dest": "BOS"}  # fmt: skip


def test_duplicates_across_blocks(lines: list[str], tmp_path: Path) -> None:
    spoiled = list(lines)
    for row, name in {180_000: "F0", 100_001: "F99999", 50_000: "", 50_001: ""}.items():
        spoiled[row] = name + spoiled[row][spoiled[row].index(",") :]
    _, report = read(tmp_path, "\n".join(spoiled).encode())
    found = problem(report, "flight", "duplicate_id")
    assert (found.count, found.sets_row_aside) == (2, False)
    assert [(e.row, e.value) for e in found.examples] == [(100_001, "F99999"), (180_000, "F0")]


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    spoiled = good_rows(12_000)
    for row in spoiled[::6]:
        row[6] = ""
    _, report = read(tmp_path, bytes_of(spoiled))
    assert (report.rows_refused, report.rows) == (2_000, 10_000)
    assert len(report.refused_rows) == REFUSED_ROWS_KEPT
    assert len(problem(report, "distance", "missing_not_allowed").examples) == EXAMPLES_KEPT


def test_a_row_longer_than_a_block_names_its_column(tmp_path: Path) -> None:
    rows = good_rows()
    rows[5][3] = "A" * (2 * BLOCK_BYTES + 1)
    with pytest.raises(TableRefused, match=r"after row 5 is longer than 4 MB, its longest cell stands in dest"):
        list(opened(tmp_path, bytes_of(rows)).batches())


def test_most_rows_unfit_is_noticed_before_the_end(lines: list[str], tmp_path: Path) -> None:
    reader = opened(tmp_path, "\n".join([*lines[:10], *(line + ",1" for line in lines[10:20_000])]).encode())
    with pytest.raises(TableRefused, match="another number of fields"):
        next(iter(reader.batches()))


def test_parquet_in_batches(clean: Path, tmp_path: Path) -> None:
    table = pyarrow.Table.from_batches(read_rows(clean, CONTRACT, name="x").batches())
    path = tmp_path / "rows.bin"
    pyarrow.parquet.write_table(table, path)
    reader = read_rows(path, CONTRACT, name="rows.bin")
    batches = list(reader.batches())
    assert [batch.num_rows for batch in batches] == [BATCH_ROWS, BATCH_ROWS, COUNT - 2 * BATCH_ROWS]
    assert pyarrow.Table.from_batches(batches).equals(table)
    assert reader.report.rows_read == COUNT
