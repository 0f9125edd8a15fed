"""Ten million rows from a path: memory that does not grow with them."""

from __future__ import annotations

import pytest

from benchmarks import size

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_memory_is_flat_up_to_ten_million_rows(kind: str) -> None:
    assert size.main(["--rows", "1000000", "3000000", "10000000", "--formats", kind]) == 0
