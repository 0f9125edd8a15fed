"""Labels in a file of their own: read, cleared of contradictions, joined by id."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from monitoring.errors import LabelsRefused
from monitoring.tables import Join, Labels, count_labelled, join_labels, read_labels
from monitoring.tables.labels import one_class_sentence
from tests.tables.material import CONTRACT, HEADER, bytes_of, good_rows, read


def labels_from(folder: Path, text: str, contract=CONTRACT) -> Labels:
    path = folder / "labels"
    path.write_text(text)
    return read_labels(path, contract, name="labels.csv")


def as_dict(labels: Labels) -> dict[str, float]:
    return dict(zip(labels.ids.to_pylist(), labels.values.tolist(), strict=True))


def batch(folder: Path, data: bytes | None = None) -> pa.RecordBatch:
    return read(folder, data or bytes_of(good_rows(4)))[0].combine_chunks().to_batches()[0]


def test_read_by_name(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, "note;LATE;Flight\nx;1;F0\ny;0.0;F1\nz;;F2\n")
    assert as_dict(labels) == {"F0": 1.0, "F1": 0.0}
    assert len(labels) == 2
    assert any("1 row without id or outcome was left out" in warning for warning in labels.warnings)
    assert any('"LATE" was taken for late' in warning for warning in labels.warnings)
    assert not any("note" in warning for warning in labels.warnings)


def test_words_are_outcomes(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, "flight,late\nF0,yes\nF1,No\nF2,late\n")
    assert as_dict(labels) == {"F0": 1.0, "F1": 0.0, "F2": 1.0}
    assert "3 words were read as outcomes: yes, true and late as 1 (late)" in labels.warnings[0]


def test_names_that_were_given_count_for_labels_too(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_text("flug;verspaetet\nF0;1\nF1;0\n")
    names = {"flug": "flight", "verspaetet": "late", "tmp": "temp"}
    labels = read_labels(path, CONTRACT, name="labels.csv", names=names)
    assert as_dict(labels) == {"F0": 1.0, "F1": 0.0}
    assert 'The column "flug" was taken for flight, as its name was given.' in labels.warnings


def test_other_words_for_the_outcome_are_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsRefused, match=r"2 values are none of 0, 1, yes, no, true, false, late.*on time"):
        labels_from(tmp_path, "flight,late\nF0,on time\nF1,delayed\n")


def test_one_class_is_told() -> None:
    assert "all 7 outcomes are the same (not late)" in one_class_sentence(CONTRACT, labelled=7, positive=False)
    assert "all 1,000 outcomes are the same (late)" in one_class_sentence(CONTRACT, labelled=1_000, positive=True)


def test_the_same_id_twice(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, "flight,late\nF0,1\nF0,1\nF1,1\nF1,0\nF2,0\nF3,\nF3,1\n")
    assert as_dict(labels) == {"F0": 1.0, "F2": 0.0, "F3": 1.0}
    told = " ".join(labels.warnings)
    assert "1 id has contradicting outcomes and was left out: F1." in told
    assert "1 id comes more than once, with the same outcome." in told
    assert "cannot be joined" not in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("flight,late\n", "no rows"),
        ("late\n1\n0\n", "flight"),
        ("flight\nF1\n", "late"),
        ("F1,1\nF2,0\n", "header"),
        ("flight,late\nF1,maybe\n", "no row has both"),
        ("flight,late\nF1,1\nF1,0\n", "no row has both"),
        ("flight,flight,late\nF1,F1,1\n", "duplicate"),
        ("%PDF-1.4", "PDF"),
    ],
)
def test_refused_in_one_sentence(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(LabelsRefused, match=words) as refused:
        labels_from(tmp_path, text)
    assert str(refused.value).startswith("labels.csv")


def test_a_contract_without_id_cannot_join(tmp_path: Path) -> None:
    bare = CONTRACT.model_copy(update={"id": None})
    with pytest.raises(LabelsRefused, match="names no id column"):
        labels_from(tmp_path, "flight,late\nF1,1\n", bare)


def told_of(labels: Labels, batch: pa.RecordBatch, **numbers: int) -> str:
    """What is said once these rows are all there were."""
    join = Join(labels)
    join.add(join_labels(batch, labels, CONTRACT))
    return join.sentence(**numbers)


def test_join_by_id(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, "flight,late\nF2,1\nF0,0\nF9,1\n")
    joined = join_labels(batch(tmp_path), labels, CONTRACT).batch
    assert joined.column("late").to_pylist() == [0.0, None, 1.0, None]
    assert joined.schema.names[-1] == "late"
    assert count_labelled(joined, CONTRACT) == 2
    assert count_labelled(batch(tmp_path), CONTRACT) == 0
    told = told_of(labels, batch(tmp_path), rows=4, labelled=2)
    assert told == "2 of 4 rows have an outcome (50 %). 1 outcome belongs to no row of the file."


def test_no_id_in_common_is_said(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, "flight,late\nZ1,1\n")
    assert count_labelled(join_labels(batch(tmp_path), labels, CONTRACT).batch, CONTRACT) == 0
    told = told_of(labels, batch(tmp_path), rows=4, labelled=0)
    assert told == (
        "0 of 4 rows have an outcome. The ids of the two files do not match (the outcomes name “Z1”, the rows “F0”, "
        "“F1”; are they of the same period?)."
    )


def test_ids_that_differ_in_white_space_alone_are_said_to(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, 'flight,late\n" F1",1\n')
    told = told_of(labels, batch(tmp_path), rows=4, labelled=0)
    assert "(the outcomes name “ F1”, the rows “F0”, “F1”; only white space differs)" in told


def test_labels_that_find_no_row_are_counted_whatever_outcomes_the_rows_have_of_their_own(tmp_path: Path) -> None:
    data = bytes_of([[*row, "1"] for row in good_rows(3)], [*HEADER, "late"])
    rows = batch(tmp_path, data)
    none = told_of(labels_from(tmp_path, "flight,late\nZ1,0\nZ2,0\n"), rows, rows=3, labelled=3)
    assert none.startswith("3 of 3 rows have an outcome. The ids of the two files do not match (the outcomes name “Z1”")
    some = told_of(labels_from(tmp_path, "flight,late\nF1,1\nZ2,0\n"), rows, rows=3, labelled=3)
    assert some == "3 of 3 rows have an outcome. 1 outcome belongs to no row of the file."


def test_outcomes_that_the_two_files_say_differently_are_counted(tmp_path: Path) -> None:
    data = bytes_of([[*row, "1"] for row in good_rows(3)], [*HEADER, "late"])
    labels = labels_from(tmp_path, "flight,late\nF1,0\nF2,0\nF0,1\n")
    told = told_of(labels, batch(tmp_path, data), rows=3, labelled=3)
    assert told == "3 of 3 rows have an outcome. 2 rows say another outcome than the file of outcomes, which counts."


def test_a_label_counts_once_however_many_rows_have_its_id(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, "flight,late\nF1,0\nF7,1\n")
    join = Join(labels)
    for _ in range(2):
        join.add(join_labels(batch(tmp_path), labels, CONTRACT))
    assert not join.smooth
    assert join.sentence(rows=8, labelled=2).endswith("1 outcome belongs to no row of the file.")


def test_nothing_is_to_be_said_when_every_label_found_its_row(tmp_path: Path) -> None:
    labels = labels_from(tmp_path, "flight,late\nF1,0\nF2,1\n")
    join = Join(labels)
    join.add(join_labels(batch(tmp_path), labels, CONTRACT))
    assert join.smooth


def test_outcomes_beside_the_rows_stay_where_the_labels_know_nothing(tmp_path: Path) -> None:
    data = bytes_of([[*row, "1"] for row in good_rows(3)], [*HEADER, "late"])
    labels = labels_from(tmp_path, "flight,late\nF1,0\n")
    joined = join_labels(batch(tmp_path, data), labels, CONTRACT).batch
    assert joined.column("late").to_pylist() == [1.0, 0.0, 1.0]
    assert joined.schema.names.count("late") == 1


def test_rows_without_id_stay_without_label(tmp_path: Path) -> None:
    rows = good_rows(2)
    rows[0][0] = ""
    labels = labels_from(tmp_path, "flight,late\nF1,1\n")
    joined = join_labels(batch(tmp_path, bytes_of(rows)), labels, CONTRACT).batch
    assert joined.column("late").to_pylist() == [None, 1.0]


def test_a_file_of_rows_without_id_column_cannot_be_joined(tmp_path: Path) -> None:
    data = bytes_of([row[1:] for row in good_rows(2)], HEADER[1:])
    with pytest.raises(LabelsRefused, match="no column flight"):
        join_labels(batch(tmp_path, data), labels_from(tmp_path, "flight,late\nF1,1\n"), CONTRACT)
