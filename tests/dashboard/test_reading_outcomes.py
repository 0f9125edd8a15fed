"""How the page lets a file of outcomes be read otherwise: where it was refused, from the check, before it is scored."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from streamlit.testing.v1 import AppTest

from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.tables.reading_options import ReadOptions
from monitoring.workflows.parts import Driftline
from tests.dashboard.test_reading import boxes, week
from tests.dashboard.test_views import MODEL, SAMPLES, press, said, settle
from tests.tables.ways_to_write import excel

Open = Callable[..., AppTest]


def outcomes(**names: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "quiet-week-labels.csv").rename(columns=names)


def workbook(table: pd.DataFrame) -> bytes:
    """Outcomes on the second sheet."""
    return excel([["About"]], [list(table), *table.astype(object).to_numpy().tolist()], titles=("About", "Data"))


def choose(app: AppTest, label: str, value: str) -> AppTest:
    return next(box for box in app.selectbox if box.label.replace("\\", "") == label).set_value(value).run()


def test_sheet_and_columns_are_chosen_where_the_outcomes_were_refused(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[1].upload("late.xlsx", workbook(outcomes(flight_id="Flug"))).run()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "Read the outcomes differently")
    assert "Its header names About" in said(app)
    assert boxes(app)["Sheet"] is None
    assert {"Decimal mark", "Thousands", "Dates"}.isdisjoint(boxes(app))
    choose(app, "Sheet", "Data")
    assert "1 of 2 needed columns found; flight_id is missing" in said(app)
    assert list(app.dataframe[0].value.columns) == ["Flug", "late"]
    choose(app, "flight_id is the column", "Flug")
    press(app, "Check it read this way")
    settle(app, "Against what really happened")
    assert "Outcomes in late.xlsx read as Excel." in said(app)
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading == Reading(names={"Flug": "flight_id"}, labels=ReadOptions(sheet="Data"))
    assert engine.column_names.of(MODEL) == {"Flug": "flight_id"}


def test_the_rows_can_be_checked_without_outcomes_that_are_refused(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[1].upload("late.csv", b"a,b\n1,2\n").run()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "Read the outcomes differently")
    press(app, "Check the rows without outcomes")
    settle(app, "looks as usual")
    result = engine.history.check(str(app.query_params["check"]))
    assert (result.labels, result.labelled_rows, result.reading) == (None, 0, AS_FOUND)


def test_the_outcomes_of_a_check_can_be_read_differently(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[1].upload("late.csv", outcomes().to_csv(index=False).encode()).run()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "Outcomes in late.csv read as CSV, utf-8, comma.")
    first = str(app.query_params["check"])
    press(app, "Read the outcomes differently …")
    assert "How is late.csv read?" in said(app)
    assert "2 of 2 needed columns found." in said(app)
    choose(app, "Delimiter", ",")
    press(app, "How are the rows read?")
    assert "How is week.csv read?" in said(app)
    assert "14 of 14 needed columns found." in said(app), "outcomes are joined by id, so that it is needed"
    press(app, "How are the outcomes read?")
    assert boxes(app)["Delimiter"] == ","
    press(app, "Check it read this way")
    settle(app, "Against what really happened")
    assert str(app.query_params["check"]) != first
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading == Reading(labels=ReadOptions(delimiter=","))


def test_what_was_said_of_one_file_of_outcomes_is_not_said_of_the_next(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    some = outcomes(flight_id="Flug").head(300)
    app.file_uploader[1].upload("late.xlsx", workbook(some)).run()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "Read the outcomes differently")
    choose(app, "Sheet", "Data")
    choose(app, "flight_id is the column", "Flug")
    app.checkbox[0].uncheck().run()
    press(app, "Check it read this way")
    settle(app, "300 of 6,122 rows have an outcome")
    app.file_uploader[0].upload("all.csv", outcomes().to_csv(index=False).encode()).run()
    settle(app, "Outcomes in all.csv read as CSV, utf-8, comma.")
    result = engine.history.check(str(app.query_params["check"]))
    assert (result.reading, result.labelled_rows) == (AS_FOUND, len(outcomes()))


def test_a_name_that_another_sheet_makes_useless_costs_no_file(open_page: Open, engine: Driftline) -> None:
    """It was given while the first sheet was read; the second one has the column itself."""
    table = outcomes()
    other = table.rename(columns={"late": "delayed"})
    both = [[list(one), *one.astype(object).to_numpy().tolist()] for one in (other, table)]
    app = open_page()
    app.file_uploader[1].upload("late.xlsx", excel(*both, titles=("A", "B"))).run()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "Read the outcomes differently")
    choose(app, "late is the column", "delayed")
    press(app, "How are the rows read?")
    press(app, "How are the outcomes read?")
    choose(app, "Sheet", "B")
    press(app, "Check it read this way")
    settle(app, "Against what really happened")
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading == Reading(labels=ReadOptions(sheet="B"))


def test_what_was_said_of_quotation_marks_stays_said(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[1].upload("late.csv", outcomes().to_csv(index=False).encode()).run()
    app.file_uploader[0].upload("week.csv", week()).run()
    settle(app, "Outcomes in late.csv read as CSV")
    press(app, "Read the outcomes differently …")
    choose(app, "Quotation marks", "")
    press(app, "Check it read this way")
    settle(app, "Against what really happened")
    result = engine.history.check(str(app.query_params["check"]))
    assert result.reading == Reading(labels=ReadOptions(quote=""))
    press(app, "Read the outcomes differently …")
    assert boxes(app)["Quotation marks"] == ""


def test_rows_whose_id_goes_by_another_name_are_offered_it(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[1].upload("late.csv", outcomes().to_csv(index=False).encode()).run()
    app.file_uploader[0].upload("week.csv", week(flight_id="nr")).run()
    settle(app, "flight_id is missing")
    assert "The outcomes cannot be joined" in said(app)
    choose(app, "flight_id is the column", "nr")
    press(app, "Check it read this way")
    settle(app, "Against what really happened")
    assert engine.history.check(str(app.query_params["check"])).labelled_rows == len(outcomes())
