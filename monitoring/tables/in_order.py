"""Work on a stream by a few threads: bounded ahead, results in the order of the stream, errors where they belong."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], *, threads: int, ahead: int | None = None
) -> Generator[Result, None, None]:
    """`map(work, items)`, with the work done by threads while whoever asks fetches the next items.

    The items are fetched by the caller's own thread, so that what feeds it is never used by two at once; the work must
    be fit for several threads. An error of an item or of its work is raised where a loop would raise it: after all
    results before it, unless the stream itself was stopped. No work goes on when the iterator has ended or is closed.

    Args:
        work: from an item to a result.
        items: may be endless.
        threads: how many work.
        ahead: items that have been fetched and whose results have not been taken, at most; `threads` + 1 unless said.
    """
    most = threads + 1 if ahead is None else ahead
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="rows") as pool:
        try:
            for item in _until_error(items, waiting):
                waiting.append(pool.submit(work, item))
                while waiting and (len(waiting) >= most or waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _until_error(items: Iterable[Item], waiting: deque[Future[Result]]) -> Iterator[Item]:
    """The items. When fetching one fails, an error of work before it goes first, as in a loop."""
    try:
        yield from items
    except Exception:
        for future in waiting:
            future.result()
        raise
