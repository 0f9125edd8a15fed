"""Promote and roll back: the file of aliases is the truth, the history follows it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.errors import NotPossible, StoreFailed
from monitoring.history.history import History
from monitoring.registry.aliases import Aliases, switched
from monitoring.registry.registry import Registry
from monitoring.workflows.promote import promote, roll_back, sync_switches
from tests.processes import answer, started, tell
from tests.registry.material import NOW, open_registry, package, register

CHILDREN = ("-m", "tests.registry.children")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    package(tmp_path)
    registry = open_registry(tmp_path)
    for content in ("second", "third"):
        register(registry, content)
    return registry


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(f"sqlite:///{tmp_path / 'data' / 'history.db'}")


def test_promote_and_roll_back_again_and_again(registry: Registry) -> None:
    champions = []
    for number in (2, 3):
        switch = registry.promote("delay", number, reason=f"try {number}", now=NOW)
        assert (switch.version, switch.previous, switch.kind, switch.reason) == (
            number,
            number - 1,
            "promote",
            f"try {number}",
        )
        champions.append(registry.champion("delay").number)
    for _ in range(2):
        registry.roll_back("delay", reason="back", now=NOW)
        champions.append(registry.champion("delay").number)
    assert champions == [2, 3, 2, 1]
    with pytest.raises(NotPossible, match="nothing to roll back to"):
        registry.roll_back("delay", reason="back", now=NOW)
    registry.promote("delay", 3, reason="after all", now=NOW)
    assert registry.champion("delay").number == 3
    assert [switch.kind[0] for switch in registry.switches("delay")] == ["p", "p", "r", "r", "p"]
    assert len({switch.id for switch in registry.switches("delay")}) == 5


def test_the_champion_is_not_promoted(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="Version 1 of delay is already in use"):
        registry.promote("delay", 1, reason="", now=NOW)
    assert not (tmp_path / "data" / "models" / "delay" / "aliases.json").exists()


def test_a_registry_opened_again_knows_the_champion(registry: Registry, tmp_path: Path) -> None:
    switch = registry.promote("delay", 2, reason="better", now=NOW)
    opened_again = open_registry(tmp_path)
    assert opened_again.champion("delay").number == 2
    assert opened_again.switches("delay") == (switch,)
    text = (tmp_path / "data" / "models" / "delay" / "aliases.json").read_text()
    assert json.loads(text)["champion"] == 2


def test_a_file_of_aliases_that_cannot_be_read_is_a_sentence_and_no_guess(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "data" / "models" / "delay" / "aliases.json").write_text('{"champion": ')
    for act in (
        lambda: registry.champion("delay"),
        lambda: registry.promote("delay", 2, reason="", now=NOW),
        lambda: registry.roll_back("delay", reason="", now=NOW),
    ):
        with pytest.raises(StoreFailed, match=r"aliases\.json of delay in the data folder cannot be read"):
            act()


@pytest.mark.slow
def test_racing_switches_are_all_kept(registry: Registry, tmp_path: Path) -> None:
    """Each switch of two processes is there, and each tells truly what was in use before it."""
    registry.promote("delay", 3, reason="", now=NOW)
    tasks = (CHILDREN, "race_to_switch", tmp_path)
    with started(*tasks[0], *tasks[1:]) as one, started(*tasks[0], *tasks[1:]) as other:
        assert [answer(child) for child in (one, other)] == ["ready", "ready"]
        for child in (one, other):
            tell(child)
        made = sum(int(answer(child)) for child in (one, other))
    switches = registry.switches("delay")
    assert len(switches) == 1 + made
    assert [switch.previous for switch in switches] == [1, *(switch.version for switch in switches[:-1])]
    assert registry.champion("delay").number == switches[-1].version


@given(st.lists(st.one_of(st.integers(1, 4), st.just("back")), max_size=30))
def test_rolling_back_undoes_promotions_from_the_last_to_the_first(steps: list[int | str]) -> None:
    aliases: Aliases | None = None
    in_use = [1]
    for count, step in enumerate(steps):
        before = in_use[-1]
        if step == "back":
            assert (aliases.before if aliases else None) == (in_use[-2] if len(in_use) > 1 else None)
            if len(in_use) == 1:
                continue
            in_use.pop()
        elif isinstance(step, int):
            in_use.append(step)
        aliases = switched(
            aliases,
            model="delay",
            version=in_use[-1],
            previous=before,
            kind="roll_back" if step == "back" else "promote",
            reason="",
            now=NOW + timedelta(seconds=count),
        )
        assert aliases.champion == in_use[-1]
        assert Aliases.model_validate_json(aliases.model_dump_json()) == aliases
    assert aliases is None or len({switch.id for switch in aliases.switches}) == len(aliases.switches)


def test_the_history_remembers_what_the_registry_did(registry: Registry, history: History) -> None:
    promote(registry, history, "delay", 2, reason="better", now=NOW)
    roll_back(registry, history, "delay", reason="worse", now=NOW)
    assert history.switches("delay") == registry.switches("delay")[::-1]
    sync_switches(registry, history)
    assert len(history.switches()) == 2


def test_a_switch_that_the_history_missed_is_added_at_the_next_start(
    registry: Registry, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreFailed("The disk is full.")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(history, "record_switches", fail)
        assert promote(registry, history, "delay", 2, reason="better", now=NOW).version == 2
    assert registry.champion("delay").number == 2
    assert history.switches() == ()
    sync_switches(registry, history)
    assert history.switches() == registry.switches("delay")
