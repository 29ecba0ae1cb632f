"""The least a refresh could take: its bytes copied from the source, and each result written once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import sql

from bench.foreign import drop_relations
from bench.pipe import pipe
from bench.warehouse import SYSTEM
from regendata.hooks.indexer import IndexerHook
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.landing.reference import excluded_chains
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.publish.facade import physical
from regendata.sources.catalog import copy_out
from regendata.sources.indexers import SOURCES, IndexerSource
from sandbox.bootstrap import OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from sandbox.refresh import WORKERS

SCHEMA = "bench_floor"


@dataclass(frozen=True)
class Floor:
    """Raw binary COPY of every landed table, and CREATE TABLE AS from every finished relation.

    psql moves the bytes, so that no line of Python is in their way; as many at a time as a refresh builds.
    """

    sandbox: Sandbox
    project: Project
    versions: dict[str, str]
    work: list[Callable[[], None]] = field(default_factory=list)

    def prepare(self) -> None:
        """Empty tables of the same shape, and the statements that fill them."""
        self.clear()
        self.work.clear()
        with connect() as conn:
            ensure_schemas(conn, [SCHEMA])
            for source in SOURCES.values():
                self._prepare_copies(conn, source)
            for built in builds.published_relations(conn, SYSTEM).values():
                self.work.append(partial(_write_again, built.place))

    def _prepare_copies(self, conn: psycopg.Connection, source: IndexerSource) -> None:
        version = self.versions[source.name]
        remote = IndexerHook(source).tables(version)
        for name in sorted(source.tables, key=lambda name: name != source.progress):
            spec = self.project.tables[source.landed(name)]
            place = physical(SCHEMA, spec.relation)
            conn.execute(
                sql.SQL("CREATE TABLE {} (LIKE {})").format(
                    sql.Identifier(*place), sql.Identifier(*spec.relation)
                )
            )
            out = copy_out(spec, Relation(source.schema(version), name), remote[name], excluded_chains())
            into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(*place))
            self.work.append(partial(self._pipe, source, out.as_string(conn), into.as_string(conn)))

    def run(self) -> None:
        """All of it."""
        with ThreadPoolExecutor(WORKERS) as pool:
            for future in [pool.submit(step) for step in self.work]:
                future.result()

    def clear(self) -> None:
        """Drop what was copied, also by a killed benchmark."""
        with connect() as conn:
            drop_relations(conn, SCHEMA, "r", "TABLE")
            conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(SCHEMA)))

    def _pipe(self, source: IndexerSource, copy_from_source: str, copy_into_warehouse: str) -> None:
        source_dsn = self.sandbox.dsn(source.name, f"{source.name}_reader")
        pipe(source_dsn, copy_from_source, self.sandbox.dsn(WAREHOUSE, OWNER), copy_into_warehouse)


def _write_again(place: Relation) -> None:
    copy = sql.Identifier(SCHEMA, f"of_{place.name}")
    with connect() as conn:
        conn.execute(sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(copy, sql.Identifier(*place)))
