"""One round of fetching from relays, as tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, Param, TaskGroup, TriggerRule

from regendata import paths, settings
from regendata.assets import MEV_BOOST_DAY, MEV_BOOST_DAYS
from regendata.operators.mev_boost import (
    ASK,
    ENDPOINTS,
    FROM,
    HERE,
    RELAYS,
    UNITS,
    UNTIL,
    WHERE,
    ApprovePlanOperator,
    ChooseUnitsOperator,
    CloseDaysOperator,
    FetchUnitOperator,
    JudgeRoundOperator,
    NextRoundOperator,
    PlanRoundOperator,
)
from regendata.sources.mev_boost import relays as registry

#: A slot, or a moment in UTC such as 2024-04-04 or 2024-04-04T04:00.
_BOUND = r"^(\d{1,12}|\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?)$"


def form() -> dict[str, Param]:
    """Fields of a backload."""
    many: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    names, endpoints = list(registry.RELAYS), list(registry.ENDPOINTS)
    return {
        FROM: Param(None, type="string", pattern=_BOUND, title="From: first slot, or a moment in UTC"),
        UNTIL: Param(
            None, type="string", pattern=_BOUND, title="Until: first slot to leave out, or a moment"
        ),
        RELAYS: Param([], **many, examples=names, title="Relays; none for all in service"),
        ENDPOINTS: Param([], **many, examples=endpoints, title="Endpoints; none for both"),
        UNITS: Param(8, type="integer", minimum=1, maximum=64, title="Units that run at the same time"),
        WHERE: Param(HERE, type="string", enum=list(places()), title="Where they run"),
        ASK: Param(True, type="boolean", title="Show the plan and wait for approval"),
    }


def places() -> Sequence[str]:
    """Where units can run: here, and on the executor that is set up beside it."""
    return (HERE, executor) if (executor := settings.load().mev_executor) else (HERE,)


def fetch_round(look_back: str = "", units: int = 1, ask: bool = False) -> None:
    """Plan, perhaps ask, fetch, judge; and close days whatever the judge says.

    :param look_back: setting with the hours to look back; without it the form names a range.
    :param units: most units of a plan.
    :param ask: whether a person is shown the plan first, and the form says where units run.
    """
    with TaskGroup("relays", tooltip="Slots that are missing, from all relays at once"):
        plan = PlanRoundOperator(task_id="plan", look_back=look_back, units=units)
        fetched = _asked_and_chosen(plan) if ask else [_fetch("fetch", plan.output)]
        plan_id = plan.task_id
        judge = JudgeRoundOperator(
            task_id="judge", plan_task_id=plan_id, trigger_rule=TriggerRule.NONE_FAILED
        )
        close = CloseDaysOperator(
            task_id="close_days",
            plan_task_id=plan_id,
            asset=MEV_BOOST_DAY,
            event=MEV_BOOST_DAYS,
            trigger_rule=TriggerRule.ALL_DONE,
        )
        fetched >> judge
        fetched >> close
        if ask:
            judge >> NextRoundOperator(task_id="next_round", plan_task_id=plan_id)


def _asked_and_chosen(plan: PlanRoundOperator) -> list[BaseOperator]:
    approve = ApprovePlanOperator(
        task_id="approve",
        plan_task_id=plan.task_id,
        response_timeout=timedelta(seconds=settings.load().approval_limit_s),
    )
    plan >> approve
    found = []
    for place in places():
        suffix = "" if place == HERE else f"_on_{place.lower()}"
        choose = ChooseUnitsOperator(task_id=f"units{suffix}", plan_task_id=plan.task_id, where=place)
        approve >> choose
        found.append(_fetch(f"fetch{suffix}", choose.output, **_elsewhere(place)))
    return found


def _fetch(task_id: str, units: Any, **how: Any) -> Any:
    label = "slots {{ task.unit['slots'] | join(' to ') }}"
    return FetchUnitOperator.partial(task_id=task_id, map_index_template=label, **how).expand(unit=units)


def _elsewhere(place: str) -> dict[str, Any]:
    """Arguments of a task that runs in a pod of its own."""
    if place == HERE:
        return {}
    template = str(paths.REPOSITORY / settings.load().mev_pod_template)
    return {"executor": place, "executor_config": {"pod_template_file": template}}
