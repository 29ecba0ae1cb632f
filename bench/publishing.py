"""Two ways of putting new copies of all relations before readers: facades moved, or relations renamed."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from bench.foreign import drop_relations
from regendata import settings
from regendata.hooks.warehouse import builds
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.landing.whole import lock_policy
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.publish.facade import physical

#: Rows per copy. What is published has no bearing on a publish; what readers scan has.
MOST_ROWS = 60_000
MOST_TRIES = 50


class NeverPublished(Exception):
    """The obvious way did not get through at all."""


@dataclass(frozen=True)
class Published:
    """One publish.

    :param began, ended: on the monotonic clock.
    :param transaction_seconds: of the transaction that got through.
    :param tries: transactions begun.
    """

    began: float
    ended: float
    transaction_seconds: float
    tries: int


@dataclass
class Way(ABC):
    """Publishes copies of the project's relations in a schema that readers know."""

    project: Project
    schema: str

    @abstractmethod
    def prepare(self, conn: psycopg.Connection) -> None:
        """Build the next copies; readers see none of it."""

    @abstractmethod
    def publish(self, conn: psycopg.Connection) -> Published:
        """Put them before the readers."""

    @abstractmethod
    def clear(self, conn: psycopg.Connection) -> None:
        """Drop everything, also what a killed benchmark left."""

    def names(self) -> dict[Relation, str]:
        """Name in ``schema`` per relation."""
        return {relation: physical(self.schema, relation).name for relation in self.project.models}

    def copy(self, conn: psycopg.Connection, relation: Relation, place: Relation) -> None:
        """A smaller relation with the same columns and the index of its key."""
        target = sql.Identifier(*place)
        conn.execute(
            sql.SQL("CREATE MATERIALIZED VIEW {} AS SELECT * FROM {} LIMIT {}").format(
                target, sql.Identifier(*relation), MOST_ROWS
            )
        )
        key = self.project.models[relation].unique_key
        if key:
            columns = sql.SQL(", ").join(map(sql.Identifier, key))
            conn.execute(sql.SQL("CREATE UNIQUE INDEX ON {} ({})").format(target, columns))
        conn.execute(sql.SQL("ANALYZE {}").format(target))


@dataclass
class Facades(Way):
    """This repository's way: the engine's own publish of a build under another system's name."""

    system: str = "bench_publish"
    number: int = field(default=0, init=False)

    def prepare(self, conn: psycopg.Connection) -> None:
        self.number = builds.new_build(conn, self.system, "bench")
        ensure_schemas(conn, [self._build_schema])
        for relation, name in self.names().items():
            place = Relation(self._build_schema, name)
            self.copy(conn, relation, place)
            self._record(conn, Relation(self.schema, name), place)

    @property
    def _build_schema(self) -> str:
        return f"{self.schema}_{self.number}"

    def _record(self, conn: psycopg.Connection, relation: Relation, place: Relation) -> None:
        conn.execute(
            "INSERT INTO meta.build_relation (build_id, relation, physical, fingerprint, carried_over, "
            "built_at) VALUES (%s, %s, %s, '', false, clock_timestamp())",
            [self.number, str(relation), str(place)],
        )

    def publish(self, conn: psycopg.Connection) -> Published:
        began = time.monotonic()
        switched = builds.publish(conn, self.number, lock_policy(settings.load()))
        return Published(began, time.monotonic(), switched.transaction_seconds, switched.attempts)

    def clear(self, conn: psycopg.Connection) -> None:
        drop_relations(conn, self.schema, "v", "VIEW")
        rows = conn.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ %s", [f"^{self.schema}(_[0-9]+)?$"]
        ).fetchall()
        for (name,) in rows:
            drop_relations(conn, name, "m", "MATERIALIZED VIEW")
            conn.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(name)))
        with conn.transaction():
            conn.execute(
                "DELETE FROM meta.build_relation WHERE build_id IN "
                "(SELECT build_id FROM meta.build WHERE system = %s)",
                [self.system],
            )
            conn.execute("DELETE FROM meta.publication WHERE system = %s", [self.system])
            conn.execute("DELETE FROM meta.build WHERE system = %s", [self.system])


class Renames(Way):
    """The obvious way: new relations built beside the old take their names in one transaction."""

    def prepare(self, conn: psycopg.Connection) -> None:
        ensure_schemas(conn, [self.schema])
        self._drop_old(conn)
        for relation, name in self.names().items():
            self.copy(conn, relation, Relation(self.schema, f"new_{name}"))

    def _drop_old(self, conn: psycopg.Connection) -> None:
        for name in self.names().values():
            old = sql.Identifier(self.schema, f"old_{name}")
            conn.execute(sql.SQL("DROP MATERIALIZED VIEW IF EXISTS {}").format(old))

    def publish(self, conn: psycopg.Connection) -> Published:
        """Tried again when PostgreSQL ends the transaction to resolve a deadlock."""
        began = time.monotonic()
        for tries in range(1, MOST_TRIES + 1):
            transaction_began = time.monotonic()
            try:
                self._rename(conn)
            except psycopg.errors.DeadlockDetected:
                continue
            now = time.monotonic()
            return Published(began, now, now - transaction_began, tries)
        raise NeverPublished(f"{MOST_TRIES} transactions ended in deadlocks")

    def _rename(self, conn: psycopg.Connection) -> None:
        rename = sql.SQL("ALTER MATERIALIZED VIEW IF EXISTS {} RENAME TO {}")
        with conn.transaction():
            for name in self.names().values():
                for before, after in ((name, f"old_{name}"), (f"new_{name}", name)):
                    conn.execute(rename.format(sql.Identifier(self.schema, before), sql.Identifier(after)))

    def clear(self, conn: psycopg.Connection) -> None:
        drop_relations(conn, self.schema, "m", "MATERIALIZED VIEW")
        conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(self.schema)))
