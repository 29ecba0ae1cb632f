"""The fingerprint of a source table notices every change of a row, on servers of any version."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from regendata.models.relation import Relation
from regendata.models.tables import Column, TableSpec
from regendata.sources.row_versions import HASHES_XID, fingerprint_query

pytestmark = pytest.mark.postgres

SOURCE = Relation("chain_data_87", "votes")


def fingerprint(conn: psycopg.Connection, table: TableSpec, server_version: int) -> list[tuple[object, ...]]:
    return conn.execute(fingerprint_query(table, SOURCE, [11155111], server_version)).fetchall()


@pytest.mark.parametrize("server_version", [HASHES_XID - 1, HASHES_XID])
@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO chain_data_87.votes VALUES ('c', 10)",
        "UPDATE chain_data_87.votes SET id = id WHERE id = 'a'",
        "DELETE FROM chain_data_87.votes WHERE id = 'a'",
        # The same rows again, in the place of the old ones.
        "TRUNCATE chain_data_87.votes; INSERT INTO chain_data_87.votes VALUES ('a', 10), ('b', 1)",
    ],
)
def test_every_change_of_a_row_changes_the_sum(
    source_dsn: str, votes: TableSpec, change: str, server_version: int
) -> None:
    with psycopg.connect(source_dsn, autocommit=True) as conn:
        make_votes(conn)
        before = fingerprint(conn, votes, server_version)
        assert fingerprint(conn, votes, server_version) == before
        conn.execute(change)
        assert fingerprint(conn, votes, server_version) != before


@pytest.mark.parametrize("server_version", [HASHES_XID - 1, HASHES_XID])
def test_a_test_chain_counts_for_nothing(source_dsn: str, votes: TableSpec, server_version: int) -> None:
    with psycopg.connect(source_dsn, autocommit=True) as conn:
        make_votes(conn)
        before = fingerprint(conn, votes, server_version)
        conn.execute("INSERT INTO chain_data_87.votes VALUES ('x', 11155111)")
        assert fingerprint(conn, votes, server_version) == before


def make_votes(conn: psycopg.Connection) -> None:
    conn.execute("CREATE SCHEMA chain_data_87")
    conn.execute("CREATE TABLE chain_data_87.votes (id text, chain_id integer)")
    conn.execute("INSERT INTO chain_data_87.votes VALUES ('a', 10), ('b', 1)")


@pytest.fixture
def votes() -> TableSpec:
    columns = (Column("id", "TEXT", "id TEXT"), Column("chain_id", "INT", "chain_id INT"))
    return TableSpec(Relation("landing", "votes"), Path("votes.sql"), "", columns, "")
