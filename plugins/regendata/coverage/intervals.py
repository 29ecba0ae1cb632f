"""Sets of whole numbers as sorted, disjoint, half-open intervals: millions of numbers, thousands of holes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from regendata.exceptions import BadIntervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Edges: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]

Pair: TypeAlias = tuple[int, int]


class Intervals:
    """An immutable set of integers.

    :param edges: int64, of even length and strictly ascending: begin, end, begin, end, ... Each end is the
        first number that is not in the set.
    """

    __slots__ = ("_edges",)

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    @classmethod
    def empty(cls) -> Intervals:
        return cls(np.empty(0, np.int64))

    @classmethod
    def of(cls, *pairs: Pair) -> Intervals:
        """From half-open pairs in any order, which may touch and overlap; empty ones add nothing.

        :raises BadIntervals: a pair ends before it begins.
        """
        return cls.from_pairs(pairs)

    @classmethod
    def from_pairs(cls, pairs: Iterable[Pair]) -> Intervals:
        """The same, from any iterable."""
        found = np.array(sorted(pairs), np.int64).reshape(-1, 2)
        begins, ends = found[:, 0], found[:, 1]
        if (ends < begins).any():
            raise BadIntervals(
                f"an interval ends before it begins: {tuple(found[ends < begins][0].tolist())}"
            )
        kept = ends > begins
        return cls._merged(begins[kept], ends[kept])

    @classmethod
    def from_values(cls, values: Iterable[int]) -> Intervals:
        """From single numbers, in any order, repeated or not."""
        begins = np.unique(np.fromiter(values, np.int64))
        return cls._merged(begins, begins + 1)

    @classmethod
    def _merged(cls, begins: Edges, ends: Edges) -> Intervals:
        """From intervals sorted by their begin: those that touch or overlap become one."""
        if not begins.size:
            return cls.empty()
        reached = np.maximum.accumulate(ends)
        apart = np.flatnonzero(begins[1:] > reached[:-1])
        edges = np.empty(2 * (apart.size + 1), np.int64)
        edges[0::2] = begins[np.concatenate(([0], apart + 1))]
        edges[1::2] = reached[np.concatenate((apart, [reached.size - 1]))]
        return cls(edges)

    @property
    def edges(self) -> Edges:
        """begin, end, begin, end, ...: not to be written to."""
        return self._edges

    def pairs(self) -> tuple[Pair, ...]:
        """``((begin, end), ...)``, ascending."""
        return tuple(zip(self._edges[0::2].tolist(), self._edges[1::2].tolist(), strict=True))

    @property
    def size(self) -> int:
        """How many numbers are in the set."""
        return int((self._edges[1::2] - self._edges[0::2]).sum())

    @property
    def span(self) -> Pair:
        """The smallest interval around all of them; (0, 0) around nothing."""
        return (int(self._edges[0]), int(self._edges[-1])) if self else (0, 0)

    def values(self) -> Iterator[int]:
        """Every number, ascending."""
        for begin, end in self.pairs():
            yield from range(begin, end)

    def __or__(self, other: Intervals) -> Intervals:
        return self._combined(other, np.logical_or)

    def __and__(self, other: Intervals) -> Intervals:
        return self._combined(other, np.logical_and)

    def __sub__(self, other: Intervals) -> Intervals:
        return self._combined(other, np.greater)

    def within(self, begin: int, end: int) -> Intervals:
        """The part of the set in ``[begin, end)``."""
        first, last = np.searchsorted(self._edges, (begin, end))
        inner = self._edges[first:last]
        head = [begin] if first % 2 and begin < end else []
        tail = [end] if last % 2 and begin < end else []
        edges = np.concatenate((np.array(head, np.int64), inner, np.array(tail, np.int64)))
        # An end of the set at ``begin`` makes an empty interval.
        return Intervals(edges[2:] if edges.size > 1 and edges[0] == edges[1] else edges)

    def counts(self, bounds: Sequence[int]) -> list[int]:
        """How many of the set are in each ``[bounds[i], bounds[i + 1])``; bounds ascend."""
        return [int(count) for count in np.diff(self.count_below(np.array(bounds, np.int64)))]

    def count_below(self, numbers: Edges) -> Edges:
        """For each number, how many of the set are smaller."""
        begins, ends = self._edges[0::2], self._edges[1::2]
        before: Edges = np.concatenate((np.zeros(1, np.int64), np.cumsum(ends - begins)))
        found = np.searchsorted(begins, numbers, side="left")
        # Of the last interval that begins below a number, a part may lie at the number or above it.
        last_ends = np.concatenate((np.zeros(1, np.int64), ends))[found]
        return before[found] - np.where(found > 0, np.maximum(0, last_ends - numbers), 0)

    def split(self, parts: int) -> tuple[Intervals, ...]:
        """At most ``parts`` sets that follow each other, equally large but for one number."""
        size = self.size
        parts = min(parts, size)
        if not parts:
            return ()
        bounds = size * np.arange(parts + 1) // parts
        begins, ends = self._at(bounds[:-1]), self._at(bounds[1:] - 1) + 1
        return tuple(self.within(begin, end) for begin, end in zip(begins, ends, strict=True))

    def ranked(self, first: int, last: int) -> Intervals:
        """The numbers from the ``first`` smallest one up to, and without, the ``last`` (counted from 0)."""
        if not 0 <= first < last <= self.size:
            return Intervals.empty()
        begin, final = self._at(np.array((first, last - 1), np.int64))
        return self.within(begin, final + 1)

    def _at(self, ranks: Edges) -> Edges:
        """The number that so many are smaller than, for each."""
        begins, ends = self._edges[0::2], self._edges[1::2]
        before: Edges = np.cumsum(ends - begins)
        found = np.searchsorted(before, ranks, side="right")
        return ends[found] - (before[found] - ranks)

    def __contains__(self, number: int) -> bool:
        return bool(np.searchsorted(self._edges, number, side="right") % 2)

    def __bool__(self) -> bool:
        return bool(self._edges.size)

    def __len__(self) -> int:
        """How many intervals, not how many numbers: see ``size``."""
        return self._edges.size // 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Intervals) and np.array_equal(self._edges, other._edges)

    def __hash__(self) -> int:
        return hash(self._edges.tobytes())

    def __repr__(self) -> str:
        return f"Intervals{self.pairs()!r}"

    def _combined(self, other: Intervals, keep: Callable[[Flags, Flags], Flags]) -> Intervals:
        """Every edge of either set, in order; those stay at which the wanted combination begins or ends."""
        # Two sorted runs: a stable sort merges them in one pass.
        points = np.sort(np.concatenate((self._edges, other._edges)), kind="stable")
        inside = keep(self._covers(points), other._covers(points))
        before = np.concatenate((np.zeros(1, bool), inside[:-1]))
        return Intervals(points[inside != before])

    def _covers(self, points: Edges) -> Flags:
        inside: Flags = np.searchsorted(self._edges, points, side="right") % 2 == 1
        return inside


def union(sets: Iterable[Intervals]) -> Intervals:
    """All of them together."""
    return reduce(or_, sets, Intervals.empty())
