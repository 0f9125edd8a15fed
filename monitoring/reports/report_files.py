"""Where the page of a check lies in the data folder. Imports nothing heavy: the server asks here with every request."""

from __future__ import annotations

import re
from pathlib import Path

from monitoring.errors import NotFound

_CHECK_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


def is_check_id(text: str) -> bool:
    """Whether `text` has the form of a check's id, and so is safe in a path, a header and an address."""
    return _CHECK_ID.fullmatch(text) is not None


def report_file(folder: Path, check_id: str) -> Path:
    """The file of a check's page in the folder of reports, whether it is there or not.

    Raises:
        NotFound: `check_id` is no check's id.
    """
    if not is_check_id(check_id):
        raise NotFound("There is no such check.")
    return folder / f"{check_id}.html"
