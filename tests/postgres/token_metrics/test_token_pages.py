"""The pages *Explain* and *Coverage* on published token metrics; who may see them is tested elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from starlette.testclient import TestClient

from regendata.api.pages.app import build
from regendata.api.pages.security import SIGNED_IN
from regendata.sources.token_metrics.hours import HOUR
from sandbox.bootstrap import ANALYST, ANALYSTS
from tests.support.token_run import HourlyRun
from tests.support.token_world import Tweets

pytestmark = pytest.mark.postgres
NOW, MISSING = 492_000, 491_980
STRANGE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def pages(run: HourlyRun, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Fifty hours of three symbols, one hour without any row; published, and read as an analyst."""
    run.world.add(
        Tweets(f"{symbol}-{hour}", hour * HOUR, symbol, 100 + hour - NOW + 50, 0.5)
        for symbol in ("BTC", "ETH", STRANGE)
        for hour in range(NOW - 49, NOW + 1)
        if hour != MISSING
    )
    run.at(NOW)
    run.publish()
    run.warehouse.do(
        f"GRANT USAGE ON SCHEMA token_metrics, meta TO {ANALYSTS}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA meta TO {ANALYSTS}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA token_metrics TO {ANALYSTS}",
    )
    monkeypatch.setenv("AIRFLOW_CONN_METABASE_DB", run.warehouse.dsn(ANALYST))
    app = build()
    app.dependency_overrides[SIGNED_IN.dependency] = lambda: None
    with TestClient(app) as client:
        yield client


def _at(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR, timezone.utc)


def test_a_figure_is_shown_with_its_rows_and_computed_once_more(pages: TestClient) -> None:
    html = pages.get(
        f"/explain?of=token_metrics&symbol=BTC&figure=symbol_sma1&hour={_at(NOW):%Y-%m-%dT%H:00}"
    ).text
    stored, again = re.findall(r"<dd>([0-9.]+)</dd>", html)[:2]
    assert float(stored) == float(again)
    # The last 24 hours hold the missing one.
    assert float(stored) == pytest.approx(sum(150 - back for back in range(24) if back != NOW - MISSING) / 23)
    assert html.count("begins with the listed token BTC") == 23
    assert "onerror" not in pages.get("/explain?of=token_metrics").text.replace(
        "&lt;img src=x onerror=alert(1)&gt;", ""
    )


def test_an_hour_that_nothing_is_known_of_is_said_so(pages: TestClient) -> None:
    html = pages.get(f"/explain?of=token_metrics&symbol=NONE&hour={_at(NOW):%Y-%m-%dT%H:00}").text
    assert f"No metrics of NONE at {_at(NOW):%Y-%m-%d %H:%M} UTC" in html


def test_a_missing_hour_is_a_gap_with_a_form(pages: TestClient) -> None:
    html = pages.get(f"/coverage?view=symbols&until={_at(NOW):%Y-%m-%d}").text
    missing = f"{_at(MISSING):%Y-%m-%d %H:%M}"
    assert f"BTC, {missing}: not known" in html
    assert f"source, {missing}: nothing landed: fill" in html
    begin, end = (
        _at(hour).isoformat().replace(":", "%3A").replace("+", "%2B") for hour in (MISSING, MISSING + 1)
    )
    assert f"run/token_metrics_hourly?rebuild_from={begin}&amp;rebuild_until={end}" in html
