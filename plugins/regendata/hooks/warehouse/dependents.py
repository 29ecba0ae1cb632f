"""What stands on a view, read from the catalog: whose it is, what it reads, and all that makes it up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.publish.dependents import Captured, Grant, Index, Shape

#: Views by name, and all views and materialized views that read them, parents first. The depth ends a view
#: that somebody made to read itself.
_TREE_QUERY = """
WITH RECURSIVE tree (oid, depth) AS (
  SELECT root::oid, 0 FROM unnest(%s::regclass[]) AS r (root)
  UNION
  SELECT w.ev_class, t.depth + 1
  FROM tree AS t
  INNER JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
    AND d.classid = 'pg_rewrite'::regclass
  INNER JOIN pg_rewrite AS w ON w.oid = d.objid AND w.rulename = '_RETURN' AND w.ev_class <> t.oid
  WHERE t.depth < 50
)
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner),
  pg_get_viewdef(c.oid), c.relispopulated, coalesce(c.reloptions, '{}'), pg_has_role(c.relowner, 'SET')
FROM (SELECT oid, max(depth) AS depth FROM tree GROUP BY oid) AS t
INNER JOIN pg_class AS c ON c.oid = t.oid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY t.depth, c.oid
"""

#: Which of the relations reads which other; the column is NULL where none is named.
_READS_QUERY = """
SELECT DISTINCT w.ev_class::bigint, d.refobjid::bigint, a.attname
FROM pg_rewrite AS w
INNER JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
WHERE w.rulename = '_RETURN' AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
  AND w.ev_class = ANY(%(oids)s::oid[]) AND d.refobjid = ANY(%(oids)s::oid[])
"""

_SHAPE_QUERY = """
SELECT attrelid::bigint, attname, atttypid::bigint, atttypmod, attcollation::bigint
FROM pg_attribute WHERE attrelid = ANY(%(oids)s::oid[]) AND attnum > 0 AND NOT attisdropped
ORDER BY attrelid, attnum
"""

_GRANTS_QUERY = """
SELECT g.oid::bigint, g.attname, r.rolname, g.privilege_type, g.is_grantable
FROM (
  SELECT c.oid, NULL AS attname, x.* FROM pg_class AS c
  CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x
  WHERE c.oid = ANY(%(oids)s::oid[])
  UNION ALL
  SELECT a.attrelid, a.attname, x.* FROM pg_attribute AS a CROSS JOIN aclexplode(a.attacl) AS x
  WHERE a.attrelid = ANY(%(oids)s::oid[]) AND NOT a.attisdropped
) AS g
LEFT JOIN pg_roles AS r ON r.oid = g.grantee
"""

_COMMENTS_QUERY = """
SELECT d.objoid::bigint, a.attname, d.description
FROM pg_description AS d
LEFT JOIN pg_attribute AS a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE d.classoid = 'pg_class'::regclass AND d.objoid = ANY(%(oids)s::oid[])
ORDER BY d.objoid, d.objsubid
"""

_INDEXES_QUERY = """
SELECT i.indrelid::bigint, x.relname, i.indisunique,
  split_part(pg_get_indexdef(i.indexrelid), format(' ON %%I.%%I USING ', n.nspname, c.relname), 2),
  obj_description(i.indexrelid, 'pg_class')
FROM pg_index AS i
INNER JOIN pg_class AS x ON x.oid = i.indexrelid
INNER JOIN pg_class AS c ON c.oid = i.indrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE i.indrelid = ANY(%(oids)s::oid[])
ORDER BY i.indrelid, x.relname
"""

#: Rules, triggers and column defaults, as statements that name their relation.
_EXTRAS_QUERY = """
SELECT ev_class::bigint, pg_get_ruledef(oid) FROM pg_rewrite
WHERE ev_class = ANY(%(oids)s::oid[]) AND rulename <> '_RETURN'
UNION ALL
SELECT tgrelid::bigint, pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgrelid = ANY(%(oids)s::oid[]) AND NOT tgisinternal
UNION ALL
SELECT d.adrelid::bigint, format('ALTER VIEW %%I.%%I ALTER COLUMN %%I SET DEFAULT %%s', n.nspname, c.relname,
  a.attname, pg_get_expr(d.adbin, d.adrelid))
