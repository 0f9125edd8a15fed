"""Sentences, labels and looks."""

import doctest
import importlib
import math
import pkgutil
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import get_args

import pytest

import dashboard.charts
import dashboard.wording
from dashboard.wording.columns import column_rows, headline, moved_inputs
from dashboard.wording.findings import describe, nothing_to_note
from dashboard.wording.jobs import STATES as JOB_STATES
from dashboard.wording.jobs import ended, startable, took
from dashboard.wording.performance import GATES, gate_basis, measures, realised_sentence
from dashboard.wording.quantities import NBSP, ago, change, change_of_share, number, p_value, percent
from dashboard.wording.reading import consequence, examples, unused_summary
from dashboard.wording.retraining import policy_words, requests_words, said_of_start
from dashboard.wording.terms import DETECTORS, TERMS
from dashboard.wording.verdicts import ALERTS, STATES, VERDICTS, verdict_look
from dashboard.wording.versions import column_list, details, facts
from monitoring.drift.measurement import Detector, NumericShift, ShareShift
from monitoring.history.records import Job, JobState
from monitoring.performance.gate import GateResult
from monitoring.policy.retrain_evidence import Asked
from monitoring.policy.retrain_policy import Muted, RetrainPolicy
from monitoring.policy.verdict import State, VerdictName
from tests.dashboard import columns_by_hand, material
from tests.dashboard import versions_by_hand as versions


def plain(text: object) -> str:
    return str(text).replace(NBSP, " ")


