"""What stands in a database, as one snapshot sees it: rows and contents per table, and what to leave out."""

from __future__ import annotations

from collections.abc import Collection

from psycopg import sql

from regendata.backups.manifest import TableFacts
from regendata.hooks.postgres import PgConnection
from regendata.publish.plan import BUILD_PREFIX

_SCHEMAS = """
SELECT n.nspname FROM pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relkind = 'f')
ORDER BY 1
"""
_TABLES = """
SELECT n.nspname, c.relname, c.relkind = 'm' FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname = ANY(%s)
AND NOT EXISTS (
  SELECT FROM pg_depend AS d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
)
ORDER BY 1, 2
"""
# Views on foreign tables, and views on those: a dump without the foreign tables cannot be restored with them.
_LEFT_OUT = """
WITH RECURSIVE readers AS (
  SELECT c.oid FROM pg_class AS c WHERE c.relkind = 'f'
  UNION
  SELECT r.ev_class FROM readers
  INNER JOIN pg_depend AS d
  ON d.refobjid = readers.oid AND d.refclassid = 'pg_class'::regclass AND d.classid = 'pg_rewrite'::regclass
  INNER JOIN pg_rewrite AS r ON r.oid = d.objid
)
SELECT n.nspname, c.relname, pg_get_viewdef(c.oid) FROM readers
INNER JOIN pg_class AS c USING (oid)
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm')
ORDER BY 1, 2
"""
# What no reader outside of builds comes to, through whatever many relations of builds: a build that is not in
# use, open, or ended. It would make a backup several times as large.
_OLD_BUILDS = """
WITH RECURSIVE reads AS (
  SELECT r.ev_class AS reader, d.refobjid AS read FROM pg_rewrite AS r
  INNER JOIN pg_depend AS d
  ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
  WHERE d.refobjid <> r.ev_class
),
built AS (
  SELECT c.oid, n.nspname, c.relname FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname ~ %s
),
used AS (
  SELECT reads.read FROM reads WHERE reads.reader NOT IN (SELECT built.oid FROM built)
  UNION
  SELECT reads.read FROM used INNER JOIN reads ON reads.reader = used.read
)
SELECT nspname, relname FROM built WHERE oid NOT IN (SELECT used.read FROM used) ORDER BY 1, 2
"""
# Text of a row must not depend on the session.
_SESSION = """
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'iso_8601';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1
"""


def schemas(conn: PgConnection) -> list[str]:
    """Schemas that are backed up: all but those of foreign tables, which the next refresh makes again."""
    return [name for (name,) in conn.execute(_SCHEMAS).fetchall()]


def left_out(conn: PgConnection) -> dict[str, str]:
    """Quoted name -> definition of every view that needs a foreign table."""
    return {quoted(schema, name): text for schema, name, text in conn.execute(_LEFT_OUT).fetchall()}


def old_builds(conn: PgConnection) -> list[str]:
    """Quoted names of relations of builds that nobody reads: the next refresh makes new ones."""
    rows = conn.execute(_OLD_BUILDS, [rf"^{BUILD_PREFIX}\d+$"]).fetchall()
    return [quoted(schema, name) for schema, name in rows]


def hold(conn: PgConnection, inside: list[str]) -> None:
    """Keep tables and materialized views of some schemas from being dropped while the transaction is open.

    Publishing waits for none of them: it replaces views, and drops old builds when nobody reads them.
    """
    for schema, name, _ in conn.execute(_TABLES, [inside]).fetchall():
        conn.execute(sql.SQL("SELECT FROM {} LIMIT 0").format(sql.Identifier(schema, name)))


def tables(conn: PgConnection, inside: list[str], but: Collection[str] = ()) -> dict[str, TableFacts]:
    """Facts of every table and materialized view of some schemas, in the snapshot of the open transaction.

    :param but: quoted names of those that do not count.
    """
    conn.execute(_SESSION)
    rows = conn.execute(_TABLES, [inside]).fetchall()
    return {
        quoted(schema, name): _facts(conn, schema, name, derived)
        for schema, name, derived in rows
        if quoted(schema, name) not in but
    }


def quoted(schema: str, name: str) -> str:
    """A name as pg_dump's filters and people read it, always in quotes."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))


def _facts(conn: PgConnection, schema: str, name: str, derived: bool) -> TableFacts:
    # A column may be named like an alias, so the alias is one that no column has.
    statement = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended({row}::text, 0)), 0)::text FROM {table} AS {row}"
        if not derived
        else "SELECT count(*), NULL FROM {table} AS {row}"
    )
    found = conn.execute(
        statement.format(row=sql.Identifier("row of the table"), table=sql.Identifier(schema, name))
    ).fetchone()
    return TableFacts(*found) if found else TableFacts(0, None)
