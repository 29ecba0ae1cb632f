"""Tasks on the queue of sign-ups. What they return and log are counts and ids of requests, never people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

#: DAG parameter: take up anew what was given up.
AGAIN = "again"


class PrepareSignUpsOperator(BaseOperator):
    """Tables of the queue, and the form's right to insert into two of them and nothing else."""

    def execute(self, context: Context) -> list[str]:
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.sign_ups import prepare

        with connect() as conn:
            return list(prepare(conn).changes)


class WorkSignUpsOperator(BaseOperator):
    """Takes every request as far as it goes now; returns requests by state."""

    ui_color = "#dbe7f6"

    def execute(self, context: Context) -> dict[str, int]:
        from datetime import datetime, timezone

        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.outbound.sign_ups import work

        again = bool(context["params"].get(AGAIN))
        with connect() as conn:
            return work(conn, settings.load(), datetime.now(timezone.utc), again)
