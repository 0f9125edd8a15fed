"""Make `.venv` from the locked requirements; safe to run again, to interrupt and to run twice at once.

Runs before anything is installed: the standard library only. `scripts/set_up.sh` finds the Python and calls it.
"""

import argparse
import fcntl
import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENVIRONMENT = Path(".venv")
PYTHON = ENVIRONMENT / "bin" / "python"
UNFINISHED = ENVIRONMENT / "driftline-unfinished"
PIP_OPTIONS = ("--require-hashes", "--no-deps", "--no-compile")
LOCKS = {"runtime": ["requirements.txt"], "development": ["requirements.txt", "requirements-dev.txt"]}


def main(arguments: list[str]) -> int:
    """Bring `.venv` to what the lock files say; 0 when it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(LOCKS))
    kind = parser.parse_args(arguments).kind
    try:
        with _one_at_a_time():
            for lock in LOCKS[kind]:
                _install(Path(lock))
    except subprocess.CalledProcessError as error:
        print(f"setup: this step failed, its reason stands above: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; the next call starts over", file=sys.stderr)
        return 130
    return 0


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the project folder's lock, so that two first calls at once do not install into each other."""
    folder = os.open(".", os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("setup: another setup is running here, waiting for it", file=sys.stderr)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _install(lock: Path) -> None:
    """Install what `lock` pins, unless the stamp says that exactly this was installed."""
    stamp = ENVIRONMENT / f"driftline-{lock.name}"
    if UNFINISHED.exists() or not _works():
        _make_environment()
    if stamp.exists() and filecmp.cmp(lock, stamp, shallow=False):
        return
    print(f"setup: installing {lock} into {ENVIRONMENT} (the first time takes a minute or two)", flush=True)
    UNFINISHED.touch()
    stamp.unlink(missing_ok=True)
    # The lock is complete: --no-deps keeps pip from asking for more, `pip check` proves that nothing is missing.
    # Compiling all of 27,000 files would take longer than all the rest: Python compiles what is imported, and keeps it.
    try:
        _run(PYTHON, "-I", "-m", "pip", "install", "-qq", *PIP_OPTIONS, "--requirement", lock)
        _run(PYTHON, "-I", "-m", "pip", "--quiet", "check")
    except subprocess.CalledProcessError as error:
        if error.returncode > 0:  # pip gave up by itself (no network, say) and cleaned up: no reason to start over
            UNFINISHED.unlink()
        raise
    shutil.copyfile(lock, stamp)
    UNFINISHED.unlink()


def _works() -> bool:
    """Whether `.venv` has a Python that starts and finds its pip (not so after the system's Python changed)."""
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pip') is None)"
    try:
        return subprocess.run([PYTHON, "-I", "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make_environment() -> None:
    if ENVIRONMENT.is_symlink() or ENVIRONMENT.is_file():
        ENVIRONMENT.unlink()
    elif ENVIRONMENT.exists():
        print(f"setup: {ENVIRONMENT} is incomplete or its Python is gone: making it anew", flush=True)
        shutil.rmtree(ENVIRONMENT)
    ENVIRONMENT.mkdir()
    UNFINISHED.touch()
    _run(sys.executable, "-I", "-m", "venv", ENVIRONMENT)
    UNFINISHED.unlink()


def _run(*command: str | Path) -> None:
    environment = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
