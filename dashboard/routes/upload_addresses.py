"""The answer to "where may I send this file?" reaches the browser, whatever run of the page begins meanwhile.

A browser asks Streamlit for an address before it sends a file. Streamlit puts the answer among the messages that wait
to be sent, and a run of the page that begins throws away what waits: the browser then waits for ever, and the file that
was dropped is lost without a word. On a busy machine, where messages wait longest, outcomes and rows dropped one after
the other lost the rows so.
"""

from __future__ import annotations

from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

ANSWER = "file_urls_response"


class AnsweringQueue(ForwardMsgQueue):
    """Streamlit's queue of messages to a browser, of which answers to uploads outlive the beginning of a run."""

    def clear(self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        """See ForwardMsgQueue: a run begins where lifecycle messages are retained, else everything has been sent."""
        before = self._queue if retain_lifecycle_msgs else []
        super().clear(retain_lifecycle_msgs, fragment_ids_this_run)
        kept = {id(message) for message in self._queue}
        self._queue += [one for one in before if one.WhichOneof("type") == ANSWER and id(one) not in kept]


def answer_uploads() -> None:
    """Have every session from now on use that queue."""
    app_session.ForwardMsgQueue = AnsweringQueue  # type: ignore[attr-defined] # there is no other way to say which
