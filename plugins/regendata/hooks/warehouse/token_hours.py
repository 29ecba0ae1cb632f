"""Raw rows of tweet counts as the source holds them, cleaned, each batch with all that is derived from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.side_by_side import set_work_mem
from regendata.hooks.warehouse.token_derived import bounds_of, derive, derive_new
from regendata.sources.token_metrics.cleaning import Cleaned, Cleaner
from regendata.sources.token_metrics.hours import HOUR, SourceHour, Span

_INCOMING = """
CREATE TEMP TABLE token_incoming (
  id text, timezone text, "timestamp" integer, date timestamp, symbol text, count double precision,
  sentiment double precision
) ON COMMIT DROP
"""
_DELETE_GONE = """
DELETE FROM token_metrics.tweetvolumeshours AS landed
WHERE landed."timestamp" >= %(begin)s AND landed."timestamp" < %(end)s
  AND NOT EXISTS (
    SELECT FROM token_incoming AS incoming
    WHERE incoming."timestamp" = landed."timestamp" AND incoming.id = landed.id
  )
"""
COLUMNS = 'id, timezone, "timestamp", date, symbol, count, sentiment'
_COPY_INCOMING = f"COPY token_incoming ({COLUMNS}) FROM STDIN (FORMAT binary)"
_COPY_NEW = f"COPY token_metrics.tweetvolumeshours ({COLUMNS}) FROM STDIN (FORMAT binary)"
# The source promises unique ids; where it breaks that, which row counts must not depend on its order.
_UPSERT = """
INSERT INTO token_metrics.tweetvolumeshours AS landed
  (id, timezone, "timestamp", date, symbol, count, sentiment)
SELECT DISTINCT ON ("timestamp", id) coalesce(id, ''), timezone, "timestamp", date, symbol, count, sentiment
FROM token_incoming ORDER BY "timestamp", id, count DESC, symbol, sentiment, timezone, date
ON CONFLICT ("timestamp", id) DO UPDATE SET timezone = excluded.timezone, date = excluded.date,
  symbol = excluded.symbol, count = excluded.count, sentiment = excluded.sentiment,
  landed_at = clock_timestamp(), revisions = landed.revisions + 1
WHERE (landed.timezone, landed.date, landed.symbol, landed.count, landed.sentiment)
  IS DISTINCT FROM (excluded.timezone, excluded.date, excluded.symbol, excluded.count, excluded.sentiment)
"""
# In one order, so that two batches with the same new symbols wait for each other and not in a circle.
_NEW_SYMBOLS = """
SELECT symbol FROM (
  SELECT DISTINCT coalesce(symbol, '') AS symbol FROM token_metrics.tweetvolumeshours
  WHERE "timestamp" >= %(begin)s AND "timestamp" < %(end)s
) AS seen
WHERE NOT EXISTS (SELECT FROM token_metrics.symbol_cleaning AS known WHERE known.raw_symbol = seen.symbol)
ORDER BY symbol
"""
_WRITE_CLEANING = """
INSERT INTO token_metrics.symbol_cleaning (raw_symbol, symbol, rule, token, reason, rules_version)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (raw_symbol) DO UPDATE SET symbol = excluded.symbol, rule = excluded.rule,
  token = excluded.token, reason = excluded.reason, rules_version = excluded.rules_version,
  cleaned_at = clock_timestamp()
"""
_WRITE_SOURCE_HOURS = """
INSERT INTO token_metrics.source_hours AS before
  ("timestamp", source_rows, landed_rows, refused_rows, fingerprint)
SELECT hour, source_rows, coalesce(held.landed, 0), coalesce(held.refused, 0), fingerprint
FROM jsonb_to_recordset(%(listed)s::jsonb) AS source (hour integer, source_rows bigint, fingerprint text)
LEFT JOIN (
  SELECT "timestamp" / 3600 * 3600 AS hour, count(*) AS landed, count(problem) AS refused
  FROM token_metrics.tweetvolumescleaned
  WHERE "timestamp" >= %(begin)s AND "timestamp" < %(end)s
  GROUP BY "timestamp" / 3600
) AS held USING (hour)
ON CONFLICT ("timestamp") DO UPDATE SET source_rows = excluded.source_rows,
  landed_rows = excluded.landed_rows, refused_rows = excluded.refused_rows,
  fingerprint = excluded.fingerprint, landed_at = clock_timestamp(), loads = before.loads + 1
