"""Readers who lock views in another order than a publish would by itself."""

from __future__ import annotations

import pytest

from regendata.hooks.warehouse.facades import LockPolicy
from tests.support.readers import readers
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
POLICY = LockPolicy(wait_ms=120, deadline_s=10)
#: Holds the view that comes last by name for a moment, then reads one that comes earlier.
BACKWARDS = """
CREATE FUNCTION public.read_backwards() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE given bigint;
BEGIN
  SELECT count(*) INTO given FROM views.givers;
  PERFORM pg_sleep(0.05);
  SELECT given + count(*) INTO given FROM public.gifts;
  RETURN given;
END $$
"""


def test_a_publish_follows_the_order_of_its_readers(warehouse: Warehouse, small: SmallProject) -> None:
    small.refresh(GIFTS, NAMES)
    warehouse.do(BACKWARDS)
    tries = []
    with readers(warehouse.dsn(), ["SELECT public.read_backwards()"], count=8) as readings:
        for number in range(3):
            readings.wait_for_more(16)
            small.land([*GIFTS, (10 + number, 1, f"giver {number}", 1.0)])
            tries.append(small.publish(small.build().build_id, POLICY).attempts)
    assert readings.errors == []
    assert readings.longest < 1
    assert max(tries) <= 10
