"""The same code with its compiled loops and with numpy in their place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monitoring.compiled import kernel


@contextmanager
def numpy_alone() -> Iterator[None]:
    """In the block there is no compiled code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "LIBRARY", None)
        yield


def needs_compiled_loops() -> None:
    """Skip where no compiler is, but never in CI, which installs one; fail where one is and was not used."""
    if kernel.compiled():
        return
    if os.environ.get("CI") or any(map(shutil.which, ("cc", "gcc", "clang"))):
        pytest.fail("monitoring/compiled/loops.so is missing or was made from another source: run `make setup`.")
    pytest.skip("no C compiler: numpy stands in, and is what the other tests saw")
