"""BigQuery by setting: the same hours give the same rows as in Postgres, and cost no more than they may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from string import Template
from typing import Any

import pytest

from regendata import settings
from regendata.coverage.slots import slots_of, start_of
from regendata.exceptions import SourceUnavailable
from regendata.hooks.bigquery_warehouse import BigQueryWarehouse, TooManyBytes
from regendata.landing.mev_boost import store
from regendata.landing.mev_boost.repair import Repaired, repair
from regendata.landing.mev_boost.stores import open_stores
from regendata.sources.mev_boost.rows import Endpoint, FetchedHour, Payload
from regendata.sources.mev_boost.schema import ENDPOINTS, bigquery_schema
from sandbox.layout import REPOSITORY
from tests.postgres.mev_boost.conftest import MevWorld
from tests.support import bigquery, mev_rows
from tests.support.mev_rows import FIRST, HOUR, MOST_WEI, bid, bids, fetched, payload, payloads

pytestmark = pytest.mark.postgres
BLOCKS_PROJECT = "blocks-test"
CHOICE = {
    "REGENDATA_MEV_OBJECTS": "gcs",
    "REGENDATA_MEV_BUCKET": bigquery.BUCKET,
    "REGENDATA_MEV_WAREHOUSE": "bigquery",
    "REGENDATA_MEV_BIGQUERY_BLOCKS": f"{BLOCKS_PROJECT}.crypto_ethereum.blocks",
}


class Dataset:
    """The dataset as analysts see it."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(sql).result()]

    def digest(self, endpoint: Endpoint) -> str:
        columns = ", ".join(["relay", *mev_rows.names(endpoint)])
        return mev_rows.digest_of_values(self.query(f"SELECT {columns} FROM mev_boost.{endpoint}"))

    def add_block(self, row: Payload, hash_: str | None = None) -> None:
        moment = datetime.fromtimestamp(start_of(row.slot), timezone.utc)
        self.query(
            f"INSERT INTO `{CHOICE['REGENDATA_MEV_BIGQUERY_BLOCKS']}` (number, `hash`, timestamp) VALUES "
            f"({row.block_number}, '{hash_ or row.block_hash}', TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}+00')"
        )

    def tables(self) -> set[str]:
        return {table.table_id for table in self.client.list_tables("mev_boost")}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bigquery.GoogleCloud]:
    """One start of the emulators for all tests of this file."""
    try:
        with bigquery.running(tmp_path_factory.mktemp("cloud")) as found:
            yield found
    except bigquery.NoEmulators as reason:
        pytest.skip(str(reason))


