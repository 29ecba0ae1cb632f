"""Questions that tasks ask people, in ``meta.question``: whether one still waits, Airflow alone knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from regendata.alerts.judge import Waiting
from regendata.hooks.alerts import state
from regendata.hooks.postgres import PgConnection

_TABLE = "meta.question"
_ASK = """
INSERT INTO meta.question (dag_id, run_id, task_id, subject) VALUES (%s, %s, %s, %s)
ON CONFLICT (dag_id, run_id, task_id) DO UPDATE
SET subject = excluded.subject, asked_at = clock_timestamp(), closed_at = NULL
"""
_OPEN = """
SELECT dag_id, run_id, task_id, subject, asked_at FROM meta.question WHERE closed_at IS NULL ORDER BY asked_at
"""
_CLOSE = """
UPDATE meta.question SET closed_at = clock_timestamp() WHERE dag_id = %s AND run_id = %s AND task_id = %s
"""


@dataclass(frozen=True)
class Asked:
    """A question that somebody has not been seen to answer."""

    dag_id: str
    run_id: str
    task_id: str
    subject: str
    asked_at: datetime

    @property
    def waiting(self) -> Waiting:
        """As alerts are judged by it."""
        return Waiting(f"{self.dag_id}.{self.task_id} in {self.run_id}", self.subject, self.asked_at)


StillParked = Callable[[Asked], bool]


def ask(conn: PgConnection, dag_id: str, run_id: str, task_id: str, subject: str) -> None:
    """Write down that a task begins to wait; asked once more, it waits anew."""
    state.ensure(conn, _TABLE)
    conn.execute(_ASK, [dag_id, run_id, task_id, subject])


def waiting(conn: PgConnection, still_parked: StillParked) -> list[Waiting]:
    """Questions nobody has answered; the others are closed.

    :param still_parked: whether the task waits still, as Airflow knows.
    """
    state.ensure(conn, _TABLE)
    found = [Asked(*row) for row in conn.execute(_OPEN).fetchall()]
    parked = {one: still_parked(one) for one in found}
    for one in found:
        if not parked[one]:
            conn.execute(_CLOSE, [one.dag_id, one.run_id, one.task_id])
    return [one.waiting for one in found if parked[one]]
