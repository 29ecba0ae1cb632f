"""The first load of tweet counts, when it is a long one: everything at once into empty tables."""

from __future__ import annotations

import psycopg

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.filling import filling, is_empty
from regendata.hooks.warehouse.side_by_side import set_work_mem
from regendata.hooks.warehouse.token_derived import bounds_of, derive_first
from regendata.hooks.warehouse.token_hours import (
    COLUMNS,
    Batch,
    Data,
    LoadedBatch,
    clean_new,
    copy_in,
    write_source_hours,
)
from regendata.models.relation import Relation
from regendata.sources.token_metrics.cleaning import Cleaner

RAW, HOURS = (Relation("token_metrics", name) for name in ("tweetvolumeshours", "symbol_hours"))
#: Fewer rows come batch by batch, as do all later ones: what was landed stays where a run breaks off.
LEAST_ROWS = 250_000

_NOT_AT_ONCE = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.NotNullViolation,
    psycopg.errors.LockNotAvailable,
)
_COPY = f"COPY token_metrics.tweetvolumeshours ({COLUMNS}) FROM STDIN (FORMAT binary, FREEZE)"


def load_first(
    conn: PgConnection, batch: Batch, data: Data, cleaner: Cleaner, memory: str
) -> LoadedBatch | None:
    """All hours in one transaction, with all that is derived from them.

    :param batch: everything the source holds, gaps and all.
    :returns: None where these are not the first rows or few, an id is missing or there twice, or somebody
        reads the empty tables.
    """
    if sum(hour.rows for hour in batch.hours) < LEAST_ROWS or not (
        is_empty(conn, RAW) and is_empty(conn, HOURS)
    ):
        return None
    try:
        with conn.transaction():
            return _load(conn, batch, data, cleaner, memory)
    except _NOT_AT_ONCE:
        return None


def _load(conn: PgConnection, batch: Batch, data: Data, cleaner: Cleaner, memory: str) -> LoadedBatch:
    set_work_mem(conn, memory)
    with filling(conn, RAW, memory):
        rows = copy_in(conn, _COPY, data)
    clean_new(conn, bounds_of(batch.span), cleaner)
    with filling(conn, HOURS, memory):
        derive_first(conn, batch.span)
    write_source_hours(conn, batch)
    return LoadedBatch(rows, rows)
