"""The page Retraining, and the way to it: why it did not retrain, approvals, the policy, hooks, incidents."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from monitoring.history.records import CheckResult, Job
from monitoring.history.retrain_records import KeptRequest
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.policy.retrain_promise import promise
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.decide import decide_check, put_in_force
from monitoring.workflows.parts import Driftline
from tests.dashboard import material
from tests.dashboard.conftest import draw, labels, texts
from tests.dashboard.versions_by_hand import gate, job
from tests.processes import wait_until
from tests.workflows.retraining_material import keep
from tests.workflows.test_promote_and_watch import register

MODEL = "flight-delay"
PAGE = "views/retraining_page.py"
Open = Callable[..., AppTest]


@pytest.fixture
def engine(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driftline:
    """The engine beside the page's own, with a command as its hook."""
    script = tmp_path / "deliver.py"
    script.write_text("print('delivered')")
    monkeypatch.setenv("DRIFTLINE_RETRAIN_COMMAND", f"{sys.executable} {script}")
    return open_driftline(settings_from_environment())


def said(app: AppTest) -> str:
    assert not app.exception
    return texts(app).replace("\\", "")


def links(app: AppTest) -> set[str]:
    """The labels of links to pages."""
    return {link.proto.label for link in app.get("page_link")}


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def answer(app: AppTest, label: str) -> AppTest:
    """Press the button of the open dialog."""
    next(button for button in reversed(app.button) if button.label == label).click().run()
    assert not app.exception
    return app


def july(number: int) -> CheckResult:
    """A drifted batch, each time with other rows."""
    base = material.july()
    upload = f"{number:064x}"
    return replace(base, id=f"{number:016x}", upload=upload, created_at=material.AT + timedelta(days=number))


def recorded(engine: Driftline, *checks: CheckResult) -> None:
    for check in checks:
        keep(engine, check)
        decide_check(engine, check.id, check.model)


def acting(**tables: object) -> RetrainPolicy:
    return RetrainPolicy.model_validate({"name": "ours", "dry_run": False, **tables})


def test_before_the_first_check_it_teaches(open_page: Open, engine: Driftline) -> None:
    told = said(open_page(PAGE))
    assert "Nothing was checked yet. After each check the policy below decides" in told
    assert "A new policy only tries out what it would do, until you let it act." in told
    assert "Nothing was asked for yet." in told
    assert "No challenger: version 1 is in use" in told


def test_the_page_promises_what_the_policy_promises(open_page: Open, engine: Driftline) -> None:
    told = said(open_page(PAGE))
    promised = promise(RetrainPolicy(), alpha=engine.policy.alpha)
    assert f"at most **{promised.unchanged:.1f}** retrainings a year on average" in told
    assert f"whatever happens, for at most **{promised.ever:.0f}**" in told


def test_why_did_it_not_retrain_is_answered_within_three_clicks(open_page: Open, engine: Driftline) -> None:
    """From the first page: the navigation (one click), or a recent check and its link (two)."""
    recorded(engine, july(1))
    first = open_page()
    links = [link.proto.page for link in first.get("page_link")]
    assert links, "the first page lists the check"
    check = open_page(check=july(1).id)
    why = [link.proto for link in check.get("page_link") if "not retrain" in link.proto.label]
    assert len(why) == 1
    kept = engine.decisions.decision_of(july(1).id)
    assert kept is not None
    assert f"decision={kept.decision.id}" in why[0].query_string
    page = open_page(PAGE, decision=kept.decision.id)
    assert "1 of 1 batch drifted and moved the predictions by at least 10 %; 2 are needed." in said(page)
    assert "1 of 1 batch drifted and moved the predictions" in said(open_page(PAGE)), "one click: the navigation"


