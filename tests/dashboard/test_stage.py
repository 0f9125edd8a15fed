"""Two places of which one is empty: what another run leaves is gone before the next is drawn."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import draw


def staged(log: list[Any]) -> None:
    """What the run that `log` describes shows: address, what is announced, what is shown."""
    import streamlit as st

    from dashboard.components.stage import Stage

    address, announced, what, *further = log
    stage = Stage("page", address)
    if announced:
        stage.announce(announced)
    for found in further:
        stage.go_on(found)
    with stage.show(what):
        st.markdown(what)
        st.button("Again", key=what)


def go(app: AppTest, log: list[Any]) -> AppTest:
    app.session_state["log"] = log
    return app.run()


@pytest.fixture
def app() -> AppTest:
    def script() -> None:
        import streamlit as st

        from tests.dashboard.test_stage import staged

        staged(st.session_state.get("log", ["home", "", "home"]))

    return draw(script)


def kinds(app: AppTest) -> list[str]:
    return [place.type for place in app.main.children.values()]


def test_the_first_page_and_the_same_again_stand_in_one_place(app: AppTest) -> None:
    assert [one.value for one in app.markdown] == ["home"]
    before = kinds(app)
    app.button[0].click().run()
    assert kinds(app) == before
    assert [one.value for one in app.markdown] == ["home"]


@pytest.mark.parametrize("log", [["check", "", "result"], ["home", "", "result"]], ids=["address", "what is shown"])
def test_something_else_stands_in_the_other_place(app: AppTest, log: list[Any]) -> None:
    before = kinds(app)
    go(app, log)
    assert kinds(app) == before[::-1]
    assert [one.value for one in app.markdown] == ["result"]
    go(app, ["home", "", "home"])
    assert kinds(app) == before


def test_what_is_announced_goes_when_there_is_something_to_show(app: AppTest) -> None:
    go(app, ["check", "Checking july.csv", "result"])
    assert not app.title
    first = [child.type for child in app.main.children[1].children.values()]
    go(app, ["check", "", "result"])
    assert [child.type for child in app.main.children[1].children.values()] == first, "all stand where they stood"


def test_what_is_found_out_on_the_way_is_what_is_shown_from_then_on(app: AppTest) -> None:
    before = kinds(app)
    go(app, ["a drop", "Checking july.csv", "result", "check"])
    assert kinds(app) == before[::-1], "the page before went for the drop"
    first = [child.type for child in app.main.children[1].children.values()]
    go(app, ["check", "", "result"])
    assert kinds(app) == before[::-1]
    assert [child.type for child in app.main.children[1].children.values()] == first
