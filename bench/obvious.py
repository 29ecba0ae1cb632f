"""The obvious refresh: materialized views straight over postgres_fdw, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from bench.context import Bench
from bench.foreign import create_server, drop_relations, drop_server
from bench.measure import Side
from bench.warehouse import OurWay
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.checks import read_totals
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.publish.checks import Totals
from regendata.sources.indexers import GRANTS_INDEXER, MACI, IndexerSource
from sandbox.layout import Sandbox

SCHEMA = "obvious"
FOLDER = Path(__file__).parent / "baseline"
#: In an order in which each view finds what it reads.
VIEWS = (
    "public.rounds",
    "public.applications",
    "public.donations",
    "public.applications_payouts",
    "public.round_roles",
    "public.allov2_distribution_events_for_leaderboard",
    "public.static_donations",
    "public.static_matching",
    "public.indexer_matching",
    "public.all_donations",
    "public.all_matching",
    "public.round_totals",
    "experimental_views.allo_gmv_leaderboard_events",
    "experimental_views.allo_gmv_leaderboard",
)


@dataclass(frozen=True)
class ObviousWay:
    """The same relations in a schema of their own, in the same database.

    :param versions: version of ``chain_data_NN`` per source.
    """

    sandbox: Sandbox
    project: Project
    versions: dict[str, str]

    def prepare(self, conn: psycopg.Connection) -> None:
        """Foreign tables over both sources, and an empty schema for the views."""
        self.clear(conn)
        ensure_schemas(conn, [SCHEMA])
        for source in (GRANTS_INDEXER, MACI):
            tables = [self.project.tables[source.landed(name)] for name in source.tables]
            dsn = self.sandbox.dsn(source.name, f"{source.name}_reader")
            create_server(conn, _server(source), dsn, tables, source.schema(self.versions[source.name]))

    def refresh(self, conn: psycopg.Connection) -> dict[str, float]:
        """All views with the index of their key, in order; seconds per view."""
        seconds = {}
        for name in VIEWS:
            began = time.perf_counter()
            self._create(conn, Relation.parse(name))
            seconds[name] = time.perf_counter() - began
        return seconds

    def _create(self, conn: psycopg.Connection, relation: Relation) -> None:
        place = sql.Identifier(SCHEMA, relation.name)
        body = (FOLDER / f"{relation.name}.sql").read_text(encoding="utf-8")
        # The body is a file of this package.
        conn.execute(sql.SQL("CREATE MATERIALIZED VIEW {} AS ").format(place) + sql.SQL(body))
        key = self.project.models[relation].unique_key
        if key:
            columns = sql.SQL(", ").join(map(sql.Identifier, key))
            conn.execute(sql.SQL("CREATE UNIQUE INDEX ON {} ({})").format(place, columns))

    def empty(self, conn: psycopg.Connection) -> None:
        """Drop the views; the foreign tables stay."""
        drop_relations(conn, SCHEMA, "m", "MATERIALIZED VIEW")

    def clear(self, conn: psycopg.Connection) -> None:
        """Drop everything, also what a killed benchmark left."""
        self.empty(conn)
        conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(SCHEMA)))
        for source in (GRANTS_INDEXER, MACI):
            drop_server(conn, _server(source))


def _server(source: IndexerSource) -> str:
    return f"{SCHEMA}_{source.name}"


@dataclass
class ObviousSide:
    """The obvious refresh as a side, remembering what it built and how long each view took."""

    bench: Bench
    way: ObviousWay
    seconds: list[dict[str, float]] = field(default_factory=list)
    totals: dict[str, Totals] = field(default_factory=dict)

    @classmethod
    def of(cls, bench: Bench, ours: OurWay) -> ObviousSide:
        """Of the same versions, into a schema beside ours."""
        return cls(bench, ObviousWay(bench.sandbox, ours.project, ours.versions))

    def side(self) -> Side:
        """Prepared and emptied outside the time that counts."""
        return Side(self._run, before=self._before, after=self._after)

    def _before(self) -> None:
        with connect() as conn:
            self.way.prepare(conn)
        self.bench.settle()

    def _run(self) -> None:
        with connect() as conn:
            self.seconds.append(self.way.refresh(conn))

    def _after(self) -> None:
        with connect() as conn:
            if not self.totals:
                self.totals = totals_of(conn, self.way, lambda relation: Relation(SCHEMA, relation.name))
            self.way.empty(conn)

    def clear(self) -> None:
        """Drop everything, the foreign tables too."""
        with connect() as conn:
            self.way.clear(conn)


def totals_of(
    conn: psycopg.Connection, way: ObviousWay, place_of: Callable[[Relation], Relation]
) -> dict[str, Totals]:
    """Rows and USD of each view, where one of the two ways has it."""
    relations = [Relation.parse(name) for name in VIEWS]
    return {str(one): read_totals(conn, way.project.models[one], place_of(one)) for one in relations}
