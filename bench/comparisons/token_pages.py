"""The pages of token metrics inside Airflow over a year of hours."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from unittest.mock import patch

from bench import tweets
from bench.comparisons.pages import MOST_MS, TIMES, page
from bench.context import Bench
from bench.measure import Side, alternate
from bench.result import Line, Result, at_most, samples
from bench.tweets import FIRST, HOUR, Tweets
from regendata import settings
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds
from regendata.hooks.warehouse.house.reading import CONN_ID
from regendata.landing.whole import lock_policy
from regendata.models.project import load_project
from sandbox.bootstrap import OWNER, WAREHOUSE
from sandbox.refresh import Refreshed, build_views

SYMBOLS, DAYS = 300, 360


def compare(bench: Bench, symbols: int = SYMBOLS, days: int = DAYS) -> Result:
    """Each page from request to HTML."""
    source = Tweets(bench.sandbox, symbols)
    bench.tell(f"tweets of {symbols:,} symbols in {days} days")
    source.make(days * 24)
    dsn = bench.sandbox.dsn(WAREHOUSE, OWNER)
    with (
        tweets.connected(source),
        patch.dict(os.environ, {f"AIRFLOW_CONN_{CONN_ID.upper()}": dsn}),
    ):
        tweets.run(days * 24)
        _publish()
        sides = {name: Side(page(path)) for name, path in _paths(days).items()}
        found = alternate(sides, bench.rounds * TIMES, bench.budget_seconds)
    lines = [
        Line(f"{name} page", "", str(found[name]), 1000 * found[name].median, " ms", at_most(MOST_MS))
        for name in sides
    ]
    return Result(lines=lines, samples=samples(found), notes=[f"{symbols * days * 24:,} hours of symbols"])


def _paths(days: int) -> dict[str, str]:
    """The map of the last whole day, and the figure of the longest window in its last hour."""
    last = FIRST + (days * 24 - 1) * HOUR
    moment = datetime.fromtimestamp(last, timezone.utc)
    with connect() as conn:
        row = conn.execute(
            "SELECT symbol FROM token_metrics.metric_hours WHERE timestamp = %s ORDER BY 1 LIMIT 1", [last]
        ).fetchone()
    symbol = row[0] if row else ""
    return {
        "symbols by hour": f"/coverage?view=symbols&until={moment:%Y-%m-%d}",
        "explain": f"/explain?of=token_metrics&symbol={symbol}&figure=rsd_14&hour={moment:%Y-%m-%dT%H:00}",
    }


def _publish() -> None:
    """Rankings and statistics, which the pages offer to choose from."""
    project = load_project("token_metrics")
    with connect() as conn:
        opened = builds.open_build(conn, project, "bench")
    build_views(project, opened.build_id, Refreshed())
    with connect() as conn:
        builds.publish(conn, opened.build_id, lock_policy(settings.load()))
