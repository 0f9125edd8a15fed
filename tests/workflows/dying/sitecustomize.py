"""Found by Python at its start when this folder is on its path: lets a process die at its n-th database statement.

`DIE_IN`: a word of the command line of the process that is to die; `DIE_AT`: which statement; `DIE_ONCE`: a file that
is made before it dies, so that no later process dies.
"""

import os
import signal
import sys
from pathlib import Path


def _die_later() -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    left, once = [int(os.environ["DIE_AT"])], Path(os.environ["DIE_ONCE"])

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0 and not once.exists():
            once.write_text(" ".join(sys.orig_argv))
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


if os.environ.get("DIE_IN") and any(os.environ["DIE_IN"] in word for word in sys.orig_argv):
    _die_later()
