"""Which hours a run of the DAG looks at, by how it was started."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from regendata.operators.token_metrics import CopyTweetCountsOperator


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=timezone.utc)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the task in a context and give back the request it makes."""
    requests: list[Any] = []

    def copy(request: Any, *_: Any) -> dict[str, int]:
        requests.append(request)
        return {"from_the_future": 0, "unequal_hours": 0}

    monkeypatch.setattr("regendata.landing.token_metrics.copy", copy)

    def execute(run_type: str, end: datetime | None, begin: datetime | None = None, **params: str) -> Any:
        context: Any = {
            "params": params,
            "run_id": "test",
            "dag_run": SimpleNamespace(run_type=run_type),
            "data_interval_start": begin,
            "data_interval_end": end,
        }
        CopyTweetCountsOperator(task_id="copy_counts").execute(context)
        return requests[-1]

    return execute


def test_the_hourly_run_looks_at_what_is_new_and_once_a_day_at_everything(asked: Any) -> None:
    for hour, everything in ((0, True), (1, False), (23, False)):
        request = asked("scheduled", at(4, hour, 5), at(4, hour, 5))
        assert (request.begin, request.end, request.force, request.everything) == (
            None,
            None,
            False,
            everything,
        )


def test_a_run_by_hand_without_an_interval_looks_at_what_is_new(asked: Any) -> None:
    request = asked("manual", None)
    assert (request.begin, request.force, request.everything) == (None, False, False)


def test_a_backfill_takes_the_hours_of_its_interval_again(asked: Any) -> None:
    request = asked("backfill", at(4, 13, 5), at(4, 12, 5))
    assert (request.begin, request.end, request.force) == (at(4, 12), at(4, 13), True)


def test_a_range_by_hand_goes_before_everything_else(asked: Any) -> None:
    request = asked("manual", at(4, 0), rebuild_from="2026-03-01", rebuild_until="2026-03-02T06:00:00Z")
    assert (request.begin, request.end, request.force) == (at(1, 0), at(2, 6), True)
    assert asked("manual", None, rebuild_from="2026-03-01T01:00:00+01:00").begin == at(1, 0)
