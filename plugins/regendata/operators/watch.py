"""The task that looks around."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class LookAroundOperator(BaseOperator):
    """Judges what is late, waits, is missing or fills up; returns keys that are wrong, told and closed."""

    ui_color = "#f6e3dd"

    def execute(self, context: Context) -> dict[str, list[str]]:
        from regendata import settings
        from regendata.hooks.alerts import watch

        options = settings.load()
        seen = watch.look_around(options, datetime.now(timezone.utc))
        if options.alert_heartbeat_url and not watch.send_heartbeat(options.alert_heartbeat_url):
            self.log.warning("the dead man's switch did not hear the heartbeat")
        return seen
