"""The decision after a check: once, whatever happens; its request in one transaction; answers, expiry, time."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from monitoring.errors import NotFound, NotPossible, StoreFailed
from monitoring.history.retrain_records import KeptDecision
from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, RetrainPolicy
from monitoring.retraining.request import RetrainRequest
from monitoring.workflows import decide as deciding
from monitoring.workflows.decide import (
    after_check,
    answer_request,
    decide_check,
    keep_up,
    put_in_force,
    retrain_by_hand,
    send_requests,
)
from monitoring.workflows.delete import delete_check
from monitoring.workflows.parts import Driftline
from monitoring.workflows.replay import replay
from monitoring.workflows.retrain import plan_retrain
from tests.processes import wait_until
from tests.workflows.retraining_material import AUTOMATIC, MODEL, START, check, environment, keep, opened, runs

BY_HAND = AUTOMATIC.model_copy(update={"approval": AUTOMATIC.approval.model_copy(update={"mode": "by_hand"})})


@pytest.fixture(autouse=True)
def _hook_of_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes have the environment of this one."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def driftline(tmp_path: Path) -> Driftline:
    return opened(tmp_path)


@pytest.fixture
def unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests stay in the outbox."""
    monkeypatch.setattr(deciding, "request_retrain", _fail)


def _fail(*_: object) -> None:
    raise StoreFailed("no worker today")


def record(driftline: Driftline, day: int, kind: str = "high") -> KeptDecision:
    """Record a check and decide on it."""
    keep(driftline, check(day, kind))
    after_check(driftline, check(day).id, MODEL)
    kept = driftline.decisions.decision_of(check(day).id)
    assert kept is not None
    return kept


def ended(driftline: Driftline) -> None:
    wait_until(lambda: not any(job.active for job in driftline.jobs.jobs("retrain")), "the retraining ends")


def test_the_default_policy_decides_and_asks_for_nothing(driftline: Driftline) -> None:
    assert driftline.decisions.policy(MODEL) == DEFAULT_RETRAIN
    assert record(driftline, 0).decision.outcome == "quiet"
    assert record(driftline, 1).decision.outcome == "dry_run"
    assert driftline.requests.requests() == ()
    assert driftline.decisions.undecided() == ()


def test_two_drifted_days_are_one_request_one_job_one_run(driftline: Driftline, tmp_path: Path) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    kinds = [record(driftline, day).decision.outcome for day in range(8)]
    assert kinds == ["quiet", "request", "quiet", "held", "held", "held", "held", "held"]
    ended(driftline)
    (request,) = driftline.requests.requests(MODEL)
    assert (request.state, request.by_hand) == ("sent", False)
    assert driftline.jobs.job(request.id).state == "done"
    assert runs(tmp_path) == [request.id]
    keep_up(driftline)
    assert driftline.jobs.job(request.id).attempts == 1


def test_asked_again_the_same_decision_comes_back(driftline: Driftline, unsent: None) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    record(driftline, 0)
    first = record(driftline, 1)
    put_in_force(driftline, MODEL, DEFAULT_RETRAIN, reason="later")
    assert decide_check(driftline, check(1).id, MODEL) == first
    assert len(driftline.decisions.decisions(MODEL, outcomes=("request",))) == 1


def test_the_same_history_gives_the_same_id(tmp_path: Path) -> None:
    ids = []
    for folder in ("one", "other"):
        driftline = opened(tmp_path / folder)
        put_in_force(driftline, MODEL, AUTOMATIC.model_copy(update={"dry_run": True}), reason="")
        ids.append([record(driftline, day).decision.id for day in range(3)])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_a_check_whose_decision_was_lost_is_found_and_decided_as_it_would_have_been(driftline: Driftline) -> None:
    """The later check does not count for the earlier one's decision, though both are there by now."""
    for day in range(3):
        keep(driftline, check(day))
    assert [one for one, _ in driftline.decisions.undecided()] == [check(day).id for day in range(3)]
    keep_up(driftline)
    assert driftline.decisions.undecided() == ()
    outcomes = [line.outcome for line in reversed(driftline.decisions.decisions(MODEL))]
    assert outcomes == ["quiet", "dry_run", "quiet"]
    first = driftline.decisions.decision_of(check(0).id)
    assert first is not None
    assert len(first.evidence.batches) == 1