def test_a_dry_run_says_what_it_would_have_done_and_the_switch_lets_it_act(open_page: Open, engine: Driftline) -> None:
    recorded(engine, july(1), july(2))
    app = open_page(PAGE)
    assert "It would have asked for a retraining, but the policy only tries out what it would do." in said(app)
    answer(press(app, "dry-run"), "Let it act")
    policy = engine.decisions.policy(MODEL)
    assert not policy.dry_run
    assert "Waits for you" in said(app), "the first retraining of a policy is approved by a person"
    assert [request.state for request in engine.requests.requests(MODEL)] == ["waiting"]


def test_a_person_approves_with_a_reason_and_the_job_is_followed(open_page: Open, engine: Driftline) -> None:
    put_in_force(engine, MODEL, acting(approval={"mode": "by_hand"}), reason="")
    recorded(engine, july(1), july(2))
    (request,) = engine.requests.requests(MODEL)
    app = open_page(PAGE)
    assert "Hands a request to retrain flight-delay to the command" in said(app)
    press(app, f"approve-{request.id}")
    app.text_input[0].set_value("looks right")
    answer(app, "Approve")
    deadline = time.monotonic() + 60
    while engine.jobs.job(request.id).state != "done" and time.monotonic() < deadline:
        time.sleep(0.1)
    told = said(open_page(PAGE))
    assert "By policy" in told
    assert "delivered" in told
    assert "approved just now: looks right" in told


def test_a_person_refuses_and_it_is_not_asked_again(open_page: Open, engine: Driftline) -> None:
    put_in_force(engine, MODEL, acting(approval={"mode": "by_hand"}), reason="")
    recorded(engine, july(1), july(2))
    (request,) = engine.requests.requests(MODEL)
    app = press(open_page(PAGE), f"refuse-{request.id}")
    app.text_input[0].set_value("a holiday")
    answer(app, "Refuse")
    told = said(open_page(PAGE))
    assert "refused just now: a holiday" in told
    assert "By now: refused." in told
    recorded(engine, july(3), july(4))
    assert "Cool-down until" in said(open_page(PAGE))
    assert [one.state for one in engine.requests.requests(MODEL)] == ["refused"]


def test_a_policy_is_written_tried_and_put_in_force(open_page: Open, engine: Driftline) -> None:
    app = open_page(PAGE)
    text = str(app.text_area[0].value)
    app = app.text_area[0].set_value(text.replace("cool_down_days = 14", "cool_down_day = 14")).run()
    assert "suppression.cool_down_day: there is no such key. Did you mean cool_down_days?" in said(app)
    assert app.button(key="put-policy").disabled
    app = app.text_area[0].set_value(text.replace("cool_down_days = 14", "cool_down_days = 365.25")).run()
    assert "whatever happens, for at most **1.0**" in said(app)
    answer(press(app, "put-policy"), "Put in force")
    assert engine.decisions.policy(MODEL).suppression.cool_down_days == 365.25
    assert "Policies so far" in [expander.label for expander in app.expander]


def test_a_broken_feed_is_an_incident_until_a_whole_batch_comes(open_page: Open, engine: Driftline) -> None:
    broken = replace(material.broken_feed(), created_at=material.AT)
    recorded(engine, broken)
    app = open_page(PAGE)
    assert [error.proto.title for error in app.error] == ["Incident"]
    assert "the next whole batch ends it" in said(app)
    recorded(engine, replace(july(8), verdict=material.verdict("broken")))
    assert [error.proto.title for error in app.run().error] == ["Incident", "Incident: the feed is broken"]
    press(app, f"close-{broken.id}")
    assert [error.proto.title for error in app.error] == ["Incident"]
    other = replace(broken, id="11ff00ff00ff00ff", upload="c" * 64)
    recorded(engine, other, replace(july(9), verdict=material.verdict("stable")))
    assert not [one for one in engine.decisions.incidents(MODEL) if one.closed_at is None]


