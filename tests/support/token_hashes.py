"""What the tables of token metrics hold, as hashes, and how hours of them are lost."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

#: What runs fill, without the columns that tell when and how often they did.
FILLED = {
    "tweetvolumeshours": "(id, timestamp, symbol, count, sentiment)",
    "source_hours": "(timestamp, source_rows, landed_rows, refused_rows, fingerprint)",
    "symbol_hours": "(symbol, timestamp, count, sentiment_e9, source_rows)",
    "symbol_days": "filled",
    "metric_hours": "filled",
    "progress": "(newest_hour, final_through)",
    "stale_hours": "filled",
}
#: Tables with the counts of an hour, and the one with its metrics.
COUNTS, METRICS = ("tweetvolumeshours", "symbol_hours", "source_hours"), ("metric_hours",)


def hashes(dsn: str) -> dict[str, tuple[Any, ...]]:
    """Rows of each table, and one hash of all of them."""
    query = "SELECT count(*), sum(hashtextextended({columns}::text, 0)) FROM token_metrics.{table} AS filled"
    found = {}
    with psycopg.connect(dsn, options="-c timezone=UTC") as connection:
        for table, columns in FILLED.items():
            row = connection.execute(query.format(columns=columns, table=table)).fetchone()
            found[table] = row or ()
    return found


def forget(dsn: str, begin: int, end: int, tables: tuple[str, ...] = (*COUNTS, *METRICS)) -> None:
    """As if the hours from one second up to, but without, another had never been landed.

    Only their counts and metrics: days and metrics of later hours still say what they did.
    """
    with psycopg.connect(dsn) as connection:
        for table in tables:
            delete = sql.SQL('DELETE FROM {} WHERE "timestamp" >= %s AND "timestamp" < %s')
            connection.execute(delete.format(sql.Identifier("token_metrics", table)), [begin, end])
