"""Tasks of one build: open it, build and check each relation, publish, leave a receipt, tidy up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.branch import BaseBranchOperator
from airflow.sdk import BaseOperator

from regendata.exceptions import RunIncomplete
from regendata.operators.indexer import WHOLE
from regendata.operators.links import ReceiptLink

if TYPE_CHECKING:
    from airflow.sdk import Context

    from regendata.hooks.postgres import PgConnection
    from regendata.models.spec import ModelSpec

#: DAG parameter: build also what was rejected or rolled back before, though no input changed since.
AGAIN = "again"


class OpenBuildOperator(BaseBranchOperator):
    """Plans a build. With nothing to rebuild, the run goes on with ``if_unchanged`` alone.

    :param if_unchanged: direct downstream task that follows when no input changed.
    """

    ui_color = "#f3ecd8"

    def __init__(self, *, system: str, if_unchanged: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system
        self.if_unchanged = if_unchanged

    def choose_branch(self, context: Context) -> list[str]:
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import builds
        from regendata.models.project import load_project

        project = load_project(self.system)
        with connect() as conn:
            asked = context["params"]
            opened = builds.open_build(
                conn, project, context["run_id"], bool(asked.get(AGAIN)), bool(asked.get(WHOLE))
            )
            if opened.nothing_to_do:
                builds.close_unchanged(conn, opened)
        rebuilt = [str(item.relation) for item in opened.plan.values() if not item.carried_over]
        if opened.nothing_to_do:
            self.log.info("build %s: %s", opened.build_id, opened.ended)
            return [self.if_unchanged]
        self.log.info(
            "build %s rebuilds %s of %s: %s", opened.build_id, len(rebuilt), len(opened.plan), rebuilt
        )
        return sorted(self.downstream_task_ids - {self.if_unchanged})


class BuildOperator(BaseOperator):
    """What tasks share that work on the build which their run opened."""

    ui_color = "#f3ecd8"

    def __init__(self, *, system: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system

    def build_id(self, conn: PgConnection, context: Context) -> int:
        """Asked of the warehouse: an XCom and a rendered template cost each task two requests more."""
        from regendata.hooks.warehouse.builds import opened_by

        return opened_by(conn, self.system, context["run_id"])


class _RelationOperator(BuildOperator):
    """A task about one relation of the build, such as ``public.rounds``."""

    def __init__(self, *, relation: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.relation = relation

    def model(self) -> ModelSpec:
        from regendata.models.project import load_project
        from regendata.models.relation import Relation

        return load_project(self.system).models[Relation.parse(self.relation)]


class BuildRelationOperator(_RelationOperator):
    """Builds one relation with its indexes; returns its rows."""

    def execute(self, context: Context) -> int | None:
        from regendata import paths, settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import relations
        from regendata.models.project import load_project
        from regendata.models.relation import Relation
        from regendata.models.waivers import load_waivers

        project, relation = load_project(self.system), Relation.parse(self.relation)
        waivers = load_waivers(paths.WAIVERS)
        with connect() as conn:
            build_id = self.build_id(conn, context)
            rows = relations.build_or_explain(conn, build_id, project, relation, settings.load(), waivers)
        if rows is None:
            self.log.info("%s: carried over from the published build", self.relation)
        return rows


class CheckRelationOperator(_RelationOperator):
    """Checks one relation before anybody sees it; returns figure per check."""

    ui_color = "#e7efdc"

    def execute(self, context: Context) -> dict[str, str]:
        from regendata import paths
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.checks import check_relation
        from regendata.models.waivers import load_waivers

        waivers = load_waivers(paths.WAIVERS)
        with connect() as conn:
            results = check_relation(conn, self.build_id(conn, context), self.system, self.model(), waivers)
        return {result.name: result.finding.figure for result in results}


class PublishOperator(BuildOperator):
    """Points every published view at the build, in one transaction."""

    ui_color = "#dbe7f6"

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import builds
        from regendata.hooks.warehouse.descriptions import describe
        from regendata.landing.whole import lock_policy
        from regendata.models.project import load_project

        with connect() as conn:
            switched = builds.publish(conn, self.build_id(conn, context), lock_policy(settings.load()))
            describe(conn, load_project(self.system))
        self.log.info(
            "published in %.2f s at attempt %s; readers could wait %.3f s at most",
            switched.seconds,
            switched.attempts,
            switched.transaction_seconds,
        )
        return {"attempts": switched.attempts, "seconds": round(switched.seconds, 3)}


class ApplyPermissionsOperator(BaseOperator):
    """Brings roles, rights and servers to ``include/permissions.yaml``, and proves it as each role."""

    ui_color = "#dbe7f6"

    def execute(self, context: Context) -> dict[str, Any]:
        from dataclasses import asdict

        from regendata import paths
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.permissions import apply_permissions
        from regendata.publish.permissions import read_permissions

        with connect() as conn:
            return asdict(apply_permissions(conn, read_permissions(paths.PERMISSIONS)))


class WriteReceiptOperator(BuildOperator):
    """Writes the receipt; its figures go out with the asset event as well."""

    ui_color = "#dbe7f6"
    operator_extra_links = (ReceiptLink(),)

    def __init__(self, *, publish_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.publish_task_id = publish_task_id

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.receipts import RunFacts, write_receipt

        ti = context["ti"]
        run = RunFacts(ti.dag_id, context["run_id"], _dag_version(context))
        with connect() as conn:
            published = ti.xcom_pull(task_ids=self.publish_task_id)
            facts = write_receipt(conn, self.build_id(conn, context), run, published)
        for outlet in self.outlets:
            context["outlet_events"][outlet].extra = facts
        return facts


class TidyUpOperator(BaseOperator):
    """Always runs last: a build that did not get through leaves nothing, and old builds go.

    It fails when there is no receipt, and sums up why. Airflow judges a run by its last tasks; a run that
    somebody marked failed would otherwise count as a success once its teardown has run.
    """

    ui_color = "#eeeeee"

    def __init__(self, *, system: str, receipt_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system
        self.receipt_task_id = receipt_task_id

    def execute(self, context: Context) -> None:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import approvals, chain_days, retention, turns

        ti, run_id = context["ti"], context["run_id"]
        with connect() as conn:
            turns.release(conn, self.system, ti.dag_id, run_id)
            retention.give_up_open_builds(conn, self.system, "the run failed", run_id)
            retention.drop_old(conn, self.system, settings.load().keep_builds)
            chain_days.keep(conn, self.system)
            decided = approvals.why_not_published(conn, self.system, run_id)
        self._refuse_missing_receipt(context, decided)

    def _refuse_missing_receipt(self, context: Context, decided: str | None) -> None:
        ti, run_id = context["ti"], context["run_id"]
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[run_id]).get(run_id, {})
        if states.get(self.receipt_task_id) == "success":
            return
        failed = sorted(task_id for task_id, state in states.items() if state == "failed")
        why = decided or f"{', '.join(failed) or 'the run'} failed or was stopped"
        raise RunIncomplete(f"no {self.receipt_task_id}: {why}; readers keep the last good data")


def _dag_version(context: Context) -> str | None:
    version = getattr(context["ti"], "dag_version_id", None)
    return str(version) if version else None
