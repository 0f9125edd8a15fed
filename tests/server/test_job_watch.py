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
            raise StoreFailed("The database is busy.")
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

    async def scene() -> None:
        everybody = asyncio.create_task(done_in_order(watch, known, log))
        for changed in ({"b": "running 2"}, {"a": "running 2"}, {"a": "done 3"}, {}):
            await asyncio.sleep(0.2)
            store.now.update(changed)
        del store.now["c"]
        await everybody

    asyncio.run(scene())
    assert log == ["b", "a", "a-end", "c"], "a job that is deleted has changed too"
    assert store.looks[0] == {"a", "b", "c"}
    assert store.looks[-1] == {"c"}
    assert len(store.looks) < 0.8 / 0.01 * 1.5, "not one for each"


def test_nobody_waits_longer_than_asked_for_and_nobody_looks_for_nobody() -> None:
    store = Store(a="running 1")
    watch, log = JobWatch(store.marks), list[str]()

    async def scene() -> None:
        await done_in_order(watch, {"a": Known("a", "running 1", until_end=False)}, log, seconds=0.1)
        await asyncio.sleep(0.1)
        looks = len(store.looks)
        await asyncio.sleep(0.1)
        assert len(store.looks) == looks

    asyncio.run(scene())
    assert log == ["a"]


def test_a_store_that_fails_for_a_while_is_asked_again_and_another_loop_begins_anew() -> None:
    store = Store(a="done 1")
    watch = JobWatch(store.marks)
    for _ in range(2):
        store.fails = 3
        asyncio.run(watch.wait(Known("a", "running 1", until_end=True), 60))
        assert store.fails == 0
