"""What is kept in memory: made once, within its bound, by one thread at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from monitoring.workflows.kept import Kept


def test_a_value_is_made_once_and_the_oldest_goes_first() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key

    kept: Kept[str, str] = Kept(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, lambda key=key: make(key)) == key  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]
    assert "a" in kept
    assert "c" not in kept


def test_what_weighs_more_than_all_may_is_not_kept_and_costs_nobody_his_place() -> None:
    kept: Kept[str, str] = Kept(4, len)
    kept.get("a", lambda: "aaa")
    assert kept.get("b", lambda: "bbbbb") == "bbbbb"
    assert "a" in kept
    assert "b" not in kept


def test_what_is_looked_for_is_not_made_and_counts_as_used() -> None:
    kept: Kept[str, str] = Kept(2)
    assert kept.known("a") is None
    for key in ("a", "b"):
        kept.get(key, lambda: "made")
    assert kept.known("a") == "made"
    kept.get("c", lambda: "made")
    assert (kept.known("a"), kept.known("b")) == ("made", None)


def test_of_two_threads_that_ask_at_once_one_works() -> None:
    begun, go, made = Event(), Event(), []

    def slow() -> int:
        made.append(1)
        begun.set()
        assert go.wait(10)
        return 7

    kept: Kept[str, int] = Kept(9)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(kept.get, "a", slow)
        assert begun.wait(10)
        second = pool.submit(kept.get, "a", slow)
        go.set()
        assert (first.result(10), second.result(10)) == (7, 7)
    assert made == [1]


def test_a_failure_is_not_kept() -> None:
    kept: Kept[str, int] = Kept(9)
    with pytest.raises(ValueError, match="no"):
        kept.get("a", lambda: int("no"))
    assert kept.get("a", lambda: 1) == 1
