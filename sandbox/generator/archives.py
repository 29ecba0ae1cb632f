"""The static archives of the bucket, as files in a folder laid out like its prefix `static/`."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from sandbox.generator import alpha, cgrants, hand_kept
from sandbox.generator.files import (
    BATCH_ROWS,
    Record,
    in_order,
    query_batches,
    select_of_table,
    write_csv,
    write_parquet,
)
from sandbox.generator.schemas import SCRATCH, drop_schema
from sandbox.generator.scripts import run
from sandbox.generator.table_files import columns
from sandbox.generator.versions import tune

if TYPE_CHECKING:
    from psycopg import Connection, sql

FROZEN = "static_indexer_chain_data_75"
FROZEN_KEYS = {
    "rounds": ("id", "chain_id"),
    "applications": ("chain_id", "round_id", "id"),
    "donations": ("id",),
    "applications_payouts": ("id",),
    "round_roles": ("chain_id", "round_id", "address", "role"),
}


@dataclass(frozen=True)
class Archive:
    """Records of one table file and the archive they belong in (.parquet or .csv)."""

    path: str
    schema: str
    table: str
    records: Iterable[Record]


def generated_archives(scale: int, donors: int) -> list[Archive]:
    """Every generated archive but the two large ones, which SQL writes."""
    return [
        Archive("cgrants/cgrantsGrants.parquet", "public", "cgrantsGrants", cgrants.grants(scale)),
        Archive("cgrants/cgrantsMatches.parquet", "public", "cgrantsMatches", cgrants.matches(scale)),
        round_timings(),
        Archive(
            "alpha/AlphaRoundsAllDonations.csv",
            "public",
            "AlphaRoundsAllDonations",
            alpha.donations(scale, donors),
        ),
        Archive(
            "alpha/AlphaRoundGranteeAddresses.csv",
            "public",
            "AlphaRoundGranteeAddresses",
            alpha.grantee_addresses(),
        ),
        Archive("alpha/AlphaMatching.csv", "public", "AlphaMatching", alpha.matching()),
        Archive("ens_names.csv", "landing", "ens_names", hand_kept.ens_names(donors)),
    ]


def round_timings() -> Archive:
    path = "cgrants/cgrantsRoundTimings.parquet"
    return Archive(path, "public", "cgrantsRoundTimings", cgrants.round_timings())


def clear(folder: Path) -> None:
    """An empty folder: an archive of an earlier seeding must not stay beside the new ones."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def write_records(folder: Path, archives: Iterable[Archive]) -> None:
    """Write archives whose records Python makes."""
    for archive in archives:
        path = folder / archive.path
        table = columns(archive.schema, archive.table)
        rows = in_order(table, archive.records)
        if path.suffix == ".csv":
            write_csv(path, table, rows)
        else:
            write_parquet(path, table, _batches(rows))


def write_frozen_indexer(dsn: str, folder: Path) -> None:
    """Write the frozen indexer tables from the scratch schema, then drop that."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tune(connection)
        for table, key in FROZEN_KEYS.items():
            _write_table(connection, folder, table, key)
        with connection.transaction():
            drop_schema(connection, SCRATCH)


def _write_table(connection: Connection, folder: Path, table: str, key: Sequence[str]) -> None:
    wanted = columns(FROZEN, table)
    query = select_of_table(SCRATCH, wanted, key, table)
    path = folder / "indexer_chain_data_75" / f"{table}.parquet"
    write_parquet(path, wanted, query_batches(connection, query))


def write_contributions(dsn: str, folder: Path, query: sql.Composed) -> None:
    """Write cgrantsContributions, whose rows PostgreSQL draws without storing them."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tune(connection)
        run(connection, "staging")
        wanted = columns("public", "cgrantsContributions")
        write_parquet(
            folder / "cgrants/cgrantsContributions.parquet", wanted, query_batches(connection, query)
        )


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    batch: list[Sequence[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    yield batch
