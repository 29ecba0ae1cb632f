"""A refresh by increments publishes what one from scratch would, whatever happens upstream in between."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.bootstrap import ANALYSTS, OWNER
from sandbox.layout import Sandbox
from sandbox.refresh import refresh, tidy_up
from tests.support import databases
from tests.support.digests import published_digest
from tests.support.guarantees import Recorder
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
EVENTS = "experimental_views.allo_gmv_leaderboard_events"
TOTALS = "experimental_views.allo_gmv_leaderboard_totals"
GROWN = ("public.donations", "public.all_donations", EVENTS)

#: Small donations of large rounds, so that no check asks a person; another choice for every seed.
SOME = """
SELECT id FROM chain_data_87.donations AS d
WHERE chain_id IN (SELECT chain_id FROM chain_data_87.donations GROUP BY 1 HAVING count(*) > 50)
  AND amount_in_usd BETWEEN 1 AND 20 AND EXISTS (
    SELECT FROM chain_data_87.donations AS o
    WHERE o.round_id = d.round_id AND o.chain_id = d.chain_id AND o.timestamp > d.timestamp OFFSET 10)
ORDER BY md5(id || %(seed)s) LIMIT %(rows)s
"""
_COPY = """
INSERT INTO chain_data_87.donations SELECT (jsonb_populate_record(d, {} || jsonb_build_object('id',
  'again ' || %(number)s || d.id))).* FROM chain_data_87.donations AS d WHERE d.id IN ({})