@pytest.fixture
def dataset(cloud: bigquery.GoogleCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """Empty tables, made from the same schema as Terraform's, and a table of blocks in another project."""
    for name, value in cloud.variables.items():
        monkeypatch.setenv(name, value)
    from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
    from google.cloud.bigquery import SchemaField, Table

    client = BigQueryHook(use_legacy_sql=False).get_client(project_id=bigquery.PROJECT, location="US")
    client.create_dataset("mev_boost")
    client.create_dataset(f"{BLOCKS_PROJECT}.crypto_ethereum")
    for endpoint in ENDPOINTS:
        schema = [SchemaField.from_api_repr(field) for field in bigquery_schema(endpoint)]
        client.create_table(Table(f"{bigquery.PROJECT}.mev_boost.{endpoint}", schema=schema))
    kinds = {"number": "INTEGER", "hash": "STRING", "timestamp": "TIMESTAMP"}
    fields = [SchemaField(name, kind) for name, kind in kinds.items()]
    client.create_table(Table(CHOICE["REGENDATA_MEV_BIGQUERY_BLOCKS"], schema=fields))
    yield Dataset(client)
    for one in ("mev_boost", f"{BLOCKS_PROJECT}.crypto_ethereum"):
        client.delete_dataset(one, delete_contents=True)


@pytest.fixture
def google(mev: MevWorld, dataset: Dataset) -> MevWorld:
    """The same warehouse for coverage, with objects and rows at Google."""
    return replace(mev, stores=open_stores(settings.load(CHOICE)))


def answers() -> list[FetchedHour]:
    """An hour of two relays and the hour after of one, both endpoints; one in parts."""
    begin, end = slots_of(HOUR + 1)
    spread = bids(range(FIRST, FIRST + 300, 7))
    return [
        fetched([*spread, bid(FIRST, 77, value=MOST_WEI)]),
        fetched(bids([begin, begin + 9]), (begin, begin + 10), relay="titan", hour=HOUR + 1),
        fetched(bids([begin + 11]), (begin + 10, end), relay="titan", hour=HOUR + 1),
        fetched([bid(FIRST, 2, timestamp=0, timestamp_ms=0, optimistic_submission=None)], relay="titan"),
        fetched(payloads(range(FIRST, FIRST + 300, 9))),
        fetched([payload(FIRST, value=MOST_WEI)], relay="titan"),
        fetched([], relay="aestus"),
    ]


@pytest.mark.parametrize("written", ["parquet", "ndjson"])
def test_the_same_hours_give_the_same_rows_as_in_postgres(
    mev: MevWorld, google: MevWorld, dataset: Dataset, written: str
) -> None:
    at_google = replace(
        google, stores=open_stores(settings.load({**CHOICE, "REGENDATA_MEV_FORMAT": written}))
    )
    hours = answers()
    at_once = [hour for number, hour in enumerate(hours) if number != 2]
    for batch in (at_once, [hours[2]], [hours[0], hours[4]]):
        store.store_hours(at_google.conn, batch, at_google.stores)
    covered = [at_google.covered(endpoint, "titan") for endpoint in ENDPOINTS]
    mev.warehouse.do("TRUNCATE meta.coverage")
    for hour in hours:
        mev.store(hour)
    assert [dataset.digest(endpoint) for endpoint in ENDPOINTS] == [
        mev.digest(endpoint) for endpoint in ENDPOINTS
    ]
    assert covered == [mev.covered(endpoint, "titan") for endpoint in ENDPOINTS]
    assert dataset.tables() == {"bids", "payloads"}


def test_several_relays_are_loaded_by_one_job(google: MevWorld, dataset: Dataset) -> None:
    hours = [fetched(payloads([FIRST]), relay=relay) for relay in ("flashbots", "titan", "aestus")]
    store.store_hours(google.conn, hours, google.stores)
    jobs = google.warehouse.rows(
        "SELECT kind, endpoint, hours FROM mev_boost.bigquery_jobs ORDER BY finished_at, kind"
    )
    assert sorted(jobs) == [(kind, "payloads", 3) for kind in ("count", "load", "merge")]
    assert dataset.query("SELECT COUNT(*), COUNT(DISTINCT relay) FROM mev_boost.payloads") == [(3, 3)]


def test_late_blocks_are_filled_in_by_repair(google: MevWorld, dataset: Dataset) -> None:
    rows = payloads([FIRST, FIRST + 1, FIRST + 2])
    dataset.add_block(rows[0])
    assert google.store(fetched(rows)).undated == 2
    dataset.add_block(rows[1], "0x" + "f" * 64)
    assert repair(google.conn, (HOUR, HOUR + 1), google.stores) == Repaired(0, 1, 1)
    moments = [datetime.fromtimestamp(start_of(row.slot), timezone.utc) for row in rows[:2]]
    found = dataset.query("SELECT block_timestamp, reorged FROM mev_boost.payloads ORDER BY slot")
    assert found == [(moments[0], False), (moments[1], True), (None, None)]
    assert dataset.digest("payloads") == mev_rows.digest(("flashbots", row) for row in rows)


def test_payloads_are_judged_by_the_view_of_terraform(google: MevWorld, dataset: Dataset) -> None:
    rows = payloads(range(FIRST, FIRST + 3))
    dataset.add_block(rows[0])
    dataset.add_block(rows[1], "0x" + "f" * 64)
    google.store(fetched(rows))
    view = (REPOSITORY / "infra/terraform/mev_boost/views/payload_truth.sql").read_text(encoding="utf-8")
    names = {"dataset": "mev_boost", "blocks": CHOICE["REGENDATA_MEV_BIGQUERY_BLOCKS"]}
    found = dataset.query(f"SELECT verdict FROM ({Template(view).substitute(names)}) ORDER BY slot")
    assert [verdict for (verdict,) in found] == ["landed", "another block", "no block yet"]


def test_nothing_is_covered_while_bigquery_does_not_load(
    google: MevWorld, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset.client.delete_table("mev_boost.payloads")
    with pytest.raises(SourceUnavailable, match=r"BigQuery, mev_boost: .*payloads"):
        google.store(fetched(payloads([FIRST])))
    assert google.covered("payloads") == "{}"


def test_a_query_that_would_cost_too_much_is_named(google: MevWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator bills nothing, so the answer of the real one is played."""
    from google.api_core.exceptions import BadRequest

    asked = []

    def refuse(_: BigQueryWarehouse, statement: Any) -> Any:
        asked.append(statement)
        raise BadRequest("Query exceeded limit for bytes billed: 1073741824. bytesBilledLimitExceeded")

    monkeypatch.setattr(BigQueryWarehouse, "_query", refuse)
    with pytest.raises(TooManyBytes, match="REGENDATA_MEV_BIGQUERY_MAX_GIB"):
        google.store(fetched(payloads([FIRST])))
    assert (len(asked), google.covered("payloads")) == (1, "{}")
