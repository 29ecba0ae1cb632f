"""Hours of the source: which ones changed, and in which batches they are fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

HOUR = 3_600
#: A row's metrics look this many hours back, the row's own included; so far reaches a changed count as well.
REACH_HOURS = 360


@dataclass(frozen=True, order=True)
class Span:
    """Seconds since 1970 from ``begin`` up to, but without, ``end``; both full hours."""

    begin: int
    end: int

    @property
    def hours(self) -> int:
        return (self.end - self.begin) // HOUR


@dataclass(frozen=True)
class SourceHour:
    """What the source holds of one hour: rows, and a hash of them in whatever order."""

    timestamp: int
    rows: int
    fingerprint: str


def hour_of(moment: datetime) -> int:
    """Start of the moment's hour, in seconds since 1970.

    :param moment: with its time zone.
    """
    return int(moment.timestamp()) // HOUR * HOUR


def changed_hours(
    source: Iterable[SourceHour], landed: Mapping[int, str], is_forced: bool = False
) -> list[SourceHour]:
    """Hours the source holds otherwise than they were landed, oldest first.

    Hours that are gone from the source stay landed: what was counted does not become untrue.

    :param landed: fingerprint by hour.
    :param is_forced: take every hour of the source.
    """
    return sorted(
        (hour for hour in source if is_forced or landed.get(hour.timestamp) != hour.fingerprint),
        key=lambda hour: hour.timestamp,
    )


def batches(hours: Iterable[int], most_hours: int) -> Iterator[Span]:
    """Spans that cover all ``hours`` (ascending), each at most ``most_hours`` long and without a gap.

    They are cut at multiples of ``most_hours``, so that batches of 24 hours are days.
    """
    begin = last = None
    for hour in hours:
        if begin is None or last is None:
            begin = hour
        elif hour > last + HOUR or hour % (most_hours * HOUR) == 0:
            yield Span(begin, last + HOUR)
            begin = hour
        last = hour
    if begin is not None and last is not None:
        yield Span(begin, last + HOUR)
