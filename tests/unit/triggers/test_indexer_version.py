"""Waiting for a version: once for a task, for ever for the schedule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from airflow.triggers.base import TriggerEvent

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.triggers import indexer_version
from regendata.triggers.indexer_version import IndexerVersionTrigger, IndexerVersionWatcher

DOWN = SourceUnavailable("indexer_api: GET /version: HTTP 503")
HTML = BadSourceAnswer("indexer_api answers '<html>'")


class NoMoreAnswers(Exception):
    """The script is over; what would go on for ever ends here."""


class Api:
    """Gives the answers of a script, one per question."""

    def __init__(self, answers: Iterable[str | Exception]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, conn_id: str) -> str:
        self.asked.append(conn_id)
        if not self.answers:
            raise NoMoreAnswers
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Store:
    """Airflow's asset state store, as far as a trigger sees it."""

    def __init__(self, **values: str) -> None:
        self.values = values

    async def aget(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    async def aset(self, key: str, value: Any) -> None:
        self.values[key] = value


def _scripted(monkeypatch: pytest.MonkeyPatch, answers: Iterable[str | Exception]) -> Api:
    api = Api(answers)
    monkeypatch.setattr(indexer_version, "fetch_version_async", api)
    monkeypatch.setenv("REGENDATA_VERSION_WATCH_S", "0")
    return api


def _events(running: AsyncIterator[TriggerEvent]) -> list[Any]:
    """Payloads until the trigger, or the script, ends."""

    async def collect() -> list[Any]:
        events: list[Any] = []
        try:
            async for event in running:
                events.append(event.payload)
        except NoMoreAnswers:
            pass
        return events

    return asyncio.run(collect())


@pytest.mark.parametrize("answers", [["87"], [DOWN, "87"], [DOWN, HTML, DOWN, "87"]])
def test_the_trigger_fires_once_with_the_first_version(
    monkeypatch: pytest.MonkeyPatch, answers: list[str | Exception]
) -> None:
    api = _scripted(monkeypatch, [*answers, "88"])
    assert _events(IndexerVersionTrigger("indexer_api", 0, patience=600).run()) == [{"version": "87"}]
    assert api.asked == ["indexer_api"] * len(answers)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_the_trigger_reports_the_last_error_when_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, api = Clock(), _scripted(monkeypatch, [DOWN, DOWN, DOWN, HTML, "87"])
    monkeypatch.setattr(indexer_version, "time", clock)
    monkeypatch.setattr(indexer_version, "asyncio", clock)
    (event,) = _events(IndexerVersionTrigger("indexer_api", 15, patience=40).run())
    assert event == {"error": f"{HTML}; asked for 40 s"}
    assert clock.now == 45
    assert len(api.asked) == 4


@pytest.mark.parametrize(
    ("known", "answers", "changes", "stored"),
    [
        pytest.param(None, ["87", "87"], [], "87", id="the first version is stored silently"),
        pytest.param("87", ["87", "87"], [], "87", id="no change"),
        pytest.param("87", ["88", "88", "88"], ["87 88"], "88", id="a change fires once"),
        pytest.param(None, ["87", "88"], ["87 88"], "88", id="a change after the first"),
        pytest.param("87", ["88", "87"], ["87 88", "88 87"], "87", id="back and forth"),
        pytest.param("87", [DOWN, HTML, "88"], ["87 88"], "88", id="errors are outlived"),
        pytest.param("87", ["87", DOWN, "87"], [], "87", id="an error is no change"),
        pytest.param(None, [DOWN, DOWN], [], None, id="nothing is stored without an answer"),
    ],
)
def test_the_watcher_fires_on_change_only(
    monkeypatch: pytest.MonkeyPatch,
    known: str | None,
    answers: list[str | Exception],
    changes: list[str],
    stored: str | None,
) -> None:
    _scripted(monkeypatch, answers)
    watcher = IndexerVersionWatcher("indexer_api")
    store = Store(**({"advertised_version": known} if known else {}))
    watcher.asset_state_store = store  # type: ignore[assignment]
    assert [f"{one['before']} {one['version']}" for one in _events(watcher.run())] == changes
    assert store.values.get("advertised_version") == stored


def test_a_restarted_watcher_does_not_fire_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(advertised_version="87")
    fired = []
    for _ in range(2):
        _scripted(monkeypatch, ["88"])
        watcher = IndexerVersionWatcher("indexer_api")
        watcher.asset_state_store = store  # type: ignore[assignment]
        fired += _events(watcher.run())
    assert fired == [{"version": "88", "before": "87"}]


def test_without_a_store_the_watcher_stays_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    api = _scripted(monkeypatch, ["87", "88"])
    assert _events(IndexerVersionWatcher("indexer_api").run()) == []
    assert len(api.asked) == 3


@pytest.mark.parametrize(
    "trigger", [IndexerVersionTrigger("indexer_api", 15.0, 600.0), IndexerVersionWatcher("indexer_api")]
)
def test_survives_the_way_through_the_database(trigger: Any) -> None:
    from airflow.sdk.module_loading import import_string

    path, arguments = trigger.serialize()
    again = import_string(path)(**arguments)
    assert type(again) is type(trigger)
    assert again.serialize() == (path, arguments)
