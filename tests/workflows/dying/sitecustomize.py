"""Found by Python at its start when this folder is on its path: lets a process die at its n-th database statement.

`DIES`: a JSON list of `[word, at, once]`. A process with that word in its command line dies at its `at`-th statement.
`once` is a file that is made before it dies, so that no later process dies of the same line.
"""

import json
import os
import signal
import sys
from pathlib import Path


def _die_later(at: int, once: Path) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    left = [at]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0 and not once.exists():
            once.write_text(" ".join(sys.orig_argv))
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


for _word, _at, _once in json.loads(os.environ.get("DIES", "[]")):
    if any(_word in argument for argument in sys.orig_argv):
        _die_later(_at, Path(_once))
