"""What large work has freed does not stay with the process."""

import platform
import subprocess
import sys

from tests.app_server import ROOT

PIECES = """
import ctypes, sys
import psutil
from monitoring.freed_memory import give_back_freed_memory

me = psutil.Process()
library = ctypes.CDLL(None)
asked = hasattr(library, "malloc_trim")
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
pieces = [library.malloc(4_000) for _ in range(25_000)]
for piece in pieces:
    ctypes.memset(piece, 1, 4_000)
for piece in pieces[:-1]:  # the last one, at the end of the heap, keeps all before it
    library.free(piece)
before = me.memory_info().rss
give_back_freed_memory()
print(int(asked), before - me.memory_info().rss)
"""


def test_memory_that_was_freed_goes_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PIECES], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    asked, given = map(int, done.stdout.split())
    assert asked == (platform.libc_ver()[0] == "glibc"), "only this C library can be asked; with others nothing is done"
    assert given > 50_000_000 or not asked, "of 100 MB in pieces that the C library keeps for itself"
