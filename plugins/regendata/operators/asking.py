"""What every task that asks a person does as well: it writes down that it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from airflow.sdk import Context


class NoteQuestion(BaseNotifier):
    """Notifier of human-in-the-loop operators: without it, alerts would not see that their task waits."""

    def notify(self, context: Context) -> None:
        """Write the question into ``meta.question``; asking comes first, so what fails is only logged."""
        import psycopg

        from regendata.exceptions import RegendataError
        from regendata.hooks.alerts import questions
        from regendata.hooks.postgres import connect

        ti, task = context["ti"], cast(HITLOperator, context["task"])
        try:
            with connect() as conn:
                questions.ask(conn, ti.dag_id, ti.run_id, ti.task_id, task.subject)
        except (RegendataError, psycopg.Error) as error:
            self.log.error("alerts will not know that this task waits: %s", type(error).__name__)
