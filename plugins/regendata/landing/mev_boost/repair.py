"""What comes later than the rows: block times, reorganised payloads, statistics of whole days, views."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta

from regendata.coverage.intervals import Pair
from regendata.coverage.slots import DAY_HOURS
from regendata.hooks.bigquery_warehouse import BigQueryWarehouse
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import coverage
from regendata.hooks.warehouse import mev_boost as warehouse
from regendata.hooks.warehouse.mev_boost import SOURCE
from regendata.landing.mev_boost.store import load_again, load_in_bigquery, read_signatures
from regendata.landing.mev_boost.stores import Stores
from regendata.sources.mev_boost.blocks import blocks_key, read_blocks
from regendata.sources.mev_boost.schema import ENDPOINTS

#: Hours that one MERGE replaces: ten relays' bids and payloads of a night.
_HOURS_AT_ONCE = 240


@dataclass(frozen=True)
class Repaired:
    """What a repair did.

    :param waiting: rows that still wait for their block.
    """

    blocks: int
    hours: int
    waiting: int


def land_blocks(conn: PgConnection, days: Iterable[date], stores: Stores) -> int:
    """Read the blocks of UTC days from their exports in the bucket; a day without one yet is left out.

    :returns: blocks that are new or replaced others.
    """
    bodies = (stores.objects.read(blocks_key(stores.prefix, day)) for day in days)
    return sum(warehouse.write_blocks(conn, read_blocks(body)) for body in bodies if body is not None)


def repair(conn: PgConnection, hours: Pair, stores: Stores) -> Repaired:
    """Fill block times and flags of reorganised payloads where blocks came since.

    An hour is loaded again from its object, like after a fetch; doing it twice changes nothing.

    :param hours: the hours to look at, since 1970 and half-open.
    """
    if stores.bigquery is not None:
        return _repair_bigquery(conn, stores.bigquery, hours, stores)
    blocks = land_blocks(conn, _days(hours), stores)
    stale = warehouse.stale_hours(conn, hours)
    for unit in stale:
        load_again(conn, unit, stores)
    return Repaired(blocks, len(stale), warehouse.undated_rows(conn, hours))


def _repair_bigquery(
    conn: PgConnection, bigquery: BigQueryWarehouse, hours: Pair, stores: Stores
) -> Repaired:
    """The same in BigQuery, which has blocks of its own: it is asked which hours lag behind them."""
    stale, jobs = bigquery.stale_hours(hours)
    warehouse.record_jobs(conn, jobs)
    for first in range(0, len(stale), _HOURS_AT_ONCE):
        with ExitStack() as stack:
            part = sorted(stale[first : first + _HOURS_AT_ONCE], key=str)
            for unit in part:
                stack.enter_context(warehouse.exclusively(conn, unit))
            found = (warehouse.stored_hour(conn, unit) for unit in part)
            load_in_bigquery(conn, [stored for stored in found if stored is not None], stores)
    return Repaired(0, len(stale), warehouse.undated_rows(conn, hours))


def _days(hours: Pair) -> list[date]:
    first, end = hours[0] // DAY_HOURS, -(-hours[1] // DAY_HOURS)
    return [date(1970, 1, 1) + timedelta(days=day) for day in range(first, end)]


def finish_day(conn: PgConnection, day: date, stores: Stores) -> None:
    """Compute the statistics of a UTC day whose hours are in; again after it was repaired."""
    if stores.bigquery is None:
        warehouse.compute_day(conn, day)
    else:
        warehouse.record_jobs(conn, stores.bigquery.finish_day(day, read_signatures()))


def show(conn: PgConnection, stores: Stores) -> None:
    """Have readers see what is stored by now. Views of Postgres ask the coverage themselves."""
    if stores.bigquery is not None:
        stores.bigquery.show({endpoint: coverage.end(conn, SOURCE, endpoint) for endpoint in ENDPOINTS})
