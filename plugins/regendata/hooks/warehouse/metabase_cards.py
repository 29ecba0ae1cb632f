"""What Metabase should know and show: columns of the warehouse, and its own answers to cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg.rows import dict_row

from regendata import paths
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.checks import write_results
from regendata.models import files
from regendata.models.relation import Relation
from regendata.publish.checks.verdict import CheckResult

#: Schemas that Metabase shows.
SCHEMAS = ("public", "experimental_views", "indexer", "maci")
Column = tuple[str, str, str, str]

_COLUMNS_QUERY = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""


def visible_columns(conn: PgConnection) -> list[Column]:
    """Schema, relation, column and type of everything Metabase shows."""
    return conn.execute(_COLUMNS_QUERY, [list(SCHEMAS)]).fetchall()


def synced_digest(conn: PgConnection) -> str | None:
    """Digest of the columns that Metabase was asked to look at last."""
    row = conn.execute(
        "SELECT columns_digest FROM meta.metabase_sync ORDER BY synced_at DESC LIMIT 1"
    ).fetchone()
    return row[0] if row else None


def record_sync(conn: PgConnection, database_id: int, digest: str, count: int, build_id: int | None) -> None:
    """Keep what Metabase was asked to look at."""
    conn.execute(
        "INSERT INTO meta.metabase_sync (database_id, columns_digest, column_count, build_id) "
        "VALUES (%s, %s, %s, %s) ON CONFLICT (database_id) DO UPDATE SET "
        "columns_digest = excluded.columns_digest, column_count = excluded.column_count, "
        "build_id = excluded.build_id, synced_at = clock_timestamp()",
        [database_id, digest, count, build_id],
    )


def card_statement(name: str) -> str:
    """A card's question in SQL."""
    return files.read(paths.STEPS / "metabase" / f"{name}.sql", ("description",)).body


def card_row(conn: PgConnection, statement: str) -> dict[str, Any]:
    """The warehouse's answer."""
    with conn.cursor(row_factory=dict_row) as cursor:
        # The statement is a file of this repository.
        return cursor.execute(statement.encode()).fetchone() or {}


def replace_results(
    conn: PgConnection, build_id: int, relation: Relation, results: Sequence[CheckResult]
) -> None:
    """Write a card's checks in place of those of an earlier try."""
    with conn.transaction():
        conn.execute(
            "DELETE FROM meta.check_result WHERE build_id = %s AND relation = %s", [build_id, str(relation)]
        )
        write_results(conn, build_id, relation, results)
