"""Charts of columns as static SVG, for pages that run no script and may be printed in black and white. Pure.

The reference is a filled area, production an outline: the two are told apart without colour.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise

from monitoring.policy.phrases import percent
from monitoring.profiles.picture import CategoryPicture, NumericPicture, Picture
from monitoring.reports.plain_text import plain

WIDTH, HEIGHT = 200, 84
FOOT = 14
"""Height of the line with the ends of the axis."""
BARS = 4
REFERENCE, PRODUCTION, INK = "#aab4c0", "#b34f05", "#141b26"


def chart(picture: Picture, *, name: str, unit: str = "", share: bool = False) -> str:
    """The picture as an `<svg>` with a title that says in words what it shows.

    Args:
        picture: of the column.
        name: of the column; text, never markup.
        unit: of its values; `share` marks values that are shares.
    """
    if isinstance(picture, CategoryPicture):
        return _bars(picture, name)
    return _histogram(picture, name, unit, share)


def _histogram(picture: NumericPicture, name: str, unit: str, share: bool) -> str:
    top = max((*picture.bins_reference, *picture.bins_batch, 1e-9))
    low, high = picture.edges[0], picture.edges[-1]
    floor = HEIGHT - FOOT

    def x(value: float) -> float:
        return WIDTH * (value - low) / (high - low)

    def y(height: float) -> float:
        return floor - (floor - 4) * height / top

    steps = list(pairwise(picture.edges))
    filled = "".join(
        f'<rect x="{x(a):.1f}" y="{y(h):.1f}" width="{x(b) - x(a):.1f}" height="{floor - y(h):.1f}"/>'
        for (a, b), h in zip(steps, picture.bins_reference, strict=True)
        if h > 0
    )
    outline = f"M{x(low):.1f} {floor}" + "".join(
        f"L{x(a):.1f} {y(h):.1f}L{x(b):.1f} {y(h):.1f}" for (a, b), h in zip(steps, picture.bins_batch, strict=True)
    )
    ends = [percent(end) if share else f"{end:.4g}" for end in (low, high)]
    title = (
        f"{name}: histogram of reference (filled) and production (outline) from {ends[0]} to {ends[1]} {unit}".rstrip()
    )
    return _svg(
        title,
        HEIGHT,
        f'<g fill="{REFERENCE}">{filled}</g>'
        f'<path d="{outline}L{WIDTH} {floor}" fill="none" stroke="{PRODUCTION}" stroke-width="1.6"/>'
        f'<path d="M0 {floor}H{WIDTH}" stroke="{INK}" stroke-width=".6"/>'
        f"{_text(0, HEIGHT - 3, ends[0])}{_text(WIDTH, HEIGHT - 3, f'{ends[1]} {unit}'.strip(), anchor='end')}",
    )


def _bars(picture: CategoryPicture, name: str) -> str:
    shown = list(zip(picture.categories, picture.share_reference, picture.share_batch, picture.unseen, strict=True))[
        :BARS
    ]
    longest = max((max(before, after) for _, before, after, _ in shown), default=0) or 1.0
    left, room = 62, WIDTH - 62 - 34
    parts = []
    for place, (category, before, after, new) in enumerate(shown):
        y = 4 + place * (HEIGHT - 6) / BARS
        label = plain(category, longest=9) + (" new" if new else "")
        parts.append(
            f'<rect x="{left}" y="{y:.1f}" width="{room * before / longest:.1f}" height="7" fill="{REFERENCE}"/>'
            f'<rect x="{left}" y="{y + 8:.1f}" width="{room * after / longest:.1f}" height="7" fill="none" '
            f'stroke="{PRODUCTION}" stroke-width="1.4"/>'
            f"{_text(left - 4, y + 11, label, anchor='end')}"
            f"{_text(left + room * max(before, after) / longest + 3, y + 11, percent(after))}"
        )
    told = ", ".join(f"{plain(c)} {percent(before)} to {percent(after)}" for c, before, after, _ in shown)
    return _svg(
        f"{name}: shares of categories, reference (filled) to production (outline): {told}", HEIGHT, "".join(parts)
    )


def _svg(title: str, height: int, inside: str) -> str:
    said = escape(plain(title, longest=400))
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{said}"><title>{said}</title>{inside}</svg>'


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="9" fill="{INK}" text-anchor="{anchor}">{escape(plain(text))}</text>'
    )
