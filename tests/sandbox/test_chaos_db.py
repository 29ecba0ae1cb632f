"""Trouble in a source database, on a small schema with what makes copying hard: enums, serials, keys."""

from __future__ import annotations

import subprocess
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from sandbox import chaos_db
from sandbox.exceptions import BadTrouble, NoSourceSchema

pytestmark = pytest.mark.postgres

DEFINITIONS = """
CREATE SCHEMA chain_data_86;
CREATE SCHEMA chain_data_87;
CREATE SCHEMA price_data_99;
CREATE TYPE chain_data_87.application_status AS ENUM ('PENDING', 'APPROVED');
CREATE TABLE chain_data_87.rounds (id text, chain_id integer, PRIMARY KEY (id, chain_id));
CREATE TABLE chain_data_87.applications (
  id text, chain_id integer, round_id text, status chain_data_87.application_status,
  PRIMARY KEY (chain_id, round_id, id), FOREIGN KEY (round_id, chain_id) REFERENCES chain_data_87.rounds
);
CREATE TABLE chain_data_87.donations (
  id text PRIMARY KEY, chain_id integer, amount numeric(78, 0), timestamp timestamptz
);
CREATE TABLE chain_data_87.applications_payouts (id serial PRIMARY KEY, chain_id integer);
INSERT INTO chain_data_87.rounds VALUES ('r1', 1), ('r10', 10);
INSERT INTO chain_data_87.applications VALUES ('a', 1, 'r1', 'APPROVED'), ('b', 10, 'r10', NULL);
INSERT INTO chain_data_87.donations
SELECT
  'd' || n, CASE WHEN n <= 6 THEN 1 ELSE 10 END, 10::numeric ^ 70,
  '2024-01-01'::timestamptz + n * interval '1 h'
FROM generate_series(1, 10) AS n;
INSERT INTO chain_data_87.applications_payouts (chain_id) VALUES (1);
"""


@pytest.fixture
def source(source_dsn: str) -> str:
    with psycopg.connect(source_dsn) as connection:
        connection.execute(DEFINITIONS)
    return source_dsn


def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()


def columns(dsn: str, version: int, table: str) -> dict[str, str]:
    with psycopg.connect(dsn) as connection:
        return chaos_db.columns(connection, f"chain_data_{version}", table)


def test_versions_are_numbers_of_the_chain_data_schemas(source: str) -> None:
    assert chaos_db.versions(source) == [86, 87]


def test_new_version_has_the_same_rows_and_its_own_types(source: str) -> None:
    chaos_db.new_version(source, 100)
    assert chaos_db.newest(source) == 100
    for table in ("rounds", "applications", "donations", "applications_payouts"):
        old, new = (
            f"SELECT t::text FROM chain_data_{version}.{table} AS t ORDER BY 1" for version in (87, 100)
        )
        assert rows(source, old) == rows(source, new)
    assert columns(source, 100, "applications")["status"] == "chain_data_100.application_status"


def test_new_version_keeps_the_keys(source: str) -> None:
    chaos_db.new_version(source, 88)
    with pytest.raises(psycopg.errors.UniqueViolation):
        rows(source, "INSERT INTO chain_data_88.rounds VALUES ('r1', 1) RETURNING id")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        rows(source, "INSERT INTO chain_data_88.applications VALUES ('z', 5, 'none') RETURNING id")


def test_new_version_is_readable_for_the_warehouse(source: str, source_reader_dsn: str) -> None:
    chaos_db.new_version(source, 88)
    assert rows(source_reader_dsn, "SELECT count(*) FROM chain_data_88.donations") == [(10,)]


def test_new_version_may_lack_a_chain(source: str) -> None:
    chaos_db.new_version(source, 88, without_chain=10)
    for table in ("rounds", "applications", "donations"):
        assert rows(source, f"SELECT DISTINCT chain_id FROM chain_data_88.{table}") == [(1,)]
    assert rows(source, "SELECT count(*) FROM chain_data_87.donations") == [(10,)]


def test_half_indexed_version_has_the_early_donations_of_each_chain(source: str) -> None:
    chaos_db.new_version(source, 88, half=True)
    found = rows(source, "SELECT id FROM chain_data_88.donations ORDER BY timestamp")
    assert found == [("d1",), ("d2",), ("d3",), ("d7",), ("d8",)]


