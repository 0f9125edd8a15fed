"""Many wait for their jobs: one look at a time for all of them, and each hears of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

import pytest

from dashboard.routes import job_watch
from dashboard.routes.job_watch import JobWatch, Known
from monitoring.errors import StoreFailed


class Store:
    """Marks that change, and what was asked for."""

    def __init__(self, **marks: str) -> None:
        self.now = marks
        self.looks: list[set[str]] = []
        self.fails = 0

    def marks(self, jobs: Collection[str]) -> Mapping[str, str]:
        self.looks.append(set(jobs))
        if self.fails:
            self.fails -= 1
            raise StoreFailed("The database is busy.") if self.fails else RuntimeError
        return {job: self.now[job] for job in jobs if job in self.now}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_watch, "LOOK", 0.01)


async def done_in_order(watch: JobWatch, known: Mapping[str, Known], log: list[str], seconds: float = 60) -> None:
    async def one(name: str, what: Known) -> None:
        await watch.wait(what, seconds)
        log.append(name)

    await asyncio.gather(*(one(*pair) for pair in known.items()))


def test_each_hears_of_its_own_and_all_share_the_looks() -> None:
    store = Store(a="running 1", b="running 1", c="running 1")
    watch, log = JobWatch(store.marks), list[str]()
    known = {name: Known(name[0], "running 1", until_end=name.endswith("end")) for name in ("a", "a-end", "b", "c")}

    async def heard(people: int) -> None:
        while len(log) < people:
            await asyncio.sleep(0.001)

    async def scene() -> None:
        everybody = asyncio.create_task(done_in_order(watch, known, log))
        for people, changed in enumerate(({"b": "running 2"}, {"a": "running 2"}, {"a": "done 3"}), 1):
            store.now.update(changed)
            await heard(people)
        del store.now["c"]
        await everybody

    asyncio.run(scene())
    assert log == ["b", "a", "a-end", "c"], "a job that is deleted has changed too"
    assert store.looks[0] == {"a", "b", "c"}, "one look for all"
    assert store.looks[-1] == {"c"}


def test_nobody_waits_longer_than_asked_for_and_nobody_looks_for_nobody() -> None:
    store = Store(a="running 1")
    watch, log = JobWatch(store.marks), list[str]()

    async def scene() -> None:
        await done_in_order(watch, {"a": Known("a", "running 1", until_end=False)}, log, seconds=0.1)
        assert watch._looking is not None
        await watch._looking

    asyncio.run(scene())
    assert log == ["a"]


def test_a_store_that_fails_for_a_while_is_asked_again_and_another_loop_begins_anew() -> None:
    store = Store(a="done 1")
    watch = JobWatch(store.marks)
    for _ in range(2):
        store.fails = 3
        asyncio.run(watch.wait(Known("a", "running 1", until_end=True), 60))
        assert store.fails == 0
