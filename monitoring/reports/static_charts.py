"""Charts of columns as static SVG: for pages that run no script or are printed, and for small pictures on a page. Pure.

The reference is a filled area, production an outline: the two are told apart without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from monitoring.policy.phrases import percent
from monitoring.profiles.picture import CategoryPicture, NumericPicture, Picture
from monitoring.reports.plain_text import plain

BARS: Final = 4
NARROW: Final = 200.0
"""Width for which the room of names beside bars is given."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a chart looks: its size and the size of its text in pixels, its colours."""

    width: int = 200
    height: int = 84
    font: float = 9
    reference: str = "#aab4c0"
    production: str = "#b34f05"
    ink: str = "#141b26"

    @property
    def floor(self) -> float:
        """Where a histogram stands: the line with the ends of its axis is below."""
        return self.height - self.font - 5


PRINT: Final = Style()


def chart(picture: Picture, *, name: str, unit: str = "", share: bool = False, style: Style = PRINT) -> str:
    """The picture as an `<svg>` with a title that says in words what it shows.

    Args:
        picture: of the column.
        name: of the column; text, never markup.
        unit: of its values; `share` marks values that are shares.
        style: how it looks.
    """
    if isinstance(picture, CategoryPicture):
        return _bars(picture, name, style)
    return _histogram(picture, name, unit, share, style)


def _histogram(picture: NumericPicture, name: str, unit: str, share: bool, style: Style) -> str:
    top = max((*picture.bins_reference, *picture.bins_batch, 1e-9))
    low, high = picture.edges[0], picture.edges[-1]
    floor, width = style.floor, style.width

    def x(value: float) -> float:
        return width * (value - low) / (high - low)

    def y(height: float) -> float:
        return floor - (floor - 4) * height / top

    steps = list(pairwise(picture.edges))
    filled = "".join(
        f'<rect x="{x(a):.1f}" y="{y(h):.1f}" width="{x(b) - x(a):.1f}" height="{floor - y(h):.1f}"/>'
        for (a, b), h in zip(steps, picture.bins_reference, strict=True)
        if h > 0
    )
    outline = f"M{x(low):.1f} {floor:g}" + "".join(
        f"L{x(a):.1f} {y(h):.1f}L{x(b):.1f} {y(h):.1f}" for (a, b), h in zip(steps, picture.bins_batch, strict=True)
    )
    told = picture.span(0, len(steps) - 1)
    ends = [percent(end) if share else f"{end:.4g}" for end in told]
    title = (
        f"{name}: histogram of reference (filled) and production (outline) from {ends[0]} to {ends[1]} {unit}".rstrip()
    )
    last = f"{ends[1]} {unit}".strip()
    return _svg(
        title,
        style,
        f'<g fill="{style.reference}">{filled}</g>'
        f'<path d="{outline}L{width} {floor:g}" fill="none" stroke="{style.production}" stroke-width="1.6"/>'
        f'<path d="M0 {floor:g}H{width}" stroke="{style.ink}" stroke-width=".6"/>'
        f"{_text(0, style.height - 3, ends[0], style)}{_text(width, style.height - 3, last, style, anchor='end')}",
    )


def _bars(picture: CategoryPicture, name: str, style: Style) -> str:
    shown = list(zip(picture.categories, picture.share_reference, picture.share_batch, picture.unseen, strict=True))[
        :BARS
    ]
    longest = max((max(before, after) for _, before, after, _ in shown), default=0) or 1.0
    left, step = 62 * style.width / NARROW, (style.height - 6) / BARS
    room, bar = style.width - left - 34 * style.width / NARROW, 0.36 * step
    parts = []
    for place, (category, before, after, new) in enumerate(shown):
        y = 4 + place * step
        label = plain(category, longest=9) + (" new" if new else "")
        parts.append(
            f'<rect x="{left:g}" y="{y:.1f}" width="{room * before / longest:.1f}" height="{bar:.1f}" '
            f'fill="{style.reference}"/>'
            f'<rect x="{left:g}" y="{y + bar + 1:.1f}" width="{room * after / longest:.1f}" height="{bar:.1f}" '
            f'fill="none" stroke="{style.production}" stroke-width="1.4"/>'
            f"{_text(left - 4, y + 1.5 * bar, label, style, anchor='end')}"
            f"{_text(left + room * max(before, after) / longest + 3, y + 1.5 * bar, percent(after), style)}"
        )
    told = ", ".join(f"{plain(c)} {percent(before)} to {percent(after)}" for c, before, after, _ in shown)
    title = f"{name}: shares of categories, reference (filled) to production (outline): {told}"
    return _svg(title, style, "".join(parts))


def _svg(title: str, style: Style, inside: str) -> str:
    said = escape(plain(title, longest=400))
    return (
        f'<svg viewBox="0 0 {style.width} {style.height}" role="img" aria-label="{said}"><title>{said}</title>'
        f"{inside}</svg>"
    )


def _text(x: float, y: float, text: str, style: Style, *, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{style.font:g}" fill="{style.ink}" text-anchor="{anchor}">'
        f"{escape(plain(text))}</text>"
    )
