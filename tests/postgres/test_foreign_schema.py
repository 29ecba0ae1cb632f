"""The live schemas of the indexers: a version hop that readers do not notice, enums, secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import psycopg
import pytest

from regendata.exceptions import SourceUnavailable
from regendata.hooks.indexer import IndexerHook
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.foreign import sync_foreign_schema
from regendata.sources.foreign import SyncPlan
from regendata.sources.indexers import GRANTS_INDEXER
from sandbox import chaos_db
from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER
from tests.support.readers import readers
from tests.support.small_project import PATIENT
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
OLD, NEW = "Secret-of-yesterday-1", "Secret-of-today-2"
OBJECTS = ("indexer.rounds", "indexer_fdw.rounds", "indexer.donations", "indexer_fdw.donations")


def sync(version: str = "87") -> SyncPlan:
    """What the DAG's task does for one version."""
    remote = IndexerHook(GRANTS_INDEXER).tables(version)
    with connect() as conn:
        return sync_foreign_schema(conn, "indexer", "indexer_db", f"chain_data_{version}", remote, PATIENT)


@pytest.fixture
def live(warehouse: Warehouse, indexer: SourceDatabase) -> Warehouse:
    """A warehouse whose schema `indexer` shows version 87, readable for analysts, who may make views."""
    sync()
    warehouse.do(
        f"GRANT USAGE ON SCHEMA indexer TO {ANALYSTS}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA indexer TO {ANALYSTS}",
    )
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"CREATE SCHEMA own AUTHORIZATION {ANALYST}")
        superuser.execute(f"GRANT USAGE ON SCHEMA own TO {OWNER}")
    return warehouse


def test_every_table_of_the_source_is_shown_row_for_row(live: Warehouse, indexer: SourceDatabase) -> None:
    with psycopg.connect(indexer.dsn) as source:
        tables = chaos_db.tables(source, "chain_data_87")
    assert "projects" in tables
    assert live.relations("indexer") == {f"indexer.{name}" for name in tables}
    for name in tables:
        there = indexer.rows(f"SELECT t::text FROM chain_data_87.{name} AS t ORDER BY 1")
        assert live.rows(f"SELECT t::text FROM indexer.{name} AS t ORDER BY 1") == there


def test_a_second_sync_has_nothing_to_do(live: Warehouse) -> None:
    assert sync().statements == ()


def test_a_hop_keeps_oids_grants_and_other_peoples_views(live: Warehouse, indexer: SourceDatabase) -> None:
    with live.analyst() as analyst:
        analyst.execute("CREATE VIEW own.big AS SELECT count(*) AS donations FROM indexer.donations")
    before = {name: live.oid(name) for name in OBJECTS}
    sync("88")
    assert {name: live.oid(name) for name in OBJECTS} == before
    there = indexer.rows("SELECT count(*) FROM chain_data_88.donations")
    assert there != indexer.rows("SELECT count(*) FROM chain_data_87.donations")
    with live.analyst() as analyst:
        assert analyst.execute("SELECT donations FROM own.big").fetchall() == there
        assert analyst.execute("SELECT count(*) FROM indexer.donations").fetchall() == there


def test_readers_are_served_all_through_hops_there_and_back(live: Warehouse, indexer: SourceDatabase) -> None:
    counts = {
        indexer.rows(f"SELECT count(*) FROM chain_data_{version}.donations")[0][0] for version in (87, 88)
    }
    one_version = "SELECT 1 / count(*) FROM (SELECT count(*) FROM indexer.donations) AS d (n) WHERE n IN ({})"
    queries = [
        one_version.format(", ".join(map(str, counts))),
        "SELECT count(*) FROM indexer.rounds JOIN indexer.donations ON rounds.id = donations.round_id",
    ]
    with readers(live.dsn(ANALYST), queries, count=3, pause=0.01) as readings:
        for version in ("88", "87", "88"):
            readings.wait_for_more(6)
            sync(version)
        readings.wait_for_more(6)
    assert readings.errors == []
    assert len(counts) == 2


def test_a_new_table_and_a_new_column_of_the_next_version_appear(
    live: Warehouse, indexer: SourceDatabase
) -> None:
    indexer.do(
        "CREATE TABLE chain_data_88.attestations (id text, kind chain_data_88.application_status)",
        "INSERT INTO chain_data_88.attestations VALUES ('a', 'APPROVED')",
        "ALTER TABLE chain_data_88.rounds ADD COLUMN score real DEFAULT 0.5",
    )
    sync("88")
    assert live.rows("SELECT * FROM indexer.attestations") == [("a", "APPROVED")]
    assert live.rows("SELECT DISTINCT score FROM indexer.rounds") == [(0.5,)]


def test_a_column_the_next_version_lacks_reads_as_null_with_a_note(
    live: Warehouse, indexer: SourceDatabase
) -> None:
    indexer.do("ALTER TABLE chain_data_88.rounds DROP COLUMN strategy_name")
    plan = sync("88")
    assert plan.notes == ("indexer.rounds.strategy_name was removed at the source; readers see NULL",)
    assert live.rows("SELECT DISTINCT strategy_name FROM indexer.rounds") == [(None,)]


