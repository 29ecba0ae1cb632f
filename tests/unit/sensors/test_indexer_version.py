"""The sensor asks once by itself and leaves the waiting to the triggerer."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk.exceptions import TaskDeferred

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.hooks import indexer_api
from regendata.sensors.indexer_version import IndexerVersionSensor
from regendata.triggers.indexer_version import IndexerVersionTrigger

CONTEXT: Any = {}


@pytest.fixture
def sensor() -> IndexerVersionSensor:
    return IndexerVersionSensor(task_id="sense_version", conn_id="indexer_api")


def _answering(monkeypatch: pytest.MonkeyPatch, answer: str | Exception) -> list[str]:
    asked: list[str] = []

    def fetch_version(conn_id: str) -> str:
        asked.append(conn_id)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(indexer_api, "fetch_version", fetch_version)
    return asked


def test_returns_a_version_at_once(monkeypatch: pytest.MonkeyPatch, sensor: IndexerVersionSensor) -> None:
    asked = _answering(monkeypatch, "87")
    assert sensor.execute(CONTEXT) == "87"
    assert asked == ["indexer_api"]


@pytest.mark.parametrize("error", [SourceUnavailable("HTTP 503"), BadSourceAnswer("answers '<html>'")])
def test_defers_when_there_is_no_good_answer(
    monkeypatch: pytest.MonkeyPatch, sensor: IndexerVersionSensor, error: Exception
) -> None:
    _answering(monkeypatch, error)
    monkeypatch.setenv("REGENDATA_VERSION_POLL_S", "7")
    monkeypatch.setenv("REGENDATA_VERSION_PATIENCE_S", "70")
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(CONTEXT)
    assert deferred.value.method_name == "resume"
    trigger = deferred.value.trigger
    assert isinstance(trigger, IndexerVersionTrigger)
    assert trigger.serialize()[1] == {"conn_id": "indexer_api", "poll_interval": 7, "patience": 70}


def test_other_errors_are_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, sensor: IndexerVersionSensor
) -> None:
    _answering(monkeypatch, KeyError("a bug"))
    with pytest.raises(KeyError):
        sensor.execute(CONTEXT)


def test_resumes_with_the_version(sensor: IndexerVersionSensor) -> None:
    assert sensor.resume(CONTEXT, {"version": "88"}) == "88"


def test_resumes_with_the_last_error(sensor: IndexerVersionSensor) -> None:
    with pytest.raises(SourceUnavailable, match=r"^HTTP 503; asked for 600 s$"):
        sensor.resume(CONTEXT, {"error": "HTTP 503; asked for 600 s"})
