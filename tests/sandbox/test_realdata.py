"""The sandbox filled from the real files: their sums, names and counts come out; the rest is consistent."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sandbox.generator import sheets
from sandbox.generator.exceptions import MissingData, UnexpectedData
from sandbox.generator.real.files import REQUIRED, RealFiles
from sandbox.generator.seeding import fill_databases, write_files
from sandbox.generator.source import source_for
from sandbox.layout import REPOSITORY, Sandbox
from tests.support.generator_sources import Sources, empty_sources, query, value

DATA = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
SCALE = 4_000
needs_data = pytest.mark.skipif(
    not (DATA / "grants").is_dir(), reason=f"the real data is not at {DATA} (set REGENDATA_REAL_DATA)"
)


@dataclass(frozen=True)
class Real:
    """A sandbox's sources and files, filled from the real data."""

    sources: Sources
    folder: Path

    def csv(self, name: str) -> list[dict[str, str]]:
        return read_csv(self.folder / "archives" / name)

    def parquet(self, name: str) -> dict[str, list[Any]]:
        return pq.read_table(self.folder / "archives" / name).to_pydict()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def real(postgres_cluster: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    folder = tmp_path_factory.mktemp("real")
    source = source_for(SCALE, DATA)
    with empty_sources(postgres_cluster) as sources:
        fill_databases(source, sources.indexer, sources.maci, SCALE)
        write_files(source, sources.indexer, folder / "archives", folder / "upstreams")
        yield Real(sources, folder)


def real_sums() -> dict[tuple[int, str], float]:
    """USD donated per chain and round, straight from the files."""
    sums: dict[tuple[int, str], float] = defaultdict(float)
    for name, column in (
        ("gitcoin_allo_grants.csv", "amount_usd"),
        ("gg20_projects_2024-05-21.csv", "total_amount_donated_in_usd"),
    ):
        for row in read_csv(DATA / "grants" / name):
            sums[int(row["chain_id"]), row["round_id"].lower()] += float(row[column])
    return sums


@pytest.mark.postgres
@needs_data
def test_each_round_collects_its_real_sum(real: Real) -> None:
    sums = real_sums()
    stored = {
        (chain, round_id): usd
        for chain, round_id, usd in query(
            real.sources.indexer,
            "SELECT chain_id, id, total_amount_donated_in_usd FROM chain_data_87.rounds",
        )
    }
    live = {key: usd for key, usd in sums.items() if key[0] != 424}
    assert len(live) > 100
    for key, usd in live.items():
        assert stored[key] == pytest.approx(usd, rel=1e-4, abs=0.01), key


@pytest.mark.postgres
@needs_data
def test_pgn_stands_in_the_archive_alone(real: Real) -> None:
    donations = real.parquet("indexer_chain_data_75/donations.parquet")
    archived = sum(
        u for u, c in zip(donations["amount_in_usd"], donations["chain_id"], strict=True) if c == 424
    )
    expected = sum(usd for (chain, _), usd in real_sums().items() if chain == 424)
    assert archived == pytest.approx(expected, rel=1e-4)
    assert value(real.sources.indexer, "SELECT count(*) FROM chain_data_87.rounds WHERE chain_id = 424") == 0


@pytest.mark.postgres
@needs_data
def test_every_round_has_a_name_and_every_donation_its_application(real: Real) -> None:
    nameless = "SELECT count(*) FROM chain_data_87.rounds WHERE coalesce(round_metadata ->> 'name', '') = ''"
    orphans = """
        SELECT count(*) FROM chain_data_87.donations AS d LEFT JOIN chain_data_87.applications AS a
          ON (a.chain_id, a.round_id, a.id) = (d.chain_id, d.round_id, d.application_id) WHERE a.id IS NULL"""
    assert value(real.sources.indexer, nameless) == 0
    assert value(real.sources.indexer, orphans) == 0
    assert (
        SCALE * 0.7 < value(real.sources.indexer, "SELECT count(*) FROM chain_data_87.donations") < SCALE * 2
    )


@pytest.mark.postgres
@needs_data
def test_distributions_are_the_published_ones(real: Real) -> None:
    stored = {
        (chain, round_id): distribution
        for chain, round_id, distribution in query(
            real.sources.indexer, "SELECT chain_id, id, matching_distribution FROM chain_data_87.rounds"
        )
    }
    with gzip.open(DATA / "grants" / "rounds_matching_distribution.jsonl.gz", "rt") as file:
        published = [json.loads(line) for line in file]
    live = [document for document in published if document["chain_id"] != 424]
    assert len(live) == 56
    for document in live:
        assert stored[document["chain_id"], document["id"]] == document["matching_distribution"]


@pytest.mark.postgres
@needs_data
def test_beta_applications_keep_their_metadata(real: Real) -> None:
    stored = query(
        real.sources.indexer, "SELECT round_id, project_id, metadata::text FROM chain_data_87.applications"
    )
    metadata = {(round_id, project): json.loads(text) for round_id, project, text in stored}
    with gzip.open(DATA / "grants" / "applications_beta_2023.jsonl.gz", "rt") as file:
        published = {(d["round_id"], d["id"]): d["metadata"] for d in map(json.loads, file)}
    assert len(published) == 426
    assert all(metadata[key] == document for key, document in published.items())


@pytest.mark.postgres
@needs_data
def test_cgrants_archives_hold_the_real_rows(real: Real) -> None:
    contributions = real.parquet("cgrants/cgrantsContributions.parquet")
    rows = read_csv(DATA / "grants" / "cgrantsContributions_round3.csv")
    assert len(contributions["id"]) == len(rows) == 2_216
    assert sum(contributions["amountUSD"]) == pytest.approx(sum(float(r["amountUSD"]) for r in rows))
    matches = real.parquet("cgrants/cgrantsMatches.parquet")
    totals = read_csv(DATA / "grants" / "cGrantsByRound.csv")
    assert sum(matches["match_amount"]) == pytest.approx(sum(float(r["total_match_amount"]) for r in totals))
    grants = real.parquet("cgrants/cgrantsGrants.parquet")["grantid"]
    assert set(matches["grant_id"]) | set(contributions["grant_id"]) <= set(grants)
    assert len(grants) == len(set(grants))


@pytest.mark.postgres
@needs_data
def test_alpha_donations_add_up_per_grantee(real: Real) -> None:
    given: dict[str, float] = defaultdict(float)
    for row in real.csv("alpha/AlphaRoundsAllDonations.csv"):
        given[row["title"]] += float(row["usd_amount"])
    grantees = read_csv(DATA / "grants" / "AlphaRoundFundingWithWalletsGithubs.csv")
    wanted = {row["title"]: float(row["total_crowdfund_amount"]) for row in grantees}
    assert len(wanted) == 152
    assert {title: given[title] for title in wanted} == pytest.approx(wanted, rel=1e-6)
    # One real vote went to a project that has no line among the sums.
    assert given.keys() - wanted.keys() == {"Proof of Humanity"}


@pytest.mark.postgres
@needs_data
def test_dune_result_is_the_real_one(real: Real) -> None:
    events = json.loads((real.folder / "upstreams" / "dune_4118421.json").read_text())["rows"]
    assert len(events) == 1_797
    assert len({json.dumps(event) for event in events}) == 1_797 - 78
    assert {event["role"] for event in events} == {"grantee", "round_operator", "contract_dev"}


@pytest.mark.postgres
@needs_data
def test_labels_are_the_sheet(real: Real) -> None:
    document = json.loads((real.folder / "upstreams" / sheets.FILE).read_text())
    header, *rows = document["tabs"]["program_round_labels"]
    labels = [dict(zip(header, row, strict=True)) for row in rows]
    assert len(labels) == 84
    assert sum(label["round_number"] == "" for label in labels) == 3
    known = {i for (i,) in query(real.sources.indexer, "SELECT id FROM chain_data_87.rounds")}
    assert {label["round_id"].lower() for label in labels if label["chain_id"] != "424"} <= known


@pytest.mark.parametrize("absent", REQUIRED)
def test_a_missing_file_is_named(tmp_path: Path, absent: str) -> None:
    (tmp_path / "grants").mkdir()
    for name in REQUIRED:
        if name != absent:
            (tmp_path / "grants" / name).touch()
    with pytest.raises(MissingData) as caught:
        RealFiles.of(tmp_path)
    assert str(tmp_path / "grants" / absent) in str(caught.value)


def test_a_changed_header_is_named(tmp_path: Path) -> None:
    (tmp_path / "all_rounds.csv").write_text("chain_id,round_id\n1,0x0\n")
    with pytest.raises(UnexpectedData, match=r"all_rounds\.csv: no column round_number, starting_time"):
        _ = RealFiles(tmp_path).sheet


def test_broken_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "qfvotes.json").write_text("<html>")
    with pytest.raises(UnexpectedData, match=r"qfvotes\.json: not JSON"):
        RealFiles(tmp_path).document("qfvotes.json")