def test_a_table_the_next_version_lacks_is_noted(live: Warehouse, indexer: SourceDatabase) -> None:
    indexer.do("DROP TABLE chain_data_88.round_roles")
    assert sync("88").notes == ("round_roles is not in chain_data_88",)
    assert live.value("SELECT count(*) FROM indexer.round_roles") > 0


FILTERS = {
    "=": "status = 'APPROVED'",
    "<>": "status <> 'REJECTED'",
    "IN": "status IN ('APPROVED', 'PENDING')",
    "NOT IN": "status NOT IN ('APPROVED')",
    "= ANY": "status = ANY(ARRAY['APPROVED', 'no such status'])",
    "lower": "lower(status) = 'approved'",
    "LIKE": "status LIKE 'APP%'",
    "ILIKE": "status ILIKE 'app%'",
    "regex": "status ~ '^A'",
    "unknown": "status = 'no such status'",
    "concat": "status || '!' = 'APPROVED!'",
    "coalesce": "coalesce(status, 'x') = 'APPROVED'",
    "length": "length(status) = 8",
    "between": "status BETWEEN 'A' AND 'B'",
    "join": "status IN (SELECT upper('approved'))",
}


@pytest.mark.parametrize("how", FILTERS)
def test_an_enum_is_filtered_as_the_text_it_looks_like(
    how: str, live: Warehouse, indexer: SourceDatabase
) -> None:
    as_text = "(SELECT id, status::text AS status FROM chain_data_87.applications) AS a"
    there = indexer.rows(f"SELECT id FROM {as_text} WHERE {FILTERS[how]} ORDER BY 1")
    with live.analyst() as analyst:
        found = analyst.execute(
            f"SELECT id FROM indexer.applications WHERE {FILTERS[how]} ORDER BY 1"
        ).fetchall()
    assert found == there


def test_roles_are_text_and_can_be_grouped_and_sorted(live: Warehouse, indexer: SourceDatabase) -> None:
    there = indexer.rows(
        "SELECT role::text, count(*) FROM chain_data_87.round_roles GROUP BY 1 ORDER BY role::text"
    )
    with live.analyst() as analyst:
        query = "SELECT role, count(*) FROM indexer.round_roles GROUP BY role ORDER BY role"
        assert analyst.execute(query).fetchall() == there
        assert analyst.execute(
            "SELECT count(*) FROM indexer.round_roles WHERE role IN ('admin', 'manager')"
        ).fetchone() == (sum(count for _, count in there),)


@pytest.fixture
def rotating(indexer: SourceDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A reader of the source whose password is OLD; the connection knows it."""
    role = f"reader_of_{indexer.database}"
    indexer.do(f"CREATE ROLE {role} LOGIN PASSWORD '{OLD}' IN ROLE {indexer.reader}")
    tell_airflow(indexer, role, OLD, monkeypatch)
    yield role
    indexer.do(f"DROP ROLE {role}")


def tell_airflow(source: SourceDatabase, role: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = source.sandbox.port("postgres")
    uri = f"postgres://{role}:{password}@127.0.0.1:{port}/{source.database}"
    monkeypatch.setenv("AIRFLOW_CONN_INDEXER_DB", uri)


def test_a_rotated_password_is_followed(
    warehouse: Warehouse, indexer: SourceDatabase, rotating: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    assert warehouse.value("SELECT count(*) FROM indexer.rounds") > 0
    indexer.do(f"ALTER ROLE {rotating} PASSWORD '{NEW}'")
    with pytest.raises(psycopg.errors.SqlclientUnableToEstablishSqlconnection):
        warehouse.value("SELECT count(*) FROM indexer.rounds")
    tell_airflow(indexer, rotating, NEW, monkeypatch)
    sync()
    assert warehouse.value("SELECT count(*) FROM indexer.rounds") > 0


def test_passwords_are_in_no_log_and_no_error(
    warehouse: Warehouse,
    indexer: SourceDatabase,
    rotating: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    sync()
    indexer.do(f"ALTER ROLE {rotating} PASSWORD '{NEW}'")
    errors = []
    with pytest.raises(Exception, match="indexer_db: cannot reach") as unreachable:
        sync()
    errors.append(str(unreachable.value))
    with pytest.raises(psycopg.OperationalError) as refused:
        warehouse.value("SELECT count(*) FROM indexer.rounds")
    errors.append(str(refused.value))
    tell_airflow(indexer, rotating, NEW, monkeypatch)
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"ALTER SERVER indexer_server OWNER TO {ANALYST}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as forbidden:
        sync()
    errors.append(str(forbidden.value))
    told = capfd.readouterr()
    text = "\n".join([*errors, caplog.text, told.out, told.err])
    assert "indexer_server" in caplog.text + forbidden.value.diag.message_primary
    assert OLD not in text
    assert NEW not in text


def test_no_reader_sees_the_password(live: Warehouse, indexer: SourceDatabase) -> None:
    with live.analyst() as analyst:
        options = analyst.execute("SELECT umoptions FROM pg_user_mappings").fetchall()
        assert options == [(None,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            analyst.execute("SELECT count(*) FROM indexer_fdw.rounds")


def test_an_unreachable_source_is_named(indexer: SourceDatabase, warehouse: Warehouse) -> None:
    chaos_db.down(indexer.dsn)
    with pytest.raises(
        SourceUnavailable, match=rf"indexer_db: cannot reach {indexer.database} at 127\.0\.0\.1:\d+"
    ):
        sync()
