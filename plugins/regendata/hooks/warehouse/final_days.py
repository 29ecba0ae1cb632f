"""Days of a source that are whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from regendata.hooks.postgres import PgConnection


def open_days(conn: PgConnection, source: str, days: Iterable[date]) -> list[date]:
    """Those of the days that are not final yet, in order."""
    wanted = sorted(days)
    closed = set(closed_days(conn, source, wanted))
    return [day for day in wanted if day not in closed]


def closed_days(conn: PgConnection, source: str, days: Iterable[date]) -> list[date]:
    """Those of the days that are final, in order."""
    rows = conn.execute(
        "SELECT day FROM meta.final_day WHERE source = %s AND day = ANY(%s) ORDER BY day",
        [source, list(days)],
    ).fetchall()
    return [day for (day,) in rows]


def close(conn: PgConnection, source: str, day: date, relays: Sequence[str], slots: int) -> None:
    """Note that a day is final.

    :param slots: covered slots, over all relays and endpoints.
    """
    conn.execute(
        "INSERT INTO meta.final_day (source, day, relays, slots) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (source, day) DO UPDATE SET relays = excluded.relays, slots = excluded.slots",
        [source, day, list(relays), slots],
    )
