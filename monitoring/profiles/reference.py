"""A reference: what a batch is compared with, frozen with a model version. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.contract import PREDICTION, Contract
from monitoring.performance.realised import Realised, measure_performance
from monitoring.profiles.grid import CategoryGrid, Floats, Grid, NumericGrid
from monitoring.profiles.merged_sample import Repeats, sampled_columns
from monitoring.profiles.profile import Grids, Profile, as_floats, as_levels, block_numbers, profile_batch

LARGEST = 100_000
"""Rows that a reference keeps; a larger one is sampled with a fixed seed."""
SAMPLE_SEED = 20_130_101


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of the training period that the model did not see, as counts.

    Attributes:
        grids: the cells.
        profile: the reference's own counts on them.
        ordered: for each numeric column (and the prediction) its finite values, sorted.
        performance: realised performance of the model on the reference, None without labels.
        sampled_from: rows it was sampled from, None when all are used.
        repeats: how often its rows repeat, by the columns that are looked at: with the time and without it.
    """

    grids: Grids
    profile: Profile
    ordered: Mapping[str, Floats]
    performance: Realised | None
    sampled_from: int | None
    repeats: Mapping[tuple[str, ...], Repeats]

    @classmethod
    def build(cls, contract: Contract, rows: pa.Table, identity: str) -> Reference:
        """The reference of conforming `rows` with their `prediction` column.

        Args:
            contract: what the columns are.
            rows: with the target and the timestamp where they are known.
            identity: content hash of what the rows came from; profiles carry it.
        """
        sampled_from = rows.num_rows if rows.num_rows > LARGEST else None
        if sampled_from:
            chosen = np.random.default_rng(SAMPLE_SEED).choice(rows.num_rows, LARGEST, replace=False)
            rows = rows.take(pa.array(np.sort(chosen)))
        rows = rows.combine_chunks()
        ordered: dict[str, Floats] = {}
        columns: dict[str, Grid] = {}
        target = contract.target.name
        labelled = target in rows.schema.names and rows.column(target).null_count < rows.num_rows
        outcomes = {
            name: _classes(name, _column(rows, name), contract) for name in (PREDICTION, target)[: 1 + labelled]
        }
        for name in (*contract.numeric, *(name for name, classes in outcomes.items() if classes is None)):
            values = as_floats(_column(rows, name))
            ordered[name] = np.sort(values[np.isfinite(values)])
            columns[name] = NumericGrid.of(ordered[name])
        for feature in contract.features:
            if feature.kind == "categorical":
                columns[feature.name] = _category_grid(_column(rows, feature.name), feature.categories)
        for name, classes in outcomes.items():
            if classes is not None:
                columns[name] = _category_grid(_column(rows, name), classes)
        grids = Grids(identity, contract, columns)
        performance = None
        if labelled and outcomes[PREDICTION] is None and outcomes[target] is not None:
            outcome, predicted = (as_floats(_column(rows, name)) for name in (target, PREDICTION))
            performance = measure_performance(outcome, predicted, block_numbers(rows, contract))
        return cls(grids, profile_batch(rows, grids), ordered, performance, sampled_from, _repeats(contract, rows))


def _column(rows: pa.Table, name: str) -> pa.Array:
    values = rows.column(name)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _classes(name: str, values: pa.Array, contract: Contract) -> tuple[str, ...] | None:
    """Classes of the predictions or outcomes called `name`: the contract's; None where they are numbers.

    Predictions with fractions are probabilities or what a regression predicts; so are outcomes beyond the classes.
    """
    if pa.types.is_floating(values.type):
        known = as_floats(values)
        if name == PREDICTION or not np.isin(known[np.isfinite(known)], contract.classes).all():
            return None
    return tuple(str(c) for c in contract.classes)


def _repeats(contract: Contract, rows: pa.Table) -> dict[tuple[str, ...], Repeats]:
    timeless = [name for name in rows.schema.names if name != contract.timestamp]
    keys = {sampled_columns(contract, rows.schema.names), sampled_columns(contract, timeless)}
    return {columns: Repeats.of(rows.select(columns)) for columns in keys}


def _category_grid(values: pa.Array, trained: tuple[str, ...]) -> CategoryGrid:
    """Known categories: those of the contract in its order, then those that only the reference has, by name."""
    only_here = sorted(set(pc.unique(as_levels(values).drop_null()).to_pylist()) - set(trained))
    return CategoryGrid((*trained, *only_here), trained=len(trained))
