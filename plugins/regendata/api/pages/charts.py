"""Geometry of the drawings: numbers in, places on the paper out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

KINDS = ("published", "unchanged", "not_published")
WIDTH, HEIGHT, LINE_HEIGHT = 1095, 84, 30


@dataclass(frozen=True)
class Bar:
    """One part of a day: x, y, width and height on the paper."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Day:
    """One day of the history."""

    day: date
    bars: tuple[Bar, ...]
    told: str


@dataclass(frozen=True)
class History:
    """A year of refreshes, a day beside the other, the last one to the right.

    :param months: x and name of each month's first day.
    :param line: points of the slowest refresh of each day, as SVG wants them.
    """

    width: int
    height: int
    days: tuple[Day, ...]
    most: int
    slowest_s: float
    line: str
    months: tuple[tuple[float, str], ...]
    line_height: int = LINE_HEIGHT


def history(found: Sequence[dict[str, Any]], days: int, today: date | None = None) -> History:
    """Place the days of a year.

    :param found: rows of ``day``, a number for each of :data:`KINDS`, and ``slowest_s``.
    """
    last = today or datetime.now(timezone.utc).date()
    first, step = last - timedelta(days=days - 1), WIDTH / days
    rows = [row for row in found if row["day"] >= first]
    most = max((sum(row[kind] for kind in KINDS) for row in rows), default=1) or 1
    slowest = max((row["slowest_s"] or 0.0 for row in rows), default=0.0)
    places = [(row, (row["day"] - first).days * step) for row in rows]
    return History(
        width=WIDTH,
        height=HEIGHT,
        days=tuple(_day(row, x, step, most) for row, x in places),
        most=most,
        slowest_s=slowest,
        line=" ".join(_point(row, x + step / 2, slowest) for row, x in places if slowest),
        months=tuple(_months(first, days, step)),
    )


def _point(row: dict[str, Any], x: float, slowest: float) -> str:
    return f"{x:.1f},{LINE_HEIGHT * (1 - (row['slowest_s'] or 0) / slowest):.1f}"


def _day(row: dict[str, Any], x: float, step: float, most: int) -> Day:
    bars, top, width = [], float(HEIGHT), max(step - 0.6, 1.0)
    for kind in KINDS:
        height = HEIGHT * row[kind] / most
        if height:
            top -= height
            bars.append(Bar(kind, *(round(number, 1) for number in (x, top, width, height))))
    told = ", ".join(f"{row[kind]} {kind.replace('_', ' ')}" for kind in KINDS if row[kind])
    return Day(row["day"], tuple(bars), f"{row['day']}: {told}, slowest {row['slowest_s'] or 0:.0f} s")


def _months(first: date, days: int, step: float) -> list[tuple[float, str]]:
    every = (first + timedelta(days=number) for number in range(days))
    return [(round((day - first).days * step, 1), f"{day:%b}") for day in every if day.day == 1]