"""


@contextmanager
def exclusively(conn: PgConnection) -> Iterator[None]:
    """One writer of these tables at a time; a backfill and the hourly run wait for each other."""
    conn.execute("SELECT pg_advisory_lock(hashtext('regendata token_metrics'), 0)")
    try:
        yield
    finally:
        if not conn.broken:
            conn.execute("SELECT pg_advisory_unlock(hashtext('regendata token_metrics'), 0)")


def landed_fingerprints(conn: PgConnection, span: Span) -> dict[int, str]:
    """Fingerprint of each hour as it was landed last."""
    return dict(
        conn.execute(
            'SELECT "timestamp", fingerprint FROM token_metrics.source_hours '
            'WHERE "timestamp" >= %s AND "timestamp" < %s',
            [span.begin, span.end],
        ).fetchall()
    )


def unequal_hours(conn: PgConnection, span: Span) -> int:
    """Hours of which the warehouse holds more or fewer rows than the source did: an id stands there twice."""
    row = conn.execute(
        "SELECT count(*) FROM token_metrics.source_hours "
        'WHERE "timestamp" >= %s AND "timestamp" < %s AND source_rows <> landed_rows',
        [span.begin, span.end],
    ).fetchone()
    return int(row[0]) if row else 0


def newest_landed(conn: PgConnection) -> int | None:
    """The newest hour that was landed; None before the first."""
    row = conn.execute('SELECT max("timestamp") FROM token_metrics.source_hours').fetchone()
    return row[0] if row else None


@dataclass(frozen=True)
class LoadedBatch:
    """What one batch brought: rows as they came, and rows that were new, changed or gone."""

    rows: int
    changed: int


#: Gives rows in binary COPY format, from the start at every call.
Data = Callable[[], Iterable[bytes | bytearray | memoryview]]


@dataclass(frozen=True)
class Batch:
    """Hours of the source to land, without a gap.

    :param is_new: none of them was landed before.
    """

    hours: Sequence[SourceHour]
    is_new: bool

    @property
    def span(self) -> Span:
        return Span(self.hours[0].timestamp, self.hours[-1].timestamp + HOUR)


def load_batch(conn: PgConnection, batch: Batch, data: Data, cleaner: Cleaner, work_mem: str) -> LoadedBatch:
    """Make these hours what the source says they are, with all that is derived from them, or nothing of it.

    :param data: the rows of the batch.
    """
    bounds = bounds_of(batch.span)
    with conn.transaction():
        set_work_mem(conn, work_mem)
        rows = _copy_new(conn, data) if batch.is_new else None
        is_new = rows is not None
        loaded = _replace(conn, bounds, data) if rows is None else LoadedBatch(rows, rows)
        clean_new(conn, bounds, cleaner)
        if is_new:
            derive_new(conn, batch.span)
        else:
            derive(conn, batch.span)
        write_source_hours(conn, batch)
    return loaded


def _copy_new(conn: PgConnection, data: Data) -> int | None:
    """Rows of hours never landed before, straight to their place; None if an id is missing or there twice."""
    try:
        with conn.transaction():
            return copy_in(conn, _COPY_NEW, data)
    except (psycopg.errors.UniqueViolation, psycopg.errors.NotNullViolation):
        return None


def _replace(conn: PgConnection, bounds: Mapping[str, object], data: Data) -> LoadedBatch:
    conn.execute(_INCOMING)
    rows = copy_in(conn, _COPY_INCOMING, data)
    changed = conn.execute(_DELETE_GONE, bounds).rowcount + conn.execute(_UPSERT).rowcount
    return LoadedBatch(rows, changed)


def copy_in(conn: PgConnection, statement: str, data: Data) -> int:
    """Returns the rows that came."""
    with conn.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for piece in data():
                copy.write(piece)
        return cursor.rowcount


def write_source_hours(conn: PgConnection, batch: Batch) -> None:
    """What the source held of these hours, and what is here of them now."""
    listed = [
        {"hour": hour.timestamp, "source_rows": hour.rows, "fingerprint": hour.fingerprint}
        for hour in batch.hours
    ]
    conn.execute(_WRITE_SOURCE_HOURS, bounds_of(batch.span) | {"listed": json.dumps(listed)})


def clean_new(conn: PgConnection, bounds: Mapping[str, object], cleaner: Cleaner) -> None:
    """Symbols that were never seen before."""
    names = conn.execute(_NEW_SYMBOLS, bounds).fetchall()
    _clean(conn, cleaner, (name for (name,) in names))


def clean_again(
    conn: PgConnection, cleaner: Cleaner, batches: Callable[[Iterable[int]], Iterable[Span]]
) -> int:
    """After the rules changed: every symbol anew, and the hours of those that became another.

    :param batches: puts hours (ascending) together to spans.
    :returns: symbols that became another one.
    """
    with conn.transaction():
        rows = conn.execute(
            "SELECT raw_symbol, symbol FROM token_metrics.symbol_cleaning WHERE rules_version <> %s",
            [cleaner.version],
        ).fetchall()
        moved = [raw for raw, symbol in rows if cleaner.clean(raw).symbol != symbol]
        _clean(conn, cleaner, (raw for raw, _ in rows))
        for span in batches(_hours_with(conn, moved) if moved else []):
            derive(conn, span)
    return len(moved)


def _hours_with(conn: PgConnection, raw_symbols: list[str]) -> list[int]:
    rows = conn.execute(
        'SELECT DISTINCT "timestamp" / 3600 * 3600 FROM token_metrics.tweetvolumeshours '
        "WHERE coalesce(symbol, '') = ANY(%s) ORDER BY 1",
        [raw_symbols],
    ).fetchall()
    return [hour for (hour,) in rows]


def _clean(conn: PgConnection, cleaner: Cleaner, raw_symbols: Iterable[str]) -> None:
    version = cleaner.version
    with conn.cursor() as cursor:
        cursor.executemany(_WRITE_CLEANING, [(*_cells(cleaner.clean(raw)), version) for raw in raw_symbols])


def _cells(cleaned: Cleaned) -> tuple[str | None, ...]:
    return cleaned.raw_symbol, cleaned.symbol, cleaned.rule, cleaned.token, cleaned.reason
