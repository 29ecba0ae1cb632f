"""A warehouse under test, as its different people see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from sandbox.bootstrap import ANALYST, OWNER
from sandbox.layout import Sandbox


@dataclass(frozen=True)
class Warehouse:
    """One database of a cluster, with connections as owner, analyst or superuser (all autocommit)."""

    sandbox: Sandbox
    database: str

    def dsn(self, role: str = OWNER) -> str:
        return self.sandbox.dsn(self.database, role)

    def connect(self, role: str = OWNER, name: str = "test") -> psycopg.Connection[Any]:
        """:param name: application name, as error messages show it."""
        return psycopg.connect(self.dsn(role), autocommit=True, application_name=name)

    def analyst(self, name: str = "analyst") -> psycopg.Connection[Any]:
        return self.connect(ANALYST, name)

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as the owner, in a session of its own."""
        with self.connect() as connection:
            return connection.execute(query, parameters or None).fetchall()

    def value(self, query: str, parameters: Sequence[Any] = ()) -> Any:
        """First column of the first row."""
        return self.rows(query, parameters)[0][0]

    def do(self, *statements: str) -> None:
        """Statements of the owner, each in a transaction of its own."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def relations(self, schema_pattern: str) -> set[str]:
        """Every relation but indexes and sequences in schemas like a pattern, as schema.name."""
        query = (
            "SELECT n.nspname || '.' || c.relname FROM pg_class AS c "
            "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE n.nspname LIKE %s AND c.relkind IN ('r', 'v', 'm', 'f')"
        )
        return {name for (name,) in self.rows(query, [schema_pattern])}

    def schemas(self, pattern: str) -> set[str]:
        """Schemas like a pattern, empty ones included."""
        return {
            name for (name,) in self.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [pattern])
        }

    def oid(self, relation: str) -> int:
        return int(self.value("SELECT %s::regclass::oid", [relation]))

    def leftovers(self) -> set[str]:
        """Schemas of landings and builds that nothing in use stands in, and relations there not in use."""
        return {name for (name,) in self.rows(_LEFTOVERS)}


_LEFTOVERS = r"""
WITH RECURSIVE used AS (
  SELECT to_regclass(place)::oid AS oid FROM meta.landed_table CROSS JOIN unnest(physical || parts) AS place
  UNION SELECT to_regclass(place) FROM meta.build_relation AS r
  INNER JOIN meta.build AS b USING (build_id) CROSS JOIN unnest(r.physical || r.parts) AS place
  WHERE b.state = 'published'
  -- What these read by their definition cannot go before them.
  UNION SELECT d.refobjid FROM used INNER JOIN pg_rewrite AS rule ON rule.ev_class = used.oid
  INNER JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
    AND d.refclassid = 'pg_class'::regclass
), own AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname ~ '^(land|build)_[0-9]+$'
)
SELECT own.nspname || '.' || c.relname FROM own INNER JOIN pg_class AS c ON c.relnamespace = own.oid
WHERE c.relkind IN ('r', 'v', 'm') AND c.oid NOT IN (SELECT oid FROM used WHERE oid IS NOT NULL)
UNION ALL
SELECT own.nspname FROM own
WHERE NOT EXISTS (
  SELECT FROM pg_class AS c WHERE c.relnamespace = own.oid AND c.oid IN (SELECT oid FROM used)
)
"""
