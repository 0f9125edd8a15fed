"""A file as a stream of valid UTF-8, wherever its blocks are cut, whatever it is packed and encoded in."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.tables.encodings import Encoding, Mender, Transcoder, find_encoding
from monitoring.tables.limits import LIMITS
from monitoring.tables.opening import TextFile
from monitoring.tables.packed_file import PackedFile
from monitoring.tables.reading_options import FOUND_OUT

TEXT = "flight,dest\nF0,São Paulo 🛫\n"
CUTS = st.lists(st.integers(0, 10_000), max_size=8)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The bytes cut at these places, and the end."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [*(data[a:b] for a, b in itertools.pairwise(places) if a < b), b""]


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", data)
    return buffer.getvalue()


PACKINGS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    "bzip2": bz2.compress,
    "zip": zipped,
}


@given(st.text(), CUTS)
def test_what_is_utf8_stays_as_it_is(text: str, cuts: list[int]) -> None:
    mender = Mender()
    assert b"".join(map(mender, pieces(text.encode(), cuts))) == text.encode()
    assert (mender.mended, mender.found) == (False, "utf-8")


@given(st.binary(), CUTS)
def test_whatever_the_bytes_what_comes_out_is_utf8(data: bytes, cuts: list[int]) -> None:
    mender = Mender()
    text = b"".join(map(mender, pieces(data, cuts))).decode()
    if mender.found == "utf-8":
        assert (text == data.decode("utf-8", "replace")) and mender.mended == (text.encode() != data)
    else:
        assert mender.found == "cp1252"
        assert data.decode("ascii", "ignore") == "".join(c for c in text if c.isascii())


def test_one_broken_character_among_many_is_replaced() -> None:
    mender = Mender()
    assert mender("é,è,à,".encode() + b"\xe3,x" + mender(b"")).decode() == "é,è,à,\N{REPLACEMENT CHARACTER},x"
    assert (mender.mended, mender.found) == (True, "utf-8")


def test_western_text_after_megabytes_of_ascii_is_read_as_such() -> None:
    mender = Mender()
    assert mender(b"a,b\n" * 1000) + mender("Orléans\n".encode("cp1252")) == b"a,b\n" * 1000 + "Orléans\n".encode()
    assert mender("Málaga".encode("cp1252")).decode() == "Málaga"
    assert (mender.mended, mender.found) == (False, "cp1252")


@given(st.text(alphabet="aé€ß🛫中,\n"), CUTS, st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le"]))
def test_characters_cut_in_two_are_put_together(text: str, cuts: list[int], name: str) -> None:
    transcoder = Transcoder(Encoding(name))
    assert b"".join(map(transcoder, pieces(text.encode(name), cuts))).decode() == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("packed", PACKINGS)
@pytest.mark.parametrize("careful", [False, True], ids=["as it is", "mended"])
def test_every_way_of_writing_gives_the_same_bytes(encoding: str, packed: str, careful: bool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(PACKINGS[packed](TEXT.encode(encoding)))
    file = TextFile(PackedFile(path, name="file", options=FOUND_OUT, limits=LIMITS))
    assert file.head.decode() == TEXT
    for skip in (0, 12):
        opened = file.open(skip=skip, careful=careful)
        assert opened.stream.read().decode() == TEXT[skip:]
        assert opened.share() == 1.0
        assert opened.mender is None or not opened.mender.mended
        opened.close()


PLACES = {
    "cp1252": "São Paulo,Orléans,Málaga,Genève,Zürich,“naïve” – 5 €\n",
    "cp1251": "Москва,Санкт-Петербург,Новосибирск,Екатеринбург\n",
    "koi8-r": "Москва,Санкт-Петербург,Новосибирск,Екатеринбург\n",
    "cp1253": "Αθήνα,Θεσσαλονίκη,Πάτρα,Ηράκλειο\n",
    "cp932": "東京,大阪,名古屋,札幌,横浜\n",
    "gb18030": "北京,上海,广州,深圳,成都\n",
    "big5": "臺北,高雄,臺中,臺南,基隆\n",
    "euc_kr": "서울,부산,인천,대구,대전\n",
}


@pytest.mark.parametrize("encoding", PLACES)
def test_the_encoding_of_text_that_is_no_unicode(encoding: str) -> None:
    data = ("city,n\n" + PLACES[encoding] * 10).encode(encoding)
    found = find_encoding(data, whole=True)
    assert data.decode(found.name) == data.decode(encoding)
    assert found.guessed


@pytest.mark.parametrize("text", ["x,São\n", "a,b\n" * 50 + "1,M\xfcnchen\n", "Besan\xe7on;C\xf4te-d\u2019Or\n"])
def test_a_few_western_letters_are_read_as_western(text: str) -> None:
    assert find_encoding(text.encode("cp1252"), whole=True).name == "cp1252"


def test_what_a_person_says_wins() -> None:
    assert find_encoding("Łódź".encode("cp1250"), whole=True, said="cp1250") == Encoding("cp1250")
    assert find_encoding("x".encode("utf-16"), whole=True, said="utf-16").mark == 2
