"""A warehouse, the source of tweet counts, and the steps of the hourly run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from regendata import settings
from regendata.landing import token_metrics
from regendata.models.project import load_project
from regendata.sources.token_metrics.hours import HOUR
from sandbox.bootstrap import ANALYSTS, OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from tests.support import databases
from tests.support.token_run import HourlyRun
from tests.support.token_world import TokenWorld
from tests.support.warehouse import Warehouse

#: The hour of most tests, 2026-03-04 00:00 UTC.
NOON = 492_000 * HOUR


@pytest.fixture
def token_world(
    postgres_cluster: Sandbox, source_database: str, monkeypatch: pytest.MonkeyPatch
) -> TokenWorld:
    """An empty source that the connection `tokens_db` leads to, with a role that may only read."""
    monkeypatch.setenv("AIRFLOW_CONN_TOKENS_DB", postgres_cluster.dsn(source_database, "indexer_reader"))
    world = TokenWorld(postgres_cluster.dsn(source_database))
    world.start()
    return world


@pytest.fixture(scope="session")
def token_template(postgres_cluster: Sandbox) -> Iterator[str]:
    """Name of a warehouse with all tables of token metrics, and nothing in them."""
    name = "token_template"
    databases.make_clone(postgres_cluster, WAREHOUSE, name, OWNER, [ANALYSTS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", postgres_cluster.dsn(name, OWNER))
        token_metrics.prepare(load_project("token_metrics"), "template", settings.load())
        yield name


@pytest.fixture
def run(
    token_template: str, postgres_cluster: Sandbox, token_world: TokenWorld, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HourlyRun]:
    """The hourly run on an empty source and an empty warehouse."""
    with databases.clone(postgres_cluster, token_template, OWNER, [ANALYSTS]) as name:
        warehouse = Warehouse(postgres_cluster, name)
        monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", warehouse.dsn())
        now = datetime.fromtimestamp(NOON + 5 * 60, timezone.utc)
        yield HourlyRun(warehouse, token_world, load_project("token_metrics"), now)
