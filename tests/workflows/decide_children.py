"""A process that records checks, decides and sends, as the page does: `… FOLDER FIRST LAST [drifting]`.

It goes on where one before it was killed: checks that are there already are not recorded again. `DAYS_AHEAD` sets its
clock ahead by so many days, or back; `POLICY_CLOCK` is the clock of its policy, `data` or `wall`.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from monitoring.workflows.decide import after_check, keep_up, put_in_force
from tests.processes import say
from tests.workflows.retraining_material import MODEL, SEVERAL_AT_ONCE, check, keep, opened


def kind_of(day: int) -> str:
    """Drift comes in runs of days, now and then a feed is broken."""
    if day % 37 == 11:
        return "broken"
    return "high" if (day // 5) % 3 == 1 else "calm"


def main(folder: Path, first: int, last: int, *, drifting: bool) -> None:
    """Record and decide day after day, each time saying so."""
    driftline = opened(folder, ahead=timedelta(days=float(os.environ.get("DAYS_AHEAD", "0"))))
    clock = os.environ.get("POLICY_CLOCK", "data")
    put_in_force(driftline, MODEL, SEVERAL_AT_ONCE.model_copy(update={"clock": clock}), reason="")
    keep_up(driftline)
    decided = {line.check for line in driftline.decisions.decisions(MODEL)}
    for day in range(first, last):
        made = check(day, "high" if drifting else kind_of(day))
        if made.id in decided:
            continue
        if not driftline.history.has_check(made.id):
            keep(driftline, made)
        after_check(driftline, made.id, MODEL)
        say(day)
    say("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), drifting=len(sys.argv) > 4)
