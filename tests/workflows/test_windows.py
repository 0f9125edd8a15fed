"""Windows of stored profiles on the packaged flights: the counts of whole files, their statistics, what is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from monitoring.errors import NotFound
from monitoring.history.records import CheckResult
from monitoring.policy.verdict import Finding
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.profile import Profile
from monitoring.progress import silent
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.judged_windows import judge_window
from monitoring.workflows.over_time import (
    batch_of,
    check_spread,
    columns_of,
    in_order,
    marks,
    reference_spread,
    shown_categories,
    timeline_csv,
    window_spread,
)
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Period, previous
from monitoring.workflows.promote import promote
from monitoring.workflows.side_by_side import judged_batch, windows_by
from monitoring.workflows.windows import Window, open_window, outcomes, window_profile

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"
WEEKS = [(1, 7), (8, 14), (15, 21), (22, 31)]
JULY = Period(date(2013, 7, 1), date(2013, 7, 31))


@pytest.fixture(scope="module")
def july() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "july.csv")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, july: pd.DataFrame) -> Iterator[Driftline]:
    """July checked as one file, without outcomes and with them."""
    engine = opened(tmp_path_factory)
    check(engine, "july.csv", july)
    check(engine, "july.csv", july, labels=(SAMPLES / "july-labels.csv").read_bytes())
    yield engine


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory, july: pd.DataFrame) -> Iterator[Driftline]:
    """July checked week by week."""
    engine = opened(tmp_path_factory)
    for first, last in WEEKS:
        check(engine, f"july-{first}.csv", those(july, first, last))
    yield engine


def opened(tmp_path_factory: pytest.TempPathFactory) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path_factory.mktemp("data"))}))


def those(rows: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    return rows[pd.to_datetime(rows.scheduled_departure).dt.day.between(first, last)]


def check(engine: Driftline, name: str, rows: pd.DataFrame, labels: bytes | None = None) -> CheckResult:
    order = order_check(
        engine,
        upload=engine.uploads.save(rows.to_csv(index=False).encode()),
        file_name=name,
        labels=engine.uploads.save(labels) if labels else None,
        model=MODEL,
    )
    check_and_record(engine, order, silent)
    return engine.history.check(order.id)


def week(number: int) -> Period:
    first, last = WEEKS[number]
    return Period(date(2013, 7, first), date(2013, 7, last))


def counts_of(profile: Profile, *, besides: str = "late") -> dict[str, list[int]]:
    return {
        name: [*counts.cells.tolist(), counts.missing, counts.rows, *profile.blocks.columns[name].sum(axis=0).tolist()]
        for name, counts in profile.columns.items()
        if name != besides
    }


def by_test(findings: tuple[Finding, ...]) -> dict[tuple[str, str], Finding]:
    return {(one.column, one.detector): one for one in findings if one.detector in ("ks", "chi2", "missing")}


def test_a_window_equal_to_a_file_has_its_counts_and_intervals_that_hold_its_statistics(whole: Driftline) -> None:
    window = open_window(whole, MODEL, JULY)
    assert [(one.why, one.rows) for one in window.left_out] == [("same_upload", window.rows)]
    labelled = window.parts[0].check
    assert labelled.labelled_rows == 5_770, "the check with outcomes speaks for the file"
    assert not window.cut
    exact = by_test(whole.history.check(labelled.id).findings)
    found = by_test(judge_window(whole, window).findings)
    measured = {
        (one.measurement.column, one.measurement.detector): one.measurement
        for one in judge_window(whole, window).comparison.measured
    }
    assert found.keys() == exact.keys()
    for key, one in exact.items():
        if key[1] == "ks":
            assert measured[key].statistic_low - 1e-12 <= one.statistic <= measured[key].statistic_high + 1e-12
        assert found[key].effect_low <= one.effect <= found[key].effect_high
        assert (found[key].n_reference, found[key].n_batch) == (one.n_reference, one.n_batch)
    assert judge_window(whole, window).verdict.name == "drift"
    assert judge_window(whole, window).verdict.sentence.startswith("July 2013 looks different: 3 of 13 inputs")


def test_windows_add_up_to_the_window_of_all_whatever_the_order_of_checks(whole: Driftline, weekly: Driftline) -> None:
    checks = weekly.history.checks(MODEL)
    everything = open_window(weekly, MODEL, JULY)
    parts = [window_profile(weekly, open_window(weekly, MODEL, week(number))) for number in range(4)]
    added = counts_of(parts[0] + parts[1] + parts[2] + parts[3])
    assert added == counts_of(window_profile(weekly, everything))
    assert added == counts_of(window_profile(whole, open_window(whole, MODEL, JULY)))
    for order in list(permutations(checks))[::5]:
        again = open_window(weekly, MODEL, JULY, checks=order)
        assert again.key == everything.key
        assert counts_of(window_profile(weekly, again)) == added


def test_a_week_cut_out_of_the_month_has_the_rows_of_the_file_of_that_week(
    whole: Driftline, weekly: Driftline, july: pd.DataFrame
) -> None:
    cut, own = open_window(whole, MODEL, week(1)), open_window(weekly, MODEL, week(1))
    assert (cut.cut, own.cut, cut.rows) == (True, False, own.rows)
    a, b = window_profile(whole, cut), window_profile(weekly, own)
    for name in b.columns.keys() - {"late"}:
        assert np.array_equal(a.blocks.columns[name], b.blocks.columns[name])
    found = {
        one.measurement.column: one.measurement
        for one in judge_window(whole, cut).comparison.measured
        if one.measurement.detector == "ks"
    }
    reference = pd.read_parquet(PROJECT / "reference_data" / MODEL / "1" / "reference.parquet")
    for name in ("temp", "humid", "pressure", "distance", "sched_dep_min"):
        mine, others = those(july, *WEEKS[1])[name].dropna(), reference[name].dropna()
        exact = stats.ks_2samp(others.astype(float), mine.astype(float), method="asymp").statistic
        assert found[name].statistic_low - 1e-12 <= exact <= found[name].statistic_high + 1e-12
    assert judge_window(whole, cut).verdict.name == judge_window(weekly, own).verdict.name == "drift"


def test_a_file_within_another_is_counted_once(whole: Driftline, weekly: Driftline, july: pd.DataFrame) -> None:
    rows = open_window(weekly, MODEL, JULY).rows
    extra = check(weekly, "july.csv", july)
    window = open_window(weekly, MODEL, JULY)
    assert window.rows == rows == len(july)
    assert {one.why for one in window.left_out} == {"same_rows"}
    assert sum(one.rows for one in window.left_out) == rows
    weekly.history.delete_check(extra.id)


def test_a_sample_of_a_month_counts_in_none_of_its_days(tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = opened(tmp_path_factory)
    year = pd.read_parquet(SAMPLES / "year.parquet")
    times = pd.to_datetime(year.scheduled_departure)
    first_week = year[(times.dt.month == 7) & (times.dt.day <= 7)]
    check(engine, "month.csv", first_week)
    check(engine, "july.csv", pd.read_csv(SAMPLES / "july.csv"))
    fourth = Period(date(2013, 7, 4), date(2013, 7, 4))
    window = open_window(engine, MODEL, fourth)
    assert window.rows == (pd.to_datetime(first_week.scheduled_departure).dt.day == 4).sum() == 737
    assert [(one.why, one.check.file_name, one.rows) for one in window.left_out] == [("same_rows", "july.csv", 152)]
    assert window.perhaps_twice == ()
    few = pd.read_csv(SAMPLES / "july.csv")
    check(engine, "few.csv", few[pd.to_datetime(few.scheduled_departure).dt.day == 4][:19])
    window = open_window(engine, MODEL, fourth)
    assert window.rows == 737 + 19, "too few to know"
    assert [{one.file_name for one in pair} for pair in window.perhaps_twice] == [{"month.csv", "few.csv"}]


def test_two_windows_differ_as_far_either_way_and_their_intervals_hold_the_exact_distance(
    whole: Driftline, july: pd.DataFrame
) -> None:
    one, other = open_window(whole, MODEL, week(0)), open_window(whole, MODEL, week(2))
    there, back = judge_window(whole, one, other), judge_window(whole, other, one)
    forth, return_ = by_test(there.findings), by_test(back.findings)
    assert forth.keys() == return_.keys()
    for key, finding in forth.items():
        assert finding.effect == pytest.approx(return_[key].effect, abs=1e-12)
        assert finding.effect_low == pytest.approx(return_[key].effect_low, abs=1e-12)
        assert finding.effect_high == pytest.approx(return_[key].effect_high, abs=1e-12)
    for name in ("temp", "dewp", "humid", "pressure"):
        a, b = (those(july, *WEEKS[place])[name].dropna().astype(float) for place in (2, 0))
        exact = stats.ks_2samp(a, b, method="asymp").statistic
        assert forth[name, "ks"].effect_low <= exact <= forth[name, "ks"].effect_high
    said = there.verdict
    assert said.sentence.startswith("July 1 to 7, 2013, compared with July 15 to 21, 2013,")
    assert "the reference" not in said.sentence
    assert said.action != "retrain"
    assert {finding.detector for finding in there.findings}.isdisjoint({"out_of_range", "duplicates"})


def test_what_stored_counts_leave_open_is_said_and_no_more_rows_are_asked_for(whole: Driftline) -> None:
    judged = judge_window(whole, open_window(whole, MODEL, week(1)), open_window(whole, MODEL, week(0)))
    found = {
        one.measurement.column: one.measurement
        for one in judged.comparison.measured
        if one.measurement.detector == "ks"
    }
    left_open = [one for one in judged.findings if one.note.startswith("the stored counts leave it open: between ")]
    assert left_open
    for one in left_open:
        low, high = found[one.column].statistic_low, found[one.column].statistic_high
        assert one.state == "undecided"
        assert one.note.endswith(f"{low:.2f} and {high:.2f}")
        assert low < one.tolerance <= one.effect_high
    assert judged.verdict.name == "undecided"
    assert "cannot be judged by stored counts: they leave open how far" in judged.verdict.sentence
    assert "Check the rows of these days in one file" in judged.verdict.advice


def test_a_window_with_itself_has_not_moved(whole: Driftline) -> None:
    window = open_window(whole, MODEL, JULY)
    assert all(one.effect == 0 for one in judge_window(whole, window, window).findings)


def test_outcomes_are_those_of_the_days(whole: Driftline, july: pd.DataFrame) -> None:
    known = july.merge(pd.read_csv(SAMPLES / "july-labels.csv"), on="flight_id", how="left")
    month = outcomes(whole, open_window(whole, MODEL, JULY))
    result = whole.history.check(open_window(whole, MODEL, JULY).parts[0].check.id)
    assert result.performance is not None
    assert (month.labelled, month.rows) == (5_770, len(july))
    assert month.rate == pytest.approx(known.late.mean())
    assert month.brier == pytest.approx(result.performance.brier)
    assert month.mean_prediction == pytest.approx(result.mean_prediction_batch)
    days = outcomes(whole, open_window(whole, MODEL, week(3)))
    late = those(known, *WEEKS[3]).late
    assert (days.labelled, days.rate) == (int(late.notna().sum()), pytest.approx(late.mean()))
    assert days.brier is None, "it is not stored by days"


def test_what_is_worked_out_is_kept(weekly: Driftline, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window(weekly, MODEL, week(1))
    first = judge_window(weekly, window)
    monkeypatch.setattr(weekly.history, "profile", lambda check_id: pytest.fail("read again"))
    again = open_window(weekly, MODEL, week(1))
    assert judge_window(weekly, again) is first


def test_a_window_without_rows_says_so(weekly: Driftline) -> None:
    empty = open_window(weekly, MODEL, Period(date(2014, 1, 1), date(2014, 1, 7)))
    assert (empty.parts, empty.rows, empty.days) == ((), 0, ())
    with pytest.raises(NotFound, match="no rows in this period"):
        judge_window(weekly, empty)
    with pytest.raises(NotFound):
        judge_window(weekly, open_window(weekly, MODEL, week(0)), empty)


def test_profiles_of_another_version_or_another_driftline_are_left_out_and_named(weekly: Driftline) -> None:
    checks = weekly.history.checks(MODEL)
    other = replace(checks[0], version=7, upload="f" * 64)
    window = open_window(weekly, MODEL, JULY, checks=[*checks, other])
    assert window.version == 1
    assert [(one.why, one.check) for one in window.left_out] == [("other_version", other)]
    kept = weekly.history.check(checks[0].id)
    weekly.history.record_check(replace(kept, id="e" * 16, upload="e" * 64), b"PK of a format long gone")
    window = open_window(weekly, MODEL, JULY)
    assert [one.why for one in window.left_out] == ["unreadable"]
    weekly.history.delete_check("e" * 16)


def test_steps_have_each_row_once(whole: Driftline, weekly: Driftline) -> None:
    for engine in (whole, weekly):
        checks = engine.history.checks(MODEL)
        windows = windows_by(engine, MODEL, 1, "week", checks)
        assert [window.period.first for window in windows] == [date(2013, 7, day) for day in (1, 8, 15, 22, 29)]
        assert sum(window.rows for window in windows) == len(pd.read_csv(SAMPLES / "july.csv"))
    weeks = windows_by(whole, MODEL, 1, "week", whole.history.checks(MODEL))
    batches = [judged_batch(whole, window) for window in weeks]
    assert all(batch.effects["temp"] > 0.9 for batch in batches)
    assert [batch.verdict for batch in batches][:4] == ["drift"] * 4
    assert previous(batches[1].period) == batches[0].period


def test_the_spread_of_a_column_is_that_of_the_rows(whole: Driftline, july: pd.DataFrame) -> None:
    checks = whole.history.checks(MODEL)
    spread = check_spread(whole, checks[0], "humid")
    assert spread is not None
    wanted = july.humid.quantile([0.05, 0.25, 0.5, 0.75, 0.95], interpolation="lower")
    step = np.diff(np.sort(july.humid.dropna().unique())).max()
    assert np.abs(np.array(spread.quantiles) - wanted.to_numpy()).max() < max(2.0, step)
    carriers = check_spread(whole, checks[0], "carrier")
    assert carriers is not None
    assert dict(carriers.shares)["UA"] == pytest.approx((july.carrier == "UA").mean())
    assert shown_categories([carriers, None])[0] == july.carrier.mode()[0]
    cut = window_spread(whole, open_window(whole, MODEL, week(1)), "carrier")
    assert cut is not None
    assert dict(cut.shares)["UA"] == pytest.approx((those(july, 8, 14).carrier == "UA").mean())
    reference = reference_spread(whole, MODEL, 1, "prediction")
    assert reference is not None
    assert list(reference.quantiles) == sorted(reference.quantiles)
    assert check_spread(whole, checks[0], "no such column") is None
    assert columns_of(whole, MODEL, 1)[0] == "prediction"


def test_marks_stand_before_what_was_checked_after_them(whole: Driftline, tmp_path: object) -> None:
    first = whole.registry.version(MODEL, 1)
    checks = in_order(whole.history.checks(MODEL), "check")
    batches = [batch_of(check) for check in checks]
    broken = replace(batches[0], verdict="broken", sentence="The feed looks broken.")
    with whole.registry.staging(MODEL) as staged:
        for file in (first.model_file, first.folder / "contract.json", first.reference_file):
            shutil.copy(file, staged / file.name)
        made = {"version": 0, "parent": 1, "files": {}, "created_at": batches[0].created_at}
        (staged / "manifest.json").write_text(first.manifest.model_copy(update=made).model_dump_json())
        whole.registry.register(MODEL, staged)
    promote(whole.registry, whole.history, MODEL, 2, reason="better", now=whole.now())
    found = marks([broken, *batches[1:]], whole.history.switches(MODEL), whole.registry.versions(MODEL))
    assert [(mark.kind, mark.place, mark.version) for mark in found] == [
        ("incident", 0, None),
        ("trained", 0.5, 2),
        ("promote", len(batches) - 0.5, 2),
    ]
    assert found[1].text == "It was put into use."
    assert found[2].text == "better"
    unused = marks(batches, (), whole.registry.versions(MODEL))
    assert [mark.text for mark in unused if mark.kind == "trained"] == ["It was not put into use."]
    assert open_window(whole, MODEL, JULY).version == 1, "the version in use scored nothing yet"


def test_the_time_line_leaves_as_csv_that_a_spreadsheet_does_not_run(whole: Driftline) -> None:
    batches = [replace(batch_of(check), name="=1+1") for check in whole.history.checks(MODEL)]
    lines = timeline_csv(batches).splitlines()
    header = lines[0].split(",")
    assert len(lines) == 1 + len(batches)
    assert lines[1].startswith("'=1+1,2013-07-01,2013-07-31,1,drift,")
    row = dict(zip(header, lines[1].split(","), strict=True))
    assert float(row["moved: temp"]) == pytest.approx(batches[0].effects["temp"], abs=1e-5)
    assert row["in_drift"] == "temp; dewp; wind_speed; prediction"


def test_a_window_of_the_packaged_model_counts_in_the_cells_of_its_reference(whole: Driftline) -> None:
    window: Window = open_window(whole, MODEL, JULY)
    temp = window_profile(whole, window).columns["temp"]
    assert isinstance(temp, NumericCounts)
    assert temp.mean == pytest.approx(pd.read_csv(SAMPLES / "july.csv").temp.mean())
