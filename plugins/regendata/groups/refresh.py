"""The second half of a refresh: build every view of a system, compare, ask if need be, publish, receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from airflow.sdk import Asset, BaseOperator, Label, TaskGroup, TriggerRule

from regendata.groups.models import first_builds, last_builds, model_groups
from regendata.models.project import load_project
from regendata.operators.approval import ApproveBuildOperator, CompareBuildOperator
from regendata.operators.build import (
    ApplyPermissionsOperator,
    OpenBuildOperator,
    PublishOperator,
    TidyUpOperator,
    WriteReceiptOperator,
)
from regendata.operators.checks import CheckPromisesOperator
from regendata.sensors.turn import TurnSensor


def take_turn(system: str) -> TurnSensor:
    """The first task of a run that lands or builds; a run that waits for a person holds up no other."""
    return TurnSensor(task_id="take_turn", system=system, poke_interval=5, timeout=timedelta(hours=3))


def publish_models(
    system: str, landed: Sequence[TaskGroup | BaseOperator], published: Asset
) -> WriteReceiptOperator:
    """Everything that follows once the sources are landed.

    :param landed: groups and tasks that must be through before a build is opened.
    :param published: asset whose event carries the receipt.
    :returns: the task that leaves the receipt; what goes out of the warehouse follows it.
    """
    project = load_project(system)
    open_build = OpenBuildOperator(task_id="open_build", system=system, if_unchanged="write_receipt")
    with TaskGroup("views", tooltip="One group per view") as views:
        built = model_groups(project)
    promises = CheckPromisesOperator(task_id="check_promises", system=system)
    compare = CompareBuildOperator(task_id="compare", system=system)
    approve = ApproveBuildOperator(task_id="approve", system=system)
    publish = PublishOperator(task_id="publish", system=system)
    permissions = ApplyPermissionsOperator(task_id="apply_permissions")
    receipt = WriteReceiptOperator(
        task_id="write_receipt",
        system=system,
        publish_task_id=publish.task_id,
        trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        outlets=[published],
    )
    tidy_up = TidyUpOperator(task_id="tidy_up", system=system, receipt_task_id=receipt.task_id)
    list(landed) >> open_build
    open_build >> first_builds(project, built)
    # Promises are judged with every check at hand; the comparison needs the rows alone.
    views >> promises
    last_builds(project, built) >> compare
    [promises, compare] >> approve >> publish
    open_build >> Label("nothing changed") >> receipt
    publish >> permissions >> receipt >> tidy_up.as_teardown(on_failure_fail_dagrun=True)
    views.tooltip = f"{len(built)} views, in the order their SQL asks for"
    return receipt
