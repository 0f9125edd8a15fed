"""A thread that fetches ahead: the same items, bounded, errors in their place, and gone when nobody asks any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.tables.read_ahead import read_ahead


def fetching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


@given(st.integers(0, 50), st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_the_same_items_and_no_more_of_them_than_asked_for(count, most) -> None:
    fetched = taken = 0

    def items() -> Iterator[int]:
        nonlocal fetched
        for item in range(count):
            fetched += 1
            assert fetched - taken <= most + 1  # the one that is being worked on
            yield item

    found = []
    for item in read_ahead(items(), most):
        found.append(item)
        taken += 1
    assert found == list(range(count))
    assert not fetching()


@pytest.mark.parametrize("error", [OSError("unplugged"), KeyboardInterrupt()])
def test_an_error_comes_after_the_items_before_it(error: BaseException) -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise error

    found = []
    with pytest.raises(type(error)):
        for item in read_ahead(items(), 2):
            found.append(item)
    assert found == [0, 1, 2]
    assert not fetching()


def test_who_leaves_ends_the_fetching() -> None:
    fetched: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1_000_000):
            fetched.append(item)
            yield item

    ahead = read_ahead(items(), 3)
    assert next(ahead) == 0
    ahead.close()
    assert not fetching()
    count = len(fetched)
    time.sleep(0.02)
    assert len(fetched) == count <= 5
