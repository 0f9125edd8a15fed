"""The app as a user starts it, in a process of its own, with a data folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
START_SECONDS = 60
STOP_SECONDS = 10


class AppServer:
    """`streamlit run dashboard/server.py` on a free port; `restart` keeps the port and the data folder.

    Args:
        folder: where data folder and log are made.
        environment: variables for the app.
        prefix: path under which the app is served, as behind a proxy; "" or with a slash at its start.
    """

    def __init__(self, folder: Path, environment: dict[str, str] | None = None, *, prefix: str = "") -> None:
        self.prefix = prefix
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.port = _free_port()
        self.environment = {**plain_environment(), "DRIFTLINE_DATA": str(self.data), **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None
        self._workers: list[psutil.Process] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def start(self) -> None:
        """Start the app and wait until it says that it is healthy."""
        assert self.process is None, "the app is running already"
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py", "--server.headless=true"]
        command += ["--server.address=127.0.0.1", f"--server.port={self.port}"]
        command += [f"--server.baseUrlPath={self.prefix}"] if self.prefix else []
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the app did not start; its log:\n{self.log_end()}")
            time.sleep(0.1)

    def workers(self) -> list[psutil.Process]:
        """The worker processes that the running app has started."""
        assert self.process is not None, "the app is not running"
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        """`kill -9` of the app alone: its workers stay, as they would on a real crash (`close` ends them)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the app to stop, as Ctrl-C or a service manager would."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """End the app and every worker it ever started."""
        self.stop()
        for worker in self._workers:
            if worker.is_running():  # compares the start time too: never somebody else's process
                worker.kill()
        psutil.wait_procs(self._workers, timeout=STOP_SECONDS)
        self._workers.clear()

    def log_end(self, characters: int = 6000) -> str:
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""

    def _end(self, signal_number: signal.Signals) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self._workers += self.workers()
            self.process.send_signal(signal_number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.read() == b"ok")
        except OSError:
            return False


def plain_environment() -> dict[str, str]:
    """The environment of these tests without settings of the app: it must be quiet by itself."""
    ours = ("STREAMLIT_", "DRIFTLINE_", "ORT_", "DO_NOT_TRACK")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
