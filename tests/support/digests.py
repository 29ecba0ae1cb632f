"""Published content as one hash per relation, to compare two warehouses."""

from __future__ import annotations

from psycopg import sql

from tests.support.warehouse import Warehouse

PUBLISHED_SCHEMAS = ("public", "experimental_views", "intermediate", "views")


def published_digest(warehouse: Warehouse) -> dict[str, str]:
    """View name -> hash over all its rows, whatever their order."""
    found: dict[str, str] = {}
    with warehouse.connect() as connection:
        names = connection.execute(
            "SELECT schemaname, viewname FROM pg_views WHERE schemaname = ANY(%s) ORDER BY 1, 2",
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall()
        for name in names:
            query = sql.SQL(
                "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {} AS t"
            )
            row = connection.execute(query.format(sql.Identifier(*name))).fetchone()
            found[".".join(name)] = row[0] if row else ""
    return found
