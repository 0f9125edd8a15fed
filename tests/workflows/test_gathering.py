"""Paths, folders and patterns: which files are meant, what they are called, what is left out and said."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.errors import NotFound, NotPossible
from monitoring.workflows.gathering import gather_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        *("b.csv", "a.parquet", "2024-01/day-02.csv.gz", "2024-01/day-01.csv.gz", "part-00000"),
        *(".hidden.csv", "_SUCCESS", ".git/a.csv", "README.md", "notes.docx", "2024-01/_temporary/x.csv"),
    ):
        path = tmp_path / "flights" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "flights"


def names(gathered) -> list[str]:
    return [file.name for file in gathered.files]


def test_a_folder_is_its_tables_and_what_is_left_out_is_named(folder: Path) -> None:
    found = gather_files([str(folder)])
    assert names(found) == ["a.parquet", "b.csv", "part-00000", "2024-01/day-01.csv.gz", "2024-01/day-02.csv.gz"]
    assert found.title == f"5 files in {folder}"
    assert set(found.left_out) == {".hidden.csv", "README.md", "_SUCCESS", "notes.docx"}
    (note,) = found.notes
    assert note.startswith("4 files were left out")
    assert "README.md" in note


def test_a_pattern_is_expanded_here_and_sorted(folder: Path) -> None:
    found = gather_files([f"{folder}/2024-*/day-*.csv.gz"])
    assert names(found) == ["day-01.csv.gz", "day-02.csv.gz"]
    assert found.title == f"2 files in {folder}/2024-*/day-*.csv.gz"
    assert names(gather_files([f"{folder}/**/b*.csv"])) == ["b.csv"]
    assert names(gather_files([f"{folder}/2024-*"])) == ["day-01.csv.gz", "day-02.csv.gz"]


def test_several_paths_are_sorted_and_each_file_counts_once(folder: Path) -> None:
    given = [folder / "b.csv", folder / "2024-01", folder / "a.parquet", f"{folder}/*.csv", folder / "../flights/b.csv"]
    found = gather_files([str(one) for one in given])
    assert names(found) == ["a.parquet", "b.csv", "day-01.csv.gz", "day-02.csv.gz"]
    assert found.title == "4 files, a.parquet to day-02.csv.gz"


def test_a_file_that_is_named_is_never_left_out_and_keeps_its_name(folder: Path) -> None:
    found = gather_files([str(folder / ".hidden.csv")])
    assert names(found) == [".hidden.csv"]
    assert found.title == ".hidden.csv"
    assert found.notes == ()


def test_a_name_with_signs_of_a_pattern_is_a_name_where_it_is_there(folder: Path) -> None:
    odd = folder / "july [final]*.csv"
    odd.write_text("x")
    (folder / "july f.csv").write_text("y")
    assert names(gather_files([str(odd)])) == ["july [final]*.csv"]


def test_files_of_the_same_name_are_told_apart_by_their_folders(folder: Path) -> None:
    for month in ("05", "06"):
        (folder / month).mkdir()
        (folder / month / "rows.csv").write_text(month)
    found = gather_files([f"{folder}/05/rows.csv", f"{folder}/06/rows.csv"])
    assert names(found) == ["05/rows.csv", "06/rows.csv"]


def test_nothing_there_is_said_in_one_sentence(folder: Path) -> None:
    with pytest.raises(NotFound, match=r"No file matches .*none-\*"):
        gather_files([f"{folder}/none-*"])
    empty = folder / "empty"
    empty.mkdir()
    with pytest.raises(NotPossible, match="holds no table"):
        gather_files([str(empty)])
    (empty / "notes.docx").write_text("x")
    with pytest.raises(NotPossible, match=r"holds no table; there are notes.docx"):
        gather_files([str(empty)])
