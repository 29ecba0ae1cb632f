"""Raw rows of tweet counts, and what is derived from them per clean symbol, hour and day."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from regendata.hooks.postgres import PgConnection
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
_NEW_SYMBOLS = """
SELECT DISTINCT coalesce(symbol, '') FROM token_incoming AS incoming
WHERE NOT EXISTS (
  SELECT FROM token_metrics.symbol_cleaning AS known WHERE known.raw_symbol = coalesce(incoming.symbol, '')
)
"""
_WRITE_CLEANING = """
INSERT INTO token_metrics.symbol_cleaning (raw_symbol, symbol, rule, token, reason, rules_version)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (raw_symbol) DO UPDATE SET symbol = excluded.symbol, rule = excluded.rule,
  token = excluded.token, reason = excluded.reason, rules_version = excluded.rules_version,
  cleaned_at = clock_timestamp()
"""
# Counts of one symbol from several rows add up; their sentiment is weighted by tweets.
_DERIVE = """
CREATE TEMP TABLE token_derived ON COMMIT DROP AS
SELECT symbol, "timestamp" / 3600 * 3600 AS "timestamp", sum(count)::bigint AS count,
  CASE WHEN count(*) = 1 THEN min(sentiment_e9) ELSE round(coalesce(
    sum(sentiment_e9 * count::bigint)
      / nullif(sum(count::bigint) FILTER (WHERE sentiment_e9 IS NOT NULL), 0),
    avg(sentiment_e9)
  ))::bigint END AS sentiment_e9,
  count(*)::integer AS source_rows
FROM token_metrics.tweetvolumescleaned
WHERE "timestamp" >= %(begin)s AND "timestamp" < %(end)s AND problem IS NULL
GROUP BY 1, 2 HAVING sum(count) <= 100000000
"""
_MARK_STALE = """
INSERT INTO token_metrics.stale_symbols AS stale (symbol, first_hour, last_hour)
SELECT symbol, min("timestamp"), max("timestamp")
FROM token_derived FULL JOIN (
  SELECT symbol, "timestamp", count, sentiment_e9 FROM token_metrics.symbol_hours
  WHERE "timestamp" >= %(begin)s AND "timestamp" < %(end)s
) AS before USING (symbol, "timestamp")
WHERE %(force)s OR (token_derived.count, token_derived.sentiment_e9)
  IS DISTINCT FROM (before.count, before.sentiment_e9)
GROUP BY symbol
ON CONFLICT (symbol) DO UPDATE SET first_hour = least(stale.first_hour, excluded.first_hour),
  last_hour = greatest(stale.last_hour, excluded.last_hour)
"""
_DELETE_UNKNOWN = """
DELETE FROM token_metrics.symbol_hours AS known
WHERE known."timestamp" >= %(begin)s AND known."timestamp" < %(end)s AND NOT EXISTS (
  SELECT FROM token_derived AS derived
  WHERE derived."timestamp" = known."timestamp" AND derived.symbol = known.symbol
)
"""
_WRITE_HOURS = """
INSERT INTO token_metrics.symbol_hours AS known (symbol, "timestamp", count, sentiment_e9, source_rows)
SELECT symbol, "timestamp", count, sentiment_e9, source_rows FROM token_derived
ORDER BY "timestamp", symbol
ON CONFLICT ("timestamp", symbol) DO UPDATE SET count = excluded.count,
  sentiment_e9 = excluded.sentiment_e9, source_rows = excluded.source_rows, revisions = known.revisions + 1
WHERE (known.count, known.sentiment_e9, known.source_rows)
  IS DISTINCT FROM (excluded.count, excluded.sentiment_e9, excluded.source_rows)
