"""Somebody keeps a transaction open on what is published, and goes for a coffee."""

from __future__ import annotations

import os
import threading
import time

import pytest

from regendata.hooks.warehouse.facades import LockPolicy, Switched
from sandbox.bootstrap import ANALYST, ANALYSTS
from tests.support.guarantees import FOLDER_VARIABLE, Recorder
from tests.support.readers import readers
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = [pytest.mark.postgres, pytest.mark.alone]
#: Half a minute where the figures are kept; in every other run what is enough to see a reader wait.
OPEN_SECONDS = 30 if os.environ.get(FOLDER_VARIABLE) else 6
READERS = 20
POLICY = LockPolicy(wait_ms=120, deadline_s=4 * OPEN_SECONDS)
QUERIES = (
    "SELECT count(*) FROM public.gifts JOIN views.givers USING (giver)",
    "SELECT count(*) FROM public.named_gifts JOIN public.gifts USING (id)",
    "SELECT name FROM public.chain_names",
)


def test_nobody_waits_for_somebody_elses_open_transaction(
    warehouse: Warehouse, small: SmallProject, guarantee: Recorder
) -> None:
    small.refresh(GIFTS, NAMES)
    warehouse.do(
        f"GRANT USAGE ON SCHEMA public, views TO {ANALYSTS}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public, views TO {ANALYSTS}",
    )
    small.land([*GIFTS, (4, 1, "dan", 2.0)], [*NAMES, (137, "Polygon")])
    opened, switched = small.build(), list[Switched]()
    publisher = threading.Thread(target=lambda: switched.append(small.publish(opened.build_id, POLICY)))
    with readers(warehouse.dsn(ANALYST), QUERIES, READERS, pause=0.25) as readings:
        with warehouse.analyst("on a break") as idle, idle.transaction():
            idle.execute("SELECT count(*) FROM public.gifts JOIN public.chain_names USING (chain_id)")
            publisher.start()
            time.sleep(OPEN_SECONDS)
            assert switched == []
            assert idle.execute("SELECT count(*) FROM public.gifts").fetchone() == (3,)
        publisher.join()
        readings.wait_for_more(READERS)
    assert readings.errors == []
    assert readings.longest < 0.5
    assert switched[0].seconds > OPEN_SECONDS - 1
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 4
    guarantee(
        "Publishing beside an open transaction",
        promise="While somebody keeps a transaction open for half a minute, all others read without an error "
        "and without waiting for half a second; the publish follows when the transaction ends.",
        figures={
            "transaction open": f"{OPEN_SECONDS} s",
            "other readers": READERS,
            "reads": len(readings.seconds),
            "failed reads": len(readings.errors),
            "longest read": f"{readings.longest:.3f} s",
            "attempts of the publish": switched[0].attempts,
        },
    )
