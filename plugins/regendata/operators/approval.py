"""Before a build is published: what changed in it, and a person's decision where a check asks for one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param

from regendata.exceptions import BuildRejected, BuildSuperseded
from regendata.operators.build import BuildOperator
from regendata.operators.links import QuestionLink
from regendata.publish.approval import APPROVE, REJECT, WHY, read_answer
from regendata.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from regendata.publish.approval_page import Page


class CompareBuildOperator(BuildOperator):
    """Compares every rebuilt relation with the published one; returns rows per relation that moved."""

    ui_color = "#e7efdc"

    def execute(self, context: Context) -> dict[str, int | None]:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.diffs import compare_build
        from regendata.models.project import load_project

        with connect() as conn:
            build_id = self.build_id(conn, context)
            found = compare_build(conn, build_id, load_project(self.system), settings.load())
        for one in found:
            self.log.info("%s", one)
        return {one.relation: one.moved.rows if one.moved else None for one in found}


class ApproveBuildOperator(HITLOperator):
    """Lets a build through when nothing asks; otherwise parks the run until a person has decided.

    A parked run holds no worker. It ends by itself when a newer build or a rollback comes first.
    """

    ui_color = "#f6e3e3"
    operator_extra_links = (QuestionLink(),)

    def __init__(self, *, system: str, params: Any = None, **kwargs: Any) -> None:
        # The form has a field of its own; parameters of the DAG are not asked for again.
        super().__init__(
            subject=f"Publish a build of {system}?",
            options=[APPROVE, REJECT],
            defaults=REJECT,
            params={WHY: Param("", type=["null", "string"], title="Why", description_md="For the receipt.")},
            response_timeout=timedelta(seconds=Settings().approval_limit_s),
            **kwargs,
        )
        self.system = system

    def execute(self, context: Context) -> Any:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import approvals, builds, turns

        options, ti = settings.load(), context["ti"]
        self.response_timeout = timedelta(seconds=options.approval_limit_s)
        with connect() as conn:
            build_id = builds.opened_by(conn, self.system, context["run_id"])
            asked = approvals.questions(conn, build_id)
            if not asked or not approvals.park(conn, build_id, asked):
                self.log.info("build %s: nothing asks, or it was approved before", build_id)
                return None
            turns.release(conn, self.system, ti.dag_id, context["run_id"])
            page = approvals.page(conn, build_id, asked, self.response_timeout)
        self._ask(context, page, options.approval_poll_s)

    def _ask(self, context: Context, page: Page, poll_seconds: int) -> None:
        """Write the question down for the UI and wait in the triggerer, which also sees the build end."""
        from airflow.sdk.execution_time.hitl import upsert_hitl_detail

        from regendata.triggers.approval import ApprovalTrigger

        question: dict[str, Any] = {
            "ti_id": context["ti"].id,
            "options": self.options,
            "defaults": self.defaults,
            "params": self.serialized_params,
        }
        upsert_hitl_detail(subject=page.subject, body=page.body, **question)
        self.log.info("%s\n%s", page.subject, page.body)
        self.defer(
            trigger=ApprovalTrigger(
                build_id=page.build_id,
                timeout_datetime=page.until,
                poke_interval=poll_seconds,
                **question,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Called with the answer, or with the build's end.

        :raises BuildRejected: a person rejected the build, or nobody answered in time.
        :raises BuildSuperseded: a newer build or a rollback came first.
        """
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import approvals, builds
        from regendata.triggers.approval import ENDED

        with connect() as conn:
            build_id = builds.opened_by(conn, self.system, context["run_id"])
            if ENDED in event:
                raise BuildSuperseded(f"build {build_id} is {event[ENDED]}")
            super().execute_complete(context, event)
            answer = read_answer(event)
            approvals.decide(conn, build_id, answer)
        if not answer.is_approved:
            raise BuildRejected(f"build {build_id} was {answer.summary}")
        self.log.info("build %s was %s", build_id, answer.summary)
        return {"who": answer.who, "why": answer.why}
