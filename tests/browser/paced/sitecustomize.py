"""Found by Python at its start when this folder is on its path: the app judges no more windows than it is allowed.

`PACED`: a file with the number of windows that may be judged in all; each that is one too many waits.
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


if os.environ.get("PACED") and "streamlit" in sys.orig_argv:
    _pace(Path(os.environ["PACED"]))
