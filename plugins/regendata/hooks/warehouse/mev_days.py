"""Days of MEV-Boost in the warehouse: a partition each, made when its first hour is stored."""

from __future__ import annotations

from datetime import date, datetime, timezone

from psycopg import sql

from regendata.coverage.intervals import Pair
from regendata.coverage.slots import DAY_HOURS, first_slot_from
from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.sources.mev_boost.days import SCHEMA, first_hour
from regendata.sources.mev_boost.rows import Endpoint, Hour

_DAY_S = 86_400
#: What the steps of a day read. Bounds are constants: only so the planner knows which partition it is.
_ROWS = sql.SQL("""
wanted_day AS (SELECT {day}::date AS day),
day_payloads AS NOT MATERIALIZED (
  SELECT *, CASE WHEN value < 10::numeric ^ 24 THEN value END AS summed_value
  FROM mev_boost.payloads WHERE slot >= {begin} AND slot < {end}
),
day_bids AS NOT MATERIALIZED (SELECT * FROM mev_boost.bids WHERE slot >= {begin} AND slot < {end}),
day_blocks AS NOT MATERIALIZED (SELECT * FROM mev_boost.blocks)
""")


def day_slots(hour: Hour) -> Pair:
    """Slots of the UTC day around an hour, half-open: the bounds of its partition."""
    midnight = hour // DAY_HOURS * _DAY_S
    return first_slot_from(midnight), first_slot_from(midnight + _DAY_S)


def partition_of(endpoint: Endpoint, hour: Hour) -> Relation:
    """The partition of a day, such as ``mev_boost.bids_20240409``."""
    day = datetime.fromtimestamp(hour * 3_600, timezone.utc)
    return Relation(SCHEMA, f"{endpoint}_{day:%Y%m%d}")


def rows_of(day: date) -> sql.Composed:
    """What the steps of a UTC day read, as the list of a WITH; a value counts below a million ether."""
    begin, end = map(sql.Literal, day_slots(first_hour(day)))
    return _ROWS.format(day=sql.Literal(day), begin=begin, end=end)


def ensure_partition(conn: PgConnection, endpoint: Endpoint, hour: Hour) -> None:
    """Make the partition of a day if there is none. Readers of other days do not wait for it."""
    partition = partition_of(endpoint, hour)
    if _exists(conn, partition):
        return
    with conn.transaction():
        conn.execute(
            "SELECT pg_advisory_xact_lock(hashtext('regendata mev_boost'), hashtext(%s))", [endpoint]
        )
        if _exists(conn, partition):
            return
        names = {"parent": sql.Identifier(SCHEMA, endpoint), "day": sql.Identifier(*partition)}
        conn.execute(sql.SQL("CREATE TABLE {day} (LIKE {parent} INCLUDING ALL)").format(**names))
        if endpoint == "bids":
            conn.execute(sql.SQL("CREATE INDEX ON {day} (slot)").format(**names))
        # CREATE TABLE ... PARTITION OF would lock out all readers of the table; attaching does not.
        begin, end = map(sql.Literal, day_slots(hour))
        attach = sql.SQL("ALTER TABLE {parent} ATTACH PARTITION {day} FOR VALUES FROM ({begin}) TO ({end})")
        conn.execute(attach.format(**names, begin=begin, end=end))


def _exists(conn: PgConnection, relation: Relation) -> bool:
    # to_regclass would answer from a cache that waiting for an advisory lock does not refresh.
    row = conn.execute(
        "SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = %s",
        list(relation),
    ).fetchone()
    return row is not None
