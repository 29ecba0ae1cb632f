"""This repository's refresh, brought to a known state before each measurement."""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg

from bench.context import Bench
from bench.measure import Side
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.project import Project, load_project
from regendata.sources.indexers import SOURCES
from sandbox.refresh import Refreshed, land_sheets, load_static_data, refresh, tidy_up

SYSTEM = "grants"
#: Landed anew by each refresh; archives are loaded once, whichever way the refresh goes.
REFRESHED_SOURCES = (*SOURCES, "dune", "reference")


@dataclass
class OurWay:
    """The refresh as the scheduler's tasks do it, in one process."""

    bench: Bench
    project: Project = field(default_factory=lambda: load_project(SYSTEM))
    runs: list[Refreshed] = field(default_factory=list)

    def prepare(self) -> None:
        """Static data, sheets and a first refresh, so that the measured ones find a warehouse in use."""
        self.bench.tell("static data and a first refresh")
        load_static_data()
        land_sheets()
        self.refresh()
        tidy_up()

    def ensure_published(self) -> None:
        """As `prepare`, unless an earlier comparison did it."""
        with connect() as conn:
            ensure_meta(conn, self.project.tables)
            is_published = bool(builds.published_relations(conn, SYSTEM))
        if not is_published:
            self.prepare()

    @property
    def versions(self) -> dict[str, str]:
        """Version in use per source."""
        with connect() as conn:
            return dict(conn.execute("SELECT source, version FROM meta.source_version").fetchall())

    def refresh(self, whole: bool = False, judged: bool = True) -> None:
        """One refresh of an ordinary day, on which the advertised version is the one in use.

        :param whole: land and build everything as a whole.
        :param judged: with checks and the comparison with the build in use.
        """
        self.runs.append(refresh("bench", self.versions.get("indexer"), whole=whole, judged=judged))

    def full(self) -> Side:
        """Everything has changed upstream."""
        return Side(lambda: self.refresh(whole=True), before=self._forget, after=tidy_up)

    def unjudged(self) -> Side:
        """The same without checks and comparison."""
        return Side(
            lambda: self.refresh(whole=True, judged=False), before=self._forget, after=self._judge_again
        )

    def unchanged(self) -> Side:
        """Nothing has."""
        return Side(self.refresh, before=self.bench.settle, after=tidy_up)

    def _judge_again(self) -> None:
        """The next comparison finds the digests of the build in use, as ever."""
        tidy_up()
        self._forget()
        self.refresh(whole=True)
        tidy_up()

    def _forget(self) -> None:
        with connect() as conn:
            forget_fingerprints(conn)
        self.bench.settle()


def forget_fingerprints(conn: psycopg.Connection) -> None:
    """Make every source look changed and every relation out of date."""
    with conn.transaction():
        conn.execute(
            "UPDATE meta.landed_table SET fingerprint = '' WHERE source = ANY(%s)", [list(REFRESHED_SOURCES)]
        )
        conn.execute("UPDATE meta.build_relation SET fingerprint = ''")
