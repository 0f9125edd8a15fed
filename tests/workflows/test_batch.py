"""The rows of a check go by once: cuts and threads change nothing, and what breaks in the middle breaks off cleanly."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.errors import Cancelled, ModelRefused, TableRefused
from monitoring.progress import silent
from monitoring.tables.conforming import ConformedBatch
from monitoring.tables.labels import Labels, read_labels
from monitoring.tables.reader import read_rows
from monitoring.tables.report import ReadReport
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows import batch as batch_module
from monitoring.workflows import pictures
from monitoring.workflows.batch import Batch, read_batch
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.loaded import Loaded
from monitoring.workflows.parts import Driftline
from monitoring.workflows.pictures import draw_columns
from tests.profiles.test_profile import same

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"


@pytest.fixture(scope="module")
def driftline(tmp_path_factory: pytest.TempPathFactory) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path_factory.mktemp("data"))}))


@pytest.fixture(scope="module")
def loaded(driftline: Driftline) -> Loaded:
    return driftline.loaded.get(driftline.registry.champion(MODEL))


@pytest.fixture(scope="module")
def july(loaded: Loaded) -> ConformedBatch:
    """July's rows as they come from the file."""
    reader = read_rows(SAMPLES / "july.csv", loaded.version.contract, name="july.csv")
    (whole,) = reader.read()
    return whole


@pytest.fixture(scope="module")
def labels(loaded: Loaded) -> Labels:
    return read_labels(SAMPLES / "july-labels.csv", loaded.version.contract, name="labels")


class Rows:
    """A reader of these batches; what is no batch is raised."""

    def __init__(self, *batches: ConformedBatch | Exception) -> None:
        self._batches = batches
        self.report = ReadReport(file_name="rows", rows_read=0, rows_refused=0)

    def read(self, *, threads: int) -> Iterator[ConformedBatch]:
        for batch in self._batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch


def cut(whole: ConformedBatch, places: list[int]) -> Rows:
    """The rows in batches that end at these places, each with a dictionary of its own."""
    ends = [0, *sorted(places), whole.rows.num_rows]
    return Rows(*(coded_anew(whole.rows.slice(a, b - a)) for a, b in itertools.pairwise(ends) if b > a))


def coded_anew(rows: Any) -> ConformedBatch:
    columns = [
        column.cast(pa.string()).dictionary_encode() if pa.types.is_dictionary(column.type) else column
        for column in rows.columns
    ]
    return ConformedBatch(pa.record_batch(columns, schema=rows.schema), {})


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    def choose(chunk: int, threads: int) -> None:
        monkeypatch.setattr(batch_module, "CHUNK_ROWS", chunk)
        monkeypatch.setattr(batch_module, "working_threads", lambda: threads)

    return choose


def equal(one: Batch, other: Batch) -> bool:
    assert same(one.profile, other.profile)
    assert one.performance.measured() == other.performance.measured()
    mine, yours = one.sample.table(), other.sample.table()
    assert mine is not None
    assert yours is not None
    return bool(mine.to_pandas().equals(yours.to_pandas())) and one.report.warnings == other.report.warnings


@given(st.data())
@settings(max_examples=8, deadline=None)
def test_neither_cuts_nor_chunks_nor_threads_change_a_result(driftline, loaded, july, labels, data) -> None:
    once = read_batch(Rows(july), loaded, labels)
    places = data.draw(st.lists(st.integers(0, july.rows.num_rows), max_size=6))
    chunk, threads = data.draw(st.sampled_from([1, 700, 4_000, 1 << 16])), data.draw(st.integers(1, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_module, "CHUNK_ROWS", chunk)
        patch.setattr(batch_module, "working_threads", lambda: threads)
        assert equal(read_batch(cut(july, places), loaded, labels), once)


def test_threads_change_no_picture(loaded, july, monkeypatch) -> None:
    monkeypatch.setattr(pictures, "THREADED_FROM", 1)
    batch = read_batch(Rows(july), loaded, None)
    values = batch.values(loaded.version.contract)
    one, other = (draw_columns(loaded.reference, batch.profile, values, threads=threads) for threads in (1, 3))
    assert one == other
    assert one.keys() == batch.profile.columns.keys()


def test_a_reader_that_fails_in_the_middle(loaded, july, working) -> None:
    working(1_000, 2)
    parts = [ConformedBatch(july.rows.slice(start, 1_000), {}) for start in (0, 1_000, 2_000)]
    with pytest.raises(TableRefused, match="cut off"):
        read_batch(Rows(*parts, TableRefused("rows is cut off")), loaded, None)
    assert not working_now()


def test_a_model_that_fails_on_some_rows(loaded, july, working, monkeypatch) -> None:
    working(1_000, 3)
    score, bad = type(loaded.scorer).score, july.rows.column("flight_id")[2_500]

    def failing(scorer: Any, batch: Any) -> Any:
        if bad in batch.column("flight_id"):
            raise ModelRefused("The model failed on the rows.")
        return score(scorer, batch)

    monkeypatch.setattr(type(loaded.scorer), "score", failing)
    with pytest.raises(ModelRefused, match="failed on the rows"):
        read_batch(cut(july, list(range(1_000, 6_000, 1_000))), loaded, None)
    assert not working_now()


def test_a_person_who_stops_it_in_the_middle_leaves_nothing(driftline, loaded, working, tmp_path: Path) -> None:
    working(1_000, 2)
    lines = (SAMPLES / "july.csv").read_text().splitlines(keepends=True)
    file = tmp_path / "long.csv"
    file.write_text(lines[0] + "".join(lines[1:]) * 20)
    order = order_check(driftline, upload=driftline.uploads.save(file.read_bytes()), file_name="long", model=MODEL)
    told: list[str] = []

    def stop(share: float, message: str) -> None:
        told.append(message)
        if len(told) == 4:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        check_and_record(driftline, order, stop)
    assert any(message.startswith("Reading") for message in told)
    assert not driftline.history.has_check(order.id)
    assert not working_now()
    assert check_and_record(driftline, order, silent)["check"] == order.id


def working_now() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("rows", "read-ahead"))]


def test_no_rows_at_all_are_refused(loaded, july) -> None:
    with pytest.raises(TableRefused, match="no row could be used"):
        read_batch(Rows(), loaded, None)
    with pytest.raises(TableRefused, match="no row could be used"):
        read_batch(Rows(ConformedBatch(july.rows.slice(0, 0), {})), loaded, None)


def test_texts_that_are_no_numbers_add_up_over_batches(loaded, july) -> None:
    temp = july.rows.schema.get_field_index("temp")
    without = july.rows.set_column(temp, july.rows.schema.field(temp), pa.nulls(july.rows.num_rows, pa.float64()))
    parts = [ConformedBatch(without.slice(start, 1_500), {"temp": 7}) for start in range(0, 6_000, 1_500)]
    counts = read_batch(Rows(*parts), loaded, None).profile.columns["temp"]
    assert (counts.not_numbers, counts.missing) == (28, 6_000)
    assert np.all(counts.cells == 0)
