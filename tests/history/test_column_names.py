"""Names that people gave to columns: kept for each model, whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitoring.errors import NotFound, StoreFailed
from monitoring.history.column_names import ColumnNames


@pytest.fixture
def names(tmp_path: Path) -> ColumnNames:
    return ColumnNames(tmp_path / "column-names.json")


def test_kept_for_each_model_and_by_another_process(names: ColumnNames, tmp_path: Path) -> None:
    names.remember("flights", {"tmp": "temp", "dew point": "dewp"})
    names.remember("loans", {"tmp": "amount"})
    again = ColumnNames(tmp_path / "column-names.json")
    assert again.of("flights") == {"dew point": "dewp", "tmp": "temp"}
    assert again.of("loans") == {"tmp": "amount"}
    assert again.of("other") == {}


def test_a_column_has_one_meaning(names: ColumnNames) -> None:
    names.remember("flights", {"t": "temp"})
    names.remember("flights", {"t": "dewp", "tmp": "temp"})
    assert names.of("flights") == {"t": "dewp", "tmp": "temp"}


def test_forgotten_one_by_one(names: ColumnNames) -> None:
    names.remember("flights", {"t": "temp", "d": "dewp"})
    names.forget("flights", "t")
    assert names.of("flights") == {"d": "dewp"}
    for model, column in (("flights", "t"), ("loans", "d")):
        with pytest.raises(NotFound, match=column):
            names.forget(model, column)


def test_nothing_given_writes_nothing(names: ColumnNames, tmp_path: Path) -> None:
    names.remember("flights", {})
    assert list(tmp_path.iterdir()) == []


def test_any_text_is_a_name(names: ColumnNames) -> None:
    odd = {'<b>"x"</b>\n': "temp", "\u202eπ": "dewp", "": "humid"}
    names.remember("flights", odd)
    assert names.of("flights") == odd


def test_many_at_once_lose_none(names: ColumnNames) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: names.remember("flights", {f"x{i}": "temp"}), range(40)))
    assert len(names.of("flights")) == 40


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"flights": {"tmp": 1}}', b"\xff"])
def test_a_damaged_file_is_told_and_kept(names: ColumnNames, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "column-names.json"
    file.write_bytes(content)
    with pytest.raises(StoreFailed, match=r"remove column-names\.json"):
        names.of("flights")
    with pytest.raises(StoreFailed):
        names.remember("flights", {"tmp": "temp"})
    assert file.read_bytes() == content
