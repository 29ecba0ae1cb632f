"""The indexer goes from one version to the next under what a second role keeps on its live schema."""

from __future__ import annotations

import pytest

from regendata.exceptions import SourceColumnsChanged
from regendata.hooks.indexer import IndexerHook
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.foreign import sync_foreign_schema
from regendata.landing.contract import check_columns
from regendata.models.project import load_project
from regendata.sources.foreign import SyncPlan
from regendata.sources.indexers import GRANTS_INDEXER
from sandbox.bootstrap import ANALYST, ANALYSTS
from tests.support.guarantees import Recorder
from tests.support.readers import readers
from tests.support.small_project import PATIENT
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
OBJECTS = (
    "CREATE VIEW own.approved AS SELECT id FROM indexer.applications WHERE status = 'APPROVED'",
    "CREATE VIEW own.counted AS SELECT count(*) AS applications FROM own.approved",
    "CREATE MATERIALIZED VIEW own.roles AS "
    "SELECT role, count(*) AS holders FROM indexer.round_roles GROUP BY role",
    "CREATE UNIQUE INDEX roles_key ON own.roles (role)",
    "COMMENT ON VIEW own.approved IS 'mine'",
)
GRANTS = (
    f"GRANT USAGE ON SCHEMA indexer TO {ANALYSTS}",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA indexer TO {ANALYSTS}",
    f"GRANT SELECT (id) ON indexer.rounds TO {ANALYST} WITH GRANT OPTION",
)
FILTERS = (
    "SELECT count(*) FROM indexer.applications WHERE status = 'APPROVED'",
    "SELECT count(*) FROM indexer.applications WHERE status IN ('APPROVED', 'PENDING')",
    "SELECT count(*) FROM indexer.applications WHERE status = ANY(ARRAY['APPROVED', 'no such status'])",
    "SELECT count(*) FROM indexer.applications WHERE lower(status) = 'approved'",
    "SELECT applications FROM own.counted",
    "SELECT role FROM own.roles ORDER BY holders",
)
STANDING = """
SELECT c.oid::regclass::text, c.oid, c.relacl::text, c.relowner, obj_description(c.oid),
  ARRAY(SELECT attacl::text FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL)
FROM pg_class AS c
WHERE relnamespace IN ('indexer'::regnamespace, 'indexer_fdw'::regnamespace, 'own'::regnamespace) ORDER BY 1
"""


def sync(version: str) -> SyncPlan:
    """What the DAG's task does for one version."""
    remote = IndexerHook(GRANTS_INDEXER).tables(version)
    check_columns(GRANTS_INDEXER, load_project("grants"), remote)
    with connect() as conn:
        return sync_foreign_schema(conn, "indexer", "indexer_db", f"chain_data_{version}", remote, PATIENT)


@pytest.fixture
def live(warehouse: Warehouse, indexer: SourceDatabase) -> Warehouse:
    """A warehouse that shows version 87, with a second role's objects on it."""
    sync("87")
    warehouse.do(*GRANTS)
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"CREATE SCHEMA own AUTHORIZATION {ANALYST}")
    with warehouse.analyst() as analyst:
        for statement in OBJECTS:
            analyst.execute(statement)
    return warehouse


def standing(warehouse: Warehouse) -> list[tuple[object, ...]]:
    """OID, owner, privileges and comment of all that stands."""
    with warehouse.connect("postgres") as superuser:
        return superuser.execute(STANDING).fetchall()


def test_a_second_role_notices_nothing_of_a_hop_but_new_rows(
    live: Warehouse, indexer: SourceDatabase, guarantee: Recorder
) -> None:
    indexer.do("ALTER TABLE chain_data_88.rounds ADD COLUMN score real DEFAULT 0.5")
    before = standing(live)
    with readers(live.dsn(ANALYST), FILTERS, count=3, pause=0.01) as readings:
        readings.wait_for_more(2 * len(FILTERS))
        sync("88")
        readings.wait_for_more(2 * len(FILTERS))
    assert readings.errors == []
    assert standing(live) == before
    there = indexer.rows("SELECT count(*) FROM chain_data_88.applications WHERE status = 'APPROVED'")
    with live.analyst() as analyst:
        assert {tuple(analyst.execute(query).fetchall()) for query in (FILTERS[0], *FILTERS[2:5])} == {
            tuple(there)
        }
        assert analyst.execute("SELECT DISTINCT score FROM indexer.rounds").fetchall() == [(0.5,)]
        analyst.execute("REFRESH MATERIALIZED VIEW own.roles")
    guarantee(
        "A version hop under readers",
        promise="When an indexer goes to its next version, every OID, privilege, view, materialized view and "
        "index on the live schema stays; readers who filter enum columns meet no error; new columns appear.",
        figures={
            "relations with equal OIDs": len(before),
            "reads": len(readings.seconds),
            "failed reads": len(readings.errors),
            "longest read": f"{readings.longest:.3f} s",
        },
    )


def test_a_hop_that_loses_or_retypes_what_models_need_is_stopped_by_name(
    live: Warehouse, indexer: SourceDatabase
) -> None:
    before = standing(live)
    indexer.do(
        "ALTER TABLE chain_data_88.donations DROP COLUMN amount_in_usd",
        "ALTER TABLE chain_data_88.rounds ALTER COLUMN match_amount_in_usd TYPE text",
    )
    with pytest.raises(SourceColumnsChanged) as stopped:
        sync("88")
    told = str(stopped.value)
    assert "donations.amount_in_usd was removed (read by " in told
    assert "public.donations" in told
    assert "rounds.match_amount_in_usd is now text, was real (read by " in told
    assert standing(live) == before
    with live.analyst() as analyst:
        assert analyst.execute(
            "SELECT count(amount_in_usd) FROM indexer.donations"
        ).fetchall() == indexer.rows("SELECT count(amount_in_usd) FROM chain_data_87.donations")
