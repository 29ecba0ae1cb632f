"""Whether a figure may be posted: at once, after a person's approval, or not at all."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

#: Builds after which readers have what the run found.
GREEN = ("published", "unchanged")
#: Days between posts that say how fast the figure grows.
TREND_POSTS = 14


@dataclass(frozen=True)
class Refresh:
    """The last refresh that has ended.

    :param failed_checks: names of failed checks about the card, of the build in use.
    """

    build_id: int
    state: str
    finished_at: datetime | None
    failed_checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Past:
    """A figure that was posted, or written to a file."""

    day: date
    figure: Decimal


@dataclass(frozen=True)
class Rules:
    """Limits of an operator."""

    max_age: timedelta
    off_trend_pct: int


@dataclass(frozen=True)
class Verdict:
    """Neither text is set: the post may go out."""

    refused: str | None = None
    question: str | None = None


def judge(
    figure: Decimal, day: date, now: datetime, refresh: Refresh | None, past: Sequence[Past], rules: Rules
) -> Verdict:
    """:param past: earlier days, oldest first."""
    refused = _refresh_at_fault(refresh, now, rules.max_age) or _fell(figure, past)
    return Verdict(refused) if refused else Verdict(question=_off_trend(figure, day, past, rules))


def _refresh_at_fault(refresh: Refresh | None, now: datetime, max_age: timedelta) -> str | None:
    if refresh is None:
        return "nothing was refreshed yet"
    if refresh.state not in GREEN:
        return f"the refresh is not green: build {refresh.build_id} is {refresh.state}"
    if refresh.finished_at is None or now - refresh.finished_at > max_age:
        ended = f"{refresh.finished_at:%Y-%m-%d %H:%M} UTC" if refresh.finished_at else "never"
        hours = max_age.total_seconds() / 3600
        return f"the refresh is stale: it ended {ended}, more than {hours:g} hours ago"
    if refresh.failed_checks:
        return f"checks of build {refresh.build_id} failed: {', '.join(refresh.failed_checks)}"
    return None


def _fell(figure: Decimal, past: Sequence[Past]) -> str | None:
    if past and figure < past[-1].figure:
        return f"the figure fell from {past[-1].figure:,.2f} on {past[-1].day} to {figure:,.2f}"
    return None


def _off_trend(figure: Decimal, day: date, past: Sequence[Past], rules: Rules) -> str | None:
    """The trend is the median rise per day of recent posts, on from the last one."""
    if not past:
        return None
    last, days = past[-1], (day - past[-1].day).days
    expected = last.figure + daily_rise(past) * days
    limit = abs(expected) * rules.off_trend_pct / 100
    if abs(figure - expected) <= limit:
        return None
    return (
        f"{figure:,.2f} is more than {rules.off_trend_pct} % off the trend: "
        f"{expected:,.2f} after {last.figure:,.2f} on {last.day}"
    )


def daily_rise(past: Sequence[Past]) -> Decimal:
    """Median over the gaps between recent posts; 0 with fewer than two."""
    recent = past[-TREND_POSTS:]
    rises = [
        (later.figure - earlier.figure) / max(1, (later.day - earlier.day).days)
        for earlier, later in pairwise(recent)
    ]
    return statistics.median(rises) if rises else Decimal(0)
