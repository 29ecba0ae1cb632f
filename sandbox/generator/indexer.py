"""Fills the database `indexer`: three schema versions, and the scratch schema the archive is read from."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from sandbox.generator.applications import generated_applications
from sandbox.generator.dimensions import Dimensions
from sandbox.generator.rounds import generated_labels, generated_rounds
from sandbox.generator.schemas import SCRATCH, analyze, drop_versions
from sandbox.generator.scripts import script
from sandbox.generator.versions import (
    ALL_OF_1024,
    Draws,
    Version,
    build_archive,
    build_complete,
    build_cut,
    stage,
    tune,
)

if TYPE_CHECKING:
    from psycopg import Connection

COMPLETE = Version("chain_data_87")
OLDER = Version("chain_data_86", until=datetime(2024, 10, 1, tzinfo=timezone.utc), kept_of_1024=102)
HALF_INDEXED = Version("chain_data_88", missing=(10,), lagging=(1, 137, 324, 8453, 42161, 534352))
ADVERTISED = "88"
FROZEN_AT = datetime(2024, 8, 1, tzinfo=timezone.utc)
OVERLAP_SHARE = 0.24
DONATIONS_PER_DONOR = 12
FEWEST_DONORS = 20


def donor_count(scale: int) -> int:
    """How many accounts give at this scale; archives and MACI draw from the same accounts."""
    return scale // DONATIONS_PER_DONOR + FEWEST_DONORS


def generated_draws(scale: int) -> Draws:
    """Donors, amounts and times by hash, few accounts and applications taking most."""
    return partial(script, "drawn_donations", donors=donor_count(scale))


def generated_dimensions(scale: int) -> Dimensions:
    rounds = generated_rounds(scale)
    return Dimensions(rounds, list(generated_applications(rounds, scale)), generated_labels(rounds))


def fill(dsn: str, dimensions: Dimensions, draws: Draws, reader: str | None) -> None:
    """Drop all versions and build them again from these rounds and applications."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tune(connection)
        drop_versions(connection)
        stage(connection, dimensions)
        build_complete(connection, COMPLETE, draws, reader)
        for version in (OLDER, HALF_INDEXED):
            build_cut(connection, version, COMPLETE.schema, reader)
        build_archive(connection, _archive(connection), COMPLETE.schema, draws)
        for schema in (OLDER.schema, COMPLETE.schema, HALF_INDEXED.schema):
            analyze(connection, schema)


def _archive(connection: Connection) -> Version:
    """Keep so many of the donations before the freeze that about a quarter of all overlap."""
    found = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE timestamp <= %s) FROM chain_data_87.donations", [FROZEN_AT]
    ).fetchone()
    total, before = found or (0, 0)
    kept = min(ALL_OF_1024, round(ALL_OF_1024 * OVERLAP_SHARE * total / before)) if before else ALL_OF_1024
    return Version(SCRATCH, until=FROZEN_AT, kept_of_1024=kept)
