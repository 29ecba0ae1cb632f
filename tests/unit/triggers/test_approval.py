"""Waiting for an answer about a build, or for the build's own end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from airflow.providers.standard.triggers.hitl import HITLTrigger
from airflow.triggers.base import TriggerEvent

from regendata.publish.approval import APPROVE, REJECT
from regendata.triggers import approval
from regendata.triggers.approval import ENDED, ApprovalTrigger

ARGUMENTS: dict[str, Any] = {
    "ti_id": "0199a4a0-0000-7000-8000-000000000000",
    "options": [APPROVE, REJECT],
    "defaults": [REJECT],
    "params": {},
    "timeout_datetime": None,
    "poke_interval": 0.01,
}
ANSWER = {"chosen_options": [APPROVE]}


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval, "SETTLED_S", 0)


def fired(trigger: ApprovalTrigger, timeout: float = 5) -> Any:
    async def first() -> TriggerEvent:
        return await asyncio.wait_for(anext(trigger.run()), timeout)

    return asyncio.run(first()).payload


def answering(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    async def run(self: HITLTrigger) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(seconds)
        yield TriggerEvent(ANSWER)

    monkeypatch.setattr(HITLTrigger, "run", run)


def test_an_answer_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 0.02)
    monkeypatch.setattr(ApprovalTrigger, "_reason", lambda self: None)
    assert fired(ApprovalTrigger(build_id=7, **ARGUMENTS)) == ANSWER


def test_no_answer_is_told_before_the_scheduler_knows_of_the_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(monkeypatch, 0)
    monkeypatch.setattr(ApprovalTrigger, "_reason", lambda self: "superseded")
    monkeypatch.setattr(approval, "SETTLED_S", 60)
    with pytest.raises(asyncio.TimeoutError):
        fired(ApprovalTrigger(build_id=7, **ARGUMENTS), timeout=0.1)


def test_a_build_that_ended_needs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 60)
    reasons = iter([None, None, "superseded: build 8 of run x took its place"])
    monkeypatch.setattr(ApprovalTrigger, "_reason", lambda self: next(reasons))
    found = fired(ApprovalTrigger(build_id=7, **ARGUMENTS))
    assert found == {ENDED: "superseded: build 8 of run x took its place"}


def test_a_warehouse_that_is_away_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 0.1)
    monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", "postgresql://nobody@127.0.0.1:1/nowhere")
    assert fired(ApprovalTrigger(build_id=7, **ARGUMENTS)) == ANSWER


def test_it_comes_back_from_the_triggerer_as_it_was() -> None:
    path, arguments = ApprovalTrigger(build_id=7, **ARGUMENTS).serialize()
    assert path == "regendata.triggers.approval.ApprovalTrigger"
    assert ApprovalTrigger(**arguments).serialize() == (path, arguments)
    assert arguments["build_id"] == 7
