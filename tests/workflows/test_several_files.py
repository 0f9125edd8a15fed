"""Several files as one check: the same verdict as one file of all their rows, whatever their formats; what is kept."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from monitoring.__main__ import main
from monitoring.errors import NotPossible, TableRefused
from monitoring.history.records import CheckResult
from monitoring.progress import silent
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows import local_files
from monitoring.workflows.check import CheckOrder, check_and_record, order_check, order_files
from monitoring.workflows.delete import delete_check
from monitoring.workflows.gathering import gather_files
from monitoring.workflows.parts import Driftline

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"


@pytest.fixture
def driftline(tmp_path: Path) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path / "data")}))


@pytest.fixture
def july(tmp_path: Path) -> Path:
    """July in three files of three formats, in a folder."""
    folder, rows = tmp_path / "july", pd.read_csv(SAMPLES / "july.csv")
    folder.mkdir()
    rows[:2_000].to_csv(folder / "1.csv", index=False)
    rows[2_000:4_000].to_csv(folder / "2.csv.gz", index=False, sep=";", decimal=",")
    times = rows[4_000:].assign(scheduled_departure=pd.to_datetime(rows.scheduled_departure[4_000:]))
    times.to_parquet(folder / "3.parquet", index=False)
    return folder


def ordered(driftline: Driftline, *given: object, labels: Path | None = None) -> CheckOrder:
    return order_files(driftline, gather_files([str(one) for one in given]), silent, labels=labels, model=MODEL)


def checked(driftline: Driftline, *given: object, labels: Path | None = None) -> CheckResult:
    order = ordered(driftline, *given, labels=labels)
    if not driftline.history.has_check(order.id):
        check_and_record(driftline, order, silent)
    return driftline.history.check(order.id)


def test_files_of_several_formats_are_judged_as_one_file_of_all_rows(driftline: Driftline, july: Path) -> None:
    labels = SAMPLES / "july-labels.csv"
    several = checked(driftline, july, labels=labels)
    one = checked(driftline, SAMPLES / "july.csv", labels=labels)
    assert several.id != one.id
    assert several.read.file_name == f"3 files in {july}"
    assert (several.read.rows, several.read.first_time, several.read.last_time) == (
        one.read.rows,
        one.read.first_time,
        one.read.last_time,
    )
    assert several.verdict == one.verdict
    assert [(f.column, f.detector, f.state, f.statistic, f.p_value) for f in several.findings] == [
        (f.column, f.detector, f.state, f.statistic, f.p_value) for f in one.findings
    ]
    assert several.performance == one.performance


def test_the_same_content_is_the_same_check_whatever_the_names_and_their_order(
    driftline: Driftline, july: Path
) -> None:
    before = ordered(driftline, july)
    (july / "1.csv").rename(july / "9.csv")
    after = ordered(driftline, july / "9.csv", july / "3.parquet", july / "2.csv.gz")
    assert after.id == before.id
    (july / "9.csv").write_text((july / "9.csv").read_text() + "\n")
    assert ordered(driftline, july).id != before.id


def test_one_file_in_a_folder_is_that_file(driftline: Driftline, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "renamed.csv").write_bytes((SAMPLES / "july.csv").read_bytes())
    assert ordered(driftline, tmp_path / "one").id == ordered(driftline, SAMPLES / "july.csv").id


def test_the_rows_are_kept_in_the_place_of_an_upload(driftline: Driftline, july: Path) -> None:
    result = checked(driftline, july)
    kept = driftline.uploads.path(result.upload)
    assert pq.read_table(kept).num_rows == result.read.rows == 6_000
    assert result.rows_kept is None
    again = order_check(driftline, upload=result.upload, file_name="again", model=MODEL, reading=result.reading)
    check_and_record(driftline, again, silent)
    assert driftline.history.check(again.id).verdict == result.verdict
    delete_check(driftline, again.id)
    assert kept.exists()
    delete_check(driftline, result.id)
    assert not kept.exists()


def test_of_files_too_large_a_sample_is_kept_and_said(
    driftline: Driftline, july: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_files, "KEPT_BYTES", 1_000)
    monkeypatch.setattr("monitoring.workflows.check.KEPT_BYTES", 1_000)
    several = checked(driftline, july, labels=SAMPLES / "july-labels.csv")
    one = checked(driftline, SAMPLES / "july.csv")
    for result in (several, one):
        assert result.rows_kept == pq.read_table(driftline.uploads.path(result.upload)).num_rows == 5_000
        assert any("5,000 of 6,000 rows are kept" in warning for warning in result.read.warnings)
        with pytest.raises(NotPossible, match="only 5,000 rows are kept"):
            order_check(driftline, upload=result.upload, file_name="july", model=MODEL)
    assert driftline.history.labelled_uploads(MODEL) == ()
    assert {file.name for file in (driftline.settings.data / "uploads").iterdir()} == {
        several.upload,
        one.upload,
        several.labels,
    }


def test_files_with_the_same_content_count_once_and_that_is_said(driftline: Driftline, july: Path) -> None:
    (july / "4.csv").write_bytes((july / "1.csv").read_bytes())
    result = checked(driftline, july)
    assert result.read.rows == 6_000
    assert any("4.csv is 1.csv" in warning for warning in result.read.warnings)


def test_a_file_that_cannot_be_used_refuses_all_and_is_named(driftline: Driftline, july: Path) -> None:
    pd.read_csv(SAMPLES / "july.csv").drop(columns="temp").to_csv(july / "without.csv", index=False)
    order = ordered(driftline, july)
    with pytest.raises(TableRefused, match=r"^without\.csv.*temp"):
        check_and_record(driftline, order, silent)
    assert driftline.history.checks() == ()
    assert list((driftline.settings.data / "uploads").glob("*")) == []


def test_a_file_that_is_broken_in_its_middle_leaves_nothing(driftline: Driftline, july: Path) -> None:
    whole = (july / "2.csv.gz").read_bytes()
    (july / "2.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableRefused, match=r"^2\.csv\.gz"):
        check_and_record(driftline, ordered(driftline, july), silent)
    assert list((driftline.settings.data / "uploads").glob("*")) == []


def test_a_file_that_changes_meanwhile_is_refused(driftline: Driftline, july: Path) -> None:
    order = ordered(driftline, july)
    with (july / "1.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(TableRefused, match=r"1\.csv changed"):
        check_and_record(driftline, order, silent)
    (july / "1.csv").unlink()
    with pytest.raises(TableRefused, match=r"1\.csv is not there"):
        check_and_record(driftline, order, silent)


def test_misfits_name_their_file_and_ids_repeat_across_files(driftline: Driftline, july: Path, capsys) -> None:
    rows = (july / "1.csv").read_text().splitlines()
    rows[3] = rows[3].rsplit(",", 1)[0] + ",far"
    (july / "1.csv").write_text("\n".join(rows))
    later = pd.read_csv(SAMPLES / "july.csv", dtype=str)[5_990:]
    later.loc[5_990, "flight_id"] = rows[1].split(",")[0]
    later.loc[5_995, "humid"] = "wet"
    later.to_csv(july / "4.csv", index=False)
    monkey_data, misfits = str(driftline.settings.data), july.parent / "misfits.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTLINE_DATA", monkey_data)
        assert main(["check", str(july), "--json", "--misfits", str(misfits)]) in (0, 1, 4)
    told = json.loads(capsys.readouterr().out)
    found = {(p["column"], p["rule"]): p for p in told["problems"]}
    assert found["flight_id", "duplicate_id"]["count"] == 10
    assert (found["humid", "not_a_number"]["first_file"], found["humid", "not_a_number"]["first_row"]) == ("4.csv", 6)
    assert found["visib", "not_a_number"]["first_file"] == "1.csv"
    assert any('row 3 (line 4) of 1.csv: "far"' in warning for warning in told["warnings"])
    lines = list(csv.DictReader(io.StringIO(misfits.read_text())))
    assert [(line["file"], line["row"]) for line in lines if "not a number" in line["reason"]] == [
        ("1.csv", "3"),
        ("4.csv", "6"),
    ]


def test_columns_that_only_some_files_have_are_missing_elsewhere(driftline: Driftline, tmp_path: Path) -> None:
    rows = pd.read_csv(SAMPLES / "july.csv")
    outcomes = pd.read_csv(SAMPLES / "july-labels.csv")
    rows[:3_000].merge(outcomes, on="flight_id", how="left").to_csv(tmp_path / "labelled.csv", index=False)
    rows[3_000:].drop(columns=["scheduled_departure", "flight_id"]).to_csv(tmp_path / "bare.csv", index=False)
    result = checked(driftline, tmp_path / "labelled.csv", tmp_path / "bare.csv")
    assert result.read.rows == 6_000
    assert 2_500 < result.labelled_rows <= 3_000
    assert any("3,000 of 6,000 rows have no scheduled_departure" in warning for warning in result.read.warnings)
    assert any(warning.startswith("bare.csv: There is no column flight_id") for warning in result.read.warnings)


def test_a_file_without_rows_is_told_and_files_without_any_are_refused(
    driftline: Driftline, july: Path, tmp_path: Path
) -> None:
    header = (july / "1.csv").read_text().splitlines()[0]
    (july / "none.csv").write_text(header + "\n")
    assert any(warning.startswith("none.csv: It has no row") for warning in checked(driftline, july).read.warnings)
    (tmp_path / "x.csv").write_text(header + "\n")
    (tmp_path / "y.csv").write_text(header + "\r\n")
    with pytest.raises(TableRefused, match="no row could be used"):
        checked(driftline, tmp_path / "x.csv", tmp_path / "y.csv")


def test_names_of_columns_hold_for_every_file_that_has_them(driftline: Driftline, tmp_path: Path) -> None:
    rows = pd.read_csv(SAMPLES / "july.csv")
    rows[:3_000].rename(columns={"temp": "t"}).to_csv(tmp_path / "1.csv", index=False)
    rows[3_000:].to_csv(tmp_path / "2.csv", index=False)
    driftline.column_names.remember(MODEL, {"t": "temp", "x": "dewp"})
    order = ordered(driftline, tmp_path / "1.csv", tmp_path / "2.csv")
    assert order.reading.names == {"t": "temp"}
    check_and_record(driftline, order, silent)
    result = driftline.history.check(order.id)
    assert result.read.rows == 6_000
    assert any("was taken for temp" in warning for warning in result.read.warnings)
    again = order_check(driftline, upload=result.upload, file_name="again", model=MODEL, reading=result.reading)
    assert check_and_record(driftline, again, silent)["verdict"] == result.verdict.name
