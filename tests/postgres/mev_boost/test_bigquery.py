"""BigQuery by setting: the same hours give the same rows as in Postgres, and cost no more than they may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from regendata import settings
from regendata.coverage.slots import slots_of, start_of
from regendata.exceptions import SourceUnavailable
from regendata.hooks.bigquery_warehouse import BigQueryWarehouse, TooManyBytes
from regendata.landing.mev_boost import store
from regendata.landing.mev_boost.repair import Repaired, finish_day, repair, show
from regendata.landing.mev_boost.stores import open_stores
from regendata.sources.mev_boost.bigquery_days import Dataset as Names
from regendata.sources.mev_boost.blocks import Block
from regendata.sources.mev_boost.days import DAY_TABLES, SIGNATURES, derived_schema
from regendata.sources.mev_boost.rows import Endpoint, FetchedHour
from regendata.sources.mev_boost.schema import ENDPOINTS, bigquery_schema
from tests.postgres.mev_boost.conftest import MevWorld
from tests.support import bigquery, mev_rows
from tests.support.mev_rows import (
    ANSWERS,
    DAY,
    FIRST,
    HOUR,
    HOURS,
    MOST_WEI,
    bid,
    bids,
    block_of,
    fetched,
    payload,
    payloads,
)

pytestmark = pytest.mark.postgres
BLOCKS_PROJECT = "blocks-test"
DERIVED = (*DAY_TABLES, SIGNATURES)
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

    def add_blocks(self, *blocks: Block) -> None:
        """Blocks as the public table has them."""
        values = [
            f"({one.number}, '{one.hash}', TIMESTAMP '{one.timestamp:%Y-%m-%d %H:%M:%S}+00', "
            f"'0x{(one.extra_data or '').encode().hex()}')"
            for one in blocks
        ]
        table = CHOICE["REGENDATA_MEV_BIGQUERY_BLOCKS"]
        self.query(
            f"INSERT INTO `{table}` (number, `hash`, timestamp, extra_data) VALUES {', '.join(values)}"
        )

    def rows(self, sql: str, order: str) -> list[dict[str, Any]]:
        return [_comparable(row) for row in self.client.query(f"{sql} ORDER BY {order}").result()]

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
    datasets = ("mev_boost", "mev_boost_public", f"{BLOCKS_PROJECT}.crypto_ethereum")
    for one in datasets:
        client.create_dataset(one)
    schemas = {endpoint: bigquery_schema(endpoint) for endpoint in ENDPOINTS}
    schemas |= {table: derived_schema(table) for table in DERIVED}
    for name, described in schemas.items():
        schema = [SchemaField.from_api_repr(field) for field in described]
        client.create_table(Table(f"{bigquery.PROJECT}.mev_boost.{name}", schema=schema))
    kinds = {"number": "INTEGER", "hash": "STRING", "timestamp": "TIMESTAMP", "extra_data": "STRING"}
    fields = [SchemaField(name, kind) for name, kind in kinds.items()]
    client.create_table(Table(CHOICE["REGENDATA_MEV_BIGQUERY_BLOCKS"], schema=fields))
    yield Dataset(client)
    for one in datasets:
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
    assert dataset.tables() == {*ENDPOINTS, *DERIVED}


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
    dataset.add_blocks(block_of(rows[0]))
    assert google.store(fetched(rows)).undated == 2
    dataset.add_blocks(block_of(rows[1], hash="0x" + "f" * 64))
    assert repair(google.conn, (HOUR, HOUR + 1), google.stores) == Repaired(0, 1, 1)
    moments = [datetime.fromtimestamp(start_of(row.slot), timezone.utc) for row in rows[:2]]
    found = dataset.query("SELECT block_timestamp, reorged FROM mev_boost.payloads ORDER BY slot")
    assert found == [(moments[0], False), (moments[1], True), (None, None)]
    assert dataset.digest("payloads") == mev_rows.digest(("flashbots", row) for row in rows)


#: What is compared of each view and table, and what only one of the warehouses has: a column to prune by.
READ = {
    "relay_days": ("day, relay", "SELECT * EXCEPT (computed_at) FROM {}"),
    "builder_names": ("builder_pubkey", "SELECT * FROM {}"),
    "last_day": ("slot, block_hash", "SELECT * FROM {}"),
    "slot_deliveries": ("slot", "SELECT * EXCEPT (day) FROM {} WHERE day IS NOT NULL"),
    "payload_truth": ("slot, relay, block_hash", "SELECT * EXCEPT (day) FROM {} WHERE day IS NOT NULL"),
    "public_payloads": ("slot, relay, block_hash", "SELECT * EXCEPT (day) FROM {}"),
    "public_bids": ("slot, relay, timestamp_ms, block_hash", "SELECT * EXCEPT (day) FROM {}"),
}


def test_what_is_derived_is_the_same_as_in_postgres(
    mev: MevWorld, google: MevWorld, dataset: Dataset
) -> None:
    """Statistics of a day, names of builders, the website's table, and the public 28 days."""
    old = slots_of(HOUR - 28 * 24)[0]
    hours = [fetched(rows, relay=relay) for relay, both in ANSWERS.items() for rows in both]
    hours += [fetched([row], hour=HOUR - 28 * 24) for row in (payload(old), bid(old))]
    hours.append(fetched([payload(FIRST + 9, value=MOST_WEI)], (FIRST + 9, FIRST + 10), relay="eden"))
    signed = ["beaverbuild.org", "beaverbuild.org", "Titan (titanbuilder.xyz)", "geth\u200b\u00a0\u26a1", ""]
    canonical = [*payloads(range(FIRST, FIRST + 4)), payload(FIRST + 4, 9)]
    known = [block_of(row, extra_data=text) for row, text in zip(canonical, signed, strict=True)]
    mev.export(known)
    dataset.add_blocks(*known)
    for world in (mev, google):
        world.warehouse.do("TRUNCATE meta.coverage, mev_boost.stored_hours")
        store.store_hours(world.conn, hours, world.stores)
        repair(world.conn, HOURS, world.stores)
        finish_day(world.conn, DAY, world.stores)
        show(world.conn, world.stores)
    for name, (order, query) in READ.items():
        theirs = _in_postgres(mev, name, order)
        ours = dataset.rows(query.format(Names("mev_boost", "").table(name)), order)
        assert ours == theirs, name
        assert len(ours) > 1, name
    finish_day(google.conn, DAY, google.stores)
    assert dataset.query("SELECT COUNT(*) FROM mev_boost.relay_days") == [(4,)]


