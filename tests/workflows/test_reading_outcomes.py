"""What was said of a file of outcomes is part of its check, and counts wherever the rows are read again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from monitoring.errors import LabelsRefused
from monitoring.progress import silent
from monitoring.reports.check_json import summarise_check
from monitoring.retraining.source_rows import read_source
from monitoring.tables.limits import LIMITS
from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.tables.reading_options import ReadOptions
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import CheckOrder, order_check, order_files
from monitoring.workflows.column import _batches
from monitoring.workflows.gathering import gather_files
from monitoring.workflows.looking import look_at, look_at_labels
from monitoring.workflows.naming import without_labels
from monitoring.workflows.parts import Driftline
from monitoring.workflows.report import _sample_upload
from monitoring.workflows.retrain import plan_retrain
from tests.tables.ways_to_write import excel
from tests.workflows.test_reading import MODEL, checked, labels, order, told, week

ON_DATA = Reading(labels=ReadOptions(sheet="Data"))


@pytest.fixture
def driftline(tmp_path: Path) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path / "data")}))


def workbook(outcomes: pd.DataFrame) -> bytes:
    """The outcomes on the second sheet."""
    return excel([["About"]], [list(outcomes), *outcomes.astype(object).to_numpy().tolist()], titles=("About", "Data"))


def ordered(driftline: Driftline, outcomes: bytes, reading: Reading) -> CheckOrder:
    return order_check(
        driftline,
        upload=driftline.uploads.save(week().to_csv(index=False).encode()),
        file_name="week.csv",
        labels=driftline.uploads.save(outcomes),
        labels_name="outcomes.xlsx",
        model=MODEL,
        reading=reading,
    )


def test_a_sheet_of_outcomes_counts_wherever_they_are_read(driftline: Driftline) -> None:
    plain = checked(driftline, order(driftline, week(), labels()))
    with pytest.raises(LabelsRefused, match=r"Choose the sheet Data \(--labels-sheet\)"):
        checked(driftline, ordered(driftline, workbook(labels()), AS_FOUND))
    other = checked(driftline, ordered(driftline, workbook(labels()), ON_DATA))
    assert (other.findings, other.performance) == (plain.findings, plain.performance)
    assert other.reading == ON_DATA
    assert other.read.labels is not None
    assert (other.read.labels.file_name, other.read.labels.sniffed.sheet) == ("outcomes.xlsx", "Data")
    assert "Outcomes: The sheet Data was read; the workbook also has About." in other.read.warnings
    assert summarise_check(other)["outcomes_read_as"] == "Excel"
    assert summarise_check(plain)["outcomes_read_as"] == "CSV, utf-8, comma"
    version = driftline.registry.champion(MODEL)
    assert _sample_upload(driftline, other, version, silent).equals(_sample_upload(driftline, plain, version, silent))
    (first, *_) = _batches(driftline, other, driftline.loaded.get(version), silent, predict=False)
    assert first.column("late").null_count < first.num_rows
    source = plan_retrain(driftline.history, driftline.registry, other.id).sources[-1]
    assert source.reading == ON_DATA
    assert read_source(driftline.uploads, source, version.contract, silent, LIMITS).num_rows == len(week())


def test_what_is_said_of_outcomes_is_part_of_a_check_that_has_some(driftline: Driftline) -> None:
    assert order(driftline, week(), labels(), ON_DATA).id != order(driftline, week(), labels()).id
    alone = order(driftline, week(), None, ON_DATA)
    assert (alone.id, alone.reading) == (order(driftline, week()).id, AS_FOUND)


def test_names_that_the_outcomes_alone_use_are_read_again_after_several_files(
    driftline: Driftline, tmp_path: Path
) -> None:
    rows = week()
    rows[:3_000].rename(columns={"temp": "tmp"}).to_csv(tmp_path / "1.csv", index=False)
    rows[3_000:].to_csv(tmp_path / "2.csv", index=False)
    outcomes = tmp_path / "outcomes.xlsx"
    outcomes.write_bytes(workbook(labels().rename(columns={"flight_id": "Flug"})))
    reading = Reading(names={"Flug": "flight_id", "tmp": "temp"}, labels=ON_DATA.labels)
    files = gather_files([str(tmp_path / "1.csv"), str(tmp_path / "2.csv")])
    result = checked(driftline, order_files(driftline, files, silent, labels=outcomes, model=MODEL, reading=reading))
    assert result.reading == Reading(names={"Flug": "flight_id"}, labels=ON_DATA.labels)
    assert result.labelled_rows == len(labels())
    again = _sample_upload(driftline, result, driftline.registry.champion(MODEL), silent).to_pandas()
    known = labels().set_index("flight_id").late
    assert again.late.dropna().tolist() == known.loc[again.dropna(subset="late").flight_id].tolist()
    assert again.late.notna().sum() > 4_000


def test_another_file_of_outcomes_is_read_in_its_own_way(driftline: Driftline, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    week().rename(columns={"temp": "tmp"}).to_csv(path, index=False)
    names = {"tmp": "temp", "Flug": "flight_id"}
    reading = Reading(names=names, options=ReadOptions(delimiter=","), labels=ON_DATA.labels)
    contract = driftline.registry.champion(MODEL).contract
    alone = without_labels(reading, contract, path)
    assert alone == Reading(names={"tmp": "temp"}, options=ReadOptions(delimiter=","))


def test_problems_with_outcomes_are_said_to_be_theirs(driftline: Driftline) -> None:
    doubtful = labels().astype({"late": object})
    doubtful.loc[0, "late"] = "perhaps"
    warnings = told(checked(driftline, order(driftline, week(), doubtful)))
    assert "Outcomes: late: 1 value is none of 0, 1, yes, no, true, false" in warnings


def test_rows_need_their_id_where_outcomes_are_joined(driftline: Driftline, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    week().rename(columns={"flight_id": "flightid2"}).to_csv(path, index=False)
    contract = driftline.registry.champion(MODEL).contract
    look = look_at(path, contract, name="rows.csv", reading=AS_FOUND)
    joined = look_at(path, contract, name="rows.csv", reading=AS_FOUND, joined=True)
    assert [column.name for column in look.missing] == []
    assert [(column.name, column.suggestion) for column in joined.missing] == [("flight_id", "flightid2")]


def test_a_person_sees_the_outcomes_as_they_are_read(driftline: Driftline, tmp_path: Path) -> None:
    path = tmp_path / "outcomes.xlsx"
    path.write_bytes(workbook(labels().head(30)))
    contract = driftline.registry.champion(MODEL).contract
    look = look_at_labels(path, contract, name="outcomes.xlsx", reading=ON_DATA.of_labels)
    assert look.preview is not None
    assert (look.preview.header, len(look.preview.rows), look.missing) == (("flight_id", "late"), 20, ())
    empty = tmp_path / "empty.xlsx"
    empty.write_bytes(excel([], [["flight_id", "late"], ["F1", 1]], titles=("Sheet", "Data")))
    look = look_at_labels(empty, contract, name="empty.xlsx", reading=AS_FOUND)
    assert (look.preview, look.sheets) == (None, ("Sheet", "Data"))
    assert "Choose the sheet Data (--labels-sheet)" in look.refusal
