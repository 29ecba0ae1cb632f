"""What Airflow knows of the DAGs a person may see: last success, last run, next run, open questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
    from airflow.models.dag import DagModel
    from sqlalchemy.orm import Session

#: Runs of a DAG that are looked at.
RECENT_RUNS = 25
#: What a run may take to begin, and to be counted as late by.
GRACE = timedelta(minutes=15)
RUNNING = ("queued", "running")
#: States of a task that has asked a person and has no answer.
PARKED = ("awaiting_input", "deferred")
#: Questions that are shown at most, the oldest first.
MOST_QUESTIONS = 50


@dataclass(frozen=True)
class DagState:
    """One DAG.

    :param period: time between its two last scheduled runs; None for one that is started by hand.
    :param last_state: of the run that began last; None for a DAG that never ran.
    """

    dag_id: str
    title: str
    schedule: str | None
    paused: bool
    next_run: datetime | None
    period: timedelta | None
    last_run_id: str | None
    last_state: str | None
    last_success: datetime | None

    def word(self, now: datetime) -> str:
        """``failed``, ``late``, ``running``, ``paused``, ``never ran`` or ``fresh``."""
        if self.last_state == "failed":
            return "failed"
        if self.is_late(now):
            return "late"
        if self.last_state in RUNNING:
            return "running"
        if self.paused:
            return "paused"
        return "never ran" if self.last_success is None else "fresh"

    def is_late(self, now: datetime) -> bool:
        """The scheduler did not begin a run that is due, or two periods went by without a success."""
        if self.paused or self.schedule is None:
            return False
        if self.next_run is not None and now > self.next_run + GRACE:
            return True
        if self.period is None or self.last_success is None:
            return False
        return now - self.last_success > 2 * self.period + GRACE


@dataclass(frozen=True)
class OpenQuestion:
    """A task that waits for a person."""

    dag_id: str
    run_id: str
    task_id: str
    subject: str
    asked_at: datetime


def open_questions(user: BaseUser) -> list[OpenQuestion]:
    """What tasks of DAGs that the user may read have asked and nobody has answered, the oldest first."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    columns = (TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.task_id)
    query = select(*columns, HITLDetail.subject, HITLDetail.created_at).join(
        TaskInstance, TaskInstance.id == HITLDetail.ti_id
    )
    with create_session() as session:
        allowed = get_auth_manager().get_authorized_dag_ids(user=user, session=session)
        found = query.where(
            HITLDetail.responded_at.is_(None),
            TaskInstance.state.in_(PARKED),
            TaskInstance.dag_id.in_(allowed),
        )
        rows = session.execute(found.order_by(HITLDetail.created_at).limit(MOST_QUESTIONS)).all()
    return [OpenQuestion(*row) for row in rows]


def dag_states(user: BaseUser) -> list[DagState]:
    """Every DAG that the user may read, by id."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        allowed = get_auth_manager().get_authorized_dag_ids(user=user, session=session)
        found = select(DagModel).where(DagModel.dag_id.in_(allowed), DagModel.is_stale.is_(False))
        return [_state(session, dag) for dag in session.scalars(found.order_by(DagModel.dag_id))]


def _state(session: Session, dag: DagModel) -> DagState:
    runs = _recent_runs(session, dag.dag_id)
    scheduled = [run.run_after for run in runs if run.run_type == "scheduled"]
    last = runs[0] if runs else None
    return DagState(
        dag_id=dag.dag_id,
        title=dag.dag_display_name,
        schedule=None if dag.next_dagrun_create_after is None and not scheduled else dag.timetable_summary,
        paused=bool(dag.is_paused),
        next_run=dag.next_dagrun_create_after,
        period=scheduled[0] - scheduled[1] if len(scheduled) > 1 else None,
        last_run_id=last.run_id if last else None,
        last_state=str(last.state) if last else None,
        last_success=_last_success(session, dag.dag_id, runs),
    )


def _recent_runs(session: Session, dag_id: str) -> Sequence[Any]:
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    columns = (DagRun.run_id, DagRun.state, DagRun.run_type, DagRun.run_after, DagRun.end_date)
    query = select(*columns).where(DagRun.dag_id == dag_id).order_by(DagRun.run_after.desc())
    return session.execute(query.limit(RECENT_RUNS)).all()


def _last_success(session: Session, dag_id: str, runs: Sequence[Any]) -> datetime | None:
    from airflow.models.dagrun import DagRun
    from sqlalchemy import func, select

    ended: list[datetime] = [run.end_date for run in runs if run.state == "success" and run.end_date]
    if ended or len(runs) < RECENT_RUNS:
        return max(ended, default=None)
    query = select(func.max(DagRun.end_date)).where(DagRun.dag_id == dag_id, DagRun.state == "success")
    found: datetime | None = session.scalar(query)
    return found
