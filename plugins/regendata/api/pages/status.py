"""*Status*: is everything fresh, what changed last and why, what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from regendata import paths
from regendata.api.pages.airflow_state import DagState, OpenQuestion, dag_states, open_questions
from regendata.api.pages.html import page
from regendata.api.pages.security import User
from regendata.hooks.warehouse.house import status
from regendata.hooks.warehouse.house.reading import Row, reading
from regendata.models.waivers import load_waivers
from regendata.publish.systems import SYSTEMS

#: Inputs that a reason names.
MOST_NAMED = 3

router = APIRouter()


@dataclass(frozen=True)
class DataSet:
    """A DAG and, where it publishes in the warehouse, the system it does it for."""

    dag: DagState
    system: Row | None
    word: str
    why: str


@dataclass(frozen=True)
class Warehouse:
    """Everything one page asks the warehouse for."""

    systems: Sequence[Row]
    relations: Sequence[Row]
    changes: Mapping[str, Row]
    checks: Sequence[Row]
    landings: Sequence[Row]
    questions: Sequence[Row]
    sources: Sequence[Row]
    quarantined: Sequence[Row]
    alerts: Sequence[Row]


@router.get("/", include_in_schema=False)
def first_page(request: Request) -> RedirectResponse:
    """The mount itself leads here."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}/status")


@router.get("/status")
def show(request: Request, user: User) -> HTMLResponse:
    """The page."""
    found, dags, now = _read(), dag_states(user), datetime.now(timezone.utc)
    asked = _besides_builds(open_questions(user), found)
    waivers = load_waivers(paths.WAIVERS)
    return page(
        request,
        "status.html",
        found=found,
        asked=asked,
        data_sets=_data_sets(found, dags, asked, now),
        dag_of={one["system"]: one["dag_id"] for one in found.systems},
        waivers=[(one, one.lives(date.today())) for one in waivers],
        why=_why(found),
    )


def _read() -> Warehouse:
    with reading() as conn:
        systems = status.systems_in_use(conn, SYSTEMS)
        in_use = [one["build_id"] for one in systems if one["build_id"]]
        relations = status.relations_in_use(conn, in_use)
        return Warehouse(
            systems=systems,
            relations=relations,
            changes=status.last_changes(conn, relations),
            checks=status.standing_checks(conn, relations),
            landings=status.recent_landings(conn),
            questions=status.open_questions(conn),
            sources=status.sources(conn),
            quarantined=status.quarantined(conn),
            alerts=status.open_alerts(conn),
        )


def _besides_builds(asked: Sequence[OpenQuestion], found: Warehouse) -> list[OpenQuestion]:
    """A build that waits is shown with what its checks have found."""
    builds = {one["run_id"] for one in found.questions}
    return [one for one in asked if one.run_id not in builds]


def _data_sets(
    found: Warehouse, dags: Sequence[DagState], asked: Sequence[OpenQuestion], now: datetime
) -> list[DataSet]:
    """DAGs by how much they need somebody."""
    systems = {one["dag_id"]: one for one in found.systems if one["dag_id"]}
    parked = {one["system"] for one in found.questions} | {one.dag_id for one in asked}
    why = _why(found)
    sets = []
    for dag in dags:
        system = systems.get(dag.dag_id)
        waits = not parked.isdisjoint({dag.dag_id, system["system"] if system else ""})
        word = "waiting" if waits else dag.word(now)
        sets.append(DataSet(dag, system, word, why[system["system"]] if system else ""))
    return sorted(sets, key=lambda one: (_URGENCY.index(one.word), one.dag.dag_id))


_URGENCY = ("failed", "late", "waiting", "running", "fresh", "paused", "never ran")


def _why(found: Warehouse) -> dict[str, str]:
    """System -> why readers see what they see."""
    return {one["system"]: _reason(one, found.landings) for one in found.systems}


def _reason(system: Row, landings: Sequence[Row]) -> str:
    if system["build_id"] is None:
        return "nothing was published yet"
    if system["kind"] == "rollback":
        return f"rolled back by {system['who']}: {system['why']}"
    begin, end = system["before"], system["started_at"]
    if begin is None:
        return "the first publish"
    moved = [one for one in landings if begin <= one["landed_at"] <= end]
    if not moved:
        return "a model changed, or an input that landed long ago"
    named = [f"{one['relation']}{_change(one['row_change'])}" for one in moved[:MOST_NAMED]]
    more = len(moved) - len(named)
    return f"landed: {', '.join(named)}" + (f" and {more} more" if more else "")


def _change(rows: Any) -> str:
    return f" ({rows:+,} rows)" if rows else ""
