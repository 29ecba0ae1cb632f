"""Fills the database `maci`: rounds whose votes are private and whose money is voice credits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import psycopg

from sandbox.generator.applications import generated_applications
from sandbox.generator.dimensions import MACI_QF, Dimensions, Round
from sandbox.generator.identity import shares, zipf_weights
from sandbox.generator.rounds import ALLO_V2, SEPOLIA, generated_rounds
from sandbox.generator.schemas import analyze, create_schema, drop_versions, finish_schema
from sandbox.generator.scripts import run
from sandbox.generator.versions import Version, add_dimensions, set_heads, stage, tune

if TYPE_CHECKING:
    from psycopg import Connection

# Names of three digits sort before those of two: the newest is found by number.
COMPLETE = Version("chain_data_100")
OLDER = Version("chain_data_93", until=datetime(2024, 7, 1, tzinfo=timezone.utc))
CHAINS = (42161, 10, 42161, SEPOLIA)
BASE_ROUNDS, FEWEST_CONTRIBUTIONS = 8, 40


def generated_maci(scale: int) -> Dimensions:
    """MACI rounds since Allo v2, with scale/50 contributions dealt out to them."""
    rounds = [r for r in generated_rounds(0) if r.created_at >= ALLO_V2 and not r.archive_only]
    wanted = BASE_ROUNDS + scale // 100_000
    rounds = [_maci(round_, index) for index, round_ in enumerate(rounds[:wanted])]
    counts = shares(scale // 50 + FEWEST_CONTRIBUTIONS, zipf_weights(len(rounds), 2, "maci"))
    first, dealt = 0, []
    for round_, count in zip(rounds, counts, strict=True):
        dealt.append(replace(round_, donation_count=count, first_donation_no=first))
        first += count
    return Dimensions(dealt, list(generated_applications(dealt, 0)))


def _maci(round_: Round, index: int) -> Round:
    return replace(
        round_,
        id=str(100 + index),
        chain_id=CHAINS[index % len(CHAINS)],
        strategy_name=MACI_QF,
        open_ended=False,
        matching="null",
        match_amount_in_usd=20_000.0,
    )


def fill(dsn: str, dimensions: Dimensions, donors: int, reader: str | None) -> None:
    """Drop all versions and build the two."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tune(connection)
        drop_versions(connection)
        stage(connection, dimensions)
        for version in (OLDER, COMPLETE):
            _build(connection, version, donors, reader)
            analyze(connection, version.schema)


def _build(connection: Connection, version: Version, donors: int, reader: str | None) -> None:
    with connection.transaction():
        set_heads(connection, version)
        create_schema(connection, version.schema, "indexer", "maci")
        run(connection, "contributions", donors=donors)
        add_dimensions(connection, with_archive=False)
        finish_schema(connection, version.schema, reader, "indexer", "maci")
