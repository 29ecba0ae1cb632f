"""Schemas and meta tables of the warehouse, created and extended from their files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec

META = "meta"
#: ``backend_flush_after`` of whoever writes a whole relation: the disk writes along, and not all at COMMIT.
WRITE_BEHIND = "2MB"
#: Any constant; everybody who creates meta tables waits here for his turn.
_ADVISORY_LOCK = 7_231_001


def ensure_meta(conn: PgConnection, tables: Mapping[Relation, TableSpec]) -> None:
    """Bring the ``meta`` schema up to its files; nothing is done when it is."""
    ensure_tables(conn, tables, META)


def ensure_tables(conn: PgConnection, tables: Mapping[Relation, TableSpec], schema: str) -> bool:
    """Bring the tables of a schema that grow in place up to their files.

    New tables are created, new columns added, CHECK constraints replaced by those of the file. Rows, columns
    and tables are never dropped.

    :returns: whether there was anything to do.
    """
    specs = [spec for relation, spec in tables.items() if relation.schema == schema]
    stamp = hashlib.sha256("".join(spec.body for spec in specs).encode()).hexdigest()
    if _stamp(conn, schema) == stamp:
        return False
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        ensure_schemas(conn, [schema])
        for spec in _referenced_first(specs):
            ensure_table(conn, spec)
        conn.execute(
            sql.SQL("COMMENT ON SCHEMA {} IS {}").format(
                sql.Identifier(schema), sql.Literal(f"tables {stamp}")
            )
        )
    return True


def ensure_schemas(conn: PgConnection, names: Iterable[str]) -> None:
    """Create schemas that do not exist yet; asking costs a tenth of CREATE SCHEMA IF NOT EXISTS."""
    rows = conn.execute(
        "SELECT name FROM unnest(%s::text[]) AS name WHERE NOT EXISTS ("
        "SELECT FROM pg_namespace WHERE nspname = name) ORDER BY name",
        [sorted(set(names))],
    ).fetchall()
    for (name,) in rows:
        conn.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name)))


def columns(conn: PgConnection, relations: Iterable[Relation]) -> dict[Relation, tuple[str, ...]]:
    """Columns of each relation that exists, in order."""
    found: dict[Relation, tuple[str, ...]] = {}
    for relation in relations:
        rows = conn.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) "
            "AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [str(relation)],
        ).fetchall()
        if rows:
            found[relation] = tuple(name for (name,) in rows)
    return found


def _stamp(conn: PgConnection, schema: str) -> str | None:
    row = conn.execute(
        "SELECT obj_description(to_regnamespace(quote_ident(%s)), 'pg_namespace')", [schema]
    ).fetchone()
    return row[0].removeprefix("tables ") if row and row[0] else None


def _referenced_first(specs: list[TableSpec]) -> list[TableSpec]:
    return sorted(specs, key=lambda spec: (" REFERENCES " in spec.body, spec.relation))


def ensure_table(conn: PgConnection, spec: TableSpec) -> None:
    existing = columns(conn, [spec.relation]).get(spec.relation)
    if existing is None:
        # The statement is a file of this repository.
        conn.execute(sql.SQL(spec.body))
        return
    for column in spec.columns:
        if column.name not in existing:
            conn.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(
                    sql.Identifier(*spec.relation), sql.SQL(column.definition)
                )
            )
    _replace_constraints(conn, spec)


def _replace_constraints(conn: PgConnection, spec: TableSpec) -> None:
    """A file may allow new values, such as another state; Postgres has no ALTER for the condition itself."""
    table = sql.Identifier(*spec.relation)
    present = conn.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
        [str(spec.relation)],
    ).fetchall()
    changes = [sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(name)) for (name,) in present]
    changes += [
        sql.SQL("ADD CONSTRAINT {} CHECK ({})").format(sql.Identifier(one.name), sql.SQL(one.condition))
        for one in spec.constraints
    ]
    if changes:
        conn.execute(sql.SQL("ALTER TABLE {} {}").format(table, sql.SQL(", ").join(changes)))
