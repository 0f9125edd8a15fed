"""A dropped file is begun once and not lost, whatever becomes of the run that found it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from dashboard.arrivals import ARRIVALS, Arrival
from dashboard.drops import PLACES, Drop, DropBox, Outcome
from monitoring.errors import StoreFailed
from monitoring.history.uploads import Uploads

LED = Outcome({"check": "1"})


class BrokenOff(Exception):
    """What Streamlit raises at any look into the session when the person did something else."""


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    yield Uploads(tmp_path)
    ARRIVALS.clear()


def lying(uploads: Uploads, content: bytes, file_id: str) -> UploadedFile:
    """A file as the page finds it in a zone, when it came over HTTP."""
    writer = uploads.begin()
    writer.write(content)
    writer.finish()
    ticket = ARRIVALS.add(Arrival(f"/{file_id}", "session", writer))
    return UploadedFile(UploadedFileRec(file_id, f"{file_id}.csv", "text/csv", ticket), FileURLs())


def keeping(uploads: Uploads, began: list[str]) -> Callable[[Drop], Outcome]:
    def keep(drop: Drop) -> Outcome:
        began.extend(dropped.keep(uploads) for dropped in (drop.rows, drop.labels) if dropped)
        return LED

    return keep


def dropped(box: DropBox, zones: Mapping[str | None, object]) -> Drop | None:
    """The first drop that waits after a run has looked into the zones."""
    box.collect(zones.get, look=False)
    return next(iter(box.waiting()), None)


def halves(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if len(path.name) != 64]


def test_rows_take_the_outcomes_that_lie_there_and_leave_empty_zones(uploads: Uploads, tmp_path: Path) -> None:
    box = DropBox()
    place = box.place(model="m")
    zones = {place.labels: lying(uploads, b"outcomes", "late")}
    assert dropped(box, zones) is None, "outcomes alone wait"
    assert box.place(model="m") == place, "where they lie"
    zones[place.rows or ""] = lying(uploads, b"rows", "july")
    drop = dropped(box, zones)
    assert drop is not None
    assert drop.place == place
    assert {box.place(model="m").rows, box.place(model="m").labels}.isdisjoint(zones)
    kept: list[str] = []
    assert drop.begin(keeping(uploads, kept)) == LED
    assert [(tmp_path / sha).read_bytes() for sha in kept] == [b"rows", b"outcomes"]
    box.done_with(drop)
    box.done_with(drop)
    assert dropped(box, zones) is None, "the zone shows it until it is drawn anew"


def test_a_run_that_is_broken_off_at_any_look_into_the_session_loses_nothing(uploads: Uploads) -> None:
    box = DropBox()
    place = box.place(model="m")
    zones = {place.labels: lying(uploads, b"outcomes", "late"), place.rows: lying(uploads, b"rows", "july")}
    looks = 0
    for end in range(len(zones)):

        def broken_off(key: str, end: int = end) -> object:
            nonlocal looks
            looks += 1
            if looks > end:
                raise BrokenOff
            return zones.get(key)

        looks = 0
        with pytest.raises(BrokenOff):
            box.collect(broken_off, look=False)
    drop = dropped(box, zones)
    assert drop is not None
    assert dropped(box, zones) is drop, "until it is done with every run finds it"
    assert (drop.rows and drop.rows.name, drop.labels and drop.labels.name) == ("july.csv", "late.csv")
    assert drop.begin(keeping(uploads, [])) == LED


def test_runs_that_overlap_begin_a_drop_once_and_all_learn_what_came_of_it(uploads: Uploads) -> None:
    box = DropBox()
    place = box.place(model="m")
    zones = {place.rows: lying(uploads, b"rows", "july")}
    together, began = Barrier(8, timeout=60), list[str]()

    def run(_: int) -> Outcome:
        together.wait()
        drop = dropped(box, zones)
        assert drop is not None
        outcome = drop.begin(keeping(uploads, began))
        together.wait()
        box.done_with(drop)
        return outcome

    with ThreadPoolExecutor(8) as runs:
        assert list(runs.map(run, range(8))) == [LED] * 8
    assert len(began) == 1


def test_of_what_fails_unforeseen_nothing_stays_and_nothing_is_tried_again(uploads: Uploads, tmp_path: Path) -> None:
    box = DropBox()
    place = box.place(model="m")
    drop = dropped(box, {place.rows: lying(uploads, b"rows", "july")})
    assert drop is not None

    def fail(_: Drop) -> Outcome:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        drop.begin(fail)
    assert list(tmp_path.iterdir()) == []
    assert drop.begin(keeping(uploads, [])).problem == "july.csv could not be taken in: drop it again."


@pytest.mark.parametrize(
    "drawn",
    [
        [{"model": "other"}, {"model": "this"}],
        [{"model": "this"}, {"model": "other"}, {"model": "this"}],
        [{"model": "this"}, {"model": "this", "check": "refused"}, {"model": "this"}],
        [{"model": "this"}, *({"model": f"{other}"} for other in range(PLACES)), {"model": "this"}],
        [{"check": "other"}, {"check": "this"}, {"model": "this"}],
        [{"check": "this"}, {"check": "other"}, {"check": "this"}],
    ],
)
def test_a_file_belongs_to_the_zone_as_it_was_drawn_last(uploads: Uploads, drawn: list[dict[str, str]]) -> None:
    box = DropBox()
    for asked in drawn:
        place = box.place(model=asked.get("model"), check=asked.get("check"))
    drop = dropped(box, {place.rows or place.labels: lying(uploads, b"rows", "july")})
    assert drop is not None
    assert drop.place == place
    assert "this" in (drop.place.model, drop.place.check)
    assert drop.place.check in (None, "this")


def test_only_rows_are_looked_at_first(uploads: Uploads) -> None:
    box = DropBox()
    start, result = box.place(model="m"), box.place(check="42")
    zones: dict[str | None, object] = {result.labels: lying(uploads, b"outcomes", "late")}
    box.collect(zones.get, look=True)
    zones[start.rows] = lying(uploads, b"rows", "july")
    box.collect(zones.get, look=True)
    assert [(drop.name, drop.look) for drop in box.waiting()] == [("late.csv", False), ("july.csv", True)]


def test_a_file_that_was_on_its_way_when_the_zone_was_emptied_is_found_all_the_same(uploads: Uploads) -> None:
    box = DropBox()
    place = box.place(model="m")
    first = dropped(box, {place.rows: lying(uploads, b"rows", "july")})
    assert first is not None
    box.place(model="m")
    box.done_with(first)
    second = dropped(box, {place.rows: lying(uploads, b"others", "august")})
    assert second is not None
    assert second.rows is not None
    assert second.rows.name == "august.csv"


def test_outcomes_that_come_later_belong_to_the_check_that_is_shown(uploads: Uploads) -> None:
    box = DropBox()
    place = box.place(check="42")
    drop = dropped(box, {place.labels: lying(uploads, b"outcomes", "late")})
    assert drop is not None
    assert (drop.rows, drop.labels and drop.labels.name, drop.place.check) == (None, "late.csv", "42")


def test_a_file_whose_ticket_is_no_longer_good_says_so(uploads: Uploads) -> None:
    box = DropBox()
    place = box.place(model="m")
    rows = lying(uploads, b"rows", "july")
    ARRIVALS.clear()
    lost = DeletedFile("late")
    drop = dropped(box, {place.rows: rows, place.labels: lost})
    assert drop is not None
    assert drop.rows is not None
    assert drop.labels is not None
    with pytest.raises(StoreFailed, match=r"july\.csv is no longer here: drop it again"):
        drop.rows.keep(uploads)
    with pytest.raises(StoreFailed, match="outcomes are no longer here"):
        drop.labels.keep(uploads)


def test_a_session_that_ends_takes_its_drops_with_it(uploads: Uploads, tmp_path: Path) -> None:
    box: DropBox | None = DropBox()
    assert box is not None
    place = box.place(model="m")
    assert dropped(box, {place.rows: lying(uploads, b"rows", "july")}) is not None
    assert len(halves(tmp_path)) == 1
    box = None
    gc.collect()
    assert halves(tmp_path) == []
