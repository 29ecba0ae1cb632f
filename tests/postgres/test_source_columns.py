"""What happens when an indexer changes its tables: an error that says where, and readers served as before."""

from __future__ import annotations

import pytest

from regendata.exceptions import SourceColumnsChanged
from regendata.hooks.postgres import connect
from sandbox import chaos_db
from sandbox.refresh import refresh, tidy_up
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres


def donations(warehouse: Warehouse) -> int:
    """Donations as readers see them."""
    with warehouse.analyst() as analyst:
        row = analyst.execute("SELECT count(*) FROM public.donations").fetchone()
        return int(row[0]) if row else 0


def test_a_removed_column_is_named_with_the_models_that_read_it(
    refreshed: Warehouse, indexer: SourceDatabase
) -> None:
    before = donations(refreshed)
    chaos_db.drop_column(indexer.dsn, "donations", "amount_in_usd")
    with pytest.raises(SourceColumnsChanged) as caught:
        refresh("removed")
    assert "donations.amount_in_usd was removed" in str(caught.value)
    assert "public.donations" in str(caught.value)
    assert donations(refreshed) == before > 0


def test_a_retyped_column_is_named_with_both_types(refreshed: Warehouse, indexer: SourceDatabase) -> None:
    before = donations(refreshed)
    chaos_db.retype_column(indexer.dsn, "rounds", "match_amount_in_usd", "text")
    with pytest.raises(SourceColumnsChanged, match=r"rounds\.match_amount_in_usd is now text, was real"):
        refresh("retyped")
    assert donations(refreshed) == before


def test_a_removed_table_is_named_with_its_readers(refreshed: Warehouse, indexer: SourceDatabase) -> None:
    indexer.do(*[f"DROP TABLE chain_data_{version}.round_roles" for version in (86, 87, 88)])
    with pytest.raises(
        SourceColumnsChanged, match=r"table round_roles was removed \(read by .*public\.round_roles"
    ):
        refresh("table removed")


def test_all_changes_are_told_at_once(refreshed: Warehouse, indexer: SourceDatabase) -> None:
    chaos_db.drop_column(indexer.dsn, "donations", "token_address")
    chaos_db.retype_column(indexer.dsn, "donations", "timestamp", "text")
    with pytest.raises(SourceColumnsChanged) as caught:
        refresh("two changes")
    assert "donations.timestamp is now text" in str(caught.value)
    assert "donations.token_address was removed" in str(caught.value)


def test_a_column_nobody_needs_may_come_and_go(refreshed: Warehouse, indexer: SourceDatabase) -> None:
    chaos_db.add_column(indexer.dsn, "donations", "memo", "text")
    refresh("added")
    assert refreshed.rows("SELECT memo FROM indexer.donations LIMIT 1") == [(None,)]
    chaos_db.drop_column(indexer.dsn, "donations", "memo")
    refresh("removed")
    assert refreshed.rows("SELECT memo FROM indexer.donations LIMIT 1") == [(None,)]
    assert donations(refreshed) > 0


def test_the_live_schema_serves_the_old_column_as_null_after_it_changed_its_type(
    refreshed: Warehouse, indexer: SourceDatabase
) -> None:
    chaos_db.add_column(indexer.dsn, "donations", "memo", "text")
    refresh("added")
    chaos_db.retype_column(indexer.dsn, "donations", "memo", "integer")
    refresh("retyped")
    assert refreshed.rows("SELECT memo, count(*) > 0 FROM indexer.donations GROUP BY memo") == [(None, True)]


def test_after_the_column_is_back_the_next_refresh_publishes(
    refreshed: Warehouse, indexer: SourceDatabase
) -> None:
    indexer.do("ALTER TABLE chain_data_87.donations RENAME COLUMN donor_address TO donor")
    with pytest.raises(SourceColumnsChanged, match=r"donations\.donor_address was removed"):
        refresh("renamed")
    tidy_up()
    indexer.do("ALTER TABLE chain_data_87.donations RENAME COLUMN donor TO donor_address")
    indexer.do(
        "UPDATE chain_data_87.donations SET donor_address = '0x' || repeat('b', 40) WHERE chain_id = 10"
    )
    assert refresh("back").receipt["outcome"] == "published"
    with connect() as conn:
        back = conn.execute("SELECT FROM public.donations WHERE donor_address = '0x' || repeat('b', 40)")
        assert back.rowcount > 0
    assert refreshed.leftovers() == set()
