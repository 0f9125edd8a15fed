"""Answers to browsers that want to send a file outlive the beginning of a run; Streamlit's own queue loses them."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from dashboard.routes.upload_addresses import ANSWER, AnsweringQueue, answer_uploads


def filled(queue: ForwardMsgQueue) -> ForwardMsgQueue:
    """A delta, a finished run and an answer that wait to be sent."""
    delta, finished, answer = ForwardMsg(), ForwardMsg(), ForwardMsg()
    delta.delta.new_element.markdown.body = "old"
    finished.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    answer.file_urls_response.response_id = "7"
    for message in (delta, answer, finished):
        queue.enqueue(message)
    return queue


def kinds(queue: ForwardMsgQueue) -> set[str | None]:
    return {message.WhichOneof("type") for message in queue.flush()}


@pytest.mark.parametrize("fragments", [None, ["a fragment"]])
def test_a_run_that_begins_leaves_answers(fragments: list[str] | None) -> None:
    queue = filled(AnsweringQueue())
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    messages = queue.flush()
    assert [one.file_urls_response.response_id for one in messages if one.WhichOneof("type") == ANSWER] == ["7"]
    assert "script_finished" in {one.WhichOneof("type") for one in messages}


def test_a_run_of_the_page_throws_away_what_streamlit_does_besides() -> None:
    ours, theirs = filled(AnsweringQueue()), filled(ForwardMsgQueue())
    for queue in (ours, theirs):
        queue.clear(retain_lifecycle_msgs=True)
    assert kinds(ours) - kinds(theirs) == {ANSWER}, "when this fails, Streamlit may have mended it: drop ours"


def test_what_was_sent_is_gone() -> None:
    queue = filled(AnsweringQueue())
    assert len(queue.flush()) == 3
    assert queue.is_empty()


def test_sessions_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_session, "ForwardMsgQueue", ForwardMsgQueue)
    answer_uploads()
    assert app_session.ForwardMsgQueue is AnsweringQueue  # type: ignore[attr-defined]
    assert "ForwardMsgQueue" in app_session.AppSession.__init__.__code__.co_names, "by that name a session makes it"
