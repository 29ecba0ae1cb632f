"""Reading published token metrics: rankings, one symbol's series, and what a figure was made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from regendata.hooks.postgres import PgConnection
from regendata.sources.token_metrics.figures import FIGURES, Figure, KnownHour, Window
from regendata.sources.token_metrics.hours import HOUR, REACH_HOURS

#: Hours of a series that are given at most.
LONGEST_SERIES_HOURS = 24 * 92
WEEK_HOURS = 168

_SERIES = """
SELECT * FROM token_metrics.rsd_metrics
WHERE symbol = %s AND "timestamp" >= %s AND "timestamp" < %s ORDER BY "timestamp"
"""
_COUNTS = """
SELECT symbol, "timestamp", count FROM token_metrics.symbol_hours
WHERE symbol = ANY(%s) AND "timestamp" BETWEEN %s AND %s
"""
_KNOWN_HOURS = """
SELECT "timestamp" / 3600, count, sentiment_e9 / 1e9::double precision FROM token_metrics.symbol_hours
WHERE symbol = %s AND "timestamp" > %s AND "timestamp" <= %s ORDER BY "timestamp"
"""
_RAW_ROWS = """
SELECT id, "timestamp", raw_symbol, rule, token, reason, rules_version, count, sentiment, problem, revisions,
  landed_at
FROM token_metrics.tweetvolumescleaned
WHERE symbol = %s AND "timestamp" >= %s AND "timestamp" < %s ORDER BY "timestamp", id
"""


def ranking(conn: PgConnection, name: str) -> list[dict[str, Any]]:
    """Ten rows of ``trending``, ``volatile``, ``decreasing`` or ``descreasing``, best first."""
    query = sql.SQL("SELECT * FROM {} ORDER BY rank").format(sql.Identifier("token_metrics", name))
    return _dicts(conn, query)


def series(conn: PgConnection, symbol: str, begin: int, end: int) -> list[dict[str, Any]]:
    """Hours of one symbol, oldest first.

    :param begin, end: seconds since 1970; the end is left out.
    """
    return _dicts(conn, _SERIES, symbol, begin, end)


def sparklines(conn: PgConnection, symbols: Sequence[str], newest: int) -> dict[str, list[float | None]]:
    """Tweets per hour of the week up to ``newest``, oldest first; None where an hour is not known."""
    first = newest - (WEEK_HOURS - 1) * HOUR
    lines: dict[str, list[float | None]] = {symbol: [None] * WEEK_HOURS for symbol in symbols}
    rows = conn.execute(_COUNTS, [list(symbols), first, newest]).fetchall()
    for symbol, timestamp, count in rows:
        lines[symbol][(timestamp - first) // HOUR] = count
    return lines


def explain(conn: PgConnection, symbol: str, timestamp: int, name: str) -> dict[str, Any] | None:
    """What a figure was made from: formula, windows, source rows with their rules; None for no such row.

    ``recomputed`` is the figure once more, from the known hours alone and without the warehouse's SQL.
    """
    stored = _dicts(conn, _SERIES, symbol, timestamp, timestamp + 1)
    if not stored:
        return None
    figure, at = FIGURES[name], timestamp // HOUR
    rows = conn.execute(_KNOWN_HOURS, [symbol, timestamp - REACH_HOURS * HOUR, timestamp]).fetchall()
    known = [KnownHour(hour, float(count), sentiment) for hour, count, sentiment in rows]
    first = min((at - window.begin + 1 for window in figure.windows), default=at)
    return {
        "symbol": symbol,
        "timestamp": timestamp,
        "figure": name,
        "value": stored[0][name],
        "recomputed": _recomputed(figure, known, at, name),
        "is_final": stored[0]["is_final"],
        "formula": figure.formula,
        "windows": [_told(window, known, at) for window in figure.windows],
        "rows": _dicts(conn, _RAW_ROWS, symbol, first * HOUR, timestamp + HOUR),
    }


def _recomputed(figure: Figure, known: list[KnownHour], at: int, name: str) -> float | None:
    """Columns of the old formulas stand only where the hour itself is known."""
    if name.endswith("_compat") and not (known and known[-1].hour == at):
        return None
    return figure.value(known, at)


def _told(window: Window, known: list[KnownHour], at: int) -> dict[str, Any]:
    picked = window.pick(known, at)
    return {
        "from": (at - window.begin + 1) * HOUR,
        "until": (at - window.end + 1) * HOUR,
        "rows_at_most": window.rows,
        "hours": window.begin - window.end,
        "known_hours": len(picked),
        "tweets": sum(one.count for one in picked),
    }


def _dicts(conn: PgConnection, query: Any, *parameters: object) -> list[dict[str, Any]]:
    return conn.cursor(row_factory=dict_row).execute(query, parameters or None).fetchall()
