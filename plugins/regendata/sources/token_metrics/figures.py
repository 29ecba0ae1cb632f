"""What each published figure is: its windows, its formula in words, and the same computed from the rows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regendata.sources.token_metrics.hours import REACH_HOURS

Values = Sequence[float]
_COMPAT = "; windows of rows among the last 360 hours, 0 where it cannot be computed"


@dataclass(frozen=True)
class KnownHour:
    """A known hour of a symbol; ``hour`` in hours since 1970."""

    hour: int
    count: float
    sentiment: float | None


@dataclass(frozen=True)
class Window:
    """Hours from ``begin`` (left out) to ``end`` hours back; of these the last ``rows`` known, or all."""

    begin: int
    end: int = 0
    rows: int | None = None

    def pick(self, hours: Sequence[KnownHour], at: int) -> list[KnownHour]:
        """The known hours of the window of hour ``at``; ``hours`` ascending."""
        inside = [one for one in hours if at - self.begin < one.hour <= at - self.end]
        return inside if self.rows is None else inside[-self.rows :]


@dataclass(frozen=True)
class Figure:
    """A figure of ``rsd_metrics``.

    :param compute: from the values of each window.
    :param of: what is put in, counts or sentiment.
    """

    formula: str
    windows: tuple[Window, ...]
    compute: Callable[..., float | None]
    of: str = "count"

    def value(self, hours: Sequence[KnownHour], at: int) -> float | None:
        """The figure of hour ``at`` from nothing but the known hours."""
        return self.compute(*(self._values(window, hours, at) for window in self.windows))

    def _values(self, window: Window, hours: Sequence[KnownHour], at: int) -> list[float]:
        found = window.pick(hours, at)
        if self.of == "count":
            return [one.count for one in found]
        return [one.sentiment for one in found if one.sentiment is not None]


def _mean(values: Values) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _mean_or_0(values: Values) -> float:
    return _mean(values) or 0.0


def _mean_of_at_least(rows: int) -> Callable[[Values], float]:
    return lambda values: _mean_or_0(values) if len(values) >= rows else 0.0


def _change(now: Values, before: Values) -> float | None:
    base = _mean(before)
    return (_mean_or_0(now) - base) / base if now and base else None


def _change_of_at_least(rows: int) -> Callable[[Values, Values], float]:
    return lambda now, before: (_change(now, before) or 0.0) if len(before) >= rows else 0.0


def _distance(now: Values, window: Values) -> float | None:
    return (now[0] - _mean_or_0(window)) / now[0] if now and now[0] else None


def _distance_or_0(now: Values, window: Values) -> float | None:
    return 0.0 if now and not now[0] and not sum(window) else _distance(now, window)


def _spread(values: Values) -> float | None:
    if len(values) < 2 or not sum(values):
        return None
    return statistics.stdev(values) / statistics.fmean(values)


def _spread_or_0(values: Values) -> float:
    return _spread(values) or 0.0


_HOUR, _DAY, _DAY_BEFORE = Window(1), Window(24), Window(48, 24)
_WEEK, _WEEK_BEFORE, _FORTNIGHT = Window(168), Window(336, 168), Window(336)


def _rows(number: int) -> Window:
    return Window(REACH_HOURS, rows=number)


_TRUE_HOURS = {
    "count": Figure("tweets of the hour", (_HOUR,), _mean),
    "symbol_sma1": Figure("mean tweets per known hour of the last 24", (_DAY,), _mean),
    "symbol_sma1_previous": Figure("mean tweets per known hour of the 24 before", (_DAY_BEFORE,), _mean),
    "symbol_sma7": Figure("mean tweets per known hour of the last 168", (_WEEK,), _mean),
    "symbol_sma7_previous": Figure("mean tweets per known hour of the 168 before", (_WEEK_BEFORE,), _mean),
    "symbol_sma14": Figure("mean tweets per known hour of the last 336", (_FORTNIGHT,), _mean),
    "sma1_dif": Figure(
        "(symbol_sma1 - symbol_sma1_previous) / symbol_sma1_previous", (_DAY, _DAY_BEFORE), _change
    ),
    "sma7_dif": Figure(
        "(symbol_sma7 - symbol_sma7_previous) / symbol_sma7_previous", (_WEEK, _WEEK_BEFORE), _change
    ),
    "sma14_dif": Figure("(count - symbol_sma14) / count", (_HOUR, _FORTNIGHT), _distance),
    "sentiment": Figure("sentiment of the hour, weighted by tweets", (_HOUR,), _mean, "sentiment"),
    "sentiment_sma1": Figure(
        "mean of the known sentiments of the last 24 hours", (_DAY,), _mean, "sentiment"
    ),
    "sentiment_sma7": Figure(
        "mean of the known sentiments of the last 168 hours", (_WEEK,), _mean, "sentiment"
    ),
    "rsd_1": Figure("standard deviation / mean of the last 24 hours", (_DAY,), _spread),
    "rsd_7": Figure("standard deviation / mean of the last 168 hours", (_WEEK,), _spread),
    "rsd_14": Figure("standard deviation / mean of the last 336 hours", (_FORTNIGHT,), _spread),
}
_ROWS = {
    "symbol_sma1": Figure("mean of 24 rows", (_rows(24),), _mean),
    "symbol_sma1_previous": Figure("mean of 48 rows, at least 24", (_rows(48),), _mean_of_at_least(24)),
    "symbol_sma7": Figure("mean of 168 rows", (_rows(168),), _mean),
    "symbol_sma7_previous": Figure("mean of 336 rows, at least 168", (_rows(336),), _mean_of_at_least(168)),
    "symbol_sma14": Figure("mean of 336 rows", (_rows(336),), _mean),
    "sma1_dif": Figure(
        "(mean of 24 rows - mean of 48 rows) / mean of 48 rows",
        (_rows(24), _rows(48)),
        _change_of_at_least(24),
    ),
    "sma7_dif": Figure(
        "(mean of 168 rows - mean of 336 rows) / mean of 336 rows",
        (_rows(168), _rows(336)),
        _change_of_at_least(168),
    ),
    "sma14_dif": Figure("(count - mean of 336 rows) / count", (_HOUR, _rows(336)), _distance_or_0),
    "sentiment": Figure("sentiment of the hour", (_HOUR,), _mean_or_0, "sentiment"),
    "sentiment_sma1": Figure("mean sentiment of 24 rows", (_rows(24),), _mean_or_0, "sentiment"),
    "sentiment_sma7": Figure("mean sentiment of 168 rows", (_rows(168),), _mean_or_0, "sentiment"),
    "rsd_1": Figure("standard deviation / mean of 24 rows", (_rows(24),), _spread_or_0),
    "rsd_7": Figure("standard deviation / mean of 168 rows", (_rows(168),), _spread_or_0),
    "rsd_14": Figure("standard deviation / mean of 336 rows", (_rows(336),), _spread_or_0),
}

#: Every figure that is published per symbol and hour, by its column.
FIGURES: dict[str, Figure] = _TRUE_HOURS | {
    f"{name}_compat": Figure(figure.formula + _COMPAT, figure.windows, figure.compute, figure.of)
    for name, figure in _ROWS.items()
}
