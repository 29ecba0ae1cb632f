"""The ledger of what was proved fetched."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from regendata import paths
from regendata.coverage.intervals import Intervals
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import coverage
from regendata.hooks.warehouse.coverage import CoverageKey
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.tables import load_tables
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
KEY = CoverageKey("relays", "bids", "one")
OTHER = KEY._replace(relay="other")
ALL = (0, 100)
SLOTS = st.lists(st.integers(0, 40), max_size=12).map(Intervals.from_values)


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[PgConnection]:
    with connect() as connection:
        ensure_meta(connection, load_tables(paths.TABLES))
        yield connection


def unknown(conn: PgConnection) -> dict[str, Intervals]:
    return {one.error: one.slots for one in coverage.unknown(conn, "relays")}


def test_adding_again_or_in_another_order_makes_no_difference(conn: PgConnection) -> None:
    for pairs in ([(5, 9)], [(1, 3), (9, 12)], [(5, 9)], []):
        coverage.add(conn, KEY, pairs)
    coverage.add(conn, OTHER, Intervals.of((1, 12)))
    assert coverage.covered(conn, KEY, ALL) == Intervals.of((1, 3), (5, 12))
    assert coverage.covered(conn, KEY, (2, 6)) == Intervals.of((2, 3), (5, 6))
    assert coverage.covered(conn, KEY._replace(endpoint="payloads"), ALL) == Intervals.empty()


def test_what_is_added_stays_out_when_its_transaction_fails(conn: PgConnection) -> None:
    with conn.transaction() as undone:
        coverage.add(conn, KEY, [(1, 3)])
        raise psycopg.Rollback(undone)
    assert coverage.covered(conn, KEY, ALL) == Intervals.empty()


def test_unknown_until_covered(conn: PgConnection) -> None:
    coverage.add(conn, KEY, [(4, 6)])
    coverage.mark_unknown(conn, KEY, Intervals.of((0, 10)), "HTTP 500")
    assert unknown(conn) == {"HTTP 500": Intervals.of((0, 4), (6, 10))}
    coverage.mark_unknown(conn, KEY, Intervals.of((8, 12)), "HTTP 429")
    assert unknown(conn) == {"HTTP 500": Intervals.of((0, 4), (6, 8)), "HTTP 429": Intervals.of((8, 12))}
    coverage.add(conn, KEY, [(0, 9)])
    coverage.add(conn, OTHER, [(0, 100)])
    assert unknown(conn) == {"HTTP 429": Intervals.of((9, 12))}
    coverage.add(conn, KEY, [(9, 12)])
    assert unknown(conn) == {}


def test_the_first_failure_is_remembered(conn: PgConnection) -> None:
    coverage.mark_unknown(conn, KEY, Intervals.of((0, 3)), "HTTP 500")
    first = coverage.unknown(conn, "relays")[0]
    coverage.mark_unknown(conn, KEY, Intervals.of((0, 3)), "HTTP 502")
    (again,) = coverage.unknown(conn, "relays")
    assert (again.error, again.first_failed_at) == ("HTTP 502", first.first_failed_at)
    assert again.failed_at > first.failed_at


@given(steps=st.lists(st.tuples(st.booleans(), SLOTS), max_size=6))
@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_slot_is_covered_and_unknown(conn: PgConnection, steps: list[tuple[bool, Intervals]]) -> None:
    """Against two plain sets, in any order of successes and failures."""
    conn.execute("TRUNCATE meta.coverage, meta.coverage_unknown")
    known, failed = set[int](), set[int]()
    for number, (success, slots) in enumerate(steps):
        if success:
            coverage.add(conn, KEY, slots)
            known |= set(slots.values())
        else:
            coverage.mark_unknown(conn, KEY, slots, f"error {number}")
            failed |= set(slots.values())
    found = [slot for one in coverage.unknown(conn, "relays") for slot in one.slots.values()]
    assert set(coverage.covered(conn, KEY, ALL).values()) == known
    assert sorted(found) == sorted(failed - known)
