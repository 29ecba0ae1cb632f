"""Who may read what: ``include/permissions.yaml`` as statements and as probes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from psycopg import sql

from regendata.exceptions import ModelFileError
from regendata.models.relation import Relation

_FORM = "holds one mapping `readers: {role: [schema, ...]}`"


@dataclass(frozen=True)
class ReadAccess:
    """A role that may read everything in some schemas, now and in future."""

    role: str
    schemas: tuple[str, ...]


def read_permissions(path: Path) -> tuple[ReadAccess, ...]:
    """Read ``readers: {role: [schema, ...]}``.

    :raises ModelFileError: for anything else.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ModelFileError(path, f"{_FORM}; this is not YAML: {error}", 1) from error
    readers = given.get("readers") if isinstance(given, Mapping) else None
    if not isinstance(readers, Mapping) or not all(isinstance(names, list) for names in readers.values()):
        raise ModelFileError(path, _FORM, 1)
    return tuple(ReadAccess(str(role), tuple(map(str, names))) for role, names in readers.items())


def grant_statements(access: ReadAccess, relations: Sequence[Relation]) -> Iterator[sql.Composed]:
    """USAGE on each schema, SELECT on ``relations`` and on what the owner will create; safe to repeat.

    Relations are named one by one: ON ALL TABLES fails as a whole where somebody else owns one of them.
    """
    role = sql.Identifier(access.role)
    for name in access.schemas:
        schema = sql.Identifier(name)
        yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role)
        yield sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO {}").format(
            schema, role
        )
    if relations:
        names = sql.SQL(", ").join(sql.Identifier(*relation) for relation in relations)
        yield sql.SQL("GRANT SELECT ON {} TO {}").format(names, role)


#: Own relations of schemas that a role cannot read yet.
GRANTABLE_QUERY = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname = ANY(%(schemas)s)
  AND pg_has_role(c.relowner, 'USAGE') AND NOT has_table_privilege(%(role)s, c.oid, 'SELECT')
ORDER BY 1, 2
"""

#: Relations of schemas (second parameter) that a role (first parameter) cannot read.
UNREADABLE_QUERY = """
SELECT format('%%I.%%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname = ANY(%(schemas)s)
  AND NOT (
    has_schema_privilege(%(role)s, n.oid, 'USAGE') AND has_table_privilege(%(role)s, c.oid, 'SELECT')
  )
ORDER BY 1
"""