"""
#: What can happen upstream between two refreshes.
CHANGES = {
    "new donations": _COPY.format(
        "jsonb_build_object('transaction_hash', md5(d.id || %(seed)s), "
        "'timestamp', d.timestamp + interval '1 day')",
        SOME,
    ),
    # So windows of days begin later, and end with another event.
    "the newest donations": _COPY.format(
        "jsonb_build_object('transaction_hash', md5(d.id || %(seed)s), 'timestamp', least(now(), "
        "(SELECT max(timestamp) FROM chain_data_87.donations) + interval '20 days'))",
        SOME,
    ),
    # Addresses that nobody saw before share a rank's volume.
    "donors who never gave, of one amount": _COPY.format(
        "jsonb_build_object('transaction_hash', md5(d.id || %(seed)s), 'amount_in_usd', 5, "
        "'donor_address', '0x' || md5(d.id || %(seed)s) || 'aaaaaaaa')",
        SOME,
    ),
    "a second donation in a transaction": _COPY.format("'{{}}'::jsonb", SOME),
    "a donation equal but for its transaction": _COPY.format(
        "jsonb_build_object('transaction_hash', md5(d.id || %(seed)s))", SOME
    ),
    "corrected amounts": "UPDATE chain_data_87.donations SET amount_in_usd = amount_in_usd * 1.01 "
    f"WHERE id IN ({SOME})",
    "deleted donations": f"DELETE FROM chain_data_87.donations WHERE id IN ({SOME})",
    "counters of applications": "UPDATE chain_data_87.applications SET total_donations_count = "
    "total_donations_count + 1 WHERE (chain_id, round_id, id) IN (SELECT chain_id, round_id, application_id "
    f"FROM chain_data_87.donations WHERE id IN ({SOME}))",
    "counters of rounds": "UPDATE chain_data_87.rounds SET total_donations_count = total_donations_count + 1 "
    f"WHERE (chain_id, id) IN (SELECT chain_id, round_id FROM chain_data_87.donations WHERE id IN ({SOME}))",
    "another title": "UPDATE chain_data_87.applications SET metadata = jsonb_set(metadata, "
    "'{{application,project,title}}', to_jsonb('Title ' || %(seed)s)) "
    "WHERE (chain_id, round_id, id) IN (SELECT chain_id, round_id, application_id "
    f"FROM chain_data_87.donations WHERE id IN ({SOME}))",
    "a round operator": "INSERT INTO chain_data_87.round_roles (chain_id, round_id, address, role) "
    "SELECT DISTINCT chain_id, round_id, '0x' || md5(%(seed)s) || 'aaaaaaaa', "
    "'manager'::chain_data_87.round_role_name "
    f"FROM chain_data_87.donations WHERE id IN ({SOME})",
    "the table written anew": "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM "
    "chain_data_87.donations; TRUNCATE chain_data_87.donations; "
    "INSERT INTO chain_data_87.donations SELECT * FROM kept",
    "nothing": "SELECT",
}
NUMBERS = itertools.count()
Change = tuple[str, int, int]
Between = Sequence[Change]


def happen(source: SourceDatabase, changes: Between) -> None:
    """Changes, each in a transaction of its own."""
    for name, seed, rows in changes:
        with psycopg.connect(source.dsn, cursor_factory=psycopg.ClientCursor) as conn:
            statement = CHANGES[name].replace("{{", "{").replace("}}", "}")
            conn.execute(statement, {"seed": f"{seed}", "rows": rows, "number": f"{next(NUMBERS)} "})


def from_scratch(cluster: Sandbox, warehouse: Warehouse, refreshed: Callable[[], Any]) -> dict[str, str]:
    """What a copy of the warehouse publishes when everything is landed and built as a whole."""
    with databases.clone(cluster, warehouse.database, OWNER, [ANALYSTS]) as name:
        copy = Warehouse(cluster, name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AIRFLOW_CONN_GRANTS_DB", copy.dsn())
            refreshed()
        return published_digest(copy)


def assert_rows_as_told(warehouse: Warehouse, receipt: dict[str, Any]) -> None:
    """Counts are added up where nothing needs to be counted anew; they are those of the rows all the same."""
    counted = {name: warehouse.value(f"SELECT count(*) FROM {name}") for name in receipt["rows"]}
    assert receipt["rows"] == counted


def extended(receipt: dict[str, Any]) -> set[str]:
    return set(receipt["extended"])


def test_new_donations_extend_their_views_and_anything_else_makes_them_anew(
    postgres_cluster: Sandbox, refreshed: Warehouse, indexer: SourceDatabase
) -> None:
    happen(indexer, [("new donations", 1, 3), ("counters of applications", 1, 3)])
    receipt = refresh("first").receipt
    assert extended(receipt) == {*GROWN, TOTALS}
    assert "intermediate.application_titles" not in receipt["rebuilt"]
    happen(indexer, [("the newest donations", 3, 2), ("donors who never gave, of one amount", 3, 3)])
    receipt = refresh("again").receipt
    assert extended(receipt) == {*GROWN, TOTALS}
    assert_rows_as_told(refreshed, receipt)
    seen = published_digest(refreshed)
    assert seen == from_scratch(postgres_cluster, refreshed, lambda: refresh("whole", whole=True))
    happen(indexer, [("new donations", 2, 2), ("a second donation in a transaction", 2, 1)])
    receipt = refresh("second").receipt
    # Its number tells two equal donations apart, and events of a transaction belong together.
    assert extended(receipt) == {"public.donations"}
    assert_rows_as_told(refreshed, receipt)
    tidy_up()
    assert refreshed.leftovers() == set()
    seen = published_digest(refreshed)
    assert seen == from_scratch(postgres_cluster, refreshed, lambda: refresh("whole", whole=True))


CHANGE = st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 10**6), st.integers(1, 4))


@pytest.mark.slow
def test_every_refresh_by_increments_is_equal_to_one_from_scratch(
    postgres_cluster: Sandbox, refreshed: Warehouse, indexer: SourceDatabase, guarantee: Recorder
) -> None:
    counted = {"refreshes": 0, "extended relations": 0}

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.lists(CHANGE, min_size=1, max_size=3), min_size=1, max_size=2))
    def check(history: Sequence[Between]) -> None:
        for between in history:
            happen(indexer, between)
            receipt = refresh("increment").receipt
            tidy_up()
            counted["refreshes"] += 1
            counted["extended relations"] += len(extended(receipt))
            assert refreshed.leftovers() == set()
            whole = from_scratch(postgres_cluster, refreshed, lambda: refresh("whole", whole=True))
            assert published_digest(refreshed) == whole

    check()
    assert counted["extended relations"] > 0
    guarantee(
        "A refresh by increments",
        promise="After random additions, corrections and deletions upstream, a refresh that works on what "
        "changed publishes, relation by relation, the same rows as one from scratch.",
        figures={**counted, "relations that differed": 0},
    )
