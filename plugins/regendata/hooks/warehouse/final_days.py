"""Days of a source that are whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

from regendata.hooks.postgres import PgConnection


def open_days(conn: PgConnection, source: str, days: Iterable[date]) -> list[date]:
    """Those of the days that are not final yet, in order."""
    wanted = sorted(days)
    rows = conn.execute(
        "SELECT day FROM meta.final_day WHERE source = %s AND day = ANY(%s)", [source, wanted]
    ).fetchall()
    closed = {day for (day,) in rows}
    return [day for day in wanted if day not in closed]


def moment(conn: PgConnection) -> datetime:
    """Now, by the clock that stored hours are stamped with."""
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    return cast("datetime", row[0] if row else None)


def close(
    conn: PgConnection, source: str, day: date, relays: Sequence[str], slots: int, as_of: datetime
) -> None:
    """Note that a day is final.

    :param slots: covered slots, over all relays and endpoints.
    :param as_of: what is computed of the day counts whatever was stored by then.
    """
    conn.execute(
        "INSERT INTO meta.final_day (source, day, relays, slots, finalised_at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (source, day) DO UPDATE SET relays = excluded.relays, slots = excluded.slots, "
        "finalised_at = excluded.finalised_at",
        [source, day, list(relays), slots, as_of],
    )


def computed_again(conn: PgConnection, source: str, day: date, as_of: datetime) -> None:
    """Note that what is computed of a final day counts whatever was stored by a moment."""
    conn.execute(
        "UPDATE meta.final_day SET finalised_at = %s WHERE source = %s AND day = %s", [as_of, source, day]
    )