FROM pg_attrdef AS d
INNER JOIN pg_class AS c ON c.oid = d.adrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = ANY(%(oids)s::oid[])
ORDER BY 1, 2
"""

#: What holds on to relations (or their row types) and is no view: functions, table columns, statistics, ...
_HOLDERS_QUERY = """
SELECT DISTINCT c.oid::bigint, pg_describe_object(d.classid, d.objid, 0),
  coalesce(pg_get_userbyid(s.refobjid), 'a superuser')
FROM pg_class AS c
INNER JOIN pg_type AS t ON t.oid = c.reltype
INNER JOIN pg_depend AS d ON (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)
  OR (d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray))
LEFT JOIN pg_rewrite AS w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
LEFT JOIN pg_shdepend AS s ON s.classid = d.classid AND s.objid = d.objid AND s.deptype = 'o'
  AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
WHERE c.oid = ANY(%(oids)s::oid[])
  AND (d.deptype = 'n' OR d.classid = 'pg_statistic_ext'::regclass)
  AND NOT (d.classid = 'pg_class'::regclass AND d.objid = c.oid)
  AND (w.oid IS NULL OR (w.rulename <> '_RETURN' AND w.ev_class <> c.oid))
  AND NOT (d.classid = 'pg_trigger'::regclass AND EXISTS (
    SELECT FROM pg_trigger AS g WHERE g.oid = d.objid AND g.tgrelid = c.oid))
  AND NOT (d.classid = 'pg_attrdef'::regclass AND EXISTS (
    SELECT FROM pg_attrdef AS f WHERE f.oid = d.objid AND f.adrelid = c.oid))
ORDER BY 1, 2
"""


def capture(conn: PgConnection, roots: Iterable[Relation]) -> list[Captured]:
    """The views of these names and all that read them, parents first.

    Every name in what the server prints has its schema, because this empties the transaction's search path.
    """
    conn.execute("SELECT set_config('search_path', '', true)")
    rows = conn.execute(_TREE_QUERY, [[str(root) for root in roots]]).fetchall()
    oids = [row[0] for row in rows]
    reads, shapes = _by_oid(conn, _READS_QUERY, oids), _by_oid(conn, _SHAPE_QUERY, oids)
    comments, indexes = _by_oid(conn, _COMMENTS_QUERY, oids), _by_oid(conn, _INDEXES_QUERY, oids)
    granted, extras = grants(conn, oids), _by_oid(conn, _EXTRAS_QUERY, oids)
    return [
        Captured(
            oid=oid,
            relation=Relation(schema, name),
            kind=kind,
            owner=owner,
            definition=definition.strip().rstrip(";"),
            populated=populated,
            options=tuple(options),
            reads=frozenset(parent for parent, _ in reads[oid]),
            uses=frozenset((parent, column) for parent, column in reads[oid] if column is not None),
            shape=tuple(Shape(*one) for one in shapes[oid]),
            grants=granted[oid],
            comments=tuple((column, text) for column, text in comments[oid]),
            indexes=tuple(Index(*one) for one in indexes[oid]),
            extras=tuple(statement for (statement,) in extras[oid]),
            settable=settable,
        )
        for oid, schema, name, kind, owner, definition, populated, options, settable in rows
    ]


def grants(conn: PgConnection, oids: Iterable[int]) -> Mapping[int, frozenset[Grant]]:
    """Privileges on each relation and its columns, whoever granted them."""
    found = _by_oid(conn, _GRANTS_QUERY, oids)
    return defaultdict(
        frozenset, {oid: frozenset(Grant(*one) for one in rows) for oid, rows in found.items()}
    )


def shape(conn: PgConnection, relation: Relation) -> tuple[int, tuple[Shape, ...]]:
    """OID and columns of a relation that exists."""
    row = conn.execute("SELECT %s::regclass::oid::bigint", [str(relation)]).fetchone()
    oid = int(row[0]) if row else 0
    return oid, tuple(Shape(*one) for one in _by_oid(conn, _SHAPE_QUERY, [oid])[oid])


def holders(conn: PgConnection, oids: Iterable[int]) -> dict[int, list[str]]:
    """What would lose a relation if it were dropped, and is no view: described, with its owner."""
    found = _by_oid(conn, _HOLDERS_QUERY, oids)
    return {oid: [f"{what} (owner {owner})" for what, owner in rows] for oid, rows in found.items()}


def _by_oid(conn: PgConnection, query: str, oids: Iterable[int]) -> Mapping[int, list[tuple[Any, ...]]]:
    """Rows by their first column, without it."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for oid, *rest in conn.execute(sql.SQL(query), {"oids": list(oids)}).fetchall():
        found[oid].append(tuple(rest))
    return found
