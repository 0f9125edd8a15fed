"""From a check to a request: what may be trained on, in which order, and why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.errors import NotFound, NotPossible
from monitoring.history.history import History
from monitoring.registry.registry import Registry
from monitoring.retraining.request import TrainingData
from monitoring.workflows.retrain import broken_sources, plan_retrain
from tests.history.material import make_check, make_finding
from tests.registry.material import NOW, open_registry, package, register

APRIL, JULY, AUGUST = "4" * 64, "7" * 64, "8" * 64


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    package(tmp_path)
    return open_registry(tmp_path)


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    findings = (make_finding("temp", 0.9, state="drift"), make_finding("wind", 0.1))
    for check_id, upload, time, rows in (
        ("august", AUGUST, "2013-08-01", 50),
        ("april", APRIL, "2013-04-01", 50),
        ("july", JULY, "2013-07-01", 40),
        ("july-unlabelled", JULY, "2013-07-01", 0),
        ("july-better", JULY, "2013-07-01", 45),
    ):
        check = make_check(
            check_id, model="delay", upload=upload, first_time=time, labelled_rows=rows, findings=findings
        )
        history.record_check(check, b"")
    history.record_check(make_check("of-another-model", model="other", upload="9" * 64, labelled_rows=9), b"")
    return history


def test_the_request_has_every_labelled_upload_once_and_the_asked_one_last(
    history: History, registry: Registry
) -> None:
    request = plan_retrain(history, registry, "july", "command")
    assert [source.check for source in request.sources] == ["april", "august", "july"]
    assert [source.upload for source in request.sources] == [APRIL, AUGUST, JULY]
    assert (request.model, request.champion, request.check, request.hook) == ("delay", 1, "july", "command")
    assert (request.evidence.verdict, request.evidence.drifted) == ("drift", ("temp",))
    assert [source.check for source in plan_retrain(history, registry, "august").sources] == [
        "april",
        "july-better",
        "august",
    ]


def test_the_same_question_is_the_same_request_until_something_changes(history: History, registry: Registry) -> None:
    first = plan_retrain(history, registry, "july")
    assert plan_retrain(history, registry, "july").id == first.id
    register(registry, "new")
    assert plan_retrain(history, registry, "july").id == first.id
    registry.promote("delay", 2, reason="", now=NOW)
    assert plan_retrain(history, registry, "july").id != first.id
    registry.roll_back("delay", reason="", now=NOW)
    history.delete_check("april")
    assert plan_retrain(history, registry, "july").id != first.id


def test_without_labels_the_sentence_says_what_is_missing(history: History, registry: Registry) -> None:
    with pytest.raises(NotPossible) as refusal:
        plan_retrain(history, registry, "july-unlabelled")
    assert str(refusal.value) == ("No outcomes yet: add those of july.csv (columns flight_id and late), then retrain.")


def test_a_broken_feed_is_neither_asked_from_nor_learnt_from(history: History, registry: Registry) -> None:
    broken = make_check("broken", model="delay", upload="b" * 64, labelled_rows=50, verdict="broken")
    history.record_check(broken, b"")
    with pytest.raises(NotPossible, match=r"july\.csv looks like a broken feed.* repair the feed"):
        plan_retrain(history, registry, "broken")
    assert "broken" not in [source.check for source in plan_retrain(history, registry, "july").sources]
    july = history.check("july")
    assert [source.check for source in broken_sources(history, july)] == ["broken"]
    assert broken_sources(history, july, kept=lambda sha: sha != "b" * 64) == ()


def test_drift_began_with_the_first_of_the_batches_in_drift_without_a_break(tmp_path: Path, registry: Registry) -> None:
    """Undated and broken batches do not break the row; a quiet one does."""
    history = History(f"sqlite:///{tmp_path / 'row.db'}")
    batches = (("03", "drift"), ("04", "stable"), ("05", "drift"), ("06", "broken"), ("07", "drift"), ("08", "watch"))
    for month, verdict in batches:
        check = make_check(
            f"m{month}",
            model="delay",
            upload=month * 32,
            first_time=f"2013-{month}-02T05:00",
            labelled_rows=50,
            verdict=verdict,
        )
        history.record_check(check, b"")
    assert plan_retrain(history, registry, "m07").drift_began == "2013-05-02"
    assert plan_retrain(history, registry, "m03").drift_began == "2013-03-02"
    assert plan_retrain(history, registry, "m08").drift_began is None


def test_the_training_data_of_the_settings_is_asked_for(history: History, registry: Registry) -> None:
    wanted = (TrainingData.from_code("last-30-days"), TrainingData())
    request = plan_retrain(history, registry, "july", data=wanted)
    assert request.data == wanted
    assert request.id != plan_retrain(history, registry, "july").id


def test_a_check_that_is_not_there_is_not_found(history: History, registry: Registry) -> None:
    with pytest.raises(NotFound):
        plan_retrain(history, registry, "deadbeef")
