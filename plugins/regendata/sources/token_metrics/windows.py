"""Metrics of many symbols and hours at once: exact prefix sums, and windows as differences of two of them.

Everything is an array of hours x symbols. Sums are integers, so that a window comes out the same wherever its
prefix begins; NaN stands for NULL and passes through the formulas like it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from regendata.sources.token_metrics.hours import REACH_HOURS

Ints: TypeAlias = NDArray[np.int64]
#: Numbers of hours and the like: half the memory.
Few: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Value = TypeVar("Value", bound=np.signedinteger[Any])
#: Stands for a sentiment that is not known; beyond all that are taken.
UNKNOWN_MOOD = -(2**62)
#: Products with sums of squares stay within 64 bits below this one.
SAFE_SQUARES = 27_000_000_000_000_000
NANO = 1e9


@dataclass(frozen=True)
class Counts:
    """Known hours, in any order, one element each.

    :param symbol: number of the symbol, from 0.
    :param hour: since 1970.
    :param mood: sentiment in billionths, or UNKNOWN_MOOD.
    """

    symbol: Ints
    hour: Ints
    count: Ints
    mood: Ints

    @classmethod
    def of_hour(cls, symbol: Ints, hour: int, count: Ints, mood: Ints) -> Counts:
        return cls(symbol, np.full(len(symbol), hour, dtype=np.int64), count, mood)

    @classmethod
    def joined(cls, parts: Sequence[Counts]) -> Counts:
        """All of them; of none at all, none."""
        every = [*parts, cls(*[np.zeros(0, np.int64)] * 4)]
        return cls(*(np.concatenate(one) for one in zip(*map(cls._all, every), strict=True)))

    def _all(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.symbol, self.hour, self.count, self.mood

    def of_symbols(self, begin: int, end: int) -> Counts:
        """Those of some symbols, numbered from 0 again."""
        if self.symbol.max(initial=0) < end - begin and begin == 0:
            return self
        is_in = (self.symbol >= begin) & (self.symbol < end)
        return Counts(self.symbol[is_in] - begin, self.hour[is_in], self.count[is_in], self.mood[is_in])


@dataclass(frozen=True)
class Prefixes:
    """Sums from the first hour on, as [REACH_HOURS + hours + 1, symbols]."""

    known: Few
    count: Ints
    square: Ints
    mood: Ints
    moods: Few

    @classmethod
    def over_hours(cls, counts: Counts, first: int, hours: int, symbols: int) -> Prefixes:
        """Element ``n`` is the sum of the ``n`` hours up to, but without, ``first - REACH_HOURS + n``."""
        at = (counts.hour - (first - REACH_HOURS) + 1, counts.symbol)
        is_mood = counts.mood != UNKNOWN_MOOD
        shape = (REACH_HOURS + hours + 1, symbols)
        return cls(
            _summed(at, np.ones(len(counts.count), np.int32), shape),
            _summed(at, counts.count, shape),
            _summed(at, counts.count * counts.count, shape),
            _summed(at, np.where(is_mood, counts.mood, 0), shape),
            _summed(at, is_mood.astype(np.int32), shape),
        )

    def row_places(self, counts: Counts, first: int) -> Few:
        """[number, symbols]: which element is the sum of a symbol's first so many known hours."""
        at = (counts.hour - (first - REACH_HOURS) + 1, counts.symbol)
        shape = (int(self.known[-1].max(initial=0)) + 1, self.known.shape[1])
        return _placed((self.known[at], counts.symbol), at[0].astype(np.int32), shape)

    def _all(self) -> tuple[Any, ...]:
        return self.known, self.count, self.square, self.mood, self.moods

    def cut(self, begin: int, end: int) -> Prefixes:
        """A view of the elements from ``begin`` up to, but without, ``end``."""
        return Prefixes(*(one[begin:end] for one in self._all()))

    def at(self, places: Few) -> Prefixes:
        """One element per place ([hours, symbols]) out of its symbol's own."""
        return Prefixes(*(_own(one, places) for one in self._all()))


def _own(values: NDArray[Value], places: Few) -> NDArray[Value]:
    """Of each symbol's values ([any, symbols]) those at its places ([hours, symbols])."""
    symbols = values.shape[1]
    found: NDArray[Value] = values.ravel()[places * symbols + np.arange(symbols)]
    return found


def _summed(at: tuple[Ints, Ints], values: NDArray[Value], shape: tuple[int, int]) -> NDArray[Value]:
    found = _placed(at, values, shape)
    return np.cumsum(found, axis=0, dtype=found.dtype, out=found)


def _placed(at: tuple[Ints | Few, Ints], values: NDArray[Value], shape: tuple[int, int]) -> NDArray[Value]:
    grid = np.zeros(shape, dtype=values.dtype)
    grid[at] = values
    return grid


