"""The databases other tests build on."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from sandbox.layout import Sandbox

pytestmark = pytest.mark.postgres


def test_owner_can_reach_a_source_through_a_foreign_server(
    postgres_cluster: Sandbox, grants_dsn: str, source_dsn: str, source_database: str
) -> None:
    with psycopg.connect(source_dsn, autocommit=True) as source:
        source.execute("CREATE SCHEMA chain_data_87")
        source.execute("CREATE TABLE chain_data_87.rounds AS SELECT 'r1' AS id")
    with psycopg.connect(grants_dsn, autocommit=True) as grants:
        server = "CREATE SERVER indexer FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({})"
        address = sql.SQL("host '127.0.0.1', port {}, dbname {}")
        port = str(postgres_cluster.port("postgres"))
        grants.execute(sql.SQL(server).format(address.format(port, source_database)))
        mapping = "CREATE USER MAPPING FOR CURRENT_USER SERVER indexer OPTIONS (user {}, password {})"
        password = postgres_cluster.secret("postgres_indexer_reader")
        grants.execute(sql.SQL(mapping).format("indexer_reader", password))
        grants.execute(
            "CREATE FOREIGN TABLE rounds (id text) SERVER indexer OPTIONS (schema_name 'chain_data_87')"
        )
        assert grants.execute("SELECT id FROM rounds").fetchall() == [("r1",)]


def test_owner_is_no_superuser_and_may_make_schemas_and_roles(grants_dsn: str) -> None:
    with psycopg.connect(grants_dsn, autocommit=True) as grants:
        assert grants.execute(
            "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone() == (
            False,
            True,
        )
        grants.execute("CREATE SCHEMA landing")
        grants.execute("CREATE TABLE public.made AS SELECT 1 AS one")


def test_each_test_gets_an_empty_warehouse(grants_dsn: str) -> None:
    with psycopg.connect(grants_dsn) as grants:
        tables = grants.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert tables == (0,)


def test_reader_reads_but_cannot_write(source_dsn: str, source_reader_dsn: str) -> None:
    with psycopg.connect(source_dsn, autocommit=True) as source:
        source.execute("CREATE SCHEMA chain_data_87")
        source.execute("CREATE TABLE chain_data_87.rounds AS SELECT 'r1' AS id")
    with psycopg.connect(source_reader_dsn, autocommit=True) as reader:
        assert reader.execute("SELECT id FROM chain_data_87.rounds").fetchall() == [("r1",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("DELETE FROM chain_data_87.rounds")


def test_text_sorts_by_code_point_and_sessions_run_in_utc(grants_dsn: str) -> None:
    with psycopg.connect(grants_dsn) as grants:
        row = grants.execute("SELECT 'Z' < 'a', current_setting('TimeZone')").fetchone()
        assert row == (True, "UTC")
