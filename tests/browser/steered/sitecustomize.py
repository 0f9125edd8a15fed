"""Found by Python at its start when this folder is on its path: the app waits and fails as a test wants it to.

`PACED`: a file with the number of windows that may be judged in all; each that is one too many waits.
`HELD`: as long as that file is there, a check that has begun waits.
`AWAY`: as long as that file is there, no job can be read or cancelled.
"""

import os
import sys
import time
from pathlib import Path


def _pace(file: Path) -> None:
    from monitoring.workflows import side_by_side

    judge, judged = side_by_side.judged_batch, []

    def paced(engine, window):
        while len(judged) >= int(file.read_text() or 0):
            time.sleep(0.02)
        judged.append(window)
        return judge(engine, window)

    side_by_side.judged_batch = paced


def _hold(file: Path) -> None:
    from monitoring.workflows import check

    run = check.run_check

    def held(engine, order, progress):
        while file.exists():
            progress(0.0, "Held back.")
            time.sleep(0.02)
        return run(engine, order, progress)

    check.run_check = held


def _take_away(file: Path) -> None:
    from monitoring.errors import StoreFailed
    from monitoring.history.jobs import Jobs

    def unless_away(method):
        def checked(self, job_id):
            if file.exists():
                raise StoreFailed("The history in the data folder cannot be read or written: it is away.")
            return method(self, job_id)

        return checked

    Jobs.job, Jobs.cancel = unless_away(Jobs.job), unless_away(Jobs.cancel)


if "streamlit" in sys.orig_argv:
    for variable, steer in {"PACED": _pace, "HELD": _hold, "AWAY": _take_away}.items():
        if os.environ.get(variable):
            steer(Path(os.environ[variable]))
