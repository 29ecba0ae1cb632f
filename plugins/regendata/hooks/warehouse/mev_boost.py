"""Bids and payloads in the warehouse: days as partitions, hours replaced as a whole, a list of objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from psycopg import sql

from regendata.coverage import multirange
from regendata.coverage.intervals import Intervals, Pair
from regendata.coverage.slots import slots_of
from regendata.hooks.bigquery_warehouse import Job
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.coverage import CoverageKey
from regendata.hooks.warehouse.mev_days import partition_of, rows_of
from regendata.sources.mev_boost.blocks import COPY_FORMAT, Block, as_copy
from regendata.sources.mev_boost.days import DAY_TABLES, SCHEMA, day_columns, day_step
from regendata.sources.mev_boost.objects import Unit

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "mev_boost"
_RECORD = """
INSERT INTO mev_boost.stored_hours AS known
  (endpoint, relay, hour, object_uri, sha256, row_count, byte_count, undated_rows)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (hour, endpoint, relay) DO UPDATE SET object_uri = excluded.object_uri, sha256 = excluded.sha256,
  row_count = excluded.row_count, byte_count = excluded.byte_count, undated_rows = excluded.undated_rows,
  stored_at = clock_timestamp()
"""
_WRITE_BLOCKS = """
INSERT INTO mev_boost.blocks AS known (number, hash, timestamp, extra_data) VALUES (%s, %s, %s, %s)
ON CONFLICT (number) DO UPDATE SET hash = excluded.hash, timestamp = excluded.timestamp,
  extra_data = excluded.extra_data, changed_at = clock_timestamp()
WHERE (known.hash, known.timestamp, known.extra_data)
  IS DISTINCT FROM (excluded.hash, excluded.timestamp, excluded.extra_data)
"""
_STORED = """
SELECT endpoint, relay, hour, object_uri, sha256, row_count, byte_count, undated_rows
FROM mev_boost.stored_hours
"""
# Two runs that close the same day would insert its rows twice.
_DAY_ALONE = "SELECT pg_advisory_xact_lock(hashtext('regendata mev_boost day'), hashtext(%s))"
_BLOCKS_ALONE = "SELECT pg_advisory_xact_lock(hashtext('regendata mev_boost'), hashtext('blocks'))"
# A block that was reorganised away may belong to the hour before or after.
_STALE = """
SELECT stored.endpoint, stored.relay, stored.hour FROM mev_boost.stored_hours AS stored
WHERE stored.hour >= %(first)s AND stored.hour < %(end)s AND EXISTS (
  SELECT FROM mev_boost.blocks AS block
  WHERE block.timestamp >= to_timestamp(stored.hour * 3600 - 600)
    AND block.timestamp < to_timestamp(stored.hour * 3600 + 4200)
    AND block.changed_at > stored.stored_at
)
ORDER BY stored.hour, stored.endpoint, stored.relay
"""


_OUTDATED = """
SELECT final.day FROM meta.final_day AS final
WHERE final.source = %(source)s AND final.day = ANY(%(days)s) AND EXISTS (
  SELECT FROM mev_boost.stored_hours AS stored
  WHERE stored.hour >= (final.day - date '1970-01-01') * 24
    AND stored.hour < (final.day - date '1970-01-01' + 1) * 24
    AND stored.stored_at > final.finalised_at
)
ORDER BY final.day
"""


@dataclass(frozen=True)
class StoredHour:
    """An hour that is stored: its object, and how many of its rows wait for their block."""

    unit: Unit
    uri: str
    sha256: str
    rows: int
    bytes: int
    undated: int = 0


@contextmanager
def exclusively(conn: PgConnection, unit: Unit) -> Iterator[None]:
    """One writer of an hour at a time; overlapping runs wait for each other here."""
    name = [str(unit)]
    conn.execute("SELECT pg_advisory_lock(hashtext('regendata mev_boost'), hashtext(%s))", name)
    try:
        yield
    finally:
        if not conn.broken:
            conn.execute("SELECT pg_advisory_unlock(hashtext('regendata mev_boost'), hashtext(%s))", name)


def coverage_key(unit: Unit) -> CoverageKey:
    """Where the unit's slots stand in the ledger."""
    return CoverageKey(SOURCE, unit.endpoint, unit.relay)


def covered_slots(conn: PgConnection, unit: Unit) -> Intervals:
    """Slots of the hour that are proved fetched and stored."""
    row = conn.execute(
        "SELECT (covered * int8multirange(int8range(%s, %s)))::text FROM meta.coverage "
        "WHERE source = %s AND endpoint = %s AND relay = %s",
        [*slots_of(unit.hour), *coverage_key(unit)],
    ).fetchone()
    return multirange.loads(row[0]) if row else Intervals.empty()


