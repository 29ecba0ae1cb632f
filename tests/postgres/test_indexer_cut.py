"""Landing an indexer: one moment of the source, and only tables whose rows changed."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from regendata.exceptions import ChainLost
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import indexer as landing
from regendata.models.project import Project, load_project
from regendata.sources.indexers import GRANTS_INDEXER
from tests.support.small_project import PATIENT
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
SEPOLIA = 11155111
ROUNDS = "landing.indexer_rounds"
DONATIONS = "landing.indexer_donations"


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project("grants")


@pytest.fixture
def land(project: Project, warehouse: Warehouse, indexer: SourceDatabase) -> Callable[..., dict[str, Any]]:
    """Land version 87 of the source, or another one."""
    with connect() as conn:
        ensure_meta(conn, project.tables)

    def run(version: str = "87", accepted_losses: tuple[int, ...] = ()) -> dict[str, Any]:
        request = landing.LandingRequest(GRANTS_INDEXER, version, "test", [SEPOLIA], accepted_losses)
        return landing.land(request, project, PATIENT)

    return run


@contextmanager
def busy_writer(source: SourceDatabase) -> Iterator[list[int]]:
    """A thread that adds a round, its application and a donation to it, each in a transaction of its own."""
    stop, written = threading.Event(), [0]

    def write() -> None:
        with psycopg.connect(source.dsn, autocommit=True) as connection:
            for number in itertools.count():
                if stop.is_set():
                    return
                for statement in NEW_ROUND:
                    connection.execute(statement, {"name": f"new{number}"})
                written[0] = number + 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()


NEW_ROUND = (
    "INSERT INTO chain_data_87.rounds (id, chain_id) VALUES (%(name)s, 10)",
    "INSERT INTO chain_data_87.applications (id, chain_id, round_id) VALUES ('0', 10, %(name)s)",
    "INSERT INTO chain_data_87.donations (id, chain_id, round_id, application_id) "
    "VALUES (%(name)s, 10, %(name)s, '0')",
)
ORPHANS = """
SELECT count(*) FROM landing.indexer_donations AS d
LEFT JOIN landing.indexer_applications AS a
  ON a.chain_id = d.chain_id AND a.round_id = d.round_id AND a.id = d.application_id
