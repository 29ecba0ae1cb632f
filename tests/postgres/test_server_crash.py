"""PostgreSQL ended at once in the middle of a refresh, then started again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from regendata.exceptions import RegendataError
from sandbox import bootstrap, postgres
from sandbox.layout import Sandbox
from tests.support.blocking import holding, wait_until_blocked
from tests.support.crashes import crash
from tests.support.digests import published_digest
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
NEWS = [*GIFTS, (4, 1, "dan", 2.0)]
PLACES = {
    "land": ("LOCK TABLE meta.landed_table IN SHARE MODE", "INSERT INTO meta.landed_table"),
    "build": ("ALTER TABLE build_1.chain_names RENAME TO held", "CREATE TABLE"),
    "publish": ("LOCK TABLE views.givers IN ACCESS SHARE MODE", "DO "),
}


@pytest.fixture
def warehouse(cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """The cluster's empty warehouse, made anew for each test."""
    found = Warehouse(cluster, bootstrap.WAREHOUSE)
    monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
    yield found
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as superuser:
        superuser.execute(f'DROP DATABASE "{bootstrap.WAREHOUSE}" WITH (FORCE)')
    bootstrap.bootstrap(cluster)


def refresh_in_background(project: SmallProject, errors: list[BaseException]) -> threading.Thread:
    """A refresh that will not end well; its error is put into the list."""

    def run() -> None:
        try:
            project.refresh(NEWS)
        except (RegendataError, psycopg.Error) as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("place", PLACES)
def test_the_next_refresh_after_a_crash_comes_out_the_same(
    place: str, warehouse: Warehouse, cluster: Sandbox, tmp_path: Path
) -> None:
    small = SmallProject.create(tmp_path / "project")
    small.refresh(GIFTS, NAMES)
    before, errors = published_digest(warehouse), []
    lock, waiting_in = PLACES[place]
    with holding(warehouse, lock):
        thread = refresh_in_background(small, errors)
        wait_until_blocked(warehouse, waiting_in)
        crash(cluster)
        thread.join()
    postgres.start(cluster, durable=False)
    assert [type(error) for error in errors] == [psycopg.OperationalError]
    assert published_digest(warehouse) == before
    small.refresh(NEWS)
    assert warehouse.leftovers() == set()
    after = published_digest(warehouse)
    assert after != before
    expected = [(1, "Optimism"), (2, "Optimism"), (3, "Ethereum"), (4, "Ethereum")]
    assert warehouse.rows("SELECT id, name FROM public.named_gifts ORDER BY id") == expected
    assert warehouse.rows("SELECT giver, gifts FROM views.givers ORDER BY 1") == [
        ("ann", 2),
        ("bob", 1),
        ("dan", 1),
    ]
