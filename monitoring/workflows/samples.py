"""The packaged samples: files to try Driftline on, and the year that fills its history."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from monitoring.contract import Value
from monitoring.errors import NotFound, StoreFailed
from monitoring.history.records import Job
from monitoring.progress import Progress
from monitoring.workflows.check import check_and_record, enlist_check, order_check, submit_check
from monitoring.workflows.jobs import run_job
from monitoring.workflows.parts import Driftline


class Sample(Value):
    """One packaged sample.

    Attributes:
        key: its name in addresses and on the command line.
        title: its name on a button.
        description: one line for a person.
        file: the file of rows in the samples folder.
        labels: the file of labels, None when the rows carry theirs.
        kind: `file` is one upload; `year` is checked month by month.
        expected_story: what one may expect to see.
    """

    key: str
    title: str
    description: str
    file: str
    labels: str | None = None
    kind: Literal["file", "year"]
    expected_story: str = ""


def list_samples(driftline: Driftline, model: str) -> tuple[Sample, ...]:
    """The samples packaged with a model; none for a model without."""
    file = _folder(driftline, model) / "samples.json"
    try:
        return TypeAdapter(tuple[Sample, ...]).validate_json(file.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError) as error:
        raise StoreFailed(f"The list of samples of {model} cannot be read.") from error


def start_sample(driftline: Driftline, model: str, key: str) -> Job:
    """Check a packaged sample as if it had been uploaded. Raises NotFound for an unknown key."""
    sample = next((sample for sample in list_samples(driftline, model) if sample.key == key), None)
    if sample is None:
        raise NotFound(f"There is no sample called {key}.")
    if sample.kind == "year":
        return start_year(driftline, model, sample)
    folder = _folder(driftline, model)
    order = order_check(
        driftline,
        upload=_save(driftline, folder / sample.file),
        file_name=sample.file,
        labels=_save(driftline, folder / sample.labels) if sample.labels else None,
        labels_name=sample.labels,
        model=model,
    )
    return submit_check(driftline, order)


def start_year(driftline: Driftline, model: str, sample: Sample) -> Job:
    """Check the year month by month, oldest first, in one job that fills the history."""
    version = driftline.registry.champion(model).number
    job_id = f"year-{model}-{version}-{driftline.policy.id}"
    payload = {"model": model, "sample": sample.key, "version": version}
    job = driftline.jobs.submit(job_id, "year", payload)
    made = (job.result or {}).get("checks", ())
    if job.state == "done" and not all(driftline.history.has_check(check) for check in made):
        job = driftline.jobs.submit(job_id, "year", payload, redo=True)
    driftline.runner.run(job.id, lambda progress: check_year(driftline, model, sample, progress))
    return driftline.jobs.job(job.id)


def check_year(driftline: Driftline, model: str, sample: Sample, progress: Progress) -> dict[str, Any]:
    """Check every month of the year that is not in the history yet; each is a check of its own."""
    progress(0.0, "Opening the year")
    months = list(_months(driftline, model, sample))
    checks: list[str] = []
    for i, (name, rows) in enumerate(months):
        progress(i / len(months), f"Checking {name}: {rows.num_rows:,} rows ({i + 1} of {len(months)} months)")
        order = order_check(driftline, upload=_save_rows(driftline, rows), file_name=f"{name}.parquet", model=model)
        if not driftline.history.has_check(order.id):
            enlist_check(driftline, order)
            run_job(driftline.jobs, order.id, partial(check_and_record, driftline, order))
            progress((i + 1) / len(months), f"{name} is checked")
        if driftline.history.has_check(order.id):
            checks.append(order.id)
    return {"checks": checks}


def _months(driftline: Driftline, model: str, sample: Sample) -> Iterator[tuple[str, pa.Table]]:
    rows = pq.read_table(_folder(driftline, model) / sample.file)
    timestamp = driftline.registry.champion(model).contract.timestamp
    if timestamp is None:
        raise NotFound(f"{model} has no timestamps to cut the year by.")
    times = rows.column(timestamp)
    month = pc.add(pc.multiply(pc.year(times), 100), pc.month(times))
    for value in sorted(pc.unique(month).to_pylist()):
        yield f"{value // 100}-{value % 100:02}", rows.filter(pc.equal(month, value))


def _save_rows(driftline: Driftline, rows: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd")
    return driftline.uploads.save(sink.getvalue().to_pybytes())


def _save(driftline: Driftline, file: Path) -> str:
    with file.open("rb") as stream:
        return driftline.uploads.save(stream)


def _folder(driftline: Driftline, model: str) -> Path:
    return driftline.settings.packaged_reference / model / "samples"
