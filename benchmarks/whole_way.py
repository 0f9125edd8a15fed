"""From file to verdict against what cannot be avoided: `python -m benchmarks.whole_way [--rows 1000000]`.

A check reads, validates, scores, counts and judges a CSV of 25 columns, 10 of which it ignores. Measured against it,
in the same run: the time that `pyarrow.csv` takes to parse the same file plus the time that ONNX Runtime takes to score
the same rows, prepared in memory (with as many threads as it likes or one, many rows at once or few, whichever is
faster); and the same check through `pandas.read_csv` and Evidently's presets of drift and of data summary, each as it
comes: a check tells drift, and missing, impossible and constant values, counts, ranges and means of each column. What
the drift preset alone takes is printed below it. Once with the packaged logistic regression, once with boosted trees on
ordinal codes that are trained here. Ratios are medians of rounds; processor seconds tell how busy the machine was.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.child import measured_in_child
from benchmarks.peak import peak_bytes
from benchmarks.printing import print_row, print_title
from benchmarks.production import MODEL, write_csv
from monitoring.contract import PREDICTION, Contract
from monitoring.progress import silent
from monitoring.retraining.export import export_onnx
from monitoring.retraining.recipe import build_frame, fit
from monitoring.scoring.scorer import CHUNK_ROWS, Scorer
from monitoring.tables.reader import read_rows
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import order_check, run_check
from monitoring.workflows.loaded import Loaded, LoadedVersions, conform, load_with, read_reference_rows
from monitoring.workflows.parts import Driftline

ROWS = 1_000_000
RUNTIME_ROWS = 16_384
"""Rows that ONNX Runtime is given at once when it works alone."""
ALONE = ((0, RUNTIME_ROWS), (1, CHUNK_ROWS))
"""Threads (0 leaves them to it) and rows at once with which it is tried."""
TRAINING = PROJECT / "reference_data" / MODEL / "1" / "training.parquet"
WIDTHS = (58, 10, 16, 8, 30)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of model and what is asked of a check with it.

    Attributes:
        name: for people.
        floor: how many times parsing plus scoring a check may take.
        peer: how many times as fast as pandas with Evidently it must be.
    """

    name: str
    floor: float
    peer: float


KINDS = {"logistic": Kind("logistic regression", 1.3, 20), "trees": Kind("boosted trees", 1.08, 9)}
Times = tuple[float, float]
"""Wall and processor seconds."""
PEER_MEMORY = 0.5
"""Part of the peer's memory that a check may take."""


