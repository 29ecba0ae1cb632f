"""Requests to cdr.fyi: its token, its limits over several processes, and what it answers in trouble."""

from __future__ import annotations

import json

import pytest

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.hooks.cdr_fyi import CdrFyiHook
from regendata.hooks.postgres import connect
from regendata.hooks.throttle import Throttle
from regendata.hooks.warehouse.cdr_market import RequestLedger
from regendata.sources.cdr.budget import Limit
from regendata.sources.cdr.tables import MARKETPLACES, ORDERS
from sandbox import env
from tests.support.cdr_market import Market

pytestmark = pytest.mark.postgres


class Free:
    """A ledger without limits."""

    def reserve(self, now: float) -> float:
        return 0


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def hook(market: Market, slept: list[float]) -> CdrFyiHook:
    return CdrFyiHook(Throttle("cdr.fyi", Free(), 60, sleep=slept.append))


def test_pages_are_asked_for_by_header_with_a_token(hook: CdrFyiHook, market: Market) -> None:
    orders = market.tables()["orders"]
    assert hook.page(ORDERS, 1) == orders[:100]
    assert hook.page(ORDERS, 3) == orders[200:300]
    assert hook.page(ORDERS, 99) == []
    assert [row["name"] for row in hook.page(MARKETPLACES, 1)] == ["Nordic Removals Exchange"]
    asked = market.stand_ins.received("cdr_fyi")
    assert {(entry["path"], entry["query"]) for entry in asked} == {
        ("/v1/orders", ""),
        ("/v1/marketplaces", ""),
    }


def test_too_many_requests_are_made_again_after_the_pause_asked_for(
    hook: CdrFyiHook, market: Market, slept: list[float]
) -> None:
    market.stand_ins.trouble("cdr_fyi", status=429, retry_after=7, times=1)
    market.stand_ins.trouble("cdr_fyi", status=429, times=1)
    assert len(hook.page(ORDERS, 1)) == 100
    assert slept == [7.0, 60.0]
    market.stand_ins.trouble("cdr_fyi", status=429, retry_after=1)
    with pytest.raises(SourceUnavailable, match=r"cdr\.fyi orders, page 1: HTTP 429"):
        hook.page(ORDERS, 1)


def test_a_wrong_token(hook: CdrFyiHook, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = json.loads(env.connections(market.upstreams)["CDR_FYI"])
    monkeypatch.setenv("AIRFLOW_CONN_CDR_FYI", json.dumps(connection | {"password": "wrong-token"}))
    with pytest.raises(SourceUnavailable, match=r"HTTP 401 .*token") as caught:
        hook.page(ORDERS, 1)
    assert "wrong-token" not in str(caught.value)


@pytest.mark.parametrize("trouble", [{"html": True}, {"truncate": True}])
def test_an_answer_that_is_no_page(hook: CdrFyiHook, market: Market, trouble: dict[str, bool]) -> None:
    market.stand_ins.trouble("cdr_fyi", times=1, **trouble)
    with pytest.raises(BadSourceAnswer, match=r"cdr\.fyi orders, page 1: the answer is not JSON"):
        hook.page(ORDERS, 1)


def test_no_answer(hook: CdrFyiHook, market: Market) -> None:
    market.stand_ins.trouble("cdr_fyi", drop=True, times=1)
    with pytest.raises(SourceUnavailable, match=r"cdr\.fyi orders, page 1: \w+ at http"):
        hook.page(ORDERS, 1)


def test_limits_hold_over_all_who_ask(market: Market) -> None:
    """Two sessions share what the warehouse remembers; the oldest requests are forgotten in time."""
    limits = (Limit(3, 60), Limit(5, 3600))
    assert market.project
    with connect() as one, connect() as other:
        first, second = RequestLedger(one, "cdr_fyi", limits), RequestLedger(other, "cdr_fyi", limits)
        assert [first.reserve(0), second.reserve(10), first.reserve(20)] == [0, 0, 0]
        assert second.reserve(30) == pytest.approx(30)
        assert [first.reserve(60), second.reserve(70)] == [0, 0]
        assert second.reserve(100) == pytest.approx(3500)
        assert RequestLedger(one, "somebody_else", limits).reserve(100) == 0
        assert first.reserve(4000) == 0
    remembered = "SELECT count(*) FROM cdr_market.request WHERE source = 'cdr_fyi'"
    assert market.warehouse.value(remembered) == 1
