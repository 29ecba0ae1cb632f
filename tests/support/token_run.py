"""The hourly run of token metrics in one process: the functions its tasks call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from psycopg.rows import dict_row

from regendata import settings
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds
from regendata.landing import token_metrics
from regendata.landing.token_metrics import CopyRequest
from regendata.landing.whole import lock_policy
from regendata.models.project import Project
from regendata.sources.token_metrics.hours import HOUR
from sandbox.refresh import Refreshed, build_views, judge_build
from tests.support.token_world import FIGURES, Key, TokenWorld
from tests.support.warehouse import Warehouse

#: Everything a run fills.
TABLES = (
    "tweetvolumeshours",
    "source_hours",
    "symbol_hours",
    "symbol_days",
    "stale_hours",
    "progress",
    "metric_hours",
)


@dataclass
class HourlyRun:
    """The steps of the DAG up to the metrics."""

    warehouse: Warehouse
    world: TokenWorld
    project: Project
    now: datetime

    def __call__(self, **request: Any) -> dict[str, Any]:
        """Copy and compute; returns what was copied.

        :param request: fields of CopyRequest.
        """
        options = settings.load()
        done = token_metrics.copy(CopyRequest(**({"now": self.now} | request)), "test", options)
        token_metrics.compute_metrics("test", options)
        return done

    def at(self, hour: int, **request: Any) -> dict[str, Any]:
        """The run five minutes after this hour (number since 1970) has ended."""
        self.now = datetime.fromtimestamp((hour + 1) * HOUR, timezone.utc) + timedelta(minutes=5)
        return self(**request)

    def publish(self) -> int:
        """Build, check and publish all relations; returns the build's id."""
        with connect() as conn:
            opened = builds.open_build(conn, self.project, "test")
        build_views(self.project, opened.build_id, Refreshed())
        judge_build(self.project, opened.build_id)
        with connect() as conn:
            builds.publish(conn, opened.build_id, lock_policy(settings.load()))
        return opened.build_id

    def metrics(self, suffix: str = "", names: tuple[str, ...] = FIGURES) -> dict[Key, dict[str, Any]]:
        """All metrics by symbol and hour; only rows of known hours with a suffix."""
        with self.warehouse.connect() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            rows = cursor.execute("SELECT * FROM token_metrics.rsd_metrics").fetchall()
        return {
            (row["symbol"], row["timestamp"] // HOUR): {name: row[f"{name}{suffix}"] for name in names}
            for row in rows
            if not suffix or row["count"] is not None
        }
