"""How a file is read is part of its check: names, options, what is noticed, and what becomes of a refused file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from monitoring.errors import NotPossible, TableRefused
from monitoring.history.records import CheckResult
from monitoring.profiles.codec import decode_profile
from monitoring.profiles.counts import NumericCounts
from monitoring.progress import silent
from monitoring.retraining.source_rows import read_source
from monitoring.tables.limits import LIMITS
from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.tables.reading_options import ReadOptions
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import CheckOrder, check_and_record, forget_refused, order_check, submit_check
from monitoring.workflows.looking import look_at
from monitoring.workflows.naming import remember_names
from monitoring.workflows.noticing import repeated_notes, repeated_rows_notes
from monitoring.workflows.parts import Driftline
from monitoring.workflows.report import _sample_upload
from monitoring.workflows.retrain import plan_retrain
from tests.processes import wait_until

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"
OTHER_NAMES = {"flight_id": "Flug", "temp": "Temperatur", "late": "verspaetet"}
NAMES = {"Flug": "flight_id", "Temperatur": "temp", "verspaetet": "late"}
Rows = Callable[[pd.DataFrame], object]


@pytest.fixture
def driftline(tmp_path: Path) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path / "data")}))


def week() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "quiet-week.csv")


def labels() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "quiet-week-labels.csv")


def order(
    driftline: Driftline,
    rows: pd.DataFrame | bytes,
    outcomes: pd.DataFrame | None = None,
    reading: Reading = AS_FOUND,
    name: str = "week.csv",
) -> CheckOrder:
    def kept(table: pd.DataFrame | bytes) -> str:
        return driftline.uploads.save(table if isinstance(table, bytes) else table.to_csv(index=False).encode())

    return order_check(
        driftline,
        upload=kept(rows),
        file_name=name,
        labels=None if outcomes is None else kept(outcomes),
        labels_name=None if outcomes is None else "labels.csv",
        model=MODEL,
        reading=reading,
    )


def checked(driftline: Driftline, ordered: CheckOrder) -> CheckResult:
    check_and_record(driftline, ordered, silent)
    return driftline.history.check(ordered.id)


def told(result: CheckResult) -> str:
    return " ".join(result.read.warnings)


def foreign(table: pd.DataFrame) -> bytes:
    """The table under other names, with semicolons and decimal commas."""
    return table.rename(columns=OTHER_NAMES).to_csv(index=False, sep=";", decimal=",").encode()


def test_other_names_and_another_spelling_give_the_same_check_everywhere(driftline: Driftline) -> None:
    plain = checked(driftline, order(driftline, week(), labels()))
    remember_names(driftline, MODEL, NAMES)
    ordered = order(driftline, foreign(week()), labels().rename(columns=OTHER_NAMES), name="woche.csv")
    assert ordered.reading.names == NAMES
    other = checked(driftline, ordered)
    assert (other.findings, other.performance) == (plain.findings, plain.performance)
    assert 'The column "Temperatur" was taken for temp, as its name was given.' in other.read.warnings
    assert other.read.sniffed is not None
    assert (other.read.sniffed.delimiter, other.read.sniffed.decimal) == (";", ",")
    version = driftline.registry.champion(MODEL)
    assert _sample_upload(driftline, other, version, silent).equals(
        _sample_upload(driftline, plain, version, silent).select(
            _sample_upload(driftline, other, version, silent).column_names
        )
    )
    source = plan_retrain(driftline.history, driftline.registry, other.id).sources[-1]
    known = plan_retrain(driftline.history, driftline.registry, plain.id).sources[-1]
    assert (source.upload, source.reading) == (ordered.upload, ordered.reading)
    stored = {upload.check: upload.reading for upload in driftline.history.labelled_uploads(MODEL)}
    assert stored == {plain.id: AS_FOUND, other.id: ordered.reading}
    driftline.column_names.forget(MODEL, "Temperatur")
    rows, same = (read_source(driftline.uploads, one, version.contract, silent, LIMITS) for one in (source, known))
    assert rows.equals(same)


def test_the_identity_of_a_check_holds_what_decides(driftline: Driftline) -> None:
    rows = week()
    plain = order(driftline, rows)
    remember_names(driftline, MODEL, NAMES)
    assert order(driftline, rows).id == plain.id, "names that the file does not use are none of it"
    other = order(driftline, foreign(rows))
    assert other.reading.names == {key: name for key, name in NAMES.items() if name != "late"}
    once = order(driftline, foreign(rows), reading=Reading(names={"dewp": "temp"}))
    assert once.reading.names == other.reading.names, "a column under its own name is what it is"
    said = order(driftline, rows, reading=Reading(options=ReadOptions(delimiter=",")))
    assert said.id != plain.id
    assert CheckOrder.model_validate(said.model_dump()) == said


def test_a_name_that_cannot_be_is_refused_and_the_file_let_go_of(driftline: Driftline) -> None:
    for names, words in (({"tmp": "temp"}, "no column tmp"), ({"temp": "tempo"}, "no such column")):
        with pytest.raises(NotPossible, match=words):
            order(driftline, week(), reading=Reading(names=names))
        assert driftline.uploads.kept(until=float("inf")) == ()
    with pytest.raises(NotPossible, match="no such column"):
        remember_names(driftline, MODEL, {"x": "nothing"})
    assert driftline.column_names.of(MODEL) == {}


def test_texts_that_are_no_number_reach_the_profile(driftline: Driftline) -> None:
    rows = week().astype({"temp": object})
    rows.loc[:6, "temp"] = ["warm", "", "cold", "NA", "?", "inf", "n/a"]
    result = checked(driftline, order(driftline, rows))
    profile = decode_profile(driftline.history.profile(result.id))
    counts = profile.columns["temp"]
    assert isinstance(counts, NumericCounts)
    problems = {problem.rule: problem.count for problem in result.read.problems if problem.column == "temp"}
    assert counts.not_numbers == problems["not_a_number"] == 3
    assert (problems["infinite"], counts.missing) == (1, 7 + int(week()["temp"].iloc[7:].isna().sum()))


NOTICED: dict[str, tuple[Rows, str]] = {
    "one value": (lambda rows: rows.assign(temp=39.02), "One and the same value wherever there is one: temp (39.02)."),
    "one category": (lambda rows: rows.assign(origin="JFK"), "origin (JFK)"),
    "no value": (lambda rows: rows.assign(pressure="", carrier=None), "has a value in carrier, pressure."),
    "unknown ones": (
        lambda rows: rows.assign(dest=["ZZ1"] * 3 + ["ZZ2"] + list(rows.dest)[4:]),
        "dest: 4 of 6,122 rows have 2 categories that the training data does not know: ZZ1, ZZ2.",
    ),
    "outcomes of one class": (lambda rows: rows.assign(late=0), "all 6,122 outcomes are the same (not late)"),
    "ids that come again": (lambda rows: rows.iloc[[0, *range(len(rows))]], "flight_id: 1 duplicate"),
}


@pytest.mark.parametrize(("spoil", "words"), NOTICED.values(), ids=NOTICED)
def test_what_is_odd_is_said(driftline: Driftline, spoil: Rows, words: str) -> None:
    rows = spoil(week())
    assert isinstance(rows, pd.DataFrame)
    assert words in told(checked(driftline, order(driftline, rows)))


def test_how_many_rows_have_a_label_is_a_fact(driftline: Driftline) -> None:
    """Nothing has to be done about it, as long as every label found its row."""
    some = week().assign(late=lambda rows: [1, 0] * 50 + [None] * (len(rows) - 100))
    fact = "100 of 6,122 rows have an outcome (1.63 %)."
    for kept in (order(driftline, some), order(driftline, week(), labels().head(100))):
        read = checked(driftline, kept).read
        assert (read.warnings, read.facts) == ((), (fact,))
    strangers = labels().head(100).assign(flight_id=lambda rows: [*rows.flight_id[:99], "nobody"])
    read = checked(driftline, order(driftline, week(), strangers)).read
    assert read.facts == ()
    assert "99 of 6,122 rows have an outcome (1.62 %). 1 outcome belongs to no row of the file." in read.warnings


def test_a_good_file_has_no_notes(driftline: Driftline) -> None:
    assert checked(driftline, order(driftline, week())).read.warnings == ()


def test_the_same_file_twice_is_said(driftline: Driftline) -> None:
    first = order(driftline, week())
    assert repeated_notes(driftline, first.id, "week.csv") == []
    checked(driftline, first)
    again = order(driftline, week(), name="copy.csv")
    (note,) = repeated_notes(driftline, again.id, "copy.csv")
    assert note.startswith("copy.csv was checked before as week.csv, on 20")


@pytest.mark.parametrize("other", ["rows in another order", "another format", "written otherwise"])
def test_the_same_rows_in_another_file_are_said_first(driftline: Driftline, other: str, tmp_path: Path) -> None:
    checked(driftline, order(driftline, week()))
    rows: pd.DataFrame | bytes = week().sample(frac=1, random_state=1)
    if other == "another format":
        week().to_parquet(tmp_path / "week.parquet")
        rows = (tmp_path / "week.parquet").read_bytes()
    elif other == "written otherwise":
        rows = week().to_csv(index=False, sep=";", decimal=",").encode()
    read = checked(driftline, order(driftline, rows, name="again.csv")).read
    assert read.repeats[0].startswith("again.csv holds the very same rows as week.csv, checked on 20")


def test_other_rows_and_later_labels_are_no_repeats(driftline: Driftline) -> None:
    checked(driftline, order(driftline, week()))
    changed = week()
    changed.loc[0, "temp"] += 30
    for more in (order(driftline, changed), order(driftline, week(), labels())):
        assert checked(driftline, more).read.repeats == ()


def refused(driftline: Driftline, rows: bytes) -> CheckOrder:
    """A check that the page starts, at its end."""
    ordered = order(driftline, rows)
    submit_check(driftline, ordered)
    wait_until(lambda: driftline.jobs.job(ordered.id).state == "refused", "the check is refused")
    return ordered


def test_a_refused_file_stays_to_be_read_differently_and_no_longer(driftline: Driftline) -> None:
    kept = refused(driftline, foreign(week()))
    look = look_at(driftline.uploads.path(kept.upload), driftline.registry.champion(MODEL).contract,
                   name="week.csv", reading=AS_FOUND)  # fmt: skip
    assert [column.name for column in look.missing] == ["temp"]
    assert "Temperatur" in look.others
    later = replace(driftline, now=lambda: driftline.now() + timedelta(minutes=61))
    assert refused(later, b"\x89PNG\r\n\x1a\n" + bytes(90)).upload not in driftline.uploads.kept(until=float("inf"))
    assert driftline.uploads.kept(until=float("inf")) == (), "an hour later the next refusal lets go of it"
    again = refused(driftline, foreign(week()))
    forget_refused(driftline, again.id)
    assert driftline.uploads.kept(until=float("inf")) == ()


def test_a_refused_file_that_was_mended_stays_with_its_check(driftline: Driftline) -> None:
    first = refused(driftline, foreign(week()))
    names = {"Flug": "flight_id", "Temperatur": "temp"}
    mended = order(driftline, foreign(week()), reading=Reading(names=names))
    checked(driftline, mended)
    forget_refused(driftline, first.id)
    assert driftline.uploads.kept(until=float("inf")) == (mended.upload,)


def test_a_script_keeps_nothing_of_a_refused_file(driftline: Driftline) -> None:
    with pytest.raises(TableRefused):
        check_and_record(driftline, order(driftline, foreign(week())), silent)
    assert driftline.uploads.kept(until=float("inf")) == ()


def test_looking_at_what_cannot_be_read_tells_why(driftline: Driftline, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"%PDF-1.7")
    look = look_at(file, driftline.registry.champion(MODEL).contract, name="x.csv", reading=AS_FOUND)
    assert look.preview is None
    assert "PDF" in look.refusal
    assert look.missing == ()


def test_rows_that_repeat_are_told(driftline: Driftline) -> None:
    twice = pd.concat([week(), week().head(2_000).assign(flight_id=lambda rows: "X" + rows.flight_id)])
    (note,) = repeated_rows_notes(checked(driftline, order(driftline, twice)))
    assert note.startswith("25 % of the rows repeat an earlier row in every input and the time (training data: 0.0")
    assert repeated_rows_notes(checked(driftline, order(driftline, week()))) == []
