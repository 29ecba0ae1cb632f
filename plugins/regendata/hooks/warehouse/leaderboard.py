"""Reading the published leaderboard: a page of it, a search in it, and one address in all its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from regendata.hooks.postgres import PgConnection

ROLES = ("donor", "grantee", "round_operator", "contract_dev")
#: Windows beside the years; ``all`` is what a page shows unless asked.
SPANS = ("all", "last_365_days", "last_90_days", "last_30_days")
#: Years that may have events. The first grants were given in 2019.
YEARS = tuple(str(year) for year in range(2100, 2016, -1))

_LINES = sql.SQL("""
SELECT rank, address, name, gmv, events, first_at, last_at
FROM experimental_views.allo_gmv_leaderboard
WHERE time_window = %(window)s AND role = %(role)s {condition}
ORDER BY gmv DESC, address DESC LIMIT %(limit)s
""")
#: Rows are read through the index on (time_window, role, gmv, address), backwards from the last one shown.
_AFTER = sql.SQL("AND (gmv, address) < (%(gmv)s, %(address)s)")
_FOUND = sql.SQL("AND (name ILIKE %(pattern)s OR address LIKE lower(%(prefix)s))")

_WINDOWS = """
SELECT time_window FROM unnest(%s::text[]) WITH ORDINALITY AS known (time_window, place)
WHERE EXISTS (
  SELECT FROM experimental_views.allo_gmv_leaderboard AS line WHERE line.time_window = known.time_window
)
ORDER BY place
"""

_OF_ADDRESS = """
SELECT time_window, role, rank, gmv, events, first_at, last_at, name
FROM experimental_views.allo_gmv_leaderboard
WHERE time_window = ANY(%(windows)s) AND role = ANY(%(roles)s) AND address = %(address)s
ORDER BY array_position(%(windows)s, time_window), array_position(%(roles)s, role)
"""


@dataclass(frozen=True)
class Place:
    """The last line that somebody has seen; the next page begins behind it."""

    gmv: float
    address: str


@dataclass(frozen=True)
class LeaderboardPage:
    """What is asked for: the lines of one window and role, from the largest volume down.

    :param search: part of an ENS name, or the beginning of an address.
    """

    window: str
    role: str
    limit: int
    after: Place | None = None
    search: str | None = None


def page(conn: PgConnection, asked: LeaderboardPage) -> list[dict[str, Any]]:
    """One line more than asked for, where there is one, so that the asker knows whether to go on."""
    conditions = sql.SQL(" ").join([*([_AFTER] if asked.after else []), *([_FOUND] if asked.search else [])])
    parameters: dict[str, Any] = {"window": asked.window, "role": asked.role, "limit": asked.limit + 1}
    if asked.after:
        parameters |= {"gmv": asked.after.gmv, "address": asked.after.address}
    if asked.search:
        literal = _escaped(asked.search)
        parameters |= {"pattern": f"%{literal}%", "prefix": f"{literal}%"}
    query = _LINES.format(condition=conditions)
    return conn.cursor(row_factory=dict_row).execute(query, parameters).fetchall()


def windows(conn: PgConnection) -> list[str]:
    """Windows that have lines, all time first, then the newest year."""
    return [name for (name,) in conn.execute(_WINDOWS, [[*SPANS, *YEARS]]).fetchall()]


def of_address(conn: PgConnection, address: str) -> list[dict[str, Any]]:
    """Every line of one address.

    :param address: lower case.
    """
    parameters = {"windows": [*SPANS, *YEARS], "roles": list(ROLES), "address": address}
    return conn.cursor(row_factory=dict_row).execute(_OF_ADDRESS, parameters).fetchall()


def _escaped(text: str) -> str:
    """The text as LIKE finds it letter by letter."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
