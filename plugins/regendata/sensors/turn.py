"""Waits until no other run of a system lands or builds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

_ACTIVE = ["queued", "running"]


class TurnSensor(BaseSensorOperator):
    """Takes the turn of its run. A run that waits for a person has given its turn back.

    Between two questions the task occupies no worker.
    """

    ui_color = "#eeeeee"

    def __init__(self, *, system: str, **kwargs: Any) -> None:
        super().__init__(mode="reschedule", **kwargs)
        self.system = system

    def poke(self, context: Context) -> bool:
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import turns
        from regendata.hooks.warehouse.schema import ensure_meta
        from regendata.models.project import load_project

        ti, run = context["ti"], context["dag_run"]

        def is_active(dag_id: str, run_id: str) -> bool:
            return bool(ti.get_dr_count(dag_id=dag_id, run_ids=[run_id], states=_ACTIVE))

        running = ti.get_dr_count(dag_id=ti.dag_id, states=["running"])
        asker = turns.Asker(self.system, ti.dag_id, context["run_id"], run.run_after)
        with connect() as conn:
            ensure_meta(conn, load_project(self.system).tables)
            first = turns.take(conn, asker, running, is_active)
        if first:
            self.log.info("waiting for %s", first)
        return first is None
