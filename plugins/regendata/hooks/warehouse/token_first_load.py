"""The first load of tweet counts, when it is a long one: millions of rows at once into empty tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TypeAlias

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
from regendata.sources.token_metrics.hours import Span

RAW, HOURS = (Relation("token_metrics", name) for name in ("tweetvolumeshours", "symbol_hours"))
#: Fewer rows come batch by batch, as do all beyond these: where a run breaks off, less than a minute is lost.
LEAST_ROWS, MOST_ROWS = 250_000, 5_000_000

#: Gives the rows of a span in binary COPY format.
Rows: TypeAlias = Callable[[Span], Iterable[bytes]]
_NOT_AT_ONCE = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.NotNullViolation,
    psycopg.errors.LockNotAvailable,
)
_COPY = f"COPY token_metrics.tweetvolumeshours ({COLUMNS}) FROM STDIN (FORMAT binary, FREEZE)"


def first_ones(found: Sequence[Batch]) -> list[Batch]:
    """The oldest batches, up to the rows that are loaded at once."""
    rows = accumulate(sum(hour.rows for hour in batch.hours) for batch in found)
    return [batch for batch, total in zip(found, rows, strict=True) if total <= MOST_ROWS]


def load_first(
    conn: PgConnection, oldest: Sequence[Batch], rows: Rows, cleaner: Cleaner, memory: str
) -> LoadedBatch | None:
    """All hours of these batches in one transaction, with all that is derived from them.

    :param rows: the source's rows of a span; gaps between batches have none.
    :returns: None where these are not the first rows or few, an id is missing or there twice, or somebody
        reads the empty tables.
    """
    hours = [hour for batch in oldest for hour in batch.hours]
    if sum(hour.rows for hour in hours) < LEAST_ROWS or not (is_empty(conn, RAW) and is_empty(conn, HOURS)):
        return None
    whole = Batch(hours, is_new=True)
    try:
        with conn.transaction():
            return _load(conn, whole, lambda: rows(whole.span), cleaner, memory)
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
