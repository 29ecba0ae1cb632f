"""Donations of each chain and day, counted when a build was published: looking for gaps reads no donation."""

from __future__ import annotations

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation

DONATIONS = Relation("public", "donations")

_IN_USE = """
SELECT r.physical, EXISTS (SELECT FROM meta.chain_day AS c WHERE c.physical = r.physical)
FROM meta.build_relation AS r
WHERE r.relation = %(relation)s AND r.build_id = (
  SELECT build_id FROM meta.publication WHERE system = %(system)s ORDER BY publication_id DESC LIMIT 1
)
"""
_COUNT = """
INSERT INTO meta.chain_day (physical, chain_id, day, row_count)
SELECT {name}, chain_id, (timestamp AT TIME ZONE 'UTC')::date, count(*) FROM {place} GROUP BY 2, 3
ON CONFLICT (physical, day, chain_id) DO NOTHING
"""


def keep(conn: PgConnection, system: str) -> None:
    """Count what a system shows now, unless it was counted before; forget what was dropped."""
    conn.execute("DELETE FROM meta.chain_day WHERE to_regclass(physical) IS NULL")
    row = conn.execute(_IN_USE, {"relation": str(DONATIONS), "system": system}).fetchone()
    if row is None or row[1]:
        return
    place = sql.Identifier(*Relation.parse(row[0]))
    conn.execute(sql.SQL(_COUNT).format(name=sql.Literal(row[0]), place=place))
