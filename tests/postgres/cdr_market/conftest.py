"""A market with all its upstreams; the limits of cdr.fyi apply to each test anew."""

from __future__ import annotations

import pytest

from sandbox import env, objects
from sandbox.layout import Sandbox
from sandbox.upstreams.server import StandIns
from tests.support.cdr_market import Market
from tests.support.warehouse import Warehouse


@pytest.fixture
def market(
    warehouse: Warehouse,
    stand_ins: StandIns,
    stand_ins_sandbox: Sandbox,
    spaces_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Market:
    """Upstreams filled, nothing landed."""
    objects.reset(spaces_sandbox)
    for name in ("CDR_FYI", "CDR_SITE"):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", env.connections(stand_ins_sandbox)[name])
    for name in ("CDR_MARKET_TEST", "CDR_MARKET_PROD"):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", env.connections(spaces_sandbox)[name])
    # The stand-in counts over all tests, as cdr.fyi counts over all runs.
    stand_ins.set("cdr_fyi", per_minute=10_000, per_hour=100_000)
    market = Market(warehouse, stand_ins_sandbox, spaces_sandbox, stand_ins)
    market.fill()
    return market
