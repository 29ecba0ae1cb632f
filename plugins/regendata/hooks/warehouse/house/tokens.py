"""Which symbols and hours of token metrics there are to ask about."""

from __future__ import annotations

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house.reading import Row, rows

_LEADERS = """
SELECT 'trending' AS ranking, rank, symbol, sma1_dif FROM token_metrics.trending
UNION ALL SELECT 'decreasing', rank, symbol, sma1_dif FROM token_metrics.decreasing
UNION ALL SELECT 'volatile', rank, symbol, rsd_7 FROM token_metrics.volatile
ORDER BY ranking DESC, rank
"""


def published_hour(conn: PgConnection) -> int | None:
    """The newest published hour in seconds since 1970; None before there is one."""
    found = rows(conn, "SELECT max(timestamp) AS newest FROM token_metrics.published_hour", {})
    return None if found[0]["newest"] is None else int(found[0]["newest"])


def leaders(conn: PgConnection) -> list[Row]:
    """Symbols of the rankings, to choose from; the figure is the one that ranks."""
    return rows(conn, _LEADERS, {})
