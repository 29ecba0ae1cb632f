"""Landing only the rows that came, as sums over row versions prove; the whole table where they do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import indexer as landing
from regendata.models.project import load_project
from regendata.sources.indexers import GRANTS_INDEXER
from tests.support.small_project import PATIENT
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
SEPOLIA = 11155111
DONATIONS = "landing.indexer_donations"
ADD = """
INSERT INTO chain_data_87.donations (id, chain_id, round_id, application_id, amount_in_usd)
SELECT %s || n, %s, 'r', 'a', n FROM generate_series(1, %s) AS n
"""
Land = Callable[..., dict[str, Any]]


@pytest.fixture
def land(warehouse: Warehouse, indexer: SourceDatabase) -> Land:
    """Land version 87 of the source once; then again with every call."""
    project = load_project("grants")
    with connect() as conn:
        ensure_meta(conn, project.tables)

    def run(increments: int = 5, whole: bool = False) -> dict[str, Any]:
        request = landing.LandingRequest(
            GRANTS_INDEXER, "87", "test", [SEPOLIA], increments=increments, whole=whole
        )
        return landing.land(request, project, PATIENT)

    run()
    return run


def add(source: SourceDatabase, name: str, rows: int = 3, chain: int = 10) -> None:
    with psycopg.connect(source.dsn, autocommit=True) as conn:
        conn.execute(ADD, [name, chain, rows])


def way(warehouse: Warehouse) -> tuple[str, str]:
    found = "SELECT details ->> 'way', details ->> 'why' FROM meta.landed_table WHERE relation = %s"
    row = warehouse.rows(found, [DONATIONS])[0]
    return row[0], row[1]


def assert_same_rows(warehouse: Warehouse, source: SourceDatabase) -> None:
    """What is landed is what the source holds, row by row."""
    columns = "id, chain_id, round_id, donor_address, amount, amount_in_usd"
    there = source.rows(
        f"SELECT {columns} FROM chain_data_87.donations WHERE chain_id <> {SEPOLIA} ORDER BY id"
    )
    assert warehouse.rows(f"SELECT {columns} FROM {DONATIONS} ORDER BY id") == there


def test_rows_that_took_the_room_of_others_are_found_too(
    warehouse: Warehouse, indexer: SourceDatabase, land: Land
) -> None:
    """Room that VACUUM made lies before the last page."""
    add(indexer, "old-", rows=2_000, chain=SEPOLIA)
    add(indexer, "last-", rows=50)
    land(whole=True)
    indexer.do(f"DELETE FROM chain_data_87.donations WHERE chain_id = {SEPOLIA}")
    with psycopg.connect(indexer.dsn, autocommit=True) as conn:
        conn.execute("VACUUM chain_data_87.donations")
    add(indexer, "new-")
    pages = "SELECT max((ctid::text::point)[0]) FROM chain_data_87.donations WHERE id LIKE '{}-%%'"
    assert indexer.rows(pages.format("new")) < indexer.rows(pages.format("last"))
    assert land()["ways"] == {DONATIONS: "extended"}
    assert_same_rows(warehouse, indexer)


def test_only_new_rows_are_copied_and_shown_with_the_others(
    warehouse: Warehouse, indexer: SourceDatabase, land: Land
) -> None:
    for number in range(3):
        add(indexer, f"new{number}-")
        add(indexer, f"test{number}-", chain=SEPOLIA)
        result = land()
        assert result["ways"] == {DONATIONS: "extended"}
        assert way(warehouse) == ("extended", "3 rows came, the others are as they were")
        assert_same_rows(warehouse, indexer)
    parts = warehouse.value("SELECT parts FROM meta.landed_table WHERE relation = %s", [DONATIONS])
    assert [warehouse.value(f"SELECT count(*) FROM {part}") for part in parts[1:]] == [3, 3, 3]
    assert warehouse.leftovers() == set()
    assert land()["ways"] == {}


CHANGES = {
    "a row is corrected": "UPDATE chain_data_87.donations SET amount_in_usd = 1.5 WHERE id = 'new1'",
    "a row is gone": "DELETE FROM chain_data_87.donations WHERE id = 'new1'",
    "a row is replaced by one like it": "WITH gone AS (DELETE FROM chain_data_87.donations WHERE id = 'new2' "
    "RETURNING *) INSERT INTO chain_data_87.donations SELECT * FROM gone",
    "all is loaded anew": "CREATE TEMP TABLE kept AS SELECT * FROM chain_data_87.donations; "
    "TRUNCATE chain_data_87.donations; INSERT INTO chain_data_87.donations SELECT * FROM kept",
    "a column is made anew": "ALTER TABLE chain_data_87.donations DROP COLUMN amount_in_usd, "
    "ADD COLUMN amount_in_usd real DEFAULT 7",
}


def test_anything_but_new_rows_is_copied_whole(
    warehouse: Warehouse, indexer: SourceDatabase, land: Land
) -> None:
    add(indexer, "new")
    land()
    for number, (change, statement) in enumerate(CHANGES.items()):
        add(indexer, f"newer{number}-")
        indexer.do(statement)
        assert land()["ways"] == {DONATIONS: "copied whole"}, change
        assert_same_rows(warehouse, indexer)
        add(indexer, f"newest{number}-")
        assert land()["ways"] == {DONATIONS: "extended"}, change
        assert_same_rows(warehouse, indexer)
    assert warehouse.leftovers() == set()


@pytest.mark.parametrize("nested", [False, True], ids=["a transaction", "a subtransaction"])
def test_rows_written_before_a_cut_and_committed_after_it_are_not_lost(
    nested: bool, warehouse: Warehouse, indexer: SourceDatabase, land: Land
) -> None:
    with psycopg.connect(indexer.dsn) as slow:
        if nested:
            slow.execute("SAVEPOINT one")
        slow.execute(ADD, ["slow", 10, 2])
        add(indexer, "quick")
        land()
        assert_same_rows(warehouse, indexer)
        slow.commit()
        add(indexer, "later")
    land()
    assert_same_rows(warehouse, indexer)
    # Ids of subtransactions are not among those that a snapshot lists, so that proves nothing.
    assert way(warehouse)[0] == ("copied whole" if nested else "extended")


@pytest.mark.slow
def test_vacuum_freezes_rows_and_changes_none(
    warehouse: Warehouse, indexer: SourceDatabase, land: Land
) -> None:
    indexer.do("VACUUM (FREEZE) chain_data_87.donations")
    add(indexer, "new")
    assert land()["ways"] == {DONATIONS: "extended"}
    assert_same_rows(warehouse, indexer)


def test_a_table_is_copied_whole_after_so_many_extensions_or_on_demand(
    warehouse: Warehouse, indexer: SourceDatabase, land: Land
) -> None:
    expected = [("extended", 2), ("extended", 2), ("copied whole", 2), ("copied whole", 0)]
    for number, (found, increments) in enumerate(expected):
        add(indexer, f"new{number}-")
        assert land(increments)["ways"] == {DONATIONS: found}
        assert_same_rows(warehouse, indexer)
    assert land(whole=True)["ways"][DONATIONS] == "copied whole"


@pytest.mark.slow
def test_a_table_that_grew_much_is_copied_whole(
    warehouse: Warehouse, indexer: SourceDatabase, land: Land
) -> None:
    rows = int(warehouse.value(f"SELECT count(*) FROM {DONATIONS}") * landing.LARGEST_SHARE)
    for number, found in enumerate(["extended", "copied whole"]):
        add(indexer, f"new{number}-", rows * 2 // 3)
        assert land()["ways"] == {DONATIONS: found}
        assert_same_rows(warehouse, indexer)
