"""The second half of a refresh: build every view of a system, publish all or nothing, leave a receipt."""

from __future__ import annotations

from airflow.sdk import Asset, TaskGroup, TriggerRule

from regendata.groups.models import first_groups, last_groups, model_groups
from regendata.models.project import load_project
from regendata.operators.build import (
    BUILD_ID,
    ApplyPermissionsOperator,
    OpenBuildOperator,
    PublishOperator,
    TidyUpOperator,
    WriteReceiptOperator,
)


def publish_models(system: str, landed: list[TaskGroup], published: Asset) -> None:
    """Everything that follows once the sources are landed.

    :param landed: groups that must be through before a build is opened.
    :param published: asset whose event carries the receipt.
    """
    project = load_project(system)
    open_build = OpenBuildOperator(task_id="open_build", system=system, if_unchanged="write_receipt")
    build_id = f"{{{{ ti.xcom_pull(task_ids='{open_build.task_id}', key='{BUILD_ID}') }}}}"
    with TaskGroup("views", tooltip="One group per materialized view") as views:
        groups = model_groups(project, build_id)
    publish = PublishOperator(task_id="publish", system=system, build_id=build_id)
    permissions = ApplyPermissionsOperator(task_id="apply_permissions")
    receipt = WriteReceiptOperator(
        task_id="write_receipt",
        system=system,
        build_id=build_id,
        publish_task_id=publish.task_id,
        trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        outlets=[published],
    )
    tidy_up = TidyUpOperator(task_id="tidy_up", system=system)
    landed >> open_build
    open_build >> first_groups(project, groups)
    last_groups(project, groups) >> publish
    open_build >> receipt
    publish >> permissions >> receipt >> tidy_up.as_teardown()
    views.tooltip = f"{len(groups)} materialized views, in the order their SQL asks for"
