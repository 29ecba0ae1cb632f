"""Generated source databases as templates, and one test's own copy of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sandbox.bootstrap import SOURCES
from sandbox.generator.seeding import Readers, fill_databases, write_files
from sandbox.generator.source import source_for
from sandbox.layout import Sandbox
from tests.support import databases

SCALE = 1_000
TEMPLATES = {name: f"seeded_{name}" for name in SOURCES}


@dataclass(frozen=True)
class Seeded:
    """What was generated once per test session: two template databases and the files beside them."""

    sandbox: Sandbox

    @property
    def archives(self) -> Path:
        return self.sandbox.archives

    def serve(self, upstreams: Path) -> None:
        """Give the stand-ins their files."""
        shutil.copytree(self.sandbox.upstreams, upstreams, dirs_exist_ok=True)


def seed_templates(sandbox: Sandbox) -> Seeded:
    """Fill the template databases and write archives and stand-in files into the sandbox's folders."""
    sandbox.make_folders()
    dsns = []
    for name in SOURCES:
        databases.make_clone(sandbox, name, TEMPLATES[name], guests=[SOURCES[name]])
        dsns.append(sandbox.dsn(TEMPLATES[name]))
    source = source_for(SCALE, None)
    fill_databases(source, dsns[0], dsns[1], SCALE, Readers(*SOURCES.values()))
    write_files(source, dsns[0], sandbox.archives, sandbox.upstreams)
    return Seeded(sandbox)


@dataclass(frozen=True)
class SourceDatabase:
    """One source database, as its superuser fills and hurts it and as the warehouse reads it."""

    sandbox: Sandbox
    database: str
    reader: str

    @property
    def dsn(self) -> str:
        """URL of the superuser."""
        return self.sandbox.dsn(self.database)

    @property
    def reader_dsn(self) -> str:
        return self.sandbox.dsn(self.database, self.reader)

    def do(self, *statements: str) -> None:
        """Statements of the superuser, each in a transaction of its own."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query, parameters or None).fetchall()

    def dicts(self, query: str) -> list[dict[str, Any]]:
        """Rows by column name."""
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def source_copy(sandbox: Sandbox, name: str) -> Iterator[SourceDatabase]:
    """A copy of one seeded source, `indexer` or `maci`; dropped at the end."""
    with databases.clone(sandbox, TEMPLATES[name], guests=[SOURCES[name]]) as database:
        yield SourceDatabase(sandbox, database, SOURCES[name])