def test_a_decision_is_decided_again(open_page: Open, engine: Driftline) -> None:
    recorded(engine, july(1))
    kept = engine.decisions.decision_of(july(1).id)
    assert kept is not None
    app = open_page(PAGE, decision=kept.decision.id)
    answer(app, "Decide again")
    assert "the same answer, to the last letter" in said(app)
    answer(app, "All decisions")
    assert "Why did it, or did it not, retrain?" in said(app)
    assert "There is no decision nothing" in said(open_page(PAGE, decision="nothing"))


def last_try_of(engine: Driftline, hook: str) -> Job:
    (job,) = [one for one in engine.jobs.jobs("try") if one.payload["hook"] == hook]
    return job


def test_a_hook_is_tried_outside_of_the_page(open_page: Open, engine: Driftline) -> None:
    app = open_page(PAGE)
    assert {"Try it"} <= set(labels(app))
    press(app, "try-command")
    wait_until(lambda: not last_try_of(engine, "command").active, "the try ends")
    assert last_try_of(engine, "command").state == "done"
    told = said(open_page(PAGE))
    assert "Tried just now: The command" in told
    assert "took the dry request and ended well: delivered" in told
    assert engine.requests.requests(MODEL) == (), "a try asks for nothing"
    press(open_page(PAGE), "try-command")
    wait_until(lambda: last_try_of(engine, "command").state == "done", "it is tried again")
    assert last_try_of(engine, "command").attempts == 2


def test_a_try_goes_on_without_its_page_and_is_cancelled(open_page: Open, engine: Driftline, tmp_path: Path) -> None:
    (tmp_path / "deliver.py").write_text("import time; print('I think', flush=True); time.sleep(600)")
    press(open_page(PAGE), "try-command")
    wait_until(lambda: "I think" in last_try_of(engine, "command").message, "it runs")
    app = open_page(PAGE)
    assert app.button(key="try-command").disabled
    assert not app.button(key="try-local").disabled
    press(app, "follow-try-command-cancel")
    wait_until(lambda: not last_try_of(engine, "command").active, "it stops")
    assert "Tried just now: Cancelled." in said(open_page(PAGE))


def test_a_hook_that_does_not_take_it_says_why(open_page: Open, engine: Driftline, tmp_path: Path) -> None:
    (tmp_path / "deliver.py").write_text("print('no queue'); raise SystemExit(3)")
    press(open_page(PAGE), "try-command")
    wait_until(lambda: not last_try_of(engine, "command").active, "the try ends")
    told = said(open_page(PAGE))
    assert "no queue" in told
    assert "exit code 3" in told


def test_a_challenger_that_the_policy_refuses_is_not_offered(open_page: Open, engine: Driftline) -> None:
    register(engine, replace(gate(), result="worse", brier_difference=0.02))
    refused = open_page(PAGE)
    assert "By the promotion policy as it is now: Not promoted: the gate says" in said(refused)
    assert "See every requirement on the page Models" in links(refused)
    assert "Promote it on the page Models" not in links(refused)
    register(engine, gate())
    assert "Promote it on the page Models" in links(open_page(PAGE))


def test_a_request_says_what_was_decided_on_the_day() -> None:
    request = KeptRequest(
        id="retrain-0123",
        model=MODEL,
        decision=None,
        state="sent",
        by_hand=False,
        payload={},
        created_at=material.AT,
        expires_at=None,
    )
    done = job("done", result={"message": "Version 2.", "promotion_sentence": "Not promoted: it *churns*."})
    drawn = draw(_requests, requests=[(request, done)], at=material.AT)
    assert "Not promoted: it \\*churns\\*" in texts(drawn)


def _requests(requests: list, at: object) -> None:
    from dashboard.components.request_card import show_requests

    show_requests(requests, at, again=lambda job: job)


def test_names_from_a_file_stay_text(open_page: Open, engine: Driftline) -> None:
    hostile = RetrainPolicy(name="![x](http://evil.example/x.png) <b>")
    put_in_force(engine, MODEL, hostile, reason="[y](javascript:alert(1))")
    app = open_page(PAGE)
    assert not app.exception
    assert "![x](http" not in texts(app)
    assert "[y](javascript" not in texts(app)