LEFT JOIN landing.indexer_rounds AS r ON r.chain_id = d.chain_id AND r.id = d.round_id
WHERE a.id IS NULL OR r.id IS NULL
"""


def test_no_donation_points_to_nothing_however_busy_the_source_is(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    landed = []
    with busy_writer(indexer) as written:
        for _ in range(10):
            before = written[0]
            land()
            wait_until(lambda least=before + 3: written[0] >= least)
            assert warehouse.value(ORPHANS) == 0
            landed.append(
                warehouse.value("SELECT count(*) FROM landing.indexer_donations WHERE id LIKE 'new%'")
            )
    assert landed == sorted(set(landed)), "every landing saw more than the one before"
    assert landed[-1] > 0


def wait_until(reached: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_landed_rows_are_those_of_the_source_without_the_test_network(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]], project: Project
) -> None:
    land()
    for name in GRANTS_INDEXER.tables:
        landed = project.tables[GRANTS_INDEXER.landed(name)]
        columns = ", ".join(landed.column_names)
        there = indexer.rows(
            f"SELECT ({columns})::text FROM chain_data_87.{name} WHERE chain_id <> {SEPOLIA} ORDER BY 1"
        )
        assert warehouse.rows(f"SELECT ({columns})::text FROM {landed.relation} ORDER BY 1") == there
        assert there


def test_binary_copy_keeps_amounts_bit_for_bit(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    huge = 2**256 - 1
    indexer.do(
        "INSERT INTO chain_data_87.donations (id, chain_id, amount, amount_in_usd, timestamp) "
        f"VALUES ('huge', 10, {huge}, '3.4028235e38', '2024-02-29 23:59:59.999999+00')"
    )
    land()
    row = warehouse.rows(
        "SELECT amount, amount_in_usd::text, timestamp::text, round_id FROM landing.indexer_donations "
        "WHERE id = 'huge'"
    )
    assert row == [(huge, "3.4028235e+38", "2024-02-29 23:59:59.999999+00", None)]


def test_nothing_changed_lands_nothing(land: Callable[..., dict[str, Any]]) -> None:
    assert len(land()["landed"]) == 5
    assert land()["landed"] == {}


CHANGES = {
    "insert": "INSERT INTO chain_data_87.donations (id, chain_id) VALUES ('x', 10)",
    "update": "UPDATE chain_data_87.donations SET amount_in_usd = amount_in_usd + 1 "
    "WHERE id = (SELECT min(id) FROM chain_data_87.donations WHERE chain_id = 10)",
    "delete": "DELETE FROM chain_data_87.donations "
    "WHERE id = (SELECT min(id) FROM chain_data_87.donations WHERE chain_id = 10)",
    "delete and insert of as many": "WITH gone AS (DELETE FROM chain_data_87.donations WHERE chain_id = 10 "
    "RETURNING *) INSERT INTO chain_data_87.donations (id, chain_id, amount_in_usd) "
    "SELECT 'new' || id, chain_id, amount_in_usd FROM gone",
    "two amounts swapped": "UPDATE chain_data_87.donations AS d SET amount_in_usd = s.amount_in_usd "
    "FROM (SELECT min(id) AS a, max(id) AS b FROM chain_data_87.donations WHERE chain_id = 10) AS two "
    "INNER JOIN chain_data_87.donations AS s ON s.id IN (two.a, two.b) "
    "WHERE d.id IN (two.a, two.b) AND d.id <> s.id",
    "row moved to another chain": "UPDATE chain_data_87.donations SET chain_id = 1 "
    "WHERE id = (SELECT min(id) FROM chain_data_87.donations WHERE chain_id = 10)",
    "truncated and filled again": "TRUNCATE chain_data_87.donations; "
    "INSERT INTO chain_data_87.donations SELECT * FROM kept",
    "value set to NULL": "UPDATE chain_data_87.donations SET round_id = NULL "
    "WHERE id = (SELECT min(id) FROM chain_data_87.donations WHERE chain_id = 10)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(
    change: str, warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    indexer.do("CREATE TABLE kept AS SELECT * FROM chain_data_87.donations")
    land()
    indexer.do(CHANGES[change])
    assert list(land()["landed"]) == [DONATIONS]
    there = indexer.rows(f"SELECT d.*::text FROM chain_data_87.donations AS d WHERE chain_id <> {SEPOLIA}")
    assert sorted(warehouse.rows(f"SELECT d.*::text FROM {DONATIONS} AS d")) == sorted(there)
    assert land()["landed"] == {}


QUIET = {
    "vacuum": ["VACUUM chain_data_87.donations"],
    "freeze": ["VACUUM (FREEZE) chain_data_87.donations"],
    "analyze": ["ANALYZE chain_data_87.donations"],
    "rolled back": ["BEGIN", "UPDATE chain_data_87.donations SET amount_in_usd = 0", "ROLLBACK"],
    "rolled back, then vacuumed": [
        "BEGIN",
        "DELETE FROM chain_data_87.donations",
        "ROLLBACK",
        "VACUUM chain_data_87.donations",
    ],
    "locked rows": [
        "BEGIN",
        "SELECT count(*) FROM (SELECT FROM chain_data_87.donations FOR UPDATE)",
        "COMMIT",
    ],
    "index": ["CREATE INDEX extra ON chain_data_87.donations (donor_address)"],
    "test network": [f"UPDATE chain_data_87.donations SET amount_in_usd = 1 WHERE chain_id = {SEPOLIA}"],
    "unneeded column": ["ALTER TABLE chain_data_87.donations ADD COLUMN extra text DEFAULT 'x'"],
    "another table": ["CREATE TABLE chain_data_87.legacy AS SELECT 1 AS one"],
}


@pytest.mark.parametrize("change", QUIET)
def test_what_changes_no_landed_row_lands_nothing(
    change: str, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    land()
    indexer.do(*QUIET[change])
    assert land()["landed"] == {}


def test_vacuum_after_a_change_hides_nothing(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    """A row's place, freed by vacuum, may be taken by another row: its writer's number differs."""
    land()
    indexer.do(
        "CREATE TABLE kept AS SELECT * FROM chain_data_87.donations WHERE chain_id = 10",
        "DELETE FROM chain_data_87.donations WHERE chain_id = 10",
        "VACUUM chain_data_87.donations",
        "INSERT INTO chain_data_87.donations SELECT * FROM kept",
        "UPDATE chain_data_87.donations SET amount_in_usd = 4.5 WHERE chain_id = 10",
        "VACUUM (FREEZE) chain_data_87.donations",
    )
    assert list(land()["landed"]) == [DONATIONS]
    assert warehouse.rows(f"SELECT DISTINCT amount_in_usd FROM {DONATIONS} WHERE chain_id = 10") == [(4.5,)]


def test_a_transaction_open_during_the_snapshot_is_landed_the_next_time(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    count = f"SELECT count(*) FROM {DONATIONS} WHERE id LIKE 'late%'"
    with psycopg.connect(indexer.dsn) as early, psycopg.connect(indexer.dsn) as later:
        early.execute("INSERT INTO chain_data_87.donations (id, chain_id) VALUES ('late 1', 10)")
        later.execute("INSERT INTO chain_data_87.donations (id, chain_id) VALUES ('late 2', 10)")
        later.commit()
        land()
        assert warehouse.value(count) == 1
        early.commit()
    assert list(land()["landed"]) == [DONATIONS]
    assert warehouse.value(count) == 2


def test_a_value_set_to_itself_lands_once_more_and_then_no_more(
    indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    land()
    indexer.do("UPDATE chain_data_87.rounds SET chain_id = chain_id WHERE chain_id = 10")
    assert list(land()["landed"]) == [ROUNDS]
    assert land()["landed"] == {}


def test_a_column_made_anew_with_a_default_is_seen(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    """Postgres writes no row when it adds a column with a default, so no row version tells."""
    land()
    indexer.do(
        "ALTER TABLE chain_data_87.donations DROP COLUMN amount_in_usd",
        "ALTER TABLE chain_data_87.donations ADD COLUMN amount_in_usd real DEFAULT 7",
    )
    assert list(land()["landed"]) == [DONATIONS]
    assert warehouse.rows(f"SELECT DISTINCT amount_in_usd FROM {DONATIONS}") == [(7.0,)]


def test_a_renamed_enum_value_is_seen(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    """Rows hold the number of an enum value; its name changes without them."""
    land()
    indexer.do("ALTER TYPE chain_data_87.application_status RENAME VALUE 'APPROVED' TO 'ACCEPTED'")
    assert list(land()["landed"]) == ["landing.indexer_applications"]
    statuses = {
        status for (status,) in warehouse.rows("SELECT DISTINCT status FROM landing.indexer_applications")
    }
    assert "ACCEPTED" in statuses
    assert "APPROVED" not in statuses


def test_another_version_is_landed_whole(land: Callable[..., dict[str, Any]]) -> None:
    land("86")
    assert len(land("87")["landed"]) == 5


def test_a_lost_chain_is_refused_until_a_person_accepts_it(
    warehouse: Warehouse, indexer: SourceDatabase, land: Callable[..., dict[str, Any]]
) -> None:
    land()
    before = warehouse.value(f"SELECT count(*) FROM {DONATIONS}")
    indexer.do("DELETE FROM chain_data_87.donations WHERE chain_id = 43114")
    with pytest.raises(
        ChainLost, match=r"chain_data_87\.donations .*chain 43114 \(\d+ rows\).*accepted_chain_"
    ):
        land()
    assert warehouse.value(f"SELECT count(*) FROM {DONATIONS}") == before
    assert land(accepted_losses=(43114,))["landed"][DONATIONS] < before
    assert warehouse.leftovers() == set()
