"""The tasks themselves: what an answer, a build's end and the form of a rollback make of the warehouse."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Asset, AssetAlias

from regendata.exceptions import BuildRejected, BuildSuperseded
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import approvals
from regendata.operators.approval import ApproveBuildOperator
from regendata.operators.rollback import RollBackOperator
from regendata.publish.approval import Question
from regendata.triggers.approval import ENDED
from tests.support.small_project import GIFTS, NAMES, SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres

CONTEXT: Any = {"run_id": "the run that asks"}


def event(option: str, who: str | None = "ann") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"why": "seen it"},
        "responded_at": datetime.now(timezone.utc),
        "responded_by_user": {"id": "1", "name": who} if who else None,
    }


@pytest.fixture
def waiting(warehouse: Warehouse, small: SmallProject) -> ApproveBuildOperator:
    """The task of build 2, which waits."""
    small.refresh(GIFTS, NAMES)
    small.land([*GIFTS, (4, 1, "dan", 2.0)])
    opened = small.build(CONTEXT["run_id"])
    with connect() as conn:
        approvals.park(conn, opened.build_id, [Question("public.gifts", "size", "4", "3")])
    return ApproveBuildOperator(task_id="approve", system=SYSTEM)


def state(warehouse: Warehouse) -> tuple[str, str | None]:
    return warehouse.rows("SELECT state, reason FROM meta.build WHERE build_id = 2")[0]


def test_an_approval_lets_the_build_through(waiting: ApproveBuildOperator, warehouse: Warehouse) -> None:
    assert waiting.execute_complete(CONTEXT, event("Approve")) == {"who": "ann", "why": "seen it"}
    assert state(warehouse) == ("approved", "approved by ann: seen it")


@pytest.mark.parametrize(
    ("who", "said"), [("ann", "rejected by ann: seen it"), (None, "rejected: nobody answered in time")]
)
def test_a_rejection_fails_the_task_with_its_reason(
    who: str | None, said: str, waiting: ApproveBuildOperator, warehouse: Warehouse
) -> None:
    with pytest.raises(BuildRejected, match=f"build 2 was {said}"):
        waiting.execute_complete(CONTEXT, event("Reject", who))
    assert state(warehouse) == ("rejected", said)


def test_the_end_of_the_build_fails_the_task_with_its_reason(waiting: ApproveBuildOperator) -> None:
    with pytest.raises(BuildSuperseded, match="build 2 is superseded: build 3 took its place"):
        waiting.execute_complete(CONTEXT, {ENDED: "superseded: build 3 took its place"})


class Events(dict[Any, list[tuple[Asset, dict[str, Any]]]]):
    """Outlet events as Airflow gives them to a task."""

    def __missing__(self, key: Any) -> Any:
        found: list[tuple[Asset, dict[str, Any]]] = []
        self[key] = SimpleNamespace(add=lambda asset, extra: found.append((asset, extra)), found=found)  # type: ignore[assignment]
        return self[key]


def test_the_form_of_a_rollback_is_carried_out_and_told(warehouse: Warehouse, small: SmallProject) -> None:
    small.refresh(GIFTS, NAMES)
    small.refresh([*GIFTS, (4, 1, "dan", 2.0)])
    asset, alias, events = Asset(name="gifts"), AssetAlias("rolled_back"), Events()
    task = RollBackOperator(task_id="roll_back", published={SYSTEM: asset}, event=alias)
    form = {"system": SYSTEM, "build_id": 1, "why": " dan is nobody ", "ask_before_next_publish": True}
    run = SimpleNamespace(triggering_user_name="ann")
    facts = task.execute({"params": form, "dag_run": run, "run_id": "r", "outlet_events": events})  # type: ignore[arg-type]
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 3
    assert (facts["build_id"], facts["who"], facts["why"]) == (1, "ann", "dan is nobody")
    assert events[alias].found == [(asset, facts)]  # type: ignore[attr-defined]
