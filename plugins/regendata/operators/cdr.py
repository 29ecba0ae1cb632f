"""Tasks of the carbon removal market: pull and land, stage, check, publish, report, promote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from regendata.exceptions import RunIncomplete

if TYPE_CHECKING:
    from airflow.sdk import Context

    from regendata.hooks.cdr_bucket import Bucket
    from regendata.models.project import Project

SYSTEM = "cdr_market"
#: DAG parameters: the environment, and whether a person has accepted what changed.
ENV = "env"
ACCEPT = "accept"


class CdrOperator(BaseOperator):
    """What tasks of one environment share.

    :param env: ``test`` or ``prod`` (templated).
    """

    template_fields: Sequence[str] = ("env",)
    ui_color = "#e6f1f2"

    def __init__(self, *, env: str = "{{ params.env }}", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env = env

    def bucket(self, env: str | None = None) -> Bucket:
        from regendata import settings
        from regendata.hooks.cdr_environments import bucket_of

        return bucket_of(env or self.env, settings.load())

    def prepared_project(self) -> Project:
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.cdr_market import ensure_kept_tables
        from regendata.hooks.warehouse.schema import ensure_meta
        from regendata.models.project import load_project

        project = load_project(SYSTEM)
        with connect() as conn:
            ensure_meta(conn, project.tables)
            ensure_kept_tables(conn, project)
        return project


class PullCdrFyiOperator(CdrOperator):
    """Pulls and lands cdr.fyi's four tables; returns rows, changes and pages per table."""

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing.cdr import pull

        return pull.land(self.prepared_project(), self.bucket(), context["run_id"], settings.load())


class LandCdrInputOperator(CdrOperator):
    """Lands one file that an operator supplies.

    :param source: name in :data:`regendata.sources.cdr.inputs.INPUTS`.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing.cdr import inputs

        project, run_id = self.prepared_project(), context["run_id"]
        return inputs.land_input(self.source, project, self.bucket(), run_id, settings.load())


class ScrapeDollarsSpentOperator(CdrOperator):
    """Reads the total from the front page of cdr.fyi; fails by name when the page changed."""

    def execute(self, context: Context) -> str:
        from regendata import settings
        from regendata.landing.cdr import inputs

        return inputs.land_dollars_spent(self.prepared_project(), context["run_id"], settings.load())


class LastGoodDollarsSpentOperator(CdrOperator):
    """Names the total that goes out: today's, or the last good one; returns value and time."""

    def execute(self, context: Context) -> dict[str, str]:
        from regendata.landing.cdr import inputs

        value, read_at = inputs.dollars_spent_in_use()
        self.log.info("$%s, read at %s", value, read_at)
        return {"value": str(value), "read_at": read_at.isoformat()}


class StageCdrFilesOperator(CdrOperator):
    """Makes the files and puts them aside; returns rows per file."""

    ui_color = "#f3ecd8"

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing.cdr.stage import stage

        return stage(self.bucket(), context["run_id"], settings.load().cdr_permission_on_file)


class CheckCdrFilesOperator(CdrOperator):
    """Checks the files by themselves and beside those in service; returns figure per check."""

    ui_color = "#e7efdc"

    def execute(self, context: Context) -> dict[str, str]:
        from regendata import settings
        from regendata.landing.cdr import publish

        accept = bool(context["params"].get(ACCEPT))
        dag_id, run_id = context["ti"].dag_id, context["run_id"]
        return publish.check(self.bucket(), self.env, dag_id, run_id, settings.load(), accept)


class PublishCdrFilesOperator(CdrOperator):
    """Puts the files in service, the pointer last; returns ``published`` or ``unchanged``."""

    ui_color = "#dbe7f6"

    def execute(self, context: Context) -> str:
        from regendata import settings
        from regendata.landing.cdr import publish

        permission = settings.load().cdr_permission_on_file
        dag_id, run_id = context["ti"].dag_id, context["run_id"]
        return publish.publish(self.bucket(), self.env, dag_id, run_id, permission)


class ReportCdrStatusOperator(CdrOperator):
    """Always runs last: writes the status for the public and fails, by name, when a task did.

    :param publish_task_id: task whose result says what became of the files.
    """

    ui_color = "#eeeeee"

    def __init__(self, *, publish_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.publish_task_id = publish_task_id

    def execute(self, context: Context) -> None:
        from regendata.landing.cdr import publish

        ti, run_id = context["ti"], context["run_id"]
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[run_id]).get(run_id, {})
        failed = [task_id for task_id, state in states.items() if state == "failed"]
        published = ti.xcom_pull(task_ids=self.publish_task_id)
        if published is None and not failed:
            failed = [self.publish_task_id]
        publish.report(self.bucket(), self.env, ti.dag_id, run_id, published, failed)
        if failed:
            served = "with the last good total" if published else "the last good files stay in service"
            raise RunIncomplete(
                f"{', '.join(sorted(failed))} failed; {published or 'not published'}, {served}"
            )


class ProposeCdrPromotionOperator(CdrOperator):
    """Proves the set in service in test and compares it with prod; skips the rest when they are equal."""

    def execute(self, context: Context) -> dict[str, str]:
        from dataclasses import asdict

        from regendata.hooks.cdr_environments import PROD, TEST
        from regendata.landing.cdr import promote

        proposal = promote.propose(self.bucket(TEST), self.bucket(PROD))
        if not proposal.changes:
            raise AirflowSkipException("prod serves this set already")
        return asdict(proposal)


class PromoteCdrFilesOperator(CdrOperator):
    """Copies the approved set to prod; returns the key of its manifest there.

    :param proposal_task_id: task whose result a person approved.
    """

    ui_color = "#dbe7f6"

    def __init__(self, *, proposal_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.proposal_task_id = proposal_task_id

    def execute(self, context: Context) -> str:
        from regendata import settings
        from regendata.hooks.cdr_environments import PROD, TEST
        from regendata.landing.cdr import promote, publish

        approved = context["ti"].xcom_pull(task_ids=self.proposal_task_id)
        test, prod = self.bucket(TEST), self.bucket(PROD)
        permission = settings.load().cdr_permission_on_file
        key = promote.promote(test, prod, approved["manifest_key"], approved["sha256"], permission)
        publish.report(prod, PROD, context["ti"].dag_id, context["run_id"], "published", [])
        return key
