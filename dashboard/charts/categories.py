"""Chart of one categorical column: the share of each category on both sides. Pure."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts.frame import frame, inert
from dashboard.charts.palette import Palette
from dashboard.wording.quantities import change_of_share, counted
from monitoring.profiles.picture import CategoryPicture

SHOWN = 12
ROW_HEIGHT = 30
DWARFS = 3
"""How many times as long as the longest named bar that of all others may be."""


def bars(picture: CategoryPicture, colours: Palette, *, shown: int | None = None) -> go.Figure:
    """Paired bars, the largest change on top; a category that the model never saw is marked "new".

    With `shown`, only that many categories and nothing of the rest, which would dwarf them in a small figure.
    """
    rows = _rows(picture, SHOWN) if shown is None else _rows(picture, shown)[: min(shown, len(picture.categories))]
    rest = _dwarfing(rows, picture) if shown is None else None
    if rest is not None:
        rows = [row for row in rows if row is not rest]
    places = list(range(len(rows)))
    traces = [
        go.Bar(
            orientation="h",
            x=[row[side] for row in rows],
            y=places,
            name=name,
            marker={"color": colour},
            hovertemplate="%{x:.1%}",
        )
        for name, side, colour in (("Reference", 1, colours.reference), ("Production", 2, colours.production))
    ]
    return frame(
        colours,
        traces,
        x={"title": {"text": _x_title(rest)}, "tickformat": ".0%", "rangemode": "tozero", "showgrid": True},
        y={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [row[0] for row in rows],
            "autorange": "reversed",
            "showgrid": False,
        },
        height=110 + ROW_HEIGHT * max(3, len(rows)),
        bargap=0.3,
        bargroupgap=0.05,
        hovermode="y unified",
        barmode="group",
    )


def say_bars(picture: CategoryPicture, *, name: str) -> str:
    """The bars in words, for who cannot see them."""
    told = [
        f"{category} {change_of_share(before, after)}{', new' if new else ''}"
        for category, before, after, new in _categories(picture)[:3]
    ]
    return f"Shares of the categories of {name}, reference and production. " + "; ".join(told) + "."


def _categories(picture: CategoryPicture) -> list[tuple[str, float, float, bool]]:
    return list(zip(picture.categories, picture.share_reference, picture.share_batch, picture.unseen, strict=True))


def _rows(picture: CategoryPicture, shown: int) -> list[tuple[str, float, float]]:
    """Label and both shares of each bar: the categories that changed most, then the rest and the missing ones."""
    categories = _categories(picture)
    rows = [(_label(category, new), before, after) for category, before, after, new in categories[:shown]]
    left = categories[shown:]
    others = picture.others + len(left)
    if others:
        before = picture.others_reference + sum(one[1] for one in left)
        after = picture.others_batch + sum(one[2] for one in left)
        rows.append((f"<i>{counted(others, 'other')}</i>", before, after))
    if picture.missing_reference or picture.missing_batch:
        rows.append(("<i>missing</i>", picture.missing_reference, picture.missing_batch))
    return rows


def _dwarfing(rows: list[tuple[str, float, float]], picture: CategoryPicture) -> tuple[str, float, float] | None:
    """The bar of all others, where it is so long that the changes of the named ones could not be seen."""
    rest = next((row for row in rows if row[0].endswith(("other</i>", "others</i>"))), None)
    named = max((*picture.share_reference, *picture.share_batch), default=0.0)
    return rest if rest is not None and max(rest[1:]) > DWARFS * named else None


def _x_title(rest: tuple[str, float, float] | None) -> str:
    if rest is None:
        return "share of rows"
    return f"share of rows (not drawn: {rest[0]}, {change_of_share(rest[1], rest[2])})"


def _label(category: str, new: bool) -> str:
    return f"{inert(category, 18)} <b>new</b>" if new else inert(category, 18)