@dataclass(frozen=True)
class Window:
    """Sums over the known hours of one window, as [hours, symbols]."""

    begin: Prefixes
    end: Prefixes

    @cached_property
    def n(self) -> Ints:
        return self.end.known - self.begin.known

    @cached_property
    def total(self) -> Ints:
        return self.end.count - self.begin.count

    def mean(self) -> Floats:
        """Mean count; NaN where no hour is known."""
        return _ratio(self.total, self.n)

    def mood(self) -> Floats:
        """Mean of the known sentiments."""
        return _ratio((self.end.mood - self.begin.mood) / NANO, self.end.moods - self.begin.moods)

    def spread(self) -> Floats:
        """Standard deviation of the sample / mean; NaN for fewer than two hours, or none with tweets."""
        n, total, squares = self.n, self.total, self.end.square - self.begin.square
        variance = (n * squares - total * total).astype(np.float64)
        for place in zip(*np.nonzero(squares >= SAFE_SQUARES), strict=True):
            variance[place] = float(int(n[place]) * int(squares[place]) - int(total[place]) ** 2)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.sqrt(variance * n / (n - 1)) / total
        found[(n < 2) | (total == 0)] = np.nan
        return found


def _ratio(above: Ints | Floats, below: Ints | Floats) -> Floats:
    """NULL, that is NaN, for a divisor of 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.true_divide(above, below)
    found[below == 0] = np.nan
    return found


@dataclass(frozen=True)
class Block:
    """The metrics of all symbols and of the hours from ``first`` on, as [hours, symbols].

    :param hours_known: name of a column -> known hours of its window.
    :param figures: name of a column -> values; NaN is NULL.
    :param exists: where the last 336 hours hold a known one; elsewhere there is no row.
    """

    first: int
    exists: Flags
    hours_known: dict[str, Ints]
    figures: dict[str, Floats]


def blocks(counts: Counts, first: int, hours: int, symbols: int, most_hours: int) -> Iterator[Block]:
    """Metrics of ``hours`` hours from ``first`` (since 1970) on, a block of hours at a time.

    :param counts: the known hours from ``first - REACH_HOURS + 1`` on, none later than the last.
    """
    prefixes = Prefixes.over_hours(counts, first, hours, symbols)
    places = prefixes.row_places(counts, first)
    for offset in range(0, hours, most_hours):
        yield _block(prefixes, places, first, offset, min(most_hours, hours - offset))


def _block(prefixes: Prefixes, places: Few, first: int, offset: int, hours: int) -> Block:
    def back(by: int) -> Prefixes:
        begin = REACH_HOURS + 1 + offset - by
        return prefixes.cut(begin, begin + hours)

    now = back(0)
    is_known = now.known > back(1).known
    newest = Window(back(1), now)
    reach = Window(back(REACH_HOURS), now).n
    true_hours = {
        "1": Window(back(24), now),
        "1_previous": Window(back(48), back(24)),
        "7": Window(back(168), now),
        "7_previous": Window(back(336), back(168)),
        "14": Window(back(336), now),
    }
    of_rows = {
        number: Window(prefixes.at(_own(places, now.known - np.minimum(number, reach))), now)
        for number in (24, 48, 168, 336)
    }
    return Block(
        first + offset,
        true_hours["14"].n > 0,
        {f"hours_{name}": window.n for name, window in true_hours.items()},
        _true_hours(newest, true_hours) | _compat(newest, of_rows, is_known),
    )


def _true_hours(newest: Window, windows: dict[str, Window]) -> dict[str, Floats]:
    means = {name: window.mean() for name, window in windows.items()}
    count = newest.mean()
    return {
        "count": count,
        **{f"symbol_sma{name}": mean for name, mean in means.items()},
        "sma1_dif": _ratio(means["1"] - means["1_previous"], means["1_previous"]),
        "sma7_dif": _ratio(means["7"] - means["7_previous"], means["7_previous"]),
        "sma14_dif": _ratio(count - means["14"], count),
        "sentiment": newest.mood(),
        "sentiment_sma1": windows["1"].mood(),
        "sentiment_sma7": windows["7"].mood(),
        **{f"rsd_{name}": windows[name].spread() for name in ("1", "7", "14")},
    }


def _compat(newest: Window, rows: dict[int, Window], is_known: Flags) -> dict[str, Floats]:
    """Formulas of the job before this one: windows of rows, 0 for unknown; only where the hour is known."""
    means = {number: window.mean() for number, window in rows.items()}
    before = {
        "1": np.where(rows[48].n >= 24, means[48], 0.0),
        "7": np.where(rows[336].n >= 168, means[336], 0.0),
    }
    count = newest.mean()
    figures = {
        "symbol_sma1": means[24],
        "symbol_sma1_previous": before["1"],
        "symbol_sma7": means[168],
        "symbol_sma7_previous": before["7"],
        "symbol_sma14": means[336],
        "sma1_dif": _or_0(_ratio(means[24] - before["1"], before["1"])),
        "sma7_dif": _or_0(_ratio(means[168] - before["7"], before["7"])),
        # Tweets before and none now went to -infinity, and took the whole batch with it: NULL is the truth.
        "sma14_dif": np.where((count == 0) & (means[336] == 0), 0.0, _ratio(count - means[336], count)),
        "sentiment": _or_0(newest.mood()),
        "sentiment_sma1": _or_0(rows[24].mood()),
        "sentiment_sma7": _or_0(rows[168].mood()),
        "rsd_1": _or_0(rows[24].spread()),
        "rsd_7": _or_0(rows[168].spread()),
        "rsd_14": _or_0(rows[336].spread()),
    }
    return {f"{name}_compat": np.where(is_known, values, np.nan) for name, values in figures.items()}


def _or_0(values: Floats) -> Floats:
    return np.where(np.isnan(values), 0.0, values)
