"""The files of the shared folder and what is wanted of each; nothing where the folder is not there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("DRIFTLINE_SHARED", ROOT.parent / "shared")) / "hostile"
GOOD = FOLDER / "base" / "good.csv"
REASON = "the hostile files are not at hand"


@dataclass(frozen=True)
class Case:
    """One file: what may come of it, and the words that the message then holds.

    `labels` are dropped beside the good rows. `column` and `touched` tell where cells were spoilt and how many.
    """

    file: Path
    outcomes: tuple[str, ...]
    words: tuple[str, ...]
    rows: int | None
    upload_as: str
    labels: bool
    same_as_good: bool
    column: str | None
    touched: int

    @property
    def id(self) -> str:
        return self.file.stem


def load_cases() -> tuple[Case, ...]:
    """The cases of rows and of labels; those of models are another matter."""
    if not (FOLDER / "expected.json").is_file():
        return ()
    wanted = json.loads((FOLDER / "expected.json").read_text())["cases"]
    return tuple(
        Case(
            file=FOLDER / case["file"],
            outcomes=tuple(case["expect"]),
            words=tuple(case["message_must_mention"]),
            rows=case.get("rows"),
            upload_as=case.get("upload_as", Path(case["file"]).name),
            labels=Path(case["file"]).name.startswith("l"),
            same_as_good="good.csv" in case.get("same_predictions_as", ""),
            column=case.get("column"),
            touched=case.get("cells_touched", 0),
        )
        for case in wanted
        if case["file"].startswith("csv/")
    )


CASES = load_cases()


def outcome(*, refused: bool, notes: Sequence[str], sentence: str) -> str:
    """What came of a file, in the words of the list. A verdict that leaves things open warns as well."""
    if refused:
        return "reject"
    return "accept_with_warning" if notes or re.search(r"too few|broken", sentence) else "accept"


def require(case: Case, came: str, said: str) -> None:
    """Fail unless what came of a case is wanted, and its words were said."""
    taken = came != "reject"
    allowed = any(one.startswith("accept") for one in case.outcomes) if taken else "reject" in case.outcomes
    assert allowed, f"{case.id} came out as {came}, wanted is {case.outcomes}: {said[:600]}"
    if came == "reject" or "accept" not in case.outcomes:
        assert [word for word in case.words if word not in said] == [], said[:3000]
