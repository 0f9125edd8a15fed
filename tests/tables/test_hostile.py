"""Files that people really upload: each is either read, with what was mended said, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.errors import TableRefused
from tests.tables.material import CONTRACT, opened, read
from tests.tables.readable_files import READINGS, Reading
from tests.tables.refused_files import REFUSALS, Refusal
from tests.tables.ways_to_write import GOOD, WAYS


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
def test_refused_in_one_sentence(case: Refusal, tmp_path: Path) -> None:
    with pytest.raises(TableRefused) as refused:
        list(opened(tmp_path, case.data).batches())
    sentence = str(refused.value)
    assert sentence.startswith("july.csv")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert str(tmp_path) not in sentence
    assert [word for word in case.words if word not in sentence] == [], sentence


@pytest.mark.parametrize("case", READINGS.values(), ids=READINGS)
def test_read_and_told(case: Reading, tmp_path: Path) -> None:
    table, report = read(tmp_path, case.data)
    assert (table.num_rows, report.rows, report.rows_refused) == (case.rows, case.rows, case.aside)
    assert len(report.refused_rows) == case.aside
    assert tuple((p.column, p.rule, p.count) for p in report.problems) == case.problems
    told = " ".join(report.warnings)
    assert [word for word in case.words if word not in told] == [], told
    assert bool(report.warnings) == bool(case.words), told
    assert table.column_names[: len(CONTRACT.features)] == list(CONTRACT.feature_names)


@pytest.mark.parametrize("name", WAYS)
def test_the_same_rows_however_they_are_written(name: str, tmp_path: Path) -> None:
    assert read(tmp_path, WAYS[name])[0].equals(read(tmp_path, GOOD)[0])
