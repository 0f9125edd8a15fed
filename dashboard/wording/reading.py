"""What happened while a file was read, as rows of words. Pure."""

from __future__ import annotations

from typing import Final

from dashboard.wording.quantities import counted, percent
from monitoring.tables.report import Problem, ReadReport

RULES: Final[dict[str, str]] = {
    "not_a_number": "is not a number",
    "infinite": "is infinite",
    "impossible": "is impossible",
    "missing_not_allowed": "is missing, which the model does not allow",
    "duplicate_id": "has the id of an earlier row",
    "bad_timestamp": "is not a time",
    "bad_label": "is not an outcome (0 or 1)",
    "field_count": "has too many or too few fields",
    "empty_row": "is empty",
}


def rule_words(rule: str) -> str:
    """What a rule says; a rule that this page does not know is shown by its code."""
    return RULES.get(rule, rule.replace("_", " "))


def consequence(problem: Problem) -> str:
    """What became of the rows."""
    return "row set aside" if problem.sets_row_aside else "counted as missing"


def examples(problem: Problem) -> str:
    """The first few values with their rows."""
    shown = [f"row {example.row}: “{example.value}”" for example in problem.examples[:3]]
    return ", ".join(shown) + (", …" if problem.count > len(shown) else "")


def unused_summary(read: ReadReport) -> str:
    """One sentence on the rows that could not be used."""
    if not read.rows_refused and not read.problems:
        return f"All {counted(read.rows_read, 'row')} could be used."
    if not read.rows_refused:
        values = sum(problem.count for problem in read.problems)
        return f"All {counted(read.rows_read, 'row')} could be used; {counted(values, 'value')} did not fit."
    share = percent(read.rows_refused / read.rows_read)
    rows = f"{counted(read.rows_refused, 'row')} of {counted(read.rows_read, 'row')}"
    return f"{rows} ({share}) {'was' if read.rows_refused == 1 else 'were'} set aside, not scored."
