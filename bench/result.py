"""What a comparison found: figures beside their targets, tables and remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.measure import Timings


@dataclass(frozen=True)
class Target:
    """A limit that a figure should keep."""

    limit: float
    at_least: bool

    def is_met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


def at_least(limit: float) -> Target:
    return Target(limit, at_least=True)


def at_most(limit: float) -> Target:
    return Target(limit, at_least=False)


@dataclass(frozen=True)
class Line:
    """One figure of a comparison.

    :param baseline, ours: what was measured on either side, as text.
    :param unit: behind the figure and its limit, such as ``x`` or `` s``.
    """

    name: str
    baseline: str
    ours: str
    value: float
    unit: str
    target: Target | None = None

    @property
    def is_met(self) -> bool | None:
        """None without a target."""
        return None if self.target is None else self.target.is_met(self.value)


@dataclass(frozen=True)
class Table:
    """Details of a comparison, printed below the figures."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Result:
    """All that one comparison found.

    :param samples: every single measurement, for the JSON file.
    :param notes: what a reader has to know to judge the figures.
    """

    lines: Sequence[Line]
    samples: Mapping[str, Any]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = field(default=())


def ratio(name: str, baseline: Timings, ours: Timings, target: Target | None) -> Line:
    """How many times faster ours is, by the medians."""
    return Line(name, str(baseline), str(ours), baseline.median / ours.median, "x", target)


def samples(timings: Mapping[str, Timings]) -> dict[str, list[float]]:
    """Seconds per side, as JSON takes them."""
    return {name: [round(second, 4) for second in found.seconds] for name, found in timings.items()}
