"""A file as a stream of valid UTF-8, wherever its blocks are cut."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.tables.opening import Mender, open_text

TEXT = "flight,dest\nF0,São Paulo 🛫\n"


def mended(data: bytes, cuts: list[int]) -> tuple[bytes, bool]:
    """What comes out when the bytes come in pieces cut at these places."""
    mender = Mender()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(places) if a < b]
    return b"".join(map(mender, [*pieces, b""])), mender.mended


@given(st.text(), st.lists(st.integers(0, 10_000), max_size=8))
def test_what_is_utf8_stays_as_it_is(text: str, cuts: list[int]) -> None:
    assert mended(text.encode(), cuts) == (text.encode(), False)


@given(st.binary(), st.lists(st.integers(0, 10_000), max_size=8))
def test_what_is_not_is_replaced(data: bytes, cuts: list[int]) -> None:
    """Exactly as Python replaces it in one piece, and told."""
    text = data.decode("utf-8", "replace")
    assert mended(data, cuts) == (text.encode(), text.encode() != data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_every_way_of_writing_gives_the_same_bytes(encoding: str, packed: bool, tmp_path: Path) -> None:
    data = TEXT.encode(encoding)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(data) if packed else data)
    for skip in (0, 12):
        opened = open_text(path, skip=skip)
        stream, mender = opened.valid()
        assert stream.read().decode() == TEXT[skip:]
        assert opened.share == 1.0
        assert not mender.mended
        opened.close()
