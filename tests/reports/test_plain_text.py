"""Names and categories come from files: nothing of them may act."""

import doctest
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from monitoring.reports import plain_text
from monitoring.reports.plain_text import LONGEST, distinct_plain, plain

AWKWARD = st.text(st.characters(codec="utf-8") | st.sampled_from("<>‹› \n\x00\u202e\u200b\ufeff"))


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(plain_text).attempted > 0
    assert doctest.testmod(plain_text).failed == 0


@given(AWKWARD)
def test_plain_text_has_no_markup_no_controls_and_a_length(text: str) -> None:
    shown = plain(text)
    assert 0 < len(shown) <= LONGEST
    assert not set("<>") & set(shown)
    assert all(unicodedata.category(letter)[0] != "C" for letter in shown)


@given(st.lists(AWKWARD, max_size=20), st.lists(AWKWARD, max_size=3))
def test_different_texts_keep_different_names(texts: list[str], avoid: list[str]) -> None:
    names = distinct_plain(texts, avoid=avoid)
    assert set(names) == set(texts)
    assert len(set(names.values())) == len(names)
    assert not set(names.values()) & set(avoid)


def test_ordinary_names_stay_as_they_are() -> None:
    assert distinct_plain(["temp", "Größe (m²)", "a_b-c d"]) == {n: n for n in ("temp", "Größe (m²)", "a_b-c d")}
