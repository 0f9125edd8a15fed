"""What happened while a file was read, in sentences, the most important first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitoring.contract import Contract
from monitoring.tables.conversion import Mend
from monitoring.tables.matching import Matching
from monitoring.tables.quoting import counted, listed, shown
from monitoring.tables.report import Problem
from monitoring.tables.source import Misfits

_TEMPLATES = {
    "field_count": "{rows} set aside for another number of fields than the header's {fields}, {where}{misfit}.",
    "empty_row": "{rows} empty in every column and set aside, {where}.",
    "missing_not_allowed": "{column}: {values} missing, which the model cannot do without, so {fate}, {where}.",
    "no_result": "{column}: {values} {a_formula} without a stored result and {fate}, {example}; open the file in Excel "
    "or LibreOffice and save it.",
    "cell_error": "{column}: {values} {an_error} of the spreadsheet and {fate}, {example}; mend or clear such cells.",
    "not_text": "{column}: {values} no text, as half of a character stands there, and {fate}, {example}; write the "
    "whole character.",
    "not_a_number": "{column}: {values} {no_number} and {fate}, {example}{hint}.",
    "infinite": "{column}: {values} infinite or too large for the model and {fate}, {example}.",
    "bad_timestamp": "{column}: {values} no ISO time (2013-07-31 14:05) and {fate}, {example}.",
    "bad_label": "{column}: {values} none of 0, 1, yes, no, true, false, {positive} and {fate}, {example}.",
    "duplicate_id": "{column}: {duplicates}, {example}; outcomes cannot be joined to such rows one to one.",
    "impossible": "{column}: {values} impossible ({bounds}) but scored as written, {example}.",
}
"""A sentence for each rule, in order of importance."""
_IGNORED_WORTH_A_WARNING = 50


def problem_sentences(problems: Iterable[Problem], contract: Contract, *, fields: int, misfit: str) -> list[str]:
    """One sentence for each problem.

    Args:
        problems: what broke.
        contract: for bounds and units.
        fields: number of columns in the header.
        misfit: what else is known about the first rows with another number of fields, to end their sentence with.
    """
    order = list(_TEMPLATES)
    ordered = sorted(problems, key=lambda problem: order.index(problem.rule))
    return [_sentence(problem, contract, fields, misfit) for problem in ordered]


def _sentence(problem: Problem, contract: Contract, fields: int, misfit: str) -> str:
    first, one = problem.examples[0], problem.count == 1
    line = f" (line {first.line:,})" if first.line else ""
    file = f" of {shown(first.file, 120)}" if first.file else ""
    where = f"{'in' if one else 'first in'} row {first.row:,}{line}{file}"
    return _TEMPLATES[problem.rule].format(
        column=shown(problem.column),
        rows=counted(problem.count, "row is", "rows are"),
        values=counted(problem.count, "value is", "values are"),
        duplicates=counted(problem.count, "duplicate"),
        fields=fields,
        where=where,
        misfit=misfit,
        example=f'{where}: "{shown(first.value)}"',
        fate=_fate(problem),
        no_number="not a number" if one else "not numbers",
        a_formula="a formula" if one else "formulas",
        an_error="an error" if one else "errors",
        hint=_hint(problem),
        positive=shown(contract.target.positive),
        bounds=_bounds(problem.column, contract),
    )


def misfit_note(misfits: Misfits, lines: Mapping[int, int]) -> str:
    """What else is known about rows with another number of fields: a quotation mark left open.

    Args:
        misfits: these rows.
        lines: in which lines rows start.
    """
    if misfits.runs_on is None:
        return ""
    row, further = misfits.runs_on
    where = f"line {lines[row]:,}" if lines.get(row) else f"row {row:,}"
    takes = f"takes {counted(further, 'further line')} into one cell"
    return f"; a quotation mark that opens in {where} {takes}, as when it is never closed"


def misfit_advice(misfits: Misfits, fields: int) -> str:
    """How to mend a file most of whose rows have another number of fields than the header."""
    row, found, _ = misfits.texts[0]
    if misfits.runs_on is not None and misfits.runs_on[0] == row:
        further = counted(misfits.runs_on[1], "further line")
        return f"a quotation mark that opens there takes {further} into one cell: close it"
    if found == fields + 1:
        return "if the first or last column has no name, give it one in the header"
    return "put text that holds the delimiter in quotation marks and save the file again"


def _fate(problem: Problem) -> str:
    """What became of the values, after "and" or "so"."""
    one = problem.count == 1
    if problem.sets_row_aside:
        return "the row is set aside" if one else "the rows are set aside"
    return "counts as missing" if one else "count as missing"


def _hint(problem: Problem) -> str:
    if any("," in example.value and any(c.isdigit() for c in example.value) for example in problem.examples):
        return " (write numbers with a decimal point and without thousands separators, or say that the mark is a comma)"
    return ""


def _bounds(column: str, contract: Contract) -> str:
    """The possible values of a column, '' for one without bounds."""
    feature = next((feature for feature in contract.features if feature.name == column), None)
    if feature is None or (feature.minimum is None and feature.maximum is None):
        return ""
    unit = f" {feature.unit}" if feature.unit else ""
    if feature.minimum is None:
        return f"at most {feature.maximum:g}{unit}"
    if feature.maximum is None:
        return f"at least {feature.minimum:g}{unit}"
    return f"{feature.minimum:g} to {feature.maximum:g}{unit}"


def matching_sentences(matching: Matching, contract: Contract) -> list[str]:
    """What the header made necessary: columns matched by a similar name, columns lost, a great many
    columns ignored (a few are no news: the report lists them)."""
    sentences = [
        f'The column "{shown(there)}" was taken for {name}, as its name was given.' for there, name in matching.named
    ]
    sentences += [
        f'The column "{shown(there)}" was taken for {name}; only case, space or punctuation differ.'
        for there, name in matching.respelled
    ]
    if contract.id is not None and contract.id not in matching.positions:
        sentences.append(f"There is no column {contract.id}: outcomes in a second file cannot be joined to these rows.")
    if contract.timestamp is not None and contract.timestamp not in matching.positions:
        sentences.append(
            f"There is no column {contract.timestamp}: days cannot be compared with each other, "
            "so usual day-to-day change cannot be told from drift."
        )
    if matching.ignored_count > _IGNORED_WORTH_A_WARNING:
        names = listed(matching.ignored, total=matching.ignored_count)
        sentences.append(f"{matching.ignored_count:,} columns the model does not use were ignored: {names}.")
    return sentences


def mended_sentences(mended: Mapping[tuple[str, Mend], int], contract: Contract) -> list[str]:
    """What was mended without harm and might be meant otherwise, a sentence for each column and way."""
    positive = shown(contract.target.positive)
    sentences = []
    for (column, way), count in mended.items():
        values = counted(count, "value")
        words = {
            "zone": f"the time zone of {values} was dropped; hours count as they are written",
            "word": f"{counted(count, 'word was', 'words were')} read as outcomes: yes, true and {positive} as 1 "
            f"({positive}), no and false as 0",
            "grouped": f"the thousands separators of {values} were left out; say how numbers are written if they are "
            "something else",
            "flag": f"{counted(count, 'flag', 'flags')} (true, false) where a number belongs "
            f"{'was' if count == 1 else 'were'} read as 1 and 0",
            "quoted": f"{values} lost the apostrophe that stood before a formula, as our exports put it there",
        }
        if way in words:
            sentences.append(f"{shown(column)}: {words[way]}.")
    return sentences


def mended_facts(mended: Mapping[tuple[str, Mend], int]) -> list[str]:
    """What was mended and cannot be meant otherwise."""
    return [
        f"{shown(column)}: times are shown in the time zone of their column, as the hours there."
        for (column, way), _ in mended.items()
        if way == "typed_zone"
    ]
