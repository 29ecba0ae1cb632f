"""Reading the published totals: headline figures, their parts, and rounds one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from psycopg import sql
from psycopg.rows import dict_row

from regendata.hooks.postgres import PgConnection

#: ``program`` counts the rounds of a program, as the headline card does; ``all`` counts every round.
Scope = Literal["program", "all"]
Part = Literal["program", "chain", "strategy", "year"]

_SCOPES: dict[str, sql.SQL] = {"program": sql.SQL("total.program IS NOT NULL"), "all": sql.SQL("true")}
_PARTS: dict[str, sql.SQL] = {
    "program": sql.SQL("coalesce(total.program, 'Outside of programs')"),
    "chain": sql.SQL("coalesce(total.\"Chain\", 'Unknown')"),
    "strategy": sql.SQL("coalesce(total.\"Strategy\", 'Unknown')"),
    "year": sql.SQL(
        "coalesce(extract(YEAR FROM total.\"Indexed Time\" AT TIME ZONE 'UTC')::text, 'Unknown')"
    ),
}

_SUMS = sql.SQL("""
  round(coalesce(sum(total."Total USD"), 0)::numeric, 2)::double precision AS total_usd,
  round(coalesce(sum(total."Crowdfunding USD"), 0)::numeric, 2)::double precision AS crowdfunding_usd,
  round(coalesce(sum(total."Matching USD"), 0)::numeric, 2)::double precision AS matching_usd,
  coalesce(sum(total."Donations"), 0)::bigint AS donations,
  count(*) AS rounds
""")

_HEADLINE = sql.SQL("""
SELECT {sums},
  count(DISTINCT total.program) AS programs,
  count(DISTINCT total."Chain") AS chains,
  min(total."Indexed Time") AS first_round_at,
  max(total."Indexed Time") AS last_round_at
FROM public.round_totals AS total WHERE {scope}
""")

_PEOPLE = """
SELECT role, count(*) AS addresses, round(sum(gmv)::numeric, 2)::double precision AS gmv_usd
FROM experimental_views.allo_gmv_leaderboard_totals WHERE time_window = 'all' GROUP BY role
"""

_BY_PART = sql.SQL("""
SELECT {part} AS name, {sums}, max(total."Indexed Time") AS last_round_at
FROM public.round_totals AS total WHERE {scope}
GROUP BY 1 ORDER BY {order} LIMIT 500
""")

_ROUNDS = sql.SQL("""
SELECT
  total.program,
  total."Name" AS name,
  total."Chain" AS chain,
  total."Chain ID" AS chain_id,
  total."Round ID" AS round_id,
  total."Strategy" AS strategy,
  total."Indexed Time" AS round_at,
  total."Total USD" AS total_usd,
  total."Crowdfunding USD" AS crowdfunding_usd,
  total."Matching USD" AS matching_usd,
  total."Donations" AS donations,
  total."Donors" AS donors,
  count(*) OVER () AS found
FROM public.round_totals AS total
WHERE (%(program)s::text IS NULL OR total.program = %(program)s)
  AND (%(chain_id)s::text IS NULL OR total."Chain ID" = %(chain_id)s)
  AND (%(name)s::text IS NULL OR strpos(lower(total."Name"), lower(%(name)s)) > 0)
ORDER BY {order} DESC NULLS LAST, total."Name", total."Chain ID", total."Round ID", total."Total USD"
LIMIT %(limit)s OFFSET %(offset)s
""")
_ORDERS: dict[str, sql.SQL] = {
    "time": sql.SQL('total."Indexed Time"'),
    "total": sql.SQL('total."Total USD"'),
    "donors": sql.SQL('total."Donors"'),
}


@dataclass(frozen=True)
class RoundsPage:
    """Which rounds: of one program or chain, with a text in their name, in which order, from which on."""

    order: Literal["time", "total", "donors"]
    limit: int
    offset: int
    program: str | None = None
    chain_id: str | None = None
    name: str | None = None


def headline(conn: PgConnection, scope: Scope) -> dict[str, Any]:
    """Money and rounds of a scope; people and volume of all time, whatever the scope."""
    cursor = conn.cursor(row_factory=dict_row)
    sums = cursor.execute(_HEADLINE.format(sums=_SUMS, scope=_SCOPES[scope])).fetchone() or {}
    people = {row["role"]: row for row in cursor.execute(_PEOPLE).fetchall()}
    counts = {f"{role}s": people[role]["addresses"] if role in people else 0 for role in ("donor", "grantee")}
    gmv = people["grantee"]["gmv_usd"] if "grantee" in people else 0.0
    return {"gmv_usd": gmv, **sums, **counts}


def by_part(conn: PgConnection, part: Part, scope: Scope) -> list[dict[str, Any]]:
    """The sums of a scope in parts: years and programs in their order, others from the largest down."""
    order = {"program": 'max(total."Indexed Time") NULLS FIRST, 1', "year": "1"}.get(part, "2 DESC, 1")
    # The order is one of the lines above.
    query = _BY_PART.format(part=_PARTS[part], sums=_SUMS, scope=_SCOPES[scope], order=sql.SQL(order))
    return conn.cursor(row_factory=dict_row).execute(query).fetchall()


def rounds(conn: PgConnection, asked: RoundsPage) -> tuple[list[dict[str, Any]], int]:
    """Rounds of a page, and how many there are in all (0 behind the last page)."""
    query = _ROUNDS.format(order=_ORDERS[asked.order])
    rows = conn.cursor(row_factory=dict_row).execute(query, vars(asked)).fetchall()
    found = rows[0]["found"] if rows else 0
    return [{name: value for name, value in row.items() if name != "found"} for row in rows], found
