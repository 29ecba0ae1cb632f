"""A market with all its upstreams: nothing landed, or landed and published once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import env, objects
from sandbox.bootstrap import ANALYSTS, OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from sandbox.upstreams import server
from sandbox.upstreams.server import StandIns
from tests.support import databases
from tests.support.cdr_market import Market
from tests.support.warehouse import Warehouse

LANDED_TEMPLATE = "cdr_market_template"


def _connect(patch: pytest.MonkeyPatch, upstreams: Sandbox, spaces: Sandbox, warehouse: Warehouse) -> None:
    patch.setenv("AIRFLOW_CONN_GRANTS_DB", warehouse.dsn())
    for name in ("CDR_FYI", "CDR_SITE"):
        patch.setenv(f"AIRFLOW_CONN_{name}", env.connections(upstreams)[name])
    for name in ("CDR_MARKET_TEST", "CDR_MARKET_PROD"):
        patch.setenv(f"AIRFLOW_CONN_{name}", env.connections(spaces)[name])


def _filled(warehouse: Warehouse, upstreams: Sandbox, spaces: Sandbox) -> Market:
    objects.reset(spaces)
    stand_ins = server.stand_ins(upstreams)
    # The stand-in counts over all tests, as cdr.fyi counts over all runs.
    stand_ins.set("cdr_fyi", per_minute=10_000, per_hour=100_000)
    market = Market(warehouse, upstreams, spaces, stand_ins)
    market.fill()
    return market


@pytest.fixture
def market(
    warehouse: Warehouse,
    stand_ins: StandIns,
    stand_ins_sandbox: Sandbox,
    spaces_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Market:
    """Upstreams filled, nothing landed."""
    _connect(monkeypatch, stand_ins_sandbox, spaces_sandbox, warehouse)
    return _filled(warehouse, stand_ins_sandbox, spaces_sandbox)


@pytest.fixture(scope="session")
def landed_template(postgres_cluster: Sandbox, stand_ins_sandbox: Sandbox, spaces_sandbox: Sandbox) -> str:
    """Name of a warehouse in which every source was landed, yesterday."""
    databases.make_clone(postgres_cluster, WAREHOUSE, LANDED_TEMPLATE, OWNER, [ANALYSTS])
    warehouse = Warehouse(postgres_cluster, LANDED_TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        _connect(patch, stand_ins_sandbox, spaces_sandbox, warehouse)
        _filled(warehouse, stand_ins_sandbox, spaces_sandbox).land_all("yesterday")
    return LANDED_TEMPLATE


@pytest.fixture
def yesterday(
    landed_template: str,
    postgres_cluster: Sandbox,
    stand_ins: StandIns,
    stand_ins_sandbox: Sandbox,
    spaces_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Market]:
    """The market after a day that went well."""
    with databases.clone(postgres_cluster, landed_template, OWNER, [ANALYSTS]) as name:
        warehouse = Warehouse(postgres_cluster, name)
        _connect(monkeypatch, stand_ins_sandbox, spaces_sandbox, warehouse)
        market = _filled(warehouse, stand_ins_sandbox, spaces_sandbox)
        assert market.publish("yesterday") == "published"
        yield market
