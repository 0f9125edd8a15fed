"""The panel that leads from a verdict to a better model, in each of its states."""

from dataclasses import replace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.components.retrain_panel import (
    RetrainActions,
    Retraining,
    advice_by_now,
    ask_about_retraining,
    show_retraining,
    standing,
)
from dashboard.components.verdict_banner import show_verdict
from monitoring.retraining.request import RetrainRequest
from tests.dashboard import material
from tests.dashboard import versions_by_hand as versions
from tests.dashboard.conftest import draw, texts


def retrain_panel(state: Any) -> None:
    def keep(name: str) -> Any:
        return lambda *reason: st.session_state.update({name: reason or True})

    actions = RetrainActions(
        start=keep("started"),
        describe=lambda request: "Trains on " + ", ".join(source.file_name for source in request.sources),
        again=keep("again"),
        cancel=keep("cancelled"),
        read=lambda: state.job,
        promote=keep("promoted"),
        roll_back=keep("rolled_back"),
    )
    st.markdown(standing(state))
    show_retraining(state, actions)
    ask_about_retraining(state, actions)


def yes(app: AppTest, label: str) -> None:
    """Press the button of the dialog, which is the last of that name."""
    next(button for button in reversed(app.button) if button.label == label).click().run()
    assert not app.exception


def test_retrain_says_what_it_will_do_asks_once_and_starts() -> None:
    app = draw(retrain_panel, state=versions.retraining())
    assert "Trains a new version" in texts(app)
    app.button(key="retrain-open").click().run()
    assert "started" not in app.session_state
    yes(app, "Start retraining")
    assert app.session_state["started"] == (versions.retraining().request,)
    assert not app.checkbox, "there is nothing to choose from"


def with_files() -> Retraining:
    """Asked from July, with April and May to learn from and a broken June that is left out."""
    state = versions.retraining()
    assert state.request is not None
    (july,) = state.request.sources
    april, may, june = (
        july.model_copy(
            update={"check": str(month) * 16, "file_name": f"{month}.csv", "first_time": f"2013-0{month}-01"}
        )
        for month in (4, 5, 6)
    )
    request = state.request.model_copy(update={"sources": (april, may, july)})
    return replace(state, request=request, broken=lambda: (june,))


def files_of(request: RetrainRequest) -> list[str]:
    return [source.file_name for source in request.sources]


def test_a_file_can_be_left_out_and_a_broken_one_is_until_it_is_taken_in() -> None:
    app = draw(retrain_panel, state=with_files())
    app.button(key="retrain-open").click().run()
    assert [box.value for box in app.checkbox] == [True, True, False]
    assert "Broken feed" in app.checkbox[2].label
    assert "A file whose feed looks broken is left out" in texts(app)
    assert "Trains on 4.csv, 5.csv, july.csv" in texts(app).replace("\\", "")
    app.checkbox(key="take-" + "5" * 16).uncheck().run()
    app.checkbox(key="take-" + "6" * 16).check().run()
    assert "Trains on 4.csv, 6.csv, july.csv" in texts(app).replace("\\", "")
    yes(app, "Start retraining")
    (request,) = app.session_state["started"]
    assert files_of(request) == ["4.csv", "6.csv", "july.csv"]
    assert request.id != with_files().request.id


def test_what_the_version_in_use_has_learnt_from_cannot_be_left_out() -> None:
    """Its rows are trained on again, with those that the version was made from."""
    state = with_files()
    assert state.request is not None
    april = state.request.sources[0].model_copy(update={"upload": "f" * 64})
    request = state.request.model_copy(update={"sources": (april, *state.request.sources[1:])})
    app = draw(retrain_panel, state=replace(state, request=request, known=("f" * 64,)))
    app.button(key="retrain-open").click().run()
    assert [box.disabled for box in app.checkbox] == [True, False, False]
    assert "the version in use has learnt from it" in app.checkbox[0].label
    yes(app, "Start retraining")
    assert app.session_state["started"] == (request,)