"""
_DELETE_DAYS = "DELETE FROM token_metrics.symbol_days WHERE day >= %(first_day)s AND day <= %(last_day)s"
_WRITE_DAYS = """
INSERT INTO token_metrics.symbol_days (symbol, day, tweets, most_in_an_hour, known_hours)
SELECT symbol, (to_timestamp("timestamp") AT TIME ZONE 'UTC')::date, sum(count), max(count), count(*)
FROM token_metrics.symbol_hours
WHERE "timestamp" >= %(first_second)s AND "timestamp" < %(end_second)s
GROUP BY 1, 2
"""
_WRITE_SOURCE_HOURS = """
INSERT INTO token_metrics.source_hours AS before
  ("timestamp", source_rows, landed_rows, refused_rows, fingerprint)
SELECT hour, source_rows, held.landed, held.refused, fingerprint
FROM jsonb_to_recordset(%s::jsonb) AS source (hour integer, source_rows bigint, fingerprint text)
CROSS JOIN LATERAL (
  SELECT count(*) AS landed, count(*) FILTER (WHERE cleaned.problem IS NOT NULL) AS refused
  FROM token_metrics.tweetvolumescleaned AS cleaned
  WHERE cleaned."timestamp" >= source.hour AND cleaned."timestamp" < source.hour + 3600
) AS held
ON CONFLICT ("timestamp") DO UPDATE SET source_rows = excluded.source_rows,
  landed_rows = excluded.landed_rows, refused_rows = excluded.refused_rows,
  fingerprint = excluded.fingerprint, landed_at = clock_timestamp(), loads = before.loads + 1
"""
_DAY = 24 * HOUR


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


def load_batch(
    conn: PgConnection,
    hours: Sequence[SourceHour],
    data: Iterable[bytes | bytearray | memoryview],
    cleaner: Cleaner,
    force: bool = False,
) -> LoadedBatch:
    """Make these hours what the source says they are, with all that is derived from them, or nothing of it.

    :param hours: of the source, without a gap.
    :param data: their rows in binary COPY format.
    :param force: have their metrics computed again even where no count changed.
    """
    span = Span(hours[0].timestamp, hours[-1].timestamp + HOUR)
    with conn.transaction():
        conn.execute(_INCOMING)
        with conn.cursor() as cursor:
            with cursor.copy("COPY token_incoming FROM STDIN (FORMAT binary)") as copy:
                for chunk in data:
                    copy.write(chunk)
            rows = cursor.rowcount
        changed = conn.execute(_DELETE_GONE, _bounds(span)).rowcount + conn.execute(_UPSERT).rowcount
        _clean(conn, cleaner, (name for (name,) in conn.execute(_NEW_SYMBOLS).fetchall()))
        derive(conn, span, force)
        listed = [
            {"hour": hour.timestamp, "source_rows": hour.rows, "fingerprint": hour.fingerprint}
            for hour in hours
        ]
        conn.execute(_WRITE_SOURCE_HOURS, [json.dumps(listed)])
    return LoadedBatch(rows, changed)


def derive(conn: PgConnection, span: Span, force: bool) -> None:
    """Counts per clean symbol, hour and day, and which metrics are out of date by now."""
    bounds = _bounds(span) | {"force": force}
    conn.execute(_DERIVE, bounds)
    for statement in (_MARK_STALE, _DELETE_UNKNOWN, _WRITE_HOURS, _DELETE_DAYS, _WRITE_DAYS):
        conn.execute(statement, bounds)
    conn.execute("DROP TABLE token_derived")


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
        for span in batches(_hours_with(conn, moved)):
            derive(conn, span, force=False)
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


def _bounds(span: Span) -> dict[str, object]:
    """Parameters of the statements: the span, and the whole days around it."""
    first = span.begin // _DAY
    last = (span.end - 1) // _DAY
    epoch = date(1970, 1, 1)
    return {
        "begin": span.begin,
        "end": span.end,
        "first_second": first * _DAY,
        "end_second": (last + 1) * _DAY,
        "first_day": epoch + timedelta(days=first),
        "last_day": epoch + timedelta(days=last),
    }
