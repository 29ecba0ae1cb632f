"""What the warehouse knows of one relation: columns with types, and the last build or landing."""

from __future__ import annotations

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

_SOURCES = "SELECT sources FROM meta.refresh WHERE build_id = %(build)s"


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


def sources_of(conn: PgConnection, build_id: int) -> list[dict[str, Any]]:
    """Version and own time of each source that a build was made from, as its receipt has them."""
    found = rows(conn, _SOURCES, {"build": build_id})
    return list(found[0]["sources"]) if found else []