def replace_hour(conn: PgConnection, unit: Unit, table: pa.Table) -> None:
    """Put these rows in place of the hour's; part of the caller's transaction.

    :param table: columns of the warehouse, in order.
    """
    partition = sql.Identifier(*partition_of(unit.endpoint, unit.hour))
    # An hour that is not on the list has no rows: nothing is looked for among those of the other relays.
    if stored_hour(conn, unit) is not None:
        delete = sql.SQL("DELETE FROM {} WHERE relay = %s AND slot >= %s AND slot < %s").format(partition)
        conn.execute(delete, [unit.relay, *slots_of(unit.hour)])
    if not table.num_rows:
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
    copy_in = sql.SQL("COPY {} ({}) FROM STDIN ({})").format(partition, columns, sql.SQL(COPY_FORMAT))
    with conn.cursor() as cursor, cursor.copy(copy_in) as copy:
        for piece in as_copy(table):
            copy.write(piece)


def read_along_with_blocks(conn: PgConnection) -> None:
    """Until the transaction ends nobody changes blocks: who dates rows by them knows which came later."""
    conn.execute("SELECT pg_advisory_xact_lock_shared(hashtext('regendata mev_boost'), hashtext('blocks'))")


def record_hour(conn: PgConnection, hour: StoredHour) -> None:
    """Note where the hour stands; part of the caller's transaction."""
    unit = hour.unit
    conn.execute(
        _RECORD,
        [unit.endpoint, unit.relay, unit.hour, hour.uri, hour.sha256, hour.rows, hour.bytes, hour.undated],
    )


def blocks_of(conn: PgConnection, numbers: Sequence[int]) -> list[Block]:
    """Those of the blocks that are known yet."""
    rows = conn.execute(
        "SELECT number, hash, timestamp FROM mev_boost.blocks WHERE number = ANY(%s)", [list(numbers)]
    ).fetchall()
    return [Block(*row) for row in rows]


def write_blocks(conn: PgConnection, blocks: Sequence[Block]) -> int:
    """Add blocks, or put them in place of those that were reorganised away.

    :returns: how many are new or changed.
    """
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute(_BLOCKS_ALONE)
        cursor.executemany(
            _WRITE_BLOCKS, [(one.number, one.hash, one.timestamp, one.extra_data) for one in blocks]
        )
        return cursor.rowcount


def stale_hours(conn: PgConnection, hours: Pair) -> list[Unit]:
    """Stored hours of a span for which blocks came, or were replaced, since they were loaded."""
    first, end = hours
    return [Unit(*row) for row in conn.execute(_STALE, {"first": first, "end": end}).fetchall()]


def outdated_days(conn: PgConnection, days: Sequence[date]) -> list[date]:
    """Those of the days that are final and had hours stored again since they were computed."""
    rows = conn.execute(_OUTDATED, {"source": SOURCE, "days": list(days)}).fetchall()
    return [day for (day,) in rows]


def compute_day(conn: PgConnection, day: date) -> None:
    """Write the statistics of a UTC day anew, in one transaction."""
    with conn.transaction():
        conn.execute(_DAY_ALONE, [str(day)])
        for name in DAY_TABLES:
            conn.execute(sql.SQL("DELETE FROM {} WHERE day = %s").format(sql.Identifier(SCHEMA, name)), [day])
            conn.execute(_insert_day(name, day))


def _insert_day(name: str, day: date) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, day_columns(name)))
    # The SELECT is a file of this repository.
    return sql.SQL("INSERT INTO {} ({columns}) WITH {day} SELECT {columns} FROM ({step}) AS computed").format(
        sql.Identifier(SCHEMA, name), columns=columns, day=rows_of(day), step=sql.SQL(day_step(name))
    )


def write_signatures(conn: PgConnection, signatures: Mapping[str, str]) -> None:
    """Put what builders sign with in place of what is known; nothing is written while it is the same."""
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('regendata mev_boost'), hashtext('signatures'))")
        found = conn.execute("SELECT signature, builder_name FROM mev_boost.builder_signatures").fetchall()
        if dict(found) == signatures:
            return
        conn.execute("DELETE FROM mev_boost.builder_signatures")
        with conn.cursor() as cursor:
            cursor.executemany("INSERT INTO mev_boost.builder_signatures VALUES (%s, %s)", signatures.items())


def stored_hour(conn: PgConnection, unit: Unit) -> StoredHour | None:
    """What is known of an hour; None if it is not stored."""
    row = conn.execute(
        _STORED + "WHERE endpoint = %s AND relay = %s AND hour = %s", [unit.endpoint, unit.relay, unit.hour]
    ).fetchone()
    return None if row is None else _stored(row)


def _stored(row: Sequence[Any]) -> StoredHour:
    return StoredHour(Unit(*row[:3]), *row[3:])


def undated_rows(conn: PgConnection, hours: Pair) -> int:
    """Rows of a span that wait for their block."""
    row = conn.execute(
        "SELECT coalesce(sum(undated_rows), 0)::bigint FROM mev_boost.stored_hours "
        "WHERE hour >= %s AND hour < %s",
        hours,
    ).fetchone()
    return int(row[0]) if row else 0


def record_jobs(conn: PgConnection, jobs: Iterable[Job]) -> None:
    """Note what jobs of BigQuery cost."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO mev_boost.bigquery_jobs (job_id, kind, endpoint, hours, bytes_billed, seconds) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [(job.job_id, job.kind, job.table, job.hours, job.bytes_billed, job.seconds) for job in jobs],
        )
