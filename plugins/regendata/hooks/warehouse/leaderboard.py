"""Reading the published leaderboard: a page of it, a search in it, and one address in all its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.leaderboard_ranks import RECENT, STEP, TOTALS, Ranks, within

ROLES = ("donor", "grantee", "round_operator", "contract_dev")
#: Windows beside the years; ``all`` is what a page shows unless asked.
SLIDING = ("last_365_days", "last_90_days", "last_30_days")
SPANS = ("all", *SLIDING)
#: Years that may have events. The first grants were given in 2019.
YEARS = tuple(str(year) for year in range(2100, 2016, -1))

_PAGE = sql.SQL("""
SELECT address, name, gmv, events, first_at, last_at FROM {lines}
WHERE time_window = %(window)s AND role = %(role)s {after}
ORDER BY gmv DESC, address DESC LIMIT %(limit)s
""")
_AFTER = sql.SQL("AND (gmv, address) < (%(gmv)s, %(address)s)")
#: The line that somebody has seen need not be there any more; whatever stands above its place counts.
_SEEN = sql.SQL("""
SELECT {step}, {within} FROM (
  SELECT %(window)s AS time_window, %(role)s AS role, %(gmv)s::double precision AS gmv, %(address)s AS address
) AS line
""")

#: What is found stands anywhere on the board, so all lines above it are read anyway.
_SEARCH = sql.SQL("""
SELECT rank, address, name, gmv, events, first_at, last_at
FROM (
  SELECT *, row_number() OVER (ORDER BY gmv DESC, address DESC) AS rank FROM {lines}
  WHERE time_window = %(window)s AND role = %(role)s
) AS board
WHERE (name ILIKE %(pattern)s OR address LIKE lower(%(prefix)s)) {after}
ORDER BY rank LIMIT %(limit)s
""")

_WINDOWS = sql.SQL("""
SELECT time_window FROM unnest(%s::text[]) WITH ORDINALITY AS known (time_window, place)
WHERE EXISTS (SELECT FROM {totals} AS line WHERE line.time_window = known.time_window)
  OR EXISTS (SELECT FROM {recent} AS line WHERE line.time_window = known.time_window)
ORDER BY place
""").format(totals=TOTALS, recent=RECENT)

_LINES_OF_ADDRESS = sql.SQL("""
SELECT line.time_window, line.role, {within} AS rank, line.gmv, line.events, line.first_at, line.last_at,
  line.name, {step} AS step
FROM {lines} AS line
WHERE line.time_window = ANY(%(windows)s) AND line.role = ANY(%(roles)s) AND line.address = %(address)s
""")


def _lines_of_address(lines: sql.Identifier) -> sql.Composed:
    return _LINES_OF_ADDRESS.format(lines=lines, within=within(lines), step=STEP)


_OF_ADDRESS = sql.SQL("""
SELECT * FROM ({totals} UNION ALL {recent}) AS line
ORDER BY array_position(%(windows)s, time_window), array_position(%(roles)s, role)
""").format(totals=_lines_of_address(TOTALS), recent=_lines_of_address(RECENT))


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


def page(conn: PgConnection, asked: LeaderboardPage, ranks: Ranks) -> list[dict[str, Any]]:
    """One line more than asked for, where there is one, so that the asker knows whether to go on."""
    lines = RECENT if asked.window in SLIDING else TOTALS
    parameters: dict[str, Any] = {"window": asked.window, "role": asked.role, "limit": asked.limit + 1}
    if asked.after:
        parameters |= {"gmv": asked.after.gmv, "address": asked.after.address}
    if asked.search:
        literal = _escaped(asked.search)
        parameters |= {"pattern": f"%{literal}%", "prefix": f"{literal}%"}
    after = _AFTER if asked.after else sql.SQL("")
    query = (_SEARCH if asked.search else _PAGE).format(lines=lines, after=after)
    found = conn.cursor(row_factory=dict_row).execute(query, parameters).fetchall()
    if asked.search:
        return found
    first = 1 + (_seen(conn, parameters, lines, ranks) if asked.after else 0)
    return [{"rank": rank, **line} for rank, line in enumerate(found, first)]


def _seen(conn: PgConnection, parameters: Mapping[str, Any], lines: sql.Identifier, ranks: Ranks) -> int:
    """Lines down to the place that was seen last."""
    query = _SEEN.format(step=STEP, within=within(lines))
    row = conn.execute(query, parameters).fetchone()
    step, down_to_it = row or (0, 0)
    (above,) = ranks.above(conn, [((parameters["window"], parameters["role"]), step)])
    return int(down_to_it) + above


def windows(conn: PgConnection) -> list[str]:
    """Windows that have lines, all time first, then the newest year."""
    return [name for (name,) in conn.execute(_WINDOWS, [[*SPANS, *YEARS]]).fetchall()]


def of_address(conn: PgConnection, address: str, ranks: Ranks) -> list[dict[str, Any]]:
    """Every line of one address.

    :param address: lower case.
    """
    parameters = {"windows": [*SPANS, *YEARS], "roles": list(ROLES), "address": address}
    found = conn.cursor(row_factory=dict_row).execute(_OF_ADDRESS, parameters).fetchall()
    places = [((line["time_window"], line["role"]), line.pop("step")) for line in found]
    for line, above in zip(found, ranks.above(conn, places), strict=True):
        line["rank"] += above
    return found


def _escaped(text: str) -> str:
    """The text as LIKE finds it letter by letter."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