def test_nothing_changed_is_the_same_request() -> None:
    app = draw(retrain_panel, state=with_files())
    app.button(key="retrain-open").click().run()
    yes(app, "Start retraining")
    assert app.session_state["started"] == (with_files().request,)


def test_without_labels_the_button_is_off_and_says_why() -> None:
    state = versions.retraining(request=None, refusal="No outcomes yet: add those of july.csv.", describes="")
    app = draw(retrain_panel, state=state)
    assert app.button(key="retrain-open").disabled
    assert "No outcomes yet" in texts(app)
    assert "No outcomes yet" in app.button(key="retrain-open").help


def test_a_running_retraining_shows_progress_at_the_panel_and_at_the_top() -> None:
    app = draw(retrain_panel, state=versions.retraining(job=versions.job("running")))
    assert app.progress[0].value == 40
    assert "Retraining: 40 %" in texts(app)


def test_an_interrupted_retraining_can_be_started_again() -> None:
    app = draw(retrain_panel, state=versions.retraining(job=versions.job("interrupted")))
    app.button(key="retrain-again").click().run()
    assert app.session_state["again"] is True


def test_the_challenger_is_compared_and_promoted_with_a_reason() -> None:
    state = versions.retraining(job=versions.job("done"), challenger=versions.challenger())
    app = draw(retrain_panel, state=state)
    assert "0.196 against 0.258" in texts(app).replace("\\", "")
    assert app.table[0].value["Version 2 (challenger)"][0] == "**0.731**"
    assert "ready: better" in texts(app)
    app.button(key="promote").click().run()
    yes(app, "Promote version 2")
    assert app.session_state["promoted"] == ("Compared on held-out rows",)


def test_after_promotion_the_old_version_can_be_brought_back() -> None:
    state = versions.retraining(job=versions.job("done"), challenger=versions.challenger(), champion=2)
    app = draw(retrain_panel, state=state)
    assert "Version 2 is in use" in texts(app)
    assert list(app.table[0].value)[1:] == ["Version 1 (champion then)", "Version 2 (in use)"]
    app.button(key="roll-back").click().run()
    yes(app, "Roll back")
    assert app.session_state["rolled_back"] == ("",)


def test_a_request_that_was_delivered_elsewhere_says_so() -> None:
    job = versions.job("done", result={"status": "delivered", "version": None, "message": "Delivered to airflow."})
    app = draw(retrain_panel, state=versions.retraining(job=job))
    assert "Delivered to airflow" in app.success[0].value


def made(**changes: Any) -> dict[str, Any]:
    """A retraining that is done: its challenger as `changes` say."""
    return {"job": versions.job("done"), "challenger": replace(versions.challenger(), **changes)}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, "Retraining on this data is worth considering."),
        ({"job": versions.job("failed")}, "Retraining on this data is worth considering."),
        ({"job": versions.job("running")}, "Retraining on this data is under way."),
        ({"job": versions.job("done")}, "Retraining on this data was asked for. What came of it stands at the end"),
        ({"learnt": True, "champion": 2}, "Version 2, which is in use, has learnt from this data already."),
        (made(), "version 2 was made from this data and waits for a person; version 1 is in use."),
        (made(refused=True), "but the promotion policy refused it; version 1 is in use."),
        (made(served=True) | {"champion": 2}, "version 2 was made from this data and is in use."),
        (made(served=True), "version 2 was made from this data and was in use; by now version 1 is."),
        (made(refused=True, served=True) | {"champion": 2, "learnt": True}, "made from this data and is in use."),
    ],
)
def test_the_banner_advises_what_is_to_be_done_by_now(state: dict[str, Any], words: str) -> None:
    verdict = material.verdict("drift")
    app = draw(banner, verdict=verdict, advice=advice_by_now(verdict, versions.retraining(**state)))
    assert words in app.error[0].value.replace("\\", "")
    assert ("worth considering" in app.error[0].value) == ("worth considering" in words)


def test_advice_of_another_kind_stays() -> None:
    verdict = material.verdict("undecided")
    assert advice_by_now(verdict, versions.retraining(**made())) == verdict.advice


def banner(verdict: Any, advice: str) -> None:
    show_verdict(verdict, advice)