def _in_postgres(mev: MevWorld, name: str, order: str) -> list[dict[str, Any]]:
    with psycopg.connect(mev.warehouse.dsn(), row_factory=dict_row) as conn:
        rows = conn.execute(f"SELECT * FROM mev_boost.{name} ORDER BY {order}").fetchall()
    return [_comparable(row) for row in rows]


def _comparable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as both warehouses have it: values are numbers in one and texts in the other."""
    return {name: _plain(name, cell) for name, cell in row.items() if name != "computed_at"}


def _plain(name: str, cell: Any) -> Any:
    return Decimal(cell) if name.endswith(("value", "share", "_blocks")) else cell


def test_a_block_that_is_replaced_changes_the_flag_in_bigquery_too(
    google: MevWorld, dataset: Dataset
) -> None:
    dataset.add_blocks(block_of(payload(FIRST)))
    google.store(fetched([payload(FIRST)]))
    assert repair(google.conn, HOURS, google.stores) == Repaired(0, 0, 0)
    blocks = CHOICE["REGENDATA_MEV_BIGQUERY_BLOCKS"]
    dataset.query(f"UPDATE `{blocks}` SET `hash` = '0x0' WHERE TRUE")
    assert repair(google.conn, HOURS, google.stores) == Repaired(0, 1, 0)
    assert dataset.query("SELECT reorged FROM mev_boost.payloads") == [(True,)]
    assert repair(google.conn, HOURS, google.stores) == Repaired(0, 0, 0)


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
