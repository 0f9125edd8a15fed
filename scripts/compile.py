"""Compile `monitoring/compiled/loops.c` where there is a C compiler; quick when it was done, silent where none is.

Runs with the standard library only. What is compiled says from which text, and what was compiled from another one is
not used, so that a compiler that fails or is missing costs speed and nothing else.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "monitoring" / "compiled"
SOURCE = FOLDER / "loops.c"
COMPILED = FOLDER / "loops.so"
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared")
"""Without contraction, which some processors' compilers choose: results are the same on all."""


def main(arguments: list[str]) -> int:
    """Compile; with `--required` a missing compiler is an error. 0 when that was done or is not needed."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()
    if COMPILED.exists() and digest.encode() in COMPILED.read_bytes():
        COMPILED.touch()  # newer than its source again: the next setup need not ask
        return 0
    compiler = shlex.split(os.environ.get("CC", "")) or _found()
    required = "--required" in arguments
    if not compiler:
        if required:
            print("setup: no C compiler found (Debian, Ubuntu: apt-get install gcc libc6-dev)", file=sys.stderr)
        return int(required)
    try:
        with tempfile.TemporaryDirectory(dir=FOLDER, prefix=".compiling-") as folder:
            made = Path(folder) / COMPILED.name
            command = [*compiler, *FLAGS, f'-DDRIFTLINE_SOURCE="{digest}"', str(SOURCE), "-o", str(made), "-lm"]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            made.replace(COMPILED)
    except (OSError, subprocess.CalledProcessError) as error:  # no such compiler, it fails, a folder not to be written
        if required:
            print(getattr(error, "stderr", "") or error, file=sys.stderr)
        print(
            "setup: loops.c could not be compiled; Driftline works without it, small files take longer", file=sys.stderr
        )
        return int(required)
    return 0


def _found() -> list[str]:
    return list(filter(None, map(shutil.which, ("cc", "gcc", "clang"))))[:1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
