"""The public API of token metrics, read with the rights of an analyst, and the page in a real browser."""

from __future__ import annotations

import csv
import io
import math
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from regendata.api.app import build
from regendata.hooks.warehouse import token_figures
from regendata.sources.token_metrics.figures import FIGURES
from regendata.sources.token_metrics.hours import HOUR
from sandbox.bootstrap import ANALYST, ANALYSTS
from tests.support import browser, clicking
from tests.support.public_api import public_api
from tests.support.token_run import HourlyRun
from tests.support.token_world import Tweets

pytestmark = pytest.mark.postgres
NOW = 492_000
STRANGE = "<img src=x onerror=alert(1)>'🚀"


@pytest.fixture
def published(run: HourlyRun, monkeypatch: pytest.MonkeyPatch) -> HourlyRun:
    """Four hundred hours of a few symbols with holes, published; analysts may read them."""
    chance = random.Random(3)
    run.world.add(
        Tweets(
            f"{symbol}-{back}",
            (NOW - back) * HOUR,
            symbol,
            chance.choice((0, 150, chance.randrange(100, 900))) if back else 300,
            None if chance.random() < 0.2 else chance.uniform(-1, 1),
        )
        for symbol in ("BTC", "BTCUSD", "ETH", "abc", STRANGE)
        for back in range(400)
        if back in (0, 1) or chance.random() > 0.1
    )
    run.at(NOW)
    run.publish()
    run.warehouse.do(
        f"GRANT USAGE ON SCHEMA token_metrics TO {ANALYSTS}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA token_metrics TO {ANALYSTS}",
    )
    monkeypatch.setenv("AIRFLOW_CONN_PUBLIC_API_DB", run.warehouse.dsn(ANALYST))
    return run


@pytest.fixture
def api(published: HourlyRun) -> Iterator[TestClient]:
    with TestClient(build()) as client:
        yield client


