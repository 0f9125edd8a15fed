"""Figures hold the numbers of the pictures they draw, and are told in words."""

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from dashboard.charts.axis import Axis
from dashboard.charts.categories import bars, say_bars
from dashboard.charts.numeric import curves, histogram, say_curves, say_histogram
from dashboard.charts.palette import DARK, LIGHT, Palette, palette
from dashboard.wording.quantities import NBSP
from monitoring.profiles.picture import CategoryPicture, NumericPicture
from monitoring.reports.static_charts import chart
from tests.dashboard import columns_by_hand, material

TEMP = Axis("temp", "°F")
HOSTILE = "<a href='http://evil.example'>x</a>"


def temp() -> NumericPicture:
    picture = material.july().pictures["temp"]
    assert isinstance(picture, NumericPicture)
    return picture


def dest() -> CategoryPicture:
    picture = material.july().pictures["dest"]
    assert isinstance(picture, CategoryPicture)
    return picture


def traces(figure: go.Figure) -> dict[str, go.Scatter]:
    return {trace.name: trace for trace in figure.data}


def test_a_histogram_has_a_bar_for_each_bin_where_the_bin_is() -> None:
    figure = histogram(temp(), LIGHT, TEMP)
    reference = traces(figure)["Reference"]
    assert list(reference.y) == list(temp().bins_reference)
    assert len(reference.x) == len(temp().edges) - 1
    left = reference.x[0] - reference.width[0] / 2
    assert left == pytest.approx(temp().edges[0])
    assert figure.layout.barmode == "overlay"


def test_bars_of_values_on_a_grid_tell_these_and_not_where_they_are_cut() -> None:
    on_grid = replace(temp(), edges=(-0.5, 0.5, 2.5), step=1.0, bins_reference=(0.9, 0.1), bins_batch=(0.2, 0.8))
    told = traces(histogram(on_grid, LIGHT, TEMP))["Reference"].customdata
    assert [one.replace(NBSP, " ") for one in told] == ["0 °F", "1 to 2 °F"]
    said = say_histogram(on_grid, TEMP).replace(NBSP, " ")
    assert "reference 0 °F, production 1 to 2 °F" in said
    drawn = chart(on_grid, name="temp", unit="°F")
    assert "from 0 to 2 °F" in drawn
    assert ">0</text>" in drawn
    assert ">2 °F</text>" in drawn


def test_the_gap_is_a_red_rule_from_curve_to_curve_with_its_size_and_place() -> None:
    figure = curves(temp(), LIGHT, TEMP, statistic=0.401)
    gap = traces(figure)["gap"]
    assert list(gap.x) == [temp().gap_x] * 2
    assert list(gap.y) == [temp().gap_reference, temp().gap_batch]
    assert gap.line.color == LIGHT.gap
    assert figure.layout.annotations[0].text.replace(NBSP, " ") == "<b>KS 0.401 at 58 °F</b>"


def test_without_a_test_there_is_no_gap() -> None:
    assert "gap" not in traces(curves(temp(), LIGHT, TEMP, statistic=None))


def test_predictions_have_an_axis_in_percent() -> None:
    figure = curves(temp(), LIGHT, Axis("Predictions", share=True), statistic=0.6)
    assert figure.layout.xaxis.tickformat == ".0%"


def test_a_category_that_was_never_seen_is_marked_new() -> None:
    labels = bars(dest(), LIGHT).layout.yaxis.ticktext
    assert "ANC <b>new</b>" in labels
    assert "<i>90 others</i>" in labels


def test_few_bars_leave_the_rest_out() -> None:
    assert list(bars(dest(), LIGHT, shown=2).layout.yaxis.ticktext) == ["ORD", "LAX"]


def test_missing_values_have_a_bar_of_their_own() -> None:
    picture = replace(dest(), missing_batch=0.4)
    assert "<i>missing</i>" in bars(picture, LIGHT).layout.yaxis.ticktext


def test_markup_from_a_file_is_text_in_every_label() -> None:
    figures = [
        bars(columns_by_hand.category_picture({HOSTILE: (0.1, 0.2)}), LIGHT),
        histogram(temp(), LIGHT, Axis(HOSTILE, HOSTILE)),
        curves(temp(), LIGHT, Axis(HOSTILE, HOSTILE), statistic=0.4),
    ]
    for figure in figures:
        assert "<a" not in figure.to_json().replace("\\u003c", "<")


def test_both_modes_have_colours_of_their_own_and_light_is_the_default() -> None:
    assert palette("dark") is DARK
    assert palette(None) is LIGHT
    assert LIGHT.reference != DARK.reference


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_sides_and_the_verdicts_differ_in_lightness(colours: Palette) -> None:
    assert abs(lightness(colours.reference) - lightness(colours.production)) > 0.02
    assert len(set(colours.verdicts.values())) == 5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_and_marks_stand_out_from_the_page(colours: Palette) -> None:
    for name, least in (("text", 7.0), ("muted", 4.5), ("gap", 4.5), ("reference", 3.0), ("production", 3.0)):
        assert contrast(getattr(colours, name), colours.surface) >= least, name


def test_every_figure_is_told_in_words() -> None:
    said = [
        say_histogram(temp(), TEMP),
        say_curves(temp(), TEMP, statistic=0.401),
        say_bars(dest(), name="dest"),
    ]
    told = " ".join(said).replace(NBSP, " ")
    assert "KS 0.401" in told
    assert "ANC 0 % → 0.4 %, new" in told


def lightness(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2)."""
    dark, light = sorted((lightness(one), lightness(other)))
    return (light + 0.05) / (dark + 0.05)
