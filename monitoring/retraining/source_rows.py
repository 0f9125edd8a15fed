"""The rows of a stored upload with their outcomes, as training and comparing need them."""

from __future__ import annotations

import pyarrow as pa

from monitoring.contract import Contract
from monitoring.errors import NotFound, NotPossible
from monitoring.history.uploads import Uploads
from monitoring.progress import Progress
from monitoring.retraining.request import Source
from monitoring.retraining.splits import complete
from monitoring.tables.labels import join_labels, read_labels
from monitoring.tables.limits import Limits
from monitoring.tables.quoting import shown
from monitoring.tables.reader import read_rows


def read_source(uploads: Uploads, source: Source, contract: Contract, progress: Progress, limits: Limits) -> pa.Table:
    """All rows of a source that meet the contract, outcomes beside them, every column of the contract there.

    Raises:
        NotPossible: a file is gone.
        TableRefused: the rows cannot be read.
        LabelsRefused: the file of labels cannot be read.
    """
    name = shown(source.file_name, 120)

    def tell(share: float, message: str) -> None:
        progress(share, f"Reading {name}{message.removeprefix('Reading')}")

    progress(0.0, f"Reading {name}")
    try:
        rows = uploads.path(source.upload)
        labels_file = None if source.labels is None else uploads.path(source.labels)
    except NotFound as error:
        raise NotPossible(f"{name} is no longer kept: check the file again, then retrain from there.") from error
    names, options, said = source.reading.names, source.reading.options, source.reading.labels
    labels = None
    if labels_file is not None:
        title = f"Labels of {name}"
        labels = read_labels(labels_file, contract, name=title, names=names, options=said, limits=limits)
    reader = read_rows(
        rows, contract, name=source.file_name, progress=tell, names=names, options=options, limits=limits
    )
    batches = list(reader.batches())
    if labels is not None:
        batches = [join_labels(batch, labels, contract).batch for batch in batches]
    return complete(pa.Table.from_batches(batches), contract)
