"""How the page shows the way a file is read, lets it be said otherwise, and names columns."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from streamlit.testing.v1 import AppTest

from dashboard.wording.reading import (
    RULES,
    cell_text,
    column_labels,
    columns_summary,
    consequence,
    examples,
    place,
)
from monitoring.tables.conforming import RULE_WORDS
from monitoring.tables.matching import ColumnMatch
from monitoring.tables.reading import Reading
from monitoring.tables.reading_options import ReadOptions
from monitoring.tables.report import Example, Problem
from monitoring.workflows.parts import Driftline
from tests.dashboard.test_views import MODEL, SAMPLES, press, said, settle
from tests.tables.ways_to_write import excel

Open = Callable[..., AppTest]


def week(**names: str) -> bytes:
    return pd.read_csv(SAMPLES / "quiet-week.csv").rename(columns=names).to_csv(index=False).encode()


def boxes(app: AppTest) -> dict[str, object]:
    return {box.label.replace("\\", ""): box.value for box in app.selectbox}


def uploads(engine: Driftline) -> list[Path]:
    return [path for path in (engine.settings.data / "uploads").glob("*") if path.is_file()]


def test_a_missing_column_is_named_where_it_was_refused_and_remembered(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[0].upload("week.csv", week(temp="tmp")).run()
    settle(app, "12 of 13 needed columns found; temp is missing (tmp → temp?)")
    assert boxes(app)["temp is the column"] == "tmp"
    press(app, "Check it read this way")
    settle(app, "looks as usual")
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading == Reading(names={"tmp": "temp"})
    assert engine.column_names.of(MODEL) == {"tmp": "temp"}
    start = open_page()
    assert "tmp is read as temp" in said(start).replace("**", "")
    press(start, "Forget")
    assert engine.column_names.of(MODEL) == {}
    assert "Names of columns remembered" not in said(start)


def test_the_columns_of_labels_are_named_where_they_were_refused(open_page: Open, engine: Driftline) -> None:
    outcomes = pd.read_csv(SAMPLES / "quiet-week-labels.csv").rename(columns={"flight_id": "flug", "late": "delayed"})
    app = open_page()
    app.file_uploader[1].upload("labels.csv", outcomes.to_csv(index=False).encode()).run()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "Read the outcomes differently")
    assert "0 of 2 needed columns found" in said(app)
    for label, column in (("flight_id is the column", "flug"), ("late is the column", "delayed")):
        next(box for box in app.selectbox if box.label.replace("\\", "") == label).set_value(column).run()
    press(app, "Check it read this way")
    settle(app, "Against what really happened")
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading.names == {"delayed": "late", "flug": "flight_id"}
    assert result.labelled_rows == len(outcomes)


def test_a_name_for_once_is_not_remembered(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[0].upload("week.csv", week(temp="tmp")).run()
    settle(app, "temp is missing")
    app.checkbox[0].uncheck().run()
    press(app, "Check it read this way")
    settle(app, "looks as usual")
    assert engine.column_names.of(MODEL) == {}


def test_a_refused_file_can_be_forgotten(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[0].upload("week.csv", week(temp="weather", dewp="moist")).run()
    settle(app, "temp is missing")
    assert boxes(app)["temp is the column"] is None
    (check,) = [button for button in app.button if button.label == "Check it read this way"]
    assert check.disabled
    assert "Not found yet: temp, dewp" in said(app)
    press(app, "Forget this file")
    assert uploads(engine) == []
    assert "check" not in app.query_params


def test_a_file_is_looked_at_before_anything_is_scored(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.toggle[0].set_value(True).run()
    app.file_uploader[0].upload("week.csv", week().replace(b",", b";")).run()
    told = said(app)
    assert "Nothing is scored yet" in told
    assert "Read as CSV, utf-8, semicolon; 15 columns." in told
    assert "13 of 13 needed columns found." in told
    assert list(app.dataframe[0].value.columns)[:2] == ["flight_id", "scheduled_departure"]
    assert engine.history.checks() == ()
    delimiter = next(box for box in app.selectbox if box.label == "Delimiter")
    delimiter.set_value("|").run()
    assert "needed columns" in said(app)
    assert "13 of 13" not in said(app)
    next(box for box in app.selectbox if box.label == "Delimiter").set_value(";").run()
    press(app, "Check it read this way")
    settle(app, "looks as usual")
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading.options.delimiter == ";"


def test_a_check_can_be_read_differently_from_its_page(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "looks as usual")
    first = str(app.query_params["check"])
    assert "Read as CSV, utf-8, comma." in said(app)
    press(app, "Read it differently …")
    assert "Nothing is scored yet" in said(app)
    press(app, "Check it read this way")
    assert str(app.query_params["check"]) == first
    assert "was checked before" in said(app)
    assert len(engine.history.checks()) == 1


def test_an_address_that_was_changed_is_no_error_of_ours(open_page: Open) -> None:
    for address in ({"look": "x"}, {"look": "0" * 64, "model": MODEL}, {"look": "1", "model": MODEL, "reading": "{"}):
        app = open_page(**address)
        assert not app.exception
        assert app.error


def test_every_rule_is_explained_on_the_page_and_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "how-it-works.md").read_text()
    assert {*RULE_WORDS, "field_count"} == set(RULES)
    assert [rule for rule in RULES if f"| `{rule}` |" not in text] == []


def test_cells_and_columns_as_text() -> None:
    assert cell_text("a\u202eb\nc") == "a\ufffdb c"
    assert len(cell_text("x" * 500)) == 120
    assert column_labels(["a", "", "a", " "]) == ["a", "(no name)", "a (2)", "(no name) (2)"]
    odd = column_labels(["a", "a", "a (2)"])
    assert len(set(odd)) == 3


def test_what_became_of_each_column() -> None:
    columns = [
        ColumnMatch(name="temp", needed=True, state="named", places=(1,)),
        ColumnMatch(name="dewp", needed=True, state="missing", suggestion="dew"),
        ColumnMatch(name="humid", needed=True, state="missing"),
        ColumnMatch(name="id", needed=False, state="there", places=(0,)),
    ]
    assert columns_summary(columns, ["id", "tmp"]) == (
        "1 of 3 needed columns found; tmp is read as temp; dewp is missing (dew → dewp?); humid is missing."
    )


def test_what_became_of_values() -> None:
    def problem(rule: str, aside: bool = False) -> Problem:
        return Problem(column="x", rule=rule, count=1, sets_row_aside=aside, examples=(Example(3, "v", 4),))

    assert consequence(problem("impossible")) == "scored as written"
    assert consequence(problem("not_a_number")) == "counted as missing"
    assert consequence(problem("not_a_number", aside=True)) == "row set aside"
    assert examples(problem("infinite")) == "row 3 (line 4): “v”"
    assert place(1_000, None) == "row 1,000"


def test_a_table_is_chosen_in_an_archive_of_several(open_page: Open, engine: Driftline) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/july.csv", week())
        archive.writestr("b/airports.csv", "code,name\nJFK,Kennedy\n")
    app = open_page()
    app.file_uploader[0].upload("export.zip", buffer.getvalue()).run()
    settle(app, "The archive holds several tables: choose one above. It holds a/july.csv, b/airports.csv.")
    (box,) = app.selectbox
    assert (box.label, box.options) == ("File in the archive", ["Choose a file …", "a/july.csv", "b/airports.csv"])
    box.set_value("b/airports.csv").run()
    settle(app, "0 of 13 needed columns found")
    next(box for box in app.selectbox if box.label == "File in the archive").set_value("a/july.csv").run()
    settle(app, "13 of 13 needed columns found")
    press(app, "Check it read this way")
    settle(app, "looks as usual")
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading.options == ReadOptions(member="a/july.csv")


def test_a_sheet_is_chosen_in_a_workbook_of_several(open_page: Open, engine: Driftline) -> None:
    rows = pd.read_csv(SAMPLES / "quiet-week.csv", dtype=str, keep_default_na=False).head(300)
    table = [list(rows), *rows.to_numpy().tolist()]
    app = open_page()
    app.toggle[0].set_value(True).run()
    app.file_uploader[0].upload("week.xlsx", excel([["made", "by"], ["a", "b"]], table, titles=("About", "Week"))).run()
    settle(app, "0 of 13 needed columns found")
    sheets = next(box for box in app.selectbox if box.label == "Sheet")
    assert sheets.options[-2:] == ["About", "Week"]
    sheets.set_value("Week").run()
    settle(app, "13 of 13 needed columns found")
    press(app, "Check it read this way")
    settle(app, "The file and its rows")
    result = engine.history.check(str(app.query_params["check"]))
    assert (result.reading.options.sheet, result.read.rows) == ("Week", 300)


def test_another_sheet_is_chosen_where_the_first_is_empty(open_page: Open, engine: Driftline) -> None:
    rows = pd.read_csv(SAMPLES / "quiet-week.csv", dtype=str, keep_default_na=False).head(300)
    table = [list(rows), *rows.to_numpy().tolist()]
    app = open_page()
    app.file_uploader[0].upload("week.xlsx", excel([], table, titles=("Sheet", "Week"))).run()
    settle(app, "is empty: the sheet Sheet of the workbook has no cells. Choose the sheet Week")
    sheets = next(box for box in app.selectbox if box.label == "Sheet")
    assert sheets.options == ["As found", "Sheet", "Week"]
    sheets.set_value("Week").run()
    settle(app, "13 of 13 needed columns found")
    press(app, "Check it read this way")
    settle(app, "The file and its rows")
    assert engine.history.check(str(app.query_params["check"])).reading.options.sheet == "Week"


def test_what_is_no_table_offers_nothing_to_say(open_page: Open) -> None:
    app = open_page()
    app.toggle[0].set_value(True).run()
    app.file_uploader[0].upload("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(200)).run()
    settle(app, "looks like a PNG image")
    assert list(app.selectbox) == []
    assert [button.label for button in app.button if "Check it" in button.label] == []
