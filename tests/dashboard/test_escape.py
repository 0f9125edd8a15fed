"""Text from files is shown as it is: no markup, whatever it holds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.frame import inert
from dashboard.wording.escape import escape, name, sentence, shorten

HOSTILE = [
    "![x](http://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "**bold** _under_ ~~gone~~ `code`",
    ":material/home: :smile: :red[x] :blue-badge[y]",
    "$\\frac{1}{2}$ and $$x$$",
    "# heading",
    "- list",
    "1. list",
    "> quote",
    "| a | b |",
    "&lt;b&gt; &#60;",
    "https://evil.example www.evil.example someone@evil.example",
    "a\n\n# b",
    "a -> b <- c -- d >= e",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_punctuation_mark_is_escaped(text: str) -> None:
    escaped = escape(text)
    bare = re.sub(r"\\[!-/;-@\[-`{-~]", "", escaped)
    assert not re.search(r"[!-/;-@\[-`{-~]", bare), "a character that Markdown reads stands bare"
    assert "\n" not in escaped


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_lost_but_what_nobody_sees(text: str) -> None:
    shown = re.sub(r"\\([!-/;-@\[-`{-~])", r"\1", escape(text)).replace("\u200b", "")
    assert shown == re.sub(r"\s", " ", text)


def test_shortcodes_links_and_arrows_are_kept_apart() -> None:
    shown = re.sub(r"\\([!-/;-@\[-`{-~])", r"\1", escape(":smile: http://a www.a.b x@y.z -> <- --"))
    for read_later in (":smile", "://", "www.", "x@", "->", "<-", "--"):
        assert read_later not in shown


def test_a_sentence_keeps_its_colons_and_numbers() -> None:
    said = sentence("July: 24 % to < 0.1 % late at 56 °F.")
    assert "July: 24\u00a0" in said
    assert "56\u00a0°F" in said
    assert "\\<\u00a00" in said


def test_characters_that_turn_or_hide_text_become_visible() -> None:
    assert escape("a\u202eb") == "a\ufffdb"
    assert escape("a\x00b") == "a\ufffdb"
    assert escape("a\u200bb") == "a\ufffdb"


@given(st.text())
def test_any_text_can_be_escaped_and_stays_on_one_line(text: str) -> None:
    assert not re.search(r"[\n\r\u2028\u2029\x0b\x0c]", escape(text))


@given(st.text(max_size=200), st.integers(min_value=3, max_value=80))
def test_a_short_text_has_the_ends_of_the_long_one(text: str, longest: int) -> None:
    short = shorten(text, longest)
    assert len(short) <= max(longest, 0)
    assert short == text or (short[0] == text[0] and short[-1] == text[-1])


def test_a_name_that_is_not_there_is_said() -> None:
    assert name("  ") == "(empty)"
    assert name("temp") == "temp"


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_of_figures_hold_no_tags(text: str) -> None:
    assert "<" not in inert(text, 500)
    assert not re.search(r"&(?!amp;|lt;|gt;)", inert(text, 500))
