"""What happened while a file was read, as rows of words. Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from dashboard.wording.quantities import counted, percent
from monitoring.tables.matching import ColumnMatch
from monitoring.tables.reading_options import DATE_WORDS, DELIMITER_WORDS
from monitoring.tables.report import Problem, ReadReport, RefusedRow

AS_FOUND_WORD: Final = "As found"
DELIMITERS: Final[dict[str, str]] = dict(DELIMITER_WORDS)
DECIMALS: Final[dict[str, str]] = {".": "point (1.5)", ",": "comma (1,5)"}
QUOTES: Final[dict[str, str]] = {'"': 'double (")', "'": "single (')", "": "none"}
THOUSANDS: Final[dict[str, str]] = {
    "": "none",
    ",": "comma (1,000)",
    ".": "point (1.000)",
    " ": "space (1 000)",
    "'": "apostrophe (1'000)",
}
DATES: Final[dict[str, str]] = {order: words for order, words in DATE_WORDS.items()}  # noqa: C416 - other keys
ENCODINGS: Final[dict[str, str]] = {
    "utf-8": "UTF-8",
    "cp1252": "Windows Western (cp1252)",
    "cp1250": "Windows Central European (cp1250)",
    "cp1251": "Windows Cyrillic (cp1251)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, low byte first",
    "utf-16-be": "UTF-16, high byte first",
    "iso8859-15": "Latin-9",
    "shift_jis": "Shift JIS",
    "gb18030": "GB 18030",
}

RULES: Final[dict[str, str]] = {
    "no_result": "is a formula without a stored result",
    "cell_error": "is an error of the spreadsheet",
    "not_text": "holds half of a character, which is no text",
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
_SCORED: Final[dict[str, str]] = {
    "impossible": "scored as written",
    "duplicate_id": "scored; outcomes cannot tell such rows apart",
    "bad_label": "scored, outcome unknown",
    "bad_timestamp": "scored, day unknown",
}


def rule_words(rule: str) -> str:
    """What a rule says; a rule that this page does not know is shown by its code."""
    return RULES.get(rule, rule.replace("_", " "))


def consequence(problem: Problem) -> str:
    """What became of the rows."""
    if problem.sets_row_aside:
        return "row set aside"
    return _SCORED.get(problem.rule, "counted as missing")


def examples(problem: Problem) -> str:
    """The first few values with their rows."""
    shown = [f"{place(example.row, example.line)}: “{example.value}”" for example in problem.examples[:3]]
    return ", ".join(shown) + (", …" if problem.count > len(shown) else "")


def place(row: int, line: int | None) -> str:
    """Where a row stands.

    >>> place(3, 4), place(3, None)
    ('row 3 (line 4)', 'row 3')
    """
    return f"row {row:,} (line {line:,})" if line else f"row {row:,}"


def cell_text(text: str, longest: int = 120) -> str:
    """A cell for a table: characters that hide or turn text become visible stand-ins, and it is cut where too long."""
    visible = "".join(
        " " if character.isspace() else "\ufffd" if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character
        for character in text[: longest + 1]
    )
    return visible if len(visible) <= longest else visible[: longest - 1] + "…"


def column_labels(header: Sequence[str]) -> list[str]:
    """The columns of a file as distinct labels: a name that comes again gets its number, no name gets a word."""
    labels: list[str] = []
    seen: Counter[str] = Counter()
    for column in header:
        label = cell_text(column, 60).strip() or "(no name)"
        seen[label] += 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels if len(set(labels)) == len(labels) else [f"{i + 1} {label}" for i, label in enumerate(labels)]


def found_words(words: Mapping[str, str], found: str) -> str:
    """What was found, in a list of choices."""
    return f"{AS_FOUND_WORD}: {words.get(found, found)}"


def columns_summary(columns: Iterable[ColumnMatch], header: Sequence[str]) -> str:
    """How many of the needed columns are there, which go by another name, which are missing."""
    matches = list(columns)
    needed = [column for column in matches if column.needed]
    there = [column for column in needed if column.state in ("there", "named", "respelled")]
    parts = [f"{len(there)} of {len(needed)} needed columns found"]
    parts += [
        f"{cell_text(header[column.places[0]], 60)} is read as {column.name}"
        for column in matches
        if column.state in ("named", "respelled")
    ]
    missing = [column for column in needed if column.state == "missing"]
    parts += [
        f"{column.name} is missing ({cell_text(column.suggestion, 60)} → {column.name}?)"
        if column.suggestion
        else f"{column.name} is missing"
        for column in missing
    ]
    parts += [f"duplicate columns for {column.name}" for column in matches if column.state == "duplicate"]
    return "; ".join(parts) + "."


def misfits_title(rows: Sequence[RefusedRow], what: str) -> str:
    """A heading over rows that did not fit."""
    return f"{what}: {counted(len(rows), 'row')}"


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