class Fixed(LoadedVersions):
    """One loaded version, whatever is asked for."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__()
        self._fixed = loaded

    def get(self, version: Any) -> Loaded:
        return self._fixed


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--no-evidently", action="store_true")
    parser.add_argument("--peer", nargs=2, metavar=("FILE", "MODEL"), help=argparse.SUPPRESS)
    parser.add_argument("--ours", nargs=2, metavar=("FILE", "MODEL"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.peer or chosen.ours:
        file, model = map(Path, chosen.peer or chosen.ours)
        print(json.dumps(peer(file, model) if chosen.peer else ours(file, model)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), chosen.rows, chosen.rounds, chosen.kinds, evidently=not chosen.no_evidently)


def measure(folder: Path, rows: int, rounds: int, kinds: Sequence[str], *, evidently: bool) -> int:
    """All ratios, printed as they come; 1 when one misses its goal."""
    file = folder / "flights.csv"
    write_csv(file, rows)
    print_title(f"From file to verdict: {rows:,} rows of 25 columns, {file.stat().st_size / 1e6:,.0f} MB of CSV")
    print_row(("", "ratio", "goal", "kept", "seconds"), WIDTHS)
    kept = True
    for key in kinds:
        kind, driftline = KINDS[key], driftline_with(key, folder)
        found = against_floor(driftline, file, rounds)
        ratio = median(check[0] / (parse[0] + score[0]) for check, parse, score in found)
        check, parse, score = (median_of(times) for times in zip(*found, strict=True))
        kept &= show(
            f"check / (pyarrow.csv + ONNX Runtime), {kind.name}",
            ratio,
            f"at most {kind.floor:g}",
            ratio <= kind.floor,
            f"{check[0]:.2f} / ({parse[0]:.2f} + {score[0]:.2f})",
        )
        print_row(
            ("   processor seconds", "", "", "", f"{check[1]:.2f} / ({parse[1]:.2f} + {score[1]:.2f})"),
            WIDTHS,
        )
        if evidently:
            kept &= against_peer(kind, file, driftline.loaded.get(driftline.registry.champion(MODEL)), folder)
    return int(not kept)


def show(name: str, ratio: float, goal: str, ok: bool, seconds: str) -> bool:
    print_row((name, f"{ratio:.2f}", goal, "yes" if ok else "NO", seconds), WIDTHS)
    return ok


def driftline_with(key: str, folder: Path) -> Driftline:
    """Driftline with the packaged model, or with trees in its place, loaded."""
    driftline = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(folder / "data")}))
    version = driftline.registry.champion(MODEL)
    if key == "logistic":
        driftline.loaded.get(version)
        return driftline
    contract = version.contract
    model = folder / "trees.onnx"
    model.write_bytes(
        export_onnx(fit(boosted_trees(contract), conform(pq.read_table(TRAINING), contract), contract), contract)
    )
    loaded = load_with(version, Scorer(model, contract), "trees")
    return replace(driftline, loaded=Fixed(loaded))


def boosted_trees(contract: Contract) -> Any:
    """100 trees of at most 31 leaves on numbers as they are and the ordinal codes of categories."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer(
        [("numbers", "passthrough", list(contract.numeric)), ("categories", codes, list(contract.categorical))]
    )
    return Pipeline([("columns", columns), ("model", HistGradientBoostingClassifier(max_iter=100, random_state=0))])


def against_floor(driftline: Driftline, file: Path, rounds: int) -> list[tuple[Times, Times, Times]]:
    """The check, parsing alone and scoring alone, round by round."""
    loaded = driftline.loaded.get(driftline.registry.champion(MODEL))
    with file.open("rb") as stream:
        upload = driftline.uploads.save(stream)
    order = order_check(driftline, upload=upload, file_name=file.name, model=MODEL)
    contract = loaded.version.contract
    ways = [(session(loaded.scorer.path, threads), feeds(file, contract, rows)) for threads, rows in ALONE]
    run_check(driftline, order, silent)
    found = []
    for _ in range(rounds):
        parse = timed(lambda: pyarrow.csv.read_csv(file))
        score = min(timed(partial(score_alone, one, contract, fed)) for one, fed in ways)
        found.append((timed(lambda: run_check(driftline, order, silent)), parse, score))
    return found