def test_half_of_a_maci_version_has_no_message_without_its_contribution(source: str) -> None:
    with psycopg.connect(source) as connection:
        connection.execute("ALTER TABLE chain_data_87.donations RENAME TO contributions")
        connection.execute(
            "CREATE TABLE chain_data_87.messages AS"
            " SELECT id AS contribution_id FROM chain_data_87.contributions"
        )
        connection.execute(
            "ALTER TABLE chain_data_87.messages"
            " ADD FOREIGN KEY (contribution_id) REFERENCES chain_data_87.contributions"
        )
    chaos_db.new_version(source, 93, half=True)
    found = rows(source, "SELECT contribution_id FROM chain_data_93.messages ORDER BY 1")
    assert found == [("d1",), ("d2",), ("d3",), ("d7",), ("d8",)]


def test_password_is_on_no_command_line(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = subprocess.run
    commands: list[list[str]] = []

    def spy(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", spy)
    chaos_db.new_version(source, 88)
    password = str(conninfo_to_dict(source)["password"])
    assert len(commands) == 4
    assert [command for command in commands if password in " ".join(command)] == []


def test_an_older_version_can_be_copied(source: str) -> None:
    chaos_db.new_version(source, 88, half=True)
    chaos_db.new_version(source, 89, copy_of=87)
    assert rows(source, "SELECT count(*) FROM chain_data_89.donations") == [(10,)]


def test_existing_version_is_not_overwritten(source: str) -> None:
    with pytest.raises(BadTrouble, match="chain_data_86 exists"):
        chaos_db.new_version(source, 86)


def test_database_without_schemas_is_named(source_dsn: str) -> None:
    with pytest.raises(NoSourceSchema, match="holds no schema chain_data_NN"):
        chaos_db.new_version(source_dsn, 88)


def test_dropped_chain_is_gone_from_every_table(source: str) -> None:
    chaos_db.drop_chain(source, 10)
    assert rows(source, "SELECT DISTINCT chain_id FROM chain_data_87.rounds") == [(1,)]
    assert rows(source, "SELECT count(*) FROM chain_data_87.donations") == [(6,)]


def test_chain_that_is_not_there_cannot_be_dropped(source: str) -> None:
    with pytest.raises(BadTrouble, match="no rows of chain 424"):
        chaos_db.drop_chain(source, 424)


def test_column_is_dropped_in_every_version(source: str) -> None:
    chaos_db.new_version(source, 88)
    chaos_db.drop_column(source, "donations", "amount")
    assert "amount" not in columns(source, 87, "donations") | columns(source, 88, "donations")


def test_column_is_dropped_in_one_version_only_when_said(source: str) -> None:
    chaos_db.new_version(source, 88)
    chaos_db.drop_column(source, "donations", "amount", version=88)
    assert "amount" in columns(source, 87, "donations")
    assert "amount" not in columns(source, 88, "donations")


def test_retyped_column_keeps_its_values_as_text(source: str) -> None:
    chaos_db.retype_column(source, "donations", "amount", "text")
    assert columns(source, 87, "donations")["amount"] == "text"
    assert rows(source, "SELECT DISTINCT amount FROM chain_data_87.donations") == [("1" + "0" * 70,)]


def test_added_column_is_the_last(source: str) -> None:
    chaos_db.add_column(source, "donations", "memo", "text")
    assert list(columns(source, 87, "donations").items())[-1] == ("memo", "text")


def test_type_may_have_a_length(source: str) -> None:
    chaos_db.retype_column(source, "donations", "amount", "varchar(80)")
    assert columns(source, 87, "donations")["amount"] == "character varying(80)"


@pytest.mark.parametrize("kind", ["no_such_type", "text; DROP TABLE chain_data_87.donations"])
def test_a_type_is_nothing_but_a_type(source: str, kind: str) -> None:
    with pytest.raises((BadTrouble, psycopg.errors.SyntaxError)):
        chaos_db.add_column(source, "donations", "memo", kind)
    assert "memo" not in columns(source, 87, "donations")


def test_unknown_column_and_table_are_named(source: str) -> None:
    with pytest.raises(BadTrouble, match="donations has no column amout"):
        chaos_db.drop_column(source, "donations", "amout")
    with pytest.raises(BadTrouble, match=r"has a table donation$"):
        chaos_db.drop_column(source, "donation", "amount")


def test_database_goes_down_and_comes_up(source: str, source_reader_dsn: str) -> None:
    with psycopg.connect(source_reader_dsn) as open_session:
        chaos_db.down(source)
        with pytest.raises(psycopg.OperationalError):
            open_session.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(source_reader_dsn)
    chaos_db.up(source)
    assert rows(source_reader_dsn, "SELECT count(*) FROM chain_data_87.donations") == [(10,)]
