"""Rights as the catalog has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.publish.rights import Right

#: Relations of schemas, all of them or (second parameter) those the engine owns.
_RELATIONS_QUERY = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname = ANY(%s)
  AND (NOT %s OR pg_has_role(c.relowner, 'USAGE'))
ORDER BY 1, 2
"""

#: Rights of roles in schemas; the last column says whether the engine can take one away.
_HELD_QUERY = """
WITH own AS (
  SELECT c.*, n.nspname FROM pg_catalog.pg_class AS c
  INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname = ANY(%(schemas)s)
    AND pg_has_role(c.relowner, 'USAGE')
), held AS (
  SELECT x.grantee, 'schema' AS kind, x.privilege_type, n.nspname, '' AS name, '' AS attname,
    x.grantor = n.nspowner AND pg_has_role(n.nspowner, 'USAGE') AS revocable
  FROM pg_catalog.pg_namespace AS n CROSS JOIN aclexplode(n.nspacl) AS x WHERE n.nspname = ANY(%(schemas)s)
  UNION ALL
  SELECT x.grantee, 'relation', x.privilege_type, own.nspname, own.relname, '', x.grantor = own.relowner
  FROM own CROSS JOIN aclexplode(own.relacl) AS x
  WHERE x.grantee <> own.relowner
  UNION ALL
  SELECT x.grantee, 'column', x.privilege_type, own.nspname, own.relname, a.attname,
    x.grantor = own.relowner
  FROM own INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = own.oid AND NOT a.attisdropped
  CROSS JOIN aclexplode(a.attacl) AS x
  UNION ALL
  SELECT x.grantee, 'default', x.privilege_type, n.nspname, '', '', true
  FROM pg_catalog.pg_default_acl AS d
  INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace AND n.nspname = ANY(%(schemas)s)
  CROSS JOIN aclexplode(d.defaclacl) AS x
  WHERE d.defaclrole = current_user::regrole AND d.defaclobjtype = 'r'
  UNION ALL
  SELECT m.member, 'member', 'MEMBER', '', g.rolname, '', m.grantor = current_user::regrole
  FROM pg_catalog.pg_auth_members AS m INNER JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
)
SELECT r.rolname, held.kind, held.privilege_type, held.nspname, held.name, held.attname, bool_or(revocable)
FROM held INNER JOIN pg_catalog.pg_roles AS r ON r.oid = held.grantee AND r.rolname = ANY(%(roles)s)
GROUP BY 1, 2, 3, 4, 5, 6
"""

#: Roles that are not in the file, are neither Postgres's own nor the engine, and may connect here.
_OTHERS_QUERY = """
SELECT rolname FROM pg_catalog.pg_roles
WHERE rolname <> ALL(%s) AND rolname NOT LIKE 'pg\\_%%' AND rolname <> current_user
  AND has_database_privilege(oid, current_database(), 'CONNECT')
ORDER BY 1
"""

#: Relations of schemas that a role cannot read.
_UNREADABLE_QUERY = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname = ANY(%(schemas)s)
  AND NOT (
    has_schema_privilege(%(role)s, n.oid, 'USAGE') AND has_table_privilege(%(role)s, c.oid, 'SELECT')
  )
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class HeldRights:
    """What roles may do, and what of it the engine can take away."""

    all: frozenset[Right]
    revocable: frozenset[Right]


def relations(conn: PgConnection, schemas: Sequence[str], *, own: bool = False) -> list[Relation]:
    """Tables and views of these schemas, or those the engine owns."""
    return [Relation(*row) for row in conn.execute(_RELATIONS_QUERY, [list(schemas), own]).fetchall()]


def held_rights(conn: PgConnection, roles: Collection[str], schemas: Sequence[str]) -> HeldRights:
    """Rights of these roles on these schemas, on what the engine owns there, and in each other."""
    rows = conn.execute(_HELD_QUERY, {"roles": list(roles), "schemas": list(schemas)}).fetchall()
    rights = {Right(*row[:6]): row[6] for row in rows}
    return HeldRights(frozenset(rights), frozenset(right for right, ours in rights.items() if ours))


def other_roles(conn: PgConnection, roles: Collection[str]) -> list[str]:
    """Roles that may connect and are not among these."""
    return [name for (name,) in conn.execute(_OTHERS_QUERY, [list(roles)]).fetchall()]


def unreadable(conn: PgConnection, role: str, schemas: Sequence[str]) -> list[Relation]:
    """Relations of these schemas that a role cannot read, by the server's own word."""
    rows = conn.execute(_UNREADABLE_QUERY, {"role": role, "schemas": list(schemas)}).fetchall()
    return [Relation(*row) for row in rows]


def can_become(conn: PgConnection, role: str) -> bool:
    """Whether the engine may SET ROLE to it."""
    row = conn.execute("SELECT pg_has_role(%s, 'SET')", [role]).fetchone()
    return bool(row and row[0])


def read_as(conn: PgConnection, role: str, relations: Sequence[Relation]) -> None:
    """Read no row of each relation, as a role; raises what Postgres says."""
    with conn.transaction():
        conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        for relation in relations:
            conn.execute(sql.SQL("SELECT FROM {} LIMIT 0").format(sql.Identifier(*relation)))
