"""The panel that leads from a verdict to a better model, in each of its states."""

from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.components.retrain_panel import RetrainActions, ask_about_retraining, show_retraining, standing
from tests.dashboard import versions_by_hand as versions
from tests.dashboard.conftest import draw, texts


def retrain_panel(state: Any) -> None:
    def keep(name: str) -> Any:
        return lambda *reason: st.session_state.update({name: reason or True})

    actions = RetrainActions(
        start=keep("started"),
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
    assert app.session_state["started"] is True


def test_without_labels_the_button_is_off_and_says_why() -> None:
    state = versions.retraining(request=None, refusal="No labels yet: add the labels file of july.csv.", describes="")
    app = draw(retrain_panel, state=state)
    assert app.button(key="retrain-open").disabled
    assert "No labels yet" in texts(app)
    assert "No labels yet" in app.button(key="retrain-open").help


def test_a_running_retraining_shows_progress_at_the_panel_and_at_the_top() -> None:
    app = draw(retrain_panel, state=versions.retraining(job=versions.job("running")))
    assert app.progress[0].value == 40
    assert "Retraining: 40%" in texts(app)


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
    app.button(key="roll-back").click().run()
    yes(app, "Roll back")
    assert app.session_state["rolled_back"] == ("",)


def test_a_request_that_was_delivered_elsewhere_says_so() -> None:
    job = versions.job("done", result={"status": "delivered", "version": None, "message": "Delivered to airflow."})
    app = draw(retrain_panel, state=versions.retraining(job=job))
    assert "Delivered to airflow" in app.success[0].value
