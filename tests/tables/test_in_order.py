"""Threads that work on a stream: the results of a loop, its errors where it has them, bounded, never left running."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.errors import Cancelled, ModelRefused
from monitoring.tables.in_order import in_order


def squared_late(item: int) -> int:
    """The later items are done first."""
    time.sleep(0.001 * (item % 3 == 0))
    return item * item


@given(st.integers(0, 40), st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_results_come_in_the_order_of_the_items(count, threads, ahead) -> None:
    found = list(in_order(squared_late, range(count), threads=threads, ahead=ahead))
    assert found == [item * item for item in range(count)]


@given(st.integers(1, 5))
@settings(deadline=None)
def test_no_more_items_are_fetched_than_were_asked_for(ahead) -> None:
    fetched = taken = 0

    def items() -> Iterator[int]:
        nonlocal fetched
        for item in range(30):
            fetched += 1
            assert fetched - taken <= ahead
            yield item

    for _ in in_order(squared_late, items(), threads=2, ahead=ahead):
        taken += 1
    assert taken == 30


def items_until(last: int, error: BaseException) -> Iterator[int]:
    yield from range(last)
    raise error


def test_an_error_of_the_work_comes_after_all_results_before_it() -> None:
    def work(item: int) -> int:
        if item == 5:
            raise ModelRefused("the fifth")
        return item

    found = []
    with pytest.raises(ModelRefused, match="the fifth"):
        for result in in_order(work, range(100), threads=3):
            found.append(result)
    assert found == [0, 1, 2, 3, 4]


def test_a_stream_that_breaks_off_breaks_off_here_and_an_error_before_it_goes_first() -> None:
    with pytest.raises(OSError, match="unplugged"):
        list(in_order(squared_late, items_until(7, OSError("unplugged")), threads=2))

    def work(item: int) -> int:
        if item == 6:
            time.sleep(0.02)
            raise ModelRefused("first")
        return item

    with pytest.raises(ModelRefused, match="first"):
        list(in_order(work, items_until(7, OSError("unplugged")), threads=2))


@pytest.mark.parametrize("error", [Cancelled("stop"), KeyboardInterrupt()])
def test_who_stops_it_waits_for_nothing_that_has_not_begun(error: BaseException) -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        time.sleep(0.05)
        return item

    with pytest.raises(type(error)):
        list(in_order(work, items_until(4, error), threads=1, ahead=8))
    count = len(begun)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("rows")]
    time.sleep(0.06)
    assert len(begun) == count


def test_a_consumer_that_leaves_takes_the_threads_with_it() -> None:
    results = in_order(squared_late, range(1_000_000), threads=2)
    assert next(results) == 0
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("rows")]
