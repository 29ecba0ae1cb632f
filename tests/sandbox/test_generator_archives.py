"""The static archives and Dune's events: right columns, right checksums, same bytes, and their oddities."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sandbox.generator import sheets
from sandbox.generator.cgrants import round_timings
from sandbox.generator.exceptions import ColumnMismatch
from sandbox.generator.files import CHECKSUMS, in_order
from sandbox.generator.seeding import fill_databases, write_files
from sandbox.generator.source import generated_source
from sandbox.generator.table_files import FOLDER, Column, columns
from sandbox.layout import Sandbox
from tests.support.generator_sources import Sources, empty_sources, query

pytestmark = pytest.mark.postgres
SCALE = 5_000
TABLES = {
    "indexer_chain_data_75/rounds.parquet": ("static_indexer_chain_data_75", "rounds"),
    "indexer_chain_data_75/applications.parquet": ("static_indexer_chain_data_75", "applications"),
    "indexer_chain_data_75/donations.parquet": ("static_indexer_chain_data_75", "donations"),
    "indexer_chain_data_75/applications_payouts.parquet": (
        "static_indexer_chain_data_75",
        "applications_payouts",
    ),
    "indexer_chain_data_75/round_roles.parquet": ("static_indexer_chain_data_75", "round_roles"),
    "cgrants/cgrantsContributions.parquet": ("public", "cgrantsContributions"),
    "cgrants/cgrantsGrants.parquet": ("public", "cgrantsGrants"),
    "cgrants/cgrantsRoundTimings.parquet": ("public", "cgrantsRoundTimings"),
    "cgrants/cgrantsMatches.parquet": ("public", "cgrantsMatches"),
    "alpha/AlphaRoundsAllDonations.csv": ("public", "AlphaRoundsAllDonations"),
    "alpha/AlphaRoundGranteeAddresses.csv": ("public", "AlphaRoundGranteeAddresses"),
    "alpha/AlphaMatching.csv": ("public", "AlphaMatching"),
    "ens_names.csv": ("landing", "ens_names"),
}
PARQUET = [path for path in TABLES if path.endswith(".parquet")]
CSV = [path for path in TABLES if path.endswith(".csv")]


@dataclass(frozen=True)
class Written:
    """A seeded pair of databases and the files written from it."""

    sources: Sources
    archives: Path
    upstreams: Path

    def parquet(self, path: str) -> list[dict[str, Any]]:
        return pq.read_table(self.archives / path).to_pylist()

    def csv(self, path: str) -> list[dict[str, str]]:
        with (self.archives / path).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def events(self) -> list[dict[str, Any]]:
        return json.loads((self.upstreams / "dune_4118421.json").read_text())["rows"]

    def tab(self, title: str) -> list[dict[str, str]]:
        header, *rows = json.loads((self.upstreams / sheets.FILE).read_text())["tabs"][title]
        return [dict(zip(header, row, strict=True)) for row in rows]


def write(sources: Sources, folder: Path) -> Written:
    source = generated_source(SCALE)
    fill_databases(source, sources.indexer, sources.maci, SCALE)
    write_files(source, sources.indexer, folder / "archives", folder / "upstreams")
    return Written(sources, folder / "archives", folder / "upstreams")


@pytest.fixture(scope="module")
def written(postgres_cluster: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    with empty_sources(postgres_cluster) as sources:
        yield write(sources, tmp_path_factory.mktemp("written"))


def test_the_same_scale_gives_the_same_bytes(
    postgres_cluster: Sandbox, written: Written, tmp_path: Path
) -> None:
    with empty_sources(postgres_cluster) as sources:
        again = write(sources, tmp_path)
    assert (again.archives / CHECKSUMS).read_text() == (written.archives / CHECKSUMS).read_text()
    assert again.events() == written.events()


def test_checksums_are_those_of_the_files(written: Written) -> None:
    lines = (written.archives / CHECKSUMS).read_text().splitlines()
    listed = {path: digest for digest, path in (line.split("  ") for line in lines)}
    assert listed.keys() == TABLES.keys()
    for path, digest in listed.items():
        assert hashlib.sha256((written.archives / path).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("path", PARQUET)
def test_parquet_has_the_columns_of_its_table(written: Written, path: str) -> None:
    schema = pq.read_schema(written.archives / path)
    expected = columns(*TABLES[path])
    assert schema.names == [column.name for column in expected]
    assert pq.read_metadata(written.archives / path).num_rows > 0
    for column in expected:
        assert schema.field(column.name).type == arrow_type(column), column


def arrow_type(column: Column) -> pa.DataType:
    types = {
        "real": pa.float32(),
        "double precision": pa.float64(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us"),
        "timestamptz": pa.timestamp("us", tz="UTC"),
    }
    return types.get(column.type, pa.string())


@pytest.mark.parametrize("path", CSV)
def test_postgres_reads_the_csv_into_its_table(written: Written, path: str) -> None:
    schema, table = TABLES[path]
    create = (
        (FOLDER / schema / f"{table}.sql")
        .read_text()
        .replace(f"CREATE TABLE {schema}.", "CREATE TABLE pg_temp.")
    )
    with psycopg.connect(written.sources.indexer) as connection, connection.cursor() as cursor:
        cursor.execute(create)
        with cursor.copy(f'COPY pg_temp."{table}" FROM STDIN (FORMAT csv, HEADER match)') as copy:
            copy.write((written.archives / path).read_bytes())
        cursor.execute(f'SELECT count(*) FROM pg_temp."{table}"')
        assert cursor.fetchone() == (len(written.csv(path)),) > (0,)


def test_scratch_schema_is_gone(written: Written) -> None:
    assert query(written.sources.indexer, "SELECT to_regnamespace('archive_scratch')") == [(None,)]


def test_archive_overlaps_the_live_rows(written: Written) -> None:
    frozen = {
        row["id"]: row["amount_in_usd"] for row in written.parquet("indexer_chain_data_75/donations.parquet")
    }
    live = dict(query(written.sources.indexer, "SELECT id, amount_in_usd FROM chain_data_87.donations"))
    shared = frozen.keys() & live.keys()
    assert 0.24 * SCALE < len(frozen) < 0.36 * SCALE
    assert 0.7 < len(shared) / len(frozen) < 0.9
    assert 0 < sum(frozen[i] != pytest.approx(live[i]) for i in shared) < len(shared) / 10


def test_some_rounds_are_known_to_the_archive_alone(written: Written) -> None:
    frozen = written.parquet("indexer_chain_data_75/rounds.parquet")
    live = set(query(written.sources.indexer, "SELECT chain_id, id FROM chain_data_87.rounds"))
    alone = [row for row in frozen if (row["chain_id"], row["id"]) not in live]
    assert Counter(row["chain_id"] for row in alone) == {424: 3, 1: 1}
    assert all(row["total_donations_count"] > 0 for row in alone)


def test_archive_ends_when_it_was_frozen(written: Written) -> None:
    moments = [row["timestamp"] for row in written.parquet("indexer_chain_data_75/donations.parquet")]
    assert max(moments).isoformat() < "2024-08-02"


def test_archived_donations_have_their_application_and_round(written: Written) -> None:
    applications = {
        (row["chain_id"], row["round_id"], row["id"])
        for row in written.parquet("indexer_chain_data_75/applications.parquet")
    }
    donations = written.parquet("indexer_chain_data_75/donations.parquet")
    assert {(d["chain_id"], d["round_id"], d["application_id"]) for d in donations} <= applications


def test_wide_values_survive_as_text(written: Written) -> None:
    row = written.parquet("indexer_chain_data_75/applications.parquet")[0]
    assert json.loads(row["metadata"])["application"]["recipient"].startswith("0x")
    assert any(
        r["tags"] and '"a, b"' in r["tags"]
        for r in written.parquet("indexer_chain_data_75/applications.parquet")
    )
    amounts = [int(r["amount"]) for r in written.parquet("indexer_chain_data_75/donations.parquet")]
    assert max(amounts) > 2**63


def contribution_rounds(written: Written) -> Counter[int]:
    """Contributions per round whose bounds enclose them, 0 for none, -1 for those on a bound."""
    bounds = [(t["round_num"], t["start_date"], t["end_date"]) for t in round_timings()]
    found: Counter[int] = Counter()
    for row in written.parquet("cgrants/cgrantsContributions.parquet"):
        moment = row["created_on"].replace(tzinfo=timezone.utc)
        inside = [number for number, start, end in bounds if start < moment < end]
        on_bound = any(moment in (start, end) for _, start, end in bounds)
        found[-1 if on_bound else (inside or [0])[0]] += 1
    return found


def test_contributions_fall_into_on_and_between_rounds(written: Written) -> None:
    found = contribution_rounds(written)
    assert found[-1] == 30
    assert found[0] > 20
    assert all(found[number] > 0 for number in range(1, 16))
    assert sum(found.values()) == SCALE // 5 + 40


def test_round_timings_do_not_overlap() -> None:
    timings = round_timings()
    assert len(timings) == 15
    assert all(a["end_date"] < b["start_date"] for a, b in pairwise(timings))
    assert all(t["end_date"] - t["start_date"] > timedelta(days=10) for t in timings)


def test_contributions_have_every_checkout_and_mixed_case_voters(written: Written) -> None:
    rows = written.parquet("cgrants/cgrantsContributions.parquet")
    assert {row["checkout_type"] for row in rows} == {"eth_std", "eth_polygon", "eth_zksync", "eth_other"}
    assert 0 < sum(row["voter_address"] != row["voter_address"].lower() for row in rows) < len(rows)


def test_a_few_contributions_lost_their_grant(written: Written) -> None:
    grants = {row["grantid"] for row in written.parquet("cgrants/cgrantsGrants.parquet")}
    rows = written.parquet("cgrants/cgrantsContributions.parquet")
    lost = [row for row in rows if row["grant_id"] not in grants]
    assert 0 < len(lost) < len(rows) / 50
    assert {row["grant_id"] for row in written.parquet("cgrants/cgrantsMatches.parquet")} <= grants


def test_alpha_titles_join_to_addresses_but_for_some(written: Written) -> None:
    titles = {row["title"] for row in written.csv("alpha/AlphaRoundGranteeAddresses.csv")}
    donations = written.csv("alpha/AlphaRoundsAllDonations.csv")
    joined = sum(row["title"] in titles for row in donations)
    assert 0.5 * len(donations) < joined < len(donations)
    assert all(row["donor"].startswith("\\x") and len(row["donor"]) == 42 for row in donations)


def test_three_in_a_hundred_donors_have_a_name(written: Written) -> None:
    named = {row["address"] for row in written.csv("ens_names.csv")}
    donors = [
        d
        for (d,) in query(
            written.sources.indexer, "SELECT DISTINCT donor_address FROM chain_data_87.donations"
        )
    ]
    assert len(named) == len(written.csv("ens_names.csv"))
    assert 0.02 < sum(donor in named for donor in donors) / len(donors) < 0.05


def test_labels_cover_half_of_the_rounds(written: Written) -> None:
    labels = written.tab("program_round_labels")
    rounds = {
        (str(c), i)
        for c, i in query(written.sources.indexer, "SELECT chain_id, id FROM chain_data_87.rounds")
    }
    labelled = Counter((row["chain_id"], row["round_id"].lower()) for row in labels)
    assert 0.4 < len(labelled.keys() & rounds) / len(rounds) < 0.6
    assert max(labelled.values()) == 2
    assert any(row["round_number"] == "" for row in labels)
    assert any(row["round_id"] != row["round_id"].lower() for row in labels)


def test_dune_events_hold_what_breaks_loaders(written: Written) -> None:
    events = written.events()
    assert 2_000 < len(events) < 2_200
    assert any(event["address"] is None for event in events)
    assert any(event["strategy_name"] is None for event in events)
    assert any("'" in (event["strategy_name"] or "") for event in events)
    assert {event["role"] for event in events} == {"grantee", "round_operator", "donor", "contract_dev"}
    repeated = Counter(json.dumps(event) for event in events)
    assert sum(count > 1 for count in repeated.values()) > 20


def test_a_record_with_a_foreign_column_is_refused() -> None:
    with pytest.raises(ColumnMismatch, match="adress"):
        list(in_order([Column("address", "text")], [{"adress": "0x0"}]))
