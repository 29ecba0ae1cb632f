"""Shared fixtures: one PostgreSQL cluster per test session, fresh databases from a template, S3, stand-ins.

A test that asks for none of them starts nothing. What a fixture started, it stops, also after a failure.
"""

from __future__ import annotations

import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from sandbox import bootstrap, objects, postgres
from sandbox.layout import BUCKET, SUPERUSER, Sandbox
from sandbox.temporary import temporary_sandbox
from sandbox.upstreams import server
from sandbox.upstreams.server import StandIns
from tests.support import guarantees

GRANTS_TEMPLATE = "grants_template"
SOURCE_TEMPLATE = "source_template"
SOURCE_READER = "indexer_reader"


def pytest_configure() -> None:
    """End as Ctrl-C does when something ends the session: fixtures then stop their servers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that prove a guarantee."""
    for item in items:
        if "guarantee" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.guarantee)


@pytest.fixture
def guarantee(request: pytest.FixtureRequest) -> guarantees.Recorder:
    """Call it with what the test has proved; `make guarantees` makes a page of it."""
    return guarantees.Recorder(request.node.nodeid, guarantees.folder())


@dataclass(frozen=True)
class Spaces:
    """An S3 server with one empty bucket.

    :param connection: value for AIRFLOW_CONN_SPACES.
    """

    sandbox: Sandbox
    endpoint_url: str
    bucket: str = BUCKET

    def client(self) -> object:
        """A boto3 S3 client."""
        return objects.client(self.sandbox)

    def upload(self, folder: Path, prefix: str = objects.STATIC_PREFIX) -> list[str]:
        """Every file of a folder, keys below `prefix`; returns the keys."""
        return objects.upload_folder(self.sandbox, folder, prefix)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Sandbox]:
    """A sandbox with PostgreSQL running: databases Grants, indexer, maci, airflow and all roles."""
    with temporary_sandbox() as sandbox:
        postgres.start(sandbox, durable=False)
        bootstrap.bootstrap(sandbox)
        make_templates(sandbox)
        yield sandbox


def make_templates(sandbox: Sandbox) -> None:
    """Databases nobody connects to, as CREATE DATABASE ... TEMPLATE demands."""
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
        bootstrap.make_database(connection, GRANTS_TEMPLATE, bootstrap.OWNER)
        bootstrap.make_database(connection, SOURCE_TEMPLATE, SUPERUSER)
    bootstrap.prepare_warehouse(sandbox, GRANTS_TEMPLATE)
    bootstrap.prepare_source(sandbox, SOURCE_TEMPLATE, SOURCE_READER)


@contextmanager
def fresh_database(sandbox: Sandbox, template: str, owner: str, guests: list[str]) -> Iterator[str]:
    """Name of a new copy of a template; dropped at the end whoever is still connected."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        connection.execute(create.format(*map(sql.Identifier, (name, owner, template))))
        bootstrap.make_database(connection, name, owner, guests)
    try:
        yield name
    finally:
        with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def grants_database(postgres_cluster: Sandbox) -> Iterator[str]:
    """Name of a fresh, empty warehouse; `postgres_cluster.dsn(name, role)` addresses it as any role."""
    with fresh_database(postgres_cluster, GRANTS_TEMPLATE, bootstrap.OWNER, [bootstrap.ANALYSTS]) as name:
        yield name


@pytest.fixture
def grants_dsn(postgres_cluster: Sandbox, grants_database: str) -> str:
    """URL of a fresh, empty warehouse, as its owner grants_owner."""
    return postgres_cluster.dsn(grants_database, bootstrap.OWNER)


@pytest.fixture
def source_database(postgres_cluster: Sandbox) -> Iterator[str]:
    """Name of a fresh, empty source database; indexer_reader may read whatever the superuser makes in it."""
    with fresh_database(postgres_cluster, SOURCE_TEMPLATE, SUPERUSER, [SOURCE_READER]) as name:
        yield name


@pytest.fixture
def source_dsn(postgres_cluster: Sandbox, source_database: str) -> str:
    """URL of a fresh source database, as the superuser who fills it."""
    return postgres_cluster.dsn(source_database)


@pytest.fixture
def source_reader_dsn(postgres_cluster: Sandbox, source_database: str) -> str:
    """URL of the same source database as `source_dsn`, as the warehouse reads it."""
    return postgres_cluster.dsn(source_database, SOURCE_READER)


@pytest.fixture(scope="session")
def stand_ins_sandbox() -> Iterator[Sandbox]:
    """A sandbox with the upstream stand-ins running; they serve the files in its folder `upstreams`."""
    with temporary_sandbox() as sandbox:
        server.start(sandbox)
        yield sandbox


@pytest.fixture
def stand_ins(stand_ins_sandbox: Sandbox) -> StandIns:
    """The upstream stand-ins without any trouble and with no file to serve."""
    shutil.rmtree(stand_ins_sandbox.upstreams)
    stand_ins_sandbox.upstreams.mkdir()
    running = server.stand_ins(stand_ins_sandbox)
    running.reset()
    return running


@pytest.fixture(scope="session")
def spaces_sandbox() -> Iterator[Sandbox]:
    """A sandbox with S3 running."""
    with temporary_sandbox() as sandbox:
        objects.start(sandbox)
        yield sandbox


@pytest.fixture
def spaces(spaces_sandbox: Sandbox) -> Spaces:
    """S3 with the empty bucket `regendata`."""
    objects.reset(spaces_sandbox)
    return Spaces(spaces_sandbox, spaces_sandbox.url(objects.NAME))
