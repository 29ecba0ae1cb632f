"""The obvious way to token metrics: rows cleaned one by one, pandas windows, INSERT put together as text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import psycopg

RAW = ("id", "timestamp", "symbol", "count", "sentiment")
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


def make_tables(connection: psycopg.Connection[Any]) -> None:
    """Empty tables for clean rows and metrics, each with the key that ON CONFLICT asks for."""
    figures = ", ".join(f"{name} float8" for name in ("count", *COLUMNS))
    for name, columns in (
        ("obvious_cleaned", "count float8, sentiment float8"),
        ("obvious_metrics", figures),
    ):
        connection.execute(f"DROP TABLE IF EXISTS {name}")  # type: ignore[arg-type]
        connection.execute(
            f'CREATE TABLE {name} (id text PRIMARY KEY, symbol text, "timestamp" integer, {columns})'  # type: ignore[arg-type]
        )
    connection.execute('CREATE INDEX ON obvious_cleaned ("timestamp")')


def assume_cleaned(connection: psycopg.Connection[Any], begin: int, end: int) -> None:
    """Rows as earlier days left them: symbols of the benchmark are kept as they are."""
    connection.execute(
        f"INSERT INTO obvious_cleaned ({_names(RAW)}) SELECT {_names(RAW)} FROM tweetvolumeshours "  # type: ignore[arg-type]
        'WHERE "timestamp" >= %s AND "timestamp" < %s ON CONFLICT (id) DO NOTHING',
        [begin, end],
    )
    connection.execute("ANALYZE obvious_cleaned")


def copy(connection: psycopg.Connection[Any], tokens: Sequence[str], begin: int, end: int) -> None:
    """Rows between two moments, each symbol cleaned by itself.

    :param tokens: listed ones, the longest first.
    """
    frame = read(connection, "tweetvolumeshours", begin, end)
    frame["symbol"] = frame["symbol"].apply(lambda symbol: _clean(symbol, tokens))
    insert(connection, "obvious_cleaned", frame, RAW)


def _clean(symbol: str, tokens: Sequence[str]) -> str:
    for token in tokens:
        if symbol.startswith(token):
            return token
    return symbol if re.match("^[a-zA-Z]{1,4}$", symbol) else "NOT_A_SYMBOL"


def read(connection: psycopg.Connection[Any], table: str, begin: int, end: int) -> pd.DataFrame:
    """Rows between two moments, in the order of time."""
    query = (
        f'SELECT {_names(RAW)} FROM {table} WHERE "timestamp" >= %s AND "timestamp" < %s ORDER BY "timestamp"'
    )
    rows = connection.execute(query, [begin, end]).fetchall()  # type: ignore[arg-type]
    return pd.DataFrame(rows, columns=list(RAW))


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


def insert(
    connection: psycopg.Connection[Any], table: str, frame: pd.DataFrame, columns: Sequence[str]
) -> None:
    """One statement for all rows, grown row by row.

    Infinite values are quoted, without which the statement fails as a whole.
    """
    values = ""
    for _, row in frame.iterrows():
        values = values + f"({', '.join(_literal(row[name]) for name in columns)}), "
    connection.execute(
        f"INSERT INTO {table} ({_names(columns)}) VALUES {values[:-2]} ON CONFLICT (id) DO NOTHING"  # type: ignore[arg-type]
    )


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _literal(value: str | float) -> str:
    return f"'{value}'" if isinstance(value, str) or math.isinf(value) else str(value)
