"""Hours of relays: fetched whole, in parts, twice, at once or interrupted, they are stored the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from regendata.coverage.slots import slots_of
from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import coverage
from regendata.hooks.warehouse.mev_days import ensure_partition
from regendata.landing.mev_boost import store
from regendata.sources.mev_boost.tables import RowsOutsideCoverage
from tests.postgres.mev_boost.conftest import MevWorld
from tests.support import mev_rows
from tests.support.blocking import wait_until_blocked
from tests.support.mev_rows import END, FIRST, HOUR, MOST_WEI, bid, bids, fetched, payload, payloads

pytestmark = pytest.mark.postgres
KEY = "mev_boost/bids/relay=flashbots/date=2024-04-09/hour=18/rows.parquet"


def test_an_hour_is_stored_as_it_was_fetched(mev: MevWorld) -> None:
    rows = [*bids(range(FIRST, END)), bid(FIRST, 77, value=MOST_WEI)]
    stored = mev.store(fetched(rows))
    assert (stored.rows, stored.undated) == (901, 901)
    assert list(mev.objects()) == [KEY]
    assert mev.digest("bids") == mev_rows.digest(("flashbots", row) for row in rows)
    assert mev.covered("bids") == f"{{[{FIRST},{END})}}"
    assert mev.warehouse.value("SELECT max(value) FROM mev_boost.bids") == int(MOST_WEI)


def test_parts_give_the_same_bytes_as_the_whole(mev: MevWorld) -> None:
    rows = bids(range(FIRST, END))
    mev.store(fetched(rows))
    whole, digest = mev.objects(), mev.digest("bids")
    mev.warehouse.do("TRUNCATE mev_boost.bids, mev_boost.stored_hours, meta.coverage")
    for begin, end in ((FIRST + 200, END), (FIRST, FIRST + 50), (FIRST + 50, FIRST + 200)):
        mev.store(fetched([row for row in rows if begin <= row.slot < end], (begin, end)))
    assert mev.objects() == whole
    assert mev.digest("bids") == digest
    assert mev.covered("bids") == f"{{[{FIRST},{END})}}"


def test_slots_fetched_again_are_as_they_are_now(mev: MevWorld) -> None:
    mev.store(fetched(payloads([FIRST, FIRST + 1])))
    mev.store(fetched([payload(FIRST + 1, 5)], (FIRST + 1, FIRST + 3)))
    kept = [("flashbots", payload(FIRST)), ("flashbots", payload(FIRST + 1, 5))]
    assert mev.digest("payloads") == mev_rows.digest(kept)
    assert mev.warehouse.value("SELECT row_count FROM mev_boost.stored_hours") == 2


def test_other_relays_and_hours_are_left_alone(mev: MevWorld) -> None:
    later = slots_of(HOUR + 24)[0]
    for relay in ("flashbots", "titan"):
        mev.store(fetched(payloads([FIRST]), relay=relay))
        mev.store(fetched(payloads([later]), relay=relay, hour=HOUR + 24))
    mev.store(fetched([], relay="titan"))
    rows = mev.warehouse.rows(
        "SELECT tableoid::regclass::text, relay, slot FROM mev_boost.payloads ORDER BY 1, 2"
    )
    assert rows == [
        ("mev_boost.payloads_20240409", "flashbots", FIRST),
        ("mev_boost.payloads_20240410", "flashbots", later),
        ("mev_boost.payloads_20240410", "titan", later),
    ]


def test_an_empty_hour_is_covered(mev: MevWorld) -> None:
    assert mev.store(fetched([])).rows == 0
    assert mev.covered("payloads") == f"{{[{FIRST},{END})}}"


def test_repeated_rows_are_stored_once(mev: MevWorld) -> None:
    again = bid(FIRST, 1, 900)
    mev.store(fetched([bid(FIRST, 1, 500), again, again]))
    assert mev.warehouse.value("SELECT count(*) FROM mev_boost.bids") == 2


def test_rows_of_slots_that_are_not_covered_are_refused(mev: MevWorld) -> None:
    with pytest.raises(RowsOutsideCoverage, match="flashbots, payloads, hour 475746: 1 rows"):
        mev.store(fetched(payloads([FIRST, FIRST + 9]), (FIRST, FIRST + 9)))
    assert (mev.objects(), mev.covered("payloads")) == ({}, "{}")


def test_what_a_killed_run_left_in_the_object_does_not_stay(
    mev: MevWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    mev.store(fetched(bids([FIRST]), (FIRST, FIRST + 1)))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(coverage, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            mev.store(fetched(bids([FIRST + 1], each=9), (FIRST + 1, FIRST + 2)))
    assert mev.covered("bids") == f"{{[{FIRST},{FIRST + 1})}}"
    assert mev.digest("bids") == mev_rows.digest(("flashbots", row) for row in bids([FIRST]))
    rows = bids([FIRST, FIRST + 1])
    mev.store(fetched(rows[3:], (FIRST + 1, FIRST + 2)))
    assert mev.digest("bids") == mev_rows.digest(("flashbots", row) for row in rows)


def test_nothing_counts_as_stored_while_the_bucket_is_away(mev: MevWorld) -> None:
    client: Any = mev.spaces.client()
    client.delete_bucket(Bucket=mev.spaces.bucket)
    with pytest.raises(SourceUnavailable, match=KEY):
        mev.store(fetched(bids([FIRST])))
    assert mev.covered("bids") == "{}"
    assert mev.warehouse.value("SELECT count(*) FROM mev_boost.stored_hours") == 0


def test_overlapping_runs_lose_nothing(mev: MevWorld) -> None:
    rows = bids(range(FIRST, END), each=1)
    spans = [(FIRST + begin, FIRST + begin + 100) for begin in range(0, 250, 50)]

    def run(span: tuple[int, int]) -> None:
        with connect() as conn:
            part = fetched([row for row in rows if span[0] <= row.slot < span[1]], span)
            store.store_hour(conn, part, mev.stores)

    with ThreadPoolExecutor(len(spans)) as pool:
        list(pool.map(run, spans))
    assert mev.digest("bids") == mev_rows.digest(("flashbots", row) for row in rows)
    assert mev.covered("bids") == f"{{[{FIRST},{END})}}"


def test_an_object_that_is_gone_is_named(mev: MevWorld) -> None:
    mev.store(fetched(payloads([FIRST]), (FIRST, FIRST + 1)))
    client: Any = mev.spaces.client()
    client.delete_object(Bucket=mev.spaces.bucket, Key=KEY.replace("bids", "payloads"))
    with pytest.raises(store.ObjectLost, match="2024-04-09 18h: slots are covered"):
        mev.store(fetched(payloads([FIRST + 1]), (FIRST + 1, FIRST + 2)))


def test_runs_that_prepare_at_the_same_time_do_not_fail(mev: MevWorld) -> None:
    mev.warehouse.do("DELETE FROM mev_boost.builder_signatures")

    def prepare(_: int) -> None:
        with connect() as conn:
            store.prepare(conn)

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(prepare, range(3))) == [None] * 3
    assert mev.warehouse.value("SELECT count(*) FROM mev_boost.builder_signatures") > 10


def test_readers_of_other_days_do_not_wait_for_a_new_day(mev: MevWorld) -> None:
    mev.store(fetched(payloads([FIRST])))
    with psycopg.connect(mev.warehouse.dsn()) as reader:
        reader.execute("SELECT count(*) FROM mev_boost.payloads").fetchone()
        mev.conn.execute("SET lock_timeout = '2s'")
        mev.store(fetched(payloads([slots_of(HOUR + 24)[0]]), hour=HOUR + 24))


def test_whoever_waited_for_a_day_to_be_made_finds_it(mev: MevWorld) -> None:
    with connect() as first, connect() as second, ThreadPoolExecutor(1) as pool:
        with first.transaction():
            ensure_partition(first, "bids", HOUR)
            waiting = pool.submit(ensure_partition, second, "bids", HOUR)
            wait_until_blocked(mev.warehouse, "pg_advisory_xact_lock")
        waiting.result(timeout=20)
    assert mev.warehouse.value(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'mev_boost.bids'::regclass"
    )
