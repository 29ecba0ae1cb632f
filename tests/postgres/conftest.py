"""Warehouses and source databases for tests of the engine; every connection of the code leads to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox import bootstrap, env, objects, postgres
from sandbox.bootstrap import ANALYSTS, OWNER, SOURCES, WAREHOUSE
from sandbox.layout import Sandbox
from sandbox.refresh import land_sheets, load_static_data, refresh
from sandbox.temporary import temporary_sandbox
from sandbox.upstreams import server
from sandbox.upstreams.server import StandIns
from tests.support import databases
from tests.support.small_project import SmallProject
from tests.support.sources import Seeded, SourceDatabase, seed_templates, source_copy
from tests.support.warehouse import Warehouse

REFRESHED_TEMPLATE = "refreshed_template"


@pytest.fixture
def warehouse(postgres_cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """An empty warehouse that the connection `grants_db` leads to."""
    with databases.clone(postgres_cluster, WAREHOUSE, OWNER, [ANALYSTS]) as name:
        found = Warehouse(postgres_cluster, name)
        monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
        yield found


@pytest.fixture
def small(warehouse: Warehouse, tmp_path: Path) -> SmallProject:
    """Files of the small project; nothing of it is landed yet."""
    return SmallProject.create(tmp_path / "project")


@pytest.fixture(scope="session")
def seeded(postgres_cluster: Sandbox) -> Seeded:
    """Template databases with generated sources."""
    return seed_templates(postgres_cluster)


@pytest.fixture
def indexer(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> Iterator[SourceDatabase]:
    """A copy of the Grants Stack indexer that the connection `indexer_db` leads to."""
    with source_copy(seeded.sandbox, "indexer") as found:
        monkeypatch.setenv("AIRFLOW_CONN_INDEXER_DB", found.reader_dsn)
        yield found


@pytest.fixture
def maci(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> Iterator[SourceDatabase]:
    """A copy of the MACI indexer that the connection `maci_db` leads to."""
    with source_copy(seeded.sandbox, "maci") as found:
        monkeypatch.setenv("AIRFLOW_CONN_MACI_DB", found.reader_dsn)
        yield found


@pytest.fixture
def dune(
    stand_ins: StandIns, stand_ins_sandbox: Sandbox, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> StandIns:
    """The stand-ins with Dune's generated result, and the connection `dune` that leads to them."""
    seeded.serve(stand_ins_sandbox.upstreams)
    monkeypatch.setenv("AIRFLOW_CONN_DUNE", env.connections(stand_ins_sandbox)["DUNE"])
    return stand_ins


@pytest.fixture(scope="session")
def refreshed_template(seeded: Seeded, spaces_sandbox: Sandbox, stand_ins_sandbox: Sandbox) -> Iterator[str]:
    """Name of a warehouse after static data, sheets and one refresh from copies of the seeded sources."""
    cluster = seeded.sandbox
    objects.reset(spaces_sandbox)
    objects.upload_folder(spaces_sandbox, seeded.archives, objects.STATIC_PREFIX)
    server.stand_ins(stand_ins_sandbox).reset()
    seeded.serve(stand_ins_sandbox.upstreams)
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        sources = {name: stack.enter_context(source_copy(cluster, name)) for name in SOURCES}
        databases.make_clone(cluster, WAREHOUSE, REFRESHED_TEMPLATE, OWNER, [ANALYSTS])
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", cluster.dsn(REFRESHED_TEMPLATE, OWNER))
        patch.setenv("AIRFLOW_CONN_DUNE", env.connections(stand_ins_sandbox)["DUNE"])
        patch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS", env.connections(stand_ins_sandbox)["GOOGLE_SHEETS"])
        patch.setenv("AIRFLOW_CONN_SPACES", env.connections(spaces_sandbox)["SPACES"])
        for name, found in sources.items():
            patch.setenv(f"AIRFLOW_CONN_{name.upper()}_DB", found.reader_dsn)
        load_static_data()
        land_sheets()
        refresh()
        yield REFRESHED_TEMPLATE


@pytest.fixture
def refreshed(
    refreshed_template: str,
    postgres_cluster: Sandbox,
    indexer: SourceDatabase,
    maci: SourceDatabase,
    dune: StandIns,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Warehouse]:
    """A warehouse that was refreshed once, with sources of its own in the state they had then."""
    with databases.clone(postgres_cluster, refreshed_template, OWNER, [ANALYSTS]) as name:
        found = Warehouse(postgres_cluster, name)
        monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
        yield found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Sandbox]:
    """A cluster of its own: nobody else's tests run on a server that is about to crash."""
    with temporary_sandbox() as sandbox:
        postgres.start(sandbox, durable=False)
        bootstrap.bootstrap(sandbox)
        yield sandbox
