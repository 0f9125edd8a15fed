"""Progress is written seldom, but the last word always gets there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from monitoring.errors import Cancelled, StoreFailed
from monitoring.history.reporting import LOG_KEPT, MESSAGE_LENGTH, Log, Reporter, logged
from tests.processes import wait_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Written:
    """Keeps what a reporter writes, and tells it whether to go on."""

    writes: list[tuple[float, str, Log]] = field(default_factory=list)
    go_on: bool = True

    def __call__(self, share: float, message: str, log: Log) -> bool:
        self.writes.append((share, message, log))
        return self.go_on


def make_reporter(written: Written, pause: float) -> Reporter:
    return Reporter(written, clock=lambda: NOON, log=[], pause=pause)


def test_a_flood_is_one_write_and_its_end_is_not_lost() -> None:
    written = Written()
    reporter = make_reporter(written, pause=0.5)
    for number in range(1_001):
        reporter.report(number / 1_000, f"row {number}")
    wait_until(lambda: written.writes[-1][:2] == (1.0, "row 1000"), "the last message is written")
    fewest, most = 2, 10
    assert fewest <= len(written.writes) <= most
    reporter.close()


def test_what_is_said_after_a_long_time_is_written_at_once() -> None:
    written = Written()
    reporter = make_reporter(written, pause=0.0)
    reporter.report(0.1, "reading")
    reporter.report(0.2, "reading")
    reporter.report(0.3, "scoring")
    assert [write[:2] for write in written.writes] == [(0.1, "reading"), (0.2, "reading"), (0.3, "scoring")]
    assert [message for _, message in written.writes[-1][2]] == ["reading", "scoring"]


def test_a_share_stays_between_nothing_and_all() -> None:
    written = Written()
    reporter = make_reporter(written, pause=0.0)
    for share in (-1.0, 7.0):
        reporter.report(share, "x")
    assert [write[0] for write in written.writes] == [0.0, 1.0]


def test_being_asked_to_stop_is_an_exception_for_the_work() -> None:
    written = Written(go_on=False)
    reporter = make_reporter(written, pause=0.0)
    with pytest.raises(Cancelled):
        reporter.report(0.1, "reading")


def test_what_could_not_be_kept_between_two_messages_is_tried_again_and_told_by_the_next() -> None:
    """However quickly they follow each other: the store may never be met by a message itself."""
    written, tried = Written(), 0

    def write(share: float, message: str, log: Log) -> bool:
        nonlocal tried
        tried += 1
        if tried in (2, 3):
            raise StoreFailed("The disk is full.")
        return written(share, message, log)

    reporter = Reporter(write, clock=lambda: NOON, log=[], pause=1.0)
    reporter.report(0.1, "one")
    reporter.report(0.2, "two")
    wait_until(lambda: tried == 2, "the second message is to be kept when the pause is over")
    with pytest.raises(StoreFailed):
        reporter.report(0.3, "three")
    reporter.report(0.4, "four")
    assert [message for _, message in written.writes[-1][2]] == ["one", "two", "three", "four"]
    assert len(written.writes) == 2
    reporter.close()


def test_a_closed_reporter_writes_nothing_any_more() -> None:
    written = Written()
    reporter = make_reporter(written, pause=0.0)
    reporter.report(0.1, "reading")
    assert [message for _, message in reporter.close()] == ["reading"]
    with pytest.raises(Cancelled):
        reporter.report(0.2, "scoring")


def test_the_log_keeps_the_latest_messages_and_cuts_long_ones() -> None:
    log: Log = []
    for number in range(LOG_KEPT + 50):
        log = logged(log, NOON, f"{number}" + "x" * MESSAGE_LENGTH)
    assert len(log) == LOG_KEPT
    assert log[0][1].startswith("50x")
    assert log[-1][1].startswith(f"{LOG_KEPT + 49}x")
    assert {len(message) for _, message in log} == {MESSAGE_LENGTH}
