"""A warehouse with a year behind it, and Airflow's pages on top of it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER, WAREHOUSE
from sandbox.history import write_year
from sandbox.layout import Sandbox
from tests.support import databases
from tests.support.house import House, house


@pytest.fixture(scope="module")
def year(postgres_cluster: Sandbox) -> Iterator[str]:
    """Name of a warehouse with a year behind it."""
    with databases.clone(postgres_cluster, WAREHOUSE, OWNER, [ANALYSTS]) as name:
        with psycopg.connect(postgres_cluster.dsn(name, OWNER), autocommit=True) as owner:
            write_year(owner)
        yield name


@pytest.fixture(scope="module")
def airflow(
    year: str, postgres_cluster: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Airflow's API server, which reads that warehouse as an analyst."""
    connection = {"AIRFLOW_CONN_METABASE_DB": postgres_cluster.dsn(year, ANALYST)}
    with house(tmp_path_factory.mktemp("house"), connection) as running:
        yield running
