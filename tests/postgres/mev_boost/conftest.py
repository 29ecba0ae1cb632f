"""A warehouse with the tables of MEV-Boost, a bucket, and the stores the settings choose."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest

from regendata import settings
from regendata.hooks.postgres import PgConnection, connect
from regendata.landing.mev_boost import store
from regendata.landing.mev_boost.stores import Stores, open_stores
from regendata.sources.mev_boost.blocks import Block
from regendata.sources.mev_boost.rows import Endpoint, FetchedHour
from sandbox import env
from sandbox.bootstrap import ANALYSTS, OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from tests.conftest import Spaces
from tests.support import databases, mev_rows
from tests.support.warehouse import Warehouse


@dataclass(frozen=True)
class MevWorld:
    """Everything an hour is stored in."""

    warehouse: Warehouse
    conn: PgConnection
    stores: Stores
    spaces: Spaces

    def store(self, hour: FetchedHour) -> store.StoredHour:
        return store.store_hour(self.conn, hour, self.stores)

    def objects(self) -> dict[str, bytes]:
        """Key -> bytes of everything in the bucket."""
        client: Any = self.spaces.client()
        found = client.list_objects_v2(Bucket=self.spaces.bucket).get("Contents", [])
        return {
            one["Key"]: client.get_object(Bucket=self.spaces.bucket, Key=one["Key"])["Body"].read()
            for one in found
        }

    def export(self, blocks: Iterable[Block], day: date = mev_rows.DAY) -> None:
        """Put an export of blocks into the bucket, as a table of blocks is exported."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["number", "timestamp", "hash", "extra_data"])
        for one in blocks:
            signed = "0x" + (one.extra_data or "").encode().hex()
            writer.writerow([one.number, f"{one.timestamp:%Y-%m-%d %H:%M:%S} UTC", one.hash, signed])
        client: Any = self.spaces.client()
        key = f"mev_boost/blocks/date={day:%Y-%m-%d}/blocks.csv.gz"
        client.put_object(Bucket=self.spaces.bucket, Key=key, Body=gzip.compress(text.getvalue().encode()))

    def digest(self, endpoint: Endpoint) -> str:
        """Hash of the rows in the warehouse."""
        names = ", ".join(["relay", *mev_rows.names(endpoint)])
        return mev_rows.digest_of_values(self.warehouse.rows(f"SELECT {names} FROM mev_boost.{endpoint}"))

    def covered(self, endpoint: Endpoint, relay: str = "flashbots") -> str:
        query = "SELECT covered::text FROM meta.coverage WHERE endpoint = %s AND relay = %s"
        rows = self.warehouse.rows(query, [endpoint, relay])
        return rows[0][0] if rows else "{}"


@pytest.fixture(scope="session")
def mev_template(postgres_cluster: Sandbox) -> str:
    """Name of a warehouse with all tables of MEV-Boost and nothing in them."""
    name = "mev_template"
    databases.make_clone(postgres_cluster, WAREHOUSE, name, OWNER, [ANALYSTS])
    with psycopg.connect(postgres_cluster.dsn(name, OWNER), autocommit=True) as conn:
        store.prepare(conn)
    return name


@pytest.fixture
def mev(
    mev_template: str, postgres_cluster: Sandbox, spaces: Spaces, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MevWorld]:
    """An empty warehouse of its own and an empty bucket."""
    monkeypatch.setenv("AIRFLOW_CONN_SPACES", env.connections(spaces.sandbox)["SPACES"])
    with databases.clone(postgres_cluster, mev_template, OWNER, [ANALYSTS]) as name:
        warehouse = Warehouse(postgres_cluster, name)
        monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", warehouse.dsn())
        with connect() as conn:
            yield MevWorld(warehouse, conn, open_stores(settings.load({})), spaces)
