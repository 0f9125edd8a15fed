"""Words of the page of settings: sizes, kinds of content, variables, versions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.wording.quantities import NBSP, count, counted
from monitoring.history.retention import VARIABLES, Kind
from monitoring.workflows.retention import Deletion, StorageLine

STORED_WORDS: Final[dict[str, tuple[str, str]]] = {
    "history": (
        "Checks, jobs, switches",
        "The database: what every check found, without rows but those that did not fit.",
    ),
    "uploads": ("Uploaded files", "Files of rows and of outcomes, each once, by its content."),
    "columns": ("Example rows", "What was found in the rows behind a column, and by segment."),
    "reports": ("Evidently pages", "Drawn from a sample of the rows."),
    "models": ("Versions made here", "Models, their references and training rows. The packaged one is not among them."),
    "logs": ("Logs of workers", "What trainings and reports wrote while they ran."),
    "other": ("Everything else", "Names of columns, settings, locks."),
}
KEPT_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    "uploads": (
        "Uploaded files",
        "Checks stay readable when their file is gone. What is then not possible: retraining from it, adding outcomes, "
        "checking it again by another version, a new Evidently report, a column's segments and the rows behind it.",
    ),
    "rows": (
        "Rows outside of them",
        "Example rows behind a column, rows and values that did not fit, Evidently pages. Counts, verdicts and charts "
        "stay.",
    ),
}
CHOICES: Final = (None, 1, 7, 30, 90, 180, 365)
ENVIRONMENT: Final[dict[str, str]] = {
    "DRIFTLINE_DATA": "folder of everything that is kept",
    "DRIFTLINE_PORT": "port of make run",
    "DRIFTLINE_POLICY": "drift policy: a TOML file, or a built-in name",
    "DRIFTLINE_UNPACKED_MB": "what a packed file may unpack to, in megabytes",
    VARIABLES["uploads"]: "days for which uploads are kept",
    VARIABLES["rows"]: "days for which rows outside of uploads are kept",
    "DRIFTLINE_RETRAIN_COMMAND": "command that gets retrain requests",
    "DRIFTLINE_RETRAIN_FOLDER": "watched folder that gets retrain requests",
    "DRIFTLINE_RETRAIN_MINUTES": "minutes that one training, command or hook of third parties may take",
    "DRIFTLINE_RETRAIN_MEMORY_MB": "megabytes that one training or command may use",
    "DRIFTLINE_RECIPE": "a recipe of your own for training",
    "DRIFTLINE_TRAINING_DATA": "which rows candidates are trained on",
    "DRIFTLINE_PROMOTION_POLICY": "promotion policy: a TOML file",
}
SECRET: Final = ("SECRET", "TOKEN", "PASSWORD", "KEY", "COMMAND", "URL")
"""Parts of names of variables whose value is not shown."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable: its name, its value as shown, what it is for."""

    name: str
    value: str
    meaning: str


def size(number: int) -> str:
    """Bytes as a person reads them, in powers of ten.

    >>> [size(n).replace(NBSP, " ") for n in (0, 999, 1_000, 12_345_678, 3_000_000_000)]
    ['0 bytes', '999 bytes', '1.0 kB', '12 MB', '3.0 GB']
    """
    if number < 1_000:
        return f"{number}{NBSP}byte{'' if number == 1 else 's'}"
    unit, value = next(
        (unit, number / scale)
        for unit, scale in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9))
        if number / scale < 999.5 or unit == "GB"
    )
    return f"{value:.1f}{NBSP}{unit}" if value < 10 else f"{value:,.0f}{NBSP}{unit}"


def kept_for(days: int | None) -> str:
    """How long something is kept."""
    return "for ever" if days is None else counted(days, "day")


def storage_rows(lines: Sequence[StorageLine]) -> list[dict[str, object]]:
    """The content of the data folder as rows of a table."""
    return [
        {
            "What": STORED_WORDS[line.kind][0],
            "Files": line.files,
            "Size": size(line.size),
            "Bytes": line.size,
            "What it is": STORED_WORDS[line.kind][1],
        }
        for line in lines
    ]


def deletion_sentence(deletion: Deletion) -> str:
    """What a deletion would take, and what it would leave."""
    if not deletion.files and not deletion.left:
        return "Nothing here would be deleted."
    left = f" Left: {counted(len(deletion.left), 'file')} that a job reads just now." if deletion.left else ""
    if not deletion.files:
        return f"Nothing can be deleted now.{left}"
    checks = f"; {counted(deletion.checks, 'check')} without rows then, readable as before" if deletion.checks else ""
    return f"{counted(len(deletion.files), 'file')}, {size(deletion.size)}, would be deleted{checks}.{left}"


def due_sentence(kind: Kind, files: int, size_of: int) -> str:
    """What the next sweep takes by a new setting."""
    if not files:
        return "Nothing is older than that now."
    if kind == "uploads":
        return f"{counted(files, 'file')} ({size(size_of)}) are older than that and go with the next sweep."
    return f"The rows of {counted(files, 'check')} are older than that and go with the next sweep."


def variables(environment: Mapping[str, str]) -> tuple[Variable, ...]:
    """Driftline's environment variables: those that are documented here, and any other that is set."""
    others = sorted(name for name in environment if name.startswith("DRIFTLINE_") and name not in ENVIRONMENT)
    return tuple(
        Variable(name, _value(name, environment.get(name, "")), ENVIRONMENT.get(name, ""))
        for name in (*ENVIRONMENT, *others)
    )


def _value(name: str, value: str) -> str:
    if not value:
        return "not set"
    return f"set ({count(len(value))} characters, not shown)" if any(part in name for part in SECRET) else value
