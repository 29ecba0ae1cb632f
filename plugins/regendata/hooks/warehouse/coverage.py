"""The ledger of what was proved fetched: covered, unknown, or never asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from regendata.coverage import multirange
from regendata.coverage.intervals import Intervals, Pair
from regendata.hooks.postgres import PgConnection

_ADD = """
INSERT INTO meta.coverage AS known (source, endpoint, relay, covered)
VALUES (%(source)s, %(endpoint)s, %(relay)s, %(slots)s::int8multirange)
ON CONFLICT (source, endpoint, relay) DO UPDATE
SET covered = known.covered + excluded.covered, updated_at = clock_timestamp()
WHERE NOT known.covered @> excluded.covered
"""
_KNOWN_NOW = """
UPDATE meta.coverage_unknown SET slots = slots - %(slots)s::int8multirange
WHERE source = %(source)s AND endpoint = %(endpoint)s AND relay = %(relay)s
  AND slots && %(slots)s::int8multirange
"""
_FORGET_EMPTY = """
DELETE FROM meta.coverage_unknown
WHERE source = %(source)s AND endpoint = %(endpoint)s AND relay = %(relay)s AND isempty(slots)
"""
# Whoever covered a slot meanwhile knows better. Slots that failed before keep the time of their first one.
_MARK_UNKNOWN = """
WITH failed AS (
  SELECT %(slots)s::int8multirange - coalesce((
    SELECT covered FROM meta.coverage
    WHERE source = %(source)s AND endpoint = %(endpoint)s AND relay = %(relay)s
  ), '{}') AS slots
)
INSERT INTO meta.coverage_unknown (source, endpoint, relay, slots, error, first_failed_at)
SELECT %(source)s, %(endpoint)s, %(relay)s, failed.slots, %(error)s, coalesce((
  SELECT min(first_failed_at) FROM meta.coverage_unknown AS known
  WHERE known.source = %(source)s AND known.endpoint = %(endpoint)s AND known.relay = %(relay)s
    AND known.slots && failed.slots
), clock_timestamp())
FROM failed WHERE NOT isempty(failed.slots)
RETURNING unknown_id
"""
_ONLY_NEWEST = """
UPDATE meta.coverage_unknown AS known SET slots = known.slots - newest.slots
FROM meta.coverage_unknown AS newest
WHERE newest.unknown_id = %(newest)s AND known.unknown_id <> newest.unknown_id
  AND (known.source, known.endpoint, known.relay) = (newest.source, newest.endpoint, newest.relay)
  AND known.slots && newest.slots
"""
# Covering and failing the same slots at the same time would each miss what the other writes.
_LOCK = """
SELECT pg_advisory_xact_lock(
  hashtext('regendata coverage'),
  hashtext(concat_ws('/', %(source)s::text, %(endpoint)s::text, %(relay)s::text))
)
"""


class CoverageKey(NamedTuple):
    """Whose coverage: for relays ``("mev_boost", "bids", "flashbots")``."""

    source: str
    endpoint: str
    relay: str


@dataclass(frozen=True)
class Unknown:
    """Numbers that were asked for in vain."""

    key: CoverageKey
    slots: Intervals
    error: str
    first_failed_at: datetime
    failed_at: datetime


def add(
    cursor: psycopg.Cursor[Any] | PgConnection, key: CoverageKey, covered: Intervals | Iterable[Pair]
) -> None:
    """Note what is proved and stored; what is covered is unknown no more.

    Call it in the transaction that stores the rows, or after it. Adding twice, or in another order, makes no
    difference.
    """
    slots = covered if isinstance(covered, Intervals) else Intervals.from_pairs(covered)
    if not slots:
        return
    values = _values(key, slots)
    for statement in (_LOCK, _ADD, _KNOWN_NOW, _FORGET_EMPTY):
        cursor.execute(statement, values)


def mark_unknown(conn: PgConnection, key: CoverageKey, failed: Intervals, error: str) -> None:
    """Note what was asked for in vain, with the last error; what is covered stays covered."""
    if not failed:
        return
    values = _values(key, failed)
    with conn.transaction():
        conn.execute(_LOCK, values)
        row = conn.execute(_MARK_UNKNOWN, {**values, "error": error[:500]}).fetchone()
        if row is not None:
            conn.execute(_ONLY_NEWEST, {"newest": row[0]})
        conn.execute(_FORGET_EMPTY, values)


def covered(conn: PgConnection, key: CoverageKey, within: Pair) -> Intervals:
    """What is proved of the numbers in ``[begin, end)``."""
    row = conn.execute(
        "SELECT (covered * int8multirange(int8range(%s, %s)))::text FROM meta.coverage "
        "WHERE source = %s AND endpoint = %s AND relay = %s",
        [*within, *key],
    ).fetchone()
    return multirange.loads(row[0]) if row else Intervals.empty()


def end(conn: PgConnection, source: str, endpoint: str) -> int:
    """The first number after all that is proved of any relay; 0 where nothing is."""
    row = conn.execute(
        "SELECT coalesce(max(upper(covered)), 0) FROM meta.coverage WHERE source = %s AND endpoint = %s",
        [source, endpoint],
    ).fetchone()
    return int(row[0]) if row else 0


def unknown(conn: PgConnection, source: str) -> list[Unknown]:
    """What is unknown at present, oldest failure first."""
    rows = conn.execute(
        "SELECT source, endpoint, relay, slots::text, error, first_failed_at, failed_at "
        "FROM meta.coverage_unknown WHERE source = %s ORDER BY first_failed_at, unknown_id",
        [source],
    ).fetchall()
    return [Unknown(CoverageKey(*row[:3]), multirange.loads(row[3]), *row[4:]) for row in rows]


def _values(key: CoverageKey, slots: Intervals) -> dict[str, str]:
    return {**key._asdict(), "slots": multirange.dumps(slots)}
