"""Counts per clean symbol, hour and day, from the raw rows, and which metrics they put out of date."""

from __future__ import annotations

from datetime import date, timedelta

from regendata.hooks.postgres import PgConnection
from regendata.sources.token_metrics.hours import HOUR, REACH_HOURS, Span

_DAY = 24 * HOUR
#: A changed hour reaches metrics up to so many seconds later.
_REACH = (REACH_HOURS - 1) * HOUR
#: Hours of a first load that are derived by one statement.
FIRST_HOURS = 5 * 24
# Counts of one symbol from several rows add up; their sentiment is weighted by tweets.
_DERIVED = """
SELECT symbol, "timestamp" / 3600 * 3600 AS "timestamp", sum(count)::bigint AS count,
  CASE WHEN count(*) = 1 THEN min(sentiment_e9) ELSE round(coalesce(
    sum(sentiment_e9 * count::bigint)
      / nullif(sum(count::bigint) FILTER (WHERE sentiment_e9 IS NOT NULL), 0),
    sum(sentiment_e9) / nullif(count(sentiment_e9), 0)
  ))::bigint END AS sentiment_e9,
  count(*)::integer AS source_rows
FROM token_metrics.tweetvolumescleaned
WHERE "timestamp" >= %(begin)s AND "timestamp" < %(end)s AND problem IS NULL
GROUP BY 1, 2 HAVING sum(count) <= 100000000
"""
_DERIVE = f"CREATE TEMP TABLE token_derived ON COMMIT DROP AS {_DERIVED}"
_WRITE_NEW_HOURS = f"""
INSERT INTO token_metrics.symbol_hours (symbol, "timestamp", count, sentiment_e9, source_rows)
{_DERIVED} ORDER BY 2, 1
"""
_MARK_STALE = """
INSERT INTO token_metrics.stale_hours AS stale (symbol, first_hour, last_hour)
SELECT symbol, min("timestamp"), max("timestamp") + %(reach)s
FROM token_derived FULL JOIN (
  SELECT symbol, "timestamp", count, sentiment_e9 FROM token_metrics.symbol_hours
  WHERE "timestamp" >= %(begin)s AND "timestamp" < %(end)s
) AS before USING (symbol, "timestamp")
WHERE (token_derived.count, token_derived.sentiment_e9)
  IS DISTINCT FROM (before.count, before.sentiment_e9)
GROUP BY symbol
ON CONFLICT (symbol, first_hour) DO UPDATE SET last_hour = greatest(stale.last_hour, excluded.last_hour)
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
# Batches side by side may share a day: the later one has to see the hours of the earlier one.
_LOCK_DAYS = """
SELECT pg_advisory_xact_lock(hashtext('regendata token_metrics days'), day)
FROM generate_series(%(first_second)s / 86400, %(end_second)s / 86400 - 1) AS day
"""
_DELETE_DAYS = "DELETE FROM token_metrics.symbol_days WHERE day >= %(first_day)s AND day <= %(last_day)s"
_WRITE_DAYS = """
INSERT INTO token_metrics.symbol_days (symbol, day, tweets, most_in_an_hour, known_hours)
SELECT symbol, date '1970-01-01' + "timestamp" / 86400, sum(count), max(count), count(*)
FROM token_metrics.symbol_hours
WHERE "timestamp" >= %(first_second)s AND "timestamp" < %(end_second)s
GROUP BY symbol, "timestamp" / 86400
"""
# Both from one reading of the new hours, and of others of their first and last day.
_WRITE_DAYS_AND_MARK_NEW = """
WITH daily AS (
  SELECT symbol, "timestamp" / 86400 AS day, sum(count) AS tweets, max(count) AS most, count(*) AS hours,
    min("timestamp") FILTER (WHERE "timestamp" >= %(begin)s) AS first_hour,
    max("timestamp") FILTER (WHERE "timestamp" < %(end)s) AS last_hour
  FROM token_metrics.symbol_hours
  WHERE "timestamp" >= %(first_second)s AND "timestamp" < %(end_second)s
  GROUP BY symbol, "timestamp" / 86400
), written AS (
  INSERT INTO token_metrics.symbol_days (symbol, day, tweets, most_in_an_hour, known_hours)
  SELECT symbol, date '1970-01-01' + day, tweets, most, hours FROM daily
)
INSERT INTO token_metrics.stale_hours AS stale (symbol, first_hour, last_hour)
SELECT symbol, min(first_hour), max(last_hour) + %(reach)s FROM daily
GROUP BY symbol HAVING min(first_hour) <= max(last_hour)
ON CONFLICT (symbol, first_hour) DO UPDATE SET last_hour = greatest(stale.last_hour, excluded.last_hour)
"""
# Hours beyond the newest with metrics reach everybody anyway.
_MARK_EVERYBODY = """
INSERT INTO token_metrics.stale_hours AS stale (symbol, first_hour, last_hour)
SELECT DISTINCT symbol, %(begin)s, %(last_hour)s FROM token_metrics.symbol_days
WHERE day >= %(first_day)s - %(reach)s / 86400 - 1 AND day <= %(last_day)s
  AND %(begin)s <= (SELECT newest_hour FROM token_metrics.progress)
ON CONFLICT (symbol, first_hour) DO UPDATE SET last_hour = greatest(stale.last_hour, excluded.last_hour)
"""


def derive_new(conn: PgConnection, span: Span) -> None:
    """What ``derive`` does, where nothing was derived before.

    Of late hours metrics are out of date of symbols without tweets, too: they may have no row yet.
    """
    bounds = bounds_of(span)
    for statement in (_WRITE_NEW_HOURS, _LOCK_DAYS, _DELETE_DAYS, _WRITE_DAYS_AND_MARK_NEW):
        conn.execute(statement, bounds)
    conn.execute(_MARK_EVERYBODY, bounds | {"last_hour": span.end - HOUR})


def compute_again(conn: PgConnection, span: Span) -> None:
    """Put out of date all metrics that these hours reach, of symbols without tweets in them as well."""
    conn.execute(_MARK_EVERYBODY, bounds_of(span) | {"last_hour": span.end - HOUR + _REACH})


def derive_first(conn: PgConnection, span: Span) -> None:
    """What ``derive_new`` does, of any number of hours, which are sorted a part at a time."""
    step = FIRST_HOURS * HOUR
    for begin in range(span.begin, span.end, step):
        conn.execute(_WRITE_NEW_HOURS, {"begin": begin, "end": min(begin + step, span.end)})
    for statement in (_DELETE_DAYS, _WRITE_DAYS_AND_MARK_NEW):
        conn.execute(statement, bounds_of(span))


def is_out_of_date(conn: PgConnection) -> bool:
    """Whether metrics wait to be computed, as they do where a run broke off."""
    row = conn.execute("SELECT EXISTS (SELECT FROM token_metrics.stale_hours)").fetchone()
    return bool(row and row[0])


def derive(conn: PgConnection, span: Span) -> None:
    """Counts per clean symbol, hour and day, and which metrics are out of date by now."""
    bounds = bounds_of(span)
    conn.execute(_DERIVE, bounds)
    for statement in (_MARK_STALE, _DELETE_UNKNOWN, _WRITE_HOURS, _LOCK_DAYS, _DELETE_DAYS, _WRITE_DAYS):
        conn.execute(statement, bounds)
    conn.execute("DROP TABLE token_derived")


def bounds_of(span: Span) -> dict[str, object]:
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
        "reach": _REACH,
    }
