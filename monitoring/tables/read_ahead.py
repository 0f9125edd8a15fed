"""The next pieces of a stream, fetched by a thread of their own while the last one is worked on."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _End:
    """The stream is over, or broke off."""

    error: BaseException | None = None


def read_ahead(items: Iterator[Item], most: int) -> Generator[Item, None, None]:
    """The same items in the same order, up to `most` of them fetched before they are asked for.

    An error of the stream is raised after all items before it. When the iterator is closed, fetching has ended.
    """
    fetched: SimpleQueue[Item | _End] = SimpleQueue()
    room, stopped = Semaphore(most), Event()

    def fetch() -> None:
        try:
            while True:
                room.acquire()
                if stopped.is_set():
                    return
                fetched.put(next(items))
        except StopIteration:
            fetched.put(_End())
        except BaseException as error:  # raised where the items are asked for
            fetched.put(_End(error))

    thread = Thread(target=fetch, name="read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = fetched.get()
            if isinstance(item, _End):
                break
            room.release()
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        room.release()
        thread.join()
