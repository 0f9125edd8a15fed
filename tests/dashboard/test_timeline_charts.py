"""Charts of the time line: each batch in its slot, each state by shape and word, each chart told in words."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts.axis import Axis
from dashboard.charts.over_time import band, outcome_rates, say_band, say_shares, shares
from dashboard.charts.palette import LIGHT
from dashboard.charts.slots import LABELS_SHOWN, choice_labels, named, slot_axis, version_labels
from dashboard.charts.timeline import (
    CLICKABLE,
    Highlight,
    columns_shown,
    effects,
    highlights,
    say_effects,
    strip,
)
from dashboard.components.over_time_charts import days_of_places
from dashboard.wording.quantities import NBSP
from dashboard.wording.windows import (
    days_words,
    left_out_lines,
    mark_line,
    perhaps_twice_line,
    say_outcomes,
    say_verdicts,
    strip_caption,
)
from monitoring.workflows.over_time import Batch, Mark, MarkKind, Spread, batch_of
from monitoring.workflows.periods import Period
from monitoring.workflows.window_parts import LeftOut
from tests.dashboard import material

HOSTILE = "<a href='http://evil.example'>x</a>"
TEMP = Axis("temp", "°F")


def batches() -> list[Batch]:
    """April to July 2013, the last by version 2."""
    return [batch_of(check) for check in material.year()]


def mark(kind: MarkKind, place: float, version: int | None = 2, text: str = "") -> Mark:
    return Mark(kind, place, material.AT, version, text)


def traces(figure: go.Figure) -> dict[str, go.Scatter]:
    return {trace.name: trace for trace in figure.data}


def test_batches_stand_side_by_side_in_the_order_given() -> None:
    axis = strip(batches(), (), LIGHT).layout.xaxis
    assert list(axis.ticktext) == ["Apr 2013", "May 2013", "Jun 2013", "Jul 2013"]
    assert list(axis.range) == [-0.5, 3.5]


def test_two_batches_of_one_month_are_told_apart_on_the_axis_and_under_the_mouse() -> None:
    twice = [*batches(), batches()[-1]]
    assert list(slot_axis(twice)["ticktext"])[-2:] == ["Jul 2013 (1)", "Jul 2013 (2)"]
    assert named(twice)[-2:] == ["Jul 2013 (1), version 2", "Jul 2013 (2), version 2"]


def test_in_a_list_files_of_the_same_days_have_their_names_and_nothing_else_has() -> None:
    april, july = batches()[0], batches()[-1]
    long = replace(july, name="all-the-flights-of-july-in-one-file.csv")
    day = replace(april, check=None, name="", first=date(2014, 7, 4), last=date(2014, 7, 4))
    found = choice_labels([april, july, long, day])
    assert [label.rsplit(" · ", 1)[0] for label in found] == [
        "Apr 2013",
        f"Jul 2013 (1) · {july.name}",
        "Jul 2013 (2) · all-the-fl…-file.csv",
        "4 Jul 2014",
    ]


def test_days_have_the_year_where_the_axis_begins_and_where_it_changes() -> None:
    days = [date(2013, 12, 30) + timedelta(number) for number in range(4)]
    many = [replace(batches()[0], first=day, last=day) for day in days]
    assert slot_axis(many)["ticktext"] == ["30 Dec 2013", "31 Dec", "1 Jan 2014", "2 Jan"]
    assert named(many)[1] == "31 Dec 2013, version 1"
    across = replace(many[0], last=days[-1])
    assert slot_axis([many[0], across])["ticktext"][1] == "30 Dec 2013 to 2 Jan 2014"
    assert len(slot_axis([across] * 40)["ticktext"]) == 8, "long labels need room"
    again = [replace(many[0], first=day, last=day) for day in (date(2013, 4, 1), date(2014, 4, 1))]
    assert slot_axis(again)["ticktext"] == ["1 Apr 2013", "1 Apr 2014"], "days of two years are not the same"


def test_of_very_many_batches_a_few_are_named() -> None:
    many = [replace(batches()[0], first=date(2013, 1, 1) + timedelta(day), last=None) for day in range(400)]
    axis = strip(many, (), LIGHT).layout.xaxis
    assert len(axis.ticktext) <= LABELS_SHOWN
    assert len(many) * len(columns_shown(many)) > CLICKABLE
    assert len(effects(many, LIGHT).data) == 1, "no click targets"


def test_a_verdict_and_an_event_are_told_by_shape_and_word_as_well_as_colour() -> None:
    happened = [mark("trained", 2.4), mark("promote", 2.5), mark("roll_back", 3.5), mark("incident", 1, None)]
    figure = strip(batches(), happened, LIGHT)
    drawn = traces(figure)
    assert list(figure.layout.yaxis.ticktext) == ["Verdict", "Rolled back", "Promoted", "New version"]
    assert set(drawn) == {"Drift", "Watch", "New version", "Promoted", "Rolled back"}, "a broken feed is a verdict"
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == ["Watch", "Drift"]
    assert len({trace.marker.symbol for trace in drawn.values()}) == 5
    assert "Promoted: version 2, 22 Nov 2026: it scores from then on" in drawn["Promoted"].customdata[0]
    assert list(drawn["Promoted"].x) == [2.5]


def test_nothing_that_happened_is_drawn_unless_it_is_given() -> None:
    figure = strip(batches(), (), LIGHT)
    assert list(figure.layout.yaxis.ticktext) == ["Verdict"]
    assert {trace.name for trace in figure.data} == {"Drift", "Watch"}


def test_events_at_the_same_place_do_not_lie_on_each_other() -> None:
    happened = [mark("promote", 2.5, 2), mark("roll_back", 2.5, 1), mark("promote", 2.5, 3), mark("trained", 2.5)]
    drawn = traces(strip(batches(), happened, LIGHT))
    assert [list(drawn[name].y) for name in ("Rolled back", "Promoted", "New version")] == [[1], [2], [3]]
    assert drawn["Promoted"].customdata[0].count("<br>") == 1, "two of a kind are one mark that tells both"


def test_the_version_is_on_a_mark_that_another_one_scored_than_most_and_in_every_hover() -> None:
    drawn = traces(strip(batches(), (), LIGHT))
    assert (list(drawn["Drift"].text), list(drawn["Watch"].text)) == (["", "", ""], ["v2"])
    assert "Jul 2013, 2013-07.csv, version 2" in drawn["Watch"].customdata[0]
    assert (
        traces(band(batches(), [spread(1)] * 4, [None] * 4, LIGHT, TEMP))["Median"]
        .customdata[3]
        .startswith("Jul 2013, version 2: median")
    )
    categories = [Spread((), (("UA", 0.6),))] * 4
    assert traces(shares(batches(), categories, ("UA",), LIGHT))["UA"].customdata[0] == "Apr 2013, version 1"
    figures = [
        effects(batches(), LIGHT),
        outcome_rates(batches(), LIGHT),
        shares(batches(), categories, ("UA",), LIGHT),
    ]
    for figure in figures:
        assert not figure.layout.shapes, "no line says that a version began between days of the data"
        assert not figure.layout.annotations


def test_version_labels_that_have_no_room_are_left_out() -> None:
    april, july = batches()[0], batches()[-1]
    assert version_labels([april, july, april]) == ["", "v2", ""]
    assert version_labels([april] * 11 + [july] * 9)[11:] == ["v2", ""] * 4 + ["v2"]
    many = [april] * 200 + [july] * 190
    gaps = np.diff([place for place, label in enumerate(version_labels(many)) if label])
    assert gaps.min() * 250 / len(many) >= 14
    assert version_labels([]) == []


def test_what_a_version_at_a_mark_means_is_said_and_where_events_are_drawn() -> None:
    happened = [mark("promote", 2.5), mark("incident", 1, None)]
    version = "v2: the version that scored the batch, where it was not version 1."
    assert strip_caption(batches(), happened, by_clock=True) == version
    assert strip_caption(batches(), happened, by_clock=False) == (
        f"{version} When versions came and went is drawn where files stand by the time of the check."
    )
    assert strip_caption(batches()[:3], [mark("incident", 1, None)], by_clock=False) == ""


def test_the_days_looked_at_are_marked_and_those_compared_with_too() -> None:
    shown = Highlight(Period(date(2013, 5, 4), date(2013, 6, 10)), Period(date(2013, 4, 1), date(2013, 4, 30)))
    assert [(shape["x0"], shape["x1"]) for shape in highlights(batches(), shown, LIGHT)] == [(-0.5, 0.5), (0.5, 2.5)]
    assert highlights(batches(), Highlight(), LIGHT) == []
    apart = [batches()[1], batches()[0], batches()[2]]
    assert len(highlights(apart, replace(shown, other=None), LIGHT)) == 2


def test_the_field_has_the_predictions_first_then_what_moved_most_with_marks_where_it_drifted() -> None:
    field = effects(batches(), LIGHT).data[0]
    assert list(effects(batches(), LIGHT).layout.yaxis.ticktext)[:2] == ["Predictions", "temp"]
    assert list(field.z[1]) == [0.70, 0.94, 1.0, 0.2]
    assert list(field.text[1]) == ["▲", "▲", "▲", ""]


def test_a_click_on_a_field_is_a_click_on_its_column_and_its_batch() -> None:
    targets = effects(batches(), LIGHT).data[1]
    assert (targets.x[5], targets.y[5]) == (1, 1)
    assert len(targets.x) == 4 * len(columns_shown(batches()))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [(1, 1, (5, 5)), (0.8 + 0.5, 2.2 - 0.5, (5, 6)), (0.9 + 0.5, 1.1 - 0.5, (5, 5)), (-1, 9, (4, 7)), (7, 9, None)],
)
def test_a_click_or_a_drag_means_days(first: float, last: float, days: tuple[int, int] | None) -> None:
    found = days_of_places(batches(), first, last)
    assert (found and (found.first, found.last)) == (
        (date(2013, days[0], 1), date(2013, days[1], 30)) if days else None
    )


def test_batches_without_times_have_no_days() -> None:
    assert days_of_places([replace(batches()[0], first=None, last=None)], 0, 0) is None


def spread(middle: float) -> Spread:
    return Spread((middle - 9, middle - 4, middle, middle + 4, middle + 9), ())


def test_the_band_has_the_quantiles_of_each_batch_and_a_hole_where_none_is_known() -> None:
    found = [spread(40), None, spread(70), spread(75)]
    drawn = traces(band(batches(), found, [spread(39)] * 4, LIGHT, TEMP))
    assert list(drawn["Median"].y) == [40, None, 70, 75]
    assert list(drawn["9 of 10 rows"].y) == [49, None, 79, 84]
    lines = [trace for trace in band(batches(), found, [spread(39)] * 4, LIGHT, TEMP).data if trace.legendgroup]
    assert [line.y[0] for line in lines] == [30, 39, 48]
    assert drawn["9 of 10 rows"].fill == "tonexty"
    assert "median 40 °F" in drawn["Median"].customdata[0].replace(NBSP, " ")


def test_shares_of_categories_are_lines_of_their_own_dash() -> None:
    found = [Spread((), (("UA", 0.6), ("AA", 0.4))), None, Spread((), (("UA", 1.0),)), None]
    drawn = traces(shares(batches(), found, ("UA", "AA"), LIGHT))
    assert list(drawn["AA"].y) == [0.4, None, 0.0, None]
    assert drawn["AA"].line.dash != drawn["UA"].line.dash


def test_what_happened_has_holes_where_it_is_not_known_and_says_for_how_many_rows_it_is() -> None:
    drawn = traces(outcome_rates(batches(), LIGHT))
    assert list(drawn["Happened"].y) == [0.28, 0.28, 0.28, None]
    assert drawn["Outcome known"].y[0] == pytest.approx(27_000 / 28_000)


def test_every_chart_is_told_in_words() -> None:
    happened = [mark("promote", 2.5, text="better")]
    known = [spread(40), None, spread(70), spread(75)]
    categories = [Spread((), (("UA", 0.6),)), None, None, Spread((), (("UA", 0.5),))]
    told = " ".join(
        [
            say_verdicts(batches(), happened),
            say_effects(batches()),
            say_outcomes(batches()),
            say_band(batches(), known, [spread(39)] * 4, TEMP),
            say_shares(batches(), categories, ("UA",), "carrier"),
        ]
    ).replace(NBSP, " ")
    assert "3 drift, 1 watch" in told
    assert "Promoted: version 2, 22 Nov 2026: it scores from then on — better" in told
    assert "temp up to 1.00 (Jun 2013), in drift 3 times" in told
    assert "predicted 16 %, happened 28 %" in told
    assert "lowest in Apr 2013, 40 °F, and highest in Jul 2013, 75 °F. The median of the reference is 39 °F." in told
    assert "UA 60 % → 50 %" in told


def test_nothing_known_is_said_too() -> None:
    none = [replace(batch, effects={}, drifted=(), rate=None) for batch in batches()]
    assert say_effects(none) == "No column was tested."
    assert "No outcome is known yet" in say_outcomes(none)
    assert "can be read" in say_band(none, [None] * 4, [None] * 4, TEMP)
    assert say_verdicts([], ()) == "No batch."


def test_markup_from_a_file_is_text_in_every_label() -> None:
    hostile = [replace(one, name=HOSTILE, sentence=HOSTILE, effects={HOSTILE: 0.5}, first=None) for one in batches()]
    happened = [mark("roll_back", 0, text=HOSTILE)]
    figures = [
        strip(hostile, happened, LIGHT),
        effects(hostile, LIGHT),
        outcome_rates(hostile, LIGHT),
        band(hostile, [spread(1)] * 4, [None] * 4, LIGHT, Axis(HOSTILE, HOSTILE)),
        shares(hostile, [Spread((), ((HOSTILE, 1.0),))] * 4, (HOSTILE,), LIGHT),
    ]
    for figure in figures:
        assert "<a" not in figure.to_json().replace("\\u003c", "<")


def test_what_is_left_out_is_said_with_the_files_and_how_to_have_it_counted() -> None:
    first, second = material.year()[:2]
    lines = left_out_lines(
        [
            LeftOut("other_version", first, 10),
            LeftOut("other_version", second, 20),
            LeftOut("same_rows", first, 1, instead=second),
            LeftOut("no_time", second, 0),
        ]
    )
    assert lines == [
        "“2013-04.csv”, “2013-05.csv” were scored by another version: 30 rows left out, since profiles add up only "
        "where they were counted against the same reference. Choose that version above, or check them again by the "
        "version in use.",
        "1 row of “2013-04.csv” is in another file too, as far as counts tell: counted once.",
    ]


def test_files_that_may_hold_the_same_rows_are_named_in_a_sentence() -> None:
    first, second = material.year()[:2]
    told = "share days and all count: stored counts cannot tell whether they hold the same rows."
    assert perhaps_twice_line([(first, second)]) == f"“2013-04.csv”, “2013-05.csv” {told}"
    assert perhaps_twice_line([(first, first)]) == f"Several files called “2013-04.csv” {told}"
    assert perhaps_twice_line([]) == ""


def test_days_and_marks_in_words() -> None:
    assert days_words(Period()) == "all days"
    assert days_words(Period(date(2013, 7, 1), None)) == "from 1 Jul 2013"
    assert days_words(Period(None, date(2013, 7, 1))) == "up to 1 Jul 2013"
    assert days_words(Period(date(2013, 7, 1), date(2013, 7, 31))) == "1 to 31 Jul 2013"
    at = datetime(2026, 3, 4)
    assert mark_line(Mark("roll_back", 0, at, 1, "")) == (
        "Rolled back to version 1, 4 Mar 2026: it scores again from then on"
    )
    assert mark_line(Mark("incident", 0, at, None, "July looks broken.")) == (
        "Broken feed, 4 Mar 2026: the data feed was damaged, not the world — July looks broken."
    )
