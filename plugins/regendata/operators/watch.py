"""The task that looks around."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from regendata.hooks.alerts.questions import Asked

#: A task in one of these has not got its answer; right before it parks, it runs.
_UNANSWERED = frozenset({"awaiting_input", "deferred", "running", "queued", "scheduled"})


class LookAroundOperator(BaseOperator):
    """Judges what is late, waits, is missing or fills up; returns keys that are wrong, told and closed."""

    ui_color = "#f6e3dd"

    def execute(self, context: Context) -> dict[str, list[str]]:
        from regendata import settings
        from regendata.hooks.alerts import watch

        options = settings.load()
        ti = context["ti"]

        def still_parked(asked: Asked) -> bool:
            states = ti.get_task_states(dag_id=asked.dag_id, run_ids=[asked.run_id])
            return states.get(asked.run_id, {}).get(asked.task_id) in _UNANSWERED

        seen = watch.look_around(options, datetime.now(timezone.utc), still_parked)
        if options.alert_heartbeat_url and not watch.send_heartbeat(options.alert_heartbeat_url):
            self.log.warning("the dead man's switch did not hear the heartbeat")
        return seen
