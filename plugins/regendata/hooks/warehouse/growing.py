"""Tables that grow in place, row by row, and take part in builds like landed ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import cuts
from regendata.hooks.warehouse.schema import ensure_meta, ensure_tables
from regendata.models import files
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.sources.rows import fingerprint

_RECORD = """
INSERT INTO meta.landed_table
  (relation, physical, source, cut_id, fingerprint, row_count, byte_count, seconds)
SELECT %(relation)s::text, %(relation)s::text, %(source)s, %(cut)s::bigint, 'cut ' || %(cut)s::bigint,
  greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid), 0
FROM pg_catalog.pg_class AS c WHERE c.oid = %(relation)s::text::regclass
ON CONFLICT (relation) DO UPDATE SET source = excluded.source, cut_id = excluded.cut_id,
  fingerprint = excluded.fingerprint, row_count = excluded.row_count,
  byte_count = excluded.byte_count, landed_at = clock_timestamp()
"""


def ensure_growing(
    conn: PgConnection, schema: str, tables: Mapping[Relation, TableSpec], views: Path
) -> None:
    """Bring the tables of a schema, then the plain views on them, up to their files."""
    ensure_meta(conn, tables)
    ensure_tables(conn, tables, schema)
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('regendata views'), hashtext(%s))", [schema])
        for path in sorted((views / schema).glob("*.sql")):
            _ensure_view(conn, files.read(path, ("description", "columns")))


def _ensure_view(conn: PgConnection, file: files.SqlFile) -> None:
    """Only when the file changed: replacing a view locks out its readers for a moment."""
    name, stamp = sql.Identifier(*file.relation), f"[{fingerprint([file.body])[:12]}]"
    row = conn.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [str(file.relation)]).fetchone()
    if row and row[0] and row[0].endswith(stamp):
        return
    # The SELECT is a file of this repository.
    conn.execute(sql.SQL("CREATE OR REPLACE VIEW {} AS {}").format(name, sql.SQL(file.body)))
    comment = f"{str(file.header.get('description', '')).strip()} {stamp}"
    conn.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(name, sql.Literal(comment)))


def record_growth(conn: PgConnection, source: str, run_id: str, relations: Iterable[Relation]) -> None:
    """Give tables that took in rows a new fingerprint, so that builds on them are made anew.

    Counts are the planner's: counting all rows would take longer the longer a table gets.
    """
    grown = list(relations)
    with conn.transaction():
        cut_id = cuts.open_cut(conn, source, None, run_id, loads=False)
        for relation in grown:
            conn.execute(_RECORD, {"relation": str(relation), "source": source, "cut": cut_id})
        conn.execute(
            "UPDATE meta.cut SET state = 'superseded' WHERE source = %s AND state = 'current' AND %s",
            [source, bool(grown)],
        )
        conn.execute(
            "UPDATE meta.cut SET state = %s, snapshot_at = clock_timestamp(), "
            "finished_at = clock_timestamp() WHERE cut_id = %s",
            ["current" if grown else "unchanged", cut_id],
        )


def unrecorded(conn: PgConnection, relations: Iterable[Relation]) -> list[Relation]:
    """Tables no run has recorded yet."""
    recorded = cuts.landed_tables(conn)
    return [relation for relation in relations if relation not in recorded]
