"""Rows, amounts and newest timestamps against what is published: the whole relation, and group by group."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from regendata.models.checks import Change, GroupTotals, NeverOlder
from regendata.publish.checks import partitions
from regendata.publish.checks.partitions import Partition, Partitions
from regendata.publish.checks.scan import Group
from regendata.publish.checks.verdict import SAMPLES, Finding

Measure = Literal["rows", "usd"]
#: Groups that a figure names; the samples hold more.
_NAMED = 3
#: Percent; sums of floating-point numbers in another order differ by less.
_TOLERANCE_PCT = 1e-7


@dataclass(frozen=True)
class Breach:
    """One group that changed more than allowed."""

    key: Partition
    measure: Measure
    now: float
    before: float

    @property
    def change_pct(self) -> float:
        return change_pct(self.now, self.before)

    def __str__(self) -> str:
        where = partitions.shown(self.key)
        return f"{where}: {self.measure} {described(self.now, self.before)}"

    def facts(self) -> dict[str, Any]:
        """The breach as a sample."""
        figures = {"measure": self.measure, "now": self.now, "published": self.before}
        return {**self.key, **figures, "change_pct": round(self.change_pct, 2)}


def change_pct(now: float, before: float) -> float:
    """Change in percent of what was there; from nothing it counts as none."""
    return 0.0 if before <= 0 else (now - before) / before * 100


def described(now: float, before: float) -> str:
    """A change in words."""
    change = change_pct(now, before)
    return f"{now:,.2f} after {before:,.2f} published: {abs(change):.2f} % {'more' if change > 0 else 'less'}"


def within(change: float, fall_pct: float | None, rise_pct: float | None) -> bool:
    """Whether a change in percent is allowed; NaN never is."""
    least = -float("inf") if fall_pct is None else -fall_pct - _TOLERANCE_PCT
    most = float("inf") if rise_pct is None else rise_pct + _TOLERANCE_PCT
    return least <= change <= most


def judge_change(rule: Change, measure: Measure, now: float, before: float, statement: str) -> Finding:
    """Rows or amount of the whole relation."""
    limits = (rule.limit_pct, None) if rule.direction == "fall" else (None, rule.limit_pct)
    word = "less" if rule.direction == "fall" else "more"
    passed = within(change_pct(now, before), *limits)
    return Finding(passed, described(now, before), f"at most {rule.limit_pct:g} % {word}", statement)


def judge_groups(
    rule: GroupTotals,
    now: Mapping[str, Group],
    before: Mapping[str, Group],
    left_out: Partitions,
    statement: str,
) -> Finding:
    """Every published group; groups that are new have nothing to be compared with."""
    judged = [(key, group) for key, group in before.items() if not partitions.holds(left_out, group.key)]
    pairs = [(now.get(key, Group(group.key, 0)), group) for key, group in judged]
    worst = [max(found, key=_size) for found in (_breaches(rule, *pair) for pair in pairs) if found]
    limits = [
        f"{limit:g} % {word}"
        for limit, word in ((rule.max_fall_pct, "less"), (rule.max_rise_pct, "more"))
        if limit is not None
    ]
    named = [_Named(str(one), one.facts()) for one in sorted(worst, key=_size, reverse=True)]
    return _finding(named, len(judged), limits, statement)


def judge_newest(
    rule: NeverOlder,
    now: Mapping[str, Group],
    before: Mapping[str, Group],
    left_out: Partitions,
    statement: str,
) -> Finding:
    """The newest timestamp of every published group that has one."""
    judged = [
        (group, now.get(key, Group(group.key, 0)).newest)
        for key, group in before.items()
        if group.newest is not None and not partitions.holds(left_out, group.key)
    ]
    older = [
        _Named(
            f"{partitions.shown(group.key)}: newest {newest} after {group.newest} published",
            {**group.key, "newest": str(newest), "published": str(group.newest)},
        )
        for group, newest in judged
        if newest is None or (group.newest is not None and newest < group.newest)
    ]
    return _finding(older, len(judged), ["as old as published"], statement)


@dataclass(frozen=True)
class _Named:
    """A group that breaks a rule, in words and as a sample."""

    text: str
    sample: dict[str, Any]


def _breaches(rule: GroupTotals, now: Group, before: Group) -> list[Breach]:
    found: list[tuple[Measure, float, float, float]] = [
        ("rows", float(now.rows), float(before.rows), rule.floor_rows)
    ]
    if before.amount is not None:
        found.append(("usd", now.amount or 0.0, before.amount, rule.floor_amount))
    return [
        Breach(before.key, measure, new, old)
        for measure, new, old, floor in found
        if (now.rows == 0 or not abs(new - old) < floor)
        and not within(change_pct(new, old), rule.max_fall_pct, rule.max_rise_pct)
    ]


def _size(breach: Breach) -> float:
    """How bad a breach is; NaN is worst."""
    size = abs(breach.change_pct)
    return float("inf") if math.isnan(size) else size


def _finding(named: list[_Named], judged: int, expected: list[str], statement: str) -> Finding:
    texts = [one.text for one in named[:_NAMED]]
    more = [f"and {len(named) - _NAMED} more"] if len(named) > _NAMED else []
    figure = f"{len(named)} of {judged} groups" + (f": {'; '.join([*texts, *more])}" if named else "")
    samples = tuple(one.sample for one in named[:SAMPLES])
    return Finding(not named, figure, f"each at most {' and '.join(expected)}", statement, samples)
