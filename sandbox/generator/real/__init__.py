"""Fills a sandbox from real public files; each module says what in it is real and what is derived.

MACI contributions, the sheets of rounds outside the indexer and of links between projects, are generated:
no public file has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.generator import sheets
from sandbox.generator.archives import Archive, round_timings
from sandbox.generator.dimensions import Dimensions
from sandbox.generator.files import Record
from sandbox.generator.indexer import donor_count
from sandbox.generator.real import alpha, cgrants
from sandbox.generator.real.applications import real_applications
from sandbox.generator.real.files import RealFiles
from sandbox.generator.real.rounds import real_labels, real_rounds
from sandbox.generator.scripts import script
from sandbox.generator.source import Source

DUNE_RESULT = "allov2_distributions_oct22_2024.csv"


def real_source(data: Path, scale: int) -> Source:
    """The real files of `data`, their sums split into about `scale` donations.

    :raises MissingData: a file is absent.
    :raises UnexpectedData: a file is not what it should be.
    """
    files = RealFiles.of(data)
    rounds = real_rounds(files)
    dimensions = Dimensions(rounds, real_applications(files, rounds, scale), list(real_labels(files)))
    return Source(
        dimensions=dimensions,
        draws=partial(script, "split_donations", donors=donor_count(scale)),
        archives=[
            *_cgrants_archives(files),
            *_alpha_archives(files, scale),
            Archive("ens_names.csv", "landing", "ens_names", _ens_names(files)),
        ],
        events=list(_events(files)),
        sheets=_sheets(dimensions),
        passport=files.copy_passport,
        contributions=None,
    )


def _cgrants_archives(files: RealFiles) -> list[Archive]:
    records = {
        "cgrantsContributions": cgrants.contributions(files),
        "cgrantsGrants": cgrants.grants(files),
        "cgrantsMatches": cgrants.matches(files),
    }
    tables = [Archive(f"cgrants/{table}.parquet", "public", table, rows) for table, rows in records.items()]
    return [*tables, round_timings()]


def _alpha_archives(files: RealFiles, scale: int) -> list[Archive]:
    records = {
        "AlphaRoundsAllDonations": alpha.donations(files, scale),
        "AlphaRoundGranteeAddresses": alpha.grantee_addresses(files),
        "AlphaMatching": alpha.matching(files),
    }
    return [Archive(f"alpha/{table}.csv", "public", table, rows) for table, rows in records.items()]


def _sheets(dimensions: Dimensions) -> dict[str, sheets.Tab]:
    return {
        "program_round_labels": sheets.round_labels(dimensions.labels),
        "AlloRoundsOutsideIndexer": sheets.rounds_outside_indexer(),
        "manual_project_links": sheets.project_links(dimensions.applications),
    }


def _events(files: RealFiles) -> Iterator[dict[str, Any]]:
    """The result of Dune query 4118421 of October 2024, `number_of_points` under its later name."""
    for row in files.rows(DUNE_RESULT, "blockchain", "tx_timestamp", "address", "role", "number_of_points"):
        yield {
            "blockchain": row["blockchain"],
            "tx_timestamp": row["tx_timestamp"],
            "tx_hash": row["tx_hash"],
            "address": row["address"],
            "role": row["role"],
            "gmv": float(row["number_of_points"]),
            "strategy_name": row["strategy_name"],
        }


def _ens_names(files: RealFiles) -> Iterator[Record]:
    """Names that stand beside addresses in the Dune result."""
    named = {
        row["address"].lower(): row["ens"] for row in files.rows(DUNE_RESULT, "address", "ens") if row["ens"]
    }
    for address, name in sorted(named.items()):
        yield {"address": address, "name": name}