@pytest.mark.parametrize(
    "module",
    [m.name for p in (dashboard.wording, dashboard.charts) for m in pkgutil.iter_modules(p.__path__, p.__name__ + ".")],
)
def test_examples_in_the_code_are_right(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_a_number_that_moved_is_said_with_its_unit_its_test_and_its_sizes() -> None:
    said = plain(describe(material.july().findings[0], "°F"))
    assert said == (
        "temp: median 39 → 77 °F. KS 1.00 (p < 0.001), tolerance 0.46; 18,809 reference and 6,000 production values."
    )


def test_a_median_that_counts_leave_open_is_not_told() -> None:
    temp = material.july().findings[0]
    assert isinstance(temp.evidence, NumericShift)
    nearly = replace(temp, evidence=replace(temp.evidence, median_error=1.0, mean_reference=40.0, mean_batch=70.0))
    assert plain(describe(nearly, "°F").what) == "median 39 → 77 °F"
    wide = replace(temp, evidence=replace(temp.evidence, median_error=18.0, mean_reference=40.0, mean_batch=70.0))
    assert plain(describe(wide, "°F").what) == "mean 40 → 70 °F"


def test_predictions_are_said_in_percent() -> None:
    said = describe(material.july().findings[2])
    assert said.column == "Predictions"
    assert plain(said.what) == "median 22 % → 6 %"


def test_missing_and_respelled_values_are_said_as_the_issue_wants_them() -> None:
    carrier, pressure = material.broken_feed().findings[:2]
    assert plain(describe(pressure).what) == "44 % missing, usually 9 %"
    assert "“ua” is not known, “UA” is" in describe(carrier).what
    assert describe(carrier).evidence.startswith("Not tested; ")


def test_rows_that_repeat_are_said_of_whole_rows() -> None:
    shift = ShareShift(share_reference=0.01, share_batch=0.5, highest_reference_block=0.01)
    said = describe(columns_by_hand.finding("", "not_applicable", 0.49, shift, detector="duplicates", p_value=None))
    assert (said.column, plain(said.what)) == ("Whole rows", "50 % repeat an earlier one, usually 1 %")


def test_values_outside_the_range_are_said_with_the_range_and_the_side() -> None:
    shift = ShareShift(
        share_reference=0.0, share_batch=0.69, highest_reference_block=0.0, below=0.69, above=0.0, low=11.0, high=68.0
    )
    finding = columns_by_hand.finding("temp", "not_applicable", 0.69, shift, detector="out_of_range", p_value=None)
    assert plain(describe(finding, "°F").what) == "69 % outside the reference's range 11 to 68 °F (69 % below)"


def test_both_p_values_are_said_where_they_differ() -> None:
    finding = replace(material.july().findings[0], p_rows=1e-9, p_days=0.4, p_value=0.4)
    assert "(p < 0.001 by rows, p = 0.40 by days)" in describe(finding).evidence


def test_a_column_has_one_row_led_by_its_first_finding() -> None:
    rows = column_rows(material.july())
    assert [row.column for row in rows][:3] == ["temp", "dewp", "prediction"]
    assert len({row.column for row in rows}) == len(rows)
    dest = next(row for row in rows if row.column == "dest")
    assert dest.state == "stable"
    assert dest.also == "", "a share too small to mention"


def test_what_else_was_noticed_is_in_the_row_when_it_is_worth_it() -> None:
    result = material.july()
    seen = replace(result.findings[-1], evidence=columns_by_hand.unseen("ANC", 240))
    dest = next(r for r in column_rows(replace(result, findings=(*result.findings[:-1], seen))) if r.column == "dest")
    assert plain(dest.also) == "4 % never seen before: “ANC”"


def test_headlines_are_inputs_that_moved() -> None:
    assert [finding.column for finding in headline(material.july())] == ["temp", "dewp", "wind_speed"]
    assert headline(material.quiet()) == ()
    assert [finding.column for finding in headline(material.broken_feed())][:2] == ["carrier", "pressure"]


def test_inputs_that_moved_are_counted_without_the_predictions() -> None:
    assert moved_inputs(material.july()) == (3, 13)


@pytest.mark.parametrize(
    ("kind", "looks"), [(VerdictName, VERDICTS), (State, STATES), (JobState, JOB_STATES), (GateResult, GATES)]
)
def test_every_state_has_a_word_an_icon_a_colour_and_a_meaning(kind: object, looks: dict[str, object]) -> None:
    assert set(looks) == set(get_args(kind))
    for look in looks.values():
        assert look.word and look.icon and look.colour and look.meaning  # type: ignore[attr-defined] # a Look
    assert len({(look.word, look.icon) for look in looks.values()}) == len(looks)  # type: ignore[attr-defined] # a Look


def test_every_verdict_has_a_banner_and_a_new_one_is_not_hidden() -> None:
    assert set(ALERTS) == set(VERDICTS)
    assert verdict_look("from the future").word == "Unknown"


def test_every_detector_is_named() -> None:
    assert set(DETECTORS) == set(get_args(Detector))


def test_every_measure_is_explained() -> None:
    result = material.july()
    assert result.performance is not None
    assert {row.term for row in measures(None, result.performance)} <= set(TERMS)


def test_numbers_that_differ_are_written_differently() -> None:
    assert plain(change(1016.93, 1016.94)) == "1,016.93 → 1,016.94"
    assert plain(change(5, 5, "mph")) == "5 mph, as before"
    assert plain(change_of_share(0.5, 0.5)) == "50 % → 50 %"
    assert change(math.inf, 1.0) == "∞ → 1"
    assert number(math.nan) == percent(math.nan) == "unknown"
    assert number(-3.25) == "−3.2"


def test_p_values_are_never_zero() -> None:
    assert p_value(0.0) == "p < 0.001"


def test_times_without_a_zone_are_utc() -> None:
    assert ago(datetime(2026, 1, 1, 12), datetime(2026, 1, 2, 13, tzinfo=UTC)) == "yesterday"


def test_performance_is_said_in_a_sentence() -> None:
    result = material.july()
    assert result.performance is not None
    said = plain(realised_sentence(result.performance_reference, result.performance, "late"))
    assert said == "The model predicted 8 % late; 32 % really were. On the reference it was 24 % and 24 %."


def test_the_comparison_tells_what_it_rests_on() -> None:
    assert "1,900 rows" in gate_basis(versions.gate())


def test_rows_that_could_not_be_used_are_summed_up() -> None:
    read = material.read_report()
    assert plain(unused_summary(read)) == "12 rows of 6,012 rows (0.2 %) were set aside, not scored."
    assert [consequence(problem) for problem in read.problems] == ["counted as missing", "row set aside"]
    assert examples(read.problems[0]) == "row 17: “n/a?”, row 20: “warm”, …"
    assert unused_summary(material.quiet().read) == "All 6,122 rows could be used."


def test_a_job_tells_how_it_ended_and_whether_it_can_start_again() -> None:
    assert startable(versions.job("interrupted"))
    assert not startable(versions.job("refused"))
    assert "before its end" in ended(versions.job("interrupted"))
    assert ended(versions.job("interrupted", message="The disk is full.")) == "The disk is full."
    assert ended(versions.job("failed", message="It broke.")).startswith("It broke. It ended with an error")
    assert ended(versions.job("refused", message="It is a PNG.")) == "It is a PNG."
    assert took(versions.job("done"), material.AT) == "1 min 0 s"
    assert took(versions.job("queued"), material.AT) == ""


@pytest.mark.parametrize(
    ("job", "by_hand", "said"),
    [
        (versions.job("interrupted", attempts=1), False, "It starts again by itself, as attempt 2 of 3."),
        (versions.job("interrupted", attempts=3), False, "It was started 3 times and does not start again by itself: "),
        (versions.job("interrupted", attempts=1), True, "A person asked for it, so a person starts it again."),
        (versions.job("failed", attempts=1), False, ""),
    ],
)
def test_a_request_says_whether_it_starts_again_by_itself(job: Job, by_hand: bool, said: str) -> None:
    assert said_of_start(job, by_hand=by_hand).startswith(said)
    assert bool(said_of_start(job, by_hand=by_hand)) is bool(said)


def test_a_version_is_told_in_words() -> None:
    version = versions.version(2)
    assert facts(version.contract, version.manifest)["Inputs"] == "1 number, 1 category"
    assert "version 1" in details(version.contract, version.manifest)["Came from"]
    assert [row["Column"] for row in column_list(version.contract)] == [
        "flight_id",
        "scheduled_departure",
        "temp",
        "carrier",
        "late",
    ]


def test_a_policy_says_which_requests_hold_others_back() -> None:
    words = policy_words(RetrainPolicy(), ())["Holds back"]
    assert words.endswith("What a person asks for counts, and so does what a dry run would have asked for.")
    acts = RetrainPolicy(dry_run=False, muted=(Muted(first=date(2026, 12, 20), last=date(2027, 1, 2)),))
    held = plain(policy_words(acts, ())["Holds back"])
    assert held.startswith("14 days of cool-down after a request;")
    assert held.endswith("muted 20 Dec 2026 to 2 Jan 2027. What a person asks for counts.")


def test_requests_of_dry_runs_are_counted_apart() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made, dry = Asked(id="a", at=at, state="ended"), Asked(id="b", at=at, state="dry")
    assert requests_words([made, dry]) == "1 earlier request (1 more in dry run only)"
    assert requests_words([made, made]) == "2 earlier requests"


def share(of_batch: float) -> ShareShift:
    return ShareShift(share_reference=0.0, share_batch=of_batch, highest_reference_block=0.0, low=1.0, high=7.0)


def test_what_cannot_differ_is_stable_and_not_said_to_be_untested() -> None:
    same = columns_by_hand.finding("x", "stable", 0.0, share(0.0), detector="missing", p_value=None, p_adjusted=None)
    assert describe(same).evidence.startswith("The same on both sides; ")


def test_nothing_outside_the_range_is_nothing_to_note() -> None:
    noted = columns_by_hand.finding("x", "not_applicable", 0.1, share(0.1), detector="out_of_range", p_value=None)
    assert not nothing_to_note(noted)
    assert nothing_to_note(replace(noted, evidence=share(0.0)))
    assert not nothing_to_note(replace(noted, evidence=share(0.0), state="stable"))
