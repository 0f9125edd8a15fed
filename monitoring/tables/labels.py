"""Labels that come in a file of their own, and joining them to rows by id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.errors import LabelsRefused, TableRefused
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.matching import Matching, Names, labels_columns
from monitoring.tables.quoting import counted, listed, shown
from monitoring.tables.reader import RowReader
from monitoring.tables.reading_options import FOUND_OUT, ReadOptions
from monitoring.tables.report import LabelsRead, ReadReport
from monitoring.tables.source import Source
from monitoring.tables.sources import expected_labels, open_matched

IDS_NAMED = 2
"""Ids of either file that are shown where none is in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Known outcomes by id.

    Attributes:
        ids: distinct ids, a `pyarrow` string array.
        values: 0.0 or 1.0 for each of them.
        report: what happened while the file was read.
        warnings: sentences for a person.
        read: how the file was read.
        names: of the names of columns that a person gave those that decided something here.
    """

    ids: Any
    values: NDArray[np.float64]
    report: ReadReport
    warnings: tuple[str, ...]
    read: LabelsRead
    names: Names

    def __len__(self) -> int:
        return len(self.values)


def read_labels(
    path: Path,
    contract: Contract,
    *,
    name: str,
    names: Names | None = None,
    options: ReadOptions = FOUND_OUT,
    limits: Limits = LIMITS,
) -> Labels:
    """Read a file with an id column and the outcome; other columns are ignored.

    Args:
        path: the file.
        contract: names the id and the target column, and the classes.
        name: what the person calls the file.
        names: names of columns that a person gave.
        options: what the person says about how the file is written.
        limits: how much it may unpack to.

    Raises:
        LabelsRefused: the file is no table, lacks a column, or holds not a single usable label.
    """
    if contract.id is None:
        raise LabelsRefused(
            f"{shown(name, 120)} cannot be joined: the model's contract names no id column; "
            f"put the column {contract.target.name} into the file of rows instead."
        )
    try:
        expected = expected_labels(contract, names)
        source, matching = open_matched(
            path, labels_columns(contract), name=name, expected=expected, names=names, options=options, limits=limits
        )
        return _read(source, matching, contract, contract.id, name)
    except LabelsRefused:
        raise
    except TableRefused as error:
        raise LabelsRefused(str(error)) from error


def _read(source: Source, matching: Matching, contract: Contract, id_column: str, name: str) -> Labels:
    target = contract.target
    bare = Contract(model=contract.model, features=(), id=id_column, target=target, classes=contract.classes)
    reader = RowReader(source, replace(matching, ignored=(), ignored_count=0), bare, name)
    table = pa.Table.from_batches(reader.batches(), reader.schema)
    known = table.filter(pc.and_(table[id_column].is_valid(), table[target.name].is_valid()))
    ids, values, sentences = _one_each(known, id_column, target.name)
    report = reader.tell(without=("duplicate_id",))
    if not len(ids):
        why = next(iter(report.warnings), "")
        raise LabelsRefused(
            f"{shown(name, 120)}: no row has both a {id_column} and an outcome in {target.name}. {why}".strip()
        )
    without = table.num_rows - known.num_rows
    if without:
        sentences.append(
            f"{counted(without, 'row')} without id or outcome {'was' if without == 1 else 'were'} left out."
        )
    warnings = (*report.warnings, *sentences)
    return Labels(
        ids=ids,
        values=values,
        report=replace(report, warnings=warnings),
        warnings=warnings,
        read=LabelsRead(file_name=name, sniffed=source.sniffed),
        names=dict(matching.named),
    )


def _one_each(known: Any, id_column: str, target: str) -> tuple[Any, NDArray[np.float64], list[str]]:
    """Each id once: repeated with one value it counts once, with two values it is dropped."""
    grouped = known.group_by(id_column, use_threads=False).aggregate(
        [(target, "min"), (target, "max"), (target, "count")]
    )
    agrees = pc.equal(grouped[f"{target}_min"], grouped[f"{target}_max"])
    repeated = pc.greater(grouped[f"{target}_count"], 1)
    same = pc.sum(pc.and_(agrees, repeated)).as_py() or 0
    contradicting = grouped.filter(pc.invert(agrees))[id_column]
    kept = grouped.filter(agrees)
    sentences = []
    if len(contradicting):
        sentences.append(
            f"{id_column}: {counted(len(contradicting), 'id has', 'ids have')} contradicting outcomes "
            f"and {'was' if len(contradicting) == 1 else 'were'} left out: {listed(contradicting.to_pylist()[:6])}."
        )
    if same:
        sentences.append(f"{id_column}: {counted(same, 'id comes', 'ids come')} more than once, with the same outcome.")
    values = np.asarray(kept[f"{target}_min"].to_numpy(), dtype=np.float64)
    return kept[id_column].combine_chunks(), values, sentences


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows with the outcomes of labels.

    Attributes:
        batch: the rows, with the target column.
        found: the places of the labels that belong to one of them, each once.
        contradicted: rows that had another outcome of their own.
        ids: the first ids of the rows.
    """

    batch: Any
    found: NDArray[np.int64]
    contradicted: int
    ids: tuple[str, ...]


