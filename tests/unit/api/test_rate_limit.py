"""Clients that ask too much are told when to come back; nobody pays for another."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from regendata.api import rate_limit
from regendata.api.app import build
from regendata.api.rate_limit import TokenBuckets, client_of
from regendata.settings import Settings


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_one_by_one() -> None:
    clock = Clock()
    buckets = TokenBuckets(per_second=2, burst=3, clock=clock)
    assert [buckets.wait_s("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.wait_s("b") == 0
    clock.now += 0.5
    assert [buckets.wait_s("a"), buckets.wait_s("a")] == [0, 0.5]
    clock.now += 3_600
    assert [buckets.wait_s("a") for _ in range(4)][-1] == 0.5


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 5), min_size=1, max_size=60), st.integers(1, 10), st.floats(0.1, 20))
def test_nobody_gets_more_than_burst_and_rate_allow(pauses: list[float], burst: int, rate: float) -> None:
    clock = Clock()
    buckets = TokenBuckets(rate, burst, clock)
    granted = 0
    for pause in pauses:
        clock.now += pause
        granted += buckets.wait_s("a") == 0
    assert granted <= burst + clock.now * rate + 1e-6


def test_the_wait_that_is_told_is_long_enough() -> None:
    clock = Clock()
    buckets = TokenBuckets(0.3, 1, clock)
    buckets.wait_s("a")
    clock.now += buckets.wait_s("a") + 1e-9
    assert buckets.wait_s("a") == 0


def test_memory_is_bounded_and_the_oldest_client_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MOST_CLIENTS", 2)
    buckets = TokenBuckets(1, 1, Clock())
    assert [buckets.wait_s(client) for client in "abca"] == [0, 0, 0, 0]
    assert buckets.wait_s("c") == 1


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_client_is_its_network(host: str, client: str) -> None:
    assert client_of({"type": "http", "client": (host, 1)}) == client


def test_429_is_a_problem_that_says_when_and_watchdogs_go_free() -> None:
    given = Settings(public_api_per_minute=6, public_api_burst=2, public_api_origins="https://a.example")
    with TestClient(build(given), raise_server_exceptions=False) as client:
        origin = {"Origin": "https://a.example"}
        codes = [client.get("/v1/nothing", headers=origin).status_code for _ in range(2)]
        refused = client.get("/v1/nothing", headers=origin)
        old = client.get("/presigned-url")
        alive = client.get("/health")
    assert (codes, refused.status_code, alive.status_code) == ([404, 404], 429, 200)
    assert refused.headers["Retry-After"] == "10"
    assert refused.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert refused.json()["detail"] == "Too many requests from your address; ask again in 10 s"
    assert set(old.json()) == {"error"}


def test_without_a_limit_nobody_is_counted() -> None:
    with TestClient(build(Settings(public_api_per_minute=0, public_api_burst=1))) as client:
        assert [client.get("/v1/nothing").status_code for _ in range(5)] == [404] * 5