def session(model: Path, threads: int) -> Any:
    """ONNX Runtime with so many threads; 0 leaves it to it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def feeds(file: Path, contract: Contract, rows: int) -> list[dict[str, Any]]:
    """The rows as ONNX Runtime takes them, in memory, so many at once."""
    found = []
    for batch in read_rows(file, contract, name=file.name).batches():
        frame = build_frame(pa.Table.from_batches([batch]), contract)
        columns = {f.input: frame[f.input].to_numpy() for f in contract.features}
        kinds = {f.input: np.float32 if f.kind == "numeric" else object for f in contract.features}
        fed = {name: values.astype(kinds[name]).reshape(-1, 1) for name, values in columns.items()}
        found += [
            {name: values[start : start + rows] for name, values in fed.items()}
            for start in range(0, batch.num_rows, rows)
        ]
    return found


def score_alone(one: Any, contract: Contract, fed: Sequence[dict[str, Any]]) -> None:
    for chunk in fed:
        one.run([contract.probability_output], chunk)


def timed(work: Callable[[], object]) -> Times:
    """One run."""
    started, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - busy


def median_of(times: Sequence[Times]) -> Times:
    """The median of each."""
    wall, busy = zip(*times, strict=True)
    return median(wall), median(busy)


def against_peer(kind: Kind, file: Path, loaded: Loaded, folder: Path) -> bool:
    """The same check through pandas and Evidently, each way in a process of its own."""
    mine = in_child("--ours", file, loaded.scorer.path, folder)
    other = in_child("--peer", file, loaded.scorer.path, folder)
    speed = other["summarised"] / mine["seconds"]
    memory = mine["bytes"] / other["bytes"]
    kept = show(
        f"pandas + Evidently / check, {kind.name}",
        speed,
        f"at least {kind.peer:g}",
        speed >= kind.peer,
        f"{other['summarised']:.1f} / {mine['seconds']:.2f}",
    )
    alone = other["seconds"] / mine["seconds"]
    print_row(
        ("   its drift preset alone", f"{alone:.2f}", "", "", f"{other['seconds']:.1f} / {mine['seconds']:.2f}"), WIDTHS
    )
    return kept & show(
        f"memory of a check / of pandas + Evidently, {kind.name}",
        memory,
        f"at most {PEER_MEMORY:g}",
        memory <= PEER_MEMORY,
        f"{mine['bytes'] / 1e6:,.0f} MB / {other['bytes'] / 1e6:,.0f} MB",
    )


def in_child(way: str, file: Path, model: Path, folder: Path) -> dict[str, float]:
    """What a process of its own measures."""
    settings = {"DRIFTLINE_DATA": str(folder / "child"), "DO_NOT_TRACK": "1"}
    measured: dict[str, float] = measured_in_child("benchmarks.whole_way", way, file, model, environment=settings)
    return measured


def ours(file: Path, model: Path) -> dict[str, float]:
    """Seconds of a check with this model, once all is loaded, and the bytes that the process held at most."""
    driftline = open_driftline(settings_from_environment())
    version = driftline.registry.champion(MODEL)
    loaded = load_with(version, Scorer(model, version.contract), "child")
    driftline = replace(driftline, loaded=Fixed(loaded))
    with file.open("rb") as stream:
        upload = driftline.uploads.save(stream)
    order = order_check(driftline, upload=upload, file_name=file.name, model=MODEL)
    import scipy.stats  # noqa: F401

    return {"seconds": timed(lambda: run_check(driftline, order, silent))[0], "bytes": peak_bytes()}


def peer(file: Path, model: Path) -> dict[str, float]:
    """The same through `pandas.read_csv` and Evidently, both with their defaults: the file parsed, the rows scored, the
    model's columns and the predictions compared with the reference rows, the result read. `seconds` with the preset of
    drift, `summarised` with that of data summary too; `bytes` that the process held at most with the former."""
    import evidently
    import pandas as pd
    from evidently.presets import DataDriftPreset, DataSummaryPreset

    driftline = open_driftline(settings_from_environment())
    version = driftline.registry.champion(MODEL)
    contract = version.contract
    one, names = session(model, 0), list(contract.feature_names)

    def scored(rows: Any) -> Any:
        fed = {}
        for feature in contract.features:
            values = rows[feature.name]
            texts = feature.kind == "categorical"
            column = values.fillna("").to_numpy(object) if texts else values.to_numpy(np.float32)
            fed[feature.input] = column.reshape(-1, 1)
        parts = [
            one.run([contract.probability_output], {k: v[start : start + RUNTIME_ROWS] for k, v in fed.items()})[0]
            for start in range(0, len(rows), RUNTIME_ROWS)
        ]
        return rows.assign(**{PREDICTION: np.concatenate(parts)[:, -1]})

    reference = scored(read_reference_rows(version).select(names).to_pandas())
    definition = evidently.DataDefinition(
        numerical_columns=[*contract.numeric, PREDICTION],
        categorical_columns=list(contract.categorical),
        text_columns=[],
        datetime_columns=[],
        unknown_columns=[],
        list_columns=[],
    )

    def work(*presets: Any) -> None:
        rows = scored(pd.read_csv(file))
        sides = [evidently.Dataset.from_pandas(side, data_definition=definition) for side in (rows, reference)]
        evidently.Report([preset() for preset in presets]).run(*sides).dict()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drift = {"seconds": timed(partial(work, DataDriftPreset))[0], "bytes": peak_bytes()}
        return drift | {"summarised": timed(partial(work, DataDriftPreset, DataSummaryPreset))[0]}


if __name__ == "__main__":
    sys.exit(main())
