"""Arguments of the command line that say how a file is read: names of columns, and how it is written."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from monitoring.contract import Contract
from monitoring.errors import NotPossible
from monitoring.tables.matching import wanted_columns
from monitoring.tables.reading import Reading
from monitoring.tables.reading_options import DELIMITER_WORDS, FOUND_OUT, DateOrder, ReadOptions

_DELIMITERS = {"\\t": "\t", **{word: mark for mark, word in DELIMITER_WORDS.items()}}
_DECIMALS = {"point": ".", "comma": ","}
_THOUSANDS = {"none": "", "comma": ",", "point": ".", "space": " ", "apostrophe": "'"}
_QUOTES = {"double": '"', "single": "'", "none": ""}
_WORDS = {"delimiter": _DELIMITERS, "decimal": _DECIMALS, "thousands": _THOUSANDS, "quote": _QUOTES}


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments, in a group of their own; `reading_from` makes a value of them."""
    group = parser.add_argument_group("how the file is read", "What is not given is found out.")
    group.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=NAME",
        help="COLUMN of the file, or of the file of outcomes, is the model's NAME; remembered for the model",
    )
    group.add_argument("--once", action="store_true", help="do not remember what --map says")
    group.add_argument("--encoding", metavar="NAME", help="utf-8, cp1252, utf-16, …")
    group.add_argument("--delimiter", metavar="MARK", help="the character between cells, or comma, semicolon, tab, …")
    group.add_argument("--quote", choices=_QUOTES, help="the marks around text that holds the delimiter")
    group.add_argument("--decimal", choices=_DECIMALS, help="the decimal mark")
    group.add_argument("--thousands", choices=_THOUSANDS, help="what stands between groups of three digits")
    group.add_argument("--dates", choices=get_args(DateOrder), help="the order of dates like 31/07/2013")
    group.add_argument("--header-line", type=int, metavar="LINE", help="the line of the column names, from 1")
    group.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook")
    group.add_argument("--member", metavar="NAME", help="the file in a zip archive")


def add_labels_arguments(parser: argparse.ArgumentParser) -> None:
    """The file of outcomes, and the same for it: ids and outcomes alone are read."""
    parser.add_argument("--labels", type=Path, metavar="FILE", help="outcomes by id, when they are not in FILE")
    group = parser.add_argument_group("how the file of outcomes is read", "Names of its columns: --map.")
    group.add_argument("--labels-encoding", metavar="NAME", help="as --encoding, of the outcomes")
    group.add_argument("--labels-delimiter", metavar="MARK", help="as --delimiter, of the outcomes")
    group.add_argument("--labels-quote", choices=_QUOTES, help="as --quote, of the outcomes")
    group.add_argument("--labels-header-line", type=int, metavar="LINE", help="as --header-line, of the outcomes")
    group.add_argument("--labels-sheet", metavar="NAME", help="as --sheet, of the outcomes")
    group.add_argument("--labels-member", metavar="NAME", help="as --member, of the outcomes")


def reading_from(options: argparse.Namespace, contract: Contract) -> Reading:
    """What the arguments say. Raises NotPossible for what cannot be understood, and for what has no file."""
    labels = _options(options, "labels_")
    if labels != FOUND_OUT and options.labels is None:
        said = next(iter(labels.model_dump(exclude_none=True)))
        raise NotPossible(f"{_argument('labels_', said)} says how outcomes are read: name their file (--labels FILE).")
    names = dict(_pair(text, contract) for text in options.map)
    return Reading(names=names, options=_options(options, ""), labels=labels)


def _options(options: argparse.Namespace, prefix: str) -> ReadOptions:
    """What the arguments that begin so say of one file."""
    given: dict[str, Any] = {name: getattr(options, f"{prefix}{name}", None) for name in ReadOptions.model_fields}
    meant = {name: _meant(_WORDS.get(name, {}), value) for name, value in given.items() if value is not None}
    try:
        return ReadOptions.model_validate(meant)
    except ValidationError as error:
        first = error.errors()[0]
        argument = _argument(prefix, str(first["loc"][0]))
        raise NotPossible(f"{argument} cannot be understood: {first['msg'].removeprefix('Value error, ')}.") from error


def _argument(prefix: str, name: str) -> str:
    return "--" + f"{prefix}{name}".replace("_", "-")


def _meant(words: Mapping[str, str], given: Any) -> Any:
    return words.get(given, given)


def _pair(text: str, contract: Contract) -> tuple[str, str]:
    """COLUMN=NAME in two; a column's name may itself hold the sign."""
    known = {column.name for column in wanted_columns(contract)}
    cuts = [place for place, character in enumerate(text) if character == "="]
    if not cuts:
        raise NotPossible(f"--map {text[:100]} cannot be understood: write the file's column, =, the model's column.")
    cut = next((place for place in cuts if text[place + 1 :] in known), cuts[0])
    return text[:cut], text[cut + 1 :]
