"""What is watched while the app works: its memory, and how long its health page takes to answer."""

from __future__ import annotations

import statistics
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.app_server import AppServer

PAUSE_SECONDS = 0.05
SELDOM_SECONDS = 0.1


class Watch:
    """Figures of a running app, taken by a thread: `seconds` of each answer of the health page, `peak` in MB.

    Looking takes a sixteenth of two processors. `lightly` asks the health page only, and less often: a fiftieth.
    """

    def __init__(self, server: AppServer, *, lightly: bool = False) -> None:
        self._server = server
        self._lightly = lightly
        self._ended = threading.Event()
        self.seconds: list[float] = []
        self.peak = 0.0

    @property
    def slowest(self) -> float:
        """The longest that the health page took, in seconds."""
        return max(self.seconds)

    @property
    def memory(self) -> float:
        """What the app and its workers hold now, in MB."""
        assert self._server.process is not None
        app = psutil.Process(self._server.process.pid)
        return sum(_resident(process) for process in (app, *self._server.workers())) / 1e6

    def run(self) -> None:
        while not self._ended.wait(SELDOM_SECONDS if self._lightly else PAUSE_SECONDS):
            started = time.perf_counter()
            with urllib.request.urlopen(f"{self._server.url}/_stcore/health", timeout=60) as answer:
                assert answer.read() == b"ok"
            self.seconds.append(time.perf_counter() - started)
            if not self._lightly:
                self.peak = max(self.peak, self.memory)

    def end(self) -> None:
        self._ended.set()


@contextmanager
def watched(server: AppServer, *, lightly: bool = False) -> Iterator[Watch]:
    """Watch an app for the time of the block."""
    watch = Watch(server, lightly=lightly)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.end()
        thread.join(60)
    assert len(watch.seconds) > 1, "the health page never answered"


def processor_seconds(server: AppServer) -> float:
    """What the app has taken so far."""
    assert server.process is not None
    return _worked(psutil.Process(server.process.pid))


def work_of_all() -> float:
    """Processor seconds that this process and all that it started have taken so far: app, browser and driver.

    A process that has ended counts no longer.
    """
    own = psutil.Process()
    return sum(_worked(process) for process in (own, *own.children(recursive=True)))


def tell(what: str, figure: float, unit: str, *, goal: float | None = None) -> None:
    """Print a figure, with its goal where it has one."""
    goals = "" if goal is None else f"   goal: at most {goal:,.2f}"
    sys.stdout.write(f"{what:<76} {figure:>10,.2f} {unit:<4}{goals}\n")
    sys.stdout.flush()


def tell_all(what: str, figures: list[float], *, unit: str = "s", goal: float | None = None) -> float:
    """Print and return the median of what was measured, with its largest."""
    median = statistics.median(figures)
    tell(f"{what}, median of {len(figures)} (largest {max(figures):.2f} {unit})", median, unit, goal=goal)
    return median


def _worked(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # a worker that ended this moment
        return 0
