"""Found by Python at its start when this folder is on its path: the store of one worker process fails.

`FAILS`: a JSON object. `once` is a file that the first worker makes: the store of no later one fails. `after` is a
file: the disk is full from when it is there on, unless it is null. `lasting` says whether the disk stays full for that
worker, or has room again as soon as its work met that. A worker waits for a busy database a moment only.
"""

import json
import os
import sys
import threading
from pathlib import Path

_FOR_EVER = 2**31


def _fail(after: Path | None, *, lasting: bool) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    been_full = []

    def connected(connection: object, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=200")  # type: ignore[attr-defined]

    def checked_out(connection: object, _record: object, _proxy: object) -> None:
        full = after is not None and after.exists() and (lasting or not been_full)
        most = 1 if full else _FOR_EVER  # fewer than there are: no more than there are
        connection.execute(f"PRAGMA max_page_count={most}")  # type: ignore[attr-defined]

    def failed(context: object) -> None:
        at_work = threading.current_thread() is threading.main_thread()  # not where it only says that it lives
        if at_work and "full" in str(context.original_exception):  # type: ignore[attr-defined]
            been_full.append(True)

    event.listen(Engine, "connect", connected)
    event.listen(Engine, "checkout", checked_out)
    event.listen(Engine, "handle_error", failed)


_wanted = json.loads(os.environ.get("FAILS", "null"))
if _wanted and "monitoring.worker" in sys.orig_argv and not Path(_wanted["once"]).exists():
    Path(_wanted["once"]).touch()
    _fail(Path(_wanted["after"]) if _wanted["after"] else None, lasting=_wanted["lasting"])
