"""Twenty people at once, each with another file of 6,000 rows.

They are separate contexts of one Chromium (cookies, storage and sessions of their own), which runs on the processors of
the app and takes most of them: how many processor seconds the app itself takes for a check is printed beside.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.app_server import AppServer
from tests.browser.own_files import Own, open_window, write_own
from tests.browser_page import choose_file
from tests.soak.watching import SELDOM_SECONDS, processor_seconds, tell, tell_all, watched, work_of_all

pytestmark = [pytest.mark.soak, pytest.mark.browser]

PEOPLE = 20
ALONE = 5
ROUNDS = 3
"""One and the same commit comes out a third apart from one round to the next where the machine has other guests."""
GOAL = 15.0
FINISHED = """() => {
    window.finished = 0;
    const rested = "[data-testid=stApp][data-test-script-state=notRunning]";
    const watcher = new MutationObserver(() => {
        if (document.querySelector("#what-moved") && document.querySelector(rested)) {
            window.finished = Date.now();
            watcher.disconnect();
        }
    });
    watcher.observe(document.body, {subtree: true, childList: true, attributeFilter: ["data-test-script-state"]});
}"""
"""Has a window note when it shows a result and has come to rest. Looking from here costs what the windows need."""


@dataclass(frozen=True)
class Round:
    """One round, in seconds.

    Attributes:
        alone: one file, nothing else under way.
        slowest: of all at once.
        work: what all would take if each took as much work as one alone, and no processor ever rested.
    """

    alone: float
    slowest: float
    work: float

    @property
    def times(self) -> float:
        """The slowest over one alone."""
        return self.slowest / self.alone


def test_twenty_at_once(browser: Browser, server: AppServer, tmp_path: Path) -> None:
    files = iter([write_own(tmp_path, number) for number in range(ROUNDS * (PEOPLE + ALONE) + 1)])
    _check_alone(browser, server, next(files))  # the first check of a server loads the model
    with watched(server, lightly=True) as watch:
        rounds = [_round(browser, server, files) for _ in range(ROUNDS)]
    times = tell_all("the slowest over one alone", [one.times for one in rounds], unit="x", goal=GOAL)
    least = [one.work / one.alone for one in rounds]
    tell_all("the least that the same work takes, were all files there at once", least, unit="x")
    tell("health page, slowest answer", watch.slowest, "s", goal=1.0)
    assert times <= GOAL
    assert watch.slowest + SELDOM_SECONDS < 1.0, "a stall may have begun right after a look"


def _round(browser: Browser, server: AppServer, files: Iterator[Own]) -> Round:
    """Some alone, one after the other, then all at once."""
    busy = [processor_seconds(server)]
    seconds, works = zip(*(_check_alone(browser, server, own) for own in islice(files, ALONE)), strict=True)
    busy.append(processor_seconds(server))
    theirs = list(islice(files, PEOPLE))
    windows = [open_window(browser, server) for _ in theirs]
    busy.append(processor_seconds(server))
    slowest = max(_check_all(windows, theirs))
    busy.append(processor_seconds(server))
    alone = tell_all("one file of 6,000 rows, nothing else under way", list(seconds))
    work = tell_all("the processor seconds of one alone: app, browser and driver", list(works))
    found = Round(alone, slowest, PEOPLE * work / len(os.sched_getaffinity(0)))
    tell(f"{PEOPLE} at once, the slowest", found.slowest, "s", goal=GOAL * found.alone)
    tell(f"{PEOPLE} times the work of one alone on all processors", found.work, "s")
    tell("the app's processor seconds for a check alone, its first page too", (busy[1] - busy[0]) / ALONE, "s")
    tell(f"the same for each of {PEOPLE} at once, without the first page", (busy[3] - busy[2]) / PEOPLE, "s")
    for page, own in zip(windows, theirs, strict=True):
        own.expect_on(page)
        page.context.close()
    return found


def _check_alone(browser: Browser, server: AppServer, own: Own) -> tuple[float, float]:
    """Seconds that it takes, and processor seconds of everything, the window itself not counted."""
    page = open_window(browser, server)
    before = work_of_all()
    (seconds,) = _check_all([page], [own])
    work = work_of_all() - before
    own.expect_on(page)
    page.context.close()
    return seconds, work


def _check_all(windows: list[Page], files: list[Own]) -> list[float]:
    """Drop each file in its window, one right after the other; seconds from each drop until its window has finished."""
    started = []
    for page, own in zip(windows, files, strict=True):
        page.evaluate(FINISHED)
        started.append(time.time())
        choose_file(page, own.file)
    seconds: dict[int, float] = {}
    while len(seconds) < len(windows):
        for place, page in enumerate(windows):
            if place not in seconds and (ended := page.evaluate("window.finished")):
                seconds[place] = ended / 1000 - started[place]
        assert time.time() - started[0] < 600, f"{len(windows) - len(seconds)} have no result"
        windows[0].wait_for_timeout(100 if len(windows) == 1 else 1_000)
    return [seconds[place] for place in range(len(windows))]
