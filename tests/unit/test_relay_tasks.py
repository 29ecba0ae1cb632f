"""What tasks of MEV-Boost relays make of a form and of a plan."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any
from unittest.mock import MagicMock

import pytest
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException

from regendata.coverage.slots import SLOT_S, slot_at, slots_of
from regendata.exceptions import BadIntervals, PlanRejected
from regendata.landing.relays import run
from regendata.operators.mev_boost import (
    FETCH,
    LEAVE,
    ROUND,
    ApprovePlanOperator,
    ChooseUnitsOperator,
    NextRoundOperator,
    PlanRoundOperator,
)
from regendata.sources.mev_boost.relays import RELAYS

FORM = {"from": "8781722", "until": "8782322", "relays": [], "endpoints": [], "units": 4, "ask": True}


def context(this_round: dict[str, Any], run_id: str = "manual", **params: Any) -> dict[str, Any]:
    ti = MagicMock(dag_id="mev_boost_backload")
    ti.xcom_pull.side_effect = lambda task_ids, key=None: this_round if key == ROUND else ["a unit"]
    return {"ti": ti, "run_id": run_id, "params": {**FORM, **params}}


def test_the_next_round_starts_by_itself_without_asking_again() -> None:
    task = NextRoundOperator(task_id="next_round", plan_task_id="plan")
    with pytest.raises(DagRunTriggerException) as raised:
        task.execute(context({"later": 500}))  # type: ignore[arg-type]
    assert raised.value.dag_run_id == "manual__round_2"
    assert raised.value.conf == {**FORM, "ask": False}
    assert raised.value.skip_when_already_exists
    with pytest.raises(DagRunTriggerException) as raised:
        task.execute(context({"later": 500}, "manual__round_9"))  # type: ignore[arg-type]
    assert raised.value.dag_run_id == "manual__round_10"


def test_after_the_last_round_there_is_none() -> None:
    task = NextRoundOperator(task_id="next_round", plan_task_id="plan")
    with pytest.raises(AirflowSkipException):
        task.execute(context({"later": 0}))  # type: ignore[arg-type]


def test_units_run_at_the_place_of_the_form() -> None:
    here, there = (
        ChooseUnitsOperator(task_id=f"units_{where}", plan_task_id="plan", where=where)
        for where in ("here", "KubernetesExecutor")
    )
    asked = context({"where": "KubernetesExecutor"})
    assert here.execute(asked) == []  # type: ignore[arg-type]
    assert there.execute(asked) == ["a unit"]  # type: ignore[arg-type]


@pytest.mark.parametrize(("ask", "slots"), [(False, 100), (True, 0)])
def test_nobody_is_asked_when_nothing_is_to_be_decided(ask: bool, slots: int) -> None:
    task = ApprovePlanOperator(task_id="approve", plan_task_id="plan")
    assert task.execute(context({"slots": slots}, ask=ask)) is None  # type: ignore[arg-type]


def test_a_plan_that_is_not_approved_ends_the_run() -> None:
    task = ApprovePlanOperator(task_id="approve", plan_task_id="plan")
    event = {
        "chosen_options": [LEAVE],
        "params_input": {},
        "responded_at": datetime.now(timezone.utc),
        "responded_by_user": {"id": "1", "name": "somebody"},
    }
    with pytest.raises(PlanRejected, match="not approved"):
        task.execute_complete({}, event)  # type: ignore[arg-type]
    assert task.execute_complete({}, {**event, "chosen_options": [FETCH]})["chosen_options"] == [FETCH]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("begin", "end", "slots"),
    [
        ("8781722", "8782322", (8_781_722, 8_782_322)),
        ("2024-04-09T18:00", "2024-04-09 19:00:00Z", slots_of(475_746)),
        ("2024-04-09", "2024-04-10", (slots_of(475_728)[0], slots_of(475_752)[0])),
    ],
)
def test_a_range_in_slots_or_in_moments(begin: str, end: str, slots: tuple[int, int]) -> None:
    task = PlanRoundOperator(task_id="plan")
    asked = task.asked(context({}, **{"from": begin, "until": end}))  # type: ignore[arg-type]
    assert asked.slots == slots
    assert "flashbots" in asked.relays
    assert asked.endpoints == ("payloads", "bids")


def test_slots_whose_rows_may_be_on_their_way_are_not_wanted() -> None:
    """An empty answer for them would count as proof that there is nothing."""
    task = PlanRoundOperator(task_id="plan")
    before = slot_at(time.time())
    asked = task.asked(context({}, **{"until": "99000000", "relays": ["titan"]}))  # type: ignore[arg-type]
    lag = RELAYS["titan"].lag_s
    assert before - lag / SLOT_S - 1 <= asked.slots[1] <= slot_at(time.time()) - lag / SLOT_S + 1
    late = task.asked(context({}, **{"from": "98000000", "until": "99000000"}))  # type: ignore[arg-type]
    assert late.slots == (98_000_000, 98_000_000)


def test_the_newest_whole_hours() -> None:
    moment = datetime(2024, 4, 9, 20, 9, tzinfo=timezone.utc)
    assert run.newest_hours(moment, 2) == (slots_of(475_745)[0], slots_of(475_747)[0])
    assert run.newest_hours(moment.replace(minute=11), 2) == (slots_of(475_746)[0], slots_of(475_748)[0])


def test_a_range_that_ends_before_it_begins() -> None:
    task = PlanRoundOperator(task_id="plan")
    with pytest.raises(BadIntervals, match="no slot from 2024-04-10 until 8781722"):
        task.asked(context({}, **{"from": "2024-04-10", "until": "8781722"}))  # type: ignore[arg-type]