def test_rankings_as_json_and_csv_and_not_twice(api: TestClient) -> None:
    reply = api.get("/token-metrics/top/trending", params={"sparklines": "true"})
    body = reply.json()
    assert body["as_of"] == NOW * HOUR
    assert [row["rank"] for row in body["rows"]] == [1, 2, 3]
    assert {row["symbol"] for row in body["rows"]} == {"BTC", "ETH", "abc"}
    assert {len(row["sparkline"]) for row in body["rows"]} == {168}
    assert {row["sparkline"][-1] for row in body["rows"]} == {300, 600}
    table = list(csv.DictReader(io.StringIO(api.get("/token-metrics/top/trending?format=csv").text)))
    assert [row["symbol"] for row in table] == [row["symbol"] for row in body["rows"]]
    again = api.get(
        "/token-metrics/top/trending",
        params={"sparklines": "true"},
        headers={"If-None-Match": reply.headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


def test_every_answer_is_whole_while_hours_are_published(published: HourlyRun, api: TestClient) -> None:
    """Rows of one hour, the old or the new one, and never none."""
    seen: list[tuple[int, int]] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            rows = api.get("/token-metrics/top/trending").json()["rows"]
            seen.extend({(len(rows), row["timestamp"] // HOUR) for row in rows} or {(0, 0)})

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        published.world.add(
            Tweets(f"{name}+1", (NOW + 1) * HOUR, name, 200) for name in ("BTC", "ETH", "abc")
        )
        published.at(NOW + 1)
        published.publish()
        give_up = time.monotonic() + 20
        while (3, NOW + 1) not in seen and time.monotonic() < give_up:
            time.sleep(0.01)
    finally:
        is_over.set()
        asking.join()
    assert set(seen) == {(3, NOW), (3, NOW + 1)}


def test_a_series_with_coverage_and_finality(api: TestClient) -> None:
    parameters: dict[str, Any] = {"symbol": "ETH", "hours": 48, "until": NOW * HOUR + 1}
    rows = api.get("/token-metrics/series", params=parameters).json()["rows"]
    assert [row["timestamp"] // HOUR for row in rows] == list(range(NOW - 47, NOW + 1))
    assert {row["hours_1"] for row in rows} <= set(range(12, 25))
    assert not rows[-1]["is_final"]


def test_what_is_not_there_is_an_error_in_words(api: TestClient) -> None:
    replies = {
        "series?symbol=nobody": 404,
        "series?symbol=ETH&hours=0": 400,
        "top/loudest": 400,
        "explain?symbol=ETH&timestamp=3600&figure=count": 404,
        f"explain?symbol=ETH&timestamp={NOW * HOUR}&figure=nonsense": 400,
        f"explain?symbol=ETH&timestamp={2**40}&figure=count": 400,
    }
    found = {path: api.get(f"/token-metrics/{path}") for path in replies}
    assert {path: reply.status_code for path, reply in found.items()} == replies
    assert {frozenset(reply.json()) for reply in found.values()} == {frozenset({"error"})}


def test_before_the_first_publish_the_data_cannot_be_read(
    run: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PUBLIC_API_DB", run.warehouse.dsn(ANALYST))
    with TestClient(build()) as client:
        for path in ("top/trending", "series?symbol=ETH"):
            reply = client.get(f"/token-metrics/{path}")
            assert (reply.status_code, set(reply.json())) == (503, {"error"})


def test_every_figure_is_explained_by_rows_that_give_it(published: HourlyRun) -> None:
    """Recomputed in plain Python from the rows of its windows, every figure is what was published."""
    explained = 0
    with published.warehouse.analyst() as conn:
        for hour in (NOW, NOW - 30, NOW - 200):
            for name in FIGURES:
                found = token_figures.explain(conn, "BTC", hour * HOUR, name)
                assert found is not None
                assert same(found["value"], found["recomputed"]), (hour, name, found["value"])
                explained += found["value"] is not None
    assert explained > 70


def test_an_explanation_shows_rows_rules_and_windows(api: TestClient) -> None:
    parameters: dict[str, Any] = {"symbol": "BTC", "timestamp": NOW * HOUR + 7, "figure": "sma1_dif"}
    found = api.get("/token-metrics/explain", params=parameters).json()
    assert found["formula"] == "(symbol_sma1 - symbol_sma1_previous) / symbol_sma1_previous"
    day, before = found["windows"]
    assert (before["until"], day["until"]) == (day["from"], (NOW + 1) * HOUR)
    assert before["from"] == (NOW - 47) * HOUR
    assert {row["raw_symbol"] for row in found["rows"]} == {"BTC", "BTCUSD"}
    assert {row["rule"] for row in found["rows"]} == {"listed_token"}
    inside = [row["count"] for row in found["rows"] if row["timestamp"] >= day["from"]]
    assert sum(inside) == day["tweets"]


#: Rankings of which a part is to be had by scrolling only.
CUT_OFF = "[...document.querySelectorAll('section')].filter(one => one.scrollWidth > one.clientWidth).length"


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-9)


@pytest.fixture
def address(published: HourlyRun) -> Iterator[str]:
    """The API as a process of its own."""
    with public_api() as started:
        yield started


@pytest.mark.skipif(browser.BINARY is None, reason="no chromium on this machine")
def test_the_page_shows_rankings_with_sparklines_and_by_its_address_what_a_figure_is_made_from(
    address: str, tmp_path: Path
) -> None:
    page = f"{address}/token-metrics/page/"
    html = browser.dom(page, tmp_path)
    assert 'data-state="ready"' in html
    assert "Not available" not in html
    assert len(re.findall(r"<svg", html)) == 9
    assert (html.count("/48 h known"), html.count("/168 h known")) == (6, 3)
    kept = Path(os.environ.get("REGENDATA_KEEP_PICTURES") or tmp_path)
    for width, height in ((390, 2400), (1280, 1000)):
        assert browser.picture(page, kept, width, height).stat().st_size > 20_000
    with clicking.opened(tmp_path, {}) as tab:
        tab.size(390, 844)
        tab.go(page)
        tab.wait_for("document.body.dataset.state === 'ready'")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        assert tab.evaluate(CUT_OFF) == 0

    html = browser.dom(f"{page}#BTC/{NOW * HOUR}/rsd_7", tmp_path)
    assert re.search(r'<dialog id="explained" open="">', html)
    assert "standard deviation / mean of the last 168 hours" in html
    assert len(re.findall("begins with the listed token BTC", html)) == 200
    assert re.search("the last 200 of [23][0-9]{2} rows", html)
