"""The Arrow schema that every batch has once it meets the contract."""

from __future__ import annotations

import pyarrow as pa

from monitoring.contract import Contract


def conforming_schema(contract: Contract, *, id: bool, timestamp: bool, target: bool) -> pa.Schema:  # noqa: A002
    """The columns of a conforming batch: the features in the contract's order, then what else the file has.

    Args:
        contract: what the model needs.
        id: whether the rows have names.
        timestamp: whether the rows have a time.
        target: whether the outcome stands beside the rows.

    Returns:
        Numbers as float64, categories and ids as string, the time as timestamp[us], the outcome as float64 (0, 1);
        in all of them null means missing.
    """
    fields = [
        pa.field(feature.name, pa.float64() if feature.kind == "numeric" else pa.string())
        for feature in contract.features
    ]
    if id and contract.id is not None:
        fields.append(pa.field(contract.id, pa.string()))
    if timestamp and contract.timestamp is not None:
        fields.append(pa.field(contract.timestamp, pa.timestamp("us")))
    if target:
        fields.append(pa.field(contract.target.name, pa.float64()))
    return pa.schema(fields)