def test_many_that_decide_at_once_make_one_decision(driftline: Driftline, tmp_path: Path) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    record(driftline, 0)
    keep(driftline, check(1))
    engines = [driftline, opened(tmp_path), opened(tmp_path)]
    threads = [
        threading.Thread(target=after_check, args=(engine, check(1).id, MODEL)) for engine in engines for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended(driftline)
    assert len(driftline.decisions.decisions(MODEL, outcomes=("request",))) == 1
    assert len(runs(tmp_path)) == 1


@pytest.mark.parametrize("table", ["decisions", "requests", "undecided"])
def test_a_decision_and_its_request_are_kept_together_or_not_at_all(
    driftline: Driftline, unsent: None, table: str
) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    record(driftline, 0)
    keep(driftline, check(1))

    def fail(_c: object, _u: object, statement: str, *_: object) -> None:
        if statement.startswith((f"INSERT INTO {table}", f"DELETE FROM {table}")):
            raise MemoryError

    event.listen(driftline.history.engine, "before_cursor_execute", fail)
    with pytest.raises(MemoryError):
        decide_check(driftline, check(1).id, MODEL)
    event.remove(driftline.history.engine, "before_cursor_execute", fail)
    assert driftline.decisions.decision_of(check(1).id) is None
    assert driftline.requests.requests() == ()
    assert [one for one, _ in driftline.decisions.undecided()] == [check(1).id]
    keep_up(driftline)
    assert len(driftline.requests.requests()) == 1


def test_a_request_that_cannot_be_sent_stays_and_is_sent_later(
    driftline: Driftline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "request_retrain", _fail)
        record(driftline, 0)
        assert record(driftline, 1).decision.outcome == "request"
        assert [one.state for one in driftline.requests.requests()] == ["ready"]
        record(driftline, 30)
        assert record(driftline, 31).decision.rule("in_flight").outcome == "holds"
    keep_up(driftline)
    ended(driftline)
    assert len(runs(tmp_path)) == 1


def test_a_broken_feed_is_an_incident_and_the_next_whole_batch_ends_it(driftline: Driftline) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    record(driftline, 0)
    assert record(driftline, 1, "broken").decision.outcome == "incident"
    (incident,) = driftline.decisions.incidents(MODEL)
    assert (incident.id, incident.closed_at) == (check(1).id, None)
    assert driftline.requests.requests() == ()
    assert record(driftline, 2, "calm").decision.outcome == "quiet"
    (incident,) = driftline.decisions.incidents(MODEL)
    assert incident.closed_by == check(2).id
    with pytest.raises(NotFound):
        driftline.decisions.close_incident(incident.id, "twice")


def test_approved_it_is_sent_once_and_refused_never(driftline: Driftline, tmp_path: Path) -> None:
    put_in_force(driftline, MODEL, BY_HAND, reason="")
    record(driftline, 0)
    assert record(driftline, 1).decision.outcome == "approval"
    (request,) = driftline.requests.requests(MODEL)
    assert request.state == "waiting"
    assert runs(tmp_path) == []
    approved = answer_request(driftline, request.id, approve=True, reason="go")
    assert (approved.answer, approved.reason) == ("approved", "go")
    answer_request(driftline, request.id, approve=True, reason="twice")
    with pytest.raises(NotPossible, match="already"):
        answer_request(driftline, request.id, approve=False, reason="too late")
    ended(driftline)
    assert runs(tmp_path) == [request.id]
    for day in (40, 41):
        record(driftline, day)
    second = driftline.requests.requests(MODEL)[0]
    assert answer_request(driftline, second.id, approve=False, reason="no").state == "refused"
    assert record(driftline, 42).decision.outcome in ("quiet", "held")
    assert runs(tmp_path) == [request.id]


def test_what_nobody_answers_expires_and_is_asked_again(tmp_path: Path) -> None:
    driftline = opened(tmp_path)
    put_in_force(driftline, MODEL, BY_HAND, reason="")
    record(driftline, 0)
    record(driftline, 1)
    (request,) = driftline.requests.requests(MODEL)
    assert request.expires_at is not None
    assert request.expires_at - request.created_at == timedelta(days=7)
    _set_clock(driftline, request.expires_at)
    with pytest.raises(NotPossible, match="expired before it was answered"):
        answer_request(driftline, request.id, approve=True, reason="")
    assert driftline.requests.request(request.id).state == "expired"
    assert record(driftline, 2).decision.outcome == "approval"


def _set_clock(driftline: Driftline, at: datetime) -> None:
    """From now on the store's clock stands at a moment."""
    for store in (driftline.decisions, driftline.requests):
        store._clock = lambda: at  # type: ignore[union-attr]


def test_keep_up_marks_what_expired(driftline: Driftline) -> None:
    put_in_force(driftline, MODEL, BY_HAND, reason="")
    record(driftline, 0)
    record(driftline, 1)
    (request,) = driftline.requests.requests(MODEL)
    keep_up(driftline)
    assert driftline.requests.request(request.id).state == "waiting"
    assert request.expires_at is not None
    _set_clock(driftline, request.expires_at)
    keep_up(driftline)
    assert driftline.requests.request(request.id).state == "expired"


def test_when_the_cool_down_ends_time_alone_lets_it_ask(tmp_path: Path) -> None:
    """On the wall clock, without a new check; and only once."""
    clock = [START + timedelta(days=1, hours=1)]
    driftline = _on_the_wall_clock(tmp_path, clock)
    held = _held_by_the_cool_down(driftline, clock)
    assert held.decision.until is not None
    keep_up(driftline)
    assert len(driftline.requests.requests()) == 1
    clock[0] = held.decision.until
    keep_up(driftline)
    keep_up(driftline)
    ended(driftline)
    assert len(runs(tmp_path)) == 2
    last = driftline.decisions.latest(MODEL)
    assert last is not None
    assert (last.decision.kind, last.decision.outcome) == ("clock", "request")


def _on_the_wall_clock(folder: Path, clock: list[datetime]) -> Driftline:
    """The engine with a clock that the test sets, and a policy that goes by it."""
    driftline = opened(folder)
    object.__setattr__(driftline, "now", lambda: clock[0])
    put_in_force(driftline, MODEL, AUTOMATIC.model_copy(update={"clock": "wall"}), reason="")
    return driftline


def _held_by_the_cool_down(driftline: Driftline, clock: list[datetime]) -> KeptDecision:
    """What is decided two days after a request, though as much asks as before it."""
    record(driftline, 0)
    assert record(driftline, 1).decision.outcome == "request"
    ended(driftline)
    clock[0] += timedelta(days=2)
    for day in (2, 3):
        held = record(driftline, day)
    assert held.decision.outcome == "held"
    return held


def test_a_clock_set_back_runs_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    clock = [START + timedelta(days=400)]
    driftline = _on_the_wall_clock(tmp_path, clock)
    record(driftline, 0)
    record(driftline, 1)
    ended(driftline)
    clock[0] = START + timedelta(days=10)
    for day in (2, 3, 4):
        assert record(driftline, day).decision.outcome in ("quiet", "held"), "the cool-down holds"
    clock[0] += timedelta(days=15)
    assert record(driftline, 5).decision.outcome == "request", "it counts from where the clock was set right"
    ended(driftline)
    assert len(runs(tmp_path)) == len(set(runs(tmp_path))) == 2


def test_a_clock_set_back_is_decided_on_at_once_and_waits_for_no_time_that_was_never_there(tmp_path: Path) -> None:
    """No check comes after it was set right: what was held back with it 400 days ahead is asked for in time."""
    clock = [START + timedelta(days=400)]
    driftline = _on_the_wall_clock(tmp_path, clock)
    _held_by_the_cool_down(driftline, clock)
    right = clock[0] = START + timedelta(days=10)
    keep_up(driftline)
    last = driftline.decisions.latest(MODEL)
    assert last is not None
    cool_down = timedelta(days=AUTOMATIC.suppression.cool_down_days)
    assert (last.decision.at, last.decision.outcome, last.decision.until) == (right, "held", right + cool_down)
    clock[0] += timedelta(days=1)
    keep_up(driftline)
    assert driftline.decisions.latest(MODEL) == last, "it is decided on once"
    clock[0] = right + cool_down
    keep_up(driftline)
    ended(driftline)
    assert len(runs(tmp_path)) == len(set(runs(tmp_path))) == 2


def test_by_hand_it_is_a_decision_with_a_request_too(driftline: Driftline, tmp_path: Path) -> None:
    record(driftline, 0)
    request = plan_retrain(driftline.history, driftline.registry, check(0).id, "command")
    jobs = {retrain_by_hand(driftline, request, why="now").id for _ in range(3)}
    assert jobs == {request.id}
    ended(driftline)
    assert runs(tmp_path) == [request.id]
    (line,) = driftline.decisions.decisions(MODEL, outcomes=("request",))
    assert line.request == request.id
    assert driftline.requests.request(request.id).by_hand
    assert driftline.decisions.decision(line.id).evidence.occasion.why == "now"


def test_a_person_approves_by_asking_for_the_same(driftline: Driftline, tmp_path: Path) -> None:
    put_in_force(driftline, MODEL, BY_HAND, reason="")
    record(driftline, 0)
    record(driftline, 1)
    (waiting,) = driftline.requests.requests(MODEL)
    request = plan_retrain(driftline.history, driftline.registry, check(1).id, "command")
    asked = request.model_copy(update={"data": driftline.settings.retraining.data})
    assert asked.id == waiting.id
    retrain_by_hand(driftline, asked)
    ended(driftline)
    assert runs(tmp_path) == [waiting.id]


def test_a_broken_check_is_refused_to_a_person_too(driftline: Driftline) -> None:
    record(driftline, 0)
    request = plan_retrain(driftline.history, driftline.registry, check(0).id, "command")
    record(driftline, 1, "broken")
    with pytest.raises(NotPossible, match="never learnt from"):
        retrain_by_hand(driftline, request.model_copy(update={"check": check(1).id}))
    assert driftline.requests.requests() == ()


def test_what_is_refused_to_a_person_is_kept_as_a_decision_with_its_reason(driftline: Driftline) -> None:
    request = _of_a_broken_check(driftline)
    for _ in range(2):
        with pytest.raises(NotPossible, match="never learnt from") as refusal:
            retrain_by_hand(driftline, request, why="it looks fine to me")
    second, first = (driftline.decisions.decision(line.id) for line in driftline.decisions.decisions(MODEL)[:2])
    assert (first.decision.occasion, second.decision.occasion) == (f"hand:{request.id}", f"hand:{request.id}:2")
    for kept in (first, second):
        assert (kept.decision.kind, kept.decision.check, kept.request) == ("hand", check(1).id, None)
        assert kept.decision.sentence == str(refusal.value)
        assert kept.evidence.occasion.why == "it looks fine to me"
        assert replay(kept).same
    assert driftline.requests.requests() == ()
    assert driftline.jobs.jobs("retrain") == ()
    assert len(driftline.decisions.incidents(MODEL)) == 1, "only the check itself opens one"


def test_what_was_refused_to_a_person_is_decided_anew_and_then_once(driftline: Driftline, tmp_path: Path) -> None:
    """The rows turn out whole: the refusal of before does not stand in the way, nor is anything asked for twice."""
    request = _of_a_broken_check(driftline)
    with pytest.raises(NotPossible):
        retrain_by_hand(driftline, request)
    with driftline.history.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE checks SET verdict = 'drift'")
    assert {retrain_by_hand(driftline, request).id for _ in range(3)} == {request.id}
    ended(driftline)
    assert runs(tmp_path) == [request.id]
    kept = [driftline.decisions.decision(line.id) for line in driftline.decisions.decisions(MODEL)]
    by_hand = [one for one in kept if one.decision.kind == "hand"]
    assert [one.decision.outcome for one in by_hand] == ["request", "incident"]
    assert all(replay(one).same for one in kept)


def test_a_refusal_by_hand_changes_nothing_of_what_the_policy_decides(driftline: Driftline, unsent: None) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    with pytest.raises(NotPossible):
        retrain_by_hand(driftline, _of_a_broken_check(driftline))
    latest = driftline.decisions.latest(MODEL)
    assert latest is not None
    assert latest.decision.kind == "check"
    assert record(driftline, 2).decision.outcome == "request", "no cool-down, no budget was used up"


def _of_a_broken_check(driftline: Driftline) -> RetrainRequest:
    """What a person would ask for from a check whose feed turns out broken: a day before it was whole."""
    record(driftline, 0)
    request = plan_retrain(driftline.history, driftline.registry, check(0).id, "command")
    record(driftline, 1, "broken")
    return request.model_copy(update={"check": check(1).id})


def test_a_deleted_check_needs_no_decision(driftline: Driftline) -> None:
    keep(driftline, check(0))
    delete_check(driftline, check(0).id)
    assert driftline.decisions.undecided() == ()
    assert decide_check(driftline, check(0).id, MODEL) is None


def test_a_policy_with_an_unknown_hook_is_refused_and_one_that_lost_its_hook_holds(driftline: Driftline) -> None:
    lost = AUTOMATIC.model_copy(update={"hook": "pigeon"})
    with pytest.raises(NotFound, match="no retrain hook called 'pigeon'; there are command, local"):
        put_in_force(driftline, MODEL, lost, reason="")
    driftline.decisions.put_in_force(MODEL, lost, reason="")
    record(driftline, 0)
    held = record(driftline, 1).decision
    assert held.outcome == "held"
    assert "hook 'pigeon' is not set up here" in held.sentence


def test_the_same_rows_with_outcomes_are_one_batch(driftline: Driftline) -> None:
    record(driftline, 0)
    again = check(0)
    keep(driftline, type(again)(**{**_fields(again), "id": "f" * 16, "labelled_rows": 5_771}))
    kept = decide_check(driftline, "f" * 16, MODEL)
    assert kept is not None
    assert [batch.check for batch in kept.evidence.batches] == ["f" * 16]


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


def test_every_decision_is_decided_again_the_same(driftline: Driftline) -> None:
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    for day, kind in enumerate(["high", "high", "broken", "calm", "high", "high"]):
        record(driftline, day, kind)
    ended(driftline)
    lines = driftline.decisions.decisions(MODEL)
    assert len(lines) == 7, "one for each check, and one when the policy was put in force"
    assert all(replay(driftline.decisions.decision(line.id)).same for line in lines)


def test_a_decision_that_was_tampered_with_is_told(driftline: Driftline) -> None:
    kept = record(driftline, 0)
    other = RetrainPolicy.model_validate({"confirmation": {"batches": 1, "of": 1}})
    told = replay(
        KeptDecision(
            decision=kept.decision, policy=other, evidence=kept.evidence, request=None, recorded_at=kept.recorded_at
        )
    )
    assert not told.same
    assert "otherwise in id, policy_id, outcome" in told.sentence


def test_send_requests_has_nothing_to_do_in_an_empty_folder(driftline: Driftline) -> None:
    send_requests(driftline)
    keep_up(driftline)
    assert driftline.decisions.decisions() == ()
