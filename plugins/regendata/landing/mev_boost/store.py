"""Store an hour of a relay: the object first, then the warehouse, and with it the coverage."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from regendata import paths
from regendata.coverage.intervals import Intervals
from regendata.exceptions import FinalError
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import coverage
from regendata.hooks.warehouse import mev_boost as warehouse
from regendata.hooks.warehouse.growing import ensure_growing
from regendata.hooks.warehouse.mev_boost import StoredHour
from regendata.hooks.warehouse.mev_days import ensure_partition
from regendata.hooks.warehouse.schema import META
from regendata.landing.mev_boost.stores import Stores
from regendata.models.tables import read_table
from regendata.sources.mev_boost.blocks import dated, undated_rows
from regendata.sources.mev_boost.days import SCHEMA
from regendata.sources.mev_boost.objects import FORMATS, Unit
from regendata.sources.mev_boost.rows import FetchedHour
from regendata.sources.mev_boost.schema import ENDPOINTS
from regendata.sources.mev_boost.tables import merged, table_of, within

if TYPE_CHECKING:
    import pyarrow as pa

_BUILDERS = paths.STATIC_DATA / SCHEMA / "builders.csv"


class ObjectLost(FinalError):
    """Slots count as stored, but the object that should hold them is gone."""


def prepare(conn: PgConnection) -> None:
    """Tables and views of the schema ``mev_boost``, and what builders sign with."""
    files = (path for schema in (META, SCHEMA) for path in (paths.TABLES / schema).glob("*.sql"))
    tables = {spec.relation: spec for spec in map(read_table, sorted(files))}
    ensure_growing(conn, SCHEMA, tables, paths.VIEWS)
    warehouse.write_signatures(conn, read_signatures())


def read_signatures() -> dict[str, str]:
    """What builders sign with, and the name each is known by."""
    with _BUILDERS.open(encoding="utf-8", newline="") as file:
        return {row["signature"]: row["builder_name"] for row in csv.DictReader(file)}


def store_hour(conn: PgConnection, fetched: FetchedHour, stores: Stores) -> StoredHour:
    """Store what one relay answered for slots of one hour, beside what is stored of the hour already.

    Fetching the hour in parts, twice, or at the same time elsewhere gives the same object, byte for byte, and
    the same rows. Killed at any point, it has either happened, or the slots are still gaps.

    :param conn: the warehouse, autocommit; it also keeps the coverage.
    :raises RowsOutsideCoverage: rows of slots that are not covered; nothing is stored.
    :raises SourceUnavailable: the object store or BigQuery does not answer; the slots stay gaps.
    """
    return store_hours(conn, [fetched], stores)[0]


def store_hours(conn: PgConnection, fetched: Sequence[FetchedHour], stores: Stores) -> list[StoredHour]:
    """Store several hours; BigQuery loads them all at once, as its load jobs are counted.

    :param fetched: each hour of an endpoint of a relay at most once.
    """
    with ExitStack() as stack:
        # In one order, or two runs could wait for each other.
        ordered = sorted(fetched, key=lambda one: str(_unit(one)))
        for one in ordered:
            stack.enter_context(warehouse.exclusively(conn, _unit(one)))
        if stores.bigquery is None:
            return [_store_in_postgres(conn, one, stores) for one in ordered]
        return _store_in_bigquery(conn, ordered, stores)


def _store_in_postgres(conn: PgConnection, fetched: FetchedHour, stores: Stores) -> StoredHour:
    stored, table = _write_object(conn, fetched, stores)
    ensure_partition(conn, stored.unit.endpoint, stored.unit.hour)
    with conn.transaction():
        done = load(conn, stored, table)
        coverage.add(conn, warehouse.coverage_key(stored.unit), fetched.covered)
    return done


def _store_in_bigquery(
    conn: PgConnection, fetched: Sequence[FetchedHour], stores: Stores
) -> list[StoredHour]:
    done = load_in_bigquery(conn, [_write_object(conn, one, stores)[0] for one in fetched], stores)
    with conn.transaction():
        for one in fetched:
            coverage.add(conn, warehouse.coverage_key(_unit(one)), one.covered)
    return done


def load_in_bigquery(conn: PgConnection, stored: Sequence[StoredHour], stores: Stores) -> list[StoredHour]:
    """Put objects in place of their hours, each endpoint at once, and note what that cost."""
    if stores.bigquery is None:
        return []
    done: list[StoredHour] = []
    for endpoint in ENDPOINTS:
        objects = {one.unit: one for one in stored if one.unit.endpoint == endpoint}
        if not objects:
            continue
        loaded = stores.bigquery.replace_hours(
            {unit: one.uri for unit, one in objects.items()}, stores.format
        )
        hours = [replace(one, undated=loaded.undated[unit]) for unit, one in objects.items()]
        with conn.transaction():
            warehouse.record_jobs(conn, loaded.jobs)
            for hour in hours:
                warehouse.record_hour(conn, hour)
        done += hours
    return done


def load(conn: PgConnection, stored: StoredHour, table: pa.Table) -> StoredHour:
    """Put an object's rows in place of the hour's; part of the caller's transaction."""
    warehouse.read_along_with_blocks(conn)
    rows = _dated(conn, stored.unit, table)
    warehouse.replace_hour(conn, stored.unit, rows)
    done = replace(stored, undated=undated_rows(rows))
    warehouse.record_hour(conn, done)
    return done


def load_again(conn: PgConnection, unit: Unit, stores: Stores) -> StoredHour | None:
    """Load a stored hour from its object once more, with the blocks that are known now."""
    with warehouse.exclusively(conn, unit):
        stored = warehouse.stored_hour(conn, unit)
        if stored is None:
            return None
        rows = within(read_object(unit, stores), warehouse.covered_slots(conn, unit).pairs())
        with conn.transaction():
            return load(conn, stored, rows)


def _write_object(conn: PgConnection, fetched: FetchedHour, stores: Stores) -> tuple[StoredHour, pa.Table]:
    """The hour's object with the new rows in it. What a killed run left in it and nobody covered goes."""
    unit = _unit(fetched)
    table = _whole(conn, unit, fetched, stores)
    body = stores.format.write(table)
    uri = stores.objects.write(stores.key(unit), body)
    return StoredHour(unit, uri, hashlib.sha256(body).hexdigest(), table.num_rows, len(body)), table


def _whole(conn: PgConnection, unit: Unit, fetched: FetchedHour, stores: Stores) -> pa.Table:
    """The new rows, and those of slots covered before that were not fetched again."""
    kept = warehouse.covered_slots(conn, unit) - Intervals.from_pairs(fetched.covered)
    if not kept:
        return table_of(fetched)
    return merged(unit.endpoint, read_object(unit, stores), kept.pairs(), fetched)


def read_object(unit: Unit, stores: Stores) -> pa.Table:
    """The rows of a stored hour, in whichever format it was written.

    :raises ObjectLost: there is no object of it.
    """
    for name, one in FORMATS.items():
        body = stores.objects.read(unit.key(stores.prefix, name))
        if body is not None:
            return one.read(unit.endpoint, body)
    raise ObjectLost(
        f"{unit}: slots are covered, but {stores.key(unit)} is not there; take the hour out of "
        "meta.coverage and it is fetched again"
    )


def _dated(conn: PgConnection, unit: Unit, table: pa.Table) -> pa.Table:
    numbers = table.column("block_number").unique().to_pylist()
    return dated(unit.endpoint, table, warehouse.blocks_of(conn, numbers))


def _unit(fetched: FetchedHour) -> Unit:
    return Unit(fetched.endpoint, fetched.relay, fetched.hour)
