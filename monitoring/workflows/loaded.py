"""Versions ready for work: scorer and reference in memory, kept for as long as the process lives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.contract import PREDICTION, Contract
from monitoring.errors import StoreFailed
from monitoring.profiles.reference import Reference
from monitoring.registry.version import Version
from monitoring.scoring.scorer import Scorer, with_predictions
from monitoring.tables.schema import conforming_schema

KEPT = 4


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version with what a check needs of it."""

    version: Version
    scorer: Scorer
    reference: Reference


class LoadedVersions:
    """The versions used last, loaded once; safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loaded: dict[tuple[str, int], Loaded] = {}

    def get(self, version: Version) -> Loaded:
        """The version, loaded now or before. Raises StoreFailed when its reference cannot be read."""
        key = (version.model, version.number)
        with self._lock:
            found = self._loaded.pop(key, None) or _load(version)
            self._loaded[key] = found
            while len(self._loaded) > KEPT:
                del self._loaded[next(iter(self._loaded))]
            return found


def read_reference_rows(version: Version) -> pa.Table:
    """The reference rows of a version as conforming rows, without predictions."""
    try:
        stored = pq.read_table(version.reference_file)
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreFailed(f"The reference of version {version.number} of {version.model} cannot be read.") from error
    return conform(stored, version.contract)


def conform(rows: pa.Table, contract: Contract) -> pa.Table:
    """Stored rows in the types and the order that reading a file gives; other columns are left out."""
    names = set(rows.schema.names)
    schema = conforming_schema(
        contract,
        id=contract.id in names,
        timestamp=contract.timestamp in names,
        target=contract.target.name in names,
    )
    return rows.select(schema.names).cast(schema).combine_chunks()


def score_rows(rows: pa.Table, scorer: Scorer) -> pa.Table:
    """The rows with their predictions."""
    scored = [with_predictions(batch, scorer.score(batch)) for batch in rows.to_batches(max_chunksize=65_536)]
    empty = rows.schema.append(pa.field(PREDICTION, pa.float64()))
    return pa.Table.from_batches(scored) if scored else empty.empty_table()


def load_with(version: Version, scorer: Scorer, identity: str) -> Loaded:
    """The version with what its reference is under this scorer; `identity` is that reference's content hash."""
    rows = score_rows(read_reference_rows(version), scorer)
    return Loaded(version, scorer, Reference.build(version.contract, rows, identity))


def _load(version: Version) -> Loaded:
    files = version.manifest.files
    content = "".join(f"{name}:{files[name]};" for name in ("model.onnx", "contract.json", "reference.parquet"))
    identity = hashlib.sha256(content.encode()).hexdigest()
    return load_with(version, Scorer(version.model_file, version.contract), identity)
