"""The picture of a post: a figure, how far it is from the goal, and the way it came."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from regendata.sources.goal.decision import Past
from regendata.sources.goal.text import Goal, long_date, money

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

SIZE = (1200, 675)
#: Drawn larger and scaled down: the library draws edges without smoothing.
SCALE = 2
PAPER, INK, SOFT, TRACK, FILL, LINE = "#fbfaf7", "#17211c", "#5d6b63", "#e3e7e1", "#1d8a5b", "#9ccbb4"
MARGIN = 80
BAR = (MARGIN, 430, SIZE[0] - MARGIN, 490)
CHART = (700, 90, SIZE[0] - MARGIN, 300)
GAP = 60
SHOWN_POSTS = 60


def draw(goal: Goal, figure: Decimal, day: date, past: Sequence[Past]) -> bytes:
    """A PNG of 1200 x 675 pixels, equal for equal arguments.

    :param past: earlier days, oldest first; with none of them there is no line.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), PAPER)
    canvas = ImageDraw.Draw(image)
    end = _words(canvas, goal, figure, day)
    _bar(canvas, goal, figure)
    _way(canvas, [*past[-SHOWN_POSTS:], Past(day, figure)], end + GAP)
    buffer = io.BytesIO()
    image.resize(SIZE, Image.Resampling.LANCZOS).save(buffer, "PNG")
    return buffer.getvalue()


def description(goal: Goal, figure: Decimal, day: date) -> str:
    """The same in words, for those who do not see it."""
    return (
        f"{goal.name} on {long_date(day)}: {money(figure)}, {goal.share(figure)} % of {money(goal.amount)}."
    )


def _words(canvas: ImageDraw.ImageDraw, goal: Goal, figure: Decimal, day: date) -> float:
    """Returns where the figure ends."""
    _text(canvas, (MARGIN, 90), goal.name, 44, SOFT)
    _text(canvas, (MARGIN, 170), money(figure), 96, INK)
    _text(canvas, (MARGIN, 360), f"{goal.share(figure)} %", 44, FILL)
    _text(canvas, (SIZE[0] - MARGIN, 360), f"of {money(goal.amount)}", 44, SOFT, "ra")
    _text(canvas, (MARGIN, 570), f"{long_date(day)}", 30, SOFT)
    _text(canvas, (SIZE[0] - MARGIN, 570), goal.link.removeprefix("https://"), 30, SOFT, "ra")
    return MARGIN + canvas.textlength(money(figure), _font(96)) / SCALE


def _bar(canvas: ImageDraw.ImageDraw, goal: Goal, figure: Decimal) -> None:
    left, top, right, bottom = BAR
    radius = (bottom - top) / 2
    canvas.rounded_rectangle(_scaled(BAR), radius * SCALE, fill=TRACK)
    reached = min(Decimal(1), max(Decimal(0), figure / goal.amount))
    if reached:
        # Shorter than its own ends it would be no bar.
        end = max(left + 2 * radius, left + (right - left) * float(reached))
        canvas.rounded_rectangle(_scaled((left, top, end, bottom)), radius * SCALE, fill=FILL)


def _way(canvas: ImageDraw.ImageDraw, points: Sequence[Past], clear: float) -> None:
    """:param clear: nothing stands to the right of it."""
    left, top, right, bottom = CHART
    left = max(left, int(clear))
    if len(points) < 2 or left >= right:
        return
    first, last = points[0], points[-1]
    days = max(1, (last.day - first.day).days)
    low, high = min(one.figure for one in points), max(one.figure for one in points)
    spread = float(high - low) or 1.0
    line = [
        (
            left + (right - left) * (one.day - first.day).days / days,
            bottom - (bottom - top) * float(one.figure - low) / spread,
        )
        for one in points
    ]
    canvas.line([(x * SCALE, y * SCALE) for x, y in line], fill=LINE, width=6 * SCALE, joint="curve")
    x, y = line[-1]
    canvas.ellipse(_scaled((x - 9, y - 9, x + 9, y + 9)), fill=FILL)


def _text(
    canvas: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, colour: str, anchor: str = "la"
) -> None:
    place = (at[0] * SCALE, at[1] * SCALE)
    canvas.text(place, text, fill=colour, font=_font(size), anchor=anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The one that comes with the library, so that a picture looks the same on every machine."""
    from PIL import ImageFont

    return ImageFont.load_default(size * SCALE)


def _scaled(box: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (one * SCALE for one in box)
    return left, top, right, bottom
