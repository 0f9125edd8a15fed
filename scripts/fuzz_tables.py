"""Feed mutated files to the table readers until the time is up: `make fuzz`.

Every outcome must be rows that meet the contract or an error of our tree. Files that led to anything else are kept in
`build/fuzz` as `crash-…`; run this with such a file as argument to see it again. Needs atheris (libFuzzer for Python).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["monitoring.tables", "openpyxl"]):
    from tests.tables.test_fuzz import check_outcome
    from tests.tables.ways_to_write import WAYS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "fuzz"
LONGEST_FILE = 1 << 14


def main() -> None:
    """Fuzz with the arguments of libFuzzer."""
    corpus = FOLDER / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(WAYS.values()):
        (corpus / f"way-{number:03}").write_bytes(data)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        atheris.Setup(
            [
                *sys.argv,
                *([] if any(Path(argument).is_file() for argument in sys.argv[1:]) else [str(corpus)]),
                f"-artifact_prefix={FOLDER}/",
                f"-max_len={LONGEST_FILE}",
                "-rss_limit_mb=1500",
                "-timeout=30",
            ],
            lambda data: check_outcome(Path(folder), data),
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
