"""The obvious way to token metrics: pandas windows per symbol, and INSERT statements put together as text."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import psycopg

#: The columns of the job this way was taken from, in its order.
COLUMNS = (
    "symbol_sma1",
    "symbol_sma1_previous",
    "symbol_sma7",
    "symbol_sma7_previous",
    "symbol_sma14",
    "sma1_dif",
    "sma7_dif",
    "sma14_dif",
    "sentiment",
    "sentiment_sma1",
    "sentiment_sma7",
    "rsd_1",
    "rsd_7",
    "rsd_14",
)
DAY = 86_400


def read(connection: psycopg.Connection[Any], begin: int, end: int) -> pd.DataFrame:
    """Rows of the source between two moments, in the order of time."""
    query = (
        'SELECT id, "timestamp", symbol, count, sentiment FROM tweetvolumeshours '
        'WHERE "timestamp" >= %s AND "timestamp" < %s ORDER BY "timestamp"'
    )
    rows = connection.execute(query, [begin, end]).fetchall()
    return pd.DataFrame(rows, columns=["id", "timestamp", "symbol", "count", "sentiment"])


def metrics(frame: pd.DataFrame) -> pd.DataFrame:
    """Windows of rows per symbol, one ``transform`` after the other.

    ``rows_span_s`` tells how far apart the first and last row of the longest window are; 0 if it is not full.
    """
    counts, moods = frame.groupby("symbol")["count"], frame.groupby("symbol")["sentiment"]

    def mean(groups: Any, rows: int, least: int = 0) -> pd.Series:
        return groups.transform(lambda values: values.rolling(rows, least).mean())

    def spread(rows: int) -> pd.Series:
        return counts.transform(lambda values: values.rolling(rows, 0).std()).fillna(0) / mean(counts, rows)

    found = frame.copy()
    found["rows_span_s"] = frame.groupby("symbol")["timestamp"].diff(335)
    found["symbol_sma1"], found["symbol_sma1_previous"] = mean(counts, 24), mean(counts, 48, 24)
    found["symbol_sma7"], found["symbol_sma7_previous"] = mean(counts, 168), mean(counts, 336, 168)
    found["symbol_sma14"] = mean(counts, 336)
    for name in ("sma1", "sma7"):
        before = found[f"symbol_{name}_previous"]
        found[f"{name}_dif"] = (found[f"symbol_{name}"] - before) / before
    found["sma14_dif"] = (found["count"] - found["symbol_sma14"]) / found["count"]
    found["sentiment_sma1"], found["sentiment_sma7"] = mean(moods, 24), mean(moods, 168)
    found["rsd_1"], found["rsd_7"], found["rsd_14"] = spread(24), spread(168), spread(336)
    return found.fillna(0)


def insert(connection: psycopg.Connection[Any], day: pd.DataFrame) -> None:
    """One statement for all rows of a day, grown row by row.

    Infinite values are quoted, without which the statement fails as a whole.
    """
    values = ""
    for _, row in day.iterrows():
        cells = ", ".join(_literal(row[name]) for name in ("timestamp", "count", *COLUMNS))
        values = values + f"('{row['id']}', '{row['symbol']}', {cells}), "
    names = ", ".join(("id", "symbol", '"timestamp"', "count", *COLUMNS))
    connection.execute(
        f"INSERT INTO obvious_metrics ({names}) VALUES {values[:-2]} ON CONFLICT (id) DO NOTHING"  # type: ignore[arg-type]
    )


def make_table(connection: psycopg.Connection[Any]) -> None:
    """An empty table for the result."""
    columns = ", ".join(f"{name} float8" for name in ("count", *COLUMNS))
    connection.execute("DROP TABLE IF EXISTS obvious_metrics")
    connection.execute(
        f'CREATE TABLE obvious_metrics (id text PRIMARY KEY, symbol text, "timestamp" integer, {columns})'
    )


def _literal(value: float) -> str:
    return f"'{value}'" if math.isinf(value) else str(value)
