"""Which column of a file is which: by name, by a name that a person gave, by a name that an exporter rewrote."""

from __future__ import annotations

import pytest

from monitoring.errors import TableRefused
from monitoring.tables.likeness import plain, suggested
from monitoring.tables.matching import Wanted, find_columns, match_columns, used_names

WANTED = (Wanted("temp", needed=True), Wanted("emp.var.rate", needed=True), Wanted("id", needed=False))


def match(*header: str, **names: str):
    return match_columns(header, WANTED, file_name="july.csv", names=names)


def refusal(*header: str, **names: str) -> str:
    with pytest.raises(TableRefused) as refused:
        match(*header, **names)
    return str(refused.value)


@pytest.mark.parametrize(
    "rewritten", ["emp_var_rate", "Emp Var Rate", "EMP-VAR-RATE", " emp.var.rate ", "empVarRate", "\ufeffemp.var.rate"]
)
def test_what_exporters_rewrite_is_matched_and_told(rewritten: str) -> None:
    found = match("temp", rewritten)
    assert found.positions == {"temp": 0, "emp.var.rate": 1}
    assert found.respelled == ((rewritten, "emp.var.rate"),)


@pytest.mark.parametrize(
    "alike",
    [
        "t\N{CYRILLIC SMALL LETTER IE}mp",
        "\N{FULLWIDTH LATIN SMALL LETTER T}emp",
        "t\N{LATIN SMALL LETTER E WITH ACUTE}mp",
        "te\N{COMBINING ACUTE ACCENT}mp",
        "tem\N{MATHEMATICAL SANS-SERIF SMALL P}",
        "temp\N{SUPERSCRIPT TWO}",
    ],
)
def test_letters_that_only_look_alike_are_others(alike: str) -> None:
    assert plain(alike) != "temp"
    assert "temp" in refusal(alike, "emp.var.rate")


@pytest.mark.parametrize(
    ("one", "other"),
    [("d\N{LATIN SMALL LETTER E WITH ACUTE}j", "de\N{COMBINING ACUTE ACCENT}j"), ("STRASSE", "strasse"), ("Ñ", "ñ")],
)
def test_one_letter_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_a_missing_column_is_named_with_the_closest() -> None:
    assert "temp (tmp → temp?)" in refusal("tmp", "emp.var.rate")
    assert "→" not in refusal("weather", "emp.var.rate")
    (missing, *_) = find_columns(["Tmp", "humid", "emp.var.rate"], WANTED)
    assert (missing.state, missing.suggestion) == ("missing", "Tmp")


def test_a_column_in_use_is_no_suggestion() -> None:
    """`temp` stands there under its own name: it is not offered for another column."""
    assert find_columns(["temp"], (Wanted("temp", True), Wanted("tempo", True)))[1].suggestion == ""


def weather(*header: str) -> dict[str, str]:
    """What is suggested for four columns of weather and flights."""
    wanted = tuple(Wanted(name, needed=True) for name in ("temp", "dewp", "dest", "distance"))
    return {match.name: match.suggestion for match in find_columns(header, wanted) if match.suggestion}


def test_one_column_is_suggested_for_one_other() -> None:
    """Each target alone would take what is closest to it: `dew_temp` twice, `dist` for `dest`."""
    meant = {"temp": "temperature", "dewp": "dew_temp", "dest": "destination", "distance": "dist"}
    assert weather(*meant.values()) == weather(*reversed(meant.values())) == meant
    assert weather("dew_temp") == {"temp": "dew_temp"}
    assert weather("dist") == {"distance": "dist"}


def test_the_closest_pair_comes_first_and_the_next_takes_what_is_left() -> None:
    assert suggested(["abcd", "abce"], ["abcx", "abce_"]) == {"abce": "abce_", "abcd": "abcx"}
    assert suggested(["abcd", "abce"], ["abcx"]) == {"abcd": "abcx"}
    assert suggested(["day"], ["daylight"]) == {}, "three letters are the beginning of too much"


@pytest.mark.parametrize("other", ["temp (°F)", "temp [°C]", "temp (µ)", "temp °F", "temperature (°F)", "tempé"])
def test_a_unit_or_an_accent_is_no_other_alphabet(other: str) -> None:
    assert f"temp ({other} → temp?)" in refusal(other, "emp.var.rate")


def test_a_unit_does_not_keep_a_name_from_being_close() -> None:
    assert "temp (Tmp (degrees Fahrenheit) → temp?)" in refusal("Tmp (degrees Fahrenheit)", "emp.var.rate")


@pytest.mark.parametrize("alike", ["t\N{CYRILLIC SMALL LETTER IE}mp", "\N{FULLWIDTH LATIN SMALL LETTER T}emp (°F)"])
def test_letters_of_another_alphabet_are_told(alike: str) -> None:
    assert f"temp ({alike} → temp? its letters only look alike)" in refusal(alike, "emp.var.rate")


def test_a_name_that_was_given_is_used() -> None:
    found = match("tmp", "emp.var.rate", tmp="temp", other="id")
    assert found.positions["temp"] == 0
    assert found.named == (("tmp", "temp"),)
    assert found.ignored == ()


def test_a_columns_own_name_goes_first() -> None:
    found = match("tmp", "temp", "emp.var.rate", tmp="temp")
    assert (found.positions["temp"], found.named, found.ignored) == (1, (), ("tmp",))


def test_a_name_that_was_given_goes_before_one_that_is_spelled_alike() -> None:
    found = match("Temp", "tmp", "emp.var.rate", tmp="temp")
    assert (found.positions["temp"], found.named) == (1, (("tmp", "temp"),))


def test_a_column_that_was_named_otherwise_is_not_taken_for_one_spelled_alike() -> None:
    found = match("temp", "emp.var.rate", "ID", ID="other")
    assert found.positions == {"temp": 0, "emp.var.rate": 1}


def test_duplicates_are_refused_however_they_come() -> None:
    assert "duplicate columns for temp" in refusal("temp", "temp", "emp.var.rate")
    assert "duplicate columns for temp" in refusal("Temp", "TEMP", "emp.var.rate")
    assert "duplicate columns for temp" in refusal("tmp", "t", "emp.var.rate", tmp="temp", t="temp")


def test_one_column_is_never_two() -> None:
    wanted = (Wanted("a-b", True), Wanted("a_b", True))
    with pytest.raises(TableRefused, match="could be more than one"):
        match_columns(["a b"], wanted, file_name="x")
    with pytest.raises(TableRefused, match="missing: a_b"):
        match_columns(["a-b"], wanted, file_name="x")


def test_names_that_decide_nothing_are_not_used() -> None:
    names = {"tmp": "temp", "t": "temp", "emp.var.rate": "id"}
    assert used_names(["tmp", "emp.var.rate"], WANTED, names) == {"tmp": "temp"}
    assert used_names(["tmp", "temp"], WANTED, names) == {}
