"""What is proved, missing and unknown in a window: slots of relays, days of chains, hours of symbols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.chain_days import DONATIONS
from regendata.hooks.warehouse.house.reading import Row, rows

# Only the part inside the window leaves the server.
_LEDGER = """
SELECT endpoint, relay, (covered * int8multirange(int8range(%(begin)s, %(end)s)))::text AS covered
FROM meta.coverage WHERE source = %(source)s ORDER BY endpoint, relay
"""
_UNKNOWN = """
SELECT endpoint, relay, (slots * int8multirange(int8range(%(begin)s, %(end)s)))::text AS slots
FROM meta.coverage_unknown
WHERE source = %(source)s AND slots && int8range(%(begin)s, %(end)s) ORDER BY failed_at DESC LIMIT %(most)s
"""
# Of the build in use, as it was counted when it was published.
_DONATIONS = """
SELECT chain_id, day, row_count AS donations FROM meta.chain_day
WHERE day >= %(first)s AND day < %(after)s AND physical = (
  SELECT physical FROM meta.build_relation WHERE relation = %(relation)s AND build_id = (
    SELECT build_id FROM meta.publication WHERE system = 'grants' ORDER BY publication_id DESC LIMIT 1
  )
)
"""
_CHAINS = "SELECT chain_id, name FROM reference.chains WHERE NOT coalesce(is_test, false) ORDER BY name"
_SYMBOLS = """
SELECT symbol FROM token_metrics.token_stats ORDER BY symbol_sma7 DESC NULLS LAST, symbol LIMIT %(most)s
"""

# By the key (timestamp, symbol): as many look-ups as the map has cells, whatever the history.
_SYMBOL_HOURS = """
SELECT named.symbol, hour.timestamp, tweets.count
FROM generate_series(%(begin)s::integer, %(end)s::integer - 3600, 3600) AS hour (timestamp)
CROSS JOIN unnest(%(symbols)s::text[]) AS named (symbol)
INNER JOIN token_metrics.symbol_hours AS tweets
  ON tweets.timestamp = hour.timestamp AND tweets.symbol = named.symbol
"""
_SOURCE_HOURS = """
SELECT timestamp, source_rows, landed_rows, refused_rows FROM token_metrics.source_hours
WHERE timestamp >= %(begin)s AND timestamp < %(end)s
"""
MOST_FAILURES = 200


def ledger(conn: PgConnection, source: str, begin: int, end: int) -> list[Row]:
    """Per endpoint and relay what is covered of ``[begin, end)``, as Postgres writes a multirange."""
    return rows(conn, _LEDGER, {"source": source, "begin": begin, "end": end})


def failures(conn: PgConnection, source: str, begin: int, end: int) -> list[Row]:
    """What was asked for in vain in ``[begin, end)``, the last failure first."""
    asked = {"source": source, "begin": begin, "end": end, "most": MOST_FAILURES}
    return rows(conn, _UNKNOWN, asked)


def donations(conn: PgConnection, first: date, after: date) -> dict[tuple[int, date], int]:
    """Donations of each chain and day in ``[first, after)``."""
    found = rows(conn, _DONATIONS, {"first": first, "after": after, "relation": str(DONATIONS)})
    return {(one["chain_id"], one["day"]): one["donations"] for one in found}


def chains(conn: PgConnection) -> dict[int, str]:
    """Chains in service by name."""
    return {one["chain_id"]: one["name"] for one in rows(conn, _CHAINS, {})}


def leading_symbols(conn: PgConnection, most: int) -> list[str]:
    """The most tweeted symbols of the last week."""
    return [one["symbol"] for one in rows(conn, _SYMBOLS, {"most": most})]


def symbol_hours(
    conn: PgConnection, symbols: Sequence[str], begin: int, end: int
) -> dict[tuple[str, int], int]:
    """Tweets of each known symbol and hour in ``[begin, end)``, in seconds since 1970."""
    asked = {"symbols": list(symbols), "begin": begin, "end": end}
    return {(one["symbol"], one["timestamp"]): one["count"] for one in rows(conn, _SYMBOL_HOURS, asked)}


def source_hours(conn: PgConnection, begin: int, end: int) -> dict[int, Row]:
    """Hours of the source of tweet counts as they were landed."""
    return {one["timestamp"]: one for one in rows(conn, _SOURCE_HOURS, {"begin": begin, "end": end})}
