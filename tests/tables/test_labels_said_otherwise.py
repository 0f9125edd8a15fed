"""A file of outcomes that is not as it was expected: what the refusal says, and what can be said otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.errors import LabelsRefused
from monitoring.tables.labels import Labels, read_labels
from monitoring.tables.reading_options import ReadOptions
from tests.tables.material import CONTRACT
from tests.tables.other_books import ods, xls
from tests.tables.ways_to_write import excel, zipped

TABLE = [["flight", "late"], ["F1", 1], ["F2", 0]]
KNOWN = {"F1": 1.0, "F2": 0.0}
COVER = [["Outcomes"], ["made by us"]]


def labels_of(folder: Path, data: bytes, names: dict[str, str] | None = None, **said: object) -> Labels:
    path = folder / "labels"
    path.write_bytes(data)
    return read_labels(path, CONTRACT, name="labels.xlsx", names=names, options=ReadOptions.model_validate(said))


def known(labels: Labels) -> dict[str, float]:
    return dict(zip(labels.ids.to_pylist(), labels.values.tolist(), strict=True))


def refusal(folder: Path, data: bytes, names: dict[str, str] | None = None, **said: object) -> str:
    with pytest.raises(LabelsRefused) as refused:
        labels_of(folder, data, names, **said)
    return str(refused.value)


@pytest.mark.parametrize("write", [excel, xls, ods], ids=["xlsx", "xls", "ods"])
def test_the_sheet_that_has_the_outcomes_is_named_and_can_be_said(write: Callable[..., bytes], tmp_path: Path) -> None:
    data = write(COVER, [["a note"]], TABLE, titles=("Cover", "Notes", "Data"))
    assert refusal(tmp_path, data).endswith(
        "2 needed columns are missing: flight; late. Its header names Outcomes; the template names all that it needs. "
        "Choose the sheet Data (--labels-sheet), whose header names all that is needed."
    )
    assert known(labels_of(tmp_path, data, sheet="Data")) == KNOWN
    assert "has no sheet May; it has Cover, Notes, Data." in refusal(tmp_path, data, sheet="May")


def test_a_sheet_with_one_of_the_two_names_the_one_with_both(tmp_path: Path) -> None:
    told = refusal(tmp_path, excel([["flight", "gate"], ["F1", "B2"]], TABLE, titles=("Gates", "Data")))
    assert "a needed column is missing: late" in told
    assert told.endswith("Choose the sheet Data (--labels-sheet), whose header names all that is needed.")


def test_an_empty_sheet_names_the_one_with_the_outcomes(tmp_path: Path) -> None:
    told = refusal(tmp_path, excel([], TABLE, titles=("Sheet", "Data")))
    assert told.endswith("Choose the sheet Data (--labels-sheet), whose header names all that is needed.")


@pytest.mark.parametrize("data", [b"Report\nflight,delayed\nF1,1\nF2,0\n", excel([["Report"], ["flight", "delayed"]])])
def test_the_line_that_names_a_column_is_told(data: bytes, tmp_path: Path) -> None:
    told = refusal(tmp_path, data)
    assert "2 needed columns are missing" in told
    assert told.endswith("Line 2 names flight: if that is the header, say so (--labels-header-line 2).")
    below = refusal(tmp_path, data, header_line=2)
    assert "a needed column is missing: late" in below
    assert "--labels-header-line" not in below


def test_a_header_that_nobody_can_tell_is_asked_for(tmp_path: Path) -> None:
    told = refusal(tmp_path, b"a,b\nF1,1\n")
    assert told.endswith("If the column names stand in another line, say in which (--labels-header-line).")


def test_close_names_are_suggested(tmp_path: Path) -> None:
    told = refusal(tmp_path, b"flights;lates\nF1;1\n")
    assert "flight (flights → flight?); late (lates → late?)" in told


def test_what_is_said_is_heeded_and_told(tmp_path: Path) -> None:
    text = "Bericht für Juli\nnr^late\nF1^1\nF2^0\n".encode("cp1250")
    labels = labels_of(tmp_path, text, {"nr": "flight"}, delimiter="^", encoding="cp1250", header_line=2)
    assert known(labels) == KNOWN
    assert (labels.read.file_name, labels.names) == ("labels.xlsx", {"nr": "flight"})
    assert (labels.read.sniffed.delimiter, labels.read.sniffed.encoding, labels.read.sniffed.header_line) == (
        "^", "cp1250", 2,
    )  # fmt: skip


def test_a_file_of_an_archive_can_be_said(tmp_path: Path) -> None:
    data = zipped(a_csv=b"flight,late\nF1,1\nF2,0\n", b_csv=b"flight,late\nF1,0\n")
    assert "(a.csv, b.csv); choose one of them (on the command line: --labels-member NAME)" in refusal(tmp_path, data)
    assert known(labels_of(tmp_path, data, member="a.csv")) == KNOWN


@pytest.mark.parametrize("data", [b"July\nflight,late\nF1,1\nF2,0\n", excel([["July"], *TABLE])])
def test_names_that_are_remembered_for_other_files_hide_no_header(data: bytes, tmp_path: Path) -> None:
    names = {f"{word} {name}": name for word in ("my", "your", "their") for name in ("flight", "late")}
    assert known(labels_of(tmp_path, data, names)) == KNOWN