def join_labels(batch: Any, labels: Labels, contract: Contract) -> Joined:
    """The batch with the outcome from `labels` where its id is known, else the batch's own outcome or null.

    Args:
        batch: a conforming `pyarrow.RecordBatch`.
        labels: known outcomes.
        contract: names the id and the target column.

    Raises:
        LabelsRefused: the batch has no id column.
    """
    target = contract.target.name
    if contract.id is None or contract.id not in batch.schema.names:
        raise LabelsRefused(
            f"The outcomes cannot be joined: the file of rows has no column {contract.id or 'with ids'}; add it, "
            f"or put the column {target} into the file of rows."
        )
    ids = batch.column(contract.id)
    place = pc.index_in(ids, value_set=labels.ids, skip_nulls=True)
    outcomes = pa.array(labels.values, pa.float64()).take(place)
    found = np.unique(place.drop_null().to_numpy(zero_copy_only=False)).astype(np.int64)
    named = tuple(ids[:IDS_NAMED].drop_null().to_pylist())
    at = batch.schema.get_field_index(target)
    if at < 0:
        return Joined(batch.append_column(pa.field(target, pa.float64()), outcomes), found, 0, named)
    own = batch.column(target)
    contradicted = pc.sum(pc.not_equal(outcomes, own)).as_py() or 0
    whole = batch.set_column(at, pa.field(target, pa.float64()), pc.coalesce(outcomes, own))
    return Joined(whole, found, contradicted, named)


class Join:
    """How labels and rows found each other, over all batches.

    Args:
        labels: what is joined.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._found = np.zeros(len(labels), np.bool_)
        self._contradicted = 0
        self._ids: tuple[str, ...] = ()

    def add(self, joined: Joined) -> None:
        """Take in the next batch."""
        self._found[joined.found] = True
        self._contradicted += joined.contradicted
        self._ids = self._ids or joined.ids

    @property
    def smooth(self) -> bool:
        """Whether every label found its row, and none said another outcome than the row itself."""
        return bool(self._found.all()) and not self._contradicted

    def sentence(self, *, rows: int, labelled: int) -> str:
        """How it went, once all batches are through.

        Args:
            rows: rows scored.
            labelled: rows that have an outcome now, their own or a label's.
        """
        sentence = coverage_sentence(rows=rows, labelled=labelled)
        unknown = len(self._found) - int(self._found.sum())
        if not self._found.any():
            sentence += f" The ids of the two files do not match ({self._ids_of_both()})."
        elif unknown:
            sentence += f" {counted(unknown, 'outcome belongs', 'outcomes belong')} to no row of the file."
        if self._contradicted:
            rows_say = counted(self._contradicted, "row says", "rows say")
            sentence += f" {rows_say} another outcome than the file of outcomes, which counts."
        return sentence

    def _ids_of_both(self) -> str:
        """Some ids of both sides, so that one sees how they differ."""
        theirs = tuple(self._labels.ids[:IDS_NAMED].to_pylist())
        named = f"the outcomes name {_in_marks(theirs)}, the rows {_in_marks(self._ids)}"
        same = not set(map(str.strip, self._labels.ids.to_pylist())).isdisjoint(map(str.strip, self._ids))
        return f"{named}; {'only white space differs' if same else 'are they of the same period?'}"


def count_labelled(batch: Any, contract: Contract) -> int:
    """Rows of a batch whose outcome is known."""
    column = batch.schema.get_field_index(contract.target.name)
    return 0 if column < 0 else batch.num_rows - batch.column(column).null_count


def coverage_sentence(*, rows: int, labelled: int) -> str:
    """How many of the rows have an outcome.

    >>> coverage_sentence(rows=200, labelled=100)
    '100 of 200 rows have an outcome (50 %).'
    """
    share = f" ({100 * labelled / rows:.3g} %)" if 0 < labelled < rows else ""
    return f"{labelled:,} of {counted(rows, 'row has', 'rows have')} an outcome{share}."


def one_class_sentence(contract: Contract, *, labelled: int, positive: bool) -> str:
    """That all outcomes are the same, and what cannot be told from such."""
    name = contract.target.positive if positive else f"not {contract.target.positive}"
    return (
        f"{contract.target.name}: all {counted(labelled, 'outcome')} are the same ({shown(name)}): AUC, which compares "
        "the two classes, cannot be told, and nothing can be learnt from these rows alone."
    )


def _in_marks(ids: tuple[str, ...]) -> str:
    return ", ".join(f"“{shown(one)}”" for one in ids) or "none"
