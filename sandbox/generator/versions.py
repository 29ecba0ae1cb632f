"""Builds the schema versions of a source database from staged rounds and applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Protocol

from psycopg import sql

from sandbox.generator.dimensions import Application, Dimensions, Round
from sandbox.generator.schemas import create_schema, finish_schema
from sandbox.generator.scripts import copy_rows, run

if TYPE_CHECKING:
    from psycopg import Connection

ALL_OF_1024 = 1024
TABLES_AFTER_MONEY = ("payouts", "applications", "rounds", "round_roles")


class Draws(Protocol):
    """Composes the query that gives one row per donation to insert (columns: sql/drawn_donations.sql)."""

    def __call__(self, *, archive_only: bool) -> sql.Composed: ...


@dataclass(frozen=True)
class Version:
    """One `chain_data_NN`. Rows after a chain's head are not in it, nor chains in `missing`.

    `lagging` chains stop where two fifths of their donations are read; `kept_of_1024` thins the donations.
    """

    schema: str
    until: datetime | None = None
    missing: tuple[int, ...] = ()
    lagging: tuple[int, ...] = ()
    kept_of_1024: int = ALL_OF_1024


def stage(connection: Connection, dimensions: Dimensions) -> None:
    """Put the small tables where the scripts find them; they last as long as the connection."""
    run(connection, "staging")
    copy_rows(connection, "staged_rounds", Round, dimensions.rounds)
    copy_rows(connection, "staged_applications", Application, dimensions.applications)
    connection.execute("ANALYZE staged_rounds, staged_applications")


def tune(connection: Connection) -> None:
    """Settings for a bulk load of data that can be made again at any time."""
    for setting in (
        "SET synchronous_commit = off",
        "SET work_mem = '128MB'",
        "SET maintenance_work_mem = '256MB'",
        # Rows keep the order they are drawn in, which is the order of time.
        "SET enable_mergejoin = off",
        "SET TimeZone = 'UTC'",
    ):
        connection.execute(setting)


def set_heads(connection: Connection, version: Version, complete: str | None = None) -> None:
    """Fill version_heads: how far this version reads each staged chain."""
    connection.execute("TRUNCATE version_heads")
    until = version.until or datetime.max.replace(tzinfo=timezone.utc)
    connection.execute(
        "INSERT INTO version_heads SELECT DISTINCT chain_id, %s::timestamptz"
        " FROM staged_rounds WHERE chain_id <> ALL(%s)",
        [until, list(version.missing)],
    )
    if complete and version.lagging:
        _hold_back(connection, version.lagging, complete)


def _hold_back(connection: Connection, chains: tuple[int, ...], complete: str) -> None:
    query = sql.SQL(
        "UPDATE version_heads SET head = read.head FROM ("
        "SELECT chain_id, percentile_disc(0.4) WITHIN GROUP (ORDER BY timestamp) AS head "
        "FROM {}.donations WHERE chain_id = ANY(%s) GROUP BY chain_id) AS read "
        "WHERE version_heads.chain_id = read.chain_id"
    ).format(sql.Identifier(complete))
    connection.execute(query, [list(chains)])


def build_complete(connection: Connection, version: Version, draws: Draws, reader: str | None) -> None:
    """The version every other one is cut from."""
    with connection.transaction():
        set_heads(connection, version)
        create_schema(connection, version.schema, "indexer")
        run(connection, "donations", draws=draws(archive_only=False))
        add_dimensions(connection, with_archive=False)
        finish_schema(connection, version.schema, reader, "indexer")


def build_cut(connection: Connection, version: Version, complete: str, reader: str | None) -> None:
    """A version that has read less, with totals that agree with the donations it has."""
    with connection.transaction():
        set_heads(connection, version, complete)
        create_schema(connection, version.schema, "indexer")
        _cut_donations(connection, version, complete)
        add_dimensions(connection, with_archive=False)
        finish_schema(connection, version.schema, reader, "indexer")


def build_archive(connection: Connection, version: Version, complete: str, draws: Draws) -> None:
    """The frozen copy: part of the complete version under other USD prices, and rounds it alone has."""
    with connection.transaction():
        set_heads(connection, version)
        create_schema(connection, version.schema, "indexer")
        _cut_donations(connection, version, complete)
        run(connection, "archive_usd")
        run(connection, "donations", draws=draws(archive_only=True))
        add_dimensions(connection, with_archive=True)


def _cut_donations(connection: Connection, version: Version, complete: str) -> None:
    run(
        connection,
        "donations_of_version",
        complete=sql.Identifier(complete),
        kept_of_1024=version.kept_of_1024,
    )


def add_dimensions(connection: Connection, *, with_archive: bool) -> None:
    run(connection, "totals")
    run(connection, "matching_distributions")
    run(connection, "projects")
    for name in TABLES_AFTER_MONEY:
        run(connection, name, with_archive=with_archive)
