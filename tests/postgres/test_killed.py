"""A worker killed hard in the middle of a refresh: readers keep the old, the next run comes out the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sandbox.bootstrap import ANALYSTS, OWNER, SOURCES
from sandbox.layout import REPOSITORY, Sandbox
from sandbox.refresh import refresh, tidy_up
from tests.support import databases
from tests.support.blocking import holding, wait_until_blocked
from tests.support.digests import published_digest
from tests.support.sources import Seeded, SourceDatabase, source_copy
from tests.support.warehouse import Warehouse

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
NEWS = (
    # Few, and newer than all others of their chain: nobody has to be asked about them.
    "CREATE TEMPORARY TABLE late AS SELECT * FROM chain_data_87.donations WHERE chain_id = 10 "
    "ORDER BY id LIMIT 20",
    "UPDATE late SET id = 'late ' || id, amount_in_usd = 1, timestamp = ("
    "SELECT max(timestamp) + interval '1 minute' FROM chain_data_87.donations WHERE chain_id = 10)",
    "INSERT INTO chain_data_87.donations SELECT * FROM late",
    "UPDATE chain_data_87.applications SET status = 'REJECTED' WHERE chain_id = 10",
    "UPDATE chain_data_87.round_roles SET address = '0x1' || substr(address, 4) WHERE chain_id = 10",
)
#: Where the refresh is held up: the lock a test takes, and what the engine then waits in.
PLACES = {
    "land": ("LOCK TABLE meta.landed_table IN SHARE MODE", "INSERT INTO meta.landed_table"),
    "build": (
        "DO $$ BEGIN EXECUTE 'LOCK TABLE ' || (SELECT physical FROM meta.landed_table "
        "WHERE relation = 'reference.strategy_developers') || ' IN ACCESS EXCLUSIVE MODE'; END $$",
        "CREATE TABLE",
    ),
    "publish": ("LOCK TABLE public.donations IN ACCESS SHARE MODE", "DO "),
}


@pytest.fixture(scope="module")
def undisturbed(refreshed_template: str, seeded: Seeded, stand_ins_sandbox: Sandbox) -> dict[str, str]:
    """What a refresh publishes after the news when nobody disturbs it."""
    seeded.serve(stand_ins_sandbox.upstreams)
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        cluster = seeded.sandbox
        name = stack.enter_context(databases.clone(cluster, refreshed_template, OWNER, [ANALYSTS]))
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", cluster.dsn(name, OWNER))
        for database in SOURCES:
            found = stack.enter_context(source_copy(cluster, database))
            patch.setenv(f"AIRFLOW_CONN_{database.upper()}_DB", found.reader_dsn)
            if database == "indexer":
                found.do(*NEWS)
        refresh("undisturbed")
        return published_digest(Warehouse(cluster, name))


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs one refresh against the databases of this test."""
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}"}
    command = [sys.executable, "-c", "from sandbox.refresh import refresh; refresh('killed')"]
    process = subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_refresh_leaves_readers_the_old_and_the_next_run_nothing_to_clean(
    place: str,
    refreshed: Warehouse,
    indexer: SourceDatabase,
    undisturbed: dict[str, str],
    postgres_cluster: Sandbox,
) -> None:
    before = published_digest(refreshed)
    indexer.do(*NEWS)
    lock, waiting_in = PLACES[place]
    with holding(refreshed, lock):
        with worker() as process:
            wait_until_blocked(refreshed, waiting_in)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    assert published_digest(refreshed) == before
    assert refresh("again").receipt["outcome"] == "published"
    tidy_up()
    after = published_digest(refreshed)
    assert after == undisturbed
    assert after != before
    assert refreshed.leftovers() == set()
    assert refreshed.rows("SELECT DISTINCT state FROM meta.cut WHERE state = 'landing'") == []
    assert refreshed.rows("SELECT DISTINCT state FROM meta.build WHERE state = 'building'") == []
