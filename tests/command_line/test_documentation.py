"""Every command is documented, and every command line in the documentation is one."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from monitoring.__main__ import _parser

ROOT = Path(__file__).parents[2]
TEXTS = {path.name: path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
LINES = sorted(
    {
        re.sub(r"\s+", " ", line).strip()
        for text in TEXTS.values()
        for line in re.findall(r"python -m monitoring (?!…)([a-z][^`\n#]*)", text)
    }
)


def commands() -> set[str]:
    (actions,) = [one for one in _parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return set(actions.choices)


def test_every_command_is_in_the_readme() -> None:
    named = set(re.findall(r"`([a-z]+)[^`\n]*`|python -m monitoring ([a-z]+)", TEXTS["README.md"]))
    assert commands() - {word for pair in named for word in pair} == set()


@pytest.mark.parametrize("line", LINES)
def test_every_line_that_is_shown_is_understood(line: str) -> None:
    words = [re.sub(r"^(VERSION|3)$", "3", word) for word in shlex.split(line)]
    try:
        _parser().parse_args(words)
    except SystemExit as error:
        pytest.fail(f"{line}: exit code {error.code}")
