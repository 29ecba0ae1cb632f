"""Which backups stay: the newest of each of the last days, and of each of the last weeks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta

from regendata.backups.keys import BackupId, Found

#: A dump that has no manifest after so long is not being written any more.
ABANDONED = timedelta(days=1)


def outdated(found: Found, daily: int, weekly: int, now: datetime) -> list[BackupId]:
    """Backups to remove.

    Days and weeks count only where there is a backup: while none is made, none is removed.

    :param daily: days of which the newest backup stays, at least 1.
    :param weekly: ISO weeks of which the newest backup stays.
    """
    kept = _newest(found.complete, daily, lambda one: one.taken_at.date())
    kept |= _newest(found.complete, weekly, lambda one: one.taken_at.isocalendar()[:2])
    abandoned = [one for one in found.incomplete if now - one.taken_at > ABANDONED]
    return sorted({*found.complete, *abandoned} - kept)


def _newest(
    backups: Sequence[BackupId], periods: int, period: Callable[[BackupId], Hashable]
) -> set[BackupId]:
    newest = {period(one): one for one in sorted(backups)}
    return set(sorted(newest.values())[-periods:]) if periods else set()
