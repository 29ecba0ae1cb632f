"""Taking turns: one run of a system at a time lands and builds; one that waits for a person does not count.

Who is still running is asked of Airflow, so a run that was killed or deleted holds up nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from regendata.hooks.postgres import PgConnection


@dataclass(frozen=True)
class Asker:
    """A run that wants its turn.

    :param due_at: when it was due; who was due first goes first.
    """

    system: str
    dag_id: str
    run_id: str
    due_at: datetime


def take(conn: PgConnection, asker: Asker, running: int, is_active: Callable[[str, str], bool]) -> str | None:
    """Take the turn if it is free.

    :param running: runs of the DAG that go on, this one included. Beside others that do not wait for a
        person, a run asks twice before it goes, so that one that was due earlier can ask as well.
    :param is_active: whether the run (dag id, run id) has not ended.
    :returns: None when the turn is taken, else the id of the run that goes first.
    """
    for dag_id, run_id in _others(conn, asker):
        if not is_active(dag_id, run_id):
            release(conn, asker.system, dag_id, run_id)
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('regendata turn'), hashtext(%s))", [asker.system])
        asked_before = not _ask(conn, asker)
        first = _first(conn, asker)
        if first is None and (asked_before or running - _parked(conn, asker.system) <= 1):
            _take(conn, asker)
            return None
    return first or "a run that is due earlier, if there is one"


def release(conn: PgConnection, system: str, dag_id: str, run_id: str) -> None:
    """Give the turn back, or stop asking for it."""
    conn.execute(
        "DELETE FROM meta.turn WHERE system = %s AND dag_id = %s AND run_id = %s", [system, dag_id, run_id]
    )


def _others(conn: PgConnection, asker: Asker) -> list[tuple[str, str]]:
    return conn.execute(
        "SELECT dag_id, run_id FROM meta.turn WHERE system = %s AND (dag_id, run_id) <> (%s, %s)",
        [asker.system, asker.dag_id, asker.run_id],
    ).fetchall()


def _ask(conn: PgConnection, asker: Asker) -> bool:
    """Whether it is the first time."""
    return bool(
        conn.execute(
            "INSERT INTO meta.turn (system, dag_id, run_id, due_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [asker.system, asker.dag_id, asker.run_id, asker.due_at],
        ).rowcount
    )


def _first(conn: PgConnection, asker: Asker) -> str | None:
    """The run that has the turn, or was due earlier; a retry of the run that has it goes on."""
    row = conn.execute(
        "SELECT other.run_id FROM meta.turn AS other INNER JOIN meta.turn AS own "
        "ON own.system = other.system AND own.dag_id = %(dag_id)s AND own.run_id = %(run_id)s "
        "WHERE other.system = %(system)s AND (other.dag_id, other.run_id) <> (own.dag_id, own.run_id) "
        "AND own.taken_at IS NULL "
        "AND (other.taken_at IS NOT NULL OR (other.due_at, other.asked_at) < (own.due_at, own.asked_at)) "
        "ORDER BY other.taken_at NULLS LAST, other.due_at LIMIT 1",
        {"system": asker.system, "dag_id": asker.dag_id, "run_id": asker.run_id},
    ).fetchone()
    return str(row[0]) if row else None


def _parked(conn: PgConnection, system: str) -> int:
    """Builds, and so runs, that wait for a person."""
    row = conn.execute(
        "SELECT count(*) FROM meta.build WHERE system = %s AND state = 'awaiting_approval'", [system]
    ).fetchone()
    return int(row[0]) if row else 0


def _take(conn: PgConnection, asker: Asker) -> None:
    conn.execute(
        "UPDATE meta.turn SET taken_at = coalesce(taken_at, clock_timestamp()) "
        "WHERE system = %s AND dag_id = %s AND run_id = %s",
        [asker.system, asker.dag_id, asker.run_id],
    )
