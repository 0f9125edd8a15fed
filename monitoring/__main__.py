"""The command line: `python -m monitoring …`. A thin translation of the workflows.

Exit codes of `check`: 0 stable or watch, 1 drift, 2 refused input or usage, 3 broken, 4 undecided; of the others:
0 done, 2 refused; of all: 70 for an error of ours.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from monitoring.errors import DriftlineError, NotFound, NotPossible, Refused
from monitoring.following import end_progress, finished, show_progress, wait_for
from monitoring.history.records import CheckResult
from monitoring.look_commands import add_look_commands, file_title, require_readable
from monitoring.promotion_commands import add_promotion_commands
from monitoring.reading_arguments import add_labels_arguments, add_reading_arguments, reading_from
from monitoring.reports.check_json import summarise_check
from monitoring.retrain_commands import add_retrain_commands, the_model
from monitoring.tables.export import misfit_rows_csv, misfit_rows_xlsx
from monitoring.tables.quoting import listed, shown
from monitoring.tables.reading import Reading
from monitoring.tables.report import ReadReport
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, enlist_check, order_files
from monitoring.workflows.decide import retrain_by_hand
from monitoring.workflows.gathering import gather_files
from monitoring.workflows.jobs import run_job
from monitoring.workflows.naming import remember_names, settle_names
from monitoring.workflows.noticing import repeated_notes, repeated_rows_notes
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import promote, roll_back, sync_switches
from monitoring.workflows.retrain import plan_retrain
from monitoring.workflows.samples import list_samples
from monitoring.workflows.score import score_file

REFUSED, OURS = 2, 70
EXIT_CODES = {"stable": 0, "watch": 0, "drift": 1, "broken": 3, "undecided": 4}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.CRITICAL)
    try:
        driftline = open_driftline(settings_from_environment())
        sync_switches(driftline.registry, driftline.history)
        command: Callable[[Driftline, argparse.Namespace], int] = options.command
        return command(driftline, options)
    except (Refused, NotFound) as error:
        return _say_error(str(error), options, REFUSED)
    except DriftlineError as error:
        return _say_error(str(error), options, OURS)
    except KeyboardInterrupt:
        return _say_error("Stopped.", options, 130)
    except BrokenPipeError:  # the reader of our output has seen enough
        _close_output()
        return 0
    except Exception as error:  # an error of ours must never look like drift
        return _say_error(f"An error of ours, not of your file: {type(error).__name__}: {error}", options, OURS)


def _check(driftline: Driftline, options: argparse.Namespace) -> int:
    result, notes = _checked(driftline, options)
    if options.misfits:
        _write_misfits(options.misfits, result.read)
    try:
        if options.json:
            told = summarise_check(result)
            _print_json({**told, "warnings": [*notes, *told["warnings"]]})
        else:
            _print_check(result, notes)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough; the verdict stands
        _close_output()
    return EXIT_CODES[result.verdict.name]


def _checked(driftline: Driftline, options: argparse.Namespace) -> tuple[CheckResult, list[str]]:
    """Check the files, or find the check that was made of them before, and a note that says so."""
    model = the_model(driftline, options)
    reading = reading_from(options, driftline.registry.champion(model).contract)
    gathered = gather_files(options.files)
    for file in filter(None, (*(one.path for one in gathered.files), options.labels)):
        require_readable(file)
    order = order_files(driftline, gathered, show_progress, labels=options.labels, model=model, reading=reading)
    end_progress()
    notes = repeated_notes(driftline, order.id, order.file_name)
    if not driftline.history.has_check(order.id):
        enlist_check(driftline, order)
        run_job(driftline.jobs, order.id, lambda progress: check_and_record(driftline, order, progress))
        finished(wait_for(driftline, order.id))
    _remember(driftline, model, reading, options)
    return driftline.history.check(order.id), notes


def _remember(driftline: Driftline, model: str, reading: Reading, options: argparse.Namespace) -> None:
    """Keep the names that have just served, unless they were given for once."""
    if reading.names and not options.once:
        remember_names(driftline, model, reading.names)


def _score(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    version = driftline.registry.champion(model)
    given = reading_from(options, version.contract)
    paths = [options.file] if options.file.is_file() else []
    reading = settle_names(
        driftline.column_names.of(model), given, version.contract, paths, file_name=file_title(options.file)
    )
    report = score_file(
        version.model_file,
        version.contract,
        options.file,
        options.output,
        show_progress,
        reading=reading,
        limits=driftline.settings.limits,
    )
    end_progress()
    _remember(driftline, model, given, options)
    for warning in report.warnings:
        print(f"note: {warning}", file=sys.stderr)
    print(f"{report.rows:,} rows scored by version {version.number}, {report.rows_refused:,} set aside.")
    return 0


def _retrain(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    check = options.check or _newest_labelled(driftline, model)
    hook = options.hook or next(iter(driftline.hooks))
    asked, has = driftline.settings.retraining.data, driftline.uploads.has
    request = plan_retrain(driftline.history, driftline.registry, check, hook, asked, has)
    print(driftline.hooks[request.hook].describe(request))
    job = finished(wait_for(driftline, retrain_by_hand(driftline, request).id))
    print(job.message if not job.result else job.result.get("message", job.message))
    return 0


def _newest_labelled(driftline: Driftline, model: str) -> str:
    uploads = driftline.history.labelled_uploads(model)
    if not uploads:
        raise NotPossible("There is nothing to train on yet: check a file with outcomes first (--labels FILE).")
    return uploads[-1].check


def _promote(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    switch = promote(
        driftline.registry, driftline.history, model, options.version, reason=options.reason, now=driftline.now()
    )
    print(f"Version {switch.version} of {model} is in use; before it was version {switch.previous}.")
    return 0


def _roll_back(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    switch = roll_back(driftline.registry, driftline.history, model, reason=options.reason, now=driftline.now())
    print(f"Version {switch.version} of {model} is in use again; before it was version {switch.previous}.")
    return 0


def _models(driftline: Driftline, options: argparse.Namespace) -> int:
    listed = []
    for model in driftline.registry.models():
        champion = driftline.registry.champion(model).number
        for version in driftline.registry.versions(model):
            manifest = version.manifest
            listed.append(
                {
                    "model": model,
                    "version": version.number,
                    "champion": version.number == champion,
                    "training_rows": manifest.training_rows,
                    "reference_rows": manifest.reference_rows,
                    "gate": manifest.gate.result if manifest.gate else None,
                }
            )
    if options.json:
        _print_json({"models": listed})
        return 0
    for entry in listed:
        mark = "champion" if entry["champion"] else entry["gate"] or ""
        print(f"{entry['model']} version {entry['version']}: {entry['training_rows']:,} training rows  {mark}".rstrip())
    return 0


def _samples(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    for sample in list_samples(driftline, model):
        file = driftline.settings.packaged_reference / model / "samples" / sample.file
        print(f"{sample.title}: {sample.description}\n    {file}")
    return 0


def _write_misfits(file: Path, report: ReadReport) -> None:
    as_excel = file.suffix.lower() == ".xlsx"
    try:
        file.write_bytes(misfit_rows_xlsx(report) if as_excel else misfit_rows_csv(report).encode())
    except OSError as error:
        raise NotPossible(f"{file_title(file)} cannot be written: {error.strerror}.") from error


def _close_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_check(result: CheckResult, notes: Sequence[str]) -> None:
    verdict = result.verdict
    print(f"{verdict.name.upper()}: {verdict.sentence}\n{verdict.advice}")
    if verdict.caveat:
        print(verdict.caveat)
    for finding in result.findings:
        if finding.state in ("drift", "small", "undecided"):
            weight = "" if finding.weight == 1 else f"  weight {finding.weight:g}"
            p_value = "" if finding.p_adjusted is None else f"  adjusted p {finding.p_adjusted:.2g}"
            print(
                f"  {finding.state:<10} {finding.column:<20} {finding.detector:<8} effect {finding.effect:.3f}"
                f"  tolerance {finding.tolerance:.3f}{weight}{p_value}"
            )
    for warning in (*notes, *result.read.repeats, *repeated_rows_notes(result), *result.read.warnings):
        print(f"note: {warning}")
    for fact in result.read.facts:
        print(fact)
    if result.read.sniffed is not None:
        print(f"Read as {result.read.sniffed.words()}.")
    if result.read.labels is not None:
        print(f"Outcomes read as {result.read.labels.sniffed.words()}.")
    if result.read.ignored_columns:
        print(f"Not used: {listed(result.read.ignored_columns, most=20)}.")
    rows, title = result.read.rows, shown(result.read.file_name, 120)
    print(f"{title}: {rows:,} rows checked by version {result.version}, {result.read.rows_refused:,} set aside.")


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, allow_nan=False))


def _say_error(sentence: str, options: argparse.Namespace, code: int) -> int:
    end_progress()
    if getattr(options, "json", False):
        _print_json({"error": sentence})
    else:
        print(sentence, file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m monitoring", description="Drift monitoring for a packaged model.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[Driftline, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--model", help="name of the model; needed only when there are several")
        one.set_defaults(command=command)
        return one

    check = add("check", _check, "Score production rows and say whether the world has moved.")
    check.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a file, a folder or a pattern in quotation marks ('flights/2024-*'); several are one batch",
    )
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.add_argument("--misfits", type=Path, metavar="FILE", help="write the rows that did not fit: .csv or .xlsx")
    score = add("score", _score, "Write the rows of a file with their predictions.")
    score.add_argument("file", type=Path, metavar="FILE")
    score.add_argument("--output", type=Path, required=True, metavar="FILE", help=".csv, .xlsx or .parquet")
    for one in (check, score):
        add_reading_arguments(one)
    add_labels_arguments(check)
    retrain = add("retrain", _retrain, "Train a challenger on the rows with outcomes and compare it with the champion.")
    retrain.add_argument("--check", metavar="ID", help="the check to retrain on; the newest with outcomes otherwise")
    retrain.add_argument("--hook", metavar="NAME", help="as `hooks` lists them; the first that is set up otherwise")
    promoted = add("promote", _promote, "Put a version into use.")
    promoted.add_argument("version", type=int, metavar="VERSION")
    back = add("rollback", _roll_back, "Bring back the version that was in use before.")
    for one in (promoted, back):
        one.add_argument("--reason", default="from the command line", help="kept with the switch")
    add("models", _models, "List the models and their versions.").add_argument("--json", action="store_true")
    add("samples", _samples, "List the packaged samples.")
    add_look_commands(add)
    add_retrain_commands(add)
    add_promotion_commands(add)
    return parser


if __name__ == "__main__":
    sys.exit(main())
