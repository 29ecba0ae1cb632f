"""From what was observed to what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from regendata.alerts.alert import Alert, Kind
from regendata.exceptions import SettingsError

_GIBIBYTE = 1 << 30


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person.

    :param about: what is asked, and what holds until somebody answers.
    """

    subject: str
    about: str
    asked_at: datetime


@dataclass(frozen=True)
class Hole:
    """Numbers of a source that were asked for in vain.

    :param missing: how many numbers, such as slots.
    """

    source: str
    missing: int
    first_failed_at: datetime
    error: str


@dataclass(frozen=True)
class Disk:
    """A file system, in bytes."""

    path: str
    free: int
    total: int


def limits(text: str) -> dict[str, timedelta]:
    """Read ``grants=9,backup=30``: hours per thing that has to happen again and again.

    :raises SettingsError: it is written otherwise.
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, hours = part.partition("=")
        if not name.strip() or not hours.strip().isdecimal():
            raise SettingsError(f"REGENDATA_ALERT_LATE_HOURS must be like grants=9,backup=30, not {part!r}")
        found[name.strip()] = timedelta(hours=int(hours))
    return found


def late(
    last: Mapping[str, datetime], allowed: Mapping[str, timedelta], since: datetime | None, now: datetime
) -> Iterator[Alert]:
    """What did not happen for longer than allowed.

    :param last: when each thing happened last.
    :param since: when the warehouse was first in use; None before, when nothing is late yet. What never
        happened counts from here.
    """
    for name, limit in allowed.items():
        happened = last.get(name) or since
        if happened is not None and now - happened > limit:
            when = f"last {_ago(now - happened)} ago" if name in last else "never yet"
            yield Alert(
                Kind.LATE, name, f"{name}: {when}; every {_ago(limit)} at least is what it should be."
            )


def waiting(found: Iterable[Waiting], patience: timedelta, now: datetime) -> Iterator[Alert]:
    """What has waited for an answer for longer than patience."""
    for one in found:
        if now - one.asked_at > patience:
            since = f"Waits for an answer since {one.asked_at:%Y-%m-%d %H:%M} UTC."
            yield Alert(Kind.APPROVAL_WAITING, one.subject, f"{one.about} {since}")


def holes(found: Iterable[Hole], patience: timedelta, now: datetime) -> Iterator[Alert]:
    """Gaps that retries have not closed in time."""
    for one in found:
        if now - one.first_failed_at > patience:
            yield Alert(
                Kind.COVERAGE_HOLE,
                one.source,
                f"{one.missing} numbers of {one.source} are missing since "
                f"{one.first_failed_at:%Y-%m-%d %H:%M} UTC. Last error: {one.error}",
            )


def disks(found: Iterable[Disk], least_pct: int) -> Iterator[Alert]:
    """File systems with less room than asked for."""
    for one in found:
        if one.free * 100 < least_pct * one.total:
            room = f"{one.free / _GIBIBYTE:.1f} of {one.total / _GIBIBYTE:.1f} GiB"
            yield Alert(Kind.DISK, one.path, f"{one.path}: {room} are free, less than {least_pct} %.")


def _ago(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    return f"{hours:.0f} h" if hours >= 2 else f"{hours * 60:.0f} min"
