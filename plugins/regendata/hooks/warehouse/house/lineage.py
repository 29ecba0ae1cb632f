"""What the warehouse knows of one relation: columns with types, and the last build or landing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house.reading import Row, rows
from regendata.hooks.warehouse.house.status import made_by
from regendata.models.relation import Relation

_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
WHERE n.nspname = %(schema)s AND c.relname = %(name)s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_BUILD = """
SELECT r.build_id, r.physical, r.row_count, r.byte_count, r.seconds, r.built_at
FROM meta.build_relation AS r
WHERE r.relation = %(relation)s AND r.build_id = (
  SELECT build_id FROM meta.publication WHERE system = %(system)s ORDER BY publication_id DESC LIMIT 1
)
"""
_LANDED = """
SELECT t.source, t.row_count, t.byte_count, t.landed_at, c.source_version
FROM meta.landed_table AS t INNER JOIN meta.cut AS c ON c.cut_id = t.cut_id WHERE t.relation = %(relation)s
"""

_SOURCES = """
SELECT one AS source FROM meta.refresh CROSS JOIN LATERAL jsonb_array_elements(sources) AS one
WHERE build_id = %(build)s AND one ->> 'source' IN (
  SELECT landed.source FROM meta.landed_table AS landed WHERE landed.relation = ANY(%(tables)s)
)
"""


def columns(conn: PgConnection, relation: Relation) -> list[Row]:
    """Columns as readers see them; none for what was never published."""
    return rows(conn, _COLUMNS, {"schema": relation.schema, "name": relation.name})


def last_build(conn: PgConnection, system: str, relation: Relation) -> Row | None:
    """The relation in the build in use; ``made_by`` is the build that made its rows."""
    found = rows(conn, _BUILD, {"system": system, "relation": str(relation)})
    return found[0] | {"made_by": made_by(found[0]["physical"], found[0]["build_id"])} if found else None


def landed(conn: PgConnection, relation: Relation) -> Row | None:
    """What a landed table holds; None for what is no landed table or never landed."""
    found = rows(conn, _LANDED, {"relation": str(relation)})
    return found[0] if found else None


def sources_of(conn: PgConnection, build_id: int, tables: Collection[str]) -> list[dict[str, Any]]:
    """Version and own time of the sources of some tables, as the receipt of a build has them."""
    found = rows(conn, _SOURCES, {"build": build_id, "tables": sorted(tables)})
    return [one["source"] for one in found]
